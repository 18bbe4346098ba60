"""Another device in the place of the one that is open."""

from __future__ import annotations

from edge.clock import MonotonicClock
from edge.config import Settings
from edge.device_change import device_parts
from edge.feeds import Feeds
from edge.health import StreamHealth
from tests.edge.feed_rig import FeedRig
from tests.fakes import ScriptedSource


def test_the_old_one_is_closed_before_the_new_one_is_opened():
    old, new = ScriptedSource(["a", "b"]), ScriptedSource(["c"])
    new.name = "new"
    rig = FeedRig(old)
    rig.step()
    rig.feed.replace(new, None, None)
    rig.step()
    assert (old.is_open, new.is_open) == (False, True)
    assert rig.buffer.swap(0) == ["a", "c"]
    assert len(rig.openings) == 2, "what is known of the old one is forgotten"
    assert rig.health.reconnects_last_hour(rig.clock.now_ns()) == 0
    assert [state for state, _ in rig.told] == ["online", "online"]
    assert rig.feed.source is new


def test_it_does_not_wait_out_the_old_ones_back_off():
    rig = FeedRig(ScriptedSource([], openings=["away"] * 20))
    for _ in range(12):
        rig.wait(30)
        rig.step()
    new = ScriptedSource(["c"])
    rig.feed.replace(new, None, None)
    rig.wait(0.1)
    rig.step()
    assert new.is_open
    assert rig.told[-1][0] == "online"


def test_of_two_wishes_the_last_one_comes_true():
    never, new = ScriptedSource(["b"]), ScriptedSource(["c"])
    rig = FeedRig(ScriptedSource(["a"]))
    rig.feed.replace(never, None, None)
    rig.feed.replace(new, None, None)
    rig.step()
    assert (never.opened, new.opened) == (0, 1)


def test_switched_off_it_stays_closed():
    new = ScriptedSource(["c"])
    rig = FeedRig(ScriptedSource(["a"]))
    rig.step()
    rig.feed.want(False)
    rig.feed.replace(new, None, None)
    rig.step(3)
    assert not new.opened
    rig.feed.want(True)
    rig.step()
    assert new.is_open


class Run:
    """Both feeds of a run that began with these sources."""

    def __init__(self, **began):
        self.settings = Settings.model_validate(began)
        self.feeds = Feeds(MonotonicClock())
        self._health = StreamHealth("video", 30.0, lambda *_: None)
        if began["camera"] != "none":
            live = not began["camera"].endswith(".mp4")
            self.feeds.see(ScriptedSource([], live=live), self._health, lambda: None)
        self.see, self.hear = device_parts(self.settings, self.feeds)

    def wish(self, **now):
        return self.settings.model_copy(update=now)


def test_only_live_devices_take_each_others_places():
    run = Run(camera="0", mic="none")
    assert run.see.can(run.wish(camera="1"))
    assert run.see.can(run.wish(camera="rtsp://garden/1"))
    assert not run.see.can(run.wish(camera="none"))
    assert not run.see.can(run.wish(camera="clip.mp4"))
    assert not run.hear.can(run.wish(mic="default")), "nobody listens: there is no thread for it"
    assert not Run(camera="clip.mp4", mic="none").see.can(run.wish(camera="0"))


def test_a_camera_keeps_its_size_when_another_one_takes_its_place():
    run = Run(camera="0", mic="none", video={"width": 320, "height": 240})
    run.see.apply(run.wish(camera="http://127.0.0.1:9/none"))
    run.feeds.video.step()
    assert run.feeds.video.source.name == "http://127.0.0.1:9/none"
    run.feeds.video.close()
