"""deploy/setup.sh on a Jetson and on a PC with a GPU: made-up roots, and a Python that tells what it is asked."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.conftest import REPOSITORY

PYTHON = r"""#!/bin/sh
case "$1 $2" in
    "-V ") echo Python 3.10.12;;
    "- "*) cat >/dev/null;;
    "-c "*tensorrt*) echo "$0 looks for tensorrt" >>"$CALLS"; exit "${TENSORRT_IS_MISSING:-0}";;
    "-c "*) exit 0;;
    "-m venv")
        echo "$0 $*" >>"$CALLS"
        shared=false; case "$*" in *--system-site-packages*) shared=true;; esac
        for place in "$@"; do :; done
        rm -rf "$place"; mkdir -p "$place/bin"; cp "$0" "$place/bin/python"
        echo "include-system-site-packages = $shared" >"$place/pyvenv.cfg";;
    "-m pip")
        case "$3" in install) echo "$* CUDA_ROOT=$CUDA_ROOT nvcc=$(command -v nvcc)" >>"$CALLS";; esac;;
    *) exit 1;;
esac
"""
STUBS = {"dpkg-query": 'case " $ABSENT " in *" $3 "*) exit 1;; *) printf installed;; esac', "id": "echo 0"}
STUBS |= {"apt-get": 'echo "apt-get $*" >>"$CALLS"', "apt-cache": "exit 0"}
READ = ("deploy/setup.sh", "setup.cfg", "pyproject.toml", "constraints.txt")


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


class Board:
    """A copy of what the script reads, and a root of a machine; `python` is the system's own there."""

    def __init__(self, folder):
        self.clone, self.root, self.calls = folder / "clone", folder / "root", folder / "calls"
        for name in READ:
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, self.clone / name)
        self.stubs = folder / "stubs"
        for name, body in STUBS.items():
            program(self.stubs / name, f"#!/bin/sh\n{body}\n")
        program(self.stubs / "python3", PYTHON)
        self.python = self.root / "usr" / "bin" / "python3"
        program(self.python, PYTHON)

    def is_jetson(self):
        (self.root / "etc").mkdir()
        (self.root / "etc" / "nv_tegra_release").write_text("# R36 (release), REVISION: 4.3\n")

    def has(self, name):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).touch()

    def has_nvcc(self, cuda="cuda-12.6"):
        program(self.root / "usr" / "local" / cuda / "bin" / "nvcc", "#!/bin/sh\n")

    def set_up(self, purpose, **environ):
        """The process, and what was called."""
        environ = {"CALLS": str(self.calls), "SYSTEM_ROOT": str(self.root), "PYTHON": "python3", **environ}
        environ["PATH"] = f"{self.stubs}:{os.environ['PATH']}"
        command = ["bash", self.clone / "deploy" / "setup.sh", purpose]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30)
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return done, calls


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


@pytest.mark.parametrize("purpose", ["demo", "gpu"])
def test_a_jetson_s_venv_is_the_system_s_python_and_sees_its_packages(board, purpose):
    board.is_jetson()
    board.has_nvcc()
    done, calls = board.set_up(purpose)
    assert done.returncode == 0, done.stderr
    (made,) = [call for call in calls if "-m venv" in call]
    assert made.startswith(f"{board.python} ")
    assert "--system-site-packages" in made


@pytest.mark.parametrize("purpose", ["demo", "test", "train"])
def test_elsewhere_the_venv_keeps_to_itself(board, purpose):
    done, calls = board.set_up(purpose)
    assert done.returncode == 0, done.stderr
    (made,) = [call for call in calls if "-m venv" in call]
    assert made.startswith(f"{board.stubs / 'python3'} ")
    assert "--system-site-packages" not in made


def test_a_venv_that_does_not_see_the_system_s_packages_is_made_anew_on_a_jetson(board):
    assert board.set_up("demo")[0].returncode == 0
    board.is_jetson()
    (board.clone / ".venv" / ".ready-demo").unlink()
    assert sum("-m venv" in call for call in board.set_up("demo")[1]) == 1
    (board.clone / ".venv" / ".ready-demo").unlink()
    assert sum("-m venv" in call for call in board.set_up("demo")[1]) == 0


def test_a_jetson_takes_pycuda_from_pip_and_tensorrt_from_apt(board):
    board.is_jetson()
    board.has_nvcc("cuda-13.2")
    _done, calls = board.set_up("gpu", ABSENT="python3-libnvinfer")
    (apt,) = [call for call in calls if "install" in call and "apt-get" in call]
    assert apt.endswith(" python3-libnvinfer")
    (pip,) = [call for call in calls if "-m pip install" in call]
    assert " -e . pycuda>=" in pip
    assert "[" not in pip
    cuda = board.root / "usr/local/cuda-13.2"
    assert pip.endswith(f"CUDA_ROOT={cuda} nvcc={cuda}/bin/nvcc")


def test_a_pc_takes_all_from_pip(board):
    board.has("proc/driver/nvidia/version")
    board.has_nvcc("cuda")
    done, calls = board.set_up("gpu")
    assert done.returncode == 0, done.stderr
    (pip,) = [call for call in calls if "-m pip install" in call]
    assert " -e .[jetson,train] pycuda>=" in pip
    assert not [call for call in calls if "apt-get" in call or "--system-site-packages" in call]


def test_a_second_call_does_nothing(board):
    board.has("dev/nvidiactl")
    board.has_nvcc()
    assert board.set_up("gpu")[1]
    assert board.set_up("gpu")[1] == []


@pytest.mark.parametrize(
    ("signs", "environ", "words"),
    [
        ([], {}, "there is no NVIDIA GPU here"),
        (["dev/nvidiactl"], {}, "no nvcc in /usr/local/cuda"),
        (["etc/nv_tegra_release", "nvcc"], {"TENSORRT_IS_MISSING": "1"}, "sudo apt install python3-libnvinfer"),
    ],
)
def test_what_lacks_is_one_sentence_and_nothing_is_installed(board, signs, environ, words):
    for sign in signs:
        if sign == "nvcc":
            board.has_nvcc()
        else:
            board.has(sign)
    done, calls = board.set_up("gpu", **environ)
    assert done.returncode == 69
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [call for call in calls if "install" in call or "-m venv" in call] == []


def test_another_python_is_taken_when_it_is_named(board):
    board.is_jetson()
    board.has_nvcc()
    other = board.stubs / "python3.11"
    program(other, PYTHON)
    _done, calls = board.set_up("demo", PYTHON=str(other))
    assert next(call for call in calls if "-m venv" in call).startswith(f"{other} ")
