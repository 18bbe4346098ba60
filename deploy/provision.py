"""A provision, from the first step to the last."""

from __future__ import annotations

from collections.abc import Callable

from deploy.alone import alone
from deploy.folders import remove_place
from deploy.receipt import Receipt
from deploy.reporter import Reporter
from deploy.site import Site
from deploy.step import NotUpgradedError
from deploy.steps import STEPS
from deploy.steps.preflight import check_rights


def plan(site: Site) -> dict[str, list[str]]:
    """What each step would change, without those that would change nothing. Changes nothing; may raise EdgeError."""
    site.warn = once(site.warn)
    planned = {step.name: step.plan(site) for step in STEPS}
    return {name: lines for name, lines in planned.items() if lines}


def provision(site: Site, reporter: Reporter) -> bool:
    """Bring the machine to what was asked for; gives whether anything had to be changed.

    Raises EdgeError; the same call again goes on from there.
    """
    check_rights()
    site.warn = once(reporter.warn)
    with alone(site.host):
        site.receipt = Receipt.load(site.host)  # another one may have been at work since
        # What stands in the way of a later step is told before the first one has changed anything.
        if not plan(site) and site.receipt.finished:
            return False
        was_finished = site.receipt.finished
        try:
            _run(site, reporter)
        except NotUpgradedError:
            site.receipt.finish(was_finished)
            raise
        except BaseException:
            if site.receipt.is_empty:
                remove_place(site)
            raise
        site.receipt.finish(True)
    return True


def once(warn: Callable[[str], None]) -> Callable[[str], None]:
    """Say the same only the first time: what a step leaves alone is told by its plan and again when it runs."""
    said: set[str] = set()

    def say(words: str) -> None:
        if words not in said:
            said.add(words)
            warn(words)

    return say


def _run(site: Site, reporter: Reporter) -> None:
    for number, step in enumerate(STEPS, 1):
        changes = step.plan(site)
        reporter.begin(number, len(STEPS), step.name)
        site.progress = reporter.progress
        step.run(site)
        reporter.end("done" if changes else "nothing to do", bool(changes))
