import pytest

from engines.curves import COLUMNS, Curve, plot_curves

ROW = {"epoch": 1.0, "loss": 1.25, "validation_loss": 1.5, "accuracy": 0.5, "uar": 0.4, "rate": 1e-4, "seconds": 12.5}


@pytest.fixture
def curve(tmp_path):
    curve = Curve(tmp_path / "run" / "curves.csv")
    curve.start(0)
    return curve


def test_rows_come_back_as_numbers(curve):
    curve.append({"step": 10, **ROW, "confusion": [1]})
    assert curve.rows() == [{"step": 10, **ROW}]
    assert tuple(curve.path.read_text().splitlines()[0].split(",")) == COLUMNS


def test_a_column_without_a_figure_stays_empty(curve):
    curve.append({"step": 10, "loss": 1.0, "uar": 0.4, "seconds": 2.0})
    assert curve.rows() == [{"step": 10, "loss": 1.0, "uar": 0.4, "seconds": 2.0}]


def test_resuming_keeps_what_was_before_the_checkpoint(curve):
    for step in (10, 20, 30):
        curve.append({"step": step, **ROW})
    Curve(curve.path).start(20)
    curve.append({"step": 30, **ROW, "loss": 9.0})
    assert [(row["step"], row["loss"]) for row in curve.rows()] == [(10, 1.25), (20, 1.25), (30, 9.0)]


def test_a_row_that_a_kill_cut_off_is_dropped(curve):
    curve.append({"step": 10, **ROW})
    with curve.path.open("a") as file:
        file.write("20,2.0,1.1")
    Curve(curve.path).start(20)
    assert [row["step"] for row in curve.rows()] == [10]


def test_a_new_training_starts_with_an_empty_curve(curve):
    curve.append({"step": 10, **ROW})
    Curve(curve.path).start(0)
    assert curve.rows() == []


def test_the_picture_shows_the_curves(curve, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install 'edge-emotion[explain]'")
    cv2 = pytest.importorskip("cv2")
    empty, full = tmp_path / "empty.png", tmp_path / "pictures" / "full.png"
    assert plot_curves({"none": curve}, empty)
    for step in (10, 20, 30):
        curve.append({"step": step, **ROW, "loss": 30.0 / step})
    assert plot_curves({"face": curve}, full)
    one, other = cv2.imread(str(empty)), cv2.imread(str(full))
    assert one.shape == other.shape
    assert (one != other).any()


def test_without_matplotlib_there_is_no_picture(curve, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    assert not plot_curves({"face": curve}, tmp_path / "curves.png")
    assert not (tmp_path / "curves.png").exists()
