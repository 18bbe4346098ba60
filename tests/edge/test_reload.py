from __future__ import annotations

import pytest

from edge.config import Settings
from edge.errors import ConfigError
from edge.reload import Part, Reload, changed_keys


class Rig:
    """A run with two parts that can be reloaded; `now` is what the config says."""

    def __init__(self, **given):
        self.now = Settings.model_validate(given)
        self.applied = []
        self.fault = None
        self.possible = True
        self.refused = False
        network = Part(
            frozenset({"broker", "mqtt"}),
            self.connect,
            can=lambda _settings: self.possible,
            due=lambda: self.refused,
        )
        load = Part(frozenset({"load"}), lambda settings: self.applied.append(settings.load.hot_c))
        self.reload = Reload(self.now, self.read, [network, load])

    def read(self):
        if isinstance(self.now, Exception):
            raise self.now
        return self.now

    def connect(self, settings):
        if self.fault:
            raise self.fault
        self.applied.append(settings.broker)

    def becomes(self, **given):
        self.now = Settings.model_validate(given)
        self.reload.run()


@pytest.fixture
def said(caplog):
    caplog.set_level("INFO")
    return lambda: [(record.levelname, record.message) for record in caplog.records]


def test_only_what_has_changed_is_applied(said):
    rig = Rig()
    rig.becomes(load={"hot_c": 70})
    rig.becomes(load={"hot_c": 70})
    rig.becomes(load={"hot_c": 70}, broker="none")
    assert rig.applied == [70, "none"]
    assert said() == [
        ("INFO", "reloaded: load.hot_c"),
        ("INFO", "reloaded: the settings are the same"),
        ("INFO", "reloaded: broker"),
    ]


def test_what_needs_a_restart_is_said_until_it_is_taken_back(said):
    rig = Rig(camera="0")
    rig.becomes(camera="1", video={"fps": 15}, json=True)
    rig.becomes(camera="1", load={"adapt": False})
    assert rig.reload.waiting == ("camera",)
    rig.becomes(camera="0", load={"adapt": False})
    assert rig.reload.waiting == ()
    words = [message for level, message in said() if level == "WARNING"]
    restart = ": systemctl restart edge-emotion"
    assert words == [
        f"only a restart applies the new camera, json, video.fps{restart}",
        f"only a restart applies the new camera{restart}",
    ]


def test_what_a_part_cannot_apply_needs_a_restart():
    rig = Rig(broker="none")
    rig.possible = False
    rig.becomes(broker="embedded", load={"hot_c": 60})
    assert rig.applied == [60]
    assert rig.reload.waiting == ("broker",)


def test_a_part_that_fails_stays_as_it_was_and_is_tried_again(said):
    rig = Rig(broker="none")
    rig.fault = ConfigError("The certificates cannot be used.")
    rig.becomes(broker="mqtts://desk", load={"hot_c": 60})
    assert rig.applied == [60]
    assert rig.reload.waiting == ()
    assert said()[0] == ("ERROR", "broker: as before, because of this: The certificates cannot be used.")
    rig.fault = None
    rig.reload.run()
    assert rig.applied == [60, "mqtts://desk"]


def test_settings_that_cannot_be_read_leave_all_as_it_was(said):
    rig = Rig()
    rig.now = ConfigError("/etc/edge-emotion/config.toml: mic is 7.5, but it must be text.")
    rig.reload.run()
    assert rig.applied == []
    assert said() == [("ERROR", f"the settings stay as they were: {rig.now}")]


def test_a_part_may_be_due_although_nothing_has_changed():
    rig = Rig(broker="mqtt://desk")
    rig.refused = True
    rig.reload.run()
    assert rig.applied == ["mqtt://desk"]


def test_keys_are_told_as_they_are_written():
    new = Settings.model_validate({"json": True, "mqtt": {"username": "mia"}, "sync": {"audio_offset_ms": 0.0}})
    assert changed_keys(Settings(), new) == ["json", "sync.audio_offset_ms", "mqtt.username"]
