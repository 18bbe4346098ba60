"""A camera that is pulled out and plugged in again and again."""

from __future__ import annotations

import time

from tests.bench.row import Row, spread
from tests.bench.scene import Scene
from tests.fault_bench.cameras import GONE
from tests.fault_bench.loss import BACK_S
from tests.fault_bench.site import Site, site
from tests.fault_bench.standing import Standing
from tests.fault_bench.watching import watch

PATIENCE_S = 45.0


def unplugged(scene: Scene) -> Row:
    """The camera pulled out and plugged in again, many times."""
    wanted, standing = scene.amount(20, 2), Standing(leaks_nothing=True)
    back: list[float] = []

    def cycle(here: Site, number: int) -> None:
        scene.tell(f"{number} of {wanted} cycles")
        here.camera.stop()
        here.wait_for("offline", "video", timeout_s=PATIENCE_S)
        time.sleep(scene.chance.uniform(0.5, 3.0))
        here.camera.start()
        began = time.monotonic()
        came = here.wait_for("online", "video", timeout_s=PATIENCE_S)
        back.append(time.monotonic() - began if came else PATIENCE_S)
        time.sleep(1.0)

    with site(scene) as here:
        here.settle()
        cycle(here, 0)  # the first loads what every later one uses
        trace = watch(here, lambda here: [cycle(here, number) for number in range(1, wanted)], _nothing, 0, PATIENCE_S)
        took, broken = spread(back), standing.broken(trace, {GONE.stream})
        broken += ["back late"] * (took["max"] > BACK_S)
        measured = f"back p50 {took['p50']:.1f} s, max {took['max']:.1f} s; {standing.said(trace)}"
        return here.ended_well(
            Row(
                f"MJPEG camera killed and back {wanted} times, 1–3 s away each time",
                f"{measured}; not kept: {', '.join(broken)}" if broken else measured,
                f"back ≤ {BACK_S:g} s each time; {standing.wanted(trace)}",
                not broken,
                {"cycles": wanted, "back_s": took, **standing.figures(trace), "broken": broken},
            )
        )


def _nothing(_here: Site) -> None:
    return None
