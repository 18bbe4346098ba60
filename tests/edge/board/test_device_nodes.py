"""Which device nodes a user may use."""

from __future__ import annotations

import grp

import pytest

from edge.board.device_nodes import DeviceNode, device_nodes, own_groups
from edge.board.tree import Tree
from tests import boards

_VIDEO, _USER = 44, 1000


@pytest.mark.parametrize(
    ("uid", "gids", "mode", "usable"),
    [
        (_USER, {_VIDEO}, 0o440, True),  # /dev/nvmap on JetPack 6: nobody may write it, and nobody needs to
        (_USER, {100}, 0o440, False),
        (_USER, {_VIDEO}, 0o660, True),
        (_USER, {_VIDEO}, 0o640, True),
        (_USER, {100}, 0o660, False),
        (_USER, {100}, 0o666, True),
        (_USER, {_VIDEO}, 0o666, True),
        (_USER, {_VIDEO}, 0o604, False),  # a group without rights has none, whatever the others have
        (0, set(), 0o000, True),
    ],
)
def test_rights_are_those_of_the_first_that_fits(uid, gids, mode, usable):
    assert DeviceNode("/dev/nvmap", 0, _VIDEO, mode).is_usable(uid, gids) is usable


def test_its_owner_may_use_it():
    assert DeviceNode("/dev/nvidia0", _USER, 0, 0o600).is_usable(_USER, set())
    assert not DeviceNode("/dev/nvidia0", _USER, _VIDEO, 0o060).is_usable(_USER, {_VIDEO})


def test_those_that_are_there_are_found_once(tmp_path):
    names = (
        "nvmap",
        "nvgpu/igpu0/ctrl",
        "nvgpu/igpu0/as",
        "dri/renderD128",
        "dri/card0",
        "nvidia0",
        "video0",
        "nvhost-gpu",
    )
    boards.write(tmp_path, {f"dev/{name}": "" for name in names}, {"dev/nvidia1": "gone"})
    (tmp_path / "dev/nvmap").chmod(0o440)
    found = device_nodes(Tree(tmp_path))
    assert [node.path for node in found] == [
        "/dev/nvmap",
        "/dev/nvhost-gpu",
        "/dev/nvgpu/igpu0/as",
        "/dev/nvgpu/igpu0/ctrl",
        "/dev/nvidia0",
        "/dev/dri/renderD128",
    ]
    own = grp.getgrgid((tmp_path / "dev/nvmap").stat().st_gid).gr_name
    assert found[0].words == f"/dev/nvmap (r--r-----, group {own})"
    assert all(node.is_usable(node.uid, own_groups()) for node in found)


def test_a_group_without_a_name_is_its_number():
    assert DeviceNode("/dev/nvmap", 0, 54321, 0o660).group == "54321"
