"""The sentences that a module's source can say: what is computed is shown by its name, in italics."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

_SAYERS = {"Finding": (1, 2), "Link": (1, None)}
"""Who says something, and which of its arguments are what is found and what helps; a Link says both in one."""
_MOST_DEPTH = 4


@dataclass(frozen=True)
class Trouble:
    """`found` and `remedy` in Markdown."""

    found: str
    remedy: str


def troubles(module: ModuleType) -> list[Trouble]:
    """Each pair once, in the order of the source. What is all computed, with no word of its own, is left out."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    found: dict[Trouble, None] = {}
    for function in sorted(functions, key=lambda one: one.lineno):
        calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
        for call in sorted(calls, key=lambda one: one.lineno):
            found.update(dict.fromkeys(_of_call(call, _Names(function, call.lineno, vars(module)))))
    return list(found)


class _Names:
    """What a name stands for at a line of a function: what was last assigned to it, or a constant of the module."""

    def __init__(self, function: ast.FunctionDef, line: int, constants: Mapping[str, Any]) -> None:
        self._constants = constants
        above = [node for node in _above(function, line) if isinstance(node, ast.Assign)]
        targets = ((node.targets[0], node.value) for node in above)
        self._assigned = {target.id: value for target, value in targets if isinstance(target, ast.Name)}

    def constant(self, name: str) -> str | None:
        value = self._constants.get(name)
        return value if isinstance(value, str) else None

    def text(self, name: str) -> ast.expr | None:
        """The expression, where it is written out at least in part."""
        value = self._assigned.get(name)
        return value if isinstance(value, ast.Constant | ast.JoinedStr | ast.IfExp) else None


def _above(block: ast.AST, line: int) -> Iterator[ast.AST]:
    """The statements that were run when `line` is reached, but those of other branches."""
    for node in ast.iter_child_nodes(block):
        if isinstance(node, ast.stmt | ast.ExceptHandler) and node.lineno <= line:
            yield node
            if (node.end_lineno or node.lineno) >= line:
                yield from _above(node, line)


def _of_call(call: ast.Call, names: _Names) -> Iterator[Trouble]:
    if not isinstance(call.func, ast.Name) or call.func.id not in _SAYERS:
        return
    place, remedy_place = _SAYERS[call.func.id]
    if len(call.args) <= max(place, remedy_place or 0):
        return
    for said in _texts(call.args[place], names):
        fault, _, rest = said.partition("; ")
        if remedy_place is None and rest:
            yield Trouble(fault, f"{rest[:1].upper()}{rest[1:]}.")
        for remedy in _texts(call.args[remedy_place], names) if remedy_place else []:
            if _has_words(said) or _has_words(remedy):
                yield Trouble(said, remedy)


def _texts(node: ast.expr, names: _Names, depth: int = _MOST_DEPTH) -> list[str]:
    """All that the expression can say."""
    if isinstance(node, ast.BoolOp):
        return [text for value in node.values for text in _texts(value, names, depth) if text]
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body, names, depth), *_texts(node.orelse, names, depth)]
    if isinstance(node, ast.JoinedStr):
        return _joined(node, names)
    if isinstance(node, ast.Name) and depth:
        constant, text = names.constant(node.id), names.text(node.id)
        found = _texts(text, names, depth - 1) if text else []
        return [constant] if constant is not None else found or [f"*{_name_of(node)}*"]
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return [str(ast.literal_eval(node))] if is_text else [f"*{_name_of(node)}*"]


def _joined(node: ast.JoinedStr, names: _Names) -> list[str]:
    """A constant of the module stands for itself inside; everything else by its name."""
    text = ""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            constant = names.constant(part.value.id) if isinstance(part.value, ast.Name) else None
            text += constant if constant is not None else f"*{_name_of(part.value)}*"
        elif isinstance(part, ast.Constant):
            text += str(part.value)
    return [text]


def _name_of(node: ast.expr) -> str:
    """The name in it that says most: of `error.strerror` the reason, of `str(error)` the error."""
    if isinstance(node, ast.Attribute):
        return "reason" if node.attr == "strerror" else node.attr.strip("_").replace("_", " ")
    if isinstance(node, ast.Name):
        return node.id.strip("_").replace("_", " ").lower()
    if isinstance(node, ast.Call):
        return _name_of(node.args[0] if node.args else node.func)
    inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return _name_of(inner[0]) if inner else "…"


def _has_words(text: str) -> bool:
    """Whether anything but names in italics is in it."""
    return any(piece.strip(" .,:;()") for piece in text.split("*")[::2])
