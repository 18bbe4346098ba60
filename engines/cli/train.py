"""`edge-engines train`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from edge.errors import UsageError
from engines.archives import Sources
from engines.cache import default_cache
from engines.cli.arguments import add_places, bound_torch, positive, whole_number, with_examples
from engines.cli.parts import require_parts

_STAGES = ("visual", "audio", "joint")
_EXAMPLES = """examples:
  edge-engines train --stage all --device cuda            the whole teacher on a GPU
  edge-engines train --stage audio --threads 2            the voices alone, on two cores
  edge-engines train --stage visual --side 96 --imagenet resnet34.pth
  edge-engines train --stage visual --side 64 --start 48px/visual/teacher.pt --out 64px
  edge-engines train --stage all --steps 20 --out /tmp/t  a quick one, to see it work
  torchrun --nproc-per-node 2 -m engines.cli train --stage all --device cuda
An interrupted training goes on from its last checkpoint, and a finished stage is not trained again; --fresh starts
again. Each stage leaves teacher.pt, recipe.json, curves.csv and curves.png in a folder of its own under --out.
"""


def add(commands: Any) -> None:
    """Hang the command in."""
    parser = with_examples(commands.add_parser("train", help="train the teacher"), _EXAMPLES)
    add_places(parser)
    parser.add_argument("--stage", choices=(*_STAGES, "all"), default="all", help="default %(default)s")
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--epochs", type=positive, metavar="N", help="passes over the data (visual 30, audio 12, joint 6)"
    )
    length.add_argument("--steps", type=positive, metavar="N", help="steps of each stage, instead of passes")
    parser.add_argument("--batch", type=positive, default=64, metavar="N", help="faces or voices a step (default 64)")
    parser.add_argument("--side", type=_side, default=48, metavar="PX", help="of a picture, from 32 on (default 48)")
    parser.add_argument("--frames", type=positive, default=3, metavar="N", help="most pictures of a face (default 3)")
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--imagenet", type=Path, metavar="FILE", help="torchvision's ResNet-34 weights to start from")
    start.add_argument("--start", type=Path, metavar="FILE", help="a teacher.pt to go on from, at a larger --side")
    parser.add_argument(
        "--patience", type=positive, default=0, metavar="N", help="stop after N judgements without gain"
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default %(default)s")
    parser.add_argument("--threads", type=positive, default=1, metavar="N", help="cores to use (default %(default)s)")
    parser.add_argument("--workers", type=positive, metavar="N", help="threads that make batches (default: 8 for CUDA)")
    parser.add_argument(
        "--seed", type=whole_number, default=7, metavar="N", help="same seed, same teacher (default %(default)s)"
    )
    parser.add_argument("--fresh", action="store_true", help="forget an earlier training of these stages")
    parser.add_argument("--json", action="store_true", help="figures as one JSON object on standard output")
    out = default_cache() / "teacher"
    parser.add_argument("--out", type=Path, default=out, metavar="DIR", help="default %(default)s")
    parser.set_defaults(run=_run)


def _side(text: str) -> int:
    number = whole_number(text)
    if number < 32:
        raise argparse.ArgumentTypeError(f"{text} is too small: a ResNet-34 needs 32 pixels or more")
    return number


def _run(arguments: argparse.Namespace) -> int:
    bound_torch(arguments.threads)
    from engines import distributed
    from engines.device import choose_device
    from engines.teacher_settings import STAGES, TeacherSettings
    from engines.teacher_stages import Place, TeacherData, forget, train_teacher

    if arguments.imagenet is not None and not arguments.imagenet.is_file():
        raise UsageError(f"The weights {arguments.imagenet} do not exist: --imagenet wants a file.")
    device = choose_device(arguments.device)
    stages = [stage for stage in STAGES if arguments.stage in {stage, "all"}]
    settings = TeacherSettings(
        side=arguments.side,
        frames=arguments.frames,
        batch=arguments.batch,
        epochs=arguments.epochs,
        steps=arguments.steps,
        seed=arguments.seed,
        patience=arguments.patience,
    )
    workers = arguments.workers or (8 if device.type == "cuda" else 0)
    place = Place(arguments.out, device, arguments.imagenet, arguments.start, workers)
    sources = Sources.inside(arguments.data)
    require_parts(sources, arguments.data, faces=arguments.stage != "audio", voices=arguments.stage != "visual")
    data = TeacherData(sources, arguments.cache)
    with distributed.joined(device):
        if arguments.fresh:
            distributed.from_first(lambda: forget(stages, place))
        outcomes = train_teacher(stages, data, settings, place)
        if distributed.rank() == 0:
            figures = {stage: outcome.figures for stage, outcome in outcomes.items()}
            print(json.dumps(figures) if arguments.json else _table(figures))
    return 0


def _table(figures: dict[Any, dict[str, Any]]) -> str:
    names = ("accuracy", "uar", "macro_f1", "ece", "loss")
    lines = [f"{'validation':18}" + "".join(f"{name:>10}" for name in names)]
    for stage, judged in figures.items():
        blocks = {
            stage: judged,
            **{f"{stage}, {name} only": judged[name] for name in ("video", "audio") if name in judged},
        }
        for title, block in blocks.items():
            lines.append(f"{title:18}" + "".join(f"{block[name]:>10.3f}" for name in names))
    return "\n".join(lines)
