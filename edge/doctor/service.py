"""The service, as systemd sees it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from edge.doctor.finding import Finding, Verdict, not_applicable, ok
from edge.doctor.fix import Fix
from edge.doctor.machine import Machine
from edge.doctor.service_endings import LOOK, ending
from edge.doctor.service_state import unit_state
from edge.doctor.unit_file import UNIT
from edge.errors import EdgeError

_RELOAD = ("systemctl", "daemon-reload")
_RELOAD_S = 60.0


class ServiceCheck:
    """It is enabled, runs, and has not been restarted since."""

    name = "service"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Ask systemd. A service that does not run is no reason why it could not: never a failure."""
        state = unit_state() if machine.root == Path("/") else None
        if state is None:
            if (machine.root / "run/systemd/system").is_dir():
                return not_applicable("systemd cannot be asked from here, as from inside of the service's sandbox")
            return not_applicable("no systemd runs here")
        if state["LoadState"] == "not-found":
            return not_applicable(f"there is no {UNIT} here")
        if state["LoadState"] != "loaded":
            remedy = f"Run systemd-analyze verify {UNIT}, which names the line."
            return Finding(Verdict.WARNING, f"{UNIT} cannot be loaded ({state['LoadState']})", remedy)
        return _judge(state)

    def fix(self, machine: Machine) -> Fix | None:
        """Let systemd read a unit that was changed."""
        state = unit_state() if machine.root == Path("/") else None
        if state is None or state.get("NeedDaemonReload") != "yes":
            return None
        return Fix("let systemd read its units again (systemctl daemon-reload)", _reload)


def _reload() -> None:
    try:
        done = subprocess.run(_RELOAD, capture_output=True, text=True, timeout=_RELOAD_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise EdgeError(f"systemd has not read them within {_RELOAD_S:.0f} s: try again.") from error
    if done.returncode != 0:
        raise EdgeError(f"{done.stderr.strip()}: try again with sudo.")


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
        return Finding(Verdict.WARNING, f"it ends again and again ({restarts} restarts)", f"{LOOK}.")
    said = f": {state['StatusText']}" if state.get("StatusText") else ""
    if restarts:
        found = f"{active}{said}; restarts by systemd so far: {restarts}"
        return Finding(Verdict.WARNING, found, f"{LOOK}: it says why it ended.")
    return ok(f"{active}{said}")


def _failed(state: dict[str, str]) -> Finding:
    why, remedy = ending(state.get("Result", ""), state.get("ExecMainStatus", ""))
    return Finding(Verdict.WARNING, f"it has failed and is not started again: {why}", f"{remedy}.")
