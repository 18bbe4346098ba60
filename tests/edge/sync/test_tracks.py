import numpy as np

from edge.sync.sound_history import SoundHistory
from edge.sync.tracks import KEEP_S, RESTART_AFTER, FaceHistory
from tests.edge.sync.streams import FRAME_NS, MS, face, face_frame, sound_run

S = 1_000 * MS
HOUR = 3600 * S


def filled(seconds=3):
    history = FaceHistory()
    for t_ns in range(0, seconds * S, FRAME_NS):
        history.add(face_frame(t_ns, [face(1)]))
    return history


def stamps(history):
    return [frame.t_ns for frame in history.frames]


def test_one_frame_that_goes_back_or_repeats_costs_nothing_else():
    history = filled()
    before = stamps(history)
    for t_ns in (before[-1], before[-1] - 200 * MS, before[-1] - HOUR):
        history.add(face_frame(t_ns, [face(1)]))
        history.add(face_frame(before[-1] + FRAME_NS, [face(1)]))
        before.append(before[-1] + FRAME_NS)
    assert stamps(history) == before


def test_a_time_base_that_lies_back_is_taken_over_when_it_persists():
    history = filled()
    base = stamps(history)[-1] - 500 * MS
    new = [base + k * FRAME_NS for k in range(RESTART_AFTER)]
    for t_ns in new[:-1]:
        history.add(face_frame(t_ns, [face(1)]))
        assert history.frames[-1].t_ns > base + 400 * MS
    history.add(face_frame(new[-1], [face(1)]))
    assert stamps(history)[-RESTART_AFTER:] == new
    assert (np.diff(stamps(history)) > 0).all()
    assert stamps(history)[0] == 0, "what lies before it is kept"


def test_strays_that_do_not_follow_one_another_are_no_time_base():
    history = filled()
    before = stamps(history)
    for k in range(40):
        history.add(face_frame(before[-1] - k * 50 * MS - MS, [face(1)]))
    assert stamps(history) == before


def test_an_hour_ahead_and_back_is_survived():
    history = filled()
    last = stamps(history)[-1]
    history.add(face_frame(last + HOUR, [face(1)]))
    for k in range(30):
        history.add(face_frame(last + (k + 1) * FRAME_NS, [face(1)]))
    assert stamps(history) == [last + (k + 1) * FRAME_NS for k in range(30)]


def test_what_is_remembered_is_bounded():
    history, sound = FaceHistory(), SoundHistory()
    rng = np.random.default_rng(0)
    for k in range(2_000):
        t_ns = k * FRAME_NS + int(rng.choice([0, 0, 0, -S, S, HOUR, -HOUR]))
        history.add(face_frame(t_ns, [face(1)]))
        sound.add(sound_run([t_ns + j * 10 * MS for j in range(4)]))
    assert len(history.frames) <= (KEEP_S + 1) * S / FRAME_NS + RESTART_AFTER
    run = sound.between(-2 * HOUR, 2 * HOUR)
    assert run is not None
    assert (np.diff(run.t_ns) > 0).all()
    assert len(run.t_ns) <= (KEEP_S + 1) * 200


def test_the_sound_of_many_minutes_is_kept_as_far_back_as_promised():
    history = SoundHistory()
    stamps = np.arange(0, 90 * S, 10 * MS)
    for first in range(0, len(stamps), 7):
        # four frames come twice, as the provisional ones do
        part = stamps[max(0, first - 4) : first + 7]
        level_db = (part // (10 * MS)).astype(np.float32)
        history.add(sound_run(part, level_db=level_db))
        kept = history.between(-S, 100 * S)
        assert (np.diff(kept.t_ns) == 10 * MS).all()
        assert (kept.level_db == kept.t_ns // (10 * MS)).all()
        assert kept.t_ns[-1] == part[-1]
        assert len(kept.t_ns) == min(first + len(part) - min(4, first), round(KEEP_S * 100) + 1)
    assert len(history.between(80 * S, 81 * S).t_ns) == 100
