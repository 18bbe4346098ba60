"""Every name of pycuda's in our code exists in the releases that we claim: both are read, neither is typed."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from tests.gpu.bindings import REPOSITORY
from tests.gpu.called_names import CalledNames
from tests.gpu.code_facts import Report
from tests.gpu.machine import Machine
from tests.gpu.pycuda_source import RELEASES, PycudaSource, source_or_skip
from tests.gpu.stand_in_pycuda import driver_module

_OURS = [*sorted((REPOSITORY / "edge/infer").glob("*.py")), REPOSITORY / "engines/gpu_bench/stages.py"]


@pytest.fixture(scope="module", params=RELEASES)
def source(request) -> PycudaSource:
    return PycudaSource(source_or_skip(request.param))


def read(source: PycudaSource, files: list[Path]) -> Report:
    return CalledNames(source, {"driver"}, files).read()


def test_all_that_we_call_is_there(source):
    report = read(source, _OURS)
    assert report.problems == set()
    assert {
        "Device.retain_primary_context",
        "Event.query",
        "HostAllocation.get_device_pointer",
        "Event.time_till",
    } <= report.names


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        ("trt_lane.py", "stream.handle", "stream.address", "no Stream.address"),
        ("trt_session.py", "self._event.query()", "self._event.is_done()", "no Event.is_done"),
        ("trt_buffer.py", "mem_flags=flags", "flags=flags", "pagelocked_empty does not take"),
        ("trt_buffer.py", "self._device, view, stream)", "self._device, view, stream, 0)", "does not take 4"),
        ("gpu.py", "device_attribute.INTEGRATED", "device_attribute.INTEGRATES", "no device_attribute.INTEGRATES"),
        ("gpu.py", "retain_primary_context()", "primary_context()", "no Device.primary_context"),
    ],
)
def test_a_false_name_is_found(tmp_path, source, name, old, new, found):
    files = []
    for path in _OURS:
        text = path.read_text(encoding="utf-8")
        if path.name == name:
            assert old in text
            text = text.replace(old, new)
        files.append(tmp_path / path.parent.name / path.name)
        files[-1].parent.mkdir(exist_ok=True)
        files[-1].write_text(text, encoding="utf-8")
    assert any(problem.startswith(name) and found in problem for problem in read(source, files).problems)


def test_graphs_are_not_among_them(source):
    """Or else ours, by the C interface, are no longer needed."""
    assert source.lacks("Stream.begin_capture")
    assert not any("graph" in name.lower() and "graphics" not in name for name in source.names())


def test_the_stand_in_has_nothing_that_the_real_one_lacks(source):
    names = []
    for name, value in vars(driver_module(Machine(integrated=True), "Orin", (8, 7))).items():
        names.append(name)
        kind = getattr(value, "func", value)
        if inspect.isclass(kind) and kind.__name__ == name:
            names += [f"{name}.{member}" for member in vars(kind) if not member.startswith("_")]
        elif not callable(value):
            names += [f"{name}.{member}" for member in vars(value)]
    assert {"Context.push", "HostAllocation.get_device_pointer", "event_flags.DISABLE_TIMING"} <= set(names)
    assert [name for name in names if source.lacks(name)] == []
