"""A number is a camera's until it is away for long: a made-up /dev and sysfs, cameras plugged in and out."""

from __future__ import annotations

import pytest

from edge.capture.binding import YIELDS_AFTER_NS, Binding
from edge.capture.cameras import device_files
from edge.capture.spec import Spec
from edge.errors import DeviceError
from tests.fakes import FakeClock


class Machine:
    """Device files, udev's links and sysfs, as plugging in makes them."""

    def __init__(self, folder):
        self.dev, self.sysfs = folder / "dev", folder / "class"
        self._devices = folder / "devices"
        for made in (self.dev / "v4l" / "by-id", self.dev / "v4l" / "by-path", self.sysfs):
            made.mkdir(parents=True)

    def plug(self, number, name, socket, *, serial=None, by_id=True, links=True):
        """A camera with its node for metadata, which has the next number."""
        for index in (0, 1):
            node = self.dev / f"video{number + index}"
            node.write_bytes(b"")
            entry, device = self.sysfs / node.name, self._devices / socket
            entry.mkdir()
            device.mkdir(parents=True, exist_ok=True)
            (entry / "name").write_text(f"{name}\n")
            (entry / "index").write_text(f"{index}\n")
            (entry / "device").symlink_to(device)
            if links:
                tail = f"-video-index{index}"
                (self.dev / "v4l/by-path" / f"pci-0-usb-{socket}{tail}").symlink_to(node)
                if by_id:
                    link = self.dev / "v4l/by-id" / f"usb-{name}{f'_{serial}' if serial else ''}{tail}"
                    link.unlink(missing_ok=True)
                    link.symlink_to(node)

    def unplug(self, number):
        for index in (0, 1):
            node = self.dev / f"video{number + index}"
            for link in (self.dev / "v4l").glob("*/*"):
                if link.resolve() == node:
                    link.unlink()
            node.unlink()
            entry = self.sysfs / node.name
            for file in entry.iterdir():
                file.unlink()
            entry.rmdir()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture
def clock():
    return FakeClock()


def bound(machine, clock, number=0):
    """Bound to what has that number now."""
    binding = Binding(Spec("index", str(number)), clock, machine.dev, machine.sysfs)
    binding.opened(binding.find())
    return binding


def test_it_is_found_under_another_number(machine, clock):
    machine.plug(0, "Cam", "1-1")
    binding = bound(machine, clock)
    machine.unplug(0)
    machine.plug(0, "Other", "1-2")
    machine.plug(2, "Cam", "1-1")
    assert binding.find() == str(machine.dev / "video2")


def test_another_camera_gets_the_number_after_ten_seconds_only(machine, clock):
    machine.plug(0, "Cam", "1-1")
    binding = bound(machine, clock)
    machine.unplug(0)
    machine.plug(0, "Other", "1-1")
    with pytest.raises(DeviceError, match=r"'0' is not there \(cameras present: usb-Other"):
        binding.find()
    clock.advance(YIELDS_AFTER_NS - 1)
    with pytest.raises(DeviceError):
        binding.find()
    clock.advance(1)
    taken = binding.find()
    assert taken == str(machine.dev / "video0")
    binding.opened(taken)
    machine.plug(2, "Cam", "1-2")
    assert binding.find() == str(machine.dev / "video0"), "the number has a new owner"


def test_a_camera_that_was_back_in_between_has_ten_seconds_again(machine, clock):
    machine.plug(0, "Cam", "1-1")
    binding = bound(machine, clock)
    for _ in range(3):
        machine.unplug(0)
        machine.plug(0, "Other", "1-2")
        with pytest.raises(DeviceError):
            binding.find()
        clock.advance(YIELDS_AFTER_NS * 6 // 10)
        with pytest.raises(DeviceError):
            binding.find()
        machine.unplug(0)
        machine.plug(0, "Cam", "1-1")
        assert binding.find() == str(machine.dev / "video0")


@pytest.mark.parametrize("serial", [None, "A1"])
def test_it_is_found_in_another_socket(machine, clock, serial):
    machine.plug(0, "Cam", "1-1", serial=serial)
    binding = bound(machine, clock)
    machine.unplug(0)
    machine.plug(4, "Cam", "3-2", serial=serial)
    assert binding.find() == str(machine.dev / "video4")


def test_one_of_the_same_make_with_another_serial_number_is_another(machine, clock):
    machine.plug(0, "Cam", "1-1", serial="A1")
    binding = bound(machine, clock)
    machine.unplug(0)
    machine.plug(0, "Cam", "1-1", serial="B2")
    with pytest.raises(DeviceError):
        binding.find()


def test_twins_without_serial_numbers_are_told_apart_by_their_sockets(machine, clock):
    machine.plug(0, "Cam", "1-1")
    machine.plug(2, "Cam", "1-2")  # takes the by-id links over
    binding = bound(machine, clock)
    machine.unplug(0)
    with pytest.raises(DeviceError):
        binding.find()
    machine.unplug(2)
    machine.plug(0, "Cam", "1-2")
    with pytest.raises(DeviceError):
        binding.find()
    machine.plug(2, "Cam", "1-1")
    assert binding.find() == str(machine.dev / "video2")


def test_without_udev_the_place_in_sysfs_will_do(machine, clock):
    machine.plug(0, "vivid", "platform", links=False)
    binding = bound(machine, clock)
    machine.unplug(0)
    machine.plug(6, "vivid", "platform", links=False)
    assert binding.find() == str(machine.dev / "video6")


def test_its_node_for_metadata_is_not_the_camera(machine, clock):
    machine.plug(0, "Cam", "1-1")
    binding = bound(machine, clock)
    machine.unplug(0)
    machine.plug(0, "Other", "1-2")
    machine.plug(4, "Cam", "1-1")
    (machine.dev / "video4").unlink()
    with pytest.raises(DeviceError):
        binding.find()


def test_where_nothing_is_known_of_a_device_its_number_decides(tmp_path, clock):
    (tmp_path / "video0").touch()
    binding = Binding(Spec("index", "0"), clock, tmp_path, tmp_path / "none")
    binding.opened(binding.find())
    (tmp_path / "video0").unlink()
    (tmp_path / "video0").touch()
    assert binding.find() == str(tmp_path / "video0")


def test_a_name_means_what_it_says(machine, clock):
    machine.plug(0, "Cam", "1-1", serial="A1")
    binding = Binding(Spec("name", "Cam"), clock, machine.dev, machine.sysfs)
    binding.opened(binding.find())
    machine.unplug(0)
    machine.plug(2, "Cam", "1-2", serial="B2")
    assert binding.find() == str(machine.dev / "video2")


def test_before_it_was_ever_open_a_number_is_a_number(machine, clock):
    machine.plug(0, "Cam", "1-1")
    binding = Binding(Spec("index", "0"), clock, machine.dev, machine.sysfs)
    binding.find()
    machine.unplug(0)
    machine.plug(0, "Other", "1-2")
    assert binding.find() == str(machine.dev / "video0")


def test_plugging_in_and_out_and_new_rights_change_the_device_files(machine):
    machine.plug(0, "Cam", "1-1")
    (machine.dev / "null").touch()
    seen = [device_files(machine.dev)]

    def look():
        seen.append(device_files(machine.dev))
        return seen[-1] != seen[-2]

    assert not look()
    machine.unplug(0)
    assert look()
    machine.plug(0, "Cam", "1-1")
    assert look()
    assert seen[-1] != seen[0], "the same names, but not the same files"
    (machine.dev / "video0").chmod(0o600)
    assert look()
    (machine.dev / "other").touch()
    assert not look()
    assert device_files(machine.dev / "absent") == frozenset()
