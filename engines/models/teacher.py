"""The teacher: large, never exported; the student learns from its logits."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from torch import Tensor, nn

from edge.errors import UsageError
from edge.samples import EMOTIONS
from engines.checkpoint import load_checkpoint, save_checkpoint
from engines.models import audio, fusion, visual
from engines.models.audio import Audio
from engines.models.fusion import Fusion
from engines.models.visual import Visual


class Logits(NamedTuple):
    """Three times (n, 7), and of each frame that is there (frames, 7)."""

    fused: Tensor
    video: Tensor
    audio: Tensor
    frames: Tensor


class Teacher(nn.Module):
    """Frames (n, t, h, w), gray 0 … 255, and sound (n, 100, 120), each with its mask (n, t) and (n, 100), to Logits.

    Any t and any side from 32 pixels on; masks are 0 or 1. Where a row has no frame (or no sound) its fused logits
    come from the other modality, and its video (or audio) logits mean nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.visual = Visual()
        self.audio = Audio()
        self.fusion = Fusion(2 * visual.HIDDEN, 2 * audio.HIDDEN)
        self.classify_video = nn.Linear(2 * visual.HIDDEN, len(EMOTIONS))
        self.classify_audio = nn.Linear(2 * audio.HIDDEN, len(EMOTIONS))
        self.classify_fused = nn.Linear(fusion.SIZE, len(EMOTIONS))

    def forward(self, frames: Tensor, video_mask: Tensor, sound: Tensor, sound_mask: Tensor) -> Logits:
        """All heads at once."""
        seen, each = self.visual(frames, video_mask)
        heard = self.audio(sound, sound_mask)
        joint = self.fusion(seen, heard, (video_mask > 0).any(dim=1), (sound_mask > 0).any(dim=1))
        return Logits(self.classify_fused(joint), self.classify_video(seen), self.classify_audio(heard), each)

    def see(self, frames: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Video logits (n, 7), and those of each frame that is there."""
        seen, each = self.visual(frames, mask)
        return self.classify_video(seen), each

    def hear(self, sound: Tensor, mask: Tensor) -> Tensor:
        """Audio logits (n, 7)."""
        logits: Tensor = self.classify_audio(self.audio(sound, mask))
        return logits

    def save(self, path: Path, side: int) -> None:
        """Write the weights and the side of the pictures that it was trained on."""
        save_checkpoint(path, {"side": side, "weights": self.state_dict()})


def load_teacher(path: Path) -> tuple[Teacher, int]:
    """The teacher in the state of use and the side of its pictures. Raises UsageError where there is none."""
    state = load_checkpoint(path)
    if state is None:
        raise UsageError(f"The teacher {path} does not exist: run `edge-engines train` first.")
    teacher = Teacher()
    try:
        teacher.load_state_dict(state["weights"])
    except (KeyError, RuntimeError) as error:
        raise UsageError(f"{path} is no teacher of this version: train it again with --fresh.") from error
    return teacher.eval(), int(state["side"])
