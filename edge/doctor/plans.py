"""The engines that are kept for this GPU."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.fix import Fix
from edge.doctor.machine import Machine
from edge.doctor.plans_cleanup import closed_to_others, prune
from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.infer.plan_key import PlanTarget
    from edge.infer.plan_store import PlanStore

_IN_USE = 2
"""One for each graph."""


class PlansCheck:
    """Those of this student, this precision, this GPU and this TensorRT are there and beyond doubt; none is run."""

    name = "engines"
    uses_packages = True

    def run(self, machine: Machine) -> Finding:
        """Load each from the store, which looks at owner, rights and sha256. Raises EdgeError."""
        reason = machine.no_gpu_wanted
        if reason:
            return not_applicable(reason)
        target = machine.target
        if target is None:
            return not_applicable("which ones this GPU needs is known when TensorRT and pycuda work")
        return _judge(machine, target)

    def fix(self, machine: Machine) -> Fix | None:
        """Remove what this machine can never use again; who else may write the folder is asked by `edge-engines`."""
        from edge.infer.plan_store import plans_folder

        folder = plans_folder(machine.environ)
        closed = closed_to_others(folder)
        if closed is not None:
            return closed
        kept = len(list(folder.glob("*.plan"))) if os.access(folder, os.W_OK) else 0
        if machine.target is None or kept <= _IN_USE:
            return None
        return Fix(
            f"remove engines from {folder} that can never be used here (edge-engines prune)", partial(prune, folder)
        )


def _judge(machine: Machine, target: PlanTarget) -> Finding:
    from edge.infer.card import GRAPHS, load_card
    from edge.infer.plan_store import PlanError, PlanStore, plans_folder
    from edge.infer.student_plan import student_plan_key

    wanted = machine.settings.tensorrt
    store = PlanStore(plans_folder(machine.environ))
    card = load_card()
    sizes_mb = []
    for graph in GRAPHS:
        key = student_plan_key(card, graph, wanted.precision, target)
        try:
            sizes_mb.append(len(store.load(key).data) / 1e6)
        except PlanError as error:
            found = f"none for the {graph} of {wanted.precision} on {target.device}: {error.reason}"
            return _barred(machine, store) or _to_build(machine, store.folder, found)
    sizes = " and ".join(f"{size:.1f} MB" for size in sizes_mb)
    return ok(f"{wanted.precision} for {target.device}, TensorRT {target.version}: {sizes} in {store.folder}")


def _barred(machine: Machine, store: PlanStore) -> Finding | None:
    """Where a plan that is built could not be kept; a folder that is not there yet is not made."""
    if not store.folder.exists():
        return None
    try:
        store.prepare()
    except EdgeError as error:
        remedy = (
            "Let it belong to the daemon's user, let nobody else write it (chown, chmod go-w), and make room there."
        )
        return Finding(machine.gpu_fault, str(error).rpartition(":")[0], remedy)
    return None


def _to_build(machine: Machine, folder: Path, found: str) -> Finding:
    wanted = machine.settings.tensorrt
    by_hand = f"edge-engines build --precision {wanted.precision} --out {folder}"
    if wanted.build:
        remedy = f"The daemon builds them when it starts, and ONNX Runtime computes meanwhile; by hand: {by_hand}."
        return Finding(Verdict.WARNING, found, remedy)
    return Finding(machine.gpu_fault, found, f"Run {by_hand}, or set tensorrt.build = true.")
