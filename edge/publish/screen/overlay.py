"""The overlay as the daemon sees it: a child process that gets the newest scene and may go away at any time."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from edge.buffers import Newest
from edge.errors import DeviceError
from edge.publish.screen.overlay_window import READY
from edge.publish.screen.picture_pipe import Scene, send
from edge.publish.sink import Message
from edge.samples import Image, Result

STOP_S = 2.0
MAX_WIDTH = 1280
Changes = dict[str, Any]
_log = logging.getLogger(__name__)


class Overlay:
    """A local window. Nothing here blocks: a slow window sees fewer pictures, a closed one ends only the overlay."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = dict(environ)
        self._scenes: Newest[Scene] = Newest()
        self._scene = Scene()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="overlay", daemon=True)
        self._has_pictures = False
        self._stopping = False

    @property
    def open(self) -> bool:
        """Whether the window's process lives."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Open the window; raises DeviceError on a machine without a display."""
        if not (self._environ.get("DISPLAY") or self._environ.get("WAYLAND_DISPLAY")):
            raise DeviceError(
                "The overlay needs a display, but neither DISPLAY nor WAYLAND_DISPLAY is set; "
                "start it inside a graphical session or leave out --overlay."
            )
        self._child = subprocess.Popen(
            [sys.executable, "-m", "edge.publish.screen.overlay_window"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # Qt complains about fonts that it does not need
            env={**self._environ, "QT_LOGGING_RULES": "*=false"},
            start_new_session=True,  # Ctrl-C is for the daemon, which then closes the window
        )
        self._thread.start()

    def picture(self, image: Image) -> None:
        """Take a camera picture (BGR) as it comes; without these the window shows the result's own."""
        self._has_pictures = True
        self._show({}, picture=image)

    def result(self, message: Message, result: Result | None = None, frame: Image | None = None) -> None:
        """Take one window's result."""
        changes: Changes = {"message": message}
        if frame is not None and not self._has_pictures:
            changes["picture"] = frame
        self._show({} if result is None else {"level_db": result.window.level_db}, **changes)

    def status(self, name: str, state: str, detail: Message | None = None) -> None:  # noqa: ARG002
        """Follow `…/status/video` and `…/status/audio`; a camera that is gone takes its last picture along."""
        if name not in {"video", "audio"}:
            return
        gone: Changes = {"picture": None} if name == "video" and state in {"offline", "disabled"} else {}
        self._show({name: state}, **gone)

    def stats(self, stats: Message) -> None:
        """Take the camera's frame rate out of the statistics."""
        self._show({"fps": stats.get("camera_fps")})

    def enabled(self, on: bool) -> None:
        """Follow the privacy switch: no picture and no result is shown while it is off."""
        shown: Changes = {} if on else {"picture": None, "message": None}
        self._show({"enabled": on}, **shown)

    def broker(self, state: str) -> None:
        """Follow the connection to the broker."""
        self._show({"broker": state})

    def stop(self) -> None:
        """Close the window."""
        self._stopping = True
        self._scenes.close()
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        self._thread.join(STOP_S)
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):  # what the window did not read goes with it
                if pipe is not None:
                    pipe.close()

    def _show(self, vitals: Changes, **changes: Any) -> None:
        with self._lock:
            changed = dataclasses.replace(self._scene.vitals, **vitals)
            self._scene = dataclasses.replace(self._scene, vitals=changed, **changes)
            self._scenes.put(self._scene)

    def _run(self) -> None:
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            return
        opened = child.stdout.readline() == READY
        while opened and child.poll() is None and not self._stopping:
            scene = self._scenes.take(0.2)
            if scene is None:
                continue
            try:
                send(child.stdin, _small(scene))
            except (OSError, ValueError):
                break
        if self._stopping:
            return
        child.wait()
        if opened:
            _log.info("the overlay window was closed; everything else goes on")
        else:
            display = self._environ.get("DISPLAY") or self._environ.get("WAYLAND_DISPLAY")
            _log.warning("the overlay cannot open a window on display %s; everything else goes on without it", display)


def _small(scene: Scene) -> Scene:
    """At most MAX_WIDTH pixels wide: a window needs no more, and the pipe carries every pixel."""
    picture = scene.picture
    if picture is None or picture.shape[1] <= MAX_WIDTH:
        return scene
    height = round(picture.shape[0] * MAX_WIDTH / picture.shape[1])
    smaller = cv2.resize(picture, (MAX_WIDTH, height), interpolation=cv2.INTER_AREA)
    return dataclasses.replace(scene, picture=np.asarray(smaller, dtype=np.uint8))
