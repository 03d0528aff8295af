"""Checks of values, shapes and dtypes: `tf.debugging.*`, `tf.Assert`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.context import context
from ..base.dtypes import DType, as_dtype
from ..core import types
from ..core.convert import convert
from ..core.op import op
from ..core.registry import OPS
from ..core.symbol import Symbol
from ..core.tensor import EAGER, Array, Tensor, TensorLike
from .assertions import assert_all, assert_node
from .common import only_host
from .creation import get_static_value
from .layout import attr_string
from .sizes import all_axes

_NUMERIC = frozenset((*types.FLOATS_AND_COMPLEX, *types.INTEGERS, dtypes.qint8, dtypes.qint32, dtypes.quint8))


@op("CheckNumerics", "tensor:T -> output:T", T=types.FLOATS, shape=shapes.same)
def _check_numerics(xp: Any, tensor: Array, *, message: str) -> Array:
    if not xp.all(xp.isfinite(tensor)):
        found = [name for name, test in (("Inf", xp.isinf), ("NaN", xp.isnan)) if xp.any(test(tensor))]
        raise errors.invalid(f"{message} : Tensor had {' and '.join(found)} values")
    return tensor


only_host(_check_numerics)


@_check_numerics.gradient
def _(g: Any, _output: Any, _tensor: Any, *, message: str) -> Any:
    text = f"Not a number (NaN) or infinity (Inf) values detected in gradient. {message.encode()!r}"
    return _check_numerics(g, message=text)


def check_numerics(tensor: TensorLike, message: str, name: str | None = None) -> Tensor:
    """The tensor itself, if all its elements are finite; its gradient is checked, too.

    Args:
      tensor: floating point.
      message: what the error begins with.
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if an element is NaN or infinite.
      TypeError: if the message is no string.

    >>> print(tf.debugging.check_numerics(tf.constant([1.0, 2.0]), "x"))
    tf.Tensor([1. 2.], shape=(2,), dtype=float32)
    """
    return _check_numerics(tensor, message=attr_string(message, "message"), name=name)  # type: ignore[no-any-return]


def assert_all_finite(x: TensorLike, message: str, name: str | None = None) -> Tensor:
    """As `tf.debugging.check_numerics`.

    >>> print(tf.debugging.assert_all_finite([1.0, 2.0], "x"))
    tf.Tensor([1. 2.], shape=(2,), dtype=float32)
    """
    return check_numerics(x, message, name)


def Assert(condition: Any, data: Iterable[Any], summarize: int | None = None, name: str | None = None) -> Any:  # noqa: N802
    """Checks that a condition holds.

    Args:
      condition: a boolean scalar.
      data: Tensors, or what converts to them, for the error to show.
      summarize: how many elements of each to show; 3 unless given, all if negative.
      name: a name for the operation, optional.

    Returns:
      None; in a graph the operation that checks when the graph runs, as do the other functions of `tf.debugging`.

    Raises:
      InvalidArgumentError: if the condition does not hold.

    >>> tf.Assert(tf.constant(1) < 2, ["one is not less than two"])
    """
    if context.graph is not None:
        return assert_node(condition, data, summarize, name)
    if not condition:
        shown = "\n".join(_elements(convert(item), 3 if summarize is None else summarize) for item in data)
        raise errors.invalid(f"Expected '{condition!s}' to be true. Summarized data: {shown}")
    return None


def _elements(tensor: Tensor, summarize: int) -> str:
    flat = np.asarray(tensor).reshape(-1)
    count = flat.size if summarize < 0 else summarize
    return ", ".join([*map(str, flat[:count]), *(["..."] if flat.size > count else [])])


# ---------------------------------------------------------------- comparing


def prefix_of(message: str | None) -> str:
    """What an error begins with."""
    return f"{message}.  " if message else ""


def described(tensor: Tensor) -> str:
    """What is said of a tensor; one of a graph has a name."""
    if isinstance(tensor, Symbol):
        return tensor.name
    return f"shape={tensor.shape} dtype={tensor.dtype.name}"


def _compare(
    symbol: str, op_name: str, x: Any, y: Any, message: str | None, summarize: int | None, name: str | None
) -> Any:
    """Raises unless the comparison holds for all elements."""
    x, y = convert(x), convert(y, x.dtype if isinstance(x, Symbol) and not isinstance(y, Tensor) else None)
    result = OPS[op_name](x, y)
    if isinstance(result, Symbol):
        texts = [message] if message else []
        texts.append(f"Condition x {symbol} y did not hold element-wise:")
        data = [*texts, f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        return assert_all(result, data, summarize, name, "\n".join(_with_values(data)))
    holds = np.asarray(result)
    if not holds.all():
        lines = [f"Condition x {symbol} y did not hold.", *_differences(x, y, holds, _limit(summarize))]
        raise errors.invalid("\n".join(lines if message is None else [message, *lines]))
    return None


def _with_values(data: Iterable[Any]) -> list[str]:
    return [str(get_static_value(item)) if isinstance(item, Symbol) else str(item) for item in data]


def _limit(summarize: int | None) -> int:
    return 3 if summarize is None else summarize if summarize >= 0 else 10**9


def _differences(x: Tensor, y: Tensor, holds: Array, limit: int) -> Iterable[str]:
    """What the error shows: where the two differ, if they have the same shape, and how they begin."""
    if not limit:
        return
    a, b = np.asarray(x), np.asarray(y)
    if a.shape == b.shape and a.ndim:
        places = np.argwhere(~holds)[:limit]
        yield f"Indices of first {len(places)} different values:\n{places}"
        yield f"Corresponding x values:\n{a[~holds][:limit]}"
        yield f"Corresponding y values:\n{b[~holds][:limit]}"
    for name, array in (("x", a), ("y", b)):
        flat = array.reshape(-1)[:limit]
        yield f"First {flat.size} elements of {name}:\n{flat}"


def assert_equal(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> Any:
    """Checks that `x == y` for all elements, broadcast against each other.

    Args:
      x: a tensor.
      y: another one of the same dtype.
      message: what the error begins with.
      summarize: how many elements the error shows; 3 unless given, all if negative.
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if it does not hold.

    >>> tf.debugging.assert_equal(tf.constant([1, 2]), [1, 2])
    """
    if x is not y:
        return _compare("==", "Equal", x, y, message, summarize, name)
    return None


def assert_none_equal(
    x: TensorLike, y: TensorLike, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Any:
    """Checks that `x != y` for all elements; see `tf.debugging.assert_equal`.

    >>> tf.debugging.assert_none_equal([1, 2], 3)
    """
    return _compare("!=", "NotEqual", x, y, message, summarize, name)


def assert_less(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> Any:
    """Checks that `x < y` for all elements; see `tf.debugging.assert_equal`.

    >>> tf.debugging.assert_less([1, 2], 3)
    """
    return _compare("<", "Less", x, y, message, summarize, name)


def assert_less_equal(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> Any:
    """Checks that `x <= y` for all elements; see `tf.debugging.assert_equal`.

    >>> tf.debugging.assert_less_equal([1, 2], 2)
    """
    return _compare("<=", "LessEqual", x, y, message, summarize, name)


def assert_greater(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> Any:
    """Checks that `x > y` for all elements; see `tf.debugging.assert_equal`.

    >>> tf.debugging.assert_greater([2, 3], 1)
    """
    return _compare(">", "Greater", x, y, message, summarize, name)


def assert_greater_equal(
    x: TensorLike, y: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> Any:
    """Checks that `x >= y` for all elements; see `tf.debugging.assert_equal`.

    >>> tf.debugging.assert_greater_equal([2, 3], 2)
    """
    return _compare(">=", "GreaterEqual", x, y, message, summarize, name)


def _against_zero(
    symbol: str, op_name: str, x: TensorLike, message: str | None, summarize: int | None, name: str | None
) -> Any:
    tensor = convert(x)
    holds = OPS[op_name](tensor, convert(0, tensor.dtype))
    if type(holds) in EAGER and np.asarray(holds).all():
        return None
    condition = f"Condition x {symbol} 0 did not hold element-wise:"
    label = f"x ({described(tensor)}) = "
    # TensorFlow has no line break after the condition of assert_non_positive.
    lines = [condition + label] if symbol == "<=" else [condition, label]
    if isinstance(tensor, Symbol):
        data = [prefix_of(message), *lines, tensor]
        return assert_all(holds, data, summarize, name, "\n".join(_with_values(data)))
    raise errors.invalid("\n".join([prefix_of(message), *lines, _listed(tensor, _limit(summarize))]))


def _listed(tensor: Tensor, limit: int) -> str:
    array = np.asarray(tensor)
    if not array.ndim:
        return str(array[()])
    flat = array.reshape(-1)
    return str([*map(str, flat[:limit]), *(["..."] if flat.size > limit else [])])


def assert_positive(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> Any:
    """Checks that `x > 0` for all elements.

    Args:
      x: a tensor of numbers.
      message: what the error begins with.
      summarize: how many elements the error shows; 3 unless given, all if negative.
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if it does not hold.

    >>> tf.debugging.assert_positive([1.0, 0.5])
    """
    return _against_zero(">", "Greater", x, message, summarize, name)


def assert_negative(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> Any:
    """Checks that `x < 0` for all elements; see `tf.debugging.assert_positive`.

    >>> tf.debugging.assert_negative([-1.0, -0.5])
    """
    return _against_zero("<", "Less", x, message, summarize, name)


def assert_non_negative(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> Any:
    """Checks that `x >= 0` for all elements; see `tf.debugging.assert_positive`.

    >>> tf.debugging.assert_non_negative([1.0, 0.0])
    """
    return _against_zero(">=", "GreaterEqual", x, message, summarize, name)


def assert_non_positive(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> Any:
    """Checks that `x <= 0` for all elements; see `tf.debugging.assert_positive`.

    >>> tf.debugging.assert_non_positive([-1.0, 0.0])
    """
    return _against_zero("<=", "LessEqual", x, message, summarize, name)


def assert_near(
    x: TensorLike,
    y: TensorLike,
    rtol: Any = None,
    atol: Any = None,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> Any:
    """Checks that `|x - y| < atol + rtol * |y|` for all elements.

    Args:
      x: floating point or complex.
      y: of the same dtype.
      rtol: relative tolerance; ten times the dtype's epsilon unless given.
      atol: absolute tolerance; the same.
      message: what the error begins with.
      summarize: how many elements the error shows.
      name: a name for the operation, optional.

    Raises:
      InvalidArgumentError: if it does not hold.

    >>> tf.debugging.assert_near(tf.constant(1.0), 1.01, atol=0.1)
    """
    x = convert(x)
    y = convert(y, x.dtype)
    dtype = x.dtype.real_dtype
    epsilon = 10 * _epsilon(dtype)
    relative, absolute = (
        convert(epsilon if rtol is None else rtol, dtype),
        convert(epsilon if atol is None else atol, dtype),
    )
    size = "ComplexAbs" if x.dtype.is_complex else "Abs"
    # The operators of tensors stand above this module.
    bound = OPS["AddV2"](absolute, OPS["Mul"](relative, OPS[size](y)))
    close = OPS["Less"](OPS[size](OPS["Sub"](x, y)), bound)
    return Assert(
        OPS["All"](close, all_axes(close), keep_dims=False),
        [
            prefix_of(message), f"x and y not equal to tolerance rtol = {relative!s}, atol = {absolute!s}",
            f"x ({described(x)}) = ", x, f"y ({described(y)}) = ", y,
        ],
        summarize,
        name,
    )  # fmt: skip


def _epsilon(dtype: DType) -> Any:
    if dtype == dtypes.bfloat16:
        return 2.0**-7
    return np.finfo(dtype.as_numpy_dtype).eps


# ---------------------------------------------------------------- dtypes and Python types


def assert_type(tensor: TensorLike, tf_type: Any, message: str | None = None, name: str | None = None) -> None:
    """Checks the dtype.

    Raises:
      TypeError: if it is not `tf_type`.

    >>> tf.debugging.assert_type(tf.constant(1), tf.int32)
    """
    found, wanted = convert(tensor).dtype, as_dtype(tf_type)
    if found != wanted:
        raise TypeError(f"{prefix_of(message)}tensor must be of type {wanted!r}; got {found!r}")


def assert_integer(x: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Checks that the dtype is an integer one.

    Raises:
      TypeError: if it is not.

    >>> tf.debugging.assert_integer(tf.constant([1, 2]))
    """
    dtype = convert(x).dtype
    if not dtype.is_integer:
        raise TypeError(f'{prefix_of(message)}Expected "x" to be integer type.  Found: tensor of dtype {dtype}')


def assert_same_float_dtype(tensors: Sequence[Any] | None = None, dtype: DType | None = None) -> DType:
    """Checks that tensors have the same floating point dtype.

    Args:
      tensors: tensors; entries of None do not count.
      dtype: the dtype that they must have, optional.

    Returns:
      The dtype; float32 if none is known.

    Raises:
      ValueError: if the dtypes differ, or are not floating point.

    >>> tf.debugging.assert_same_float_dtype([tf.constant(1.0), tf.constant([2.0])])
    tf.float32
    """
    by: Any = None
    for tensor in tensors or ():
        if tensor is None:
            continue
        if dtype is None:
            dtype, by = tensor.dtype, tensor
        elif tensor.dtype != dtype:
            origin = "" if by is None else f" as {by!s}"
            raise ValueError(f"{tensor!s}, type={tensor.dtype}, must be of the same type ({dtype}){origin}.")
    if dtype is None:
        return dtypes.float32
    if not dtype.is_floating:
        raise ValueError(f"Expected floating point type, got {dtype}.")
    return dtype


def assert_proper_iterable(values: Any) -> None:
    """Checks that `values` is a list of things rather than one: not a Tensor, an array or a string.

    Raises:
      TypeError: if it is.

    >>> tf.debugging.assert_proper_iterable([1, 2])
    """
    if isinstance(values, (Tensor, np.ndarray, bytes, str)):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')
    if not hasattr(values, "__iter__"):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether this is a Tensor of numbers.

    >>> tf.debugging.is_numeric_tensor(tf.constant(1)), tf.debugging.is_numeric_tensor(1)
    (True, False)
    """
    return isinstance(tensor, Tensor) and tensor.dtype in _NUMERIC
