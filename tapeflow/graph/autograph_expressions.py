"""Operators in the place of Python's in an expression's syntax tree: `and`, `or`, `not`, calls..."""

from __future__ import annotations

import ast
import types
from typing import Any

OPERATORS = "ag__"  # the name under which rewritten code finds the operators
# Builtins that ask who calls them, or must not be stepped over.
_UNTOUCHED = frozenset({"super", "locals", "globals", "vars", "dir", "eval", "exec", "breakpoint"})


class Expressions(ast.NodeTransformer):
    """Puts operators in the place of `and`, `or`, `not`, `a if b else c`, chained comparisons, `assert` and calls."""

    def __init__(self, function: types.FunctionType, features: frozenset[str], undefined: set[str]) -> None:
        self.features = features
        self.undefined = undefined
        self.untouched = _UNTOUCHED if "BUILTIN_FUNCTIONS" in features else _UNTOUCHED | {"print"}
        self.first = function.__code__.co_varnames[:1]

    def visit_Call(self, node: ast.Call) -> ast.expr:
        func = node.func
        name = func.id if isinstance(func, ast.Name) else ""
        debugs = isinstance(func, ast.Attribute) and func.attr == "set_trace"
        self.generic_visit(node)
        if name == "super" and not node.args and self.first:
            # Without arguments it looks at its caller, which may be a branch now.
            node.args = [ast.copy_location(ast.Name(n, ast.Load()), node) for n in ("__class__", *self.first)]
        elif not (_is_operator(func) or debugs or name in self.untouched):
            node.func = call("call", node.func, like=node.func)
        return node

    def visit_With(self, node: ast.With) -> ast.With:
        # What makes context managers is called as it is.
        results = map(self.visit, node.body)
        node.body = [x for result in results for x in (result if isinstance(result, list) else [result])]
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        if not all(map(_fits_a_lambda, node.values)):
            return node
        name = "and_" if isinstance(node.op, ast.And) else "or_"
        *values, result = node.values
        for value in reversed(values):
            result = call(name, _thunk(value), _thunk(result), like=node)
        return result

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        return call("not_", node.operand, like=node) if isinstance(node.op, ast.Not) else node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        return self._chain(node, node.left, node.ops, node.comparators)

    def _chain(self, node: ast.Compare, left: ast.expr, ops: list[ast.cmpop], rest: list[ast.expr]) -> ast.expr:
        """`a < b < c` as `a < b and b < c`, with `b` evaluated once."""
        if len(ops) == 1:
            return self._compare(node, left, ops[0], rest[0])
        if not all(map(_fits_a_lambda, rest)):
            return ast.copy_location(ast.Compare(left, ops, rest), node)
        if isinstance(rest[0], (ast.Name, ast.Constant)):
            both = self._compare(node, left, ops[0], rest[0]), self._chain(node, rest[0], ops[1:], rest[1:])
            return call("and_", *map(_thunk, both), like=node)
        a, b = (ast.copy_location(ast.Name(name, ast.Load()), node) for name in ("left__", "right__"))
        both = self._compare(node, a, ops[0], b), self._chain(node, b, ops[1:], rest[1:])
        function = _thunk(call("and_", *map(_thunk, both), like=node), a.id, b.id)
        return ast.copy_location(ast.Call(function, [left, rest[0]], []), node)

    def _compare(self, node: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
        if isinstance(op, (ast.Eq, ast.NotEq)) and "EQUALITY_OPERATORS" in self.features:
            return call("eq" if isinstance(op, ast.Eq) else "not_eq", left, right, like=node)
        return ast.copy_location(ast.Compare(left, [op], [right]), node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        text = ast.unparse(node.test)
        self.generic_visit(node)
        if not (_fits_a_lambda(node.body) and _fits_a_lambda(node.orelse)):
            return node
        label = ast.copy_location(ast.Constant(text), node)
        return call("if_exp", node.test, _thunk(node.body), _thunk(node.orelse), label, like=node)

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        self.generic_visit(node)
        if "ASSERT_STATEMENTS" not in self.features:
            return node
        message = node.msg or ast.copy_location(ast.Constant("Assertion error"), node)
        return ast.copy_location(ast.Expr(call("assert_stmt", node.test, _thunk(message), like=node)), node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        wanted = node.id in self.undefined and isinstance(node.ctx, ast.Load) and _is_original(node)
        return call("ld", node, like=node) if wanted else node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        if not (isinstance(node.target, ast.Name) and node.target.id in self.undefined):
            return node
        read = call("ld", ast.copy_location(ast.Name(node.target.id, ast.Load()), node), like=node)
        return [ast.copy_location(ast.Assign([node.target], read), node), node]

    def visit_Delete(self, node: ast.Delete) -> Any:
        self.generic_visit(node)
        return [self._deleted(node, target) for target in node.targets]

    def _deleted(self, node: ast.Delete, target: ast.expr) -> ast.stmt:
        if isinstance(target, ast.Name) and target.id in self.undefined:
            nothing = call("Undefined", ast.copy_location(ast.Constant(target.id), node), like=node)
            name = ast.copy_location(ast.Name(target.id, ast.Store()), node)
            return ast.copy_location(ast.Assign([name], nothing), node)
        return ast.copy_location(ast.Delete([target]), node)


def _is_operator(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == OPERATORS


def _is_original(node: ast.AST) -> bool:
    """Whether it stood in the function, and is not one that reads a variable for a branch's or a loop's state."""
    from malt.pyct import anno

    return bool(anno.hasanno(node, anno.Basic.ORIGIN))


def call(operator: str, *args: ast.expr, like: ast.AST) -> ast.expr:
    func = ast.Attribute(ast.Name(OPERATORS, ast.Load()), operator, ast.Load())
    call = ast.Call(func, list(args), [])
    for node in (func.value, func, call):
        copy_place(like, node)
    return call


def _thunk(body: ast.expr, *names: str) -> ast.expr:
    """`lambda: body`, or one that takes arguments."""
    args = ast.arguments([], [copy_place(body, ast.arg(name)) for name in names], None, [], [], None, [])
    thunk: ast.expr = copy_place(body, ast.Lambda(args, body))
    return thunk


def _fits_a_lambda(node: ast.expr) -> bool:
    """Whether `node` means the same in a lambda."""
    return not any(isinstance(x, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)) for x in ast.walk(node))


def copy_place(old: Any, new: Any) -> Any:
    origin = getattr(old, "___pyct_anno", None)
    if origin is not None:
        setattr(new, "___pyct_anno", origin)  # what `_place` asks
    return ast.copy_location(new, old) if hasattr(old, "lineno") else new
