"""The student from data to checkpoint, tiny: each step runs, goes on where it stopped, and says who taught it."""

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from edge.errors import UsageError  # noqa: E402
from edge.infer.card import MODALITIES  # noqa: E402
from engines import distil as distilling  # noqa: E402
from engines.archives import Sources  # noqa: E402
from engines.cli import main  # noqa: E402
from engines.datasets.item import Item  # noqa: E402
from engines.datasets.manifest import Header, Manifest, write_manifest  # noqa: E402
from engines.distil import Lesson, PriorRecipe, face_teachers  # noqa: E402
from engines.models.student import Student  # noqa: E402
from engines.models.teacher import Teacher  # noqa: E402
from tests.engines.tiny_data import tiny_faces, tiny_speech  # noqa: E402

CPU = torch.device("cpu")
pytestmark = pytest.mark.usefixtures("few_draws")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Manifests of two pictures and two sounds, read as sixteen faces and sixteen voices."""
    for name, kind in (("fer2013", "picture"), ("emodb", "sound")):
        items = (
            Item("x", kind, name, "03", "happy", "train", "free"),
            Item("y", kind, name, "08", "happy", "validation", "free"),
        )
        write_manifest(tmp_path / f"{name}.manifest.csv", Manifest(tmp_path, Header(name, "free", "made up"), items))
    monkeypatch.setattr(distilling, "load_faces", lambda *_: tiny_faces())
    monkeypatch.setattr(distilling, "load_speech", lambda *_: tiny_speech())
    return tmp_path


def line(data, *more):
    return [
        "distill", "--data", str(data), "--checkpoint", str(data / "student.pt"), "--face-epochs", "1",
        "--sound-steps", "6", "--device", "cpu", *more,
    ]  # fmt: skip


def tiny_recipe():
    full = distilling.StudentRecipe()
    few = {"steps": 4, "batch": 8}
    window = replace(
        full.window,
        ensemble=replace(full.window.ensemble, **few),
        sound=replace(full.window.sound, **few),
        polish=replace(full.window.polish, **few),
        head=replace(full.window.head, video_steps=4, fusion_steps=4, batch=8),
    )
    return replace(full, face=replace(full.face, epochs=1, batch=8), window=window)


@pytest.mark.timeout(300)
def test_both_stages_leave_a_calibrated_student_and_its_recipe(data):
    lesson, checkpoint = Lesson(Sources.inside(data), data), data / "student.pt"
    with pytest.raises(UsageError, match="--stage face"):
        distilling.distil(["window"], lesson, tiny_recipe(), checkpoint, CPU)
    distilling.distil(["face"], lesson, tiny_recipe(), checkpoint, CPU)
    distilling.distil(["window"], lesson, tiny_recipe(), checkpoint, CPU)
    student = Student.load(checkpoint)
    assert set(student.temperature) == {*MODALITIES, "utterance"}
    recipe = json.loads((data / "recipe.json").read_text())
    assert recipe["artefact"] == "student.pt"
    assert recipe["settings"]["face"]["epochs"] == 1
    assert set(recipe["data"]) == {"fer2013.manifest.csv", "emodb.manifest.csv"}
    assert {entry["name"]: entry["parts"]["train"]["people"] for entry in student.data} == {
        "fer2013": ["03"], "emodb": ["03"],
    }  # fmt: skip
    assert set(recipe["figures"]) == {"face", "sound", "video", "fused"}


def test_a_finished_face_encoder_is_not_trained_again_unless_asked(data):
    assert main(line(data, "--stage", "face")) == 0
    weights = data / "student" / "face" / "face.pt"
    first = weights.stat().st_mtime_ns, (data / "student" / "face" / "curves.csv").read_text()
    assert main(line(data, "--stage", "face")) == 0
    assert (data / "student" / "face" / "curves.csv").read_text() == first[1]
    assert main(line(data, "--stage", "face", "--fresh")) == 0
    assert weights.stat().st_mtime_ns > first[0]


def test_an_encoder_taught_by_others_is_not_taken_up(data, capsys):
    Teacher().save(data / "teacher.pt", 32)
    assert main(line(data, "--stage", "face")) == 0
    assert main(line(data, "--stage", "face", "--teacher", str(data / "teacher.pt"))) == 64
    assert "--fresh" in capsys.readouterr().err


def test_the_faces_teacher_is_asked_about_every_face(data):
    torch.manual_seed(1)
    Teacher().save(data / "teacher.pt", 32)
    lesson = Lesson(Sources.inside(data), data, teacher=data / "teacher.pt")
    logits = face_teachers(lesson, PriorRecipe(), data, CPU)
    assert logits.shape == (len(tiny_faces().labels), 7)
    assert np.ptp(logits, axis=0).min() > 0
    assert face_teachers(Lesson(Sources.inside(data), data), PriorRecipe(), data, CPU) is None


def test_a_folder_without_voices_says_so(tmp_path, monkeypatch):
    (tmp_path / "fer2013_train_public.zip").write_bytes(b"one")
    monkeypatch.setattr(distilling, "load_faces", lambda *_: tiny_faces())
    assert main(line(tmp_path, "--stage", "face")) == 0
    lesson = Lesson(Sources.inside(tmp_path), tmp_path)
    with pytest.raises(UsageError, match="voices"):
        distilling.distil(["window"], lesson, distilling.StudentRecipe(), tmp_path / "student.pt", CPU)


def test_a_teacher_that_does_not_exist_is_named(data, capsys):
    assert main(line(data, "--teacher", str(data / "no.pt"))) == 64
    assert "no.pt" in capsys.readouterr().err
