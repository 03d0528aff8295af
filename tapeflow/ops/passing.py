"""Ops that pass a tensor on as it is, and say something about it or its gradient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..base import errors, shapes
from ..base.shapes import Shape, ShapeLike, TensorShape
from ..core.execute import execute
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import NO_ATTRS


@op("Identity", "input:T -> output:T", shape=shapes.same)
def _identity(xp: Any, input: Array) -> Array:
    return input


@_identity.sparse_gradient
def _(g: Any, _output: Any, _input: Any) -> Any:
    return g


def identity(input: TensorLike, name: str | None = None) -> Tensor:
    """A new Tensor with the same elements.

    >>> x = tf.constant([1, 2])
    >>> tf.identity(x) is x, tf.identity(x).numpy().tolist()
    (False, [1, 2])
    """
    return execute(_identity, (input,), NO_ATTRS, name)  # type: ignore[no-any-return]


def identity_n(input: Iterable[TensorLike], name: str | None = None) -> list[Tensor]:
    """A list of new Tensors with the same elements as those of `input`, which may be of several dtypes.

    Raises:
      InvalidArgumentError: if `input` is empty.

    >>> [x.numpy().tolist() for x in tf.identity_n([[1], [2.5, 3.5]])]
    [[1], [2.5, 3.5]]
    """
    outputs = [identity(x, name) for x in input]
    if not outputs:
        raise errors.invalid("Length for attr 'T' of 0 must be at least minimum 1 [Op:IdentityN]")
    return outputs


@op("StopGradient", "input:T -> output:T", shape=shapes.same, differentiable=False)
def _stop_gradient(xp: Any, input: Array) -> Array:
    return input


def stop_gradient(input: TensorLike, name: str | None = None) -> Tensor:
    """The tensor as a constant: no gradient flows back through it.

    >>> x = tf.constant(2.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * tf.stop_gradient(x)
    >>> print(tape.gradient(y, x))
    tf.Tensor(2.0, shape=(), dtype=float32)
    """
    return execute(_stop_gradient, (input,), NO_ATTRS, name)  # type: ignore[no-any-return]


def _ensured(input: Shape, *, shape: Shape) -> Shape:
    if not shapes.fits(input, shape):
        raise errors.invalid(
            f"Shape of tensor input {shapes.show(input)} is not compatible with expected shape {shapes.show(shape)}."
        )
    return shapes.merge(input, shape)


@op("EnsureShape", "input:T -> output:T", shape=_ensured)
def _ensure_shape(xp: Any, input: Array, *, shape: Shape) -> Array:
    _ensured(input.shape, shape=shape)
    return input


@_ensure_shape.gradient
def _(g: Any, _output: Any, _input: Any, **_attrs: Any) -> Any:
    return g


def ensure_shape(x: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """The tensor as it is, once it has been made sure that it has a shape.

    Args:
      x: a Tensor.
      shape: the sizes expected, None where any will do; None for any shape.
      name: a name for errors.

    Raises:
      InvalidArgumentError: if the shape is not compatible.

    >>> tf.ensure_shape(tf.zeros([2, 3]), [None, 3]).shape
    TensorShape([2, 3])
    """
    sizes = TensorShape(shape)
    expected = None if sizes.rank is None else tuple(sizes)
    return execute(_ensure_shape, (x,), {"shape": expected}, name)  # type: ignore[no-any-return]
