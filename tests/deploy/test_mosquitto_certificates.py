"""`deploy/mosquitto/certificates.sh`."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.deploy.mosquitto import Authority, certificates


def openssl(*words: object) -> str:
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """In a folder with a space, and moved after it was made."""
    folder = tmp_path_factory.mktemp("pki") / "first place"
    Authority.make(folder, "desk")
    return Authority(folder.rename(folder.parent / "second place"))


def test_a_device_is_its_common_name_and_no_server(authority):
    text = openssl("x509", "-in", authority.folder / "desk.crt", "-noout", "-subject", "-ext", "extendedKeyUsage")
    assert re.search(r"CN\s*=\s*desk\n", text)
    assert "Client Authentication" in text
    assert "Server Authentication" not in text


def test_the_broker_is_called_what_clients_call_it(authority):
    text = openssl("x509", "-in", authority.folder / "server.crt", "-noout", "-ext", "subjectAltName")
    assert "DNS:localhost, IP Address:127.0.0.1" in text


def test_keys_are_for_their_owner_alone(authority):
    modes = {path.name: path.stat().st_mode & 0o777 for path in authority.folder.glob("*.key")}
    assert modes == {"ca.key": 0o600, "server.key": 0o600, "desk.key": 0o600}


def test_after_a_revocation_the_list_names_it_and_a_new_one_can_be_made(authority):
    assert certificates(authority.folder, "client", "shelf").returncode == 0
    first = (authority.folder / "shelf.crt").read_text()
    assert certificates(authority.folder, "revoke", "shelf").returncode == 0
    assert certificates(authority.folder, "client", "shelf").returncode == 0
    check = ["verify", "-crl_check", "-CAfile", authority.folder / "ca.crt", "-CRLfile", authority.folder / "crl.pem"]
    (authority.folder / "first.crt").write_text(first)
    assert "certificate revoked" in openssl(*check, authority.folder / "first.crt")
    assert "shelf.crt: OK" in openssl(*check, authority.folder / "shelf.crt")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("client", "a/b"), "'a/b' cannot be a name"),
        (("client", "+"), "'+' cannot be a name"),
        (("client", "#"), "'#' cannot be a name"),
        (("client", ""), "'' cannot be a name"),
        (("client", "d" * 65), "64 letters at most"),
        (("client", "server"), "choose another"),
        (("client",), "takes one name"),
        (("client", "desk"), "is there already"),
        (("ca",), "is there already"),
        (("revoke", "nobody"), "there is no"),
        (("server",), "name the broker"),
        (("server", "a b"), "neither a host name nor an address"),
        (("serve",), "none of ca, server, client and revoke"),
        ((), "give a folder and"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_changes_nothing(authority, words, told):
    before = {path: path.read_bytes() for path in authority.folder.iterdir() if path.is_file()}
    done = certificates(authority.folder, *words)
    assert done.returncode == 64
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert before == {path: path.read_bytes() for path in authority.folder.iterdir() if path.is_file()}


def test_without_a_ca_nothing_is_signed(tmp_path):
    done = certificates(tmp_path, "client", "desk")
    assert (done.returncode, list(tmp_path.iterdir())) == (64, [])
    assert "there is no CA" in done.stderr
