"""A real camera on loopback: MJPEG over HTTP, paced, that can be stalled and stopped like a bad one.

    python -m tests.mjpeg FILE|--pattern [--port 8090] [--fps 30] [--size 640x480]

Every picture carries its number and the moment it was sent (CLOCK_MONOTONIC) as black and white blocks in its
top two rows, unless `burn` is off; `read_stamp` reads them back after JPEG.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import av
import cv2
import numpy as np

_BLOCKS = 32
_HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"


@dataclass(frozen=True)
class Stamp:
    """What is burnt into a picture: its number and when it was sent."""

    number: int
    t_ns: int


def burn_stamp(image: np.ndarray, stamp: Stamp) -> None:
    """Write three rows of 32 blocks: the number, then the 64 bits of the time."""
    side = image.shape[1] // _BLOCKS
    for row, word in enumerate((stamp.number & 0xFFFFFFFF, stamp.t_ns >> 32, stamp.t_ns & 0xFFFFFFFF)):
        for column in range(_BLOCKS):
            value = 255 if word >> (_BLOCKS - 1 - column) & 1 else 0
            image[row * side : (row + 1) * side, column * side : (column + 1) * side] = value


def read_stamp(image: np.ndarray) -> Stamp:
    """The opposite of `burn_stamp`."""
    side = image.shape[1] // _BLOCKS
    words = []
    for row in range(3):
        strip = image[row * side : (row + 1) * side, : side * _BLOCKS].mean(axis=2)
        bits = strip.reshape(side, _BLOCKS, side).mean(axis=(0, 2)) > 127
        words.append(int("".join("1" if bit else "0" for bit in bits), 2))
    return Stamp(words[0], words[1] << 32 | words[2])


def pattern(width: int, height: int, fps: float) -> Iterator[tuple[np.ndarray, float]]:
    """A gradient with a moving bar, for ever: picture and seconds to the next."""
    ramp = np.linspace(40, 200, width, dtype=np.uint8)
    for number in count():
        image = np.repeat(np.repeat(ramp[None, :, None], height, 0), 3, 2)
        left = number * 8 % width
        image[:, left : left + width // 16] = (30, 200, 90)
        yield image, 1 / fps


def clip(path: Path, fps: float | None) -> Iterator[tuple[np.ndarray, float]]:
    """The pictures of a file, round and round, at its own speed unless `fps` is given."""
    while True:
        with av.open(str(path)) as container:
            own = float(container.streams.video[0].average_rate or 25)
            for frame in container.decode(video=0):
                yield frame.to_ndarray(format="bgr24"), 1 / (fps or own)


class MjpegServer:
    """The camera. Each client gets its own run from picture 0; `with` starts and stops it."""

    def __init__(
        self,
        source: Path | None = None,
        *,
        fps: float | None = None,
        width: int = 640,
        height: int = 480,
        port: int = 0,
        burn: bool = True,
    ) -> None:
        self.port = port
        self._source = source
        self._fps = fps
        self._size = (width, height)
        self._burn = burn
        self._flowing = threading.Event()
        self._flowing.set()
        self._frozen = threading.Event()
        self._listener: socket.socket | None = None
        self._clients: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/video.mjpg"

    def __enter__(self) -> MjpegServer:  # noqa: PYI034  (typing.Self needs Python 3.11)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; again on the same port after `stop`."""
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self._listener.getsockname()[1]
        self._spawn(self._accept, self._listener)

    def stop(self) -> None:
        """The plug is pulled: nobody listens any more and every connection breaks."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for client in list(self._clients):
            _shut(client)
        self._flowing.set()
        for thread in self._threads:
            thread.join(5)
        self._threads.clear()

    def stall(self) -> None:
        """Keep every connection, send nothing."""
        self._flowing.clear()

    def resume(self) -> None:
        """Send again."""
        self._flowing.set()

    def freeze(self) -> None:
        """Send the same picture over and over, burnt stamp and all."""
        self._frozen.set()

    def thaw(self) -> None:
        """Send new pictures again."""
        self._frozen.clear()

    def _spawn(self, target, *args) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self._clients.add(client)
            self._spawn(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.recv(4096)
            client.sendall(_HEAD)
            self._send_all(client)
        except OSError:
            pass
        finally:
            self._clients.discard(client)
            client.close()

    def _send_all(self, client: socket.socket) -> None:
        pictures = clip(self._source, self._fps) if self._source else pattern(*self._size, self._fps or 30)
        due, jpeg = time.monotonic(), b""
        for number, (image, step_s) in enumerate(pictures):
            time.sleep(max(0.0, due - time.monotonic()))
            due = max(due + step_s, time.monotonic() - 0.2)
            self._flowing.wait()
            if self._listener is None:
                return
            if not (jpeg and self._frozen.is_set()):
                jpeg = self._jpeg(image, number)
            part = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
            client.sendall(part + jpeg + b"\r\n")

    def _jpeg(self, image: np.ndarray, number: int) -> bytes:
        picture = np.ascontiguousarray(image)
        if self._burn:
            burn_stamp(picture, Stamp(number, time.monotonic_ns()))
        return cv2.imencode(".jpg", picture)[1].tobytes()


def _shut(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def main() -> None:
    parser = argparse.ArgumentParser(description="An MJPEG camera on 127.0.0.1.")
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--pattern", action="store_true", help="a moving bar instead of a file")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fps", type=float)
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--no-burn", action="store_true", help="leave the pictures as they are")
    options = parser.parse_args()
    if (options.file is None) != options.pattern:
        parser.error("give a FILE or --pattern")
    width, height = (int(side) for side in options.size.split("x"))
    server = MjpegServer(
        options.file, fps=options.fps, width=width, height=height, port=options.port, burn=not options.no_burn
    )
    with server:
        print(server.url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
