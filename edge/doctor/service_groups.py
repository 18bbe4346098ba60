"""The groups that the service's user is given, and the devices that they open."""

from __future__ import annotations

import grp
from pathlib import Path

from edge.board.device_nodes import GPU_NODES, device_nodes
from edge.board.tree import Tree
from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.machine import Machine
from edge.doctor.unit_file import UNIT, unit_settings

_NODES = ("dev/video[0-9]*", "dev/snd/controlC*", "dev/snd/pcmC*c")
_NOBODY = 65534


class ServiceGroupsCheck:
    """All exist, else systemd does not start the service at all; and they open camera, sound card and GPU."""

    name = "service groups"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Compare the unit with /etc/group and the device nodes."""
        tree = Tree(machine.root)
        settings = unit_settings(tree)
        if settings is None:
            return not_applicable(f"there is no {UNIT} here")
        named = " ".join(settings.get("SupplementaryGroups", [])).split()
        groups = _groups(tree)
        missing = [name for name in named if name not in groups and not name.isdigit()]
        if missing:
            found = f"{UNIT} names groups that do not exist, and does not start (216/GROUP): {', '.join(missing)}"
            made = "; ".join(f"sudo groupadd --system {name}" for name in missing)
            return Finding(Verdict.FAILED, found, f"Make them: {made}.")
        if settings.get("User", [""])[-1:] in (["root"], ["0"]):
            return ok("the service runs as root")
        return _opened(machine, tree, named, {groups[name] if name in groups else int(name) for name in named})


def _opened(machine: Machine, tree: Tree, named: list[str], gids: set[int]) -> Finding:
    patterns = _NODES if machine.no_gpu_wanted else (*_NODES, *GPU_NODES)
    nodes = device_nodes(tree, patterns)
    barred = [node for node in nodes if not node.is_usable(_NOBODY, gids)]
    if not barred:
        return ok(f"{', '.join(named) or 'none'}: they open all {len(nodes)} nodes of camera, sound card and GPU")
    told = ", ".join(node.words for node in barred[:4]) + (", …" if len(barred) > 4 else "")
    wanted = " ".join(sorted({node.group for node in barred} - {"root"}))
    remedy = (
        f"Let systemctl edit {UNIT} add [Service] SupplementaryGroups={wanted}."
        if wanted
        else "Give a group the right to them by a rule for udev, and name it in the unit's SupplementaryGroups=."
    )
    return Finding(Verdict.WARNING, f"the service may not use {told}", remedy)


def _groups(tree: Tree) -> dict[str, int]:
    """Name to number; on this machine itself also those of a directory service."""
    fields = [line.split(":") for line in (tree.text("etc/group") or "").splitlines()]
    found = {line[0]: int(line[2]) for line in fields if len(line) >= 3 and line[2].isdigit()}
    return {group.gr_name: group.gr_gid for group in grp.getgrall()} | found if tree.root == Path("/") else found
