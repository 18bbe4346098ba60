from __future__ import annotations

import pytest

from edge.capture.spec import masked, parse_camera, parse_microphone
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


def test_a_password_is_never_shown():
    assert masked("rtsp://user:secret@cam.lan:554/a?b=c") == "rtsp://***@cam.lan:554/a?b=c"
    assert parse_camera("http://me:pass@1.2.3.4/v").label == "http://***@1.2.3.4/v"
    with pytest.raises(UsageError) as caught:
        parse_camera("ftp://me:pass@host/a")
    assert "pass" not in str(caught.value)


def test_a_file_that_exists_wins_over_a_device_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert parse_camera("clip").kind == "name"
    (tmp_path / "clip").write_bytes(b"")
    assert parse_camera("clip").kind == "file"
    assert parse_microphone("clip").kind == "file"
