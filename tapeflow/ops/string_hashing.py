"""Hashes of strings, and the numbers of buckets that they put strings into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import errors, shapes
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host
from .farmhash import MASK, Word, fingerprint64, folded, of_rows, of_text, rotated

_MURMUR, _SEED = 0xC6A4A7935BD1E995, 0xDECAFCAFFE


def _murmur64(word: Word, size: int) -> Any:
    """MurmurHash64A of a text: the first of TensorFlow's hashes."""
    state: Any = _SEED ^ (size * _MURMUR & MASK)
    whole = size // 8 * 8
    for at in range(0, whole, 8):
        state = (state ^ (folded(word(at, 8) * _MURMUR) * _MURMUR & MASK)) * _MURMUR & MASK
    for at in range(whole, size):
        state = state ^ (word(at, 1) << (8 * (at - whole)))
    if size > whole:
        state = state * _MURMUR & MASK
    return folded(folded(state) * _MURMUR)


def _siphash(word: Word, size: int, key: tuple[int, int]) -> Any:
    """SipHash-2-4 of a text: nobody who does not know the key can find texts of the same hash."""
    low, high = key[0] & MASK, key[1] & MASK
    state: tuple[Any, ...] = (
        low ^ 0x736F6D6570736575, high ^ 0x646F72616E646F6D, low ^ 0x6C7967656E657261, high ^ 0x7465646279746573
    )  # fmt: skip
    whole = size // 8 * 8
    last: Any = (size & 0xFF) << 56
    for at in range(whole, size):
        last = last | (word(at, 1) << (8 * (at - whole)))
    for part in (*(word(at, 8) for at in range(0, whole, 8)), last):
        a, b, c, d = _sip_rounds((*state[:3], state[3] ^ part), 2)
        state = (a ^ part, b, c, d)
    a, b, c, d = _sip_rounds((state[0], state[1], state[2] ^ 0xFF, state[3]), 4)
    return a ^ b ^ c ^ d


def _sip_rounds(state: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    a, b, c, d = state
    for _ in range(count):
        a, c = a + b & MASK, c + d & MASK
        b, d = rotated(b, 51) ^ a, rotated(d, 48) ^ c
        a, c = rotated(a, 32) + d & MASK, c + b & MASK
        b, d = rotated(b, 47) ^ c, rotated(d, 43) ^ a
        c = rotated(c, 32)
    return a, b, c, d


def hashes(hashed: Callable[..., Any], texts: Array, *args: Any) -> Array:
    """The hashes, uint64, of an array of strings; those of one length are hashed together where they are many."""
    flat = texts.ravel()
    if flat.size < 8:
        return np.array([of_text(hashed, text, *args) for text in flat], np.uint64).reshape(texts.shape)
    out = np.empty(flat.size, np.uint64)
    sizes = np.fromiter(map(len, flat), np.int64, flat.size)
    for size in np.unique(sizes):
        where = np.flatnonzero(sizes == size)
        if len(where) < 8:
            out[where] = [of_text(hashed, flat[i], *args) for i in where]
        else:
            rows = np.frombuffer(b"".join(flat[where]), np.uint8).reshape(len(where), size)
            out[where] = of_rows(hashed, rows, *args)
    return out.reshape(texts.shape)


def _buckets(hashed: Callable[..., Any], texts: Array, num_buckets: int, *args: Any) -> Array:
    if num_buckets < 1:
        raise errors.invalid(f"Value for attr 'num_buckets' of {num_buckets} must be at least minimum 1")
    return (hashes(hashed, texts, *args) % np.uint64(num_buckets)).astype(np.int64)


@op("StringToHashBucket", "string_tensor:string -> output:int64", shape=shapes.same, differentiable=False)
def _hash_bucket(xp: Any, string_tensor: Array, *, num_buckets: int) -> Array:
    return _buckets(_murmur64, string_tensor, num_buckets)


@op("StringToHashBucketFast", "input:string -> output:int64", shape=shapes.same, differentiable=False)
def _hash_bucket_fast(xp: Any, input: Array, *, num_buckets: int) -> Array:
    return _buckets(fingerprint64, input, num_buckets)


@op("StringToHashBucketStrong", "input:string -> output:int64", shape=shapes.same, differentiable=False)
def _hash_bucket_strong(xp: Any, input: Array, *, num_buckets: int, key: Sequence[int]) -> Array:
    if len(key) != 2:
        raise errors.invalid("Key must have 2 elements")
    return _buckets(_siphash, input, num_buckets, tuple(key))


only_host(_hash_bucket, _hash_bucket_fast, _hash_bucket_strong)


def to_hash_bucket(input: TensorLike, num_buckets: int, name: str | None = None) -> Tensor:
    """Numbers of buckets for strings, by an old hash; prefer `tf.strings.to_hash_bucket_fast`.

    Args:
      input: strings, of any shape.
      num_buckets: how many buckets there are.
      name: a name for the operation, optional.

    Returns:
      int64, of the shape of `input`, from 0 to `num_buckets - 1`.

    Raises:
      InvalidArgumentError: if there are no buckets.

    >>> tf.strings.to_hash_bucket(["tape", "flow"], 10).numpy().shape
    (2,)
    """
    return _hash_bucket(input, num_buckets=int(num_buckets), name=name)  # type: ignore[no-any-return]


def to_hash_bucket_fast(input: TensorLike, num_buckets: int, name: str | None = None) -> Tensor:
    """Numbers of buckets for strings, by FarmHash's Fingerprint64: the same on all machines, and for ever.

    Args:
      input: strings, of any shape.
      num_buckets: how many buckets there are.
      name: a name for the operation, optional.

    Returns:
      int64, of the shape of `input`, from 0 to `num_buckets - 1`.

    Raises:
      InvalidArgumentError: if there are no buckets.

    >>> tf.strings.to_hash_bucket_fast(["Hello", "TensorFlow", "2.x"], 3).numpy()
    array([0, 2, 2])
    """
    return _hash_bucket_fast(input, num_buckets=int(num_buckets), name=name)  # type: ignore[no-any-return]


def to_hash_bucket_strong(
    input: TensorLike, num_buckets: int, key: Sequence[int], name: str | None = None
) -> Tensor:
    """Numbers of buckets for strings, by SipHash: who does not know the key cannot choose strings for one bucket.

    Args:
      input: strings, of any shape.
      num_buckets: how many buckets there are.
      key: two integers.
      name: a name for the operation, optional.

    Returns:
      int64, of the shape of `input`, from 0 to `num_buckets - 1`.

    Raises:
      InvalidArgumentError: if there are no buckets, or the key has not two elements.
      TypeError: if the key is no list.

    >>> tf.strings.to_hash_bucket_strong(["Hello", "TF"], 3, [1, 2]).numpy()
    array([2, 0])
    """
    if not isinstance(key, (list, tuple)):
        raise TypeError(f"Expected list for 'key' argument to 'string_to_hash_bucket_strong' Op, not {key!r}.")
    integers = [int(part) for part in key]
    return _hash_bucket_strong(input, num_buckets=int(num_buckets), key=integers, name=name)  # type: ignore[no-any-return]
