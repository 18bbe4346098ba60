"""The window head from beginning to end, on sixteen faces and sixteen voices."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from engines.distil_head import HeadRecipe  # noqa: E402
from engines.distil_sound import SoundRecipe  # noqa: E402
from engines.distil_window import WindowData, WindowRecipe, distil_window, set_weights  # noqa: E402
from engines.models.student import Student, head_example  # noqa: E402
from tests.engines.tiny_data import tiny_faces, tiny_speech  # noqa: E402

torch.set_num_threads(1)
pytestmark = pytest.mark.usefixtures("few_draws")
SOUND = SoundRecipe(steps=6, batch=16)
RECIPE = WindowRecipe(SOUND, SOUND, replace(SOUND, seed=8), HeadRecipe(video_steps=6, fusion_steps=6, batch=16))


def distilled(folder):
    torch.manual_seed(1)
    student = Student.new()
    figures = distil_window(student, WindowData(tiny_faces(64), tiny_speech()), RECIPE, folder, torch.device("cpu"))
    return student, figures


@pytest.mark.timeout(300)
def test_all_steps_run_and_an_interrupted_run_ends_where_the_other_one_did(tmp_path):
    student, figures = distilled(tmp_path)
    assert set(figures) == {"sound", "video", "fused"}
    assert set(student.temperature) == {"fused", "video", "audio", "utterance"}
    assert all(0.3 <= value <= 6.0 for value in student.temperature.values())
    for step in ("fusion", "sound/polish"):
        (tmp_path / step / "training.pt").unlink()
    again, _ = distilled(tmp_path)
    for one, other in zip(student.head(*(example := head_example(2))), again.head(*example), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_sets_and_their_emotions_weigh_the_same():
    speech = tiny_speech()
    speech.sets[:20] = "nemo"
    speech.labels[:10] = 0
    windows = speech.windows("train", "validation", noisy=False)
    weight, sets = set_weights(windows), speech.sets[windows.owner]
    for name in ("nemo", "emodb"):
        inside = sets == name
        assert weight[inside].sum() == pytest.approx(1.0)
        totals = np.bincount(windows.labels[inside], weight[inside])
        assert np.ptp(totals[totals > 0]) < 1e-6
