import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.samples import EMOTIONS
from engines.datasets.item import INTENSITIES, KINDS, SPLITS, Item

GOOD = {
    "path": "a/b.wav",
    "kind": "sound",
    "data_set": "ravdess",
    "person": "07",
    "emotion": "happy",
    "split": "train",
    "licence": "CC0",
}

seconds = st.integers(-5_000_000, 10_000_000).map(lambda us: round(us / 1e6, 6))


@given(
    st.builds(
        Item,
        path=st.just('x, "y".png'),
        kind=st.sampled_from(KINDS),
        data_set=st.just("emodb"),
        person=st.sampled_from(["03", "picture-1"]),
        emotion=st.sampled_from(EMOTIONS),
        split=st.sampled_from([*SPLITS, "fold1", "fold12"]),
        licence=st.just("free"),
        intensity=st.sampled_from(INTENSITIES),
        audio_delay_s=st.none() | seconds,
        audio_lag_s=st.none() | seconds,
        face_share=st.none() | st.just(0.5),
        usable=st.booleans(),
        judged=st.booleans(),
        votes=st.none() | st.tuples(*[st.integers(0, 10).map(float)] * 7),
    )
)
def test_a_row_reads_back_as_it_was_written(item):
    assert Item.from_row(item.to_row()) == item


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"emotion": "angst"}, "emotion 'angst' is unknown"),
        ({"split": "tets"}, "split 'tets' is unknown"),
        ({"split": "fold0"}, "split 'fold0' is unknown"),
        ({"kind": "movie"}, "kind 'movie' is unknown"),
        ({"intensity": "much"}, "intensity 'much' is unknown"),
        ({"person": ""}, "person is empty"),
        ({"start_s": "1"}, "start_s and end_s go together"),
        ({"start_s": "2", "end_s": "1"}, "no stretch"),
        ({"end_s": "nan", "start_s": "0"}, "end_s 'nan' is not a number"),
        ({"usable": "yes"}, "usable 'yes' is neither 0 nor 1"),
        ({"votes_happy": "3"}, "Only 1 of the 7 votes_ columns"),
    ],
)
def test_a_wrong_value_is_named(change, said):
    with pytest.raises(ValueError, match=said):
        Item.from_row(GOOD | change)


def test_columns_after_the_licence_may_be_absent():
    item = Item.from_row(GOOD)
    assert item.usable
    assert item.judged
    assert item.votes is None


def test_the_target_is_half_label_half_votes():
    item = Item.from_row(
        GOOD | {f"votes_{emotion}": "0" for emotion in EMOTIONS} | {"votes_sad": "6", "votes_happy": "2"}
    )
    assert np.allclose(item.target, [0, 0.625, 0.375, 0, 0, 0, 0])
    assert Item.from_row(GOOD).target.tolist() == [0, 1, 0, 0, 0, 0, 0]
