import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from edge.errors import EdgeError, UsageError  # noqa: E402
from engines.checkpoint import load_checkpoint  # noqa: E402
from engines.curves import Curve  # noqa: E402
from engines.device import choose_device  # noqa: E402
from engines.loop import CHECKPOINT_FILE, CURVES_FILE, Run, Schedule, descend  # noqa: E402
from engines.schedule import rate_factor  # noqa: E402
from tests.conftest import REPOSITORY  # noqa: E402
from tests.engines.tiny_training import SCHEDULE, Sums  # noqa: E402

torch.set_num_threads(1)


class Killed(BaseException):
    """No training catches this."""


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run", "sums")


def weights(task):
    return torch.cat([value.double().flatten() for value in task.network.state_dict().values()])


def interrupted(schedule, run, at_step):
    """A training that ends without a word before `at_step`, with a checkpoint every seventh step."""
    task = Sums()
    usual = task.batch

    def batch(step, random):
        if step == at_step:
            raise Killed
        return usual(step, random)

    task.batch = batch
    with pytest.raises(Killed):
        descend(task, schedule, replace(run, every_steps=7))
    return task


def test_the_loss_falls_and_the_curve_says_so(run):
    task = Sums()
    outcome = descend(task, SCHEDULE, run)
    rows = Curve(run.folder / CURVES_FILE).rows()
    assert [row["step"] for row in rows] == [20, 40, 60]
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert rows[-1]["loss"] < 0.7 * rows[0]["loss"]
    assert rows[-1]["validation_loss"] < rows[0]["validation_loss"]
    assert rows[-1]["uar"] == pytest.approx(outcome.figures["uar"], abs=1e-5)
    assert outcome.figures["uar"] > 0.8
    assert outcome.steps == 60
    assert not task.network.training


def test_the_same_seed_gives_the_same_weights_and_another_one_does_not(tmp_path):
    tasks = [Sums() for _ in range(3)]
    for number, (task, seed) in enumerate(zip(tasks, (11, 11, 12), strict=True)):
        torch.rand(number)  # whatever was drawn before
        descend(task, replace(SCHEDULE, seed=seed), Run(tmp_path / str(number), "sums"))
    assert torch.equal(weights(tasks[0]), weights(tasks[1]))
    assert not torch.equal(weights(tasks[0]), weights(tasks[2]))


@pytest.mark.parametrize("at_step", [1, 19, 20, 21, 50])
@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_a_resumed_training_takes_the_steps_of_an_uninterrupted_one(at_step, averaging, run, tmp_path):
    schedule = replace(SCHEDULE, averaging=averaging)
    whole, rest = Sums(), Sums()
    descend(whole, schedule, Run(tmp_path / "whole", "sums"))
    interrupted(schedule, run, at_step)
    stored = load_checkpoint(run.folder / CHECKPOINT_FILE)
    descend(rest, schedule, run)
    assert rest.steps == whole.steps[(stored or {"step": 0})["step"] :]
    assert len(rest.steps) < 60 or at_step < 7
    assert torch.equal(weights(rest), weights(whole))
    curves = [Curve(folder / CURVES_FILE).rows() for folder in (run.folder, tmp_path / "whole")]
    for one, other in zip(*curves, strict=True):
        assert {**one, "seconds": 0} == {**other, "seconds": 0}


@pytest.mark.timeout(300)
def test_a_training_killed_in_the_middle_goes_on_where_its_checkpoint_was(tmp_path):
    program = [sys.executable, "-m", "tests.engines.tiny_training", str(tmp_path / "killed"), "0.1"]
    killed = subprocess.Popen(program, cwd=REPOSITORY)
    checkpoint = tmp_path / "killed" / CHECKPOINT_FILE
    deadline = time.monotonic() + 120
    while not (stored := load_checkpoint(checkpoint)) or stored["step"] < 21:
        assert killed.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert not (tmp_path / "killed" / "rank0.pt").exists()
    rest, whole = Sums(), Sums()
    descend(rest, SCHEDULE, Run(tmp_path / "killed", "sums"))
    descend(whole, SCHEDULE, Run(tmp_path / "whole", "sums"))
    assert 0 < len(rest.steps) <= 39
    assert rest.steps == whole.steps[-len(rest.steps) :]
    assert torch.equal(weights(rest), weights(whole))


def test_a_finished_training_is_not_trained_again(run):
    first, again = Sums(), Sums()
    outcome = descend(first, SCHEDULE, run)
    assert descend(again, SCHEDULE, run) == outcome
    assert again.steps == []
    assert torch.equal(weights(first), weights(again))
    assert len(Curve(run.folder / CURVES_FILE).rows()) == 3


def test_a_kill_before_the_result_is_stored_leaves_the_way_to_it(run, monkeypatch):
    from engines.descent import Descent

    def killed(_descent):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Descent, "finish", killed)
        with pytest.raises(Killed):
            descend(Sums(), SCHEDULE, replace(run, every_steps=7))
    rest, whole = Sums(), Sums()
    descend(rest, SCHEDULE, run)
    descend(whole, SCHEDULE, replace(run, folder=run.folder / "whole"))
    assert 0 < len(rest.steps) < 60
    assert torch.equal(weights(rest), weights(whole))


def test_the_best_weights_are_kept_and_patience_ends_the_training(run):
    task = Sums()
    scores = iter([0.5, 0.9, 0.8, 0.7, 0.95])
    seen = []

    def judge(network):
        seen.append(network[0].weight.clone())
        return {"uar": next(scores)}

    task.judge = judge
    outcome = descend(task, replace(SCHEDULE, keep_best=True, patience=2, epoch_steps=10), run)
    assert outcome.figures == {"uar": 0.9}
    assert outcome.steps == 40
    assert torch.equal(task.network[0].weight, seen[1])
    other = Sums()
    descend(other, replace(SCHEDULE, keep_best=True, patience=2, epoch_steps=10), run)
    assert torch.equal(other.network[0].weight, seen[1])


def test_batches_made_ahead_are_the_same_in_the_same_order(run, tmp_path):
    plain, ahead = Sums(), Sums()
    descend(plain, SCHEDULE, run)
    descend(ahead, SCHEDULE, Run(tmp_path / "ahead", "sums", workers=2))
    assert sorted(ahead.steps) == plain.steps
    assert torch.equal(weights(plain), weights(ahead))


def test_a_checkpoint_of_other_settings_is_refused(run):
    interrupted(SCHEDULE, run, 30)
    with pytest.raises(UsageError, match="--fresh"):
        descend(Sums(), replace(SCHEDULE, seed=3), run)


def test_a_file_that_is_no_checkpoint_is_named(run):
    run.folder.mkdir()
    (run.folder / CHECKPOINT_FILE).write_bytes(b"nothing")
    with pytest.raises(UsageError, match=r"training\.pt"):
        descend(Sums(), SCHEDULE, run)


def test_a_loss_that_is_no_number_ends_the_training_in_one_sentence(run):
    with pytest.raises(EdgeError, match="lower rate"):
        descend(Sums(rate=1e30), replace(SCHEDULE, clip=0.0), run)


def test_rates_rise_and_then_fall():
    schedule = Schedule(steps=1000, epoch_steps=100, warm_up=0.1)
    factors = [rate_factor(step, schedule) for step in range(1000)]
    assert factors[0] < 0.01
    assert 0.9 < max(factors) <= 1.0
    assert 80 < factors.index(max(factors)) < 120
    assert factors[100:] == sorted(factors[100:], reverse=True)
    assert factors[-1] <= 0.001


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == torch.device("cpu")
    with pytest.raises(UsageError, match="--device cpu"):
        choose_device("cuda")
