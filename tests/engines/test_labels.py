import pytest

from edge.samples import EMOTIONS
from engines.datasets.labels import label_index


@pytest.mark.parametrize(
    ("word", "emotion"),
    [
        ("neutral", "neutral"),
        ("calm", "neutral"),
        ("Happiness", "happy"),
        ("sad", "sad"),
        ("anger", "angry"),
        ("fear", "fearful"),
        ("disgust", "disgust"),
        ("surprise", "surprised"),
    ],
)
def test_words_of_the_data_sets_find_their_place(word, emotion):
    assert label_index(word) == EMOTIONS.index(emotion)


@pytest.mark.parametrize("word", ["boredom", "contempt", "", "unknown"])
def test_other_words_are_dropped(word):
    assert label_index(word) is None


def test_our_own_labels_map_to_themselves():
    assert [label_index(word) for word in EMOTIONS] == list(range(7))
