"""`tf.random.Generator`: a source of random numbers that keeps its place in a Variable."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.context import context
from ..base.context import seeds as program
from ..base.dtypes import as_dtype
from ..core.convert import convert
from ..core.op import OPS
from ..core.symbol import Symbol
from ..core.tensor import Tensor, TensorLike
from ..ops import philox, random, random_bounded, random_ops
from ..ops.common import shape_of
from ..ops.layout import reshape
from . import updates
from .variable import Variable

_WRAP = 2**64
_LOW = 2**32 - 1


def _signed(value: int) -> int:
    value %= _WRAP
    return value - _WRAP if value >= _WRAP // 2 else value


def _state_size(alg: int) -> int:
    """How many integers a state has: a counter of two (ThreeFry: one), and a key."""
    return 2 if alg == 2 else 3


def create_rng_state(seed: Any, alg: Any) -> Any:
    """The state of a generator made from a seed: integers of 64 bits.

    Args:
      seed: an int, of which the state gets 64 bits in each of its integers, the lowest first; or an integer tensor or
        list, that is filled up with zeros in front.
      alg: the algorithm, "philox", "threefry" or "auto_select".

    >>> tf.random.create_rng_state(7, "philox")
    [7, 0, 0]
    """
    size = _state_size(random.algorithm(alg))
    if isinstance(seed, int) and not isinstance(seed, bool):
        return [_signed(seed >> 64 * i) for i in range(size)]
    words = reshape(OPS["Cast"](convert(seed), DstT=dtypes.int64), [-1])
    count = words.shape[0]
    if count is None or count >= size:
        return words[:size]
    return OPS["ConcatV2"]([0] * (size - count), words, 0)


class Generator:
    """A source of random numbers: calls go on where the last one stopped.

    Made by `from_seed`, `from_state`, `from_key_counter` or `from_non_deterministic_state` (or of `state` and `alg`
    together, or of `copy_from` alone; else an AssertionError is raised). The state is a Variable of
    a counter of 128 bits (two integers) and a key.

    >>> one, other = tf.random.Generator.from_seed(7), tf.random.Generator.from_seed(7)
    >>> bool(tf.reduce_all(one.normal([3]) == other.normal([3])))
    True
    """

    def __init__(self, copy_from: Generator | None = None, state: Any = None, alg: Any = None) -> None:
        if copy_from is not None:
            if state is not None or alg is not None:
                raise AssertionError
            state, alg = copy_from.state, copy_from.algorithm
        if state is None or alg is None:
            raise AssertionError
        self._algorithm = random.algorithm(alg)
        self._state = Variable(self._checked(state), trainable=False, dtype=dtypes.int64, name="StateVar")

    def _checked(self, state: Any) -> Tensor:
        tensor = _integers(state)
        tensor.shape.assert_is_compatible_with([_state_size(self._algorithm)])
        return tensor

    @classmethod
    def from_state(cls, state: Any, alg: Any) -> Generator:
        """A generator with a given state."""
        return cls(state=state, alg=alg)

    @classmethod
    def from_seed(cls, seed: Any, alg: Any = None) -> Generator:
        """A generator that starts where a seed says, as `create_rng_state` takes it."""
        alg = "philox" if alg is None else alg
        return cls(state=create_rng_state(seed, alg), alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """A generator that starts somewhere else in each run."""
        return cls.from_seed(int.from_bytes(os.urandom(24), "little"), alg)

    @classmethod
    def from_key_counter(cls, key: Any, counter: Any, alg: Any) -> Generator:
        """A generator with a key, an integer, and a counter, two of them.

        >>> tf.random.Generator.from_key_counter(1, [2, 3], "philox").state.numpy()
        array([2, 3, 1])
        """
        number = random.algorithm(alg)
        return cls(state=_joined(key, counter, number), alg=number)

    @property
    def state(self) -> Variable:
        """The counter and the key."""
        return self._state

    @property
    def algorithm(self) -> int:
        """The number of the algorithm, as in `tf.random.Algorithm`."""
        return self._algorithm

    @property
    def key(self) -> Tensor:
        """The key alone."""
        key: Tensor = self._state[_state_size(self._algorithm) - 1]
        return key

    def reset(self, state: Any) -> None:
        """Sets the state."""
        self._state.assign(self._checked(state))

    def reset_from_seed(self, seed: Any) -> None:
        """Sets the state to that of a generator from this seed."""
        self.reset(create_rng_state(seed, self._algorithm))

    def reset_from_key_counter(self, key: Any, counter: Any) -> None:
        """Sets the key, and the two integers of the counter."""
        self.reset(_joined(key, counter, self._algorithm))

    def skip(self, delta: int) -> Tensor:
        """Goes on as if `delta` numbers had been drawn; returns the state before."""
        if self._algorithm == 2:
            raise errors.UnimplementedError(None, None, "Non-XLA devices don't support the ThreeFry algorithm.")
        before: Tensor = self._state.read_value()
        if context.graph is not None:
            updates.traced(self._state, _SKIP, OPS["Cast"](convert(delta), DstT=dtypes.int64))
        else:
            self._state.assign(_skipped(before.numpy(), int(delta)))
        return before

    def _place(self, shape: Any) -> tuple[Tensor, Tensor, int]:
        """The key and the counter with which to draw, set aside."""
        state = OPS["Cast"](self.skip(_count(shape)), DstT=dtypes.uint64)
        return state[2:], state[:2], self._algorithm

    def normal(
        self,
        shape: Any,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:
        """As `tf.random.normal`."""
        kind = as_dtype(dtype)
        unit = random_ops.stateless_random_normal(shape, *self._place(shape), name=name, dtype=kind)
        return random.scaled(unit, stddev, mean, kind)

    def truncated_normal(
        self,
        shape: Any,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:
        """As `tf.random.truncated_normal`."""
        kind = as_dtype(dtype)
        unit = random_ops.stateless_random_truncated(shape, *self._place(shape), name=name, dtype=kind)
        return random.scaled(unit, stddev, mean, kind)

    def uniform(
        self,
        shape: Any,
        minval: TensorLike | None = 0,
        maxval: TensorLike | None = None,
        dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:
        """As `tf.random.uniform`; integers without bounds are drawn from all that the dtype has."""
        kind = as_dtype(dtype)
        if kind.is_integer:
            if (minval is None) != (maxval is None):
                raise ValueError(
                    f"For integer dtype {kind!r}, minval and maxval must be both `None` or both non-`None`; "
                    f"got minval={minval} and maxval={maxval}"
                )
            if minval is None:
                return self.uniform_full_int(shape, kind, name)
            low, high = convert(minval, kind), convert(maxval, kind)
            whole: Tensor = random_ops.stateless_random_uniform_int(shape, *self._place(shape), low, high, name=name)
            return whole
        unit = random_ops.stateless_random_uniform(shape, *self._place(shape), name=name, dtype=kind)
        return random.uniform_floats(unit, minval, 1 if maxval is None else maxval, kind)

    def uniform_full_int(self, shape: Any, dtype: Any = dtypes.uint64, name: str | None = None) -> Tensor:
        """Integers evenly from all that the dtype has."""
        kind = as_dtype(dtype)
        whole: Tensor = random_ops.stateless_random_full_int(shape, *self._place(shape), name=name, dtype=kind)
        return whole

    def binomial(
        self, shape: Any, counts: TensorLike, probs: TensorLike, dtype: Any = dtypes.int32, name: str | None = None
    ) -> Tensor:
        """As `tf.random.stateless_binomial`: how many of `counts` trials succeed, each with probability `probs`.

        >>> tf.random.Generator.from_seed(1).binomial([2], 1000.0, 0.5).shape
        TensorShape([2])
        """
        n, p = convert(counts), convert(probs)
        if not n.dtype.is_floating:
            raise errors.InvalidArgumentError(
                None, None, f"No OpKernel was registered to support Op 'StatefulRandomBinomial' with T={n.dtype!r}"
            )
        both: Any = shapes.broadcast(shape_of(n), shape_of(p))
        batch = max(math.prod(both), 1)
        counters = batch * random_bounded.SKIPPED * (_count(shape) // batch + 3) // 4
        state = OPS["Cast"](self.skip(counters), DstT=dtypes.uint64)
        drawn: Tensor = random_bounded.keyed_random_binomial(
            shape, state[2:], state[:2], self._algorithm, n, p, name=name, dtype=as_dtype(dtype)
        )
        return drawn

    def make_seeds(self, count: int = 1) -> Tensor:
        """Seeds for stateless functions, (2, count)."""
        keys = self.uniform_full_int([count], dtypes.int64)
        seeds: Tensor = OPS["Pack"](keys, OPS["ZerosLike"](keys), axis=0)
        return seeds

    def split(self, count: int = 1) -> list[Generator]:
        """`count` independent generators."""
        keys = self.uniform_full_int([count], dtypes.int64)
        counter = [0] * (_state_size(self._algorithm) - 1)
        return [Generator(state=[*counter, int(key)], alg=self._algorithm) for key in keys]


def _count(shape: Any) -> Any:
    """How many numbers a shape holds; a Tensor in a graph."""
    sizes = convert(shape, hint=dtypes.int32)
    if isinstance(sizes, Symbol):
        return OPS["Prod"](sizes, 0, keep_dims=False)
    return math.prod(sizes.numpy().tolist())


def _integers(values: Any) -> Tensor:
    """Integers of 64 bits; of unsigned ones the bits."""
    tensor = convert(values, dtypes.int64) if isinstance(values, (list, tuple, int)) else convert(values)
    cast: Tensor = tensor if tensor.dtype == dtypes.int64 else OPS["Cast"](tensor, DstT=dtypes.int64)
    return cast


def _joined(key: Any, counter: Any, alg: int) -> Tensor:
    """A state of a counter and a key."""
    words = _integers(counter)
    words.shape.assert_is_compatible_with([_state_size(alg) - 1])
    joined: Tensor = OPS["ConcatV2"](words, reshape(_integers(key), [1]), 0)
    return joined


def _skipped(state: Any, delta: int) -> Any:
    """The state after `delta` numbers; the carry is lost where TensorFlow, that adds halves of 32 bits, loses it."""
    low, high, key = state.tolist()
    count = delta * philox.RESERVED % _WRAP
    after = (low + count) % _WRAP
    upper = (count >> 32) + (after & _LOW < count & _LOW) & _LOW
    return np.array([_signed(after), _signed(high + (after >> 32 < upper)), key], np.int64)


def _skipped_on_xla(jax: Any, state: Any, delta: Any) -> Any:
    low, high, key = state.astype(np.uint64)
    count, mask = (delta * philox.RESERVED).astype(np.uint64), np.uint64(_LOW)
    after = low + count
    upper = (count >> 32) + ((after & mask) < (count & mask)) & mask
    return jax.numpy.stack([after, high + (after >> 32 < upper), key]).astype(np.int64)


_SKIP = updates.update(
    "RngSkip", "delta:int64", _skipped_on_xla, lambda handle, delta: handle.write(_skipped(handle.read(), int(delta)))
)


def get_global_generator() -> Generator:
    """The program's generator; the first call makes one with a state that is new in each run.

    >>> tf.random.get_global_generator() is tf.random.get_global_generator()
    True
    """
    if program.generator is None:
        program.generator = Generator.from_non_deterministic_state()
    generator: Generator = program.generator
    return generator


def set_global_generator(generator: Generator) -> None:
    """Makes `generator` the program's generator.

    >>> tf.random.set_global_generator(tf.random.Generator.from_seed(7))
    """
    program.generator = generator
