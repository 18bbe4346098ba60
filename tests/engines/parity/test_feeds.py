import zipfile

import numpy as np
import pytest

from edge.errors import EdgeError, UsageError
from edge.features.face import make_detector
from edge.samples import VIDEO_SLOTS, WINDOW_FRAMES
from engines.clip_walk import ClipWalk, Moment
from engines.evaluation import people
from engines.parity import archive_feeds, sources
from engines.parity.clip_feeds import clip_feeds, moment_feeds
from engines.parity.feeds import CASES, joined
from engines.parity.made_up import made_up_feeds
from engines.parity.runs import encoded, judged
from tests.clips import tone, write_clip, write_wav
from tests.edge.infer.windows import window
from tests.engines.evaluation.made_up import RATE, hum, picture_zip, speech_tar, table


def rows(feeds, case):
    return [row for row in feeds.rows if row.case == case]


def test_all_cases_are_there_and_are_what_they_are_called(feeds):
    assert all(feeds.counts()[case] for case in CASES)
    assert len(feeds.rows) == sum(feeds.counts().values())
    assert all(row.sight and not row.sound for row in rows(feeds, "face alone"))
    assert all(row.sound and not row.sight and row.sight.weights.any() for row in rows(feeds, "voice alone"))
    assert not any(row.sight.weights.size for row in rows(feeds, "no face"))
    assert all(row.sight.mask.all() and row.sound.mask.all() for row in rows(feeds, "silence"))
    assert np.ptp([row.sound.features for row in rows(feeds, "silence")], axis=0).max() == 0
    for row in rows(feeds, "partly masked"):
        assert 0 < row.sight.mask.sum() < VIDEO_SLOTS
        assert 0 < row.sound.mask.sum() < WINDOW_FRAMES
    (empty,) = rows(feeds, "empty")
    assert not empty.sight
    assert not empty.sound


def test_a_window_of_several_faces_is_three_rows_each_and_one(feeds):
    company = rows(feeds, "several faces")
    voices = {row.sound.features.tobytes() for row in company}
    for voice in voices:
        together = [row for row in company if row.sound.features.tobytes() == voice]
        faces = {row.sight.places.tobytes() for row in together if row.sight}
        assert len(faces) >= 2
        assert len(together) == 3 * len(faces) + 1


def test_embeddings_are_interpolated_as_the_device_does(demo_clip_path, shipped, card):
    """What ClipWalk was given by the device's own code comes out again, from crops that were encoded otherwise."""

    def encode(crops):
        return shipped.face.infer({"crops": crops[:, None].astype(np.float32)})["embeddings"]

    walk = ClipWalk(demo_clip_path, encode, card.embedding_size, make_detector())
    moments = [moment for _, moment in zip(range(3), walk.moments(), strict=False)]
    feeds = moment_feeds(moments, "demo")
    embeddings = encoded(shipped.face, feeds, (5,))
    assert len(feeds.crops) < sum(len(moment.crops) for moment in moments)  # windows overlap
    whole = [number for number, row in enumerate(feeds.rows) if row.case == "face and voice"]
    assert len(whole) == len(moments)
    for number, moment in zip(whole, moments, strict=True):
        fed = feeds.head_feeds(embeddings, slice(number, number + 1))
        shown = moment.video_mask
        assert np.abs(fed["embeddings"][0] - moment.embeddings)[shown].max() < 1e-4
        assert (fed["video_mask"][0] == shown).all()
        assert (fed["sound"][0] == moment.window.sound).all()


def test_the_head_is_fed_the_masks_of_its_rows(feeds, shipped):
    fed = feeds.head_feeds(encoded(shipped.face, feeds, (8,)), slice(0, None))
    for number, row in enumerate(feeds.rows):
        assert (fed["video_mask"][number] == row.sight.mask).all()
        assert (fed["sound_mask"][number] == row.sound.mask).all()
    assert {len(value) for value in fed.values()} == {len(feeds.rows)}
    assert {str(value.dtype) for value in fed.values()} == {"float32"}


def test_joined_feeds_keep_their_own_crops(feeds, shipped):
    twice = joined([feeds, feeds])
    assert twice.crops.shape == (2 * len(feeds.crops), 128, 128)
    embeddings = encoded(shipped.face, feeds, (8,))
    first = feeds.head_feeds(embeddings, slice(0, None))
    again = twice.head_feeds(np.concatenate([embeddings, embeddings + 1]), slice(len(feeds.rows), None))
    seen = np.array([row.sight.weights.sum(axis=1) for row in feeds.rows])
    assert np.allclose(again["embeddings"] - first["embeddings"], seen[:, :, None], atol=1e-4)


def test_a_clip_without_a_picture_has_rows_without_a_face(shipped, card, tmp_path):
    feeds = clip_feeds(write_wav(tmp_path / "voice.wav", hum(1.6), RATE), shipped.face, card.embedding_size)
    assert feeds.source == "voice.wav"
    assert feeds.counts()["no face"] > 0
    assert feeds.counts()["face and voice"] == feeds.counts()["several faces"] == 0


def test_a_picture_without_sound_has_rows_that_hear_nothing():
    seen, crop = np.ones(VIDEO_SLOTS, np.float32), np.full((1, 128, 128), 90, np.uint8)
    moment = Moment(window(), np.zeros((VIDEO_SLOTS, 8), np.float32), seen > 0, crop, seen[:, None], speaking=False)
    feeds = moment_feeds([moment], "silent")
    assert feeds.counts()["face alone"] == 1
    assert feeds.counts()["voice alone"] == feeds.counts()["face and voice"] == 0


def test_drawn_feeds_are_always_the_same(feeds):
    again = made_up_feeds(moments=6)
    assert (again.crops == feeds.crops).all()
    assert all(a.evidence("fused") == b.evidence("fused") for a, b in zip(again.rows, feeds.rows, strict=True))


def test_drawn_feeds_get_more_than_one_verdict(feeds, shipped):
    logits = judged(shipped.head, feeds, encoded(shipped.face, feeds, (8,)), (25,))
    for name, least in (("fused", 3), ("video", 2), ("audio", 3)):
        assert len(set(logits[name].argmax(axis=1))) >= least


def test_where_no_clip_can_be_made_drawings_do(shipped, card, monkeypatch, caplog):
    def no_clip():
        raise EdgeError("The demo clip needs espeak-ng for its voice.")

    monkeypatch.setattr(sources, "demo_clip", no_clip)
    assert sources.usual_feeds(shipped.face, card.embedding_size).source == "drawn faces and tones"
    assert "espeak-ng" in caplog.text


def test_archives_give_only_people_who_were_not_trained_on(shipped, card, tmp_path, monkeypatch):
    speech_tar(tmp_path / "emodb_speech_dev.tar", "emodb", [("14", "happy"), ("08", "sad"), ("14", "angry")])
    usages = [("Training", "happy", "1", "-1"), ("PublicTest", "sad", "1", "-1"), ("PublicTest", "fear", "0", "-1")]
    picture_zip(tmp_path / "fer2013_train_public.zip", usages)
    assert people.is_held_out("emodb", "14")
    assert not people.is_held_out("emodb", "08")
    feeds = archive_feeds.archive_feeds(tmp_path, shipped.face, card.embedding_size)
    assert feeds.source == "1 pictures of FER2013, 2 utterances of emodb"
    assert feeds.counts()["no face"] == 2
    assert feeds.counts()["face alone"] == len(feeds.crops) == 1


def test_films_are_those_of_people_who_were_not_trained_on(shipped, card, tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", seconds=1.2, sound=tone(1.2, 48_000))
    films = [("ravdess05", "a.mp4"), ("ravdess02", "b.mp4"), ("grid_s1", "c.mp4")]
    with zipfile.ZipFile(tmp_path / "av_dev.zip", "w") as data:
        data.writestr("clips.csv", table([{"file": file, "subject": subject} for subject, file in films]))
        for _, file in films:
            data.write(clip, f"clips/{file}")
    assert not people.is_subject_held_out("ravdess02")
    feeds = archive_feeds.archive_feeds(tmp_path, shipped.face, card.embedding_size)
    assert feeds.source == "2 clips"
    assert feeds.counts()["no face"] >= 2


def test_a_folder_without_archives_is_named(shipped, card, tmp_path):
    with pytest.raises(UsageError, match="holds none of"):
        archive_feeds.archive_feeds(tmp_path, shipped.face, card.embedding_size)
