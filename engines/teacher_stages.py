"""The teacher's three stages in turn: each leaves its weights, recipe and curves in a folder of its own."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from engines import distributed
from engines.archives import Sources
from engines.curves import Curve, plot_curves
from engines.faces import FaceSet, load_faces
from engines.loop import CURVES_FILE, Outcome, Run, Schedule, Task, descend
from engines.models.teacher import Teacher, load_teacher
from engines.recipe import Recipe, hash_files
from engines.sounds import SpeechSet, Windows, load_speech
from engines.teacher_audio import AudioTask
from engines.teacher_joint import JointTask
from engines.teacher_settings import EPOCHS, STAGES, Stage, TeacherSettings
from engines.teacher_visual import VisualTask

LOG = logging.getLogger(__name__)
TEACHER_FILE = "teacher.pt"
CURVES_PICTURE = "curves.png"


@dataclass(frozen=True)
class TeacherData:
    """Faces and voices, read when they are first asked for."""

    sources: Sources
    cache: Path

    @cached_property
    def faces(self) -> FaceSet:
        """Faces of all parts."""
        distributed.from_first(lambda: bool(len(load_faces(self.sources.faces, self.cache).labels)))
        return load_faces(self.sources.faces, self.cache)

    @cached_property
    def train(self) -> Windows:
        """Windows of the training people, with noisy copies."""
        return self._speech.windows("train", noisy=True)

    @cached_property
    def validation(self) -> Windows:
        """Windows of the validation people."""
        return self._speech.windows("validation", noisy=False)

    @cached_property
    def _speech(self) -> SpeechSet:
        distributed.from_first(lambda: bool(len(load_speech(self.sources.voices, self.cache).labels)))
        return load_speech(self.sources.voices, self.cache)

    def hashes(self, stage: Stage) -> dict[str, str]:
        """sha256 of what a stage reads."""
        faces = () if stage == "audio" else self.sources.faces
        voices = () if stage == "visual" else self.sources.voices
        return hash_files({*faces, *voices})


@dataclass(frozen=True)
class Place:
    """Where the teacher is trained, and from which weights it starts."""

    out: Path
    device: torch.device
    imagenet: Path | None = None
    """torchvision's weights for the visual stage."""
    start: Path | None = None
    """Or a teacher whose eyes the visual stage goes on with, at a larger side for instance."""
    workers: int = 0

    def weights(self, stage: Stage) -> Path:
        """What a stage leaves."""
        return self.out / stage / TEACHER_FILE


def train_teacher(
    stages: Sequence[Stage], data: TeacherData, settings: TeacherSettings, place: Place
) -> dict[Stage, Outcome]:
    """Train `stages` in their order. Raises UsageError when one needs another that was never trained."""
    return {stage: _train_stage(stage, data, settings, place) for stage in STAGES if stage in stages}


def forget(stages: Sequence[Stage], place: Place) -> None:
    """Remove what an earlier training of `stages` left."""
    for stage in stages:
        shutil.rmtree(place.out / stage, ignore_errors=True)


def _train_stage(stage: Stage, data: TeacherData, settings: TeacherSettings, place: Place) -> Outcome:
    torch.manual_seed(settings.seed)
    teacher, hashes = Teacher(), data.hashes(stage)
    starts = _start(teacher, stage, place)
    task, rows = _task(stage, teacher, data, settings, pretrained=bool(starts))
    said = {"stage": stage, **asdict(settings), "starts_from": starts}
    schedule = _schedule(stage, rows, settings, origin=_digest({**said, "data": hashes}))
    run = Run(place.out / stage, f"teacher, {stage}", place.device, workers=place.workers)
    outcome = descend(task, schedule, run)
    recipe = Recipe(
        stage, TEACHER_FILE, settings.seed, {**said, "schedule": asdict(schedule)}, hashes, outcome.figures,
        outcome.seconds, str(place.device), distributed.size(),
    )  # fmt: skip
    distributed.from_first(lambda: _leave(teacher, recipe, settings.side, run.folder))  # the others wait for the files
    return outcome


def _start(teacher: Teacher, stage: Stage, place: Place) -> dict[str, str]:
    """Give the teacher the weights that a stage starts from; returns their sha256 by name."""
    if stage == "visual" and place.imagenet is not None:
        teacher.visual.backbone.load_imagenet(place.imagenet)
        return hash_files([place.imagenet])
    if stage == "visual" and place.start is not None:
        _take_eyes(teacher, load_teacher(place.start)[0])
        return hash_files([place.start])
    if stage != "joint":
        return {}
    sees, hears = (load_teacher(place.weights(before))[0] for before in ("visual", "audio"))
    _take_eyes(teacher, sees)
    teacher.audio.load_state_dict(hears.audio.state_dict())
    teacher.classify_audio.load_state_dict(hears.classify_audio.state_dict())
    return {before: hash_files([place.weights(before)])[TEACHER_FILE] for before in ("visual", "audio")}


def _take_eyes(teacher: Teacher, other: Teacher) -> None:
    teacher.visual.load_state_dict(other.visual.state_dict())
    teacher.classify_video.load_state_dict(other.classify_video.state_dict())


def _task(
    stage: Stage, teacher: Teacher, data: TeacherData, settings: TeacherSettings, *, pretrained: bool
) -> tuple[Task[Teacher], int]:
    """The stage's task, and how many rows make an epoch."""
    if stage == "visual":
        visual = VisualTask(teacher, data.faces, settings, pretrained=pretrained)
        return visual, len(data.faces.rows("train"))
    if stage == "audio":
        return AudioTask(teacher, data.train, data.validation, settings), len(data.train)
    return JointTask(teacher, data.faces, data.train, data.validation, settings), len(data.faces.rows("train"))


def _schedule(stage: Stage, rows: int, settings: TeacherSettings, origin: str) -> Schedule:
    epoch_steps = max(1, rows // (settings.batch * distributed.size()))
    return Schedule(
        steps=settings.steps or (settings.epochs or EPOCHS[stage]) * epoch_steps,
        epoch_steps=epoch_steps,
        decay=settings.decay,
        averaging=settings.averaging,
        clip=5.0,
        keep_best=settings.patience > 0,
        patience=settings.patience,
        seed=settings.seed,
        origin=origin,
    )


def _leave(teacher: Teacher, recipe: Recipe, side: int, folder: Path) -> None:
    teacher.save(folder / TEACHER_FILE, side)
    recipe.write(folder / TEACHER_FILE)
    plot_curves({recipe.stage: Curve(folder / CURVES_FILE)}, folder / CURVES_PICTURE)


def _digest(said: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
