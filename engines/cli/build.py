"""`edge-engines build`."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.errors import DeviceError, UsageError
from edge.infer.card import GRAPHS, MODELS_FOLDER, PRECISIONS, Card, load_card
from edge.infer.engine import EngineError
from engines.cli.arguments import add_checkpoint, bound_threads, check_model, positive, whole_number, with_examples

if TYPE_CHECKING:  # the rest of this package compares, and with it comes all of the device's code
    from edge.infer.plan_key import PlanTarget
    from edge.infer.plan_store import PlanStore
    from engines.build.config import BuildOptions
    from engines.build.job import GraphCompiler, Judge, PlanEntry

_FACES, _MOST_FACES = 8, 64
_WORKSPACE_MB = (16, 2048, 65536)
"""The least, the usual and the most, as of tensorrt.workspace_mb."""
_PROGRESS = ("auto", "bar", "lines", "json")
_SM = 86
_MB = 1e6
_EXAMPLES = """examples:
  edge-engines build                                      for this machine's GPU, where the daemon looks for it
  sudo edge-engines build --out /var/lib/edge-emotion/engines    for the service
  edge-engines build --precision int8 --workspace-mb 1024
  edge-engines build --backend rtx --sm 86 --out plans    for another GPU, with TensorRT for RTX
  edge-engines build --from torch --checkpoint student.pt through torch_tensorrt
  edge-engines build --trtexec                            print the same as trtexec's command lines, build nothing
The daemon builds by itself what it lacks. What is built is compared with ONNX Runtime and kept only when it agrees.
Plans for another number of faces than 8 are not those that the daemon looks for. Exit codes: 0 built, or there
already; 1 refused; 69 no GPU or no TensorRT.
"""


def add(commands: Any) -> None:
    """Hang the command in."""
    parser = with_examples(commands.add_parser("build", help="compile the student for a GPU"), _EXAMPLES)
    parser.add_argument("--backend", choices=("tensorrt", "rtx"), default="tensorrt", help="default %(default)s")
    parser.add_argument("--precision", choices=PRECISIONS, default="fp16", help="default %(default)s")
    parser.add_argument(
        "--sm", type=positive, metavar="N", help=f"compute capability, for --backend rtx (default {_SM})"
    )
    parser.add_argument(
        "--faces", type=_between(1, _MOST_FACES), default=_FACES, metavar="N", help="most faces (default %(default)s)"
    )
    least, usual, most = _WORKSPACE_MB
    parser.add_argument(
        "--workspace-mb",
        type=_between(least, most),
        default=usual,
        metavar="N",
        help="scratch memory (default %(default)s)",
    )
    parser.add_argument("--out", type=_folder, metavar="DIR", help="folder of the plans (default: in the state folder)")
    parser.add_argument("--model", type=Path, default=MODELS_FOLDER, metavar="DIR", help="default: the shipped student")
    parser.add_argument("--from", dest="origin", choices=("onnx", "torch"), default="onnx", help="default %(default)s")
    add_checkpoint(parser)
    parser.add_argument("--trtexec", action="store_true", help="only print trtexec's command lines")
    parser.add_argument("--force", action="store_true", help="build also what is there already")
    parser.add_argument(
        "--progress", choices=_PROGRESS, default="auto", help="default: a bar on a terminal, else lines"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output at the end")
    parser.set_defaults(run=_run)


def _between(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = whole_number(text)
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is out of range: give a whole number from {least} to {most}")
        return number

    return parse


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("an empty name is no folder: name one, or leave the option out")
    return Path(text)


def _run(arguments: argparse.Namespace) -> int:
    from edge.infer.plan_store import PlanStore, plans_folder
    from engines.build.config import BuildOptions
    from engines.build.refused import PlanRefusedError

    bound_threads(1)
    check_model(arguments.model)
    _check_together(arguments)
    card = load_card(arguments.model)
    sm = (arguments.sm or _SM) if arguments.backend == "rtx" else None
    options = BuildOptions(arguments.workspace_mb, sm)
    folder = arguments.out or plans_folder()
    if arguments.trtexec:
        return _print_trtexec(arguments, card, options, folder)
    try:
        with _own_words(arguments.log_level):
            entries = _build(arguments, card, options, PlanStore(folder))
    except PlanRefusedError as error:
        if arguments.progress == "json":
            print(json.dumps({"refused": str(error)}), flush=True)
        raise
    _tell(arguments, entries)
    return 0


def _check_together(arguments: argparse.Namespace) -> None:
    """Raises UsageError for options that do not go with one another."""
    if arguments.sm is not None and arguments.backend != "rtx":
        raise UsageError(f"--sm {arguments.sm} goes with --backend rtx alone: TensorRT builds for the GPU at hand.")
    for option, given in (("--from torch", arguments.origin == "torch"), ("--trtexec", arguments.trtexec)):
        if given and arguments.backend == "rtx":
            raise UsageError(f"{option} goes with --backend tensorrt alone: leave out one of them.")
    if arguments.trtexec and arguments.origin == "torch":
        raise UsageError("--trtexec reads ONNX files, not --from torch: leave out one of them.")


def _print_trtexec(arguments: argparse.Namespace, card: Card, options: BuildOptions, folder: Path) -> int:
    from engines.build.source import GraphSource
    from engines.build.trtexec import trtexec_command

    for graph in GRAPHS:
        source = GraphSource.read(card, graph, arguments.precision, arguments.faces)
        print(trtexec_command(source, options, folder / f"student_{graph}-{arguments.precision}.plan"))
    return 0


@contextmanager
def _own_words(log_level: str) -> Iterator[None]:
    """TensorRT's own messages stay off the terminal, except with --log-level debug: what matters is in our sentence."""
    log = logging.getLogger("edge.infer.tensorrt")
    level = log.level
    if log_level != "debug":
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


def _build(arguments: argparse.Namespace, card: Card, options: BuildOptions, store: PlanStore) -> list[PlanEntry]:
    from edge.clock import MonotonicClock
    from edge.notify import ServiceManager
    from engines.build.job import BuildRequest, PlanJob
    from engines.build.progress import ManagerProgress, Together, terminal_progress

    target, compiler, judge = _parts(arguments, card, options, store)
    request = BuildRequest(card, arguments.precision, arguments.faces, target, options, arguments.force)
    clock = MonotonicClock()
    progress = Together(terminal_progress(arguments.progress), ManagerProgress(clock, ServiceManager(clock)))
    try:
        return PlanJob(request, compiler, judge, store, progress).run()
    finally:
        progress.close()


def _parts(
    arguments: argparse.Namespace, card: Card, options: BuildOptions, store: PlanStore
) -> tuple[PlanTarget, GraphCompiler, Judge]:
    """For which GPU, by which compiler, judged how. Raises DeviceError where there is no GPU, or no TensorRT."""
    from edge.board import board
    from edge.infer.cuda import CudaBackend, tensorrt_module
    from edge.infer.plan_key import PlanTarget
    from engines.build.accept import Acceptance
    from engines.build.compiler import OnnxCompiler
    from engines.build.config import check_sm
    from engines.build.timing_cache import TimingCache

    acceptance = Acceptance(card, arguments.precision, arguments.faces)
    try:
        trt = tensorrt_module(arguments.backend)
        if options.sm is not None:
            check_sm(trt, options.sm)
            target = PlanTarget("rtx", str(trt.__version__), str(options.sm), "", "")
            return target, OnnxCompiler(trt), lambda _plans, watch: acceptance.of_files(watch)
        backend = CudaBackend(board().l4t or "")
        target = backend.target()
    except EngineError as error:
        raise DeviceError(f"No engine can be built here: {error}") from error
    compiler: GraphCompiler = OnnxCompiler(trt, TimingCache(store.folder, target))
    if arguments.origin == "torch":
        from engines.build.torch_path import TorchCompiler

        compiler = TorchCompiler(trt, arguments.checkpoint)
    return target, compiler, lambda plans, watch: acceptance.of_plans(backend, plans, target.device, watch)


def _tell(arguments: argparse.Namespace, entries: list[PlanEntry]) -> None:
    """The result: a line for each plan, or JSON."""
    if arguments.progress == "json" or arguments.json:
        built = [entry.path.name for entry in entries]
        told = [
            {"graph": one.graph, "path": str(one.path), "bytes": one.size_bytes, "build_s": one.seconds}
            for one in entries
        ]
        print(json.dumps({"built": built, "plans": told}), flush=True)
        return
    for entry in entries:
        took = "there already" if entry.seconds is None else f"built in {entry.seconds:.1f} s"
        print(f"{entry.path}: {entry.size_bytes / _MB:.2f} MB, {took}")
    if all(entry.seconds is None for entry in entries):
        print("Nothing was built: give --force to build it again.", file=sys.stderr)
