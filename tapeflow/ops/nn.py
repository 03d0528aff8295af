"""Biases and dropout."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

from ..base import errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host_arrays
from . import random
from .broadcasting import broadcast_to
from .common import shape_of
from .layout import reshape
from .windows import FORMATS, one_of
from .xla_kernels import column_sums


def _bias_shape(value: Shape, bias: Shape, *, data_format: str = "NHWC") -> Shape:
    one_of("data_format", data_format, FORMATS)
    if value is not None and len(value) < 2:
        raise errors.invalid(f"Input tensor must be at least 2D: {shapes.show(value)}")
    if bias is not None and len(bias) != 1:
        raise errors.invalid(f"Biases must be 1D: {shapes.show(bias)}")
    if value is None or bias is None:
        return value
    axis = 1 if data_format == "NCHW" else len(value) - 1
    if value[axis] is not None and bias[0] not in (None, value[axis]):
        raise errors.invalid(
            "Must provide as many biases as the last dimension of the input tensor: "
            f"{shapes.show(bias)} vs. {shapes.show(value)}"
        )
    return (*value[:axis], bias[0] if value[axis] is None else value[axis], *value[axis + 1 :])


@op("BiasAdd", "value:T, bias:T -> output:T", shape=_bias_shape, T=types.NUMBERS)
def _bias_add(xp: Any, value: Array, bias: Array, *, data_format: str = "NHWC") -> Array:
    last = data_format == "NHWC"
    if not last or value.ndim < 2 or bias.shape != value.shape[-1:]:
        _bias_shape(value.shape, bias.shape, data_format=data_format)
    return xp.add(value, bias if last else bias.reshape(-1, *[1] * (value.ndim - 2)))


@_bias_add.on("host")
def _(xp: Any, value: Array, bias: Array, *, data_format: str = "NHWC") -> Array:
    last = data_format == "NHWC"
    if not last or value.ndim < 2 or bias.shape != value.shape[-1:]:
        _bias_shape(value.shape, bias.shape, data_format=data_format)
        bias = bias.reshape(-1, *[1] * (value.ndim - 2))
    if value.size < host_arrays.MANY:
        return xp.add(value, bias)
    big = value.size >= host_arrays.BIG_CHEAP
    return host_arrays.split(xp.add, value, bias) if big else host_arrays.with_row(xp.add, value, bias)


def _bias_grad_shape(g: Shape, *, data_format: str = "NHWC") -> Shape:
    if g is None:
        return (None,)
    if len(g) < 2:
        raise errors.invalid(f"Input tensor must be at least 2D: {shapes.show(g)}")
    return (g[1 if data_format == "NCHW" else -1],)


def _summed_axes(g: Array, data_format: str) -> tuple[int, ...]:
    _bias_grad_shape(g.shape, data_format=data_format)
    return (0, *range(2, g.ndim)) if data_format == "NCHW" else tuple(range(g.ndim - 1))


@op("BiasAddGrad", "out_backprop:T -> output:T", shape=_bias_grad_shape, T=types.NUMBERS)
def _bias_add_grad(xp: Any, g: Array, *, data_format: str = "NHWC") -> Array:
    return xp.sum(g, axis=_summed_axes(g, data_format), dtype=g.dtype)


@_bias_add_grad.on("host")
def _(xp: Any, g: Array, *, data_format: str = "NHWC") -> Array:
    return host_arrays.reduce(xp.add, g, _summed_axes(g, data_format))


@_bias_add_grad.on("xla")
def _(jax: Any, g: Array, *, data_format: str) -> Array:
    axes = _summed_axes(g, data_format)
    if axes == tuple(range(g.ndim - 1)) and jax.numpy.issubdtype(g.dtype, jax.numpy.floating):
        return column_sums(jax, g)
    return g.sum(axes, dtype=g.dtype)


@_bias_add.gradient
def _(g: Any, _y: Any, _value: Any, _bias: Any, *, data_format: str) -> Any:
    return g, lambda: _bias_add_grad(g, data_format=data_format)


@_bias_add_grad.gradient
def _(g: Any, _b: Any, value_shape: Any, *, data_format: str) -> Any:
    if data_format == "NCHW":
        g = reshape(g, (-1, *[1] * (len(value_shape) - 2)))
    return broadcast_to(g, value_shape)


def bias_add(value: TensorLike, bias: TensorLike, data_format: str | None = None, name: str | None = None) -> Tensor:
    """Adds a number to each channel.

    Args:
      value: at least two dimensions.
      bias: a vector with a number for each channel.
      data_format: channels are second if it begins with "NC", otherwise last.

    Raises:
      ValueError: for another `data_format`.
      InvalidArgumentError: if the shapes do not fit.

    >>> tf.nn.bias_add([[0.0, 0.0]], [1.0, 2.0]).numpy()
    array([[1., 2.]], dtype=float32)
    """
    order = "NHWC"
    if data_format is not None:
        if data_format.startswith("NC"):
            order = "NCHW"
        elif not (data_format.startswith("N") and data_format.endswith("C")):
            raise ValueError(
                f"`data_format` must be of the form `N...C` or `NC...`. Received: data_format={data_format}"
            )
    added: Tensor = _bias_add(value, bias, name=name, data_format=order)
    return added


# ---------------------------------------------------------------- dropout


def dropout(
    x: TensorLike, rate: TensorLike, noise_shape: Any = None, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Sets elements to 0 at random, and scales the others up so that the sum is about the same.

    Args:
      x: floats.
      rate: the part that is set to 0, at least 0 and less than 1; a number, or a scalar tensor.
      noise_shape: the shape in which elements are chosen, broadcast to that of `x`; None in it is a size of `x`.
      seed: the op's own seed.

    Raises:
      ValueError: for a `rate` or dtype that is not right.

    >>> tf.nn.dropout([1.0, 2.0], rate=0).numpy()
    array([1., 2.], dtype=float32)
    """
    return _dropped(x, rate, lambda shape, dtype: random.uniform(shape, dtype=dtype, seed=seed), noise_shape, seed)


def stateless_dropout(
    x: TensorLike,
    rate: TensorLike,
    seed: TensorLike,
    rng_alg: Any = None,
    noise_shape: Any = None,
    name: str | None = None,
) -> Tensor:
    """As `dropout`, but what is chosen depends on `seed`, two integers, and on nothing else.

    >>> tf.nn.experimental.stateless_dropout(tf.ones([2, 3]), 0.5, seed=[1, 2]).numpy()
    array([[2., 0., 2.],
           [0., 0., 2.]], dtype=float32)
    """
    alg = "auto_select" if rng_alg is None else rng_alg
    return _dropped(
        x, rate, lambda shape, dtype: random.stateless_uniform(shape, seed, dtype=dtype, alg=alg), noise_shape
    )


def general_dropout(
    x: TensorLike,
    rate: TensorLike,
    uniform_sampler: Callable[..., Tensor],
    noise_shape: Any = None,
    name: str | None = None,
) -> Tensor:
    """As `dropout`, with numbers in [0, 1) from `uniform_sampler(shape=..., dtype=...)`.

    >>> tf.nn.experimental.general_dropout([1.0, 2.0], 0.5, lambda shape, dtype: tf.constant([0.1, 0.9])).numpy()
    array([0., 4.], dtype=float32)
    """
    return _dropped(x, rate, lambda shape, dtype: uniform_sampler(shape=shape, dtype=dtype), noise_shape)


def _dropped(
    x: TensorLike, rate: Any, sample: Callable[[Any, Any], Tensor], noise_shape: Any, seed: int | None = None
) -> Tensor:
    number = isinstance(rate, numbers.Real)
    if number and not 0 <= rate < 1:
        raise ValueError(f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate}")
    values = convert(x)
    dtype = values.dtype
    if not dtype.is_floating:
        raise ValueError(
            "`x.dtype` must be a floating point tensor as `x` will be scaled. "
            f"Received: x_dtype=<dtype: '{dtype.name}'>"
        )
    if number and rate == 0:
        random.get_seed(seed)  # later ops draw the same numbers as if this one had drawn
        return values
    if number:
        scaled = values * (1 / (1 - rate))
    else:
        scaled = values / (1 - _scalar_rate(rate, values))
    chosen = sample(_noise_shape(values, noise_shape), dtype) >= rate
    kept: Tensor = OPS["SelectV2"](chosen, scaled, convert(0.0, dtype))
    return kept


def _scalar_rate(rate: Any, values: Tensor) -> Tensor:
    if not isinstance(rate, Tensor) and not hasattr(rate, "__tf_tensor__"):
        raise ValueError(f"`rate` must be a scalar or scalar tensor. Received: rate={rate}")
    tensor = convert(rate)
    if tensor.dtype != values.dtype:
        raise ValueError(
            "`x.dtype` must be compatible with `rate.dtype`. "
            f"Received: x.dtype=<dtype: '{values.dtype.name}'> and rate.dtype=<dtype: '{tensor.dtype.name}'>"
        )
    return tensor


def _noise_shape(x: Tensor, noise_shape: Any) -> Any:
    sizes = shape_of(x)
    if noise_shape is None:
        return sizes
    if isinstance(noise_shape, Tensor):
        return noise_shape
    given = list(noise_shape)
    if len(given) != len(sizes):
        return given
    return [size if wanted is None else wanted for wanted, size in zip(given, sizes, strict=True)]
