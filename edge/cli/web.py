"""The command `edge-emotion-web`: every error is one sentence and an exit code."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge.cli.parser import Parser
from edge.cli.report import report
from edge.cli.streams import mend_streams
from edge.errors import EdgeError, UsageError

NAME = "edge-emotion-web"
_INTERRUPTED = 130
_NEEDED = ("fastapi", "prometheus_client", "uvicorn")
_DESCRIPTION = """\
Serves what one device says, read from its MQTT broker: /live (server-sent events), /healthz, /metrics (Prometheus),
/openapi.json. Without camera, microphone and GPU; broker, login and device id are those of the config file.
"""
_EXAMPLES = """\
examples:
  edge-emotion-web
  edge-emotion-web --broker mqtt://dashboard@broker.local --device-id desk --port 9000
  edge-emotion-web --host 0.0.0.0 --allow-host jetson.local --token-file /etc/edge-emotion/web-token
  curl -N http://127.0.0.1:8088/live

exit codes: 0 fine, 1 the port is taken or the extra `web` is missing, 64 bad command line, 78 bad config
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve; gives the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    mend_streams()
    try:
        return _serve(_parser().parse_args(words))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except SystemExit as end:  # argparse, after the help
        return int(end.code or 0)
    except EdgeError as error:
        return report(NAME, str(error), error.exit_code, words)
    except Exception as error:
        kind = f"{type(error).__name__}: {error}".rstrip(": ")
        return report(NAME, f"an error of the program itself ({kind}): --log-level debug shows where.", 1, words)


def _parser() -> Parser:
    parser = Parser(prog=NAME, description=_DESCRIPTION, epilog=_EXAMPLES, argument_default=argparse.SUPPRESS)
    parser.add_argument("--host", metavar="ADDRESS", help="where to listen (default 127.0.0.1); others need a token")
    parser.add_argument("--port", metavar="N", help="default 8088; 0 is any free one")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="its first line has to come with every request")
    parser.add_argument(
        "--allow-host", action="append", metavar="NAME", help="another name that browsers may call this server by"
    )
    parser.add_argument("--broker", metavar="URL", help="mqtt://user@host:1883 and the like; default the config's")
    parser.add_argument("--device-id", metavar="NAME", help="whose messages; default the config's, else the host name")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="TOML; default /etc/edge-emotion/config.toml when present"
    )
    parser.add_argument("--log-level", metavar="LEVEL", help="debug, info, warning, error")
    return parser


def _serve(arguments: argparse.Namespace) -> int:
    _check_extra()
    from edge.cli.logs import log_to_stderr
    from edge.config import load_settings
    from edge.web.server import Door, run

    given = vars(arguments)
    flags: dict[str, Any] = {key: given[key] for key in ("broker", "device_id", "log_level") if key in given}
    settings = load_settings(flags, given.get("config"), os.environ)
    log_to_stderr(settings.log_level, NAME)
    door = Door(
        host=given.get("host", Door.host),
        port=_port(given.get("port", str(Door.port))),
        token_file=given.get("token_file"),
        allow_hosts=tuple(given.get("allow_host", ())),
    )
    return run(settings, door)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise UsageError(f"--port is {text!r}, but it should be a number from 0 to 65535.")
    return int(text)


def _check_extra() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise EdgeError(f"{missing[0]} is missing: install the package with its extra 'web', as edge-deploy does.")


if __name__ == "__main__":
    sys.exit(main())
