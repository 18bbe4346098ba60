"""The machine, or the image of one, that is provisioned: its paths, and commands that run inside it."""

from __future__ import annotations

import collections
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.entering import entering
from deploy.within import within
from edge.errors import EdgeError

_KEPT_LINES = 100_000
_TOLD_LINES = 3
_GRACE_S = 10.0
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "TERM")


class CommandError(EdgeError):
    """A command failed; the sentence has its last words. `status`: its exit code, None when it never ran to an end."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status


class Host:
    """`root` is / for this machine, else the folder of an image, whose own programs are run by chroot."""

    def __init__(self, root: Path = Path("/"), environ: Mapping[str, str] = os.environ) -> None:
        self.root = Path("/") if root.samefile("/") else root.absolute()
        self._environ = environ

    @property
    def is_image(self) -> bool:
        """Whether this is not the machine that we run on."""
        return self.root != Path("/")

    @property
    def live(self) -> bool:
        """Whether services can be started: this machine, with systemd as its first process."""
        return not self.is_image and Path("/run/systemd/system").is_dir()

    def path(self, inside: str | Path) -> Path:
        """Where the machine's `inside`, like /etc/x, is for us: links of an image on the way there lead inside it."""
        inside = Path(inside)
        return within(self.root, inside) if self.is_image else inside

    def run(
        self,
        *words: str,
        timeout_s: float,
        environ: Mapping[str, str] | None = None,
        progress: Callable[[str], None] | None = None,
        may_fail: bool = False,
    ) -> str:
        """Run a program of the machine in the C locale; gives what it said on both streams.

        `progress` is told each line as it comes. What the program started ends with it, also when it takes too long.
        Raises CommandError; with `may_fail` only where it cannot be run at all, or takes too long.
        """
        try:
            child = subprocess.Popen(
                [*entering(self.root), *words],
                env={**self._own_environ(), **(environ or {})},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise CommandError(f"{words[0]} cannot be run ({error.strerror}).") from error
        return _heard(child, words, timeout_s, progress, may_fail)

    def _own_environ(self) -> dict[str, str]:
        passed_on = {name: self._environ[name] for name in _PASSED_ON if name in self._environ}
        own = {"PATH": _PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        # Looking at the system's modules as root would leave their bytecode beside them.
        return {**own, "PYTHONDONTWRITEBYTECODE": "1", **passed_on}


def _heard(
    child: subprocess.Popen[str],
    words: tuple[str, ...],
    timeout_s: float,
    progress: Callable[[str], None] | None,
    may_fail: bool,
) -> str:
    late = threading.Event()

    def end() -> None:
        late.set()
        _end(child)

    timer = threading.Timer(timeout_s, end)
    timer.start()
    lines: collections.deque[str] = collections.deque(maxlen=_KEPT_LINES)
    try:
        for line in child.stdout or ():
            lines.append(line.rstrip("\n"))
            if progress is not None:
                progress(lines[-1])
        status = child.wait()
    finally:
        timer.cancel()
        _end(child)
    if late.is_set():
        raise CommandError(f"{_called(words)} did not end within {timeout_s:g} s.")
    if status != 0 and not may_fail:
        raise CommandError(f"{_called(words)} failed with {status}{_last_words(lines)}", status)
    return "\n".join(lines)


def _end(child: subprocess.Popen[str]) -> None:
    """Whatever is left of its session; it was its leader. A package manager is let go to a point where it may stop."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_GRACE_S)
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _called(words: tuple[str, ...]) -> str:
    return " ".join([Path(words[0]).name, *words[1:3]])


def _last_words(lines: collections.deque[str]) -> str:
    told = [line.strip() for line in lines if line.strip()][-_TOLD_LINES:]
    return f": {' / '.join(told)}" if told else "."
