from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from edge.capture.sound_presence import sound_presence


@pytest.fixture
def machine(tmp_path):
    """/proc/asound and /dev/snd of a machine with one card."""
    asound, dev = tmp_path / "asound", tmp_path / "snd"
    asound.mkdir()
    dev.mkdir()
    (asound / "cards").write_text(" 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n")
    (dev / "pcmC0D0c").touch()
    return asound, dev


def serve(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    return server


def test_it_stays_while_nothing_comes_or_goes(machine):
    assert sound_presence({}, *machine) == sound_presence({}, *machine)


def test_a_card_that_comes_or_goes_changes_it(machine):
    asound, dev = machine
    before = sound_presence({}, *machine)
    (asound / "cards").write_text(" 1 [Yeti           ]: USB-Audio - Blue Yeti\n")
    renumbered = sound_presence({}, *machine)
    (dev / "pcmC1D0c").touch()
    plugged_in = sound_presence({}, *machine)
    (dev / "pcmC1D0c").chmod(0o660)
    may_be_opened = sound_presence({}, *machine)
    assert len({before, renumbered, plugged_in, may_be_opened}) == 4


@pytest.mark.parametrize("server", ["unix:{}", "{}", "{{4711}}unix:{}", "tcp:10.0.0.1 {}"])
def test_the_servers_that_the_environment_names_are_looked_at(machine, tmp_path, server):
    path = tmp_path / "server" / "native"
    environment = {"PULSE_SERVER": server.format(path)}
    before = sound_presence(environment, *machine)
    with serve(path):
        assert sound_presence(environment, *machine) != before


@pytest.mark.parametrize(
    ("variable", "path"),
    [
        ("PULSE_RUNTIME_PATH", "native"),
        ("XDG_RUNTIME_DIR", "pulse/native"),
        ("XDG_RUNTIME_DIR", "pipewire-0"),
    ],
)
def test_so_are_the_places_where_servers_listen(machine, tmp_path, variable, path):
    environment = {variable: str(tmp_path / "run")}
    before = sound_presence(environment, *machine)
    with serve(tmp_path / "run" / path):
        assert sound_presence(environment, *machine) != before


def test_a_server_that_was_killed_and_starts_again_is_another(machine, tmp_path):
    path = tmp_path / "native"
    environment = {"PULSE_SERVER": f"unix:{path}"}
    serve(path).close()  # the socket file of a killed server stays
    before = sound_presence(environment, *machine)
    time.sleep(0.01)
    path.unlink()
    with serve(path):
        assert sound_presence(environment, *machine) != before


def test_a_machine_without_sound_has_a_token_too(tmp_path):
    absent = tmp_path / "absent"
    assert sound_presence({}, absent, absent) == sound_presence({}, absent, absent)


def test_it_is_cheap():
    """The contract: less than 5 ms, whatever this machine has."""
    began = time.perf_counter()
    for _ in range(20):
        sound_presence(dev=Path("/dev"))  # many more nodes than any sound card has
    assert (time.perf_counter() - began) / 20 < 0.005
