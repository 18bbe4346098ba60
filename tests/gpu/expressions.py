"""What an expression of our code holds."""

from __future__ import annotations

import ast
from typing import Any

from tests.gpu.code_facts import NONE, CodeFacts, OurClass, OurFunction, Ours
from tests.gpu.surface import PLAIN, Container, Entity, Plain, Unknown, Values, holding, joined

_ELEMENTS = {"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "dict", "next", "enumerate", "zip"}
_HARMLESS = {"int", "str", "bool", "float", "len", "bytes", "isinstance", "hasattr", "repr", "min", "max", "any", "all"}
_FOREIGN = {"np", "ctypes", "logging"}


class Expressions(CodeFacts):
    """Values of expressions; a name that the binding lacks, or a receiver that cannot be told, becomes a problem."""

    def _value(self, node: ast.expr, env: dict[str, Values]) -> Values:
        method = getattr(self, f"_on_{type(node).__name__.lower()}", None)
        if method is not None:
            result: Values = method(node, env)
            return result
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._value(child, env)
        return PLAIN

    def _on_constant(self, node: ast.Constant, _env: dict[str, Values]) -> Values:
        return NONE if node.value is None else PLAIN

    def _on_name(self, node: ast.Name, env: dict[str, Values]) -> Values:
        if node.id in env:
            return env[node.id]
        named = self._named(node.id)
        if named is not None:
            return named
        if node.id in self._classes:
            return frozenset({OurClass(node.id)})
        return frozenset({OurFunction("", node.id)}) if node.id in self._functions else PLAIN

    def _on_attribute(self, node: ast.Attribute, env: dict[str, Values]) -> Values:
        receivers = self._value(node.value, env)
        if not receivers and self._all_known:
            self._problem(node, f"nothing is known of {ast.unparse(node.value)}")
        return joined(*(self._attribute(receiver, node) for receiver in receivers))

    def _attribute(self, receiver: Any, node: ast.Attribute) -> Values:
        if isinstance(receiver, Entity):
            return self._member(receiver, node.attr, node)
        if isinstance(receiver, Unknown):
            self._problem(node, f"cannot tell what .{node.attr} belongs to: {receiver.why}")
        elif isinstance(receiver, Ours | OurClass):
            facts = self._classes[receiver.name]
            if node.attr in facts.properties:
                return self._returns[receiver.name, node.attr]
            if node.attr in facts.methods:
                return frozenset({OurFunction(receiver.name, node.attr)})
            known = self._attributes[receiver.name, node.attr]
            if not known and facts.bases:
                return frozenset().union(*(self._member(base, node.attr, node) for base in facts.bases))
            return known
        return PLAIN

    def _member(self, entity: Entity, name: str, node: ast.AST) -> Values:
        found: Values | None = self._surface.member(entity, name)
        label = f"{entity.name}.{name}".lstrip(".")
        if found is None:
            self._problem(node, f"there is no {label}")
            return PLAIN
        self.report.names.add(label)
        return found

    def _on_call(self, node: ast.Call, env: dict[str, Values]) -> Values:
        arguments = [self._value(argument, env) for argument in node.args]
        keywords = {keyword.arg: self._value(keyword.value, env) for keyword in node.keywords if keyword.arg}
        if isinstance(node.func, ast.Name) and node.func.id not in env:
            special = self._builtin(node, node.func.id, arguments, env)
            if special is not None:
                return special
        found: Values = NONE
        if isinstance(node.func, ast.Attribute):
            held = frozenset(one for one in self._value(node.func.value, env) if isinstance(one, Container))
            if held:
                found |= self._of_container(node.func.attr, held, arguments)
        for called in self._value(node.func, env):
            found |= self._call(called, node, arguments, keywords)
        return found

    def _builtin(self, node: ast.Call, name: str, arguments: list[Values], env: dict[str, Values]) -> Values | None:
        if name in _ELEMENTS:
            if name == "next":
                return joined(self._elements(arguments[0]), *arguments[1:])
            return holding(joined(*(self._elements(argument) for argument in arguments)))
        if name in _HARMLESS:
            return PLAIN
        if name == "getattr":
            wanted = node.args[1]
            if isinstance(wanted, ast.Constant):
                return self._on_attribute(ast.copy_location(ast.Attribute(node.args[0], wanted.value), node), env)
            if any(isinstance(one, Entity | Unknown) for one in arguments[0]):
                self._problem(node, "getattr with a name that cannot be told")
            return PLAIN
        return None

    def _of_container(self, method: str, receivers: Values, arguments: list[Values]) -> Values:
        elements = self._elements(receivers)
        if method == "items":
            return holding(elements | PLAIN)
        if method in ("get", "pop", "setdefault"):
            return frozenset().union(elements, *arguments[1:])
        return holding(elements)

    def _call(self, called: Any, node: ast.Call, arguments: list[Values], keywords: dict[str, Values]) -> Values:
        if isinstance(called, Entity):
            return self._call_binding(called, node, arguments, keywords)
        if isinstance(called, OurClass):
            facts = self._classes[called.name]
            if "__init__" in facts.methods:
                self._give(facts.methods["__init__"], called.name, arguments, keywords)
            else:
                given = dict(zip(facts.fields, arguments, strict=False)) | keywords
                for name, value in given.items():
                    self._learn(self._attributes, (called.name, name), value)
            return frozenset({Ours(called.name)})
        if isinstance(called, OurFunction):
            methods = self._classes[called.owner].methods if called.owner else self._functions
            self._give(methods[called.name], called.owner, arguments, keywords)
            return self._returns[called.owner, called.name]
        if isinstance(called, Unknown):
            self._problem(node, f"cannot tell what is called: {called.why}")
        elif not (isinstance(node.func, ast.Attribute) and ast.unparse(node.func).split(".")[0] in _FOREIGN):
            handed = frozenset().union(*arguments, *keywords.values())
            if any(isinstance(value, Entity) for value in handed) and not self._is_plain_method(node):
                return frozenset({Unknown(f"the result of {ast.unparse(node.func)}")})
        return PLAIN

    def _is_plain_method(self, node: ast.Call) -> bool:
        """A method of something that is ours or Python's, such as list.append or a log's."""
        return isinstance(node.func, ast.Attribute)

    def _call_binding(
        self, called: Entity, node: ast.Call, arguments: list[Values], keywords: dict[str, Values]
    ) -> Values:
        if called.kind == "instance":
            self._problem(node, f"{called.name} is called, which is no function")
            return PLAIN
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        unbound = isinstance(node.func, ast.Attribute) and node.func.attr == "__init__"
        result, fits = self._surface.call(called, len(arguments) - unbound, set(keywords))
        if not fits and not starred:
            words = [f"{len(arguments)} arguments", *sorted(keywords)]
            self._problem(node, f"{called.name} does not take {', '.join(words)}")
        values: Values = result
        return values

    def _give(self, node: ast.FunctionDef, owner: str, arguments: list[Values], keywords: dict[str, Values]) -> None:
        names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in node.decorator_list)
        given = dict(zip(names[1:] if owner and not static else names, arguments, strict=False)) | keywords
        for name, value in given.items():
            self._learn(self._parameters, (owner, node.name, name), value)

    def _on_subscript(self, node: ast.Subscript, env: dict[str, Values]) -> Values:
        self._value(node.slice, env)
        return self._elements(self._value(node.value, env))

    def _on_ifexp(self, node: ast.IfExp, env: dict[str, Values]) -> Values:
        self._value(node.test, env)
        return self._value(node.body, env) | self._value(node.orelse, env)

    def _on_boolop(self, node: ast.BoolOp, env: dict[str, Values]) -> Values:
        return frozenset().union(*(self._value(value, env) for value in node.values))

    def _on_namedexpr(self, node: ast.NamedExpr, env: dict[str, Values]) -> Values:
        value = self._value(node.value, env)
        self._assign(node.target, value, env)
        return value

    def _on_starred(self, node: ast.Starred, env: dict[str, Values]) -> Values:
        return self._elements(self._value(node.value, env))

    def _gathered(self, node: Any, env: dict[str, Values]) -> Values:
        return holding(frozenset().union(*(self._value(one, env) for one in node.elts)))

    _on_tuple = _on_list = _on_set = _gathered

    def _on_dict(self, node: ast.Dict, env: dict[str, Values]) -> Values:
        for key in node.keys:
            if key is not None:
                self._value(key, env)
        return holding(frozenset().union(*(self._value(value, env) for value in node.values)))

    def _comprehension(self, node: Any, env: dict[str, Values]) -> Values:
        inner = dict(env)
        for generator in node.generators:
            self._assign(generator.target, self._elements(self._value(generator.iter, inner)), inner)
            for condition in generator.ifs:
                self._value(condition, inner)
        if isinstance(node, ast.DictComp):
            self._value(node.key, inner)
            return holding(self._value(node.value, inner))
        return holding(self._value(node.elt, inner))

    _on_listcomp = _on_setcomp = _on_generatorexp = _on_dictcomp = _comprehension

    def _on_lambda(self, node: ast.Lambda, env: dict[str, Values]) -> Values:
        inner = dict(env)
        for argument in node.args.args:
            inner[argument.arg] = self._named(argument.arg) or frozenset({Unknown(f"{argument.arg} of a lambda")})
        return self._value(node.body, inner)

    def _elements(self, values: Values) -> Values:
        """What comes out when `values` are iterated or indexed."""
        found: Values = NONE
        for value in values:
            if isinstance(value, Container):
                found |= value.values | {value}
            elif isinstance(value, Entity):
                found |= self._surface.element(value)
            else:
                found |= {value if isinstance(value, Unknown) else Plain()}
        return found
