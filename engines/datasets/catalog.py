"""The data sets that can be prepared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engines.datasets import cremad, emodb, fer2013_forms, iemocap, nemo, ravdess, recordings
from engines.datasets.listing import Listing
from engines.datasets.splits import Splits
from engines.datasets.store import Store


@dataclass(frozen=True)
class Entry:
    """How one data set is read, and what must be said about it."""

    list_items: Callable[[Store, Splits], Listing]
    licence: str
    source: str
    wants: str
    """What must lie in the folder."""


CATALOG = {
    fer2013_forms.NAME: Entry(
        fer2013_forms.list_fer2013,
        fer2013_forms.LICENCE,
        "FER2013, Kaggle challenge of 2013 (Goodfellow et al.); votes FER+ (Barsoum et al., Microsoft)",
        "fer2013.csv (and fer2013new.csv), or train/EMOTION/*.png and test/EMOTION/*.png, or the archive of sheets",
    ),
    ravdess.NAME: Entry(
        ravdess.list_ravdess,
        ravdess.LICENCE,
        "RAVDESS (Livingstone and Russo, 2018)",
        "Actor_XX/03-01-06-01-02-01-12.wav and 01-01-….mp4, or archives of them",
    ),
    cremad.NAME: Entry(
        cremad.list_cremad,
        cremad.LICENCE,
        "CREMA-D (Cao et al., 2014)",
        "1001_DFA_ANG_XX.flv, .mp4 or .wav (VideoFlash, AudioWAV), or archives of them",
    ),
    iemocap.NAME: Entry(
        iemocap.list_iemocap,
        iemocap.LICENCE,
        "IEMOCAP (Busso et al., 2008), University of Southern California",
        "Session1 … Session5 with dialog/EmoEvaluation/*.txt and sentences/wav",
    ),
    emodb.NAME: Entry(
        emodb.list_emodb,
        emodb.LICENCE,
        "Berlin Database of Emotional Speech (Burkhardt et al., 2005)",
        "wav/03a01Fa.wav, or an archive of them",
    ),
    nemo.NAME: Entry(
        nemo.list_nemo,
        nemo.LICENCE,
        "nEMO (Christop, 2024)",
        "samples/EB0_anger_1.wav (and data.tsv), or an archive of them",
    ),
    recordings.NAME: Entry(
        recordings.list_recordings,
        recordings.LICENCE,
        "recorded by the user",
        "clips of `edge-emotion record --label … --person …`, or any clips with a labels.csv of file,emotion,person",
    ),
}


def data_set_of(store: Store) -> str | None:
    """Which set an archive of ours holds, by the names in it; None for another archive."""
    for path in store.names():
        _, _, member = path.partition("!")
        folder, _, name = member.partition("/")
        if name == "manifest.csv" and folder in CATALOG:
            return folder
        if member == "labels.csv":
            return fer2013_forms.NAME
        if member == "crops.csv":
            return ravdess.NAME
    return None
