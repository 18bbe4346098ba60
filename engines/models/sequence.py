"""A recurrent network that sees the steps that are there, all of them, and no others."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class MaskedLstm(nn.Module):
    """Bidirectional LSTM; its outputs' mean over the steps that are there says what the whole sequence holds."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(inputs, hidden, batch_first=True, bidirectional=True)

    def forward(self, steps: Tensor, mask: Tensor) -> Tensor:
        """(n, t, inputs) and (n, t), 0 or 1, to (n, 2 × hidden); zeros where a whole row is masked.

        Steps that are not there are left out, as if the sequence were shorter: they do not even pass time.
        """
        there = mask > 0
        order = torch.argsort(there.int(), dim=1, descending=True, stable=True)
        moved = torch.gather(steps, 1, order.unsqueeze(2).expand_as(steps))
        counts = there.sum(dim=1)
        packed = pack_padded_sequence(moved, counts.clamp(min=1).cpu(), batch_first=True, enforce_sorted=False)
        outputs, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=steps.shape[1])
        kept = torch.arange(steps.shape[1], device=mask.device) < counts.unsqueeze(1)
        outputs = torch.where(kept.unsqueeze(2), outputs, torch.zeros_like(outputs))
        summary: Tensor = outputs.sum(dim=1) / counts.clamp(min=1).unsqueeze(1)
        return summary
