"""What training makes small. Every reduction is the mean over the items of a batch."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

CONSISTENCY_WEIGHT = 0.5


def cross_entropy_soft(logits: Tensor, targets: Tensor, smoothing: float = 0.05) -> Tensor:
    """Mean cross entropy of logits (n, 7) against soft targets (n, 7), smoothed towards uniform."""
    targets = targets * (1.0 - smoothing) + smoothing / targets.shape[1]
    return -(targets * functional.log_softmax(logits, dim=1)).sum(dim=1).mean()


def consistency(video: Tensor, audio: Tensor, weight: float = CONSISTENCY_WEIGHT) -> Tensor:
    """`weight` × KL(video ‖ audio) of logits (n, 7): Σ p_video (log p_video − log p_audio), in nats.

    Summed over the classes, then the mean over the n rows (`batchmean`; torch's default would also divide by 7).
    The audio side is detached: only the video branch is drawn towards what is heard.
    """
    log_video = functional.log_softmax(video, dim=1)
    log_audio = functional.log_softmax(audio.detach(), dim=1)
    return weight * functional.kl_div(log_audio, log_video, reduction="batchmean", log_target=True)


def distillation(
    student_logits: Tensor, teacher_logits: Tensor, targets: Tensor, alpha: float = 0.3, temperature: float = 4.0
) -> Tensor:
    """α · CE(student, targets) + (1 − α) · T² · KL(teacher_T ‖ student_T), of Hinton, Vinyals & Dean 2015.

    Logits (n, 7) of both; `targets` are class numbers (n,) or probabilities (n, 7). The index T means softmax of
    logits / T; T² keeps the soft part's gradient as large as the hard part's. Both terms are means over the n rows
    (`batchmean`); the teacher is detached.
    """
    hard = functional.cross_entropy(student_logits, targets)
    log_student = functional.log_softmax(student_logits / temperature, dim=1)
    log_teacher = functional.log_softmax(teacher_logits.detach() / temperature, dim=1)
    soft = functional.kl_div(log_student, log_teacher, reduction="batchmean", log_target=True)
    return alpha * hard + (1.0 - alpha) * temperature**2 * soft
