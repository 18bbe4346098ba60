"""What is learnt of our own code while it is read."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.gpu.surface import PLAIN, Unknown, Values, holding, joined

NONE: Values = frozenset()
_MODULES = {"trt", "rtx", "driver"}


@dataclass(frozen=True)
class Ours:
    """An object of a class in the code that is read."""

    name: str


@dataclass(frozen=True)
class OurClass:
    """Such a class."""

    name: str


@dataclass(frozen=True)
class OurFunction:
    """A function or method: `owner` is the class, or empty."""

    owner: str
    name: str


@dataclass
class ClassFacts:
    """What is known of one class."""

    methods: dict[str, ast.FunctionDef] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)
    properties: set[str] = field(default_factory=set)
    bases: Values = NONE
    known: bool = True


@dataclass
class Report:
    """`names` that exist, as Class.name; `problems` as file:line: sentence."""

    names: set[str] = field(default_factory=set)
    problems: set[str] = field(default_factory=set)


class CodeFacts:
    """Classes, functions, and what their parameters, attributes and results hold: in tables that only grow."""

    def __init__(self, surface: Any, modules: set[str]) -> None:
        self._surface = surface
        self._modules = modules
        self.report = Report()
        self._classes: dict[str, ClassFacts] = {}
        self._functions: dict[str, ast.FunctionDef] = {}
        self._parameters: dict[tuple[str, str, str], Values] = defaultdict(frozenset)
        self._attributes: dict[tuple[str, str], Values] = defaultdict(frozenset)
        self._returns: dict[tuple[str, str], Values] = defaultdict(frozenset)
        self._declared: set[tuple[str, str]] = set()
        self._learnt = False
        self._all_known = False
        self._path = Path()

    def _parameter(self, owner: str, function: str, argument: ast.arg) -> Values:
        named = self._named(argument.arg)
        if named is not None:
            return named
        declared = self._annotated(argument.annotation) if argument.annotation is not None else None
        if declared is not None:
            return declared
        given = self._parameters[owner, function, argument.arg]
        if given or not self._all_known:
            return given
        return frozenset({Unknown(f"{argument.arg} of {owner}.{function}")})

    def _named(self, name: str) -> Values | None:
        """What a variable holds by convention."""
        if name in self._modules:
            return frozenset({self._surface.root})
        if name in _MODULES or (name.startswith("rtx_") and "rtx" not in self._modules):
            return PLAIN
        return None

    def _annotated(self, node: ast.expr) -> Values | None:
        """What an annotation tells; None for Any, which tells nothing."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        if isinstance(node, ast.Name):
            if node.id == "Any":
                return None
            return frozenset({Ours(node.id)}) if node.id in self._classes else PLAIN
        if isinstance(node, ast.BinOp):
            sides = [self._annotated(node.left), self._annotated(node.right)]
            return None if None in sides else frozenset().union(*(side for side in sides if side))
        if isinstance(node, ast.Subscript):
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            found = [self._annotated(one) for one in inner]
            if isinstance(node.value, ast.Name) and node.value.id in ("NDArray", "Callable", "Iterator"):
                return PLAIN
            return None if None in found else holding(frozenset().union(*(one for one in found if one)))
        return PLAIN

    def _learn(self, table: dict[Any, Values], key: Any, value: Values) -> None:
        known = joined(table[key], value)
        if known != table[key]:
            table[key] = known
            self._learnt = True

    def _problem(self, node: ast.AST, words: str) -> None:
        self.report.problems.add(f"{self._path.name}:{getattr(node, 'lineno', 0)}: {words}")
