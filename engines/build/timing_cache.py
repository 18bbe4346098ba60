"""How fast the kernels were that earlier builds tried: it makes the next build quicker.

It lies beside the plans and is trusted no more than they: whose it is and its sha256 are asked before TensorRT sees it.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from pathlib import Path
from typing import Any

from edge.infer.plan_folder import DistrustError, PlanFolder
from edge.infer.plan_key import PlanTarget

MOST_BYTES = 64 * 1024 * 1024
_DIGEST_BYTES = hashlib.sha256().digest_size

_log = logging.getLogger("engines.build")


class TimingCache:
    """The cache of one target in `folder`. A build goes on without one: nothing here raises for want of it."""

    def __init__(self, folder: Path, target: PlanTarget) -> None:
        self._folder = folder
        self._name = target.timing_file

    def lend(self, config: Any) -> None:
        """Let a build with `config` use what is there, and write down what it finds out."""
        cache = config.create_timing_cache(self._read())
        if cache is None or not config.set_timing_cache(cache, False):
            cache = config.create_timing_cache(b"")
            config.set_timing_cache(cache, False)

    def keep(self, config: Any) -> None:
        """Write what the build has found out."""
        cache = config.get_timing_cache()
        if cache is None:
            return
        data = bytes(cache.serialize())
        if len(data) > MOST_BYTES - _DIGEST_BYTES:
            return
        try:
            with PlanFolder.opened(self._folder, any_owner=True) as folder:
                folder.write({self._name: hashlib.sha256(data).digest() + data})
        except (OSError, DistrustError) as error:
            _log.debug("the timing cache %s is not kept: %s", self._folder / self._name, error)

    def _read(self) -> bytes:
        """What TensorRT wrote earlier; nothing where that is not there beyond doubt."""
        try:
            with PlanFolder.opened(self._folder) as folder:
                kept = folder.read(self._name, MOST_BYTES)
        except FileNotFoundError:
            return b""
        except (OSError, DistrustError) as error:
            _log.info("the timing cache %s is not used (%s): the build takes longer", self._name, error)
            return b""
        digest, data = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
        if not hmac.compare_digest(digest, hashlib.sha256(data).digest()):
            _log.warning("the timing cache %s is damaged: the build takes longer", self._name)
            return b""
        return data
