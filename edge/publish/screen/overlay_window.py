"""The overlay's own process: `python -m edge.publish.screen.overlay_window` shows what comes on standard input.

A process, because Qt aborts the whole process when there is no display. `q`, Escape or closing the window
end it, and so does the end of the input: it cannot outlive the daemon.
"""

from __future__ import annotations

import os
import resource
import sys
import threading

from edge.buffers import Newest
from edge.publish.screen.drawing import draw, waiting_picture
from edge.publish.screen.picture_pipe import Scene, receive

TITLE = "edge-emotion"
READY = b"ready\n"
_FRAME_S = 1 / 30
_QUIT_KEYS = {ord("q"), ord("Q"), 27}


def main() -> int:
    """Show until told otherwise; the exit code is 0."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # Qt's abort without a display shall leave no core file
    import cv2

    cv2.setNumThreads(1)
    scenes: Newest[Scene] = Newest()
    ended = threading.Event()
    threading.Thread(target=_read, args=(scenes, ended), name="scenes", daemon=True).start()
    first = draw(waiting_picture(), None, Scene().vitals)
    cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
    cv2.resizeWindow(TITLE, first.shape[1], first.shape[0])
    cv2.imshow(TITLE, first)
    cv2.waitKey(1)
    os.write(sys.stdout.fileno(), READY)
    size = first.shape
    while not ended.is_set():
        scene = scenes.take(_FRAME_S)
        if scene is not None:
            below = waiting_picture() if scene.picture is None else scene.picture
            picture = draw(below, scene.message, scene.vitals)
            if picture.shape != size:
                size = picture.shape
                cv2.resizeWindow(TITLE, size[1], size[0])
            cv2.imshow(TITLE, picture)
        if cv2.waitKey(1) & 0xFF in _QUIT_KEYS or cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1:
            break
    cv2.destroyAllWindows()
    return 0


def _read(scenes: Newest[Scene], ended: threading.Event) -> None:
    while (scene := receive(sys.stdin.buffer)) is not None:
        scenes.put(scene)
    ended.set()
    scenes.close()


if __name__ == "__main__":
    # The reading thread may be inside read(): leave without waiting for it.
    code = main()
    sys.stdout.flush()
    os._exit(code)
