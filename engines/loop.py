"""One training loop for every network: resumable after a kill, the same every time, on one process or several.

A stage brings a `Task`: a network and four short answers.

    class Faces:
        network = FaceEncoder()                              # all that is trained, averaged and saved
        def groups(self):                                    # AdamW's groups, each with its rate
            return [{"params": self.network.parameters(), "lr": 2e-3, "weight_decay": 0.02}]
        def batch(self, step, random):                       # CPU tensors; may depend on its arguments alone
            rows = random.choice(train, 64)
            return augment_faces(pooled[rows], random), torch.from_numpy(targets[rows])
        def loss(self, batch):                               # the same tensors, on the device
            return cross_entropy_soft(self.network.logits_pooled(batch[0]), batch[1])
        def judge(self, network):                            # on validation people: uar, accuracy, loss, …
            return judge_faces(network, faces, validation)

    outcome = descend(Faces(), Schedule(steps=9000, epoch_steps=410, averaging=0.998), Run(folder, "face"))

Afterwards `task.network` holds the result (the averaged or the best weights) in the state of use. `folder` holds
`training.pt`, the checkpoint, and `curves.csv`. Called again with the same schedule, `descend` goes on from the
checkpoint, or returns at once where it had finished. Every step draws its randomness from (seed, step, process), so a
resumed run takes the very steps that an uninterrupted one would have taken.
"""

from __future__ import annotations

import math

from engines.descent import CHECKPOINT_FILE, CURVES_FILE, Descent
from engines.progress import meter
from engines.schedule import Schedule
from engines.task import Batch, Network, Outcome, Run, Task

__all__ = ["CHECKPOINT_FILE", "CURVES_FILE", "Batch", "Outcome", "Run", "Schedule", "Task", "descend"]


def descend(task: Task[Network], schedule: Schedule, run: Run) -> Outcome:
    """Train `task.network` in place. Raises UsageError for a checkpoint of another schedule, EdgeError for a loss
    that is no number.
    """
    task.network.to(run.device)
    descent = Descent(task, schedule, run)
    descent.resume()
    if not descent.done:
        with meter(run.name, schedule.steps, descent.step) as move:
            for batch in descent.batches():
                descent.advance(batch)
                move(f"loss {descent.last_loss:.3f}, UAR {descent.figures.get('uar', math.nan):.3f}")
        descent.finish()
    task.network.eval()
    return Outcome(descent.step, descent.seconds, descent.best if schedule.keep_best else descent.figures)
