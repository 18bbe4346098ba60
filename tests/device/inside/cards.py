"""Sound cards that are pulled out, put back, renumbered, or whose clock is off."""

from __future__ import annotations

import subprocess
import time

from tests.bench.row import Row
from tests.device.inside.fault import Fault, measure
from tests.device.inside.place import Place
from tests.device.inside.service import run
from tests.device.inside.unplugging import GOES_ON

DRIFT_PPM = 200
EXACT = 100_000
SPAN_S = 30.0


def _put_back(place: Place) -> None:
    place.until(lambda: not place.card.is_plugged, "the daemon has given the card up")
    place.card.plug()


def unplugged(place: Place) -> Row:
    """A sound card is pulled while it records."""
    made = "sound card pulled while it records (its driver unbound), put back"
    return measure(place, Fault(made, GOES_ON, "audio", place.card.unplug, lambda: _put_back(place)))


def renumbered(place: Place) -> Row:
    """A sound card comes back under another number, because another one took its own."""
    before = place.card.number

    def put_back() -> None:
        place.until(lambda: not place.card.is_plugged, "the daemon has given the card up")
        run("modprobe", "snd-dummy", f"index={before}")
        place.card.plug()

    def moved() -> tuple[str, bool]:
        now = place.card.number
        used = [path for path in place.service.open_files() if "/snd/pcm" in path]
        return f" as card {now} (was {before})", now != before and used == [f"/dev/snd/pcmC{now}D0c"]

    made = "sound card pulled, another card takes its number, the first is put back under a new one"
    try:
        return measure(
            place, Fault(made, f"{GOES_ON}, from the same card", "audio", place.card.unplug, put_back, also=moved)
        )
    finally:
        subprocess.run(["modprobe", "-r", "snd-dummy"], check=False)


def fast_clock(place: Place) -> Row:
    """The card's clock is 200 ppm fast."""
    place.card.shift_rate(EXACT + DRIFT_PPM * EXACT // 1_000_000)
    place.tell("plays 200 ppm fast")
    began = time.monotonic()
    time.sleep(SPAN_S)
    states = [one.text for one in place.ear.heard("status/audio", began)]
    results = place.ear.results(began)
    skipped = [one.json()["skips"]["stamps"] for one in place.ear.heard("stats", began)]
    drift = results[-1].json()["sync"]["drift_ppm"]
    state, reason = place.ear.state("audio"), place.ear.detail("audio").get("reason")
    doubted = max(skipped) - min(skipped)
    place.card.shift_rate(EXACT)
    return Row(
        f"`PCM Rate Shift` {EXACT + DRIFT_PPM * EXACT // 1_000_000}: a card {DRIFT_PPM} ppm fast, for {SPAN_S:.0f} s",
        f"audio {state}{f' (“{reason}”)' if reason else ''}; {len(results)} results; {doubted} stamps not believed; "
        f"drift_ppm {drift} (nobody's mouth moves)",
        "stays online, no stamp is doubted, results go on",
        not states and state == "online" and bool(results) and not doubted,
        {"results": len(results), "drift_ppm": drift, "states": states},
    )
