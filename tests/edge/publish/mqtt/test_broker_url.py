from __future__ import annotations

import pytest

from edge.errors import UsageError
from edge.publish.mqtt.broker_url import BrokerAddress, parse_broker
from edge.publish.mqtt.topics import Topics


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("embedded", BrokerAddress("embedded")),
        ("none", BrokerAddress("none")),
        ("mqtt://host", BrokerAddress("remote", "host", 1883)),
        ("mqtt://mia@10.0.0.7:1884/", BrokerAddress("remote", "10.0.0.7", 1884, username="mia")),
        ("mqtts://broker.example", BrokerAddress("remote", "broker.example", 8883, tls=True)),
        ("mqtt://[::1]:1883", BrokerAddress("remote", "::1", 1883)),
        ("mqtt://a%40b@host", BrokerAddress("remote", "host", 1883, username="a@b")),
        ("ws://host", BrokerAddress("remote", "host", 80, transport="websockets", path="/mqtt")),
        ("ws://host:9001/", BrokerAddress("remote", "host", 9001, transport="websockets", path="/")),
        (
            "wss://mia@host/a/b-c",
            BrokerAddress("remote", "host", 443, True, "mia", transport="websockets", path="/a/b-c"),
        ),
        ("unix:///run/m.sock", BrokerAddress("remote", transport="unix", path="/run/m.sock")),
        ("unix://mia@/run/a%20b", BrokerAddress("remote", username="mia", transport="unix", path="/run/a b")),
    ],
)
def test_addresses_as_people_write_them(text, address):
    assert parse_broker(text) == address


def test_an_address_reads_back():
    for text in (
        "mqtt://host:1883",
        "mqtts://[::1]:8883",
        "embedded",
        "ws://host:9001/mqtt",
        "wss://host:443/a/b",
        "unix:///run/m.sock",
        "unix:///run/a%20b",
    ):
        assert str(parse_broker(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "host",
        "host:1883",
        "http://host",
        "mqtt://",
        "mqtt://host:0",
        "mqtt://host:70000",
        "mqtt://host:x",
        "mqtt://host/topic",
        "mqtt://a..b",
        "mqtt://" + "a" * 64,
        "mqtt://ho st",
        "mqtt://[::1",
        "mqtt://host?x=1",
        "EMBEDDED",
        "ws://",
        "ws://host:0/mqtt",
        "ws://host/mqtt?x=1",
        "ws://host/a b",
        "unix://",
        "unix:///",
        "unix://run/m.sock",
        "unix://host:1/m.sock",
        "unix:///" + "a" * 107,
    ],
)
def test_what_cannot_be_names_the_value_and_the_remedy(text):
    with pytest.raises(UsageError, match=r"write ") as caught:
        parse_broker(text)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["mqtt://mia:hush@host", "mqtt://:hush@host", "mqtt://mia:hu:sh@host:x"])
def test_a_password_is_refused_and_not_repeated(text):
    with pytest.raises(UsageError) as caught:
        parse_broker(text)
    assert "hu" not in str(caught.value).replace("--", "").split(";")[0].replace("which", "")


@pytest.mark.parametrize(
    "text", ["mqtt:/u:ZZ@h", "u:ZZ@h", "mqtt://u:ZZ/ZZ@h", "mqtt://u:ZZ@[h", "mqtt://u@h?token=ZZ"]
)
def test_a_password_in_an_address_that_cannot_be_read_is_not_repeated(text):
    with pytest.raises(UsageError) as caught:
        parse_broker(text)
    assert "ZZ" not in str(caught.value)


def test_a_name_that_is_not_utf_8_is_refused():
    with pytest.raises(UsageError, match="write"):
        parse_broker("mqtt://mia\udcff@host")


@pytest.mark.parametrize("name", ["", "a/b", "a+b", "a#", "$SYS", "a b", "a\n", "x" * 65, "\udcff"])
def test_a_device_id_is_one_level_of_a_topic(name):
    with pytest.raises(UsageError, match="--device-id"):
        Topics(name)


@pytest.mark.parametrize(
    ("text", "nearby"),
    [
        ("mqtt://localhost", True),
        ("mqtt://127.0.0.1", True),
        ("ws://[::1]", True),
        ("unix:///run/m.sock", True),
        ("mqtt://10.0.0.7", False),
        ("mqtts://localhost.example", False),
    ],
)
def test_a_broker_on_this_machine_is_known(text, nearby):
    assert parse_broker(text).nearby is nearby


def test_topics():
    topics = Topics("desk-1.left")
    assert topics.status_detail("video") == "edge-emotion/desk-1.left/status/video/detail"
