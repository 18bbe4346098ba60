"""A disk without room, and one that may not be written."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from edge.config import is_enabled
from tests.bench.row import Row
from tests.bench.scene import DEVICE, Scene, gaps
from tests.broker import listening
from tests.process.small_disk import fill, make_read_only, tmpfs

SET = f"edge-emotion/{DEVICE}/enabled/set"
OBEYED_S = 1.0
SIZE = "size=64k"


def full(scene: Scene) -> Row:
    """The state folder is on a disk without room."""
    return _short(scene, "no room on the disk of the state folder (a full tmpfs)", fill, keeps_off=True)


def read_only(scene: Scene) -> Row:
    """The state folder is on a disk that may not be written."""
    return _short(scene, "the disk of the state folder turns read-only", make_read_only, keeps_off=False)


def _short(scene: Scene, words: str, spoil: Callable[[Path], object], *, keeps_off: bool) -> Row:
    seconds, took = scene.amount(10, 4), []
    place = scene.new_folder("disk") / "state"
    with tmpfs(place, SIZE) as folder, scene.broker() as broker, listening(broker.port) as listener:
        environ = {"STATE_DIRECTORY": str(folder)}
        with scene.daemon(broker.url, environ=environ) as daemon:
            daemon.wait_for_results(5)
            logged = len(daemon.err)
            spoil(folder)
            results = daemon.wait_for_results(5 * seconds)
            for wish in ("OFF", "ON", "OFF", "ON", "OFF"):
                after, began = len(listener.heard), time.monotonic()
                listener.publish(SET, wish)
                listener.wait_for("enabled/state", wish, after=after)
                took.append(time.monotonic() - began)
            warned = [line for line in daemon.err[logged:] if "WARNING" in line or "ERROR" in line]
            daemon.child.kill()
            daemon.child.wait()
        kept, missing = not is_enabled(environ), gaps([one["seq"] for one in results])
    outlives = f"OFF {'outlives' if kept else 'does not outlive'} kill -9"
    return Row(
        words,
        f"{len(missing)} of {len(results)} ticks missing; OFF and ON obeyed {len(took)} times, "
        f"after {max(took):.2f} s at most; {len(warned)} warning{'s' * (len(warned) != 1)}; {outlives}",
        f"no tick missing; obeyed ≤ {OBEYED_S:.0f} s; one warning" + ("; OFF outlives kill -9" if keeps_off else ""),
        not missing and max(took) <= OBEYED_S and len(warned) == 1 and (kept or not keeps_off),
        {"missing": missing, "obeyed_s": took, "warnings": warned, "off_kept": kept},
    )
