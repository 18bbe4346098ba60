import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from edge.errors import UsageError  # noqa: E402
from engines.models.face_prior import _BLOCKS, FacePrior, read_manifest  # noqa: E402

pytestmark = pytest.mark.timeout(120)


def units():
    yield "conv32_down", 3, 32, 7
    for name, inputs, outputs in _BLOCKS:
        yield f"{name}/conv1", inputs, outputs, 3
        yield f"{name}/conv2", outputs, outputs, 3


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """Made-up weights in the form that face-api.js distributes, the kernels in 8-bit steps."""
    random = np.random.default_rng(0)
    entries, content = [], b""
    for name, inputs, outputs, side in units():
        shape = [side, side, inputs, outputs]
        step = 2.0 / (255 * side * np.sqrt(inputs))
        entries.append({
            "name": f"{name}/conv/filters", "shape": shape, "dtype": "float32",
            "quantization": {"dtype": "uint8", "scale": step, "min": -128 * step},
        })  # fmt: skip
        content += random.integers(0, 256, shape).astype(np.uint8).tobytes()
        for part, middle in (("conv/bias", 0.0), ("scale/weights", 1.0), ("scale/biases", 0.0)):
            entries.append({"name": f"{name}/{part}", "shape": [outputs], "dtype": "float32"})
            content += (middle + 0.1 * random.standard_normal(outputs)).astype("<f4").tobytes()
    folder = tmp_path_factory.mktemp("prior")
    (folder / "weights.bin").write_bytes(content)
    path = folder / "manifest.json"
    path.write_text(json.dumps([{"paths": ["weights.bin"], "weights": entries}]))
    return path


def test_tensors_come_back_from_their_steps(manifest):
    weights = read_manifest(manifest)
    kernel = weights["conv64_down/conv1/conv/filters"]
    assert kernel.shape == (3, 3, 32, 64)
    assert abs(float(kernel.mean())) < 0.01 * float(np.abs(kernel).max())
    assert weights["conv32_down/scale/weights"].mean() == pytest.approx(1.0, abs=0.1)


def test_settling_changes_the_statistics_and_not_the_function(manifest):
    pictures = torch.rand(6, 96, 96) * 255
    prior, plain = FacePrior(), FacePrior()
    prior.load_recogniser(manifest, pictures)
    plain._settle = lambda _pictures: None  # type: ignore[method-assign]
    plain.load_recogniser(manifest, pictures)
    plain.eval()
    prior.eval()
    with torch.no_grad():
        settled, unsettled = prior(pictures), plain(pictures)
    assert torch.allclose(settled, unsettled, rtol=1e-3, atol=1e-4 * float(unsettled.abs().max()))
    assert not torch.allclose(prior.stem.norm.running_var, plain.stem.norm.running_var)
    prior.train()
    with torch.no_grad():  # with batch statistics now as with running ones
        assert torch.allclose(prior(pictures), settled, rtol=0.05, atol=0.05 * float(settled.abs().max()))


def test_odd_sides_fit(manifest):
    with torch.no_grad():
        assert FacePrior().eval().logits(torch.rand(2, 75, 75) * 255).shape == (2, 7)


def test_another_network_is_refused(tmp_path, manifest):
    entries = json.loads(manifest.read_text())
    entries[0]["weights"] = entries[0]["weights"][:8]
    (manifest.parent / "short.json").write_text(json.dumps(entries))
    with pytest.raises(UsageError, match="another network"):
        FacePrior().load_recogniser(manifest.parent / "short.json", torch.rand(2, 96, 96))
    with pytest.raises(UsageError, match="no manifest"):
        read_manifest(tmp_path / "absent.json")
