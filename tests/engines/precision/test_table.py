import pytest

from edge.errors import UsageError
from engines.precision import table
from engines.precision.__main__ import main
from engines.precision.table import markdown, measure, write


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(table, "_ROUNDS", 2)
    monkeypatch.setattr(table, "_CALLS", 2)


def test_each_precision_is_a_line_with_the_card_s_figures(card):
    rows = measure(card)
    assert [row.precision for row in rows] == ["fp32", "fp16", "int8"]
    assert rows[0].cpu_ratio == 1.0
    assert all(row.cpu_ratio > 0 for row in rows)
    text = markdown(rows)
    told = card.raw["precisions"]["fp16"]["parity"]
    (line,) = (line for line in text.splitlines() if line.startswith("| fp16"))
    assert line.startswith(f"| fp16 | 732 | 239 | {told['max']:.1e} | {told['mean']:.1e} | {told['agreement']:.1%} |")
    assert f"{told['rows']} rows: {told['source']}" in text


def test_the_table_stands_between_its_marks(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- precisions -->\nold\n<!-- /precisions -->\nafter\n")
    assert main(["--write", str(page)]) == 0
    printed = capsys.readouterr().out
    assert page.read_text() == f"before\n<!-- precisions -->\n{printed}<!-- /precisions -->\nafter\n"


def test_a_page_without_marks_stays(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n")
    with pytest.raises(UsageError, match="has no <!-- precisions -->"):
        write(page, "text")
    assert page.read_text() == "before\n"
    with pytest.raises(UsageError, match="cannot be read"):
        write(tmp_path / "none.md", "text")
