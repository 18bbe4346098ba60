"""What a binding offers: its names, what a call takes, and what comes back, as the binding itself tells it."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

_SIGNATURE = re.compile(r"^(?:\d+\. )?(\w+)\((.*)\) -> (.+)$")
_PLAIN = {"None", "int", "float", "bool", "str", "bytes", "capsule", "ndarray", "SupportsInt", "SupportsFloat"}


@dataclass(frozen=True)
class Entity:
    """A thing of the binding. `kind`: module, class, instance (of the class `name`) or callable."""

    kind: str
    name: str


@dataclass(frozen=True)
class Plain:
    """Nothing of the binding."""


@dataclass(frozen=True)
class Unknown:
    """It cannot be told; whoever takes an attribute of it fails the proof."""

    why: str


@dataclass(frozen=True)
class Container:
    """Something that holds `values`, at whatever depth: a list, a dictionary, a generator of tuples."""

    values: frozenset[Any]


Values = frozenset[Any]
PLAIN: Values = frozenset({Plain()})


def joined(*several: Values) -> Values:
    """All values, their containers made one."""
    values: Values = frozenset().union(*several)
    containers = [value for value in values if isinstance(value, Container)]
    if len(containers) < 2:
        return values
    return values.difference(containers) | {Container(frozenset().union(*(one.values for one in containers)))}


def holding(values: Values) -> Values:
    """A container of `values`."""
    containers = [value for value in values if isinstance(value, Container)]
    return frozenset({Container(values.difference(containers).union(*(one.values for one in containers)))})


@dataclass(frozen=True)
class Parameters:
    """One way to call: names in order (None where they have no names), and how many must be given."""

    names: tuple[str, ...]
    required: int

    def take(self, positional: int, keywords: set[str]) -> bool:
        """Whether so many positional arguments and these keywords fit."""
        left = self.names[positional:]
        return positional <= len(self.names) and keywords <= set(left) and positional + len(keywords) >= self.required


class BindingSurface:
    """A real module, made by pybind11: its docstrings tell types."""

    def __init__(self, module: Any) -> None:
        self._objects: dict[str, Any] = {"": module}
        self.root = Entity("module", "")

    def member(self, entity: Entity, name: str) -> Values | None:
        """What `entity.name` is; None where there is no such name."""
        owner = self._objects[entity.name]
        if inspect.getattr_static(owner, name, None) is None:
            return PLAIN if name.startswith("__") and hasattr(owner, name) else None
        value = getattr(owner, name)
        label = f"{entity.name}.{name}".lstrip(".")
        if isinstance(value, property):
            return self._typed(_arrow(value.fget.__doc__), label)
        if inspect.isclass(value):
            return self._kept(Entity("class", value.__qualname__), value)
        if callable(value):
            return self._kept(Entity("callable", label), value)
        return PLAIN if type(value).__module__ == "builtins" else self._instance(type(value))

    def _kept(self, entity: Entity, value: Any) -> Values:
        self._objects[entity.name] = value
        return frozenset({entity})

    def element(self, entity: Entity) -> Values:
        """What comes out when it is iterated or indexed."""
        return frozenset({Unknown(f"an element of {entity.name}")})

    def settable(self, entity: Entity, name: str) -> bool:
        """Whether `entity.name = …` is allowed."""
        found = getattr(self._objects[entity.name], name, None)
        return not isinstance(found, property) or found.fset is not None

    def call(self, entity: Entity, positional: int, keywords: set[str]) -> tuple[Values, bool]:
        """What `entity(…)` returns, and whether the arguments fit one of its signatures."""
        value = self._objects[entity.name]
        if entity.kind == "class":
            ways = [parameters for parameters, _ in _ways(value.__init__.__doc__ or "", "__init__")]
            fits = not ways or any(way.take(positional, keywords) for way in ways)
            return frozenset({Entity("instance", entity.name)}), fits
        if inspect.isfunction(value):
            names = list(inspect.signature(value).parameters.values())
            required = sum(one.default is one.empty for one in names)
            way = Parameters(tuple(one.name for one in names), required)
            return frozenset({Unknown(f"the result of {entity.name}")}), way.take(positional, keywords)
        ways_and_types = _ways(value.__doc__ or "", entity.name.rpartition(".")[2])
        fitting = [returned for way, returned in ways_and_types if way.take(positional, keywords)]
        results = [self._typed(returned, entity.name) for returned in fitting]
        return frozenset().union(*results), bool(fitting)

    def _typed(self, written: str | None, label: str) -> Values:
        """The value of a type as pybind11 writes it."""
        if written is None:
            return frozenset({Unknown(f"the type of {label}")})
        inner = re.fullmatch(r"(?:typing\.)?(?:List|list|Sequence)\[(.+)\]", written)
        if inner:
            return holding(self._typed(inner.group(1), label))
        last = written.rpartition(".")[2]
        if last in _PLAIN:
            return PLAIN
        kind = self._class(written)
        return frozenset({Unknown(f"the type {written} of {label}")}) if kind is None else self._instance(kind)

    def _class(self, written: str) -> type | None:
        """The class of a dotted name, or of a C++ name such as nvonnxparser::IParserError (in Python ParserError)."""
        last = written.replace("::", ".").rpartition(".")[2]
        found = self._objects[""]
        for part in written.replace("::", ".").split("."):
            found = getattr(found, part, found)
        if inspect.isclass(found) and found.__name__ == last:
            return found
        bare = getattr(self._objects[""], last.removeprefix("I"), None)
        return bare if "::" in written and inspect.isclass(bare) else None

    def _instance(self, kind: type) -> Values:
        return self._kept(Entity("instance", kind.__qualname__), kind)


def _arrow(doc: str | None) -> str | None:
    found = re.search(r"\) -> (.+)", doc or "")
    return found.group(1).strip() if found else None


def _ways(doc: str, name: str) -> list[tuple[Parameters, str]]:
    """The signatures in a docstring of pybind11, each with the type that it returns."""
    found = [_SIGNATURE.match(line.strip()) for line in doc.split("\n")]
    ways = []
    for match in found:
        if match is None or match.group(1) != name or match.group(2).startswith("*args"):
            continue
        parameters = [part for part in _split(match.group(2)) if not part.startswith("self")]
        names = tuple(part.split(":")[0].split("=")[0].strip() for part in parameters)
        ways.append((Parameters(names, sum("=" not in part for part in parameters)), match.group(3).strip()))
    return ways


def _split(text: str) -> list[str]:
    """At the commas that are in no bracket."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "([{<") - (letter in ")]}>")
        if letter == "," and not depth:
            parts.append(text[start:place].strip())
            start = place + 1
    return [part for part in (*parts, text[start:].strip()) if part]
