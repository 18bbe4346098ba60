from __future__ import annotations

import threading
import wave

import numpy as np
import pytest

from edge.capture.microphones import list_microphones
from edge.capture.recorder import first_sample_ns
from edge.capture.source import make_sources
from edge.errors import DeviceError, UsageError
from edge.samples import RATE_HZ
from tests.microphone import VirtualMicrophone, listen, needs_virtual_microphone

pytestmark = pytest.mark.timeout(120)


def test_what_is_played_is_heard_bit_for_bit(plugged_in, microphone, clips):
    microphone.open()
    player = plugged_in.play(clips.noise(), wait=False)
    chunks = listen(microphone, 3.5)
    player.wait(20)
    heard = np.round(np.concatenate([chunk.samples for chunk in chunks]) * 32768).astype(np.int16)
    with wave.open(str(clips.noise())) as file:
        played = np.frombuffer(file.readframes(32_000), np.int16)
    middle = played[8_000:24_000]
    starts = np.flatnonzero(heard[: len(heard) - len(middle)] == middle[0])
    agreement = max((np.mean(heard[start : start + len(middle)] == middle) for start in starts), default=0.0)
    assert agreement > 0.9, "the played noise was not recognised sample by sample"


def test_the_sound_is_dated_and_its_age_does_not_grow(microphone):
    microphone.open()
    chunks = listen(microphone, 3.0)
    assert microphone.overflows == 0
    assert [chunk.seq for chunk in chunks] == list(range(len(chunks)))
    stamps = np.array([chunk.t_ns for chunk in chunks])
    assert (np.diff(stamps) > 0).all()
    ages = np.array([chunk.arrived_ns - chunk.end_ns for chunk in chunks]) / 1e6
    assert -60 < np.median(ages) < 500
    assert np.median(ages[-40:]) - np.median(ages[:40]) < 150
    seconds = sum(len(chunk.samples) for chunk in chunks) / RATE_HZ
    assert seconds == pytest.approx((chunks[-1].end_ns - chunks[0].t_ns) / 1e9, abs=0.1)


def test_devices_are_listed_with_one_default(plugged_in):
    found = list_microphones()
    assert [device.name for device in found if device.default] == ["default"]
    assert "other" in [device.name for device in found]
    assert all(device.channels > 0 for device in found)


def test_an_index_is_reported_under_the_name_that_lasts(plugged_in):
    chosen = next(device for device in list_microphones() if device.name == "other")
    _, microphone = make_sources("none", str(chosen.index))
    assert microphone.name == str(chosen.index)
    microphone.open()
    try:
        assert microphone.name == "other"
    finally:
        microphone.close()


def test_a_part_of_a_name_is_enough_if_it_fits_one(plugged_in):
    _, microphone = make_sources("none", "OTH")
    microphone.open()
    assert listen(microphone, 0.5)
    microphone.close()
    _, microphone = make_sources("none", "e")
    with pytest.raises(UsageError, match=r"fits several.*'other'.*'default'"):
        microphone.open()
    _, microphone = make_sources("none", "no such microphone")
    with pytest.raises(DeviceError, match=r"present: .*'default'"):
        microphone.open()


def test_no_noise_on_standard_error(plugged_in, microphone, capfd):
    microphone.open()
    microphone.close()
    list_microphones()
    assert capfd.readouterr().err == ""


def test_closing_ends_a_waiting_read_and_all_threads(microphone):
    microphone.open()
    microphone.close()
    microphone.close()
    with pytest.raises(DeviceError, match="not open"):
        microphone.read(0.1)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("microphone")]


def test_another_rate_is_converted_on_the_way(clips):
    """Two channels at 48 kHz; PulseAudio would convert, so the stream is asked for the device's own format."""
    needs_virtual_microphone()
    with pytest.MonkeyPatch.context() as patch, VirtualMicrophone(rate_hz=48_000, channels=2) as device:
        for name, value in device.environment.items():
            patch.setenv(name, value)
        patch.setattr("edge.capture.portaudio._formats", lambda _device: [(48_000, 2)])
        _, microphone = make_sources("none", "default")
        microphone.open()
        player = device.play(clips.sound(48_000, 2), wait=False)
        chunks = listen(microphone, 2.5)
        player.wait(20)
        microphone.close()
    sound = np.concatenate([chunk.samples for chunk in chunks])
    loud = sound[np.abs(sound) > 0.01]
    assert abs(len(loud) - RATE_HZ) < 2000
    spectrum = np.abs(np.fft.rfft(sound[np.flatnonzero(np.abs(sound) > 0.01)[0] :][:8000]))
    assert np.argmax(spectrum) * 2 == pytest.approx(440, abs=4)


@pytest.mark.parametrize(
    ("adc", "current", "age_ms"),
    [(1000.0, 1000.030, 30), (1000.0, 1000.005, 20), (0.0, 1000.0, 20), (1000.0, 999.0, 20), (1000.0, 1100.0, 20)],
)
def test_only_sane_times_of_portaudio_are_believed(adc, current, age_ms):
    times = {"input_buffer_adc_time": adc, "current_time": current, "output_buffer_dac_time": 0.0}
    assert first_sample_ns(10**12, times, 20_000_000) == pytest.approx(10**12 - age_ms * 1_000_000, abs=10_000)
