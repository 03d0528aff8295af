"""Python's operators on tensors, attached from one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base import dtypes, errors
from ..core.convert import convert
from ..core.execute import binary, execute
from ..core.op import Op
from ..core.tensor import Tensor
from . import arithmetic, bitwise, comparison, division
from .casting import cast
from .common import NO_ATTRS
from .matmul import matmul

Method = Callable[..., Any]


def _other_side(error: Exception, name: str, x: Any, y: Any) -> Any:
    """When `x` cannot make a tensor of `y`, `y` may know what to do with a tensor; if not, the error stands."""
    method = getattr(type(y), name, None)
    if method is None:
        raise error
    try:
        result = method(y, x)
    except (TypeError, ValueError, AttributeError):
        raise error from None
    if result is NotImplemented:
        raise error
    return result


def _plain(op: Op, reflected: str) -> tuple[Method, Method]:
    """An operator that is an op: what is not a tensor is converted to the tensor's dtype."""

    def forward(x: Any, y: Any) -> Any:
        try:
            return execute(op, (x, y), NO_ATTRS)
        except (TypeError, ValueError) as error:
            return _other_side(error, reflected, x, y)

    def backward(y: Any, x: Any) -> Any:
        return execute(op, (x, y), NO_ATTRS)

    return forward, backward


def _special(function: Callable[[Any, Any], Any], reflected: str) -> tuple[Method, Method]:
    """An operator that needs more than an op: a function of a tensor and what may be something else."""

    def forward(x: Any, y: Any) -> Any:
        try:
            return function(x, y)
        except (TypeError, ValueError) as error:
            return _other_side(error, reflected, x, y)

    def backward(y: Any, x: Any) -> Any:
        return function(convert(x, y.dtype), y)

    return forward, backward


# The functions below try the usual op first; other dtypes are told by its refusal, which costs the usual ones nothing.


def _add(x: Any, y: Any) -> Any:
    if type(y) is not Tensor:
        y = convert(y, hint=x.dtype)
    try:
        return execute(arithmetic.add_v2, (x, y), NO_ATTRS)
    except (errors.InvalidArgumentError, TypeError):  # a TypeError in graphs
        if x.dtype is dtypes.string:
            return execute(arithmetic.add_old, (x, y), NO_ATTRS)
        raise


def _multiply(x: Any, y: Any) -> Any:
    try:
        return execute(arithmetic.multiply.op, (x, y), NO_ATTRS)
    except (errors.InvalidArgumentError, TypeError):
        if x.dtype is dtypes.bool or getattr(y, "dtype", None) is dtypes.bool:
            return cast(arithmetic.multiply(cast(x, dtypes.int32), cast(y, dtypes.int32)), dtypes.bool)
        raise


def _divide(x: Any, y: Any) -> Any:
    if type(y) is Tensor and not x.dtype.is_integer:
        try:
            return execute(division.realdiv.op, (x, y), NO_ATTRS)
        except errors.InvalidArgumentError:
            pass
    return division.truediv(x, y)


def _logical_or_bitwise(logical: Any, bitwise_op: Op) -> Callable[[Any, Any], Any]:
    def function(x: Any, y: Any) -> Any:
        if x.dtype is dtypes.bool:
            return logical(x, y)
        return execute(bitwise_op, (x, y), NO_ATTRS)

    return function


def _comparison(op: Op) -> Method:
    return lambda x, y: execute(op, (x, y), NO_ATTRS)


_LENIENT = {"incompatible_shape_error": False}  # shapes that do not broadcast: just not equal


def _equality(op: Op, to_none: bool) -> Method:
    return lambda x, y: to_none if y is None else execute(op, (x, y), _LENIENT)


def _invert(x: Any) -> Any:
    return comparison.logical_not(x) if x.dtype is dtypes.bool else bitwise.invert(x)


_PAIRS: dict[str, Op | Callable[[Any, Any], Any]] = {
    "add": _add,
    "sub": arithmetic.subtract.op,
    "mul": _multiply,
    "truediv": _divide,
    "floordiv": division.floordiv.op,
    "mod": division.floormod.op,
    "pow": arithmetic.pow.op,
    "matmul": matmul,
    "and": _logical_or_bitwise(comparison.logical_and, bitwise.bitwise_and.op),
    "or": _logical_or_bitwise(comparison.logical_or, bitwise.bitwise_or.op),
    "xor": _logical_or_bitwise(comparison.logical_xor, bitwise.bitwise_xor.op),
}
_METHODS: dict[str, Method] = {
    "neg": lambda x: execute(arithmetic.negative.op, (x,), NO_ATTRS),
    "abs": lambda x: arithmetic.abs(x),
    "invert": _invert,
    "lt": _comparison(comparison.less.op),
    "le": _comparison(comparison.less_equal.op),
    "gt": _comparison(comparison.greater.op),
    "ge": _comparison(comparison.greater_equal.op),
    "eq": _equality(comparison.equal_op, False),
    "ne": _equality(comparison.not_equal_op, True),
}


# The op that an operator is when both sides are Tensors.
_OPS: dict[str, Op] = {
    "add": arithmetic.add_v2,
    "sub": arithmetic.subtract.op,
    "mul": arithmetic.multiply.op,
    "truediv": division.realdiv.op,
    "lt": comparison.less.op,
    "le": comparison.less_equal.op,
    "gt": comparison.greater.op,
    "ge": comparison.greater_equal.op,
}


def _reflected(fast: Method, otherwise: Method) -> Method:
    """`number op tensor`: the number gets the tensor's dtype."""

    def method(y: Any, x: Any) -> Any:
        if type(x) is float or type(x) is int:
            try:
                x = convert(x, y.dtype)
            except (TypeError, ValueError):
                return otherwise(y, x)
            return fast(x, y)
        return otherwise(y, x)

    return method


def _attach() -> None:
    methods = dict(_METHODS)
    for name, what in _PAIRS.items():
        make: Callable[[Any, str], tuple[Method, Method]] = _plain if isinstance(what, Op) else _special
        methods[name], methods[f"r{name}"] = make(what, f"__r{name}__")
    for name, op in _OPS.items():
        methods[name] = binary(op, methods[name])
        if f"r{name}" in methods:
            methods[f"r{name}"] = _reflected(methods[name], methods[f"r{name}"])
    for name, method in methods.items():
        method.__name__ = f"__{name}__"
        method.__qualname__ = f"Tensor.__{name}__"
        setattr(Tensor, method.__name__, method)


_attach()

#: The names of all methods that Tensor has from here. They do for composite tensors, too: they call ops.
OPERATORS = tuple(
    f"__{name}__" for name in (*_METHODS, *(f"{side}{name}" for name in _PAIRS for side in ("", "r")))
)
