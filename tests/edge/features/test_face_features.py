import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.errors import EdgeError
from edge.features.face import make_detector
from edge.features.face_features import FaceFeatures
from edge.samples import Frame
from tests.detector_pictures import clips, data_folder
from tests.edge.features.heads import scene
from tests.fakes import FakeClock

STEP_NS = 33_333_333


@pytest.fixture(scope="module")
def detector():
    model = next(iter(sorted(data_folder().glob("face_detection_yunet*.onnx"))), None)
    try:
        return make_detector("auto", model)
    except EdgeError as error:
        pytest.skip(str(error))


class Encoder:
    """A small real encoder, mean gray of the crop's quarters, that remembers what it was asked for."""

    def __init__(self) -> None:
        self.batches = []

    def __call__(self, crops):
        assert crops.dtype == np.uint8
        assert crops.shape[1:] == (128, 128)
        self.batches.append(len(crops))
        return crops.reshape(len(crops), 2, 64, 2, 64).mean(axis=(2, 4)).reshape(len(crops), 4).astype(np.float32)


def frames(images, first_ns=10**12, step_ns=STEP_NS):
    return [Frame(first_ns + n * step_ns, first_ns + n * step_ns, n, image) for n, image in enumerate(images)]


def test_a_face_is_reported_with_all_its_fields(detector):
    image, truth = scene((320, 240))
    clock = FakeClock()
    features = FaceFeatures(detector, Encoder(), clock=clock)
    clock.advance(5)
    *_, last = [features.step(frame) for frame in frames([image] * 4)]
    assert (last.width, last.height, last.t_ns) == (640, 480, 10**12 + 3 * STEP_NS)
    assert last.ready_ns == clock.now_ns()
    (face,) = last.faces
    assert face.track == 1
    assert np.abs(face.landmarks - truth[0].landmarks).max() < 8
    assert abs(face.pose.yaw) < 20
    assert face.quality.width_px == pytest.approx(truth[0].box.width, rel=0.15)
    assert 40 < face.quality.brightness < 220
    assert face.quality.sharpness > 10
    assert face.mouth < 0.05
    assert math.isfinite(face.mouth_opening)


def test_detection_runs_at_its_cadence_when_nothing_is_in_doubt(detector):
    image, _ = scene((320, 240))
    features = FaceFeatures(detector, Encoder(), detect_every_s=0.2)
    for frame in frames([image] * 60):
        features.step(frame)
    assert 10 <= features.detections <= 12


def test_embeddings_come_at_the_rates_of_leading_and_other_faces(detector):
    near, _ = scene((470, 240), scale=1.3)
    far, _ = scene((140, 240), scale=0.8)
    image = np.concatenate([far[:, :320], near[:, 320:]], axis=1)
    encoder = Encoder()
    features = FaceFeatures(detector, encoder, lead_encode_hz=15, other_encode_hz=5)
    results = [features.step(frame) for frame in frames([image] * 62)][2:]
    assert all(len(result.faces) == 2 for result in results)
    lead = sum(result.faces[0].embedding is not None for result in results)
    other = sum(result.faces[1].embedding is not None for result in results)
    assert lead == pytest.approx(30, abs=2)
    assert other == pytest.approx(10, abs=2)
    assert max(encoder.batches) == 2
    assert sum(encoder.batches) == pytest.approx(lead + other, abs=3)
    assert all(result.faces[0].box.width > result.faces[1].box.width for result in results)


def test_thrift_sets_detections_and_embeddings_farther_apart(detector):
    image, _ = scene((320, 240))
    encoder = Encoder()
    features = FaceFeatures(detector, encoder, detect_every_s=0.2, lead_encode_hz=15)
    pictures = frames([image] * 120)
    for frame in pictures[:60]:
        features.step(frame)
    before, encoded = features.detections, sum(encoder.batches)
    features.thrift = 2.0
    for frame in pictures[60:]:
        features.step(frame)
    assert features.detections - before == pytest.approx(before / 2, abs=2)
    assert sum(encoder.batches) - encoded == pytest.approx(encoded / 2, abs=2)


def test_who_was_forgotten_comes_back_as_somebody_else(detector):
    image, _ = scene((320, 240))
    features = FaceFeatures(detector, Encoder())
    pictures = frames([image] * 8)
    before = [features.step(frame) for frame in pictures[:4]][-1]
    features.forget()
    after = [features.step(frame) for frame in pictures[4:]]
    assert [face.track for face in before.faces] == [1]
    assert [face.track for face in after[-1].faces] == [2]
    assert after[1].faces[0].embedding is not None, "and is looked at anew"
    assert math.isnan(after[1].faces[0].mouth_speed)


def test_lost_face_is_looked_for_at_once(detector):
    image, _ = scene((320, 240))
    features = FaceFeatures(detector, Encoder(), detect_every_s=5.0)
    pictures = frames([image] * 5 + [np.zeros_like(image)])
    for frame in pictures[:-1]:
        features.step(frame)
    before = features.detections
    assert features.step(pictures[-1]).faces == ()
    assert features.detections == before + 1


def test_blur_and_darkness_show_in_the_quality(detector):
    import cv2

    image, _ = scene((320, 240))
    pictures = {"good": image, "blurred": cv2.GaussianBlur(image, (0, 0), 3), "dark": (image * 0.3).astype(np.uint8)}
    seen = {}
    for name, picture in pictures.items():
        features = FaceFeatures(detector, Encoder())
        seen[name] = [features.step(frame) for frame in frames([picture] * 3)][-1].faces[0].quality
    assert seen["blurred"].sharpness < 0.3 * seen["good"].sharpness
    assert seen["dark"].brightness < 0.5 * seen["good"].brightness


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(1, 1280), st.integers(1, 300), st.sampled_from([None, 1, 3, 4])), min_size=1, max_size=4
    )
)
def test_no_shape_of_picture_crashes_it(detector, shapes):
    rng = np.random.default_rng(0)
    features = FaceFeatures(detector, Encoder())
    for number, (width, height, depth) in enumerate(shapes):
        shape = (height, width) if depth is None else (height, width, depth)
        image = rng.integers(0, 256, shape, dtype=np.uint8)
        result = features.step(Frame(number * STEP_NS, number * STEP_NS, number, image))
        assert (result.width, result.height) == (width, height)


def test_time_that_jumps_back_does_not_stop_detection(detector):
    image, _ = scene((320, 240))
    features = FaceFeatures(detector, Encoder())
    for frame in frames([image] * 3, first_ns=10**15):
        features.step(frame)
    results = [features.step(frame) for frame in frames([image] * 3, first_ns=10**9)]
    assert len(results[-1].faces) == 1
    assert results[0].faces[0].embedding is not None


@pytest.fixture(scope="module")
def real_clips():
    folder: Path = data_folder()
    if not (folder / "av_dev.zip").is_file():
        pytest.skip("no av_dev.zip in the data folder")
    return list(clips(folder))[::5]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("dark_s", [0.0, 0.8])
def test_one_id_per_real_clip_even_with_the_light_off_in_the_middle(detector, real_clips, dark_s):
    for name, run in real_clips:
        features = FaceFeatures(detector, Encoder())
        middle_ns = run[len(run) // 2][0]
        ids, seen = set(), 0
        for number, (t_ns, image) in enumerate(run):
            dark = middle_ns <= t_ns < middle_ns + dark_s * 1e9
            result = features.step(Frame(t_ns, t_ns, number, np.zeros_like(image) if dark else image))
            assert not (dark and result.faces)
            ids |= {face.track for face in result.faces}
            seen += len(result.faces)
        assert ids == {1}, name
        assert seen >= len(run) - dark_s * 30 - 8, name
