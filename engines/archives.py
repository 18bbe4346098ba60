"""Where the data archives lie."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from edge.errors import UsageError
from engines.datasets.manifest import SUFFIX, read_manifest

FER2013 = "fer2013_train_public.zip"
SPEECH = ("ravdess_speech_dev.tar", "emodb_speech_dev.tar", "nemo_speech_dev.tar")
AV = "av_dev.zip"


@dataclass(frozen=True)
class Archives:
    """The archives of one run; what is None or missing from `speech` is not read."""

    fer2013: Path
    speech: tuple[Path, ...]
    av: Path | None = None

    @classmethod
    def inside(cls, folder: Path) -> Archives:
        """The usual names in one folder. Raises UsageError naming what is missing."""
        fer2013, av = folder / FER2013, folder / AV
        speech = tuple(path for path in (folder / name for name in SPEECH) if path.exists())
        missing = [] if fer2013.exists() else [FER2013]
        missing += [] if speech else ["*_speech_dev.tar"]
        if missing:
            raise UsageError(
                f"The data folder {folder} lacks {' and '.join(missing)}: name the folder of the archives with --data."
            )
        return cls(fer2013, speech, av if av.exists() else None)


@dataclass(frozen=True)
class Sources:
    """What one folder holds to train on: archives, and manifests made by `edge-engines prepare`.

    A data set that has a manifest is read by it alone: its archive may lie in the same folder.
    """

    fer2013: Path | None
    speech: tuple[Path, ...]
    av: Path | None
    manifests: tuple[Path, ...]

    @classmethod
    def inside(cls, folder: Path) -> Sources:
        """Everything usable in the folder. Raises UsageError when there is nothing."""
        manifests = tuple(sorted(folder.glob(f"*{SUFFIX}")))
        prepared = {path.name[: -len(SUFFIX)] for path in manifests}
        fer2013, av = folder / FER2013, folder / AV
        speech = (folder / name for name in SPEECH if name.split("_")[0] not in prepared)
        sources = cls(
            fer2013 if fer2013.exists() and "fer2013" not in prepared else None,
            tuple(path for path in speech if path.exists()),
            av if av.exists() else None,
            manifests,
        )
        if not sources.all:
            raise UsageError(
                f"The data folder {folder} holds neither archives nor *{SUFFIX}: "
                "run `edge-engines prepare`, or name another folder with --data."
            )
        return sources

    @property
    def faces(self) -> tuple[Path, ...]:
        """Those with pictures or films to train on."""
        own = () if self.fer2013 is None else (self.fer2013,)
        return (*own, *self._with("picture", "film"))

    @property
    def voices(self) -> tuple[Path, ...]:
        """Those with sounds or films to train on."""
        return (*self.speech, *self._with("sound", "film"))

    def _with(self, *kinds: str) -> tuple[Path, ...]:
        return tuple(
            path
            for path in self.manifests
            if any(item.kind in kinds and item.usable for item in read_manifest(path).items)
        )

    @property
    def all(self) -> tuple[Path, ...]:
        """Each of them, for `engines.datasets.items.open_manifest`."""
        archives = (self.fer2013, *self.speech, self.av)
        return (*(path for path in archives if path is not None), *self.manifests)


def default_folder() -> Path:
    """EDGE_EMOTION_DATA, else ../shared/data beside the repository."""
    named = os.environ.get("EDGE_EMOTION_DATA")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
