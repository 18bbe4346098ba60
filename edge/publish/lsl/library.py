"""The LabStreamingLayer library: found, or missed in one sentence, and kept from chatting on standard error."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.config.paths import home_dir
from edge.errors import EdgeError

_ERRORS_ONLY = "[log]\nlevel = -2\n"
_log = logging.getLogger(__name__)


def load_pylsl() -> Any:
    """The module `pylsl` with liblsl behind it; raises EdgeError when one of them is missing."""
    try:
        import pylsl
    except ImportError as error:
        raise EdgeError(
            f"LSL cannot be used ({_first_line(error)}); install it with: pip install 'edge-emotion[lsl]', "
            "or set lsl = false."
        ) from error
    except (RuntimeError, OSError, AttributeError) as error:  # no liblsl, one for another processor, or one too old
        raise EdgeError(
            "LSL cannot be used: pylsl is here, but not the library liblsl, which its wheel carries on x86-64 only; "
            "install liblsl's .deb from github.com/sccn/liblsl/releases or name the file in PYLSL_LIB, "
            "or set lsl = false."
        ) from error
    _quieten(pylsl)
    return pylsl


def config_text(environ: Mapping[str, str] = os.environ) -> str | None:
    """What liblsl is to be told instead of its own config file: the same, and only errors in the log.

    None when that file says itself what is to be logged. liblsl takes the first of these four that it can read.
    """
    home = home_dir(environ)
    places = [Path("lsl_api.cfg"), home / "lsl_api/lsl_api.cfg", Path("/etc/lsl_api/lsl_api.cfg")]
    if environ.get("LSLAPICFG"):
        places.insert(0, Path(environ["LSLAPICFG"]))
    for place in places:
        try:
            text = place.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            continue
        return None if "[log]" in text else f"{text}\n{_ERRORS_ONLY}"
    return _ERRORS_ONLY


def _quieten(pylsl: Any) -> None:
    text = config_text()
    if text is None:
        return
    try:
        pylsl.set_config_content(text)
    except (AttributeError, NotImplementedError, ValueError) as error:  # before liblsl 1.17.7, or no UTF-8
        _log.debug("liblsl says more than it needs to: %s", error)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
