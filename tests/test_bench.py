from __future__ import annotations

import socket
import threading

import pytest

from tests.bench.bench import Bench
from tests.bench.link import Link
from tests.bench.row import Row, spread
from tests.bench.scene import Scene, gaps
from tests.bench.table import table
from tests.broker import HOST


def test_ticks_that_nobody_told_are_found():
    assert gaps([3, 4, 7, 8]) == [5, 6]
    assert gaps([8, 7, 9]) == gaps([]) == []


def test_a_spread_without_values_meets_nothing():
    assert not spread([])["p95"] <= 1e9
    assert spread([1.0, 3.0])["max"] == 3.0


def test_a_row_that_fails_on_its_way_is_not_met(tmp_path):
    def failing(_scene):
        """Something nice."""
        pytest.fail("the broker never came")

    bench = Bench("tests.some", "Some faults.", "", "Under faults:", {"failing": failing})
    row = bench.measured("failing", Scene(tmp_path, tmp_path / "clip.mp4", True, lambda _: None))
    assert not row.met
    assert "the broker never came" in row.measured
    assert "| failing | Something nice. |" in table([row], bench.title).markdown()


def test_the_table_says_what_was_met():
    text = table(
        [Row("a", "b", "c", True, key="one"), Row("a", "b", "c", False, key="two")], "Under faults:"
    ).markdown()
    assert text.splitlines()[-2:] == ["| one | a | b | c | yes |", "| two | a | b | c | no |"]


def test_a_link_holds_up_and_lets_go():
    with socket.create_server((HOST, 0)) as server, Link(server.getsockname()[1]) as link:
        client = socket.create_connection((HOST, link.port))
        far, _ = server.accept()
        far.settimeout(0.3)
        link.hold()
        client.sendall(b"hello")
        with pytest.raises(TimeoutError):
            far.recv(5)
        threading.Timer(0.1, link.release).start()
        far.settimeout(10)
        assert far.recv(5) == b"hello"
        assert link.first_bytes == [b"hello"]
        client.close()
        assert far.recv(1) == b"", "the end passes, too"
        far.close()


def test_a_link_that_is_cut_breaks_what_is_there_and_refuses_what_comes_until_it_is_mended():
    with socket.create_server((HOST, 0)) as server, Link(server.getsockname()[1]) as link:
        before = socket.create_connection((HOST, link.port))
        far, _ = server.accept()
        before.sendall(b"hello")
        assert far.recv(5) == b"hello"
        link.cut()
        assert far.recv(1) == before.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, link.port))
        link.mend()
        after = socket.create_connection((HOST, link.port))
        after.sendall(b"hello")
        again, _ = server.accept()
        assert again.recv(5) == b"hello"
        for one in (before, far, after, again):
            one.close()
