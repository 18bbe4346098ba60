"""`edge-emotion doctor`: its command line, and what it prints."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.errors import ConfigError, EdgeError

if TYPE_CHECKING:
    from edge.doctor import Finding, Machine

_DESCRIPTION = """\
Checks everything that this machine needs: Python and its packages, the settings, the model, ONNX Runtime, camera and
microphone (each is opened for 3 s, never while the privacy switch is OFF), the broker (with the settings' login), the
service, clock, disk and heat, and on an NVIDIA GPU the driver (by a real cuInit as this user), TensorRT and the engines
built for it. Nothing is changed without --fix.
"""
_EXAMPLES = """\
examples:
  edge-emotion doctor
  edge-emotion doctor --json
  edge-emotion doctor --no-devices           opens neither camera nor microphone
  edge-emotion doctor --engine tensorrt      fails where the GPU cannot be used
  sudo edge-emotion doctor --as-service      with the rights of the service: its groups, devices, folders, password
  edge-emotion doctor --fix                  first says and does what is safe, then checks: folders, rights, old engines
  edge-emotion doctor --explain              all that it can find, and how to mend it

Where the GPU cannot be used, ONNX Runtime computes instead: a warning, and a failure with --engine tensorrt.

exit codes: 0 this machine can run, 1 it cannot, 64 bad command line
"""
_OWN = frozenset({"command", "config", "as_json", "no_devices", "fix", "as_service", "explain"})


def add_doctor(subcommands: Any) -> None:
    """The command's parser."""
    parser = subcommands.add_parser(
        "doctor",
        help="check everything that this machine needs; exit 1 when it cannot run",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        argument_default=argparse.SUPPRESS,
    )
    parser.set_defaults(command=doctor, as_json=False, no_devices=False, fix=False, as_service=False, explain=False)
    parser.add_argument("--json", action="store_true", dest="as_json", help="as one JSON object")
    parser.add_argument("--no-devices", action="store_true", help="open neither camera nor microphone")
    parser.add_argument("--fix", action="store_true", help="say and do first what is safe")
    parser.add_argument("--as-service", action="store_true", help="with the rights of edge-emotion.service (root)")
    parser.add_argument(
        "--explain", action="store_true", help="print all that can be found, as Markdown; check nothing"
    )
    parser.add_argument("--engine", metavar="E", help="auto, tensorrt, onnx: judge as if the settings said so")
    parser.add_argument("--config", type=Path, metavar="FILE", help="this file instead of the usual one")


def doctor(arguments: argparse.Namespace) -> int:
    """Run all checks and tell."""
    from edge.cli.logs import log_to_stderr

    log_to_stderr("error")
    if arguments.as_service:
        return _as_service(arguments)
    try:
        from edge.doctor import Machine
        from edge.doctor.report import can_run
    except ImportError as error:  # what the checks themselves are made with
        raise EdgeError(
            f"not even the checks can run ({error}): install this project again from its checkout or wheel, by sudo "
            "edge-deploy provision SOURCE or pip install --force-reinstall SOURCE."
        ) from error
    if arguments.explain:
        from edge.doctor.troubleshooting import markdown

        print(markdown(), end="")
        return 0
    flags = {name: value for name, value in vars(arguments).items() if name not in _OWN}

    def here() -> Machine:
        return Machine(flags, getattr(arguments, "config", None), opens_devices=not arguments.no_devices)

    with contextlib.suppress(ConfigError):  # one check's finding; a wrong flag is an error of the command
        here().read_settings()
    if arguments.fix:
        _fix(here())
    machine = here()
    findings = _look(machine)
    _print(findings, machine, arguments.as_json)
    return 0 if can_run(findings) else 1


def _print(findings: dict[str, Finding], machine: Machine, as_json: bool) -> None:
    """As one JSON object, as a table on a terminal, or as plain lines."""
    from rich.console import Console

    from edge.cli.json_text import print_json
    from edge.doctor import report

    if as_json:
        print_json(report.as_json(findings, machine.board.as_dict()))
    elif sys.stdout.isatty():
        report.print_table(findings, Console())
    else:
        print("\n".join(report.plain_lines(findings)))


def _look(machine: Machine) -> dict[str, Finding]:
    """One round; what is being done is shown on a terminal's standard error."""
    from rich.console import Console

    from edge.doctor import examine
    from edge.doctor.checks import CHECKS

    findings = {}
    with Console(stderr=True).status("checking …") as status:
        machine.tell = status.update
        for name, finding in examine(CHECKS, machine):
            findings[name] = finding
            status.update(f"checked {name} …")
    return findings


def _fix(machine: Machine) -> None:
    """Say what is going to be done, do it, say how it went: all on standard error."""
    from edge.doctor.checks import CHECKS
    from edge.doctor.fix import applied, fixes

    offers = list(fixes(CHECKS, machine))
    for offer in offers:
        print(f"going to {offer.words} …", file=sys.stderr)
        print(applied(offer), file=sys.stderr)
    if not offers:
        print("nothing here is safe to mend by itself", file=sys.stderr)


def _as_service(arguments: argparse.Namespace) -> int:
    """The same command once more, with other rights; its output passes through."""
    from edge.doctor.as_service import service_command

    words = ["doctor"]
    words += ["--json"] * arguments.as_json + ["--no-devices"] * arguments.no_devices + ["--fix"] * arguments.fix
    for name in ("engine", "config"):
        if hasattr(arguments, name):
            words += [f"--{name}", str(getattr(arguments, name))]
    return subprocess.run(service_command(words), check=False).returncode
