import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from engines.losses import consistency, cross_entropy_soft, distillation  # noqa: E402

torch.set_num_threads(1)


@pytest.fixture
def logits():
    torch.manual_seed(3)
    return torch.randn(5, 7), torch.randn(5, 7)


def softmax(values):
    exponent = np.exp(values - values.max(axis=1, keepdims=True))
    return exponent / exponent.sum(axis=1, keepdims=True)


def divergence(p, q):
    return (p * np.log(p / q)).sum(axis=1)


def test_soft_cross_entropy_of_hard_targets_is_the_usual_one(logits):
    labels = torch.tensor([0, 1, 2, 3, 6])
    hard = torch.nn.functional.one_hot(labels, 7).float()
    usual = torch.nn.functional.cross_entropy(logits[0], labels, label_smoothing=0.1)
    assert torch.allclose(cross_entropy_soft(logits[0], hard, 0.1), usual)


def test_consistency_is_half_the_mean_divergence_of_video_from_audio(logits):
    video, audio = (softmax(values.double().numpy()) for values in logits)
    assert float(consistency(*logits)) == pytest.approx(0.5 * divergence(video, audio).mean(), rel=1e-5)
    assert float(consistency(logits[0], logits[0])) == pytest.approx(0.0, abs=1e-7)
    assert float(consistency(*logits)) != pytest.approx(float(consistency(*reversed(logits))), rel=1e-3)


def test_consistency_moves_the_video_branch_alone(logits):
    video, audio = (values.requires_grad_() for values in logits)
    consistency(video, audio).backward()
    assert video.grad.abs().max() > 0
    assert audio.grad is None


def test_distillation_is_hinton_s_formula(logits):
    student, teacher = (values.double().numpy() for values in logits)
    labels = torch.tensor([0, 1, 2, 3, 6])
    hard = -np.log(softmax(student)[np.arange(5), labels.numpy()]).mean()
    soft = divergence(softmax(teacher / 4.0), softmax(student / 4.0)).mean()
    assert float(distillation(*logits, labels)) == pytest.approx(0.3 * hard + 0.7 * 16.0 * soft, rel=1e-5)


@pytest.mark.parametrize("temperature", [2.0, 8.0])
def test_the_soft_gradient_keeps_its_size_at_any_temperature(logits, temperature):
    """Hinton et al. 2015, section 2: without T² it would shrink by T²."""

    def steepness(t):
        student = (0.01 * logits[0]).detach().requires_grad_()
        distillation(student, 0.01 * logits[1], torch.zeros(5, dtype=torch.long), alpha=0.0, temperature=t).backward()
        return float(student.grad.norm())

    assert steepness(temperature) == pytest.approx(steepness(1.0), rel=0.02)


def test_distillation_takes_soft_targets_and_leaves_the_teacher_alone(logits):
    student, teacher = (values.requires_grad_() for values in logits)
    labels = torch.tensor([0, 1, 2, 3, 6])
    soft = torch.nn.functional.one_hot(labels, 7).float()
    loss = distillation(student, teacher, soft)
    assert torch.allclose(loss, distillation(student, teacher, labels))
    loss.backward()
    assert teacher.grad is None
