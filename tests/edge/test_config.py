from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from edge.capture.spec import parse_camera, parse_microphone
from edge.config import (
    Settings,
    as_toml,
    load_settings,
)
from edge.errors import ConfigError, UsageError
from edge.publish.mqtt.broker_url import parse_broker


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_defaults_are_the_contracts(write):
    settings = load_settings({}, write(""), {})
    assert (settings.camera, settings.mic, settings.broker) == ("0", "default", "mqtt://localhost:1883")
    assert (settings.loop, settings.overlay, settings.json_lines, settings.require_devices) == (False,) * 4
    assert (settings.video.width, settings.video.height, settings.video.fps) == (640, 480, 30)
    assert settings.duration is None
    assert settings.sync.audio_offset_ms is None


def test_each_source_wins_over_the_one_before(write):
    path = write('camera = "1"\nmic = "2"\nengine = "onnx"\n[video]\nfps = 15\n')
    environ = {"EDGE_EMOTION_MIC": "3", "EDGE_EMOTION_ENGINE": "auto"}
    settings = load_settings({"engine": "tensorrt"}, path, environ)
    assert (settings.camera, settings.mic, settings.engine, settings.video.fps) == ("1", "3", "tensorrt", 15)


def test_a_flag_that_was_not_given_changes_nothing(write):
    assert load_settings({"camera": None}, write('camera = "1"'), {}).camera == "1"


def test_environment_reaches_into_sections(write):
    settings = load_settings({}, write(""), {"EDGE_EMOTION_SYNC__AUDIO_OFFSET_MS": "-40.5", "EDGE_EMOTION_JSON": "1"})
    assert settings.sync.audio_offset_ms == -40.5
    assert settings.json_lines is True


def test_an_empty_variable_is_none(write):
    assert load_settings({}, write("camera = 2"), {"EDGE_EMOTION_CAMERA": ""}).camera == "2"


def test_variable_names_the_file(write):
    assert load_settings({}, None, {"EDGE_EMOTION_CONFIG": str(write("camera = 5"))}).camera == "5"
    with pytest.raises(ConfigError, match="absent"):
        load_settings({}, None, {"EDGE_EMOTION_CONFIG": "/absent/config.toml"})


def test_settings_do_not_change(write):
    settings = load_settings({}, write(""), {})
    with pytest.raises(ValueError, match="frozen"):
        settings.camera = "1"


@pytest.mark.parametrize(
    ("text", "environ", "words"),
    [
        ('camra = "0"', {}, ["camra", "config.toml", "mean camera?"]),
        ("[video]\nwidht = 3", {}, ["video.widht", "config.toml", "mean video.width?"]),
        ("fps = 3", {}, ["fps", "mean video.fps?"]),
        ("json_lines = true", {}, ["json_lines"]),
        ("xyzzy = 1", {}, ["xyzzy", "config schema"]),
        ("video = 3", {}, ["video", "section", "video.width"]),
        ("[camera]\nx = 1", {}, ["camera.x"]),
        ("[vidoe]\nfps = 1", {}, ["vidoe.fps", "video.fps"]),
        ("[empty]", {}, ["empty", "config.toml"]),
        ("[vidoe]", {}, ["vidoe", "mean video?"]),
        ("[video.lens]", {}, ["video.lens"]),
        ("", {"EDGE_EMOTION_CAMRA": "0"}, ["EDGE_EMOTION_CAMRA", "environment", "EDGE_EMOTION_CAMERA"]),
        (
            "",
            {"EDGE_EMOTION_SYNC__AUDIO_OFFSET": "1"},
            ["EDGE_EMOTION_SYNC__AUDIO_OFFSET in", "EDGE_EMOTION_SYNC__AUDIO_OFFSET_MS?"],
        ),
    ],
)
def test_unknown_keys_are_named_with_the_nearest(write, text, environ, words):
    with pytest.raises(ConfigError) as caught:
        load_settings({}, write(text), environ)
    assert caught.value.exit_code == 78
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('engine = "cuda"', ["engine", "'cuda'", "'auto', 'tensorrt' or 'onnx'"]),
        ('device_id = "a/b"', ["device_id", "'a/b'", "letters"]),
        ('device_id = "a+"', ["device_id", "letters"]),
        ('device_id = "#"', ["device_id", "letters"]),
        ('device_id = "küche"', ["device_id", "letters"]),
        ('device_id = ""', ["device_id", "letters"]),
        ('broker = "localhost"', ["broker", "'localhost'", "embedded or none"]),
        ('broker = "http://host"', ["broker", "mqtts://"]),
        ('broker = "mqtt://host:99999"', ["broker", "mqtt://"]),
        ('broker = "mqtt://"', ["broker", "mqtt://"]),
        ("duration = 0", ["duration", "0", "greater than 0"]),
        ("duration = nan", ["duration"]),
        ("duration = inf", ["duration"]),
        ("duration = 1e300", ["duration", "1e+300", "1000000000"]),
        ('camera = ""', ["camera", "csi:N"]),
        ('camera = "csi:x"', ["camera", "'csi:x'", "csi:0"]),
        ("camera = -1", ["camera", "-1", "/dev/"]),
        ('camera = "http://me:p4ss@[h"', ["camera", "'http://***@[h'"]),
        ('mic = "http://h"', ["mic", "'http://h'", "default"]),
        ('camera = "none"\nmic = "None"', ["camera in", "mic in", "both", "name one"]),
        ('broker = "mqtt://a..b"', ["broker", "a..b", "embedded"]),
        ('broker = "mqtt://h:0"', ["broker", "port", "65535"]),
        ('broker = "mqtt://h:99999"', ["broker", "port", "65535"]),
        ('broker = "wss://h:abc/mqtt"', ["broker", "port", "65535"]),
        ('broker = "mqtt://fe80::1"', ["broker", "IPv6", "mqtt://[::1]"]),
        ('broker = "unix://h:abc/run/socket"', ["broker", "unix:///run"]),
        ('broker = "mqtt://h/#/x"', ["broker", "'mqtt://h/#/x'", "embedded"]),
        ('broker = "mqtt://h?x=1"', ["broker", "'mqtt://h?x=1'", "embedded"]),
        ('[video]\nwidth = "640"', ["video.width", "'640'", "integer"]),
        ('overlay = "yes"', ["overlay", "'yes'", "true or false"]),
        ("json = 1", ["json", "1", "true or false"]),
        ('duration = "5"', ["duration", "'5'", "number"]),
        ("[mqtt]\nca_file = 3", ["mqtt.ca_file", "3", 'a path in "quotes"']),
        ("[mqtt]\nusername = 3", ["mqtt.username", "3", 'text in "quotes"']),
        ("camera = true", ["camera", "True", 'text in "quotes"']),
        (f'device_id = "{65 * "a"}"', ["device_id", "at most 64 characters"]),
        ('[mqtt]\nusername = "a\\u0000b"', ["mqtt.username", "at most 65535 bytes without control characters"]),
        (f'[mqtt]\nusername = "{65_536 * "a"}"', ["mqtt.username", "at most 65535 bytes"]),
        ('overlay = "maybe"', ["overlay", "'maybe'", "true or false"]),
        ('log_level = "loud"', ["log_level", "'loud'", "'debug'"]),
        ("[video]\nfps = 1000", ["video.fps", "1000", "120"]),
        ("[audio]\nchunk_ms = 0", ["audio.chunk_ms", "0", "10"]),
        ("[sync]\naudio_offset_ms = 5000", ["sync.audio_offset_ms", "5000", "2000"]),
        ('[mqtt]\nca_file = "/no/such/file"', ["mqtt.ca_file", "/no/such/file", "no such file"]),
        ('[mqtt]\ncert_file = "/x"', ["mqtt", "cert_file and key_file"]),
    ],
)
def test_wrong_values_are_told_in_one_sentence(write, text, words):
    with pytest.raises(ConfigError) as caught:
        load_settings({}, write(text), {})
    message = str(caught.value)
    assert [word for word in words if word not in message] == []
    assert "\n" not in message
    assert message.endswith(".")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("camera", 0),
        ("camera", 0.5),
        ("camera", True),
        ("mic", 3),
        ("loop", 1),
        ("loop", "true"),
        ("broker", 1),
        ("duration", 5),
        ("duration", 2.5),
        ("duration", "2.5"),
        ("duration", 2_000_000_000),
        ("log_level", "info"),
        ("log_level", 1),
        ("video.fps", 15),
        ("video.fps", "15"),
        ("video.fps", True),
        ("video.fps", 15.5),
        ("sync.audio_offset_ms", 40),
        ("sync.audio_offset_ms", "40"),
        ("mqtt.username", 7),
    ],
)
def test_the_file_is_judged_as_its_schema_does(write, key, value):
    section, _, last = key.rpartition(".")
    table = {section: {last: value}} if section else {last: value}
    fits = Draft202012Validator(Settings.model_json_schema(by_alias=True)).is_valid(table)
    text = f"{f'[{section}]' if section else ''}\n{last} = {json.dumps(value)}"
    try:
        load_settings({}, write(text), {})
    except ConfigError:
        assert not fits
    else:
        assert fits


def test_variables_and_flags_are_text(write):
    environ = {"EDGE_EMOTION_VIDEO__WIDTH": "800", "EDGE_EMOTION_OVERLAY": "yes", "EDGE_EMOTION_MQTT__USERNAME": "7"}
    settings = load_settings({"duration": "2.5", "mic": "3"}, write(""), environ)
    assert (settings.video.width, settings.overlay, settings.mqtt.username) == (800, True, "7")
    assert (settings.duration, settings.mic) == (2.5, "3")


def test_an_empty_section_is_no_fault(write):
    assert load_settings({}, write("[video]\n[mqtt]\n"), {}) == load_settings({}, write(""), {})


@pytest.mark.parametrize("content", ["", "\n", "\nsecond line\n"])
def test_an_empty_password_file_is_the_configs_fault(write, tmp_path, content):
    secret = tmp_path / "secret"
    secret.write_text(content)
    with pytest.raises(ConfigError, match=r"mqtt\.password_file in .*empty.*first line"):
        load_settings({}, write(f"[mqtt]\npassword_file = '{secret}'"), {})
    secret.write_text("hush\n")
    assert load_settings({}, write(f"[mqtt]\npassword_file = '{secret}'"), {}).mqtt.password_file == secret


def test_both_none_by_a_flag_is_the_command_lines_fault(write):
    with pytest.raises(UsageError, match=r"camera in .* and --mic are both 'none'"):
        load_settings({"mic": "none"}, write('camera = "none"'), {})


NAMES = """
0 -1 none default csi:0 csi:x clip.mp4 /dev/video0 hw:0 embedded EMBEDDED h:1883
http://h/x http:// http://u:p@[h rtsp:/u:p@h rtsp://h ftp://h
mqtt://h mqtts://u@h:1/ mqtt://[::1]:1883 mqtt://[::1 mqtt://a..b mqtt://a. mqtt://a%40b@h mqtt://h:0 mqtt://h:70000
mqtt://h:x mqtt://h/#/x mqtt://h?x=1 mqtt://h#x mqtt://h/t mqtt://u:p@h mqtt://é MQTT://h mqtt://@h mqtt://h//
"""


@pytest.mark.parametrize("key", ["camera", "mic", "broker"])
@pytest.mark.parametrize("text", ["", " ", "a b", "mqtt://ho st", "mqtt://" + "a" * 64, *NAMES.split()])
def test_what_check_lets_pass_is_what_run_can_read(write, key, text):
    read = {"camera": parse_camera, "mic": parse_microphone, "broker": parse_broker}[key]
    try:
        read(text)
        runs = True
    except UsageError:
        runs = False
    other = "mic" if key == "camera" else "camera"
    try:
        load_settings({}, write(f"{other} = 1\n{key} = {json.dumps(text)}"), {})
    except ConfigError:
        assert not runs
    else:
        assert runs


def test_a_wrong_flag_is_the_command_lines_fault(write):
    with pytest.raises(UsageError, match=r"--log-level is 'loud', but it should be 'debug'") as caught:
        load_settings({"log_level": "loud"}, write(""), {})
    assert caught.value.exit_code == 64


def test_a_flag_mends_a_wrong_file(write):
    assert load_settings({"engine": "onnx"}, write('engine = "cuda"'), {}).engine == "onnx"


def test_bad_toml_is_told_with_file_and_line(write):
    with pytest.raises(ConfigError, match=r"config\.toml.*line 2.*key = value"):
        load_settings({}, write('mic = "a"\ncamera = usb\n'), {})


def test_a_named_file_must_be_there(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load_settings({}, tmp_path / "nowhere.toml", {})


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"camera = '\xff'")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_settings({}, path, {})


def test_a_password_in_the_address_is_refused_and_not_repeated(write):
    with pytest.raises(ConfigError, match="password_file") as caught:
        load_settings({}, write('broker = "mqtt://me:secret@host"'), {})
    assert "secret" not in str(caught.value)


def test_what_is_shown_holds_no_login_and_no_secret(write):
    text = 'camera = "http://tok3n@10.0.0.1/x?user=me&pwd=s3cret"\nmic = "http:/me:p4ss@h"\nbroker = "mqtt://t0k@h"'
    shown = as_toml(load_settings({}, write(text), {}))
    assert 'camera = "http://***@10.0.0.1/x?user=me&pwd=***"' in shown
    assert 'mic = "http:/***@h"' in shown
    assert 'broker = "mqtt://***@h"' in shown


def test_what_is_shown_can_be_loaded_again(write):
    text = 'camera = "a \\"b\\" \\\\ ü"\nduration = 2.5\n[sync]\naudio_offset_ms = -12.0\n[audio]\ndenoise = false\n'
    settings = load_settings({}, write(text), {})
    assert load_settings({}, write(as_toml(settings)), {}) == settings


def test_a_host_name_becomes_one_level_of_a_topic(write, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "büro pc/+#.example.org")
    assert load_settings({}, write(""), {}).device_id == "b-ro-pc"
