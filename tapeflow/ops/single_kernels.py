"""log, sin and cos of float32 as the GNU C library rounds them, which TensorFlow's normal numbers are made with.

These are accurate to 0.82 and 0.56 units in the last place, so that in one of a hundred cases they are not the nearest
float32. To get the same one needs the same polynomials: the numbers are those of ARM's optimized routines, which that
library has. All is computed in float64 and rounded once.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engines import host

Array = Any

# What numbers in each sixteenth of [0.699, 1.398) are multiplied with to come near 1, and minus its logarithm.
_NEAR = """
    0x1.661ec79f8f3bep+0 -0x1.57bf7808caadep-2  0x1.571ed4aaf883dp+0 -0x1.2bef0a7c06ddbp-2
    0x1.49539f0f010bp+0  -0x1.01eae7f513a67p-2  0x1.3c995b0b80385p+0 -0x1.b31d8a68224e9p-3
    0x1.30d190c8864a5p+0 -0x1.6574f0ac07758p-3  0x1.25e227b0b8eap+0  -0x1.1aa2bc79c81p-3
    0x1.1bb4a4a1a343fp+0 -0x1.a4e76ce8c0e5ep-4  0x1.12358f08ae5bap+0 -0x1.1973c5a611cccp-4
    0x1.0953f419900a7p+0 -0x1.252f438e10c1ep-5  0x1p+0                0x0p+0
    0x1.e608cfd9a47acp-1  0x1.aa5aa5df25984p-5  0x1.ca4b31f026aap-1   0x1.c5e53aa362eb4p-4
    0x1.b2036576afce6p-1  0x1.526e57720db08p-3  0x1.9c2d163a1aa2dp-1  0x1.bc2860d22477p-3
    0x1.886e6037841edp-1  0x1.1058bc8a07ee1p-2  0x1.767dcf5534862p-1  0x1.4043057b6ee09p-2
"""
_LOG = [float.fromhex(x) for x in "-0x1.00ea348b88334p-2 0x1.5575b0be00b6ap-2 -0x1.ffffef20a4123p-2".split()]
_SIN = [float.fromhex(x) for x in "-0x1.994eb3774cf24p-13 0x1.1107605230bc4p-7 -0x1.555545995a603p-3 0x1p+0".split()]
_COS = [
    float.fromhex(x)
    for x in "0x1.99343027bf8c3p-16 -0x1.6c087e89a359dp-10 0x1.55553e1068f19p-5 -0x1.ffffffd0c621cp-2 0x1p+0".split()
]
_POWERS = 32  # of 2, below 1, of which logarithms are in the table
_LOWEST = np.int32(0x3F330000 - (_POWERS << 23))  # the bits of 0.699 times the lowest of them


def _log_tables() -> tuple[Array, Array]:
    """By the upper bits of a number: what brings it near 1, and the logarithm that it then lacks."""
    near = np.array([float.fromhex(x) for x in _NEAR.split()]).reshape(16, 2)
    powers = np.arange(-_POWERS, 1.0)[:, np.newaxis]
    return (near[:, 0] * np.exp2(-powers)).reshape(-1), (near[:, 1] + powers * math.log(2)).reshape(-1)


_FACTORS, _LOGS = _log_tables()


def log(x: Array) -> Array:
    """The logarithm of float32 between 1e-9 and 1, contiguous."""
    place, factor, rest, value = (host.scratch(f"log {i}", x.shape, dtype) for i, dtype in enumerate("pddd"))
    np.subtract(x.view(np.int32), _LOWEST, out=place)
    np.right_shift(place, 19, out=place)
    _FACTORS.take(place, out=factor, mode="clip")
    np.copyto(rest, x)
    rest *= factor
    rest -= 1.0
    np.multiply(rest, _LOG[0], out=value)
    value += _LOG[1]
    value *= rest
    value += _LOG[2]
    value *= rest
    value *= rest
    value += rest
    value += _LOGS.take(place, out=factor, mode="clip")
    return value.astype(np.float32)


def sin_and_cos(x: Array) -> tuple[Array, Array]:
    """Sine and cosine of float32 between 0 and 2 pi."""
    quarter, rest, square, sine, cosine = (host.scratch(f"sine {i}", x.shape, np.float64) for i in range(5))
    np.copyto(square, x)
    np.multiply(square, 2 / math.pi, out=quarter)
    np.rint(quarter, out=quarter)
    np.multiply(quarter, -math.pi / 2, out=rest)
    rest += square
    np.multiply(rest, rest, out=square)
    _polynomial(square, _SIN, sine)
    sine *= rest
    _polynomial(square, _COS, cosine)
    return _turned(quarter.astype(np.int32), sine.astype(np.float32), cosine.astype(np.float32))


def _turned(quarters: Array, sine: Array, cosine: Array) -> tuple[Array, Array]:
    """Sine and cosine, which are changed, of what is that many quarters further round: all by bits."""
    first, second = sine.view(np.int32), cosine.view(np.int32)
    swap = np.bitwise_and(quarters, 1)
    np.negative(swap, out=swap)
    swap &= first ^ second
    first ^= swap
    second ^= swap
    # The sine changes its sign in quarters 2 and 3, the cosine in 1 and 2.
    for bits, turn in ((first, 0), (second, 1)):
        np.add(quarters, turn, out=swap)
        swap &= 2
        swap <<= 30
        bits ^= swap
    return sine, cosine


def _polynomial(x: Array, coefficients: list[float], out: Array) -> None:
    np.multiply(x, coefficients[0], out=out)
    for coefficient in coefficients[1:-1]:
        out += coefficient
        out *= x
    out += coefficients[-1]


# ---------------------------------------------------------------- one at a time


_PLAIN_LOWEST = int(_LOWEST)
_PLAIN_FACTORS, _PLAIN_LOGS = _FACTORS.tolist(), _LOGS.tolist()


def _rounded(x: float) -> float:
    """The nearest float32, by what a product with 2^29 + 1 leaves of the lower half."""
    large = x * 536870913.0
    return large - (large - x)


def normal_pair(u: float, v: float) -> tuple[float, float]:
    """Two normal numbers of two float32 in (0, 1), to be rounded to float32: as with `log` and `sin_and_cos`."""
    fraction, power = math.frexp(u)
    place = ((power + 126) << 23) + int((fraction - 0.5) * (1 << 24)) - _PLAIN_LOWEST >> 19
    r = u * _PLAIN_FACTORS[place] - 1.0
    value = ((r * _LOG[0] + _LOG[1]) * r + _LOG[2]) * r * r + r + _PLAIN_LOGS[place]
    radius = _rounded(math.sqrt(-2.0 * _rounded(value)))
    angle = _rounded(v * (2 * math.pi))
    quarter = round(angle * (2 / math.pi))
    r = quarter * (-math.pi / 2) + angle
    square = r * r
    a, b, c, d = _SIN
    sine = _rounded((((a * square + b) * square + c) * square + d) * r)
    a, b, c, d, e = _COS
    cosine = _rounded((((a * square + b) * square + c) * square + d) * square + e)
    if quarter & 1:
        sine, cosine = cosine, -sine
    return (-sine * radius, -cosine * radius) if quarter & 2 else (sine * radius, cosine * radius)
