"""Why no camera and no microphone may be opened now."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from edge.config import read_switch, service_switch_elsewhere
from edge.errors import EdgeError


class ClosedError(EdgeError):
    """The privacy switch has been turned OFF; the sentence says which."""


def unless_closed(off: Callable[[], str | None]) -> None:
    """Raises ClosedError with the reason that `off` gives."""
    reason = off()
    if reason:
        raise ClosedError(reason)


def switched_off(environ: Mapping[str, str] = os.environ) -> str | None:
    """In words which privacy switch forbids it: this user's, or the service's; None where none does.

    The service's counts for everybody here: whoever turned it OFF means the room, not an account.
    """
    on, trouble = read_switch(environ)
    if not on:
        return trouble or "recognition is switched OFF (edge-emotion enable turns it on)"
    service = service_switch_elsewhere(environ)
    if service is None:
        return None
    on, trouble = read_switch({"STATE_DIRECTORY": str(service.parent)})
    if on:
        return None
    if trouble and not os.access(service, os.R_OK, effective_ids=True):
        return f"this user may not read whether the service's recognition is switched on ({service}): use sudo"
    return trouble or "the service's recognition is switched OFF (sudo edge-emotion enable turns it on)"
