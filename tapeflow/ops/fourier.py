"""Fourier transforms of the last one, two or three axes: the ops, their kernels and gradients."""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, Op, op
from ..core.tensor import Array
from ..engines import host
from .common import shape_of

REAL = (dtypes.float32, dtypes.float64)
_WIDE = {"complex64": dtypes.float32, "complex128": dtypes.float64}
_BIG = 1 << 15  # elements; from here on a second thread pays
_PIECE = 1 << 16  # elements of a piece that one thread transforms
_REAL_TYPES: dict[str, Any] = {"f": np.float32, "F": np.float32, "d": np.float64, "D": np.float64}
_RESULTS = {("irfft", "F"): "f", ("irfft", "D"): "d", ("rfft", "f"): "F", ("rfft", "d"): "D"} | {
    (kind, char): char for kind in ("fft", "ifft") for char in "FD"
}


# ---------------------------------------------------------------- kernels


@functools.cache
def _ufunc(kind: str, odd: bool) -> Any:
    """The ufunc behind a function of `numpy.fft`; None where it cannot be found.

    Called directly, it transforms float32 in float32. The functions pass it a factor that is an int, for which NumPy
    2.4 chooses float64 and conversions: that takes three times as long.
    """
    try:
        module = importlib.import_module("numpy.fft._pocketfft_umath")
    except ModuleNotFoundError:
        return None
    return getattr(module, kind if kind != "rfft" else "rfft_n_odd" if odd else "rfft_n_even", None)


def one_axis(kind: str, x: Array, n: int, axis: int) -> Array:
    """A transform of one axis by NumPy; of big arrays the other axes are shared out among the cores."""
    ufunc = _ufunc(kind, n % 2 == 1)
    if ufunc is None:
        return getattr(np.fft, kind)(x, n, axis).astype(_RESULTS[kind, x.dtype.char], copy=False)
    dtype = np.dtype(_RESULTS[kind, x.dtype.char])
    shape = (*x.shape[:axis], n // 2 + 1 if kind == "rfft" else n, *x.shape[axis + 1 :])
    out = np.empty(shape, dtype)
    factor = _REAL_TYPES[dtype.char](1 / n if kind[0] == "i" else 1)
    rows = next((d for d in range(x.ndim) if d != axis and x.shape[d] > 1), None) if x.size >= _BIG else None
    if rows is None:
        return ufunc(x, factor, out=out) if axis == x.ndim - 1 else ufunc(x, factor, out=out, axes=_only(axis))
    first, result = np.moveaxis(x, rows, 0), np.moveaxis(out, rows, 0)
    where = _only(axis + (axis < rows))

    def piece(start: int, stop: int) -> None:
        ufunc(first[start:stop], factor, out=result[start:stop], axes=where)

    count = x.shape[rows]
    host.parallel(piece, count, host.grain(count, x.size // count, _PIECE))
    return out


def _quick(kind: str, otherwise: Callable[..., Array]) -> Callable[..., Array]:
    """The host's kernel of a complex transform of the last axis: small arrays go straight to the ufunc."""

    def run(xp: Any, x: Array) -> Array:
        ufunc = _ufunc(kind, False)
        if ufunc is None or not x.ndim or not 0 < x.size < _BIG:
            return otherwise(xp, x)
        factor = 1 / x.shape[-1] if kind == "ifft" else 1
        return ufunc(x, _REAL_TYPES[x.dtype.char](factor), out=np.empty(x.shape, x.dtype))

    return run


def _only(axis: int) -> list[tuple[int, ...]]:
    return [(axis,), (), (axis,)]


def transform(xp: Any, kind: str, x: Array, lengths: Sequence[int], axes: Sequence[int], dtype: Any) -> Array:
    """A transform of several axes, one after the other, as NumPy's functions do it.

    Args:
      xp: NumPy or `jax.numpy`.
      kind: `fft`, `ifft`, or `rfft`, `irfft`, which take the last of the axes as real.
      x: what to transform; it is cut or filled with zeros to the lengths.
      lengths: the lengths of the transforms.
      axes: the axes, counted from the front.
      dtype: of the result.
    """
    if xp is np and len(axes) == 1 and lengths[0] and x.size:
        y = one_axis(kind, x, lengths[0], axes[0])
        return y if y.dtype == dtype else y.astype(dtype)
    shape = list(x.shape)
    for n, axis in zip(lengths, axes, strict=True):
        shape[axis] = n
    if kind in ("rfft", "irfft"):
        shape[axes[-1]] = lengths[-1] if kind == "irfft" or not lengths[-1] else lengths[-1] // 2 + 1
    if 0 in shape or 0 in x.shape:
        return xp.zeros(shape, dtype)
    steps = list(zip([kind] * len(axes), lengths, axes, strict=True))[::-1]
    if kind == "rfft":
        steps[1:] = [("fft", n, axis) for _, n, axis in steps[1:]]
    elif kind == "irfft":
        steps = [("ifft", n, axis) for _, n, axis in steps[1:]] + steps[:1]
    for name, n, axis in steps:
        x = one_axis(name, x, n, axis) if xp is np else getattr(xp.fft, name)(x, n, axis)
    return x if x.dtype == dtype else x.astype(dtype)


def _last(x: Array, rank: int) -> range:
    return range(x.ndim - rank, x.ndim)


# ---------------------------------------------------------------- shapes


def check_rank(x: Shape, rank: int) -> None:
    """Refuses inputs of fewer axes."""
    if x is not None and len(x) < rank:
        raise errors.invalid(f"Input must have rank of at least {rank} but got: {shapes.show(x)}")


def _check_lengths(fft_length: Any, rank: int) -> None:
    if type(fft_length) is not tuple or len(fft_length) != rank:
        raise errors.invalid(f"fft_length must have shape [{rank}]")
    for i, n in enumerate(fft_length):
        if type(n) is int and n < 0:
            raise errors.invalid(f"fft_length[{i}] must >= 0, but got: {n}")


def half_of(n: Any) -> Any:
    return n if n is None or (type(n) is int and not n) else n // 2 + 1


def _real_shape(rank: int, inverse: bool) -> Any:
    def rule(x: Shape, fft_length: Any, *, Treal: DType | None = None, Tcomplex: DType | None = None) -> Shape:
        check_rank(x, rank)
        if fft_length is not None:
            _check_lengths(fft_length, rank)
        lengths: Any = fft_length or (None,) * rank
        if x is None:
            return None
        for i, (have, n) in enumerate(zip(x[-rank:], lengths, strict=True)):
            needed = half_of(n) if inverse and i == rank - 1 else n
            if type(have) is int and type(needed) is int and have < needed:
                raise errors.invalid(
                    f"Input dimension {len(x) - rank + i} must have length of at least {needed} but got: {have}"
                )
        return (*x[:-rank], *lengths[:-1], lengths[-1] if inverse else half_of(lengths[-1]))

    return rule


# ---------------------------------------------------------------- the ops


def _complex_op(name: str, kind: str, rank: int) -> Op:
    def rule(x: Shape) -> Shape:
        check_rank(x, rank)
        return x

    @op(name, "input:Tcomplex -> output:Tcomplex", shape=rule, Tcomplex=types.COMPLEX)
    def transformed(xp: Any, x: Array) -> Array:
        check_rank(x.shape, rank)
        return transform(xp, kind, x, x.shape[-rank:], _last(x, rank), x.dtype)

    if rank == 1:
        transformed.on("host")(_quick(kind, transformed.kernel))

    @transformed.gradient
    def _(g: Any, _y: Any, x: Any) -> Any:
        count = elements(shape_of(x), rank, x.dtype)
        other = OPS[name[1:] if kind == "ifft" else f"I{name}"](g)
        return other / count if kind == "ifft" else other * count

    return transformed


def elements(shape: Any, rank: int, dtype: DType) -> Any:
    """How many elements a transform of the last `rank` axes has: a number, or a tensor where sizes are unknown."""
    if type(shape) is not tuple:
        return OPS["Cast"](OPS["Prod"](shape[-rank:], 0, keep_dims=False), DstT=dtype)
    return number(math.prod(shape[-rank:]), dtype)


def number(n: Any, dtype: DType) -> Any:
    return convert(n, dtype) if type(n) is int else OPS["Cast"](convert(n), DstT=dtype)


def _forward_op(rank: int) -> Op:
    suffix = "" if rank == 1 else f"{rank}D"

    @op(
        f"RFFT{suffix}", "input:Treal, fft_length:int32 -> output:Tcomplex", shape=_real_shape(rank, False),
        static=("fft_length",), Treal=REAL, Tcomplex=types.COMPLEX,
    )  # fmt: skip
    def forward(xp: Any, x: Array, fft_length: Any, *, Tcomplex: DType = dtypes.complex64) -> Array:
        _real_shape(rank, False)(x.shape, fft_length)
        if _WIDE[Tcomplex.name].numpy != x.dtype:
            ends = dtypes.of(x).as_datatype_enum, Tcomplex.as_datatype_enum
            raise errors.invalid(f"Wrong types for forward real FFT: in={ends[0]} out={ends[1]}")
        return transform(xp, "rfft", x, fft_length, _last(x, rank), Tcomplex.numpy)

    if rank == 3:
        forward.differentiable = None  # TensorFlow refuses
        return forward

    @forward.gradient
    def _(g: Any, _y: Any, x: Any, fft_length: Any, **_attrs: Any) -> Any:
        times = weights(fft_length, x.dtype)
        total = elements(fft_length, rank, x.dtype)
        halved = g / OPS["Cast"](times, DstT=g.dtype)
        back = OPS[f"IRFFT{suffix}"](halved, fft_length, Treal=x.dtype) * total
        return fit(back, shape_of(x), rank), None

    return forward


def _inverse_op(rank: int) -> Op:
    suffix = "" if rank == 1 else f"{rank}D"

    @op(
        f"IRFFT{suffix}", "input:Tcomplex, fft_length:int32 -> output:Treal", shape=_real_shape(rank, True),
        static=("fft_length",), Treal=REAL, Tcomplex=types.COMPLEX,
    )  # fmt: skip
    def inverse(xp: Any, x: Array, fft_length: Any, *, Treal: DType = dtypes.float32) -> Array:
        _real_shape(rank, True)(x.shape, fft_length)
        if Treal.numpy.itemsize * 2 != x.dtype.itemsize:
            ends = dtypes.of(x).as_datatype_enum, Treal.as_datatype_enum
            raise errors.invalid(f"Wrong types for backward real FFT: in={ends[0]} out={ends[1]}")
        return transform(xp, "irfft", x, fft_length, _last(x, rank), Treal.numpy)

    if rank == 3:
        inverse.differentiable = None
        return inverse

    @inverse.gradient
    def _(g: Any, _y: Any, x: Any, fft_length: Any, **_attrs: Any) -> Any:
        times = weights(fft_length, g.dtype) / elements(fft_length, rank, g.dtype)
        back = OPS[f"RFFT{suffix}"](g, fft_length, Tcomplex=x.dtype)
        return fit(back * OPS["Cast"](times, DstT=x.dtype), shape_of(x), rank), None

    return inverse


def weights(fft_length: Any, dtype: DType) -> Any:
    """How often each kept element of a real transform is in the whole one: once at both ends, twice between."""
    n = fft_length[-1]
    if type(n) is int:
        k = np.arange(half_of(n))
        return convert(np.where((k == 0) | (2 * k == n), 1, 2), dtype)
    k = OPS["Range"](0, n // 2 + 1, 1)
    ends = OPS["LogicalOr"](OPS["Equal"](k, 0), OPS["Equal"](2 * k, n))
    return OPS["Cast"](OPS["SelectV2"](ends, 1, 2), DstT=dtype)


def fit(x: Any, shape: Any, rank: int) -> Any:
    """Cuts the last axes of `x` to the sizes of `shape`, or fills them with zeros."""
    have = shape_of(x)
    ints = all(type(s) is tuple and all(type(n) is int for n in s[-rank:]) for s in (have, shape))
    if ints and have[-rank:] == tuple(shape[-rank:]):
        return x
    if ints and type(have) is tuple:
        lead = len(have) - rank
        kept = tuple(map(min, have[lead:], shape[lead:]))
        x = OPS["Slice"](x, (0,) * len(have), (-1,) * lead + kept)
        return OPS["Pad"](x, ((0, 0),) * lead + tuple((0, n - k) for n, k in zip(shape[lead:], kept, strict=True)))
    have, wanted = OPS["Shape"](x), convert(shape)
    kept = OPS["Minimum"](have, wanted)
    x = OPS["Slice"](x, OPS["ZerosLike"](kept), kept)
    return OPS["Pad"](x, OPS["Pack"](OPS["ZerosLike"](kept), wanted - kept, axis=1))


fft_ops = {rank: _complex_op("FFT" + suffix, "fft", rank) for rank, suffix in ((1, ""), (2, "2D"), (3, "3D"))}
ifft_ops = {rank: _complex_op("IFFT" + suffix, "ifft", rank) for rank, suffix in ((1, ""), (2, "2D"), (3, "3D"))}
rfft_ops = {rank: _forward_op(rank) for rank in (1, 2, 3)}
irfft_ops = {rank: _inverse_op(rank) for rank in (1, 2, 3)}
