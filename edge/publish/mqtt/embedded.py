"""A broker of our own on 127.0.0.1, for the demo and for machines that have none."""

from __future__ import annotations

import asyncio
import logging
import os
import pwd
import shutil
import socket
import subprocess
import sys
import threading
import time
from typing import Any

from edge.errors import EdgeError
from edge.publish.mqtt.broker_url import BrokerAddress

HOST = "127.0.0.1"
PORT = 1883
START_S = 5.0
STOP_S = 3.0
STEADY_S = 60.0
_SYSTEM_FOLDERS = "/usr/sbin:/usr/local/sbin:/sbin"  # Debian's mosquitto is not on the PATH of ordinary users
_TIED = """
import ctypes, os, signal, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Ties itself to its parent's life and becomes the broker. A program of its own, because Python code between fork and
exec of a process with threads can wait for ever for a lock that one of them held."""
_log = logging.getLogger(__name__)


def find_mosquitto() -> str | None:
    """The path of mosquitto, None when it is not installed."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=_SYSTEM_FOLDERS)


class EmbeddedBroker:
    """mosquitto as a child that dies with the thread that started it, else amqtt inside this process (MQTT 3.1.1 only).

    `start` it from the main thread: the kernel ties the child to the starting thread.
    """

    def __init__(self, port: int = PORT, *, prefer_mosquitto: bool = True) -> None:
        """`port` is taken when it is free, else any free one."""
        self.port = port
        self.kind = "mosquitto" if prefer_mosquitto and find_mosquitto() else "amqtt"
        self._child: subprocess.Popen[bytes] | None = None
        self._thread: _AmqttThread | None = None
        self._began_s = 0.0
        self._pause_s = 0.0

    @property
    def url(self) -> str:
        """Where it listens, as `--broker` would have it."""
        return f"mqtt://{HOST}:{self.port}"

    @property
    def address(self) -> BrokerAddress:
        """The same for MqttPublisher."""
        return BrokerAddress("remote", HOST, self.port, mqtt5=self.kind == "mosquitto")

    def start(self) -> None:
        """Return when it accepts connections; raises EdgeError when no broker can be had."""
        for _attempt in range(3):  # another process may take the port between the look and the start
            self.port = _free_port(self.port)
            if self._launch():
                _log.info("embedded broker (%s) at %s", self.kind, self.url)
                return
            self.stop()
        raise EdgeError(
            f"The embedded broker ({self.kind}) does not start on {HOST}; run your own and name it with --broker."
        )

    def revive(self) -> None:
        """Start it again on the same port when it has died; returns at once. From the main thread, as `start`.

        Raises EdgeError when no broker can be had any more.
        """
        now_s = time.monotonic()
        if self._alive() or (self._child is None and self._thread is None) or now_s - self._began_s < self._pause_s:
            return
        self._pause_s = 1.0 if now_s - self._began_s > STEADY_S else min(2 * self._pause_s + 1.0, STEADY_S)
        self._began_s = now_s
        _log.warning("the embedded broker (%s) died; starting it again at %s", self.kind, self.url)
        self._begin()

    def stop(self) -> None:
        """End the broker; a second call does nothing."""
        if self._child is not None:
            self._child.terminate()
            try:
                self._child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
            self._child = None
        if self._thread is not None:
            self._thread.end()
            self._thread = None

    def _launch(self) -> bool:
        self._begin()
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._alive():
            if self._thread.ready.wait(0.02) if self._thread else _accepts(self.port):
                return self._alive()
            time.sleep(0.02)
        return False

    def _begin(self) -> None:
        if self.kind == "mosquitto":
            self._child = _start_mosquitto(self.port)
        else:
            self._thread = _AmqttThread(self.port)
            self._thread.start()

    def _alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return self._thread is not None and self._thread.is_alive()


def _start_mosquitto(port: int) -> subprocess.Popen[bytes]:
    path = find_mosquitto()
    if path is None:
        raise EdgeError("mosquitto has gone; install it again (apt install mosquitto).")
    lines = [
        f"listener {port} {HOST}",
        "allow_anonymous true",
        "persistence false",
        "log_type error",
        "set_tcp_nodelay true",
    ]
    if os.geteuid() == 0:
        lines.append(f"user {pwd.getpwuid(0).pw_name}")  # a change of user would clear the death signal
    config = os.memfd_create("mosquitto.conf")
    try:
        os.write(config, "\n".join(lines).encode() + b"\n")
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _TIED, str(os.getpid()), path, "-c", f"/proc/self/fd/{config}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[config],
            start_new_session=True,  # Ctrl-C is for us: the broker must outlive the last message
        )
    finally:
        os.close(config)


class _AmqttThread(threading.Thread):
    """amqtt in an event loop of its own."""

    def __init__(self, port: int) -> None:
        super().__init__(name="broker", daemon=True)
        self.ready = threading.Event()
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._ending = asyncio.Event()
        try:
            from amqtt.broker import Broker
        except ImportError as error:
            raise EdgeError(
                "There is no broker to embed: install mosquitto (apt install mosquitto) or amqtt (pip install amqtt)."
            ) from error
        self._broker: type[Any] = Broker

    def run(self) -> None:
        """Serve until `end`."""
        self._loop.set_exception_handler(lambda _loop, context: _log.debug("amqtt: %s", context.get("message")))
        logging.getLogger("amqtt").setLevel(logging.ERROR)
        logging.getLogger("transitions").setLevel(logging.ERROR)
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as error:
            _log.warning("the embedded broker ended: %s", error)
        finally:
            self._loop.close()

    def end(self) -> None:
        """Stop serving and wait a moment for the thread."""
        if self.is_alive():
            self._loop.call_soon_threadsafe(self._ending.set)
            self.join(STOP_S)

    async def _serve(self) -> None:
        broker = self._broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{self._port}"}},
                "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            }
        )
        await broker.start()
        self.ready.set()
        await self._ending.wait()
        await broker.shutdown()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def _free_port(wanted: int) -> int:
    """`wanted` when nobody listens there, else one that the kernel picks."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EdgeError(f"No free port is left on {HOST} for the embedded broker; close some programs.")


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=0.5):
            return True
    except OSError:
        return False
