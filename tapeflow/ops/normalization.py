"""Moments, and normalization by them: over a batch, and over neighbouring channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host
from .arithmetic import squared_difference
from .casting import cast
from .common import shape_of
from .layout import reshape, squeeze
from .passing import stop_gradient
from .reduction import reduce_mean, reduce_sum
from .xla_kernels import column_sums

_HALVES = (dtypes.float16, dtypes.bfloat16)
_SINGLES = (dtypes.float16, dtypes.bfloat16, dtypes.float32)

Vectors = Callable[[Array], Array]  # makes a number for each channel


# ---------------------------------------------------------------- moments


def moments(
    x: TensorLike, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance over axes.

    Args:
      x: a tensor.
      axes: the axes to go over.
      shift: not used, as in TensorFlow.
      keepdims: whether these axes stay, with size 1.

    >>> mean, variance = tf.nn.moments(tf.constant([1.0, 2.0, 3.0, 6.0]), [0])
    >>> float(mean), float(variance)
    (3.0, 3.5)
    """
    tensor = convert(x)
    dtype = tensor.dtype
    values = cast(tensor, dtypes.float32) if dtype in _HALVES else tensor
    mean = reduce_mean(values, axes, keepdims=True)
    variance = reduce_mean(squared_difference(values, stop_gradient(mean)), axes, keepdims=True)
    if not keepdims:
        mean, variance = squeeze(mean, axes), squeeze(variance, axes)
    if dtype in _HALVES:
        return cast(mean, dtype), cast(variance, dtype)
    return mean, variance


def weighted_moments(
    x: TensorLike, axes: Any, frequency_weights: TensorLike, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance over axes, each value counted as often as its weight says.

    Args:
      x: a tensor.
      axes: the axes to go over.
      frequency_weights: weights that broadcast with `x`.
      keepdims: whether these axes stay, with size 1.

    >>> mean, variance = tf.nn.weighted_moments(tf.constant([1.0, 5.0]), [0], tf.constant([3.0, 1.0]))
    >>> float(mean), float(variance)
    (2.0, 3.0)
    """
    tensor, weights = convert(x), convert(frequency_weights)
    dtype = tensor.dtype
    if dtype in _HALVES:
        tensor = cast(tensor, dtypes.float32)
    weights = cast(weights, tensor.dtype)
    weighted = weights * tensor
    total = reduce_sum(weights + OPS["ZerosLike"](weighted), axes, keepdims=True)
    mean = reduce_sum(weighted, axes, keepdims=True) / total
    variance = reduce_sum(weights * squared_difference(tensor, mean), axes, keepdims=True) / total
    if not keepdims:
        mean, variance = squeeze(mean, axes), squeeze(variance, axes)
    return (cast(mean, dtype), cast(variance, dtype)) if dtype in _HALVES else (mean, variance)


def sufficient_statistics(
    x: TensorLike, axes: Any, shift: TensorLike | None = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """What moments are computed of: the count of elements over axes, their sum and that of their squares.

    Args:
      x: a tensor.
      axes: the axes to go over.
      shift: is taken from the elements first, for numerical stability; returned as the last result.
      keepdims: whether these axes stay, with size 1.

    >>> count, total, squares, _ = tf.nn.sufficient_statistics(tf.constant([1.0, 2.0]), [0])
    >>> float(count), float(total), float(squares)
    (2.0, 3.0, 5.0)
    """
    tensor = convert(x)
    sizes = shape_of(tensor)
    count = 1
    for axis in axes:
        count *= sizes[axis]
    if shift is None:
        total, squares = tensor, OPS["Square"](tensor)
        offset = None
    else:
        offset = convert(shift, tensor.dtype)
        total, squares = tensor - offset, squared_difference(tensor, offset)
    counted = cast(convert(count), tensor.dtype)
    return counted, reduce_sum(total, axes, keepdims), reduce_sum(squares, axes, keepdims), offset


def normalize_moments(
    counts: TensorLike, mean_ss: TensorLike, variance_ss: TensorLike, shift: TensorLike | None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance of what `sufficient_statistics` returns.

    >>> mean, variance = tf.nn.normalize_moments(2.0, 3.0, 5.0, None)
    >>> float(mean), float(variance)
    (1.5, 0.25)
    """
    divisor = OPS["Reciprocal"](convert(counts))
    shifted = convert(mean_ss) * divisor
    mean = shifted if shift is None else shifted + shift
    variance: Tensor = convert(variance_ss) * divisor - OPS["Square"](shifted)
    return mean, variance


# ---------------------------------------------------------------- batch normalization


def batch_normalization(
    x: TensorLike,
    mean: Any,
    variance: Any,
    offset: Any,
    scale: Any,
    variance_epsilon: Any,
    name: str | None = None,
) -> Tensor:
    """`(x - mean) / sqrt(variance + variance_epsilon) * scale + offset`.

    Args:
      x: a tensor.
      mean, variance: tensors that broadcast with it, such as `moments` returns.
      offset, scale: the same, or None.
      variance_epsilon: a small number, against division by zero.

    >>> x = tf.constant([1.0, 3.0])
    >>> tf.nn.batch_normalization(x, tf.constant(2.0), tf.constant(1.0), None, None, 0.0).numpy()
    array([-1.,  1.], dtype=float32)
    """
    tensor = convert(x)
    factor = OPS["Rsqrt"](variance + variance_epsilon)
    if scale is not None:
        factor = factor * scale
    rest = -mean * factor if offset is None else offset - mean * factor
    normalized: Tensor = tensor * cast(factor, tensor.dtype) + cast(rest, tensor.dtype)
    return normalized


def batch_norm_with_global_normalization(
    input: TensorLike,
    mean: Any,
    variance: Any,
    beta: Any,
    gamma: Any,
    variance_epsilon: Any,
    scale_after_normalization: bool,
    name: str | None = None,
) -> Tensor:
    """`batch_normalization` under an older name; `gamma` counts only with `scale_after_normalization`.

    >>> one = tf.constant(1.0)
    >>> tf.nn.batch_norm_with_global_normalization([1.0, 3.0], 2.0 * one, one, one, one, 0.0, True).numpy()
    array([0., 2.], dtype=float32)
    """
    return batch_normalization(
        input, mean, variance, beta, gamma if scale_after_normalization else None, variance_epsilon
    )


def _channel_axis(x: Shape, data_format: str) -> int:
    return 1 if data_format.startswith("NC") else len(x or ()) - 1


def _along_channels(x: Any, data_format: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes that are not channels, and the shape in which a vector of channels meets `x`."""
    shape = tuple(x.shape)
    axis = _channel_axis(shape, data_format)
    return tuple(i for i in range(len(shape)) if i != axis), tuple(-1 if i == axis else 1 for i in range(len(shape)))


def _check_batch(x: Shape, data_format: str, training: bool, **vectors: Shape) -> None:
    if x is None:
        return
    if len(x) not in (4, 5):
        raise errors.invalid(f"input must be 4 or 5-dimensional{shapes.show(x)}")
    channels = x[_channel_axis(x, data_format)]
    for name, vector in vectors.items():
        if vector is None or channels is None:
            continue
        if len(vector) != 1:
            raise errors.invalid(f"{name} must be 1-dimensional{shapes.show(vector)}")
        always = name in ("scale", "offset")
        if (always or not training) and vector[0] not in (None, channels):
            start = "" if always else "When is_training=false, "
            raise errors.invalid(
                f"{start}{name} must have the same number of elements as the channels of x, "
                f"got {vector[0]} and {channels}"
            )


def _batch_norm_shape(
    x: Shape, scale: Shape, offset: Shape, mean: Shape, variance: Shape, *, data_format: str = "NHWC",
    is_training: bool = True, **_attrs: Any,
) -> tuple[Shape, ...]:  # fmt: skip
    _check_batch(x, data_format, is_training, scale=scale, offset=offset, mean=mean, variance=variance)
    channels = (None,) if x is None else (x[_channel_axis(x, data_format)],)
    if channels == (None,) and scale is not None:
        channels = scale  # type: ignore[assignment]
    return x, channels, channels, channels, channels, (0,)


@op(
    "FusedBatchNormV3",
    "x:T, scale:U, offset:U, mean:U, variance:U -> "
    "y:T, batch_mean:U, batch_variance:U, reserve_space_1:U, reserve_space_2:U, reserve_space_3:U",
    shape=_batch_norm_shape, T=_SINGLES, U=(dtypes.bfloat16, dtypes.float32),
)  # fmt: skip
def _fused_batch_norm(
    xp: Any, x: Array, scale: Array, offset: Array, mean: Array, variance: Array, *, epsilon: float = 0.0001,
    exponential_avg_factor: float = 1.0, data_format: str = "NHWC", is_training: bool = True,
) -> tuple[Array, ...]:  # fmt: skip
    _check_batch(
        x.shape,
        data_format,
        is_training,
        scale=scale.shape,
        offset=offset.shape,
        mean=mean.shape,
        variance=variance.shape,
    )
    axes = _along_channels(x, data_format)[0]
    return _normalized(
        xp, lambda values: xp.mean(values, axis=axes), x, scale, offset, mean, variance,
        epsilon=epsilon, exponential_avg_factor=exponential_avg_factor, data_format=data_format,
        is_training=is_training,
    )  # fmt: skip


@_fused_batch_norm.on("xla")
def _(jax: Any, x: Array, *vectors: Array, data_format: str, is_training: bool, **attrs: Any) -> tuple[Array, ...]:
    names = ("scale", "offset", "mean", "variance")
    _check_batch(x.shape, data_format, is_training, **{k: v.shape for k, v in zip(names, vectors)})
    count = x.size // max(1, vectors[0].size)
    return _normalized(
        jax.numpy, lambda values: _channel_sums(jax, values, data_format) / count, x, *vectors,
        data_format=data_format, is_training=is_training, **attrs,
    )  # fmt: skip


def _channel_sums(jax: Any, values: Array, data_format: str) -> Array:
    axes = _along_channels(values, data_format)[0]
    return column_sums(jax, values) if axes == tuple(range(values.ndim - 1)) else values.sum(axes)


def _normalized(
    xp: Any, average: Vectors, x: Array, scale: Array, offset: Array, mean: Array, variance: Array, *,
    epsilon: float, exponential_avg_factor: float, data_format: str, is_training: bool,
) -> tuple[Array, ...]:  # fmt: skip
    """The kernel, in terms of an `average` for each channel."""
    as_channels = _along_channels(x, data_format)[1]
    values = x.astype(scale.dtype)
    empty = xp.zeros((0,), scale.dtype)
    if not is_training:
        center, spread, running = mean, variance, (mean, variance)
    elif x.size == 0:
        nothing = xp.full(scale.shape, xp.nan, scale.dtype)
        return x, nothing, nothing, xp.zeros_like(scale), xp.zeros_like(scale), empty
    else:
        count = x.size // scale.size
        center = average(values)
        values = values - center.reshape(as_channels)
        spread = average(xp.square(values))
        old = 1 - exponential_avg_factor
        running = center, spread * (count / max(count - 1, 1))
        if old:
            running = tuple(
                before * old + now * exponential_avg_factor for before, now in zip((mean, variance), running)
            )
    factor = (scale / xp.sqrt(spread + epsilon)).astype(scale.dtype)
    if not is_training:
        values = values - center.reshape(as_channels)
    y = values * factor.reshape(as_channels) + offset.reshape(as_channels)
    return y.astype(x.dtype), *(each.astype(scale.dtype) for each in (*running, center, spread)), empty


@_fused_batch_norm.gradient
def _(
    g: Any, outputs: Any, x: Any, scale: Any, _offset: Any, mean: Any, variance: Any, *, epsilon: float,
    data_format: str, is_training: bool, **_attrs: Any,
) -> Any:  # fmt: skip
    if g[0] is None:
        return (None,) * 5
    center, spread = (outputs[3], outputs[4]) if is_training else (mean, variance)
    grads = _fused_batch_norm_grad(
        g[0], x, scale, center, spread, outputs[5], epsilon=epsilon, data_format=data_format, is_training=is_training
    )
    return (*grads[:3], None, None)


def _batch_norm_grad_shape(g: Shape, x: Shape, scale: Shape, *_rest: Any, **_attrs: Any) -> tuple[Shape, ...]:
    return shapes.merge(g, x), scale, scale, (0,), (0,)


@op(
    "FusedBatchNormGradV3",
    "y_backprop:T, x:T, scale:float, reserve_space_1:U, reserve_space_2:U, reserve_space_3:U -> "
    "x_backprop:T, scale_backprop:U, offset_backprop:U, reserve_space_4:U, reserve_space_5:U",
    shape=_batch_norm_grad_shape, T=_SINGLES, U=(dtypes.float32,),
)  # fmt: skip
def _fused_batch_norm_grad(
    xp: Any, g: Array, x: Array, scale: Array, mean: Array, variance: Array, reserve: Array, *, epsilon: float = 0.0001,
    data_format: str = "NHWC", is_training: bool = True,
) -> tuple[Array, ...]:  # fmt: skip
    axes = _along_channels(x, data_format)[0]
    return _normalized_gradients(
        xp, lambda values: xp.sum(values, axis=axes), g, x, scale, mean, variance,
        epsilon=epsilon, data_format=data_format, is_training=is_training,
    )  # fmt: skip


@_fused_batch_norm_grad.on("xla")
def _(
    jax: Any, g: Array, x: Array, scale: Array, mean: Array, variance: Array, _reserve: Array, *, data_format: str,
    **attrs: Any,
) -> tuple[Array, ...]:  # fmt: skip
    return _normalized_gradients(
        jax.numpy, lambda values: _channel_sums(jax, values, data_format), g, x, scale, mean, variance,
        data_format=data_format, **attrs,
    )  # fmt: skip


def _normalized_gradients(
    xp: Any, total: Vectors, g: Array, x: Array, scale: Array, mean: Array, variance: Array, *,
    epsilon: float, data_format: str, is_training: bool,
) -> tuple[Array, ...]:  # fmt: skip
    """The kernel, in terms of a `total` for each channel."""
    as_channels = _along_channels(x, data_format)[1]
    empty = xp.zeros((0,), scale.dtype)
    factor = 1 / xp.sqrt(variance + xp.asarray(epsilon, scale.dtype))
    wide = g.astype(scale.dtype)
    unit = (x.astype(scale.dtype) - mean.reshape(as_channels)) * factor.reshape(as_channels)
    for_scale, for_offset = total(wide * unit), total(wide)
    if is_training and x.size:
        n = xp.asarray(x.size // scale.size, scale.dtype)
        wide = wide - (for_offset / n).reshape(as_channels) - unit * (for_scale / n).reshape(as_channels)
    return (wide * (scale * factor).reshape(as_channels)).astype(x.dtype), for_scale, for_offset, empty, empty


@_fused_batch_norm_grad.gradient
def _(
    grads: Any, _outputs: Any, g: Any, x: Any, scale: Any, mean: Any, variance: Any, _reserve: Any, *, epsilon: float,
    data_format: str, is_training: bool,
) -> Any:  # fmt: skip
    """Mean and variance are those of `x` in training, so what comes through them belongs to the gradient for `x`."""
    v, v_scale, v_offset = (None if each is None else cast(each, dtypes.float32) for each in grads[:3])
    dtype = g.dtype
    g, x = cast(g, dtypes.float32), cast(x, dtypes.float32)
    axes, as_channels = _along_channels(x, data_format)

    def channels(vector: Any) -> Any:
        return reshape(vector, as_channels)

    def average(each: Any) -> Any:
        return reduce_mean(each, axes, keepdims=True)

    factor = channels(OPS["Rsqrt"](variance + epsilon))
    unit = (x - channels(mean)) * factor
    gain = channels(scale) * factor

    def centered(each: Any) -> Any:  # what the mean and the variance take away
        return each - average(each) - unit * average(each * unit) if is_training else each

    for_g, for_unit, for_x, for_scale = [], [], [], None
    if v is not None:
        for_g.append(gain * centered(v))
        by_unit = reduce_sum(v * centered(g), axes, keepdims=True) * factor
        for_scale = reshape(by_unit, shape_of(scale))
        if is_training:
            for_unit.append(-gain * (v * average(g * unit) + g * average(v * unit)))
            for_x.append(-average(v * centered(g)) * gain * factor * unit)
    if v_scale is not None:
        for_g.append(channels(v_scale) * unit)
        for_unit.append(channels(v_scale) * g)
    if v_offset is not None:
        for_g.append(channels(v_offset) + OPS["ZerosLike"](g))
    for_x.extend(factor * centered(each) for each in for_unit)
    return cast(sum(for_g), dtype), cast(sum(for_x), dtype) if for_x else None, for_scale, None, None, None


# ---------------------------------------------------------------- local response normalization


def _neighbours(xp: Any, x: Array, radius: int) -> Array:
    """For each channel the sum over it and `radius` channels on both sides."""
    channels = x.shape[-1]
    radius = min(radius, channels)
    edge = xp.zeros((*x.shape[:-1], radius), x.dtype)
    padded = xp.concatenate([edge, x, edge], -1)
    total = padded[..., :channels].copy()
    for i in range(1, 2 * radius + 1):
        total += padded[..., i : i + channels]
    return total


def _lrn_shape(x: Shape, **_attrs: Any) -> Shape:
    if x is not None and len(x) != 4:
        raise errors.invalid("in must be 4-dimensional")
    return x


@op("LRN", "input:T -> output:T", shape=_lrn_shape, T=_SINGLES)
def _lrn(
    xp: Any, x: Array, *, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5
) -> Array:
    _lrn_shape(x.shape)
    wide = x.astype(host.wide(x.dtype), copy=False)
    norm = bias + alpha * _neighbours(xp, xp.square(wide), depth_radius)
    return (wide * xp.power(norm, -beta)).astype(x.dtype)


@op(
    "LRNGrad", "input_grads:T, input_image:T, output_image:T -> output:T", shape=shapes.same, differentiable=None,
    T=_SINGLES,
)  # fmt: skip
def _lrn_grad(
    xp: Any,
    g: Array,
    x: Array,
    y: Array,
    *,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
) -> Array:
    dtype = y.dtype
    g, x, y = (each.astype(host.wide(dtype), copy=False) for each in (g, x, y))
    norm = bias + alpha * _neighbours(xp, xp.square(x), depth_radius)
    through = 2 * alpha * beta * x * _neighbours(xp, g * y / norm, depth_radius)
    return (g * xp.power(norm, -beta) - through).astype(dtype)


@_lrn.gradient
def _(g: Any, y: Any, x: Any, **attrs: Any) -> Any:
    return _lrn_grad(g, x, y, **attrs)


def local_response_normalization(
    input: TensorLike,
    depth_radius: int = 5,
    bias: float = 1,
    alpha: float = 1,
    beta: float = 0.5,
    name: str | None = None,
) -> Tensor:
    """Divides each pixel's channels by how strong their neighbours are: `x / (bias + alpha * sum(x ** 2)) ** beta`.

    Args:
      input: images, (batch, height, width, channels).
      depth_radius: how many channels on both sides belong to the sum.
      bias, alpha, beta: as above.

    >>> tf.nn.local_response_normalization(tf.ones([1, 1, 1, 3]), depth_radius=1).numpy().round(3)
    array([[[[0.577, 0.5  , 0.577]]]], dtype=float32)
    """
    normalized: Tensor = _lrn(
        input, name=name, depth_radius=depth_radius, bias=float(bias), alpha=float(alpha), beta=float(beta)
    )
    return normalized
