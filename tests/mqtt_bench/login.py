"""A broker that lets nobody in, and one that nobody should trust."""

from __future__ import annotations

import re
import time
from contextlib import AbstractContextManager

from tests.bench.link import Link
from tests.bench.row import Row
from tests.bench.scene import Scene
from tests.broker import HOST
from tests.certificates import Authority
from tests.mqtt_bench.broker_log import PATIENCE_S
from tests.process.command import Running

TLS_HANDSHAKE = 0x16
EVERY_S = 2
"""How often it may try at most; a broker on this machine is asked more often than one far away."""


def refused(scene: Scene) -> Row:
    """A wrong name."""
    folder, seconds = scene.new_folder("users"), scene.amount(40, 10)
    (folder / "users").write_text("")
    with scene.broker(f"password_file {folder}/users", anonymous=False) as broker, Link(broker.port) as link:
        said, alive = _watched(scene.daemon(f"mqtt://mia@{HOST}:{link.port}"), link, seconds)
    return Row(
        f"the broker refuses the login, for {seconds} s",
        f"{len(link.first_bytes)} attempts, {len(said)} log line: “{_short(said)}”; results go on: {_yes(alive)}",
        f"one log line, results go on, ≤ 1 attempt in {EVERY_S} s",
        len(said) == 1 and alive and len(link.first_bytes) <= 1 + seconds / EVERY_S,
        {"attempts": len(link.first_bytes), "log_lines": said, "seconds": seconds},
    )


def expired(scene: Scene) -> Row:
    """A certificate that was good until yesterday."""
    folder, seconds = scene.new_folder("tls"), scene.amount(40, 10)
    authority = Authority(folder)
    server = authority.issue("server", days=-1)
    (folder / "config.toml").write_text(f'[mqtt]\nca_file = "{authority.own.cert}"\n')
    with scene.broker(f"certfile {server.cert}\nkeyfile {server.key}") as broker, Link(broker.port) as link:
        daemon = scene.daemon(f"mqtts://{HOST}:{link.port}", "--config", folder / "config.toml")
        said, alive = _watched(daemon, link, seconds)
    plain = sum(first[0] != TLS_HANDSHAKE for first in link.first_bytes)
    named = "expired" in " ".join(said)
    return Row(
        f"the broker's certificate expired yesterday, for {seconds} s",
        f"{len(link.first_bytes)} attempts, {plain} in plain text, {len(said)} log line: “{_short(said)}”; "
        f"results go on: {_yes(alive)}",
        "one log line that says why, never plain text, results go on",
        len(said) == 1 and named and plain == 0 and alive and bool(link.first_bytes),
        {"attempts": len(link.first_bytes), "plain": plain, "log_lines": said, "seconds": seconds},
    )


def _watched(daemon: AbstractContextManager[Running], link: Link, seconds: float) -> tuple[list[str], bool]:
    """What the daemon said about its broker, and whether it went on until it was asked to stop."""
    with daemon as running:
        running.wait_for(str(link.port), PATIENCE_S)
        time.sleep(seconds)
        running.wait_for_results(5)
        said = [line.strip() for line in running.err if str(link.port) in line]
        return said, running.end().code == 0


def _short(lines: list[str]) -> str:
    """Without time and level, nor the port, which is another each time."""
    return re.sub(r":\d+", "", lines[0].split(maxsplit=2)[2]) if lines else ""


def _yes(value: bool) -> str:
    return "yes" if value else "no"
