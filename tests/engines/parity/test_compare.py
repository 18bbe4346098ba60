"""Errors that are known must be found, where they are, and nothing else."""

import json
from dataclasses import replace

import numpy as np
import pytest

from edge.infer.onnx_engine import OnnxEngine
from engines.parity.compare import compare, work
from engines.parity.runs import Networks, batches, encoded, face_sizes, judged, row_sizes
from engines.parity.tolerance import TOLERANCES
from tests.engines.parity.bent import Bent, changed, perturbed

FP32, FP16, INT8 = (TOLERANCES[name] for name in ("fp32", "fp16", "int8"))


def verdict(shipped, feeds, card, limits=INT8, *, face=None, head=None, **options):
    candidate = Networks(face or shipped.face, head or shipped.head)
    return compare(shipped, candidate, feeds, limits, card.temperature, **options)


def worst(parity, part, output):
    return parity.parts[part][output].probabilities.most


def test_an_engine_agrees_with_itself_in_every_figure(shipped, feeds, card):
    seen = []
    parity = verdict(shipped, feeds, card, FP32, watch=seen.append)
    assert parity.accepted
    assert "is accepted as fp32" in parity.words
    assert sum(seen) == work(feeds)
    assert parity.embeddings.most == 0.0
    for outputs in parity.parts.values():
        for one in outputs.values():
            assert (one.logits.most, one.probabilities.most, one.probabilities.mean) == (0.0, 0.0, 0.0)
            assert one.agreement.same == one.agreement.n > 0


def test_one_wrong_weight_of_one_graph_is_found_in_that_graph(shipped, feeds, card, tmp_path):
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: pip install 'edge-emotion[train]'")
    last = [one.name for one in onnx.load(card.head_path).graph.initializer if len(one.dims) == 2][-1]
    with OnnxEngine(perturbed(card.head_path, tmp_path / "head.onnx", last, 3.0)) as head:
        parity = verdict(shipped, feeds, card, FP16, head=head)
    assert not parity.accepted
    assert max(worst(parity, "head", name) for name in card.temperature) > FP16.most
    assert all(worst(parity, "face", name) == 0.0 for name in card.temperature)
    assert "(head)" in parity.words
    assert "(face)" not in parity.words


def test_a_wrong_face_encoder_spoils_what_is_seen_and_not_what_is_heard(shipped, feeds, card):
    face = Bent(shipped.face, changed("embeddings", lambda values: values * 1.3))
    parity = verdict(shipped, feeds, card, FP16, face=face)
    assert not parity.accepted
    assert worst(parity, "face", "video") == worst(parity, "chain", "video") > FP16.most
    assert worst(parity, "face", "audio") == worst(parity, "head", "video") == 0.0
    assert parity.embeddings.most > 0.0


def test_two_errors_that_cancel_out_are_refused_graph_by_graph(shipped, feeds, card):
    face = Bent(shipped.face, changed("embeddings", lambda values: values * 2))

    class Halving(Bent):
        def infer(self, given):
            return self._engine.infer({**given, "embeddings": given["embeddings"] / 2})

    parity = verdict(shipped, feeds, card, INT8, face=face, head=Halving(shipped.head, None))
    assert worst(parity, "chain", "fused") == 0.0
    assert not parity.accepted


def test_two_outputs_that_are_swapped_are_refused(shipped, feeds, card):
    head = Bent(shipped.head, lambda said, _: {**said, "fused": said["video"], "video": said["fused"]})
    parity = verdict(shipped, feeds, card, INT8, head=head)
    assert not parity.accepted
    assert "fused (chain)" in parity.words
    assert "audio (chain)" not in parity.words


def test_two_emotions_that_are_swapped_are_refused(shipped, feeds, card):
    head = Bent(shipped.head, changed("audio", lambda values: values[:, [1, 0, 2, 3, 4, 5, 6]]))
    assert not verdict(shipped, feeds, card, INT8, head=head).accepted


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("graph", "output"), [("face", "embeddings"), ("head", "audio")])
def test_what_is_no_number_is_refused_and_named(graph, output, value, shipped, feeds, card):
    def spoil(values):
        values[-1, 3] = value
        return values

    bent = Bent(getattr(shipped, graph), changed(output, spoil))
    parity = verdict(shipped, feeds, card, INT8, **{graph: bent})
    assert not parity.accepted
    assert "no number" in parity.words
    assert output in parity.words
    assert "NaN" not in json.dumps(parity.as_json(), allow_nan=False)


def test_an_engine_whose_answers_depend_on_the_batch_is_refused(shipped, feeds, card):
    """Only a row by itself is wrong: no batch would give it away."""

    def lean(said, given):
        return {**said, "audio": said["audio"] + 0.01 * (len(given["sound"]) == 1) * np.arange(7, dtype=np.float32)}

    parity = verdict(shipped, feeds, card, FP32, head=Bent(shipped.head, lean))
    assert parity.batch.most > FP32.most
    assert "in a batch" in parity.words


def test_one_wrong_row_of_many_is_enough(shipped, feeds, card):
    row = next(number for number, one in enumerate(feeds.rows) if one.sight and one.sound)
    wrong = feeds.rows[row].sound.features

    def slip(said, given):
        said["fused"][(given["sound"] == wrong).all(axis=(1, 2)) & (given["video_mask"] > 0).any(axis=1), 0] += 1.0
        return said

    parity = verdict(shipped, feeds, card, FP16, head=Bent(shipped.head, slip))
    assert not parity.accepted
    assert parity.parts["chain"]["fused"].probabilities.mean < parity.parts["chain"]["fused"].probabilities.most / 5


@pytest.mark.parametrize(
    ("strict", "words"), [({"most": 0.01}, "by up to"), ({"mean": 1e-4}, "on average"), ({"agreement": 1.0}, "labels")]
)
def test_each_limit_refuses_by_itself(strict, words, shipped, feeds, card):
    """One emotion gains a little in all rows, so that a few labels change."""
    lax = replace(INT8, most=1.0, mean=1.0, agreement=0.0)
    head = Bent(shipped.head, changed("audio", lambda values: values + np.eye(7, dtype=np.float32)[2]))
    assert verdict(shipped, feeds, card, lax, head=head).accepted
    parity = verdict(shipped, feeds, card, replace(lax, **strict), head=head)
    assert words in parity.words
    assert len(parity.reasons) == 2  # of the head, and of both


def test_labels_count_each_evidence_once_and_none_where_there_is_none(shipped, feeds, card):
    outputs = verdict(shipped, feeds, card).parts["chain"]
    heard = {row.sound.features.tobytes() + row.sound.mask.tobytes() for row in feeds.rows if row.sound}
    assert outputs["audio"].agreement.n == len(heard) < sum(bool(row.sound) for row in feeds.rows)
    assert outputs["video"].agreement.n < sum(bool(row.sight) for row in feeds.rows)
    twice = replace(feeds, rows=feeds.rows * 2)
    assert verdict(shipped, twice, card).parts["chain"]["fused"].agreement.n == outputs["fused"].agreement.n


def test_every_size_from_one_face_to_eight_is_run(shipped, feeds, card):
    crops, rows = set(), set()

    def note(said, given):
        (crops if "crops" in given else rows).add(len(next(iter(given.values()))))
        return said

    many = feeds.__class__(np.repeat(feeds.crops, 2, axis=0), feeds.rows * 8, "")
    noted = Networks(Bent(shipped.face, note), Bent(shipped.head, note))
    embeddings = encoded(noted.face, many, face_sizes())
    judged(noted.head, many, embeddings, row_sizes())
    assert (crops, rows) == (set(range(1, 9)), set(range(1, 26)))
    assert row_sizes()[:9] == (1, 4, 7, 10, 13, 16, 19, 22, 25)  # what the device asks for comes first
    crops.clear()
    rows.clear()
    verdict(shipped, feeds, card, face=noted.face, head=noted.head, faces=2)
    assert (max(crops), max(rows)) == (2, 7)


@pytest.mark.parametrize("total", [0, 1, 24, 25, 26, 330])
def test_batches_cover_all_rows_once(total):
    places = list(batches(total, row_sizes()))
    assert [number for place in places for number in range(place.start, place.stop)] == list(range(total))
