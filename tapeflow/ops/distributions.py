"""Random numbers of distributions that reject what they draw: gamma and Poisson."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType, as_dtype
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from . import distributions_xla, philox, philox_xla, random, random_ops
from .broadcasting import broadcast_dynamic_shape, broadcast_to
from .common import draws, shape_of, unbroadcast
from .philox import RESERVED, Stream

_FLOATS = (dtypes.float16, dtypes.float32, dtypes.float64)
_RATES = (*_FLOATS, dtypes.int32, dtypes.int64)
_TINY = 10  # a Poisson distribution of a rate below this is drawn by multiplying uniform numbers


class Draws:
    """Doubles for `n` numbers, each from its own part of a stream, as many as each happens to need.

    Four words give two doubles, of which the second is used first.
    """

    def __init__(self, stream: Stream, n: int, reserved: int = RESERVED) -> None:
        self._stream = stream
        self._reserved = np.uint64(reserved)  # counters of a part
        self._used = np.zeros(n, np.uint64)
        self._waiting = {kind: (np.empty((2, n)), np.zeros(n, np.intp)) for kind in ("normal", "uniform")}

    def take(self, kind: str, rows: Array) -> Array:
        """One more "normal" or "uniform" double for each number in `rows` (indices, ascending)."""
        values, left = self._waiting[kind]
        dry = rows[left[rows] == 0]
        if dry.size:
            words = self._stream.words(dry.astype(np.uint64) * self._reserved + self._used[dry])
            values[:, dry] = philox.normal_pair(*words) if kind == "normal" else philox.uniform_pair(*words)
            self._used[dry] += np.uint64(1)
            left[dry] = 2
        left[rows] -= 1
        drawn: Array = values[left[rows], rows]
        return drawn


def _spread(values: Array, samples: int) -> Array:
    """Each parameter for each of its samples, samples of one parameter side by side."""
    return np.repeat(values.reshape(-1).astype(np.float64), samples)


def _arranged(results: Array, shape: tuple[int, ...], count: int, dtype: Any) -> Array:
    return np.ascontiguousarray(results.reshape(count, -1).T).reshape(shape).astype(dtype)


def _gamma(stream: Stream, alpha: Array) -> Array:
    """Marsaglia and Tsang's method: the cube of a normal number, rejected in a few of 100 cases."""
    draws, results = Draws(stream, alpha.size), np.empty(alpha.size)
    simple = np.flatnonzero(alpha == 1)
    results[simple] = -np.log1p(-draws.take("uniform", simple))
    d = alpha + np.where(alpha < 1, 2 / 3, -1 / 3)
    c = 1 / 3 / np.sqrt(d)
    rows = np.flatnonzero(alpha != 1)
    while rows.size:
        x = draws.take("normal", rows)
        v = 1 + c[rows] * x
        positive = v > 0
        tried, x, v = rows[positive], x[positive], v[positive] ** 3
        u = draws.take("uniform", tried)
        squeezed = u < 1 - 0.0331 * x**4
        good = squeezed | (np.log(u) < 0.5 * x * x + d[tried] * (1 - v + np.log(v)))
        done = tried[good]
        results[done] = d[done] * v[good]
        small = done[alpha[done] < 1]
        results[small] *= draws.take("uniform", small) ** (1 / alpha[small])
        rows = np.setdiff1d(rows, done, assume_unique=True)
    return results


def _poisson(stream: Stream, rate: Array, highest: float) -> Array:
    draws, results = Draws(stream, rate.size), np.empty(rate.size)
    _poisson_by_products(draws, rate, np.flatnonzero(rate < _TINY), results)
    _poisson_by_rejection(draws, rate, np.flatnonzero(rate >= _TINY), results, highest)
    return results


def _poisson_by_products(draws: Draws, rate: Array, rows: Array, results: Array) -> None:
    """Knuth's method: how many uniform numbers can be multiplied before the product falls below `exp(-rate)`."""
    limit, product = np.exp(-rate), np.ones(rate.size)
    count = 0
    while rows.size:
        product[rows] *= draws.take("uniform", rows)
        over = product[rows] <= limit[rows]
        results[rows[over]] = count
        rows = rows[~over]
        count += 1


def _poisson_by_rejection(draws: Draws, rate: Array, rows: Array, results: Array, highest: float) -> None:
    """Hormann's transformed rejection."""
    while rows.size:
        mean = rate[rows]
        b = 0.931 + 2.53 * np.sqrt(mean)
        a = -0.059 + 0.02483 * b
        u = draws.take("uniform", rows) - 0.5
        v = draws.take("uniform", rows)
        shifted = 0.5 - np.abs(u)
        k = np.floor((2 * a / shifted + b) * u + mean + 0.43)
        good = (shifted >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))
        maybe = ~good & (k >= 0) & ~((shifted < 0.013) & (v > shifted))
        s = np.log(v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (shifted * shifted) + b))
        logs = np.array([math.lgamma(max(each, 0) + 1) for each in k.tolist()])
        good = (good | (maybe & (s <= -mean + k * np.log(mean) - logs))) & (k <= highest)
        results[rows[good]] = k[good]
        rows = rows[~good]


# ---------------------------------------------------------------- ops


def _appended(shape: Any, parameter: Shape, **_attrs: Any) -> Shape:
    return None if shape is None or parameter is None else (*random_ops.sizes(shape), *parameter)


def _ending(shape: Any, *inputs: Any, **_attrs: Any) -> Shape:
    return None if shape is None else random_ops.sizes(shape)


def _samples(shape: tuple[int, ...], parameter: Array) -> int:
    """How many samples of each parameter there are in a shape that ends with the parameters' own."""
    if shape[len(shape) - parameter.ndim :] != parameter.shape or len(shape) < parameter.ndim:
        raise errors.invalid("Shape passed in must end with broadcasted shape.")
    return math.prod(shape[: len(shape) - parameter.ndim])


@op(
    "RandomGamma", "shape:S, alpha:T -> output:T", static=("shape",), shape=_appended, S=types.INDICES, T=_FLOATS,
)  # fmt: skip
def random_gamma(xp: Any, shape: Any, alpha: Array, *, seed: int = 0, seed2: int = 0) -> Array:
    samples = math.prod(random_ops.sizes(shape))
    stream = random_ops.take("RandomGamma", alpha.dtype, seed, seed2, _gammas(shape, alpha))
    results = _gamma(stream, _spread(alpha, samples))
    return _arranged(results, (*shape, *alpha.shape), alpha.size, alpha.dtype)


def _gammas(shape: Any, alpha: Array, **_seeds: int) -> int:
    return math.prod(random_ops.sizes(shape)) * int(alpha.size) * RESERVED


@random_ops.drawing(random_gamma, _gammas)
def _(jax: Any, stream: Any, shape: Any, alpha: Array, **_seeds: int) -> Array:
    results = distributions_xla.gamma(stream, _spread_on_xla(alpha, math.prod(shape)))
    return results.reshape(alpha.size, -1).T.reshape(*shape, *alpha.shape).astype(alpha.dtype)


@random_gamma.gradient
def _(g: Any, sample: Any, _shape: Any, alpha: Any, **_seeds: int) -> Any:
    return None, _by_alpha(g, sample, alpha)


def _by_alpha(g: Any, sample: Any, alpha: Any) -> Any:
    """The sample, seen as a function of alpha at the same place of the distribution, goes with alpha."""
    return unbroadcast(g * OPS["RandomGammaGrad"](alpha, sample), shape_of(alpha))


@op(
    "StatelessRandomGammaV3", "shape:shape_dtype, key:uint64, counter:uint64, alg:int32, alpha:dtype -> output:dtype",
    static=("shape", "alg"), shape=_ending, shape_dtype=types.INDICES, dtype=_FLOATS,
)  # fmt: skip
def stateless_random_gamma(xp: Any, shape: Any, key: Array, counter: Array, alg: int, alpha: Array) -> Array:
    results = _gamma(random_ops.stream_of(key, counter), _spread(alpha, _samples(random_ops.sizes(shape), alpha)))
    return _arranged(results, shape, alpha.size, alpha.dtype)


@stateless_random_gamma.gradient
def _(g: Any, sample: Any, _shape: Any, _key: Any, _counter: Any, _alg: Any, alpha: Any) -> Any:
    return None, None, None, None, _by_alpha(g, sample, alpha)


@stateless_random_gamma.on("xla")
def _(jax: Any, shape: Any, key: Array, counter: Array, alg: int, alpha: Array) -> Array:
    spread = _spread_on_xla(alpha, _samples(random_ops.sizes(shape), alpha))
    results = distributions_xla.gamma(philox_xla.stream_of(jax, key, counter), spread)
    return results.reshape(alpha.size, -1).T.reshape(shape).astype(alpha.dtype)


def _spread_on_xla(values: Array, samples: int) -> Array:
    return values.reshape(-1).astype(np.float64).repeat(samples)


def _highest(dtype: DType) -> float:
    return float(dtype.max)


@op(
    "RandomPoissonV2", "shape:S, rate:R -> output:dtype", static=("shape",), shape=_appended, differentiable=False,
    S=types.INDICES, R=_RATES, dtype=_RATES,
)  # fmt: skip
def random_poisson(
    xp: Any, shape: Any, rate: Array, *, seed: int = 0, seed2: int = 0, dtype: DType = dtypes.int64
) -> Array:
    samples = math.prod(random_ops.sizes(shape))
    stream = random_ops.take("RandomPoissonV2", (rate.dtype, dtype), seed, seed2, samples * rate.size * RESERVED)
    results = _poisson(stream, _spread(rate, samples), _highest(dtype))
    return _arranged(results, (*shape, *rate.shape), rate.size, dtype.numpy)


@op(
    "StatelessRandomPoisson", "shape:T, seed:Tseed, lam:Rtype -> output:dtype", static=("shape",), shape=_ending,
    differentiable=False, T=types.INDICES, Tseed=types.INDICES, Rtype=_RATES, dtype=_RATES,
)  # fmt: skip
def stateless_random_poisson(xp: Any, shape: Any, seed: Array, lam: Array, *, dtype: DType) -> Array:
    random_ops.check_seed(seed)
    stream = philox.scrambled((int(seed[0]), int(seed[1])))
    results = _poisson(stream, _spread(lam, _samples(random_ops.sizes(shape), lam)), _highest(dtype))
    return _arranged(results, shape, lam.size, dtype.numpy)


@stateless_random_poisson.on("xla")
def _(jax: Any, shape: Any, seed: Array, lam: Array, *, dtype: DType) -> Array:
    random_ops.check_seed(seed)
    spread = _spread_on_xla(lam, _samples(random_ops.sizes(shape), lam))
    results = distributions_xla.poisson(philox_xla.scrambled(jax, seed), spread, _highest(dtype))
    return results.reshape(lam.size, -1).T.reshape(shape).astype(dtype.numpy)


draws(random_poisson)


# ---------------------------------------------------------------- functions


def _gamma_of(draw: Callable[[Tensor], Tensor], alpha: TensorLike, beta: TensorLike | None, dtype: DType) -> Tensor:
    shape_parameter, rate = convert(alpha, dtype), convert(1 if beta is None else beta, dtype)
    sizes = shape_of(shape_parameter), shape_of(rate)
    known = all(type(size) is tuple and all(type(n) is int for n in size) for size in sizes)
    both = shapes.broadcast(*sizes) if known else broadcast_dynamic_shape(*map(OPS["Shape"], (shape_parameter, rate)))
    drawn = draw(broadcast_to(shape_parameter, both))
    least = convert(float(np.finfo(dtype.numpy).tiny), dtype)
    result: Tensor = OPS["Maximum"](least, drawn / rate)
    return result


def gamma(
    shape: TensorLike,
    alpha: TensorLike,
    beta: TensorLike | None = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers of gamma distributions.

    Args:
      shape: how many to draw of each distribution.
      alpha: the shape parameters.
      beta: the inverse scales, which broadcast with `alpha`; 1 by default.
      dtype: float16, float32 or float64.
      seed: the op's own seed.

    Returns:
      Numbers of shape `shape + alpha.shape`.

    >>> tf.random.gamma([5], [0.5, 3.0], seed=1).shape
    TensorShape([5, 2])
    """
    seed1, seed2 = random.get_seed(seed)
    return _gamma_of(
        lambda each: random_gamma(shape, each, name=name, seed=seed1, seed2=seed2), alpha, beta, as_dtype(dtype)
    )


def stateless_gamma(
    shape: TensorLike,
    seed: TensorLike,
    alpha: TensorLike,
    beta: TensorLike | None = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """As `gamma`, but `shape` is that of the result, and the numbers depend on `seed`, two integers, alone.

    >>> tf.random.stateless_gamma([5, 2], [1, 2], [0.5, 3.0]).shape
    TensorShape([5, 2])
    """

    def draw(each: Tensor) -> Tensor:
        drawn: Tensor = stateless_random_gamma(shape, *random.key_counter(seed), each, name=name)
        return drawn

    return _gamma_of(draw, alpha, beta, as_dtype(dtype))


def poisson(
    shape: TensorLike, lam: TensorLike, dtype: Any = dtypes.float32, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Numbers of Poisson distributions.

    Args:
      shape: how many to draw of each distribution.
      lam: the rates.
      dtype: a float dtype, int32 or int64.
      seed: the op's own seed.

    Returns:
      Numbers of shape `shape + lam.shape`.

    >>> tf.random.poisson([5], [0.5, 30.0], seed=1).shape
    TensorShape([5, 2])
    """
    seed1, seed2 = random.get_seed(seed)
    drawn: Tensor = random_poisson(shape, convert(lam), name=name, seed=seed1, seed2=seed2, dtype=as_dtype(dtype))
    return drawn


def stateless_poisson(
    shape: TensorLike, seed: TensorLike, lam: TensorLike, dtype: Any = dtypes.int32, name: str | None = None
) -> Tensor:
    """As `poisson`, but `shape` is that of the result, and the numbers depend on `seed`, two integers, alone.

    >>> tf.random.stateless_poisson([5, 2], [1, 2], [0.5, 30.0]).shape
    TensorShape([5, 2])
    """
    drawn: Tensor = stateless_random_poisson(shape, seed, convert(lam), name=name, dtype=as_dtype(dtype))
    return drawn
