"""Random numbers by counting: Philox 4x32-10 and the distributions that TensorFlow makes of it, on NumPy.

A `Stream` is a key of 64 bits and a counter of 128 bits: each value of the counter gives four words of 32 bits. Numbers
that take a known count of words come from consecutive counters; those that take as many as they need (truncated
normals) skip 256 words for each number, so that any part of the result can be computed on its own.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..engines import host

Array = Any

BLOCK = 1 << 14  # counters in a block: their words fit a core's cache
_FEW = 4  # counters up to which plain Python is faster than NumPy
_FEW_NUMBERS = 16  # results
_LEAST = float(np.float32(1e-7))  # of the numbers of which logarithms are taken
SCRAMBLING_KEY = 0x02461E293EC8F720  # of the stream that seeds of stateless ops are looked up in
RESERVED = 256  # counters that TensorFlow sets aside for each number of the result
MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_FACTORS = np.array(MULTIPLIERS)[:, None]
RAISES = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


@functools.lru_cache(maxsize=256)
def _plain_keys(key: int) -> list[tuple[int, int]]:
    """The two halves of the key as they are in each of the ten rounds."""
    return [(key + i * RAISES[0] & 0xFFFFFFFF, (key >> 32) + i * RAISES[1] & 0xFFFFFFFF) for i in range(10)]


@functools.lru_cache(maxsize=256)
def _round_keys(key: int) -> list[Array]:
    return list(np.array(_plain_keys(key), np.uint64).reshape(10, 2, 1))


class Stream(NamedTuple):
    """Where in which sequence to draw."""

    key: int
    counter: int

    def words(self, offsets: Array) -> tuple[Array, Array]:
        """The four words at each counter `self.counter + offsets`: words 0 and 2, words 1 and 3, as planes (2, n)."""
        n = offsets.size
        if n <= _FEW:
            return self._few_words(offsets.tolist())
        even, odd, product = (host.scratch(f"philox{i}", (2, n), np.uint64) for i in range(3))
        low, high = self.counter & (2**64 - 1), self.counter >> 64
        np.add(offsets, np.uint64(low), out=product[0])
        np.bitwise_and(product[0], _LOW, out=even[0])
        np.right_shift(product[0], _HALF, out=odd[0])
        even[1], odd[1] = high & 0xFFFFFFFF, high >> 32
        if n and low + int(offsets[-1]) >= 2**64:
            carried = product[0] < np.uint64(low)
            even[1][carried], odd[1][carried] = (high + 1) & 0xFFFFFFFF, (high + 1) >> 32 & 0xFFFFFFFF
        for key in _round_keys(self.key):
            np.multiply(even, _FACTORS, out=product)
            np.right_shift(product[::-1], _HALF, out=even)
            np.bitwise_xor(even, odd, out=even)
            np.bitwise_xor(even, key, out=even)
            np.bitwise_and(even, _LOW, out=even)
            odd, product = product[::-1], odd[::-1]  # of odd only the low halves count
        return even, odd

    def _few_words(self, offsets: list[int]) -> tuple[Array, Array]:
        """`words` in plain Python, which is faster for a few."""
        words = np.array([self.word(offset) for offset in offsets], np.uint64).reshape(-1, 4).T
        return words[0::2], words[1::2]

    def word(self, offset: int) -> tuple[int, int, int, int]:
        """The four words at one counter."""
        counter = self.counter + offset
        a, b, c, d = (counter >> shift & 0xFFFFFFFF for shift in (0, 32, 64, 96))
        for k, m in _plain_keys(self.key):
            p, q = a * 0xD2511F53, c * 0xCD9E8D57
            a, b, c, d = q >> 32 ^ b ^ k, q & 0xFFFFFFFF, p >> 32 ^ d ^ m, p & 0xFFFFFFFF
        return a, b, c, d

    def first(self, counters: int) -> list[int]:
        """The words of the first few counters, in order."""
        return [word for offset in range(counters) for word in self.word(offset)]


def _fill(stream: Stream, size: int, group: int, dtype: Any, make: Callable[[Array, Array, Array], None]) -> Array:
    """`size` numbers, `group` of them for each counter: `make(even, odd, out)` fills `out` (counters, group)."""
    counters = -(-size // group)
    out = np.empty((counters, group), dtype)

    def block(start: int, stop: int) -> None:
        make(*stream.words(np.arange(start, stop, dtype=np.uint64)), out[start:stop])

    host.parallel(block, counters, BLOCK)
    return out.reshape(-1)[:size]


def bits32(stream: Stream, size: int) -> Array:
    """Words of 32 bits."""

    def make(even: Array, odd: Array, out: Array) -> None:
        out[:, 0::2], out[:, 1::2] = even.T, odd.T

    return _fill(stream, size, 4, np.uint32, make)


def bits64(stream: Stream, size: int) -> Array:
    """Words of 64 bits."""

    def make(even: Array, odd: Array, out: Array) -> None:
        np.left_shift(odd, _HALF, out=odd)
        np.bitwise_or(odd, even, out=out.T)

    return _fill(stream, size, 2, np.uint64, make)


def integers(stream: Stream, size: int, low: int, high: int, dtype: Any) -> Array:
    """Integers in [low, high), low < high; as TensorFlow's, a little more often the lower ones."""
    dtype = np.dtype(dtype)
    words = bits32(stream, size) if dtype.itemsize == 4 else bits64(stream, size)
    np.remainder(words, words.dtype.type(high - low), out=words)
    np.add(words, words.dtype.type(low % (1 << 8 * dtype.itemsize)), out=words)
    return words.view(dtype)


# The mantissa's bits, and those of 1.0, of a floating point number: with random mantissas, numbers in [1, 2).
FORMATS: dict[str, tuple[Any, int, int]] = {
    "float16": (np.uint16, 0x3FF, 15 << 10),
    "bfloat16": (np.uint16, 0x7F, 127 << 7),
    "float32": (np.uint32, 0x7FFFFF, 127 << 23),
}


def uniform(stream: Stream, size: int, dtype: Any) -> Array:
    """Floats in [0, 1)."""
    dtype = np.dtype(dtype)
    if size <= _FEW_NUMBERS:
        return np.array(_few_uniforms(stream, size, dtype.name)[:size], dtype)
    if dtype.itemsize == 8:
        return _fill(stream, size, 2, dtype, lambda even, odd, out: _store(out.T, _unit64(even, odd)))
    word, mantissa, one = FORMATS[dtype.name]

    def make(even: Array, odd: Array, out: Array) -> None:
        drawn = out.view(word)
        drawn[:, 0::2], drawn[:, 1::2] = even.T, odd.T
        np.bitwise_and(drawn, word(mantissa), out=drawn)
        np.bitwise_or(drawn, word(one), out=drawn)
        np.subtract(out, dtype.type(1), out=out)

    return _fill(stream, size, 4, dtype, make)


def _few_uniforms(stream: Stream, size: int, dtype: str) -> list[float]:
    """At least that many, in plain Python."""
    if dtype == "float64":
        words = stream.first(-(-size // 2))
        return [((high & 0xFFFFF) << 32 | low) * 2.0**-52 for high, low in zip(words[0::2], words[1::2], strict=True)]
    mantissa = FORMATS[dtype][1]
    return [(word & mantissa) / (mantissa + 1) for word in stream.first(-(-size // 4))]


def _store(target: Array, value: Array) -> None:
    target[...] = value


def _unit32(words: Array) -> Array:
    """float32 in [0, 1) of the low halves of words of 64 bits."""
    drawn = words.astype(np.uint32)
    np.bitwise_and(drawn, np.uint32(0x7FFFFF), out=drawn)
    np.bitwise_or(drawn, np.uint32(127 << 23), out=drawn)
    unit = drawn.view(np.float32)
    return np.subtract(unit, np.float32(1), out=unit)


def _unit64(even: Array, odd: Array) -> Array:
    """float64 in [0, 1) of two words each."""
    drawn = even & np.uint64(0xFFFFF)
    np.left_shift(drawn, _HALF, out=drawn)
    np.bitwise_or(drawn, odd & _LOW, out=drawn)
    np.bitwise_or(drawn, np.uint64(1023 << 52), out=drawn)
    unit = drawn.view(np.float64)
    return np.subtract(unit, 1.0, out=unit)


def _box_muller(even: Array, odd: Array, double: bool) -> tuple[Array, Array]:
    """Two planes of normal numbers: in float32 two pairs of each four words (2, n), in float64 one pair (n)."""
    if double:
        radius, angle = _unit64(even[0], odd[0]), _unit64(even[1], odd[1])
    else:
        radius, angle = _unit32(even), _unit32(odd)
    from . import single_kernels  # not needed when tapeflow is imported

    one = radius.dtype.type
    np.maximum(radius, one(_LEAST), out=radius)
    radius = np.log(radius, out=radius) if double else single_kernels.log(radius)
    np.multiply(radius, one(-2), out=radius)
    np.sqrt(radius, out=radius)
    np.multiply(angle, np.float64(2 * math.pi), out=angle, dtype=np.float64, casting="same_kind")  # rounded once
    sine, cosine = (np.sin(angle), np.cos(angle)) if double else single_kernels.sin_and_cos(angle)
    return np.multiply(sine, radius, out=sine), np.multiply(cosine, radius, out=cosine)


def _few_normals(stream: Stream, size: int) -> Array:
    """float32, in plain Python."""
    from . import single_kernels

    drawn: list[float] = []
    words = stream.first(-(-size // 4))
    for radius, angle in zip(words[0::2], words[1::2], strict=True):
        unit = (radius & 0x7FFFFF) * 2.0**-23
        drawn += single_kernels.normal_pair(max(unit, _LEAST), (angle & 0x7FFFFF) * 2.0**-23)
    return np.array(drawn[:size], np.float32)


def normal(stream: Stream, size: int, dtype: Any) -> Array:
    """Normal numbers, mean 0 and deviation 1."""
    dtype = np.dtype(dtype)
    double = dtype.itemsize == 8
    if size <= _FEW_NUMBERS and not double:
        return _few_normals(stream, size).astype(dtype, copy=False)

    def make(even: Array, odd: Array, out: Array) -> None:
        sine, cosine = _box_muller(even, odd, double)
        out[:, 0::2].T[...], out[:, 1::2].T[...] = sine, cosine

    return _fill(stream, size, 2 if double else 4, dtype, make)


def truncated_normal(stream: Stream, size: int, dtype: Any) -> Array:
    """Normal numbers between -2 and 2: others are drawn again."""
    dtype = np.dtype(dtype)
    double = dtype.itemsize == 8
    group = 2 if double else 4
    groups = -(-size // group)
    out = np.empty((groups, group), dtype)
    step = np.uint64(group * RESERVED // 4)

    def block(start: int, stop: int) -> None:
        rows = np.arange(start, stop, dtype=np.uint64)
        have = np.zeros(stop - start, np.intp)
        attempt = 0
        while rows.size:
            drawn = np.empty((rows.size, group), np.float64 if double else np.float32)
            sine, cosine = _box_muller(*stream.words(rows * step + np.uint64(attempt)), double)
            drawn[:, 0::2].T[...], drawn[:, 1::2].T[...] = sine, cosine
            for column in drawn.T:
                good = (np.abs(column) < 2) & (have < group)
                out[rows[good], have[good]] = column[good]
                have += good
            rows, have = rows[have < group], have[have < group]
            attempt += 1

    host.parallel(block, groups, BLOCK)
    return out.reshape(-1)[:size]


def uniform_pair(even: Array, odd: Array) -> Array:
    """Two uniform float64 of each four words, (2, n)."""
    return _unit64(even, odd)


def normal_pair(even: Array, odd: Array) -> tuple[Array, Array]:
    """Two normal float64 of each four words."""
    return _box_muller(even, odd, double=True)


def scrambled(seed: tuple[int, int]) -> Stream:
    """The stream of a stateless op with this seed: both halves of the seed change all of it."""
    first, second = (part & (2**64 - 1) for part in seed)
    even, odd = Stream(SCRAMBLING_KEY, second << 64 | first).words(np.zeros(1, np.uint64))
    words = [int(even[0, 0]), int(odd[0, 0]) & 0xFFFFFFFF, int(even[1, 0]), int(odd[1, 0]) & 0xFFFFFFFF]
    return Stream(words[1] << 32 | words[0], (words[3] << 32 | words[2]) << 64)
