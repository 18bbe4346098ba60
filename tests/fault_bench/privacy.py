"""Off, through crashes and a retained command."""

from __future__ import annotations

import time

from edge.config import is_enabled, set_enabled
from tests.bench.row import Row
from tests.bench.scene import DEVICE, Scene
from tests.broker import listening, until
from tests.process.watchers import NoCamera, NoMicrophone

SET = f"edge-emotion/{DEVICE}/enabled/set"
WATCHED_S = 1.0


def privacy(scene: Scene) -> Row:
    """Switched off, killed and started again, with a retained ON waiting at the broker."""
    wanted, results, off = scene.amount(20, 2), 0, 0
    folder, state = scene.new_folder("sound"), scene.new_folder("state")
    with (
        NoCamera() as camera,
        NoMicrophone(folder) as mic,
        scene.broker() as broker,
        listening(broker.port) as listener,
    ):
        environ = {**mic.environment, "STATE_DIRECTORY": str(state)}
        words = (broker.url, "--camera", camera.url, "--mic", "default")
        set_enabled(False, environ)
        listener.publish(SET, "ON", retain=True)
        for number in range(wanted):
            scene.tell(f"{number} of {wanted} starts")
            after = len(listener.heard)
            with scene.daemon(*words, environ=environ) as daemon:
                listener.wait_for("enabled/state", "OFF", after=after)
                time.sleep(scene.chance.uniform(0.0, WATCHED_S))
                daemon.child.kill()
                daemon.child.wait()
            results += len(daemon.out)
            off += not is_enabled(environ)
        touched = camera.visitors + mic.visitors
        with scene.daemon(*words, environ=environ) as daemon:
            daemon.wait_for("disabled")
            listener.publish(SET, "ON")
            until(lambda: camera.visitors and mic.visitors, "both are looked for when it is on")
    return Row(
        f"switched off, then killed (kill -9) and started again {wanted} times, with a retained ON at the broker",
        f"off after {off} of {wanted}; {touched} visits to camera or microphone, {results} results; "
        "both looked for after an ON that is not retained",
        f"off after {wanted} of {wanted}, no device touched, no result",
        off == wanted and touched == results == 0,
        {"starts": wanted, "off": off, "visits": touched, "results": results},
    )
