"""The losses of classification and counting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host, host_arrays
from ..engines.host_arrays import WIDE
from .arithmetic import multiply
from .casting import cast
from .common import shape_of, unbroadcast
from .creation import get_static_value
from .debugging import assert_equal
from .layout import expand_dims, reshape, transpose
from .reduction import reduce_sum
from .softmax import FLOATS, along_rows, in_blocks, less_largest, log_softmax_op, softmax_op

_HALVES = (dtypes.float16, dtypes.bfloat16)
_UNSIGNED = {4: np.dtype(np.uint32), 8: np.dtype(np.uint64)}

# ---------------------------------------------------------------- cross entropy


def _dense_shape(logits: Shape, labels: Shape, **_attrs: Any) -> tuple[Shape, Shape]:
    try:
        both = shapes.broadcast(logits, labels)
    except errors.InvalidArgumentError:
        raise errors.invalid(
            "logits and labels must be broadcastable: "
            f"logits_size={shapes.show(logits)} labels_size={shapes.show(labels)}"
        ) from None
    if both is not None and len(both) != 2:
        raise errors.invalid("logits and labels must be either 2-dimensional, or broadcasted to be 2-dimensional")
    return (None,) if both is None else both[:1], both or (None, None)


@op("SoftmaxCrossEntropyWithLogits", "features:T, labels:T -> loss:T, backprop:T", shape=_dense_shape, T=FLOATS)
def _dense_cross_entropy(xp: Any, logits: Array, labels: Array) -> tuple[Array, Array]:
    x, p = logits, labels
    if x.ndim != 2 or x.shape != p.shape:
        shape: Any = _dense_shape(x.shape, p.shape)[1]
        x, p = np.ascontiguousarray(np.broadcast_to(x, shape)), np.broadcast_to(p, shape)
    rows, k = x.shape
    backprop = np.empty((rows, k), x.dtype)
    if backprop.size == 0:
        return np.zeros(rows, x.dtype), backprop
    wide = WIDE.get(x.dtype)
    if wide is None and x.size < host_arrays.BIG_REDUCTION:
        return _dense_rows(x, p, backprop), backprop
    loss = np.empty(rows, x.dtype)

    def block(start: int, stop: int) -> None:
        if wide is None:
            loss[start:stop] = _dense_rows(x[start:stop], p[start:stop], backprop[start:stop])
        else:
            out = np.empty((stop - start, k), wide)
            loss[start:stop] = _dense_rows(x[start:stop].astype(wide), p[start:stop].astype(wide), out)
            backprop[start:stop] = out

    in_blocks(block, rows, k)
    return loss, backprop


@_dense_cross_entropy.on("xla")
def _(jax: Any, logits: Array, labels: Array) -> tuple[Array, Array]:
    shape: Any = _dense_shape(logits.shape, labels.shape)[1]
    x, wanted = jax.numpy.broadcast_to(logits, shape), jax.numpy.broadcast_to(labels, shape)
    if x.size == 0:
        return jax.numpy.zeros(shape[0], x.dtype), x
    shifted, wanted = less_largest(x), wanted.astype(host.wide(x.dtype))
    powers = jax.numpy.exp(shifted)
    total = powers.sum(1, keepdims=True)
    # An infinite logit does not count where its label is 0.
    loss = jax.numpy.where(wanted == 0, 0, (jax.numpy.log(total) - shifted) * wanted).sum(1)
    return loss.astype(x.dtype), (powers / total - wanted).astype(x.dtype)


def _dense_rows(x: Array, wanted: Array, out: Array) -> Array:
    """The losses of some examples; writes `softmax - wanted` to `out`."""
    shifted = np.subtract(x, along_rows(np.maximum, x))
    np.exp(shifted, out=out)
    total = along_rows(np.add, out)
    np.divide(out, total, out=out)
    np.subtract(out, wanted, out=out)
    np.subtract(np.log(total), shifted, out=shifted)
    loss: Array = np.einsum("ij,ij->i", shifted, wanted)
    if np.isnan(loss).any():  # an infinite logit does not count where its label is 0
        loss = np.add.reduce(np.where(wanted == 0, 0, shifted * wanted), 1)
    return loss


def _through_backprop(grads: Any, backprop: Any, logits: Any) -> Any:
    """The gradient for the logits of both outputs: of the loss, and of its gradient, which is `softmax - labels`."""
    g, gg = grads
    total = None if g is None else expand_dims(g, -1) * backprop
    if gg is None:
        return total
    y = softmax_op(logits)
    second = (gg - reduce_sum(gg * y, 1, keepdims=True)) * y
    return second if total is None else total + second


@_dense_cross_entropy.gradient
def _(grads: Any, outputs: Any, logits: Any, labels: Any) -> Any:
    g = grads[0]

    def for_labels() -> Any:
        return unbroadcast(expand_dims(g, -1) * -log_softmax_op(logits), shape_of(labels))

    return unbroadcast(
        _through_backprop(grads, outputs[1], logits), shape_of(logits)
    ), None if g is None else for_labels


def _sparse_shape(logits: Shape, labels: Shape, **_attrs: Any) -> tuple[Shape, Shape]:
    if logits is not None and len(logits) != 2:
        raise errors.invalid(f"logits must be 2-D, but got shape {shapes.show(logits)}")
    if labels is not None and len(labels) != 1:
        raise errors.invalid(f"labels must be 1-D, but got shape {shapes.show(labels)}")
    rows, k = logits or (None, None)
    if labels is not None and labels[0] is not None:
        if rows not in (None, labels[0]):
            raise errors.invalid(
                "logits and labels must have the same first dimension, got logits shape "
                f"{shapes.show(logits)} and labels shape {shapes.show(labels)}"
            )
        rows = labels[0]
    if k == 0:
        raise errors.invalid(f"Must have at least one class, but got logits shape {shapes.show(logits)}")
    return (rows,), (rows, k)


@op(
    "SparseSoftmaxCrossEntropyWithLogits", "features:T, labels:Tlabels -> loss:T, backprop:T", shape=_sparse_shape,
    T=FLOATS, Tlabels=types.INDICES,
)  # fmt: skip
def _sparse_cross_entropy(xp: Any, logits: Array, labels: Array) -> tuple[Array, Array]:
    _sparse_shape(logits.shape, labels.shape)
    rows, k = logits.shape
    backprop = np.empty((rows, k), logits.dtype)
    if rows == 0:
        return np.empty(rows, logits.dtype), backprop
    if np.maximum.reduce(labels.view(_UNSIGNED[labels.dtype.itemsize])) >= k:  # negative ones too
        bad = labels[(labels < 0) | (labels >= k)][0]
        raise errors.invalid(
            f"Received a label value of {bad} which is outside the valid range of [0, {k}).  "
            f"Label values: {' '.join(map(str, labels.tolist()))}"
        )
    wide = WIDE.get(logits.dtype)
    if wide is None and logits.size < host_arrays.BIG_REDUCTION:
        return _sparse_rows(logits, labels, backprop), backprop
    loss, x = np.empty(rows, logits.dtype), np.ascontiguousarray(logits)

    def block(start: int, stop: int) -> None:
        if wide is None:
            loss[start:stop] = _sparse_rows(x[start:stop], labels[start:stop], backprop[start:stop])
        else:
            out = np.empty((stop - start, k), wide)
            loss[start:stop] = _sparse_rows(x[start:stop].astype(wide), labels[start:stop], out)
            backprop[start:stop] = out

    in_blocks(block, rows, k)
    return loss, backprop


@_sparse_cross_entropy.on("xla")
def _(jax: Any, logits: Array, labels: Array) -> tuple[Array, Array]:
    """As TensorFlow on XLA: NaN for a label that there is not."""
    _sparse_shape(logits.shape, labels.shape)
    rows, k = logits.shape
    if rows == 0:
        return jax.numpy.zeros(rows, logits.dtype), logits
    there = ((labels >= 0) & (labels < k))[:, None]
    column = labels.astype(np.int32)[:, None]
    wanted = jax.lax.broadcasted_iota(np.int32, (rows, k), 1) == column
    shifted = less_largest(logits)
    powers = jax.numpy.exp(shifted)
    total = powers.sum(1, keepdims=True)
    chosen = jax.numpy.take_along_axis(shifted, column, 1, mode="clip")
    loss = jax.numpy.where(there, jax.numpy.log(total) - chosen, jax.numpy.nan)[:, 0]
    backprop = jax.numpy.where(there, powers / total - wanted, jax.numpy.nan)
    return loss.astype(logits.dtype), backprop.astype(logits.dtype)


def _sparse_rows(x: Array, labels: Array, out: Array) -> Array:
    """The losses of some examples; writes `softmax - labels` to `out`, which is contiguous."""
    np.subtract(x, along_rows(np.maximum, x), out=out)
    at = np.arange(0, out.size, out.shape[1])
    at += labels
    flat = out.reshape(-1)
    chosen = flat.take(at)
    np.exp(out, out=out)
    total = along_rows(np.add, out)
    np.divide(out, total, out=out)
    flat.put(at, flat.take(at) - 1)
    loss = np.log(total[:, 0])
    loss -= chosen
    return loss


@_sparse_cross_entropy.gradient
def _(grads: Any, outputs: Any, logits: Any, _labels: Any) -> Any:
    return _through_backprop(grads, outputs[1], logits), None


def softmax_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, axis: int = -1, name: str | None = None
) -> Tensor:
    """The cross entropy between `labels` and `softmax(logits)`, along an axis.

    Args:
      labels: probabilities of the classes, shaped as `logits` or broadcast to it.
      logits: floats.
      axis: where the classes are.

    Returns:
      The losses, shaped as `logits` without the axis. Gradients flow to both arguments.

    >>> tf.nn.softmax_cross_entropy_with_logits([[0.0, 1.0]], [[2.0, 2.0]]).numpy()
    array([0.6931472], dtype=float32)
    """
    x = convert(logits)
    dtype = x.dtype
    precise = cast(x, dtypes.float32) if dtype in _HALVES else x
    p = cast(convert(labels), precise.dtype)
    rank = precise.ndim
    if rank is not None and axis not in (-1, rank - 1):
        swap = [*(i for i in range(rank) if i != axis % rank), axis % rank]
        precise, p = transpose(precise, swap), transpose(p, swap)
    if rank == 2:
        loss = _dense_cross_entropy(precise, p, name=name)[0]
    else:
        shape = shape_of(precise)
        flat = [reshape(each, (-1, shape_of(each)[-1])) for each in (precise, p)]
        loss = reshape(_dense_cross_entropy(*flat, name=name)[0], shape[:-1])
    result: Tensor = cast(loss, dtype) if dtype in _HALVES else loss
    return result


def sparse_softmax_cross_entropy_with_logits(labels: TensorLike, logits: TensorLike, name: str | None = None) -> Tensor:
    """The cross entropy between `softmax(logits)`, along the last axis, and labels that are sure.

    Args:
      labels: the class of each example, int32 or int64, shaped as `logits` without the last axis.
      logits: floats.

    Returns:
      The losses, shaped as `labels`.

    Raises:
      ValueError: if the shapes do not fit.
      InvalidArgumentError: if a label is not one of the classes.

    >>> tf.nn.sparse_softmax_cross_entropy_with_logits([1], [[2.0, 2.0]]).numpy()
    array([0.6931472], dtype=float32)
    """
    classes, x = convert(labels), convert(logits)
    dtype = x.dtype
    _check_labels(classes, x)
    precise = cast(x, dtypes.float32) if dtype in _HALVES else x
    if precise.ndim == 2:
        loss = _sparse_cross_entropy(precise, classes, name=name)[0]
    else:
        flat = reshape(precise, (-1, shape_of(precise)[-1]))
        loss = reshape(_sparse_cross_entropy(flat, reshape(classes, (-1,)), name=name)[0], shape_of(classes))
    result: Tensor = cast(loss, dtype) if dtype in _HALVES else loss
    return result


def _check_labels(labels: Tensor, logits: Tensor) -> None:
    if type(labels) is type(logits) is Tensor and shape_of(labels) == shape_of(logits)[:-1] != ():
        return
    have, want = labels.shape, logits.shape
    if want.rank == 0:
        raise ValueError(f"`logits` cannot be a scalar. Received logits={get_static_value(logits)}`")
    if have.rank is None or want.rank is None:
        assert_equal(OPS["Shape"](labels), OPS["Shape"](logits)[:-1])
        return
    if have.rank != want.rank - 1:
        raise ValueError(
            "`labels.shape.rank` must equal `logits.shape.rank - 1`. "
            f"Received: labels.shape={have} of rank {have.rank} and logits.shape={want} of rank {want.rank}"
        )
    if not have.is_compatible_with(want[:-1]):
        raise ValueError(
            "`labels.shape` must equal `logits.shape` except for the last dimension. "
            f"Received: labels.shape={have} and logits.shape={want}"
        )


def _alike(first: str, second: str, x: Tensor, y: Tensor) -> None:
    if type(x) is type(y) is Tensor and shape_of(x) == shape_of(y):
        return
    if not x.shape.is_compatible_with(y.shape):
        raise ValueError(f"`{first}` and `{second}` must have the same shape, received ({x.shape} vs {y.shape}).")


def sigmoid_cross_entropy_with_logits(
    labels: TensorLike | None = None, logits: TensorLike | None = None, name: str | None = None
) -> Tensor:
    """The cross entropy between `labels` and `sigmoid(logits)`, element by element, for classes that may go together.

    Args:
      labels: probabilities.
      logits: floats of the same shape and dtype.

    Raises:
      ValueError: if one is missing, or the shapes differ.

    >>> tf.nn.sigmoid_cross_entropy_with_logits([1.0, 0.0], [0.0, 0.0]).numpy()
    array([0.6931472, 0.6931472], dtype=float32)
    """
    if labels is None or logits is None:
        raise ValueError(
            "Both `labels` and `logits` must be provided for sigmoid_cross_entropy_with_logits"
            f"Received: labels={labels} and logits={logits}"
        )
    x, p = convert(logits), convert(labels)
    _alike("logits", "labels", x, p)
    positive, zeros = x >= 0, OPS["ZerosLike"](x)
    above, below = OPS["SelectV2"](positive, x, zeros), OPS["SelectV2"](positive, -x, x)
    loss: Tensor = OPS["AddV2"](above - x * p, OPS["Log1p"](OPS["Exp"](below)), name=name)
    return loss


def weighted_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, pos_weight: TensorLike, name: str | None = None
) -> Tensor:
    """As `sigmoid_cross_entropy_with_logits`, with a weight on positive labels.

    Args:
      labels: probabilities.
      logits: floats of the same shape and dtype.
      pos_weight: more than 1 makes a miss dearer than a false alarm.

    >>> tf.nn.weighted_cross_entropy_with_logits([1.0, 0.0], [0.0, 0.0], 2.0).numpy()
    array([1.3862944, 0.6931472], dtype=float32)
    """
    x, p = convert(logits), convert(labels)
    _alike("logits", "labels", x, p)
    weight = 1 + (pos_weight - 1) * p  # type: ignore[operator]
    soft = OPS["Log1p"](OPS["Exp"](-OPS["Abs"](x))) + OPS["Relu"](-x)
    loss: Tensor = OPS["AddV2"]((1 - p) * x, weight * soft, name=name)
    return loss


def log_poisson_loss(
    targets: TensorLike, log_input: TensorLike, compute_full_loss: bool = False, name: str | None = None
) -> Tensor:
    """What a Poisson distribution with mean `exp(log_input)` is surprised by counts.

    Args:
      targets: the counts.
      log_input: the logarithm of the mean, of the same shape and dtype.
      compute_full_loss: whether to add (Stirling's approximation of) the part that depends on the counts only.

    >>> tf.nn.log_poisson_loss([1.0], [0.0]).numpy()
    array([1.], dtype=float32)
    """
    x, counts = convert(log_input), convert(targets)
    _alike("log_input", "targets", x, counts)
    loss: Tensor = OPS["Exp"](x) - x * counts
    if compute_full_loss:
        stirling = counts * OPS["Log"](counts) - counts + 0.5 * OPS["Log"](2 * math.pi * counts)
        few = OPS["LogicalAnd"](counts >= 0, counts <= 1)
        loss = loss + OPS["SelectV2"](few, OPS["ZerosLike"](counts), stirling)
    return loss


# ---------------------------------------------------------------- other losses


@op("L2Loss", "t:T -> output:T", shape=shapes.scalar, T=FLOATS)
def _l2_loss(xp: Any, t: Array) -> Array:
    return xp.sum(xp.square(t)) * 0.5


@_l2_loss.on("host")
def _(xp: Any, t: Array) -> Array:
    flat = t.reshape(-1).astype(host.wide(t.dtype), copy=False)
    return np.asarray(np.dot(flat, flat) * 0.5, t.dtype)


@_l2_loss.gradient
def _(g: Any, _loss: Any, t: Any) -> Any:
    return multiply(t, g)


def l2_loss(t: TensorLike, name: str | None = None) -> Tensor:
    """Half the sum of the squares.

    >>> tf.nn.l2_loss([3.0, 4.0]).numpy()
    np.float32(12.5)
    """
    loss: Tensor = _l2_loss(t, name=name)
    return loss


def compute_average_loss(
    per_example_loss: TensorLike, sample_weight: TensorLike | None = None, global_batch_size: TensorLike | None = None
) -> Tensor:
    """The sum of the losses of examples over the size of the batch.

    Args:
      per_example_loss: a loss for each example.
      sample_weight: a weight for each example, or one for all.
      global_batch_size: the size of the batch, if it is not the first dimension of `per_example_loss`.

    >>> tf.nn.compute_average_loss([1.0, 2.0, 3.0], global_batch_size=4).numpy()
    np.float32(1.5)
    """
    losses = convert(per_example_loss)
    dtype = losses.dtype
    if sample_weight is not None:
        losses = cast(losses, dtypes.float32) * cast(convert(sample_weight), dtypes.float32)
    losses = cast(losses, dtype)
    if global_batch_size is None:
        if losses.shape.rank == 0:
            raise ValueError("Unable to compute the average loss of a scalar without `global_batch_size`.")
        global_batch_size = shape_of(losses)[0]
    size = convert(global_batch_size)
    if size.shape.rank != 0:
        raise ValueError(f"`global_batch_size` must be scalar. Received: global_batch_size={global_batch_size}")
    average: Tensor = reduce_sum(losses) / cast(size, dtype)
    return average


def scale_regularization_loss(regularization_loss: TensorLike) -> Tensor:
    """The sum of regularization losses, over the number of replicas.

    >>> tf.nn.scale_regularization_loss([1.0, 2.0]).numpy()
    np.float32(3.0)
    """
    return reduce_sum(regularization_loss)
