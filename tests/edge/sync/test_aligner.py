import numpy as np
import pytest

from edge.samples import VIDEO_SLOTS, WINDOW_FRAMES
from edge.sync.aligner import Aligner
from edge.sync.dtw import Warp
from edge.sync.grids import grids
from edge.sync.sound_window import sound_window, warped
from tests.edge.sync.streams import MS, feed_sound, feed_video, sound_run

S = 1_000 * MS
T = 5 * S


def filled(**skips):
    aligner = Aligner()
    feed_video(aligner, 0, T + 1, skip=skips.get("video", ()))
    feed_sound(aligner, 0, T + 1, skip=skips.get("sound", ()))
    return aligner


def test_a_window_holds_one_second_of_both_streams_at_their_own_times():
    window = filled().window(7, T, T + 40 * MS)
    assert (window.start_ns, window.end_ns, window.tick) == (4 * S, T, 7)
    assert window.sound.shape == (WINDOW_FRAMES, 120)
    assert window.sound_mask.all()
    times = window.sound[:, 0]
    assert times[-1] == pytest.approx(4.985, abs=1e-3), "the last frame's 30 ms ended at T"
    assert np.diff(times) == pytest.approx(np.full(99, 0.01), abs=2e-3)
    (one,) = window.faces
    assert one.embeddings.shape == (VIDEO_SLOTS, 2)
    assert one.embeddings[:, 1] == pytest.approx(4.0 + (np.arange(15) + 0.5) / 15, abs=0.07)
    assert one.mask.all()
    assert window.sync.interpolated_video == window.sync.interpolated_audio == 0.0
    assert window.sync.waited_ms == pytest.approx(40)
    assert not window.sync.deadline_missed


def test_embeddings_between_two_encodings_lie_on_the_line_between_them():
    window = filled().window(0, T, T)
    times = window.faces[0].embeddings[:, 1]
    assert times[:-1] == pytest.approx((4.0 + (np.arange(15) + 0.5) / 15)[:-1], abs=2e-3)


def test_a_short_gap_in_the_sound_is_filled_in_and_marked():
    window = filled(sound=[(T - 400 * MS, T - 250 * MS)]).window(0, T, T)
    assert window.sync.interpolated_audio == pytest.approx(0.14, abs=0.03)
    assert window.sound_mask.all()
    assert window.sound[:, 0] == pytest.approx(4.0 - 0.005 + np.arange(100) * 0.01, abs=3e-3)


def test_a_stream_that_is_mostly_missing_is_masked_not_invented():
    window = filled(sound=[(T - 700 * MS, T + S)]).window(0, T, T)
    assert window.sync.interpolated_audio > 0.5
    assert not window.sound_mask.any()
    assert window.faces[0].mask.all()
    window = filled(video=[(T - 400 * MS, T + S)]).window(0, T, T)
    assert window.sync.interpolated_video == pytest.approx(0.35, abs=0.08)
    assert window.faces[0].mask.all()
    window = filled(video=[(T - 800 * MS, T + S)]).window(0, T, T)
    assert window.sync.interpolated_video > 0.5
    assert window.faces == ()


@pytest.mark.parametrize("gap_ms", [100, 200, 400])
def test_a_slow_camera_is_not_late_but_one_that_slows_down_is(gap_ms):
    aligner = Aligner()
    feed_video(aligner, 0, T + 1, gap_ns=gap_ms * MS)
    window = aligner.window(0, T, T)
    assert window.sync.interpolated_video == 0.0
    assert window.faces[0].mask.all()
    aligner = Aligner()
    feed_video(aligner, 0, T - 700 * MS)
    feed_video(aligner, T - 700 * MS, T + 1, gap_ns=3 * gap_ms * MS)
    assert aligner.window(0, T, T).sync.interpolated_video > 0.1


def test_along_a_path_the_sound_before_the_window_is_met_and_the_last_frame_held():
    aligner = filled()
    at = grids(T, 0.0)
    straight = sound_window(aligner.sound, at)
    frames = np.arange(WINDOW_FRAMES)
    earlier = warped(aligner.sound, at, Warp(frames - 12.0, 0.5, -120.0), straight)
    assert earlier.values[:, 0] == pytest.approx(straight.values[:, 0] - 0.12, abs=1e-3)
    later = warped(aligner.sound, at, Warp(frames + 12.5, 0.5, 125.0), straight)
    assert later.values[:-12, 0] == pytest.approx(straight.values[:-12, 0] + 0.125, abs=6e-3)
    assert later.values[-12:, 0] == pytest.approx(np.full(12, straight.values[-1, 0]), abs=1e-3)
    assert later.mask.all()


def test_a_face_that_just_came_in_is_judged_by_what_there_is():
    aligner = Aligner()
    feed_video(aligner, 0, T - 300 * MS)
    feed_video(aligner, T - 290 * MS, T, tracks=(1, 2))
    feed_sound(aligner, 0, T)
    window = aligner.window(0, T, T)
    masks = {item.face.track: item.mask for item in window.faces}
    assert masks[1].all()
    assert masks[2].tolist() == [False] * 10 + [True] * 5
    assert window.sync.interpolated_video == 0.0


def test_a_face_that_left_is_not_judged_any_more():
    aligner = Aligner()
    feed_video(aligner, 0, T - 600 * MS, tracks=(1, 2))
    feed_video(aligner, T - 590 * MS, T, tracks=(1,))
    window = aligner.window(0, T, T)
    assert [item.face.track for item in window.faces] == [1]


@pytest.mark.parametrize("lag_ms", [-120.0, 80.0])
def test_a_lag_moves_the_earlier_stream_back_and_needs_no_future(lag_ms):
    at = grids(T, lag_ms)
    assert at.sound_ns[-1] + 15 * MS <= T
    assert at.video_ns[-1] <= T
    shift_ms = ((at.sound_ns[-1] + 15 * MS) - (at.video_ns[-1] + 1000 * MS / 30)) / MS
    assert shift_ms == pytest.approx(lag_ms, abs=0.1)


def test_a_lag_set_by_hand_is_applied():
    aligner = Aligner(audio_offset_ms=100.0)
    feed_video(aligner, 0, T + 1)
    feed_sound(aligner, 0, T + 1)
    window = aligner.window(0, T, T)
    assert window.sync.method == "offset"
    assert window.sync.audio_lag_ms == 100.0
    assert window.faces[0].embeddings[-1, 1] == pytest.approx(5.0 - 0.1 - 1 / 30, abs=0.04)


def test_nothing_at_all_gives_an_empty_window():
    window = Aligner().window(0, T, T + 300 * MS)
    assert window.faces == ()
    assert not window.sound_mask.any()
    assert window.newest_ns is None
    assert window.sync.deadline_missed


def test_a_device_that_is_opened_again_brings_nothing_of_before():
    aligner = filled()
    aligner.reset_video()
    window = aligner.window(0, T, T)
    assert window.faces == ()
    assert window.sound_mask.all()
    aligner = filled()
    aligner.reset_sound()
    window = aligner.window(0, T, T)
    assert [face.face.track for face in window.faces] == [1]
    assert not window.sound_mask.any()
    assert not window.faces[0].speaking


def test_frames_sent_again_replace_their_provisional_selves():
    aligner = Aligner()
    stamps = np.arange(15 * MS, T, 10 * MS)
    first = np.zeros((len(stamps), 120), np.float32)
    aligner.add_sound(sound_run(stamps, features=first))
    again = np.full((5, 120), 7, np.float32)
    aligner.add_sound(sound_run([*stamps[-4:].tolist(), int(stamps[-1]) + 10 * MS], features=again))
    run = aligner.sound.between(0, T + S)
    assert len(run.t_ns) == len(stamps) + 1
    assert (np.diff(run.t_ns) > 0).all()
    assert run.features[-5:, 0].tolist() == [7] * 5
    assert run.features[-6, 0] == 0
