import csv
import logging
import zipfile

import cv2
import numpy as np
import pytest

from edge.errors import UsageError
from engines.datasets.item import Item
from engines.datasets.items import films, open_manifest, pictures, read_faces, read_utterances, sounds
from engines.datasets.manifest import Header, Manifest, write_manifest
from tests.clips import click, write_clip
from tests.engines.datasets.files import fer2013_line, picture, write_fer2013, write_film, write_picture, write_sound

RATE_HZ = 16_000


def manifest(folder, *paths, kind="sound", **more):
    items = tuple(Item(path, kind, "ravdess", "01", "happy", "train", "free", **more) for path in paths)
    return Manifest(folder, Header("ravdess", "free", "x"), items)


def test_pictures_come_gray_from_files_and_tables(tmp_path):
    write_picture(tmp_path / "a.png", picture(1))
    write_fer2013(tmp_path / "fer2013.csv", [fer2013_line(picture(2)), fer2013_line(picture(3))])
    given = list(pictures(manifest(tmp_path, "a.png", "fer2013.csv#1", kind="picture")))
    assert [item.path for item, _ in given] == ["a.png", "fer2013.csv#1"]
    assert np.array_equal(given[0][1], picture(1))
    assert np.array_equal(given[1][1], picture(3))


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_sounds_come_as_16_khz_mono(tmp_path, suffix):
    write_sound(tmp_path / f"a{suffix}", 0.5, 48_000)
    ((_, samples),) = sounds(manifest(tmp_path, f"a{suffix}"))
    assert samples.dtype == np.float32
    assert abs(len(samples) - RATE_HZ // 2) <= 2
    peak_hz = np.abs(np.fft.rfft(samples)).argmax() * RATE_HZ / len(samples)
    assert peak_hz == pytest.approx(440, abs=5)


def test_a_stretch_of_a_sound_is_cut_out(tmp_path):
    import soundfile

    ramp = np.linspace(0, 0.5, RATE_HZ, dtype=np.float32)
    soundfile.write(tmp_path / "a.wav", ramp, RATE_HZ, subtype="FLOAT")
    ((_, samples),) = sounds(manifest(tmp_path, "a.wav", start_s=0.25, end_s=0.75))
    assert np.array_equal(samples, ramp[RATE_HZ // 4 : RATE_HZ * 3 // 4])


def test_sound_tracks_of_films_come_only_when_asked_for(tmp_path):
    write_film(tmp_path / "a.mp4")
    listed = manifest(tmp_path, "a.mp4", kind="film")
    assert not list(sounds(listed))
    assert len(list(sounds(listed, films=True))) == 1


def flash_and_click(utterance):
    white = [t for t, image in zip(utterance.times_s, utterance.pictures, strict=True) if image.mean() > 200]
    return white[0], utterance.sound_from_s + np.abs(utterance.samples).argmax() / RATE_HZ


@pytest.mark.parametrize("delay_s", [0.0, 0.5])
def test_picture_and_sound_of_a_film_keep_step(tmp_path, delay_s):
    write_clip(tmp_path / "a.mp4", flash=True, sound=click(2.0, RATE_HZ), rate_hz=RATE_HZ, video_delay_s=delay_s)
    ((_, utterance),) = films(manifest(tmp_path, "a.mp4", kind="film"), pictures_per_s=30)
    seen_s, heard_s = flash_and_click(utterance)
    assert seen_s == pytest.approx(1.0, abs=0.034)
    assert heard_s == pytest.approx(1.0, abs=0.034)
    assert utterance.times_s[0] == pytest.approx(delay_s, abs=0.001)


def test_the_lag_of_the_microphone_is_taken_off(tmp_path):
    write_clip(tmp_path / "a.mp4", flash=True, sound=click(2.0, RATE_HZ), rate_hz=RATE_HZ)
    ((_, utterance),) = films(manifest(tmp_path, "a.mp4", kind="film", audio_lag_s=0.2))
    assert flash_and_click(utterance)[1] == pytest.approx(0.8, abs=0.034)


def test_a_stretch_of_a_film_counts_from_its_start(tmp_path):
    write_clip(tmp_path / "a.mkv", flash=True, sound=click(2.0, RATE_HZ), rate_hz=RATE_HZ)
    ((_, utterance),) = films(manifest(tmp_path, "a.mkv", kind="film", start_s=0.8, end_s=1.4), pictures_per_s=30)
    seen_s, heard_s = flash_and_click(utterance)
    assert seen_s == pytest.approx(0.2, abs=0.034)
    assert heard_s == pytest.approx(0.2, abs=0.034)
    assert utterance.times_s.max() < 0.6
    assert len(utterance.samples) == pytest.approx(0.6 * RATE_HZ, abs=400)


def test_fifteen_pictures_a_second_are_evenly_spread(tmp_path):
    write_film(tmp_path / "a.mp4", seconds=2)
    ((_, utterance),) = films(manifest(tmp_path, "a.mp4", kind="film"))
    assert 29 <= len(utterance.pictures) <= 31
    assert np.diff(utterance.times_s).max() <= 0.081
    assert np.diff(utterance.times_s).min() >= 0.039


def test_films_for_neither_training_nor_judging_come_only_when_asked_for(tmp_path):
    write_film(tmp_path / "a.mp4")
    listed = manifest(tmp_path, "a.mp4", kind="film", usable=False, judged=False)
    assert not list(films(listed))
    assert len(list(films(listed, unused=True))) == 1


def test_crops_are_a_film_with_their_own_times(tmp_path):
    columns = ("key", "label7", "n_frames", "frame_time_s", "audio", "audio_delay_s")
    with zipfile.ZipFile(tmp_path / "av.zip", "w") as archive:
        rows = [columns, ("k", "happy", 2, "0.100 0.334", "audio/k.flac", 0.0333)]
        with archive.open("crops.csv", "w") as file:
            file.write("\n".join(",".join(map(str, row)) for row in rows).encode())
        for n in range(2):
            archive.writestr(f"crops/k/{n:02d}.jpg", cv2.imencode(".jpg", picture(n, 128))[1].tobytes())
        archive.write(write_sound(tmp_path / "k.flac"), "audio/k.flac")
    ((_, utterance),) = films(manifest(tmp_path, "av.zip!crops.csv#k", kind="film"))
    assert utterance.times_s == pytest.approx([0.1, 0.334])
    assert utterance.sound_from_s == 0.0333
    assert utterance.pictures[1].shape == (174, 128, 3)  # upright again: the crops are squeezed into squares
    assert len(utterance.samples) == RATE_HZ // 2


def test_what_has_gone_bad_since_is_named_in_the_log_and_left_out(tmp_path, caplog):
    write_sound(tmp_path / "b.wav")
    (tmp_path / "c.wav").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        given = [item.path for item, _ in sounds(manifest(tmp_path, "a.wav", "b.wav", "c.wav"))]
    assert given == ["b.wav"]
    assert "a.wav left out: It cannot be read" in caplog.text
    assert "c.wav left out: The file is empty" in caplog.text
    assert not list(films(manifest(tmp_path, "gone.mp4", kind="film")))
    assert "gone.mp4 left out: It cannot be read" in caplog.text


def test_a_manifest_is_read_from_where_it_lies(tmp_path, monkeypatch):
    write_sound(tmp_path / "data" / "a.wav")
    (tmp_path / "out").mkdir()
    path = tmp_path / "out" / "ravdess.manifest.csv"
    write_manifest(path, manifest(tmp_path / "out", "../data/a.wav"))
    monkeypatch.chdir("/")
    assert len(list(sounds(open_manifest(path)))) == 1


def test_an_archive_is_listed_as_if_prepared(tmp_path):
    write_sound(tmp_path / "03-01-03-01-01-01-07.flac")
    with zipfile.ZipFile(tmp_path / "speech.zip", "w") as archive:
        archive.writestr("ravdess/manifest.csv", "")
        archive.write(tmp_path / "03-01-03-01-01-01-07.flac", "ravdess/03-01-03-01-01-01-07.flac")
    listed = open_manifest(tmp_path / "speech.zip")
    assert listed.header.data_set == "ravdess"
    assert [(item.emotion, len(samples)) for item, samples in sounds(listed)] == [("happy", RATE_HZ // 2)]


def prepared(folder, *items):
    path = folder / "ravdess.manifest.csv"
    write_manifest(path, Manifest(folder, Header("ravdess", "free", "x"), items))
    return path


def test_training_reads_utterances_from_a_manifest(tmp_path):
    write_sound(tmp_path / "a.wav")
    write_film(tmp_path / "b.mp4")
    sound = Item("a.wav", "sound", "ravdess", "02", "sad", "train", "free")
    film = Item("b.mp4", "film", "ravdess", "17", "happy", "validation", "free")
    ((utterance, samples),) = read_utterances(prepared(tmp_path, sound, film))
    assert (utterance.speaker, utterance.label, utterance.part, utterance.file) == ("02", 2, "train", "a.wav")
    assert len(samples) == RATE_HZ // 2
    ((utterance, _),) = read_utterances(prepared(tmp_path, film))
    assert utterance.part == "validation"


def test_training_takes_the_last_fold_for_its_test(tmp_path):
    write_sound(tmp_path / "a.wav")
    items = (Item("a.wav", "sound", "ravdess", f"p{n}", "sad", f"fold{n}", "free") for n in (1, 2, 3))
    assert [u.part for u, _ in read_utterances(prepared(tmp_path, *items))] == ["validation", "train", "test"]


def test_training_reads_faces_from_a_manifest(tmp_path):
    write_picture(tmp_path / "a.png", picture(1, 60))
    votes = (0.0, 6.0, 2.0, 0.0, 0.0, 0.0, 0.0)
    item = Item("a.png", "picture", "ravdess", "p", "happy", "test", "free", usable=False, votes=votes)
    images, known = read_faces(prepared(tmp_path, item))
    assert np.array_equal(images[0], picture(1, 60))
    assert (known[0].part, known[0].label, known[0].usable, known[0].judged) == ("test", 1, False, True)
    assert known[0].target[1] == pytest.approx(0.875)


def test_an_archive_of_something_else_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.txt", "")
    with pytest.raises(UsageError, match="neither a"):
        open_manifest(tmp_path / "x.zip")
    with (tmp_path / "y.csv").open("w", newline="") as file:
        csv.writer(file).writerow(["a"])
    with pytest.raises(UsageError, match="neither a"):
        open_manifest(tmp_path / "y.csv")
