"""The end of a daemon: asked for, or not."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.bench.row import Row, spread
from tests.bench.scene import Scene
from tests.broker import Listener, Mosquitto, listening

AT_ONCE = 2
STOP_S = 5.0
WILL_S = 15.0
FROZEN_S = 25.0
"""One and a half keepalives, and what mosquitto takes to look round."""
STATUSES = tuple(f"status/{name}" for name in ("video", "audio", "engine"))


@dataclass(frozen=True)
class Ending:
    """How one run ended: exit code, the last word of `available`, and whether all else was said before it."""

    code: int
    last: str
    complete: bool
    seconds: float


def sigterm(scene: Scene) -> Row:
    """Asked to stop at odd moments while results are published."""
    wanted = scene.amount(100, 6)
    moments = [scene.chance.uniform(0.0, 2.0) for _ in range(wanted)]
    with scene.broker() as broker, listening(broker.port) as listener, ThreadPoolExecutor(AT_ONCE) as pool:
        ends = []
        for end in pool.map(lambda one: stopped_at(scene, broker, listener, *one), enumerate(moments)):
            ends.append(end)
            scene.tell(f"{len(ends)} of {wanted} ends")
    good = sum(end.code == 0 and end.last == "stopped" and end.complete for end in ends)
    words = sum(end.last == "stopped" for end in ends)
    took = spread([end.seconds for end in ends])
    return Row(
        f"SIGTERM to the real daemon {wanted} times, 0–2 s after its first result",
        f"{words} of {wanted} `stopped`, {good} with exit 0 and all statuses offline before; "
        f"stop p95 {took['p95']:.1f} s, max {took['max']:.1f} s",
        f"{wanted} of {wanted}",
        good == wanted,
        {"runs": wanted, "stopped": words, "complete": good, "stop_s": took},
    )


def stopped_at(scene: Scene, broker: Mosquitto, listener: Listener, number: int, moment_s: float) -> Ending:
    """One run that is asked to stop `moment_s` after its first result."""
    device = f"end{number}"
    with scene.daemon(broker.url, device=device) as daemon:
        listener.wait_for(f"{device}/emotion")
        time.sleep(moment_s)
        began = time.monotonic()
        done = daemon.end(signal.SIGTERM)
        seconds = time.monotonic() - began
    time.sleep(0.2)  # a will would come now
    heard = [one for one in list(listener.heard) if f"/{device}/" in one.topic]
    before = {one.topic.split("/", 2)[2]: one.payload for one in heard if not one.topic.endswith("/available")}
    last = [one for one in heard if one.topic.endswith("/available")][-1]
    complete = all(before.get(name) == "offline" for name in STATUSES) and '"emotion":null' in before.get("state", "")
    return Ending(done.code, last.payload, complete and heard[-1] is last, seconds)


def sigkill(scene: Scene) -> Row:
    """Killed, and frozen: the first closes the socket, the second leaves it open as a pulled plug does."""
    wanted = scene.amount(10, 2)
    killed = [_until_will(scene, signal.SIGKILL, number, wanted) for number in range(wanted)]
    frozen = _until_will(scene, signal.SIGSTOP, 0, 1)
    took = spread(killed)
    return Row(
        f"SIGKILL {wanted} times; SIGSTOP once, as when a plug is pulled",
        f"will p50 {took['p50']:.2f} s, max {took['max']:.2f} s after SIGKILL; {frozen:.1f} s after SIGSTOP",
        f"will ≤ {WILL_S:.0f} s after SIGKILL (≤ {FROZEN_S:.0f} s when frozen)",
        took["max"] <= WILL_S and frozen <= FROZEN_S,
        {"kills": wanted, "will_s": took, "will_after_sigstop_s": round(frozen, 2)},
    )


def _until_will(scene: Scene, number: int, done: int, wanted: int) -> float:
    scene.tell(f"{done} of {wanted}, {signal.Signals(number).name}")
    with scene.broker() as broker, listening(broker.port) as listener, scene.daemon(broker.url) as daemon:
        listener.wait_for("emotion")
        time.sleep(scene.chance.uniform(0.0, 1.0))
        daemon.child.send_signal(number)
        began = time.monotonic()
        try:
            return listener.wait_for("available", "offline").at - began
        finally:
            daemon.child.send_signal(signal.SIGCONT)
