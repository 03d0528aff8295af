"""Whether the elements of a tensor grow."""

from __future__ import annotations

from typing import Any

from ..core.convert import convert
from ..core.registry import OPS
from ..core.tensor import Tensor, TensorLike


def _in_order(op_name: str, x: TensorLike) -> Tensor:
    """Whether each element compares so to the one before it."""
    x = convert(x)
    if not x.dtype.is_numeric:
        raise TypeError(f"Expected x to be numeric, instead found: {x}")
    flat: Any = OPS["Reshape"](x, (-1,))
    return OPS["All"](OPS[op_name](flat[1:], flat[:-1]), (0,), keep_dims=False)  # type: ignore[no-any-return]


def is_non_decreasing(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether no element of `x`, row after row, is smaller than the one before; True for one element or none.

    Args:
      x: a tensor of real numbers. NaN is in no order.
      name: not used.

    Returns:
      A bool.

    Raises:
      TypeError: if `x` has no numbers.

    >>> print(tf.math.is_non_decreasing([1, 2, 2]))
    tf.Tensor(True, shape=(), dtype=bool)
    """
    return _in_order("GreaterEqual", x)


def is_strictly_increasing(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether every element of `x`, row after row, is larger than the one before; True for one element or none.

    Args:
      x: a tensor of real numbers. NaN is in no order.
      name: not used.

    Returns:
      A bool.

    Raises:
      TypeError: if `x` has no numbers.

    >>> print(tf.math.is_strictly_increasing([1, 2, 2]))
    tf.Tensor(False, shape=(), dtype=bool)
    """
    return _in_order("Greater", x)
