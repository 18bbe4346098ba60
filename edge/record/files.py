"""The three files of a recording: the clip, its header and its table; each appears under its name when it is whole."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from edge.capture.clip_writer import FORMATS, ClipFormat
from edge.errors import EdgeError, UsageError

PARTIAL = ".partial"


@dataclass(frozen=True)
class RecordingFiles:
    """`clip` is what the user named, with `.mkv` where it had no suffix."""

    clip: Path

    @classmethod
    def named(cls, out: str, *, force: bool) -> RecordingFiles:
        """The files for OUT. Raises UsageError when they cannot be made there, or are there already without `force`."""
        clip = Path(out)
        if not clip.name or clip.is_dir():
            raise UsageError(f"OUT is {out!r}, but that is a folder: name a file in it.")
        clip = clip if clip.suffix else clip.with_name(clip.name + ".mkv")
        files = cls(clip)
        if clip.suffix.lower() not in FORMATS:
            raise UsageError(f"OUT is {out!r}, but clips end in {' or '.join(FORMATS)}: name it {clip.stem}.mkv.")
        if not os.path.isdir(clip.parent):  # noqa: PTH112  (Path.is_dir raises where the way there may not be seen)
            raise UsageError(f"The folder {str(clip.parent)!r} of OUT does not exist: make it first.")
        present = [path for path in (*files.all, partial(clip)) if os.path.lexists(path)]
        if present and not force:
            raise UsageError(f"The file {str(present[0])!r} exists: name another OUT, or --force to overwrite it.")
        return files

    @property
    def header(self) -> Path:
        """What was recorded: one JSON object."""
        return self.clip.with_suffix(".json")

    @property
    def table(self) -> Path:
        """Every frame, every 10 ms of sound and every window: JSON Lines."""
        return self.clip.with_suffix(".jsonl")

    @property
    def all(self) -> tuple[Path, Path, Path]:
        """In the order in which they are finished."""
        return self.clip, self.table, self.header

    @property
    def clip_format(self) -> ClipFormat:
        """By the suffix."""
        return FORMATS[self.clip.suffix.lower()]

    def begin(self) -> None:
        """Prove that the folder can be written before any device is opened. Raises EdgeError."""
        try:
            partial(self.clip).open("wb").close()
        except OSError as error:
            raise EdgeError(
                f"The clip {self.clip} cannot be written ({error.strerror}): name another place."
            ) from error

    def forget(self) -> None:
        """Remove what `begin` left where nothing was recorded."""
        with contextlib.suppress(OSError):
            partial(self.clip).unlink()

    def keep_clip(self) -> None:
        """Give the clip its name; what an older recording left beside it no longer belongs to it."""
        for path in (self.header, self.table):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
        partial(self.clip).replace(self.clip)


def partial(path: Path) -> Path:
    """Where a file stands until it is whole: beside its place, since a rename cannot cross file systems."""
    return path.with_name(path.name + PARTIAL)
