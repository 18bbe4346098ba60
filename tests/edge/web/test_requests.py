"""The real server, asked by browsers that were led astray and by clients that are no browsers."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import psutil
import pytest

from tests.broker import until
from tests.edge.web.served import HOST

pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize("path", ["/healthz", "/live", "/metrics", "/openapi.json", "/", "/nothing"])
def test_a_name_that_was_led_here_gets_nothing(served, path):
    answer = served.ask(path, Host=f"evil.example:{served.port}")
    assert answer.status == 421
    assert answer.detail.endswith("start it with --allow-host NAME.")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_page_of_another_site_gets_nothing(served, origin, method):
    answer = served.ask("/healthz", method, Origin=origin)
    assert answer.status == 403
    assert answer.detail == "This request comes from a page of another site, which may not ask here."
    assert "access-control-allow-origin" not in answer.headers


def test_what_a_page_of_another_site_embeds_is_refused_and_a_link_is_followed(served):
    assert served.ask("/live", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors").status == 403
    assert served.ask("/healthz", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status == 200
    assert served.ask("/healthz", Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="cors").status == 200


def test_our_own_page_is_let_in(served):
    for name in (HOST, "localhost"):
        own = f"{name}:{served.port}"
        assert served.ask("/healthz", Host=own, Origin=f"http://{own}").status == 200


def test_every_answer_forbids_to_be_kept_framed_or_guessed_at(served):
    for answer in (served.ask("/healthz"), served.ask("/nothing"), served.ask("/healthz", Host="evil.example")):
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("POST", "/live", 405)])
def test_what_is_not_there_is_said_in_a_sentence(served, method, path, status):
    answer = served.ask(path, method)
    assert answer.status == status
    assert answer.detail.startswith("Th")
    assert "/openapi.json tells" in answer.detail


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"GET /healthz HTTP/1.0\r\n\r\n", 421),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nOrigin: http://e.example\r\n\r\n", 403),
        (b"GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
        (b"GET /healthz\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
    ],
)
def test_requests_that_no_browser_would_make(served, text, status):
    answer = served.say(text)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer
    assert b"root:" not in answer
    assert served.ask("/healthz").status == 200


def test_a_head_without_an_end_is_not_kept(served):
    with socket.create_connection((HOST, served.port), 10) as line, contextlib.suppress(ConnectionError):
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000_000)
        assert line.recv(100).startswith(b"HTTP/1.1 400 ")
    assert psutil.Process(served.child.pid).memory_info().rss < 100e6
    assert served.ask("/healthz").status == 200


def test_a_client_that_never_says_what_it_wants_is_hung_up_on(served):
    with contextlib.ExitStack() as closing:
        silent, slow = (closing.enter_context(socket.create_connection((HOST, served.port), 30)) for _ in range(2))
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        trickle = threading.Thread(target=send_slowly, args=(slow, 30.0), daemon=True)
        trickle.start()
        for line in (silent, slow):
            with contextlib.suppress(ConnectionResetError):
                assert line.recv(1) == b""
        trickle.join(5)
        assert not trickle.is_alive()
    assert served.ask("/healthz").status == 200


def send_slowly(line, limit_s):
    """A letter now and then, which does not buy more time."""
    began_s = time.monotonic()
    with contextlib.suppress(OSError):
        while time.monotonic() - began_s < limit_s:
            line.sendall(b"x")
            time.sleep(0.3)


def test_the_description_names_what_there_is_with_examples(served):
    description = served.ask("/openapi.json").json()
    assert set(description["paths"]) == {"/healthz", "/live", "/metrics"}
    live = description["paths"]["/live"]["get"]["responses"]["200"]["content"]["text/event-stream"]
    assert live["example"].startswith("event: available\n")
    assert served.ask("/docs").status == 404


def test_health_and_figures_of_a_device_that_comes_and_goes(served, device):
    until(lambda: served.health()["device"]["enabled"] == "ON", "the device's words")
    health = served.health()
    assert health["status"] == "ok"
    assert health["broker"]["state"] == "connected"
    probed = served.ask("/healthz", "HEAD")
    assert (probed.status, probed.text) == (200, "")
    told = {"available": "online", "enabled": "ON", "video": "online", "audio": "degraded", "engine": "online"}
    assert told.items() <= health["device"].items()
    until(lambda: "camera_fps" in served.ask("/metrics").text, "the figures")
    answer = served.ask("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    figures = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert figures['edge_emotion_camera_fps{device="desk"}'] == "25.0"
    assert figures['edge_emotion_status{device="desk",of="audio",state="degraded"}'] == "1.0"
    assert figures['edge_emotion_status{device="desk",of="audio",state="online"}'] == "0.0"
    assert figures['edge_emotion_broker_connected{device="desk"}'] == "1.0"
    assert "audio_dbfs" not in answer.text, "unknown is left out"
    assert "happy" not in answer.text, "no emotions: Prometheus would keep them"
    device.stop()
    assert served.until_healthy("waiting")["device"]["available"] == "stopped"
