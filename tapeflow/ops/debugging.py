"""Checks of values, shapes and dtypes: `tf.debugging.*`, `tf.Assert`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.context import context
from ..base.dtypes import DType, as_dtype
from ..base.tensor_shape import TensorShape
from ..core import types
from ..core.convert import convert
from ..core.op import op
from ..core.registry import OPS
from ..core.symbol import Symbol
from ..core.tensor import Array, Tensor, TensorLike
from .assertions import assert_all, assert_node
from .common import only_host, shape_of
from .creation import get_static_value
from .layout import attr_string
from .sizes import all_axes

_NUMERIC = frozenset((*types.FLOATS_AND_COMPLEX, *types.INTEGERS, dtypes.qint8, dtypes.qint32, dtypes.quint8))
Shaped = Iterable[tuple[TensorLike, Any]]


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


def _prefix(message: str | None) -> str:
    return f"{message}.  " if message else ""


def _shape_and_dtype(tensor: Tensor) -> str:
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
    if type(holds) is Tensor and np.asarray(holds).all():
        return None
    condition = f"Condition x {symbol} 0 did not hold element-wise:"
    label = f"x ({_shape_and_dtype(tensor)}) = "
    # TensorFlow has no line break after the condition of assert_non_positive.
    lines = [condition + label] if symbol == "<=" else [condition, label]
    if isinstance(tensor, Symbol):
        data = [_prefix(message), *lines, tensor]
        return assert_all(holds, data, summarize, name, "\n".join(_with_values(data)))
    raise errors.invalid("\n".join([_prefix(message), *lines, _listed(tensor, _limit(summarize))]))


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
            _prefix(message), f"x and y not equal to tolerance rtol = {relative!s}, atol = {absolute!s}",
            f"x ({_shape_and_dtype(x)}) = ", x, f"y ({_shape_and_dtype(y)}) = ", y,
        ],
        summarize,
        name,
    )  # fmt: skip


def _epsilon(dtype: DType) -> Any:
    if dtype == dtypes.bfloat16:
        return 2.0**-7
    return np.finfo(dtype.as_numpy_dtype).eps


# ---------------------------------------------------------------- ranks and shapes


def _rank(
    x: TensorLike, ranks: Sequence[Any], how: str, wanted: str, op_name: str, message: str | None, name: str | None
) -> Any:
    """Raises unless the comparison of the rank with one of `ranks` holds."""
    tensor = convert(x)
    for rank in ranks:
        assert_type(rank, dtypes.int32)
        if convert(rank).shape.rank:
            raise ValueError("Rank must be a scalar.")
    label = tensor.name if isinstance(tensor, Symbol) else ""
    values = [get_static_value(convert(rank)) for rank in ranks]
    have = tensor.shape.rank
    if have is None or any(value is None for value in values):
        right = OPS[op_name](OPS["Rank"](tensor), OPS["Pack"](*map(convert, ranks), axis=0))
        texts = [_prefix(message), f"Tensor {label} must have rank{how}"]
        data = [*texts, *ranks, "Received shape: ", OPS["Shape"](tensor)]
        return assert_node(OPS["Any"](right, (0,), keep_dims=False), data, None, name)
    if not any(have >= value if op_name == "GreaterEqual" else have == value for value in values):
        raise ValueError(
            f"{_prefix(message)}Tensor {label} must have rank{how} {wanted}.  "
            f"Received rank {have}, shape {tensor.shape}"
        )
    return None


def assert_rank(x: TensorLike, rank: Any, message: str | None = None, name: str | None = None) -> Any:
    """Checks the number of dimensions.

    Args:
      x: a tensor.
      rank: how many there must be, an int32 scalar.
      message: what the error begins with.
      name: a name for the operation, optional.

    Raises:
      ValueError: if there are more or fewer.

    >>> tf.debugging.assert_rank(tf.zeros([2, 3]), 2)
    """
    return _rank(x, [rank], "", _number(rank), "Equal", message, name)


def assert_rank_at_least(x: TensorLike, rank: Any, message: str | None = None, name: str | None = None) -> Any:
    """Checks that there are at least `rank` dimensions; see `tf.debugging.assert_rank`.

    >>> tf.debugging.assert_rank_at_least(tf.zeros([2, 3]), 1)
    """
    return _rank(x, [rank], " at least", _number(rank), "GreaterEqual", message, name)


def assert_rank_in(x: TensorLike, ranks: Sequence[Any], message: str | None = None, name: str | None = None) -> Any:
    """Checks that the number of dimensions is one of `ranks`; see `tf.debugging.assert_rank`.

    >>> tf.debugging.assert_rank_in(tf.zeros([2, 3]), [1, 2])
    """
    wanted = f"({', '.join(map(_number, ranks))}{',' * (len(ranks) == 1)})"
    return _rank(x, ranks, " in", wanted, "Equal", message, name)


def _number(rank: Any) -> str:
    value = get_static_value(convert(rank))
    return "?" if value is None or np.ndim(value) else str(value)


def assert_scalar(tensor: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Checks that there are no dimensions.

    Raises:
      ValueError: if there are.

    >>> tf.debugging.assert_scalar(1.0)
    """
    x = convert(tensor)
    if x.shape.rank != 0:
        label = f" for {x.name}" if isinstance(x, Symbol) else ""
        raise ValueError(f"{_prefix(message)}Expected scalar shape{label}, saw shape: {x.shape}.")


def assert_shapes(
    shapes: dict[Any, Any] | Shaped,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Checks the shapes of several tensors against each other.

    Args:
      shapes: pairs of a tensor and its shape. The entries of a shape are sizes; letters or other names of sizes that
        must be the same wherever they stand; or None or "." for any size. A first entry of `...` or "*" stands for any
        further dimensions. Scalars count as vectors of one element.
      data: for graphs, where a check may fail later: what that error shows.
      summarize: how much of it.
      message: what the error begins with.
      name: a name for the operation, optional.

    Raises:
      ValueError: if a shape is not as it should be.

    >>> tf.debugging.assert_shapes([(tf.zeros([2, 3]), ("N", "D")), (tf.zeros([3]), ("D",))])
    """
    pairs = shapes.items() if isinstance(shapes, dict) else shapes
    wanted = [_wanted_shape(convert(x), shape, _prefix(message)) for x, shape in pairs if shape is not None]
    for tensor, inner, sizes in wanted:
        _check_rank(tensor, inner, len(sizes), message)
    known: dict[Any, tuple[int, Tensor, int]] = {}
    for tensor, inner, sizes in wanted:
        for i, symbol in enumerate(sizes):
            if symbol is not None and symbol != ".":
                _check_size(tensor, i - len(sizes) if inner else i, symbol, known, _prefix(message))


def _wanted_shape(tensor: Tensor, shape: Any, prefix: str) -> tuple[Tensor, bool, tuple[Any, ...]]:
    """A tensor, whether only its inner dimensions are meant, and the sizes they should have."""
    described = f"{prefix}Tensor {_shape_and_dtype(tensor)}"
    if not hasattr(shape, "__iter__") and not hasattr(shape, "__getitem__"):
        raise ValueError(
            f"{described}.  Specified shape must be an iterable.  An iterable has the attribute `__iter__` or "
            f"`__getitem__`.  Received specified shape: {shape}"
        )
    sizes = tuple(shape)
    for i, symbol in enumerate(sizes):
        if (symbol is Ellipsis or symbol == "*") and i:
            raise ValueError(
                f"{described} specified shape index {i}.  Symbol `...` or `*` for a variable number of unspecified "
                "dimensions is only allowed as the first entry"
            )
    inner = bool(sizes) and (sizes[0] is Ellipsis or sizes[0] == "*")
    return tensor, inner, (sizes[1:] if inner else sizes) or (1,)


def _check_rank(tensor: Tensor, inner: bool, rank: int, message: str | None) -> None:
    if inner and rank > 1:
        assert_rank_at_least(tensor, rank, message)
    elif not inner and rank == 1:
        assert_rank_in(tensor, [0, 1], message)
    elif not inner:
        assert_rank(tensor, rank, message)


def _check_size(tensor: Tensor, dim: int, symbol: Any, known: dict[Any, tuple[int, Tensor, int]], prefix: str) -> None:
    sizes = shape_of(tensor)
    size: Any = (sizes or (1,))[dim] if type(sizes) is tuple else sizes[dim]
    try:
        expected, origin = int(symbol), "Specified explicitly"
    except (TypeError, ValueError):
        expected, where, at = known.setdefault(symbol, (size, tensor, dim))
        origin = f"Specified by tensor {_shape_and_dtype(where)} dimension {at}"
    if type(size) is not int or type(expected) is not int:
        if size is not expected:
            label = f"Tensor {_shape_and_dtype(tensor)} dimension"
            data = [prefix, origin, label, dim, "must have size", expected, "Received shape: ", OPS["Shape"](tensor)]
            assert_node(OPS["Equal"](convert(size), convert(expected)), data)
        return
    if size != expected:
        raise ValueError(
            f"{prefix}{origin}.  Tensor {_shape_and_dtype(tensor)} dimension {dim} must have size {expected}.  "
            f"Received size {size}, shape {TensorShape(tensor.shape)}"
        )


# ---------------------------------------------------------------- dtypes and Python types


def assert_type(tensor: TensorLike, tf_type: Any, message: str | None = None, name: str | None = None) -> None:
    """Checks the dtype.

    Raises:
      TypeError: if it is not `tf_type`.

    >>> tf.debugging.assert_type(tf.constant(1), tf.int32)
    """
    found, wanted = convert(tensor).dtype, as_dtype(tf_type)
    if found != wanted:
        raise TypeError(f"{_prefix(message)}tensor must be of type {wanted!r}; got {found!r}")


def assert_integer(x: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Checks that the dtype is an integer one.

    Raises:
      TypeError: if it is not.

    >>> tf.debugging.assert_integer(tf.constant([1, 2]))
    """
    dtype = convert(x).dtype
    if not dtype.is_integer:
        raise TypeError(f'{_prefix(message)}Expected "x" to be integer type.  Found: tensor of dtype {dtype}')


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
