"""From what a program hands in (numbers, lists, arrays, shapes) to Tensors."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, NoReturn

import numpy as np

from ..base import dtypes
from ..base.context import context, quietly
from ..base.dtypes import DType
from ..base.tensor_shape import TensorShape
from .composite import CompositeTensor
from .registry import OPS
from .tensor import Array, Tensor

Conversion = Callable[..., Any]
_conversions: list[tuple[int, type | tuple[type, ...], Conversion]] = []
_CACHED = frozenset([float, int, bool])


def convert(value: Any, dtype: DType | None = None, hint: DType | None = None, name: str | None = None) -> Tensor:
    """`value` as a Tensor.

    Args:
      value: a Tensor, a number, a string, nested lists of such (of Tensors too: they are stacked), a NumPy array,
        a fully known TensorShape, or what has `__array__`, `__tf_tensor__` or a registered conversion.
      dtype: the dtype that it must get; by default TensorFlow's choice for `value`.
      hint: a dtype to try first when `dtype` is None.
      name: passed on to conversions that take a name.

    Raises:
      ValueError, TypeError: if `value` does not convert, with TensorFlow's text.
    """
    kind: Any = type(value)
    if kind is Tensor:
        return value if dtype is None else value.__tf_tensor__(dtype)  # type: ignore[no-any-return]
    if dtype is None and hint is not None:
        try:
            return convert(value, hint, name=name)
        except (TypeError, ValueError):
            pass
    if kind in _CACHED:
        return made(number(value, dtype))
    own = getattr(kind, "__tf_tensor__", None)
    if own is not None:
        result: Tensor = own(value, dtype, name)
        return result
    if _conversions:
        registered = _registered(value, dtype, name)
        if registered is not None:
            return registered
    if isinstance(value, TensorShape):
        return made(_from_shape(value, dtype))
    if isinstance(value, (list, tuple)):
        flat = _flatten(value)
        return _pack(value, dtype) if flat.tensors else made(_from_flat(flat, value, dtype))
    if kind is not np.ndarray and isinstance(value, CompositeTensor):
        return value._as(dtype)  # type: ignore[return-value]  # the op that gets it knows what to do
    return made(to_array(value, dtype))


def convert_argument(value: Any, name: str, dtype: DType | None) -> Tensor:
    """`value` as a Tensor, as `convert` gives; if it is one of another dtype, the error says the argument's name."""
    try:
        return convert(value, dtype)
    except ValueError as error:
        if isinstance(value, Tensor):
            raise ValueError(f"{name}: {error}") from None
        raise


def made(array: Array, name: str | None = None) -> Tensor:
    """The Tensor of an array of our own: a constant of the graph, if one is open."""
    tensor, graph = Tensor(array), context.graph
    return tensor if graph is None else graph.constant(tensor, name)


def register_tensor_conversion_function(
    base_type: type | tuple[type, ...], conversion_func: Conversion, priority: int = 100
) -> None:
    """Says how to convert objects of a type to Tensors.

    Args:
      base_type: the type, or a tuple of types.
      conversion_func: `conversion_func(value, dtype=None, name=None, as_ref=False)`, gives a Tensor, or NotImplemented.
      priority: functions of lower priority are asked first.

    Raises:
      TypeError: if `conversion_func` cannot be called.

    >>> class Half:
    ...     pass
    >>> def half(value, dtype=None, name=None, as_ref=False):
    ...     return tf.constant(0.5, dtype)
    >>> tf.register_tensor_conversion_function(Half, half)
    >>> tf.constant(1.0) + Half()
    <tf.Tensor: shape=(), dtype=float32, numpy=1.5>
    """
    if not callable(conversion_func):
        raise TypeError(f"Argument `conversion_func` must be callable. Received: {conversion_func}")
    _conversions.append((priority, base_type, conversion_func))
    _conversions.sort(key=lambda entry: entry[0])


def _registered(value: Any, dtype: DType | None, name: str | None) -> Tensor | None:
    for _, base_type, function in _conversions:
        if isinstance(value, base_type):
            result = function(value, dtype=dtype, name=name, as_ref=False)
            if result is not NotImplemented:
                return convert(result, dtype)
    return None


# --- lists with Tensors in them


def _pack(value: Sequence[Any], dtype: DType | None) -> Tensor:
    """A list with Tensors in it becomes one Tensor, through the op Pack, so that gradients flow."""
    first = _first_tensor(value)
    found: DType = first.dtype
    if dtype is not None and dtype is not found:
        return _stack(_cast_inside(value, dtype), dtype, "packed")
    return _stack(value, found, "packed")


def _stack(items: Sequence[Any], dtype: DType, name: str) -> Tensor:
    if not all(_is_tensor(item) for item in items):
        items = [_part(item, dtype) for item in items]
    packed: Tensor = OPS["Pack"](*items, axis=0, name=name)
    return packed


def _part(item: Any, dtype: DType) -> Tensor:
    if _is_tensor(item):
        if item.dtype is not dtype:
            raise TypeError(
                f"Cannot convert a list containing a tensor of dtype {item.dtype} to {dtype} (Tensor is: {item!r})"
            )
        return convert(item)
    if isinstance(item, (list, tuple)) and _first_tensor(item) is not None:
        return _stack(item, dtype, "")
    return convert(item, dtype)


def _cast_inside(value: Any, dtype: DType) -> Any:
    if isinstance(value, (list, tuple)):
        return [_cast_inside(item, dtype) for item in value]
    if _is_tensor(value) and value.dtype is not dtype:
        return OPS["Cast"](value, DstT=dtype)
    return value


def _first_tensor(items: Iterable[Any]) -> Any:
    for item in items:
        if _is_tensor(item):
            return item
        found = _first_tensor(item) if isinstance(item, (list, tuple)) else None
        if found is not None:
            return found
    return None


def _is_tensor(item: Any) -> bool:
    kind: Any = type(item)
    return _is_tensor_type(kind)


@functools.lru_cache(maxsize=1024)
def _is_tensor_type(kind: type) -> bool:
    return kind is Tensor or hasattr(kind, "__tf_tensor__")


# --- arrays


def to_array(value: Any, dtype: DType | None = None) -> Array:
    """`value` as a NumPy array of our own, with the dtype that TensorFlow gives it; lists may hold no Tensors."""
    if isinstance(value, (np.ndarray, np.generic)):
        return _from_numpy(value, dtype)
    kind: Any = type(value)
    if kind in _CACHED:
        return number(value, dtype)
    if _kind_of(value) != "?":
        return _from_flat(_Flat((), [value], {kind}, False), value, dtype)
    if not isinstance(value, (list, tuple)) and hasattr(kind, "__array__"):
        return _from_numpy(np.asarray(value), dtype)
    if not _is_sequence(kind):
        raise _unsupported(value, dtype)
    flat = _flatten(value)
    if flat.tensors:
        raise ValueError(
            "TypeError: Scalar tensor has no `len()`\n"
            "tf.constant takes no lists with Tensors in them: use tf.stack or tf.convert_to_tensor."
        )
    return _from_flat(flat, value, dtype)


def _from_numpy(value: Any, dtype: DType | None) -> Array:
    array = np.asarray(value)
    if array.dtype.kind in "USO":
        if dtype is None or dtype.numpy.kind == "O":
            return _from_strings(array.ravel().tolist(), array.shape, dtype or dtypes.string)
        return array.astype(dtype.numpy)
    try:
        own = dtypes.of(array)
    except TypeError:
        raise _unsupported_dtype(array.dtype) from None
    if dtype is None or dtype is own:
        return np.array(array, own.numpy)
    if dtype is dtypes.string:
        kind = type(array.item(0)).__name__ if array.size else array.dtype.name
        raise ValueError(f"Failed to convert a NumPy array to a Tensor (Unsupported object type {kind}).")
    if own.is_complex and not dtype.is_complex:
        array = array.real
    return _quiet_cast(array, dtype.numpy)


_UNSUPPORTED = {"g": "LONGDOUBLE", "G": "CLONGDOUBLE", "M": "DATETIME", "m": "TIMEDELTA"}


def _unsupported_dtype(dtype: np.dtype[Any]) -> ValueError:
    which = f"numpy type: NPY_{_UNSUPPORTED[dtype.char]}" if dtype.char in _UNSUPPORTED else "numpy data type"
    return ValueError(f"Failed to convert a NumPy array to a Tensor (Unsupported {which}).")


def _quiet_cast(array: Array, dtype: np.dtype[Any]) -> Array:
    return quietly(array.astype, dtype)


def _from_strings(items: Sequence[Any], shape: tuple[int, ...], dtype: DType) -> Array:
    array = np.empty(len(items), object)
    if dtype is not dtypes.string and items:
        raise _refused(items[0], dtype)
    try:
        array[:] = [item.encode() if isinstance(item, str) else _bytes(item) for item in items]
    except UnicodeEncodeError:
        raise ValueError("Error converting unicode string while converting Python sequence to Tensor.") from None
    return array.reshape(shape)


def _bytes(item: Any) -> bytes:
    if isinstance(item, bytes):
        return bytes(item)
    if context.graph is not None:
        raise TypeError(f"Expected binary or unicode string, got {item!r}")
    raise ValueError(f"Failed to convert a NumPy array to a Tensor (Unsupported object type {type(item).__name__}).")


def _from_shape(shape: TensorShape, dtype: DType | None) -> Array:
    if not shape.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape {shape} to a Tensor.")
    if dtype is not None and dtype.name not in ("int32", "int64"):
        raise TypeError(
            f"Cannot convert TensorShape {shape} to dtype {dtype}. Allowed dtypes are tf.int32 and tf.int64."
        )
    sizes = np.array(shape.as_list(), np.int64)
    return sizes.astype(dtype.numpy if dtype else np.int64 if sizes.max(initial=0) >= 2**31 else np.int32)


# --- numbers and sequences of them


class _Flat(NamedTuple):
    """A nested sequence, flattened: its shape, its leaves in order, their types, whether there are Tensors in it."""

    shape: tuple[int, ...]
    leaves: Any
    types: set[type]
    tensors: bool


def number(value: Any, dtype: DType | None) -> Array:
    """The array of a Python number; the same numbers occur again and again, so arrays are shared."""
    kind: Any = type(value)
    return _number(value, kind if value or kind is not float else str(value), dtype)  # 0.0 and -0.0 are equal


@functools.lru_cache(maxsize=1024)
def _number(value: Any, kind: Any, dtype: DType | None) -> Array:
    return _from_flat(_Flat((), [value], {type(value)}, False), value, dtype)


def _flatten(value: Any) -> _Flat:
    """Flattens level by level, at the speed of C; what is amiss (ragged, mixed) is found out then by `_complain`."""
    shape = [len(value)]
    items: Any = value
    while True:
        types = set(map(type, items))
        if any(map(_is_tensor_type, types)):
            return _Flat(tuple(shape), items, types, True)
        if np.ndarray in types:
            stacked = _stacked(items) if types == {np.ndarray} else None
            if stacked is not None:
                return _Flat((*shape, *stacked.shape[1:]), stacked.ravel(), {stacked.dtype.type}, False)
            items = list(map(_unwrapped, items))
            types = set(map(type, items))
        if not any(map(_is_sequence, types)):
            return _Flat(tuple(shape), items, types, False)
        if not _nests(items[0]):
            return _ragged(value)
        length = len(items[0])
        shape.append(length)
        if length == 0:
            return _Flat(tuple(shape), [], set(), False)
        if not all(map(_is_sequence, types)) or set(map(len, items)) != {length}:
            return _ragged(value)
        items = list(chain.from_iterable(items))


def _ragged(value: Any) -> _Flat:
    """What is made of a ragged sequence: an error; but nothing at all if its first items end in an empty one."""
    shape, first = [], value
    while _nests(first):
        shape.append(len(first))
        if len(first) == 0:
            return _Flat(tuple(shape), [], set(), False)
        first = first[0]
    if _first_tensor(value) is None:
        _complain(value)
    return _Flat((), [], set(), True)


def _stacked(items: Sequence[Array]) -> Array | None:
    """Arrays of numbers, all of one shape and dtype, as one array."""
    first = items[0]
    alike = all(x.shape == first.shape and x.dtype == first.dtype for x in items)
    return np.array(items) if alike and first.dtype.kind in "biufc" and first.size else None


@functools.lru_cache(maxsize=1024)
def _is_sequence(kind: Any) -> bool:
    if issubclass(kind, (list, tuple, range)):
        return True
    if _kind(kind) != "?" or issubclass(kind, (np.generic, Mapping, set, frozenset)) or _is_tensor_type(kind):
        return False
    return hasattr(kind, "__len__") and hasattr(kind, "__getitem__")


def _nests(item: Any) -> bool:
    kind: Any = type(item)
    return _is_sequence(kind) and (kind is not np.ndarray or item.ndim > 0)


def _unwrapped(item: Any) -> Any:
    """A 0-d array as a NumPy scalar; all else as it is."""
    return item[()] if isinstance(item, np.ndarray) and not item.ndim else item


def _kind_of(leaf: Any) -> str:
    kind: Any = type(leaf)
    return _kind(kind)


# b: Python's bool, B: NumPy's; i, f, c: numbers; s: strings; ?: all else.
@functools.lru_cache(maxsize=1024)
def _kind(kind: type) -> str:
    for base, code in ((bool, "b"), (np.bool_, "B"), ((int, np.integer), "i"), ((float, np.floating), "f"),
                       ((complex, np.complexfloating), "c"), ((str, bytes), "s")):  # fmt: skip
        if issubclass(kind, base):
            return code
    return "?"


# What may follow a first leaf of a kind; which kinds TensorFlow turns into a dtype without going by the first leaf.
_FOLLOW = {"b": "bB", "B": "bB", "i": "bif", "f": "bif", "c": "bifc", "s": "s"}
_DIRECT = {
    "bool": "bB", "int32": "bi", "int64": "bi", "uint64": "bi", "string": "s",
    "float16": "bif", "float32": "bif", "float64": "bif", "complex128": "bifc",
}  # fmt: skip


def _from_flat(flat: _Flat, value: Any, dtype: DType | None) -> Array:
    shape, leaves, types, _ = flat
    if not len(leaves):
        return np.empty(shape, dtype.numpy if dtype else np.float32)
    kinds = set(map(_kind, types))
    if dtype is None or not kinds <= set(_DIRECT.get(dtype.name, "")):
        first = _kind_of(leaves[0])
        if not kinds <= set(_FOLLOW.get(first, "")):
            _complain(value, dtype)
        if dtype is not None and not _casts("f" if "f" in kinds and first == "i" else first, dtype):
            raise _refused(value, dtype)
    if "s" in kinds:
        return _from_strings(leaves, shape, dtype or dtypes.string)
    try:
        return _from_numbers(leaves, types, kinds, dtype).reshape(shape)
    except OverflowError:
        if "i" in kinds and "f" not in kinds:
            raise ValueError("Can't convert Python sequence with out-of-range integer to Tensor.") from None
        raise _out_of_range() from None


def _casts(kind: str, dtype: DType) -> bool:
    """Whether numbers of a kind, once they are a Tensor of TensorFlow's choice, are cast to `dtype`."""
    if dtype.is_integer or dtype.is_quantized:
        return kind == "i"
    return (dtype.is_floating and kind in "if") or (dtype.is_complex and kind in "ifc")


def _from_numbers(leaves: Any, types: set[type], kinds: set[str], dtype: DType | None) -> Array:
    if "c" in kinds:
        return _collect(leaves, np.complex128).astype(dtype.numpy if dtype else np.complex128)
    if "f" in kinds or (dtype is not None and (dtype.is_floating or dtype.is_complex)):
        return _from_floats(leaves, dtype)
    if "i" not in kinds and (dtype is None or dtype.is_bool):
        return _collect(leaves, np.bool_)
    if np.uint64 in types:  # NumPy would wrap them
        leaves = [int(leaf) for leaf in leaves]
    if dtype is not None and dtype.name == "uint64":
        return _collect(leaves, np.uint64)
    integers = _collect(leaves, np.int64)
    if dtype is not None:
        return integers.astype(dtype.numpy)
    small = integers.astype(np.int32)
    return integers if np.count_nonzero(small != integers) else small


def _collect(leaves: Any, numpy_type: Any) -> Array:
    return leaves.astype(numpy_type) if isinstance(leaves, np.ndarray) else np.fromiter(leaves, numpy_type, len(leaves))


def _from_floats(leaves: Any, dtype: DType | None) -> Array:
    doubles = _collect(leaves, np.float64)
    if dtype is None:
        first = type(leaves[0])
        floats = _quiet_cast(doubles, np.dtype(first if first in (np.float64, np.float16) else np.float32))
        lost = np.isinf(floats)
        if np.count_nonzero(lost) and not np.isinf(doubles[lost]).all():
            raise _out_of_range()
        return floats
    if dtype.name not in _DIRECT:  # by way of float32, as in TensorFlow
        doubles = _quiet_cast(doubles, np.dtype(np.float32))
    return _quiet_cast(doubles, dtype.numpy)


def _out_of_range() -> ValueError:
    return ValueError("Can't convert Python sequence with a value out of range for a double-precision float.")


def _refused(value: Any, dtype: DType) -> TypeError:
    """Says that a value is of another kind than a dtype; while a graph is built TensorFlow has other words for it."""
    if context.graph is None:
        return TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.cpp_name}")
    while _nests(value):
        wrong = [item for item in value if _nests(item) or not _casts(_kind_of(_unwrapped(item)), dtype)]
        value = wrong[0] if wrong else value[0]
    return TypeError(f"Expected {dtype.name}, but got {value} of type '{type(value).__name__}'.")


def _mixed(value: Any, dtype: DType | None, message: str) -> Exception:
    """Says that a value holds what is in no Tensor, or not together."""
    if context.graph is None:
        return ValueError(message)
    if dtype is not None:
        return _refused(value, dtype)
    return TypeError(
        f"Failed to convert elements of {value} to Tensor. Consider casting elements to a supported type. See "
        "https://www.tensorflow.org/api_docs/python/tf/dtypes for supported TF dtypes."
    )


def _unsupported(value: Any, dtype: DType | None = None, within: Any = None) -> Exception:
    """Says that there are no Tensors of a value; `within` is the sequence that it is in."""
    if value is None and context.graph is not None and within is None:
        return ValueError("None values not supported.")
    message = f"Attempt to convert a value ({value!r}) with an unsupported type ({type(value)}) to a Tensor."
    return _mixed(value if within is None else within, dtype, message)


def _complain(value: Any, dtype: DType | None = None) -> NoReturn:
    """Raises the error for the first thing amiss in a nested sequence that is ragged or mixed."""
    shape: list[int] = []
    first = value
    while _nests(first):
        shape.append(len(first))
        first = first[0]
    first = _unwrapped(first)
    allowed = _FOLLOW.get(_kind_of(first), "")
    if not allowed:
        raise _unsupported(first, dtype, value if shape else None)

    def walk(item: Any, depth: int) -> None:
        if depth == len(shape):
            if _kind_of(_unwrapped(item)) not in allowed:
                raise _mixed(value, dtype, "Can't convert Python sequence with mixed types to Tensor.")
            return
        if not _nests(item) or len(item) != shape[depth]:
            raise ValueError("Can't convert non-rectangular Python sequence to Tensor.")
        for inner in item:
            walk(inner, depth + 1)

    walk(value, 0)
    raise _mixed(value, dtype, "Can't convert Python sequence with mixed types to Tensor.")
