"""Whatever lies in the files, reading a board never raises and tells nothing that is no text or number."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.board import board
from tests import boards

_FILES = [
    "proc/device-tree/model",
    "proc/device-tree/compatible",
    "etc/nv_tegra_release",
    "etc/nvpmodel.conf",
    "var/lib/nvpmodel/status",
    "var/lib/dpkg/status",
    "usr/local/cuda/version.json",
    "usr/local/cuda/version.txt",
    "proc/meminfo",
    "proc/swaps",
    "proc/driver/nvidia/version",
    "proc/driver/nvidia/gpus/0000:01:00.0/information",
    "sys/class/devfreq/17000000.gpu/cur_freq",
    "sys/class/devfreq/17000000.gpu/max_freq",
    "sys/class/devfreq/17000000.gpu/device/load",
    "sys/class/hwmon/hwmon0/name",
    "sys/class/hwmon/hwmon0/pwm1",
    "sys/kernel/nvpmodel_clk_cap/emc",
]
_WORDS = st.sampled_from(
    [
        *("# R36 (release), REVISION: ", "R", "pmode:", "< POWER_MODEL ID=", " NAME=", ">", "\n", "\n\n", "\0", "."),
        *("Package: nvidia-l4t-core", "Status: install ok installed", "Version: ", '{"cuda": ', "}", "[" * 2000, "-"),
        *("nvidia,tegra", "nvidia,p1234-5678+", "MemTotal: ", " kB", "9" * 40, "7", "²", "NVRM version: ", "pwmfan"),
    ]
)
_CONTENT = st.one_of(st.binary(max_size=300), st.lists(_WORDS, max_size=12).map(lambda words: "".join(words).encode()))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(_FILES), _CONTENT, max_size=6))
def test_any_bytes_in_any_files(contents):
    with tempfile.TemporaryDirectory() as root:
        here = board(boards.write(Path(root), contents))
        json.dumps(here.as_dict(), allow_nan=False)
        assert "\n" not in here.words
        assert "\0" not in here.words


@pytest.mark.parametrize("text", ["9" * 5000, "9" * 40, "²", "٣", "-5", "1001", "0x10", "1e3", ""])
def test_what_is_no_share_of_a_thousand_is_no_load(text, tmp_path):
    gpu = "sys/class/devfreq/17000000.gpu"
    here = board(boards.write(tmp_path, {f"{gpu}/cur_freq": "306000000", f"{gpu}/device/load": text}))
    assert here.clocks.gpu is not None
    assert here.clocks.gpu_load is None


@pytest.mark.parametrize("text", ["[" * 60_000, "{}", "[]", "null", '{"cuda": 12}', '{"cuda": {"version": 12.6}}'])
def test_json_that_is_something_else(text, tmp_path):
    assert board(boards.write(tmp_path, {"usr/local/cuda/version.json": text})).cuda is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_real_board_with_one_file_damaged_keeps_the_other_facts(tmp_path, data):
    root = tmp_path / "board"
    shutil.rmtree(root, ignore_errors=True)
    boards.orin_nano_62(root)
    path = data.draw(st.sampled_from(sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())))
    whole = (root / path).read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    (root / path).write_bytes(whole[:cut] + data.draw(st.binary(max_size=20)))
    here = board(root)
    if path != "etc/nv_tegra_release":
        assert here.l4t == "36.4.4"
    if "devfreq" not in path:
        assert here.clocks.gpu is not None
        assert here.clocks.gpu.now_mhz == 1020
