"""`edge-emotion doctor`: its command line, and what it prints."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import Any

from edge.errors import ConfigError, EdgeError

_DESCRIPTION = """\
Checks everything that this machine needs: Python and its packages, the settings, the model, ONNX Runtime, and on an
NVIDIA GPU the driver (by a real cuInit as this user), TensorRT and the engines built for it. Nothing is changed, no
camera or microphone is opened.
"""
_EXAMPLES = """\
examples:
  edge-emotion doctor
  edge-emotion doctor --json
  edge-emotion doctor --engine tensorrt      fails where the GPU cannot be used
  sudo -u someone edge-emotion doctor        rights on device nodes are a user's own
  sudo systemd-run --pipe --wait -p DynamicUser=yes -p SupplementaryGroups="video audio render" \\
      -E STATE_DIRECTORY=/tmp edge-emotion doctor        the same rights as the service

Where the GPU cannot be used, ONNX Runtime computes instead: a warning, and a failure with --engine tensorrt.

exit codes: 0 this machine can run, 1 it cannot, 64 bad command line
"""
_OWN = frozenset({"command", "config", "as_json"})


def add_doctor(subcommands: Any) -> None:
    """The command's parser."""
    parser = subcommands.add_parser(
        "doctor",
        help="check everything that this machine needs; exit 1 when it cannot run",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        argument_default=argparse.SUPPRESS,
    )
    parser.set_defaults(command=doctor, as_json=False)
    parser.add_argument("--json", action="store_true", dest="as_json", help="as one JSON object")
    parser.add_argument("--engine", metavar="E", help="auto, tensorrt, onnx: judge as if the settings said so")
    parser.add_argument("--config", type=Path, metavar="FILE", help="this file instead of the usual one")


def doctor(arguments: argparse.Namespace) -> int:
    """Run all checks and tell."""
    from edge.cli.json_text import print_json
    from edge.cli.logs import log_to_stderr

    log_to_stderr("error")
    try:
        from rich.console import Console

        from edge.doctor import Machine, examine
        from edge.doctor.checks import CHECKS
        from edge.doctor.report import as_json, can_run, plain_lines, print_table
    except ImportError as error:  # what the checks themselves are made with
        raise EdgeError(
            f"not even the checks can run ({error}): pip install --force-reinstall edge-emotion."
        ) from error
    flags = {name: value for name, value in vars(arguments).items() if name not in _OWN}
    machine = Machine(flags, getattr(arguments, "config", None))
    with contextlib.suppress(ConfigError):  # one check's finding; a wrong flag is an error of the command
        machine.read_settings()
    findings = {}
    with Console(stderr=True).status("checking …") as status:
        for name, finding in examine(CHECKS, machine):
            findings[name] = finding
            status.update(f"checked {name} …")
    if arguments.as_json:
        print_json(as_json(findings, machine.board.as_dict()))
    elif sys.stdout.isatty():
        print_table(findings, Console())
    else:
        print("\n".join(plain_lines(findings)))
    return 0 if can_run(findings) else 1
