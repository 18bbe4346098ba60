import pytest

from edge.health import StreamHealth

NS = 1_000_000_000


def health(told=None):
    return StreamHealth("video", 30.0, lambda *change: told.append(change) if told is not None else None)


def feed(stream, hz, seconds, start_ns=0):
    for k in range(int(hz * seconds)):
        stream.delivered(start_ns + int(k * NS / hz))
    return start_ns + int(seconds * NS)


def test_the_same_state_is_told_once():
    told = []
    stream = health(told)
    for _ in range(3):
        stream.become("online", reason=None)
    stream.become("degraded", reason="dark")
    stream.become("degraded", reason="frozen")
    assert [(state, detail) for _, state, detail in told] == [
        ("online", {"reason": None}),
        ("degraded", {"reason": "dark"}),
        ("degraded", {"reason": "frozen"}),
    ]


@pytest.mark.parametrize(
    ("hz", "reconnects", "quality"),
    [
        (30, 0, "excellent"),
        (27, 0, "excellent"),
        (20, 0, "fair"),
        (30, 2, "fair"),
        (30, 3, "poor"),
        (10, 0, "poor"),
        (0.5, 0, "unusable"),
        (30, 11, "unusable"),
    ],
)
def test_quality_follows_frigates_rule(hz, reconnects, quality):
    stream = health()
    for _ in range(reconnects):
        stream.reconnected(0)
    now_ns = feed(stream, hz, 6)
    assert stream.connection_quality(now_ns) == quality


def test_a_gap_of_two_seconds_is_a_stall_and_one_second_is_not():
    stream = health()
    now_ns = feed(stream, 30, 2)
    now_ns = feed(stream, 30, 2, now_ns + 1 * NS)
    assert stream.stalls_last_hour(now_ns) == 0
    now_ns = feed(stream, 30, 2, now_ns + 3 * NS)
    assert stream.stalls_last_hour(now_ns) == 1
    assert stream.stalls_last_hour(now_ns + 3601 * NS) == 0


def test_rate_is_of_the_last_seconds():
    stream = health()
    now_ns = feed(stream, 15, 10)
    assert stream.rate_hz(now_ns) == pytest.approx(15, rel=0.02)
    assert stream.rate_hz(now_ns + 10 * NS) == 0.0


def test_what_works_is_degraded_while_somebody_complains():
    told = []
    stream = health(told)
    stream.complain("faces", "stage faces: has not answered for 5 s")
    stream.become("online", reason=None, source="0")
    stream.complain("pace", "slowed down")
    stream.become("offline", reason="lost")
    stream.become("online", reason=None, source="0")
    stream.complain("faces", None)
    stream.complain("pace", None)
    assert [(state, detail["reason"]) for _, state, detail in told] == [
        ("offline", "stage faces: has not answered for 5 s"),
        ("degraded", "stage faces: has not answered for 5 s"),
        ("degraded", "stage faces: has not answered for 5 s; slowed down"),
        ("offline", "lost; stage faces: has not answered for 5 s; slowed down"),
        ("degraded", "stage faces: has not answered for 5 s; slowed down"),
        ("degraded", "slowed down"),
        ("online", None),
    ]
