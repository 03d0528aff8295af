"""Objects that make first values of Variables: `tf.zeros_initializer` and its like."""

from __future__ import annotations

import math
from typing import Any

from ..base.dtypes import DType, as_dtype, float32
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor
from ..ops import random

_PARTITION = ("partition_shape", "partition_offset")


class Initializer:
    """Makes a Tensor of a given shape and dtype when called; the settings are attributes of the same names."""

    def __call__(self, shape: Any, dtype: Any = float32, **kwargs: Any) -> Tensor:
        """The value.

        Args:
          shape: the shape.
          dtype: the dtype.
          **kwargs: `partition_shape`, the shape to make instead, and `partition_offset`, for parts of large Variables.

        Raises:
          TypeError, ValueError: for another keyword argument, or a dtype that does not fit.
        """
        for key in kwargs:
            if key not in _PARTITION:
                raise TypeError(f"Keyword argument should be one of {list(_PARTITION)}. Received: {key}")
        wanted = kwargs.get("partition_shape") or shape
        sizes = TensorShape(wanted)
        sizes.assert_is_fully_defined()
        return self._make(tuple(size or 0 for size in sizes), None if dtype is None else as_dtype(dtype))

    def _make(self, shape: tuple[int, ...], dtype: DType | None) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} does not say what it makes")

    def get_config(self) -> dict[str, Any]:
        """The settings, from which `from_config` makes an equal initializer."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """An initializer with these settings."""
        return cls(**{key: value for key, value in config.items() if key != "dtype"})


class Zeros(Initializer):
    """Makes zeros, of any dtype but string.

    >>> tf.zeros_initializer()([2], tf.int32)
    <tf.Tensor: shape=(2,), dtype=int32, numpy=array([0, 0], dtype=int32)>
    """

    def _make(self, shape: tuple[int, ...], dtype: DType | None) -> Tensor:
        return _filled(shape, 0, dtype or float32)


class Ones(Initializer):
    """Makes ones, of any dtype but string.

    >>> tf.ones_initializer()([2]).numpy()
    array([1., 1.], dtype=float32)
    """

    def _make(self, shape: tuple[int, ...], dtype: DType | None) -> Tensor:
        return _filled(shape, 1, dtype or float32)


class Constant(Initializer):
    """Makes a given value.

    Args:
      value: one for all elements, or as many as there will be elements, in order.
      support_partition: whether it may be called with `partition_shape`.

    >>> tf.constant_initializer([1.0, 2.0])([1, 2])
    <tf.Tensor: shape=(1, 2), dtype=float32, numpy=array([[1., 2.]], dtype=float32)>
    """

    def __init__(self, value: Any = 0, support_partition: bool = False) -> None:
        self.value = value
        self.support_partition = support_partition

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        """The value; its dtype is its own unless given.

        Raises:
          TypeError: if it has neither one element nor as many as the shape asks for.
          ValueError: if it is partitioned, but does not support that.
        """
        if not self.support_partition and any(kwargs.get(key) is not None for key in _PARTITION):
            raise ValueError(f"{type(self).__name__} initializer doesn't support partition-related arguments")
        return super().__call__(shape, dtype, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """The settings, from which `from_config` makes an equal initializer."""
        return {"value": self.value}

    def _make(self, shape: tuple[int, ...], dtype: DType | None) -> Tensor:
        value = convert(self.value, dtype)
        have, want = value.shape.num_elements() or 0, math.prod(shape)
        if have != want and have != 1:
            raise TypeError(
                f"Eager execution of tf.constant with unsupported shape. Tensor {value.numpy()} (converted from "
                f"{self.value}) has {have} elements, but got `shape` {shape} with {want} elements)."
            )
        if have == want:
            whole: Tensor = OPS["Reshape"](value, shape)
            return whole
        filled: Tensor = OPS["Fill"](shape, OPS["Reshape"](value, ()))
        return filled


class RandomNormal(Initializer):
    """Draws numbers from a normal distribution.

    Args:
      mean: the mean.
      stddev: the standard deviation.
      seed: the op's own seed.

    >>> tf.random_normal_initializer(seed=1)([2, 3]).shape
    TensorShape([2, 3])
    """

    def __init__(self, mean: Any = 0.0, stddev: Any = 0.05, seed: int | None = None) -> None:
        self.mean = mean
        self.stddev = stddev
        self.seed = seed

    def _make(self, shape: tuple[int, ...], dtype: DType | None) -> Tensor:
        dtype = dtype or float32
        if not dtype.is_floating:
            raise ValueError(f"Argument `dtype` is expected to be floating point. Received: {dtype!s}.")
        return random.normal(shape, self.mean, self.stddev, dtype, self.seed)


class RandomUniform(Initializer):
    """Draws numbers evenly from [minval, maxval).

    Args:
      minval: the lower bound, included.
      maxval: the upper bound, not included; 1 by default for floats, needed for integers.
      seed: the op's own seed.

    >>> tf.random_uniform_initializer(seed=1)([2, 3]).shape
    TensorShape([2, 3])
    """

    def __init__(self, minval: Any = -0.05, maxval: Any = 0.05, seed: int | None = None) -> None:
        self.minval = minval
        self.maxval = maxval
        self.seed = seed

    def _make(self, shape: tuple[int, ...], dtype: DType | None) -> Tensor:
        dtype = dtype or float32
        if not (dtype.is_floating or dtype.is_integer):
            raise ValueError(f"Argument `dtype` expected to be numeric or boolean. Received {dtype!s}.")
        return random.uniform(shape, self.minval, self.maxval, dtype, self.seed)


zeros_initializer = Zeros
ones_initializer = Ones
constant_initializer = Constant
random_normal_initializer = RandomNormal
random_uniform_initializer = RandomUniform


def _filled(shape: tuple[int, ...], value: int, dtype: DType) -> Tensor:
    if not (dtype.is_floating or dtype.is_integer or dtype.is_complex or dtype.is_bool):
        raise ValueError(f"Argument `dtype` expected to be numeric or boolean. Received {dtype!s}.")
    filled: Tensor = OPS["Fill"](shape, convert(bool(value) if dtype.is_bool else value, dtype))
    return filled
