"""A machine that is put to sleep and wakes."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.row import Row
from tests.device.inside.place import Place

SLEEP_S = 5
"""The kernel's own, when it is told to test suspending."""
_POWER = Path("/sys/power")
AWAKE_S = 8.0
BACK_S = 3.0


def suspended(place: Place) -> Row:
    """Suspend to memory, all of it but the last step: an emulated machine would not wake from that one."""
    time.sleep(2.0)
    before = place.ear.heard("emotion")[-1].json()
    gap_before_s = _asleep_s()
    place.tell("sleeps")
    (_POWER / "pm_test").write_text("core")
    (_POWER / "state").write_text("mem")  # returns awake
    woke = time.monotonic()
    slept_s = _asleep_s() - gap_before_s
    place.tell("awake")
    back_s = place.until(lambda: place.ear.results(woke), "a result")
    time.sleep(AWAKE_S)
    results = [one.json() for one in place.ear.results(woke)]
    for stream in ("video", "audio"):
        place.until_state(stream, "online")
    most = max(sum(a["t_ns"] <= b["t_ns"] < a["t_ns"] + 10**9 for b in results) for a in results)
    same = results[-1]["session"] == before["session"]
    return Row(
        f"suspend to memory for {SLEEP_S} s (the kernel's `pm_test` core: devices and clocks stop)",
        f"slept {slept_s:.0f} s; first result {back_s:.1f} s after waking, {len(results)} in the next {AWAKE_S:.0f} s, "
        f"at most {most} in a second; both streams online; {'the same' if same else 'another'} run",
        f"results within {BACK_S:.0f} s of waking, none made up for while asleep; both streams online",
        slept_s > SLEEP_S / 2 and back_s <= BACK_S and most <= 5 and same,
        {"slept_s": round(slept_s, 1), "back_s": round(back_s, 2), "results": len(results)},
    )


def _asleep_s() -> float:
    """How long this boot has slept: CLOCK_BOOTTIME goes on meanwhile, CLOCK_MONOTONIC does not."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
