"""Random numbers within bounds: binomial distributions, and normal ones that are cut off anywhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import DType, as_dtype
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from . import philox, random_ops
from .common import only_host
from .distributions import Draws
from .philox import Stream

_FLOATS = (dtypes.float16, dtypes.float32, dtypes.float64)
_COUNTS = (*_FLOATS, dtypes.int32, dtypes.int64)
_FEW = 10  # a binomial distribution with a mean below this is drawn by adding up waits
_RESERVED_OF_FEW = 42  # counters set aside for each number then
SKIPPED = 200  # counters that a generator goes on by for four samples of a binomial distribution
_INSIDE = 1.3  # so many deviations inside the bounds, normal numbers are rejected; closer to them, others
# What Stirling's formula lacks of log(k!), k from 0 to 9.
_TAILS = np.array([
    0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
    0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287,
])  # fmt: skip


def _ending(shape: Any, _seed: Any, *parameters: Shape, **_attrs: Any) -> Shape:
    return None if shape is None else random_ops.sizes(shape)


def _spread(shape: tuple[int, ...], parameters: tuple[Array, ...]) -> tuple[list[Array], int]:
    """The parameters flat, broadcast to one shape, and how many samples of each there are in `shape`."""
    together = np.broadcast_shapes(*(parameter.shape for parameter in parameters))
    samples = len(shape) - len(together)
    if samples < 0 or shape[samples:] != together:
        raise errors.invalid("Shape passed in must end with broadcasted shape.")
    return [np.broadcast_to(each, together).reshape(-1) for each in parameters], math.prod(shape[:samples])


# ---------------------------------------------------------------- binomial distributions


def _tail(k: Array) -> Array:
    squared = (k + 1) * (k + 1)
    far = (1 / 12 - (1 / 360 - 1 / 1260 / squared) / squared) / (k + 1)
    return np.where(k <= 9, _TAILS[np.clip(k, 0, 9).astype(np.intp)], far)


def _by_waits(stream: Stream, rows: Array, counts: Array, probs: Array, results: Array) -> None:
    """How many waits for a success, one after the other, fit into the trials."""
    draws = Draws(stream, counts.size, _RESERVED_OF_FEW)
    trials = np.zeros(counts.size)
    results[rows] = 0
    while rows.size:
        waits = np.ceil(np.log(draws.take("uniform", rows)) / np.log1p(-probs[rows]))
        trials[rows] += waits
        rows = rows[trials[rows] <= counts[rows]]
        results[rows] += 1


def _by_rejection(stream: Stream, rows: Array, counts: Array, probs: Array, results: Array) -> None:
    """Hormann's transformed rejection."""
    draws = Draws(stream, counts.size)
    while rows.size:
        n, p = counts[rows], probs[rows]
        deviation = np.sqrt(n * p * (1 - p))
        b = 1.15 + 2.53 * deviation
        a = -0.0873 + 0.0248 * b + 0.01 * p
        u = draws.take("uniform", rows) - 0.5
        v = draws.take("uniform", rows)
        inside = 0.5 - np.abs(u)
        k = np.floor((2 * a / inside + b) * u + n * p + 0.5)
        good = (inside >= 0.07) & (v <= 0.92 - 4.2 / b)
        ratio, mode = p / (1 - p), np.floor((n + 1) * p)
        scaled = np.log(v * ((2.83 + 5.1 / b) * deviation) / (a / (inside * inside) + b))
        bound = (
            (mode + 0.5) * np.log((mode + 1) / (ratio * (n - mode + 1)))
            + (n + 1) * np.log((n - mode + 1) / (n - k + 1))
            + (k + 0.5) * np.log(ratio * (n - k + 1) / (k + 1))
            + (_tail(mode) + _tail(n - mode) - _tail(k) - _tail(n - k))
        )
        good |= (k >= 0) & (k <= n) & (scaled <= bound)
        results[rows[good]] = k[good]
        rows = rows[~good]


def _binomial(stream: Stream, shape: Any, counts: Array, probs: Array, dtype: DType) -> Array:
    shape = random_ops.sizes(shape)
    (counts, probs), samples = _spread(shape, (counts, probs))
    one = probs.dtype.type(1)
    flipped = probs > 0.5
    rarer = np.where(flipped, one - probs, probs)
    few = np.repeat(counts * rarer < _FEW, samples)
    n, p, turned = (np.repeat(each.astype(np.float64), samples) for each in (counts, rarer, flipped))
    results = np.full(n.size, np.nan)
    drawn = (n > 0) & (p > 0) & np.isfinite(n)
    _by_waits(stream, np.flatnonzero(drawn & few), n, p, results)
    _by_rejection(stream, np.flatnonzero(drawn & ~few), n, p, results)
    results[(n <= 0) | (p <= 0)] = 0
    results = np.where(turned != 0, n - results, results)
    results[np.repeat((counts <= 0), samples)] = 0
    results[np.repeat((counts > 0) & (probs >= 1), samples)] = n[np.repeat((counts > 0) & (probs >= 1), samples)]
    return np.ascontiguousarray(results.reshape(counts.size, -1).T).reshape(shape).astype(dtype.numpy)


@op(
    "StatelessRandomBinomial", "shape:S, seed:Tseed, counts:T, probs:T -> output:dtype", static=("shape",),
    shape=_ending, differentiable=False, S=types.INDICES, Tseed=types.INDICES, T=_COUNTS, dtype=_COUNTS,
)  # fmt: skip
def stateless_random_binomial(
    xp: Any, shape: Any, seed: Array, counts: Array, probs: Array, *, dtype: DType = dtypes.int64
) -> Array:
    random_ops.check_seed(seed)
    return _binomial(philox.scrambled((int(seed[0]), int(seed[1]))), shape, counts, probs, dtype)


@op(
    "KeyedRandomBinomial", "shape:S, key:uint64, counter:uint64, alg:int32, counts:T, probs:T -> output:dtype",
    static=("shape", "alg"), shape=_ending, differentiable=False, S=types.INDICES, T=_COUNTS, dtype=_COUNTS,
)  # fmt: skip
def keyed_random_binomial(
    xp: Any, shape: Any, key: Array, counter: Array, alg: int, counts: Array, probs: Array, *, dtype: DType
) -> Array:
    """What a generator draws (TensorFlow's op, StatefulRandomBinomial, moves the generator itself)."""
    return _binomial(random_ops.stream_of(key, counter), shape, counts, probs, dtype)


def stateless_binomial(
    shape: TensorLike,
    seed: TensorLike,
    counts: TensorLike,
    probs: TensorLike,
    output_dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How many of `counts` trials succeed, each with probability `probs`.

    Args:
      shape: the shape of the result, which ends with that of `counts` and `probs` together.
      seed: two integers, on which alone the numbers depend.
      counts: numbers of trials.
      probs: probabilities of success; broadcast with `counts`.
      output_dtype: float16, float32, float64, int32 or int64.

    Raises:
      InvalidArgumentError: if the shape does not end with that of the parameters.

    >>> tf.random.stateless_binomial([3, 2], [1, 2], [10.0, 1000.0], 0.5).shape
    TensorShape([3, 2])
    """
    p = convert(probs)
    n = convert(counts, p.dtype)
    drawn: Tensor = stateless_random_binomial(shape, seed, n, p, name=name, dtype=as_dtype(output_dtype))
    return drawn


# ---------------------------------------------------------------- normal distributions within bounds


class _Place:
    """Where in a stream the next number is drawn from."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream

    def groups(self, draw: Any, count: int, dtype: Any) -> Array:
        """The numbers at the next `count` counters, a row for each; the place stays."""
        width = 2 if dtype.itemsize == 8 else 4
        drawn: Array = draw(self.stream, count * width, dtype)
        return drawn.reshape(count, width)

    def go_on(self, count: int) -> None:
        self.stream = self.stream._replace(counter=self.stream.counter + count)


def _by_normals(place: _Place, low: Any, high: Any, chunk: int, dtype: Any) -> tuple[Array, Array, int]:
    z = place.groups(philox.normal, chunk, dtype)
    return z, (z >= low) & (z <= high), 1


def _by_uniforms(place: _Place, low: Any, high: Any, chunk: int, dtype: Any) -> tuple[Array, Array, int]:
    both = place.groups(philox.uniform, 2 * chunk, dtype)
    z = both[0::2] * (high - low) + low
    least = dtype.type(0) if low < 0 else low * low
    return z, both[1::2] <= np.exp((least - z * z) / dtype.type(2)), 2


def _by_exponentials(place: _Place, low: Any, high: Any, chunk: int, dtype: Any) -> tuple[Array, Array, int]:
    both = place.groups(philox.uniform, chunk, dtype)
    alpha = (low + np.sqrt(low * low + dtype.type(4))) / dtype.type(2)
    z = -np.log(both[:, 0::2]) / alpha + low
    x = alpha - z if low < alpha else np.full_like(z, low - alpha)
    return z, (both[:, 1::2] <= np.exp(-x * x / dtype.type(2))) & (z < high), 1


def _way(low: Any, high: Any) -> Any:
    """How to draw: of normal numbers where many are within the bounds, else even or exponential ones."""
    if (low < -_INSIDE and high >= 0) or (high > _INSIDE and low <= 0):
        return _by_normals
    two = low.dtype.type(2)
    root = np.sqrt(low * low + two * two)
    cutoff = two * np.exp(low.dtype.type(0.5) + (low * (low - root)) / (two * two)) / (low + root)
    return _by_uniforms if high - low < cutoff else _by_exponentials


def _within(place: _Place, mean: Any, stddev: Any, low: Any, high: Any, samples: int) -> Array:
    """Normal numbers between two bounds; the place goes on by what was drawn."""
    if not (stddev > 0 and low < high and (np.isfinite(low) or np.isfinite(high))):
        raise errors.invalid("Invalid parameters")
    if low == -np.inf or high < mean:
        low, high, stddev = high, low, -stddev
    low, high = (low - mean) / stddev, (high - mean) / stddev
    way, dtype = _way(low, high), low.dtype
    parts: list[Array] = []
    missing = samples
    while missing:
        chunk = -(-missing // 2) + 1
        z, good, step = way(place, low, high, chunk, dtype)
        found = np.flatnonzero(good)[:missing]
        last = found[-1] // z.shape[1] + 1 if found.size == missing else chunk
        place.go_on(int(last) * step)
        parts.append(z.reshape(-1)[found])
        missing -= found.size
    return np.concatenate(parts) * stddev + mean if parts else np.empty(0, dtype)


@op(
    "StatelessParameterizedTruncatedNormal",
    "shape:S, seed:Tseed, means:dtype, stddevs:dtype, minvals:dtype, maxvals:dtype -> output:dtype",
    static=("shape",), shape=_ending, differentiable=None, S=types.INDICES, Tseed=types.INDICES, dtype=_FLOATS,
)  # fmt: skip
def stateless_parameterized_truncated_normal_op(xp: Any, shape: Any, seed: Array, *parameters: Array) -> Array:
    random_ops.check_seed(seed)
    shape = random_ops.sizes(shape)
    flat, samples = _spread(shape, parameters)
    place = _Place(philox.scrambled((int(seed[0]), int(seed[1]))))
    drawn = [_within(place, mean, stddev, low, high, samples) for mean, stddev, low, high in zip(*flat, strict=True)]
    dtype = parameters[0].dtype
    return np.array(drawn, dtype).reshape(len(drawn), samples).T.reshape(shape)


only_host(stateless_random_binomial, keyed_random_binomial, stateless_parameterized_truncated_normal_op)


def stateless_parameterized_truncated_normal(
    shape: TensorLike,
    seed: TensorLike,
    means: TensorLike = 0.0,
    stddevs: TensorLike = 1.0,
    minvals: TensorLike = -2.0,
    maxvals: TensorLike = 2.0,
    name: str | None = None,
) -> Tensor:
    """Normally distributed numbers within bounds, with parameters for each.

    Args:
      shape: the shape of the result, which ends with that of the parameters together.
      seed: two integers, on which alone the numbers depend.
      means, stddevs: of the distributions before they are cut off.
      minvals, maxvals: the bounds; one of them may be infinite.

    Raises:
      InvalidArgumentError: for deviations that are not positive, or bounds that are not in order.

    >>> drawn = tf.random.stateless_parameterized_truncated_normal([100], [1, 2], minvals=3.0, maxvals=4.0)
    >>> bool(tf.reduce_all((drawn >= 3) & (drawn <= 4)))
    True
    """
    drawn: Tensor = stateless_parameterized_truncated_normal_op(
        shape, seed, convert(means), convert(stddevs), convert(minvals), convert(maxvals), name=name
    )
    return drawn
