"""All that the doctor can find and how to mend it, as a page: taken from the checks' own source, written nowhere else.

`edge-emotion doctor --explain > docs/troubleshooting.md` writes the page anew.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable

from edge.board.cuda_codes import CODES
from edge.doctor.check import Check
from edge.doctor.checks import CHECKS
from edge.doctor.sentences import troubles
from edge.doctor.service_endings import EXIT_CODES, RESULTS
from edge.publish.mqtt import diagnosis

_HEAD = """\
# Troubleshooting

`edge-emotion doctor` finds out which of these it is, and says it with the names of this machine in the place of the
words in *italics*. This page is made of its own texts, by `edge-emotion doctor --explain`.
[doctor.md](doctor.md) tells what each check does, and when it fails instead of warning.
"""
_FOUND = ("what is found", "what helps")


def markdown() -> str:
    """The page."""
    return "".join([_HEAD, *(_section(check) for check in CHECKS)])


def _section(check: Check) -> str:
    rows = [(one.found, one.remedy) for one in troubles(sys.modules[type(check).__module__])]
    more = _more(check.name)
    if not rows and not more:
        return ""
    right = inspect.cleandoc(type(check).__doc__ or "").partition("\n\n")[0].replace("\n", " ")
    return f"\n## {check.name}\n\n{right}\n{_table(_FOUND, rows)}{more}"


def _more(name: str) -> str:
    """What comes from elsewhere: the answers of a broker, of systemd, of CUDA's driver."""
    if name == "broker":
        rows = [(one.found, one.remedy) for one in troubles(diagnosis)]
        return "\nThe broker's answers, as the daemon's log and status tell them too:\n" + _table(_FOUND, rows)
    if name == "service":
        endings = [(f"`{key}`", *words) for key, words in {**RESULTS, **EXIT_CODES}.items()]
        return "\nWhy it failed, by systemd's word or exit code:\n" + _table(("", *_FOUND), endings)
    if name == "gpu":
        codes = [(f"{key} {code.name}", code.meaning, code.remedy) for key, code in CODES.items() if code.remedy]
        return "\nThe answers of CUDA's driver to `cuInit(0)`:\n" + _table(("answer", *_FOUND), codes)
    return ""


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    text = "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
    return f"\n{text}" if len(lines) > 2 else ""
