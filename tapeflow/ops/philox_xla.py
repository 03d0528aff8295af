"""`philox` on XLA: the same numbers of the same streams, but that logarithms, sines... may be rounded otherwise.

Keys and counters are arrays, so they may be known only when the compiled program runs.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .philox import FORMATS, MULTIPLIERS, RAISES, RESERVED, SCRAMBLING_KEY

Array = Any


class Stream(NamedTuple):
    """Where in which sequence to draw: a key, and the low and the high half of a counter, scalars of uint64."""

    jax: Any
    key: Array
    low: Array
    high: Array

    def words(self, offsets: Array) -> tuple[Array, Array, Array, Array]:
        """The four words (uint32) at each counter `offsets` (uint64) further on.

        The rounds are a loop: written out, they would be computed once for each of the four results.
        """
        jnp = self.jax.numpy
        low = self.low + offsets
        high = self.high + (low < self.low)
        k, m = _halves(self.key)

        def two_rounds(i: Array, words: Any) -> Any:
            for j in (2 * i.astype("uint32"), 2 * i.astype("uint32") + 1):
                words = _round(words, k + j * jnp.uint32(RAISES[0]), m + j * jnp.uint32(RAISES[1]))
            return words

        words = self.jax.lax.fori_loop(0, 5, two_rounds, (*_halves(low), *_halves(high)))
        return words  # type: ignore[no-any-return]


def _halves(x: Array) -> tuple[Array, Array]:
    return x.astype("uint32"), (x >> 32).astype("uint32")


def _round(words: Any, k: Array, m: Array) -> tuple[Array, Array, Array, Array]:
    a, b, c, d = words
    (low, high), (low2, high2) = (_halves(x.astype("uint64") * n) for x, n in zip((a, c), MULTIPLIERS, strict=True))
    return high2 ^ b ^ k, low2, high ^ d ^ m, low


def stream_of(jax: Any, key: Array, counter: Array) -> Stream:
    """The stream that a key and a counter of 64 and 128 bits say."""
    return Stream(jax, key[0], counter[0], counter[1])


def scrambled(jax: Any, seed: Array) -> Stream:
    """The stream of a stateless op with this seed, two integers."""
    first, second = seed[0].astype("int64").astype("uint64"), seed[1].astype("int64").astype("uint64")
    start = Stream(jax, jax.numpy.uint64(SCRAMBLING_KEY), first, second)
    a, b, c, d = (word[0] for word in start.words(jax.numpy.zeros(1, "uint64")))
    return Stream(jax, _joined(a, b), jax.numpy.uint64(0), _joined(c, d))


def _joined(low: Array, high: Array) -> Array:
    return high.astype("uint64") << 32 | low


def _words(stream: Stream, size: int, group: int) -> tuple[Array, Array, Array, Array]:
    """The words of as many counters as `size` numbers need, `group` for each."""
    return stream.words(stream.jax.lax.iota("uint64", -(-size // group)))


def _arranged(stream: Stream, columns: Any, size: int) -> Array:
    return stream.jax.numpy.stack(columns, -1).reshape(-1)[:size]


def bits32(stream: Stream, size: int) -> Array:
    """Words of 32 bits."""
    return _arranged(stream, _words(stream, size, 4), size)


def bits64(stream: Stream, size: int) -> Array:
    """Words of 64 bits."""
    a, b, c, d = _words(stream, size, 2)
    return _arranged(stream, (_joined(a, b), _joined(c, d)), size)


def full_integers(stream: Stream, size: int, dtype: Any) -> Array:
    """Integers with all bits random."""
    return (bits32 if np.dtype(dtype).itemsize == 4 else bits64)(stream, size).astype(dtype)


def integers(stream: Stream, size: int, low: Array, high: Array) -> Array:
    """Integers in [low, high), scalars of the dtype of the result."""
    word = f"uint{8 * low.dtype.itemsize}"
    words = full_integers(stream, size, word)
    drawn = words % (high.astype(word) - low.astype(word)) + low.astype(word)
    return drawn.astype(low.dtype)


def uniform(stream: Stream, size: int, dtype: Any) -> Array:
    """Floats in [0, 1)."""
    dtype = np.dtype(dtype)
    if dtype.itemsize == 8:
        return _arranged(stream, uniform_pair(stream, _words(stream, size, 2)), size)
    word, mantissa, one = FORMATS[dtype.name]
    drawn = bits32(stream, size).astype(word) & word(mantissa) | word(one)
    return stream.jax.lax.bitcast_convert_type(drawn, dtype) - dtype.type(1)


def _unit32(stream: Stream, word: Array) -> Array:
    drawn = word & np.uint32(0x7FFFFF) | np.uint32(127 << 23)
    return stream.jax.lax.bitcast_convert_type(drawn, np.float32) - np.float32(1)


def _unit64(stream: Stream, high: Array, low: Array) -> Array:
    drawn = _joined(low, high & np.uint32(0xFFFFF)) | np.uint64(1023 << 52)
    return stream.jax.lax.bitcast_convert_type(drawn, np.float64) - 1.0


def uniform_pair(stream: Stream, words: Any) -> tuple[Array, Array]:
    """Two uniform float64 of each four words."""
    a, b, c, d = words
    return _unit64(stream, a, b), _unit64(stream, c, d)


def normal_pair(stream: Stream, words: Any) -> tuple[Array, Array]:
    """Two normal float64 of each four words."""
    return _box_muller(stream, *uniform_pair(stream, words))


def _box_muller(stream: Stream, radius: Array, angle: Array) -> tuple[Array, Array]:
    jnp, one = stream.jax.numpy, radius.dtype.type
    radius = jnp.sqrt(jnp.log(jnp.maximum(radius, one(1e-7))) * one(-2))
    angle = (angle.astype(np.float64) * (2 * math.pi)).astype(angle.dtype)
    return jnp.sin(angle) * radius, jnp.cos(angle) * radius


def _normals(stream: Stream, words: Any, double: bool) -> tuple[Array, ...]:
    """The normal numbers of each four words: two float64, or four float32."""
    if double:
        return normal_pair(stream, words)
    a, b, c, d = (_unit32(stream, word) for word in words)
    return *_box_muller(stream, a, b), *_box_muller(stream, c, d)


def normal(stream: Stream, size: int, dtype: Any) -> Array:
    """Normal numbers, mean 0 and deviation 1."""
    double = np.dtype(dtype).itemsize == 8
    words = _words(stream, size, 2 if double else 4)
    return _arranged(stream, _normals(stream, words, double), size).astype(dtype)


def truncated_normal(stream: Stream, size: int, dtype: Any) -> Array:
    """Normal numbers between -2 and 2: others are drawn again."""
    jnp, double = stream.jax.numpy, np.dtype(dtype).itemsize == 8
    group = 2 if double else 4
    rows = stream.jax.lax.iota("uint64", -(-size // group)) * np.uint64(group * RESERVED // 4)
    columns = jnp.arange(group)

    def attempt(state: Any) -> Any:
        number, have, out = state
        for drawn in _normals(stream, stream.words(rows + number), double):
            good = (abs(drawn) < 2) & (have < group)
            out = jnp.where(good[:, None] & (have[:, None] == columns), drawn[:, None], out)
            have += good
        return number + np.uint64(1), have, out

    zeros = jnp.zeros((rows.size, group), np.float64 if double else np.float32)
    start = jnp.uint64(0), jnp.zeros(rows.size, int), zeros
    out = stream.jax.lax.while_loop(lambda state: (state[1] < group).any(), attempt, start)[2]
    return out.reshape(-1)[:size].astype(dtype)
