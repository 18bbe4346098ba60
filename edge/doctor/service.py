"""The service, as systemd sees it."""

from __future__ import annotations

from pathlib import Path

from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.machine import Machine
from edge.doctor.service_state import unit_state
from edge.doctor.unit_file import UNIT

_LOOK = f"Look into journalctl -u {UNIT} -n 100"
_ENDINGS = {
    "start-limit-hit": ("it failed too often in a row", f"{_LOOK}, mend it, then sudo systemctl reset-failed {UNIT}"),
    "watchdog": ("a stage hung and the watchdog ended it", f"{_LOOK} for the stacks of all threads"),
    "oom-kill": ("there was no memory left", "End what else needs memory, or add swap"),
    "timeout": ("it was not ready in time", f"{_LOOK}, and raise TimeoutStartSec= if this machine is only slow"),
}
_EXIT_CODES = {
    "64": ("its command line is wrong", f"Correct ExecStart= by sudo systemctl edit --full {UNIT}"),
    "69": ("a device that is demanded was missing", "Plug it in, or set require_devices = false"),
    "78": ("its settings are wrong", "Run sudo edge-emotion config check, which names the line"),
    "203": ("its program is not where the unit says", "Run sudo edge-deploy provision again"),
    "216": ("a group that it names does not exist", "The check service groups names it"),
}


class ServiceCheck:
    """It is enabled, runs, and has not been restarted since."""

    name = "service"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Ask systemd. A service that does not run is no reason why it could not: never a failure."""
        state = unit_state() if machine.root == Path("/") else None
        if state is None:
            return not_applicable("no systemd answers here")
        if state["LoadState"] == "not-found":
            return not_applicable(f"there is no {UNIT} here")
        if state["LoadState"] != "loaded":
            remedy = f"Run systemd-analyze verify {UNIT}, which names the line."
            return Finding(Verdict.WARNING, f"{UNIT} cannot be loaded ({state['LoadState']})", remedy)
        return _judge(state)


def _judge(state: dict[str, str]) -> Finding:
    if state.get("ActiveState") == "failed":
        return _failed(state)
    if state.get("NeedDaemonReload") == "yes":
        remedy = f"Run sudo systemctl daemon-reload && sudo systemctl restart {UNIT}."
        return Finding(Verdict.WARNING, "its unit was changed, and systemd works by the one before", remedy)
    if state.get("UnitFileState") not in {"enabled", "enabled-runtime", "static", "linked", ""}:
        return Finding(Verdict.WARNING, "it does not start on boot", f"Run sudo systemctl enable --now {UNIT}.")
    if state.get("ActiveState") in {"inactive", "deactivating"}:
        return Finding(Verdict.WARNING, "it is enabled and does not run", f"Run sudo systemctl start {UNIT}.")
    return _running(state)


def _running(state: dict[str, str]) -> Finding:
    active, restarts = state.get("ActiveState"), int(state.get("NRestarts") or 0)
    if restarts and state.get("SubState") == "auto-restart":
        return Finding(Verdict.WARNING, f"it ends again and again ({restarts} restarts)", f"{_LOOK}.")
    said = f": {state['StatusText']}" if state.get("StatusText") else ""
    if restarts:
        found = f"{active}{said}; systemd has restarted it {restarts} times"
        return Finding(Verdict.WARNING, found, f"{_LOOK}: it says why it ended.")
    return ok(f"{active}{said}")


def _failed(state: dict[str, str]) -> Finding:
    result, code = state.get("Result", ""), state.get("ExecMainStatus", "")
    known = _EXIT_CODES.get(code) if result == "exit-code" else _ENDINGS.get(result)
    why, remedy = known or (f"{result}, exit code {code}", _LOOK)
    return Finding(Verdict.WARNING, f"it has failed and is not started again: {why}", f"{remedy}.")
