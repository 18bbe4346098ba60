from __future__ import annotations

import pytest

from edge.capture.devices import DeviceInfo
from edge.capture.microphones import find_microphone, list_microphones
from edge.capture.portaudio import stable_name
from edge.capture.spec import parse_microphone
from edge.errors import DeviceError, UsageError

YETI = DeviceInfo(4, "plughw:CARD=Yeti,DEV=0", "Blue Yeti: USB Audio (hw:1,0)")
LAPTOP = DeviceInfo(2, "plughw:CARD=PCH,DEV=0", "HDA Intel PCH: ALC257 Analog (hw:0,0)")
HDMI = DeviceInfo(3, "plughw:CARD=PCH,DEV=3", "HDA Intel PCH: HDMI (hw:0,3)")
DEFAULT = DeviceInfo(7, "default", "default", default=True)
PRESENT = [LAPTOP, HDMI, YETI, DEFAULT]


def test_a_missing_microphone_is_told_with_a_remedy():
    with pytest.raises(DeviceError, match=r"present: none\): plug it in, or name another"):
        find_microphone(parse_microphone("0"), [])


def test_a_machine_without_microphones_has_an_empty_list(tmp_path, monkeypatch):
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "none.conf"))
    assert isinstance(list_microphones(), list)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("default", DEFAULT),
        ("4", YETI),
        ("yeti", YETI),
        ("HDA Intel PCH: HDMI (hw:0,3)", HDMI),
        ("plughw:CARD=Yeti,DEV=0", YETI),
        ("hw:CARD=Yeti", YETI),
        ("plughw:PCH,3", HDMI),
        ("hw:1,0", YETI),
        ("hw:0", LAPTOP),
    ],
)
def test_a_microphone_is_found_by_what_people_write(spec, expected):
    assert find_microphone(parse_microphone(spec), PRESENT) is expected


def test_a_part_that_fits_two_names_both():
    with pytest.raises(UsageError, match=r"PCH,DEV=0.*PCH,DEV=3"):
        find_microphone(parse_microphone("Intel"), PRESENT)


@pytest.mark.parametrize("spec", ["9", "Rode", "hw:CARD=Rode"])
def test_a_missing_microphone_names_those_present(spec):
    with pytest.raises(DeviceError, match="Yeti"):
        find_microphone(parse_microphone(spec), PRESENT)


def test_without_any_microphone_default_is_missing():
    with pytest.raises(DeviceError, match="none"):
        find_microphone(parse_microphone("default"), [])


def test_a_card_is_named_by_its_id_not_its_number(tmp_path):
    (tmp_path / "card1").mkdir()
    (tmp_path / "card1" / "id").write_text("Yeti\n")
    assert stable_name("Blue Yeti: USB Audio (hw:1,0)", tmp_path) == "plughw:CARD=Yeti,DEV=0"
    assert stable_name("Other: USB Audio (hw:2,0)", tmp_path) == "Other: USB Audio (hw:2,0)"
    assert stable_name("pulse", tmp_path) == "pulse"
