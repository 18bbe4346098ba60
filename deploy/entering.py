"""How a program of a machine's image is run: inside, with what a running system has, and without leaving a mount."""

from __future__ import annotations

from pathlib import Path

# What is killed with its parent leaves no second hand at work when the same command is given again.
_WITH_ITS_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")
# In a namespace of its own: nothing stays mounted, however it ends. /run is empty, so that no script takes our systemd
# for the image's; names of the network are looked up as we do.
_INSIDE = """
for part in dev proc sys; do mount --rbind "/$part" "$0/$part"; done 2>/dev/null
mount -t tmpfs tmpfs "$0/run" 2>/dev/null && mkdir -p "$0/run/lock" "$0/run/systemd/resolve" &&
    cp -L /etc/resolv.conf "$0/run/systemd/resolve/stub-resolv.conf" 2>/dev/null
[ -L "$0/etc/resolv.conf" ] || mount --bind /etc/resolv.conf "$0/etc/resolv.conf" 2>/dev/null
exec chroot "$0" "$@"
"""


def entering(root: Path) -> list[str]:
    """The words before a command line that is to run inside `root`, which may be / itself."""
    if root == Path("/"):
        return [*_WITH_ITS_PARENT]
    return [*_WITH_ITS_PARENT, "unshare", "--mount", "--propagation", "private", "sh", "-c", _INSIDE, str(root)]
