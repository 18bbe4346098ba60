import threading

from hypothesis import given
from hypothesis import strategies as st

from edge.clock import MonotonicClock
from edge.sync.closing import DEADLINE_MS, SLACK_MS, Closing, Need, closes_ns
from tests.fakes import FakeClock

MS = 1_000_000
T = 5_000 * MS

needs = st.lists(
    st.builds(
        Need,
        st.sampled_from(["video", "audio", "third"]),
        st.integers(T - 500 * MS, T),
        st.floats(-50, 5_000, allow_nan=False),
    ),
    max_size=3,
    unique_by=lambda need: need.stream,
)
reached = st.dictionaries(st.sampled_from(["video", "audio", "third"]), st.integers(T - 700 * MS, T + 700 * MS))


@given(needs, reached)
def test_never_before_t_and_never_after_the_deadline(needs, reached):
    at_ns = closes_ns(T, needs, reached)
    assert T <= at_ns <= T + DEADLINE_MS * MS


@given(needs, reached)
def test_at_once_exactly_when_no_stream_is_missing(needs, reached):
    missing = [need for need in needs if reached.get(need.stream, 0) < need.until_ns]
    assert (closes_ns(T, needs, reached) == T) == (not missing)


@given(needs, reached, st.sampled_from(["video", "audio", "third"]), st.integers(0, 500 * MS))
def test_an_arrival_never_makes_it_later(needs, reached, stream, more_ns):
    on = {**reached, stream: reached.get(stream, T - 700 * MS) + more_ns}
    assert closes_ns(T, needs, on) <= closes_ns(T, needs, reached)


@given(needs, reached, st.integers(0, 2))
def test_a_stream_that_went_down_never_makes_it_later(needs, reached, gone):
    assert closes_ns(T, needs[:gone] + needs[gone + 1 :], reached) <= closes_ns(T, needs, reached)


def test_it_waits_for_the_slowest_of_the_missing_streams_only():
    both = [Need("video", T, 80.0), Need("audio", T - 45 * MS, 30.0)]
    assert closes_ns(T, both, {}) == T + (80 + SLACK_MS) * MS
    assert closes_ns(T, both, {"video": T - 1, "audio": T - 45 * MS}) == T + (80 + SLACK_MS) * MS
    assert closes_ns(T, both, {"video": T}) == T + (30 + SLACK_MS) * MS
    assert closes_ns(T, both, {"video": T, "audio": T - 45 * MS}) == T
    assert closes_ns(T, [], {}) == T


def waiting(closing, end_ns, needs, latest_ns=T + 60_000 * MS):
    """The event that a thread sets when its `wait` is over."""
    done = threading.Event()

    def wait():
        closing.wait(end_ns, needs, latest_ns)
        done.set()

    threading.Thread(target=wait, daemon=True).start()
    return done


def test_a_waiting_stage_is_woken_by_the_last_arrival():
    closing = Closing(FakeClock(T + 1))  # its time stands still: only an arrival can end the wait
    both = [Need("video", T, 100.0), Need("audio", T - 80 * MS, 100.0)]
    done = waiting(closing, T, lambda: both)
    closing.reached("video", T + 1)
    closing.reached("audio", T - 81 * MS)
    assert not done.wait(0.3)
    closing.reached("audio", T - 80 * MS)
    assert done.wait(10)


def test_every_arrival_is_looked_at_when_it_comes():
    closing, asked = Closing(FakeClock(T - 60_000 * MS)), threading.Semaphore(0)

    def needs():
        asked.release()
        return []

    waiting(closing, T, needs)
    assert asked.acquire(timeout=10)
    closing.reached("video", T)
    assert asked.acquire(timeout=10), "T is a minute away: only the arrival can have woken it"


def test_a_stream_that_went_down_meanwhile_is_not_waited_for_any_longer():
    closing = Closing(FakeClock(T + 1))
    expected = {"video": Need("video", T, 100.0), "audio": Need("audio", T, 100.0)}
    done = waiting(closing, T, lambda: list(expected.values()))
    assert not done.wait(0.1)
    del expected["video"]
    closing.reached("audio", T)
    assert done.wait(10)


def test_it_is_over_at_the_deadline_or_when_told():
    closing, end_ns = Closing(MonotonicClock()), MonotonicClock().now_ns()
    missing = [Need("video", end_ns, 5_000.0)]
    assert waiting(closing, end_ns, lambda: missing, end_ns + 60_000 * MS).wait(10)
    closing = Closing(FakeClock(T + 70 * MS))
    assert waiting(closing, T, lambda: missing, latest_ns=T + 70 * MS).wait(10)


def test_stamps_that_began_anew_are_waited_for_again():
    clock = FakeClock(T + 1)
    closing = Closing(clock)
    closing.reached("video", T + 3_600_000 * MS)
    closing.reached("video", T - 30 * MS)
    done = waiting(closing, T, lambda: [Need("video", T, 100.0)])
    assert not done.wait(0.1)
    closing.reached("video", T)
    assert done.wait(10)
