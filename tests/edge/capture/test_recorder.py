"""The recorder with a made-up PortAudio, whose callbacks come when a test wants them to."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import numpy as np
import pytest

from edge.capture import portaudio, recorder
from edge.capture.devices import DeviceInfo
from edge.capture.microphone import Microphone
from edge.capture.spec import parse_microphone
from edge.clock import NS_PER_S
from edge.errors import DeviceError
from edge.samples import RATE_HZ

CARD = DeviceInfo(0, "plughw:CARD=Made,DEV=0", "Made-up card (hw:0,0)", rate_hz=48_000, channels=1, default=True)
AGREED_HZ = 48_000
RUN = 960


class HandClock:
    """Moves when it is told to."""

    def __init__(self):
        self.t_ns = 10**12

    def now_ns(self):
        return self.t_ns


class Card:
    """Stands in for PortAudio, its one device, and the stream on it."""

    def __init__(self):
        self.active = True
        self.terminated = 0
        self.callback = None
        self.played = 0
        self.looks = 0

    def start_stream(self):
        pass

    def is_active(self):
        self.looks += 1
        if self.active is None:
            raise OSError("Stream not open")
        return self.active

    def terminate(self):
        self.terminated += 1

    def open(self, _audio, _device, _chunk_ms, callback):
        self.callback = callback
        return self, AGREED_HZ, 1

    def play(self, seconds, clock, *, real_hz=AGREED_HZ, tone_hz=440.0, status=0):
        """Runs of RUN samples, as a card makes them that takes `real_hz` a second."""
        for _ in range(round(seconds * real_hz / RUN)):
            turns = np.arange(self.played, self.played + RUN) * (tone_hz / real_hz)
            self.played += RUN
            clock.t_ns += RUN * NS_PER_S // real_hz
            pcm = np.round(8000 * np.sin(2 * np.pi * turns)).astype(np.int16).tobytes()
            self.callback(pcm, RUN, {"current_time": 0.0, "input_buffer_adc_time": 0.0}, status)


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def card(monkeypatch):
    card = Card()
    monkeypatch.setattr(portaudio, "start", lambda: card)
    monkeypatch.setattr(portaudio, "inputs", lambda _audio: [CARD])
    monkeypatch.setattr(portaudio, "open_input", card.open)
    return card


@pytest.fixture
def microphone(card, clock):
    microphone = Microphone(parse_microphone("0"), clock=clock)
    microphone.open()
    yield microphone
    microphone.close()


def fetch(microphone):
    """All chunks that wait."""
    chunks = []
    while (chunk := microphone.read(0)) is not None:
        chunks.append(chunk)
    return chunks


def pitch_hz(chunks):
    sound = np.concatenate([chunk.samples for chunk in chunks])
    return np.argmax(np.abs(np.fft.rfft(sound * np.hanning(len(sound))))) * RATE_HZ / len(sound)


def test_a_card_with_another_rate_is_converted_from_that_one_without_a_break(card, clock, microphone):
    chunks = []
    for _ in range(15):
        card.play(1, clock, real_hz=44_100)
        chunks += fetch(microphone)
    assert microphone.rate_fault == "its sound comes at 44100 Hz where 48000 Hz were agreed, and is taken so"
    assert pitch_hz(chunks[20:120]) == pytest.approx(440 * 48 / 44.1, abs=2)
    assert pitch_hz(chunks[-120:]) == pytest.approx(440, abs=2)
    assert [chunk.seq for chunk in chunks] == list(range(len(chunks)))
    stamps_ns = np.array([chunk.t_ns for chunk in chunks])
    assert (np.diff(stamps_ns) > 0).all()
    assert abs(clock.t_ns - chunks[-1].end_ns) < NS_PER_S // 10


def test_a_card_with_the_clock_of_a_cheap_crystal_is_left_alone(card, clock, microphone):
    for _ in range(20):
        card.play(1, clock, real_hz=round(AGREED_HZ * 1.0005))
        fetch(microphone)
    assert microphone.rate_fault is None


def test_what_the_driver_lost_is_counted(card, clock, microphone):
    card.play(0.1, clock, status=portaudio.INPUT_OVERFLOW)
    assert microphone.overflows == 5


@pytest.mark.parametrize("active", [False, None])
def test_a_stream_that_turns_inactive_is_lost_and_released(card, clock, microphone, active):
    card.play(0.1, clock)
    fetch(microphone)
    card.active = active
    with pytest.raises(DeviceError, match="lost"):
        microphone.read(5)
    microphone.close()
    assert card.terminated == 1


def wait_for(condition):
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def lost(microphone):
    with suppress(DeviceError):
        while microphone.read(0) is not None:
            pass
        return False
    return True


def look(card, microphone):
    """Until the recorder's thread has looked once more, from beginning to end, or has given up."""
    looks = card.looks
    assert wait_for(lambda: card.looks > looks + 1 or lost(microphone))


def test_a_stream_that_falls_silent_is_lost_before_a_second_has_passed(card, clock, microphone):
    card.play(0.1, clock)
    look(card, microphone)
    fell_silent_ns = clock.t_ns
    while not lost(microphone):
        assert clock.t_ns - fell_silent_ns < NS_PER_S
        clock.t_ns += recorder._LONGEST_LOOK_NS // 2
        look(card, microphone)


def test_a_process_that_stood_still_does_not_blame_the_microphone(card, clock, microphone):
    card.play(0.1, clock)
    look(card, microphone)
    clock.t_ns += 60 * NS_PER_S  # stopped, or starved: nothing here ran either
    look(card, microphone)
    card.play(0.1, clock)
    assert not lost(microphone)


def test_a_microphone_may_take_its_time_before_the_first_sound(card, clock, microphone):
    for _ in range(6):
        clock.t_ns += recorder._LONGEST_LOOK_NS
        look(card, microphone)
    assert not lost(microphone)
    card.play(0.1, clock)
    assert len(fetch(microphone)) > 0


def test_nobody_waits_for_a_hanging_sound_system_and_one_thread_does(card, clock, monkeypatch):
    hangs, others = threading.Event(), threading.active_count()
    monkeypatch.setattr(recorder, "_OPEN_LIMIT_S", 0.2)
    monkeypatch.setattr(recorder, "_TURN_LIMIT_S", 0.1)
    monkeypatch.setattr(portaudio, "start", lambda: hangs.wait(30) and card)
    microphone = Microphone(parse_microphone("0"), clock=clock)
    presence = microphone.presence()
    for _ in range(5):
        with pytest.raises(DeviceError, match=r"did not open|does not answer"):
            microphone.open()
    assert threading.active_count() == others + 1
    assert microphone.presence() == presence
    hangs.set()
    assert wait_for(lambda: microphone.presence() != presence), "it answers again"
    assert wait_for(lambda: card.terminated == 1)
    microphone.open()
    microphone.close()


def test_a_meter_belongs_to_one_opening(card, clock, microphone):
    for _ in range(12):
        card.play(1, clock, real_hz=44_100)
        fetch(microphone)
    assert microphone.rate_fault is not None
    microphone.open()
    assert microphone.rate_fault is None
