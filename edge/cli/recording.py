"""`edge-emotion record`: its command line, and what it says at the end."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from edge.cli.sources import add_source_options

_OWN = frozenset({"command", "config", "out", "force", "label", "person", "intensity", "licence", "summary_json"})
_EXAMPLES = """\
examples:
  edge-emotion record take1.mkv
  edge-emotion record happy/anna1 --camera 0 --mic default --duration 10 --label happy --person anna
  edge-emotion record take.mp4 --camera rtsp://camera.local/stream --mic "USB Audio" --require-devices
  edge-emotion record copy.mkv --camera clip.mp4 --mic clip.mp4

Beside the clip appear take1.json (what was recorded, how well) and take1.jsonl (every frame, every 10 ms of sound and
every window, on one time base; docs/recordings.md). Ctrl-C ends the recording; a second Ctrl-C ends the look at the
finished clip. Camera, microphone and their settings are those of `run`: flags, variables and the config file.

exit codes: 0 fine, 1 a device was lost or a file could not be written, 64 bad command line, 69 a device is missing,
78 bad config
"""


def add_record(subcommands: Any) -> None:
    """The command's parser."""
    parser = subcommands.add_parser(
        "record",
        help="camera and microphone in step into a clip with its time-aligned metadata",
        epilog=_EXAMPLES,
        argument_default=argparse.SUPPRESS,
    )
    parser.set_defaults(command=record)
    parser.add_argument("out", metavar="OUT", help="the clip: .mkv (default; sound without loss) or .mp4")
    add_source_options(parser)
    parser.add_argument("--duration", metavar="S", help="end after S seconds")
    parser.add_argument("--force", action="store_true", help="overwrite what is there")
    parser.add_argument("--label", metavar="EMOTION", help="what the clip shows, for training")
    parser.add_argument("--person", metavar="NAME", help="whose face and voice it is, for splits by person")
    parser.add_argument("--intensity", metavar="I", help="low, normal, strong")
    parser.add_argument("--licence", metavar="TEXT", help="what may be done with the clip")
    parser.add_argument(
        "--require-devices", action=argparse.BooleanOptionalAction, help="exit 69 when camera or microphone is missing"
    )
    parser.add_argument("--device-id", metavar="NAME", help="name of this device in the header; default the host name")
    parser.add_argument("--json", action="store_true", dest="summary_json", help="the header on standard output")


def record(arguments: argparse.Namespace) -> int:
    """Record, then say what came of it."""
    from edge.cli.logs import log_to_stderr
    from edge.config import load_settings
    from edge.record.files import RecordingFiles
    from edge.record.take import Take

    given = vars(arguments)
    take = Take(given.get("label"), given.get("person"), given.get("intensity"), given.get("licence"))
    flags = {key: value for key, value in given.items() if key not in _OWN}
    settings = load_settings(flags, given.get("config"), os.environ)
    files = RecordingFiles.named(given["out"], force=given.get("force", False))
    log_to_stderr(settings.log_level)
    from edge.record.session import record as record_now

    outcome = record_now(settings, take, files)
    if given.get("summary_json"):
        print(json.dumps(outcome.header, ensure_ascii=False))
    else:
        print("\n".join(summary(outcome.header, files.clip.parent)))
    return outcome.code


def summary(header: dict[str, Any], folder: Path) -> list[str]:
    """The header in a few lines for people."""
    video, audio, rows = header["video"], header["audio"], header["rows"]
    lines = [f"{folder / header['clip']}: {header['seconds']:.1f} s"]
    if video:
        faces = f"a face in {header['found']['frames_with_face']} of {rows['frame']}"
        lines.append(f"  picture  {video['frames']} frames, {faces}; {video['dropped']} dropped")
    if audio:
        holes = f"{audio['holes']} holes ({audio['lost_ms'] / 1000:.2f} s)" if audio["holes"] else "no holes"
        lines.append(f"  sound    {audio['seconds']:.1f} s, {holes}; {audio['dropped']} chunks dropped")
    off = [f"{name} {track['deviation_ms']} ms" for name, track in (("picture", video), ("sound", audio)) if track]
    lines.append(f"  stamps   off by at most {', '.join(off)} (read by {header['stamps_read_by']})")
    if video and audio:
        lines.append(f"  lag      {_lag(header['lag'])}; {_windows(header)}")
    if not rows["complete"]:
        lines.append("  the table was ended early: it does not reach the end of the clip")
    return lines


def _lag(lag: dict[str, Any]) -> str:
    if lag["audio_lag_ms"] is None:
        return "not known (it takes some seconds of speech)"
    if lag["audio_lag_ci_ms"] is None:
        return f"sound {lag['audio_lag_ms']:+.0f} ms, as given"
    return f"sound {lag['audio_lag_ms']:+.0f} ± {lag['audio_lag_ci_ms']:.0f} ms"


def _windows(header: dict[str, Any]) -> str:
    return f"{header['found']['windows_warped']} of {header['rows']['window']} windows warped"
