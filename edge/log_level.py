"""How much is said in the log."""

from __future__ import annotations

import logging

_TALKATIVE = ("amqtt", "transitions", "matplotlib", "numba")


def set_level(level: str) -> None:
    """Everything from `level` (debug, info, warning, error) up, from now on; libraries that chatter only at debug."""
    logging.getLogger().setLevel(level.upper())
    logging.raiseExceptions = level == "debug"  # a line that cannot be formatted is lost, and no traceback in its place
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "debug" else logging.ERROR)
