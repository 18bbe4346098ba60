"""What the command line gave, as the settings' top layer."""

from __future__ import annotations

import argparse
from typing import Any

_NO_SETTINGS = frozenset({"command", "config"})


def given_flags(arguments: argparse.Namespace) -> dict[str, Any]:
    """The options by key of the settings."""
    return {key: value for key, value in vars(arguments).items() if key not in _NO_SETTINGS}
