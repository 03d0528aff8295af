"""Ops on lists of tensors, of which `tf.TensorArray` is made in graphs.

On the host a list is a `TensorList`. On XLA it is one array, with a new first dimension for the items; so there sizes
and shapes must be known.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import errors
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..core.op import op
from ..core.tensor import Array
from ..core.tensor_list import TensorList
from .common import only_host


def _scalar(*_: Any, **__: Any) -> Shape:
    return ()


def _zeros(shape: Any, dtype: DType) -> Array:
    if dtype.name == "string":
        return np.full(shape, b"", object)
    return np.zeros(shape, dtype.numpy)


def _element_shape(items: list[Any], shape: Any) -> Any:
    """The shape of an item that was never written: that of the others, or what was said beforehand."""
    for item in items:
        if item is not None:
            return item.shape
    if shape is None or None in shape:
        raise errors.invalid("Tried to read an uninitialized element of a TensorArray whose element shape is not known")
    return shape


def _item(items: list[Any], index: int, shape: Any, dtype: DType) -> Array:
    item = items[index]
    return _zeros(_element_shape(items, shape), dtype) if item is None else item


def _checked(items: list[Any], index: int, what: str) -> int:
    if not 0 <= index < len(items):
        verb = "access" if what == "read" else "modify"
        raise errors.invalid(f"Trying to {verb} element {index} in a list with {len(items)} elements.")
    return index


@op("TensorListReserve", "num_elements:int32 -> handle:variant", shape=_scalar, differentiable=False)
def reserve(xp: Any, num_elements: Array, *, element_shape: Any = None, element_dtype: DType) -> Any:
    """A list of `num_elements` items, none of them written."""
    return TensorList([None] * int(num_elements))


@op(
    "TensorListSetItem", "input_handle:variant, index:int32, item:element_dtype -> output_handle:variant", shape=_scalar
)  # fmt: skip
def set_item(xp: Any, handle: Any, index: Array, item: Array, *, resize: bool = False) -> Any:
    """The list with `item` at `index`; with `resize` it grows if it must."""
    i, items = int(index), handle.items()
    if resize and i >= len(items):
        handle = TensorList([*items, *[None] * (i + 1 - len(items))])
        items = handle.items()
    return handle.set(_checked(items, i, "write"), item)


@set_item.gradient
def _(g: Any, _y: Any, _handle: Any, index: Any, item: Any, *, resize: bool = False) -> Any:
    return lambda: clear_item(g, index), None, lambda: get_like(g, index, item)


@op("TensorListGetLike", "input_handle:variant, index:int32, like:T -> item:T", shape=lambda _h, _i, like: like)
def get_like(xp: Any, handle: Any, index: Array, like: Array) -> Array:
    """The item at `index`, zeros like `like` if it was never written or the list is shorter."""
    items, i = handle.items(), int(index)
    item = items[i] if i < len(items) else None
    if item is None:
        return TensorList([None] * len(like)) if isinstance(like, TensorList) else np.zeros_like(like)
    return item


@get_like.gradient
def _(g: Any, _y: Any, handle: Any, index: Any, like: Any) -> Any:
    return set_item(reserve(length(handle), element_dtype=like.dtype), index, g), None, None


@op("TensorListClearItem", "input_handle:variant, index:int32 -> output_handle:variant", shape=_scalar)
def clear_item(xp: Any, handle: Any, index: Array) -> Any:
    """The list with nothing at `index`."""
    return handle.set(_checked(handle.items(), int(index), "write"), None)


@clear_item.gradient
def _(g: Any, _y: Any, _handle: Any, index: Any) -> Any:
    return clear_item(g, index), None


@op(
    "TensorListGetItem", "input_handle:variant, index:int32 -> item:element_dtype",
    shape=lambda *_, element_shape=None, **__: element_shape,
)  # fmt: skip
def get_item(xp: Any, handle: Any, index: Array, *, element_shape: Any = None, element_dtype: DType) -> Array:
    """The item at `index`, zeros if it was never written."""
    items = handle.items()
    return _item(items, _checked(items, int(index), "read"), element_shape, element_dtype)


@get_item.gradient
def _(g: Any, _y: Any, handle: Any, index: Any, *, element_shape: Any, element_dtype: DType) -> Any:
    empty = reserve(length(handle), element_shape=element_shape, element_dtype=element_dtype)
    return set_item(empty, index, g), None


@op("TensorListLength", "input_handle:variant -> length:int32", shape=_scalar, differentiable=False)
def length(xp: Any, handle: Any) -> Array:
    """The number of items."""
    return np.array(len(handle), np.int32)


@op(
    "TensorListStack", "input_handle:variant -> tensor:element_dtype",
    shape=lambda *_, element_shape=None, num_elements=None, **__: (
        None if element_shape is None else (num_elements, *element_shape)
    ),
)  # fmt: skip
def stack(xp: Any, handle: Any, *, element_shape: Any = None, element_dtype: DType, num_elements: Any = None) -> Array:
    """All items as one tensor."""
    items = handle.items()
    if not items:
        return _zeros((0, *(n or 0 for n in element_shape or ())), element_dtype)
    shape = _element_shape(items, element_shape)
    out = np.empty((len(items), *shape), element_dtype.numpy)
    for i, item in enumerate(items):
        if item is not None and item.shape != shape:
            raise errors.invalid("Tried to stack list elements with different shapes")
        out[i] = (b"" if element_dtype.name == "string" else 0) if item is None else item
    return out


@stack.gradient
def _(g: Any, _y: Any, _handle: Any, *, element_shape: Any, element_dtype: DType, num_elements: Any) -> Any:
    return from_tensor(g)


@op("TensorListFromTensor", "tensor:element_dtype -> output_handle:variant", shape=_scalar)
def from_tensor(xp: Any, tensor: Array) -> Any:
    """The slices of a tensor along its first dimension."""
    return TensorList(tensor)


@from_tensor.gradient
def _(g: Any, _y: Any, tensor: Any) -> Any:
    return stack_like(g, tensor)


@op("TensorListStackLike", "input_handle:variant, like:T -> tensor:T", shape=lambda _h, like: like)
def stack_like(xp: Any, handle: Any, like: Array) -> Array:
    """All items as one tensor like `like`, with zeros for those never written."""
    out = np.zeros_like(like)
    for i, item in enumerate(handle.items()):
        if item is not None:
            out[i] = item
    return out


@stack_like.gradient
def _(g: Any, _y: Any, _handle: Any, _like: Any) -> Any:
    return from_tensor(g), None


@op("TensorListAdd", "a:variant, b:variant -> c:variant", shape=_scalar)
def add_lists(xp: Any, a: Any, b: Any) -> Any:
    """The sums of the items, one by one: how two gradients of one list become one."""
    x, y = list(a.items()), b.items()  # a copy: where one list was made of the other, the items move
    return TensorList(_sum(u, v) for u, v in zip(x, y, strict=True))


def _sum(u: Any, v: Any) -> Any:
    if u is None or v is None:
        return v if u is None else u
    return add_lists.kernel(np, u, v) if isinstance(u, TensorList) else u + v


@add_lists.gradient
def _(g: Any, _c: Any, _a: Any, _b: Any) -> Any:
    return g, g


only_host(reserve, set_item, clear_item, get_item, get_like, length, stack, stack_like, from_tensor, add_lists)


@op(
    "TensorListConcatV2", "input_handle:variant -> tensor:element_dtype",
    shape=lambda *_, element_shape=None, **__: None if element_shape is None else (None, *element_shape),
)  # fmt: skip
def concat(xp: Any, handle: Any, *, element_shape: Any = None, element_dtype: DType) -> Array:
    """The items joined along their first dimension."""
    items = [item for item in handle.items() if item is not None]
    for i, item in enumerate(items):
        if not item.ndim:
            raise errors.invalid(f"Concat saw a scalar shape at index {i} but requires at least vectors.")
    if not items:
        return _zeros((0, *(n or 0 for n in element_shape or ())), element_dtype)
    return np.concatenate(items)


@op("TensorListLengths", "input_handle:variant -> lengths:int64", shape=lambda *_: (None,), differentiable=False)
def lengths(xp: Any, handle: Any) -> Array:
    """The sizes of the items along their first dimension."""
    return np.array([0 if item is None else len(item) for item in handle.items()], np.int64)


@concat.gradient
def _(g: Any, _y: Any, handle: Any, *, element_shape: Any, element_dtype: DType) -> Any:
    return split(g, lengths(handle))


@op("TensorListSplit", "tensor:element_dtype, lengths:int64 -> output_handle:variant", shape=_scalar)
def split(xp: Any, tensor: Array, lengths: Array) -> Any:
    """Pieces of a tensor along its first dimension."""
    if int(lengths.sum()) != len(tensor):
        raise errors.invalid(
            f"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is {int(lengths.sum())} and "
            f"value's shape is: {list(tensor.shape)} "
        )
    return TensorList(np.split(tensor, np.cumsum(lengths)[:-1]) if len(lengths) else [])


@split.gradient
def _(g: Any, _y: Any, tensor: Any, _lengths: Any) -> Any:
    dims = tensor.shape._dims
    return concat(g, element_shape=None if dims is None else dims[1:], element_dtype=tensor.dtype), None


@op(
    "TensorListScatterIntoExistingList",
    "input_handle:variant, indices:int32, tensor:element_dtype -> output_handle:variant", shape=_scalar,
)  # fmt: skip
def scatter(xp: Any, handle: Any, indices: Array, tensor: Array, *, resize: bool = False) -> Any:
    """The list with the slices of a tensor at `indices`."""
    items = list(handle.items())
    if len(indices) != len(tensor):
        raise errors.invalid(f"Expected len(indices) == tensor.shape[0], but saw: {len(indices)} vs. {len(tensor)}")
    for i, item in zip(indices.tolist(), tensor):
        if resize and i >= len(items):
            items.extend([None] * (i + 1 - len(items)))
        items[_checked(items, i, "write")] = item
    return TensorList(items)


@scatter.gradient
def _(g: Any, _y: Any, _handle: Any, indices: Any, tensor: Any, *, resize: bool) -> Any:
    return lambda: clear_items(g, indices), None, lambda: gather_like(g, indices, tensor)


@op("TensorListClearItems", "input_handle:variant, indices:int32 -> output_handle:variant", shape=_scalar)
def clear_items(xp: Any, handle: Any, indices: Array) -> Any:
    """The list with nothing at `indices`."""
    gone = set(indices.tolist())
    return TensorList(None if i in gone else item for i, item in enumerate(handle.items()))


@clear_items.gradient
def _(g: Any, _y: Any, _handle: Any, indices: Any) -> Any:
    return clear_items(g, indices), None


@op("TensorListGatherLike", "input_handle:variant, indices:int32, like:T -> values:T", shape=lambda _h, _i, like: like)
def gather_like(xp: Any, handle: Any, indices: Array, like: Array) -> Array:
    """The items at `indices` as one tensor like `like`, with zeros for those never written."""
    out, items = np.zeros_like(like), handle.items()
    for n, i in enumerate(indices.tolist()):
        if items[i] is not None:
            out[n] = items[i]
    return out


@gather_like.gradient
def _(g: Any, _y: Any, handle: Any, indices: Any, _like: Any) -> Any:
    return scatter(reserve(length(handle), element_dtype=g.dtype), indices, g), None, None


only_host(concat, lengths, split, scatter, clear_items, gather_like)
