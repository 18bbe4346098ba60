from __future__ import annotations

import re
import socket
import ssl

import pytest

from edge.publish.mqtt.attempt import Ending
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.diagnosis import contested, diagnose, silent

PLAIN, TLS, WEB = parse_broker("mqtt://host"), parse_broker("mqtts://host"), parse_broker("ws://host:9001")


def bad_certificate(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "some words"
    return error


CASES = [
    (PLAIN, Ending(accepted=True, words="gone"), "lost", "trying again"),
    (PLAIN, Ending(refusal=(134, "Bad user name or password")), "refused", "check username and password"),
    (PLAIN, Ending(refusal=(135, "Not authorized")), "refused", "check username and password"),
    (PLAIN, Ending(refusal=(132, "Unsupported protocol version")), "refused", "neither MQTT 5 nor 3.1.1"),
    (PLAIN, Ending(refusal=(137, "Server busy")), "refused", r"\(Server busy\); look into the broker's log"),
    (PLAIN, Ending(words="Protocol error"), "refused", "not MQTT; give the right port"),
    (PLAIN, Ending(silent=True), "silent", "check that it is an MQTT broker"),
    (PLAIN, Ending(hung_up=True), "refused", "write mqtts:// if"),
    (PLAIN, Ending(error=ConnectionRefusedError(111, "Connection refused")), "unreachable", r"\(Connection refused\)"),
    (PLAIN, Ending(error=socket.gaierror(-2, "Name or service not known")), "unreachable", "Name or service"),
    (TLS, Ending(hung_up=True), "untrusted", "check that this port speaks TLS"),
    (TLS, Ending(error=bad_certificate(10)), "untrusted", "renew it on the broker"),
    (TLS, Ending(error=bad_certificate(9)), "untrusted", "set this machine's clock"),
    (TLS, Ending(error=bad_certificate(62)), "untrusted", "for another name than 'host'; write the name"),
    (TLS, Ending(error=bad_certificate(20)), "untrusted", "mqtt.ca_file"),
    (TLS, Ending(error=bad_certificate(79)), "untrusted", r"\(some words\)"),
    (TLS, Ending(error=TimeoutError("_ssl.c:989: The handshake operation timed out")), "silent", "speaks TLS"),
    (TLS, Ending(error=ConnectionResetError(104, "Connection reset by peer")), "untrusted", "speaks TLS"),
    (WEB, Ending(error=ConnectionError("WebSocket handshake error")), "refused", "check port and path"),
]


@pytest.mark.parametrize(("address", "ending", "state", "remedy"), CASES)
def test_each_fault_is_one_sentence_that_names_the_broker_and_the_remedy(address, ending, state, remedy):
    link = diagnose(address, ending)
    assert link.state == state
    assert str(address) in link.reason
    assert "\n" not in link.reason
    assert re.search(remedy, link.reason), link.reason


def test_silence_and_a_contest_are_too():
    assert silent(PLAIN).state == "silent"
    assert "give one of the two another --device-id" in contested(PLAIN, "desk").reason
