"""Claps from end to end without the wait: drawn, written as MP4 with sound, read like any file."""

from __future__ import annotations

import dataclasses
import zipfile

import pytest

from edge.calibrate.agreement import Agreement, Shortfall, agree
from edge.calibrate.tape import Tape
from edge.capture import media
from tests.edge.calibrate.bench import measure
from tests.edge.calibrate.drawn import Clap, Scene, write_clip

SCENES = {
    "easy": Scene((Clap(1.0), Clap(1.9), Clap(3.1)), seconds=4.4, lag_ms=120.0),
    "25 frames a second, noise, the sound comes first": Scene(
        (Clap(1.01), Clap(1.94), Clap(3.12)), seconds=4.4, fps=25.0, phase=0.6, lag_ms=-90.0, snr_db=10.0, seed=2
    ),
    "a talking head, speech, changing light, hands that bounce off": Scene(
        tuple(Clap(s, hold_s=0.0) for s in (1.0, 1.93, 3.15)),
        seconds=4.4,
        lag_ms=45.0,
        light=0.2,
        talking_head=True,
        speech_db=-18.0,
        snr_db=25.0,
        shares=(1.0, 0.5),
        seed=3,
    ),
}


@pytest.mark.parametrize("name", SCENES)
def test_the_lag_is_measured_within_its_interval(tmp_path, name):
    scene = SCENES[name]
    verdict = measure(write_clip(tmp_path / "claps.mp4", scene))
    assert isinstance(verdict, Agreement), verdict
    assert abs(verdict.offset_ms - scene.lag_ms) <= min(15.0, verdict.ci_ms)
    assert len(verdict.pairs) == 3
    assert verdict.ci_ms < 20


def test_hands_that_clap_without_a_sound_are_not_heard(tmp_path):
    scene = dataclasses.replace(SCENES["easy"], silent=True, snr_db=20.0)
    verdict = measure(write_clip(tmp_path / "silent.mp4", scene))
    assert isinstance(verdict, Shortfall)
    assert verdict.lack == "not heard"
    assert verdict.seen == 3


def test_claps_out_of_view_are_not_seen(tmp_path):
    away = dataclasses.replace(SCENES["easy"], claps=(), talking_head=True)
    tape, clip = Tape(), write_clip(tmp_path / "away.mp4", away)
    for frame in media.frames(clip):
        tape.add_frame(frame)
    for chunk in media.chunks(write_clip(tmp_path / "claps.mp4", SCENES["easy"])):
        tape.add_chunk(chunk)
    verdict = agree(tape.heard(), tape.seen(), 3)
    assert isinstance(verdict, Shortfall)
    assert verdict.lack == "not seen"
    assert verdict.heard == 3


def test_people_who_talk_do_not_clap(shared_data, tmp_path):
    """Twelve films of talking people, one after the other: nothing in half a minute of them is a lag."""
    archive = shared_data / "av_dev.zip"
    if not archive.is_file():
        pytest.skip(f"no archive of filmed speech in {shared_data}")
    tape, zero_ns = Tape(), 0
    with zipfile.ZipFile(archive) as films:
        names = sorted(name for name in films.namelist() if name.endswith(".mp4"))[::2][:12]
        assert names
        for name in names:
            path = tmp_path / "film.mp4"
            path.write_bytes(films.read(name))
            zero_ns = _append(tape, path, zero_ns)
    verdict = agree(tape.heard(), tape.seen(), 3)
    assert isinstance(verdict, Shortfall), verdict


def _append(tape, path, zero_ns):
    frames, chunks = list(media.frames(path)), list(media.chunks(path))
    for frame in frames:
        tape.add_frame(dataclasses.replace(frame, t_ns=frame.t_ns + zero_ns))
    for chunk in chunks:
        tape.add_chunk(dataclasses.replace(chunk, t_ns=chunk.t_ns + zero_ns))
    return zero_ns + max(frames[-1].t_ns, chunks[-1].end_ns) + 40_000_000
