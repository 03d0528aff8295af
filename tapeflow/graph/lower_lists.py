"""Lists of tensors on XLA: one array, with a first dimension for the items. What was never written is zeros.

The number of items is known while the graph is lowered. Their shape may become known only with the first write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes
from ..core.symbol import Symbol
from .ir import Node
from .lower import LOWERERS, Lowering, NotOnXla, _NotKnown


class Stacked(NamedTuple):
    """A list whose items have been stacked; of lists of lists the first dimensions are the lists'. A pytree to JAX."""

    items: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """A variant is a scalar."""
        return ()

    @property
    def size(self) -> int:
        """The number of items."""
        return int(self.items.shape[0])


class Unwritten(NamedTuple):
    """A list of which no item was written yet."""

    size: int
    shape: tuple[int, ...] = ()


def zeros(low: Lowering, size: int, like: Any) -> Stacked:
    """A list of items like `like`, an array or itself a list."""
    if isinstance(like, Stacked):
        return zeros(low, size, like.items)
    return Stacked(low.jax.numpy.zeros((size, *like.shape), like.dtype))


def _reserve(low: Lowering, node: Node) -> list[Any]:
    (count,) = (low.value(x) for x in node.tensors)
    if not isinstance(count, np.ndarray):
        raise NotOnXla(node, "the number of elements of a TensorArray must be known to compile it")
    shape, dtype = node.attrs.get("element_shape"), node.attrs["element_dtype"]
    if shape is None or None in shape or dtype in (dtypes.variant, dtypes.string):
        return [Unwritten(int(count))]
    return [Stacked(low.jax.numpy.zeros((int(count), *shape), dtype.numpy))]


def _set_item(low: Lowering, node: Node) -> list[Any]:
    handle, index, item = (low.value(x) for x in node.tensors)
    if node.attrs.get("resize"):
        handle = _grown(low, node, handle, index)
    if isinstance(item, Unwritten) or not handle.size:
        return [handle]
    if isinstance(handle, Unwritten):
        handle = zeros(low, handle.size, item)
    return [Stacked(_put(low, handle.items, index, item.items if isinstance(item, Stacked) else item))]


def _put(low: Lowering, items: Any, index: Any, item: Any) -> Any:
    return low.jax.lax.dynamic_update_index_in_dim(items, low.jax.numpy.asarray(item, items.dtype), index, 0)


def _grown(low: Lowering, node: Node, handle: Any, index: Any) -> Any:
    if not isinstance(index, np.ndarray):
        raise NotOnXla(node, "a TensorArray that grows by itself has no size that is known to compile it")
    more = int(index) + 1 - handle.size
    if more <= 0:
        return handle
    if isinstance(handle, Unwritten):
        return Unwritten(handle.size + more)
    return Stacked(low.jax.numpy.pad(handle.items, [(0, more), *[(0, 0)] * (handle.items.ndim - 1)]))


def _get(low: Lowering, handle: Stacked, index: Any) -> Any:
    if not handle.size:  # of a loop without iterations: read by code that never runs
        return low.jax.numpy.zeros(handle.items.shape[1:], handle.items.dtype)
    return low.jax.lax.dynamic_index_in_dim(handle.items, index, 0, keepdims=False)


def _get_item(low: Lowering, node: Node) -> list[Any]:
    handle, index = (low.value(x) for x in node.tensors)
    known = isinstance(handle, Stacked) and isinstance(handle.items, np.ndarray) and isinstance(index, np.ndarray)
    if known and 0 <= index < handle.size:
        return [np.asarray(handle.items[index])]
    if low.folding:
        raise _NotKnown
    if isinstance(handle, Unwritten):
        shape, dtype = node.attrs.get("element_shape"), node.attrs["element_dtype"]
        if shape is None or None in shape or dtype is dtypes.variant:
            raise NotOnXla(node, "reads from a list of which nothing is known")
        return [low.jax.numpy.zeros(shape, dtype.numpy)]
    item = _get(low, handle, index)
    return [Stacked(item) if node.attrs["element_dtype"] is dtypes.variant else item]


def _get_like(low: Lowering, node: Node) -> list[Any]:
    handle, index, like = (low.value(x) for x in node.tensors)
    if isinstance(handle, Unwritten):
        return [_zeros_like(low, like)]
    item = _get(low, handle, index)
    return [Stacked(item) if isinstance(like, Stacked) else item]


def _zeros_like(low: Lowering, like: Any) -> Any:
    if isinstance(like, Unwritten):
        return like
    if isinstance(like, Stacked):
        return Stacked(low.jax.numpy.zeros_like(like.items))
    return low.jax.numpy.zeros_like(like)


def _clear_item(low: Lowering, node: Node) -> list[Any]:
    handle, index = (low.value(x) for x in node.tensors)
    if isinstance(handle, Unwritten):
        return [handle]
    return [Stacked(_put(low, handle.items, index, low.jax.numpy.zeros(handle.items.shape[1:])))]


def _length(low: Lowering, node: Node) -> list[Any]:
    return [np.array(low.value(node.tensors[0]).size, np.int32)]


def _stack(low: Lowering, node: Node) -> list[Any]:
    handle = low.value(node.tensors[0])
    if isinstance(handle, Stacked):
        return [handle.items]
    shape, dtype = node.attrs.get("element_shape"), node.attrs["element_dtype"]
    if handle.size and (shape is None or None in shape):
        raise NotOnXla(node, "reads from a list of which nothing is known")
    return [low.jax.numpy.zeros((handle.size, *(n or 0 for n in shape or ())), dtype.numpy)]


def _stack_like(low: Lowering, node: Node) -> list[Any]:
    handle, like = (low.value(x) for x in node.tensors)
    return [_zeros_like(low, like) if isinstance(handle, Unwritten) else handle.items]


def _from_tensor(low: Lowering, node: Node) -> list[Any]:
    return [Stacked(low.jax.numpy.asarray(low.value(node.tensors[0])))]


def one_item(x: Symbol) -> Node | None:
    """What writes the only item of a list; None if `x` is another list."""
    node = x.op
    alone = node.op.name == "TensorListSetItem" and node.args[0].op.op.name == "TensorListReserve"
    return node if alone and not node.attrs.get("resize") else None


def _add(low: Lowering, node: Node) -> list[Any]:
    a, b = (low.value(x) for x in node.tensors)
    if isinstance(a, Unwritten) or isinstance(b, Unwritten):
        return [b if isinstance(a, Unwritten) else a]
    one = one_item(node.tensors[1])
    if one is not None:
        index, item = (low.value(x) for x in one.tensors[1:])  # a list with one item: the others are not touched
        if not isinstance(item, Stacked):
            return [Stacked(_put(low, a.items, index, _get(low, a, index) + item))]
    return [Stacked(a.items + b.items)]


def _concat(low: Lowering, node: Node) -> list[Any]:
    handle = low.value(node.tensors[0])
    if isinstance(handle, Stacked) and handle.items.ndim > 1:
        return [handle.items.reshape(-1, *handle.items.shape[2:])]
    raise NotOnXla(node, "joins a list of which nothing is known")


def _lengths(low: Lowering, node: Node) -> list[Any]:
    handle = low.value(node.tensors[0])
    if isinstance(handle, Unwritten):
        return [np.zeros(handle.size, np.int64)]
    return [np.full(handle.size, handle.items.shape[1], np.int64)]


def _split(low: Lowering, node: Node) -> list[Any]:
    tensor, lengths = (low.value(x) for x in node.tensors)
    if not isinstance(lengths, np.ndarray) or len(set(lengths.tolist())) != 1:
        raise NotOnXla(node, "pieces must be of one length that is known to compile it")
    return [Stacked(low.jax.numpy.asarray(tensor).reshape(len(lengths), -1, *tensor.shape[1:]))]


def _scatter(low: Lowering, node: Node) -> list[Any]:
    handle, indices, tensor = (low.value(x) for x in node.tensors)
    if node.attrs.get("resize"):
        last = indices.max(initial=-1) if isinstance(indices, np.ndarray) else indices
        handle = _grown(low, node, handle, last if not isinstance(indices, np.ndarray) else np.asarray(last))
    if isinstance(handle, Unwritten):
        handle = Stacked(low.jax.numpy.zeros((handle.size, *tensor.shape[1:]), tensor.dtype))
    return [Stacked(handle.items.at[indices].set(tensor))]


def _clear_items(low: Lowering, node: Node) -> list[Any]:
    handle, indices = (low.value(x) for x in node.tensors)
    return [handle if isinstance(handle, Unwritten) else Stacked(handle.items.at[indices].set(0))]


def _gather_like(low: Lowering, node: Node) -> list[Any]:
    handle, indices, like = (low.value(x) for x in node.tensors)
    return [_zeros_like(low, like) if isinstance(handle, Unwritten) else handle.items[low.jax.numpy.asarray(indices)]]


def _when_running(lowerer: Callable[[Lowering, Node], list[Any]]) -> Callable[[Lowering, Node], list[Any]]:
    def run(low: Lowering, node: Node) -> list[Any]:
        if low.folding:
            raise _NotKnown
        return lowerer(low, node)

    return run


LOWERERS["TensorListLength"] = _length
LOWERERS["TensorListGetItem"] = _get_item
LOWERERS.update(
    (f"TensorList{name}", _when_running(lowerer))
    for name, lowerer in (
        ("Reserve", _reserve), ("SetItem", _set_item), ("GetLike", _get_like),
        ("ClearItem", _clear_item), ("Stack", _stack), ("StackLike", _stack_like), ("FromTensor", _from_tensor),
        ("Add", _add), ("ConcatV2", _concat), ("Lengths", _lengths), ("Split", _split),
        ("ScatterIntoExistingList", _scatter), ("ClearItems", _clear_items), ("GatherLike", _gather_like),
    )
)  # fmt: skip
