"""The broker's password: used, and nowhere to be seen."""

from __future__ import annotations

import subprocess

import psutil
import pytest

from tests.broker import Mosquitto
from tests.process.command import Running, run

pytestmark = pytest.mark.timeout(120)
SECRET = "hunter2-of-the-test"


@pytest.fixture
def broker(tmp_path):
    """Nobody without a password."""
    users = tmp_path / "users"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(users), "mia", SECRET], check=True, capture_output=True)
    with Mosquitto(tmp_path, f"password_file {users}", anonymous=False) as running:
        yield running


def family(running: Running) -> list[psutil.Process]:
    parent = psutil.Process(running.child.pid)
    return [parent, *parent.children(recursive=True)]


def assert_hidden(running: Running) -> None:
    """Not in the command line of the daemon or any child, and not in a child's environment."""
    for process in family(running):
        assert SECRET not in " ".join(process.cmdline())
    for child in family(running)[1:]:
        assert SECRET not in " ".join(child.environ().values())


@pytest.mark.parametrize("source", ["environment", "file"])
def test_a_run_logs_in_and_shows_the_password_nowhere(demo_clip_path, broker, tmp_path, source):
    environ = {"EDGE_EMOTION_MQTT_PASSWORD": SECRET}
    if source == "file":
        (tmp_path / "secret").write_text(SECRET + "\n")
        (tmp_path / "secret").chmod(0o600)
        environ = {"EDGE_EMOTION_MQTT__PASSWORD_FILE": str(tmp_path / "secret")}
    address = broker.url.replace("//", "//mia@")
    words = ("--camera", demo_clip_path, "--mic", "none", "--broker", address, "--log-level", "debug", "--json")
    with Running(*words, environ=environ) as running:
        running.wait_for("connected to")
        running.wait_for_results(1)
        assert_hidden(running)
        done = running.end()
    assert done.code == 0
    assert SECRET not in done.out + done.err


def test_the_embedded_broker_does_not_inherit_it(demo_clip_path):
    words = ("--camera", demo_clip_path, "--mic", "none", "--broker", "embedded", "--json")
    with Running(*words, environ={"EDGE_EMOTION_MQTT_PASSWORD": SECRET}) as running:
        running.wait_for("embedded broker (mosquitto)")
        assert len(family(running)) == 2
        assert_hidden(running)
        done = running.end()
    assert SECRET not in done.out + done.err


def test_a_wrong_password_is_not_repeated(demo_clip_path, broker):
    address = broker.url.replace("//", "//mia@")
    wrong = "wrong-" + SECRET
    words = ("--camera", demo_clip_path, "--mic", "none", "--broker", address, "--log-level", "debug", "--json")
    with Running(*words, environ={"EDGE_EMOTION_MQTT_PASSWORD": wrong}) as running:
        running.wait_for("refuses this login")
        done = running.end()
    assert SECRET not in done.out + done.err


def test_config_show_holds_no_password(tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    config = tmp_path / "config.toml"
    config.write_text(f"[mqtt]\nusername = 'mia'\npassword_file = '{tmp_path / 'secret'}'\n")
    done = run("config", "show", "--config", config, environ={"EDGE_EMOTION_MQTT_PASSWORD": SECRET})
    assert done.code == 0
    assert "mia" in done.out
    assert SECRET not in done.out + done.err


def test_a_password_in_the_config_is_refused_and_not_repeated(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text(f"[mqtt]\npassword = '{SECRET}'\n")
    done = run("config", "show", "--config", config, environ={"EDGE_EMOTION_MQTT__PASSWORD": SECRET})
    assert done.code == 78
    assert "password_file" in done.sentence
    assert SECRET not in done.out + done.err
