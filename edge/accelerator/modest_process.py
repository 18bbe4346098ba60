"""A child process to which everything else comes first, and of which nothing is left when it is finished."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import psutil

import edge

Pipe = Literal["stdout", "stderr"]
_READ_BYTES = 65536
_LOWEST_PRIORITY = 19


class ModestProcess:
    """Runs `command` in a session of its own, whose processes end with it. `finish` must be called. One thread only."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Raises OSError when it cannot be started."""
        self._selector = selectors.DefaultSelector()
        self._open: list[int] = []
        writing = {name: self._pipe(name) for name in ("stdout", "stderr")}
        try:
            self._child = subprocess.Popen(
                list(command),
                # `-m` looks into the working folder first: it has to be the one that we ourselves came from.
                cwd=Path(edge.__file__).parents[1],
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=writing["stdout"],
                stderr=writing["stderr"],
                start_new_session=True,
            )
        except OSError:
            self._close()
            raise
        finally:
            for descriptor in writing.values():
                os.close(descriptor)
        self.pid = self._child.pid
        _stand_back(self.pid)

    def read(self, timeout_s: float) -> Iterator[tuple[Pipe, bytes]]:
        """What came on which pipe, after `timeout_s` at the latest."""
        for key, _ in self._selector.select(timeout_s):
            data = os.read(key.fd, _READ_BYTES)
            if data:
                yield key.data, data
            else:
                self._selector.unregister(key.fd)

    @property
    def silent(self) -> bool:
        """Whether both pipes are closed."""
        return not self._selector.get_map()

    @property
    def ended(self) -> bool:
        """Whether it has. It is not reaped here: until `finish` nobody else can have its number."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def finish(self) -> int:
        """Its exit code, below 0 the signal that killed it; whatever of its session runs on is killed now."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._close()
        return self._child.wait()

    def _pipe(self, name: str) -> int:
        """The end for writing."""
        reading, writing = os.pipe()
        self._open.append(reading)
        self._selector.register(reading, selectors.EVENT_READ, name)
        return writing

    def _close(self) -> None:
        self._selector.close()
        for descriptor in self._open:
            os.close(descriptor)
        self._open = []


def _stand_back(pid: int) -> None:
    """Everything else comes first: on the processor, at the disk, and when memory runs out."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, _LOWEST_PRIORITY)
    with contextlib.suppress(OSError):  # where the kernel shares the processor among sessions, its own counts as well
        Path(f"/proc/{pid}/autogroup").write_text(str(_LOWEST_PRIORITY), encoding="ascii")
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", encoding="ascii")
    with contextlib.suppress(psutil.Error, OSError):
        psutil.Process(pid).ionice(psutil.IOPRIO_CLASS_IDLE)
