from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from edge.capture.host import Host
from edge.capture.knock import Knocker
from edge.clock import NS_PER_S, MonotonicClock
from tests.broker import free_port
from tests.certificates import Authority
from tests.leaks import descriptors, threads
from tests.mjpeg import MjpegServer
from tests.rtsp import RtspServer, needs_rtsp_server

LIMIT_S = 3.0
"""Back within so long, says the contract."""
HASTE = 5


class HastyClock:
    """Time that goes by five times as fast."""

    def now_ns(self):
        return HASTE * time.monotonic_ns()


@contextlib.contextmanager
def knocking(url: str, clock=None) -> Iterator[Knocker]:
    knocker = Knocker(url, clock or HastyClock())
    try:
        yield knocker
    finally:
        knocker.close()


def seconds_until_return(knocker):
    before, began = knocker.returns, time.monotonic()
    while knocker.poll() == before:
        assert time.monotonic() - began < 20, "never noticed"
        time.sleep(0.02)
    return time.monotonic() - began


def polled(knocker, seconds):
    """What `poll` gives in the end, and the longest it took. The seconds are those of a hasty clock."""
    longest_s, until = 0.0, time.monotonic() + seconds / HASTE
    while time.monotonic() < until:
        began = time.monotonic()
        returns = knocker.poll()
        longest_s = max(longest_s, time.monotonic() - began)
        time.sleep(0.02)
    return returns, longest_s


def test_a_camera_that_is_started_again_is_known_to_be_back():
    with MjpegServer() as server, knocking(server.url, MonotonicClock()) as knocker:
        server.stop()
        assert polled(knocker, 5)[0] == 0
        server.start()
        assert seconds_until_return(knocker) < LIMIT_S


def test_a_camera_that_stands_still_answers_when_it_goes_on():
    command = [sys.executable, "-m", "tests.mjpeg", "--pattern", "--size", "64x48"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            url = child.stdout.readline().strip()
            os.kill(child.pid, signal.SIGSTOP)
            with knocking(url, MonotonicClock()) as knocker:
                assert polled(knocker, 5)[0] == 0
                os.kill(child.pid, signal.SIGCONT)
                assert seconds_until_return(knocker) < LIMIT_S
        finally:
            child.kill()


def test_an_rtsp_camera_that_stands_still_answers_when_it_goes_on():
    needs_rtsp_server()
    with RtspServer() as server, knocking(server.url, MonotonicClock()) as knocker:
        server.stall()
        assert polled(knocker, 5)[0] == 0
        server.resume()
        assert seconds_until_return(knocker) < LIMIT_S


def test_an_answer_counts_once_until_there_was_silence_again():
    with MjpegServer() as server, knocking(server.url) as knocker:
        seconds_until_return(knocker)
        assert polled(knocker, 5)[0] == 1, "it answers, and yet cannot be opened"
        server.stop()
        assert polled(knocker, 3)[0] == 1
        server.start()
        seconds_until_return(knocker)


def test_after_an_opening_the_next_answer_is_a_return():
    with MjpegServer() as server, knocking(server.url) as knocker:
        seconds_until_return(knocker)
        knocker.close()
        knocker.opened()
        seconds_until_return(knocker)


def test_silence_seen_before_an_attempt_is_remembered_after_it():
    with MjpegServer() as server, knocking(server.url) as knocker:
        seconds_until_return(knocker)
        server.stop()
        polled(knocker, 3)
        knocker.close()
        server.start()
        seconds_until_return(knocker)


class Door:
    """Listens, counts who comes, and gives each a word or nothing."""

    def __init__(self, word=None, context=None):
        self.came, self.heard, self.at_once, self.gone = 0, b"", 0, threading.Event()
        self._word, self._context = word, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        with contextlib.suppress(OSError):
            while True:
                guest, _ = self._listener.accept()
                self.came += 1
                threading.Thread(target=self._serve, args=(guest,), daemon=True).start()

    def _serve(self, guest):
        with contextlib.suppress(OSError), guest:
            if self._context is not None:
                guest = self._context.wrap_socket(guest, server_side=True)
            self.heard = guest.recv(4096)
            if self._word is not None:
                guest.sendall(self._word)
            guest.recv(1)
        self.gone.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def test_one_question_waits_and_is_taken_back_at_once():
    with Door() as door, knocking(f"http://127.0.0.1:{door.port}/video?x=1") as knocker:
        assert polled(knocker, 2)[0] == 0
        assert door.came == 1
        assert door.heard.startswith(b"GET /video?x=1 HTTP/1.0\r\n")
        knocker.close()
        assert door.gone.wait(2)


def test_a_login_is_not_sent():
    with (
        Door(b"RTSP/1.0 401 Unauthorized\r\n") as door,
        knocking(f"rtsp://me:secret@127.0.0.1:{door.port}/a") as knocker,
    ):
        seconds_until_return(knocker)
        assert door.heard == f"OPTIONS rtsp://127.0.0.1:{door.port}/a RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode()


def test_who_hangs_up_without_a_word_has_not_answered():
    with Door(b"") as door, knocking(f"http://127.0.0.1:{door.port}/") as knocker:
        door._serve = lambda guest: guest.close()
        assert polled(knocker, 1.5)[0] == 0
        assert 2 <= door.came <= 4 + HASTE


def test_a_camera_that_opens_its_stream_and_sends_no_picture_is_silent():
    with MjpegServer() as server, knocking(server.url) as knocker:
        server.stall()
        assert polled(knocker, 5)[0] == 0
        server.resume()
        seconds_until_return(knocker)


@pytest.mark.parametrize("word", [b"HTTP/1.1 401 Unauthorized\r\n\r\n", b"HTTP/1.0 503 Busy\r\n\r\n", b"what?"])
def test_a_refusal_is_an_answer(word):
    with Door(word) as door, knocking(f"http://127.0.0.1:{door.port}/") as knocker:
        seconds_until_return(knocker)


def test_it_asks_at_most_twice_a_second():
    with Door(b"no") as door, knocking(f"http://127.0.0.1:{door.port}/") as knocker:
        polled(knocker, 3)
        assert door.came <= 6


def test_the_first_words_of_tls_are_answered(tmp_path):
    own = Authority(tmp_path).own
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.cert, own.key)
    with Door(context=context) as door, knocking(f"https://localhost:{door.port}/") as knocker:
        seconds_until_return(knocker)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999/", "http://no-such-host.invalid/", "rtsp://[::1]:9/", "http:///"]
)
def test_an_address_that_leads_nowhere_is_silent(url):
    with knocking(url) as knocker:
        returns, longest_s = polled(knocker, 1)
        assert returns == 0
        assert longest_s < 0.5


def test_it_leaves_neither_sockets_nor_threads():
    before = descriptors(), threads()
    for _ in range(20):
        with knocking(f"http://127.0.0.1:{free_port()}/") as knocker:
            polled(knocker, 0.02)
    assert (descriptors(), threads()) == before


def test_a_name_is_looked_up_aside_and_each_of_its_addresses_has_its_turn(monkeypatch):
    asked = threading.Event()

    def slow(*_args, flags=0, **_more):
        if flags:
            raise socket.gaierror
        asked.wait(5)
        return [(socket.AF_INET, 1, 6, "", ("192.0.2.1", 80)), (socket.AF_INET, 1, 6, "", ("192.0.2.2", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    host, now_ns = Host("camera", 80), 0
    assert host.next_address(now_ns) is None
    before = threading.active_count()
    assert host.next_address(60 * NS_PER_S) is None
    assert threading.active_count() == before, "one look-up at a time"
    asked.set()
    host._thread.join(5)
    assert host.next_address(now_ns)[1] == ("192.0.2.1", 80)
    assert not host.failed()
    assert host.next_address(now_ns)[1] == ("192.0.2.2", 80)
    assert host.failed()
    assert host.next_address(now_ns)[1] == ("192.0.2.1", 80)
