"""`approx_max_k` and `approx_min_k`, which are exact here."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..base import dtypes, errors
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .sorting import top_k_op


class ApproxTopK(NamedTuple):
    """The largest elements and where they are."""

    values: Tensor
    indices: Tensor


def _shape(x: Shape, *, k: int, reduction_dimension: int = -1, **_attrs: Any) -> tuple[Shape, Shape]:
    if k < 0:
        raise errors.invalid(f"Value for attr 'k' of {k} must be at least minimum 0")
    if x is None:
        return None, None
    if not x:
        raise errors.invalid("input must be >= 1-D, got shape []")
    axis = reduction_dimension
    if not -len(x) <= axis < len(x):
        raise errors.invalid(f"reduction_dimension {axis} is out of range for {len(x)} dimension(s)")
    axis %= len(x)
    size = x[axis]
    if type(size) is int and size < k:
        raise errors.invalid(f"input must have at least k columns. Had {size}, needed {k}")
    shape = (*x[:axis], k, *x[axis + 1 :])
    return shape, shape


def _by(top_k: Any, np: Any, x: Array, k: int, axis: int, largest: bool) -> tuple[Array, Array]:
    """The function of the last axis, with any axis, and for the smallest ones, too."""
    x = np.moveaxis(x, axis, -1)
    values, indices = top_k(x if largest else -x, k)
    return np.moveaxis(values if largest else -values, -1, axis), np.moveaxis(indices, -1, axis)


@op(
    "ApproxTopK", "input:T -> values:T, indices:int32", shape=_shape,
    T=(dtypes.float16, dtypes.bfloat16, dtypes.float32),
)  # fmt: skip
def _approx_top_k(
    xp: Any, x: Array, *, k: int = 0, reduction_dimension: int = -1, recall_target: float = 0.95,
    is_max_k: bool = True, reduction_input_size_override: int = -1, aggregate_to_topk: bool = True,
) -> tuple[Array, Array]:  # fmt: skip
    _shape(x.shape, k=k, reduction_dimension=reduction_dimension)
    return _by(top_k_op.host, xp, x, k, reduction_dimension, is_max_k)


@_approx_top_k.on("xla")
def _(jax: Any, x: Array, *, k: int = 0, reduction_dimension: int = -1, is_max_k: bool = True, **_hints: Any) -> Any:
    _shape(x.shape, k=k, reduction_dimension=reduction_dimension)
    top_k: Any = top_k_op.kernels["xla"]
    return _by(lambda y, count: top_k(jax, y, count), jax.numpy, x, k, reduction_dimension, is_max_k)


@_approx_top_k.gradient
def _(g: Any, outputs: Any, x_shape: Any, *, k: int, reduction_dimension: int, **_attrs: Any) -> Any:
    """That of `top_k`, with the axis put last and back."""

    def slope(values: Any, indices: Any, shape: Any) -> Any:
        return top_k_op.backward((values, None), (None, indices), shape, k, sorted=True, index_type=dtypes.int32)[0]  # type: ignore[misc]

    if g[0] is None or reduction_dimension == -1:
        return slope(g[0], outputs[1], x_shape)
    rank = len(x_shape)
    axis = reduction_dimension % rank
    there = (*(i for i in range(rank) if i != axis), axis)
    back = tuple(there.index(i) for i in range(rank))
    last = tuple(x_shape[i] for i in there)
    moved = slope(OPS["Transpose"](g[0], there), OPS["Transpose"](outputs[1], there), last)
    return OPS["Transpose"](moved, back)


def approx_top_k(
    input: TensorLike, k: int, reduction_dimension: int = -1, recall_target: float = 0.95, is_max_k: bool = True,
    reduction_input_size_override: int = -1, aggregate_to_topk: bool = True, name: str | None = None,
) -> ApproxTopK:  # fmt: skip
    """`tf.math.approx_max_k`, or with `is_max_k=False` `tf.math.approx_min_k`.

    >>> print(tf.approx_top_k([1.0, 5.0, 3.0], 2, is_max_k=False).indices)
    tf.Tensor([0 2], shape=(2,), dtype=int32)
    """
    hints = (recall_target, reduction_input_size_override, aggregate_to_topk)
    return _approximate(input, k, reduction_dimension, hints, is_max_k, name)


def approx_max_k(
    operand: TensorLike, k: int, reduction_dimension: int = -1, recall_target: float = 0.95,
    reduction_input_size_override: int = -1, aggregate_to_topk: bool = True, name: str | None = None,
) -> ApproxTopK:  # fmt: skip
    """The k largest elements along an axis, largest first: all of them are found.

    Args:
      operand: a tensor of float16, bfloat16 or float32.
      k: how many.
      reduction_dimension: the axis.
      recall_target: a hint of how many of them must be found; not used.
      reduction_input_size_override: a hint; not used.
      aggregate_to_topk: a hint whether to drop what is beyond the first k; that is always done.
      name: not used.

    Returns:
      A named tuple `(values, indices)`; along the axis both have size k. Of equal elements the first comes first.

    Raises:
      InvalidArgumentError: if there are fewer than k elements.

    >>> values, indices = tf.math.approx_max_k([1.0, 5.0, 3.0], 2)
    >>> print(values, indices)
    tf.Tensor([5. 3.], shape=(2,), dtype=float32) tf.Tensor([1 2], shape=(2,), dtype=int32)
    """
    hints = (recall_target, reduction_input_size_override, aggregate_to_topk)
    return _approximate(operand, k, reduction_dimension, hints, True, name)


def approx_min_k(
    operand: TensorLike, k: int, reduction_dimension: int = -1, recall_target: float = 0.95,
    reduction_input_size_override: int = -1, aggregate_to_topk: bool = True, name: str | None = None,
) -> ApproxTopK:  # fmt: skip
    """The k smallest elements along an axis, smallest first; see `tf.math.approx_max_k`.

    >>> values, indices = tf.math.approx_min_k([1.0, 5.0, 3.0], 2)
    >>> print(values, indices)
    tf.Tensor([1. 3.], shape=(2,), dtype=float32) tf.Tensor([0 2], shape=(2,), dtype=int32)
    """
    hints = (recall_target, reduction_input_size_override, aggregate_to_topk)
    return _approximate(operand, k, reduction_dimension, hints, False, name)


def _approximate(x: TensorLike, k: int, axis: int, hints: Any, largest: bool, name: str | None) -> ApproxTopK:
    recall, override, aggregate = hints
    return ApproxTopK(*_approx_top_k(
        convert(x), k=k, reduction_dimension=axis, recall_target=recall, is_max_k=largest,
        reduction_input_size_override=override, aggregate_to_topk=aggregate, name=name,
    ))  # fmt: skip
