"""Keeping values, and the norms of gradients, within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..base import errors, shapes
from ..base.dtypes import float32
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.indexed_slices import IndexedSlices
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .arithmetic import multiply
from .casting import cast_silently
from .common import scalar, select, shape_of, unbroadcast
from .elementwise import maximum, minimum, sqrt
from .sizes import all_axes


def _clip_shape(t: Shape, low: Shape, high: Shape) -> Shape:
    if any(bound != () and not shapes.fits(t, bound) for bound in (low, high)):
        raise errors.invalid(
            "clip_value_min and clip_value_max must be either of the same shape as input, or a scalar. input shape: "
            f"{shapes.show(t)}clip_value_min shape: {shapes.show(low)}clip_value_max shape: {shapes.show(high)}"
        )
    return t


@op("ClipByValue", "t:T, clip_value_min:T, clip_value_max:T -> output:T", shape=_clip_shape, T=types.NUMBERS)
def _clip(xp: Any, t: Array, low: Array, high: Array) -> Array:
    _clip_shape(t.shape, low.shape, high.shape)
    if t.dtype.kind == "c":  # NumPy compares complex numbers by their real parts first; TensorFlow clips both parts
        parts = [xp.maximum(xp.minimum(part(t), part(high)), part(low)) for part in (xp.real, xp.imag)]
        return xp.stack(parts, -1).view(t.dtype)[..., 0]
    return xp.maximum(xp.minimum(t, high), low)


@_clip.gradient
def _(g: Any, _output: Any, t: Any, low: Any, high: Any) -> Any:
    below, above, zero = OPS["Less"](t, low), OPS["Greater"](t, high), scalar(0, g.dtype)
    return (
        select(OPS["LogicalOr"](below, above), zero, g),
        lambda: unbroadcast(select(below, g, zero), shape_of(low)),
        lambda: unbroadcast(select(above, g, zero), shape_of(high)),
    )


def _values(t: Any) -> Tensor:
    return convert(t.values if isinstance(t, IndexedSlices) else t)


def _like(t: Any, values: Tensor) -> Any:
    return IndexedSlices(values, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else values


def clip_by_value(t: Any, clip_value_min: TensorLike, clip_value_max: TensorLike, name: str | None = None) -> Any:
    """`t` with what is below `clip_value_min` or above `clip_value_max` replaced by these.

    Args:
      t: a tensor, or `IndexedSlices`.
      clip_value_min: the lower bound, of a shape that broadcasts to that of `t`.
      clip_value_max: the upper bound, likewise.
      name: not used.

    Raises:
      InvalidArgumentError, ValueError: if the shapes do not fit.

    >>> print(tf.clip_by_value([-5.0, 0.5, 5.0], -1.0, 1.0))
    tf.Tensor([-1.   0.5  1. ], shape=(3,), dtype=float32)
    """
    values = _values(t)
    shape = values.shape
    for function, bound in ((minimum, clip_value_max), (maximum, clip_value_min)):
        values = function(values, bound, name)
        shape.assert_is_compatible_with(values.shape)
    return _like(t, values)


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """`t` scaled down so that its L2 norm is at most `clip_norm`.

    Args:
      t: a tensor, or `IndexedSlices`.
      clip_norm: the largest norm allowed; a negative one counts as 0.
      axes: the axes that a norm is taken over; by default all.
      name: not used.

    Raises:
      InvalidArgumentError: if dtypes or shapes do not fit.

    >>> print(tf.clip_by_norm([3.0, 4.0], 1.0))
    tf.Tensor([0.6 0.8], shape=(2,), dtype=float32)
    """
    values = _values(t)
    limit: Any = max(clip_norm, 0) if isinstance(clip_norm, (int, float)) else maximum(clip_norm, 0)
    limit = cast_silently(limit, values.dtype) if isinstance(limit, Tensor) else convert(limit, values.dtype)
    axes = all_axes(values) if axes is None else axes
    squares = OPS["Sum"](values * values, axes, keep_dims=True)
    positive = OPS["Greater"](squares, scalar(0, values.dtype))
    norm = select(positive, sqrt(select(positive, squares, 1.0)), squares)  # so that the gradient at 0 is not NaN
    scaled = values * limit
    values.shape.assert_is_compatible_with(scaled.shape)
    return _like(t, scaled / maximum(norm, limit))


def global_norm(t_list: Any, name: str | None = None) -> Tensor:
    """The L2 norm of several tensors taken together as one vector.

    Args:
      t_list: a sequence of tensors and `IndexedSlices`; a None in it is left out.
      name: not used.

    Raises:
      TypeError: if it is no sequence.

    >>> print(tf.linalg.global_norm([tf.constant([3.0]), tf.constant([4.0])]))
    tf.Tensor(5.0, shape=(), dtype=float32)
    """
    _check_sequence(t_list)
    halves = [OPS["L2Loss"](_values(t)) for t in t_list if t is not None]
    if not halves:
        return scalar(0, float32)
    total = OPS["Sum"](OPS["Pack"](*halves, axis=0), (0,), keep_dims=False)
    return sqrt(total * scalar(2, total.dtype))


def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Tensor | None = None, name: str | None = None
) -> tuple[list[Any], Tensor]:
    """Several tensors, all scaled by the same factor so that their global norm is at most `clip_norm`.

    Args:
      t_list: a sequence of tensors and `IndexedSlices`; a None in it stays None.
      clip_norm: the largest norm allowed.
      use_norm: the global norm, if it is known already.
      name: not used.

    Returns:
      The list of scaled tensors, and the global norm before. If that is not finite, all values become NaN.

    Raises:
      TypeError: if `t_list` is no sequence.

    >>> clipped, norm = tf.clip_by_global_norm([tf.constant([3.0]), None, tf.constant([4.0])], 1.0)
    >>> print(clipped[0], norm)
    tf.Tensor([0.6], shape=(1,), dtype=float32) tf.Tensor(5.0, shape=(), dtype=float32)
    """
    _check_sequence(t_list)
    norm: Any = global_norm(t_list) if use_norm is None else convert(use_norm)
    scale = clip_norm * minimum(1.0 / norm, scalar(1, norm.dtype) / clip_norm)
    scale += norm - norm  # 0, or NaN if the norm is not finite
    clipped: list[Any] = []
    for t in t_list:
        values = None if t is None else _values(t)
        clipped.append(values if values is None else _like(t, multiply(values, cast_silently(scale, values.dtype))))
    return clipped, norm


def _check_sequence(t_list: Any) -> None:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(f"`t_list` should be a sequence of tensors. Received {type(t_list)}.")
