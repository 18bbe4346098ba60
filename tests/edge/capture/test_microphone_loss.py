"""A sound server that is killed, hangs, and comes back."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
import time

import psutil
import pytest

from edge.capture.microphones import list_microphones
from edge.errors import DeviceError

CYCLES = 3
NOTICED_S = 1.0
SLACK_S = 0.5
"""A busy machine may be as late as this."""


def hear(microphone, chunks=20):
    end = time.monotonic() + 10
    while chunks:
        assert time.monotonic() < end, "it sends nothing"
        chunks -= microphone.read(0.5) is not None


def read_until_lost(microphone):
    """The error, how long it took, and the longest wait of one read, in seconds."""
    began = before = time.monotonic()
    longest_s = 0.0
    while True:
        try:
            microphone.read(0.2)
        except DeviceError as error:
            return error, time.monotonic() - began, longest_s
        now = time.monotonic()
        longest_s, before = max(longest_s, now - before), now


def open_again(microphone, presence):
    """As a feed does it: wait for the token to change, then try."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if microphone.presence() != presence:
            try:
                microphone.open()
            except DeviceError:
                time.sleep(0.25)
                continue
            return
        time.sleep(0.05)
    pytest.fail("the token did not change, or nothing could be opened")


def test_a_microphone_that_is_pulled_out_is_lost_within_a_second_and_comes_back(plugged_in, microphone, capfd):
    microphone.open()
    hear(microphone)
    plugged_in.stop()
    try:
        error, noticed_s, longest_s = read_until_lost(microphone)
        assert "lost" in str(error)
        assert noticed_s < NOTICED_S + SLACK_S
        assert longest_s < NOTICED_S
        with pytest.raises(DeviceError, match="not there"):
            microphone.open()
        assert list_microphones() == []
        presence = microphone.presence()
        assert presence == microphone.presence()
    finally:
        plugged_in.start(settle_s=0)
    open_again(microphone, presence)
    assert microphone.read(0.5).seq == 0
    assert capfd.readouterr().err == "", "PortAudio, too, keeps it to itself"
    os.write(2, b"crash")
    print("words", file=sys.stderr)
    assert capfd.readouterr().err == "crashwords\n"


def test_a_server_that_hangs_is_lost_within_a_second_and_hangs_nothing_here(plugged_in, microphone):
    microphone.open()
    hear(microphone)
    plugged_in.stall()
    try:
        error, noticed_s, _ = read_until_lost(microphone)
        assert "lost" in str(error)
        assert noticed_s < NOTICED_S + SLACK_S
        began = time.monotonic()
        microphone.close()
        assert time.monotonic() - began < NOTICED_S, "whoever tells of the loss closes first"
        for _ in range(4):
            with pytest.raises(DeviceError, match="does not answer"):
                microphone.open()
        left = [thread for thread in threading.enumerate() if thread.name.startswith("microphone")]
        assert len(left) == 1, "one thread hangs, however often it is tried"
        presence = microphone.presence()
        assert presence == microphone.presence()
    finally:
        plugged_in.resume()
    open_again(microphone, presence)
    hear(microphone)


def test_an_opening_that_hangs_records_nothing_when_it_comes_to(plugged_in, microphone, monkeypatch):
    monkeypatch.setattr("edge.capture.recorder._OPEN_LIMIT_S", 0.5)
    plugged_in.stall()
    try:
        with pytest.raises(DeviceError, match="did not open within"):
            microphone.open()
        (thread,) = [thread for thread in threading.enumerate() if thread.name.startswith("microphone")]
        with pytest.raises(DeviceError, match="is not open"):
            microphone.read(0.1)
        presence = microphone.presence()
    finally:
        plugged_in.resume()
    thread.join(10)
    assert not thread.is_alive()
    assert microphone.presence() != presence


def test_cycles_of_loss_and_return_leave_nothing_behind(plugged_in, microphone):
    process = psutil.Process()
    microphone.open()
    microphone.close()
    held = []
    for _ in range(CYCLES):
        microphone.open()
        hear(microphone, 5)
        plugged_in.stop()
        read_until_lost(microphone)
        microphone.close()
        plugged_in.start(settle_s=0)
        gc.collect()
        held.append((process.num_fds(), threading.active_count()))
    assert len(set(held)) == 1, f"descriptors and threads grow: {held}"


def test_opening_again_and_again_takes_no_memory_for_good(plugged_in, microphone):
    """PortAudio unloads ALSA's plugins, and each loading of what they bring along would cost 12 KB."""
    for _ in range(5):
        microphone.open()
        microphone.close()
    before = heap_in_use()
    for _ in range(30):
        microphone.open()
        microphone.close()
    assert (heap_in_use() - before) / 30 < 4_000


def heap_in_use():
    """Bytes that malloc has given and not got back; the resident size has gaps in it, too."""

    class Mallinfo2(ctypes.Structure):
        _fields_ = (("figures", ctypes.c_size_t * 10),)

    gc.collect()
    mallinfo2 = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if mallinfo2 is None:
        pytest.skip("needs glibc 2.33")
    mallinfo2.restype = Mallinfo2
    return mallinfo2().figures[7]  # uordblks
