"""Which OpenCV a release uses: pip's has no GStreamer, without which a Jetson's CSI camera cannot be read."""

from __future__ import annotations

from pathlib import Path

from deploy.host import Host
from deploy.pip import Pip
from deploy.system_python import SYSTEM_PYTHON, opencv_of
from edge.board import board


def prefer_the_boards_opencv(host: Host, release: Path, pip: Pip) -> str:
    """On a Jetson whose own OpenCV has GStreamer, and works in the release, take pip's out of it.

    Gives in words which one it is. Raises DeployError where pip's cannot be taken out, or put back.
    """
    if not board(host.root).is_jetson:
        return "pip's"
    boards = opencv_of(host, SYSTEM_PYTHON)
    if boards is None or not boards.has_gstreamer:
        return "pip's: the board's has no GStreamer" if boards else "pip's: the board has none"
    pips = opencv_of(host, str(release / "bin" / "python"))
    if pips is None or not Path(pips.file).is_relative_to(release):
        return f"the board's {boards.version}, with GStreamer"
    pip.uninstall("opencv-python")
    seen = opencv_of(host, str(release / "bin" / "python"))
    if seen is not None and seen.has_gstreamer:
        return f"the board's {seen.version}, with GStreamer"
    pip.install("opencv-python")
    return f"pip's: the board's {boards.version} does not work beside this release's numpy"
