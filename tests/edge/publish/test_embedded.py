from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from edge.publish import embedded
from edge.publish.embedded import HOST, EmbeddedBroker, find_mosquitto
from tests.broker import free_port, listening, mosquitto_path, until

pytestmark = pytest.mark.timeout(60)
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
        from edge.publish.embedded import EmbeddedBroker
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
