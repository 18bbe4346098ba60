import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from engines import distributed  # noqa: E402
from engines.curves import Curve  # noqa: E402
from engines.loop import CHECKPOINT_FILE, CURVES_FILE, Run, descend  # noqa: E402
from tests.conftest import REPOSITORY  # noqa: E402
from tests.engines.tiny_training import SCHEDULE, Sums  # noqa: E402

torch.set_num_threads(1)
pytestmark = pytest.mark.timeout(300)


class Both(Sums):
    """Draws in one process what two would draw."""

    def batch(self, step, _random):
        parts = [super(Both, self).batch(step, np.random.default_rng([SCHEDULE.seed, step, rank])) for rank in (0, 1)]
        return tuple(torch.cat(tensors) for tensors in zip(*parts, strict=True))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """What two processes of torchrun left of two trainings: of the usual network, and of the plain one."""
    usual, plain = tmp_path_factory.mktemp("usual"), tmp_path_factory.mktemp("plain")
    program = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    line = [*program, "-m", "tests.engines.tiny_training", str(usual), "0", str(plain)]
    done = subprocess.run(line, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return usual, plain


def weights_of_both(folder):
    return [torch.load(folder / f"rank{rank}.pt") for rank in (0, 1)]


@pytest.fixture
def two(folders):
    return folders[0], weights_of_both(folders[0])


def test_both_processes_end_with_the_same_weights_and_statistics(two):
    first, second = two[1]
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.equal(value, second[name]), name


def test_each_process_draws_its_own_batches(two):
    first, second = (torch.load(two[0] / f"steps{rank}.pt") for rank in (0, 1))
    assert [step for step, _ in first] == [step for step, _ in second] == list(range(60))
    assert all(one != other for (_, one), (_, other) in zip(first, second, strict=True))


def test_only_the_first_process_writes(two):
    rows = Curve(two[0] / CURVES_FILE).rows()
    assert [row["step"] for row in rows] == [20, 40, 60]
    state = torch.load(two[0] / CHECKPOINT_FILE, weights_only=True)
    assert state["done"]
    assert torch.equal(state["network"]["0.weight"], two[1][0]["0.weight"])


def test_no_thread_of_the_group_is_left_to_disturb_the_end(folders):
    for rank in (0, 1):
        assert "gloo" not in (folders[0] / f"threads{rank}.txt").read_text()


def test_averaged_gradients_are_those_of_one_process_with_both_batches(folders, tmp_path):
    shared = weights_of_both(folders[1])
    alone = Both(plain=True)
    descend(alone, SCHEDULE, Run(tmp_path / "one", "sums"))
    half = Sums(plain=True)
    descend(half, SCHEDULE, Run(tmp_path / "half", "sums"))
    for name, value in alone.network.state_dict().items():
        assert torch.allclose(shared[0][name], value, atol=1e-4), name
        assert not torch.allclose(half.network.state_dict()[name], value, atol=1e-3), name


def test_without_torchrun_there_is_one_process():
    with distributed.joined(torch.device("cpu")):
        assert (distributed.rank(), distributed.size()) == (0, 1)
        assert distributed.from_first(lambda: 5) == 5
