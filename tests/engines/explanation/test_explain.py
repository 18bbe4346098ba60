import json

import numpy as np
import pytest

for package in ("torch", "onnx", "shap", "matplotlib"):
    pytest.importorskip(package, reason=f"{package} is not installed: pip install 'edge-emotion[train,explain]'")

import cv2  # noqa: E402
import torch  # noqa: E402

from edge.errors import UsageError  # noqa: E402
from edge.features.face import make_detector  # noqa: E402
from edge.infer.card import MODELS_FOLDER, load_card  # noqa: E402
from edge.samples import EMOTIONS  # noqa: E402
from engines.cli import main  # noqa: E402
from engines.clip_walk import ClipWalk, Moment  # noqa: E402
from engines.evaluation import Judge  # noqa: E402
from engines.explanation.attribution import attribute  # noqa: E402
from engines.explanation.background import background  # noqa: E402
from engines.explanation.explain import explain  # noqa: E402
from tests.clips import write_wav  # noqa: E402
from tests.edge.infer.windows import window  # noqa: E402
from tests.engines.evaluation.made_up import RATE, hum  # noqa: E402

torch.set_num_threads(1)
FEW = 8


@pytest.fixture(scope="module")
def told(demo_clip_path):
    return explain(demo_clip_path, MODELS_FOLDER, at_s=1.2, samples=FEW)


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    return write_wav(tmp_path_factory.mktemp("sound") / "voice.wav", (hum(1.3) * 32767).astype(np.int16), RATE)


def made_up(*, sees=True, hears=True):
    """A window of two crops that alternate, and a hum."""
    random = np.random.default_rng(0)
    crops = np.stack([cv2.GaussianBlur(random.integers(0, 256, (128, 128)).astype(np.uint8), (0, 0), 3) for _ in "ab"])
    crops = cv2.normalize(crops, None, 0, 255, cv2.NORM_MINMAX)
    weights = np.eye(2, dtype=np.float32)[np.arange(15) % 2] * sees
    heard = window(sound=random.normal(0, 10, (100, 120)) if hears else None)
    size = load_card().embedding_size
    return Moment(heard, np.zeros((15, size), np.float32), np.full(15, sees), crops, weights, speaking=True)


def silence():
    from edge.samples import SoundFrames

    none = np.empty(0, np.float32)
    return SoundFrames(0, np.empty(0, np.int64), np.empty((0, 120), np.float32), none, none, 0.0)


def test_the_embeddings_of_a_window_are_those_of_its_crops(demo_clip_path):
    judge = Judge(MODELS_FOLDER)
    walk = ClipWalk(demo_clip_path, lambda crops: judge.embeddings(list(crops)), judge.embedding_size, make_detector())
    moment = next(iter(walk.moments()))
    assert moment.end_s == 1.0
    assert moment.has_face
    mixed = moment.weights @ judge.embeddings(list(moment.crops))
    assert np.allclose(mixed[moment.video_mask], moment.embeddings[moment.video_mask], atol=1e-4)
    assert 5 <= len(moment.crops) <= 20


def test_what_is_attributed_adds_up_to_what_the_verdict_gained():
    moment = made_up()
    near = (moment.crops[None] * np.float32(0.97) + 2.0, moment.window.sound[None] * np.float32(0.98))
    told = attribute(load_card(), moment, near, samples=40)
    assert told.output != pytest.approx(told.reference, abs=1e-5)
    assert sum(told.contributions) == pytest.approx(told.output - told.reference, rel=0.15, abs=2e-4)


@pytest.mark.parametrize(("sees", "hears"), [(True, False), (False, True)])
def test_a_masked_modality_is_given_nothing_and_the_other_one_all(sees, hears):
    moment = made_up(sees=sees, hears=hears)
    told = attribute(load_card(), moment, background(moment, silence()), samples=FEW)
    assert bool(np.abs(told.face).max() > 0) is sees
    assert bool(np.abs(told.sound).max() > 0) is hears
    assert told.shares == (float(sees), float(hears))


def test_masked_frames_are_given_nothing():
    moment = made_up(sees=False)
    moment.window.sound_mask[60:] = False
    told = attribute(load_card(), moment, background(moment, silence()), samples=FEW)
    assert np.abs(told.sound[:60]).sum() > 0
    assert np.abs(told.sound[60:]).sum() == 0


def test_the_background_holds_no_expression_and_no_speech():
    moment = made_up()
    faces, sounds = background(moment, silence())
    assert faces.shape == (6, 2, 128, 128)
    assert sounds.shape == (6, 100, 120)
    assert np.abs(np.diff(faces, axis=3)).mean() < 0.2 * np.abs(np.diff(moment.crops.astype(float), axis=2)).mean()
    assert np.ptp(sounds, axis=1).max() == 0
    assert faces.mean() == pytest.approx(moment.crops.mean(), abs=3)


@pytest.mark.timeout(180)
def test_a_real_clip_is_explained_end_to_end(told):
    found = told.as_json()
    assert found["emotion"] in EMOTIONS
    assert found["window"] == {"start_s": 0.2, "end_s": 1.2}
    assert sum(found["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert sum(found["share"].values()) == pytest.approx(1, abs=1e-3)
    assert np.shape(found["face_map_nats"]) == (16, 16)
    assert {name: np.shape(band) for name, band in found["sound_map_nats"].items()} == dict.fromkeys(
        ("static", "delta", "delta_delta"), (40, 25)
    )
    assert np.sum(found["face_map_nats"]) == pytest.approx(found["contribution_nats"]["video"], abs=0.01)
    added = found["additivity"]
    difference = added["log_probability"] - added["background_log_probability"]
    assert added["gap"] == pytest.approx(added["attributed"] - difference, abs=1e-3)
    json.dumps(found)


@pytest.mark.timeout(180)
def test_the_picture_shows_the_face_and_the_sound(told, tmp_path):
    from engines.explanation.picture import draw

    draw(told, tmp_path / "why.png")
    picture = cv2.imread(str(tmp_path / "why.png"))
    assert min(picture.shape[:2]) > 600
    red, blue = (np.abs(picture.astype(int) - colour).sum(2) < 60 for colour in ([43, 24, 178], [172, 102, 33]))
    assert (red | blue).sum() > 500
    with pytest.raises(UsageError, match="cannot be written"):
        draw(told, tmp_path / "no" / "why.png")


@pytest.mark.timeout(180)
def test_a_voice_alone_is_explained_by_sound_alone(voice, tmp_path, capsys):
    out = tmp_path / "why.png"
    assert main(["explain", str(voice), "--at", "1.1", "--json", "--out", str(out), "--samples", str(FEW)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["face"] is False
    assert found["share"] == {"video": 0.0, "audio": 1.0}
    assert out.exists()


@pytest.mark.parametrize(
    ("content", "at", "said"),
    [(None, None, "gone.mp4"), (b"\x00" * 4000, None, "gone.mp4"), (b"no film", None, "gone.mp4")],
)
def test_a_corrupt_clip_is_one_sentence(content, at, said, tmp_path, capsys):
    clip = tmp_path / "gone.mp4"
    if content is not None:
        clip.write_bytes(content)
    assert main(["explain", str(clip), "--json"]) == 64
    error = capsys.readouterr().err.strip()
    assert said in error
    assert "\n" not in error
    assert "Traceback" not in error


def test_a_clip_without_face_and_speech_is_not_explained_unasked(voice, capsys):
    assert main(["explain", str(voice), "--json"]) == 64
    assert "no face and holds no speech" in capsys.readouterr().err


def test_a_moment_outside_the_clip_is_refused(voice, capsys):
    assert main(["explain", str(voice), "--at", "9", "--json"]) == 64
    assert "from 0 to 1.3" in capsys.readouterr().err


def test_missing_packages_are_named_with_their_extra(voice, monkeypatch, capsys):
    monkeypatch.setattr("engines.explanation.extras.PACKAGES", ("torch", "no_such_package"))
    assert main(["explain", str(voice)]) == 64
    assert "no_such_package: pip install 'edge-emotion[train,explain]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "nowhere/why.png"], "nowhere"),
        (["--out", "why.docx"], ".docx"),
        (["--model", "nowhere"], "edge-engines export"),
    ],
)
def test_what_cannot_be_is_told_before_the_work(options, said, demo_clip_path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("engines.explanation.explain.explain", lambda *_: pytest.fail("it began"))
    assert main(["explain", str(demo_clip_path), *options]) == 64
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_a_picture_has_the_name_that_was_given(told, tmp_path):
    from engines.explanation.picture import draw

    draw(told, tmp_path / "why")
    assert [file.name for file in tmp_path.iterdir()] == ["why"]
    with pytest.raises(UsageError, match="cannot be written"):
        draw(told, tmp_path)


def test_less_than_a_second_begins_at_its_beginning(voice, tmp_path, capsys):
    import soundfile

    samples, rate_hz = soundfile.read(voice)
    soundfile.write(tmp_path / "kürzer.wav", samples[: rate_hz * 4 // 10], rate_hz)
    line = ["explain", str(tmp_path / "kürzer.wav"), "--json", "--samples", "2", "--at", "0.4"]
    assert main(line) == 0
    window = json.loads(capsys.readouterr().out)["window"]
    assert window["start_s"] == 0.0
    assert 0.0 < window["end_s"] < 1.0
