"""What is shipped says the same in every precision, in torch too, on real clips."""

import pytest

from edge.infer.card import load_card
from edge.infer.onnx_engine import OnnxEngine
from engines.archives import AV, SPEECH
from engines.parity import archive_feeds
from engines.parity.clip_feeds import clip_feeds
from engines.parity.compare import compare
from engines.parity.feeds import joined
from engines.parity.made_up import made_up_feeds
from engines.parity.runs import Networks
from engines.parity.tolerance import tolerance


@pytest.fixture(scope="module")
def usual(demo_clip_path, shipped, card):
    return joined([clip_feeds(demo_clip_path, shipped.face, card.embedding_size), made_up_feeds()])


def measured(card, precision, shipped, feeds):
    paths = [card.graph_path(graph, precision) for graph in ("face", "head")]
    with OnnxEngine(paths[0]) as face, OnnxEngine(paths[1]) as head:
        return compare(shipped, Networks(face, head), feeds, tolerance(precision), card.temperature)


@pytest.mark.parametrize("precision", [name for name in load_card().precisions if name != "fp32"])
def test_every_precision_of_the_card_is_accepted(precision, shipped, card, usual):
    parity = measured(card, precision, shipped, usual)
    assert parity.accepted, parity.words
    assert 0.0 < parity.embeddings.most < 1.0  # it is another network, not fp32 under another name
    if precision == "fp16":
        outputs = [one for part in parity.parts.values() for one in part.values()]
        assert max(one.probabilities.most for one in outputs) <= 1e-2
        assert min(one.agreement.share for one in outputs) >= 0.99


def test_torch_says_what_onnx_runtime_says(shipped, card, usual):
    for package in ("torch", "onnx"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install 'edge-emotion[train]'")
    from engines.parity.torch_networks import networks

    parity = compare(shipped, Networks(*networks(card, None)), usual, tolerance("fp32"), card.temperature)
    assert parity.accepted, parity.words


def test_precisions_hold_on_people_who_were_not_trained_on(shared_data, shipped, card, tmp_path, monkeypatch):
    pytest.importorskip("soundfile", reason="soundfile is not installed: pip install 'edge-emotion[train]'")
    for name in (AV, SPEECH[1]):
        if not (shared_data / name).exists():
            pytest.skip(f"{name} is not in {shared_data}")
        (tmp_path / name).symlink_to(shared_data / name)
    monkeypatch.setattr(archive_feeds, "UTTERANCES", 12)
    monkeypatch.setattr(archive_feeds, "CLIPS", 3)
    feeds = archive_feeds.archive_feeds(tmp_path, shipped.face, card.embedding_size)
    assert feeds.source == "3 clips, 12 utterances of emodb"
    assert feeds.counts()["face and voice"] > 10
    for precision in card.precisions:
        if precision != "fp32":
            parity = measured(card, precision, shipped, feeds)
            assert parity.accepted, parity.words
