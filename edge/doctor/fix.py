"""What a check would do to mend what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from edge.doctor.check import Check
from edge.doctor.machine import Machine
from edge.errors import EdgeError


@dataclass(frozen=True)
class Fix:
    """`words` say what `apply` does, like "make the folder /x": they are said first, and only `--fix` applies it.

    Only what can be taken back, or made again, is a fix; `apply` raises OSError or EdgeError.
    """

    words: str
    apply: Callable[[], None]


def fixes(checks: Sequence[Check], machine: Machine) -> Iterator[Fix]:
    """What the checks have to offer here, as they come; a check without the method `fix` has nothing."""
    for check in checks:
        offer: Callable[[Machine], Fix | None] | None = getattr(check, "fix", None)
        if offer is None or (check.uses_packages and machine.deadly_package):
            continue
        try:
            found = offer(machine)
        except (OSError, EdgeError):
            continue
        if found is not None:
            yield found


def applied(fix: Fix) -> str:
    """Do it; how that went, in words."""
    try:
        fix.apply()
    except OSError as error:
        remedy = "try again with sudo" if isinstance(error, PermissionError) else "the check tells what helps"
        return f"not done: {fix.words} ({error.strerror}): {remedy}"
    except EdgeError as error:
        return f"not done: {fix.words}: {error}"
    return f"done: {fix.words}"
