"""Device nodes, the GPU's above all, and whether a user may use them."""

from __future__ import annotations

import grp
import os
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from edge.board.tree import Tree

# On a Jetson nvmap (root:video, 0440 on JetPack 6), nvhost-… on JetPack 5 or nvgpu/igpu0/… since, and the render nodes,
# which cuInit wants since JetPack 6.2; on a PC, and on a Thor too, nvidia….
GPU_NODES = (
    "dev/nvmap",
    "dev/nvhost-ctrl",
    "dev/nvhost-ctrl-gpu",
    "dev/nvhost-gpu",
    "dev/nvgpu/*/*",
    "dev/nvidia[0-9]*",
    "dev/nvidiactl",
    "dev/nvidia-uvm",
    "dev/dri/renderD*",
)
_READ, _WRITE = 4, 2


@dataclass(frozen=True)
class DeviceNode:
    """`path` begins with a slash; `mode` are the bits of the rights; `group` the name, or the number without one."""

    path: str
    uid: int
    gid: int
    mode: int

    @property
    def group(self) -> str:
        """The name of its group."""
        try:
            return grp.getgrgid(self.gid).gr_name
        except (KeyError, OverflowError):
            return str(self.gid)

    def is_usable(self, uid: int, gids: Collection[int]) -> bool:
        """Whether a user with these groups may read it, and write it where anybody but its owner may."""
        if uid == 0:
            return True
        rights = self.mode >> 6 if uid == self.uid else self.mode >> 3 if self.gid in gids else self.mode
        wanted = _READ | (_WRITE if self.mode & 0o022 else 0)
        return rights & wanted == wanted

    @property
    def words(self) -> str:
        """Like /dev/nvmap (r--r-----, group video)."""
        return f"{self.path} ({stat.filemode(self.mode)[1:]}, group {self.group})"


def device_nodes(tree: Tree, patterns: Iterable[str] = GPU_NODES) -> list[DeviceNode]:
    """Those that are there, by their patterns' order."""
    found = []
    for path in dict.fromkeys(path for pattern in patterns for path in tree.glob(pattern)):
        try:
            facts = (tree.root / path).stat()
        except OSError:
            continue
        if not stat.S_ISDIR(facts.st_mode):
            found.append(DeviceNode(f"/{path}", facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)))
    return found


def own_groups() -> set[int]:
    """The groups of this process."""
    return {os.getegid(), *os.getgroups()}
