"""Two devices of one name on one machine: noticed, told in one line, and nearly quiet."""

from __future__ import annotations

import pytest

from tests.broker import until
from tests.edge.publish.mqtt.scripted import CONNACK_5, TAKEN_OVER, Scripted
from tests.edge.publish.mqtt.tended import Hasty, lines

pytestmark = pytest.mark.timeout(120)


def test_it_is_noticed_within_five_seconds_of_real_delays_and_told_in_one_line(broker, connections, caplog):
    older = connections(broker.url).connected()
    newer = connections(broker.url)
    until(lambda: newer.connection.connects == 1, "the newer one came")
    until(lambda: "contested" in {older.connection.link.state, newer.connection.link.state}, "noticed", 5.5)
    told = [line for line in lines(caplog) if "give one of the two another --device-id" in line]
    assert len(told) == 1
    assert "calls itself 'desk'" in told[0]


def test_one_steps_back_and_the_other_has_peace(broker, connections):
    both = [connections(broker.url, back_off=Hasty()) for _ in range(2)]
    until(lambda: any(one.connection._contest.yields for one in both), "one yields")
    (guest,) = [one for one in both if one.connection._contest.yields]
    host = both[1 - both.index(guest)]
    host.connected()
    before = (guest.connection.connects, host.connection.connects)
    with pytest.raises(pytest.fail.Exception):  # a hundred of their delays pass
        until(lambda: (guest.connection.connects, host.connection.connects) != before, "any new connection", 2.0)
    assert host.connection.connected
    assert not guest.connection.connected


def test_when_the_other_leaves_it_comes_back_by_itself_and_says_so(broker, connections, monkeypatch, caplog):
    monkeypatch.setattr("edge.publish.mqtt.contest._DELAY_S", (1.0, 1.5))
    monkeypatch.setattr("edge.publish.mqtt.contest.CALM_S", 2.0)
    caplog.set_level("INFO")
    both = [connections(broker.url, back_off=Hasty()) for _ in range(2)]
    until(lambda: any(one.connection._contest.yields for one in both), "one yields")
    (guest,) = [one for one in both if one.connection._contest.yields]
    both[1 - both.index(guest)].stop()
    guest.connected()
    assert guest.connection.link.state == "contested"  # until it has lasted
    guest.in_state("connected")
    assert lines(caplog)[-1].startswith("connected to ")


def test_a_broker_that_says_that_another_took_over_is_believed_at_once(connections):
    with Scripted(lambda _: CONNACK_5 + TAKEN_OVER) as server:
        connections(server.url).in_state("contested")
        assert server.levels == [5]


def test_a_broker_that_is_restarted_again_and_again_is_no_contest(broker, connections, caplog):
    tended = connections(broker.url, back_off=Hasty())
    for _ in range(8):
        tended.connected()
        broker.stop()
        until(lambda: not tended.connection.connected, "it is lost")
        broker.start()
    tended.connected()
    assert not any("another edge-emotion" in line for line in lines(caplog))
    assert tended.connection.link.state == "connected"
