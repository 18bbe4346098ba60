"""The microphone's checks with a live microphone of PulseAudio's, opened by a child process as in earnest."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge.doctor import Verdict
from edge.doctor.alsa_name import AlsaNameCheck
from edge.doctor.microphone import MicrophoneCheck
from edge.doctor.microphone_listen import Heard, holds_a_card
from edge.doctor.processes import Process
from tests import boards
from tests.microphone import plugged_in_microphone

_RUNNING = "state: RUNNING\nowner_pid   : {}\ntrigger_time: 12.5\n"


@pytest.fixture(scope="module")
def plugged_in():
    with plugged_in_microphone() as microphone:
        yield microphone


@pytest.fixture
def voice(plugged_in, tmp_path):
    """Six seconds of noise at -20 dBFS, played."""
    path = tmp_path / "noise.wav"
    noise = np.random.default_rng(1).normal(0, 0.1, 6 * 16_000)
    soundfile.write(path, noise, 16_000)
    player = plugged_in.play(path, wait=False)
    yield
    player.terminate()
    player.wait()


def test_its_loudness_is_told_and_that_a_service_could_not_use_it(voice, plugged_in, machine):
    said = []
    here = machine(mic="default", environ=plugged_in.environment)
    here.tell = said.append
    finding = MicrophoneCheck().run(here)
    assert finding.verdict is Verdict.OK, finding
    level_dbfs = float(finding.found.split()[-2])
    assert level_dbfs == pytest.approx(-20, abs=6)
    lent = AlsaNameCheck().run(here)
    assert lent.verdict is Verdict.WARNING
    assert "plughw:CARD=" in lent.remedy
    assert len(said) == 1, "it is opened once for both checks"


def test_what_is_perfectly_silent_is_a_warning(plugged_in, machine):
    finding = MicrophoneCheck().run(machine(mic="default", environ=plugged_in.environment))
    assert finding.verdict is Verdict.WARNING
    assert "silent" in finding.found
    assert finding.remedy


def _heard(here, **changes):
    here.__dict__["heard"] = Heard(
        **{"name": "default", "level_dbfs": -40.0, "fault": None, "direct": False, **changes}
    )
    return here


def test_a_server_without_a_session_or_a_card_serves_a_service_too(machine):
    assert AlsaNameCheck().run(_heard(machine(mic="default"))).verdict is Verdict.OK
    session = machine(mic="default", environ={"XDG_RUNTIME_DIR": "/run/user/1000"})
    assert AlsaNameCheck().run(_heard(session, direct=True)).verdict is Verdict.OK
    assert AlsaNameCheck().run(_heard(session)).verdict is Verdict.WARNING
    named = machine(mic="plughw:CARD=Webcam,DEV=0", environ={"XDG_RUNTIME_DIR": "/run/user/1000"})
    assert AlsaNameCheck().run(_heard(named)).verdict is Verdict.OK


def test_cards_are_offered_by_the_name_that_stays(machine, tmp_path):
    cards = {"proc/asound/card1/id": "Webcam\n", "proc/asound/card1/pcm0c/info": "", "proc/asound/card0/id": "HDMI"}
    root = boards.write(tmp_path / "root", cards)
    here = machine(root, mic="default", environ={"PULSE_SERVER": "unix:/run/somewhere"})
    assert 'mic = "plughw:CARD=Webcam,DEV=0"' in AlsaNameCheck().run(_heard(here)).remedy


def test_an_index_is_not_for_ever(machine):
    finding = MicrophoneCheck().run(_heard(machine(mic="3"), name="plughw:CARD=Webcam,DEV=0"))
    assert finding.verdict is Verdict.WARNING
    assert 'mic = "plughw:CARD=Webcam,DEV=0"' in finding.remedy


def test_nothing_is_opened_while_the_switch_is_off_or_devices_are_to_stay_closed(plugged_in, machine, tmp_path):
    kept = machine(mic="default", environ=plugged_in.environment, opens_devices=False)
    boards.write(tmp_path, {"state/enabled": "OFF"})
    off = machine(mic="default", environ=plugged_in.environment)
    for here, words in ((kept, "--no-devices"), (off, "switched OFF")):
        here.__dict__["heard"] = None  # asking for it would fail the checks
        finding = MicrophoneCheck().run(here)
        assert finding.verdict is Verdict.NOT_APPLICABLE
        assert words in finding.found
        assert AlsaNameCheck().run(here).verdict is Verdict.NOT_APPLICABLE


def test_a_card_that_the_daemon_records_from_is_left_to_it(machine, tmp_path):
    root = boards.write(
        tmp_path / "root",
        {
            "proc/asound/card1/pcm0c/sub0/status": _RUNNING.format(815),
            "proc/815/status": "Name:\tmicrophone\nTgid:\t812\nPid:\t815\n",
            "proc/812/comm": "python3\n",
            "proc/812/cmdline": "/opt/bin/python3\0/opt/bin/edge-emotion\0run\0",
        },
    )
    here = machine(root, mic="plughw:CARD=Webcam,DEV=0")
    finding = MicrophoneCheck().run(here)
    assert finding.verdict is Verdict.OK
    assert "the running daemon (process 812)" in finding.found
    assert AlsaNameCheck().run(here).verdict is Verdict.OK


@pytest.mark.parametrize("demanded", [False, True])
def test_who_else_records_is_named(demanded, machine, tmp_path):
    files = {
        "proc/asound/card1/pcm0c/sub0/status": _RUNNING.format(78),
        "proc/78/status": "Name:\tarecord\nTgid:\t77\nPid:\t78\n",
        "proc/77/comm": "arecord\n",
        "proc/77/cmdline": "arecord\0",
    }
    root = boards.write(tmp_path / "root", files)
    finding = MicrophoneCheck().run(machine(root, mic="nobody's microphone", require_devices=demanded))
    assert finding.verdict is (Verdict.FAILED if demanded else Verdict.WARNING)
    assert "while arecord (process 77) records" in finding.found


@pytest.mark.parametrize(("runs", "verdict"), [(True, Verdict.OK), (False, Verdict.WARNING)])
def test_who_is_hidden_from_this_user_may_be_the_daemon(runs, verdict, machine, tmp_path):
    here = machine(
        boards.write(tmp_path / "root", {"proc/asound/card1/pcm0c/sub0/status": _RUNNING.format(78)}),
        mic="nobody's microphone",
    )
    here.__dict__["daemon"] = Process(77, "", is_daemon=True) if runs else None
    finding = MicrophoneCheck().run(here)
    assert finding.verdict is verdict
    assert ("the running daemon (process 77)" if runs else "another user's program (process 78)") in finding.found


def test_rights_that_are_missing_are_told(machine, tmp_path, monkeypatch):
    root = boards.write(tmp_path / "root", {"dev/snd/pcmC1D0c": "", "dev/snd/controlC1": ""})
    for name in ("pcmC1D0c", "controlC1"):
        (root / "dev/snd" / name).chmod(0o660)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    monkeypatch.setattr(os, "getegid", lambda: 12345)
    monkeypatch.setattr(os, "getgroups", lambda: [12345])
    finding = MicrophoneCheck().run(machine(root, mic="nobody's microphone"))
    assert "may not use /dev/snd/controlC1" in finding.found
    assert finding.remedy


def test_a_card_that_is_open_is_known_by_its_node(tmp_path):
    (tmp_path / "3").symlink_to("/dev/snd/controlC1")
    (tmp_path / "4").symlink_to("/dev/snd/pcmC1D0p")
    (tmp_path / "5").symlink_to("socket:[4711]")
    assert not holds_a_card(tmp_path)
    (tmp_path / "6").symlink_to("/dev/snd/pcmC1D0c")
    assert holds_a_card(tmp_path)


def test_files_are_looked_into(machine, tmp_path):
    soundfile.write(tmp_path / "voice.wav", np.zeros(16_000), 16_000)
    finding = MicrophoneCheck().run(machine(mic=str(tmp_path / "voice.wav")))
    assert finding.verdict is Verdict.OK
    assert "16 kHz" in finding.found
    assert MicrophoneCheck().run(machine(mic=str(Path("gone.wav")))).verdict is Verdict.FAILED
