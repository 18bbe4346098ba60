"""A provision, from the first step to the last, and its undoing."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.host import Host
from deploy.receipt import RECEIPT
from deploy.releases import HOME
from deploy.reporter import Reporter
from deploy.site import Site
from deploy.step import DeployError
from deploy.steps import STEPS
from deploy.steps.preflight import check_rights, check_root_folder


def plan(site: Site) -> dict[str, list[str]]:
    """What each step would change, without those that would change nothing. Changes nothing; may raise EdgeError."""
    planned = {step.name: step.plan(site) for step in STEPS}
    return {name: lines for name, lines in planned.items() if lines}


def provision(site: Site, reporter: Reporter) -> None:
    """Bring the machine to what was asked for. Raises EdgeError; the same call again goes on from there."""
    check_rights()
    site.warn = reporter.warn
    with _alone(site.host):
        plan(site)  # what stands in the way of a later step is told before the first one has changed anything
        for number, step in enumerate(STEPS, 1):
            changes = step.plan(site)
            reporter.begin(number, len(STEPS), step.name)
            site.progress = reporter.progress
            step.run(site)
            reporter.end(bool(changes))
        site.receipt.finish(True)


def remove(site: Site, reporter: Reporter) -> list[str]:
    """Take back what the receipt names; gives in words what is left. Raises EdgeError."""
    check_rights()
    check_root_folder(site.host)
    if not site.host.path(RECEIPT).exists():
        raise DeployError(
            f"There is nothing to remove: {site.host.path(RECEIPT)} is not there, so nothing was provisioned."
        )
    left: list[str] = []
    with _alone(site.host):
        for number, step in enumerate(reversed(STEPS), 1):
            reporter.begin(number, len(STEPS), step.name)
            site.progress = reporter.progress
            left += step.undo(site)
            reporter.end(changed=True)
        shutil.rmtree(site.host.path(HOME), ignore_errors=True)
    return left


@contextmanager
def _alone(host: Host) -> Iterator[None]:
    """Raises DeployError while another provision works on the same root. The lock is on the folder: no file is left."""
    descriptor = os.open(host.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise DeployError(f"Another edge-deploy is at work on {host.root}: wait until it has ended.") from error
    try:
        yield
    finally:
        os.close(descriptor)
