"""Less work at a slower pace: the real pipeline on the demo clip, eased by hand."""

import itertools

import pytest

from edge.ticker import TICK_NS
from tests.edge.rig import has_face, normal

pytestmark = pytest.mark.timeout(180)


def pictures_looked_at(rig, ticks):
    """Pictures that were looked at, and all that came, during so many ticks."""
    before = rig.pipeline.frames.received, rig.pipeline.frames_skipped
    rig.ticks(ticks)
    received, skipped = rig.pipeline.frames.received - before[0], rig.pipeline.frames_skipped - before[1]
    return received - skipped, received


def test_half_of_the_pictures_make_whole_windows(rig):
    rig.pipeline.ease(1)
    rig.ticks(6)
    looked_at, came = pictures_looked_at(rig, 8)
    assert looked_at < 0.65 * came
    seen = rig.until(normal, times=3)
    assert all(has_face(one) for one in seen), "and nothing counts as filled in for it"
    assert any(one.window.faces[0].mask.all() for one in seen)
    assert rig.seqs == list(range(rig.seqs[0], rig.seqs[0] + len(rig.seqs)))
    assert len({one.faces[0].window.face.track for one in rig.results if has_face(one)}) == 1
    rig.pipeline.ease(0)
    rig.ticks(2)
    looked_at, came = pictures_looked_at(rig, 6)
    assert looked_at > 0.7 * came


def test_half_of_the_ticks_are_numbered_on_by_one(rig):
    rig.pipeline.ease(2)
    rig.ticks(2)
    slow = rig.ticks(4)
    rig.pipeline.ease(0)
    rig.ticks(2)
    fast = rig.ticks(4)
    for results, period_ns in ((slow, 2 * TICK_NS), (fast, TICK_NS)):
        ends_ns = [one.window.end_ns for one in results]
        steps = [(after - before) // period_ns for before, after in itertools.pairwise(ends_ns)]
        assert steps == [1] * len(steps)
    assert rig.seqs == list(range(rig.seqs[0], rig.seqs[0] + len(rig.seqs)))
    assert rig.pipeline.ticker.missed == 0
    assert rig.pipeline.ticks.due == len(rig.results)


def test_after_a_sleep_faces_are_new_and_verdicts_from_before_are_not_held(rig):
    before = {face.window.face.track for one in rig.results for face in one.faces}
    rig.pipeline.afresh()
    seen = rig.until(lambda one: any(track > max(before) for track in tracks(one)), times=4)
    first = next(place for place, one in enumerate(seen) if set(tracks(one)) - before)
    assert not before & {track for one in seen[first:] for track in tracks(one)}


def tracks(result):
    return [face.window.face.track for face in result.faces]
