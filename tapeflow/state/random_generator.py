"""`tf.random.Generator`: a source of random numbers that keeps its place in a Variable."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.context import context
from ..base.context import seeds as program
from ..base.dtypes import as_dtype
from ..core.convert import convert
from ..core.op import OPS
from ..core.symbol import Symbol
from ..core.tensor import Tensor, TensorLike
from ..ops import philox, random, random_ops
from ..ops.layout import reshape
from . import updates
from .variable import Variable

_WRAP = 2**64


def _signed(value: int) -> int:
    value %= _WRAP
    return value - _WRAP if value >= _WRAP // 2 else value


def create_rng_state(seed: int, alg: Any = "philox") -> list[int]:
    """The state of a generator made from a seed: three integers of 64 bits, of which the seed is the first.

    >>> tf.random.create_rng_state(7, "philox")
    [7, 0, 0]
    """
    random.algorithm(alg)
    return [_signed(int(seed) >> 64 * i) for i in range(3)]


class Generator:
    """A source of random numbers: calls go on where the last one stopped.

    Made by `from_seed`, `from_state` or `from_non_deterministic_state`. The state is a Variable of a counter of 128
    bits (two integers) and a key.

    >>> one, other = tf.random.Generator.from_seed(7), tf.random.Generator.from_seed(7)
    >>> bool(tf.reduce_all(one.normal([3]) == other.normal([3])))
    True
    """

    def __init__(self, copy_from: Generator | None = None, state: Any = None, alg: Any = None) -> None:
        if copy_from is not None:
            if state is not None or alg is not None:
                raise ValueError("`copy_from` cannot be given together with `state` or `alg`.")
            state, alg = copy_from.state, copy_from.algorithm
        elif state is None or alg is None:
            raise ValueError("`state` and `alg` are both needed, or `copy_from`.")
        self._algorithm = random.algorithm(alg)
        self._state = Variable(convert(state, dtypes.int64), trainable=False, dtype=dtypes.int64, name="StateVar")

    @classmethod
    def from_state(cls, state: Any, alg: Any) -> Generator:
        """A generator with a given state."""
        return cls(state=state, alg=alg)

    @classmethod
    def from_seed(cls, seed: int, alg: Any = None) -> Generator:
        """A generator that starts where an integer says."""
        alg = "philox" if alg is None else alg
        return cls(state=create_rng_state(seed, alg), alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """A generator that starts somewhere else in each run."""
        return cls.from_seed(int.from_bytes(os.urandom(24), "little"), alg)

    @property
    def state(self) -> Variable:
        """The counter and the key."""
        return self._state

    @property
    def algorithm(self) -> int:
        """The number of the algorithm; 1, Philox."""
        return self._algorithm

    @property
    def key(self) -> Tensor:
        """The key alone."""
        key: Tensor = self._state[2]
        return key

    def reset(self, state: Any) -> None:
        """Sets the state."""
        self._state.assign(convert(state, dtypes.int64))

    def reset_from_seed(self, seed: int) -> None:
        """Sets the state to that of a generator from this seed."""
        self.reset(create_rng_state(seed, self._algorithm))

    def reset_from_key_counter(self, key: Any, counter: Any) -> None:
        """Sets the key, and the two integers of the counter."""
        self.reset(OPS["ConcatV2"](convert(counter, dtypes.int64), reshape(convert(key, dtypes.int64), [1]), 0))

    def skip(self, delta: int) -> Tensor:
        """Goes on as if `delta` numbers had been drawn; returns the state before."""
        before: Tensor = self._state.read_value()
        if context.graph is not None:
            updates.traced(self._state, _SKIP, OPS["Cast"](convert(delta), DstT=dtypes.int64))
        else:
            self._state.assign(_skipped(before.numpy(), int(delta)))
        return before

    def _place(self, shape: Any) -> tuple[Tensor, Tensor, int]:
        """The key and the counter with which to draw, set aside."""
        sizes = convert(shape, hint=dtypes.int32)
        count = (
            OPS["Prod"](sizes, 0, keep_dims=False) if isinstance(sizes, Symbol) else math.prod(sizes.numpy().tolist())
        )
        state = OPS["Cast"](self.skip(count), DstT=dtypes.uint64)
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
        minval: TensorLike = 0,
        maxval: TensorLike | None = None,
        dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:
        """As `tf.random.uniform`."""
        kind = as_dtype(dtype)
        if kind.is_integer:
            if maxval is None:
                raise ValueError(f"Must specify maxval for integer dtype {kind!r}")
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

    def make_seeds(self, count: int = 1) -> Tensor:
        """Seeds for stateless functions, (2, count)."""
        keys = self.uniform_full_int([count], dtypes.int64)
        seeds: Tensor = OPS["Pack"](keys, OPS["ZerosLike"](keys), axis=0)
        return seeds

    def split(self, count: int = 1) -> list[Generator]:
        """`count` independent generators."""
        keys = self.uniform_full_int([count], dtypes.int64)
        return [Generator(state=[0, 0, int(key)], alg=self._algorithm) for key in keys]


def _skipped(state: Any, delta: int) -> Any:
    """The state after `delta` numbers."""
    low, high, key = state.tolist()
    counter = (low % _WRAP) + ((high % _WRAP) << 64) + delta * philox.RESERVED
    return np.array([_signed(counter), _signed(counter >> 64), key], np.int64)


def _skipped_on_xla(jax: Any, state: Any, delta: Any) -> Any:
    whole = state.astype(np.uint64)
    low = whole[0] + (delta * philox.RESERVED).astype(np.uint64)
    return jax.numpy.stack([low, whole[1] + (low < whole[0]), whole[2]]).astype(np.int64)


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
