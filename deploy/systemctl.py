"""What systemd and its journal say of a unit of the machine that runs."""

from __future__ import annotations

from deploy.host import Host

_ASK_S = 30
_JOURNAL = ("journalctl", "-n", "5", "-o", "cat", "--no-pager", "-u")


def active_state(host: Host, unit: str) -> str:
    """systemd's own word: active, inactive, failed, activating, … Raises CommandError."""
    return host.run("systemctl", "show", "-P", "ActiveState", unit, timeout_s=_ASK_S).strip()


def last_words(host: Host, unit: str) -> str:
    """The end of its journal on one line; empty where there is none."""
    said = host.run(*_JOURNAL, unit, timeout_s=_ASK_S, may_fail=True)
    return " / ".join(line for line in said.splitlines() if line.strip())
