import pytest

from engines.datasets.cremad import list_cremad
from engines.datasets.emodb import list_emodb
from engines.datasets.nemo import list_nemo
from engines.datasets.ravdess import SOUND_DELAY_S, list_ravdess
from engines.datasets.splits import Splits
from engines.datasets.store import Store
from tests.engines.datasets.files import touch


def listed(folder, reader, *names):
    with Store(touch(folder, *names)) as store:
        return reader(store, Splits())


@pytest.mark.parametrize(
    ("code", "emotion"),
    [
        ("01", "neutral"),
        ("02", "neutral"),
        ("03", "happy"),
        ("04", "sad"),
        ("05", "angry"),
        ("06", "fearful"),
        ("07", "disgust"),
        ("08", "surprised"),
    ],
)
def test_ravdess_says_the_emotion_in_its_third_number(tmp_path, code, emotion):
    (item,) = listed(tmp_path, list_ravdess, f"Actor_12/03-01-{code}-02-02-01-12.wav").items
    assert (item.emotion, item.person, item.intensity, item.split, item.kind) == (
        emotion,
        "12",
        "strong",
        "train",
        "sound",
    )
    assert item.audio_delay_s == SOUND_DELAY_S


def test_ravdess_films_stand_beside_sounds_and_songs_are_left_out(tmp_path):
    listing = listed(
        tmp_path,
        list_ravdess,
        "Actor_05/01-01-03-01-01-01-05.mp4",
        "Actor_05/02-01-03-01-01-01-05.mp4",
        "Actor_05/03-01-03-01-01-01-05.wav",
        "Actor_05/03-02-03-01-01-01-05.wav",
        "more/Actor_05/03-01-03-01-01-01-05.wav",
        "readme.wav",
    )
    assert [(item.kind, item.split) for item in listing.items] == [("film", "test"), ("sound", "test")]
    assert listing.dropped == {
        "film without sound": 1,
        "song, not speech": 1,
        "another copy of a take": 1,
        "file name of another form": 1,
    }


def test_a_code_that_ravdess_does_not_use_is_a_bad_file(tmp_path):
    listing = listed(tmp_path, list_ravdess, "03-01-09-01-01-01-12.wav", "03-01-03-07-01-01-12.wav")
    assert not listing.items
    assert [bad.file for bad in listing.bad] == ["03-01-03-07-01-01-12.wav", "03-01-09-01-01-01-12.wav"]
    assert "emotion 09" in listing.bad[1].reason


@pytest.mark.parametrize(
    ("code", "emotion"),
    [
        ("ANG", "angry"),
        ("DIS", "disgust"),
        ("FEA", "fearful"),
        ("HAP", "happy"),
        ("NEU", "neutral"),
        ("SAD", "sad"),
    ],
)
def test_cremad_says_the_emotion_in_three_letters(tmp_path, code, emotion):
    (item,) = listed(tmp_path, list_cremad, f"VideoFlash/1044_IEO_{code}_HI.flv").items
    assert (item.emotion, item.person, item.intensity, item.kind) == (emotion, "1044", "strong", "film")


def test_cremad_prefers_the_form_with_less_loss_of_one_take(tmp_path):
    listing = listed(
        tmp_path,
        list_cremad,
        "a/1044_DFA_ANG_XX.flv",
        "b/1044_DFA_ANG_XX.mp4",
        "c/1044_DFA_ANG_XX.wav",
        "1044_DFA_XYZ_XX.wav",
    )
    assert sorted(item.path for item in listing.items) == ["b/1044_DFA_ANG_XX.mp4", "c/1044_DFA_ANG_XX.wav"]
    assert [bad.file for bad in listing.bad] == ["1044_DFA_XYZ_XX.wav"]


@pytest.mark.parametrize(
    ("letter", "emotion"),
    [("F", "happy"), ("W", "angry"), ("E", "disgust"), ("A", "fearful"), ("T", "sad"), ("N", "neutral")],
)
def test_emodb_says_the_emotion_in_one_german_letter(tmp_path, letter, emotion):
    (item,) = listed(tmp_path, list_emodb, f"wav/13a01{letter}a.wav").items
    assert (item.emotion, item.person, item.split) == (emotion, "13", "validation")


def test_emodb_boredom_is_left_out_and_counted(tmp_path):
    listing = listed(tmp_path, list_emodb, "03a01Lb.wav", "03a01Xb.wav")
    assert listing.dropped == {"boredom is none of the seven emotions": 1}
    assert "emotion letter X" in listing.bad[0].reason


def test_nemo_goes_by_names_and_its_table_must_agree(tmp_path):
    (tmp_path / "data.tsv").write_text(
        "file_id\temotion\traw_text\tspeaker_id\n"
        "EB0_anger_1.wav\tanger\tx\t   EB0\n"
        "MP0_surprised_2.wav\tfear\tx\tMP0\n"
        "EB0_sadness_3.wav\tsadness\tx\tEB0\n",
        encoding="utf-8",
    )
    listing = listed(tmp_path, list_nemo, "samples/EB0_anger_1.wav", "samples/MP0_surprised_2.wav")
    assert [(item.emotion, item.person, item.split) for item in listing.items] == [
        ("angry", "EB0", "train"),
        ("surprised", "MP0", "test"),
    ]
    assert [bad.reason for bad in listing.bad] == [
        "Line 3 says fear by MP0, the name of MP0_surprised_2.wav says otherwise.",
        "Line 4 names EB0_sadness_3.wav, which is not there.",
    ]


@pytest.mark.parametrize("backwards", [False, True])
def test_the_split_of_a_person_does_not_depend_on_the_order_or_number_of_files(tmp_path, backwards):
    actors = list(range(1001, 1092))
    names = [f"{actor}_DFA_ANG_XX.wav" for actor in (actors[::-1] if backwards else actors)]
    some = {item.person: item.split for item in listed(tmp_path / "some", list_cremad, *names[::7]).items}
    every = {item.person: item.split for item in listed(tmp_path / "all", list_cremad, *names).items}
    assert some == {person: every[person] for person in some}
    assert every["1001"] == every["1002"] == "test"
    parts = list(every.values())
    assert parts.count("train") > 55
    assert min(parts.count("validation"), parts.count("test")) >= 8
