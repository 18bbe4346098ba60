"""The command line of `edge-emotion`. Values are checked with the settings: file, environment and flags agree."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from edge.cli import commands
from edge.cli.calibrating import add_calibrate
from edge.cli.configuring import add_config
from edge.cli.discovery import add_remove_discovery
from edge.cli.doctor import add_doctor
from edge.cli.recording import add_record
from edge.cli.schemas import add_schema
from edge.cli.sources import add_log_level, add_source_options
from edge.errors import UsageError

_EXAMPLES = """\
examples:
  edge-emotion --camera 0 --mic default
  edge-emotion demo
  edge-emotion --camera clip.mp4 --mic clip.mp4 --broker none --json
  edge-emotion record take1.mkv --duration 10
  edge-emotion calibrate
  edge-emotion run --help

exit codes: 0 fine, 1 a check failed, 64 bad command line, 69 a demanded device is missing, 78 bad config
"""
_RUN_EXAMPLES = """\
examples:
  edge-emotion --camera 0 --mic default
  edge-emotion --camera /dev/v4l/by-id/usb-… --mic "USB Audio" --broker mqtt://user@broker.local
  edge-emotion --camera rtsp://camera.local/stream --mic none --overlay
  edge-emotion --camera clip.mp4 --mic clip.mp4 --loop --broker embedded --duration 60

Every option is also a key of the config file and a variable EDGE_EMOTION_…; flags win over variables, variables
over the file.
"""


class Parser(argparse.ArgumentParser):
    """argparse, with one sentence for each error and no abbreviations."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of printing the usage and leaving."""
        text = re.sub(r"^arguments? (\S+): ", r"\1: ", message)
        raise UsageError(f"{text}; see {self.prog} --help.")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The command line, with the command's function in `command`. Raises UsageError."""
    parser, parsers = _build()
    words = _with_default_command(words, parsers)
    arguments, unknown = parser.parse_known_args(words)
    if unknown:
        chosen = parsers.get(words[0], parser)
        options = [option for action in chosen._actions for option in action.option_strings]  # noqa: SLF001 - no other way
        raise UsageError(_unknown("argument", unknown[0].split("=")[0], options, f"{chosen.prog} --help"))
    return arguments


def _with_default_command(words: Sequence[str], known: Iterable[str]) -> list[str]:
    """`run` in front of a command line that begins with an option."""
    if words and words[0] in {"-h", "--help", "--version"}:
        return list(words)
    if not words or words[0].startswith("-"):
        return ["run", *words]
    if words[0] not in known:
        raise UsageError(_unknown("command", words[0], known, "edge-emotion --help"))
    return list(words)


def _build() -> tuple[Parser, Mapping[str, Parser]]:
    """The parser of the whole line, and those of the commands by name."""
    parser = Parser(
        prog="edge-emotion",
        description="A live camera and microphone in, emotion messages over MQTT out.\n"
        "Without a command it runs: `edge-emotion --camera 0 --mic default`.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--version", action="store_const", const=commands.version, dest="command", help="as `version`")
    subcommands = parser.add_subparsers(metavar="COMMAND", title="commands")
    _add_run(subcommands)
    _add_demo(subcommands)
    add_record(subcommands)
    add_calibrate(subcommands)
    _add_inspection(subcommands)
    add_doctor(subcommands)
    add_config(subcommands)
    _add_switch(subcommands)
    add_remove_discovery(subcommands)
    return parser, subcommands.choices


def _unknown(kind: str, word: str, known: Iterable[str], help_command: str) -> str:
    near = difflib.get_close_matches(word, list(known), 1, 0.6)
    return f"unknown {kind} '{word}': " + (f"did you mean {near[0]}?" if near else f"see {help_command}.")


def _add_run(subcommands: Any) -> None:
    run = subcommands.add_parser(
        "run",
        help="run the daemon in the foreground (the default)",
        epilog=_RUN_EXAMPLES,
        argument_default=argparse.SUPPRESS,
    )
    run.set_defaults(command=commands.run)
    add_source_options(run)
    run.add_argument(
        "--broker",
        metavar="URL",
        help="mqtt://user@host:1883, mqtts://host:8883, ws://host:80/mqtt, wss://host:443/mqtt, "
        "unix:///path/of/socket, embedded, none",
    )
    run.add_argument("--engine", metavar="E", help="auto, tensorrt, onnx")
    run.add_argument(
        "--require-devices", action=argparse.BooleanOptionalAction, help="exit 69 when camera or microphone is missing"
    )
    _add_output_options(run)


def _add_demo(subcommands: Any) -> None:
    demo = subcommands.add_parser(
        "demo",
        help="the same daemon on a built-in clip, with its own broker",
        description="Replays a built-in clip through the daemon. Needs no camera, microphone, broker or config.",
        epilog="examples:\n  edge-emotion demo\n  edge-emotion demo --duration 10 --json\n",
        argument_default=argparse.SUPPRESS,
    )
    demo.set_defaults(command=commands.demo)
    _add_output_options(demo)
    add_log_level(demo)


def _add_output_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device-id", metavar="NAME", help="name of this device in topics; default the host name")
    parser.add_argument("--overlay", action=argparse.BooleanOptionalAction, help="a local window with the results")
    parser.add_argument("--lsl", action=argparse.BooleanOptionalAction, help="results as LabStreamingLayer streams too")
    parser.add_argument("--json", action="store_true", help="results as JSON lines on standard output")
    parser.add_argument("--duration", metavar="S", help="stop cleanly after S seconds")


def _add_inspection(subcommands: Any) -> None:
    devices = subcommands.add_parser("devices", help="cameras and microphones with their stable names")
    devices.set_defaults(command=commands.devices)
    devices.add_argument("--json", action="store_true", help="as one JSON object")

    add_schema(subcommands)
    bench = subcommands.add_parser("bench", help="measure this machine: latency, CPU, memory, misses")
    bench.set_defaults(command=commands.bench)
    bench.add_argument("--seconds", type=float, default=20.0, metavar="S", help="how long (default 20)")
    bench.add_argument("--json", action="store_true", help="as one JSON object")

    version = subcommands.add_parser("version", help="versions of the package, the model and what they run on")
    version.set_defaults(command=commands.version)
    version.add_argument("--json", action="store_true", help="as one JSON object")


def _add_switch(subcommands: Any) -> None:
    for name, help_text in (
        ("enable", "the privacy switch: camera and microphone may be opened"),
        ("disable", "the privacy switch: release camera and microphone, also after a restart"),
    ):
        switch = subcommands.add_parser(name, help=help_text)
        switch.set_defaults(command=commands.switch, on=name == "enable")
