"""Which names of a binding our code uses, by reading it: where a receiver cannot be told, that is a finding too.

What it knows: the module is called `trt` (or `driver`); everything else follows from assignments, from the arguments
of calls, from annotations, and from the types that the binding itself states. Code is followed until nothing new is
learnt. Names that begin with `rtx` hold what only TensorRT for RTX has.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.gpu.code_facts import NONE, ClassFacts, OurFunction, Ours, Report
from tests.gpu.expressions import Expressions
from tests.gpu.surface import PLAIN, Entity, Unknown, Values, holding, joined

_MOST_ROUNDS = 20


class CalledNames(Expressions):
    """Reads `files` against one surface. `modules`: which variables hold it, {"trt"}, {"trt", "rtx"} or {"driver"}."""

    def __init__(self, surface: Any, modules: set[str], files: Iterable[Path]) -> None:
        super().__init__(surface, modules)
        self._trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}
        self._modules_read = {(path.parent.name, path.stem) for path in self._trees}

    def read(self) -> Report:
        """Follow all code until nothing new is learnt."""
        for tree in self._trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    self._index(node)
            self._functions |= {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self._follow()
        self._all_known = True  # what no call has told by now stays unknown
        self._follow()
        return self.report

    def _follow(self) -> None:
        for _ in range(_MOST_ROUNDS):
            self._learnt = False
            self.report = Report()
            for path, tree in self._trees.items():
                self._path = path
                self._block(tree.body, {}, ("", ""))
            if not self._learnt:
                return
        raise AssertionError("the code cannot be followed to an end")

    def _index(self, node: ast.ClassDef) -> None:
        facts = self._classes.setdefault(node.name, ClassFacts())
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                facts.methods[statement.name] = statement
                if any(isinstance(one, ast.Name) and one.id == "property" for one in statement.decorator_list):
                    facts.properties.add(statement.name)
            elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                facts.fields.append(statement.target.id)

    def _block(self, body: list[ast.stmt], env: dict[str, Values], where: tuple[str, str]) -> None:
        for statement in body:
            self._statement(statement, env, where)

    def _statement(self, node: ast.stmt, env: dict[str, Values], where: tuple[str, str]) -> None:
        method = getattr(self, f"_do_{type(node).__name__.lower()}", self._other)
        method(node, env, where)

    def _do_functiondef(self, node: ast.FunctionDef, env: dict[str, Values], _where: tuple[str, str]) -> None:
        self._function(node, "", env)

    def _do_classdef(self, node: ast.ClassDef, env: dict[str, Values], _where: tuple[str, str]) -> None:
        self._class(node, env)

    def _do_importfrom(self, node: ast.ImportFrom, env: dict[str, Values], _where: tuple[str, str]) -> None:
        """What comes from code that is not read is none of ours, whatever it is called."""
        if tuple((node.module or "").split(".")[-2:]) not in self._modules_read:
            env |= {alias.asname or alias.name: PLAIN for alias in node.names}

    def _do_return(self, node: ast.Return, env: dict[str, Values], where: tuple[str, str]) -> None:
        value = self._value(node.value, env) if node.value is not None else NONE
        if where not in self._declared:
            self._learn(self._returns, where, value)

    def _do_assign(self, node: ast.Assign, env: dict[str, Values], _where: tuple[str, str]) -> None:
        value = self._value(node.value, env)
        for target in node.targets:
            self._assign(target, value, env)

    def _do_annassign(self, node: ast.AnnAssign, env: dict[str, Values], _where: tuple[str, str]) -> None:
        value = self._value(node.value, env) if node.value is not None else NONE
        declared = self._annotated(node.annotation)
        self._assign(node.target, value if declared is None else declared, env)

    def _do_augassign(self, node: ast.AugAssign, env: dict[str, Values], _where: tuple[str, str]) -> None:
        self._value(node.value, env)
        self._assign(node.target, PLAIN, env)

    def _do_for(self, node: ast.For, env: dict[str, Values], where: tuple[str, str]) -> None:
        self._assign(node.target, self._elements(self._value(node.iter, env)), env)
        self._block([*node.body, *node.orelse], env, where)

    def _do_with(self, node: ast.With, env: dict[str, Values], where: tuple[str, str]) -> None:
        for item in node.items:
            value = self._value(item.context_expr, env)
            if item.optional_vars is not None:
                self._assign(item.optional_vars, value, env)
        self._block(node.body, env, where)

    def _do_try(self, node: ast.Try, env: dict[str, Values], where: tuple[str, str]) -> None:
        for handler in node.handlers:
            if handler.type is not None:
                self._value(handler.type, env)
            if handler.name:
                env[handler.name] = PLAIN
        handlers = [statement for handler in node.handlers for statement in handler.body]
        self._block([*node.body, *handlers, *node.orelse, *node.finalbody], env, where)

    def _other(self, node: ast.stmt, env: dict[str, Values], where: tuple[str, str]) -> None:
        """Whatever holds expressions or blocks: if, while, raise, assert, an expression alone."""
        for _name, part in ast.iter_fields(node):
            for one in part if isinstance(part, list) else [part]:
                if isinstance(one, ast.stmt):
                    self._statement(one, env, where)
                elif isinstance(one, ast.expr):
                    self._value(one, env)

    def _class(self, node: ast.ClassDef, env: dict[str, Values]) -> None:
        bases = frozenset().union(*(self._value(base, env) for base in node.bases))
        facts = self._classes[node.name]
        facts.bases = frozenset(base for base in bases if isinstance(base, Entity))
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                if not statement.name.startswith("_"):
                    for base in facts.bases:  # a hook that the binding does not know is never called
                        self._member(base, statement.name, statement)
                self._function(statement, node.name, env)
            elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                declared = self._annotated(statement.annotation)
                if declared is not None:
                    self._learn(self._attributes, (node.name, statement.target.id), declared)

    def _function(self, node: ast.FunctionDef, owner: str, outer: dict[str, Values]) -> None:
        env = dict(outer)
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        for place, argument in enumerate(arguments):
            if owner and place == 0:
                env[argument.arg] = frozenset({Ours(owner)})
                continue
            env[argument.arg] = self._parameter(owner, node.name, argument)
        for argument in (node.args.vararg, node.args.kwarg):
            if argument is not None:
                env[argument.arg] = PLAIN
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self._value(default, outer)
        if not owner:
            outer[node.name] = frozenset({OurFunction("", node.name)})
            self._functions.setdefault(node.name, node)
        declared = self._annotated(node.returns) if node.returns is not None else None
        if declared is not None:
            self._declared.add((owner, node.name))
            self._returns[owner, node.name] = declared
        self._block(node.body, env, (owner, node.name))

    def _assign(self, target: ast.expr, value: Values, env: dict[str, Values]) -> None:
        if isinstance(target, ast.Name):
            env[target.id] = joined(env.get(target.id, NONE), value)
        elif isinstance(target, ast.Tuple | ast.List):
            for one in target.elts:
                self._assign(one, self._elements(value), env)
        elif isinstance(target, ast.Starred):
            self._assign(target.value, holding(self._elements(value)), env)
        elif isinstance(target, ast.Attribute):
            for receiver in self._value(target.value, env):
                self._store(receiver, target, value)
        elif isinstance(target, ast.Subscript):
            self._value(target.slice, env)
            self._put(target.value, holding(value), env)

    def _put(self, container: ast.expr, value: Values, env: dict[str, Values]) -> None:
        """`container[…] = …`."""
        if isinstance(container, ast.Name):
            env[container.id] = joined(env.get(container.id, NONE), value)
        elif isinstance(container, ast.Attribute):
            for receiver in self._value(container.value, env):
                if isinstance(receiver, Ours):
                    self._learn(self._attributes, (receiver.name, container.attr), value)

    def _store(self, receiver: Any, target: ast.Attribute, value: Values) -> None:
        if isinstance(receiver, Ours):
            if target.attr in self._classes[receiver.name].methods:
                return
            self._learn(self._attributes, (receiver.name, target.attr), value)
        elif isinstance(receiver, Entity):
            self._member(receiver, target.attr, target)
            if not self._surface.settable(receiver, target.attr):
                self._problem(target, f"{receiver.name}.{target.attr} cannot be set")
        elif isinstance(receiver, Unknown):
            self._problem(target, f"cannot tell what .{target.attr} belongs to: {receiver.why}")
