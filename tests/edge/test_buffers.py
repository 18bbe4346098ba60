import threading

from hypothesis import given
from hypothesis import strategies as st

from edge.buffers import DoubleBuffer, Newest


def test_a_full_half_loses_its_oldest_and_counts_it():
    buffer = DoubleBuffer(3)
    for item in range(5):
        buffer.put(item)
    assert buffer.swap() == [2, 3, 4]
    assert buffer.dropped == 2
    assert buffer.received == 5


def test_the_consumer_keeps_its_half_while_the_producer_fills_the_other():
    buffer = DoubleBuffer(2)
    buffer.put("a")
    mine = buffer.swap()
    buffer.put("b")
    buffer.put("c")
    assert mine == ["a"]
    assert buffer.swap() == ["b", "c"]
    assert buffer.swap() == []
    assert buffer.dropped == 0


def test_a_waiting_consumer_is_woken_by_the_first_item():
    buffer = DoubleBuffer(2)
    timer = threading.Timer(0.05, buffer.put, ["x"])
    timer.start()
    assert buffer.swap(5.0) == ["x"]


def test_closing_wakes_the_consumer():
    buffer, newest = DoubleBuffer(2), Newest()
    threading.Timer(0.05, buffer.close).start()
    threading.Timer(0.05, newest.close).start()
    assert buffer.swap(30.0) == []
    assert newest.take(30.0) is None


def test_newest_wins_and_what_it_covered_is_counted():
    newest = Newest()
    for item in (1, 2, 3):
        newest.put(item)
    assert newest.take(0) == 3
    assert newest.take(0) is None
    assert newest.skipped == 2


@given(st.integers(1, 40), st.lists(st.one_of(st.integers(), st.just("swap")), max_size=200))
def test_nothing_is_lost_uncounted_and_order_holds(capacity, script):
    buffer = DoubleBuffer(capacity)
    put, got = [], []
    for entry in script:
        if entry == "swap":
            got += buffer.swap()
        else:
            put.append((len(put), entry))
            buffer.put(put[-1])
    got += buffer.swap()
    assert len(got) + buffer.dropped == len(put) == buffer.received
    assert got == sorted(got)
    assert set(got) <= set(put)


def test_drained_means_that_the_consumer_came_back_for_more():
    buffer = DoubleBuffer(3)
    assert buffer.drained
    buffer.put(1)
    assert not buffer.drained
    assert buffer.swap() == [1]
    assert not buffer.drained, "still in work"
    buffer.swap()
    assert buffer.drained
