"""The config reference and the file to begin with: made from the settings, so that neither can be behind them."""

from __future__ import annotations

import re
import sys

import pytest

from edge.cli import main
from edge.config import Settings
from edge.config.entries import entries
from edge.config.example import as_example
from edge.config.keys import _TYPES
from edge.config.reference import as_markdown
from tests.conftest import REPOSITORY

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PAGE = REPOSITORY / "docs" / "config.md"


def test_the_page_is_what_the_settings_say():
    told = PAGE.read_text(encoding="utf-8").partition("<!-- keys -->\n")[2].partition("<!-- /keys -->")[0]
    assert told == as_markdown(), "edge-emotion config reference --into docs/config.md"


def test_pages_that_it_points_to_exist():
    assert [name for name in re.findall(r"\]\(([^)]+)\)", as_markdown()) if not (PAGE.parent / name).is_file()] == []


def test_every_key_is_told_and_says_what_it_is():
    assert [entry.key for entry in entries()] == list(_TYPES)
    assert [entry.key for entry in entries() if not entry.summary.endswith(".")] == []


@pytest.mark.parametrize(
    ("key", "default", "allowed"),
    [
        ("video.width", "640", "64 to 7680"),
        ("duration", None, "above 0 to 1e9"),
        ("engine", '"auto"', '`"auto"`, `"tensorrt"`, `"onnx"`'),
        ("load.hot_c", None, "30 to 120"),
        ("homeassistant.prefix", '"homeassistant"', "at most 128 characters"),
        ("load.thermal_path", '"/sys/class/thermal"', ""),
        ("json", "false", "`true`, `false`"),
    ],
)
def test_what_a_row_says(key, default, allowed):
    (entry,) = [entry for entry in entries() if entry.key == key]
    assert (entry.default, entry.allowed) == (default, allowed)


def test_the_example_changes_nothing():
    table = tomllib.loads(as_example())
    assert Settings.model_validate(table) == Settings()


def test_without_its_comment_signs_the_example_holds_every_key_and_is_right():
    text = re.sub(r"^#(\w+ = )", r"\1", as_example(), flags=re.MULTILINE)
    table = tomllib.loads(text)
    Settings.model_validate(table)
    leaves = {f"{name}.{key}" for name, keys in table.items() if isinstance(keys, dict) for key in keys}
    leaves |= {name for name, value in table.items() if not isinstance(value, dict)}
    assert leaves == {entry.key for entry in entries()}


def test_the_command_writes_between_the_marks_and_nowhere_else(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- keys -->\nold\n<!-- /keys -->\nafter\n")
    assert main(["config", "reference", "--into", str(page)]) == 0
    assert page.read_text() == f"before\n<!-- keys -->\n{as_markdown()}<!-- /keys -->\nafter\n"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("text", "code", "says"), [(b"no marks", 64, "has no <!-- keys -->"), (b"\xff", 64, "UTF-8"), (None, 1, "page.md")]
)
def test_a_page_that_cannot_be_used_is_one_sentence(tmp_path, capsys, text, code, says):
    page = tmp_path / "page.md"
    if text is not None:
        page.write_bytes(text)
    assert main(["config", "reference", "--into", str(page)]) == code
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
