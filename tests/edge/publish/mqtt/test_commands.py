from __future__ import annotations

import logging
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.clock import NS_PER_MS, NS_PER_S
from edge.publish.mqtt.commands import MAX_BYTES, PER_SECOND, REASONS, Commands, read_command
from tests.fakes import FakeClock

JUNK = [
    b"",
    b"\x00",
    b"ON\x00",
    b"on",
    b" ON",
    b"OFF\n",
    b"ONOFF",
    b"1",
    b"true",
    b"\xff\xfe\x00",
    b"\xc3\x28",
    "ОN".encode(),  # a Cyrillic O
    b'{"state": "OFF"}',
    b"[" * 4000,
    b"9" * 4000,
    b"1e999999999",
    b"NaN",
]


class Desk:
    """Commands with a clock that is stepped by hand, and whoever executes them."""

    def __init__(self, told: bool | None = True) -> None:
        self.clock = FakeClock()
        self.commands = Commands(self.clock)
        self.executed: list[tuple[int, bool]] = []
        self.received = 0
        if told is not None:
            self.commands.told(told)

    def say(self, *payloads: bytes, retained: bool = False) -> None:
        for payload in payloads:
            self.received += 1
            self.commands.take(payload, retained)

    def execute(self) -> list[bool]:
        """All that is due now; the switch follows."""
        first = len(self.executed)
        while (on := self.commands.next(0.0)) is not None:
            self.executed.append((self.clock.now_ns(), on))
            self.commands.told(on)
            self.commands.done()
        return [on for _, on in self.executed[first:]]

    def ignored(self) -> dict[str, int]:
        return {why: number for why, number in self.commands.counts()["ignored"].items() if number}

    def most_in_a_second(self) -> int:
        times = [t_ns for t_ns, _ in self.executed]
        return max((sum(0 <= other - t_ns < NS_PER_S for other in times) for t_ns in times), default=0)

    def accounted(self) -> int:
        counts = self.commands.counts()
        return counts["executed"] + sum(counts["ignored"].values())


def test_on_and_off_and_nothing_else_is_a_command():
    assert read_command(b"ON", False) is True
    assert read_command(b"OFF", False) is False
    assert {read_command(junk, False) for junk in JUNK} == {"not_understood"}


def test_a_retained_command_and_one_that_is_too_long_are_ignored_before_they_are_read():
    assert read_command(b"OFF", True) == "retained"
    assert read_command(b"x" * MAX_BYTES, False) == "not_understood"
    assert read_command(b"x" * (MAX_BYTES + 1), False) == "too_long"


@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    st.one_of(
        st.binary(max_size=64),
        st.text(max_size=32).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.sampled_from([b"ON", b"OFF", *JUNK]),
        st.integers(1, 9000).map(lambda depth: b"[" * depth),
        st.integers(1, 9000).map(lambda digits: b"9" * digits),
        st.binary(max_size=3).map(lambda noise: b"ON" + noise),
    ),
    st.booleans(),
)
def test_no_payload_does_more_than_count(payload, retained):
    wish = read_command(payload, retained)
    assert (wish in {True, False}) == (payload in {b"ON", b"OFF"} and not retained)
    desk = Desk()
    desk.say(payload, retained=retained)
    assert desk.execute() == ([False] if payload == b"OFF" and not retained else [])
    assert desk.accounted() == 1


def test_what_is_so_already_only_counts():
    desk = Desk(told=True)
    desk.say(b"ON", b"OFF", b"OFF", b"OFF")
    assert desk.execute() == [False]
    desk.say(b"OFF")
    assert desk.execute() == []
    assert desk.ignored() == {"duplicate": 4}
    desk.commands.told(True)  # somebody turned it at the device
    desk.say(b"OFF")
    assert desk.execute() == [False]


def test_the_first_command_is_executed_while_nobody_has_told_how_the_switch_stands():
    desk = Desk(told=None)
    desk.say(b"ON")
    assert desk.execute() == [True]


def test_a_command_that_failed_may_be_said_again():
    desk = Desk(told=True)
    desk.say(b"OFF")
    assert desk.commands.next(0.0) is False
    desk.commands.done(failed=True)
    desk.say(b"OFF")
    assert desk.execute() == [False]
    assert desk.ignored() == {"failed": 1}


def test_while_a_command_is_executed_its_repetition_only_counts_and_its_opposite_waits():
    desk = Desk(told=True)
    desk.say(b"OFF")
    assert desk.commands.next(0.0) is False
    desk.say(b"OFF", b"ON")
    desk.commands.told(False)
    desk.commands.done()
    assert desk.execute() == [True]
    assert desk.ignored() == {"duplicate": 1}


@pytest.mark.parametrize("last", [b"ON", b"OFF"])
@pytest.mark.parametrize("odd", [0, 1])
def test_a_flood_ends_with_its_last_command_within_a_tenth_of_a_second(last, odd):
    desk = Desk()
    for number in range(10_000 + odd):
        desk.say((b"ON", b"OFF")[number % 2])
        if number % 100 == 0:
            desk.execute()
            desk.clock.advance(10 * NS_PER_MS)
    desk.say(last)
    desk.clock.advance(NS_PER_S // 10)
    desk.execute()
    assert desk.executed[-1][1] is (last == b"ON")
    assert desk.accounted() == desk.received == 10_001 + odd
    assert desk.ignored()["too_many"] > 9_900
    assert PER_SECOND - 2 <= desk.most_in_a_second() <= PER_SECOND
    assert desk.execute() == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([b"ON", b"OFF"]), st.integers(0, 60)), min_size=1, max_size=400))
def test_never_more_than_20_in_any_second_and_the_last_word_counts(script):
    desk = Desk()
    for payload, pause_ms in script:
        desk.say(payload)
        desk.execute()
        desk.clock.advance(pause_ms * NS_PER_MS)
    desk.clock.advance(NS_PER_S // 10)
    desk.execute()
    stands = desk.executed[-1][1] if desk.executed else True
    assert stands is (script[-1][0] == b"ON")
    assert desk.accounted() == desk.received
    assert desk.most_in_a_second() <= PER_SECOND


def test_whoever_waits_for_a_command_gets_it_as_soon_as_the_limit_allows():
    commands = Commands()
    commands.told(True)
    for _ in range(PER_SECOND):
        commands.take(b"OFF", False)
        commands.take(b"ON", False)
    commands.take(b"OFF", False)
    began = time.monotonic()
    last = None
    while last is not False or commands.counts()["executed"] <= PER_SECOND / 2:
        on = commands.next(20.0)
        if on is not None:
            last = on
            commands.told(on)
            commands.done()
    assert time.monotonic() - began < 5.0


def test_one_line_for_each_reason_and_never_more_than_a_beginning_of_the_payload(caplog):
    desk = Desk()
    with caplog.at_level(logging.INFO):
        for _ in range(50):
            desk.say(*JUNK, b"x" * 5000, b"ON", *(b"OFF", b"ON") * 20)
            desk.say(b"OFF", retained=True)
    assert len(caplog.records) == 5
    assert {why for why in REASONS if f"({why})" in caplog.text} == set(REASONS) - {"failed"}
    assert max(len(record.getMessage()) for record in caplog.records) < 250


def test_an_ignored_command_costs_about_as_little_as_looking_at_it():
    commands = Commands()
    commands.told(True)

    def cost_s(payload: bytes) -> float:
        began = time.thread_time()
        for _ in range(5_000):
            commands.take(payload, False)
        return time.thread_time() - began

    small = min(cost_s(b"ON?") for _ in range(3))
    for payload in (b"[" * 100_000, b"9" * 4_000, b"ON"):
        assert min(cost_s(payload) for _ in range(3)) < 10 * small
