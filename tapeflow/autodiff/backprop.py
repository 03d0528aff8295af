"""The reverse sweep: from what was recorded, and a gradient for each target, to a gradient for each source."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any, TypeAlias

from ..base.dtypes import variant
from ..core.indexed_slices import IndexedSlices
from ..core.op import KEEP, OPS, SHAPE, Op
from ..core.symbol import Abstract
from ..core.tensor import Tensor, tensor_of
from ..ops.arithmetic import add

# One op call on a tape, as a plain list, since it is made for every op recorded:
#   op, attrs,
#   inputs: the numbers of the input Tensors (None for static values),
#   saved: of the inputs' values what the op's gradient asks for (see `kept`),
#   outputs: the numbers of the output Tensors,
#   arrays: the outputs' arrays, if the gradient asks for them.
# A sweep that uses a tape up replaces `saved` and `arrays` by None; the rest is there for what explains a tape.
Entry: TypeAlias = "list[Any]"

_VARIANT = variant.numpy


def kept(op: Op, inputs: tuple[Any, ...]) -> Sequence[Any]:
    """What a tape keeps of the inputs: the Tensor, its shape or nothing, as the op's gradient has it."""
    if op.keeps_all:
        return inputs
    saved = []
    for x, how in zip(inputs, op.keep_plan(len(inputs)), strict=True):
        if how is KEEP or not isinstance(x, Tensor):
            saved.append(x)
        else:
            saved.append(x._array.shape if how is SHAPE else None)
    return saved


def way(
    entries: list[Entry], sources: Set[int | None], consume: bool = False
) -> tuple[list[Entry], set[int | None]]:
    """The entries that depend on a source, in order, and the numbers that do; see `sweep`."""
    reached = {*sources}
    path = []
    for entry in entries:
        if not reached.isdisjoint(entry[2]):
            reached.update(entry[4])
            path.append(entry)
        elif consume:
            entry[3] = entry[5] = None
    return path, reached


def sweep(
    path: list[Entry],
    grads: dict[int | None, Any],
    sources: Set[int | None],
    reached: Set[int | None],
    consume: bool = False,
) -> dict[int | None, Any]:
    """Runs the chain rule backwards.

    Args:
      path: what was recorded, in order: all that depends on the sources (see `way`).
      grads: the gradient of each target, by the target's number; what is found is added here.
      sources: the numbers of the tensors and variables whose gradients are wanted.
      reached: the numbers that depend on a source.
      consume: whether the entries let go of all that they keep alive, one by one.

    Returns:
      The gradients by number; a source that no target depends on is missing.
    """
    for entry in reversed(path):
        outputs = entry[4]
        if len(outputs) != 1:
            g = _output_gradients(entry, grads, sources)
        else:  # nearly all ops: without a call
            output = outputs[0]
            g = grads.get(output) if output in sources else grads.pop(output, None)
            if type(g) is IndexedSlices and not entry[0].takes_slices:
                g = g.__tf_tensor__()
        if g is not None:
            call = selecting(entry, tuple([number in reached for number in entry[2]])) if entry[0].selects else entry
            for number, gradient in zip(entry[2], input_gradients(call, g)):
                if gradient is None or number not in reached:
                    continue
                if type(gradient) is not Tensor and callable(gradient):
                    gradient = gradient()
                grads[number] = _sum(grads[number], gradient) if number in grads else gradient
        if consume:
            entry[3] = entry[5] = None
    return grads


def _output_gradients(entry: Entry, grads: dict[int | None, Any], sources: Set[int | None]) -> Any:
    """The gradients of an entry's several outputs, taken out of `grads`; None if there are none."""
    gs = [grads.get(number) if number in sources else grads.pop(number, None) for number in entry[4]]
    if not entry[0].takes_slices:
        gs = [g.__tf_tensor__() if type(g) is IndexedSlices else g for g in gs]
    return None if all(g is None for g in gs) else tuple(gs)


def selecting(entry: Entry, wanted: tuple[bool, ...]) -> Entry:
    """The entry of an op whose gradient is told which of the inputs' gradients are wanted."""
    return [entry[0], {**entry[1], "wanted": wanted}, *entry[2:]]


def input_gradients(entry: Entry, g: Any) -> Sequence[Any]:
    """Calls the op's gradient: a Tensor, None or a thunk for each input."""
    op, attrs, _, saved, _, arrays = entry
    if op.backward is None:
        raise LookupError(f"gradient registry has no entry for: {op.name}")
    output = None if arrays is None else _outputs(entry)
    result = op.backward(g, output, *saved, **attrs) if attrs else op.backward(g, output, *saved)
    return result if type(result) is tuple or type(result) is list else (result,)


def _outputs(entry: Entry) -> Any:
    """The outputs as they were recorded, so that an outer tape goes on through them."""
    _, _, _, _, numbers, arrays = entry
    outputs: list[Tensor] = []
    for array, number in zip(arrays or (), numbers):
        if type(array) is Abstract:
            outputs.append(array.symbol)
            continue
        output = tensor_of(array)
        output._id = number
        outputs.append(output)
    return outputs[0] if len(outputs) == 1 else tuple(outputs)


def _sum(a: Any, b: Any) -> Any:
    """The sum of two gradients of one tensor; slices stay slices."""
    if type(a) is IndexedSlices and type(b) is IndexedSlices:
        concat = OPS["ConcatV2"]
        return IndexedSlices(concat(a.values, b.values, 0), concat(a.indices, b.indices, 0), a.dense_shape)
    if isinstance(a, Tensor) and a._array.dtype is _VARIANT:
        return OPS["TensorListAdd"](a, b)
    return add(a, b)
