import pytest

from edge.capture.source import EndOfStream
from edge.errors import DeviceError
from edge.feed import REOPEN_AFTER_S, SILENT_AFTER_S
from tests.edge.feed_rig import NS, FeedRig
from tests.fakes import ScriptedSource


def test_samples_reach_the_buffer_and_the_status_says_online():
    rig = FeedRig(ScriptedSource(["a", "b"]))
    rig.step(2)
    assert rig.buffer.swap() == ["a", "b"]
    assert rig.told == [("online", None)]
    assert len(rig.openings) == 1


def test_a_lost_device_is_opened_again_and_counted():
    source = ScriptedSource(["a", DeviceError("the camera went away"), "b"], openings=[None, "still away", None])
    rig = FeedRig(source)
    rig.step(2)
    for wait_s in (0.5, 1.0):
        rig.step()
        assert not source.is_open, "not before the wait is over"
        rig.wait(wait_s)
        rig.step()
    assert rig.buffer.swap() == ["a", "b"]
    assert [state for state, _ in rig.told] == ["online", "offline", "offline", "online"]
    assert rig.told[1][1] == "the camera went away"
    assert rig.told[2][1] == "still away"
    assert source.opened == 3
    assert source.closed == 1
    assert rig.health.reconnects_last_hour(rig.clock.now_ns()) == 1


def test_a_device_that_says_nothing_is_degraded_and_then_opened_again():
    source = ScriptedSource(["a"])
    rig = FeedRig(source)
    rig.step()
    rig.clock.advance(int((SILENT_AFTER_S + 0.1) * NS))
    rig.step()
    assert rig.told[-1][0] == "degraded"
    for _ in range(5):
        rig.clock.advance(int(REOPEN_AFTER_S / 5 * NS))
        rig.step()
    assert rig.told[-1][0] == "offline"
    rig.wait(0.5)
    rig.step()
    assert source.opened == 2


def test_the_end_of_a_file_ends_the_feed():
    rig = FeedRig(ScriptedSource(["a", EndOfStream("end")], live=False))
    rig.step(3)
    assert rig.feed.ended.is_set()
    assert rig.buffer.swap() == ["a"]
    assert rig.told[-1][0] == "offline"


def test_a_file_that_cannot_be_opened_is_not_tried_for_ever():
    source = ScriptedSource([], live=False, openings=["clip.mp4 has no sound"] * 5)
    rig = FeedRig(source)
    rig.step(3)
    assert source.opened == 1
    assert rig.feed.ended.is_set()


def test_switching_off_releases_the_device_and_on_takes_it_back():
    source = ScriptedSource(["a", "b"])
    rig = FeedRig(source)
    rig.step()
    rig.feed.want(False)
    rig.step()
    assert not source.is_open
    assert rig.told[-1][0] == "disabled"
    rig.step(3)
    assert source.opened == 1
    rig.feed.want(True)
    rig.step()
    assert source.is_open
    assert rig.told[-1][0] == "online"


def test_it_is_opened_anew_when_the_machine_has_slept():
    source = ScriptedSource(list("abcd"))
    rig = FeedRig(source)
    rig.step(2)
    rig.feed.renew()
    rig.step(2)
    assert (source.opened, source.closed) == (2, 1)
    assert len(rig.openings) == 2
    assert [state for state, _ in rig.told] == ["online"]
    assert rig.health.reconnects_last_hour(rig.clock.now_ns()) == 0


LOST = DeviceError("it has been lost")


@pytest.mark.parametrize("slept", [False, True])
@pytest.mark.parametrize(
    ("then", "openings"), [(["b", "c"], 1), ([None, "c"], 1), ([LOST, "c"], 2), (["b", LOST, "c"], 2)]
)
def test_a_device_is_not_to_blame_for_the_time_in_which_we_stood_still(then, openings, slept):
    source = ScriptedSource(["a", *then])
    rig = FeedRig(source)
    rig.step()
    if slept:
        rig.clock.asleep_ns += 3600 * NS
    else:
        rig.wait(10)
    rig.step()
    assert rig.buffer.swap() == ["a"], "what came is old"
    rig.step(len(then) - 1)
    assert rig.buffer.swap() == ["c"]
    assert [state for state, _ in rig.told] == ["online"]
    assert source.opened == openings, "whoever notices the stop has it opened anew"
    assert rig.health.reconnects_last_hour(rig.clock.now_ns()) == rig.health.stalls_last_hour(rig.clock.now_ns()) == 0


def test_a_device_that_takes_long_to_be_given_up_is_lost_all_the_same():
    source = ScriptedSource(["a", LOST, "b"])
    rig = FeedRig(source)
    rig.step()
    close = source.close
    source.close = lambda: (rig.wait(3), close())
    rig.step()
    assert rig.told[1:] == [("offline", str(LOST))]
    assert rig.health.reconnects_last_hour(rig.clock.now_ns()) == 1


def test_a_slow_camera_is_not_silent_between_its_pictures():
    source = ScriptedSource([])
    rig = FeedRig(source)
    for _ in range(8):
        source._script.append("a")
        rig.step()
        for _ in range(4):
            rig.wait(0.3)
            rig.step()
    assert [state for state, _ in rig.told][-1] == "online"
    rig.wait(1.0)
    rig.step()
    assert rig.told[-1][0] == "degraded", "lost, all the same, within two seconds"


def test_it_tells_whether_samples_can_be_waited_for():
    rig = FeedRig(ScriptedSource(["a"]))
    assert not rig.feed.delivering
    rig.step()
    assert rig.feed.delivering
    rig.clock.advance(int((SILENT_AFTER_S + 0.1) * NS))
    assert not rig.feed.delivering, "silent"
    rig = FeedRig(ScriptedSource(["a", EndOfStream("end")], live=False))
    rig.step(2)
    assert not rig.feed.delivering, "at its end"
    rig = FeedRig(ScriptedSource(["a", "b"]))
    rig.step()
    rig.feed.want(False)
    rig.step()
    assert not rig.feed.delivering, "switched off"
    rig = FeedRig(ScriptedSource(["a", DeviceError("away")], openings=[None, "away"]))
    rig.step(3)
    assert not rig.feed.delivering, "in back-off"
