"""A config file to begin with: every key with its default in a comment, so that it changes nothing yet."""

from __future__ import annotations

import textwrap

from edge.config.entries import Entry, entries, sections

_WIDTH = 100
_HEAD = """\
# The settings of edge-emotion. Every key stands here with its default, in a comment: take the "#" away and
# write what you want instead. `edge-emotion config check FILE` judges the file.
# Environment (EDGE_EMOTION_…) and flags win over it.
"""


def as_example() -> str:
    """The file as TOML; what it says, once its comments are taken, is the defaults and an example for what has none."""
    texts, section = [_HEAD], ""
    about = sections()
    for entry in entries():
        if entry.section != section:
            section = entry.section
            texts.append(f"\n# {about[section]}\n[{section}]\n")
        texts.append(_paragraph(entry))
    return "\n".join(texts)


def _paragraph(entry: Entry) -> str:
    words = entry.summary
    if entry.allowed:
        words += f" Allowed: {entry.allowed}."
    if entry.default is None and not entry.by_machine:
        words += " Not set; an example:"
    lines = [f"# {line}" for line in textwrap.wrap(words, _WIDTH, break_long_words=False, break_on_hyphens=False)]
    return "\n".join([*lines, f"#{entry.name} = {entry.example}", ""])
