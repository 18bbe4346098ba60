"""All keys as Markdown: the part of docs/config.md that is not written by hand."""

from __future__ import annotations

from pathlib import Path

from edge.config.entries import Entry, entries, sections
from edge.errors import EdgeError, UsageError

_BEGIN, _END = "<!-- keys -->\n", "<!-- /keys -->"
_PAGES = {
    "lsl": "lsl.md",
    "video.detector": "detectors.md",
    "audio": "sound.md",
    "sync.audio_offset_ms": "calibrate.md",
    "load": "load.md",
    "tensorrt": "tensorrt.md",
    "mqtt": "mqtt-security.md",
    "homeassistant": "home-assistant.md",
}
"""Which page beside it tells more about a key or a section."""


def as_markdown() -> str:
    """A table of the keys without a section, then one for each section."""
    about = {"": "", **sections()}
    found = entries()
    return "\n".join(
        _table(name, summary, [entry for entry in found if entry.section == name]) for name, summary in about.items()
    )


def write_into(page: Path) -> None:
    """Put it between the marks in `page`. Raises UsageError for a page without marks, EdgeError for an unusable one."""
    try:
        before, begin, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
        _, end, after = rest.partition(_END)
        if not (begin and end):
            raise UsageError(f"The page {page} has no {_BEGIN.strip()} … {_END}: add both, each on a line of its own.")
        page.write_text(before + begin + as_markdown() + end + after, encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"The page {page} is no UTF-8 text: name a page of Markdown.") from error
    except OSError as error:
        raise EdgeError(
            f"The page {page} cannot be used ({error.strerror}): correct its path or its rights."
        ) from error


def _table(name: str, summary: str, keys: list[Entry]) -> str:
    head = [f"### `[{name}]`", "", summary + _more(name), ""] if name else []
    rows = [f"| `{entry.key}` | {_default(entry)} | {_cell(entry.allowed)} | {_summary(entry)} |" for entry in keys]
    return "\n".join([*head, "| key | default | allowed | what it is |", "|---|---|---|---|", *rows, ""])


def _default(entry: Entry) -> str:
    if entry.by_machine:
        return "the machine's own"
    return "not set" if entry.default is None else f"`{entry.default}`"


def _summary(entry: Entry) -> str:
    return _cell(entry.summary + _more(entry.key))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _more(name: str) -> str:
    return f" More: [{_PAGES[name]}]({_PAGES[name]})." if name in _PAGES else ""
