"""Random numbers: TensorFlow's own ones for the same seeds, where its CPU kernels draw them in order.

An op that draws has two seeds, the program's (`tf.random.set_seed`) and its own. Each pair of seeds is a stream of its
own for each op; calls go on where the last one stopped, and `set_seed` begins all of them again. `stateless_*`
functions draw the same numbers for the same seed always.
"""

from __future__ import annotations

import enum
import math
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.context import seeds as program
from ..base.dtypes import DType, as_dtype
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, Op, op
from ..core.tensor import Array, Tensor, TensorLike
from . import philox, philox_xla
from .common import only_host
from .creation import is_tensor
from .layout import given, integers
from .philox import RESERVED, Stream

_DEFAULT_SEED = 87654321
_SEEDS = 2**31 - 1  # how many there are
_DRAWABLE = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64)
Draw = Callable[[Stream, int, Any], Array]  # of so many numbers of a dtype
_NO_SEED = int.from_bytes(os.urandom(8), "little")  # the stream of a program without seeds

# ---------------------------------------------------------------- seeds


def set_seed(seed: int) -> None:
    """Sets the seed of the program, from which every op without a seed of its own gets one; all sequences begin again.

    >>> tf.random.set_seed(5)
    >>> first = tf.random.uniform([3])
    >>> tf.random.set_seed(5)
    >>> bool(tf.reduce_all(first == tf.random.uniform([3])))
    True
    """
    program.restart(int(seed) if isinstance(seed, (Tensor, np.generic, np.ndarray)) else seed)


def get_seed(op_seed: int | None) -> tuple[int, int]:
    """The two seeds of an op; (0, 0) stands for numbers that differ from run to run.

    Args:
      op_seed: the seed that the op was given, or None.
    """
    if program.seed is not None:
        own = program.draw() if op_seed is None else op_seed
        both = int(program.seed) % _SEEDS, int(own) % _SEEDS
        return both if both != (0, 0) else (0, _SEEDS)
    return (0, 0) if op_seed is None else (_DEFAULT_SEED, int(op_seed) % _SEEDS)


def take(op_name: str, dtype: Any, seed: int, seed2: int, count: int) -> Stream:
    """The stream of an op, `count` counters of it set aside."""
    start = program.take((op_name, dtype, seed, seed2), count)
    if seed == seed2 == 0:
        return Stream(_NO_SEED, start)
    return Stream(seed % 2**64, (seed2 % 2**64) << 64 | start)


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


def _drawing(name: str, draw: Draw) -> Op:
    """An op that fills a shape with floats."""

    def kernel(xp: Any, shape: Any, *, seed: int = 0, seed2: int = 0, dtype: DType = dtypes.float32) -> Array:
        size = math.prod(sizes(shape))
        if dtype not in types.FLOATS:
            raise errors.invalid(
                f"Value for attr 'dtype' of {dtype.cpp_name} is not in the list of allowed values: "
                "half, bfloat16, float, double"
            )
        return draw(take(name, dtype, seed, seed2, size * RESERVED), size, dtype.numpy).reshape(shape)

    return op(
        name, "shape:T -> output:dtype", static=("shape",), shape=_shape_rule, differentiable=False,
        T=types.INDICES, dtype=types.FLOATS,
    )(kernel)  # fmt: skip


random_uniform = _drawing("RandomUniform", philox.uniform)
random_standard_normal = _drawing("RandomStandardNormal", philox.normal)
random_truncated_normal = _drawing("TruncatedNormal", philox.truncated_normal)


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
    reserved = len(logits) * (-(-num_samples // 4) * 4) * 2 * RESERVED
    return _choices(take("Multinomial", output_dtype, seed, seed2, reserved), logits, num_samples, output_dtype)


@op("RandomShuffle", "value:T -> output:T", shape=shapes.same, differentiable=None)
def random_shuffle(xp: Any, value: Array, *, seed: int = 0, seed2: int = 0) -> Array:
    n = value.shape[0] if value.ndim else 1
    if n <= 1 or value.size <= 1:
        return value
    words = philox.bits32(take("RandomShuffle", value.dtype, seed, seed2, (n + 2) // 4), n - 1)
    order = list(range(n))
    for i, j in enumerate((np.arange(n - 1) + words % np.arange(n, 1, -1)).tolist()):
        order[i], order[j] = order[j], order[i]
    return value[order]


# How far they have counted is Python's to know.
only_host(
    random_uniform, random_standard_normal, random_truncated_normal, random_uniform_int, multinomial, random_shuffle
)  # fmt: skip


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
    return Stream(int(key[0]), int(counter[1]) << 64 | int(counter[0]))


def _stateless(name: str, draw: Draw, on_xla: Callable[..., Array], allowed: tuple[DType, ...]) -> Op:
    def kernel(xp: Any, shape: Any, key: Array, counter: Array, alg: int, *, dtype: DType) -> Array:
        return draw(stream_of(key, counter), math.prod(sizes(shape)), dtype.numpy).reshape(shape)

    stateless = op(
        name, "shape:Tshape, key:uint64, counter:uint64, alg:int32 -> output:dtype", static=("shape", "alg"),
        shape=_shape_rule, differentiable=False, Tshape=types.INDICES, dtype=allowed,
    )(kernel)  # fmt: skip

    @stateless.on("xla")
    def _(jax: Any, shape: Any, key: Array, counter: Array, alg: int, *, dtype: DType) -> Array:
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
    "StatelessRandomUniformFullIntV2", _full_integers, philox_xla.full_integers, _WHOLE
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
    _multinomial_shape(logits.shape, num_samples)
    check_seed(seed)
    jnp, (batch, classes) = jax.numpy, logits.shape
    if classes == 0 and batch * num_samples:
        raise errors.invalid("num_classes should be positive, got 0")
    numbers = philox_xla.uniform(philox_xla.scrambled(jax, seed), batch * num_samples, np.float64)
    wide = logits.astype(np.float64)
    finite = jnp.where(jnp.isfinite(wide), wide, -jnp.inf)
    cumulated = jnp.exp(finite - finite.max(1, keepdims=True, initial=np.finfo(np.float64).min)).cumsum(1)
    wanted = numbers.reshape(batch, num_samples) * cumulated[:, -1:]
    find = jax.vmap(lambda row, number: jnp.searchsorted(row, number, side="right"))
    return find(cumulated, wanted).astype(output_dtype.numpy)


# ---------------------------------------------------------------- functions


def _is(value: Any, number: int) -> bool:
    """Whether `value` is this Python number (not a tensor with it)."""
    return type(value) in (int, float) and value == number


def scaled(unit: Tensor, stddev: Any, mean: Any, dtype: DType) -> Tensor:
    """`unit * stddev + mean`, without work for 1 and 0."""
    mean_tensor, stddev_tensor = convert(mean, dtype), convert(stddev, dtype)
    scaled = unit if _is(stddev, 1) else OPS["Mul"](unit, stddev_tensor)
    shifted: Tensor = scaled if _is(mean, 0) else OPS["AddV2"](scaled, mean_tensor)
    return shifted


def uniform_floats(unit: Tensor, minval: Any, maxval: Any, dtype: DType) -> Tensor:
    """`unit`, in [0, 1), stretched to [minval, maxval)."""
    if _is(minval, 0):
        return scaled(unit, maxval, 0, dtype)
    low = convert(minval, dtype)
    return scaled(unit, OPS["Sub"](convert(maxval, dtype), low), low, dtype)


def _number(value: Any, dtype: DType, what: str) -> Tensor:
    """A parameter of a distribution as a Tensor; a Tensor of another dtype is refused by its name."""
    try:
        return convert(value, dtype)
    except ValueError as error:
        raise (ValueError(f"{what}: {error}") if is_tensor(value) else error) from None


def _checked(dtype: Any, allowed: tuple[DType, ...]) -> DType:
    kind = as_dtype(dtype)
    if kind not in allowed:
        names = ", ".join(repr(one) for one in allowed)
        raise ValueError(f"Argument `dtype` got invalid value {_quoted(kind)}. Accepted dtypes are ({names}).")
    return kind


def _quoted(dtype: DType) -> str:
    return f"<dtype: '{dtype.name}'>"


def uniform(
    shape: TensorLike,
    minval: TensorLike = 0,
    maxval: TensorLike | None = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers drawn evenly from [minval, maxval).

    Args:
      shape: the shape of the result.
      minval: the lower bound, included. For floats it may be a tensor that broadcasts.
      maxval: the upper bound, not included; 1 by default for floats, needed for integers.
      dtype: float16, bfloat16, float32, float64, int32 or int64.
      seed: the op's own seed.

    Raises:
      ValueError: for another dtype, or integers without `maxval`.
      InvalidArgumentError: if integers cannot be drawn since `minval >= maxval`.

    >>> tf.random.set_seed(1)
    >>> dice = tf.random.uniform([100], 1, 7, tf.int32)
    >>> int(tf.reduce_min(dice)), int(tf.reduce_max(dice))
    (1, 6)
    """
    kind = _checked(dtype, _DRAWABLE)
    if maxval is None:
        if kind.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {kind!r}")
        maxval = 1
    if kind.is_integer:
        low, high = _number(minval, kind, "min"), _number(maxval, kind, "max")
        seed1, seed2 = get_seed(seed)
        drawn: Tensor = random_uniform_int(shape, low, high, name=name, seed=seed1, seed2=seed2)
        return drawn
    minval, maxval = (x if _is(x, 0) or _is(x, 1) else _number(x, kind, what)
                      for x, what in ((minval, "min"), (maxval, "max")))  # fmt: skip
    seed1, seed2 = get_seed(seed)
    return uniform_floats(random_uniform(shape, name=name, seed=seed1, seed2=seed2, dtype=kind), minval, maxval, kind)


def normal(
    shape: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normally distributed numbers.

    Args:
      shape: the shape of the result.
      mean: the mean; may be a tensor that broadcasts.
      stddev: the standard deviation; may be a tensor that broadcasts.
      dtype: a floating point dtype.
      seed: the op's own seed.

    >>> tf.random.normal([2, 3], seed=1).shape
    TensorShape([2, 3])
    """
    return _drawn(random_standard_normal, shape, mean, stddev, dtype, seed, name)


def truncated_normal(
    shape: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normally distributed numbers, of which those more than two deviations from the mean are drawn again.

    Arguments as of `normal`.

    >>> bool(tf.reduce_all(tf.abs(tf.random.truncated_normal([1000])) < 2))
    True
    """
    return _drawn(random_truncated_normal, shape, mean, stddev, dtype, seed, name)


def _drawn(kind: Op, shape: Any, mean: Any, stddev: Any, dtype: Any, seed: int | None, name: str | None) -> Tensor:
    dtype = as_dtype(dtype)
    _number(mean, dtype, "mean")  # an error comes before anything is drawn
    _number(stddev, dtype, "stddev")
    seed1, seed2 = get_seed(seed)
    return scaled(kind(shape, name=name, seed=seed1, seed2=seed2, dtype=dtype), stddev, mean, dtype)


def shuffle(value: TensorLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """The rows (along the first dimension) in random order.

    >>> sorted(tf.random.shuffle([3, 1, 2]).numpy().tolist())
    [1, 2, 3]
    """
    seed1, seed2 = get_seed(seed)
    shuffled: Tensor = random_shuffle(value, name=name, seed=seed1, seed2=seed2)
    return shuffled


def categorical(
    logits: TensorLike,
    num_samples: TensorLike,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Draws classes by their log-probabilities.

    Args:
      logits: (batch, classes), log-probabilities up to a constant for each row.
      num_samples: how many to draw for each row.
      dtype: int64 (default) or int32.
      seed: the op's own seed.

    Returns:
      The classes drawn, (batch, num_samples).

    >>> tf.random.categorical([[0.0, -1e9], [-1e9, 0.0]], 3).numpy().tolist()
    [[0, 0, 0], [1, 1, 1]]
    """
    if type(num_samples) not in (int, Tensor):
        num_samples = convert(num_samples, dtypes.int32)
    seed1, seed2 = get_seed(seed)
    kind = dtypes.int64 if dtype is None else as_dtype(dtype)
    drawn: Tensor = multinomial(convert(logits), num_samples, name=name, seed=seed1, seed2=seed2, output_dtype=kind)
    return drawn


_PHILOX = 1


class Algorithm(enum.Enum):
    """Names of algorithms. Only Philox is here, which is also what is selected."""

    PHILOX = _PHILOX
    THREEFRY = 2
    AUTO_SELECT = 3


def algorithm(alg: Any) -> int:
    """The number of an algorithm; there is one here, which is also what TensorFlow selects on a CPU."""
    if isinstance(alg, Algorithm):
        alg = alg.value
    if alg in ("auto_select", "philox", _PHILOX, 3):
        return _PHILOX
    raise ValueError(f"Argument `alg` got unsupported value {alg}. Supported are 'philox' and 'auto_select'.")


def key_counter(seed: TensorLike, alg: Any = "auto_select") -> tuple[Tensor, Tensor, int]:
    """The inputs of stateless ops that stand for a seed."""
    key, counter = stateless_key_counter(seed)
    return key, counter, algorithm(alg)


def stateless_uniform(
    shape: TensorLike,
    seed: TensorLike,
    minval: TensorLike | None = 0,
    maxval: TensorLike | None = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """As `uniform`, but the numbers depend on `seed`, two integers, and on nothing else.

    For integers, `minval=None` and `maxval=None` draw from all integers of the dtype.

    >>> tf.random.stateless_uniform([3], seed=[1, 2]).numpy()
    array([0.8440604 , 0.19204533, 0.9962232 ], dtype=float32)
    """
    kind = _checked(dtype, (*_DRAWABLE, dtypes.uint32, dtypes.uint64))
    if kind.is_integer:
        if (minval is None) != (maxval is None):
            raise ValueError(
                f"For integer `dtype` argument {_quoted(kind)}, argument `minval` and `maxval` must be both None or "
                f"not None. Got `minval`={minval} and `maxval`={maxval}."
            )
        if minval is None:
            whole: Tensor = stateless_random_full_int(shape, *key_counter(seed, alg), name=name, dtype=kind)
            return whole
        if kind not in _DRAWABLE:
            raise ValueError(
                f"Argument `dtype` got invalid value {_quoted(kind)} when argument `minval` is not None. "
                "Please don't use unsigned integers in this case."
            )
        low, high = _number(minval, kind, "min"), _number(maxval, kind, "max")
        drawn: Tensor = stateless_random_uniform_int(shape, *key_counter(seed, alg), low, high, name=name)
        return drawn
    unit = stateless_random_uniform(shape, *key_counter(seed, alg), name=name, dtype=kind)
    return uniform_floats(unit, minval, 1 if maxval is None else maxval, kind)


def stateless_normal(
    shape: TensorLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """As `normal`, but the numbers depend on `seed`, two integers, and on nothing else.

    >>> a, b = (tf.random.stateless_normal([2], seed=[1, 2]) for _ in range(2))
    >>> bool(tf.reduce_all(a == b))
    True
    """
    kind = as_dtype(dtype)
    unit = stateless_random_normal(shape, *key_counter(seed, alg), name=name, dtype=kind)
    return scaled(unit, stddev, mean, kind)


def stateless_truncated_normal(
    shape: TensorLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """As `truncated_normal`, but the numbers depend on `seed`, two integers, and on nothing else.

    >>> bool(tf.reduce_all(tf.abs(tf.random.stateless_truncated_normal([100], seed=[1, 2])) < 2))
    True
    """
    kind = as_dtype(dtype)
    unit = stateless_random_truncated(shape, *key_counter(seed, alg), name=name, dtype=kind)
    return scaled(unit, stddev, mean, kind)


def stateless_categorical(
    logits: TensorLike, num_samples: TensorLike, seed: TensorLike, dtype: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """As `categorical`, but what is drawn depends on `seed`, two integers, and on nothing else.

    >>> tf.random.stateless_categorical([[0.0, 1.0, 2.0]], 5, seed=[1, 2]).numpy()
    array([[2, 2, 1, 2, 2]])
    """
    drawn: Tensor = stateless_multinomial(convert(logits), num_samples, seed, name=name, output_dtype=as_dtype(dtype))
    return drawn


def split(seed: TensorLike, num: int = 2, alg: Any = "auto_select") -> Tensor:
    """`num` seeds made of one, (num, 2), for as many independent sequences.

    >>> tf.random.split([1, 2]).numpy()
    array([[1105988140, 1738052849],
           [-335576002,  370444179]], dtype=int32)
    """
    tensor = convert(seed)
    return stateless_uniform([num, 2], tensor, None, None, tensor.dtype, alg=alg)


def fold_in(seed: TensorLike, data: TensorLike, alg: Any = "auto_select") -> Tensor:
    """A seed made of a seed and an integer, such as the number of a step.

    >>> tf.random.fold_in([1, 2], 5).numpy()
    array([1105988140,          5], dtype=int32)
    """
    number = convert(data)
    folded: Tensor = OPS["Pack"](stateless_uniform([], seed, None, None, number.dtype, alg=alg), number, axis=0)
    return folded
