"""What `make boot-bench` does to the service, and how long it takes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.row import Row
from tests.boot import provisioned
from tests.boot.fresh import debian, fresh_debian
from tests.boot.machine import Machine, until
from tests.boot.service import Service
from tests.boot.subscriber import Subscriber, subscribed
from tests.boot.tree import differences, written

BACK_S, INSTALL_S, BROKER_S = 5.0, 300.0, 30.0
_STAGES = ("stuck_in_the_test", "_tick", "_hear", "_judge", "_watch")


@dataclass
class Bench:
    """Rows and a transcript, in the order in which things were done."""

    rows: list[Row] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)

    def add(self, key: str, done: str, took_s: float, limit_s: float, *, met: bool = True, also: str = "") -> None:
        measured = f"{took_s:.1f} s{also}"
        self.rows.append(Row(done, measured, f"≤ {limit_s:g} s", met and took_s <= limit_s, {"took_s": took_s}, key))

    def note(self, machine: Machine, *words: str) -> None:
        """What an administrator would type, and the answer."""
        done = machine.run(*words, check=False)
        self.transcript += [f"# {' '.join(words)}", (done.stdout + done.stderr).rstrip(), ""]


def offline(bench: Bench, clip: Path) -> None:
    """Install without a network, boot, pull at the service, remove."""
    with provisioned.booted(clip) as machine:
        before = written(machine.changes)
        began_s = time.monotonic()
        said = provisioned.install(machine, "--no-start")
        took_s = time.monotonic() - began_s
        bench.transcript += ["# deploy/install.sh --wheels … --no-start", said.stdout.rstrip(), ""]
        bench.add("install", "install.sh on a Debian that has apt's packages, wheels from a folder", took_s, INSTALL_S)
        provisioned.make_stages_hang_on_demand(machine)
        machine.boot()
        with subscribed(machine) as client:
            service = Service(machine)
            _boot(bench, service, client)
            _kill(bench, service, client)
            _hang(bench, service, client)
            _broker(bench, service, client)
        _mislead(bench, service)
        _remove(bench, service, before)


def online(bench: Bench, clip: Path, folder: Path) -> None:
    """install.sh where there is not even a Python."""
    base = debian(folder)
    with fresh_debian(base, clip) as machine:
        began_s = time.monotonic()
        done = machine.run("sh", f"{provisioned.SOURCE}/deploy/install.sh", *provisioned.WISHES, timeout_s=900)
        took_s = time.monotonic() - began_s
        bench.transcript += ["fresh# deploy/install.sh", done.stdout.rstrip(), ""]
        with subscribed(machine) as client:
            client.first("emotion")
        active = Service(machine).active()
        bench.add(
            "fresh",
            "install.sh on a fresh Debian 12 without Python, packages from the network",
            took_s,
            INSTALL_S,
            met=active,
        )


def _boot(bench: Bench, service: Service, client: Subscriber) -> None:
    """READY comes with the first result; a client hears from its beginning only what a restart begins."""
    service.wait_until_active()
    took_s = service.ready_s - service.started_s
    bench.add("boot", "the machine boots: from the start of the unit to READY", took_s, BACK_S)
    bench.note(service.machine, "journalctl", "-b", "-u", service.unit, "-o", "short-monotonic", "--no-pager")
    service.ctl("restart")
    first = client.first("emotion", after_s=service.started_s)
    ready_s = service.ready_s - service.started_s
    also = f", READY after {ready_s:.1f} s"
    bench.add(
        "start",
        "the unit is started: until a client hears the first result",
        first.at_s - service.started_s,
        BACK_S,
        also=also,
    )
    bench.note(service.machine, "systemctl", "status", "--no-pager", "--lines=0", service.unit)


def _kill(bench: Bench, service: Service, client: Subscriber) -> None:
    killed_s = time.monotonic()
    service.ctl("kill", "--signal=KILL")
    service.wait_for_restart(0)
    back_s = client.first("emotion", after_s=service.started_s).at_s - killed_s
    also = f", started after {service.started_s - killed_s:.1f} s"
    bench.add("killed", "kill -9: until a client hears results again", back_s, BACK_S, also=also)


def _hang(bench: Bench, service: Service, client: Subscriber) -> None:
    service.settle()
    hung, began_s = service.pid, time.monotonic()
    service.machine.run("sh", "-c", f"printf {hung} >/run/hold-process")
    service.wait_for_restart(0)
    took_s = client.first("emotion", after_s=service.started_s).at_s - began_s
    stacks = "\n".join(str(entry["MESSAGE"]) for entry in service.entries(f"_PID={hung}"))
    told = all(f" in {place}" in stacks for place in _STAGES)
    also = ", stacks of all stages in the journal" if told else ", stacks are missing"
    done = "the stage of faces hangs: watchdog, restart, results again"
    bench.add("hung", done, took_s, 10 + 30 + BACK_S + 1, met=told, also=also)
    bench.note(
        service.machine, "journalctl", "-b", "-u", service.unit, "UNIT_RESULT=watchdog", "-o", "short", "--no-pager"
    )


def _broker(bench: Bench, service: Service, client: Subscriber) -> None:
    before = service.pid
    service.machine.run("systemctl", "stop", "mosquitto")
    until(lambda: "broker connected" not in service.show("StatusText"), "the status tells that the broker is gone")
    bench.note(service.machine, "systemctl", "show", "--property=ActiveState,StatusText", service.unit)
    back_s = time.monotonic()
    service.machine.run("systemctl", "start", "mosquitto")
    took_s = client.first("emotion", after_s=back_s).at_s - back_s
    done = "the broker is stopped and started: until a client hears results again"
    bench.add("broker", done, took_s, BROKER_S, met=service.pid == before, also=", the same process")
    fields = ("EDGE_STATUS", "EDGE_STATE", "EDGE_DEVICE_ID", "EDGE_SESSION", "LOGGER", "PRIORITY", "MESSAGE")
    asked = (f"--output-fields={','.join(fields)}", "-o", "json-pretty", "-n", "1", "--no-pager")
    bench.note(service.machine, "journalctl", "-u", service.unit, "EDGE_STATUS=video", *asked)


def _mislead(bench: Bench, service: Service) -> None:
    before, began_s = service.config, time.monotonic()
    service.config = 'broker = "mqtt:/localhost"\n' + before
    service.ctl("restart", check=False)
    until(lambda: service.show("ActiveState") == "failed", "it fails")
    took_s = time.monotonic() - began_s
    once = (service.show("ExecMainStatus"), service.restarts) == ("78", 0)
    bench.add("misled", "a wrong address in the settings: failed with 78, not tried again", took_s, BACK_S, met=once)
    bench.note(service.machine, "journalctl", "-u", service.unit, "-n", "4", "-o", "cat", "--no-pager")
    service.config = before
    service.settle()


def _remove(bench: Bench, service: Service, before: dict[str, str]) -> None:
    began_s = time.monotonic()
    bench.note(service.machine, "edge-deploy", "remove")
    took_s = time.monotonic() - began_s
    left = [line.split(":")[0] for line in differences(before, written(service.machine.changes))]
    ours = all("edge-emotion" in path or path in {"var/cache/private", "var/lib/private"} for path in left)
    bench.add(
        "removed",
        "edge-deploy remove; then the whole disk is compared",
        took_s,
        60,
        met=ours,
        also=f", left: {', '.join(left)}",
    )
