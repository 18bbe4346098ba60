from edge.ticker import TICK_NS, Ticker


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
