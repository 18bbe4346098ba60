"""pip of one release."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.host import CommandError, Host
from deploy.releases import HOME
from deploy.step import DeployError
from deploy.trouble import Trouble

CACHE = HOME / "cache"
"""What was downloaded and compiled, until the release is whole: an install that was cut short goes on from here."""
_INSTALL_S = 3600


class Pip:
    """Installs into the virtual environment `folder`, held to the lines of `constraints`.

    Paths are those inside the machine. `wheels` is a folder to take everything from, instead of an index.
    """

    def __init__(
        self,
        host: Host,
        folder: Path,
        wheels: Path | None = None,
        constraints: Sequence[str] = (),
        heard: Callable[[str], None] | None = None,
    ) -> None:
        self._host = host
        self._python = str(folder / "bin" / "python")
        self._wheels = wheels
        self._constraints = constraints
        self._heard = heard

    def install(self, what: str, environ: Mapping[str, str] | None = None) -> None:
        """`pip install what`. Raises DeployError, one sentence with its remedy."""
        held = CACHE / "held.txt"
        self._host.path(CACHE).mkdir(parents=True, exist_ok=True)
        self._host.path(held).write_text("".join(f"{line}\n" for line in self._constraints))
        words = ["--cache-dir", str(CACHE / "pip"), "--constraint", str(held)]
        if self._wheels:
            words += ["--no-index", "--find-links", str(self._wheels)]
        self._pip("install", *words, what, environ=environ or {})

    def uninstall(self, name: str) -> None:
        """Take a package out of the release. Raises DeployError."""
        self._pip("uninstall", "--yes", name, environ={})

    def _pip(self, command: str, *words: str, environ: Mapping[str, str]) -> None:
        scratch = self._host.path(CACHE / "tmp")
        scratch.mkdir(parents=True, exist_ok=True)
        own = {"TMPDIR": str(CACHE / "tmp"), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
        if self._wheels:
            own |= {"PIP_CONFIG_FILE": os.devnull}
        trouble = Trouble(self._heard)
        try:
            self._host.run(
                *(self._python, "-m", "pip", command, "--no-color", *words),
                timeout_s=_INSTALL_S,
                environ={**own, **environ},
                progress=trouble,
            )
        except CommandError as error:
            raise DeployError(
                f"pip could not {command} {words[-1]}: {self._why(trouble, trouble.cause or str(error))}"
            ) from error

    def _why(self, trouble: Trouble, words: str) -> str:
        if trouble.no_room:
            return f"the disk of {HOME} is full; make room there and run the same command again."
        if trouble.no_network:
            return "its index cannot be reached; run this again when the network is back, or give --wheels DIR."
        if self._wheels and "No matching distribution found" in words:
            return f"{words}; the folder {self._wheels} lacks it: add its wheel there, or leave --wheels out."
        return f"{words.rstrip('.')}; mend that and run the same command again."
