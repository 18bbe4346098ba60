"""`edge-emotion calibrate`: its command line, and what it says at the end."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.cli.sources import add_source_options
from edge.errors import UsageError

if TYPE_CHECKING:
    from edge.calibrate.session import Found

_OWN = frozenset({"command", "config", "claps", "seconds", "dry_run", "as_json"})
_CLAPS = (3, 20)
_SECONDS = (5.0, 600.0)
_LARGE_MS = 400.0
"""Claps in an even rhythm fit a lag that is wrong by one beat, if some of them were missed."""
_VARIABLE = "EDGE_EMOTION_SYNC__AUDIO_OFFSET_MS"
_EXAMPLES = """\
examples:
  edge-emotion calibrate
  edge-emotion calibrate --camera 0 --mic "USB Audio" --claps 6 --seconds 40
  edge-emotion calibrate --camera clip.mp4 --mic clip.mp4 --dry-run --json

Clap before the camera, near the microphone. Where picture and sound agree, the lag is written to the config file as
[sync] audio_offset_ms: the file that `run` reads, or --config FILE; nothing else in it is changed (docs/calibrate.md).

exit codes: 0 written, 1 no claps that agree, or the file could not be written, 64 bad command line, 69 a device is
missing, 78 bad config
"""


def add_calibrate(subcommands: Any) -> None:
    """The command's parser."""
    parser = subcommands.add_parser(
        "calibrate",
        help="three claps: the constant lag between camera and microphone, into the config",
        epilog=_EXAMPLES,
        argument_default=argparse.SUPPRESS,
    )
    parser.set_defaults(command=calibrate, claps=3, seconds=20.0, dry_run=False, as_json=False)
    add_source_options(parser)
    parser.add_argument("--claps", type=int, metavar="N", help="how many have to agree (default 3)")
    parser.add_argument("--seconds", type=float, metavar="S", help="how long to wait for them (default 20)")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    parser.add_argument("--json", action="store_true", dest="as_json", help="as one JSON object")


def calibrate(arguments: argparse.Namespace) -> int:
    """Wait for the claps, write the lag, and say what it is."""
    _check("--claps", arguments.claps, _CLAPS)
    _check("--seconds", arguments.seconds, _SECONDS)
    from edge.cli.logs import log_to_stderr
    from edge.config import load_settings

    given = vars(arguments)
    named = given.get("config")
    flags = {key: value for key, value in given.items() if key not in _OWN}
    # A file that is to be made says nothing yet.
    settings = load_settings(flags, named if named is None or named.exists() else Path(os.devnull), os.environ)
    log_to_stderr(settings.log_level)
    from edge.calibrate.config_file import target_file, write_offset
    from edge.calibrate.session import calibrate as calibrate_now

    found = calibrate_now(settings, arguments.claps, arguments.seconds)
    offset_ms = round(found.agreement.offset_ms, 1)
    path = None if arguments.dry_run else target_file(named)
    if path is not None:
        write_offset(path, offset_ms)
    before_ms = settings.sync.audio_offset_ms
    if arguments.as_json:
        print(json.dumps(as_json(found, before_ms, path), ensure_ascii=False))
    else:
        print("\n".join(summary(found, before_ms, path)))
    if abs(offset_ms) > _LARGE_MS:
        print("That is a large lag: calibrate again, with claps at uneven distances, to be sure.", file=sys.stderr)
    if path is not None and os.environ.get(_VARIABLE):
        print(f"The variable {_VARIABLE} is set and wins over the file: unset it.", file=sys.stderr)
    return 0


def summary(found: Found, before_ms: float | None, path: Path | None) -> list[str]:
    """The lag in a few lines for people. `before_ms`: what was in force until now; `path`: where it was written."""
    agreement = found.agreement
    which = "later" if agreement.offset_ms > 0 else "earlier"
    before = "" if before_ms is None else f" (until now {before_ms:+.1f} ms)"
    claps = ", ".join(f"{pair.offset_ms:+.0f}" for pair in agreement.pairs)
    return [
        f"lag      {agreement.offset_ms:+.1f} ± {agreement.ci_ms:.1f} ms: sound {which} than picture{before}",
        f"claps    {claps} ms",
        f"devices  {found.camera} and {found.mic}",
        "written  nothing (--dry-run)" if path is None else f"written  {path}",
    ]


def as_json(found: Found, before_ms: float | None, path: Path | None) -> dict[str, Any]:
    """The same for programs."""
    return {
        "offset_ms": round(found.agreement.offset_ms, 1),
        "ci_ms": round(found.agreement.ci_ms, 1),
        "claps": [
            {"seen_ns": pair.seen_ns, "heard_ns": pair.heard_ns, "offset_ms": round(pair.offset_ms, 1)}
            for pair in found.agreement.pairs
        ],
        "before_ms": before_ms,
        "camera": found.camera,
        "mic": found.mic,
        "config": None if path is None else str(path),
    }


def _check(option: str, value: float, limits: tuple[float, float]) -> None:
    if not limits[0] <= value <= limits[1]:  # false for nan too
        raise UsageError(f"{option} is {value:g}, but it should be {limits[0]:g} to {limits[1]:g}.")
