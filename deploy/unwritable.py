"""Why something could not be written, and what helps."""

from __future__ import annotations

import errno

from deploy.step import DeployError

_REMEDIES = {
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "make room there",
    errno.EROFS: "mount that disk for writing",
    errno.EPERM: "let root write there",
    errno.EACCES: "let root write there",
}


def unusable(error: OSError) -> DeployError:
    """One sentence about a file that was to be read or written."""
    what = str(error.filename or "A file")
    if error.errno in _REMEDIES:
        return unwritable(what, error)
    return DeployError(f"{what} cannot be used ({error.strerror or error}): mend that and run the same command again.")


def unwritable(what: str, error: OSError) -> DeployError:
    """One sentence about `what`, a path or something with a path."""
    remedy = _REMEDIES.get(error.errno or 0, "mend that")
    return DeployError(f"{what} cannot be written ({error.strerror}): {remedy} and run the same command again.")
