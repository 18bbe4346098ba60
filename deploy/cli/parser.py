"""The command line of `edge-deploy`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from deploy.cli import commands
from edge import __version__
from edge.errors import UsageError

_EXAMPLES = """\
examples:
  sudo edge-deploy provision --camera 0 --mic default      install from this checkout, enable, start
  edge-deploy provision --dry-run                          tell what would be changed, change nothing
  sudo edge-deploy provision edge_emotion-1.2-….whl        upgrade; goes back when the new one fails its own doctor
  sudo edge-deploy provision --wheels wheels               without a network
  sudo edge-deploy provision --root /mnt/image             into the image of a board
  sudo edge-deploy remove                                  takes all of it back, and says what it leaves
  edge-deploy status --json

exit codes: 0 fine, 1 it could not be done, 64 bad command line, 78 settings that cannot be
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Raises UsageError."""
    parser = _Parser(
        prog="edge-deploy",
        description="Installs edge-emotion as a service on this machine or into an image, and takes it away again.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subcommands = parser.add_subparsers(metavar="COMMAND", required=True)
    _add_provision(subcommands)
    _add_remove(subcommands)
    _add_status(subcommands)
    return parser.parse_args(words)


def _command(subcommands: Any, name: str, text: str, command: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subcommands.add_parser(
        name,
        help=text,
        description=f"{text[:1].upper()}{text[1:]}.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(command=command)
    parser.add_argument("--root", default="/", metavar="DIR", help="an image's root instead of /")
    parser.add_argument("--json", action="store_true", dest="as_json", help="JSON lines on standard output")
    return parser


def _add_provision(subcommands: Any) -> None:
    parser = _command(subcommands, "provision", "install, upgrade, or go on where it was cut off", commands.provision)
    parser.add_argument("source", type=Path, nargs="?", metavar="SOURCE", help="a checkout, wheel or sdist")
    parser.add_argument("--dry-run", action="store_true", help="tell each change, make none; needs no root")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="wheels from this folder instead of pip's index")
    parser.add_argument("--web", action="store_true", help="the web process too")
    parser.add_argument("--no-broker", action="store_true", help="never install mosquitto along")
    parser.add_argument("--no-start", action="store_true", help="enable, but do not start now")
    parser.add_argument("--brought", help=argparse.SUPPRESS)  # by install.sh
    new = parser.add_argument_group("for a config that does not exist yet")
    new.add_argument("--camera", metavar="C", help="as for edge-emotion run")
    new.add_argument("--mic", metavar="M", help="as for edge-emotion run")
    new.add_argument("--broker", metavar="URL", help="as for edge-emotion run")
    new.add_argument("--device-id", metavar="ID", help="as for edge-emotion run")
    parser.add_argument("--mqtt-password-file", type=Path, metavar="FILE", help="the broker's password: its first line")


def _add_remove(subcommands: Any) -> None:
    parser = _command(subcommands, "remove", "take back all that provision has changed", commands.remove)
    parser.add_argument("--dry-run", action="store_true", help="tell what would be taken away, change nothing")
    parser.add_argument("--purge", action="store_true", help="settings, password and state too")
    parser.add_argument("--keep-packages", action="store_true", help="leave the packages that came from apt")


def _add_status(subcommands: Any) -> None:
    _command(subcommands, "status", "tell which release is in force and how its units are", commands.status)
