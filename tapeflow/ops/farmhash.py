"""FarmHash's Fingerprint64: a hash of bytes that is the same everywhere and forever.

It is written in terms of the little-endian words of a text. A word may be a Python integer (of one text), or an array
of them (of many texts of one length): the arithmetic is modulo 2**64 either way, as what is shifted right is masked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.tensor import Array

Word = Callable[[int, int], Any]  # the word of so many bytes at a position

_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
MASK = (1 << 64) - 1


def of_text(hashed: Callable[..., Any], text: bytes, *args: Any) -> int:
    """A hash, such as `fingerprint64`, of one text."""
    found: int = hashed(lambda at, size: int.from_bytes(text[at : at + size], "little"), len(text), *args)
    return found


def of_rows(hashed: Callable[..., Any], rows: Array, *args: Any) -> Array:
    """A hash of each row of a matrix of bytes, uint64."""

    def word(at: int, size: int) -> Array:
        return np.ascontiguousarray(rows[:, at : at + size]).view(f"<u{size}")[:, 0].astype(np.uint64)

    return np.broadcast_to(np.asarray(hashed(word, rows.shape[1], *args), np.uint64), rows.shape[:1])


def rotated(x: Any, count: int) -> Any:
    """`x` with its bits rotated to the right."""
    x = x & MASK
    return (x >> count | x << (64 - count)) & MASK


def folded(x: Any, count: int = 47) -> Any:
    """`x` with its upper bits added to the lower ones."""
    x = x & MASK
    return x ^ (x >> count)


def _mixed(u: Any, v: Any, factor: int) -> Any:
    u, v = u & MASK, v & MASK
    a = folded((u ^ v) * factor)
    return folded((v ^ a) * factor) * factor & MASK


def fingerprint64(word: Word, size: int) -> Any:
    """The fingerprint of a text of `size` bytes, of which `word(at, count)` gives words."""
    if size > 64:
        return _long(word, size)
    factor = (_K2 + 2 * size) & MASK
    if size > 32:
        return _up_to_64(word, size, factor)
    if size > 16:
        y, z, _ = _ends(word, 0, size, _K1, factor)
        return _mixed(y, z, factor)
    if size >= 8:
        a, b = word(0, 8) + _K2, word(size - 8, 8)
        return _mixed(rotated(b, 37) * factor + a, (rotated(a, 25) + b) * factor, factor)
    if size >= 4:
        return _mixed(size + (word(0, 4) << 3), word(size - 4, 4), factor)
    if size:
        y = word(0, 1) + (word(size // 2, 1) << 8)
        z = size + (word(size - 1, 1) << 2)
        return folded((y * _K2 & MASK) ^ (z * _K0 & MASK)) * _K2 & MASK
    return _K2


def _ends(word: Word, at: int, size: int, first: int, factor: int) -> tuple[Any, Any, Any]:
    """Two numbers made of the two words at a position and the last two, and the first word multiplied."""
    a, b = word(at, 8) * first & MASK, word(at + 8, 8)
    c, d = word(size - 8, 8) * factor & MASK, word(size - 16, 8) * _K2
    return rotated(a + b, 43) + rotated(c, 30) + d, a + rotated(b + _K2, 18) + c, a


def _up_to_64(word: Word, size: int, factor: int) -> Any:
    y, z, a = _ends(word, 0, size, _K2, factor)
    z = _mixed(y, z, factor)
    e, f = word(16, 8) * factor & MASK, word(24, 8)
    g, h = (y + word(size - 32, 8)) * factor & MASK, (z + word(size - 24, 8)) * factor & MASK
    return _mixed(rotated(e + f, 43) + rotated(g, 30) + h, e + rotated(f + a, 18) + g, factor)


def _half(word: Word, at: int, a: Any, b: Any) -> tuple[Any, Any]:
    """Two numbers that depend on the four words at a position."""
    last = word(at + 24, 8)
    a = a + word(at, 8) & MASK
    total = a + word(at + 8, 8) + word(at + 16, 8) & MASK
    return total + last & MASK, rotated(b + a + last, 21) + rotated(total, 44) + a & MASK


def _long(word: Word, size: int) -> Any:
    y = 81 * _K1 + 113 & MASK
    z = folded(y * _K2 + 113) * _K2 & MASK
    state: tuple[Any, ...] = ((81 * _K2 & MASK) + word(0, 8) & MASK, y, z, (0, 0), (0, 0))
    for at in range(0, (size - 1) // 64 * 64, 64):
        state = _block(word, at, state, _K1, 1)
    x, y, z, v, w = state
    factor = _K1 + ((z & 0xFF) << 1)
    w = (w[0] + (size - 1 & 63) & MASK, w[1])
    v = (v[0] + w[0] & MASK, v[1])
    w = (w[0] + v[0] & MASK, w[1])
    x, y, z, v, w = _block(word, size - 64, (x, y, z, v, w), factor, 9)
    low = _mixed(v[0], w[0], factor) + folded(y) * _K0 + z
    return _mixed(low, _mixed(v[1], w[1], factor) + x, factor)


def _block(word: Word, at: int, state: tuple[Any, ...], factor: Any, weight: int) -> tuple[Any, ...]:
    """The state after 64 more bytes."""
    x, y, z, v, w = state
    x = rotated(x + y + v[0] + word(at + 8, 8), 37) * factor & MASK
    y = rotated(y + v[1] + word(at + 48, 8), 42) * factor & MASK
    x = x ^ (w[1] * weight & MASK)
    y = y + v[0] * weight + word(at + 40, 8) & MASK
    z = rotated(z + w[0], 33) * factor & MASK
    v = _half(word, at, v[1] * factor & MASK, x + w[0] & MASK)
    w = _half(word, at + 32, z + w[1] & MASK, y + word(at + 16, 8) & MASK)
    return z, y, x, v, w
