"""From data to a trained student: eyes, ears, trust, calibration. Every step is resumable in a folder of its own."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from edge.errors import UsageError
from edge.samples import Floats
from engines.archives import Sources
from engines.checkpoint import load_checkpoint, save_checkpoint
from engines.distil_face import FaceRecipe, distil_face
from engines.distil_window import WindowData, WindowRecipe, distil_window
from engines.faces import FaceSet, load_faces
from engines.loop import Run
from engines.models.student import Student
from engines.models.teacher import load_teacher
from engines.provenance import provenance
from engines.recipe import Recipe, hash_files
from engines.sounds import load_speech
from engines.teacher_prior import PriorRecipe, prior_logits, train_prior
from engines.teacher_visual import picture_logits

LOG = logging.getLogger(__name__)
Stage = Literal["face", "window"]
STAGES: tuple[Stage, ...] = ("face", "window")
FACE_FILE = "face.pt"


@dataclass(frozen=True)
class StudentRecipe:
    """Everything that can be turned."""

    recogniser: PriorRecipe = field(default_factory=PriorRecipe)
    face: FaceRecipe = field(default_factory=FaceRecipe)
    window: WindowRecipe = field(default_factory=WindowRecipe)


@dataclass(frozen=True)
class Lesson:
    """What the student learns from, and who teaches it."""

    sources: Sources
    cache: Path
    teacher: Path | None = None
    """A teacher.pt of `edge-engines train`, for faces."""
    recogniser: Path | None = None
    """The manifest of a face recogniser's weights, to make another teacher of: see engines.models.face_prior."""
    hints: Path | None = None
    """Embeddings of a large speech network: see engines.voice_hints."""

    @cached_property
    def faces(self) -> FaceSet:
        """Faces of all parts. Raises UsageError where there are none."""
        if not self.sources.faces:
            raise UsageError("There are no faces to learn from: prepare FER2013, or films of your own, with --data.")
        return load_faces(self.sources.faces, self.cache)

    def files(self) -> list[Path]:
        """All that is read."""
        others = (self.teacher, self.recogniser, self.hints)
        return [*self.sources.faces, *self.sources.voices, *(path for path in others if path is not None)]


def distil(
    stages: Sequence[Stage], lesson: Lesson, recipe: StudentRecipe, checkpoint: Path, device: torch.device
) -> None:
    """Train `stages` in their order and leave the whole student in `checkpoint`, `recipe.json` beside it.

    Steps lie in a folder named after `checkpoint`. Raises UsageError when `window` finds no face encoder there.
    """
    folder = steps_folder(checkpoint)
    if "face" in stages:
        _distil_face(lesson, recipe, folder, device)
    if "window" in stages:
        _distil_window(lesson, recipe, folder, checkpoint, device)


def steps_folder(checkpoint: Path) -> Path:
    """Where the steps of a student lie."""
    return checkpoint.with_suffix("")


def forget(stages: Sequence[Stage], checkpoint: Path) -> None:
    """Remove what an earlier training of `stages` left."""
    for stage in stages:
        shutil.rmtree(steps_folder(checkpoint) / stage, ignore_errors=True)


def _distil_face(lesson: Lesson, recipe: StudentRecipe, folder: Path, device: torch.device) -> None:
    logits = face_teachers(lesson, recipe.recogniser, folder, device)
    origin = "labels alone" if logits is None else hashlib.sha256(logits.tobytes()).hexdigest()
    run = Run(folder / "face", "face", device)
    encoder, outcome = distil_face(lesson.faces, logits, recipe.face, run, origin)
    LOG.info("face encoder: accuracy %.3f, UAR %.3f", outcome.figures["accuracy"], outcome.figures["uar"])
    settings = {"face": asdict(recipe.face), "recogniser": asdict(recipe.recogniser) if lesson.recogniser else None}
    said = {"settings": settings, "figures": outcome.figures, "seconds": outcome.seconds}
    save_checkpoint(folder / "face" / FACE_FILE, {"weights": encoder.to("cpu").state_dict(), **said})


def face_teachers(lesson: Lesson, recipe: PriorRecipe, folder: Path, device: torch.device) -> Floats | None:
    """Logits (n, 7) of every face: the mean of all teachers that are there, None where there is none."""
    pooled = lesson.faces.pooled
    answers: list[Floats] = []
    if lesson.teacher is not None:
        teacher, side = load_teacher(lesson.teacher)
        answers.append(picture_logits(teacher.to(device), pooled, side).numpy())
    if lesson.recogniser is not None:
        network = train_prior(lesson.faces, lesson.recogniser, recipe, Run(folder / "recogniser", "recogniser", device))
        answers.append(prior_logits(network, pooled, recipe.side))
    return np.mean(answers, axis=0, dtype=np.float32) if answers else None


def _teachers(lesson: Lesson) -> list[str]:
    """A sentence for each teacher that the student had."""
    said = ["Ears: the mean of three wider networks of the student's own kind."]
    if lesson.teacher is not None:
        said.append("Eyes: ResNet-34 and LSTM, trained on the same faces.")
    if lesson.recogniser is not None:
        said.append("Eyes: dlib's face recognition network, trained further on the same faces.")
    if lesson.hints is not None:
        said.append(
            f"Ears: wav2vec 2.0 embeddings of the training people's utterances ({lesson.hints.name}), to guess."
        )
    return said


def _distil_window(lesson: Lesson, recipe: StudentRecipe, folder: Path, checkpoint: Path, device: torch.device) -> None:
    path = folder / "face" / FACE_FILE
    state = load_checkpoint(path)
    if state is None:
        raise UsageError(f"The face encoder {path} does not exist: run `edge-engines distill --stage face` first.")
    if not lesson.sources.voices:
        raise UsageError("There are no voices to learn from: prepare RAVDESS, or films of your own, with --data.")
    torch.manual_seed(recipe.window.head.seed)
    student = Student.new()
    student.face.load_state_dict(state["weights"])
    data = WindowData(lesson.faces, load_speech(lesson.sources.voices, lesson.cache), lesson.hints)
    figures: dict[str, Any] = {"face": state["figures"]}
    figures |= distil_window(student, data, recipe.window, folder / "window", device)
    student.recipe = {**state["settings"], "window": asdict(recipe.window), "teachers": _teachers(lesson)}
    student.data = provenance(dict.fromkeys((*lesson.sources.faces, *lesson.sources.voices)))
    student.save(checkpoint)
    Recipe(
        "student", checkpoint.name, recipe.face.seed, student.recipe, hash_files(lesson.files()), figures,
        state["seconds"], device.type,
    ).write(checkpoint)  # fmt: skip
