"""What systemd says of a unit."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from edge.doctor.unit_file import UNIT

_BOOTED = Path("/run/systemd/system")
_ANSWER_S = 5.0
_BROKER = re.compile(r"\bbroker (\w+)")
_KEYS = (
    *("LoadState", "ActiveState", "SubState", "UnitFileState", "NeedDaemonReload", "Result", "ExecMainStatus"),
    *("NRestarts", "StatusText"),
)


def unit_state(unit: str = UNIT) -> dict[str, str] | None:
    """systemd's own keys and words; None where no systemd runs, or none that answers this user."""
    if not _BOOTED.is_dir():
        return None
    words = ["systemctl", "show", f"--property={','.join(_KEYS)}", unit]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_ANSWER_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    pairs = (line.partition("=") for line in done.stdout.splitlines())
    state = {key: value for key, _, value in pairs if key in _KEYS}
    return state if done.returncode == 0 and "LoadState" in state else None


def broker_words() -> str | None:
    """How the running service says it stands with its broker, in a word; None where it does not say."""
    state = unit_state() or {}
    found = _BROKER.search(state.get("StatusText", "")) if state.get("ActiveState") == "active" else None
    return found[1] if found else None
