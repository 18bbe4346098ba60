"""The student's window head from beginning to end: ears, eyes over time, calibration, trust."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from edge.infer.verdict import softmax
from edge.samples import EMOTIONS, Floats
from engines.calibration import fit_temperature, fold_temperature, uncertain_below
from engines.distil_head import FusionTraining, HeadRecipe, VideoDistillation, draw_pairs
from engines.distil_sound import (
    SoundDistillation,
    SoundRecipe,
    SoundStudent,
    utterances,
    window_logits,
    without_dropout,
)
from engines.face_bags import FaceBags, face_bags
from engines.faces import FaceSet
from engines.loop import Run, Schedule, descend
from engines.models.student import Student
from engines.sound_ensemble import MEMBER_STEPS, train_ensemble
from engines.sounds import SpeechSet, Windows
from engines.task import Network, Outcome, Task
from engines.voice_hints import read_hints

LOG = logging.getLogger(__name__)
_HOP_FRAMES = 12
_CALIBRATION_PAIRS = 4200
_JUDGEMENTS = 6
_FUSION_DECAY = 0.1


@dataclass(frozen=True)
class WindowRecipe:
    """Everything that can be turned."""

    ensemble: SoundRecipe = field(default_factory=lambda: SoundRecipe(steps=MEMBER_STEPS))
    sound: SoundRecipe = field(default_factory=SoundRecipe)
    polish: SoundRecipe = field(
        default_factory=lambda: SoundRecipe(steps=9000, rate=1.5e-3, decay=0.01, hint_weight=0.3, seed=8)
    )
    """The same once more, without dropout."""
    head: HeadRecipe = field(default_factory=HeadRecipe)


@dataclass(frozen=True)
class WindowData:
    """What the head learns from."""

    faces: FaceSet
    speech: SpeechSet
    hints: Path | None = None
    """Embeddings of a large speech network, when there are any."""


def distil_window(
    student: Student, data: WindowData, recipe: WindowRecipe, folder: Path, device: torch.device
) -> dict[str, Any]:
    """Train and calibrate `student.head` for `student.face` as it is; returns the figures on validation people.

    Each step has a folder of its own inside `folder` and goes on from its checkpoint.
    """
    figures = {"sound": _distil_sound(student, data, recipe, folder / "sound", device).figures}
    bags, unseen, strange = _bags(student, data.faces)
    heard = data.speech.windows("validation", noisy=False)
    settings = recipe.head
    seeing = VideoDistillation(student.head, bags, unseen, settings)
    run = Run(folder / "video", "video branch", device)
    figures["video"] = _train(
        seeing, settings, settings.video_steps, settings.decay, run, _digest(student.face)
    ).figures
    calibrate_branches(student, strange, heard)
    trusting = FusionTraining(student.head, strange, heard, settings)
    run = Run(folder / "fusion", "fusion", device)
    origin = _digest(student.face) + _digest(student.head)
    figures["fused"] = _train(trusting, settings, settings.fusion_steps, _FUSION_DECAY, run, origin).figures
    calibrate(student, strange, heard)
    return figures


def _distil_sound(
    student: Student, data: WindowData, recipe: WindowRecipe, folder: Path, device: torch.device
) -> Outcome:
    """First the teacher, then the student, with dropout and without."""
    train = data.speech.windows("train", noisy=True, hop=_HOP_FRAMES)
    heard = data.speech.windows("validation", noisy=False)
    hints = None if data.hints is None else read_hints(data.hints, data.speech, data.speech.parts == "train")
    teacher = train_ensemble(train, heard, recipe.ensemble, folder / "ensemble", device, hints)
    torch.manual_seed(recipe.sound.seed)
    network = SoundStudent(student.head.audio, student.head.classify_audio)

    def distil(name: str, settings: SoundRecipe) -> Outcome:
        task = SoundDistillation(network, train, heard, settings, hints=hints, teacher=teacher)
        run = Run(folder / name, f"sound, {name}", device)
        return _train(task, settings, settings.steps, settings.decay, run)

    distil("student", recipe.sound)
    without_dropout(network)
    return distil("polish", recipe.polish)


def _bags(student: Student, faces: FaceSet) -> tuple[FaceBags, FaceBags, FaceBags]:
    """Of training faces; of validation faces as they are; and of those as another kind of camera would show them."""
    unseen = faces.rows("validation", judged=True)
    return (
        face_bags(student.face, faces, faces.rows("train"), changed=True),
        face_bags(student.face, faces, unseen, changed=False),
        face_bags(student.face, faces, unseen, changed=True, strange=True),
    )


def _digest(network: nn.Module) -> str:
    """Of its weights: what is trained on top of other weights must not be taken up."""
    digest = hashlib.sha256()
    for value in network.state_dict().values():
        digest.update(value.cpu().numpy().tobytes())
    return digest.hexdigest()


def _train(
    task: Task[Network], settings: SoundRecipe | HeadRecipe, steps: int, decay: float, run: Run, origin: str = ""
) -> Outcome:
    every = max(1, steps // _JUDGEMENTS)
    averaging = settings.averaging if isinstance(settings, SoundRecipe) else 0.0
    schedule = Schedule(
        steps, every, decay=decay, averaging=averaging, seed=settings.seed, origin=f"{settings} {origin}"
    )
    return descend(task, schedule, run)


def calibrate_branches(student: Student, faces: FaceBags, sounds: Windows) -> None:
    """Fold a temperature into the classifiers of both branches: only calibrated logits may be added."""
    student.eval().head.to("cpu")
    seen = branch_logits(student, faces)
    heard = window_logits(student.head.audio, student.head.classify_audio, sounds).numpy()
    video, audio = fit_temperature(seen, faces.labels), fit_temperature(heard, sounds.labels, set_weights(sounds))
    fold_temperature(student.head.classify_video, video)
    fold_temperature(student.head.classify_audio, audio)
    LOG.info("temperatures folded into the classifiers: video %.3f, audio %.3f", video, audio)


def branch_logits(student: Student, faces: FaceBags) -> Floats:
    """Logits (n, 7) of the video branch for one bag of each face."""
    slots, mask = faces.draw(np.arange(len(faces.labels)), np.random.default_rng(5))
    with torch.no_grad():
        logits: Floats = student.head.classify_video(student.head.video(slots, mask)).numpy()
    return logits


def calibrate(student: Student, faces: FaceBags, sounds: Windows) -> None:
    """Set what is left of the temperatures, that of whole utterances, and the threshold, by validation people.

    `temperature["utterance"]` divides the mean log-probability of an utterance's windows: below 1, because windows
    that agree are worth more than one of them.
    """
    student.eval().head.to("cpu")
    *inputs, wanted = draw_pairs(faces, sounds, _CALIBRATION_PAIRS, np.random.default_rng(5))
    with torch.no_grad():
        outputs = dict(zip(("fused", "video", "audio"), student.head(*inputs), strict=True))
    labels = wanted.numpy()
    logits = {name: output.numpy() for name, output in outputs.items()}
    heard = window_logits(student.head.audio, student.head.classify_audio, sounds).numpy()
    student.temperature = {
        "fused": fit_temperature(logits["fused"], labels),
        "video": fit_temperature(branch_logits(student, faces), faces.labels),
        "audio": fit_temperature(heard, sounds.labels, set_weights(sounds)),
    }
    student.temperature["utterance"] = utterance_temperature(sounds, heard, student.temperature["audio"])
    calibrated = np.concatenate([softmax(values, student.temperature[name]) for name, values in logits.items()])
    student.uncertain_below = uncertain_below(calibrated, np.tile(labels, len(logits)))
    LOG.info("temperatures %s, uncertain below %.2f", student.temperature, student.uncertain_below)


def utterance_temperature(sounds: Windows, logits: Floats, temperature: float) -> float:
    """The temperature of the mean log-probability of an utterance's windows; all sets weigh the same."""
    labels, sets, answers = utterances(sounds, np.asarray(logits / temperature, np.float32))
    _, place, counts = np.unique(sets, return_inverse=True, return_counts=True)
    return fit_temperature(np.log(answers + 1e-12), labels, np.asarray(1.0 / counts[place], np.float32))


def set_weights(sounds: Windows) -> Floats:
    """(n,): how much each window counts when all sets weigh the same, and within a set all its emotions."""
    sets = sounds.speech.sets[sounds.owner]
    _, place = np.unique(sets, return_inverse=True)
    cells = place * len(EMOTIONS) + sounds.labels
    _, cell, counts = np.unique(cells, return_inverse=True, return_counts=True)
    kinds = np.bincount(np.unique(cells) // len(EMOTIONS))
    return np.asarray(1.0 / (counts[cell] * kinds[place]), np.float32)
