"""docs/troubleshooting.md is what the doctor says."""

from __future__ import annotations

import sys
import types
from pathlib import Path

from edge.doctor.checks import CHECKS
from edge.doctor.sentences import Trouble, troubles
from edge.doctor.troubleshooting import markdown

PAGE = Path(__file__).parents[3] / "docs" / "troubleshooting.md"
SOURCE = """
UNIT = "a.service"

def run(machine, error):
    found = f"{machine.folder} is away"
    if machine.lost:
        found = f"{UNIT} is lost ({error.strerror})"
        return Finding(Verdict.WARNING, found, "Find it.")
    remedy = "Make it." if machine.new else f"Mend {machine.size_mb:.1f} MB of it."
    return Finding(Verdict.FAILED, found, remedy)

def other(error):
    return Finding(Verdict.FAILED, str(error), machine.remedy), ok("fine"), Link("gone", f"it {error}; look there")
"""


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == markdown(), "write it anew: edge-emotion doctor --explain > its file"


def test_every_check_that_can_find_something_has_its_part():
    page = markdown()
    silent = {check.name for check in CHECKS if f"\n## {check.name}\n" not in page}
    assert silent == {"board", "face detector"}  # the one never fails, the other raises what its package says


def test_sentences_are_read_as_they_are_said(tmp_path):
    (tmp_path / "made_up.py").write_text(SOURCE)
    module = types.ModuleType("made_up")
    module.__file__ = str(tmp_path / "made_up.py")
    module.UNIT = "a.service"
    assert troubles(module) == [
        Trouble("a.service is lost (*reason*)", "Find it."),
        Trouble("*folder* is away", "Make it."),
        Trouble("*folder* is away", "Mend *size mb* MB of it."),
        Trouble("it *error*", "Look there."),
    ]


def test_no_remedy_is_left_to_a_name_alone_that_the_page_could_tell():
    for check in CHECKS:
        for one in troubles(sys.modules[type(check).__module__]):
            assert one.found, check.name
            assert one.remedy, check.name
