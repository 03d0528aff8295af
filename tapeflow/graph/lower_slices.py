"""Slices on XLA that begin where only a running program knows: `x[i]`, `x[i : i + 3]`, and their gradients.

And functions of the pieces of an array, as in the cells of recurrent networks.
"""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

import numpy as np

from ..core.symbol import Size, Symbol
from .ir import Node
from .lower import LOWERERS, Lowering, NotOnXla, _NotKnown


class _Slice(NamedTuple):
    """A slice in two: `starts` and `sizes` of a part of the array; begin, end and strides within that part."""

    starts: list[Any]
    sizes: list[int]
    begin: tuple[int, ...]
    end: tuple[int, ...]


def _elements(low: Lowering, value: Any) -> list[Any]:
    """The elements of a static input: ints, and tracers where they are not known."""
    if isinstance(value, Symbol):
        array = low.value(value)
        return array.tolist() if isinstance(array, np.ndarray) else [array[i] for i in range(array.shape[0])]
    return [_element(low, x) for x in value]


def _element(low: Lowering, x: Any) -> Any:
    if isinstance(x, np.ndarray):
        x = x.item()
    if not isinstance(x, Size):
        return int(x)
    first, second = x.operands
    if x.function is not None:
        return x.function(_element(low, first), _element(low, second))
    array = low.value(first)
    if second is not None:
        return int(array.shape[second])
    return int(array) if isinstance(array, np.ndarray) else array


def _length(begin: Any, end: Any) -> int | None:
    """`end - begin`, if it can be seen that `end` is `begin` and a number."""
    begin, end = (x.item() if isinstance(x, np.ndarray) else x for x in (begin, end))
    if isinstance(begin, Size) and isinstance(end, Size) and end.function is operator.add:
        first, second = end.operands
        if isinstance(first, Size) and first.key == begin.key and type(second) is int:
            return second
    return None


def _split(low: Lowering, node: Node, shape: tuple[int, ...], given: tuple[Any, Any, Any]) -> _Slice | None:
    """The slice in two; None if all of it is known."""
    masks = node.attrs
    begin, end, strides = (_elements(low, x) for x in given)
    free = [i for i, (b, e) in enumerate(zip(begin, end)) if not (_is_free(masks, i) or type(b) is type(e) is int)]
    if not free:
        return None
    if low.folding:
        raise _NotKnown
    starts: list[Any] = [np.int32(0)] * len(shape)
    sizes = list(shape)
    for i in free:
        shrinks = masks.get("shrink_axis_mask", 0) >> i & 1
        masked = (masks.get("begin_mask", 0) | masks.get("end_mask", 0)) >> i & 1
        length = 1 if shrinks else None if isinstance(given[0], Symbol) else _length(given[0][i], given[1][i])
        if length is None or (masked and not shrinks) or strides[i] != 1:
            raise NotOnXla(node, "how long a slice is must be known to compile it")
        dim = _dimension(masks, i, len(begin), len(shape))
        start = low.jax.numpy.asarray(begin[i], np.int32)
        starts[dim] = low.jax.numpy.where(start < 0, start + shape[dim], start)
        sizes[dim] = min(length, shape[dim])
        begin[i], end[i] = 0, sizes[dim]
    return _Slice(starts, sizes, tuple(begin), tuple(end))


def _is_free(masks: Any, i: int) -> bool:
    """Whether an entry of the slice stands for no dimension of its own: an ellipsis, a new axis."""
    return bool((masks.get("ellipsis_mask", 0) | masks.get("new_axis_mask", 0)) >> i & 1)


def _dimension(masks: Any, i: int, count: int, rank: int) -> int:
    """Which dimension of the array an entry of the slice is for."""
    ellipsis = masks.get("ellipsis_mask", 0)
    if ellipsis and i > ellipsis.bit_length() - 1:
        return rank - sum(not _is_free(masks, j) for j in range(i, count))
    return sum(not _is_free(masks, j) for j in range(i))


def _strided_slice(low: Lowering, node: Node) -> list[Any]:
    x, *given = node.args
    array = low.value(x)
    two = _split(low, node, tuple(array.shape), (given[0], given[1], given[2]))
    if two is None:
        return low.call(node)
    part = low.jax.lax.dynamic_slice(low.jax.numpy.asarray(array), two.starts, two.sizes)
    strides = tuple(_elements(low, given[2]))
    return [node.op.kernels["xla"](low.jax, part, two.begin, two.end, strides, **node.attrs)]  # type: ignore[misc]


def _strided_slice_grad(low: Lowering, node: Node) -> list[Any]:
    shape, begin, end, strides, dy = node.args
    whole = low.argument(node, shape, True)
    two = _split(low, node, whole, (begin, end, strides))
    if two is None:
        return low.call(node)
    g = low.value(dy)
    kernel: Any = node.op.kernels["xla"]
    part = kernel(low.jax, tuple(two.sizes), two.begin, two.end, tuple(_elements(low, strides)), g, **node.attrs)
    zeros = low.jax.numpy.zeros(whole, g.dtype)
    return [low.jax.lax.dynamic_update_slice(zeros, part, two.starts)]


def _of_piece(low: Lowering, node: Node) -> list[Any]:
    """A function of a piece of an array: where most pieces have it, a piece of the function of the array.

    XLA sees that it need not compute that again for the other pieces. Piece by piece it would compute the array anew
    for each, and in loops without vectors.
    """
    piece, split = node.args[0], node.args[0].op
    if low.folding or split.op.name != "Split":
        return low.call(node)
    pieces = set(map(id, split.outputs))
    same = sum(other.op is node.op and id(other.args[0]) in pieces for other in split.graph.nodes)
    if 2 * same <= len(pieces):
        return low.call(node)
    function, cut = low.kernel(node.op), low.kernel(split.op)
    axis = low.argument(split, split.args[0], True)
    whole = low.typed(function(low.value(split.args[1])), piece)
    return [cut(axis, whole, **split.attrs)[piece.value_index]]


for _name in ("Sigmoid", "Tanh", "Exp", "Softplus", "Elu", "Selu"):
    LOWERERS[_name] = _of_piece
LOWERERS["StridedSlice"] = _strided_slice
LOWERERS["StridedSliceGrad"] = _strided_slice_grad
