"""The service's unit as systemd would read it, and the groups that it names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edge.board.tree import Tree
from edge.doctor import Verdict
from edge.doctor.service_groups import ServiceGroupsCheck
from edge.doctor.unit_file import unit_settings
from tests import boards

SHIPPED = (Path(__file__).parents[3] / "systemd" / "edge-emotion.service").read_text("utf-8")
UNIT = "etc/systemd/system/edge-emotion.service"
GROUPS = f"root:x:0:\nvideo:x:44:\naudio:x:29:me,you\nrender:x:104:\nours:x:{os.getgid()}:\n"


def test_the_shipped_unit_is_read(tmp_path):
    settings = unit_settings(Tree(boards.write(tmp_path, {UNIT: SHIPPED})))
    assert settings["SupplementaryGroups"] == ["video audio render"]
    assert settings["DynamicUser"] == ["yes"]
    assert len(settings["DeviceAllow"]) > 1
    assert not any(key.startswith(("#", "[")) for key in settings)


def test_drop_ins_change_it_by_name_and_an_administrators_unit_hides_the_packages(tmp_path):
    boards.write(
        tmp_path,
        {
            "lib/systemd/system/edge-emotion.service": "[Service]\nSupplementaryGroups=none of this\n",
            UNIT: "[Service]\n# SupplementaryGroups=nor this\nSupplementaryGroups=video \\\n  audio\nUser = me\n",
            "lib/systemd/system/edge-emotion.service.d/20-more.conf": "[Service]\nSupplementaryGroups=render\n",
            f"{UNIT}.d/10-empty.conf": "[Service]\nSupplementaryGroups=\n",
            f"{UNIT}.d/notes.txt": "SupplementaryGroups=notes\n",
        },
    )
    assert unit_settings(Tree(tmp_path)) == {"SupplementaryGroups": ["render"], "User": ["me"]}
    boards.write(tmp_path, {f"{UNIT}.d/20-more.conf": "[Service]\nSupplementaryGroups=input\n"})
    assert unit_settings(Tree(tmp_path))["SupplementaryGroups"] == ["input"]


def test_without_a_unit_there_is_nothing_to_check(machine):
    assert ServiceGroupsCheck().run(machine()).verdict is Verdict.NOT_APPLICABLE


def test_a_group_that_does_not_exist_keeps_the_service_from_starting(machine, tmp_path):
    root = boards.write(tmp_path / "root", {UNIT: SHIPPED, "etc/group": "root:x:0:\nvideo:x:44:\n"})
    finding = ServiceGroupsCheck().run(machine(root))
    assert finding.verdict is Verdict.FAILED
    assert finding.found.endswith("audio, render")
    assert "groupadd --system audio" in finding.remedy


def test_all_groups_and_no_device_out_of_reach(machine, tmp_path):
    root = boards.write(tmp_path / "root", {UNIT: SHIPPED, "etc/group": GROUPS})
    finding = ServiceGroupsCheck().run(machine(root))
    assert finding.verdict is Verdict.OK
    assert finding.found.startswith("video, audio, render: ")


@pytest.mark.parametrize("node", ["video0", "snd/pcmC1D0c"])
def test_a_device_that_none_of_them_opens_is_named(node, machine, tmp_path):
    root = boards.write(tmp_path / "root", {UNIT: SHIPPED, "etc/group": GROUPS, f"dev/{node}": ""})
    (root / "dev" / node).chmod(0o660)
    finding = ServiceGroupsCheck().run(machine(root))
    assert finding.verdict is Verdict.WARNING
    assert f"/dev/{node}" in finding.found
    boards.write(root, {f"{UNIT}.d/mine.conf": "[Service]\nSupplementaryGroups=ours\n"})
    assert ServiceGroupsCheck().run(machine(root)).verdict is Verdict.OK
    (root / "dev" / node).chmod(0o666)
    boards.write(root, {f"{UNIT}.d/mine.conf": ""})
    assert ServiceGroupsCheck().run(machine(root)).verdict is Verdict.OK
