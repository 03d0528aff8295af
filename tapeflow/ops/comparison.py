"""Comparing, logic, and choosing by a condition."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.dtypes import bool as bool_
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.execute import execute
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import NO_ATTRS, elementwise, elementwise2, elementwise_op, in_pieces, scalar, unbroadcast

_COMPARED: Any = {"signature": "x:T, y:T -> z:bool", "T": types.REALS}

less = elementwise2(
    "Less", "less", None,
    """`x < y`, element by element.

    >>> print(tf.less([1, 2], 2))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """,
    **_COMPARED,
)  # fmt: skip
less_equal = elementwise2(
    "LessEqual", "less_equal", None,
    """`x <= y`, element by element.

    >>> print(tf.less_equal([1, 3], 2))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """,
    **_COMPARED,
)  # fmt: skip
greater = elementwise2(
    "Greater", "greater", None,
    """`x > y`, element by element.

    >>> print(tf.greater([1, 3], 2))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """,
    **_COMPARED,
)  # fmt: skip
greater_equal = elementwise2(
    "GreaterEqual", "greater_equal", None,
    """`x >= y`, element by element.

    >>> print(tf.greater_equal([1, 2], 2))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """,
    **_COMPARED,
)  # fmt: skip


# ---------------------------------------------------------------- equality


def _equality_shape(x: Shape, y: Shape, *, incompatible_shape_error: bool = True) -> Shape:
    if incompatible_shape_error:
        return shapes.broadcast(x, y)
    try:
        return shapes.broadcast(x, y) if x is not None and None not in x and y is not None and None not in y else None
    except errors.InvalidArgumentError:
        return ()


def _fit(x: Array, y: Array) -> bool:
    """Whether the shapes broadcast."""
    return x.shape == y.shape or all(a == b or a == 1 or b == 1 for a, b in zip(x.shape[::-1], y.shape[::-1]))


@op("Equal", "x:T, y:T -> z:bool", shape=_equality_shape, differentiable=False)
def equal_op(xp: Any, x: Array, y: Array, *, incompatible_shape_error: bool = True) -> Array:
    return xp.equal(x, y) if incompatible_shape_error or _fit(x, y) else xp.bool_(False)


@op("NotEqual", "x:T, y:T -> z:bool", shape=_equality_shape, differentiable=False)
def not_equal_op(xp: Any, x: Array, y: Array, *, incompatible_shape_error: bool = True) -> Array:
    return xp.not_equal(x, y) if incompatible_shape_error or _fit(x, y) else xp.bool_(True)


def equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x == y`, element by element; of any dtype.

    >>> print(tf.equal(["a", "b"], "a"))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """
    return equal_op(x, y, name=name)  # type: ignore[no-any-return]


def not_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x != y`, element by element; of any dtype.

    >>> print(tf.not_equal([1, 2], 2))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """
    return not_equal_op(x, y, name=name)  # type: ignore[no-any-return]


def _approximate_shape(x: Shape, y: Shape, *, tolerance: float = 1e-5) -> Shape:
    if not shapes.fits(x, y):
        raise errors.invalid(
            f"x and y must be of the same shape. x shape: {shapes.show(x)}. y shape: {shapes.show(y)}"
        )
    return shapes.merge(x, y)


@op("ApproximateEqual", "x:T, y:T -> z:bool", shape=_approximate_shape, differentiable=False, T=types.NUMBERS)
def approximate_equal(xp: Any, x: Array, y: Array, *, tolerance: float = 1e-5) -> Array:
    _approximate_shape(x.shape, y.shape)
    return xp.abs(x - y) < x.dtype.type(tolerance)


# ---------------------------------------------------------------- what kind of number

_KIND: Any = {"signature": "x:T -> y:bool", "T": types.FLOATS}
is_nan = elementwise(
    "IsNan", "isnan", None,
    """Which elements are NaN.

    >>> print(tf.math.is_nan([1.0, np.nan]))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """,
    **_KIND,
)  # fmt: skip
is_inf = elementwise(
    "IsInf", "isinf", None,
    """Which elements are infinite.

    >>> print(tf.math.is_inf([1.0, -np.inf]))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """,
    **_KIND,
)  # fmt: skip
is_finite = elementwise(
    "IsFinite", "isfinite", None,
    """Which elements are neither infinite nor NaN.

    >>> print(tf.math.is_finite([1.0, np.inf, np.nan]))
    tf.Tensor([ True False False], shape=(3,), dtype=bool)
    """,
    **_KIND,
)  # fmt: skip


# ---------------------------------------------------------------- logic

logical_and = elementwise2(
    "LogicalAnd", "logical_and", None,
    """`x and y`, element by element.

    >>> print(tf.logical_and([True, False], True))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """,
    signature="x:bool, y:bool -> z:bool",
)  # fmt: skip
logical_or = elementwise2(
    "LogicalOr", "logical_or", None,
    """`x or y`, element by element.

    >>> print(tf.logical_or([True, False], False))
    tf.Tensor([ True False], shape=(2,), dtype=bool)
    """,
    signature="x:bool, y:bool -> z:bool",
)  # fmt: skip
logical_not = elementwise(
    "LogicalNot", "logical_not", None,
    """`not x`, element by element.

    >>> print(tf.logical_not([True, False]))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """,
    signature="x:bool -> y:bool",
)  # fmt: skip


def logical_xor(x: TensorLike, y: TensorLike, name: str | None = "LogicalXor") -> Tensor:
    """Either `x` or `y` but not both, element by element.

    >>> print(tf.math.logical_xor([True, False], True))
    tf.Tensor([False  True], shape=(2,), dtype=bool)
    """
    return logical_and(logical_or(x, y), logical_not(logical_and(x, y)), name)


# ---------------------------------------------------------------- choosing


def _select_shape(condition: Shape, t: Shape, e: Shape) -> Shape:
    try:
        return shapes.broadcast_all(condition, t, e)
    except errors.InvalidArgumentError:
        shown = f"condition {shapes.show(condition)}, then {shapes.show(t)}, and else {shapes.show(e)}"
        raise errors.invalid(f"{shown} must be broadcastable") from None


def _select_gradient(g: Any, _z: Any, condition: Any, t_shape: Any, e_shape: Any) -> Any:
    zero = scalar(0, g.dtype)
    return (
        None,
        lambda: unbroadcast(select_v2(condition, g, zero), t_shape),
        lambda: unbroadcast(select_v2(condition, zero, g), e_shape),
    )


select_v2 = elementwise_op(
    "SelectV2", "condition:bool, t:T, e:T -> output:T", "where", _select_gradient, shape=_select_shape
)


_AS_INTEGERS = {1: np.int8, 2: np.int16, 4: np.int32, 8: np.int64}


def quick_where(condition: Array, t: Array, e: Array) -> Array:
    """`np.where`, big arrays bit by bit: it is slow on conditions that the processor cannot foresee."""
    integer = _AS_INTEGERS.get(t.dtype.itemsize)
    if condition.size < 4096 or integer is None or t.dtype.kind == "O":
        return np.where(condition, t, e)
    mask = condition.view(np.int8).astype(integer)
    np.negative(mask, out=mask)
    bits, others = t.view(integer), e.view(integer)
    return (((bits ^ others) & mask) ^ others).view(t.dtype)


select_v2.on("host")(in_pieces(lambda _np, *arrays: quick_where(*arrays)))


def where(condition: TensorLike, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """`x` where `condition` holds, `y` elsewhere; or, with `condition` alone, the places where it is not 0.

    Args:
      condition: booleans; with `condition` alone, also numbers.
      x: what to take where it holds; the three broadcast.
      y: what to take elsewhere, of the dtype of `x`.
      name: not used.

    Returns:
      A tensor of the dtype of `x`. Without `x` and `y`: int64 `[count, rank]`, the indices of the elements that are not
      0, in order.

    Raises:
      ValueError: if just one of `x` and `y` is given.
      InvalidArgumentError: if shapes or dtypes do not fit.

    >>> print(tf.where([True, False], [1, 2], 0))
    tf.Tensor([1 0], shape=(2,), dtype=int32)
    >>> print(tf.where([[False, True], [True, False]]))
    tf.Tensor(
    [[0 1]
     [1 0]], shape=(2, 2), dtype=int64)
    """
    if x is not None and y is not None:
        return execute(select_v2, (condition, x, y), NO_ATTRS, name)  # type: ignore[no-any-return]
    if x is None and y is None:
        return OPS["Where"](convert(condition, hint=bool_), name=name)  # type: ignore[no-any-return]
    raise ValueError("x and y must both be non-None or both be None.")
