"""Elements that are known while a function is traced: constants, and shapes, as far as shapes need them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base.context import quietly
from ..core.symbol import Abstract, Size, Symbol, UndecidedError

LIMIT = 256  # elements; more are no shape
# Ops whose host kernels also compute with Sizes, as objects in an array.
_WITH_SIZES = frozenset(
    "AddV2 ConcatV2 ExpandDims FloorDiv FloorMod GatherV2 Identity Mul Neg Pack Pad PadV2 Prod Reshape Slice Squeeze"
    " StridedSlice Sub Sum Unpack Split SplitV".split()
)
# ... and those that must have true numbers.
_WITH_NUMBERS = _WITH_SIZES | frozenset(
    "Abs BroadcastTo Cast Equal Fill Greater GreaterEqual Less LessEqual LogicalAnd LogicalNot LogicalOr Maximum"
    " Minimum NotEqual OnesLike Range ReverseV2 SelectV2 Sign Square Tile Transpose ZerosLike All Any Max Min".split()
)


def known_elements(node: Any) -> None:
    """Sets `known` of a node's outputs where it follows from the inputs; nothing with side effects ever does."""
    name = node.op.name
    if not node.outputs:
        return
    if name in ("Shape", "Size", "Rank", "ShapeN"):
        _ask_shape(node, name)
    elif name == "Range":
        _range_shape(node)
    dtype = node.outputs[0].dtype
    countable = dtype.is_integer or dtype.is_bool or (name == "Cast" and dtype.is_floating)  # for ranges of floats
    if name in _WITH_NUMBERS and countable:
        _compute(node, name)


def _range_shape(node: Any) -> None:
    """The number of elements, where the ends are known."""
    start, limit, delta = (None if x.known is None else x.known.item() for x in node.args)
    (y,) = node.outputs
    if isinstance(start, Size) or isinstance(delta, Size):
        return
    if isinstance(limit, Size) and limit.is_size and (start, delta) == (0, 1):
        y._array = Abstract(y, y._array.dtype, (limit,))
    elif isinstance(start, (int, float)) and isinstance(limit, (int, float)) and delta:
        count = (limit - start) / delta
        if math.isfinite(count):  # otherwise the kernel says what is wrong
            y._array = Abstract(y, y._array.dtype, (max(0, math.ceil(count)),))


def _ask_shape(node: Any, name: str) -> None:
    for x, y in zip(node.tensors, node.outputs):
        dims = x._array.dims
        if dims is None:
            continue
        value = dims if name in ("Shape", "ShapeN") else len(dims) if name == "Rank" else x._array.size
        y.known = _array(value, y)


def _array(value: Any, like: Symbol) -> np.ndarray[Any, Any]:
    items = value if isinstance(value, tuple) else (value,)
    if all(type(n) is int for n in items):
        return np.array(value, like._array.dtype)
    array = np.empty(len(items), object)
    array[:] = items
    return array if isinstance(value, tuple) else array.reshape(())


def _compute(node: Any, name: str) -> None:
    arrays = []
    for x in node.args:
        if not isinstance(x, Symbol):
            arrays.append(x)
        elif x.known is None and name == "Pack" and x._array.dims == ():
            value = np.empty((), object)
            value[()] = Size(None, x, None)
            arrays.append(value)
        elif x.known is None or x.known.size > LIMIT:
            return
        else:
            arrays.append(x.known)
    sizes = any(isinstance(a, np.ndarray) and a.dtype == object for a in arrays)
    if sizes and name not in _WITH_SIZES:
        if name != "Cast" or not node.outputs[0].dtype.is_integer:
            return
        node.outputs[0].known = arrays[0]  # int32 or int64: the same Sizes
        return
    if sizes:  # objects all of them: of a mixture NumPy would make an array of arrays
        arrays = [a.astype(object) if isinstance(a, np.ndarray) else a for a in arrays]
    try:
        result = quietly(node.op.host, *arrays, **node.attrs)
    except (UndecidedError, TypeError, AttributeError, IndexError):
        return
    results = result if isinstance(result, tuple) else (result,)
    for y, value in zip(node.outputs, results):
        array = np.asarray(value, None if sizes else y._array.dtype)
        if array.size <= LIMIT:
            y.known = _tidy(array, y) if sizes else array


def _tidy(array: np.ndarray[Any, Any], like: Symbol) -> np.ndarray[Any, Any]:
    """Objects that all turned out to be ints, as ints."""
    if all(type(n) is int for n in array.ravel().tolist()):
        return array.astype(like._array.dtype)
    return array
