"""How each fault is made, and healed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass

from edge.config import set_enabled
from tests.soak.watched import Watched
from tests.soak.world import World

SLOW_HZ = 3.0


@dataclass(frozen=True)
class Handle:
    """Two things to do, one after the other."""

    make: Callable[[], object]
    heal: Callable[[], object]


def handles(world: World, daemon: Watched) -> dict[str, Handle]:
    """By the names of `tests.soak.plan.KINDS`."""
    camera, microphone, voice, broker = world.camera, world.microphone, world.voice, world.broker
    to_camera, to_broker, busy = world.to_camera, world.to_broker, world.busy
    return {
        "camera killed": Handle(_both(camera.stop, to_camera.cut), _both(camera.start, to_camera.mend)),
        "camera stopped": Handle(camera.stall, camera.resume),
        "camera frozen": Handle(camera.freeze, camera.play),
        "camera slowed": Handle(lambda: camera.slow_down(SLOW_HZ), camera.play),
        "microphone killed": Handle(microphone.stop, microphone.start),
        "microphone stopped": Handle(microphone.stall, microphone.resume),
        "microphone silent": Handle(voice.hush, voice.speak),
        "broker killed": Handle(_both(broker.stop, to_broker.cut), _both(broker.start, to_broker.mend)),
        "broker stopped": Handle(broker.stall, broker.resume),
        "network held up": Handle(_both(to_camera.hold, to_broker.hold), _both(to_camera.release, to_broker.release)),
        "network cut": Handle(_both(to_camera.cut, to_broker.cut), _both(to_camera.mend, to_broker.mend)),
        "busy loops": Handle(busy.begin, busy.end),
        "switched off": Handle(lambda: set_enabled(False, world.state), lambda: set_enabled(True, world.state)),
        "daemon stopped": Handle(
            lambda: daemon.child.send_signal(signal.SIGSTOP), lambda: daemon.child.send_signal(signal.SIGCONT)
        ),
    }


def _both(first: Callable[[], object], second: Callable[[], object]) -> Callable[[], object]:
    """What is gone is gone from its network, too: who knocks there is refused."""
    return lambda: (first(), second())
