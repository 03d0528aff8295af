"""Slices: `x[key]`, strided_slice, slice, and assignment to a slice."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from types import EllipsisType
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ..base import dtypes, errors
from ..base.extras import later
from ..base.shapes import Shape, show
from ..core.convert import convert
from ..core.execute import execute
from ..core.op import OPS, op
from ..core.symbol import Size
from ..core.tensor import EAGER, Array, Tensor, TensorLike
from .common import unbroadcast
from .layout import is_negative

Sizes: TypeAlias = "tuple[int, ...]"
Masks: TypeAlias = "dict[str, int]"
KeyItem: TypeAlias = "int | slice | EllipsisType | None"

_NO_MASKS = {"begin_mask": 0, "end_mask": 0, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 0}


# --- strided slices, as TensorFlow encodes them: begin, end, strides, and masks with a bit for each entry


@functools.lru_cache(maxsize=4096)
def _numpy_key(
    begin: Sizes,
    end: Sizes,
    strides: Sizes,
    begin_mask: int,
    end_mask: int,
    ellipsis_mask: int,
    new_axis_mask: int,
    shrink_axis_mask: int,
) -> tuple[KeyItem, ...]:
    """The encoded slice as a key of NumPy's; an ellipsis in it makes NumPy return a view even of one element."""
    _check_spec(begin, end, strides, ellipsis_mask)
    key: list[KeyItem] = []
    for i, (start, stop, step) in enumerate(zip(begin, end, strides, strict=True)):
        bit = 1 << i
        if ellipsis_mask & bit:
            key.append(...)
        elif new_axis_mask & bit:
            key.append(None)
        elif shrink_axis_mask & bit:
            if step <= 0:
                raise errors.invalid("only stride 1 allowed on non-range indexing.")
            key.append(start)
        else:
            key.append(slice(None if begin_mask & bit else start, None if end_mask & bit else stop, step))
    return tuple(key) if ellipsis_mask & ((1 << len(begin)) - 1) else (*key, ...)


def form_of(value: Any) -> tuple[int, ...]:
    """The shape of a static input; its elements need not be known."""
    return (len(value), *(form_of(value[0]) if value else ())) if isinstance(value, (tuple, list)) else ()


def _check_spec(begin: Any, end: Any, strides: Any, ellipsis_mask: int) -> None:
    forms = [form_of(value) for value in (begin, end, strides)]
    if len(forms[0]) != 1 or forms[0] != forms[1] or forms[0] != forms[2]:
        raise errors.invalid(
            "Expected begin, end, and strides to be 1D equal size tensors, "
            f"but got shapes {show(forms[0])}, {show(forms[1])}, and {show(forms[2])} instead."
        )
    if ellipsis_mask & (ellipsis_mask - 1):
        raise errors.invalid("Multiple ellipses in slice spec not allowed")


def _strided_shape(
    x: Shape,
    begin: Sizes | None,
    end: Sizes | None,
    strides: Sizes | None,
    *,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> Shape:
    known = next((value for value in (begin, end, strides) if value is not None), None)
    if known is None or x is None:
        return None
    if begin is not None and end is not None and strides is not None:
        _check_spec(begin, end, strides, ellipsis_mask)
    unknown = (None,) * len(known)
    spec = list(zip(begin or unknown, end or unknown, strides or unknown, strict=True))
    used = [i for i in range(len(spec)) if not (ellipsis_mask | new_axis_mask) >> i & 1]
    if len(used) > len(x):
        raise errors.invalid(
            f"Index out of range using input dim {len(x)}; input has only {len(x)} dims"
            if x
            else "Attempting to slice scalar input."
        )
    sizes: list[int | None] = []
    dim = 0
    for i, (start, stop, step) in enumerate(spec):
        if ellipsis_mask >> i & 1:
            after = dim + len(x) - sum(j < i for j in used) - sum(j > i for j in used)
            sizes += x[dim:after]
            dim = after
        elif new_axis_mask >> i & 1:
            sizes.append(1)
        else:
            shrink, masks = shrink_axis_mask >> i & 1, (begin_mask >> i & 1, end_mask >> i & 1)
            size = _slice_size(x[dim], dim, start, stop, step, masks, bool(shrink))
            sizes += [] if shrink else [size]
            dim += 1
    return (*sizes, *x[dim:])


def _slice_size(
    size: int | None,
    dim: int,
    start: int | None,
    stop: int | None,
    step: int | None,
    masks: tuple[int, int],
    shrink: bool,
) -> int | None:
    """How many elements a slice takes of a dimension; None if that is not known."""
    if step == 0:
        raise errors.invalid(f"strides[{dim}] must be non-zero")
    if shrink:
        if is_negative(step):
            raise errors.invalid("only stride 1 allowed on non-range indexing.")
        if type(size) is int and type(start) is int and not -size <= start < size:
            index = start + size if start < 0 else start
            raise errors.invalid(f"slice index {index} of dimension {dim} out of bounds.")
        return None
    if masks[1] and (masks[0] or (type(start) is int and start == 0)) and type(step) is int and step == 1:
        return size
    for n, masked in ((size, False), (step, False), (start, masks[0]), (stop, masks[1])):
        if not masked and type(n) is not int:
            return None
    return len(range(*slice(None if masks[0] else start, None if masks[1] else stop, step).indices(size)))  # type: ignore[arg-type]


_SLICE = {"shape": _strided_shape, "static": ("begin", "end", "strides")}


@op("StridedSlice", "input:T, begin:Index, end:Index, strides:Index -> output:T", **_SLICE)  # type: ignore[arg-type]
def strided_slice_op(
    xp: Any,
    x: Array,
    begin: Sizes,
    end: Sizes,
    strides: Sizes,
    *,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> Array:
    return x[_numpy_key(begin, end, strides, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)]


@strided_slice_op.on("xla")
def _(jax: Any, x: Array, begin: Sizes, end: Sizes, strides: Sizes, **masks: Any) -> Array:
    _strided_shape(x.shape, begin, end, strides, **masks)  # jax.numpy takes any integer for an index
    return x[_numpy_key(begin, end, strides, **{**_NO_MASKS, **masks})]


@strided_slice_op.gradient
def _(g: Any, _output: Any, x_shape: Any, begin: Sizes, end: Sizes, strides: Sizes, **masks: Any) -> Any:
    return strided_slice_grad(x_shape, begin, end, strides, g, **masks), None, None, None


def _grad_shape(shape: Sizes | None, _begin: Any, _end: Any, _strides: Any, _dy: Shape, **_masks: Any) -> Shape:
    return shape


@op(
    "StridedSliceGrad",
    "shape:Index, begin:Index, end:Index, strides:Index, dy:T -> output:T",
    shape=_grad_shape,
    static=("shape", "begin", "end", "strides"),
)
def strided_slice_grad(
    xp: Any, shape: Sizes, begin: Sizes, end: Sizes, strides: Sizes, dy: Array, **masks: Any
) -> Array:
    out = xp.zeros(shape, dy.dtype)
    out[_numpy_key(begin, end, strides, **{**_NO_MASKS, **masks})] = dy
    return out


@strided_slice_grad.on("xla")
def _(jax: Any, shape: Sizes, begin: Sizes, end: Sizes, strides: Sizes, dy: Array, **masks: Any) -> Array:
    part = _strided_shape(shape, begin, end, strides, **masks)
    spans = _spans(shape, _numpy_key(begin, end, strides, **{**_NO_MASKS, **masks}))
    dy = jax.numpy.broadcast_to(dy, part).reshape([len(span) for span in spans])
    if not dy.size:
        return jax.numpy.zeros(shape, dy.dtype)
    dy = jax.numpy.flip(dy, [axis for axis, span in enumerate(spans) if span.step < 0])
    ascending = [span if span.step > 0 else span[::-1] for span in spans]
    around = [(span[0], size - 1 - span[-1], span.step - 1) for span, size in zip(ascending, shape, strict=True)]
    return jax.lax.pad(dy, jax.numpy.zeros((), dy.dtype), around)


def _spans(shape: Sizes, key: tuple[KeyItem, ...]) -> list[range]:
    """Which indices a key takes of each dimension."""
    items = [slice(item, item + 1 or None) if isinstance(item, int) else item for item in key if item is not None]
    at = items.index(...)
    items[at : at + 1] = [slice(None)] * (len(shape) - len(items) + 1)
    return [range(size)[item] for size, item in zip(shape, items, strict=True) if isinstance(item, slice)]


@strided_slice_grad.gradient
def _(g: Any, _output: Any, _shape: Any, begin: Sizes, end: Sizes, strides: Sizes, _dy: Any, **masks: Any) -> Any:
    return None, None, None, None, strided_slice_op(g, begin, end, strides, **masks)


# --- assignment to a slice


def _update_shape(x: Shape, begin: Any, end: Any, strides: Any, value: Shape, **masks: Any) -> Shape:
    part = _strided_shape(x, begin, end, strides, **masks)
    if part is not None and value is not None and not _broadcasts_to(value, part):
        raise errors.invalid(f"Cannot broadcast input shape {show(value)} into final shape {show(part)}")
    return x


def _broadcasts_to(value: Sequence[int | None], part: Sequence[int | None]) -> bool:
    """Whether `value` can be assigned to `part`; leading ones are let go, as NumPy does."""
    extra = len(value) - len(part)
    if any(size not in (1, None) for size in value[: max(extra, 0)]):
        return False
    pairs = zip(reversed(value[max(extra, 0) :]), reversed(part))
    return all(a in (1, b, None) or b is None for a, b in pairs)


@op(
    "TensorStridedSliceUpdate",
    "input:T, begin:Index, end:Index, strides:Index, value:T -> output:T",
    shape=_update_shape,
    static=("begin", "end", "strides"),
)
def strided_slice_update(
    xp: Any, x: Array, begin: Sizes, end: Sizes, strides: Sizes, value: Array, **masks: Any
) -> Array:
    out = x.copy()
    out[_numpy_key(begin, end, strides, **{**_NO_MASKS, **masks})] = value  # errors: see the shape rule
    return out


@strided_slice_update.on("xla")
def _(jax: Any, x: Array, begin: Sizes, end: Sizes, strides: Sizes, value: Array, **masks: Any) -> Array:
    _update_shape(x.shape, begin, end, strides, value.shape, **masks)
    part: Any = _strided_shape(x.shape, begin, end, strides, **masks)
    value = value.reshape(value.shape[max(value.ndim - len(part), 0) :])
    return jax.numpy.asarray(x).at[_numpy_key(begin, end, strides, **{**_NO_MASKS, **masks})].set(value)


@strided_slice_update.gradient
def _(
    g: Any, _output: Any, _x: Any, begin: Sizes, end: Sizes, strides: Sizes, value_shape: Any, **masks: Any
) -> Any:
    dy = strided_slice_op(g, begin, end, strides, **masks)
    dx = strided_slice_update(g, begin, end, strides, OPS["ZerosLike"](dy), **masks)
    return dx, None, None, None, unbroadcast(dy, value_shape)


# --- x[key]


class SliceSpec(NamedTuple):
    """A key of `x[key]` as the inputs and attributes of StridedSlice."""

    begin: Any
    end: Any
    strides: Any
    masks: Masks


_PLAIN = {int, type(None)}
_KEY_ERROR = (
    "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors "
    "are valid indices, got "
)


def slice_spec(key: Any) -> SliceSpec:
    """Encodes the key of `x[key]`: an integer, a slice, an ellipsis, None, or a list or tuple of such.

    Integers may be Python's, NumPy's, or scalar integer Tensors.

    Raises:
      TypeError: for any other key.
      InvalidArgumentError: for a list of booleans.
    """
    kind = type(key)
    if kind is int:
        return _integer_spec(key)
    if kind is slice and key.step is None and {type(key.start), type(key.stop)} <= _PLAIN:
        return _range_spec(key.start, key.stop)
    items = key if isinstance(key, (list, tuple)) else (key,)
    if items and isinstance(items[0], bool):
        _refuse_booleans(items)
    begin, end, strides = [], [], []
    begin_mask = end_mask = ellipsis_mask = new_axis_mask = shrink_axis_mask = 0
    bit = 1
    for item in items:
        start = stop = 0
        step = 1
        if type(item) is int:
            start, stop = item, item + 1
            shrink_axis_mask |= bit
        elif type(item) is slice:
            if item.start is None:
                begin_mask |= bit
            else:
                start = _index(item.start)
            if item.stop is None:
                end_mask |= bit
            else:
                stop = _index(item.stop)
            if item.step is not None:
                step = _index(item.step)
        elif item is Ellipsis:
            ellipsis_mask |= bit
        elif item is None:
            new_axis_mask |= bit
        else:
            start = _index(item)
            stop = start + 1
            shrink_axis_mask |= bit
        begin.append(start)
        end.append(stop)
        strides.append(step)
        bit <<= 1
    masks = {
        "begin_mask": begin_mask,
        "end_mask": end_mask,
        "ellipsis_mask": ellipsis_mask,
        "new_axis_mask": new_axis_mask,
        "shrink_axis_mask": shrink_axis_mask,
    }
    return SliceSpec(tuple(begin), tuple(end), tuple(strides), masks)


@functools.lru_cache(maxsize=1024)
def _integer_spec(index: int) -> SliceSpec:
    return SliceSpec((index,), (index + 1,), (1,), {**_NO_MASKS, "shrink_axis_mask": 1})


@functools.lru_cache(maxsize=1024)
def _range_spec(start: int | None, stop: int | None) -> SliceSpec:
    masks = {**_NO_MASKS, "begin_mask": int(start is None), "end_mask": int(stop is None)}
    return SliceSpec((start or 0,), (stop or 0,), (1,), masks)


def _index(item: Any) -> Any:
    """An item of a key as an int; a tensor of a graph stays what it is.

    Raises:
      TypeError: if it is no integer.
    """
    if type(item) is int or type(item) is Size:
        return item
    if isinstance(item, int):
        return int(item)
    if hasattr(type(item), "__tf_tensor__"):
        return _tensor_index(item)
    if isinstance(item, (np.integer, np.ndarray)) and item.dtype in (np.int16, np.int32, np.int64) and not item.ndim:
        return int(item)
    raise TypeError(f"{_KEY_ERROR}{item!r}")


def _tensor_index(item: Any) -> Any:
    rank = item.shape.rank
    if item.dtype not in (dtypes.int16, dtypes.int32, dtypes.int64) or rank == 1:
        raise TypeError(f"{_KEY_ERROR}{item!r}")
    if rank:
        packed = show((1, *item.shape))
        raise errors.invalid(
            "Expected begin, end, and strides to be 1D equal size tensors, "
            f"but got shapes {packed}, {packed}, and [1] instead. [Op:StridedSlice] name: strided_slice/"
        )
    tensor = convert(item)
    return operator.index(tensor) if type(tensor) in EAGER else tensor


def _refuse(kind: str, allowed: str, suffix: str) -> None:
    message = f"Value for attr 'Index' of {kind} is not in the list of allowed values: {allowed}"
    raise errors.invalid(f"{message} [Op:{suffix}")


def refuse_floats(allowed: str, op_name: str, *vectors: Any) -> None:
    """Refuses vectors of Python's that become float32: with a float in them, and empty ones."""
    for vector in vectors:
        if isinstance(vector, (list, tuple)) and (not vector or any(isinstance(item, float) for item in vector)):
            _refuse("float", allowed, f"{op_name}] name: ")


def _refuse_booleans(items: Sequence[Any]) -> None:
    other = next((item for item in items if not isinstance(item, bool)), None)
    if other is not None:
        raise TypeError(f"Cannot convert {other!r} to EagerTensor of dtype bool")
    _refuse("bool", "int16, int32, int64", "StridedSlice] name: strided_slice/")


def getitem(x: Any, key: Any) -> Tensor:
    """`x[key]`: a slice of a Tensor or Variable, as TensorFlow has it.

    Args:
      x: a Tensor or Variable.
      key: integers (also NumPy's and scalar integer Tensors), slices, `...` and None (`tf.newaxis`), one or a tuple
        of them; or a boolean mask, a Tensor or array whose shape is that of the first dimensions of `x`.

    Raises:
      TypeError: for any other key.
      InvalidArgumentError: if an integer is out of bounds or there are too many.

    >>> x = tf.constant([[1, 2, 3], [4, 5, 6]])
    >>> print(x[1, ::-1], x[:, 0])
    tf.Tensor([6 5 4], shape=(3,), dtype=int32) tf.Tensor([1 4], shape=(2,), dtype=int32)
    """
    kind = type(key)
    if kind is not int and kind is not slice and kind is not tuple and _is_mask(key):
        return later("ops.gathering", "boolean_mask")(x, key)  # type: ignore[no-any-return]
    begin, end, strides, masks = slice_spec(key)
    return execute(strided_slice_op, (x, begin, end, strides), masks, "strided_slice/")  # type: ignore[no-any-return]


def updated_slice(x: Tensor, key: Any, value: TensorLike) -> Tensor:
    """A copy of `x` in which `x[key]` is `value`, or repeats it."""
    begin, end, strides, masks = slice_spec(key)
    return execute(strided_slice_update, (x, begin, end, strides, value), masks)  # type: ignore[no-any-return]


def _is_mask(key: Any) -> bool:
    if isinstance(key, Tensor):
        return key.dtype == dtypes.bool
    return isinstance(key, bool) or (isinstance(key, np.ndarray) and key.dtype == np.bool_)


Tensor.__getitem__ = getitem  # type: ignore[method-assign]


def strided_slice(
    input_: TensorLike,
    begin: TensorLike,
    end: TensorLike,
    strides: TensorLike | None = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Tensor:
    """A strided slice: what `input_[begin[0]:end[0]:strides[0], ...]` is short for.

    Args:
      input_: a Tensor.
      begin: a vector of integers: where the slice starts in each dimension; negative ones count from the end.
      end: where it ends.
      strides: its steps, not 0; ones by default.
      begin_mask: bit i set: `begin[i]` is ignored, the slice starts as early as it can.
      end_mask: bit i set: `end[i]` is ignored, the slice goes as far as it can.
      ellipsis_mask: bit i set: entry i stands for as many dimensions as the other entries leave; one bit at most.
      new_axis_mask: bit i set: entry i makes a new dimension of size 1.
      shrink_axis_mask: bit i set: entry i takes the one element `begin[i]`, and the dimension is gone.
      var: the Variable that the slice is of; the result then has an `assign` that assigns to the slice.
      name: a name for the operation.

    Raises:
      InvalidArgumentError: if the vectors do not fit `input_` or each other.

    >>> print(tf.strided_slice([10, 20, 30, 40], [0], [4], [2]))
    tf.Tensor([10 30], shape=(2,), dtype=int32)
    """
    if strides is None:
        strides = (1,) * len(begin) if isinstance(begin, (list, tuple)) else OPS["OnesLike"](begin)
    refuse_floats("int16, int32, int64", "StridedSlice", begin, end, strides)
    masks = {"begin_mask": begin_mask, "end_mask": end_mask, "ellipsis_mask": ellipsis_mask}
    masks |= {"new_axis_mask": new_axis_mask, "shrink_axis_mask": shrink_axis_mask}
    out: Tensor = execute(strided_slice_op, (input_, begin, end, strides), masks, name)
    if var is not None:

        def assign(value: TensorLike, name: str | None = None) -> Any:
            inputs = (convert(var), begin, end, strides, convert(value, var.dtype))
            return var.assign(execute(strided_slice_update, inputs, masks, name))

        out.assign = assign  # type: ignore[attr-defined]
    return out
