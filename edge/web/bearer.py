"""The token that every request has to bring where others can reach the server."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import stat
from pathlib import Path

from edge.errors import UsageError

LEAST_CHARACTERS = 16
MOST_CHARACTERS = 1024
_TOKEN = re.compile(r"[!-~]+")
_log = logging.getLogger(__name__)


class Bearer:
    """Knows the token when it sees it; its text form, which may end in a log, holds nothing of it."""

    def __init__(self, token: str) -> None:
        self._digest = hashlib.sha256(token.encode()).digest()

    def is_in(self, authorization: str) -> bool:
        """Whether this `Authorization` header is `Bearer` and the token; takes as long for a near miss as for any."""
        scheme, _, given = authorization.partition(" ")
        digest = hashlib.sha256(given.strip().encode("utf-8", "replace")).digest()
        return hmac.compare_digest(digest, self._digest) and scheme.lower() == "bearer"


def read_token(path: Path) -> Bearer:
    """The first line of a token file; raises UsageError when there is none that is fit to be one."""
    try:
        with path.open("rb") as file:
            line = file.readline(MOST_CHARACTERS + 2).decode("ascii").strip("\r\n")
            mode = stat.S_IMODE(path.stat().st_mode)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not plain text"
        raise UsageError(f"--token-file {path} cannot be read ({reason}): correct its path, or its rights.") from error
    if not _TOKEN.fullmatch(line) or not LEAST_CHARACTERS <= len(line) <= MOST_CHARACTERS:
        raise UsageError(
            f"--token-file {path} has no token in its first line: write {LEAST_CHARACTERS} to "
            f"{MOST_CHARACTERS} letters and digits there, like those of openssl rand -hex 32."
        )
    if mode & stat.S_IROTH:
        _log.warning("everybody on this machine can read the token file %s: chmod 600 %s", path, path)
    return Bearer(line)
