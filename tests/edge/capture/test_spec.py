from __future__ import annotations

import pytest

from edge.capture.spec import parse_camera, parse_microphone
from edge.errors import UsageError


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("none", "none", ""),
        ("0", "index", "0"),
        ("07", "index", "7"),
        ("/dev/video2", "device", "/dev/video2"),
        ("usb-046d_HD_Pro_Webcam_C920_1234-video-index0", "name", "usb-046d_HD_Pro_Webcam_C920_1234-video-index0"),
        ("usb-Chicony_USB2.0_HD_UVC_WebCam-video-index0", "name", "usb-Chicony_USB2.0_HD_UVC_WebCam-video-index0"),
        ("csi:1", "csi", "1"),
        ("rtsp://user:secret@cam.lan:554/a", "url", "rtsp://user:secret@cam.lan:554/a"),
        ("http://127.0.0.1:8080/video", "url", "http://127.0.0.1:8080/video"),
        ("clip.mp4", "file", "clip.mp4"),
        ("folder/clip", "file", "folder/clip"),
    ],
)
def test_a_camera_is_told_by_how_it_is_written(text, kind, value):
    spec = parse_camera(text)
    assert (spec.kind, spec.value) == (kind, value)


@pytest.mark.parametrize(
    "text", ["", "  ", "-1", "csi:", "csi:x", "ftp://host/a", "file:///etc/passwd", "http://", "rtsp://["]
)
def test_what_no_camera_can_be_is_refused_with_what_can(text):
    with pytest.raises(UsageError, match="csi:"):
        parse_camera(text)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("none", "none", ""),
        ("Default", "default", "default"),
        ("3", "index", "3"),
        ("Blue Yeti", "name", "Blue Yeti"),
        ("plughw:CARD=C920,DEV=0", "name", "plughw:CARD=C920,DEV=0"),
        ("HDA Intel PCH: ALC257 Analog (hw:0,0)", "name", "HDA Intel PCH: ALC257 Analog (hw:0,0)"),
        ("voice.flac", "file", "voice.flac"),
    ],
)
def test_a_microphone_is_told_by_how_it_is_written(text, kind, value):
    spec = parse_microphone(text)
    assert (spec.kind, spec.value) == (kind, value)


@pytest.mark.parametrize("text", ["", "-3", "http://host/sound"])
def test_what_no_microphone_can_be_is_refused(text):
    with pytest.raises(UsageError, match="default"):
        parse_microphone(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://me:p4ss@1.2.3.4/v",
        "http://me:p4/ss@127.0.0.1:9/x",
        "http://me:p4ss@[h",
        "rtsp:/me:p4ss@h/s",
        "rtsp:me:p4ss@h",
        "ftp://me:p4ss@host/a",
        "http://h/x?user=me&pwd=p4ss",
    ],
)
@pytest.mark.parametrize("parse", [parse_camera, parse_microphone])
def test_a_password_is_never_shown(text, parse):
    try:
        said = parse(text).label
    except UsageError as error:
        said = str(error)
    assert "***" in said
    assert "p4" not in said
    assert "ss@" not in said


def test_an_address_that_is_broken_is_refused_without_its_password():
    for text in ("http://me:p4ss@[h", "rtsp:/me:p4ss@h/s"):
        with pytest.raises(UsageError, match=r"\*\*\*@.*csi:"):
            parse_camera(text)


def test_a_file_that_exists_wins_over_a_device_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parse_camera("clip").kind == "name"
    (tmp_path / "clip").write_bytes(b"")
    assert parse_camera("clip").kind == "file"
    assert parse_microphone("clip").kind == "file"
