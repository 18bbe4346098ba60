import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'edge-emotion[train]'")

from edge.errors import UsageError  # noqa: E402
from engines.curves import Curve  # noqa: E402
from engines.losses import consistency, cross_entropy_soft  # noqa: E402
from engines.models.teacher import Teacher, load_teacher  # noqa: E402
from engines.pairs import Pairs, modality_dropout  # noqa: E402
from engines.recipe import read_recipe  # noqa: E402
from engines.teacher_audio import AudioTask  # noqa: E402
from engines.teacher_joint import JointTask, joint_loss  # noqa: E402
from engines.teacher_settings import STAGES, TeacherSettings  # noqa: E402
from engines.teacher_stages import Place, forget, train_teacher  # noqa: E402
from engines.teacher_visual import VisualTask, picture_logits  # noqa: E402
from tests.engines.tiny_data import COUNT, tiny_faces, tiny_speech  # noqa: E402

torch.set_num_threads(1)
pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("few_draws")]

SETTINGS = TeacherSettings(side=32, frames=2, batch=COUNT, changes=False, steps=1, averaging=0.0)
STEPS = {"visual": 16, "audio": 20, "joint": 6}


class TinyData:
    """What the stages ask for."""

    faces = tiny_faces()
    train = tiny_speech().windows("train", noisy=True)
    validation = tiny_speech().windows("validation", noisy=False)

    def hashes(self, stage):
        return {"tiny": stage}


@pytest.fixture
def teacher():
    torch.manual_seed(3)
    return for_a_few_steps(Teacher())


def for_a_few_steps(teacher):
    """Without dropout, and with batch statistics that follow quickly."""
    for layer in teacher.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
        if isinstance(layer, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
            layer.momentum = 0.5
    return teacher


def task_of(stage, teacher, settings=SETTINGS):
    data = TinyData()
    if stage == "visual":
        return VisualTask(teacher, data.faces, settings, pretrained=False)
    if stage == "audio":
        return AudioTask(teacher, data.train, data.validation, settings)
    AudioTask(teacher, data.train, data.validation, settings)  # sets the statistics, as the stage before does
    return JointTask(teacher, data.faces, data.train, data.validation, settings)


@pytest.fixture(scope="module")
def trained(few_draws, tmp_path_factory):
    """All three stages, each until it knows its sixteen samples."""
    place, outcomes = Place(tmp_path_factory.mktemp("teacher"), torch.device("cpu")), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engines.teacher_stages.Teacher", lambda: for_a_few_steps(Teacher()))
        for stage in STAGES:
            outcomes |= train_teacher([stage], TinyData(), replace(SETTINGS, steps=STEPS[stage]), place)
    return place, outcomes


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_learns_sixteen_samples_by_heart(stage, trained):
    place, outcomes = trained
    rows = Curve(place.out / stage / "curves.csv").rows()
    assert rows[-1]["loss"] < rows[0]["loss"]
    assert outcomes[stage].figures["accuracy"] > 0.95
    if stage == "joint":
        assert outcomes[stage].figures["video"]["accuracy"] > 0.95
        assert outcomes[stage].figures["audio"]["accuracy"] > 0.95


def test_a_seen_sequence_is_changed_copies_of_one_picture(teacher):
    task = task_of("visual", teacher, replace(SETTINGS, frames=4, batch=64))
    frames, mask, targets = task.batch(0, np.random.default_rng(1))
    assert frames.shape == (64, 4, 32, 32)
    assert set(mask.sum(dim=1).tolist()) == {1.0, 2.0, 3.0, 4.0}
    assert torch.equal(targets.sum(dim=1), torch.ones(64))
    several = mask[:, 1] > 0
    assert torch.equal(frames[several, 0], frames[several, 1])
    changed = task_of("visual", teacher, replace(SETTINGS, frames=4, batch=64, changes=True))
    frames, mask, _ = changed.batch(0, np.random.default_rng(1))
    assert not torch.equal(frames[mask[:, 1] > 0, 0], frames[mask[:, 1] > 0, 1])


@pytest.mark.parametrize("stage", STAGES)
def test_a_batch_is_made_of_its_generator_alone(stage, teacher):
    task = task_of(stage, teacher, replace(SETTINGS, changes=True))
    torch.manual_seed(1)
    first = task.batch(0, np.random.default_rng(4))
    torch.manual_seed(2)
    for one, other in zip(first, task.batch(9, np.random.default_rng(4)), strict=True):
        assert torch.equal(one, other)


def test_pictures_are_brought_to_the_side_that_is_asked_for(teacher):
    task = task_of("visual", teacher, replace(SETTINGS, side=40, changes=True))
    assert task.batch(0, np.random.default_rng(1))[0].shape[2:] == (40, 40)
    assert picture_logits(teacher, tiny_faces().pooled[:3], 40).shape == (3, 7)


def test_rates_are_those_of_the_design(teacher):
    def rates(task):
        return {
            name: group["lr"] for group in task.groups() for name, weight in teacher.named_parameters()
            if any(weight is other for other in group["params"])
        }  # fmt: skip

    scratch, imagenet = (VisualTask(teacher, tiny_faces(), SETTINGS, pretrained=given) for given in (False, True))
    assert rates(scratch)["visual.backbone.conv1.weight"] == 5e-4
    assert rates(imagenet)["visual.backbone.conv1.weight"] == 1e-4
    assert rates(imagenet)["visual.backbone.fc.weight"] == 5e-4
    assert rates(imagenet)["visual.lstm.lstm.weight_hh_l0"] == 3e-4
    joint = rates(task_of("joint", teacher))
    assert joint["visual.backbone.conv1.weight"] == 1e-4
    assert joint["audio.lstm.lstm.weight_hh_l0"] == 3e-4
    assert joint["fusion.attention.in_proj_weight"] == 5e-4
    assert joint.keys() == dict(teacher.named_parameters()).keys()
    assert TeacherSettings().decay == 1e-5


def test_modality_dropout_leaves_out_one_but_never_both():
    sees, hears = (part.numpy()[:, 0] for part in modality_dropout(20_000, 0.15, np.random.default_rng(1)))
    assert np.mean(sees == 0) == pytest.approx(0.15, abs=0.01)
    assert np.mean(hears == 0) == pytest.approx(0.15, abs=0.01)
    assert ((sees + hears) >= 1).all()


def test_the_joint_loss_counts_only_what_is_there(teacher):
    task = task_of("joint", teacher, replace(SETTINGS, modality_dropout=0.0))
    frames, video_mask, sound, sound_mask, seen, heard = task.batch(0, np.random.default_rng(1))
    nothing = torch.zeros_like(video_mask)
    deaf, silent = teacher.eval()(frames, video_mask, sound, 0 * sound_mask), 0 * sound_mask
    expected = cross_entropy_soft(deaf.fused, seen) + cross_entropy_soft(deaf.video, seen)
    of_frames = seen.repeat_interleave(video_mask.sum(dim=1).long(), dim=0)
    expected = expected + cross_entropy_soft(deaf.frames, of_frames)
    assert torch.allclose(joint_loss(deaf, video_mask, silent, seen, heard), expected)
    blind = teacher(frames, nothing, sound, sound_mask)
    expected = cross_entropy_soft(blind.fused, heard) + cross_entropy_soft(blind.audio, heard)
    assert torch.allclose(joint_loss(blind, nothing, sound_mask, seen, heard), expected)
    both = teacher(frames, video_mask, sound, sound_mask)
    expected = (
        cross_entropy_soft(both.fused, (seen + heard) / 2) + cross_entropy_soft(both.audio, heard)
        + cross_entropy_soft(both.video, seen) + cross_entropy_soft(both.frames, of_frames)
        + consistency(both.video, both.audio)
    )  # fmt: skip
    assert torch.allclose(joint_loss(both, video_mask, sound_mask, seen, heard), expected)
    neither = teacher(frames, nothing, sound, silent)
    assert torch.isfinite(joint_loss(neither, nothing, silent, seen, heard))


def test_pairs_share_the_emotion_and_the_part():
    faces, train = tiny_faces(), tiny_speech().windows("train", noisy=False)
    pairs = Pairs.of(faces, train, "train")
    labels, seen, heard = pairs.draw(700, np.random.default_rng(1))
    assert np.array_equal(faces.labels[seen], labels)
    assert np.array_equal(train.labels[heard], labels)
    assert set(faces.parts[seen]) == {"train"}
    assert np.bincount(labels).tolist() == [100] * 7
    silent = replace(train, labels=np.full(len(train), 6), first=train.first)
    assert set(Pairs.of(faces, silent, "train").draw(10, np.random.default_rng(1))[0]) == {6}
    with pytest.raises(UsageError, match="validation part"):
        Pairs.of(faces, replace(train, labels=np.full(len(train), 9)), "validation")


def test_every_stage_leaves_weights_recipe_and_curves(trained):
    place, outcomes = trained
    assert list(outcomes) == list(STAGES)
    for stage in STAGES:
        assert load_teacher(place.weights(stage))[1] == 32
        recipe = read_recipe(place.weights(stage))
        assert recipe.stage == stage
        assert recipe.data == {"tiny": stage}
        assert recipe.figures == json.loads(json.dumps(outcomes[stage].figures))
        assert recipe.settings["schedule"]["steps"] == STEPS[stage]
        assert len(Curve(place.out / stage / "curves.csv").rows()) == STEPS[stage]
    assert set(recipe.settings["starts_from"]) == {"visual", "audio"}


def test_the_joint_stage_starts_from_both_others(trained):
    sees, hears, joint = (load_teacher(trained[0].weights(stage))[0] for stage in ("visual", "audio", "joint"))
    assert torch.equal(joint.audio.centre, hears.audio.centre)
    for name, before, other in (
        ("visual.backbone.conv1.weight", sees, hears),
        ("audio.lstm.lstm.weight_hh_l0", hears, sees),
        ("classify_video.weight", sees, hears),
    ):
        after = joint.get_parameter(name)
        assert (after - before.get_parameter(name)).abs().mean() < (after - other.get_parameter(name)).abs().mean()


def test_all_again_trains_nothing_again(trained, monkeypatch):
    place, outcomes = trained
    monkeypatch.setattr(VisualTask, "batch", None)
    monkeypatch.setattr(AudioTask, "batch", None)
    monkeypatch.setattr(JointTask, "batch", None)
    for stage in STAGES:
        again = train_teacher([stage], TinyData(), replace(SETTINGS, steps=STEPS[stage]), place)
        assert again == {stage: outcomes[stage]}


def test_other_settings_or_data_are_refused_until_the_old_ones_are_forgotten(tmp_path):
    place, data = Place(tmp_path, torch.device("cpu")), TinyData()
    train_teacher(["audio"], data, SETTINGS, place)
    for settings in (replace(SETTINGS, seed=8), replace(SETTINGS, modality_dropout=0.3)):
        with pytest.raises(UsageError, match="--fresh"):
            train_teacher(["audio"], data, settings, place)
    data.hashes = lambda _stage: {"tiny": "other"}
    with pytest.raises(UsageError, match="--fresh"):
        train_teacher(["audio"], data, SETTINGS, place)
    forget(["audio"], place)
    assert train_teacher(["audio"], data, SETTINGS, place)["audio"].steps == 1


def test_the_joint_stage_alone_says_what_is_missing(tmp_path):
    with pytest.raises(UsageError, match="visual"):
        train_teacher(["joint"], TinyData(), SETTINGS, Place(tmp_path, torch.device("cpu")))


def test_imagenet_weights_are_taken_and_named_in_the_recipe(tmp_path):
    weights = Teacher().visual.backbone.state_dict()
    torch.save(weights, tmp_path / "resnet34.pth")
    place = Place(tmp_path / "out", torch.device("cpu"), imagenet=tmp_path / "resnet34.pth")
    train_teacher(["visual"], TinyData(), SETTINGS, place)
    trained = load_teacher(place.weights("visual"))[0].visual.backbone.conv1.weight
    assert torch.allclose(trained, weights["conv1.weight"], atol=1e-3)
    assert list(read_recipe(place.weights("visual")).settings["starts_from"]) == ["resnet34.pth"]


def test_a_teacher_goes_on_from_another_at_a_larger_side(trained, tmp_path):
    earlier = trained[0].weights("visual")
    place = Place(tmp_path / "out", torch.device("cpu"), start=earlier)
    train_teacher(["visual"], TinyData(), replace(SETTINGS, side=40), place)
    before, after = load_teacher(earlier), load_teacher(place.weights("visual"))
    assert (before[1], after[1]) == (32, 40)
    moved = (after[0].visual.backbone.conv1.weight - before[0].visual.backbone.conv1.weight).abs().max()
    assert 0 < moved < 1e-3
