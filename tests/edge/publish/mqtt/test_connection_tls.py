"""A broker that cannot prove itself, or wants a proof of ours: one line that names the remedy, and no plain text."""

from __future__ import annotations

import os
import pty
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from edge.config import MqttSettings
from edge.errors import ConfigError
from edge.publish.mqtt.broker_url import parse_broker
from edge.publish.mqtt.tls import tls_context
from tests.broker import HOST, Mosquitto, free_port, until
from tests.certificates import Authority
from tests.edge.publish.mqtt.tended import Hasty, lines

pytestmark = pytest.mark.timeout(60)
LISTENERS = ("good", "expired", "elsewhere", "strict", "strict12", "plain")


class Bench:
    def __init__(self, folder) -> None:
        self.authority, self.stranger = Authority(folder, "ours"), Authority(folder, "theirs")
        self.own, self.expired = self.authority.issue("device"), self.authority.issue("old", days=-1)
        self.foreign = self.stranger.issue("foreign")
        self.ports = {name: free_port() for name in LISTENERS}
        good = self.authority.issue("broker")
        certificates = {
            "good": (good, ""),
            "expired": (self.authority.issue("expired", days=-1), ""),
            "elsewhere": (self.authority.issue("elsewhere", "DNS:broker.example"), ""),
            "strict": (good, "require_certificate true"),
            "strict12": (good, "require_certificate true\ntls_version tlsv1.2"),
        }
        extra = "\n".join(
            f"listener {self.ports[name]} {HOST}\ncertfile {one.cert}\nkeyfile {one.key}\n"
            f"cafile {self.authority.own.cert}\n{more}"
            for name, (one, more) in certificates.items()
        )
        self.broker = Mosquitto(folder, extra)
        self.ports["plain"] = self.broker.port

    def settings(self, who: str) -> MqttSettings:
        shown = {"own": self.own, "expired": self.expired, "foreign": self.foreign}.get(who)
        ours = {"cert_file": shown.cert, "key_file": shown.key} if shown else {}
        ca = {"stranger": self.stranger.own.cert, "system": None}.get(who, self.authority.own.cert)
        return MqttSettings(ca_file=ca, **ours)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    made = Bench(tmp_path_factory.mktemp("tls"))
    with made.broker:
        yield made


@pytest.mark.parametrize(("listener", "who"), [("good", "nobody"), ("strict", "own"), ("strict12", "own")])
def test_a_broker_that_proves_itself_is_believed(bench, listener, who, connections):
    connections(f"mqtts://{HOST}:{bench.ports[listener]}", bench.settings(who)).connected()


@pytest.mark.parametrize(
    ("scheme", "listener", "who", "state", "remedy"),
    [
        ("mqtts", "expired", "nobody", "untrusted", "has expired; renew it on the broker, or set this machine's clock"),
        ("mqtts", "elsewhere", "nobody", "untrusted", "another name than '127.0.0.1'; write the name that it is for"),
        ("mqtts", "good", "system", "untrusted", "unknown issuer; name the issuer's own certificate in mqtt.ca_file"),
        ("mqtts", "good", "stranger", "untrusted", "unknown issuer; name the issuer's own certificate in mqtt.ca_file"),
        ("mqtts", "strict", "nobody", "untrusted", "demands a certificate; give mqtt.cert_file and mqtt.key_file"),
        ("mqtts", "strict12", "nobody", "untrusted", "demands a certificate; give mqtt.cert_file and mqtt.key_file"),
        ("mqtts", "strict", "expired", "untrusted", "our certificate has expired; renew mqtt.cert_file"),
        ("mqtts", "strict", "foreign", "untrusted", "does not trust our certificate; let its CA sign mqtt.cert_file"),
        ("mqtts", "plain", "nobody", "untrusted", "check that this port speaks TLS"),
        ("mqtt", "good", "nobody", "refused", "write mqtts:// if this port speaks TLS"),
    ],
)
def test_each_fault_is_one_line_and_a_state(bench, scheme, listener, who, state, remedy, connections, caplog):
    back_off = Hasty()
    tended = connections(f"{scheme}://{HOST}:{bench.ports[listener]}", bench.settings(who), back_off=back_off)
    assert remedy in tended.in_state(state)
    until(lambda: back_off.asked >= 4, "more tries")
    assert len(lines(caplog)) == 1, lines(caplog)
    assert remedy in lines(caplog)[0]
    assert "Traceback" not in caplog.text
    assert not tended.connection.connected


def test_a_certificate_that_is_mended_is_taken_without_a_restart(bench, tmp_path, connections):
    ca = tmp_path / "ca.pem"
    shutil.copy(bench.stranger.own.cert, ca)
    tended = connections(f"mqtts://{HOST}:{bench.ports['good']}", MqttSettings(ca_file=ca), back_off=Hasty())
    tended.in_state("untrusted")
    ca.write_text("half a file")
    time.sleep(0.2)
    shutil.copy(bench.authority.own.cert, ca)
    tended.connected()


def test_nothing_is_said_in_plain_text_where_tls_was_asked_for(connections, tmp_path):
    """A listener that takes whatever comes sees the begin of a TLS handshake, never MQTT and never the login."""
    seen = bytearray()
    with socket.create_server((HOST, 0)) as server:

        def read() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                seen.extend(line.recv(4096))
                line.close()

        threading.Thread(target=read, daemon=True).start()
        secret = tmp_path / "secret"
        secret.write_text("hush")
        secret.chmod(0o600)
        url = f"mqtts://mia@{HOST}:{server.getsockname()[1]}"
        back_off = Hasty()
        connections(url, MqttSettings(password_file=secret), back_off=back_off).in_state("untrusted")
        until(lambda: back_off.asked >= 3, "more tries")
        server.shutdown(socket.SHUT_RDWR)
    assert seen[:2] == b"\x16\x03"  # RFC 8446: a handshake record
    for word in (b"MQTT", b"mia", b"hush", b"edge-emotion"):
        assert word not in seen


def test_certificates_that_cannot_be_used_are_one_sentence(bench, tmp_path):
    for settings in (
        MqttSettings(ca_file=tmp_path / "none.pem"),
        MqttSettings(cert_file=bench.own.cert, key_file=bench.foreign.key),
        MqttSettings(cert_file=bench.own.cert, key_file=bench.authority.lock(bench.own.key, tmp_path / "locked.key")),
    ):
        with pytest.raises(ConfigError, match=r"^The certificates for mqtts://host:8883 cannot be used \(.*\); check "):
            tls_context(settings, str(parse_broker("mqtts://host")))


def test_a_key_with_a_password_is_no_question_on_the_terminal(bench, tmp_path):
    locked = bench.authority.lock(bench.own.key, tmp_path / "locked.key")
    program = textwrap.dedent(f"""
        import fcntl, termios
        from pathlib import Path
        from edge.config import MqttSettings
        from edge.publish.mqtt.tls import tls_context
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # where OpenSSL would ask
        try:
            tls_context(MqttSettings(cert_file=Path({str(bench.own.cert)!r}), key_file=Path({str(locked)!r})), "it")
        except Exception as error:
            print(type(error).__name__)
    """)
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True
    )
    try:
        assert child.communicate(timeout=20)[0] == b"ConfigError\n"
    finally:
        child.kill()
        os.close(ours)
        os.close(theirs)
