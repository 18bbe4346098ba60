"""The kernel's thermal zones, from a folder of made-up ones."""

import shutil

import pytest

from edge.thermal import Thermal
from tests.thermal import ThermalTree


@pytest.fixture
def tree(tmp_path):
    return ThermalTree(tmp_path / "thermal")


def test_the_worst_zone_is_the_one_nearest_to_its_own_limit(tree):
    tree.zone(0, "cpu-thermal", 80.0, passive=99.0, critical=104.5)
    tree.zone(1, "soc-thermal", 70.0, passive=72.0)
    worst = Thermal(tree.path).worst()
    assert (worst.zone, worst.temperature_c, worst.limit_c) == ("soc-thermal", 70.0, 67.0)
    assert worst.excess_c == pytest.approx(3.0)
    assert Thermal(tree.path).hottest_c() == 80.0


def test_a_limit_in_the_settings_holds_for_every_zone(tree):
    tree.zone(0, "cpu-thermal", 80.0, passive=99.0)
    tree.zone(1, "soc-thermal", 70.0, passive=72.0)
    worst = Thermal(tree.path, hot_c=75.0).worst()
    assert (worst.zone, worst.limit_c) == ("cpu-thermal", 75.0)


@pytest.mark.parametrize(
    ("trips", "limit_c"),
    [
        ({}, 85.0),
        ({"critical": 110.0}, 85.0),
        ({"critical": 90.0}, 80.0),
        ({"active": 55.0, "passive": 80.0, "critical": 110.0}, 75.0),
        ({"hot": 95.0, "passive": 99.0}, 90.0),
        ({"passive": 0.0, "critical": 104.0}, 85.0),
        ({"passive": -274.0}, 85.0),
    ],
)
def test_the_limit_lies_below_what_the_kernel_would_do(tree, trips, limit_c):
    tree.zone(0, "cpu", 40.0, **trips)
    assert Thermal(tree.path).worst().limit_c == limit_c


@pytest.mark.parametrize("nonsense", [-273.0, -256.0, 0.0, 127.0, 127.9, 3000.0])
def test_what_no_board_can_be_is_not_believed(tree, nonsense):
    tree.zone(0, "gpu", nonsense)
    assert Thermal(tree.path).worst() is None
    tree.zone(1, "cpu", 45.0)
    assert Thermal(tree.path).worst().zone == "cpu"


def test_a_zone_that_reads_100_for_ever_is_left_out(tree):
    tree.zone(0, "PMIC-Die", 100.0)
    tree.zone(1, "CPU-therm", 44.5)
    assert Thermal(tree.path).hottest_c() == 44.5


def test_zones_that_cannot_be_read_are_as_if_they_were_not_there(tree):
    zone = tree.zone(0, "gpu", 60.0, passive=80.0)
    tree.zone(1, "cpu", 50.0)
    thermal = Thermal(tree.path)
    for wrong in ("", "hot", "60.5", "\xff"):
        (zone / "temp").write_text(wrong, encoding="latin-1")
        assert thermal.worst().zone == "cpu"
    (zone / "temp").unlink()
    (zone / "temp").mkdir()  # reading it is an OSError, like that of a sleeping device
    assert thermal.worst().zone == "cpu"


def test_zones_come_and_go_and_numbers_change_hands(tree):
    thermal = Thermal(tree.path)
    assert thermal.worst() is None
    zone = tree.zone(0, "wifi", 60.0, passive=110.0)
    assert thermal.worst().limit_c == 105.0
    shutil.rmtree(zone)
    assert thermal.worst() is None
    tree.zone(0, "cpu", 60.0, passive=70.0)
    assert thermal.worst().limit_c == 65.0
    shutil.rmtree(tree.path)
    assert thermal.worst() is None
    assert thermal.hottest_c() is None


def test_the_kernels_own_folder_can_be_read():
    worst = Thermal().worst()
    assert worst is None or 0 < worst.temperature_c < 126
