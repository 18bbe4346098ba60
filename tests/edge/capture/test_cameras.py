from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from edge.capture.cameras import find_camera, is_video_device, list_cameras
from edge.capture.spec import parse_camera
from edge.errors import DeviceError


@pytest.fixture
def machine(tmp_path):
    """Device files and sysfs as a webcam with a metadata node makes them."""
    dev, sysfs = tmp_path / "dev", tmp_path / "sys"
    for number, index in ((0, 0), (1, 1), (10, 0)):
        (dev).mkdir(exist_ok=True)
        (dev / f"video{number}").write_bytes(b"")
        (sysfs / f"video{number}").mkdir(parents=True)
        (sysfs / f"video{number}" / "name").write_text("HD Webcam\n" if number < 10 else "Capture Card\n")
        (sysfs / f"video{number}" / "index").write_text(f"{index}\n")
    (dev / "video-not").write_bytes(b"")
    (dev / "v4l" / "by-id").mkdir(parents=True)
    (dev / "v4l" / "by-path").mkdir()
    (dev / "v4l" / "by-id" / "usb-Maker_HD-video-index0").symlink_to(dev / "video0")
    (dev / "v4l" / "by-path" / "pci-0000:00-video-index0").symlink_to(dev / "video10")
    return dev, sysfs


def test_cameras_are_listed_under_names_that_last(machine):
    dev, sysfs = machine
    assert [(camera.index, camera.name, camera.label) for camera in list_cameras(dev, sysfs)] == [
        (0, "usb-Maker_HD-video-index0", "HD Webcam"),
        (10, str(dev / "v4l/by-path/pci-0000:00-video-index0"), "Capture Card"),
    ]


@pytest.mark.parametrize("spec", ["10", "Capture", "pci-0000:00-video-index0"])
def test_a_camera_is_found_by_number_link_or_part_of_its_name(machine, spec):
    dev, sysfs = machine
    found = find_camera(parse_camera(spec), dev, sysfs)
    assert (dev / "video10").samefile(found)


def test_a_name_from_the_list_leads_back_to_its_camera(machine):
    dev, sysfs = machine
    for camera in list_cameras(dev, sysfs):
        kind = "file" if camera.name.startswith(str(dev)) else "name"
        spec = parse_camera(camera.name)
        assert spec.kind == kind  # under the real /dev it is a device
        if kind == "name":
            assert (dev / f"video{camera.index}").samefile(find_camera(spec, dev, sysfs))


def test_a_missing_camera_names_those_present(machine):
    dev, sysfs = machine
    with pytest.raises(DeviceError, match="usb-Maker_HD-video-index0"):
        find_camera(parse_camera("5"), dev, sysfs)


def test_a_missing_camera_is_told_with_a_remedy(tmp_path):
    with pytest.raises(DeviceError, match=r"present: none\): plug it in, or name another"):
        find_camera(parse_camera("0"), tmp_path, tmp_path)


def test_only_a_character_device_of_v4l2_is_a_camera(tmp_path):
    (tmp_path / "file").touch()
    assert not is_video_device(tmp_path / "file")
    assert not is_video_device(tmp_path / "absent")
    assert not is_video_device(Path("/dev/null"))
    node = tmp_path / "video0"
    try:
        os.mknod(node, stat.S_IFCHR | 0o600, os.makedev(81, 0))
    except OSError:
        pytest.skip("only root may make device nodes")
    (tmp_path / "link").symlink_to(node)
    assert is_video_device(tmp_path / "link")


def test_a_machine_without_cameras_has_an_empty_list(tmp_path):
    assert list_cameras(tmp_path / "dev", tmp_path / "sys") == []
