from __future__ import annotations

import logging
import subprocess

import pytest

from edge.config import MqttSettings
from edge.errors import ConfigError
from edge.publish.mqtt import login
from edge.publish.mqtt.login import PASSWORD_VARIABLE, hide_password, read_login
from tests.broker import HOST, Mosquitto
from tests.edge.publish.mqtt.device import connected

SECRET = "s3cret, with spaces"


@pytest.fixture(autouse=True)
def nothing_hidden(monkeypatch):
    monkeypatch.setattr(login, "_hidden", {})


@pytest.fixture
def credentials(tmp_path):
    """What systemd gives to a unit with LoadCredential=."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "mqtt-password").write_text("of the credential\n")
    (folder / "mqtt-username").write_text("credential-name\n")
    return {"CREDENTIALS_DIRECTORY": str(folder)}


@pytest.fixture
def password_file(tmp_path):
    path = tmp_path / "password"
    path.write_text("of the file\nsecond line\n")
    path.chmod(0o600)
    return MqttSettings(password_file=path)


def test_the_file_comes_before_the_environment_and_that_before_systemd(password_file, credentials):
    variable = {PASSWORD_VARIABLE: SECRET}
    assert read_login(password_file, None, {**variable, **credentials}).password == "of the file"
    assert read_login(MqttSettings(), None, {**variable, **credentials}).password == SECRET


@pytest.mark.parametrize("name", ["a\0b", 65_536 * "a"])
def test_a_name_that_mqtt_cannot_carry_is_refused(name):
    """A broker would hang up without a word, which looks like a wrong port."""
    with pytest.raises(ConfigError, match="at most 65535 bytes"):
        read_login(MqttSettings(), name, {})


def test_systemd_comes_last(credentials):
    assert read_login(MqttSettings(), None, credentials).password == "of the credential"


def test_an_empty_variable_is_none(credentials):
    assert read_login(MqttSettings(), None, {PASSWORD_VARIABLE: "", **credentials}).password == "of the credential"


def test_without_any_there_is_no_login():
    found = read_login(MqttSettings(), None, {})
    assert (found.username, found.password) == (None, None)


def test_the_setting_comes_before_the_url_and_that_before_systemd(credentials):
    assert read_login(MqttSettings(username="setting"), "url", credentials).username == "setting"
    assert read_login(MqttSettings(), "url", credentials).username == "url"
    assert read_login(MqttSettings(), None, credentials).username == "credential-name"


def test_the_variable_is_gone_from_the_environment_and_not_forgotten():
    environ = {PASSWORD_VARIABLE: SECRET, "HOME": "/"}
    hide_password(environ)
    assert environ == {"HOME": "/"}
    assert read_login(MqttSettings(), None, environ).password == SECRET
    assert read_login(MqttSettings(), None, environ).password == SECRET, "a second connection logs in too"


def test_children_do_not_inherit_the_password(monkeypatch):
    monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    hide_password()
    assert SECRET not in subprocess.run(["env"], capture_output=True, text=True, check=True).stdout


def test_the_text_of_a_login_holds_no_password():
    found = read_login(MqttSettings(), "mia", {PASSWORD_VARIABLE: SECRET})
    assert "mia" in repr(found)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(("mode", "lines"), [(0o600, 0), (0o640, 0), (0o644, 1), (0o604, 1)])
def test_a_file_that_everybody_can_read_is_told_in_one_line(password_file, caplog, mode, lines):
    password_file.password_file.chmod(mode)
    with caplog.at_level(logging.DEBUG):
        read_login(password_file, None, {})
    assert [record.levelname for record in caplog.records] == ["WARNING"] * lines
    assert caplog.text.count("chmod 600") == lines
    assert "of the file" not in caplog.text


@pytest.mark.parametrize("content", [b"", b"\nsecret in the second line\n"])
def test_an_empty_password_file_is_one_sentence(tmp_path, content):
    (tmp_path / "mqtt-password").write_bytes(content)
    with pytest.raises(ConfigError, match=r"The password file .* has nothing in its first line"):
        read_login(MqttSettings(password_file=tmp_path / "mqtt-password"), None, {})


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_an_empty_credential_is_no_password(tmp_path, content):
    """The unit's `SetCredential=mqtt-password:\\n` stands for a file that nobody has written."""
    (tmp_path / "mqtt-password").write_bytes(content)
    assert read_login(MqttSettings(), None, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).password is None


def test_a_credential_with_an_empty_first_line_is_one_sentence(tmp_path):
    (tmp_path / "mqtt-password").write_text("\nsecret in the second line\n")
    with pytest.raises(ConfigError, match=r"The systemd credential mqtt-password has nothing in its first line"):
        read_login(MqttSettings(), None, {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_what_is_no_text_is_not_repeated(tmp_path):
    (tmp_path / "mqtt-password").write_bytes(b"\xff\xfesecret")
    with pytest.raises(ConfigError, match=r"not UTF-8 text") as caught:
        read_login(MqttSettings(), None, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("source", ["environment", "credential"])
def test_a_real_broker_takes_the_password_of(tmp_path, monkeypatch, publishers, source):
    if source == "environment":
        monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    else:
        (tmp_path / "mqtt-password").write_text(SECRET + "\n")
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    users = tmp_path / "users"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(users), "mia", SECRET], check=True, capture_output=True)
    with Mosquitto(tmp_path, f"password_file {users}", anonymous=False) as broker:
        connected(publishers(f"mqtt://mia@{HOST}:{broker.port}")).stop()
