"""The shapes that plans take."""

import pytest

from edge.infer.engine import EngineError
from edge.infer.plan_shapes import profile, profile_text


def test_the_face_encoder_takes_a_crop_per_face():
    assert profile("face", faces=8, embedding_size=96) == {
        "crops": ((1, 1, 128, 128), (1, 1, 128, 128), (8, 1, 128, 128))
    }


def test_the_head_takes_three_rows_per_face_and_one_for_the_voice():
    shapes = profile("head", faces=8, embedding_size=96)
    assert shapes["embeddings"] == ((1, 15, 96), (4, 15, 96), (25, 15, 96))
    assert shapes["sound_mask"] == ((1, 100), (4, 100), (25, 100))
    assert list(shapes) == ["embeddings", "video_mask", "sound", "sound_mask"]


@pytest.mark.parametrize("graph", ["face", "head"])
@pytest.mark.parametrize("faces", [1, 2, 8, 64])
def test_every_profile_is_in_order(graph, faces):
    for least, usual, largest in profile(graph, faces=faces, embedding_size=96).values():
        assert least[0] <= usual[0] <= largest[0]
        assert least[1:] == usual[1:] == largest[1:]


def test_other_numbers_are_another_text_and_the_same_are_the_same():
    texts = {profile_text(profile("head", faces=faces, embedding_size=size)) for faces in (1, 8) for size in (64, 96)}
    assert len(texts) == 4
    assert profile_text(profile("face", embedding_size=96)) == profile_text(profile("face", faces=8, embedding_size=64))


@pytest.mark.parametrize("faces", [0, -1, 65])
def test_a_number_of_faces_that_cannot_be_is_named(faces):
    with pytest.raises(EngineError, match=f"for {faces} faces"):
        profile("face", faces=faces, embedding_size=96)


def test_another_graph_is_named():
    with pytest.raises(EngineError, match="'body'"):
        profile("body", embedding_size=96)
