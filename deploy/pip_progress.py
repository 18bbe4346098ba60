"""How far pip is."""

from __future__ import annotations

from pathlib import Path

from deploy.site import Site

_PACKAGES = 45
"""About as many come along."""


class PipProgress:
    """pip's lines as a share of the whole."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._seen = 0

    def __call__(self, line: str) -> None:
        """A line that pip said."""
        line = line.strip()
        if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
            self._seen += 1
        elif not line.startswith(("Downloading ", "Installing collected packages", "Building wheel")):
            return
        words = "installing the packages" if line.startswith("Installing collected") else line.partition(" (")[0]
        if line.startswith("Processing "):  # a file of a folder of wheels
            words = f"Collecting {Path(words).name.partition('-')[0]}"
        done = 0.9 if line.startswith("Installing collected") else 0.1 + 0.7 * min(self._seen / _PACKAGES, 1.0)
        self._site.progress(done, words[:80])
