"""Programs of a machine: what they are given, what they said, and how they end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from deploy.host import CommandError, Host
from deploy.within import within

_S = 20.0


def test_it_gives_what_was_said_on_both_streams_line_by_line():
    lines: list[str] = []
    said = Host().run("sh", "-c", "echo one; echo two >&2", timeout_s=_S, progress=lines.append)
    assert said.splitlines() == lines == ["one", "two"]


def test_a_program_gets_no_variable_of_ours_but_the_proxy():
    host = Host(environ={"https_proxy": "http://proxy.example", "PIP_INDEX_URL": "http://index.example", "LANG": "de"})
    variables = dict(line.partition("=")[::2] for line in host.run("env", timeout_s=_S).splitlines())
    assert variables["https_proxy"] == "http://proxy.example"
    assert variables["LC_ALL"] == "C.UTF-8"
    assert not {"PIP_INDEX_URL", "LANG"} & set(variables)


def test_a_failure_is_one_sentence_with_the_last_words():
    with pytest.raises(CommandError, match=r"^sh -c .* failed with 3: of / its / death$") as caught:
        Host().run("sh", "-c", "for word in words of its death; do echo $word; done; exit 3", timeout_s=_S)
    assert caught.value.status == 3
    assert Host().run("sh", "-c", "echo so; exit 3", timeout_s=_S, may_fail=True) == "so"
    with pytest.raises(CommandError):
        Host().run("/no/such/program", timeout_s=_S)


def test_what_takes_too_long_is_asked_to_end_and_takes_its_children_along(tmp_path):
    mark = tmp_path / "asked"
    script = f'trap "echo yes > {mark}; exit 0" TERM; sleep 300 & wait'
    began = time.monotonic()
    with pytest.raises(CommandError, match=r"did not end within 0\.5 s"):
        Host().run("sh", "-c", script, timeout_s=0.5)
    assert mark.read_text() == "yes\n"
    assert time.monotonic() - began < 60


def test_the_root_by_another_name_is_this_machine():
    assert not Host(Path("/usr/..")).is_image
    assert Host(Path("/usr")).is_image


def test_a_path_of_an_image_stays_inside_whatever_links_are_there(tmp_path):
    (tmp_path / "data" / "deep").mkdir(parents=True)
    (tmp_path / "opt").symlink_to("/data")
    (tmp_path / "up").symlink_to("../../../../data")
    (tmp_path / "data" / "beside").symlink_to("deep")
    assert within(tmp_path, Path("/opt/x")) == tmp_path / "data" / "x"
    assert within(tmp_path, Path("/up/x")) == tmp_path / "data" / "x"
    assert within(tmp_path, Path("/opt/beside/x")) == tmp_path / "data" / "deep" / "x"
    assert within(tmp_path, Path("/opt")) == tmp_path / "opt", "the last part may be the link that is asked for"
    assert within(tmp_path, Path("/missing/x")) == tmp_path / "missing" / "x"


def test_links_in_a_circle_are_told(tmp_path):
    (tmp_path / "a").symlink_to("/b")
    (tmp_path / "b").symlink_to("/a")
    with pytest.raises(OSError, match="Too many levels"):
        within(tmp_path, Path("/a/x"))
