import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from engines.class_chances import class_chances  # noqa: E402
from engines.distil_face import FaceDistillation, FaceRecipe, as_input, distil_face, face_logits  # noqa: E402
from engines.faces import FaceSet  # noqa: E402
from engines.loop import Run  # noqa: E402
from engines.models.face_encoder import FaceEncoder, pool_crops  # noqa: E402
from engines.models.student import count_macs, count_parameters, face_example  # noqa: E402

pytestmark = pytest.mark.timeout(120)


def patterns(n):
    """Faces that differ by label alone: a bright bar at the label's height."""
    random = np.random.default_rng(0)
    labels = np.arange(n) % 7
    pooled = random.integers(60, 100, (n, 64, 64)).astype(np.uint8)
    for row, label in enumerate(labels):
        pooled[row, 6 + 8 * label : 11 + 8 * label] = 230
    parts = np.where(np.arange(n) < n - 7, "train", "validation")
    yes = np.ones(n, bool)
    return FaceSet(pooled, np.eye(7, dtype=np.float32)[labels], labels, parts, yes, yes, yes)


def test_the_encoder_keeps_within_its_limits():
    encoder = FaceEncoder()
    assert count_macs(encoder, face_example(1)) <= 20e6
    assert count_parameters(encoder) <= 0.42e6


def test_full_crops_and_pooled_crops_give_one_embedding():
    crops = torch.rand(3, 1, 128, 128) * 255
    encoder = FaceEncoder().eval()
    with torch.no_grad():
        assert torch.allclose(encoder(crops), encoder.encode_pooled(pool_crops(crops)), atol=1e-5)


def test_light_and_contrast_do_not_matter():
    crops = torch.rand(3, 1, 128, 128) * 100
    encoder = FaceEncoder().eval()
    with torch.no_grad():
        assert torch.allclose(encoder(crops), encoder(2.0 * crops + 30.0), atol=1e-2)


def test_rare_emotions_come_more_often():
    labels = np.array([0] * 16 + [1] * 4)
    chances = class_chances(labels, 0.5)
    assert chances.sum() == pytest.approx(1)
    assert chances[:16].sum() == pytest.approx(2 * chances[16:].sum())
    assert class_chances(labels, 0.0) == pytest.approx(np.full(20, 0.05))


def test_patterns_are_learnt_and_a_finished_run_returns_at_once(tmp_path):
    faces = patterns(28)
    recipe = FaceRecipe(epochs=25, batch=14, rate=4e-3, averaging=0.8)
    encoder, outcome = distil_face(faces, None, recipe, Run(tmp_path, "patterns"))
    assert (face_logits(encoder, faces.pooled).argmax(1).numpy() == faces.labels).mean() > 0.95
    again, repeated = distil_face(faces, None, recipe, Run(tmp_path, "patterns"))
    assert repeated.steps == outcome.steps
    assert torch.equal(face_logits(again, faces.pooled), face_logits(encoder, faces.pooled))


def test_the_teacher_is_followed_where_the_labels_say_nothing_else():
    faces = patterns(28)
    swapped = np.roll(np.eye(7, dtype=np.float32)[faces.labels], 1, axis=1) * 8
    task = FaceDistillation(faces, swapped, FaceRecipe(batch=14, alpha=0.0))
    optimiser = torch.optim.Adam(task.network.parameters(), 4e-3)
    random = np.random.default_rng(0)
    for step in range(40):
        loss = task.loss(task.batch(step, random))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    rows = faces.rows("train")
    task.network.train()
    with torch.no_grad():
        said = task.network.logits_pooled(as_input(faces.pooled[rows])).argmax(1).numpy()
    assert (said == (faces.labels[rows] + 1) % 7).mean() > 0.8
