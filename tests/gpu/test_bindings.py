"""Every name of TensorRT's in our code exists in each version that we claim: both are read, neither is typed."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from tests.gpu import stand_in_tensorrt
from tests.gpu.bindings import REPOSITORY, WHEELS, read_in

_BENCH = REPOSITORY / "engines/gpu_bench/stages.py"
_OLD, _NEW = "10.3.0", "11.4.0.106"


def our_code() -> list[Path]:
    """The runner, the builder, and the bench that times the runner's parts."""
    folders = [REPOSITORY / "edge/infer", REPOSITORY / "engines/build"]
    return [*(path for folder in folders for path in sorted(folder.rglob("*.py"))), _BENCH]


def changed(tmp_path: Path, name: str, old: str, new: str) -> list[Path]:
    """Our code with one place of the file `name` changed."""
    copies = []
    for path in our_code():
        copy = tmp_path / path.parent.name / path.name
        copy.parent.mkdir(exist_ok=True)
        text = path.read_text(encoding="utf-8")
        if path.name == name:
            assert old in text
            text = text.replace(old, new)
        copy.write_text(text, encoding="utf-8")
        copies.append(copy)
    return copies


@pytest.mark.parametrize("version", [*WHEELS, "rtx"])
def test_all_that_we_call_is_there(version):
    if version == "rtx":
        pytest.importorskip("tensorrt_rtx")
    answer = read_in(version, our_code())
    assert answer["problems"] == []
    assert version in (answer["version"], "rtx")
    # Both halves were really read: the builder's and the runner's.
    assert {"OnnxParser.parse", "Builder.build_serialized_network"} <= set(answer["names"])
    assert {"IExecutionContext.execute_async_v3", "Runtime.engine_host_code_allowed"} <= set(answer["names"])


@pytest.mark.parametrize(
    ("version", "name", "old", "new", "found"),
    [
        (_NEW, "config.py", "trt.BuilderFlag.TF32", "trt.BuilderFlag.FP16", "there is no BuilderFlag.FP16"),
        (_OLD, "config.py", "trt.BuilderFlag.TF32", "trt.BuilderFlag.FP16", None),
        (_NEW, "trt_session.py", "device_memory_size_v2", "device_memory_size", "ICudaEngine.device_memory_size"),
        (_OLD, "trt_session.py", "device_memory_size_v2", "device_memory_size", None),
        (_OLD, "trt_lane.py", "execute_async_v3(", "execute_async_v2(", "no IExecutionContext.execute_async_v2"),
        (_OLD, "trt_lane.py", "execute_async_v3(stream.handle", "execute_async_v3(stream.handle, 0", "2 arguments"),
        (_OLD, "trt_logger.py", "severities.WARNING", "severities.WARN", "no ILogger.Severity.WARN"),
        (_OLD, "monitor.py", "def step_complete", "def steps_complete", "no IProgressMonitor.steps_complete"),
        (_OLD, "config.py", "builder.create_builder_config()", "getattr(builder, name)()", "cannot be told"),
        (_OLD, "config.py", "builder.create_builder_config()", "made(builder)", "cannot tell"),
    ],
)
def test_a_false_name_is_found(tmp_path, version, name, old, new, found):
    problems = read_in(version, changed(tmp_path, name, old, new))["problems"]
    if found is None:
        assert problems == []
    else:
        assert any(name.removesuffix(".py") in problem and found in problem for problem in problems), problems


def stand_in_names() -> list[str]:
    """What the stand-in offers, as Class.name, methods with the names of what they take."""
    module = stand_in_tensorrt.tensorrt_module(None, "0")  # type: ignore[arg-type]
    names = []
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        names.append(name)
        kind = getattr(value, "func", value)
        if inspect.isclass(kind):
            members = [(member, one) for member, one in vars(kind).items() if not member.startswith("_")]
            names += [f"{name}.{member}{_taken(one)}" for member, one in members]
    return names


def _taken(member: object) -> str:
    if not inspect.isfunction(member):
        return ""
    return f"({','.join(name for name in inspect.signature(member).parameters if name != 'self')})"


@pytest.mark.parametrize("version", WHEELS)
def test_the_stand_in_has_nothing_that_the_real_one_lacks(version):
    names = stand_in_names()
    assert {"IExecutionContext.set_device_memory(memory,size)", "TensorIOMode.INPUT", "nptype"} <= set(names)
    assert read_in(version, [], names=names)["missing"] == []
    false = ["IExecutionContext.execute", "IExecutionContext.set_input_shape(name,sizes)", "TensorIOMode.INOUT"]
    assert read_in(version, [], names=false)["missing"] == false
