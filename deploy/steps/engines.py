"""The first engines for this GPU, built before the service wants them."""

from __future__ import annotations

import json

from deploy.as_service import run_as_service
from deploy.files import DAEMON, unit_file
from deploy.host import CommandError
from deploy.releases import CURRENT
from deploy.site import Site
from deploy.systemctl import active_state
from edge.board import board

_FOLDER = "/var/lib/edge-emotion/engines"
_BUILD_S = 3600


class EnginesStep:
    """Only with an NVIDIA GPU and a systemd that gives the service's rights; a daemon that runs builds its own."""

    name = "engines"

    def plan(self, site: Site) -> list[str]:
        """What would be built."""
        return [f"build the student's engines into {_FOLDER}, as the service's user"] if _is_wanted(site) else []

    def run(self, site: Site) -> None:
        """Build them; a failure is told as a warning, the daemon serves by ONNX Runtime then."""
        if not _is_wanted(site):
            return
        command = (str(CURRENT / "bin" / "edge-engines"), "build", "--out", _FOLDER, "--progress", "json")
        try:
            run_as_service(
                site.host,
                unit_file(DAEMON, site.host.path(CURRENT)),
                *command,
                timeout_s=_BUILD_S,
                heard=_Progress(site),
            )
        except CommandError as error:
            site.warn(
                f"No engines yet: {error} Until the daemon has built them ONNX Runtime computes on the processor."
            )

    def undo(self, site: Site) -> list[str]:  # noqa: ARG002
        """They are state, which is left."""
        return []


class _Progress:
    """The compiler's JSON lines as a share of the whole."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def __call__(self, line: str) -> None:
        try:
            told = json.loads(line)
            self._site.progress(float(told["done"]), f"{told['graph']}: {told['phase']}")
        except (ValueError, KeyError, TypeError):  # its other words
            return


def _is_wanted(site: Site) -> bool:
    if not (site.host.live and site.wishes.start and board(site.host.root).has_nvidia_gpu):
        return False
    return active_state(site.host, DAEMON) != "active"
