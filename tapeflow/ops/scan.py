"""Running sums and products."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import errors, shapes
from ..core import types
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from ..engines.host_arrays import WIDE


def _scan_shape(x: shapes.Shape, axis: Any, **_attrs: Any) -> shapes.Shape:
    if isinstance(axis, tuple):
        raise errors.invalid(f"ScanOp: axis must be a scalar, not [{len(axis)}]")
    if x is not None and axis is not None and not -len(x) <= axis < len(x):
        shown = axis + len(x) if axis < 0 else axis
        raise errors.invalid(f"ScanOp: Expected scan axis in the range [{-len(x)}, {len(x)}), but got {shown}")
    return x


def _scan(xp: Any, accumulate: Any, unit: float, x: Array, axis: Any, exclusive: bool, reverse: bool) -> Array:
    """`accumulate(x, axis)`; `exclusive` leaves out each element's own, `reverse` goes from the end."""
    _scan_shape(x.shape, axis)
    if reverse:
        x = xp.flip(x, axis)
    y = accumulate(x, axis)
    if exclusive:
        before = (slice(None),) * (axis % x.ndim)
        first = xp.full_like(y[(*before, slice(0, 1))], unit)
        y = xp.concatenate([first, y[(*before, slice(0, -1))]], axis)
    return xp.flip(y, axis) if reverse else y


_SIGNATURE = "x:T, axis:Tidx -> out:T"


@op("Cumsum", _SIGNATURE, shape=_scan_shape, static=("axis",), T=types.NUMBERS)
def cumsum_(xp: Any, x: Array, axis: Any, *, exclusive: bool = False, reverse: bool = False) -> Array:
    return _scan(xp, lambda y, d: xp.cumsum(y, d, dtype=y.dtype), 0, x, axis, exclusive, reverse)


@cumsum_.gradient
def _(g: Any, _y: Any, _x: Any, axis: Any, *, exclusive: bool, reverse: bool) -> Any:
    return cumsum_(g, axis, exclusive=exclusive, reverse=not reverse), None


@op("Cumprod", _SIGNATURE, shape=_scan_shape, static=("axis",), T=types.NUMBERS)
def cumprod_(xp: Any, x: Array, axis: Any, *, exclusive: bool = False, reverse: bool = False) -> Array:
    return _scan(xp, lambda y, d: xp.cumprod(y, d, dtype=y.dtype), 1, x, axis, exclusive, reverse)


@cumprod_.gradient
def _(g: Any, y: Any, x: Any, axis: Any, *, exclusive: bool, reverse: bool) -> Any:
    """As TensorFlow's: 0 for an element that is 0, which is wrong, and not conjugated."""
    return OPS["DivNoNan"](cumsum_(y * g, axis, exclusive=exclusive, reverse=not reverse), x), None


@op("CumulativeLogsumexp", _SIGNATURE, shape=_scan_shape, static=("axis",), T=types.FLOATS)
def cumulative_logsumexp_(xp: Any, x: Array, axis: Any, *, exclusive: bool = False, reverse: bool = False) -> Array:
    wide = WIDE.get(x.dtype, x.dtype)
    accumulate = np.logaddexp.accumulate
    return _scan(np, lambda y, d: accumulate(y, d, wide).astype(x.dtype), -math.inf, x, axis, exclusive, reverse)


@cumulative_logsumexp_.on("xla")
def _(jax: Any, x: Array, axis: Any, *, exclusive: bool = False, reverse: bool = False) -> Array:
    def accumulate(y: Array, axis: int) -> Array:
        return jax.lax.associative_scan(jax.numpy.logaddexp, y.astype(wide), axis=axis).astype(x.dtype)

    wide = WIDE.get(x.dtype, x.dtype)
    return _scan(jax.numpy, accumulate, -math.inf, x, axis, exclusive, reverse)


@cumulative_logsumexp_.gradient
def _(g: Any, y: Any, x: Any, axis: Any, *, exclusive: bool, reverse: bool) -> Any:
    """The gradients' logarithms are summed the other way, positive and negative ones each by themselves."""

    def part(g: Any) -> Any:
        logs = OPS["SelectV2"](g > 0.0, OPS["Log"](g), g.dtype.min)
        back = cumulative_logsumexp_(logs - y, axis, exclusive=exclusive, reverse=not reverse)
        return OPS["Exp"](back + x)

    return part(g) - part(-g), None


def cumsum(
    x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The running sum along an axis.

    Args:
      x: numbers.
      axis: an int, or a Tensor of one.
      exclusive: whether to leave out each element's own: the first sum is then 0.
      reverse: whether to go from the end to the start.
      name: of the operation.

    Returns:
      A Tensor of the shape and dtype of `x`.

    Raises:
      InvalidArgumentError: if the axis is out of range.

    >>> tf.cumsum([1, 2, 3]).numpy(), tf.cumsum([1, 2, 3], exclusive=True, reverse=True).numpy()
    (array([1, 3, 6], dtype=int32), array([5, 3, 0], dtype=int32))
    """
    return cumsum_(x, _axis(axis), exclusive=exclusive, reverse=reverse, name=name)  # type: ignore[no-any-return]


def cumprod(
    x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The running product along an axis; see `cumsum`.

    >>> tf.math.cumprod([1, 2, 3]).numpy()
    array([1, 2, 6], dtype=int32)
    """
    return cumprod_(x, _axis(axis), exclusive=exclusive, reverse=reverse, name=name)  # type: ignore[no-any-return]


def cumulative_logsumexp(
    x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The logarithm of the running sum of `exp(x)` along an axis, without overflow; see `cumsum`.

    >>> tf.math.cumulative_logsumexp([0.0, 0.0, 0.0]).numpy()
    array([0.       , 0.6931472, 1.0986123], dtype=float32)
    """
    return cumulative_logsumexp_(x, _axis(axis), exclusive=exclusive, reverse=reverse, name=name)  # type: ignore[no-any-return]


def _axis(axis: Any) -> Any:
    if axis is None:
        raise ValueError(f"Attempt to convert a value (None) with an unsupported type ({type(None)}) to a Tensor.")
    if isinstance(axis, float):
        raise TypeError(f"Cannot convert {axis!r} to EagerTensor of dtype int32")
    return axis
