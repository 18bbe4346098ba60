"""Facts of boards, from root folders laid out as the real ones are."""

from __future__ import annotations

import json
import os
import time

import pytest

from edge.board import Clock, Clocks, Memory, Model, board
from edge.board.fan import Fan
from tests import boards


def test_an_agx_orin_on_jetpack_5(tmp_path):
    here = board(boards.agx_orin_51(tmp_path))
    assert here.model == Model("Jetson AGX Orin Developer Kit", "p3701-0000", "tegra234")
    assert here.model.family == "Orin"
    assert (here.l4t, here.jetpack, here.cuda) == ("35.4.1", "5.1.2", "11.4.19")
    assert (here.tensorrt, here.cudnn) == ("8.5.2", "8.6.0.166")
    assert here.power_mode == "MODE_30W"
    assert here.clocks == Clocks(Clock(306, 306, 612), Clock(730, 115, 1728), None, 0.25)
    assert here.clocks.are_pinned is False
    assert here.memory == Memory(31744, 15872, 15864)
    assert here.fan == Fan(0.2, 1636)
    assert here.is_jetson
    assert here.has_nvidia_gpu


def test_an_orin_nano_on_jetpack_6_without_the_metapackage_gets_a_hint(tmp_path):
    here = board(boards.orin_nano_60(tmp_path))
    assert here.model.module == "p3767-0005"
    assert (here.l4t, here.jetpack, here.cuda) == ("36.3.0", "6.x", "12.2.20230823")
    assert here.power_mode == "15W"


def test_an_orin_nano_super_on_jetpack_6_2(tmp_path):
    here = board(boards.orin_nano_62(tmp_path))
    assert here.model.module == "p3767-0005"
    assert (here.l4t, here.jetpack, here.tensorrt, here.cudnn) == ("36.4.4", "6.2.1", "10.3.0.30", "9.3.0.75")
    assert here.power_mode == "MAXN_SUPER"
    assert here.clocks.gpu == Clock(1020, 1020, 1020)
    assert here.clocks.emc == Clock(None, None, 3199)
    assert here.clocks.gpu_load == 0.0
    assert here.clocks.are_pinned is True
    assert here.memory.zram_mb is None
    assert here.words == (
        "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super, L4T 36.4.4, JetPack 6.2.1, "
        "CUDA 12.6.20240814, TensorRT 10.3.0.30, power mode MAXN_SUPER, clocks pinned"
    )


def test_a_thor_on_jetpack_7_0(tmp_path):
    here = board(boards.thor_70(tmp_path))
    assert here.model == Model("NVIDIA Jetson AGX Thor Developer Kit", "p3834-0008", "tegra264")
    assert (here.l4t, here.jetpack, here.cuda, here.tensorrt) == ("38.2.0", "7.0", "13.0.0", "10.13.3.9")
    assert here.power_mode == "120W"  # the link /etc/nvpmodel.conf leads nowhere
    assert here.clocks == Clocks(Clock(1575, 315, 1575), Clock(2601, 2601, 2601), Clock(3200, 666, 4266), None)
    assert here.graphics.cards == ("NVIDIA Thor",)


def test_an_orin_on_jetpack_7_2(tmp_path):
    here = board(boards.orin_72(tmp_path))
    assert (here.l4t, here.jetpack, here.cuda, here.tensorrt) == ("39.2.0", "7.2", "13.2.20260415", "10.16.0.72")
    assert here.power_mode == "MAXN_SUPER"


def test_a_release_that_nobody_knows_yet_is_read_like_any_other(tmp_path):
    here = board(boards.future(tmp_path))
    assert here.model == Model("NVIDIA Jetson Übermorgen Developer Kit", "p9998-0002", "tegra999")
    assert here.model.family == "tegra999"
    assert (here.l4t, here.jetpack) == ("47.11.3.1", None)
    assert here.power_mode == "42"
    assert here.clocks.gpu == Clock(9000, None, None)
    assert here.is_jetson


def test_a_pc_with_two_cards(tmp_path):
    here = board(boards.pc(tmp_path))
    assert not here.is_jetson
    assert here.has_nvidia_gpu
    assert here.graphics.driver == "570.86.15"
    assert here.graphics.cards == ("NVIDIA GeForce RTX 5090", "NVIDIA GeForce RTX 3080")
    assert here.cuda == "10.2.89"
    assert here.words.startswith("no Jetson, NVIDIA GeForce RTX 5090")


def test_nothing_at_all_is_no_board(tmp_path):
    here = board(tmp_path)
    assert not here.is_jetson
    assert not here.has_nvidia_gpu
    assert here.words == "no Jetson"
    assert board(tmp_path / "absent") == here


@pytest.mark.parametrize("make", [boards.agx_orin_51, boards.thor_70, boards.pc, boards.future])
def test_it_is_json(make, tmp_path):
    told = json.loads(json.dumps(board(make(tmp_path)).as_dict()))
    assert set(told) >= {"model", "l4t", "jetpack", "cuda", "tensorrt", "power_mode", "clocks", "graphics"}


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic", "36.4.3"),
        ("# R38 (release), REVISION: 2.2\n", "38.2.2"),
        (
            "# R39 (release), REVISION: 2.1, GCID: 46758480, BOARD: generic, EABI: aarch64, DATE: Fri Aug 7 2026",
            "39.2.1",
        ),
        (
            "# R32 (release), REVISION: 7.1, GCID: 29689809, BOARD: t186ref, EABI: aarch64, DATE: Mon Feb 21 2022",
            "32.7.1",
        ),
        ("# R21 (release), REVISION: 5.0, GCID: 7273100, BOARD: ardbeg, EABI: hard", "21.5.0"),
        ("# R36 (internal), REVISION: 5", "36.5"),
        ("# r40, revision 1.0", "40.1.0"),
        ("\ufeff# R36 (release) , REVISION:4.0", "36.4.0"),
        ("R36.4.7", "36.4.7"),
        ("# some other words, REVISION: 4.3", None),
        ("# R36", None),
    ],
)
def test_all_spellings_of_a_release(text, release, tmp_path):
    assert board(boards.write(tmp_path, {"etc/nv_tegra_release": text})).l4t == release


def test_the_package_tells_the_release_where_the_file_does_not(tmp_path):
    boards.write(
        tmp_path, {"etc/nv_tegra_release": "?", "var/lib/dpkg/status": boards.dpkg(nvidia_l4t_core="36.4.7-2025")}
    )
    assert board(tmp_path).l4t == "36.4.7"


def test_the_newest_of_several_is_told_and_what_was_removed_is_not(tmp_path):
    status = boards.dpkg(libnvinfer10="10.3.0.30-1+cuda12.5", libnvinfer11="11.0.0.114-1", libnvinfer8="9.9")
    here = board(boards.write(tmp_path, {"var/lib/dpkg/status": status}))
    assert here.tensorrt == "11.0.0.114"
    assert here.cudnn is None


def test_the_default_mode_is_the_one_where_none_was_ever_set(tmp_path):
    modes = "< PM_CONFIG DEFAULT=1 >\n< POWER_MODEL ID=0 NAME=MAXN >\n< POWER_MODEL ID=1 NAME=15W >\n"
    assert board(boards.write(tmp_path, {"etc/nvpmodel.conf": modes})).power_mode == "15W"


def test_a_pipe_is_not_waited_for_and_a_folder_is_no_file(tmp_path):
    (tmp_path / "etc").mkdir()
    os.mkfifo(tmp_path / "etc/nv_tegra_release")
    (tmp_path / "var/lib/dpkg/status").mkdir(parents=True)
    (tmp_path / "proc/device-tree/model").mkdir(parents=True)
    began_s = time.monotonic()
    assert board(tmp_path).words == "no Jetson"
    assert time.monotonic() - began_s < 5


def test_loops_of_links_and_links_out_of_the_tree_lead_nowhere(tmp_path):
    outside = boards.write(tmp_path / "outside", {"release": "# R36 (release), REVISION: 4.3"})
    inside = tmp_path / "inside"
    links = {
        "etc/nv_tegra_release": str(outside / "release"),
        "proc/device-tree": "device-tree",
        "etc/nvpmodel.conf": "/a",
    }
    boards.write(inside, {}, {**links, "a": "/b", "b": "/a"})
    assert board(inside).words == "no Jetson"


def test_what_is_longer_than_it_can_be_is_not_believed(tmp_path):
    long = "# R36 (release), REVISION: 4.3\n" + "x" * 100_000
    assert board(boards.write(tmp_path, {"etc/nv_tegra_release": long})).l4t is None
