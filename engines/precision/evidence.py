"""What other precisions are calibrated with, and what they are judged by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edge.errors import UsageError
from edge.infer.engine import Engine
from engines.archives import Archives
from engines.parity.feeds import ParityFeeds, joined
from engines.parity.sources import usual_feeds
from engines.precision.calibration import CalibrationSet, calibration_set

Feeder = Callable[[Engine, int], ParityFeeds]
Calibrator = Callable[[Engine], CalibrationSet]


@dataclass(frozen=True)
class Evidence:
    """Both are given the fp32 face encoder, active; `feeds` the size of its embeddings too."""

    feeds: Feeder
    calibration: Calibrator


def evidence(data: Path | None) -> Evidence:
    """Feeds of the archives' held-out people beside the usual ones, calibration by its training people.

    Without a folder the usual feeds remain, and asking for the calibration raises UsageError.
    """
    if data is None or not data.is_dir():
        return Evidence(usual_feeds, partial(_none, data))
    return Evidence(partial(_feeds, data), partial(_calibration, data))


def _feeds(data: Path, face: Engine, embedding_size: int) -> ParityFeeds:
    from engines.parity.archive_feeds import archive_feeds

    return joined([archive_feeds(data, face, embedding_size), usual_feeds(face, embedding_size)])


def _calibration(data: Path, face: Engine) -> CalibrationSet:
    return calibration_set(Archives.inside(data), face)


def _none(data: Path | None, _face: Engine) -> CalibrationSet:
    missing = "none is named" if data is None else f"{data} does not exist"
    raise UsageError(f"int8 is calibrated with recordings, and of a data folder {missing}: name it with --data.")
