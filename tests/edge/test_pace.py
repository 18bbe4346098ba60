"""Heat and load together, with made-up zones and a clock that is stepped by hand."""

import pytest

from edge.config import LoadSettings
from edge.pace import Pace
from edge.strain import Ticks
from tests.thermal import ThermalTree

LOOK_NS = 200_000_000


class Daemon:
    """Looks five times a second, like the main loop; every `one_in` tick is missed."""

    def __init__(self, tree, **settings):
        self.pace = Pace(LoadSettings(thermal_path=tree.path, **settings))
        self.now_ns = 7_000_000_000
        self.due = self.missed = 0
        self.changes = []

    def seconds(self, count, one_in=0):
        for _ in range(round(count * 5)):
            self.now_ns += LOOK_NS
            self.due += 1
            self.missed += bool(one_in) and self.due % one_in == 0
            if self.pace.step(self.now_ns, Ticks(self.due, self.missed)):
                self.changes.append((self.pace.message()["level"], self.pace.reason))


@pytest.fixture
def tree(tmp_path):
    tree = ThermalTree(tmp_path / "thermal")
    tree.zone(0, "cpu-thermal", 60.0, passive=99.0)
    return tree


def test_a_hot_board_is_eased_and_told_by_its_zone(tree):
    daemon = Daemon(tree)
    daemon.seconds(20)
    assert (daemon.pace.words, daemon.pace.reason) == (None, None)
    tree.heat(0, 95.0)
    daemon.seconds(20)
    assert daemon.pace.words == "the board is hot (cpu-thermal 95 °C): every other picture is looked at"
    assert daemon.pace.message() == {
        "level": "half",
        "reason": "hot",
        "tick_ms": 200,
        "hot_zone": "cpu-thermal",
        "hot_zone_c": 95.0,
        "hot_from_c": 94.0,
    }
    tree.heat(0, 100.0)
    daemon.seconds(20)
    assert daemon.pace.message()["tick_ms"] == 400
    tree.heat(0, 60.0)
    daemon.seconds(100)
    assert daemon.changes == [("half", "hot"), ("slow", "hot"), ("half", "hot"), ("full", None)]
    assert daemon.pace.words is None


def test_a_busy_machine_is_eased_and_told_as_busy(tree):
    daemon = Daemon(tree)
    daemon.seconds(20)
    daemon.seconds(3, one_in=2)
    assert daemon.changes == [("half", "busy")]
    assert daemon.pace.words.startswith("the machine is busy (")
    daemon.seconds(60)
    assert daemon.changes[1:] == [("full", None)]


def test_the_worse_of_the_two_holds(tree):
    tree.heat(0, 95.0)
    daemon = Daemon(tree)
    daemon.seconds(20)
    daemon.seconds(20, one_in=2)
    assert daemon.changes == [("half", "hot"), ("slow", "busy")]
    daemon.seconds(70)
    assert daemon.changes[2:] == [("half", "hot")], "the load is over, the heat is not"


def test_without_adapt_it_is_measured_and_nothing_follows(tree):
    tree.heat(0, 120.0)
    daemon = Daemon(tree, adapt=False)
    daemon.seconds(60, one_in=1)
    assert daemon.changes == []
    assert daemon.pace.message()["hot_zone_c"] == 120.0


def test_a_board_without_zones_has_nothing_to_tell_of_heat(tmp_path):
    daemon = Daemon(ThermalTree(tmp_path / "none"))
    daemon.seconds(60)
    message = daemon.pace.message()
    assert daemon.changes == []
    assert {message[key] for key in ("hot_zone", "hot_zone_c", "hot_from_c")} == {None}


def test_what_a_stopped_process_missed_eases_nothing(tree):
    daemon = Daemon(tree)
    daemon.seconds(20)
    daemon.pace.renewed(daemon.now_ns)
    daemon.due += 15
    daemon.missed += 15  # told by the ticks a moment after the stop was noticed
    daemon.seconds(2, one_in=2)
    daemon.seconds(20)
    assert daemon.changes == []
    daemon.seconds(20, one_in=2)
    assert daemon.changes[0] == ("half", "busy"), "and then it looks again"
