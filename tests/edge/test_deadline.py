"""Every tick is answered, whatever is late: the real pipeline with stages that are held up."""

import pytest

from tests.clips import tone, write_clip
from tests.edge.rig import Rig, has_face, missed, normal

pytestmark = pytest.mark.timeout(180)


def assert_every_tick_once(rig):
    assert rig.seqs == list(range(rig.seqs[0], rig.seqs[0] + len(rig.seqs)))
    assert rig.pipeline.answers.told == len(rig.results)


def test_a_slow_judge_is_overtaken_and_the_next_tick_is_normal_again(rig):
    rig.judging.shut()
    held = [result for result in rig.until(missed, times=2) if missed(result)]
    rig.judging.open()
    rig.until(normal, times=3)
    assert all(face.verdict.uncertain for result in held for face in result.faces)
    assert has_face(held[0]), "the face keeps its last verdict"
    assert held[0].window.sync.interpolated_video < 1.0, "in the window of this very tick"
    assert rig.pipeline.flight.overtaken >= 1
    assert rig.pipeline.answers.deadline_misses >= 2
    assert_every_tick_once(rig)


def test_verdicts_are_held_for_a_second_and_then_left_out(rig):
    rig.judging.shut()
    seen = [result for result in rig.until(missed, times=8) if missed(result)]
    last_judged_ns = max(result.window.end_ns for result in rig.results if not missed(result))
    for result in seen:
        old = result.window.end_ns - last_judged_ns > 1_000_000_000
        assert has_face(result) != old
        assert not (old and result.voice.present)


def test_a_busy_aligner_does_not_stop_the_answers(rig):
    with rig.pipeline._aligning:
        held = rig.until(missed, times=2)
    rig.until(normal, times=3)
    assert has_face(held[-1]), "the last window's faces stand in"
    assert_every_tick_once(rig)


def test_faces_that_take_too_long_leave_a_window_of_what_is_there(rig):
    rig.looking.shut()
    gone = rig.until(lambda result: result.window.sync.interpolated_video > 0.5)
    rig.looking.open()
    rig.until(normal, times=3)
    filled_in = [result.window.sync.interpolated_video for result in gone]
    assert filled_in == sorted(filled_in), "less and less of the picture"
    assert any(0 < share <= 0.5 and has_face(one) for one, share in zip(gone, filled_in, strict=True))
    assert not has_face(gone[-1]), "beyond a half nothing is invented"
    assert gone[-1].window.sound_mask.any()
    assert_every_tick_once(rig)


def test_a_judge_that_fails_is_like_one_that_is_late(rig):
    judge, rig.judging._call = rig.judging._call, None
    held = rig.until(missed, times=2)
    rig.judging._call = judge
    rig.until(normal, times=2)
    assert has_face(held[-1])
    assert_every_tick_once(rig)


def test_nothing_is_told_behind_the_privacy_switch(rig):
    rig.pipeline.enable(False)
    told = len(rig.results)
    rig.wait_for(lambda: not rig.pipeline._needs(rig.clock.now_ns()))
    assert {rig.state("video")[0], rig.state("audio")[0]} == {"disabled"}
    assert len(rig.results) - told <= 1, "one may have been on its way"
    rig.judging.shut()
    rig.pipeline.enable(True)
    assert not has_face(rig.until(missed)[-1]), "and nothing from before it is held"
    rig.judging.open()
    rig.until(normal, times=2)
    assert rig.seqs == sorted(set(rig.seqs))


def test_a_run_of_a_file_ends_behind_its_last_window(tmp_path, student):
    clip = write_clip(tmp_path / "short.mp4", seconds=1.5, sound=tone(1.5, 48_000))
    with Rig(clip, student, loop=False, live=False) as rig:
        rig.wait_for(rig.pipeline.finished)
        ends_ns = [feed.end_ns for feed in rig.pipeline.feeds]
        last_ns = max(result.window.end_ns for result in rig.results)
        assert last_ns + 200_000_000 > max(ends_ns)
        rig.wait_for(lambda: not rig.pipeline._needs(last_ns))
        assert_every_tick_once(rig)
