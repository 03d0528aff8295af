"""Padding: with a constant, or with what a mirror at the edge shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.convert import to_array
from ..core.execute import execute
from ..core.op import OPS, op
from ..core.symbol import Size
from ..core.tensor import Array, Tensor, TensorLike
from .common import NO_ATTRS
from .layout import integers, is_negative

Pads = tuple[tuple[int, int], ...]
_SIZES = {int, Size, type(None)}


def _is_pair(value: Any) -> bool:
    return type(value) is tuple and len(value) == 2 and set(map(type, value)) <= _SIZES


def _pads(input: Shape, paddings: Any, comma: str = "") -> Pads | None:
    """The paddings, once it has been made sure that they are two integers for each axis."""
    if paddings is None:
        return None
    if type(paddings) is tuple and all(map(_is_pair, paddings)):
        shape: tuple[int, ...] = (len(paddings), 2)
    else:
        integers(paddings, "Tpaddings", None)
        shape = np.shape(to_array(paddings, dtypes.int32))
    if len(shape) != 2 or shape[1] != 2:
        raise errors.invalid(f"paddings must be a matrix with 2 columns: {shapes.show(shape)}")
    if input is not None and shape[0] != len(input):
        raise errors.invalid(
            "The first dimension of paddings must be the rank of inputs"
            f"{shapes.show(shape)}{comma} {shapes.show(input)}"
        )
    return paddings  # type: ignore[no-any-return]


def _padded(input: Shape, paddings: Any, constant_values: Shape = (), **_attrs: Any) -> Shape:
    pads = _pads(input, paddings)
    if constant_values:
        raise errors.invalid(f"constant_values must be a scalar. Found: {shapes.show(constant_values)}")
    if pads is None:
        return None if input is None else (None,) * len(input)
    for before, after in pads:
        if is_negative(before) or is_negative(after):
            raise errors.invalid(f"Paddings must be non-negative: {before} {after}")
    if len(pads) > 8:
        raise errors.UnimplementedError(None, None, f"inputs rank not in [0,8]: {len(pads)}")
    sizes = input or (None,) * len(pads)
    return tuple(None if None in (n, a, b) else n + a + b for n, (a, b) in zip(sizes, pads, strict=True))  # type: ignore[operator]


@op("Pad", "input:T, paddings:Tpaddings -> output:T", shape=_padded, static=("paddings",), Tpaddings=types.INDICES)
def _pad(xp: Any, input: Array, paddings: Any) -> Array:
    _padded(input.shape, paddings)
    return xp.pad(input, paddings) if paddings else input


@_pad.on("host")
def _(xp: Any, input: Array, paddings: Any) -> Array:
    fill = b"" if input.dtype.kind == "O" else 0
    return _filled(input, _padded(input.shape, paddings), paddings, fill)


@op(
    "PadV2", "input:T, paddings:Tpaddings, constant_values:T -> output:T", shape=_padded, static=("paddings",),
    Tpaddings=types.INDICES,
)  # fmt: skip
def _pad_v2(xp: Any, input: Array, paddings: Any, constant_values: Array) -> Array:
    _padded(input.shape, paddings, constant_values.shape)
    return xp.pad(input, paddings, constant_values=constant_values) if paddings else input


@_pad_v2.on("host")
def _(xp: Any, input: Array, paddings: Any, constant_values: Array) -> Array:
    return _filled(input, _padded(input.shape, paddings, constant_values.shape), paddings, constant_values)


def _filled(input: Array, shape: Any, pads: Pads, value: Any) -> Array:
    out = np.empty(shape, input.dtype)
    out[...] = value
    out[tuple([slice(before, before + n) for n, (before, _) in zip(input.shape, pads, strict=True)])] = input
    return out


def _starts(paddings: Any) -> Any:
    return tuple([before for before, _ in paddings]) if type(paddings) is tuple else paddings[:, 0]


@_pad.gradient
def _(g: Any, _output: Any, input_shape: Any, paddings: Any) -> Any:
    return OPS["Slice"](g, _starts(paddings), input_shape), None


@_pad_v2.gradient
def _(g: Any, _output: Any, input_shape: Any, paddings: Any, _constant_values: Any) -> Any:
    return OPS["Slice"](g, _starts(paddings), input_shape), None, None


# --- MirrorPad


def _mirrored(input: Shape, paddings: Any, *, mode: str) -> Shape:
    pads = _pads(input, paddings, comma=",")
    if pads is None:
        return None if input is None else (None,) * len(input)
    for n, (before, after) in zip(input or (None,) * len(pads), pads, strict=True):
        if before < 0 or after < 0:
            raise errors.invalid(f"paddings must be non-negative: {before} {after}")
        if n is not None and mode == "REFLECT" and max(before, after) >= n:
            raise errors.invalid(
                f"paddings must be less than the dimension size: {before}, {after} not less than {n}"
            )
        if n is not None and max(before, after) > n:
            raise errors.invalid(
                f"paddings must be no greater than the dimension size: {before}, {after} greater than {n}"
            )
    return tuple(None if n is None else a + n + b for n, (a, b) in zip(input or (None,) * len(pads), pads, strict=True))


@op(
    "MirrorPad", "input:T, paddings:Tpaddings -> output:T", shape=_mirrored, static=("paddings",),
    Tpaddings=types.INDICES,
)  # fmt: skip
def _mirror_pad(xp: Any, input: Array, paddings: Any, *, mode: str) -> Array:
    _mirrored(input.shape, paddings, mode=mode)
    edge = int(mode == "REFLECT")
    for axis, (before, after) in enumerate(paddings):
        if before or after:
            n = input.shape[axis]
            left, right = np.arange(before - 1 + edge, edge - 1, -1), np.arange(n - 1 - edge, n - 1 - edge - after, -1)
            input = xp.take(input, np.concatenate([left, np.arange(n), right]), axis)
    return input


@_mirror_pad.on("xla")
def _(jax: Any, input: Array, paddings: Any, *, mode: str) -> Array:
    _mirrored(input.shape, paddings, mode=mode)
    return jax.numpy.pad(input, paddings, mode=mode.lower()) if paddings and input.size else input


@_mirror_pad.gradient
def _(g: Any, _output: Any, _input: Any, paddings: Any, *, mode: str) -> Any:
    return _mirror_pad_grad(g, paddings, mode=mode), None


def _folded(input: Shape, paddings: Any, *, mode: str) -> Shape:
    if input is None or paddings is None:
        return None if input is None else (None,) * len(input)
    return tuple(None if n is None else n - a - b for n, (a, b) in zip(input, paddings, strict=True))


@op(
    "MirrorPadGrad", "input:T, paddings:Tpaddings -> output:T", shape=_folded, static=("paddings",),
    Tpaddings=types.INDICES,
)  # fmt: skip
def _mirror_pad_grad(xp: Any, input: Array, paddings: Any, *, mode: str) -> Array:
    edge = int(mode == "REFLECT")
    for axis, (before, after) in enumerate(paddings):
        if before or after:
            n = input.shape[axis] - before - after
            left, middle, right = (
                input[(slice(None),) * axis + (slice(*ends),)]
                for ends in ((0, before), (before, before + n), (before + n, None))
            )
            around = [((0, 0),) * axis + (ends,) + ((0, 0),) * (input.ndim - axis - 1)
                      for ends in ((edge, n - before - edge), (n - after - edge, edge))]  # fmt: skip
            input = middle + xp.pad(xp.flip(left, axis), around[0]) + xp.pad(xp.flip(right, axis), around[1])
    return input


@_mirror_pad_grad.gradient
def _(g: Any, _output: Any, _input: Any, paddings: Any, *, mode: str) -> Any:
    return _mirror_pad(g, paddings, mode=mode), None


def pad(
    tensor: TensorLike, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None
) -> Tensor:
    """Puts elements around a tensor.

    Args:
      tensor: a Tensor.
      paddings: for each axis how many elements before and after, an integer matrix `[rank, 2]`.
      mode: "CONSTANT": all elements have the same value; "REFLECT": they are those of the tensor, mirrored at its
        outermost elements; "SYMMETRIC": mirrored at its edge.
      constant_values: the value, a scalar of the dtype of `tensor`.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if `paddings` do not fit, or a mirror would have to show more than there is.
      ValueError: for another `mode`.

    >>> print(tf.pad([1, 2, 3], [[1, 2]]), tf.pad([1, 2, 3], [[1, 2]], "REFLECT"))
    tf.Tensor([0 1 2 3 0 0], shape=(6,), dtype=int32) tf.Tensor([2 1 2 3 2 1], shape=(6,), dtype=int32)
    """
    mode = mode.upper()
    if mode in ("REFLECT", "SYMMETRIC"):
        return _mirror_pad(tensor, paddings, mode=mode, name=name)  # type: ignore[no-any-return]
    if mode != "CONSTANT":
        raise ValueError(
            'Value of argument `mode` expected to be one of "CONSTANT", "REFLECT", or "SYMMETRIC". '
            f"Received `mode` = {mode}"
        )
    if type(constant_values) is int and constant_values == 0:
        return execute(_pad, (tensor, paddings), NO_ATTRS, name)  # type: ignore[no-any-return]
    return execute(_pad_v2, (tensor, paddings, constant_values), NO_ATTRS, name)  # type: ignore[no-any-return]
