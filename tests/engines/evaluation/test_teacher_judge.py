import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from edge.infer.card import MODELS_FOLDER  # noqa: E402
from engines.cli import main  # noqa: E402
from engines.evaluation import HeadInput, evaluate  # noqa: E402
from engines.evaluation.suite import less  # noqa: E402
from engines.evaluation.teacher import TeacherJudge  # noqa: E402
from engines.faces import pool_crop  # noqa: E402
from engines.models.teacher import Teacher  # noqa: E402
from engines.report.table import table  # noqa: E402
from engines.teacher_visual import as_frames  # noqa: E402
from tests.engines.evaluation.made_up import picture_zip, speech_tar  # noqa: E402

torch.set_num_threads(1)
SIDE = 32


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("teacher") / "teacher.pt"
    Teacher().save(path, SIDE)
    return path


def test_the_judge_says_what_the_teacher_says(checkpoint):
    random = np.random.default_rng(0)
    judge = TeacherJudge(checkpoint)
    crops = random.integers(0, 256, (2, 128, 128)).astype(np.uint8)
    slots = np.zeros((1, 15, judge.embedding_size), np.float32)
    video_mask, sound_mask = np.zeros((1, 15), np.float32), np.ones((1, 100), np.float32)
    slots[0, [3, 9]], video_mask[0, [3, 9]] = judge.embeddings(list(crops)), 1.0
    sound = random.normal(0, 1, (1, 100, 120)).astype(np.float32)
    said = judge.probabilities(HeadInput(slots, video_mask, sound, sound_mask))

    frames = torch.zeros(1, 15, SIDE, SIDE)
    frames[0, [3, 9]] = as_frames(np.stack([pool_crop(crop) for crop in crops]), SIDE)[:, 0]
    with torch.no_grad():
        logits = judge._teacher(frames, *(torch.from_numpy(part) for part in (video_mask, sound, sound_mask)))
    for name in ("fused", "video", "audio"):
        assert np.allclose(said[name], torch.softmax(getattr(logits, name), 1).numpy(), atol=1e-5)


@pytest.mark.timeout(120)
def test_a_student_is_held_against_its_teacher(checkpoint, tmp_path):
    faces = picture_zip(tmp_path / "fer.zip", [("PrivateTest", "happy", "1", "-1")] * 4)
    voices = speech_tar(tmp_path / "mine.tar", "mine", [("a", "happy"), ("b", "sad")])
    result = evaluate(MODELS_FOLDER, fer2013=faces, speech=[voices], av=None, teacher=checkpoint)
    assert result["teacher"]["fer2013"]["n"] == 4
    trails = result["student_less_teacher"]
    assert trails["fer2013"]["uar"] == pytest.approx(result["fer2013"]["uar"] - result["teacher"]["fer2013"]["uar"])
    assert trails["speech"]["mine"].keys() == {"accuracy", "uar"}
    assert "the student less its teacher" in table(result)


def test_only_what_both_have_is_compared():
    student = {
        "fer2013": {"accuracy": 0.6, "uar": 0.5},
        "av": {"both": {"accuracy": 0.7, "uar": 0.6}, "fusion": {"uar": 0.1}},
    }
    teacher = {"av": {"both": {"accuracy": 0.75, "uar": 0.55}, "fusion": {"uar": 0.2}}}
    assert less(student, teacher) == {"av": {"both": {"accuracy": -0.05, "uar": 0.05}}}


def test_a_missing_teacher_is_named(tmp_path, capsys):
    voices = speech_tar(tmp_path / "mine.tar", "mine", [("a", "happy")])
    line = ["evaluate", "--speech", str(voices), "--teacher", str(tmp_path / "no.pt"), "--cache", str(tmp_path)]
    assert main(line) == 64
    assert "no.pt" in capsys.readouterr().err
