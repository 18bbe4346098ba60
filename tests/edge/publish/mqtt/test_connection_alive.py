"""A connection that only looks alive, and a network thread that only should be."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import threading
import time

import paho.mqtt.client as paho  # noqa: TID251 - a fault that nothing from outside can make
import psutil
import pytest

from edge.publish.mqtt import heartbeat
from edge.publish.mqtt.back_off import SHORTEST_S
from tests.broker import HOST, Mosquitto, free_port, listening, until
from tests.edge.publish.mqtt.tended import ECHO, Hasty, lines, warnings

pytestmark = pytest.mark.timeout(60)
COMMAND = "edge-emotion/desk/enabled/set"


def dive(depth: int) -> int:
    return dive(depth + 1) + 1


class Failing:
    """A handler that fails as it is told, and one message after it does not."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def __call__(self, payload: bytes, retained: bool) -> None:
        self.heard.append(payload)
        if payload == b"raise":
            raise ValueError("no")
        if payload == b"dive":
            dive(0)
        if payload == b"exit":
            raise SystemExit  # what no callback should do: it ends the thread without a word
        if payload == b"hang":
            threading.Event().wait(20)


@pytest.mark.parametrize("fault", ["raise", "dive"])
def test_a_handler_that_fails_ends_nothing_and_is_told_once(fault, broker, connections, caplog):
    handler = Failing()
    tended = connections(broker.url, handlers={COMMAND: handler}).listening()
    with listening(broker.port) as listener:
        for payload in (fault, fault, fault, "OFF"):
            listener.publish(COMMAND, payload)
        until(lambda: handler.heard[-1:] == [b"OFF"], "the message after them")
    assert (tended.connection.connects, tended.connection.connected) == (1, True)
    assert len([line for line in warnings(caplog) if f"a message on {COMMAND} made us fail" in line]) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_network_thread_that_dies_is_replaced(broker, connections):
    handler = Failing()
    tended = connections(broker.url, handlers={COMMAND: handler}, back_off=Hasty()).listening()
    with listening(broker.port) as listener:
        listener.publish(COMMAND, "exit")
        soon_s = 5.0  # before the echo is missed
        until(lambda: tended.connection.connects == 2, "a second connection", soon_s)
        tended.listening()
        listener.publish(COMMAND, "OFF")
        until(lambda: handler.heard[-1:] == [b"OFF"], "the message after it")


def test_a_network_thread_that_hangs_is_replaced(broker, connections, monkeypatch, caplog):
    monkeypatch.setattr(heartbeat, "ANSWER_S", 0.5)
    handler = Failing()
    tended = connections(broker.url, handlers={COMMAND: handler}, back_off=Hasty()).listening()
    with listening(broker.port) as listener:
        listener.publish(COMMAND, "hang")
        until(lambda: tended.connection.connects == 2, "a second connection")
        tended.listening()
        listener.publish(COMMAND, "OFF")
        until(lambda: handler.heard[-1:] == [b"OFF"], "the message after it")
    assert "has stopped answering; connecting afresh" in caplog.text


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_pahos_own_is_a_loss_that_is_told(broker, connections, monkeypatch, caplog):
    tended = connections(broker.url, back_off=Hasty()).listening()
    real = paho.Client.loop_read

    def fail(client: paho.Client, *arguments) -> int:
        monkeypatch.setattr(paho.Client, "loop_read", real)
        raise RuntimeError("a fault")

    monkeypatch.setattr(paho.Client, "loop_read", fail)
    until(lambda: tended.connection.connects == 2, "a second connection")
    assert "lost the connection" in lines(caplog)[0]
    assert "(paho failed: a fault)" in lines(caplog)[0]


def test_rubbish_from_the_other_side_does_not_end_it(connections, caplog):
    answers = [
        b"\x20\x00",
        b"\x20\x01\x00",
        b"\x20\x05\x00\x00\xff\xff\xff",
        b"\x90\x00",
        b"\x32\x02\x00\x09",
        b"\xff" * 9,
    ]
    with socket.create_server((HOST, 0)) as server:
        back_off = Hasty()
        tended = connections(f"mqtt://{HOST}:{server.getsockname()[1]}", back_off=back_off)
        for answer in answers:
            line, _ = server.accept()
            with line:
                line.recv(4096)
                line.sendall(answer)
                with contextlib.suppress(ConnectionResetError):
                    line.recv(4096)
        until(lambda: back_off.asked >= 3, "it goes on")
        assert not tended.connection.connected
    assert "Traceback" not in caplog.text


def test_a_stalled_broker_is_noticed_by_the_echo_and_found_again(broker, connections, monkeypatch, caplog):
    monkeypatch.setattr(heartbeat, "ANSWER_S", 1.0)
    tended = connections(broker.url, back_off=Hasty()).listening()
    broker.stall()
    began = time.monotonic()
    tended.in_state("silent")
    assert time.monotonic() - began < heartbeat.ANSWER_S + 10  # long before the keepalive of 10 s has run out twice
    broker.resume()
    tended.in_state("connected")
    assert tended.connection.mqtt5
    assert len(warnings(caplog)) == 1, warnings(caplog)


def test_an_echo_that_the_broker_keeps_back_is_told_once_and_ends_nothing(tmp_path, connections, monkeypatch, caplog):
    monkeypatch.setattr(heartbeat, "ANSWER_S", 0.2)
    monkeypatch.setattr(heartbeat, "NEVER_S", 0.5)
    (tmp_path / "acl").write_text(f"topic write {ECHO}\n")
    with Mosquitto(tmp_path, f"acl_file {tmp_path}/acl") as broker:
        tended = connections(broker.url, stats_s=0.1).connected()
        until(lambda: "does not send us what we publish" in caplog.text, "it is told")
        time.sleep(1)
        assert (tended.connection.connects, tended.connection.connected) == (1, True)
    assert len([line for line in warnings(caplog) if ECHO in line]) == 1


def test_a_socket_that_takes_connections_and_never_answers_is_one_line(connections, monkeypatch, caplog):
    monkeypatch.setattr("edge.publish.mqtt.version.PATIENCE_S", (0.3, 0.6))
    with socket.create_server((HOST, 0)) as server:
        back_off = Hasty()
        tended = connections(f"mqtt://{HOST}:{server.getsockname()[1]}", back_off=back_off)
        assert "check that it is an MQTT broker" in tended.in_state("silent")
        until(lambda: back_off.asked >= 3, "more tries")
    assert len(warnings(caplog)) == 1, warnings(caplog)


def test_a_machine_without_a_descriptor_left_is_tried_again_and_not_hammered(broker, connections, monkeypatch, caplog):
    starts = []

    def start(client) -> int:
        starts.append(client)
        if len(starts) <= 2:
            raise OSError(errno.EMFILE, "Too many open files")
        return real(client)

    real = paho.Client.loop_start
    monkeypatch.setattr(paho.Client, "loop_start", start)
    began = time.monotonic()
    connections(broker.url, back_off=Hasty()).connected()
    assert len(starts) == 3
    assert time.monotonic() - began >= 2 * SHORTEST_S  # though the back-off is hasty
    assert warnings(caplog) == [f"cannot reach {broker.url} (Too many open files); trying again until it answers"]


def test_only_a_connection_that_lasts_is_a_good_one(broker, connections, monkeypatch):
    monkeypatch.setattr("edge.publish.mqtt.connection.GOOD_S", 0.5)
    back_off = Hasty()
    tended = connections(broker.url, back_off=back_off).connected()
    for _ in range(2):
        broker.stop()
        until(lambda: back_off._tries >= 3, "three tries")
        broker.start()
        tended.connected()
    assert back_off._tries >= 3
    until(lambda: back_off._tries == 0, "it has lasted")


@pytest.mark.parametrize(("kind", "times"), [("killed", 100), ("ended", 30)])
def test_restarts_leave_no_thread_and_no_descriptor_behind(kind, times, tmp_path, connections, caplog):
    broker, process = Mosquitto(tmp_path), psutil.Process()
    tended = connections(broker.url, back_off=Hasty())
    counts = []
    for _ in range(times):
        with broker:
            tended.connected()
            counts.append((process.num_threads(), process.num_fds()))
            if kind == "ended":
                broker._signal(signal.SIGTERM)
        until(lambda: not tended.connection.connected, "it is lost")
    assert tended.connection.connects == times
    early, late = counts[5:15], counts[-10:]
    assert min(late) <= max(early), counts
    assert max(threads for threads, _ in late) <= max(threads for threads, _ in early) + 1
    assert max(files for _, files in late) <= max(files for _, files in early) + 3
    assert not any("another edge-emotion" in line for line in lines(caplog))


def test_stop_leaves_no_thread_behind_whatever_it_was_doing(broker, connections):
    stalled = Mosquitto(broker._config.parent)
    before = set(threading.enumerate())
    with socket.create_server((HOST, 0)) as mute, stalled:
        urls = [broker.url, stalled.url, f"mqtt://{HOST}:{free_port()}", f"mqtt://{HOST}:{mute.getsockname()[1]}"]
        many = [connections(url, device=f"d{number}") for number, url in enumerate(urls)]
        many[0].connected()
        many[1].connected()
        stalled.stall()
        many[2].in_state("unreachable")
        began = time.monotonic()
        for tended, clean in zip(many, (True, False, False, False), strict=True):
            tended.stop(clean=clean)
        assert time.monotonic() - began < 5
        until(lambda: set(threading.enumerate()) <= before, "the threads are gone")
        stalled.resume()
