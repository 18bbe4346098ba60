from __future__ import annotations

import logging

from edge.publish.mqtt.link import Link, LinkLog
from tests.edge.publish.mqtt.tended import lines


def told(caplog, *states: str) -> list[str]:
    log = LinkLog(Link("connecting", "connecting"))
    with caplog.at_level(logging.INFO):
        for state in states:
            if state == "connected":
                log.connected(state)
            else:
                log.tell(Link(state, state))
            assert log.link == Link(state, state)
    return lines(caplog)


def test_an_outage_is_one_line_and_its_end_another(caplog):
    one = ["lost", "unreachable", "unreachable", "lost", "silent", "unreachable", "connected"]
    assert told(caplog, *one, *one) == ["lost", "silent", "connected"] * 2


def test_what_needs_a_person_is_told_though_the_connection_is_lost_already(caplog):
    assert told(caplog, "lost", "refused", "unreachable", "refused", "untrusted", "untrusted") == [
        "lost",
        "refused",
        "untrusted",
    ]


def test_one_line_says_it_all():
    assert Link("connected", "connected to mqtt://localhost:1883 (MQTT 5)").in_words == "broker connected"
    assert Link("refused", "it wants a password").in_words == "broker refused (it wants a password)"


def test_the_journal_gets_the_state_as_a_field(caplog):
    told(caplog, "lost")
    fields = {"EDGE_STATUS": "broker", "EDGE_STATE": "lost", "EDGE_REASON": "lost"}
    assert [record.fields for record in caplog.records] == [fields]
