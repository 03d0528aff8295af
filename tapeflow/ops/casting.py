"""From one dtype to another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType, DTypeLike, as_dtype
from ..base.log import warn
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert, made
from ..core.indexed_slices import IndexedSlices
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike


@op("Cast", "x:SrcT -> y:DstT", shape=shapes.same)
def _cast(xp: Any, x: Array, *, DstT: DType) -> Array:
    source = dtypes.of(x)
    if source is DstT:
        return x
    if dtypes.string in (source, DstT):
        raise errors.UnimplementedError(None, None, f"Cast {source.cpp_name} to {DstT.cpp_name} is not supported")
    if source.is_complex and not DstT.is_complex:
        x = x.real
    if source.is_quantized:
        x = x.view(x.dtype[0])
    if DstT.is_quantized:
        return x.astype(DstT.numpy[0]).view(DstT.numpy)
    return x.astype(DstT.numpy)


@_cast.gradient
def _(g: Any, _y: Any, x: Any, *, DstT: DType) -> Any:
    source = x.dtype
    both = (source.is_floating or source.is_complex) and (DstT.is_floating or DstT.is_complex)
    return cast_silently(g, source) if both else None


def cast_silently(x: Tensor, dtype: DType) -> Tensor:
    """`tf.cast` of a Tensor, without its warning about imaginary parts."""
    return x if x.dtype is dtype else _cast(x, DstT=dtype)


def cast(x: Any, dtype: DTypeLike, name: str | None = None) -> Any:
    """`x` with another dtype: floating point numbers are cut off on the way to integers, integers wrap around.

    Args:
      x: a tensor, or `IndexedSlices`.
      dtype: the dtype wanted.
      name: not used.

    Returns:
      A tensor of that dtype; `x` itself if it has it already.

    Raises:
      TypeError: if `dtype` is no dtype.
      UnimplementedError: from or to strings.

    >>> print(tf.cast([1.8, -2.2], tf.int32))
    tf.Tensor([ 1 -2], shape=(2,), dtype=int32)
    """
    wanted = as_dtype(dtype)
    if isinstance(x, IndexedSlices):
        return IndexedSlices(cast(x.values, wanted), x.indices, x.dense_shape)
    if getattr(x, "dtype", None) is wanted and hasattr(type(x), "__tf_tensor__"):
        return x
    x = convert(x)
    if x.dtype is wanted:
        return x
    if x.dtype.is_complex and wanted.is_floating:
        warn(
            "You are casting an input of type %s to an incompatible dtype %s.  This will discard the imaginary part"
            " and may not be what you intended.", x.dtype.name, wanted.name,
        )  # fmt: skip
    return _cast(x, DstT=wanted, name=name)


def _limit(source: DType, wanted: DType, which: str, narrower: Callable[..., Any]) -> Any:
    """The lowest or highest number of `source` that `wanted` can hold, too. Python compares ints and floats exactly."""
    a, b = (float(v) if t.is_floating else int(v) for t in (source, wanted) for v in [getattr(t, which)])
    bound = narrower(a, b)
    limit = source.as_numpy_dtype(bound)
    if narrower((float if source.is_floating else int)(limit), bound) != limit:
        return limit
    if (float if source.is_floating else int)(limit) != bound and source.is_floating:
        return np.nextafter(limit, source.as_numpy_dtype(0))
    return limit


def saturate_cast(value: TensorLike, dtype: DTypeLike, name: str | None = None) -> Tensor:
    """`value` with another dtype, numbers beyond its range replaced by the nearest that it can hold.

    Raises:
      TypeError: if one of the dtypes has no limits, such as `bool`.

    >>> print(tf.saturate_cast([-7.5, 300.0], tf.uint8))
    tf.Tensor([  0 255], shape=(2,), dtype=uint8)
    """
    x, wanted = convert(value), as_dtype(dtype)
    clip = OPS["ClipByValue"]
    if x.dtype.is_complex and wanted.is_complex:
        if x.dtype is dtypes.complex128 and wanted is dtypes.complex64:
            low, high = float(dtypes.float32.min), float(dtypes.float32.max)
            x = clip(x, complex(low, low), complex(high, high))
        return cast_silently(x, wanted)
    if x.dtype.is_complex:
        warn("Casting complex to real discards imaginary part.")
        x = OPS["Real"](x, Tout=x.dtype.real_dtype)
    bounds = [_limit(x.dtype, wanted.real_dtype, which, pick) for which, pick in (("min", max), ("max", min))]
    return cast_silently(clip(x, *[made(np.array(b, x.dtype.numpy)) for b in bounds]), wanted)


# ---------------------------------------------------------------- bits

_BITS = (
    *types.FLOATS, dtypes.int64, dtypes.int32, dtypes.uint8, dtypes.uint16, dtypes.uint32, dtypes.uint64, dtypes.int8,
    dtypes.int16, *types.COMPLEX, dtypes.qint8, dtypes.quint8, dtypes.qint16, dtypes.quint16, dtypes.qint32,
)  # fmt: skip


def _bitcast_shape(input: Shape, *, type: DType, T: DType | None = None) -> Shape:
    if input is None or T is None:
        return None
    if T.size >= type.size:
        return input if T.size == type.size else (*input, T.size // type.size)
    joined = type.size // T.size
    last = input[-1] if input else 1
    if last not in (None, joined) or not input:
        raise errors.invalid(f"Cannot bitcast from {last} to {joined}")
    return input[:-1]


@op("Bitcast", "input:T -> output:type", shape=_bitcast_shape, differentiable=False, T=_BITS)
def _bitcast(xp: Any, input: Array, *, type: DType, T: DType | None = None) -> Array:
    shape = _bitcast_shape(input.shape, type=type, T=dtypes.of(input))
    if len(shape or ()) == input.ndim:
        return input.view(type.numpy)
    whole = xp.ascontiguousarray(input).reshape(input.shape)  # a 0-d array stays one
    return whole[..., None].view(type.numpy) if len(shape or ()) > input.ndim else whole.view(type.numpy)[..., 0]


@_bitcast.on("xla")
def _(jax: Any, x: Array, *, type: DType, T: DType | None = None) -> Array:
    bits = jax.lax.bitcast_convert_type
    if x.dtype.kind != "c" and not type.is_complex:
        return bits(x, type.numpy)
    shape = _bitcast_shape(x.shape, type=type, T=dtypes.of(x))
    parts = jax.numpy.stack([x.real, x.imag], -1) if x.dtype.kind == "c" else x
    as_bytes = bits(parts, "uint8").reshape(*shape, type.size)  # type: ignore[misc]
    if not type.is_complex:
        return bits(as_bytes, type.numpy) if type.size > 1 else as_bytes[..., 0]
    pairs = bits(as_bytes.reshape(*shape, 2, -1), type.real_dtype.numpy)  # type: ignore[misc]
    return jax.lax.complex(pairs[..., 0], pairs[..., 1])


def bitcast(input: TensorLike, type: DTypeLike, name: str | None = None) -> Tensor:
    """The same bytes, read as another dtype.

    Args:
      input: a tensor of numbers.
      type: the dtype. If it is smaller, the elements are split along a new last axis; if it is larger, the last axis
        is joined, and must have just the right size.
      name: not used.

    Raises:
      InvalidArgumentError: if the last axis does not fit.

    >>> print(tf.bitcast([1.0, 2.0], tf.int32))
    tf.Tensor([1065353216 1073741824], shape=(2,), dtype=int32)
    """
    wanted = as_dtype(type)
    if wanted not in _BITS:
        raise errors.invalid(
            f"Value for attr 'type' of {wanted.cpp_name} is not in the list of allowed values: "
            f"{', '.join(dtype.cpp_name for dtype in _BITS)}\n\t"
        )
    x = convert(input)
    return _bitcast(x, type=wanted, T=x.dtype, name=name)  # type: ignore[no-any-return]
