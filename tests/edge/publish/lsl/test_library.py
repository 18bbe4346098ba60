from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from edge.publish.lsl.library import config_text
from tests.lsl import loopback_config, need_pylsl

ERRORS_ONLY = "[log]\nlevel = -2\n"
START = """
from edge.publish.lsl.outlets import LslOutlets
from edge.publish.message import RunIdentity

outlets = LslOutlets(RunIdentity("desk", "k3f9q2"))
outlets.start()
outlets.stop()
"""


def run(code: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    return done.stderr.strip().splitlines()[-1].removeprefix("edge.errors.EdgeError: ")


def test_without_pylsl_one_sentence_says_what_to_install():
    told = refusal(run("import sys\nsys.modules['pylsl'] = None\n" + START))
    assert told.startswith("LSL cannot be used (")
    assert told.endswith("install it with: pip install 'edge-emotion[lsl]', or set lsl = false.")


def test_without_liblsl_one_sentence_says_where_to_get_it(tmp_path):
    need_pylsl()
    foreign = tmp_path / "liblsl.so"
    foreign.write_bytes(b"for another processor")
    told = refusal(run(START, PYLSL_LIB=str(foreign)))
    assert told.startswith("LSL cannot be used: pylsl is here, but not the library liblsl")
    assert ".deb" in told
    assert "PYLSL_LIB" in told


def test_nobody_pays_for_it_who_does_not_use_it():
    done = run("import sys, edge.audience\nprint('pylsl' in sys.modules)")
    assert done.stdout == "False\n"


def test_the_library_says_nothing_on_standard_error(tmp_path):
    need_pylsl()
    done = run(START, LSLAPICFG=str(loopback_config(tmp_path)))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder without any config, where the process stands and lives."""
    monkeypatch.chdir(tmp_path)
    return {"HOME": str(tmp_path)}


def test_without_a_config_only_errors_are_logged(home):
    assert config_text(home) == ERRORS_ONLY


def test_the_laboratory_s_own_config_stays_in_force(home, tmp_path):
    folder = tmp_path / "lsl_api"
    folder.mkdir()
    (folder / "lsl_api.cfg").write_text("[lab]\nSessionID = ours\n")
    assert config_text(home) == "[lab]\nSessionID = ours\n\n" + ERRORS_ONLY


def test_the_variable_wins_over_the_folder_and_that_over_the_home(home, tmp_path):
    (tmp_path / "lsl_api.cfg").write_text("[lab]\nSessionID = here\n")
    named = tmp_path / "named.cfg"
    assert "here" in config_text({**home, "LSLAPICFG": str(named)}), "a file that is not there is passed over"
    named.write_text("[lab]\nSessionID = named\n")
    assert "named" in config_text({**home, "LSLAPICFG": str(named)})


def test_a_config_that_chooses_its_log_is_left_alone(home, tmp_path):
    (tmp_path / "lsl_api.cfg").write_text("[log]\nlevel = 2\n")
    assert config_text(home) is None
