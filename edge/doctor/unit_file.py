"""The service's unit as systemd would read it: the file in force, and the drop-ins that change it."""

from __future__ import annotations

from pathlib import PurePosixPath

from edge.board.tree import Tree

UNIT = "edge-emotion.service"
_FOLDERS = ("etc/systemd/system", "run/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system")
"""The first that has the unit wins."""


def unit_settings(tree: Tree, unit: str = UNIT) -> dict[str, list[str]] | None:
    """Key, without its section, to the values in force; None without a unit.

    An empty value takes back all before it, as systemd has it for lists; of a key that is none the last value counts.
    """
    folders = [*_FOLDERS, "lib/systemd/system"]
    path = next((f"{folder}/{unit}" for folder in folders if tree.text(f"{folder}/{unit}")), None)
    if path is None:
        return None
    settings: dict[str, list[str]] = {}
    for text in [tree.text(path) or "", *_drop_ins(tree, folders, unit)]:
        for key, value in _lines(text):
            settings[key] = [*settings.get(key, []), value] if value else []
    return settings


def _drop_ins(tree: Tree, folders: list[str], unit: str) -> list[str]:
    """By name, whatever folder they lie in; of the same name the first folder's."""
    found: dict[str, str] = {}
    for folder in reversed(folders):
        for path in tree.glob(f"{folder}/{unit}.d/*.conf"):
            found[PurePosixPath(path).name] = tree.text(path) or ""
    return [found[name] for name in sorted(found)]


def _lines(text: str) -> list[tuple[str, str]]:
    """Key and value of each assignment; a backslash at the end goes on with the next line."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith(("#", ";")):
            found.append((key.strip(), value.strip()))
    return found
