"""The reverse sweep: from what was recorded, and a gradient for each target, to a gradient for each source."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..core.indexed_slices import IndexedSlices
from ..core.op import KEEP, OPS, SHAPE, Op
from ..core.tensor import Array, Tensor
from ..ops.arithmetic import add


class Entry(NamedTuple):
    """One op call on a tape: tensors by number, and of their values only what the op's gradient asks for."""

    op: Op
    attrs: dict[str, Any]
    inputs: Sequence[int | None]
    saved: Sequence[Any]
    outputs: Sequence[int]
    arrays: Sequence[Array] | None


new_entry = functools.partial(tuple.__new__, Entry)  # twice as fast as `Entry(...)`, and called for each op recorded


def kept(op: Op, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a tape keeps of the inputs: the Tensor, its shape or nothing, as the op's gradient has it."""
    if op.keeps_all:
        return inputs
    plan = op.keep_plan(len(inputs))
    return tuple(
        x if how is KEEP or type(x) is not Tensor else x._array.shape if how is SHAPE else None
        for x, how in zip(inputs, plan, strict=True)
    )


def sweep(entries: Sequence[Entry], seeds: dict[int, Any], sources: set[int]) -> dict[int, Any]:
    """Runs the chain rule backwards.

    Args:
      entries: what was recorded, in order.
      seeds: the gradient of each target, by the target's number.
      sources: the numbers of the tensors and variables whose gradients are wanted.

    Returns:
      The gradients by number; a source that no target depends on is missing.
    """
    grads = seeds
    reached = set(sources)  # numbers that depend on a source
    path = []
    for entry in entries:
        if not reached.isdisjoint(entry[2]):  # entry.inputs
            reached.update(entry[4])  # entry.outputs
            path.append(entry)
    while path:
        entry = path.pop()
        numbers = entry[4]
        if len(numbers) > 1:
            g = _output_gradients(entry, grads, sources)
        else:
            g = grads.get(numbers[0]) if numbers[0] in sources else grads.pop(numbers[0], None)
            if type(g) is IndexedSlices and not entry[0].takes_slices:
                g = g.__tf_tensor__()
        if g is None:
            continue
        for number, gradient in zip(entry[2], input_gradients(entry, g)):
            if number not in reached or gradient is None:
                continue
            if type(gradient) is not Tensor and callable(gradient):
                gradient = gradient()
            before = grads.get(number)
            grads[number] = gradient if before is None else _sum(before, gradient)
    return grads


def _output_gradients(entry: Entry, grads: dict[int, Any], sources: set[int]) -> Any:
    """The gradients of an entry's several outputs, taken out of `grads`; None if there is none."""
    take = [grads.get(number) if number in sources else grads.pop(number, None) for number in entry.outputs]
    if all(g is None for g in take):
        return None
    if entry.op.takes_slices:
        return tuple(take)
    return tuple([g.__tf_tensor__() if type(g) is IndexedSlices else g for g in take])


def input_gradients(entry: Entry, g: Any) -> Sequence[Any]:
    """Calls the op's gradient: a Tensor, None or a thunk for each input."""
    op, attrs, _, saved, _, arrays = entry
    if op.backward is None:
        raise LookupError(f"gradient registry has no entry for: {op.name}")
    result = op.backward(g, None if arrays is None else _outputs(entry), *saved, **attrs)
    return result if type(result) is tuple or type(result) is list else (result,)


def _outputs(entry: Entry) -> Any:
    """The outputs as they were recorded, so that an outer tape goes on through them."""
    outputs = []
    for array, number in zip(entry.arrays or (), entry.outputs):
        output = Tensor(array)
        output._id = number
        outputs.append(output)
    return outputs[0] if len(outputs) == 1 else tuple(outputs)


def _sum(a: Any, b: Any) -> Any:
    """The sum of two gradients of one tensor; slices stay slices."""
    if type(a) is IndexedSlices and type(b) is IndexedSlices:
        concat = OPS["ConcatV2"]
        return IndexedSlices(concat(a.values, b.values, 0), concat(a.indices, b.indices, 0), a.dense_shape)
    return add(a, b)
