"""The bench says what was put in: known shifts, owners and errors of made-up streams."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge.clock import NS_PER_MS, NS_PER_S
from edge.errors import UsageError
from edge.samples import Box, Face, FaceFrame, Frame, Pose, Quality, SoundFrames
from edge.sync import dtw
from tests.sync_bench.drift import errors_ms
from tests.sync_bench.duo import HALF_PX, Pair
from tests.sync_bench.gain import interval
from tests.sync_bench.measures import Reading, readings, scored
from tests.sync_bench.page import write
from tests.sync_bench.peers import PEERS, signals
from tests.sync_bench.sights import Spoiled
from tests.sync_bench.speaker import Turn, judged, turns
from tests.sync_bench.stream import Stream, speech_stamps
from tests.sync_bench.studio import CLEAN, Condition, heard
from tests.sync_bench.switches import timed_dtw, without_dtw
from tests.sync_bench.table import Table
from tests.sync_bench.walk import SETTLED_NS, TICK_NS, Moment, Walk

SECONDS = 12


def loudness(t_ns: np.ndarray) -> np.ndarray:
    """Syllables that never repeat, 0 … 1, at any moment."""
    marks = np.random.default_rng(11).random(SECONDS * 8 + 9)
    return np.interp(t_ns / NS_PER_S * 8, np.arange(len(marks)), marks)


def face(x: float, t_ns: int = 0) -> Face:
    """A mouth that is open and moves just as the voice is loud."""
    opening, later = loudness(np.array([t_ns, t_ns + 20 * NS_PER_MS]))
    speed = float(later - opening) * 50
    landmarks = np.array([[40, 40], [80, 40], [60, 60], [45, 80], [75, 80]], np.float32)
    box, pose, quality = Box(x, 20, 100, 100), Pose(0, 0, 0), Quality(100, 100, 100)
    return Face(1, box, landmarks, 1.0, pose, quality, float(opening), float(opening), mouth_speed=speed)


def made_up() -> Stream:
    """A mouth that moves just as the voice is loud; speech all the time."""
    faces = [
        FaceFrame(t_ns, t_ns, 2 * HALF_PX, HALF_PX, (face(20, t_ns),))
        for t_ns in range(0, SECONDS * NS_PER_S, 40 * NS_PER_MS)
    ]
    sound = []
    for first in range(0, SECONDS * 100, 10):
        t_ns = np.arange(first, first + 10) * 10 * NS_PER_MS
        level = (-60 + 40 * loudness(t_ns)).astype(np.float32)
        features = np.zeros((10, 120), np.float32)
        features[:, 0] = 8 * level  # the first MFCC: the mean of 64 bands in dB, times 8
        sound.append(SoundFrames(0, t_ns, features, level, np.ones(10, np.float32), -70.0))
    return Stream(faces, sound, speech_stamps(sound))


@pytest.fixture(scope="module")
def stream():
    return made_up()


@pytest.fixture(scope="module")
def ticks(stream):
    return list(Walk(stream.shifted(120)).ticks())


def moment(end_ns, speech_s, true_lag_ms, lag_ms, ci_ms=20.0):
    return Moment(end_ns, speech_s, true_lag_ms, lag_ms, ci_ms, None)


@pytest.mark.parametrize("shift_ms", [-300, -45, 0, 125])
def test_a_shift_of_the_sound_is_what_a_cross_correlation_finds(stream, shift_ms):
    correlation = next(peer for peer in PEERS if peer.name == "one cross-correlation")
    assert correlation.lag_ms(*signals(stream.shifted(shift_ms), 10.0)) == pytest.approx(shift_ms, abs=15)


def test_a_shift_moves_the_sound_and_not_the_picture(stream):
    moved = stream.shifted(-80)
    assert moved.sound[3].t_ns[0] - stream.sound[3].t_ns[0] == -80 * NS_PER_MS
    assert moved.faces == stream.faces
    assert moved.true_lag_ms(7 * NS_PER_S) == -80


def test_a_stretched_sound_comes_later_and_later(stream):
    moved = stream.shifted(50, ppm=200.0)
    last_ns = int(stream.sound[-1].t_ns[-1])
    assert moved.sound[-1].t_ns[-1] - last_ns == pytest.approx(50e6 + last_ns * 200e-6, abs=1)
    assert moved.true_lag_ms(10 * NS_PER_S) == pytest.approx(52.0)


def test_a_walk_answers_every_tick_and_knows_the_truth(ticks):
    assert [tick.end_ns for tick in ticks] == list(range(NS_PER_S, ticks[-1].end_ns + 1, TICK_NS))
    assert ticks[-1].end_ns > (SECONDS - 1) * NS_PER_S
    assert all(tick.true_lag_ms == 120 for tick in ticks)
    assert ticks[20].speech_s == pytest.approx(ticks[20].end_ns / NS_PER_S - 0.12, abs=0.02)


def test_a_walk_knows_nothing_that_comes_later(stream):
    walk = Walk(stream)
    for tick in walk.ticks(lambda tick: tick.end_ns >= 4 * NS_PER_S):
        assert tick.end_ns < walk.aligner.faces.frames[-1].t_ns <= tick.end_ns + SETTLED_NS


def test_the_lag_is_the_same_without_windows(stream, ticks):
    alone = {one.end_ns: one.lag_ms for one in Walk(stream.shifted(120)).moments()}
    beside = {tick.end_ns: tick.lag_ms for tick in ticks if tick.end_ns % NS_PER_S == 0}
    assert alone == beside
    assert alone[10 * NS_PER_S] == pytest.approx(120, abs=60)


def test_what_a_walk_costs_is_counted(stream):
    walk = Walk(stream)
    count = sum(1 for _ in walk.ticks(lambda tick: tick.end_ns >= 5 * NS_PER_S))
    assert walk.spent.live_s == pytest.approx(count * 0.2)
    assert min(walk.spent.windows, walk.spent.estimator, walk.spent.taking_in) > 0


def test_readings_are_of_the_first_window_with_so_much_speech():
    made = [moment(k * TICK_NS, k * 0.5, 100.0, None if k < 5 else 110.0 + k) for k in range(12)]
    assert readings(made, (2, 4, 30)) == [Reading(2, None, 20.0), Reading(4, 18.0, 20.0)]


def test_scores_are_against_each_persons_own_constant():
    found = [(Reading(5, 30.0, 25.0), 20.0), (Reading(5, -40.0, 25.0), 20.0), (Reading(5, None, None), 0.0)]
    score = scored(found, pooled_ms=10.0)
    assert (score.runs, score.median_ms, score.close) == (3, 35.0, 0.5)
    assert score.p95_ms == pytest.approx(57.5)
    assert score.known == pytest.approx(2 / 3)
    assert (score.covered, score.covered_pooled, score.bare_median_ms) == (0.5, 0.5, 35.0)


def test_scores_of_runs_that_say_nothing():
    score = scored([(Reading(5, None, None), 0.0)])
    assert (score.known, score.median_ms, score.close, score.covered) == (0.0, None, None, None)


def test_errors_under_drift_leave_out_nothing():
    made = [moment(k * NS_PER_S, 0.0, float(k), None if k == 3 else 10.0) for k in range(5)]
    np.testing.assert_array_equal(errors_ms(made, 2.0), [8.0, np.nan, 6.0])


def test_owners_are_counted_while_somebody_speaks():
    run = [Turn(False, None), Turn(True, None), Turn(True, True), Turn(True, False), Turn(True, None), Turn(True, True)]
    score = judged([run])
    assert (score.right, score.wrong, score.nobody) == (0.4, 0.2, 0.4)
    assert score.swaps_per_min == pytest.approx(2 / (6 * 0.2 / 60))
    assert score.first_s == pytest.approx(1.4)


def test_the_speaker_is_known_by_the_side(stream, ticks):
    left = Pair("a", "b", on_left=True, still=False)
    right = Pair("a", "b", on_left=False, still=False)
    assert left.is_speaker(face(20))
    assert right.is_speaker(face(HALF_PX + 20))
    found = turns(stream, ticks, left.is_speaker)
    assert all(turn.speaking for turn in found)
    assert not any(turn.owner is False for turn in found)


@pytest.mark.parametrize("spoiled", [Spoiled(dropped=0.3), Spoiled(jitter_ms=15.0)])
def test_spoiled_frames_keep_their_order(spoiled):
    image = np.zeros((4, 4, 3), np.uint8)
    frames = [Frame(k * 40 * NS_PER_MS, 0, k, image) for k in range(400)]
    found = list(spoiled.frames(frames, seed=1))
    stamps = np.array([frame.t_ns for frame in found])
    assert (np.diff(stamps) > 0).all()
    assert len(found) / 400 == pytest.approx(1.0 - spoiled.dropped, abs=0.06)
    off_ms = (stamps - np.array([frame.seq for frame in found]) * 40 * NS_PER_MS) / NS_PER_MS
    assert off_ms.std() == pytest.approx(spoiled.jitter_ms, rel=0.15)


def test_lost_chunks_leave_holes_and_noise_is_heard():
    wave = (0.1 * np.random.default_rng(2).standard_normal(3 * 16_000)).astype(np.float32)
    wave[16_000:] = 0.0
    clean, lost = heard(wave, CLEAN), heard(wave, Condition("lost", lost=0.3))
    gaps = [np.diff(np.unique(np.concatenate([run.t_ns for run in runs]))).max() for runs in (clean, lost)]
    assert gaps[0] < 15 * NS_PER_MS < 90 * NS_PER_MS < gaps[1]
    noisy = heard(wave, Condition("noise", snr_db=10))
    assert noisy[-1].level_db[-1] > clean[-1].level_db[-1] + 30


def test_dtw_is_switched_off_and_on_again():
    real = dtw.warp
    with without_dtw():
        assert dtw.warp(None, None) == "switched off"
    assert dtw.warp is real


def test_calls_of_dtw_are_timed_where_the_aligner_makes_them(stream):
    with timed_dtw() as calls:
        made = list(Walk(stream).ticks(lambda tick: tick.end_ns >= 3 * NS_PER_S))
    assert len(calls) == len(made)


def test_a_gain_comes_with_an_interval_that_may_hold_zero():
    assert interval(np.array([0.5, 0.5, 0.5])) == "+0.50 (+0.50 … +0.50)"
    low = interval(np.array([1.0, -1.0] * 10)).split("(")[1]
    assert low.startswith("-")


def test_a_table_is_written_between_its_marks_alone(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- lag -->\nold\n<!-- /lag -->\nafter\n", encoding="utf-8")
    table = Table("lag", "Lag", ("what", "ms"), "A note.")
    table.add("one", 12.34)
    table.add("two", None)
    write(page, [table])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- lag -->\n**Lag** A note.\n\n| what | ms |\n")
    assert text.endswith("| one | 12 |\n| two | – |\n<!-- /lag -->\nafter\n")
    table.key = "drift"
    with pytest.raises(UsageError, match="has no <!-- drift -->"):
        write(page, [table])


def test_without_an_archive_there_is_one_sentence(tmp_path):
    environ = {**os.environ, "EDGE_EMOTION_DATA": str(tmp_path)}
    words = [sys.executable, "-m", "tests.sync_bench", "--quick"]
    done = subprocess.run(words, env=environ, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert done.returncode == 1
    assert done.stderr.strip().count("\n") == 0
    assert "--av" in done.stderr
    assert not done.stdout
