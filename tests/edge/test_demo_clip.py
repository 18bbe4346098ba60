from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from edge.capture.demo import demo_clip
from edge.capture.demo_face import DemoFace, Gesture
from edge.capture.demo_speech import SPEECH_RATE_HZ, mouth_openings
from edge.capture.media import frames, load_sound, probe
from edge.errors import EdgeError

MOUTH = (slice(255, 310), slice(285, 365))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return demo_clip(tmp_path_factory.mktemp("cache") / "deep")


def darkness(image):
    return float((image[MOUTH].astype(int).sum(axis=2) < 150).sum())


@pytest.mark.timeout(180)
def test_clip_is_a_short_film_with_sound(clip):
    info = probe(clip)
    assert (info.width, info.height, info.fps) == (640, 480, 30)
    assert info.has_audio
    assert 8 < info.duration_s < 15


@pytest.mark.timeout(180)
def test_picture_and_sound_are_in_step(clip):
    pictures = list(frames(clip))
    times_s = np.array([frame.t_ns for frame in pictures]) / 1e9
    mouth = np.array([darkness(frame.image) for frame in pictures])
    begin_ns, sound = load_sound(clip)
    window = np.hanning(1440)
    level_db = 10 * np.log10(np.convolve(sound**2, window / window.sum(), "same") + 1e-12)
    voice = np.clip((level_db - np.percentile(level_db, 97) + 30) / 30, 0, 1)
    sound_s = np.arange(len(voice)) / 16_000 + begin_ns / 1e9
    lags_ms = np.arange(-200, 201, 10)
    agreement = [np.corrcoef(mouth, np.interp(times_s + lag / 1000, sound_s, voice))[0, 1] for lag in lags_ms]
    assert abs(lags_ms[int(np.argmax(agreement))]) <= 20
    assert max(agreement) > 0.8


def test_an_existing_clip_is_kept(clip):
    before = clip.stat().st_mtime_ns
    assert demo_clip(clip.parent) == clip
    assert clip.stat().st_mtime_ns == before


def test_who_starts_while_another_makes_the_clip_waits_for_it(tmp_path, monkeypatch):
    made = []

    def make(path, _speech, _face):
        made.append(path)
        time.sleep(0.5)
        path.write_bytes(b"a clip")

    monkeypatch.setattr("edge.capture.demo._make", make)
    monkeypatch.setattr("edge.capture.demo.make_speech", lambda: None)
    with ThreadPoolExecutor(4) as pool:
        clips = {clip.result() for clip in [pool.submit(demo_clip, tmp_path) for _ in range(4)]}
    assert len(clips) == len(made) == 1


@pytest.mark.timeout(180)
def test_what_a_killed_start_left_is_swept_up_by_the_next_one(tmp_path):
    left = tmp_path / ".demo-left"
    left.mkdir()
    (left / "demo-1.mp4").write_bytes(b"half a clip")
    clip = demo_clip(tmp_path)
    assert list(tmp_path.iterdir()) == [clip]


def test_nothing_else_is_left_in_the_cache(clip):
    assert list(clip.parent.iterdir()) == [clip]


def test_the_mouth_opens_with_the_gesture_and_only_the_mouth():
    face = DemoFace()
    shut, wide = face.draw(Gesture()), face.draw(Gesture(mouth=1.0))
    openings = [darkness(face.draw(Gesture(mouth=mouth))) for mouth in (0.0, 0.3, 0.6, 1.0)]
    assert openings == sorted(openings)
    assert openings[-1] > openings[0] + 300
    np.testing.assert_array_equal(shut[:200], wide[:200])


def test_the_head_moves_and_the_corners_do_not():
    face = DemoFace()
    still, moved = face.draw(Gesture()), face.draw(Gesture(sway=(3.0, 1.0), tilt_deg=2.0, zoom=1.02))
    assert np.abs(still[150:250, 260:380].astype(int) - moved[150:250, 260:380]).mean() > 3
    assert np.abs(still[:20, :20].astype(int) - moved[:20, :20]).mean() < 1


def test_a_blink_covers_the_eyes():
    face = DemoFace()
    eyes = (slice(160, 185), slice(260, 390))
    pupils = [int((cv2.cvtColor(face.draw(Gesture(blink=b))[eyes], cv2.COLOR_BGR2GRAY) < 60).sum()) for b in (0, 1)]
    assert pupils[1] < pupils[0] / 2


def test_the_mouth_is_shut_in_silence_and_open_in_sound():
    second = SPEECH_RATE_HZ
    tone = 0.3 * np.sin(2 * np.pi * 200 * np.arange(second) / second)
    speech = np.concatenate([np.zeros(second), tone, np.zeros(second)]).astype(np.float32)
    openings = mouth_openings(speech, 30)
    assert len(openings) == 90
    assert openings[:27].max() == 0
    assert openings[33:57].min() > 0.9
    assert openings[63:].max() == 0


def test_without_espeak_the_remedy_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EdgeError, match="apt-get install espeak-ng"):
        demo_clip(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_an_espeak_that_fails_is_told(tmp_path, monkeypatch):
    broken = tmp_path / "espeak-ng"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EdgeError, match="espeak-ng could not speak"):
        demo_clip(tmp_path / "cache")


def test_without_scikit_image_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.data", None)
    with pytest.raises(EdgeError, match=r"pip install 'edge-emotion\[demo\]'"):
        DemoFace()


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EdgeError, match="cannot be written"):
        demo_clip(tmp_path / "file" / "cache")
