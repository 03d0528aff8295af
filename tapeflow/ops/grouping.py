"""Tensors that wait for each other, or are put together at once: `tf.tuple`, `tf.parallel_stack` and such."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..base import errors, shapes
from ..base.context import context
from ..base.scopes import control_dependencies
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike


def tuple(tensors: Iterable[Any], control_inputs: Any = None, name: str | None = None) -> list[Any]:
    """The same tensors; in a graph none of them is there before all of them are.

    Args:
      tensors: Tensors, or None.
      control_inputs: operations and tensors that come before, too.
      name: not used.

    >>> tf.tuple([tf.constant(1), None])
    [<tf.Tensor: shape=(), dtype=int32, numpy=1>, None]
    """
    entries = list(tensors)
    if context.graph is None:
        return entries
    given = [convert(x) for x in entries if x is not None]
    if not given:
        raise ValueError("`tensors` must have at least one tensor. Received: " + str(entries))
    with control_dependencies([*given, *(control_inputs or [])]):
        return [None if x is None else OPS["Identity"](x) for x in entries]


@op("GuaranteeConst", "input:T -> output:T", shape=shapes.same, differentiable=None)
def _guarantee_const(xp: Any, input: Array) -> Array:
    return input


def guarantee_const(input: TensorLike, name: str | None = None) -> Tensor:
    """The same tensor, with a promise that it never changes.

    >>> print(tf.guarantee_const([1, 2]))
    tf.Tensor([1 2], shape=(2,), dtype=int32)
    """
    return _guarantee_const(input, name=name)  # type: ignore[no-any-return]


def _stacked(*values: Shape, shape: Any) -> Shape:
    wanted: Shape = shape
    if wanted is None or not wanted:
        raise errors.invalid("All input shapes must be fully defined.")
    for value in values:
        if value is not None and not shapes.fits(value, (1, *wanted[1:])):
            raise errors.invalid(
                f"All values must be of the same shape, got {shapes.show(value)} and {shapes.show((1, *wanted[1:]))}"
            )
    return (len(values), *wanted[1:])


@op("ParallelConcat", "values:N*T -> output:T", shape=_stacked, differentiable=None)
def _parallel_concat(xp: Any, *values: Array, shape: Any) -> Array:
    _stacked(*[value.shape for value in values], shape=shape)
    return xp.concatenate(values, 0)


def parallel_stack(values: Any, name: str | None = "parallel_stack") -> Tensor:
    """Stacks tensors along a new first axis, in a graph; each may be put in its place as soon as it is there.

    Args:
      values: Tensors of the same dtype and shape, which must be known.
      name: a name for errors.

    Raises:
      RuntimeError: outside graphs.

    >>> @tf.function
    ... def pair(x, y):
    ...     return tf.parallel_stack([x, y])
    >>> print(pair(tf.constant([1, 2]), tf.constant([3, 4])))
    tf.Tensor(
    [[1 2]
     [3 4]], shape=(2, 2), dtype=int32)
    """
    if context.graph is None:
        raise RuntimeError("tf.parallel_stack() is not compatible with eager execution.")
    tensors = [convert(value) for value in values]
    shape = (len(tensors), *tensors[0].shape.as_list())
    return _parallel_concat(*[OPS["ExpandDims"](x, 0) for x in tensors], shape=shape, name=name)  # type: ignore[no-any-return]
