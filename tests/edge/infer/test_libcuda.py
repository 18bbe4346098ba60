"""Our calls of the driver's C interface against a C library with NVIDIA's types: no value is cut or swapped."""

from __future__ import annotations

import ctypes
import ctypes.util
import re
import shutil
import subprocess

import pytest

from edge.infer.engine import EngineError
from edge.infer.libcuda import Libcuda, libcuda

# The types are those of cuda.h; each call is written down, and handles are wider than 32 bits.
_SOURCE = """
#include <stdio.h>
typedef struct graph *CUgraph; typedef struct exec *CUgraphExec; typedef struct stream *CUstream; typedef int CUresult;
static char said[4096]; static int fails_at, calls;
#define TELL(...) sprintf(said + __builtin_strlen(said), __VA_ARGS__); if (++calls == fails_at) return 901;
void reset(int at) { said[0] = 0; calls = 0; fails_at = at; }
const char *told(void) { return said; }
CUresult cuInit(unsigned int flags) { TELL("init %u;", flags); return 0; }
CUresult cuStreamBeginCapture_v2(CUstream s, int mode) { TELL("begin %p %d;", s, mode); return 0; }
CUresult cuStreamEndCapture(CUstream s, CUgraph *g) { *g = (CUgraph)0x7700112233440; TELL("end %p;", s); return 0; }
CUresult cuGraphInstantiateWithFlags(CUgraphExec *e, CUgraph g, unsigned long long flags)
{ TELL("instantiate %p %llu;", g, flags); *e = (CUgraphExec)0x7700aabbccdd0; return 0; }
CUresult cuGraphLaunch(CUgraphExec e, CUstream s) { TELL("launch %p %p;", e, s); return 0; }
CUresult cuGraphExecDestroy(CUgraphExec e) { TELL("free %p;", e); return 0; }
CUresult cuGraphDestroy(CUgraph g) { TELL("drop %p;", g); return 0; }
CUresult cuGetErrorString(CUresult c, const char **text) { *text = "capture invalidated"; return 0; }
"""
_STREAM = 0x55D0_1234_5678_9AB0


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    folder = tmp_path_factory.mktemp("driver")
    (folder / "driver.c").write_text(_SOURCE)
    path = folder / "libcuda.so.1"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", path, folder / "driver.c"], check=True, timeout=60)
    return path


@pytest.fixture
def said(library):
    """What the library was told; its first argument: which call from now on fails."""
    loaded = ctypes.CDLL(str(library))
    loaded.told.restype = ctypes.c_char_p
    loaded.reset(0)
    return lambda: loaded.told().decode().rstrip(";").split(";")


def test_a_graph_is_captured_launched_and_freed_with_whole_handles(library, said):
    cuda = Libcuda(str(library))
    cuda.init()
    assert cuda.has_graphs
    cuda.begin_capture(_STREAM)
    graph = cuda.end_capture(_STREAM)
    cuda.launch(graph, _STREAM)
    cuda.destroy(graph)
    stream, executable, template = "0x55d0123456789ab0", "0x7700aabbccdd0", "0x7700112233440"
    assert said() == [
        "init 0",
        f"begin {stream} 1",  # thread-local: another engine may allocate meanwhile
        f"end {stream}",
        f"instantiate {template} 0",
        f"drop {template}",
        f"launch {executable} {stream}",
        f"free {executable}",
    ]


@pytest.mark.parametrize(
    ("nth", "name", "freed"),
    [(1, "cuStreamBeginCapture_v2", 0), (2, "cuStreamEndCapture", 0), (3, "cuGraphInstantiateWithFlags", 1)],
)
def test_a_failed_capture_is_one_sentence_and_leaves_no_graph(library, said, nth, name, freed):
    cuda = Libcuda(str(library))
    ctypes.CDLL(str(library)).reset(nth)

    def capture():
        cuda.begin_capture(_STREAM)
        cuda.end_capture(_STREAM)

    with pytest.raises(EngineError, match=rf"{name} failed: capture invalidated \(901\)"):
        capture()
    assert sum(call.startswith("drop") for call in said()) == freed


def test_an_old_driver_without_graphs_is_no_error(tmp_path):
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    source = re.sub(r"CUresult cuGraphLaunch.*\n", "", _SOURCE)
    (tmp_path / "driver.c").write_text(source)
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-o", tmp_path / "old.so", tmp_path / "driver.c"], check=True, timeout=60
    )
    cuda = Libcuda(str(tmp_path / "old.so"))
    cuda.init()
    assert not cuda.has_graphs


def test_without_a_driver_every_ask_says_so():
    if ctypes.util.find_library("cuda") is not None:
        pytest.skip("this machine has a driver")
    for _ in range(2):
        with pytest.raises(EngineError, match="no NVIDIA driver here"):
            libcuda()
