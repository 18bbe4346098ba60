import ctypes
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest

from edge.errors import ConfigError, EdgeError
from edge.features import centerface_detector, face, haar_detector, yuface_detector, yunet_detector
from edge.features.face import make_detector
from tests.detector_pictures import data_folder
from tests.edge.features.heads import BOX, LANDMARKS, astronaut


def _yunet_file() -> Path | None:
    return next(iter(sorted(data_folder().glob("face_detection_yunet*.onnx"))), None)


@pytest.fixture(params=["yunet", "yuface", "centerface", "haar"])
def detector(request):
    if request.param == "yunet" and _yunet_file() is None:
        pytest.skip("no YuNet model file in the data folder")
    try:
        return make_detector(request.param, _yunet_file())
    except EdgeError as error:
        pytest.skip(str(error))


def test_one_face_with_landmarks_in_the_agreed_order(detector):
    found = detector.detect(astronaut())
    assert len(found) == 1
    near = 6.0 if detector.name in {"yunet", "yuface"} else 14.0
    assert np.abs(found[0].landmarks - LANDMARKS).max() < near
    assert found[0].landmarks.dtype == np.float32
    assert found[0].landmarks[0, 0] < found[0].landmarks[1, 0]
    assert found[0].box.x + found[0].box.width / 2 == pytest.approx(BOX.x + BOX.width / 2, abs=10)
    assert 0.5 < found[0].score <= 1.0


def test_answers_are_in_pixels_of_the_given_picture(detector):
    large = cv2.resize(astronaut(), (1280, 1280))
    found = detector.detect(large)
    assert len(found) == 1
    assert np.abs(found[0].landmarks - LANDMARKS * 2.5).max() < 35


@pytest.mark.parametrize(
    "shape", [(1, 1, 3), (1, 640, 3), (15, 15, 3), (16, 1280, 3), (40, 31), (33, 47, 1), (64, 64, 4)]
)
def test_odd_pictures_hold_no_face_and_do_not_crash(detector, shape):
    assert detector.detect(np.full(shape, 128, np.uint8)) == []


def test_a_view_that_is_not_contiguous_is_fine(detector):
    found = detector.detect(astronaut()[:, ::-1])
    assert len(found) == 1
    assert found[0].box.x > 230


def test_sizes_may_change_from_picture_to_picture(detector):
    image = astronaut()
    for size in (512, 300, 720, 512):
        assert len(detector.detect(cv2.resize(image, (size, size)))) == 1


def test_gray_pictures_hold_faces_too(detector):
    assert len(detector.detect(cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY))) == 1


def test_unknown_kind_names_what_is_allowed():
    with pytest.raises(ConfigError, match="'mtcnn' is unknown: choose one of auto, yunet"):
        make_detector("mtcnn")


def test_missing_and_broken_yunet_files_are_config_errors(tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        make_detector("yunet", tmp_path / "none.onnx")
    broken = tmp_path / "face_detection_yunet_broken.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(ConfigError, match="cannot be read"):
        make_detector("auto", broken)


@pytest.fixture
def bare_machine(monkeypatch, tmp_path):
    """No model file, no detector package, no cascades."""
    monkeypatch.setattr(yunet_detector, "yunet_folders", lambda: [tmp_path])
    for module, name in (
        (face, "yuface_function"),
        (yuface_detector, "yuface_function"),
        (face, "find_centerface"),
        (centerface_detector, "find_centerface"),
        (face, "haar_cascade"),
        (haar_detector, "haar_cascade"),
    ):
        monkeypatch.setattr(module, name, lambda: None)
    return tmp_path


@pytest.mark.parametrize("kind", ["auto", "yunet", "yuface", "centerface", "haar"])
def test_a_machine_with_no_detector_is_told_what_to_install(bare_machine, kind):
    with pytest.raises(ConfigError, match=r"pip install|put one into|opencv-python older"):
        make_detector(kind)


def test_auto_goes_from_the_best_to_the_last(bare_machine, monkeypatch):
    pytest.importorskip("yuface")
    monkeypatch.undo()
    monkeypatch.setattr(face, "find_yunet", lambda: None)
    assert make_detector().name == "yuface"


def test_auto_takes_yunet_where_its_file_lies(monkeypatch, tmp_path):
    model = _yunet_file()
    if model is None:
        pytest.skip("no YuNet model file in the data folder")
    folder = tmp_path / "edge-emotion"
    folder.mkdir()
    (folder / "face_detection_yunet_copy.onnx").write_bytes(model.read_bytes())
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert yunet_detector.find_yunet() is not None
    assert make_detector().name == "yunet"


def test_a_package_whose_library_does_not_load_counts_as_absent(monkeypatch):
    pytest.importorskip("yuface")

    def broken(name, *_):
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(yuface_detector.ctypes, "CDLL", broken)
    assert yuface_detector.yuface_function() is None


def test_a_library_without_the_function_counts_as_absent(monkeypatch):
    pytest.importorskip("yuface")
    monkeypatch.setattr(yuface_detector, "SYMBOLS", ("_Z14facedetect_oldPhS_iii",))
    with pytest.raises(ConfigError, match="pip install yuface"):
        make_detector("yuface")


@pytest.fixture
def yuface():
    try:
        return make_detector("yuface")
    except ConfigError as error:
        pytest.skip(f"yuface: {error}")


def test_yuface_says_the_same_as_the_binding_of_its_package(yuface):
    binding = pytest.importorskip("yuface")
    image = cv2.resize(astronaut(), (160, 160))
    picture = np.hstack([image, image[:, ::-1]])
    scores, boxes, landmarks = binding.detect(picture, conf=0.7)
    found = yuface.detect(picture)
    assert len(found) == len(scores) == 2
    for item, score, box, points in zip(found, scores, boxes, landmarks, strict=True):
        assert item.score == score / 100
        assert [item.box.x, item.box.y, item.box.width, item.box.height] == box.tolist()
        assert item.landmarks.ravel().tolist() == points.tolist()


@pytest.mark.parametrize("count", [-1, 1025, 2**31 - 1])
def test_an_answer_that_cannot_be_is_refused(yuface, count):
    def strange(answers, *_):
        ctypes.c_int.from_address(answers).value = count

    yuface._function = strange
    with pytest.raises(ConfigError, match=f"answered {count} faces"):
        yuface.detect(astronaut())


@pytest.mark.timeout(120)
def test_detection_keeps_no_memory(yuface):
    image, process = cv2.resize(astronaut(), (320, 320)), psutil.Process()
    for _ in range(30):
        yuface.detect(image)
    before = process.memory_info().rss
    for _ in range(300):
        yuface.detect(image)
    assert process.memory_info().rss - before < 3e6
