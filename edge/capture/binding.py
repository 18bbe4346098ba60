"""Holds on to the camera behind a number: after an unplug /dev/video0 may be another one."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from edge.capture.cameras import DEV, SYSFS, camera_missing, find_camera, links_to, sysfs_text, video_nodes
from edge.capture.spec import Spec
from edge.clock import NS_PER_S, Clock

YIELDS_AFTER_NS = 10 * NS_PER_S
"""So long a number is kept for the camera that had it."""
_NUMBERED = re.compile(r"/dev/video[0-9]+")


@dataclass(frozen=True)
class Marks:
    """What a V4L2 device can be known by again."""

    label: str
    """Its name and which of the device's nodes it is."""
    ids: frozenset[str]
    """by-id links: maker, model, and the serial number where there is one."""
    places: frozenset[str]
    """by-path links and the place in sysfs: the socket it is in."""

    def likeness(self, other: Marks) -> int:
        """How surely the other is this device: 0 for no."""
        strangers = self.ids and other.ids and not self.ids & other.ids
        if not self.label or self.label != other.label or strangers:
            return 0
        return 1 + 2 * bool(self.ids & other.ids) + 4 * bool(self.places & other.places)


class Binding:
    """Finds the device that a Spec means. What a number means is settled when it is first opened.

    From then on the same device is looked for, by its by-id link, its place and its name, whatever its number is now.
    Another one that has the number is taken when ours was away for ten seconds. Of twins without serial numbers only
    the place tells which is which. A name or a link goes on meaning what it says.
    """

    def __init__(self, spec: Spec, clock: Clock, dev: Path = DEV, sysfs: Path = SYSFS) -> None:
        self._spec = spec
        self._clock = clock
        self._dev = dev
        self._sysfs = sysfs
        self._numbered = spec.kind == "index" or (spec.kind == "device" and bool(_NUMBERED.fullmatch(spec.value)))
        self._marks: Marks | None = None
        self._twin = False
        self._away_since_ns: int | None = None

    def find(self) -> str:
        """The path of the device, or of a link to it. Raises DeviceError when it is not there."""
        if self._marks is None:
            return find_camera(self._spec, self._dev, self._sysfs)
        node = self._same_again(self._marks)
        now_ns = self._clock.now_ns()
        if node is not None:
            self._away_since_ns = None
            return str(node)
        if self._away_since_ns is None:
            self._away_since_ns = now_ns
        if now_ns - self._away_since_ns < YIELDS_AFTER_NS:
            raise camera_missing(self._spec.label, self._dev, self._sysfs)
        return find_camera(self._spec, self._dev, self._sysfs)

    def opened(self, path: str) -> None:
        """That device works: it is the one that is meant."""
        if not self._numbered:
            return
        node = Path(os.path.realpath(path))
        marks = self._look_at(node)
        others = [self._look_at(other) for other in video_nodes(self._dev) if other != node]
        self._marks = marks if marks.label else None
        self._twin = any(marks.likeness(other) for other in others)
        self._away_since_ns = None

    def _same_again(self, marks: Marks) -> Path | None:
        least = 4 if self._twin else 1
        nodes = [(marks.likeness(self._look_at(node)), node) for node in video_nodes(self._dev)]
        likeness, best = max(nodes, key=lambda one: one[0], default=(0, self._dev))
        return best if likeness >= least else None

    def _look_at(self, node: Path) -> Marks:
        entry = self._sysfs / node.name
        name, index = sysfs_text(entry / "name"), sysfs_text(entry / "index")
        places = links_to(node, self._dev, "by-path")
        if (entry / "device").exists():
            places.append(os.path.realpath(entry / "device"))
        return Marks(
            label=f"{name} #{index}" if name else "",
            ids=frozenset(links_to(node, self._dev, "by-id")),
            places=frozenset(places),
        )
