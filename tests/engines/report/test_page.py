from html.parser import HTMLParser

import numpy as np
import pytest

from edge.errors import UsageError
from engines.cli import main
from engines.curves import Curve
from engines.evaluation.answers import Answers
from engines.evaluation.bootstrap import gain_over_better
from engines.report.page import page, read_curve, write_page
from engines.report.table import table

_VOID = {"meta", "link", "br", "img", "input", "hr"}
_LOADS = {"src", "href", "data", "srcset", "xlink:href", "poster", "action"}


class Checker(HTMLParser):
    """Every element is closed in order, nothing is loaded, every picture is described."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.loads, self.undescribed, self.count, self.words = [], [], 0, {}, []

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        self.loads += [value for name, value in attrs if name in _LOADS]
        self.undescribed += tag in {"svg", "img"} and not dict(attrs).get("aria-label" if tag == "svg" else "alt")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def result():
    random = np.random.default_rng(0)
    labels = np.arange(42) % 7

    def answers(people):
        rows = random.dirichlet(np.ones(7), 42).astype(np.float32)
        return Answers(labels, np.array(people, np.str_), rows, tuple(rows[k : k + 1] for k in range(42)))

    one, two, three = (answers(["<Ann & Co>"] * 20 + ["b"] * 22) for _ in range(3))
    films = {"both": one.block(), "video": two.block(), "audio": three.block()}
    films["fusion"] = gain_over_better(one.sums(), {"video": two.sums(), "audio": three.sums()})
    films["skipped"] = [{"file": "take<7>", "reason": "It is broken."}]
    faces = Answers(labels, np.array([], np.str_), one.whole).block()
    model = {"name": "student", "sha256": "0123456789", "split": "test"}
    return {"fer2013": faces, "speech": {"<set>": two.block()}, "av": films, "model": model}


def checked(text):
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    return checker


def test_the_page_is_whole_loads_nothing_and_describes_its_plots(result):
    text = page(result, [("face", [{"step": 1.0, "loss": 2.0}, {"step": 2.0, "loss": 1.0, "uar": 0.4}])])
    seen = checked(text)
    assert seen.loads == []
    assert "@import" not in text
    assert "url(" not in text
    assert "http" not in text
    assert seen.undescribed == 0
    assert seen.count["svg"] >= 2 * 5 + 1
    assert seen.count["h1"] == 1
    assert "script" not in seen.count


def test_names_from_the_data_cannot_become_markup(result):
    words = " ".join(checked(page(result)).words)
    assert "<set> speech" in words
    assert "<Ann & Co>" in words
    assert "take<7>" in words


def test_the_page_follows_light_dark_and_narrow(result):
    text = page(result)
    assert "prefers-color-scheme: dark" in text
    assert 'name="viewport"' in text
    assert "#" not in "".join(part.split(">")[0] for part in text.split("<svg")[1:])  # colours are the style sheet's


def test_what_the_page_says_about_people_follows_the_split(result):
    assert "was trained on" in page(result)
    assert "may hold people" in page({**result, "model": {**result["model"], "split": "all"}})


def test_the_table_has_a_line_for_each_block_and_tells_what_was_skipped(result):
    lines = table(result).splitlines()
    assert sum("single seconds" in line for line in lines) == 4
    assert any(line.startswith("Face and voice together") for line in lines)
    assert lines[-1] == "Skipped in film: take<7> (It is broken)."


def test_curves_are_read_from_what_a_training_wrote(tmp_path, result):
    curve = Curve(tmp_path / "audio.csv")
    curve.start(0)
    for step in (10, 20):
        curve.append({"step": step, "loss": 1.0 / step, "uar": 0.3, "seconds": 1.0})
    write_page(tmp_path / "out.html", result, [curve.path])
    assert "Training: audio" in (tmp_path / "out.html").read_text("utf-8")


@pytest.mark.parametrize("content", [None, "", "a,b\n1,2\n", "step,loss,seconds\nx,y,z\n"])
def test_a_curve_that_is_none_is_named(content, tmp_path):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=r"bad\.csv"):
        read_curve(path)


def test_a_wrong_curve_is_told_before_the_work(tmp_path, capsys):
    assert main(["evaluate", "--curves", str(tmp_path / "gone.csv"), "--report", str(tmp_path / "out.html")]) == 64
    assert "gone.csv" in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_named(tmp_path, result):
    with pytest.raises(UsageError, match="cannot be written"):
        write_page(tmp_path / "no" / "out.html", result)
