"""Samples of classes, for losses that look at some of very many classes only.

The samplers draw TensorFlow's numbers for the same seeds.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from ..base import errors
from ..base.context import seeds
from ..base.dtypes import float32, int64
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import Op, op
from ..core.tensor import Array, Tensor, TensorLike
from . import random
from .common import only_host
from .philox import Stream, bits32
from .random_ops import take

_COUNTERS = 512  # that TensorFlow sets aside for each sample
_CHUNK = 256  # words that are drawn at once

Counts = tuple[Tensor, Tensor, Tensor]


class Words:
    """A stream's words of 32 bits, one after the other."""

    def __init__(self, stream: Stream) -> None:
        self.next = self._all(stream).__next__

    @staticmethod
    def _all(stream: Stream) -> Iterator[int]:
        while True:
            yield from bits32(stream, _CHUNK).tolist()
            stream = stream._replace(counter=stream.counter + _CHUNK // 4)

    def next64(self) -> int:
        low = self.next()
        return low | self.next() << 32

    def unit(self) -> float:
        """In [0, 1), with the bits of a float32."""
        return (self.next() & 0x7FFFFF) / 2**23

    def unit64(self) -> float:
        """In [0, 1), with the bits of a float64."""
        high = self.next() & 0xFFFFF
        return (high << 32 | self.next()) / 2**52

    def below(self, n: int, bits: int = 32) -> int:
        """An integer in [0, n), each as likely as the others."""
        draw = self.next if bits == 32 else self.next64
        if n & (n - 1) == 0:
            return draw() & (n - 1)
        rejected = (2**bits - 1) % n + 1
        while (number := draw()) < rejected:
            pass
        return number % n


class Sampler(Protocol):
    """A distribution over the classes."""

    def sample(self, words: Words) -> int:
        """Draws a class."""

    def probability(self, values: Array) -> Array:
        """The probabilities of classes, in float32."""


class Uniform:
    def __init__(self, n: int) -> None:
        self.n = n

    def sample(self, words: Words) -> int:
        return words.below(self.n, 64)

    def probability(self, values: Array) -> Array:
        return np.full(values.shape, np.float32(1 / self.n))


class LogUniform:
    """A class is about as likely as one over its number."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.log_range = math.log1p(n)

    def sample(self, words: Words) -> int:
        return (int(math.exp(words.unit64() * self.log_range)) - 1) % self.n

    def probability(self, values: Array) -> Array:
        return (np.log((values + 2.0) / (values + 1.0)) / self.log_range).astype(np.float32)


class Learned:
    """A class is as likely as it has been seen before, plus once."""

    def __init__(self, n: int) -> None:
        self.weights = np.ones(n, np.int64)

    def sample(self, words: Words) -> int:
        total = self.weights.cumsum()
        return int(np.searchsorted(total, words.below(int(total[-1])), side="right"))

    def probability(self, values: Array) -> Array:
        return self.weights[values].astype(np.float32) / np.float32(self.weights.sum())

    def see(self, values: Array) -> None:
        np.add.at(self.weights, values.ravel(), 1)


class Fixed:
    """Given weights, by the alias method."""

    def __init__(self, weights: tuple[float, ...]) -> None:
        self.weights = np.array(weights, np.float32)
        self.total = functools.reduce(lambda a, b: np.float32(a + b), self.weights, np.float32(0))
        n = len(weights)
        self.other = list(range(n))
        self.share = [1.0] * n
        parts = (self.weights.astype(np.float64) * n / math.fsum(self.weights.tolist())).tolist()
        high = [i for i in range(n) if parts[i] >= 1]
        low = [i for i in range(n) if parts[i] < 1]
        while high and low:
            few, many = low.pop(), high.pop()
            self.other[few], self.share[few] = many, float(np.float32(parts[few]))
            parts[many] -= 1 - parts[few]
            (high if parts[many] >= 1 else low).append(many)

    def sample(self, words: Words) -> int:
        unit = words.unit()
        i = words.below(len(self.share))
        return i if unit < self.share[i] else self.other[i]

    def probability(self, values: Array) -> Array:
        return self.weights[values] / self.total


# ---------------------------------------------------------------- the ops


def _shape(true: Shape, *, num_true: int, num_sampled: int, **_attrs: Any) -> tuple[Shape, Shape, Shape]:
    if true is not None and len(true) != 2:
        raise errors.invalid("true_classes must be a matrix")
    if true is not None and true[1] not in (None, num_true):
        raise errors.invalid(f"true_classes must have num_true columns, expected: {true[1]} was: {num_true}")
    return (num_sampled,), (None if true is None else true[0], num_true), (num_sampled,)


def _check(true: Array, n: int, unique: bool, num_true: int, num_sampled: int) -> None:
    for name, value in (("num_true", num_true), ("num_sampled", num_sampled), ("range_max", n)):
        if value < 1:
            raise errors.invalid(f"Value for attr '{name}' of {value} must be at least minimum 1")
    _shape(true.shape, num_true=num_true, num_sampled=num_sampled)
    if unique and num_sampled > n:
        raise errors.invalid("Sampler's range is too small.")
    outside = true[(true < 0) | (true >= n)]
    if outside.size:
        raise errors.invalid(f"`true_candidate` out of range [0, {n}), received {outside[0]}")


def _draw(sampler: Sampler, words: Words, count: int, unique: bool) -> tuple[Array, int]:
    """Samples, and how many it took to find them."""
    if not unique:
        return np.array([sampler.sample(words) for _ in range(count)], np.int64), count
    found: dict[int, None] = {}
    tries = 0
    while len(found) < count:
        found.setdefault(sampler.sample(words))
        tries += 1
    return np.array(list(found), np.int64), tries


def _expected(probability: Array, count: int, tries: int) -> Array:
    """How often classes of these probabilities are expected among the samples."""
    if tries == count:
        return probability * np.float32(count)
    single = np.log1p(-probability.astype(np.float64)).astype(np.float32) * np.float32(tries)
    return -np.expm1(single.astype(np.float64)).astype(np.float32)


def _sampled(sampler: Sampler, true: Array, stream: Stream, count: int, unique: bool) -> tuple[Array, Array, Array]:
    found, tries = _draw(sampler, Words(stream), count, unique)
    return found, *(_expected(sampler.probability(each), count, tries) for each in (true, found))


_SIGNATURE = "true_classes:int64 -> sampled_candidates:int64, true_expected_count:float, sampled_expected_count:float"


def _sampler_op(name: str, sampler: Callable[[int], Sampler]) -> Op:
    make = functools.cache(sampler)

    def kernel(
        xp: Any, true: Array, *, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: int = 0,
        seed2: int = 0,
    ) -> tuple[Array, Array, Array]:  # fmt: skip
        _check(true, range_max, unique, num_true, num_sampled)
        stream = take(name, np.dtype(np.int64), seed, seed2, num_sampled * _COUNTERS)
        return _sampled(make(range_max), true, stream, num_sampled, unique)

    return _finished(op(name, _SIGNATURE, shape=_shape, differentiable=False)(kernel))


def _finished(new: Op) -> Op:
    new.stateful = True
    only_host(new)
    return new


_uniform = _sampler_op("UniformCandidateSampler", Uniform)
_log_uniform = _sampler_op("LogUniformCandidateSampler", LogUniform)


def _unigram_op(name: str) -> Op:
    def kernel(
        xp: Any, true: Array, *, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: int = 0,
        seed2: int = 0,
    ) -> tuple[Array, Array, Array]:  # fmt: skip
        _check(true, range_max, unique, num_true, num_sampled)
        stream = take(name, np.dtype(np.int64), seed, seed2, num_sampled * _COUNTERS)
        key = name, num_true, num_sampled, unique, range_max, seed, seed2
        if stream.counter % 2**64 == 0:  # its stream begins again
            seeds.learned.pop(key, None)
        sampler = seeds.learned.setdefault(key, Learned(range_max))
        results = _sampled(sampler, true, stream, num_sampled, unique)
        sampler.see(true)
        return results

    return _finished(op(name, _SIGNATURE, shape=_shape, differentiable=False)(kernel))


_learned_unigram = _unigram_op("LearnedUnigramCandidateSampler")
_unigram = _unigram_op("ThreadUnsafeUnigramCandidateSampler")


@functools.lru_cache(maxsize=64)
def _fixed(
    vocab_file: str, distortion: float, reserved: int, num_shards: int, shard: int, unigrams: tuple[float, ...]
) -> Fixed:
    """The sampler of weights given, or in the last column of a file."""
    if bool(vocab_file) == bool(unigrams):
        both = "Must only provide one of" if vocab_file else "Must provide either"
        raise errors.invalid(f"{both} vocab_file {'and' if vocab_file else 'or'} unigrams.")
    if vocab_file:
        with open(vocab_file) as lines:
            unigrams = tuple(float(line.rpartition(",")[2]) for line in lines)
    weights = [0.0] * reserved + [float(np.float32(weight) ** np.float32(distortion)) for weight in unigrams]
    return Fixed(tuple(weights[shard::num_shards]))


@op("FixedUnigramCandidateSampler", _SIGNATURE, shape=_shape, differentiable=False)
def _fixed_unigram(
    xp: Any, true: Array, *, num_true: int, num_sampled: int, unique: bool, range_max: int, vocab_file: str = "",
    distortion: float = 1.0, num_reserved_ids: int = 0, num_shards: int = 1, shard: int = 0,
    unigrams: tuple[float, ...] = (), seed: int = 0, seed2: int = 0,
) -> tuple[Array, Array, Array]:  # fmt: skip
    sampler = _fixed(vocab_file, distortion, num_reserved_ids, num_shards, shard, tuple(unigrams))
    if len(sampler.weights) != range_max:
        raise errors.invalid(f"range is {range_max} must be equal to weights size  {len(sampler.weights)}")
    _check(true, range_max, unique, num_true, num_sampled)
    dtype = np.dtype(np.int64)
    stream = take("FixedUnigramCandidateSampler", dtype, seed, seed2, num_sampled * _COUNTERS)
    return _sampled(sampler, true, stream, num_sampled, unique)


_finished(_fixed_unigram)


@op("AllCandidateSampler", _SIGNATURE, shape=_shape, differentiable=False)
def _all(
    xp: Any, true: Array, *, num_true: int, num_sampled: int, unique: bool, seed: int = 0, seed2: int = 0
) -> tuple[Array, Array, Array]:
    _check(true, num_sampled, unique, num_true, num_sampled)
    return np.arange(num_sampled), np.ones(true.shape, np.float32), np.ones(num_sampled, np.float32)


_finished(_all)


def _hits_shape(true: Shape, sampled: Shape, *, num_true: int, **_seeds: int) -> tuple[Shape, Shape, Shape]:
    if true is not None and (len(true) != 2 or true[1] not in (None, num_true)):
        raise errors.invalid("true_candidates must be a batch_size * num_true matrix")
    if sampled is not None and len(sampled) != 1:
        raise errors.invalid(
            "sampled_candidates must be a vector, which is typically an output from CandidateSampler"
        )
    return (None,), (None,), (None,)


@op(
    "ComputeAccidentalHits", "true_classes:int64, sampled_candidates:int64 -> indices:int32, ids:int64, weights:float",
    shape=_hits_shape, differentiable=False,
)  # fmt: skip
def _accidental_hits(
    xp: Any, true: Array, sampled: Array, *, num_true: int, seed: int = 0, seed2: int = 0
) -> tuple[Array, Array, Array]:
    _hits_shape(true.shape, sampled.shape, num_true=num_true)
    places = {value: i for i, value in enumerate(sampled.tolist())}
    found = [(row, places[value]) for row, values in enumerate(true.tolist()) for value in values if value in places]
    pairs = np.array(found, np.int64).reshape(-1, 2)
    weights = np.full(len(found), -np.finfo(np.float32).max, np.float32)
    return pairs[:, 0].astype(np.int32), pairs[:, 1].copy(), weights


only_host(_accidental_hits)


# ---------------------------------------------------------------- functions


def _call(
    sampler: Op, true_classes: TensorLike, num_true: int, num_sampled: int, unique: bool, seed: int | None,
    name: str | None, **attrs: Any,
) -> Counts:  # fmt: skip
    first, second = random.get_seed(seed)
    sampled, true_count, sampled_count = sampler(
        convert(true_classes, int64), name=name, num_true=num_true, num_sampled=num_sampled, unique=unique,
        seed=first, seed2=second, **attrs,
    )  # fmt: skip
    return sampled, true_count, sampled_count


def uniform_candidate_sampler(
    true_classes: TensorLike, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: int | None = None,
    name: str | None = None,
) -> Counts:  # fmt: skip
    """Samples classes, each as likely as the others.

    Args:
      true_classes: the classes of each example, int64, (batch, num_true).
      num_true: how many classes an example has.
      num_sampled: how many samples to draw.
      unique: whether no class is drawn twice.
      range_max: the number of classes.
      seed: the op's own seed.

    Returns:
      The classes that were drawn, how often each of `true_classes` is expected among them, and how often each of
      those that were drawn.

    Raises:
      InvalidArgumentError: if the arguments do not fit, or a class is not in [0, range_max).

    >>> sampled, true_count, sampled_count = tf.random.uniform_candidate_sampler([[0, 1]], 2, 4, False, 8)
    >>> true_count.numpy(), sampled_count.numpy()
    (array([[0.5, 0.5]], dtype=float32), array([0.5, 0.5, 0.5, 0.5], dtype=float32))
    """
    return _call(_uniform, true_classes, num_true, num_sampled, unique, seed, name, range_max=range_max)


def log_uniform_candidate_sampler(
    true_classes: TensorLike, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: int | None = None,
    name: str | None = None,
) -> Counts:  # fmt: skip
    """As `uniform_candidate_sampler`, class k with the probability `log((k + 2) / (k + 1)) / log(range_max + 1)`.

    >>> _, count, _ = tf.random.log_uniform_candidate_sampler([[0, 2]], 2, 1, False, 7)
    >>> count.numpy()
    array([[0.33333334, 0.13834584]], dtype=float32)
    """
    return _call(_log_uniform, true_classes, num_true, num_sampled, unique, seed, name, range_max=range_max)


def learned_unigram_candidate_sampler(
    true_classes: TensorLike, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: int | None = None,
    name: str | None = None,
) -> Counts:  # fmt: skip
    """As `uniform_candidate_sampler`, but classes are as likely as they were true in calls before.

    >>> _, count, _ = tf.random.learned_unigram_candidate_sampler([[0, 2]], 2, 2, False, 4, seed=1)
    >>> count.numpy()
    array([[0.5, 0.5]], dtype=float32)
    """
    return _call(_learned_unigram, true_classes, num_true, num_sampled, unique, seed, name, range_max=range_max)


def fixed_unigram_candidate_sampler(
    true_classes: TensorLike, num_true: int, num_sampled: int, unique: bool, range_max: int, vocab_file: str = "",
    distortion: float = 1.0, num_reserved_ids: int = 0, num_shards: int = 1, shard: int = 0, unigrams: Any = (),
    seed: int | None = None, name: str | None = None,
) -> Counts:  # fmt: skip
    """As `uniform_candidate_sampler`, with weights that are given.

    Args:
      true_classes, num_true, num_sampled, unique, range_max, seed: as there.
      vocab_file: a file with a line for each class, its weight after the last comma.
      distortion: the power that weights are raised to.
      num_reserved_ids: so many classes of weight 0 come before those given.
      num_shards, shard: take each `num_shards`-th class, from `shard` on.
      unigrams: the weights, if there is no file.

    >>> _, count, _ = tf.random.fixed_unigram_candidate_sampler([[0, 1]], 2, 1, False, 2, unigrams=[3.0, 1.0])
    >>> count.numpy()
    array([[0.75, 0.25]], dtype=float32)
    """
    return _call(
        _fixed_unigram, true_classes, num_true, num_sampled, unique, seed, name, range_max=range_max,
        vocab_file=vocab_file, distortion=float(distortion), num_reserved_ids=num_reserved_ids, num_shards=num_shards,
        shard=shard, unigrams=tuple(map(float, unigrams)),
    )  # fmt: skip


def all_candidate_sampler(
    true_classes: TensorLike, num_true: int, num_sampled: int, unique: bool, seed: int | None = None,
    name: str | None = None,
) -> Counts:  # fmt: skip
    """All classes, `num_sampled` in number, each once.

    >>> tf.random.all_candidate_sampler([[0, 1]], 2, 3, True)[0].numpy()
    array([0, 1, 2])
    """
    return _call(_all, true_classes, num_true, num_sampled, unique, seed, name)


def compute_accidental_hits(
    true_classes: TensorLike, sampled_candidates: TensorLike, num_true: int, seed: int | None = None,
    name: str | None = None,
) -> Counts:  # fmt: skip
    """Where samples are true classes.

    Args:
      true_classes: the classes of each example, (batch, num_true).
      sampled_candidates: the samples, a vector.
      num_true: how many classes an example has.
      seed: has no effect.

    Returns:
      The examples, the places in `sampled_candidates`, and for each such pair the lowest float32.

    >>> rows, places, _ = tf.nn.compute_accidental_hits([[3], [5]], [5, 7], 1)
    >>> rows.numpy(), places.numpy()
    (array([1], dtype=int32), array([0]))
    """
    first, second = random.get_seed(seed)
    rows, places, weights = _accidental_hits(
        convert(true_classes, int64), convert(sampled_candidates, int64), name=name, num_true=num_true, seed=first,
        seed2=second,
    )  # fmt: skip
    return rows, places, convert(weights, float32)
