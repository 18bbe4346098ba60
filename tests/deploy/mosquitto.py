"""The mosquitto of deploy/, started from its own files: only folders and ports are this test's."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as paho  # noqa: TID251 - the other end of the line
import pytest
from paho.mqtt.enums import CallbackAPIVersion  # noqa: TID251

from tests.broker import HOST, free_port, mosquitto_path, until
from tests.conftest import REPOSITORY

SOURCE = REPOSITORY / "deploy/mosquitto"
SCRIPT = SOURCE / "certificates.sh"
NOT_AUTHORISED = 135


def certificates(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One call of the script; skips the test where its openssl is not installed."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = ["sh", str(SCRIPT), str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@dataclass(frozen=True)
class Authority:
    """A folder with a CA, made by the script."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, *clients: str) -> Authority:
        made = cls(folder)
        for words in (("ca",), ("server", "localhost", HOST), *(("client", name) for name in clients)):
            done = certificates(folder, *words)
            assert done.returncode == 0, done.stderr
        return made

    def files(self, name: str) -> tuple[Path, Path]:
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"


class Deployment:
    """What docs/mqtt-security.md sets up, below `folder` instead of /etc/mosquitto."""

    def __init__(self, folder: Path, authority: Authority, *, websockets: bool = False) -> None:
        self.ports = {port: free_port() for port in (8883, 8884, 8885)}
        self.log = folder / "mosquitto.log"
        self._main = folder / "mosquitto.conf"
        (folder / "conf.d").mkdir(parents=True)
        (folder / "certs").mkdir()
        for name in ("ca.crt", "server.crt", "server.key", "crl.pem"):
            (folder / "certs" / name).write_bytes((authority.folder / name).read_bytes())
        text = (SOURCE / "edge-emotion.conf").read_text()
        if websockets:
            head, last = text.split("#listener 8885")
            text = head + "listener 8885" + last.replace("\n#", "\n")
        text = text.replace("/etc/mosquitto/", f"{folder}/")
        for port, free in self.ports.items():
            text = text.replace(f"listener {port}\n", f"listener {free} {HOST}\n")
        (folder / "conf.d/edge-emotion.conf").write_text(text)
        (folder / "edge-emotion.acl").write_text((SOURCE / "edge-emotion.acl").read_text())
        self.passwords = folder / "edge-emotion.passwd"
        self.passwords.write_text("")
        self._folder = folder

    def start(self) -> None:
        # The lines of Debian's own mosquitto.conf.
        main = ["persistence true", f"persistence_location {self._folder}/", f"log_dest file {self.log}"]
        self._main.write_text("\n".join([*main, "user root", f"include_dir {self._folder}/conf.d"]) + "\n")
        self._child = subprocess.Popen([mosquitto_path(), "-c", str(self._main)], stderr=subprocess.DEVNULL)
        until(self._accepts, "mosquitto accepts")

    def stop(self) -> None:
        self._child.terminate()
        self._child.wait(10)

    def add_password(self, name: str, password: str) -> None:
        """Before `start`."""
        words = ["mosquitto_passwd", "-b", str(self.passwords), name, password]
        subprocess.run(words, check=True, capture_output=True)

    def __enter__(self) -> Deployment:  # noqa: PYI034 - Self is Python 3.11
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accepts(self) -> bool:
        assert self._child.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.ports[8883]), 0.2):
            return True
        return False


class Client:
    """Anybody: with a certificate on 8883, or with a password on 8884 (`websockets`: 8885)."""

    def __init__(
        self,
        deployment: Deployment,
        authority: Authority,
        name: str,
        password: str | None = None,
        client_id: str = "",
    ) -> None:
        self.heard: list[tuple[str, str]] = []
        self._results: dict[int, int] = {}
        self._granted = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id, protocol=paho.MQTTv5)
        tls = ssl.create_default_context(cafile=str(authority.folder / "ca.crt"))
        if password is None:
            tls.load_cert_chain(*authority.files(name))
        else:
            self._client.username_pw_set(name, password)
        self._client.tls_set_context(tls)
        self._client.on_message = lambda _c, _d, message: self.heard.append((message.topic, message.payload.decode()))
        self._client.on_publish = lambda _c, _d, mid, reason, _p: self._results.__setitem__(mid, reason.value)
        self.thrown_out = False
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = lambda *_: self._granted.set()
        self._client.connect(HOST, deployment.ports[8883 if password is None else 8884])
        self._client.loop_start()
        until(self._client.is_connected, f"{name} is let in")

    def subscribe(self, *topics: str) -> None:
        self._granted.clear()
        self._client.subscribe([(topic, 1) for topic in topics])
        assert self._granted.wait(10)

    def publish(self, topic: str, payload: str = "x", *, retain: bool = False) -> int:
        """The broker's reason code: 0 or 16 (nobody listens) when it took it, 135 when this is not allowed."""
        message = self._client.publish(topic, payload, qos=1, retain=retain)
        until(lambda: message.mid in self._results, f"an answer to {topic}")
        return self._results[message.mid]

    def topics(self) -> set[str]:
        return {topic for topic, _ in list(self.heard)}

    def close(self) -> None:
        self._client.on_disconnect = None
        self._client.disconnect()
        self._client.loop_stop()

    def _on_disconnect(self, *_: object) -> None:
        self.thrown_out = True
