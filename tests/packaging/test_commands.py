"""The commands that README and Makefile promise."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY


def edge_emotion(*words, **options):
    return run_module("edge.cli", *words, **options)


def run_module(module, *words, **options):
    options.setdefault("env", {**os.environ, "PYTHONPATH": str(REPOSITORY)})
    return subprocess.run([sys.executable, "-m", module, *words], capture_output=True, text=True, timeout=60, **options)


def targets():
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_make_knows_what_the_pages_name(page):
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert sorted(named - targets()) == []


def test_readme_names_the_two_commands():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert "make demo" in readme
    assert "make test" in readme


def test_readme_names_no_option_or_command_that_is_not_there():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    helps = edge_emotion("--help").stdout + edge_emotion("run", "--help").stdout
    lines = re.findall(r"(?:^|`)edge-emotion ([^`\n]+)", readme, re.MULTILINE)
    commands = {words[0] for words in map(str.split, lines) if not words[0].startswith("-")}
    assert sorted(command for command in commands if not re.search(rf"^    {command}\b", helps, re.MULTILINE)) == []
    helps += "".join(edge_emotion(command, "--help").stdout for command in commands)
    engines = set(re.findall(r"^edge-engines ([a-z]+)", readme, re.MULTILINE))
    assert engines
    helps += "".join(run_module("engines.cli", command, "--help").stdout for command in engines)
    options = set(re.findall(r"--[a-z][a-z-]+", readme))
    assert len(options) > 5
    assert sorted(option for option in options if option not in helps and option != "--help") == []


def test_make_alone_prints_the_list():
    done = subprocess.run(["make"], cwd=REPOSITORY, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0
    assert {"demo", "test", "check"} <= set(re.findall(r"make ([a-z-]+)", done.stdout))


def test_setup_scripts_are_sound_shell():
    for script in ("deploy/setup.sh", ".ci/run"):
        done = subprocess.run(["bash", "-n", REPOSITORY / script], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stderr


def test_setup_tells_what_is_wrong_with_an_old_python(tmp_path):
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\ncase "$1" in -V) echo Python 3.8.1;; -) cat >/dev/null;; *) exit 1;; esac\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["bash", REPOSITORY / "deploy/setup.sh", "demo"],
        env={**os.environ, "PYTHON": str(old), "SKIP_APT": "1"},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 69
    assert "3.10 or newer" in done.stderr
    assert "Python 3.8.1" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["demoo"], "did you mean demo?"),
        (["--camra", "0"], "did you mean --camera?"),
        (["run", "--duration", "soon"], "--duration is 'soon'"),
        (["--engine", "cuda"], "'auto', 'tensorrt' or 'onnx'"),
        (["--broker"], "expected one argument"),
        (["schema", "nothing"], "emotion, state"),
        (["bench", "--seconds", "-1"], "--seconds"),
        (["config"], "show|check|schema|example|reference"),
        (["devices", "extra"], "extra"),
    ],
)
def test_a_bad_command_line_is_one_sentence_and_64(words, says):
    done = edge_emotion(*words)
    assert done.returncode == 64, done.stderr
    assert done.stderr.startswith("edge-emotion: ")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_bad_config_is_one_sentence_and_78(tmp_path):
    (tmp_path / "bad.toml").write_text("camra = 0\n")
    for words in (["--config"], ["config", "check"], ["config", "show", "--config"]):
        done = edge_emotion(*words, tmp_path / "bad.toml")
        assert done.returncode == 78, done.stderr
        assert done.stderr.count("\n") == 1
        assert "camra" in done.stderr


def test_traceback_only_when_asked_for():
    quiet, loud = edge_emotion("--engine", "cuda"), edge_emotion("--engine", "cuda", "--log-level", "debug")
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr
    assert quiet.returncode == loud.returncode == 64


def test_help_shows_examples_and_needs_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "edge.cli", "run", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0
    assert "examples:" in done.stdout
    heavy = {"numpy", "cv2", "onnxruntime", "pydantic", "paho", "rich", "scipy"}
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert imported & heavy == set()


def test_config_show_masks_and_can_be_used_again(tmp_path):
    shown = edge_emotion("config", "show", env={**os.environ, "EDGE_EMOTION_CAMERA": "rtsp://me:secret@host/x"})
    assert "secret" not in shown.stdout
    (tmp_path / "again.toml").write_text(shown.stdout)
    assert edge_emotion("config", "check", tmp_path / "again.toml").returncode == 0


def test_config_schema_describes_every_key():
    schema = json.loads(edge_emotion("config", "schema").stdout)
    assert schema["additionalProperties"] is False
    assert all("description" in field or "$ref" in str(field) for field in schema["properties"].values())


def test_schema_and_version_are_json():
    assert json.loads(edge_emotion("schema").stdout)["type"] == "object"
    version = json.loads(edge_emotion("version", "--json").stdout)
    assert {"package", "model", "engine", "opencv", "onnxruntime", "tensorrt", "l4t"} == set(version)


def test_the_switch_on_the_command_line(tmp_path):
    env = {**os.environ, "STATE_DIRECTORY": str(tmp_path)}
    assert edge_emotion("disable", env=env).returncode == 0
    assert (tmp_path / "enabled").read_text() == "OFF\n"
    assert edge_emotion("enable", env=env).returncode == 0
    assert (tmp_path / "enabled").read_text() == "ON\n"


def test_a_reader_that_leaves_is_no_error():
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{sys.executable} -m edge.cli config schema | true"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stderr == ""
