"""The reverse sweep: from what was recorded, and a gradient for each target, to a gradient for each source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from ..base.dtypes import variant
from ..core.indexed_slices import IndexedSlices
from ..core.op import KEEP, OPS, SHAPE, Op
from ..core.symbol import Abstract
from ..core.tensor import Array, Tensor
from ..ops.arithmetic import add

# One op call on a tape, as a plain tuple, since it is made for every op recorded:
#   op, attrs,
#   inputs: the numbers of the input Tensors (None for static values),
#   saved: of the inputs' values what the op's gradient asks for (see `kept`),
#   outputs: the numbers of the output Tensors,
#   arrays: the outputs' arrays, if the gradient asks for them.
Entry: TypeAlias = "tuple[Op, dict[str, Any], list[int | None], Sequence[Any], list[int], list[Array] | None]"


def kept(op: Op, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a tape keeps of the inputs: the Tensor, its shape or nothing, as the op's gradient has it."""
    if op.keeps_all:
        return inputs
    plan = op.keep_plan(len(inputs))
    return tuple(
        x if how is KEEP or not isinstance(x, Tensor) else x._array.shape if how is SHAPE else None
        for x, how in zip(inputs, plan, strict=True)
    )


def sweep(
    entries: list[Entry], seeds: dict[int | None, Any], sources: set[int], outline: list[Any] | None = None
) -> dict[int | None, Any]:
    """Runs the chain rule backwards.

    Args:
      entries: what was recorded, in order.
      seeds: the gradient of each target, by the target's number.
      sources: the numbers of the tensors and variables whose gradients are wanted.
      outline: if given, `entries` is emptied, so that what they keep alive is freed on the way; what explains a tape
        later goes here: of each the op, the inputs and the outputs.

    Returns:
      The gradients by number; a source that no target depends on is missing.
    """
    grads = seeds
    reached: set[int | None] = set(sources)  # numbers that depend on a source
    path = []
    for entry in entries:
        if outline is not None:
            outline.append((entry[0], entry[2], entry[4]))
        if not reached.isdisjoint(entry[2]):
            reached.update(entry[4])
            path.append(entry)
    if outline is not None:
        entries.clear()
    while path:
        entry = path.pop()
        outputs = entry[4]
        if len(outputs) != 1:
            g = _output_gradients(entry, grads, sources)
        else:  # nearly all ops: without a call
            output = outputs[0]
            g = grads.get(output) if output in sources else grads.pop(output, None)
            if type(g) is IndexedSlices and not entry[0].takes_slices:
                g = g.__tf_tensor__()
        if g is None:
            continue
        for number, gradient in zip(entry[2], input_gradients(entry, g)):
            if gradient is None or number not in reached:
                continue
            if type(gradient) is not Tensor and callable(gradient):
                gradient = gradient()
            grads[number] = _sum(grads[number], gradient) if number in grads else gradient
    return grads


def _output_gradients(entry: Entry, grads: dict[int | None, Any], sources: set[int]) -> Any:
    """The gradients of an entry's several outputs, taken out of `grads`; None if there are none."""
    gs = [grads.get(number) if number in sources else grads.pop(number, None) for number in entry[4]]
    if not entry[0].takes_slices:
        gs = [g.__tf_tensor__() if type(g) is IndexedSlices else g for g in gs]
    return None if all(g is None for g in gs) else tuple(gs)


def input_gradients(entry: Entry, g: Any) -> Sequence[Any]:
    """Calls the op's gradient: a Tensor, None or a thunk for each input."""
    op, attrs, _, saved, _, arrays = entry
    if op.backward is None:
        raise LookupError(f"gradient registry has no entry for: {op.name}")
    result = op.backward(g, None if arrays is None else _outputs(entry), *saved, **attrs)
    return result if type(result) is tuple or type(result) is list else (result,)


def _outputs(entry: Entry) -> Any:
    """The outputs as they were recorded, so that an outer tape goes on through them."""
    _, _, _, _, numbers, arrays = entry
    outputs: list[Tensor] = []
    for array, number in zip(arrays or (), numbers):
        if type(array) is Abstract:
            outputs.append(array.symbol)
            continue
        output = Tensor(array)
        output._id = number
        outputs.append(output)
    return outputs[0] if len(outputs) == 1 else tuple(outputs)


def _sum(a: Any, b: Any) -> Any:
    """The sum of two gradients of one tensor; slices stay slices."""
    if type(a) is IndexedSlices and type(b) is IndexedSlices:
        concat = OPS["ConcatV2"]
        return IndexedSlices(concat(a.values, b.values, 0), concat(a.indices, b.indices, 0), a.dense_shape)
    if a.dtype is variant:
        return OPS["TensorListAdd"](a, b)
    return add(a, b)
