"""The command, its service manager, its secrets, and the ways in which it cannot start."""

from __future__ import annotations

import socket
import subprocess

import pytest

from tests.broker import Mosquitto, free_port, until
from tests.edge.web.served import HOST, LiveClient, Served
from tests.process.command import Done, Running
from tests.process.manager import Manager

pytestmark = pytest.mark.timeout(120)
TOKEN = "0123456789abcdef-of-the-test"
SECRET = "hunter2-of-the-test"


class Command(Running):
    module = "edge.cli.web"


def outcome(*words: object, environ: dict[str, str] | None = None) -> Done:
    with Command(*words, environ=environ) as running:
        return running.finish()


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_text(TOKEN + "\n")
    return path


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--host", "0.0.0.0"], 64, "--host 0.0.0.0 can be reached from other machines: give --token-file FILE too"),
        (["--host", "300.1.1.1"], 64, "--host '300.1.1.1' is no address of this machine"),
        (["--port", "70000"], 64, "--port is '70000', but it should be a number from 0 to 65535."),
        (["--token-file", "/nowhere/token"], 64, "--token-file /nowhere/token cannot be read (No such file"),
        (["--allow-host", "http://x"], 64, "--allow-host 'http://x' is no host name"),
        (["--broker", "none"], 64, "broker is 'none', where nothing can be read"),
        (["--broker", "http://x"], 64, "--broker"),
        (["--config", "/nowhere/config.toml"], 78, "The config file /nowhere/config.toml cannot be read"),
        (["--colour"], 64, "unrecognized arguments: --colour; see edge-emotion-web --help."),
    ],
)
def test_what_cannot_be_is_one_sentence(words, code, sentence):
    done = outcome(*words)
    assert done.code == code
    assert done.err.startswith(f"edge-emotion-web: {sentence}"), done.err
    assert done.err.count("\n") == 1, done.err


def test_a_port_that_is_taken():
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        done = outcome("--port", port)
    assert done.code == 1
    assert done.sentence.startswith(f"edge-emotion-web: http://127.0.0.1:{port} cannot be listened on (Address already")


def test_others_need_the_token_and_it_is_nowhere_to_be_seen(token_file):
    words = ["--host", "0.0.0.0", "--token-file", token_file, "--broker", f"mqtt://127.0.0.1:{free_port()}"]
    with Served(*words, "--allow-host", "jetson.local", log_level="debug") as served:
        for headers in ({}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": f"Basic {TOKEN}"}):
            for path in ("/healthz", "/live", "/metrics", "/openapi.json", f"/healthz?token={TOKEN}"):
                answer = served.ask(path, **headers)
                assert answer.status == 401
                assert answer.headers["www-authenticate"].startswith("Bearer")
        right = {"Authorization": f"Bearer {TOKEN}"}
        assert served.ask("/healthz", **right).status == 503, "no broker, but let in"
        assert served.ask("/healthz", Host="jetson.local", **right).status == 503
        assert served.ask("/healthz", Host="evil.example", **right).status == 421
        done = served.end()
    assert done.code == 0
    assert TOKEN not in done.out + done.err


def test_the_brokers_password_is_used_and_nowhere_to_be_seen(tmp_path):
    users = tmp_path / "users"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(users), "mia", SECRET], check=True, capture_output=True)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "mqtt-password").write_text(SECRET + "\n")
    with Mosquitto(tmp_path, f"password_file {users}", anonymous=False) as broker:
        address = broker.url.replace("//", "//mia@")
        environ = {"CREDENTIALS_DIRECTORY": str(credentials)}
        with Served("--broker", address, environ=environ, log_level="debug") as served:
            served.until_healthy("waiting")
            shown = "".join(served.ask(path).text for path in ("/healthz", "/metrics", "/openapi.json"))
            done = served.end()
        (credentials / "mqtt-password").write_text("wrong\n")
        with Served("--broker", address, environ=environ) as served:
            until(lambda: served.health()["broker"]["state"] == "refused", "refused")
            shown += served.ask("/healthz").text
            assert "check username and password" in shown
            shown += served.end().err
    assert SECRET not in done.out + done.err + shown


def test_the_service_manager_hears_when_it_serves_that_it_lives_and_when_it_ends(broker, tmp_path):
    manager = Manager(tmp_path)
    with Served("--broker", broker.url, environ=manager.environ) as served, LiveClient(served.port) as client:
        manager.listen_until(lambda heard: "READY=1" in heard and heard.count("WATCHDOG=1") >= 2)
        told = f"STATUS=serving on http://127.0.0.1:{served.port}, broker connected, 1 live clients"
        manager.listen_until(lambda heard: told in heard)
        client.wait_for("link")
        done = served.end()
        assert client.ended.wait(5)
    manager.listen_until(lambda heard: "STOPPING=1" in heard)
    assert done.code == 0
    assert "Traceback" not in done.err


def test_it_is_ready_while_there_is_no_broker(tmp_path):
    manager = Manager(tmp_path)
    with Served("--broker", f"mqtt://127.0.0.1:{free_port()}", environ=manager.environ) as served:
        manager.listen_until(lambda heard: "READY=1" in heard and any("broker unreachable" in one for one in heard))
        assert served.end().code == 0
