"""The rights on the GPU's device nodes, which CUDA's own errors do not tell."""

from __future__ import annotations

import os

from edge.board.device_nodes import device_nodes, own_groups
from edge.board.tree import Tree
from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.machine import Machine


class DeviceNodesCheck:
    """This user may open each of them."""

    name = "device nodes"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Compare owner, group and rights with this process's."""
        reason = machine.no_gpu_wanted
        if reason:
            return not_applicable(reason)
        nodes = device_nodes(Tree(machine.root))
        if not nodes:
            remedy = "Load NVIDIA's driver, or give the container the GPU: docker run --runtime nvidia."
            return Finding(machine.gpu_fault, "there are no device nodes of an NVIDIA GPU in /dev", remedy)
        uid, gids = os.geteuid(), own_groups()
        barred = [node for node in nodes if not node.is_usable(uid, gids)]
        if not barred:
            return ok(f"this user may use all {len(nodes)}")
        told = ", ".join(node.words for node in barred[:4]) + (", …" if len(barred) > 4 else "")
        verdict = Verdict.WARNING if machine.driver.works else machine.gpu_fault
        groups = sorted({node.group for node in barred} - {"root"})
        remedy = (
            f"Run sudo usermod -aG {','.join(groups)} $USER and log in again; "
            f"a service needs SupplementaryGroups={' '.join(groups)}."
            if groups
            else "Give a group the right to them by a rule for udev, and let this user into it."
        )
        return Finding(verdict, f"this user may not use {told}", remedy)
