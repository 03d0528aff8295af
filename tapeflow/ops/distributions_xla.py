"""Gamma and Poisson distributions on XLA: loops until no number is rejected any more; rows are masks."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from . import philox_xla as philox
from .philox import RESERVED

Array = Any
TINY = 10  # a Poisson distribution of a rate below this is drawn by multiplying uniform numbers


class Pairs(NamedTuple):
    """Doubles of one kind that were drawn two at a time, and how many of the two are left for each number."""

    first: Array
    second: Array
    left: Array


class Draws(NamedTuple):
    """Doubles for each number from its own part of a stream; `used` counters of it are gone."""

    used: Array
    normal: Pairs
    uniform: Pairs


def _draws(jax: Any, n: int) -> Draws:
    zeros = jax.numpy.zeros(n)
    nothing = Pairs(zeros, zeros, jax.numpy.zeros(n, int))
    return Draws(jax.numpy.zeros(n, "uint64"), nothing, nothing)


def _take(stream: philox.Stream, draws: Draws, kind: str, rows: Array) -> tuple[Array, Draws]:
    """One more "normal" or "uniform" double for each number in `rows`, and what is to be drawn from next."""
    where = stream.jax.numpy.where
    pairs = getattr(draws, kind)
    dry = rows & (pairs.left == 0)
    words = stream.words(stream.jax.lax.iota("uint64", rows.size) * np.uint64(RESERVED) + draws.used)
    pair = philox.normal_pair(stream, words) if kind == "normal" else philox.uniform_pair(stream, words)
    first, second = (where(dry, new, old) for new, old in zip(pair, pairs[:2], strict=True))
    left = where(dry, 2, pairs.left) - rows
    draws = draws._replace(used=draws.used + dry.astype("uint64"), **{kind: Pairs(first, second, left)})
    return where(left == 0, first, second), draws


def gamma(stream: philox.Stream, alpha: Array) -> Array:
    """Marsaglia and Tsang's method, as on the host."""
    jnp = stream.jax.numpy
    where = jnp.where
    simple = alpha == 1
    u, draws = _take(stream, _draws(stream.jax, alpha.size), "uniform", simple)
    d = alpha + where(alpha < 1, 2 / 3, -1 / 3)
    c = 1 / 3 / jnp.sqrt(d)

    def attempt(state: Any) -> Any:
        rows, results, draws = state
        x, draws = _take(stream, draws, "normal", rows)
        v = 1 + c * x
        tried, v = rows & (v > 0), v**3
        u, draws = _take(stream, draws, "uniform", tried)
        squeezed = u < 1 - 0.0331 * x**4
        good = tried & (squeezed | (jnp.log(u) < 0.5 * x * x + d * (1 - v + jnp.log(v))))
        results = where(good, d * v, results)
        small = good & (alpha < 1)
        u, draws = _take(stream, draws, "uniform", small)
        return rows & ~good, where(small, results * u ** (1 / alpha), results), draws

    start = ~simple, where(simple, -jnp.log1p(-u), 0), draws
    return stream.jax.lax.while_loop(lambda state: state[0].any(), attempt, start)[1]


def poisson(stream: philox.Stream, rate: Array, highest: float) -> Array:
    """Numbers of Poisson distributions, none above `highest`, as on the host."""
    draws = _draws(stream.jax, rate.size)
    results, draws = _by_products(stream, draws, rate)
    return _by_rejection(stream, draws, rate, results, highest)


def _by_products(stream: philox.Stream, draws: Draws, rate: Array) -> tuple[Array, Draws]:
    jnp = stream.jax.numpy
    limit = jnp.exp(-rate)

    def attempt(state: Any) -> Any:
        count, rows, product, results, draws = state
        u, draws = _take(stream, draws, "uniform", rows)
        product = jnp.where(rows, product * u, product)
        over = rows & (product <= limit)
        return count + 1, rows & ~over, product, jnp.where(over, count, results), draws

    start = jnp.float64(0), rate < TINY, jnp.ones(rate.size), jnp.zeros(rate.size), draws
    state = stream.jax.lax.while_loop(lambda state: state[1].any(), attempt, start)
    return state[3], state[4]


def _by_rejection(stream: philox.Stream, draws: Draws, rate: Array, results: Array, highest: float) -> Array:
    """Hormann's transformed rejection."""
    jax, jnp = stream.jax, stream.jax.numpy
    b = 0.931 + 2.53 * jnp.sqrt(rate)
    a = -0.059 + 0.02483 * b

    def attempt(state: Any) -> Any:
        rows, results, draws = state
        u, draws = _take(stream, draws, "uniform", rows)
        v, draws = _take(stream, draws, "uniform", rows)
        u = u - 0.5
        shifted = 0.5 - abs(u)
        k = jnp.floor((2 * a / shifted + b) * u + rate + 0.43)
        good = (shifted >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))
        maybe = ~good & (k >= 0) & ~((shifted < 0.013) & (v > shifted))
        s = jnp.log(v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (shifted * shifted) + b))
        logs = jax.lax.lgamma(jnp.maximum(k, 0) + 1)
        good = rows & (good | (maybe & (s <= -rate + k * jnp.log(rate) - logs))) & (k <= highest)
        return rows & ~good, jnp.where(good, k, results), draws

    start = rate >= TINY, results, draws
    return jax.lax.while_loop(lambda state: state[0].any(), attempt, start)[1]
