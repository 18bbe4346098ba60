"""`edge-emotion config`: what is in force, whether a file is right, and what there is to set."""

from __future__ import annotations

import argparse
import dataclasses
import os
from pathlib import Path
from typing import Any

from edge.cli.json_text import print_json

_EXAMPLES = """\
examples:
  edge-emotion config show
  edge-emotion config check /etc/edge-emotion/config.toml
  edge-emotion config example > config.toml
  edge-emotion config reference --json
"""


def add_config(subcommands: Any) -> None:
    """The command's parser."""
    config = subcommands.add_parser(
        "config",
        help="show the effective config, check a file, or tell all that can be set",
        epilog=_EXAMPLES,
    )
    actions = config.add_subparsers(metavar="show|check|schema|example|reference", required=True)
    shown = actions.add_parser("show", help="the effective config as TOML, secrets masked")
    shown.set_defaults(command=show)
    shown.add_argument("--config", type=Path, metavar="FILE", help="this file instead of the usual one")
    checked = actions.add_parser("check", help="a verdict on a file; exit 78 when it is wrong")
    checked.set_defaults(command=check)
    checked.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: the file that `run` would take")
    checked.add_argument("--config", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    actions.add_parser("schema", help="the JSON Schema of the file").set_defaults(command=schema)
    begun = actions.add_parser("example", help="a file to begin with: every key, what it is, its default in a comment")
    begun.set_defaults(command=example)
    told = actions.add_parser("reference", help="every key, its default, what is allowed: as Markdown")
    told.set_defaults(command=reference)
    told.add_argument("--json", action="store_true", help="as a JSON list")
    told.add_argument(
        "--into", type=Path, metavar="PAGE", help="write it into PAGE, between <!-- keys --> and <!-- /keys -->"
    )


def show(arguments: argparse.Namespace) -> int:
    """The effective config."""
    from edge.config import as_toml, load_settings

    print(as_toml(load_settings({}, arguments.config, os.environ)), end="")
    return 0


def check(arguments: argparse.Namespace) -> int:
    """A verdict on a file alone, without the environment."""
    from edge.config import config_file, load_settings

    path = arguments.file or arguments.config or config_file(os.environ)
    if path is None:
        print("no config file: the defaults are used")
        return 0
    load_settings({}, path, {})
    print(f"{path} is fine")
    return 0


def schema(_arguments: argparse.Namespace) -> int:
    """The JSON Schema of the config file."""
    from edge.config import Settings

    print_json(Settings.model_json_schema(by_alias=True))
    return 0


def example(_arguments: argparse.Namespace) -> int:
    """A config file that changes nothing yet and tells all there is to change."""
    from edge.config.example import as_example

    print(as_example(), end="")
    return 0


def reference(arguments: argparse.Namespace) -> int:
    """All keys, as the page docs/config.md has them."""
    from edge.config.entries import entries
    from edge.config.reference import as_markdown, write_into

    if arguments.json:
        print_json([{"key": entry.key, **dataclasses.asdict(entry)} for entry in entries()])
    elif arguments.into is not None:
        write_into(arguments.into)
    else:
        print(as_markdown(), end="")
    return 0
