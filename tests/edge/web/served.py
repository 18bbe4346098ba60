"""The real process `edge-emotion-web`, and clients as rough as they come."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
import time
from typing import Any

from tests.broker import until
from tests.process.command import Running

HOST = "127.0.0.1"


class Served(Running):
    """It listens on a free port of the loopback; `port` is that."""

    module = "edge.cli.web"

    def __init__(self, *words: object, environ: dict[str, str] | None = None, log_level: str = "info") -> None:
        super().__init__("--port", 0, "--log-level", log_level, *words, environ=environ)
        self.wait_for("serving on ")
        self.port = int(re.findall(r"serving on http://.*:(\d+)", "".join(self.err))[0])

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """One request; `host_` in the headers' names stands for a dash."""
        line = http.client.HTTPConnection(HOST, self.port, timeout=10)
        try:
            line.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            response = line.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read().decode())
        finally:
            line.close()

    def health(self, **headers: str) -> dict[str, Any]:
        return self.ask("/healthz", **headers).json()

    def until_healthy(self, status: str, **headers: str) -> dict[str, Any]:
        until(lambda: self.health(**headers)["status"] == status, f"{status}; {self.err}")
        return self.health(**headers)

    def say(self, text: bytes, timeout_s: float = 10.0) -> bytes:
        """These bytes on a line of their own; gives all that comes back until the other side hangs up."""
        with socket.create_connection((HOST, self.port), timeout_s) as line:
            line.sendall(text)
            line.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: line.recv(65_536), b""))


class Answer:
    def __init__(self, status: int, headers: dict[str, str], text: str) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.text = text

    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def detail(self) -> str:
        return self.json()["detail"]


class LiveClient:
    """Reads `/live` in a thread: `heard` is every event, `at` when it came."""

    def __init__(self, port: int, **headers: str) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.at: list[float] = []
        self.ended = threading.Event()
        self._line = http.client.HTTPConnection(HOST, port, timeout=60)
        self._line.request("GET", "/live", headers=headers)
        self.response = self._line.getresponse()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> LiveClient:  # noqa: PYI034  (typing.Self needs Python 3.11)
        return self

    def __exit__(self, *_: object) -> None:
        if self._line.sock is not None:
            self._line.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._line.close()

    def _read(self) -> None:
        name = ""
        try:
            for line in self.response:
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    self.heard.append((name, json.loads(value)))
                    self.at.append(time.monotonic())
        except (OSError, ValueError, http.client.HTTPException):
            pass
        finally:
            self.ended.set()

    def of(self, name: str) -> list[Any]:
        return [data for event, data in list(self.heard) if event == name]

    def wait_for(self, name: str, wanted: Any = None) -> Any:
        until(lambda: any(wanted in (None, data) for data in self.of(name)), f"{name} {wanted}; heard {self.heard}")
        return next(data for data in self.of(name) if wanted in (None, data))
