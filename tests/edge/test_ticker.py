from hypothesis import given
from hypothesis import strategies as st

from edge.ticker import MOST_BEHIND, TICK_NS, Ticker, period_ns


def test_ticks_lie_on_a_fixed_grid_however_late_each_is_answered():
    ticker = Ticker(1_000)
    ends = []
    for k in range(50):
        ends.append(ticker.end_ns)
        ticker.advance(ticker.end_ns + (k % 3) * 60_000_000)
    assert ends == [1_000 + (k + 1) * TICK_NS for k in range(50)]
    assert ticker.missed == 0


def test_ticks_that_can_no_longer_be_answered_are_a_gap_and_counted():
    ticker = Ticker(0)
    ticker.advance(ticker.end_ns + 5 * TICK_NS)
    assert ticker.missed > 0
    assert ticker.tick == 1 + ticker.missed
    now_ns = 6 * TICK_NS
    assert now_ns - ticker.end_ns <= TICK_NS


@given(st.lists(st.integers(0, 3_000_000_000), min_size=1, max_size=60), st.integers(0, 10**18))
def test_whatever_the_delays_numbers_rise_and_only_a_stop_makes_a_gap(took_ns, start_ns):
    """`took_ns`: from T, or from now where T has passed, to the answer of each tick."""
    ticker, now_ns = Ticker(start_ns), start_ns
    told = []
    for ns in took_ns:
        told.append(ticker.tick)
        assert ticker.end_ns == start_ns + (ticker.tick + 1) * TICK_NS
        now_ns = max(now_ns, ticker.end_ns) + ns
        before = ticker.tick
        ticker.advance(now_ns)
        assert ticker.tick > before
        if now_ns < start_ns + (before + 3 + MOST_BEHIND) * TICK_NS:
            assert ticker.tick == before + 1, "not far behind: nothing is left out"
        assert now_ns - ticker.end_ns < (MOST_BEHIND + 1) * TICK_NS, "whoever is behind catches up"
    told.append(ticker.tick)
    gaps = sum(after - before - 1 for before, after in zip(told, told[1:], strict=False))
    assert gaps == ticker.missed


def test_a_longer_period_holds_from_the_next_tick_on_and_numbers_go_on_by_one():
    ticker = Ticker(0)
    told = []
    for level in (0, 0, 2, 2, 2, 0, 0):
        ticker.period_ns = period_ns(level)
        told.append((ticker.tick, ticker.end_ns / TICK_NS))
        ticker.advance(ticker.end_ns)
    assert told == [(0, 1), (1, 2), (2, 3), (3, 5), (4, 7), (5, 9), (6, 10)]
    assert ticker.missed == 0


def test_while_it_is_slow_a_gap_counts_slow_ticks():
    ticker = Ticker(0)
    ticker.period_ns = period_ns(2)
    ticker.advance(ticker.end_ns + 10 * TICK_NS)
    assert (ticker.tick, ticker.missed) == (1 + 4, 4)
