from __future__ import annotations

import numpy as np
import pytest

from edge.calibrate.tape import Tape
from edge.samples import RATE_HZ, Chunk, Frame
from tests.edge.calibrate.drawn import Clap, Scene, sound

SCENE = Scene((Clap(1.0), Clap(1.9), Clap(3.1)), seconds=4.5)
BEGIN_NS = 7_000_000_000


def chunks(samples, size=320, begin_ns=BEGIN_NS):
    for number, first in enumerate(range(0, len(samples), size)):
        t_ns = begin_ns + first * 1_000_000_000 // RATE_HZ
        yield Chunk(t_ns, 0, number, samples[first : first + size])


def heard_s(tape, begin_ns=BEGIN_NS):
    return [(clap.t_ns - begin_ns) / 1e9 for clap in tape.heard()]


@pytest.mark.parametrize("size", [160, 320, 1111])
def test_a_clap_has_the_time_of_its_chunk(size):
    tape = Tape()
    for chunk in chunks(sound(SCENE), size):
        tape.add_chunk(chunk)
    assert heard_s(tape) == pytest.approx([1.0, 1.9, 3.1], abs=0.002)


def test_lost_sound_moves_nothing_and_its_end_is_no_clap():
    tape, noisy = Tape(), sound(Scene(SCENE.claps, seconds=4.5, snr_db=15.0))
    for chunk in chunks(noisy):
        if not 2.2 < (chunk.t_ns - BEGIN_NS) / 1e9 < 2.6:
            tape.add_chunk(chunk)
    assert heard_s(tape) == pytest.approx([1.0, 1.9, 3.1], abs=0.003)


def test_only_the_last_half_minute_is_kept():
    tape, silence = Tape(), np.zeros(20 * RATE_HZ, np.float32)
    for chunk in chunks(np.concatenate([sound(SCENE), silence, sound(SCENE), silence])):
        tape.add_chunk(chunk)
    assert len(tape.heard()) == 3


def test_a_picture_whose_stamp_does_not_rise_is_passed_over():
    tape, image = Tape(), np.zeros((24, 32, 3), np.uint8)
    for t_ns in (0, 40, 40, 20, 80):
        tape.add_frame(Frame(t_ns * 1_000_000, 0, 0, image))
    assert [motion.t_ns // 1_000_000 for motion in tape._motions] == [0, 40, 80]


def test_its_end_is_where_both_are_known():
    tape = Tape()
    assert tape.end_ns is None
    tape.add_frame(Frame(5_000_000_000, 0, 0, np.zeros((24, 32, 3), np.uint8)))
    assert tape.end_ns is None
    tape.add_chunk(Chunk(4_000_000_000, 0, 0, np.zeros(RATE_HZ // 2, np.float32)))
    assert tape.end_ns == 4_500_000_000
