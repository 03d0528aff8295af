"""The ops that draw random numbers: those that go on where they stopped, and those that get a key and a counter."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.context import context, new_id
from ..base.context import seeds as program
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..core import types
from ..core.op import Op, op
from ..core.tensor import Array
from . import philox, philox_xla
from .layout import given, integers
from .philox import RESERVED, Stream
from .random_ahead import drawn

Draw = Callable[[Stream, int, Any], Array]  # of so many numbers of a dtype
_NO_SEED = int.from_bytes(os.urandom(8), "little")  # the stream of a program without seeds


class GraphSeed(int):
    """The own seed of an op in a graph. Each op of a graph draws a stream of its own, whatever the seeds of others."""

    def __init__(self, _value: int) -> None:
        self.stream = new_id()


def has_stream(attrs: dict[str, Any]) -> bool:
    """Whether a node with these attributes draws from a stream of its own."""
    return type(attrs.get("seed2")) is GraphSeed


def another_stream(attrs: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a node for a copy of it, which draws from a stream of its own if the node draws."""
    return {**attrs, "seed2": GraphSeed(attrs["seed2"])} if has_stream(attrs) else attrs


class Source(NamedTuple):
    """Which of the program's streams an op draws from: with seeds, each has its own."""

    op_name: str
    dtype: Any
    seed: int
    seed2: int
    stream: int | None


def source(op_name: str, dtype: Any, seed: int, seed2: int) -> Source | None:
    """Where an op with these attributes draws from; None for the stream that all ops without seeds share."""
    return None if seed == seed2 == 0 else Source(op_name, dtype, seed, seed2, getattr(seed2, "stream", None))


def begin(where: Source | None, start: int) -> Stream:
    """The stream of a source, from there on."""
    if where is None:
        return Stream(_NO_SEED, start)
    return Stream(where.seed % 2**64, (where.seed2 % 2**64) << 64 | start)


def take(op_name: str, dtype: Any, seed: int, seed2: int, count: int) -> Stream:
    """The stream of an op, `count` counters of it set aside."""
    where = source(op_name, dtype, seed, seed2)
    reads = program if where is None or where.stream is None else context.reads or program
    return begin(where, reads.take(where, count))


def drawing(op: Op, count: Callable[..., int]) -> Callable[[Any], Any]:
    """Says that no two calls of an op are the same: it goes on in the program's streams of random numbers.

    Args:
      op: the op, with attributes `seed` and `seed2`; its source goes by the dtype of its output.
      count: `(*inputs, **attrs)`, how many counters it sets aside.

    Returns:
      A decorator for the kernel on XLA, `(jax, stream, *inputs, **attrs)`, with a `philox_xla.Stream`.
    """
    op.stateful = True
    op.draws = count
    op.stream = _Drawn(op.name)
    return op.on("xla")


class _Drawn(NamedTuple):
    """The streams of an op that draws."""

    op_name: str

    def begin(self, dtype: Any, attrs: dict[str, Any], count: int) -> Array:
        """Where a call begins, that sets `count` counters aside: key, low and high half of the counter."""
        key, counter = take(self.op_name, dtype, attrs["seed"], attrs["seed2"], count)
        return np.array([key, counter % 2**64, counter >> 64], np.uint64)

    def of(self, jax: Any, begin: Any) -> philox_xla.Stream:
        """The stream that begins there, for the kernel on XLA."""
        return philox_xla.Stream(jax, begin[0], begin[1], begin[2])


# ---------------------------------------------------------------- ops that keep count


def sizes(shape: Any) -> tuple[int, ...]:
    """The sizes of a static shape, checked."""
    integers(given(shape), "T", 1, "shape must be a vector of {int32,int64}, got shape ")
    for size in shape:
        if size < 0:
            raise errors.invalid(f"Dimension {size} must be >= 0")
    return shape  # type: ignore[no-any-return]


def _shape_rule(shape: Any, *_inputs: Any, **_attrs: Any) -> Shape:
    return None if shape is None else sizes(shape)


def _filling(name: str, draw: Draw, on_xla: Callable[..., Array]) -> Op:
    """An op that fills a shape with floats."""

    def kernel(xp: Any, shape: Any, *, seed: int = 0, seed2: int = 0, dtype: DType) -> Array:
        size = math.prod(sizes(shape))
        if dtype not in types.FLOATS:
            raise errors.invalid(
                f"Value for attr 'dtype' of {dtype.cpp_name} is not in the list of allowed values: "
                "half, bfloat16, float, double"
            )
        stream = take(name, dtype.numpy, seed, seed2, size * RESERVED)
        if name == "TruncatedNormal":  # who knows how many words it will take
            return draw(stream, size, dtype.numpy).reshape(shape)
        return drawn(draw, stream, size, dtype.numpy, size * RESERVED).reshape(shape)

    new = op(
        name, "shape:T -> output:dtype", static=("shape",), shape=_shape_rule, differentiable=False,
        T=types.INDICES, dtype=types.FLOATS,
    )(kernel)  # fmt: skip

    @drawing(new, _filled)
    def _(jax: Any, stream: Any, shape: Any, *, dtype: DType, **_seeds: int) -> Array:
        return on_xla(stream, math.prod(sizes(shape)), dtype.numpy).reshape(shape)

    return new


def _filled(shape: Any, *_inputs: Any, **_attrs: Any) -> int:
    return math.prod(sizes(shape)) * RESERVED


random_uniform = _filling("RandomUniform", philox.uniform, philox_xla.uniform)
random_standard_normal = _filling("RandomStandardNormal", philox.normal, philox_xla.normal)
random_truncated_normal = _filling("TruncatedNormal", philox.truncated_normal, philox_xla.truncated_normal)


def _check_scalars(minval: Array, maxval: Array) -> None:
    for which, bound in (("minval", minval), ("maxval", maxval)):
        if bound.ndim:
            raise errors.invalid(f"{which} must be 0-D, got shape {shapes.show(bound.shape)}")


def _bounds(minval: Array, maxval: Array) -> tuple[int, int]:
    _check_scalars(minval, maxval)
    if minval >= maxval:
        raise errors.invalid(f"Need minval < maxval, got {minval} >= {maxval}")
    return int(minval), int(maxval)


@op(
    "RandomUniformInt", "shape:T, minval:Tout, maxval:Tout -> output:Tout", static=("shape",), shape=_shape_rule,
    differentiable=False, T=types.INDICES, Tout=types.INDICES,
)  # fmt: skip
def random_uniform_int(xp: Any, shape: Any, minval: Array, maxval: Array, *, seed: int = 0, seed2: int = 0) -> Array:
    size = math.prod(sizes(shape))
    if size == 0:
        return np.empty(shape, minval.dtype)
    low, high = _bounds(minval, maxval)
    stream = take("RandomUniformInt", minval.dtype, seed, seed2, size * RESERVED)
    return philox.integers(stream, size, low, high, minval.dtype).reshape(shape)


@drawing(random_uniform_int, _filled)
def _(jax: Any, stream: Any, shape: Any, minval: Array, maxval: Array, **_seeds: int) -> Array:
    _check_scalars(minval, maxval)
    return philox_xla.integers(stream, math.prod(sizes(shape)), minval, maxval).reshape(shape)


def _multinomial_shape(logits: Shape, num_samples: Any, *_inputs: Any, **_attrs: Any) -> Shape:
    if logits is not None and len(logits) != 2:
        raise errors.invalid(f"logits should be a matrix, got shape {shapes.show(logits)}")
    if type(num_samples) is tuple:
        raise errors.invalid(f"num_samples should be a scalar, got shape [{len(num_samples)}]")
    if num_samples is not None and num_samples < 0:
        raise errors.invalid(f"num_samples should be non-negative, got {num_samples}")
    return (None if logits is None else logits[0], num_samples)


def _choices(stream: Stream, logits: Array, num_samples: int, dtype: DType) -> Array:
    """For each row of logits the classes found where uniform numbers fall in the row's cumulated probabilities."""
    batch, classes = logits.shape
    if classes == 0 and batch * num_samples:
        raise errors.invalid("num_classes should be positive, got 0")
    numbers = philox.uniform(stream, batch * num_samples, np.float64).reshape(batch, num_samples)
    finite = np.where(np.isfinite(logits), logits, -np.inf).astype(np.float64)
    cumulated = np.exp(finite - finite.max(1, keepdims=True, initial=np.finfo(np.float64).min)).cumsum(1)
    numbers *= cumulated[:, -1:]
    if batch * num_samples * classes <= 1 << 20:
        return (cumulated[:, None, :] <= numbers[:, :, None]).sum(2, dtype=dtype.numpy)
    found = [np.searchsorted(row, wanted, side="right") for row, wanted in zip(cumulated, numbers, strict=True)]
    return np.array(found, dtype.numpy)


@op(
    "Multinomial", "logits:T, num_samples:int32 -> output:output_dtype", static=("num_samples",),
    shape=_multinomial_shape, differentiable=False, T=types.REALS, output_dtype=types.INDICES,
)  # fmt: skip
def multinomial(
    xp: Any, logits: Array, num_samples: int, *, seed: int = 0, seed2: int = 0, output_dtype: DType = dtypes.int64
) -> Array:
    _multinomial_shape(logits.shape, num_samples)
    stream = take("Multinomial", output_dtype.numpy, seed, seed2, _chosen(logits, num_samples))
    return _choices(stream, logits, num_samples, output_dtype)


def _chosen(logits: Array, num_samples: int, **_attrs: Any) -> int:
    return logits.shape[0] * (-(-num_samples // 4) * 4) * 2 * RESERVED  # type: ignore[no-any-return]


@drawing(multinomial, _chosen)
def _(
    jax: Any, stream: Any, logits: Array, num_samples: int, *, output_dtype: DType = dtypes.int64, **_seeds: int
) -> Array:
    return _choices_on_xla(stream, logits, num_samples, output_dtype)


def _choices_on_xla(stream: philox_xla.Stream, logits: Array, num_samples: int, dtype: DType) -> Array:
    """`_choices` on XLA."""
    _multinomial_shape(logits.shape, num_samples)
    jnp, (batch, classes) = stream.jax.numpy, logits.shape
    if classes == 0 and batch * num_samples:
        raise errors.invalid("num_classes should be positive, got 0")
    numbers = philox_xla.uniform(stream, batch * num_samples, np.float64)
    wide = logits.astype(np.float64)
    finite = jnp.where(jnp.isfinite(wide), wide, -jnp.inf)
    cumulated = jnp.exp(finite - finite.max(1, keepdims=True, initial=np.finfo(np.float64).min)).cumsum(1)
    wanted = numbers.reshape(batch, num_samples) * cumulated[:, -1:]
    find = stream.jax.vmap(lambda row, number: jnp.searchsorted(row, number, side="right"))
    return find(cumulated, wanted).astype(dtype.numpy)


@op("RandomShuffle", "value:T -> output:T", shape=shapes.same, differentiable=None)
def random_shuffle(xp: Any, value: Array, *, seed: int = 0, seed2: int = 0) -> Array:
    n = value.shape[0] if value.ndim else 1
    if n <= 1 or value.size <= 1:
        return value
    stream = take("RandomShuffle", value.dtype, seed, seed2, _shuffled(value))
    return value[shuffled_order(philox.bits32(stream, n - 1))]


def shuffled_order(words: Array) -> list[int]:
    """The indices 0 to n, each exchanged with one of those that follow, as n random words say."""
    n = words.size + 1
    order = list(range(n))
    for i, j in enumerate((np.arange(n - 1) + words % np.arange(n, 1, -1)).tolist()):
        order[i], order[j] = order[j], order[i]
    return order


def _shuffled(value: Array, **_seeds: int) -> int:
    return 0 if not value.ndim or min(value.shape[0], math.prod(value.shape)) <= 1 else (value.shape[0] + 2) // 4


@drawing(random_shuffle, _shuffled)
def _(jax: Any, stream: Any, value: Array, **_seeds: int) -> Array:
    if not _shuffled(value):
        return value
    return value[shuffled_order_on_xla(jax, philox_xla.bits32(stream, value.shape[0] - 1))]


def shuffled_order_on_xla(jax: Any, words: Array) -> Array:
    """`shuffled_order` on XLA."""
    n = words.size + 1
    swapped = np.arange(n - 1) + words % np.arange(n, 1, -1)

    def swap(i: Array, order: Array) -> Array:
        j = swapped[i]
        return order.at[i].set(order[j]).at[j].set(order[i])

    return jax.lax.fori_loop(0, n - 1, swap, jax.numpy.arange(n))


# ---------------------------------------------------------------- ops without a state


def check_seed(seed: Array) -> None:
    """Refuses what is not two integers."""
    if seed.shape != (2,):
        raise errors.invalid(f"seed must have shape [2], not {shapes.show(seed.shape)}")


@op(
    "StatelessRandomGetKeyCounter", "seed:Tseed -> key:uint64, counter:uint64", shape=lambda seed: ((1,), (2,)),
    differentiable=False, Tseed=types.INDICES,
)  # fmt: skip
def stateless_key_counter(xp: Any, seed: Array) -> tuple[Array, Array]:
    check_seed(seed)
    stream = philox.scrambled((int(seed[0]), int(seed[1])))
    return np.array([stream.key], np.uint64), np.array([stream.counter & (2**64 - 1), stream.counter >> 64], np.uint64)


@stateless_key_counter.on("xla")
def _(jax: Any, seed: Array) -> tuple[Array, Array]:
    check_seed(seed)
    stream = philox_xla.scrambled(jax, seed)
    return stream.key.reshape(1), jax.numpy.stack([stream.low, stream.high])


def stream_of(key: Array, counter: Array) -> Stream:
    """The stream that a key and a counter of 64 and 128 bits say."""
    if counter.size < 2:
        raise errors.invalid(
            f"counter must be a vector with length at least 2; got shape: {shapes.show(counter.shape)}. "
            "(Note that batched counters are not supported yet.)"
        )
    return Stream(int(key[0]), int(counter[1]) << 64 | int(counter[0]))


def _stateless(
    name: str, draw: Draw, on_xla: Callable[..., Array], allowed: tuple[DType, ...], default: DType = dtypes.float32
) -> Op:
    def kernel(xp: Any, shape: Any, key: Array, counter: Array, alg: int, *, dtype: DType = default) -> Array:
        return draw(stream_of(key, counter), math.prod(sizes(shape)), dtype.numpy).reshape(shape)

    stateless = op(
        name, "shape:Tshape, key:uint64, counter:uint64, alg:int32 -> output:dtype", static=("shape", "alg"),
        shape=_shape_rule, differentiable=False, Tshape=types.INDICES, dtype=allowed,
    )(kernel)  # fmt: skip

    @stateless.on("xla")
    def _(jax: Any, shape: Any, key: Array, counter: Array, alg: int, *, dtype: DType = default) -> Array:
        stream = philox_xla.stream_of(jax, key, counter)
        return on_xla(stream, math.prod(sizes(shape)), dtype.numpy).reshape(shape)

    return stateless


_WHOLE = (dtypes.int32, dtypes.int64, dtypes.uint32, dtypes.uint64)


def _full_integers(stream: Stream, size: int, dtype: Any) -> Array:
    words = philox.bits32(stream, size) if np.dtype(dtype).itemsize == 4 else philox.bits64(stream, size)
    return words.view(dtype)


stateless_random_uniform = _stateless("StatelessRandomUniformV2", philox.uniform, philox_xla.uniform, types.FLOATS)
stateless_random_normal = _stateless("StatelessRandomNormalV2", philox.normal, philox_xla.normal, types.FLOATS)
stateless_random_truncated = _stateless(
    "StatelessTruncatedNormalV2", philox.truncated_normal, philox_xla.truncated_normal, types.FLOATS
)
stateless_random_full_int = _stateless(
    "StatelessRandomUniformFullIntV2", _full_integers, philox_xla.full_integers, _WHOLE, dtypes.uint64
)


@op(
    "StatelessRandomUniformIntV2",
    "shape:Tshape, key:uint64, counter:uint64, alg:int32, minval:dtype, maxval:dtype -> output:dtype",
    static=("shape", "alg"), shape=_shape_rule, differentiable=False, Tshape=types.INDICES, dtype=_WHOLE,
)  # fmt: skip
def stateless_random_uniform_int(
    xp: Any, shape: Any, key: Array, counter: Array, alg: int, minval: Array, maxval: Array
) -> Array:
    size = math.prod(sizes(shape))
    low, high = _bounds(minval, maxval)
    return philox.integers(stream_of(key, counter), size, low, high, minval.dtype).reshape(shape)


@stateless_random_uniform_int.on("xla")
def _(jax: Any, shape: Any, key: Array, counter: Array, alg: int, minval: Array, maxval: Array) -> Array:
    _check_scalars(minval, maxval)
    stream = philox_xla.stream_of(jax, key, counter)
    return philox_xla.integers(stream, math.prod(sizes(shape)), minval, maxval).reshape(shape)


@op(
    "StatelessMultinomial", "logits:T, num_samples:int32, seed:Tseed -> output:output_dtype", static=("num_samples",),
    shape=_multinomial_shape, differentiable=False, T=types.REALS, Tseed=types.INDICES, output_dtype=types.INDICES,
)  # fmt: skip
def stateless_multinomial(
    xp: Any, logits: Array, num_samples: int, seed: Array, *, output_dtype: DType = dtypes.int64
) -> Array:
    _multinomial_shape(logits.shape, num_samples)
    check_seed(seed)
    return _choices(philox.scrambled((int(seed[0]), int(seed[1]))), logits, num_samples, output_dtype)


@stateless_multinomial.on("xla")
def _(jax: Any, logits: Array, num_samples: int, seed: Array, *, output_dtype: DType) -> Array:
    check_seed(seed)
    return _choices_on_xla(philox_xla.scrambled(jax, seed), logits, num_samples, output_dtype)
