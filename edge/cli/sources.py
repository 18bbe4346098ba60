"""The options that name camera and microphone, the same for all commands that open them."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """--camera, --mic, --loop, --config and --log-level; nothing is in the namespace but what was given."""
    parser.add_argument(
        "--camera", metavar="C", help="index, /dev/… path or by-id name, csi:0, rtsp://…, http://…, file, none"
    )
    parser.add_argument(
        "--mic", metavar="M", help="default, a name or part of one, an index, a sound or video file, none"
    )
    parser.add_argument("--loop", action=argparse.BooleanOptionalAction, help="begin a file again when it ends")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="TOML; default /etc/edge-emotion/config.toml when present"
    )
    add_log_level(parser)


def add_log_level(parser: argparse.ArgumentParser) -> None:
    """--log-level alone."""
    parser.add_argument("--log-level", metavar="L", help="debug, info, warning, error")
