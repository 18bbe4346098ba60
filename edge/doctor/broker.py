"""The broker that results go to."""

from __future__ import annotations

import os
from pathlib import Path

from edge.board.tree import Tree
from edge.doctor.finding import Finding, Verdict, as_sentence, not_applicable, ok
from edge.doctor.machine import Machine
from edge.doctor.service_state import broker_words
from edge.doctor.unit_file import unit_settings
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.link import Link
from edge.publish.mqtt.login import PASSWORD_CREDENTIAL, read_login

_HEALS = frozenset({"unreachable", "silent", "lost"})
"""What the daemon waits for; a login or a certificate does not mend itself."""


class BrokerCheck:
    """It can be reached, takes this login, and lets it publish."""

    name = "broker"
    uses_packages = False

    def run(self, machine: Machine) -> Finding:
        """Ask the running service, or visit the broker. Raises ConfigError for a login that cannot be read."""
        from edge.doctor.broker_visit import visit

        address = parse_broker(machine.settings.broker)
        if address.kind == "none":
            return not_applicable("the setting broker is none")
        if address.kind == "embedded":
            return ok("the daemon brings its own, on 127.0.0.1")
        said = broker_words() if machine.daemon and machine.root == Path("/") else None
        if said == "connected":
            return ok("the running service is connected; its connection is left alone")
        machine.tell(f"connecting to {address} …")
        mqtt = machine.settings.mqtt
        login = read_login(mqtt, address.username, dict(machine.environ))
        found = visit(address, mqtt, login, machine.settings.device_id)
        if found.link.state != "connected":
            return _refused(machine, found.link, knows_password=bool(login.password))
        if found.barred:
            remedy = "Allow it in the broker's list of rights (docs/mqtt-security.md has one)."
            return Finding(Verdict.FAILED, f"{address} does not let this login {' or '.join(found.barred)}", remedy)
        return ok(found.link.reason if found.mqtt5 else f"{found.link.reason}, which does not tell who may publish")


def _refused(machine: Machine, link: Link, *, knows_password: bool) -> Finding:
    fault, _, remedy = link.reason.partition("; ")
    if link.state == "refused" and not knows_password:
        secret = _password_of_the_service(machine)
        if secret is not None:
            found = f"{fault}; the service's password ({secret}) was not at hand"
            return Finding(Verdict.WARNING, found, "Ask with it: sudo edge-emotion doctor --as-service.")
    if link.state in _HEALS:
        remedy = remedy or "start the broker, or correct the setting broker; the daemon goes on trying"
        return Finding(Verdict.WARNING, fault, as_sentence(remedy))
    return Finding(Verdict.FAILED, fault, as_sentence(remedy))


def _password_of_the_service(machine: Machine) -> Path | None:
    """The file that the unit hands to the service and to nobody else."""
    if "CREDENTIALS_DIRECTORY" in machine.environ:
        return None
    for credential in (unit_settings(Tree(machine.root)) or {}).get("LoadCredential", []):
        name, _, path = credential.partition(":")
        if name == PASSWORD_CREDENTIAL and os.path.lexists(machine.root / path.lstrip("/")):
            return Path(path)
    return None
