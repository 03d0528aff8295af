"""Forward mode: `tf.autodiff.ForwardAccumulator` carries tangents along with the computation."""

from __future__ import annotations

from collections.abc import Set
from types import TracebackType
from typing import Any

from ..base import nest
from ..base.context import context, new_id, recording
from ..core.convert import convert
from ..core.op import OPS, Op
from ..core.tensor import Tensor
from ..ops.common import zeros_like
from .backprop import Entry, input_gradients, kept, selecting
from .tape import DIFFERENTIABLE, GradientTape, UnconnectedGradients, wants_zeros


class ForwardAccumulator:
    """Computes Jacobian-vector products as the program runs.

    A product with the Jacobian from the left, by way of the gradient, is linear in the upstream gradient; to
    differentiate that once more by the upstream gradient gives the product from the right. So every op that has a
    gradient has this too.

    Args:
      primals: a Tensor or Variable, or a structure of them, to differentiate by.
      tangents: the direction, a Tensor for each primal, of its shape and dtype.

    Raises:
      ValueError: if the structures or dtypes differ, or a primal is there twice.

    >>> x = tf.constant([2.0, 3.0])
    >>> with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 0.0])) as acc:
    ...     y = tf.reduce_sum(x * x)
    >>> print(acc.jvp(y))
    tf.Tensor(4.0, shape=(), dtype=float32)

    See TensorFlow's page on `tf.autodiff.ForwardAccumulator`.
    """

    def __init__(self, primals: Any, tangents: Any) -> None:
        nest.assert_same_structure(primals, tangents)
        self._tangents: dict[int | None, Tensor] = {}
        self._recording = False
        for primal, tangent in zip(nest.flatten(primals), nest.flatten(tangents), strict=True):
            tangent = convert(tangent, primal.dtype)
            if primal._id is None:
                primal._id = new_id()
            if primal._id in self._tangents:
                raise ValueError(
                    f"Tensor {primal} was specified as a primal multiple times. This may indicate an error. If it was "
                    "intended, please sum the corresponding tangents."
                )
            self._tangents[primal._id] = tangent

    def __enter__(self) -> ForwardAccumulator:
        if self._recording:
            raise ValueError("Accumulator is already recording.")
        self._recording = True
        context.recorders = (*context.recorders, self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._recording = False
        context.recorders = tuple(recorder for recorder in context.recorders if recorder is not self)

    def read(self, variable: Any, value: Tensor | None) -> None:
        """Called by a Variable that has been read."""
        tangent = self._tangents.get(variable._id)
        if tangent is not None and value is not None:
            self._set(value, tangent)

    def record(self, op: Op, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: Any) -> None:
        """Called by `execute` for each op: carries the tangents of its inputs to its outputs."""
        tangents = [self._tangents.get(getattr(x, "_id", None)) for x in inputs]  # x: a Tensor, a handle, plain
        if op.differentiable is False or all(tangent is None for tangent in tangents):
            return
        outs = list(outputs) if type(outputs) is list else [outputs]  # a loop may get more, for its gradient
        recorders = context.recorders
        with recording(recorders[: recorders.index(self)]):
            for y, tangent in zip(outs, _push_forward(op, attrs, inputs, outs, tangents), strict=True):
                if tangent is not None:
                    self._set(y, tangent)

    def _set(self, y: Tensor, tangent: Tensor) -> None:
        if y._id is None:
            y._id = new_id()
        self._tangents[y._id] = tangent

    @property
    def _followed(self) -> Set[int | None]:
        """The numbers of what has tangents."""
        return self._tangents.keys()

    def jvp(self, primals: Any, unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE) -> Any:
        """The tangents of `primals`.

        Args:
          primals: a Tensor or a structure of Tensors computed (or Variables assigned) inside the `with` block.
          unconnected_gradients: `"none"` or `"zero"`: what a Tensor gets that does not depend on the accumulator's
            primals.

        Returns:
          The structure of `primals`, with a Tensor or None for each.
        """
        zero = wants_zeros(unconnected_gradients)

        def tangent(x: Any) -> Any:
            found = self._tangents.get(x._id)
            return OPS["ZerosLike"](x) if found is None and zero else found

        return nest.map_structure(tangent, primals)


def _push_forward(
    op: Op, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: list[Tensor], tangents: list[Tensor | None]
) -> list[Tensor | None]:
    """The tangents of an op's outputs."""
    gs = [zeros_like(y) if y._array.dtype in DIFFERENTIABLE else None for y in outputs]
    if all(g is None for g in gs):
        return [None] * len(outputs)
    for y in outputs:
        if y._id is None:
            y._id = new_id()
    arrays = [y._array for y in outputs] if op.keeps_output else None
    numbers = [getattr(x, "_id", None) for x in inputs]
    entry: Entry = [op, attrs, numbers, kept(op, inputs), [y._id for y in outputs if y._id], arrays]
    if op.selects:
        entry = selecting(entry, tuple([tangent is not None for tangent in tangents]))
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([g for g in gs if g is not None])
        pulled = input_gradients(entry, gs[0] if len(gs) == 1 else tuple(gs))
        pairs = [
            (convert(p() if callable(p) else p), tangent)
            for p, tangent in zip(pulled, tangents, strict=True)
            if p is not None and tangent is not None
        ]
    if not pairs:
        return [None] * len(outputs)
    found = iter(tape.gradient([p for p, _ in pairs], [g for g in gs if g is not None], [t for _, t in pairs]))
    return [None if g is None else next(found) for g in gs]
