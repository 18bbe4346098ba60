"""The disk of a machine to install on: a copy-on-write view of this one's, of which nothing is left."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deploy.host import Host
from deploy.receipt import Receipt
from deploy.releases import Releases
from deploy.site import Site
from deploy.step import Step
from deploy.steps.gate import GateStep
from deploy.steps.pycuda import PycudaStep
from deploy.steps.release import ReleaseStep
from deploy.steps.switch import SwitchStep
from deploy.wishes import Wishes
from tests.boot.machine import machine

STEPS: tuple[Step, ...] = (ReleaseStep(), PycudaStep(), GateStep(), SwitchStep())
"""Those that bring a release into force, in their order."""


@dataclass
class Image:
    """`root` is its disk; `warnings` and `told` are what the steps said."""

    root: Path
    warnings: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    furnished: set[Path] = field(default_factory=set)

    @property
    def host(self) -> Host:
        """As a provision with --root has it."""
        return Host(self.root)

    @property
    def releases(self) -> Releases:
        """Those on it."""
        return Releases(self.host)

    def written(self) -> set[Path]:
        """All files that are not as this machine has them, each by its path inside."""
        upper = self.root.parent / "up"
        return {Path("/") / path.relative_to(upper) for path in upper.rglob("*") if not path.is_dir()} - self.furnished

    def is_furnished(self) -> None:
        """What was written so far does not count."""
        self.furnished |= self.written()

    def path(self, inside: str) -> Path:
        """Where a file of the image is for us."""
        return self.host.path(inside)

    def site(self, source: Path | None, wheels: Path | None = None, **wishes: object) -> Site:
        """What a provision of `source` would be given. Wheels of nothing else are there unless `wheels` are named."""
        wanted = Wishes(source=source, wheels=wheels or (source and source.parent), **wishes)  # type: ignore[arg-type]
        told = self.told

        def tell(_fraction: float, words: str) -> None:
            told.append(words)

        return Site(self.host, wanted, Receipt.load(self.host), progress=tell, warn=self.warnings.append)

    def provision(self, source: Path | None, wheels: Path | None = None, **wishes: object) -> None:
        """All of STEPS."""
        site = self.site(source, wheels, **wishes)
        for step in STEPS:
            step.run(site)

    def plan(self, source: Path | None, wheels: Path | None = None) -> list[str]:
        """What STEPS would change."""
        site = self.site(source, wheels)
        return [line for step in STEPS for line in step.plan(site)]

    def mount(self, inside: str, size: str) -> Path:
        """A small disk of its own at `inside`; called again for the same place it gets that size."""
        place = self.path(inside)
        there = place.is_dir() and place.stat().st_dev != place.parent.stat().st_dev
        place.mkdir(parents=True, exist_ok=True)
        keeper = self.root.parts[2]  # /proc/<the one who holds the mounts>/root/…
        seen = Path("/", *self.root.parts[4:]) / inside.lstrip("/")
        options = (
            ["-o", f"remount,size={size}", seen] if there else ["-t", "tmpfs", "-o", f"size={size}", "tmpfs", seen]
        )
        subprocess.run(["nsenter", "--target", keeper, "--mount", "mount", *options], check=True, timeout=30)
        return place


@contextlib.contextmanager
def empty_image() -> Iterator[Image]:
    """As this machine's, with nothing of ours on it; skips by name where it cannot be had."""
    with machine() as made:
        assert not made.path("/opt/edge-emotion").exists(), "this machine has a provision of its own"
        empty = Image(made.root)
        empty.is_furnished()
        yield empty
