"""What pycuda.driver offers, read from its own C++ wrappers: it needs CUDA to be built, and hides types."""

from __future__ import annotations

import ast
import re
import tarfile
from collections import defaultdict
from functools import partial
from pathlib import Path

from tests.gpu.fetched import download, fetched, fetched_or_skip
from tests.gpu.surface import PLAIN, Entity, Parameters, Unknown, Values

# What comes back from C++ is not written in the wrappers. An array of page-locked memory has its allocation as `base`.
_RETURNS = {
    "Device.retain_primary_context": "Context",
    "Event.record": "Event",
    "mem_alloc": "DeviceAllocation",
    "pagelocked_empty": "PagelockedArray",
}
_ARRAY = "PagelockedArray"
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(
    r"typedef (?P<typedef>\w+) cl;"
    r'|(?P<kind>py::class_|py::enum_)<(?P<inside>[^"]*?)\(\s*"(?P<named>\w+)"'
    r'|\.(?:def|def_readwrite|add_property)\(\s*"(?P<method>\w+)"'
    r"|\.DEF_SIMPLE_METHOD(?:_WITH_ARGS)?\((?P<simple>\w+)"
    r'|\.value\(\s*"(?P<value>\w+)"'
    r'|(?P<scope>py::scope\(\)|cls)\.attr\(\s*"(?P<attribute>\w+)"\s*\)\s*=\s*(?P<assigned>\w+)'
    r'|py::def\(\s*"(?P<function>\w+)"'
    r"|DEF_SIMPLE_FUNCTION(?:_WITH_ARGS)?\((?P<plain>\w+)"
    r"|DECLARE_EXC\((?P<error>\w+)"
)
_ARGUMENT = re.compile(r'py::args?\(((?:\s*"\w+"\s*,?)+)\)(\s*=)?')


RELEASES = ("2024.1", "2026.1")


def source_or_skip(release: str) -> Path:
    """The unpacked source of a release; the test is skipped where it cannot be had."""
    return fetched_or_skip(f"pycuda-{release}", _MAKERS[release]) / f"pycuda-{release}"


def source(release: str) -> Path:
    """Like `source_or_skip`, but raises NotHereError."""
    return fetched(f"pycuda-{release}", _MAKERS[release]) / f"pycuda-{release}"


def _make(release: str, folder: Path) -> None:
    file = download(f"pycuda=={release}", folder, "--no-binary", ":all:", "--no-build-isolation")
    with tarfile.open(file) as archive:
        archive.extractall(folder, filter="data")
    file.unlink()


_MAKERS = {release: partial(_make, release) for release in RELEASES}


class PycudaSource:
    """The surface of one release; `folder` is its unpacked source."""

    def __init__(self, folder: Path) -> None:
        self.root = Entity("module", "")
        self._members: dict[str, set[str]] = defaultdict(set)
        self._bases: dict[str, list[str]] = defaultdict(list)
        self._ways: dict[str, Parameters] = {}
        self._aliases: dict[str, str] = {}
        wrapper = (folder / "src/wrapper/wrap_cudadrv.cpp").read_text(encoding="utf-8")
        self._read(_COMMENT.sub("", wrapper))
        tree = ast.parse((folder / "pycuda/driver.py").read_text(encoding="utf-8"))
        self._members[""] |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}

    def _read(self, text: str) -> None:
        owner, cpp = "", ""
        names: dict[str, str] = {}
        for token in _TOKEN.finditer(text):
            found = {key: value for key, value in token.groupdict().items() if value}
            if "typedef" in found:
                cpp = found["typedef"]
            elif "named" in found:
                owner = found["named"]
                names[cpp] = owner
                self._members[""].add(owner)
                self._members[owner] |= set()
                self._bases[owner] = [names[base] for base in re.findall(r"py::bases<(\w+)>", found["inside"])]
                if "py::init" in (call := _balanced(text, token.end())):
                    self._take(owner, call)
            elif "attribute" in found and found["scope"] != "cls":
                self._members[""].add(found["attribute"])
                if found["assigned"] == "wrp":
                    self._aliases[found["attribute"]] = owner
            elif name := found.get("function") or found.get("plain") or found.get("error"):
                self._members[""].add(name)
                self._take(name, _balanced(text, token.end()))
            elif name := found.get("method") or found.get("simple") or found.get("value") or found.get("attribute"):
                self._members[owner].add(name)
                self._take(f"{owner}.{name}", _balanced(text, token.end()))

    def _take(self, label: str, call: str) -> None:
        names: list[str] = []
        required = 0
        for quoted, default in _ARGUMENT.findall(call):
            several = re.findall(r'"(\w+)"', quoted)
            names += several
            required += 0 if default or "py::optional" in call else len(several)
        if names:
            own = [name for name in names if name != "self"]
            self._ways[label] = Parameters(tuple(own), required - ("self" in names))

    def member(self, entity: Entity, name: str) -> Values | None:
        """What `entity.name` is; None where there is no such name."""
        if entity == Entity("instance", _ARRAY):
            return frozenset({Entity("instance", "HostAllocation")}) if name == "base" else PLAIN
        label = f"{entity.name}.{name}".lstrip(".")
        for owner in self._with_bases(entity.name):
            if name in self._members[owner]:
                if entity.kind != "module":
                    is_value = not re.match(r"[a-z]", name)
                    return PLAIN if is_value else frozenset({Entity("callable", f"{owner}.{name}")})
                kind = "class" if name in self._members or name in self._aliases else "callable"
                return frozenset({Entity(kind, label)})
        return None

    def _with_bases(self, name: str) -> list[str]:
        name = self._aliases.get(name, name)
        return [name, *(one for base in self._bases[name] for one in self._with_bases(base))]

    def element(self, entity: Entity) -> Values:
        """A part of an array is numpy's."""
        return PLAIN if entity.name == _ARRAY else frozenset({Unknown(f"an element of {entity.name}")})

    def settable(self, _entity: Entity, _name: str) -> bool:
        """Nothing of pycuda's is set."""
        return False

    def call(self, entity: Entity, positional: int, keywords: set[str]) -> tuple[Values, bool]:
        """What `entity(…)` returns, and whether the arguments fit, where the wrapper names them."""
        way = self._ways.get(entity.name)
        fits = way is None or way.take(positional, keywords)
        if entity.kind == "class":
            return frozenset({Entity("instance", entity.name)}), fits
        returned = _RETURNS.get(entity.name)
        return frozenset({Entity("instance", returned)}) if returned else PLAIN, fits

    def names(self) -> set[str]:
        """All names, without their owners."""
        return set().union(*self._members.values())

    def lacks(self, dotted: str) -> bool:
        """Whether there is no such Class.name."""
        found: Values | None = frozenset({self.root})
        for part in dotted.split("."):
            (entity,) = found or frozenset({Unknown("")})
            found = self.member(entity, part) if isinstance(entity, Entity) else None
            if found is None:
                return True
            if found == PLAIN:
                found = frozenset({Unknown("")})
        return False


def _balanced(text: str, start: int) -> str:
    """From `start` to the bracket that closes the one opened before it."""
    depth = 1
    for place in range(start, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if not depth:
            return text[start:place]
    return text[start:]
