"""`edge-engines list` and `edge-engines prune`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.config.paths import SYSTEM_STATE
from edge.infer.card import MODELS_FOLDER, load_card
from edge.infer.engine import EngineError
from edge.infer.plan_folder import PlanFolder
from edge.infer.plan_store import PlanMissingError, PlanRejectedError, opened, plans_folder
from engines.cli.arguments import check_model, with_examples
from engines.plans.catalogue import Catalogue, catalogue

_LIST_EXAMPLES = """examples:
  edge-engines list                       the plans of this machine, and which would be used
  sudo edge-engines list --json           those of the service, for a program
  edge-engines list --out plans           those that `edge-engines build --out plans` wrote
"""
_PRUNE_EXAMPLES = """examples:
  edge-engines prune --dry-run            what would go, and why
  sudo edge-engines prune                 remove what this machine can never use again
  edge-engines prune --all                remove all plans; they are built again when they are needed
Other models, other TensorRTs, GPUs and L4Ts, damaged and unfinished files go; what would be used here stays, and so
does what is none of ours. Where no GPU answers, plans for other devices stay too: nobody knows which those are.
"""


def add(commands: Any) -> None:
    """Hang both commands in."""
    lister = with_examples(commands.add_parser("list", help="the plans that were built"), _LIST_EXAMPLES)
    _add_common(lister)
    lister.set_defaults(run=_run_list)
    pruner = with_examples(commands.add_parser("prune", help="remove plans of no use"), _PRUNE_EXAMPLES)
    _add_common(pruner)
    pruner.add_argument("--all", action="store_true", help="also those that would be used here")
    pruner.add_argument("--dry-run", action="store_true", help="remove nothing, only say what would go")
    pruner.set_defaults(run=_run_prune)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help="the folder (default: in the state folder)")
    parser.add_argument("--model", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the shipped student")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _run_list(arguments: argparse.Namespace) -> int:
    from engines.plans.here import here
    from engines.plans.table import as_json, table

    check_model(arguments.model)
    now = here(load_card(arguments.model))
    path = arguments.out or plans_folder()
    with _folder(path) as folder:
        found = _found(folder, path)
    if arguments.json:
        print(json.dumps({"folder": str(path), **as_json(found, now)}))
    else:
        print(table(found, now) or _none(path))
    return 0


def _run_prune(arguments: argparse.Namespace) -> int:
    from engines.plans.here import here
    from engines.plans.prune import Removal, removals, remove

    check_model(arguments.model)
    now = here(load_card(arguments.model))
    path = arguments.out or plans_folder()
    going: list[Removal] = []
    with _folder(path) as folder:
        if folder is not None:
            with folder.locked():
                going = removals(catalogue(folder, path), now, everything=arguments.all)
                if not arguments.dry_run:
                    remove(folder, going)
    freed = sum(one.size_bytes for one in going)
    if arguments.json:
        removed = [{"file": one.file, "bytes": one.size_bytes, "why": one.why} for one in going]
        print(json.dumps({"folder": str(path), "dry_run": arguments.dry_run, "removed": removed, "freed_bytes": freed}))
        return 0
    verb = "Would remove" if arguments.dry_run else "Removed"
    for one in going:
        print(f"{verb} {one.file} ({one.size_bytes / 1e6:.1f} MB): {one.why}.")
    print(f"{verb} {len(going)} files, {freed / 1e6:.1f} MB, from {path}.")
    if now.target is None and not arguments.all:
        print(f"Plans for other devices were left: which GPU is here is not known ({now.unknown}).")
    return 0


@contextlib.contextmanager
def _folder(path: Path) -> Iterator[PlanFolder | None]:
    """None where there is none. Raises EngineError where it may not be read, or others may write there."""
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(opened(path, any_owner=os.geteuid() == 0))
        except PlanMissingError:
            folder = None
        except PlanRejectedError as error:
            raise EngineError(f"{error.reason}: mend that, try with sudo, or name another by --out.") from error
        yield folder


def _found(folder: PlanFolder | None, path: Path) -> Catalogue:
    if folder is None:
        return Catalogue([], [], {}, {})
    with folder.locked(shared=True):
        return catalogue(folder, path)


def _none(path: Path) -> str:
    theirs = SYSTEM_STATE / "engines"
    hint = f" The service's would be in {theirs}: try with sudo." if path != theirs and SYSTEM_STATE.exists() else ""
    return f"No plans in {path}.{hint}"
