"""What is delivered late, and what must not be delivered at all: results that waited somewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.bench.link import Link
from tests.bench.row import Row
from tests.bench.scene import FRESH_S, Scene, age_s, results
from tests.broker import Listener, until
from tests.mqtt_bench.broker_log import PATIENCE_S

PAUSES_S = (1, 2, 3, 5, 8, 12, 15)


def fresh_after_standstill(scene: Scene) -> Row:
    """The broker stands still for a while, then reads all that lies in its socket."""
    broker = scene.broker()
    with broker, scene.daemon(broker.url) as daemon, results(broker.port) as listener:
        made = _pauses(scene, listener, broker.stall, broker.resume, "broker stands still (SIGSTOP)")
        return _ended(made, daemon.end().code)


def fresh_after_hold_up(scene: Scene) -> Row:
    """The network between them is held up for a while, then lets all pass that waited."""
    broker = scene.broker()
    with broker, Link(broker.port) as link, results(broker.port) as listener, scene.daemon(link.url) as daemon:
        made = _pauses(scene, listener, link.hold, link.release, "network to the broker held up")
        return _ended(made, daemon.end().code)


def _pauses(scene: Scene, listener: Listener, hold: Callable[[], None], release: Callable[[], None], what: str) -> Row:
    pauses = PAUSES_S[: scene.amount(len(PAUSES_S), 3)]
    oldest: dict[int, float] = {}
    for seconds in pauses:
        scene.tell(f"{seconds} s")
        _wait_for_fresh(listener, len(listener.heard))
        time.sleep(scene.chance.uniform(1.0, 2.0))
        after = len(listener.heard)
        hold()
        time.sleep(seconds)
        release()
        _wait_for_fresh(listener, after)
        oldest[seconds] = round(max(age_s(one) for one in listener.heard[after:]), 2)
    late = sum(age_s(one) > FRESH_S for one in listener.heard)
    said = ", ".join(f"{age:.1f} s after {seconds} s" for seconds, age in oldest.items())
    return Row(
        f"{what} for {pauses[0]}–{pauses[-1]} s, then goes on",
        f"oldest result {said}; {late} of {len(listener.heard)} older than {FRESH_S:.0f} s",
        f"none older than {FRESH_S:.0f} s",
        late == 0,
        {"oldest_s_after_pause_s": oldest, "older_than_2_s": late, "results": len(listener.heard)},
    )


def _wait_for_fresh(listener: Listener, after: int) -> None:
    """Until results come as they are made."""

    def fresh() -> bool:
        heard = listener.heard[after:]
        return len(heard) > 5 and all(age_s(one) < 1.0 for one in heard[-3:])

    until(fresh, "fresh results", PATIENCE_S)


def _ended(row: Row, code: int) -> Row:
    assert code == 0, f"the daemon ended with {code}"
    return row
