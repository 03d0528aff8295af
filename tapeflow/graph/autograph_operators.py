"""What rewritten code calls for `if`, `while`, `for`, `and`...: Python's own, unless a tensor decides in a graph."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, nest
from ..base.context import context
from ..core.convert import convert
from ..core.registry import OPS
from ..core.symbol import Symbol
from ..core.tensor import Tensor
from ..ops.debugging import Assert
from . import control

Thunk = Callable[[], Any]
Getter = Callable[[], tuple[Any, ...]]
Setter = Callable[[tuple[Any, ...]], None]

PYTHON_VALUES = (bool, int, float, str, np.ndarray)


def is_staged(value: Any) -> bool:
    """Whether `value` is a tensor (or a Variable) that is not known before the graph runs."""
    return isinstance(value, Symbol) or (
        context.graph is not None and (isinstance(value, Tensor) or hasattr(type(value), "assign_add"))
    )


# -- variables that may have no value


class Undefined:
    """Stands for a variable that has no value (yet); so do all its attributes and items."""

    def __init__(self, symbol_name: str) -> None:
        self.symbol_name = symbol_name

    def __repr__(self) -> str:
        return self.symbol_name

    def __getattr__(self, name: str) -> Any:
        return self

    def __getitem__(self, key: Any) -> Any:
        return self


class UndefinedReturnValue:
    """Stands for what a function returns that has not returned yet."""


def ld(value: Any) -> Any:
    """The value of a variable, where it is read."""
    if isinstance(value, Undefined):
        raise UnboundLocalError(f"'{value.symbol_name}' is used before assignment")
    return value


def ldu(load: Thunk, name: str) -> Any:
    """The value of an attribute or an item, which may not be there."""
    try:
        return load()
    except (KeyError, AttributeError, NameError):
        return Undefined(name)


def ret(value: Any, did_return: Any) -> Any:
    """What a function returns."""
    return None if isinstance(value, UndefinedReturnValue) else value


def caught() -> Any:
    """The exception that is being handled."""
    return sys.exc_info()[1]


def is_missing(value: Any) -> bool:
    return value is None or isinstance(value, (Undefined, UndefinedReturnValue))


# -- if


def if_stmt(
    cond: Any, body: Thunk, orelse: Thunk, get_state: Getter, set_state: Setter, symbol_names: Any, nouts: int
) -> None:
    """`if cond: body() else: orelse()`; the first `nouts` variables are used afterwards."""
    if not is_staged(cond):
        body() if cond else orelse()
        return
    before = get_state()
    ends: dict[str, tuple[Any, ...]] = {}

    def branch(run: Thunk, label: str) -> Thunk:
        def traced() -> tuple[Any, ...]:
            set_state(before)
            run()
            ends[label] = get_state()[:nouts]
            _check_branch(ends[label], symbol_names, label)
            if len(ends) == 2:
                _check_branches(ends["main"], ends["else"], symbol_names)
            return ends[label]

        return traced

    after = control.cond(condition(cond, "if statement"), branch(body, "main"), branch(orelse, "else"))
    set_state((*after, *before[nouts:]))


def condition(cond: Any, statement: str) -> Tensor:
    """`cond` as a boolean scalar."""
    cond = convert(cond)
    hint = "to check for None, use `is not None`"
    if cond.dtype != dtypes.bool:
        raise ValueError(
            f"condition of {statement} expected to be `tf.bool` scalar, got {cond}; to use as boolean Tensor, use "
            f"`tf.cast`; {hint}"
        )
    if cond.shape.rank == 0:
        return cond  # type: ignore[no-any-return]
    if np.prod([n for n in (cond.shape.rank and cond.shape) or () if n is not None]) > 1:
        raise ValueError(f"condition of {statement} expected to be `tf.bool` scalar, got {cond}; {hint}")
    scalar: Tensor = OPS["Reshape"](cond, ())
    return scalar


def _check_branch(values: tuple[Any, ...], names: tuple[str, ...], label: str) -> None:
    for name, value in zip(names, values):
        if isinstance(value, Undefined):
            raise ValueError(f"'{name}' must also be initialized in the {label} branch")
        if isinstance(value, UndefinedReturnValue):
            raise ValueError(f"the {label} branch must also have a return statement.")


def _check_branches(body: tuple[Any, ...], orelse: tuple[Any, ...], names: tuple[str, ...]) -> None:
    for name, first, second in zip(names, body, orelse):
        try:
            nest.assert_same_structure(read_variables(first), read_variables(second), expand_composites=True)
        except (ValueError, TypeError) as error:
            raise TypeError(
                f"'{name}' must have the same nested structure in the main and else branches:\n\n{error}"
            ) from error
        for one, other in zip(nest.flatten(first), nest.flatten(second)):
            _check_branch_values(name, one, other)


def _check_branch_values(name: str, body: Any, orelse: Any) -> None:
    for value, label in ((body, "main"), (orelse, "else")):
        if value is None:
            raise ValueError(f"'{name}' is None at the end of the {label} branch.")
    first, second = _dtype_of(body), _dtype_of(orelse)
    if first is not None and second is not None and first != second:
        raise TypeError(
            f"'{name}' has dtype {first.name} in the main branch, but dtype {second.name} in the else branch"
        )


def read_variables(structure: Any) -> Any:
    return nest.map_structure(lambda x: convert(x) if hasattr(type(x), "assign_add") else x, structure)


def _dtype_of(value: Any) -> Any:
    if isinstance(value, PYTHON_VALUES):
        return convert(value).dtype
    return value.dtype if isinstance(value, Tensor) or hasattr(type(value), "assign_add") else None


def if_exp(cond: Any, if_true: Thunk, if_false: Thunk, expr_repr: str) -> Any:
    """`if_true() if cond else if_false()`."""
    if not is_staged(cond):
        return if_true() if cond else if_false()
    values: list[Any] = []

    def branch(run: Thunk) -> Thunk:
        def traced() -> Any:
            values.append(run())
            if len(values) == 2:
                _check_branch_values(expr_repr, *values)
            return values[-1]

        return traced

    return control.cond(condition(cond, "conditional expression"), branch(if_true), branch(if_false))


# -- logic


def and_(a: Thunk, b: Thunk) -> Any:
    """`a() and b()`."""
    first = a()
    return control.cond(first, b, lambda: first) if is_staged(first) else first and b()


def or_(a: Thunk, b: Thunk) -> Any:
    """`a() or b()`."""
    first = a()
    return control.cond(first, lambda: first, b) if is_staged(first) else first or b()


def not_(a: Any) -> Any:
    """`not a`."""
    return OPS["LogicalNot"](a) if is_staged(a) else not a


def eq(a: Any, b: Any) -> Any:
    """`a == b`, where the feature EQUALITY_OPERATORS is on."""
    return OPS["Equal"](a, b) if is_staged(a) or is_staged(b) else a == b


def not_eq(a: Any, b: Any) -> Any:
    """`a != b`, where the feature EQUALITY_OPERATORS is on."""
    return not_(eq(a, b))


def assert_stmt(condition: Any, message: Thunk) -> None:
    """`assert condition, message()`, where the feature ASSERT_STATEMENTS is on."""
    if not is_staged(condition):
        assert condition, message()
        return
    said = message()
    Assert(condition, said if isinstance(said, list) else [said])


# What rewritten code finds in `ag__`, with the loops beside it.
TABLE = {f.__name__: f for f in (
    Undefined, UndefinedReturnValue, ld, ldu, ret, caught, if_stmt, if_exp, and_, or_, not_, eq, not_eq, assert_stmt,
)}  # fmt: skip
