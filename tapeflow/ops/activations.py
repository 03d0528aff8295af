"""Activation functions of neural networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import shapes
from ..base.dtypes import bfloat16, float16, float32, float64, qint8
from ..core import types
from ..core.convert import convert
from ..core.execute import binary, execute
from ..core.op import OPS, Op, op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host_arrays
from .arithmetic import sign
from .clipping import clip_by_value
from .common import NO_ATTRS, elementwise_op, in_pieces, in_single, scalar, select, zeros_like
from .comparison import quick_where
from .elementwise import sigmoid, tanh

_FLOATS = (float16, bfloat16, float32, float64)


def _activation(name: str, kernel: Any, grad: Any) -> Op:
    """The op of a kernel `(xp, where, x)`, done in pieces on the host."""
    new = elementwise_op(name, "features:T -> activations:T", _portable(kernel), grad, T=_FLOATS)
    new.on("host")(_in_pieces(kernel))
    return new


def _slope(name: str, kernel: Any, grad: Any, second: str = "features") -> Op:
    """The op that multiplies a gradient by the slope of an activation, of a kernel `(xp, where, g, x)`."""
    signature = f"gradients:T, {second}:T -> backprops:T"
    new = elementwise_op(name, signature, _portable(kernel), grad, shape=shapes.merge, T=_FLOATS)
    new.on("host")(_in_pieces(kernel))
    return new


def _portable(kernel: Any) -> Any:
    return in_single(lambda xp, *arrays, **attrs: kernel(xp, xp.where, *arrays, **attrs))


def _in_pieces(kernel: Any) -> Any:
    return in_pieces(in_single(lambda np, *arrays, **attrs: kernel(np, quick_where, *arrays, **attrs)))


# ---------------------------------------------------------------- the rectified linear unit and its kin

_relu_grad: Op = elementwise_op(
    "ReluGrad", "gradients:T, features:T -> backprops:T", lambda xp, g, x: xp.where(x > 0, g, g * 0),
    lambda g, _z, _gradients, x: (_relu_grad(g, x), zeros_like(x)), shape=shapes.merge, T=types.REALS,
)  # fmt: skip
_relu_grad.on("host")(lambda np, g, x: host_arrays.relu_gradient(g, x))
_through_relu = binary(_relu_grad, _relu_grad, lambda g, x, out: host_arrays.relu_gradient(g, x))

_relu = elementwise_op(
    "Relu", "features:T -> activations:T", lambda xp, x: xp.maximum(x, x.dtype.type(0)),
    lambda g, y, _x: _through_relu(g, y), T=(*types.REALS, qint8),
)  # fmt: skip

_relu.on("host")(lambda np, x: host_arrays.relu(x))

_relu6_grad: Op = elementwise_op(
    "Relu6Grad", "gradients:T, features:T -> backprops:T", lambda xp, g, x: g * ((x > 0) & (x < 6)),
    lambda g, _z, _gradients, x: (_relu6_grad(g, x), zeros_like(x)), shape=shapes.merge, T=types.REALS,
)  # fmt: skip

_relu6 = elementwise_op(
    "Relu6", "features:T -> activations:T",
    lambda xp, x: xp.minimum(xp.maximum(x, x.dtype.type(0)), x.dtype.type(6)),
    lambda g, y, _x: _relu6_grad(g, y), T=types.REALS,
)  # fmt: skip


def relu(features: TensorLike, name: str | None = None) -> Tensor:
    """`max(features, 0)`. At 0 the gradient is 0.

    >>> print(tf.nn.relu([-1.0, 2.0]))
    tf.Tensor([0. 2.], shape=(2,), dtype=float32)
    """
    return execute(_relu, (features,), NO_ATTRS, name)  # type: ignore[no-any-return]


def relu6(features: TensorLike, name: str | None = None) -> Tensor:
    """`min(max(features, 0), 6)`.

    >>> print(tf.nn.relu6([-1.0, 2.0, 8.0]))
    tf.Tensor([0. 2. 6.], shape=(3,), dtype=float32)
    """
    return execute(_relu6, (features,), NO_ATTRS, name)  # type: ignore[no-any-return]


@op("LeakyReluGrad", "gradients:T, features:T -> backprops:T", shape=shapes.merge, T=_FLOATS)
def _leaky_relu_grad(xp: Any, g: Array, x: Array, *, alpha: float = 0.2) -> Array:
    return xp.where(x > 0, g, g * x.dtype.type(alpha))


@_leaky_relu_grad.gradient
def _(g: Any, _z: Any, _gradients: Any, x: Any, *, alpha: float) -> Any:
    return _leaky_relu_grad(g, x, alpha=alpha), zeros_like(x)


@op("LeakyRelu", "features:T -> activations:T", shape=shapes.same, T=_FLOATS)
def _leaky_relu(xp: Any, x: Array, *, alpha: float = 0.2) -> Array:
    return xp.where(x > 0, x, x * x.dtype.type(alpha))


@_leaky_relu.gradient
def _(g: Any, _y: Any, x: Any, *, alpha: float) -> Any:
    return _leaky_relu_grad(g, x, alpha=alpha)


_leaky_relu.on("host")(in_pieces(lambda np, x, *, alpha=0.2: quick_where(x > 0, x, x * x.dtype.type(alpha))))
_leaky_relu_grad.on("host")(
    in_pieces(lambda np, g, x, *, alpha=0.2: quick_where(x > 0, g, g * x.dtype.type(alpha)))
)


def leaky_relu(features: TensorLike, alpha: Any = 0.2, name: str | None = None) -> Tensor:
    """`features` where positive, `alpha * features` elsewhere.

    Args:
      features: a tensor; integers become float32.
      alpha: the slope of the negative side, a Python number.
      name: not used.

    Raises:
      TypeError: if `alpha` is no number.

    >>> print(tf.nn.leaky_relu([-1.0, 2.0]))
    tf.Tensor([-0.2  2. ], shape=(2,), dtype=float32)
    """
    x = convert(features)
    if x.dtype.is_integer:
        x = OPS["Cast"](x, DstT=float32)
    if isinstance(alpha, np.ndarray):
        alpha = alpha.item()
    if not isinstance(alpha, (int, float, np.number)):
        raise TypeError(f"Expected float for argument 'alpha' not {alpha!r}.")
    return _leaky_relu(x, alpha=float(np.float32(alpha)), name=name)  # type: ignore[no-any-return]


def crelu(features: TensorLike, axis: int = -1, name: str | None = None) -> Tensor:
    """The positive parts of `features` and of `-features`, joined along `axis`.

    >>> print(tf.nn.crelu([1.0, -2.0]))
    tf.Tensor([1. 0. 0. 2.], shape=(4,), dtype=float32)
    """
    x = convert(features)
    return relu(OPS["ConcatV2"](x, -x, axis), name)


def hard_sigmoid(x: TensorLike, slope: float = 0.2, name: str | None = None) -> Tensor:
    """`min(max(slope * x + 0.5, 0), 1)`: a sigmoid of three straight pieces, as Keras 2 and Theano have it.

    Keras 3 has the slope 1/6. `tf.approximate("sigmoid")` finds the best one.

    Args:
      x: a tensor of floating point numbers.
      slope: that of the middle piece, a Python number.
      name: not used.

    >>> print(tf.nn.hard_sigmoid([-3.0, 0.0, 1.0]))
    tf.Tensor([0.  0.5 0.7], shape=(3,), dtype=float32)
    """
    return clip_by_value(convert(x) * slope + 0.5, 0.0, 1.0, name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- exponential units

_SCALE = 1.0507009873554804934193349852946
_SCALE_ALPHA = 1.7580993408473768599402175208123


def _below(slope: Any) -> Any:
    """The second gradient of Elu and Selu: `y` counts where it is negative."""

    def second(g: Any, _z: Any, gradients: Any, y: Any) -> Any:
        zero = scalar(0, y.dtype)
        return slope()(g, y), select(OPS["Less"](y, zero), g * gradients, zero)

    return second


_elu_grad: Op = _slope(
    "EluGrad", lambda xp, where, g, y: where(y < 0, g * (y + 1), g), _below(lambda: _elu_grad), "outputs"
)
_elu = _activation(
    "Elu", lambda xp, where, x: where(x < 0, xp.exp(x) - 1, x), lambda g, y, _x: _elu_grad(g, y)
)
_selu_grad: Op = _slope(
    "SeluGrad", lambda xp, where, g, y: where(y < 0, g * (y + _SCALE_ALPHA), g * _SCALE),
    _below(lambda: _selu_grad), "outputs",
)  # fmt: skip
_selu = _activation(
    "Selu", lambda xp, where, x: where(x < 0, _SCALE_ALPHA * (xp.exp(x) - 1), _SCALE * x),
    lambda g, y, _x: _selu_grad(g, y),
)  # fmt: skip


def elu(features: TensorLike, name: str | None = None) -> Tensor:
    """`features` where positive, `exp(features) - 1` elsewhere.

    >>> print(tf.nn.elu([-100.0, 2.0]))
    tf.Tensor([-1.  2.], shape=(2,), dtype=float32)
    """
    return execute(_elu, (features,), NO_ATTRS, name)  # type: ignore[no-any-return]


def selu(features: TensorLike, name: str | None = None) -> Tensor:
    """The exponential unit scaled so that it keeps mean 0 and variance 1.

    >>> print(tf.nn.selu([-100.0, 2.0]))
    tf.Tensor([-1.7580993  2.101402 ], shape=(2,), dtype=float32)
    """
    return execute(_selu, (features,), NO_ATTRS, name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- smooth ones


def _softplus_kernel(xp: Any, _where: Any, x: Array) -> Array:
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))


_softplus = _activation("Softplus", _softplus_kernel, lambda g, _y, x: g * sigmoid(x))


def _softsign_grad_gradient(g: Any, _z: Any, gradients: Any, x: Any) -> Any:
    slope = scalar(-2, x.dtype) * sign(x) / (OPS["Abs"](x) + scalar(1, x.dtype))
    return _softsign_grad(g, x), _softsign_grad(g * gradients, x) * slope


_softsign_grad = _slope(
    "SoftsignGrad", lambda xp, _where, g, x: g / xp.square(1 + xp.abs(x)), _softsign_grad_gradient
)
_softsign = _activation("Softsign", lambda xp, _where, x: x / (1 + xp.abs(x)), lambda g, _y, x: _softsign_grad(g, x))


def softplus(features: TensorLike, name: str | None = None) -> Tensor:
    """`log(1 + exp(features))`, without overflow.

    >>> print(tf.nn.softplus([0.0, 1000.0]))
    tf.Tensor([6.931472e-01 1.000000e+03], shape=(2,), dtype=float32)
    """
    return execute(_softplus, (features,), NO_ATTRS, name)  # type: ignore[no-any-return]


def softsign(features: TensorLike, name: str | None = None) -> Tensor:
    """`features / (1 + |features|)`.

    >>> print(tf.nn.softsign([1.0, -3.0]))
    tf.Tensor([ 0.5  -0.75], shape=(2,), dtype=float32)
    """
    return execute(_softsign, (features,), NO_ATTRS, name)  # type: ignore[no-any-return]


def log_sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """`log(sigmoid(x))`, without overflow.

    >>> print(tf.math.log_sigmoid([-1000.0]))
    tf.Tensor([-1000.], shape=(1,), dtype=float32)
    """
    return -softplus(-convert(x), name)


def silu(features: TensorLike, beta: Any = 1.0) -> Tensor:
    """`features * sigmoid(beta * features)`.

    >>> print(tf.nn.silu([0.0, 100.0]))
    tf.Tensor([  0. 100.], shape=(2,), dtype=float32)
    """
    x = convert(features)
    if isinstance(beta, float) and beta == 1.0:
        return x * sigmoid(x)
    return x * sigmoid(OPS["Cast"](beta, DstT=x.dtype) * x)


swish = silu


# These two are rounded to float32 in every dtype, as in TensorFlow.
_CUBIC = float(np.float32(0.044715))
_ROOT_HALF = float(np.float32(0.7071067811865476))


def gelu(features: TensorLike, approximate: bool = False, name: str | None = None) -> Tensor:
    """`features` times the probability that a normally distributed number is smaller.

    Args:
      features: a tensor of floating point numbers.
      approximate: True for the formula with tanh.
      name: not used.

    Raises:
      ValueError: for other dtypes.

    >>> print(tf.nn.gelu([0.0, 100.0]))
    tf.Tensor([  0. 100.], shape=(2,), dtype=float32)
    """
    x = convert(features)
    dtype = x.dtype
    if not dtype.is_floating:
        raise ValueError(f"`features.dtype` must be a floating point tensor.Received:features.dtype={dtype}")
    half = scalar(0.5, dtype) * x
    if approximate:
        cubic = scalar(_CUBIC, dtype) * OPS["Pow"](x, scalar(3, dtype))
        return half * (scalar(1, dtype) + tanh(scalar(0.7978845608028654, dtype) * (x + cubic)))
    return half * OPS["Erfc"](-x * scalar(_ROOT_HALF, dtype))  # type: ignore[no-any-return]
