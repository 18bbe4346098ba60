"""The system's own Python, with which every release is made: its version, and what it sees."""

from __future__ import annotations

import json
from dataclasses import dataclass

from deploy.host import CommandError, Host
from deploy.step import DeployError

SYSTEM_PYTHON = "/usr/bin/python3"
OLDEST = (3, 10)
_PROBE_S = 60
_LOOK = """
import json, sys
from importlib.util import find_spec
facts = {"version": list(sys.version_info[:3]), "numpy": None, "tensorrt": find_spec("tensorrt") is not None}
try:
    from importlib.metadata import version
    facts["numpy"] = version("numpy")
except Exception:
    pass
print(json.dumps(facts))
"""
_LOOK_AT_OPENCV = """
import json, re, cv2
gstreamer = re.search(r"GStreamer:\\s+YES", cv2.getBuildInformation()) is not None
print(json.dumps({"version": cv2.__version__, "file": cv2.__file__, "gstreamer": gstreamer}))
"""


@dataclass(frozen=True)
class SystemPython:
    """`numpy` is the version of the system's own numpy, None where it has none; `has_tensorrt`: it sees the module."""

    version: tuple[int, ...]
    numpy: str | None
    has_tensorrt: bool

    @property
    def series(self) -> str:
        """3.10, say: a virtual environment belongs to one."""
        return ".".join(map(str, self.version[:2]))

    @property
    def is_old(self) -> bool:
        """Whether the package cannot run on it."""
        return self.version[:2] < OLDEST

    @property
    def constraints(self) -> list[str]:
        """What pip is held to. Modules of the system that were built against numpy 1 end the import under numpy 2."""
        return ["numpy<2"] if self.numpy and self.numpy.startswith("1.") else []


@dataclass(frozen=True)
class OpenCV:
    """An OpenCV that a Python sees."""

    version: str
    file: str
    has_gstreamer: bool


def system_python(host: Host) -> SystemPython | None:
    """None where there is none. Raises DeployError for one that does not run."""
    if not host.path(SYSTEM_PYTHON).exists():
        return None
    try:
        facts = json.loads(host.run(SYSTEM_PYTHON, "-c", _LOOK, timeout_s=_PROBE_S).splitlines()[-1])
    except (CommandError, ValueError, IndexError) as error:
        raise DeployError(
            f"{host.path(SYSTEM_PYTHON)} does not run: mend the system's Python; an image for another kind of "
            "processor needs qemu-user-static on this machine."
        ) from error
    return SystemPython(tuple(facts["version"]), facts["numpy"], facts["tensorrt"])


def opencv_of(host: Host, python: str) -> OpenCV | None:
    """The OpenCV that `python` imports; None where it cannot, whatever the reason."""
    try:
        facts = json.loads(host.run(python, "-c", _LOOK_AT_OPENCV, timeout_s=_PROBE_S).splitlines()[-1])
    except (CommandError, ValueError, IndexError):
        return None
    return OpenCV(facts["version"], facts["file"], facts["gstreamer"])
