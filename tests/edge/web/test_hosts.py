import pytest

from edge.errors import UsageError
from edge.web.hosts import Hosts, same_origin


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8088", "localhost.", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8088", "jetson.local:80"],
)
def test_the_loopback_by_its_names_and_what_was_allowed(host):
    assert Hosts(["Jetson.Local"]).knows(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "evil.example:8088",
        "127.0.0.1.evil.example",
        "127.0.0.2",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
        "::1",
        "localhost@evil.example",
        "evil.example#localhost",
        "localhost:80:80",
        "localhost:port",
        "localhost:",
        "localhost ",
        "localhost, evil.example",
        "localhost/",
        "ｌocalhost",
        "jetson.local.",
        "jetson",
    ],
)
def test_nobody_else(host):
    assert not Hosts().knows(host)


def test_an_address_of_ipv6_is_allowed_with_and_without_brackets():
    for name in ("fd00::1", "[fd00::1]"):
        assert Hosts([name]).knows("[fd00::1]:8088")


@pytest.mark.parametrize("name", ["", "http://jetson", "jetson:80", "jetson/x", "*", ".local", "a b", "[::1"])
def test_what_is_no_name_is_said_at_the_start(name):
    with pytest.raises(UsageError, match=r"^--allow-host .*without http:// and port, like jetson\.local\.$"):
        Hosts([name])


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost:8088", "localhost:8088"),
        ("http://LOCALHOST:8088", "localhost:8088"),
        ("http://localhost", "localhost:80"),
        ("http://[::1]:8088", "[::1]:8088"),
        ("https://jetson.local", "jetson.local:443"),
    ],
)
def test_a_page_of_our_own(origin, host):
    assert same_origin(origin, host)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://evil.example",
        "http://localhost",
        "http://localhost:8089",
        "http://127.0.0.1:8088",
        "http://localhost:8088.evil.example",
        "http://localhost:8088@evil.example",
        "http://evil.example/localhost:8088",
        "file://localhost:8088",
        "chrome-extension://localhost:8088",
        "localhost:8088",
        "http://localhost:8088/",
        "http://localhost:8088 http://evil.example",
    ],
)
def test_a_page_of_another_site(origin):
    assert not same_origin(origin, "localhost:8088")
