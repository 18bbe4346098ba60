import socket

import pytest

from edge.errors import EdgeError, UsageError
from edge.web.address import address_of, listening_socket, url_of

LOCAL = "127.0.0.1"


def _local(port=0):
    return address_of(LOCAL, port, has_token=False)


def test_a_port_that_is_taken_is_said_with_a_remedy():
    with listening_socket(_local()) as first:
        port = first.getsockname()[1]
        with pytest.raises(EdgeError) as caught:
            listening_socket(_local(port))
    assert str(caught.value) == (
        f"http://127.0.0.1:{port} cannot be listened on (Address already in use): another program has that port; stop "
        "it, or give another one with --port."
    )
    assert caught.value.exit_code == 1


def test_a_port_is_free_again_at_once():
    with listening_socket(_local()) as first, socket.create_connection(first.getsockname()) as client:
        port = first.getsockname()[1]
        first.accept()[0].close()  # this side closes first: TIME_WAIT is on the server's port
        assert client.recv(1) == b""
    listening_socket(_local(port)).close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.9"])
def test_the_loopback_needs_no_token(host):
    address_of(host, 0, has_token=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "0", "192.0.2.1", "::ffff:192.0.2.1"])
def test_whatever_others_can_reach_needs_one(host):
    with pytest.raises(UsageError, match=r"can be reached from other machines: give --token-file FILE too"):
        address_of(host, 0, has_token=False)
    address_of(host, 0, has_token=True)


def test_a_name_that_changes_leads_only_where_it_was_judged(monkeypatch):
    answers = iter([LOCAL, "0.0.0.0"])
    ask = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *more, **names: ask(next(answers), *more, **names))
    with listening_socket(address_of("device.local", 0, has_token=False)) as listener:
        assert listener.getsockname()[0] == LOCAL


@pytest.mark.parametrize("host", ["", "[]", "300.1.1.1", "http://127.0.0.1", "127.0.0.1:80", "a b", "é" * 70])
def test_what_is_no_address_is_said(host):
    with pytest.raises(UsageError, match=r"^--host .*127\.0\.0\.1"):
        address_of(host, 0, has_token=True)


def test_an_address_of_another_machine_is_said():
    with pytest.raises(EdgeError, match=r"Cannot assign requested address\): give an address of this machine"):
        listening_socket(address_of("192.0.2.1", 0, has_token=True))


def test_a_client_that_does_not_read_is_cut_off():
    with listening_socket(_local(), stalled_s=1.0) as listener, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(listener.getsockname())
        line, _ = listener.accept()
        line.settimeout(30.0)
        with line, pytest.raises(OSError, match=r"Connection timed out"):  # the kernel's words, not the socket's own
            line.sendall(b"x" * 50_000_000)


def test_how_an_address_is_written():
    assert url_of("::1", 80) == "http://[::1]:80"
    assert url_of(LOCAL, 80) == "http://127.0.0.1:80"
