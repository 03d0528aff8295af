"""The error functions in float32, block by block on all cores; float64 by SciPy where it is installed.

Each step is one call of NumPy on a block that stays in the cache; there are no temporaries. Formulas without branches:
rational and polynomial fits, see below. Both have errors of a few units in the last place.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engines import host
from . import special_kernels

Array = Any
Step = Callable[[Array, Array], object]

BIG = 1 << 17  # elements; from here on SciPy is worth loading
_BLOCK = 1 << 18
_FAR = np.float32(3.85**2)  # from here on erf is 1
_ONE = np.float32(1)


def _coefficients(*values: float) -> list[Any]:
    return [np.float32(value) for value in values]


# erf(x) / x in x^2 for |x| < 3.95, and erfc(x) exp(x^2) / u in u = 1 / (1 + x / 2) for 0 <= x < 11, fitted by least
# squares; the relative errors of the fits are below 2.1e-8 and 3.9e-9.
_ERF_P = _coefficients(
    2.025937909845973e-06, 0.00028468285219747803, 0.0038079641921120524, 0.052874840872449556, 0.19154577268347178,
    1.1283791437875876,
)  # fmt: skip
_ERF_Q = _coefficients(
    3.7831854035895976e-05, 0.00117067697961458, 0.01505469670141452, 0.11455774237459072, 0.5030856979164151, 1.0
)
_ERFC = _coefficients(
    0.03714850254311579, -0.1992022103367917, 0.40258225726709573, -0.3211481737176651, 0.007957789176010933,
    0.01661126262710693, 0.06277892770072459, 0.1834062931183572, 0.24556048671011801, 0.2822147515089772,
    0.2820901172771239,
)  # fmt: skip


def _polynomial(x: Array, coefficients: Sequence[Any], out: Array) -> None:
    np.multiply(x, coefficients[0], out=out)
    out += coefficients[1]
    for coefficient in coefficients[2:]:
        out *= x
        out += coefficient


def erf(x: Array, out: Array) -> None:
    """The error function of a block of float32."""
    square, part = (host.scratch(f"erf {i}", x.shape, np.float32) for i in range(2))
    np.clip(x, np.float32(-3.95), np.float32(3.95), out=out)
    np.multiply(out, out, out=square)
    _polynomial(square, _ERF_P, part)
    out *= part
    _polynomial(square, _ERF_Q, part)
    out /= part
    far = np.flatnonzero(square > _FAR)
    out[far] = np.copysign(_ONE, x[far])


def erfc(x: Array, out: Array) -> None:
    """`1 - erf(x)` of a block of float32."""
    size, u, short = (host.scratch(f"erfc {i}", x.shape, np.float32) for i in range(3))
    np.abs(x, out=size)
    np.minimum(size, np.float32(12), out=size)  # beyond that it is 0 or 2
    np.multiply(size, np.float32(0.5), out=u)
    u += _ONE
    np.divide(_ONE, u, out=u)
    _polynomial(u, _ERFC, out)
    out *= u
    _times_bell(size, u, short, out)
    np.copysign(_ONE, x, out=u)  # 2 - value where x is negative
    out *= u
    np.subtract(_ONE, u, out=u)
    out += u


def _times_bell(x: Array, rest: Array, short: Array, out: Array) -> None:
    """Multiplies by exp(-x^2): `x` is split so that the square of the larger part is exact. All but `out` is spoilt."""
    np.bitwise_and(x.view(np.int32), np.int32(-4096), out=short.view(np.int32))
    np.subtract(x, short, out=rest)
    x += short
    rest *= x
    np.negative(rest, out=rest)
    out *= np.exp(rest, out=rest)
    np.negative(short, out=x)
    x *= short
    out *= np.exp(x, out=x)


def on_blocks(step: Step, x: Array) -> Array:
    """What the step writes for all of `x`, in the shape and dtype of `x`."""
    out = np.empty(x.shape, x.dtype)
    flat, flat_out = np.ascontiguousarray(x).reshape(-1), out.reshape(-1)
    grain = host.grain(max(1, flat.size), 1, _BLOCK)

    def block(start: int, stop: int) -> None:
        step(flat[start:stop], flat_out[start:stop])

    host.parallel(block, flat.size, grain)
    return out


@functools.cache
def _scipy(name: str) -> Step | None:
    """SciPy's function; None if it is not installed."""
    if importlib.util.find_spec("scipy") is None:
        return None
    return getattr(importlib.import_module("scipy.special"), name)  # type: ignore[no-any-return]


_MENDED: dict[str, Step] = {}


def lgamma(x: Array, out: Array) -> None:
    """SciPy's, mended where it is infinite and should not be, or the other way round."""
    function: Any = _scipy("gammaln")
    function(x, out=out)
    odd = np.flatnonzero(np.isinf(out))
    if odd.size:
        out[odd] = special_kernels.lgamma(x[odd].astype(np.float64))


def erfc_double(x: Array, out: Array) -> None:
    """SciPy's, but for large `x`, where that loses digits by rounding x^2."""
    function: Any = _scipy("erfc")
    function(x, out=out)
    far = np.flatnonzero(x > 2)
    if far.size:
        out[far] = special_kernels.erfc(x[far])


_MENDED.update(gammaln=lgamma, erfc=erfc_double)


def fastest(name: str, kernel: Callable[..., Array], single: Step | None = None) -> Callable[..., Array]:
    """The host kernel: `single` up to float32 if there is one; SciPy's function for big arrays; otherwise `kernel`."""

    def run(xp: Any, x: Array) -> Array:
        dtype = x.dtype
        narrow = dtype.itemsize == 2
        if single is not None and dtype.itemsize < 8:
            y = on_blocks(single, x.astype(np.float32) if narrow else x)
        elif x.size >= BIG and (function := _scipy(name)) is not None:
            y = on_blocks(_MENDED.get(name, function), x.astype(np.float32) if narrow else x)
        else:
            return kernel(xp, x)
        return y.astype(dtype) if narrow else y

    return run
