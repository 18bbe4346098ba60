"""Which cameras this machine has, under names that survive a reboot and another USB socket."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import struct
from pathlib import Path
from typing import Literal

from edge.capture.devices import DeviceInfo
from edge.capture.spec import Spec
from edge.errors import DeviceError

DEV = Path("/dev")
SYSFS = Path("/sys/class/video4linux")

_VIDEO_MAJOR = 81
_VIDIOC_QUERYCAP = 0x80685600
_CAPTURE = 0x00000001 | 0x00001000
"""V4L2_CAP_VIDEO_CAPTURE and its multi-planar kin."""
_DEVICE_CAPS = 0x80000000


def list_cameras(dev: Path = DEV, sysfs: Path = SYSFS) -> list[DeviceInfo]:
    """All V4L2 devices that deliver pictures, by index; empty when there is none."""
    cameras = []
    for node in video_nodes(dev):
        if _captures(node, sysfs / node.name):
            stable = _stable_path(node, dev)
            label = sysfs_text(sysfs / node.name / "name") or node.name
            cameras.append(DeviceInfo(_number(node), stable, label, path=str(node)))
    return cameras


def find_camera(spec: Spec, dev: Path = DEV, sysfs: Path = SYSFS) -> str:
    """The path of the V4L2 device that an index, path or name means. Raises DeviceError when it is not there."""
    if spec.kind == "index":
        path = dev / f"video{spec.value}"
    elif spec.kind == "device":
        path = Path(spec.value)
    else:
        path = _named(spec.value, dev, sysfs)
    if path.exists():
        return str(path)
    raise camera_missing(spec.label, dev, sysfs)


def camera_missing(label: str, dev: Path = DEV, sysfs: Path = SYSFS) -> DeviceError:
    """What to say of a camera that is not there."""
    present = ", ".join(camera.name for camera in list_cameras(dev, sysfs)) or "none"
    return DeviceError(
        f"Camera {label!r} is not there (cameras present: {present}): "
        "plug it in, or name another one, a video file, an rtsp:// or http:// address, or none."
    )


def device_files(dev: Path = DEV) -> frozenset[tuple[str, int, int, int]]:
    """Video devices and the links to them as they are now; another set after each plugging in or out.

    Name, device number, inode and the moment of the last change of each: udev sets the rights after it has made a node.
    """
    found = []
    for folder in (dev, dev / "v4l" / "by-id", dev / "v4l" / "by-path"):
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if folder != dev or entry.name.startswith("video"):
                    status = entry.stat(follow_symlinks=False)
                    found.append((entry.path, status.st_rdev, status.st_ino, status.st_ctime_ns))
    return frozenset(found)


def is_video_device(path: Path) -> bool:
    """Whether the path, or what it links to, is a V4L2 device: a character device of Linux's major number 81."""
    try:
        status = path.stat()
    except OSError:
        return False
    return stat.S_ISCHR(status.st_mode) and os.major(status.st_rdev) == _VIDEO_MAJOR


def _named(name: str, dev: Path, sysfs: Path) -> Path:
    """By-id or by-path link, or the device's own name (or part of one) in sysfs."""
    for folder in ("by-id", "by-path"):
        link = dev / "v4l" / folder / name
        if link.exists():
            return link
    for camera in list_cameras(dev, sysfs):
        if name.lower() in camera.label.lower() and camera.path is not None:
            return Path(camera.path)
    return dev / "v4l" / "by-id" / name


def video_nodes(dev: Path = DEV) -> list[Path]:
    """The files of all video devices, by number; those for metadata too."""
    nodes = [node for node in dev.glob("video*") if node.name[len("video") :].isdigit()]
    return sorted(nodes, key=_number)


def _number(node: Path) -> int:
    return int(node.name[len("video") :])


def _captures(node: Path, sysfs: Path) -> bool:
    """Whether the node delivers pictures: a USB camera has a second one for metadata."""
    try:
        handle = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        # Busy or forbidden is still a camera; sysfs numbers the nodes of one device, and pictures come first.
        return error.errno != errno.ENXIO and sysfs_text(sysfs / "index") in ("", "0")
    try:
        reply = fcntl.ioctl(handle, _VIDIOC_QUERYCAP, bytes(104))
    except OSError:
        return sysfs_text(sysfs / "index") in ("", "0")
    finally:
        os.close(handle)
    capabilities, device_caps = struct.unpack_from("=II", reply, 84)
    return bool((device_caps if capabilities & _DEVICE_CAPS else capabilities) & _CAPTURE)


def _stable_path(node: Path, dev: Path) -> str:
    by_id, by_path = links_to(node, dev, "by-id"), links_to(node, dev, "by-path")
    if by_id:
        return Path(by_id[0]).name
    return by_path[0] if by_path else str(node)


def links_to(node: Path, dev: Path, folder: Literal["by-id", "by-path"]) -> list[str]:
    """udev's links to a video device, by name."""
    target = os.path.realpath(node)
    return [str(link) for link in sorted((dev / "v4l" / folder).glob("*")) if os.path.realpath(link) == target]


def sysfs_text(path: Path) -> str:
    """What one of sysfs's small files says; nothing when it is not there."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
