"""One boot of the guest: QEMU's command line, its process, and its end."""

from __future__ import annotations

import contextlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from edge.errors import EdgeError
from tests.device.accelerator import Accelerator
from tests.device.image import Image

MEMORY_MB = 2048
_HARDWARE = ("-accel", "kvm", "-cpu", "host", "-smp", "2")
_TRANSLATED = ("-accel", "tcg,thread=single", "-icount", "shift=1,sleep=on,align=off", "-cpu", "max", "-smp", "1")
"""One processor of 500 million instructions a second by its own clock, which stands while the host is busy elsewhere:
what the guest does is the same however slow the host is. `max`: the face detector asks for AVX2."""
_KERNEL = "root=/dev/vda rw console=ttyS0 quiet panic=-1 mitigations=off net.ifnames=0"
END_S = 10.0


def overlay(image: Image, folder: Path) -> Path:
    """A disk that begins as the image and takes all changes; it outlives a boot and is thrown away with its folder."""
    disk = folder / "disk.qcow2"
    command = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(image.disk), str(disk)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise EdgeError(f"The guest has no disk: qemu-img says {done.stderr.strip()!r}.")
    return disk


@dataclass
class Guest:
    """`with Guest(…):` the machine is on; at the end its current is cut. `rtc` is what its battery clock says first."""

    image: Image
    disk: Path
    share: Path
    console: Path
    accelerator: Accelerator
    rtc: str = "utc"

    def command(self) -> list[str]:
        """No network, no screen: a disk, a folder shared with the host, and a serial line that is only read."""
        return [
            *("setpriv", "--pdeathsig", "KILL"),  # however this process ends, the guest does not outlive it
            "qemu-system-x86_64",
            *(_HARDWARE if self.accelerator == "kvm" else _TRANSLATED),
            *("-m", str(MEMORY_MB)),
            *("-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd), "-append", _KERNEL),
            *("-drive", f"file={self.disk},if=virtio,format=qcow2"),
            *("-virtfs", f"local,path={self.share},mount_tag=bench,security_model=none"),
            *("-rtc", f"base={self.rtc},clock=vm"),
            *("-serial", f"file:{self.console}"),
            *("-nic", "none", "-display", "none", "-monitor", "none", "-no-reboot", "-nodefaults"),
        ]

    def __enter__(self) -> Guest:  # noqa: PYI034 - Self is Python 3.11
        self._said = self.console.with_suffix(".qemu")
        with self._said.open("wb") as said:
            self._child = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(END_S)

    @property
    def runs(self) -> bool:
        """Whether the machine is on."""
        return self._child.poll() is None

    @property
    def last_words(self) -> str:
        """What QEMU said, or else the end of the guest's serial line: for an error."""
        for path in (self._said, self.console):
            text = path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else ""
            if text:
                return text[-400:]
        return "nothing was said"
