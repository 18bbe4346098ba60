"""docs/tensorrt.md: what it quotes is what the code says, and what it says to type exists."""

from __future__ import annotations

import argparse
import re

import pytest

from engines.cli import _COMMANDS
from engines.gpu_bench import page
from engines.gpu_bench.__main__ import _parser
from engines.parity.tolerance import TOLERANCES
from tests.conftest import REPOSITORY

PAGE = REPOSITORY / "docs" / "tensorrt.md"
TEXT = PAGE.read_text(encoding="utf-8")


def sentences() -> str:
    """All strings of the code that could have said it, those of neighbouring lines joined as Python joins them."""
    found = [(REPOSITORY / "deploy" / "setup.sh").read_text(encoding="utf-8")]
    for folder in ("edge", "engines/build"):
        texts = [path.read_text(encoding="utf-8") for path in (REPOSITORY / folder).rglob("*.py")]
        found += [re.sub(r'"\s*\n\s*f?"', "", text) for text in texts]
    return "\n".join(found)


@pytest.mark.parametrize(
    "quote",
    [
        quote
        for line in TEXT.partition("| you see | it means | do |")[2].partition("\n\n")[0].splitlines()[2:]
        for quote in re.findall(r"`([^`]+)`", line.split("|")[1])
        if " " in quote
    ],
)
def test_what_the_page_quotes_is_said_somewhere(quote):
    assert quote in sentences()


def test_the_tolerances_are_those_that_are_used():
    for name, limits in TOLERANCES.items():
        row = f"| {name} | {limits.most:g} | {limits.mean:g} | {limits.agreement * 100:g} % |"
        assert row in TEXT


def test_the_commands_of_engines_exist():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    for command in _COMMANDS:
        command.add(commands)
    for line in re.findall(r"edge-engines ((?:build|parity|list|prune)[^\n#|`&]*)", TEXT):
        name, *words = line.split()
        assert name in commands.choices
        known = commands.choices[name].format_help()
        assert [word for word in words if word.startswith("--") and word not in known] == []


def test_the_arguments_of_the_bench_exist():
    for words in re.findall(r"GPU_ARGS='?([^'\n`]*)", TEXT):
        _parser().parse_args(words.partition(" #")[0].split())


def test_the_page_has_the_marks_that_its_writer_wants():
    page.check(PAGE)


def test_pictures_and_pages_that_it_leads_to_are_there():
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (PAGE.parent / target).exists(), target
