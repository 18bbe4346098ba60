"""A real systemd as the first process of a machine of its own: a container on a copy-on-write view of this one's disk.

Nothing of it is seen outside, and nothing is left: mounts are in a namespace of their own, what is written lies in
memory, its network has only a loopback. `keeper.sh` ends it even when the tests are killed.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_KEEPER = Path(__file__).with_name("keeper.sh")
_ROOT, _CHANGES = "run/edge-emotion-boot/root", "run/edge-emotion-boot/up"
_NEEDS = ("systemd-nspawn", "unshare", "nsenter", "setpriv", "pgrep")
_COMMAND_S, _BOOT_S, _END_S = 60.0, 60.0, 45.0
# Of this machine, but no part of any test: they would only take time from the boot.
_MASKED = ("postgresql.service", "apt-daily.timer", "apt-daily-upgrade.timer", "man-db.timer", "console-getty.service")
# Of a login, and nothing of the tests' own.
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}
_numbers = itertools.count()


class Machine:
    """`root` is its disk, to be furnished before `boot`. Commands run in it as root, in all its namespaces."""

    def __init__(self, *options: str, base: Path = Path("/")) -> None:
        """`options` go to systemd-nspawn; `base` is the system that it is a view of.

        Skips the test, by name, where no machine can be had.
        """
        self.name = f"edge-{os.getpid()}-{next(_numbers)}"
        self._leader = ""
        self._keeper = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", str(_KEEPER), str(base), self.name, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for pytest, which then lets go of it
        )
        self.root = Path(f"/proc/{self._keeper.pid}/root/{_ROOT}")
        self.changes = Path(f"/proc/{self._keeper.pid}/root/{_CHANGES}")
        """What was written since, as overlayfs keeps it."""
        self._heard("mounted")
        for unit in _MASKED:
            self.link(f"/etc/systemd/system/{unit}", "/dev/null")

    def boot(self) -> None:
        """Until systemd has started all that it is to start; the second time it is powered off first."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.write("boot\n")
        self._keeper.stdin.flush()
        self._leader = self._heard("booted")
        until(self._up, "systemd has booted", _BOOT_S)

    def path(self, inside: str) -> Path:
        """Where a file of the machine's disk is for this process; what is mounted inside is not seen there."""
        return self.root / inside.lstrip("/")

    def write(self, inside: str, text: str, mode: int = 0o644) -> None:
        """A file, with the folders above it."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def link(self, inside: str, target: str) -> None:
        """A symbolic link in the place of whatever was there."""
        path = self.path(inside)
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    def words(self, *words: str) -> list[str]:
        """The command line that runs `words` inside."""
        return ["nsenter", "--target", self._leader, "--all", "--", *words]

    def network_words(self, *words: str) -> list[str]:
        """The command line that runs `words` on the machine's network, and is else no part of it."""
        return ["nsenter", "--target", self._leader, "--net", "--", "setpriv", "--pdeathsig", "KILL", *words]

    def run(self, *words: str, check: bool = True, timeout_s: float = _COMMAND_S) -> subprocess.CompletedProcess[str]:
        """A command inside, to its end."""
        done = subprocess.run(
            self.words(*words), capture_output=True, text=True, timeout=timeout_s, env=_ENVIRONMENT, check=False
        )
        assert not check or done.returncode == 0, f"{' '.join(words)}: {done.returncode} {done.stdout} {done.stderr}"
        return done

    def show(self, unit: str, key: str) -> str:
        """A property of a unit, as `systemctl show` tells it."""
        return self.run("systemctl", "show", "--value", f"--property={key}", unit).stdout.strip()

    def journal(self, *matches: str) -> list[dict[str, str]]:
        """All entries with these fields so far, oldest first."""
        self.run("journalctl", "--sync")
        lines = self.run("journalctl", "--all", "--output=json", "--quiet", *matches).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def stop(self) -> None:
        """Power off, and nothing is left."""
        assert self._keeper.stdin is not None
        with contextlib.suppress(OSError):
            self._keeper.stdin.close()
        try:
            self._keeper.wait(_END_S)
        finally:
            self._keeper.kill()
            self._keeper.wait()

    def _up(self) -> bool:
        said = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        return said in {"running", "degraded"}

    def _heard(self, word: str) -> str:
        assert self._keeper.stdout is not None
        said, _, rest = self._keeper.stdout.readline().strip().partition(" ")
        if said != word:
            self.stop()
            pytest.skip(f"no machine can be booted here: cannot {rest or word}")
        return rest


def missing() -> str | None:
    """What a machine would need that is not here."""
    if os.geteuid() != 0:
        return "booting a systemd in a container needs root"
    return next((f"no {word}: apt install systemd-container" for word in _NEEDS if shutil.which(word) is None), None)


@contextlib.contextmanager
def machine(*options: str, base: Path = Path("/"), network: bool = False) -> Iterator[Machine]:
    """One for a test, not booted yet; skips by name where it cannot be had. `network`: it shares this machine's."""
    lacks = missing()
    if lacks is not None:
        pytest.skip(lacks)
    made = Machine(*(() if network else ("--private-network",)), *options, base=base)
    try:
        yield made
    finally:
        made.stop()


def until(condition: Callable[[], bool], what: str, timeout_s: float = 30.0, pause_s: float = 0.05) -> None:
    """Wait for `condition`; fails with `what` was waited for."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s} s in vain for: {what}"
        time.sleep(pause_s)
