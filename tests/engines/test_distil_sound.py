"""What the student's ears learn from, and what they do not."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from engines.distil_sound import (  # noqa: E402
    SoundDistillation,
    SoundRecipe,
    SoundStudent,
    hint_loss,
    judge_utterances,
    sound_loss,
    window_logits,
)
from engines.loop import Run, Schedule, descend  # noqa: E402
from engines.losses import distillation  # noqa: E402
from engines.models.window_head import WindowHead  # noqa: E402
from engines.sound_ensemble import ENSEMBLE_FILE, load_ensemble, train_ensemble  # noqa: E402
from engines.sound_statistics import possible_labels  # noqa: E402
from tests.engines.tiny_data import tiny_speech  # noqa: E402

torch.set_num_threads(1)
pytestmark = pytest.mark.usefixtures("few_draws")
ALL = torch.ones(2, 7, dtype=torch.bool)
LABELS = torch.tensor([0, 3])


def test_emotions_that_a_set_never_holds_do_not_count():
    possible = ALL.clone()
    possible[:, 6] = False
    logits = torch.randn(2, 7, generator=torch.Generator().manual_seed(1), requires_grad=True)
    sound_loss(logits, LABELS, possible, torch.randn(2, 7)).backward()
    assert torch.equal(logits.grad[:, 6], torch.zeros(2))
    assert (logits.grad[:, :6] != 0).all()


def test_with_a_teacher_the_loss_is_hintons_and_without_one_cross_entropy():
    logits, teacher = torch.randn(2, 7), torch.randn(2, 7)
    targets = 0.95 * torch.nn.functional.one_hot(LABELS, 7) + 0.05 / 7
    plain = torch.nn.functional.cross_entropy(logits, targets)
    assert sound_loss(logits, LABELS, ALL, None).item() == pytest.approx(plain.item())
    taught = distillation(logits, teacher, targets, 0.3, 4.0)
    assert sound_loss(logits, LABELS, ALL, teacher).item() == pytest.approx(taught.item(), rel=1e-5)


def test_a_voice_without_a_hint_is_not_pulled_anywhere():
    guesses = torch.ones(3, 4, requires_grad=True)
    hints = torch.tensor([[0.0] * 4, [float("nan")] * 4, [1.0] * 4])
    loss = hint_loss(guesses, hints)
    loss.backward()
    assert loss.item() == pytest.approx(0.5)
    assert not guesses.grad[1].any()
    assert hint_loss(guesses, torch.full((3, 4), float("nan"))) == 0


def test_a_set_can_only_teach_the_emotions_that_it_holds():
    speech = tiny_speech()
    possible = possible_labels(speech)
    assert possible.all()
    speech.labels[speech.labels == 6] = 0
    assert not possible_labels(speech)[:, 6].any()


def test_an_utterance_is_judged_by_all_its_windows_together():
    speech = tiny_speech()
    windows = speech.windows("train", noisy=False)
    logits = np.eye(7, dtype=np.float32)[windows.labels] * 5
    judged = judge_utterances(windows, logits)
    assert judged["uar"] == 1
    assert judged["n"] == len(np.unique(windows.owner))
    assert judged["sets"] == {"emodb": 1}


@pytest.mark.timeout(120)
def test_sixteen_voices_are_learnt_by_heart_from_two_teachers(tmp_path):
    speech = tiny_speech()
    windows = speech.windows("train", noisy=False)
    recipe = SoundRecipe(steps=60, batch=32, rate=5e-3, averaging=0.9)
    ensemble = train_ensemble(windows, windows, recipe, tmp_path, torch.device("cpu"), members=2)
    again = load_ensemble(tmp_path / ENSEMBLE_FILE)
    sound, mask = (torch.from_numpy(part) for part in windows.get(np.arange(16)))
    assert torch.equal(ensemble(sound, mask), again(sound, mask))
    assert not torch.allclose(*(member(sound, mask)[0] for member in ensemble.members))
    torch.manual_seed(3)
    head = WindowHead()
    task = SoundDistillation(SoundStudent(head.audio, head.classify_audio), windows, windows, recipe, teacher=ensemble)
    descend(task, Schedule(60, 60, averaging=0.9), Run(tmp_path / "student", "sound"))
    logits = window_logits(head.audio, head.classify_audio, windows)
    assert (logits.argmax(1).numpy() == windows.labels).mean() > 0.9
