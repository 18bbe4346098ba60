import pytest

from engines.datasets.iemocap import list_iemocap
from engines.datasets.splits import Splits
from engines.datasets.store import Store
from tests.engines.datasets.files import touch

FIRST = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"


def label(start, end, name, emotion):
    return (
        f"[{start:.4f} - {end:.4f}]\t{name}\t{emotion}\t[2.5000, 2.5000, 2.5000]\n"
        "C-E2:\tNeutral;\t()\nC-F1:\tNeutral;\t(curious)\nA-E3:\tval 3; act 2; dom  2;\t()\n\n"
    )


def listed(folder, text, *sounds, session=1, dialog="Ses01F_impro01"):
    labels = folder / f"Session{session}/dialog/EmoEvaluation/{dialog}.txt"
    labels.parent.mkdir(parents=True, exist_ok=True)
    labels.write_text(FIRST + text, encoding="utf-8")
    touch(folder, *(f"Session{session}/sentences/wav/{dialog}/{name}.wav" for name in sounds))
    with Store(folder) as store:
        return list_iemocap(store, Splits())


@pytest.mark.parametrize(
    ("code", "emotion"),
    [
        ("neu", "neutral"),
        ("hap", "happy"),
        ("exc", "happy"),
        ("sad", "sad"),
        ("ang", "angry"),
        ("fea", "fearful"),
        ("dis", "disgust"),
        ("sur", "surprised"),
    ],
)
def test_its_own_labels_map_to_the_seven(tmp_path, code, emotion):
    listing = listed(tmp_path, label(6.29, 8.23, "Ses01F_impro01_F000", code), "Ses01F_impro01_F000")
    assert [item.emotion for item in listing.items] == [emotion]
    assert not listing.bad


def test_frustration_other_and_no_agreement_are_counted(tmp_path):
    text = "".join(
        label(n, n + 1, f"Ses01F_impro01_F00{n}", code) for n, code in enumerate(("fru", "xxx", "oth", "fru"))
    )
    listing = listed(tmp_path, text)
    assert not listing.items
    assert sorted(listing.dropped.values()) == [1, 1, 2]


def test_a_person_is_a_session_and_a_sex_and_the_session_is_the_fold(tmp_path):
    text = label(1, 2, "Ses03F_script01_1_F000", "sad") + label(2, 3, "Ses03F_script01_1_MXX1", "ang")
    names = ("Ses03F_script01_1_F000", "Ses03F_script01_1_MXX1")
    listing = listed(tmp_path, text, *names, session=3, dialog="Ses03F_script01_1")
    assert [(item.person, item.split) for item in listing.items] == [("Ses03F", "fold3"), ("Ses03M", "fold3")]


def test_the_film_of_a_dialogue_is_listed_by_its_stretch_but_not_used(tmp_path):
    touch(tmp_path, "Session1/dialog/avi/DivX/Ses01F_impro01.avi")
    listing = listed(tmp_path, label(6.29, 8.23, "Ses01F_impro01_F000", "neu"))
    (film,) = listing.items
    assert (film.kind, film.start_s, film.end_s) == ("film", 6.29, 8.23)
    assert not film.usable
    assert not film.judged


def test_wrong_lines_and_missing_sounds_are_named(tmp_path):
    text = (
        label(1, 2, "Ses01F_impro01_F000", "neu")
        + "[1.0 - two]\tSes01F_impro01_F001\tneu\t[2, 2, 2]\n"
        + label(3, 4, "Ses01F_impro01_F002", "joy")
        + label(9, 8, "Ses01F_impro01_F003", "neu")
        + label(5, 6, "Ses01F_impro01_F004", "neu")
    )
    listing = listed(tmp_path, text, "Ses01F_impro01_F000")
    assert len(listing.items) == 1
    assert [bad.reason.split(":")[0] for bad in listing.bad] == ["Line 8", "Line 9", "Line 14", "Line 19"]
    assert "emotion 'joy' is unknown" in listing.bad[1].reason
    assert "neither the sound nor the film of Ses01F_impro01_F004 is there" in listing.bad[3].reason


def test_copies_of_the_labels_in_other_folders_are_not_read(tmp_path):
    touch(tmp_path, "Session1/dialog/EmoEvaluation/Categorical/Ses01F_impro01_e1_cat.txt")
    listing = listed(tmp_path, label(1, 2, "Ses01F_impro01_F000", "neu"), "Ses01F_impro01_F000")
    assert listing.used == {"Session1/dialog/EmoEvaluation/Ses01F_impro01.txt"}
