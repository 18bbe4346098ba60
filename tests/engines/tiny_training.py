"""A training of a second, for tests of the loop; as a program it can be killed, and started by torchrun.

python -m tests.engines.tiny_training FOLDER PAUSE_S [PLAIN_FOLDER]
"""

import os
import sys
import time
from pathlib import Path

import torch
from torch import nn

from engines import distributed
from engines.device import choose_device
from engines.loop import Run, Schedule, descend

SCHEDULE = Schedule(steps=60, epoch_steps=20, averaging=0.9, clip=5.0, seed=11)


class Sums:
    """Is the sum of eight numbers positive? With dropout and batch statistics, which a bad resume would upset."""

    def __init__(self, pause_s=0.0, rate=0.02, *, plain=False):
        torch.manual_seed(5 + distributed.rank())  # other weights in the second process: it has to take the first one's
        between = [] if plain else [nn.BatchNorm1d(16), nn.Dropout(0.2)]
        self.network = nn.Sequential(nn.Linear(8, 16), *between, nn.ReLU(), nn.Linear(16, 2))
        self.steps = []
        self.judged = 0
        self._pause_s, self._rate = pause_s, rate

    def groups(self):
        return [{"params": self.network.parameters(), "lr": self._rate}]

    def batch(self, step, random):
        time.sleep(self._pause_s)
        numbers = torch.from_numpy(random.standard_normal((32, 8)).astype("float32"))
        self.steps.append((step, float(numbers[0, 0])))
        return numbers, (numbers.sum(dim=1) > 0).long()

    def loss(self, batch):
        return nn.functional.cross_entropy(self.network(batch[0]), batch[1])

    def judge(self, network):
        assert not network.training
        self.judged += 1
        numbers = torch.randn(400, 8, generator=torch.Generator().manual_seed(1))
        logits, labels = network(numbers), (numbers.sum(dim=1) > 0).long()
        right = (logits.argmax(1) == labels).float().mean()
        loss = nn.functional.cross_entropy(logits, labels)
        return {"uar": right.numpy(), "accuracy": float(right), "loss": float(loss)}


def main(folder, pause_s, plain_folder=""):
    """With `plain_folder` a second training, of the plain network, follows: processes that are there cost nothing."""
    torch.set_num_threads(1)
    with distributed.joined(choose_device("cpu")):
        train(Path(folder), Sums(float(pause_s)))
        if plain_folder:
            train(Path(plain_folder), Sums(float(pause_s), plain=True))
    threads = [task.joinpath("comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
    Path(folder, f"threads{os.environ.get('RANK', '0')}.txt").write_text("\n".join(threads))


def train(folder, task):
    descend(task, SCHEDULE, Run(folder, "sums", every_steps=7))
    torch.save(task.network.state_dict(), folder / f"rank{distributed.rank()}.pt")
    torch.save(task.steps, folder / f"steps{distributed.rank()}.pt")


if __name__ == "__main__":
    main(*sys.argv[1:])
