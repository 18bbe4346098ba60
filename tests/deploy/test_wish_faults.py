"""Wishes are judged by the rules of the settings, by a machine that has none of the project's packages yet."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from deploy.wish_faults import check_wishes
from deploy.wishes import Wishes
from edge.config import Settings
from edge.errors import UsageError

CANNOT_BE = [
    *(("device_id", value) for value in ("", "a/b", 'a/b#"x', "Kü che", "a+", "a" * 65, "a\n")),
    *(("camera", value) for value in ("", "-1", "csi:", "csi:left", "ftp://host/x", "rtsp://", "rtsp://[::1/x")),
    *(("mic", value) for value in ("", " ", "-1", "http://host/x")),
    *(("broker", value) for value in ("", "host", "host:1883", "http://host", "mqtt://", "mqtt://host:0")),
    *(
        ("broker", value)
        for value in ("mqtt://host:99999", "mqtt://h#x", "unix://", "mqtt://me:secret@host", "mqtt:// h")
    ),
]
CAN_BE = [
    *(("device_id", value) for value in ("desk", "hall-2.front_door", "A" * 64, "-")),
    *(("camera", value) for value in ("0", "/dev/video0", "CSI:1", "rtsp://me:secret@host/x", "none", "USB Camera")),
    *(("mic", value) for value in ("default", "0", "USB Audio", "none", "take.wav")),
    *(("broker", value) for value in ("none", "embedded", "mqtt://localhost:1883", "mqtts://me@host", "wss://h/mqtt")),
    *(("broker", value) for value in ("unix:///run/mosquitto.sock", "mqtt://[::1]:1883", "MQTT://Host")),
]


@pytest.mark.parametrize(("key", "value"), CANNOT_BE)
def test_what_cannot_be_is_told_by_the_name_of_its_option(key, value):
    with pytest.raises(ValidationError):
        Settings(**{key: value})
    with pytest.raises(UsageError) as told:
        check_wishes(Wishes(**{key: value}))
    assert str(told.value).startswith(f"--{key.replace('_', '-')} ")
    assert "\n" not in str(told.value)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(("key", "value"), CAN_BE)
def test_what_the_settings_take_is_not_refused(key, value):
    Settings(**{key: value})
    check_wishes(Wishes(**{key: value}))
