"""The archive of talking faces, as every bench command opens it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import EdgeError
from engines.archives import AV, default_folder
from engines.cache import default_cache
from engines.faces import find_detector
from tests.sync_bench.clips import Clip, unpacked
from tests.sync_bench.sights import Sights


def add_archive(parser: argparse.ArgumentParser) -> None:
    """The option that names it."""
    parser.add_argument("--av", type=Path, metavar="ZIP", help="archive of talking faces (default: the data folder's)")


@contextmanager
def opened(named: Path | None) -> Iterator[tuple[list[Clip], Sights]]:
    """The clips of the archive and what the detector sees in them, which all benches keep in one folder.

    Raises EdgeError when there is no such archive, UsageError when it is none.
    """
    archive = named or default_folder() / AV
    if not archive.is_file():
        raise EdgeError(f"There is no archive of talking faces at {archive}: name one with --av.")
    with unpacked(archive) as clips:
        yield clips, Sights(archive, default_cache().with_name("sync_bench"), find_detector(archive.parent))
