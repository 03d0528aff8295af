"""Random numbers: TensorFlow's own ones for the same seeds, where its CPU kernels draw them in order.

An op that draws has two seeds, the program's (`tf.random.set_seed`) and its own. Each pair of seeds is a stream of its
own for each op; calls go on where the last one stopped, and `set_seed` begins all of them again. A function keeps the
seed of the program at its tracing, numbers its ops that have no seed, and each of its ops has a stream of its own.
`stateless_*` functions draw the same numbers for the same seed always.
"""

from __future__ import annotations

import enum
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.context import context, settings
from ..base.context import seeds as program
from ..base.dtypes import DType, as_dtype
from ..core.convert import convert
from ..core.op import OPS, Op
from ..core.tensor import Tensor, TensorLike
from .creation import is_tensor
from .random_ops import (
    GraphSeed,
    multinomial,
    random_shuffle,
    random_standard_normal,
    random_truncated_normal,
    random_uniform,
    random_uniform_int,
    stateless_key_counter,
    stateless_multinomial,
    stateless_random_full_int,
    stateless_random_normal,
    stateless_random_truncated,
    stateless_random_uniform,
    stateless_random_uniform_int,
)

_DEFAULT_SEED = 87654321
_SEEDS = 2**31 - 1  # how many there are
_DRAWABLE = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64)

# ---------------------------------------------------------------- seeds


def set_seed(seed: int) -> None:
    """Sets the seed of the program, from which every op without a seed of its own gets one; all sequences begin again.

    In a function that is being traced, it sets the seed of the ops that follow in this function.

    >>> tf.random.set_seed(5)
    >>> first = tf.random.uniform([3])
    >>> tf.random.set_seed(5)
    >>> bool(tf.reduce_all(first == tf.random.uniform([3])))
    True
    """
    number = int(seed) if isinstance(seed, (Tensor, np.generic, np.ndarray)) else seed
    if context.graph is None:
        program.restart(number)
    else:
        context.graph.seed = number


def get_seed(op_seed: int | None) -> tuple[int, int]:
    """The two seeds of an op; (0, 0) stands for numbers that differ from run to run.

    Args:
      op_seed: the seed that the op was given, or None.

    Raises:
      RuntimeError: if there is none, and `tf.config.experimental.enable_op_determinism()` was called.
    """
    source = program if context.graph is None else context.graph
    if source.seed is None and op_seed is None:
        if settings.op_determinism:
            raise RuntimeError(
                "Random ops require a seed to be set when determinism is enabled. Please set a seed before running the "
                "op, e.g. by calling tf.random.set_seed(1)."
            )
        return 0, 0
    seed = _DEFAULT_SEED if source.seed is None else int(source.seed) % _SEEDS
    own = int(source.draw() if op_seed is None else op_seed) % _SEEDS
    if seed == own == 0:
        own = _SEEDS
    return seed, own if source is program else GraphSeed(own)


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


class Algorithm(enum.Enum):
    """Names of algorithms. On a processor numbers are always drawn with Philox, which is also what is selected."""

    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


_ALGORITHMS = {"philox": 1, "threefry": 2, "auto_select": 3}


def algorithm(alg: Any) -> int:
    """The number of an algorithm: 1 is Philox, 2 ThreeFry (which a processor cannot draw with), 3 whatever is best.

    Raises:
      ValueError: for other names and numbers.
      TypeError: for what is neither.
    """
    if isinstance(alg, Algorithm):
        return int(alg.value)
    if isinstance(alg, str):
        if alg in _ALGORITHMS:
            return _ALGORITHMS[alg]
        each = "philox for the Philox algorithm, threefry for the ThreeFry algorithm, and auto_select"
    elif isinstance(alg, (int, np.generic, np.ndarray, Tensor)):
        if int(alg) in (1, 2, 3):
            return int(alg)
        each = "1 for the Philox algorithm, 2 for the ThreeFry algorithm, and 3"
    else:
        raise TypeError(f"Can't convert argument `alg` (of value {alg} and type {type(alg)}) to int.")
    raise ValueError(f"Argument `alg` got unsupported value {alg}. Supported values are {each} for auto-selection.")


def key_counter(seed: TensorLike, alg: Any = "auto_select") -> tuple[Tensor, Tensor, int]:
    """The inputs of stateless ops that stand for a seed."""
    number = algorithm("auto_select" if alg is None else alg)
    key, counter = stateless_key_counter(seed)
    return key, counter[:1] if number == 2 else counter, number


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
