"""`--lsl`: the daemon's results as LSL streams, and a machine without liblsl."""

from __future__ import annotations

import pytest

from edge.clock import NS_PER_S
from tests.lsl import Inlet, loopback_config, need_pylsl
from tests.process.command import Running

pytestmark = pytest.mark.timeout(120)


def test_the_streams_carry_the_stamps_of_the_published_results(demo_clip_path, tmp_path):
    need_pylsl()
    config = loopback_config(tmp_path)
    words = ("demo", "--lsl", "--json", "--duration", "60", "--device-id", "lsl-desk")
    with Running(*words, environ={"LSLAPICFG": str(config)}) as running:
        with Inlet("edge-emotion-lsl-desk-results", config) as results:
            samples = results.wait_for(5)
        published = running.wait_for_results(10)
        done = running.end()
    assert done.code == 0
    done.assert_no_traceback()
    assert {stamp for stamp, _ in samples} <= {result["t_ns"] / NS_PER_S for result in [*published, *done.results]}


def test_without_liblsl_one_line_says_so_and_the_run_goes_on(demo_clip_path, tmp_path):
    need_pylsl()
    foreign = tmp_path / "liblsl.so"
    foreign.write_bytes(b"for another processor")
    with Running("demo", "--lsl", "--json", "--duration", "60", environ={"PYLSL_LIB": str(foreign)}) as running:
        running.wait_for_results(3)
        done = running.end()
    assert done.code == 0
    told = [line for line in done.err.splitlines() if "lsl" in line.lower()]
    assert len(told) == 1
    assert "PYLSL_LIB" in told[0]
