from __future__ import annotations

from dataclasses import replace

import pytest

from edge.capture.devices import DeviceInfo
from edge.capture.microphone_choice import MicrophoneChoice
from edge.capture.spec import parse_microphone
from edge.clock import NS_PER_S
from edge.errors import DeviceError, UsageError

YETI = DeviceInfo(2, "plughw:CARD=Yeti,DEV=0", "Blue Yeti: USB Audio (hw:1,0)")
WEBCAM = DeviceInfo(1, "plughw:CARD=C920,DEV=0", "HD Pro Webcam C920: USB Audio (hw:0,0)")
DEFAULT = DeviceInfo(3, "default", "default", default=True)


class StillClock:
    """Stands where it is set."""

    def __init__(self):
        self.t_ns = 10**12

    def now_ns(self):
        return self.t_ns


@pytest.fixture
def clock():
    return StillClock()


def choice(text, clock):
    return MicrophoneChoice(parse_microphone(text), clock)


def renumbered(device, index):
    return replace(device, index=index, label=device.label.replace("(hw:1,0)", f"(hw:{index},0)"))


@pytest.mark.parametrize("text", ["2", "Yeti", "hw:1,0", "Blue Yeti: USB Audio (hw:1,0)"])
def test_a_card_that_is_numbered_anew_is_found_again(clock, text):
    ours = choice(text, clock)
    assert ours.find([WEBCAM, YETI, DEFAULT]).name == YETI.name
    moved, webcam = renumbered(YETI, 7), replace(WEBCAM, index=2, label="HD Pro Webcam C920: USB Audio (hw:1,0)")
    assert ours.find([webcam, moved, DEFAULT]) is moved


@pytest.mark.parametrize("text", ["2", "hw:1,0"])
def test_another_card_that_took_the_number_is_taken_after_ten_seconds_only(clock, text):
    ours = choice(text, clock)
    ours.find([WEBCAM, YETI])
    other = replace(WEBCAM, index=2, label="HD Pro Webcam C920: USB Audio (hw:1,0)")
    with pytest.raises(DeviceError, match=r"'plughw:CARD=Yeti,DEV=0' is not there .*C920.*plug it in"):
        ours.find([other])
    clock.t_ns += 9 * NS_PER_S
    with pytest.raises(DeviceError):
        ours.find([other])
    clock.t_ns += 2 * NS_PER_S
    assert ours.find([other]) is other


def test_the_ten_seconds_begin_anew_when_it_was_there_in_between(clock):
    ours = choice("2", clock)
    other = replace(WEBCAM, index=2)
    ours.find([YETI])
    for _ in range(3):
        with pytest.raises(DeviceError):
            ours.find([other])
        clock.t_ns += 8 * NS_PER_S
        assert ours.find([other, renumbered(YETI, 5)]).index == 5


def test_the_default_is_not_left_for_a_card_that_is_the_default_for_a_moment(clock):
    ours = choice("default", clock)
    assert ours.find([YETI, DEFAULT]) is DEFAULT
    with pytest.raises(DeviceError, match="'default' is not there"):
        ours.find([replace(YETI, default=True)])
    assert ours.find([YETI, DEFAULT]) is DEFAULT


def test_a_second_one_of_the_same_make_confuses_nobody_later(clock):
    ours = choice("Yeti", clock)
    second = DeviceInfo(4, "plughw:CARD=Yeti_1,DEV=0", "Blue Yeti: USB Audio (hw:2,0)")
    assert ours.find([YETI]) is YETI
    assert ours.find([second, YETI]) is YETI
    with pytest.raises(UsageError, match="fits several"):
        choice("Yeti", clock).find([second, YETI])


def test_nothing_is_waited_for_before_the_first_finding(clock):
    ours = choice("2", clock)
    with pytest.raises(DeviceError, match="'2' is not there"):
        ours.find([WEBCAM])
    assert ours.find([WEBCAM, YETI]) is YETI
