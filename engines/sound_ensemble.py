"""A teacher for the student's ears: several wider networks of the same kind, each from another start.

Fifteen speakers leave much to chance, and chance differs from network to network: their mean is right more often than
any of them (on unseen RAVDESS speakers three networks by 3 points of UAR).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from edge.samples import EMOTIONS, Floats
from engines.checkpoint import load_checkpoint, save_checkpoint
from engines.distil_sound import SoundDistillation, SoundRecipe, SoundStudent
from engines.loop import Run, Schedule, descend
from engines.models.window_head import TOKEN_SIZE, SoundBranch
from engines.sounds import Windows

MEMBERS = 3
MEMBER_STEPS = 4500
_WIDTHS = (64, 96)
_JUDGEMENTS = 3
ENSEMBLE_FILE = "ensemble.pt"


class SoundEnsemble(nn.Module):
    """Means of the members' log-probabilities."""

    def __init__(self, members: Sequence[SoundStudent]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, sound: Tensor, mask: Tensor) -> Tensor:
        """(n, 100, 120) and (n, 100) to logits (n, 7)."""
        return torch.stack([torch.log_softmax(member(sound, mask)[0], dim=1) for member in self.members]).mean(dim=0)


def train_ensemble(
    train: Windows, validation: Windows, recipe: SoundRecipe, folder: Path, device: torch.device,
    hints: Floats | None = None, members: int = MEMBERS,
) -> SoundEnsemble:  # fmt: skip
    """One member after the other, each in a folder of its own; goes on where an earlier run was interrupted."""
    trained = []
    for number in range(members):
        own = replace(recipe, seed=recipe.seed + number)
        task = SoundDistillation(_member(own.seed), train, validation, own, hints=hints)
        schedule = Schedule(
            own.steps, max(1, own.steps // _JUDGEMENTS), decay=own.decay, averaging=own.averaging, seed=own.seed,
            origin=str(own),
        )  # fmt: skip
        descend(task, schedule, Run(folder / f"member{number}", f"ensemble {number + 1} of {members}", device))
        trained.append(task.network)
    ensemble = SoundEnsemble(trained).eval()
    save_checkpoint(folder / ENSEMBLE_FILE, {"weights": ensemble.state_dict()})
    return ensemble


def load_ensemble(path: Path) -> SoundEnsemble | None:
    """What `train_ensemble` left, or None where there is nothing."""
    state = load_checkpoint(path)
    if state is None:
        return None
    numbers = {name.split(".")[1] for name in state["weights"]}
    ensemble = SoundEnsemble([_member(0) for _ in numbers])
    ensemble.load_state_dict(state["weights"])
    return ensemble.eval()


def _member(seed: int) -> SoundStudent:
    torch.manual_seed(seed)
    return SoundStudent(SoundBranch(_WIDTHS), nn.Linear(TOKEN_SIZE, len(EMOTIONS)))
