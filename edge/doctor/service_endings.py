"""Why a service failed: systemd's words and exit codes, what they mean here, and what helps."""

from __future__ import annotations

from edge.doctor.unit_file import UNIT

LOOK = f"Look into journalctl -u {UNIT} -n 100"
RESULTS = {
    "start-limit-hit": ("it failed too often in a row", f"{LOOK}, mend it, then sudo systemctl reset-failed {UNIT}"),
    "watchdog": ("a stage hung and the watchdog ended it", f"{LOOK} for the stacks of all threads"),
    "oom-kill": ("there was no memory left", "End what else needs memory, or add swap"),
    "timeout": ("it was not ready in time", f"{LOOK}, and raise TimeoutStartSec= if this machine is only slow"),
}
EXIT_CODES = {
    "64": ("its command line is wrong", f"Correct ExecStart= by sudo systemctl edit --full {UNIT}"),
    "69": ("a device that is demanded was missing", "Plug it in, or set require_devices = false"),
    "78": ("its settings are wrong", "Run sudo edge-emotion config check, which names the line"),
    "203": ("its program is not where the unit says", "Run sudo edge-deploy provision again"),
    "216": ("a group that it names does not exist", "The check service groups names it"),
    "243": ("systemd could not hand the broker's password to it", "Look at LoadCredential= and at that file"),
}


def ending(result: str, code: str) -> tuple[str, str]:
    """Why, and what helps, of systemd's Result= and ExecMainStatus=."""
    known = EXIT_CODES.get(code) if result == "exit-code" else RESULTS.get(result)
    return known or (f"{result}, exit code {code}", LOOK)
