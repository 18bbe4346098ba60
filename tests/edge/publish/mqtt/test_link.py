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
