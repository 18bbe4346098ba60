"""From the data archives to a trained student: faces, voices, trust, calibration."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch

from edge.infer.verdict import softmax
from engines.archives import Archives
from engines.calibration import fit_temperature, uncertain_below
from engines.faces import load_faces
from engines.models.student import Student
from engines.sounds import Windows, load_speech
from engines.train_face import FaceRecipe, train_face
from engines.train_head import FaceBags, HeadRecipe, draw_pairs, face_bags, train_audio, train_gate, train_video

LOG = logging.getLogger(__name__)
_CALIBRATION_PAIRS = 4200


@dataclass(frozen=True)
class Recipe:
    """Everything that can be turned."""

    face: FaceRecipe = field(default_factory=FaceRecipe)
    head: HeadRecipe = field(default_factory=HeadRecipe)


def train(archives: Archives, cache: Path, checkpoint: Path, recipe: Recipe) -> Student:
    """Train, calibrate and save the student. An interrupted run goes on from the last epoch of the face encoder."""
    faces = load_faces(archives.fer2013, cache)
    unfinished = checkpoint.with_suffix(".face")
    encoder = train_face(faces, recipe.face, unfinished)
    student = Student(encoder, Student.new().head, recipe=asdict(recipe))
    bags = face_bags(encoder, faces, faces.rows("train"), changed=True)
    unseen_bags = face_bags(encoder, faces, faces.rows("validation", judged=True), changed=False)
    train_video(student.head, bags, unseen_bags, recipe.head)
    speech = load_speech(archives.speech, cache)
    unseen_windows = speech.windows("validation", noisy=False)
    train_audio(student.head, speech.windows("train", noisy=True), unseen_windows, recipe.head)
    jittered_bags = face_bags(encoder, faces, faces.rows("validation", judged=True), changed=True)
    train_gate(student.head, jittered_bags, unseen_windows, recipe.head)
    calibrate(student, jittered_bags, unseen_windows)
    student.save(checkpoint)
    unfinished.unlink()  # the next training may have other data
    return student


def calibrate(student: Student, faces: FaceBags, sounds: Windows) -> None:
    """Set the temperatures and the threshold by pairs of validation people."""
    student.eval()
    random = np.random.default_rng(5)
    *inputs, wanted = draw_pairs(faces, sounds, _CALIBRATION_PAIRS, random)
    with torch.no_grad():
        outputs = dict(zip(("fused", "video", "audio"), student.head(*inputs), strict=True))
    labels = wanted.numpy()
    logits = {name: output.numpy() for name, output in outputs.items()}
    student.temperature = {name: fit_temperature(values, labels) for name, values in logits.items()}
    calibrated = np.concatenate([softmax(values, student.temperature[name]) for name, values in logits.items()])
    student.uncertain_below = uncertain_below(calibrated, np.tile(labels, len(logits)))
    LOG.info("temperatures %s, uncertain below %.2f", student.temperature, student.uncertain_below)
