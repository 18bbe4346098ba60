"""The daemon's unit on a booted machine, as its administrator handles it."""

from __future__ import annotations

from tests.boot.machine import Machine, until

UNIT = "edge-emotion.service"
CONFIG = "/etc/edge-emotion/config.toml"
START_S = 60.0


class Service:
    """One unit; what `systemctl` and `journalctl` say of it."""

    def __init__(self, machine: Machine, unit: str = UNIT) -> None:
        self.machine = machine
        self.unit = unit

    @property
    def pid(self) -> str:
        return self.show("MainPID")

    @property
    def restarts(self) -> int:
        return int(self.show("NRestarts"))

    @property
    def started_s(self) -> float:
        """The monotonic time at which its process was started."""
        return int(self.show("ExecMainStartTimestampMonotonic")) / 1e6

    @property
    def ready_s(self) -> float:
        """The monotonic time at which it said READY."""
        return int(self.show("ActiveEnterTimestampMonotonic")) / 1e6

    def show(self, key: str) -> str:
        return self.machine.show(self.unit, key)

    def ctl(self, verb: str, *words: str, check: bool = True) -> str:
        """`systemctl VERB UNIT`, and what it said."""
        done = self.machine.run("systemctl", verb, *words, self.unit, check=check)
        return done.stdout + done.stderr

    def active(self) -> bool:
        return self.show("ActiveState") == "active"

    def settle(self) -> None:
        """Running, with no failure remembered, whatever was done to it before."""
        if not self.active() or self.restarts:
            self.ctl("stop", check=False)
            self.ctl("reset-failed", check=False)
            self.ctl("start")

    def wait_until_active(self, timeout_s: float = START_S) -> None:
        until(self.active, f"{self.unit} is active", timeout_s)

    def wait_for_restart(self, before: int, timeout_s: float = START_S) -> None:
        """Systemd has started it again, and it has said READY."""
        until(lambda: self.restarts > before and self.active(), f"{self.unit} is back", timeout_s)

    def entries(self, *matches: str) -> list[dict[str, str]]:
        """What it, or systemd about it, wrote into the journal; with these fields."""
        return self.machine.journal(f"--unit={self.unit}", *matches)

    def said(self) -> list[str]:
        """The messages of all entries."""
        return [str(entry.get("MESSAGE", "")) for entry in self.entries()]

    @property
    def config(self) -> str:
        """The text of the settings."""
        return self.machine.path(CONFIG).read_text()

    @config.setter
    def config(self, text: str) -> None:
        self.machine.path(CONFIG).write_text(text)
