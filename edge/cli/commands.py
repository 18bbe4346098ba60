"""What each command does. Everything heavy is imported inside, so that help and errors are instant."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from pathlib import Path

from edge.cli.flags import given_flags
from edge.cli.json_text import print_json
from edge.errors import UsageError

_DEMO_SECONDS = 30.0
_MOST_SECONDS = 86_400.0


def run(arguments: argparse.Namespace) -> int:
    """The daemon in the foreground."""
    from edge.cli.logs import log_to_stderr
    from edge.config import Settings, config_file, load_settings

    file = getattr(arguments, "config", None) or config_file(os.environ)

    def read() -> Settings:  # at a reload the same file: one that is gone is an error then, not all defaults
        return load_settings(given_flags(arguments), file, os.environ)

    settings = read()
    log_to_stderr(settings.log_level)
    from edge import daemon

    return daemon.run(settings, again=read)


def demo(arguments: argparse.Namespace) -> int:
    """The daemon on the built-in clip; neither the config file nor the environment have a say in it."""
    from edge.cli.logs import log_to_stderr
    from edge.config import load_settings

    flags = {"duration": _DEMO_SECONDS, **given_flags(arguments)}
    settings = load_settings({"broker": "embedded", "loop": True, **flags}, Path(os.devnull), {})
    log_to_stderr(settings.log_level)
    from edge import daemon
    from edge.capture.demo import demo_clip

    clip = str(demo_clip())
    return daemon.run(settings.model_copy(update={"camera": clip, "mic": clip}))


def devices(arguments: argparse.Namespace) -> int:
    """Cameras and microphones with their stable names."""
    from edge.capture.cameras import list_cameras
    from edge.capture.microphones import list_microphones

    found = {"cameras": list_cameras(), "microphones": list_microphones()}
    if arguments.json:
        print_json({kind: [dataclasses.asdict(device) for device in several] for kind, several in found.items()})
        return 0
    for kind, option in (("cameras", "--camera"), ("microphones", "--mic")):
        print(f"{kind} ({option}):" if found[kind] else f"{kind}: none")
        for device in found[kind]:
            print(f"  {device.index:>2}  {device.name}  ({device.label}{', default' if device.default else ''})")
    return 0


def bench(arguments: argparse.Namespace) -> int:
    """Measure this machine."""
    if not 0 < arguments.seconds <= _MOST_SECONDS:  # false for nan too
        raise UsageError(f"--seconds is {arguments.seconds:g}, but it should be above 0 and at most {_MOST_SECONDS:g}.")
    from edge import bench as measure
    from edge.cli.logs import log_to_stderr

    log_to_stderr("warning")
    return measure.run(arguments.seconds, arguments.json)


def version(arguments: argparse.Namespace) -> int:
    """Versions of everything that a bug report should name."""
    from edge.cli.versions import versions

    found = versions()
    if getattr(arguments, "json", False):  # `--version` has no options
        print_json(found)
    else:
        for name, value in found.items():
            print(f"{name:<12} {value or '-'}")
    return 0


def switch(arguments: argparse.Namespace) -> int:
    """The privacy switch; a running daemon sees it within a moment."""
    from edge.config import service_switch_elsewhere, set_enabled

    path = set_enabled(arguments.on)
    print(f"{'enabled' if arguments.on else 'disabled'} ({path})")
    other = service_switch_elsewhere()
    if other:
        remedy = f"{'' if os.geteuid() == 0 else 'sudo '}edge-emotion {'enable' if arguments.on else 'disable'}"
        remedy += " without STATE_DIRECTORY" if os.environ.get("STATE_DIRECTORY") else ""
        print(f"The service on this machine has a switch of its own, {other}: {remedy}", file=sys.stderr)
    return 0
