from __future__ import annotations

import pytest

from edge.audience import Audience
from edge.clock import NS_PER_MS
from edge.config import Settings
from tests.edge.publish import records
from tests.edge.publish.records import SECOND
from tests.fakes import FakeClock

TICK_NS = 200 * NS_PER_MS
LATE_NS = 900 * NS_PER_MS
PROMISED_NS = 20 * SECOND


class Retained:
    """Stands for MQTT and keeps what is said on `…/state`, and when."""

    link = None

    def __init__(self, clock: FakeClock) -> None:
        self.states: list[tuple[int, dict]] = []
        self._clock = clock

    def state(self, message) -> None:
        self.states.append((self._clock.now_ns(), message))

    def event(self, message) -> None: ...

    def tend(self) -> None: ...

    def enabled(self, on) -> None: ...


class Room:
    """An audience whose time a test steps by hand, five times a second, as the daemon's main thread would."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.audience = Audience(Settings(broker="none"), records.IDENTITY, lambda _on: None, observers=[object()])
        self.audience._clock = self.clock
        self.audience._result_ns = self.clock.now_ns()
        self.mqtt = self.audience.uplink = Retained(self.clock)
        self.began_ns = self.clock.now_ns()

    def idle(self, seconds: float) -> None:
        for _ in range(round(seconds * 5)):
            self.clock.advance(TICK_NS)
            self.audience.idle(self.clock.now_ns())

    def results(self, seconds: float, faces=None, latency_ns: int = LATE_NS) -> None:
        for _ in range(round(seconds * 5)):
            self.clock.advance(TICK_NS)
            now_ns = self.clock.now_ns()
            self.audience.result(records.result(faces, records.silence(), end_ns=now_ns - latency_ns), now_ns)
            self.audience.idle(now_ns)

    def longest_ns(self) -> int:
        """The longest that a new subscriber could find what is older than this, by the messages' own times."""
        stamps = [message["t_ns"] for _, message in self.mqtt.states]
        heard = [at_ns for at_ns, _ in self.mqtt.states[1:]] + [self.clock.now_ns()]
        return max(later - stamp for stamp, later in zip(stamps, heard, strict=True))


def nobody(room: Room) -> None:
    room.results(70, faces=[])


def somebody(room: Room) -> None:
    room.results(70)


def no_results_at_all(room: Room) -> None:
    room.idle(70)


def switched_off(room: Room) -> None:
    room.results(5)
    room.audience.enabled(False)
    room.idle(70)


def results_that_stop_just_when_a_state_is_due(room: Room) -> None:
    room.results(16.6)
    room.idle(70)


def results_that_come_and_go(room: Room) -> None:
    for seconds in range(40):
        room.results(seconds % 7)
        room.idle(seconds % 5)


@pytest.mark.parametrize(
    "situation",
    [
        nobody,
        somebody,
        no_results_at_all,
        switched_off,
        results_that_stop_just_when_a_state_is_due,
        results_that_come_and_go,
    ],
    ids=lambda situation: situation.__name__,
)
def test_a_subscriber_never_finds_a_state_older_than_20_seconds(situation):
    room = Room()
    situation(room)
    assert room.mqtt.states[0][0] - room.began_ns <= 3 * SECOND
    assert room.longest_ns() <= PROMISED_NS


@pytest.mark.parametrize("steps", range(60, 100, 3))
def test_whenever_the_results_stop(steps):
    room = Room()
    room.results(steps / 5)
    room.idle(40)
    assert room.longest_ns() <= PROMISED_NS


def test_null_when_there_is_nobody_and_when_it_is_off():
    room = Room()
    room.results(5)
    assert room.mqtt.states[-1][1]["emotion"] == "happy"
    room.results(6, faces=[])
    assert room.mqtt.states[-1][1]["emotion"] is None
    room.results(5)
    assert room.mqtt.states[-1][1]["emotion"] == "happy"
    room.audience.enabled(False)
    assert room.mqtt.states[-1][1]["emotion"] is None
    off = len(room.mqtt.states)
    room.results(2)  # what was on its way already
    room.idle(60)
    assert len(room.mqtt.states) - off >= 3
    assert {message["emotion"] for _, message in room.mqtt.states[off:]} == {None}


def test_after_a_sleep_nobody_is_there_until_somebody_is_seen():
    room = Room()
    room.results(3)
    assert room.mqtt.states[-1][1]["emotion"] is not None
    told = len(room.mqtt.states)
    room.audience.forget()
    (_, after) = room.mqtt.states[told]
    assert (after["emotion"], after["track"]) == (None, None)
    room.results(2)
    assert room.mqtt.states[-1][1]["emotion"] is not None


def test_a_sleep_while_it_is_switched_off_says_nothing():
    room = Room()
    room.results(3)
    room.audience.enabled(False)
    told = len(room.mqtt.states)
    room.audience.forget()
    assert len(room.mqtt.states) == told
