"""Shuffles that a seed alone decides: of a tensor's rows, and of single indices without the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from . import philox, philox_xla, random, random_ops
from .common import only_host, shape_of

_INDICES = (dtypes.int32, dtypes.uint32, dtypes.int64, dtypes.uint64)
_LEAST_BLOCK = 16  # bits: permutations of fewer show patterns
_KEY_BITS = 0x7369F885192C0EF5  # what round keys differ by, a bit for each round
_FIRST_WORD = 498247692  # of the three words of a seed, where `index_shuffle` gets two


# ---------------------------------------------------------------- rows


@op(
    "StatelessShuffle", "value:T, key:uint64, counter:uint64, alg:int32 -> output:T", static=("alg",),
    shape=lambda value, *_: value, differentiable=None,
)  # fmt: skip
def stateless_shuffle_op(xp: Any, value: Array, key: Array, counter: Array, alg: int) -> Array:
    stream = random_ops.stream_of(key, counter)
    n = value.shape[0] if value.ndim else 1
    if n <= 1 or value.size <= 1:
        return value
    return value[random_ops.shuffled_order(philox.bits32(stream, n - 1))]


@stateless_shuffle_op.on("xla")
def _(jax: Any, value: Array, key: Array, counter: Array, alg: int) -> Array:
    stream = philox_xla.stream_of(jax, key, counter)
    n = value.shape[0] if value.ndim else 1
    if n <= 1:
        return value
    return value[random_ops.shuffled_order_on_xla(jax, philox_xla.bits32(stream, n - 1))]


def stateless_shuffle(value: TensorLike, seed: TensorLike, alg: Any = "auto_select", name: str | None = None) -> Tensor:
    """The rows (along the first dimension) in an order that depends on `seed`, two integers, alone.

    Args:
      value: a tensor of any dtype.
      seed: two integers.
      alg: "philox" or "auto_select", which are the same.

    >>> tf.random.experimental.stateless_shuffle([[1, 2], [3, 4], [5, 6]], seed=[1, 2]).numpy()
    array([[3, 4],
           [5, 6],
           [1, 2]], dtype=int32)
    """
    shuffled: Tensor = stateless_shuffle_op(convert(value), *random.key_counter(seed, alg), name=name)
    return shuffled


# ---------------------------------------------------------------- indices


def _index_shape(index: Shape, seed: Shape, max_index: Shape, **_attrs: Any) -> Shape:
    if index is None or seed is None or max_index is None:
        return None
    if not index and len(seed) == 1 and not max_index:
        return ()
    sizes = [shape[0] for shape, rank in ((index, 1), (max_index, 1), (seed, 2)) if len(shape) == rank]
    known = [size for size in sizes if size is not None]
    return (max(known) if known and len(known) == len(sizes) else None,)


@op(
    "RandomIndexShuffle", "index:dtype, seed:Tseed, max_index:dtype -> output:dtype", shape=_index_shape,
    differentiable=False, dtype=_INDICES, Tseed=_INDICES,
)  # fmt: skip
def random_index_shuffle_op(xp: Any, index: Array, seed: Array, max_index: Array, *, rounds: int = 4) -> Array:
    n = max(index.size, max_index.size, seed.size // 3)
    _check(index, seed, max_index, n)
    if rounds < 4 or rounds % 2:
        raise errors.invalid(f"rounds must be even and at least 4, got {rounds}")
    single = index.ndim == max_index.ndim == 0 and seed.ndim == 1
    rows = zip(
        np.broadcast_to(index, n).tolist(),
        np.broadcast_to(max_index, n).tolist(),
        (np.broadcast_to(seed, (n, 3)).astype(np.uint64) & np.uint64(0xFFFFFFFF)).tolist(),
        strict=True,
    )
    found = [_shuffled(number % 2**64, key, highest % 2**64, rounds) for number, highest, key in rows]
    return np.array(found, np.uint64).astype(index.dtype).reshape(() if single else (n,))


only_host(random_index_shuffle_op)


def _check(index: Array, seed: Array, max_index: Array, n: int) -> None:
    if index.ndim > 1 or index.shape not in ((), (n,)):
        raise errors.invalid("Index bust be a scalar or vector.")
    if seed.shape not in ((3,), (n, 3)):
        raise errors.invalid(
            f"Seed must be a vector of size [3] or a matrix of size [{n}, 3] but got {shapes.show(seed.shape)}."
        )
    if max_index.shape not in ((), (n,)):
        raise errors.invalid(
            f"Maxval must be a scalar or a vector of the same size as index but got {shapes.show(max_index.shape)}"
        )


def _shuffled(index: int, key: list[int], highest: int, rounds: int) -> int:
    """Where an index goes: it is encrypted (Simon, a block cipher) until it lands among 0 ... `highest`."""
    if highest == 0:
        return 0
    bits = (highest - 1).bit_length()
    half = max(bits + bits % 2, _LEAST_BLOCK) // 2
    keys = _round_keys(key, half, rounds)
    mask = 2**half - 1
    while True:
        left, right = index >> half & mask, index & mask
        for one, other in zip(keys[::2], keys[1::2], strict=True):
            left ^= _mixed(right, half) ^ one
            right ^= _mixed(left, half) ^ other
        index = left << half | right
        if index <= highest:
            return index


def _left(x: int, by: int, bits: int) -> int:
    """`x` rotated to the left among so many bits."""
    return (x << by | x >> bits - by) & (1 << bits) - 1


def _mixed(x: int, bits: int) -> int:
    return _left(x, 1, bits) & _left(x, 8, bits) ^ _left(x, 2, bits)


def _round_keys(key: list[int], bits: int, rounds: int) -> list[int]:
    mask = 2**bits - 1
    keys = [word & mask for word in key]
    for i in range(3, rounds):
        before = keys[-1]
        turned = _left(before, bits - 3, bits) ^ _left(before, bits - 4, bits)
        keys.append(0xFFFFFFFC & mask ^ _KEY_BITS >> i - 3 & 1 ^ keys[i - 3] ^ turned)
    return keys


def random_index_shuffle(
    index: TensorLike, seed: TensorLike, max_index: TensorLike, rounds: int = 4, name: str | None = None
) -> Tensor:
    """Where an index goes when the numbers 0 to `max_index` are shuffled, without the others being computed.

    Args:
      index: an integer, or a vector of them.
      seed: three integers, or as many rows of three as there are indices.
      max_index: the highest index, or one for each.
      rounds: how often numbers are mixed; even, at least 4.

    >>> [int(tf.random_index_shuffle(i, [1, 2, 3], 4)) for i in range(5)]
    [2, 0, 3, 4, 1]
    """
    shuffled: Tensor = random_index_shuffle_op(index, seed, max_index, name=name, rounds=rounds)
    return shuffled


def index_shuffle(index: TensorLike, seed: TensorLike, max_index: TensorLike) -> Tensor:
    """As `tf.random_index_shuffle`, with seeds of two integers as other functions have.

    >>> sorted(tf.random.experimental.index_shuffle(tf.range(5), [1, 2], 4).numpy().tolist())
    [0, 1, 2, 3, 4]
    """
    words = convert(seed)
    paddings = [[1, 0]] + [[0, 0]] * (len(shape_of(words)) - 1)
    padded = OPS["PadV2"](words, paddings, OPS["Cast"](_FIRST_WORD, DstT=words.dtype))
    return random_index_shuffle(index, padded, max_index)
