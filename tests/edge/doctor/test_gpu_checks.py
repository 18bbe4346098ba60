"""TensorRT, pycuda and the engines: modules are stood in for, the store of plans is the real one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from edge.doctor import Machine, Verdict
from edge.doctor.plans import PlansCheck
from edge.doctor.pycuda import PycudaCheck
from edge.doctor.tensorrt import TensorRTCheck
from edge.infer.card import GRAPHS, load_card
from edge.infer.plan_key import PlanTarget
from edge.infer.plan_store import Plan, PlanStore
from edge.infer.student_plan import student_plan_key
from tests import boards, libcuda

_CHECKS = [TensorRTCheck(), PycudaCheck(), PlansCheck()]
_ORIN = PlanTarget("tensorrt", "10.3.0", "87", "Orin", "36.4.4")
_CRASHES = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"


@pytest.fixture
def machine(tmp_path):
    def make(root=None, **flags):
        flags = {"engine": "tensorrt", "tensorrt.precision": "fp32", **flags}
        environ = {"STATE_DIRECTORY": str(tmp_path / "state")}
        return Machine(flags, Path(os.devnull), environ, root or tmp_path / "root")

    return make


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Puts a module with this code where Python finds it."""

    def make(name, code):
        boards.write(tmp_path / "site", {f"{name.replace('.', '/')}.py": code})
        monkeypatch.syspath_prepend(tmp_path / "site")

    yield make
    for name in ("tensorrt", "pycuda", "pycuda.driver"):
        sys.modules.pop(name, None)


def _installed(name):
    return any((Path(folder) / name).exists() for folder in sys.path)


@pytest.mark.parametrize("check", _CHECKS)
def test_they_do_not_apply_where_no_gpu_is_wanted(check, machine):
    assert check.run(machine(engine="onnx")).verdict is Verdict.NOT_APPLICABLE


def test_tensorrt_is_asked_what_it_can_and_not_how_old_it_is(machine, module):
    flag = "class NetworkDefinitionCreationFlag:\n    STRONGLY_TYPED = 1\n"
    module("tensorrt", f"__version__ = '99.1'\n{flag}")
    finding = TensorRTCheck().run(machine())
    assert finding.verdict is Verdict.OK
    assert "99.1" in finding.found


def test_a_tensorrt_without_strongly_typed_networks_is_too_old(machine, module):
    module("tensorrt", "__version__ = '8.5.2.2'\nclass NetworkDefinitionCreationFlag:\n    EXPLICIT_BATCH = 0\n")
    finding = TensorRTCheck().run(machine())
    assert finding.verdict is Verdict.FAILED
    assert "8.5.2.2" in finding.found
    assert "10.3" in finding.remedy


def test_a_venv_that_does_not_see_debians_tensorrt_is_told(machine, tmp_path):
    if _installed("tensorrt"):
        pytest.skip("TensorRT is installed here")
    finding = TensorRTCheck().run(machine(boards.orin_nano_62(tmp_path / "root"), engine="auto"))
    assert finding.verdict is Verdict.WARNING
    assert finding.found == "tensorrt is not installed; Debian's packages have 10.3.0.30"
    assert "--system-site-packages" in finding.remedy


def test_a_module_that_crashes_does_so_elsewhere(machine, module):
    module("tensorrt", _CRASHES)
    module("pycuda.driver", _CRASHES)
    here = machine()
    for check in (TensorRTCheck(), PycudaCheck()):
        finding = check.run(here)
        assert finding.verdict is Verdict.FAILED
        assert "crashes (signal 11)" in finding.found
    assert PlansCheck().run(here).verdict is Verdict.NOT_APPLICABLE


def test_pycuda_without_a_driver_is_not_asked_for_more(machine, module):
    module("pycuda.driver", "")
    here = machine()
    if here.driver.loaded:
        pytest.skip("this machine has NVIDIA's driver")
    finding = PycudaCheck().run(here)
    assert finding.verdict is Verdict.OK
    assert "driver does not work" in finding.found


def test_pycuda_that_cannot_be_imported_is_built_against_this_cuda(machine, module, tmp_path, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", str(libcuda.stub(tmp_path / "lib")))
    module("pycuda.driver", "raise ImportError('libcurand.so.10: cannot open shared object file')")
    finding = PycudaCheck().run(machine())
    assert finding.verdict is Verdict.FAILED
    assert "libcurand" in finding.found
    assert "PATH=/usr/local/cuda/bin" in finding.remedy


@pytest.fixture
def kept(tmp_path):
    """Keeps plans of the shipped student for an Orin; gives their files by graph."""

    def make(graphs=GRAPHS, target=_ORIN):
        store, card = PlanStore(tmp_path / "state" / "engines"), load_card()
        keys = {graph: student_plan_key(card, graph, "fp32", target) for graph in graphs}
        return {
            graph: store.save(Plan(key, b"machine code" * 1000, {"crops": "crops"}), {}) for graph, key in keys.items()
        }

    return make


def _on_orin(machine):
    machine.__dict__["target"] = _ORIN
    return machine


def test_engines_of_this_gpu_are_read_and_told(machine, kept):
    kept()
    finding = PlansCheck().run(_on_orin(machine()))
    assert finding.verdict is Verdict.OK, finding
    assert "fp32 for Orin, TensorRT 10.3.0" in finding.found


def test_engines_that_are_not_there_are_built_by_the_daemon_or_by_hand(machine, kept):
    kept(target=PlanTarget("tensorrt", "10.3.0", "87", "Orin", "36.4.3"))  # before the upgrade
    kept(graphs=("face",))
    finding = PlansCheck().run(_on_orin(machine()))
    assert finding.verdict is Verdict.WARNING
    assert "none for the head of fp32 on Orin" in finding.found
    assert "edge-engines build --precision fp32" in finding.remedy
    assert "daemon" in finding.remedy
    by_hand = PlansCheck().run(_on_orin(machine(**{"tensorrt.build": False})))
    assert by_hand.verdict is Verdict.FAILED
    assert by_hand.remedy.startswith("Run edge-engines build")


def test_engines_that_others_could_have_written_or_that_changed_are_told(machine, kept):
    files = kept()
    files["head"].chmod(0o666)
    finding = PlansCheck().run(_on_orin(machine()))
    assert finding.verdict is Verdict.WARNING
    assert "can be written by others" in finding.found
    files["head"].chmod(0o600)
    files["head"].write_bytes(b"something else" + b"." * 11986)
    assert "sha256" in PlansCheck().run(_on_orin(machine())).found
    files["head"].parent.chmod(0o777)
    barred = PlansCheck().run(_on_orin(machine()))
    assert "can be written by others (mode 0777)" in barred.found
    assert "chmod" in barred.remedy
    assert "edge-engines" not in barred.remedy


def test_without_a_target_nobody_knows_which_engines(machine):
    here = machine()
    if here.driver.works:
        pytest.skip("this machine has a GPU")
    assert PlansCheck().run(here).verdict is Verdict.NOT_APPLICABLE
