"""Streams that stop, jump, crawl or never come: the real pipeline with sources that are tampered with."""

from dataclasses import replace

import pytest

from edge.errors import DeviceError
from tests.edge.rig import Rig, has_face, missed, normal

MS = 1_000_000
HOUR = 3_600_000 * MS

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def rig(demo_clip_path, student):
    with Rig(demo_clip_path, student) as rig:
        rig.until(full)
        yield rig


def full(result):
    """A whole second of both streams."""
    return normal(result) and bool(result.faces[0].window.mask.all()) and bool(result.window.sound_mask.all())


def losing(rig, begin_ns, length_ns):
    """Loses what was captured in that stretch."""
    return lambda item: None if begin_ns <= item.t_ns < begin_ns + length_ns else item


def shifted(by_ns):
    return lambda item: replace(item, t_ns=item.t_ns + by_ns)


def shares(results, stream):
    return [getattr(result.window.sync, f"interpolated_{stream}") for result in results]


def whole_windows(results, begin_ns, length_ns):
    """Those in time that have the gap and both its edges in them."""
    in_time = [one for one in results if not missed(one)]
    return [one for one in in_time if one.window.start_ns < begin_ns and one.window.end_ns > begin_ns + length_ns]


@pytest.mark.parametrize("stream", ["video", "audio"])
def test_a_gap_of_300_ms_is_filled_in_and_marked(rig, stream):
    begin_ns, length_ns = rig.clock.now_ns() + 200 * MS, 300 * MS
    getattr(rig, stream).change = losing(rig, begin_ns, length_ns)
    seen = rig.until(lambda one: one.window.start_ns > begin_ns + length_ns + 100 * MS and normal(one))
    inside = whole_windows(seen, begin_ns, length_ns)
    assert inside
    for one in inside:
        assert 0.05 < shares([one], stream)[0] <= 0.5
        assert has_face(one)
        assert one.faces[0].window.mask.all()
        assert one.window.sound_mask.all()
    other = "audio" if stream == "video" else "video"
    assert max(shares(inside, other)) < 0.2


@pytest.mark.parametrize("stream", ["video", "audio"])
def test_a_gap_of_700_ms_is_masked_and_heals(rig, stream):
    begin_ns, length_ns = rig.clock.now_ns() + 200 * MS, 700 * MS
    getattr(rig, stream).change = losing(rig, begin_ns, length_ns)
    seen = rig.until(lambda one: one.window.start_ns > begin_ns + length_ns + 100 * MS and normal(one))
    inside = whole_windows(seen, begin_ns, length_ns)
    assert inside
    for one in inside:
        assert shares([one], stream)[0] > 0.5
        if stream == "video":
            assert not any(face.window.mask.any() for face in one.faces)
        else:
            assert not one.window.sound_mask.any()
            assert all(face.basis == "video" for face in one.faces)


def test_a_camera_whose_clock_jumps_an_hour_is_aligned_by_arrival_and_heals(rig):
    rig.video.change = shifted(HOUR)
    rig.wait_for(lambda: "aligned by arrival" in str(rig.state("video")[1]))
    assert rig.state("video")[0] == "degraded"
    rig.until(normal, times=2)
    rig.video.change = lambda item: item
    rig.wait_for(lambda: rig.state("video") == ("online", None))
    rig.until(normal, times=2)
    assert rig.state("audio") == ("online", None)


def test_sound_and_picture_that_never_overlapped_do_by_arrival(demo_clip_path, student):
    rig = Rig(demo_clip_path, student)
    rig.video.change, rig.audio.change = shifted(-HOUR), shifted(HOUR)
    with rig:
        seen = rig.until(normal, times=2)
        rig.wait_for(lambda: rig.state("audio")[0] == rig.state("video")[0] == "degraded")
    assert all(not has_face(one) or one.window.sync.interpolated_video <= 0.5 for one in seen)


@pytest.mark.parametrize("stream", ["video", "audio"])
def test_stamps_that_keep_going_back_are_named_and_hurt_nobody(rig, stream):
    change = shifted(-90 * MS)
    getattr(rig, stream).change = lambda item: change(item) if item.seq % 4 == 0 else item
    rig.wait_for(lambda: rig.state(stream)[0] == "degraded")
    assert "go back" in rig.state(stream)[1]
    assert sum(map(has_face, rig.until(has_face, times=4))) == 4


def test_a_camera_of_five_pictures_a_second_is_named_and_used(rig):
    rig.video.change = lambda item: item if item.seq % 6 == 0 else None
    rig.wait_for(lambda: rig.state("video")[0] == "degraded")
    assert "few pictures" in rig.state("video")[1]
    seen = [one for one in rig.ticks(8) if not missed(one)]
    assert max(shares(seen, "video")) <= 0.5
    assert all(has_face(one) for one in seen)


def test_a_camera_in_back_off_is_not_waited_for(rig):
    def lost(_item):
        raise DeviceError("the camera went away")

    rig.video.change = lost
    rig.wait_for(lambda: rig.state("video")[0] == "offline" and rig.pipeline.frames.drained)
    assert [need.stream for need in rig.pipeline._needs(rig.clock.now_ns())] == ["audio"]
    gone = rig.until(lambda one: not has_face(one) and one.window.sync.interpolated_video == 1.0, times=2)
    assert gone[-1].window.sound_mask.all()


@pytest.mark.parametrize("stream", ["video", "audio"])
def test_one_stream_alone_is_enough(demo_clip_path, student, stream):
    with Rig(demo_clip_path, student, video=stream == "video", audio=stream == "audio") as rig:
        seen = rig.until(lambda one: has_face(one) if stream == "video" else one.window.sound_mask.all(), times=3)
    other = "audio" if stream == "video" else "video"
    assert {share for one, share in zip(seen, shares(seen, other), strict=True) if not missed(one)} == {0.0}
