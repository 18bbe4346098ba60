from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from edge.publish.mqtt import embedded
from edge.publish.mqtt.embedded import HOST, EmbeddedBroker, find_mosquitto
from tests.broker import free_port, listening, mosquitto_path, until

pytestmark = pytest.mark.timeout(120)
KINDS = ("mosquitto", "amqtt")


@pytest.fixture(params=KINDS)
def broker(request):
    if request.param == "mosquitto":
        mosquitto_path()
    made = EmbeddedBroker(free_port(), prefer_mosquitto=request.param == "mosquitto")
    made.start()
    yield made
    made.stop()


def test_it_carries_messages_and_ends(broker):
    with listening(broker.port, mqtt5=broker.kind == "mosquitto") as listener:
        listener.publish("edge-emotion/x/y", "hello", retain=True)
        listener.wait_for("x/y", "hello")
    broker.stop()
    broker.stop()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((HOST, broker.port), 1)


def test_one_that_died_comes_back_on_its_port_and_one_that_was_stopped_does_not(broker, caplog):
    port = broker.port
    broker.revive()
    assert "died" not in caplog.text
    if broker._child is not None:
        broker._child.kill()
        until(lambda: broker._child.poll() is not None, "it is dead")
    else:
        broker._thread.end()
    broker.revive()
    with_mqtt5 = broker.kind == "mosquitto"
    until(lambda: accepts(port), "it is back")
    assert caplog.text.count("died; starting it again") == 1
    with listening(port, mqtt5=with_mqtt5) as listener:
        listener.publish("edge-emotion/x/y", "hello", retain=True)
        listener.wait_for("x/y", "hello")
    broker.stop()
    broker.revive()
    assert not accepts(port)


def test_one_that_dies_again_and_again_is_given_time(caplog):
    mosquitto_path()
    broker = EmbeddedBroker(free_port())
    broker.start()
    broker._child.kill()
    broker._child.wait()
    with socket.create_server((HOST, broker.port)):  # somebody else takes the port
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            broker.revive()
            time.sleep(0.02)
    broker.stop()
    assert 1 <= caplog.text.count("starting it again") <= 2


def accepts(port):
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), 0.5):
        return True
    return False


def test_it_listens_on_loopback_only(broker):
    listening_at = {
        connection.laddr.ip
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == broker.port
    }
    assert listening_at == {HOST}


@pytest.mark.parametrize("kind", KINDS)
def test_a_port_that_is_taken_is_left_alone(kind):
    if kind == "mosquitto":
        mosquitto_path()
    with socket.create_server((HOST, 0)) as other:
        taken = other.getsockname()[1]
        broker = EmbeddedBroker(taken, prefer_mosquitto=kind == "mosquitto")
        broker.start()
        assert broker.port != taken
        assert broker.url == f"mqtt://{HOST}:{broker.port}"
        broker.stop()


def test_mosquitto_is_found_where_debian_hides_it(monkeypatch):
    if not Path("/usr/sbin/mosquitto").exists():
        pytest.skip("mosquitto is not installed in /usr/sbin")
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_mosquitto() == "/usr/sbin/mosquitto"


def test_without_mosquitto_it_is_amqtt(monkeypatch):
    monkeypatch.setattr(embedded, "find_mosquitto", lambda: None)
    assert EmbeddedBroker().kind == "amqtt"


def test_mosquitto_dies_with_a_parent_that_is_killed():
    mosquitto_path()
    program = textwrap.dedent(f"""
        import time
        from edge.publish.mqtt.embedded import EmbeddedBroker
        broker = EmbeddedBroker({free_port()})
        broker.start()
        print(broker._child.pid, flush=True)
        time.sleep(60)
    """)
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "mosquitto ended")
