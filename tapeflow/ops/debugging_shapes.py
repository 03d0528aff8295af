"""Checks of ranks and shapes: `tf.debugging.assert_rank`, `assert_shapes`..."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.registry import OPS
from ..core.symbol import Symbol
from ..core.tensor import Tensor, TensorLike
from .assertions import assert_node
from .common import shape_of
from .creation import get_static_value
from .debugging import assert_type, described, prefix_of

Shaped = Iterable[tuple[TensorLike, Any]]


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
        texts = [prefix_of(message), f"Tensor {label} must have rank{how}"]
        data = [*texts, *ranks, "Received shape: ", OPS["Shape"](tensor)]
        return assert_node(OPS["Any"](right, (0,), keep_dims=False), data, None, name)
    if not any(have >= value if op_name == "GreaterEqual" else have == value for value in values):
        raise ValueError(
            f"{prefix_of(message)}Tensor {label} must have rank{how} {wanted}.  "
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
        raise ValueError(f"{prefix_of(message)}Expected scalar shape{label}, saw shape: {x.shape}.")


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
    wanted = [_wanted_shape(convert(x), shape, prefix_of(message)) for x, shape in pairs if shape is not None]
    for tensor, inner, sizes in wanted:
        _check_rank(tensor, inner, len(sizes), message)
    known: dict[Any, tuple[int, Tensor, int]] = {}
    for tensor, inner, sizes in wanted:
        for i, symbol in enumerate(sizes):
            if symbol is not None and symbol != ".":
                _check_size(tensor, i - len(sizes) if inner else i, symbol, known, prefix_of(message))


def _wanted_shape(tensor: Tensor, shape: Any, prefix: str) -> tuple[Tensor, bool, tuple[Any, ...]]:
    """A tensor, whether only its inner dimensions are meant, and the sizes they should have."""
    label = f"{prefix}Tensor {described(tensor)}"
    if not hasattr(shape, "__iter__") and not hasattr(shape, "__getitem__"):
        raise ValueError(
            f"{label}.  Specified shape must be an iterable.  An iterable has the attribute `__iter__` or "
            f"`__getitem__`.  Received specified shape: {shape}"
        )
    sizes = tuple(shape)
    for i, symbol in enumerate(sizes):
        if (symbol is Ellipsis or symbol == "*") and i:
            raise ValueError(
                f"{label} specified shape index {i}.  Symbol `...` or `*` for a variable number of unspecified "
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
        origin = f"Specified by tensor {described(where)} dimension {at}"
    if type(size) is not int or type(expected) is not int:
        if size is not expected:
            label = f"Tensor {described(tensor)} dimension"
            data = [prefix, origin, label, dim, "must have size", expected, "Received shape: ", OPS["Shape"](tensor)]
            assert_node(OPS["Equal"](convert(size), convert(expected)), data)
        return
    if size != expected:
        raise ValueError(
            f"{prefix}{origin}.  Tensor {described(tensor)} dimension {dim} must have size {expected}.  "
            f"Received size {size}, shape {TensorShape(tensor.shape)}"
        )
