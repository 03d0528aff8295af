"""From what a program hands in (numbers, lists, arrays, variables) to Tensors."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import DType, as_dtype
from .tensor import Array, Tensor

Conversion = Callable[..., Any]
_conversions: list[tuple[int, type | tuple[type, ...], Conversion]] = []
_PYTHON_SCALARS = (bool, int, float, complex, str, bytes)


def convert(value: Any, dtype: DType | None = None, hint: DType | None = None, name: str | None = None) -> Tensor:
    """`value` as a Tensor.

    Args:
      value: a Tensor, a number, a string, nested lists of such, a NumPy array, or what has `__tf_tensor__` or a registered conversion.
      dtype: the dtype that it must get; by default TensorFlow's choice for `value`.
      hint: a dtype to try first when `dtype` is None.

    Raises:
      ValueError, TypeError: if `value` does not convert, with TensorFlow's text.
    """
    kind = type(value)
    if kind is Tensor:
        return value if dtype is None else value.__tf_tensor__(dtype)  # type: ignore[no-any-return]
    if (kind is float or kind is int) and value:  # not 0.0, which equals -0.0
        return Tensor(_scalar(value, kind, dtype or hint) if dtype or not hint or _fits(_KINDS[kind], hint) else _scalar(value, kind, None))
    own = getattr(type(value), "__tf_tensor__", None)
    if own is not None:
        result: Tensor = own(value, dtype, name)
        return result
    if _conversions:
        registered = _registered(value, dtype, hint, name)
        if registered is not None:
            return registered
    if dtype is None and hint is not None:
        try:
            return Tensor(to_array(value, hint))
        except (TypeError, ValueError):
            pass
    if isinstance(value, (list, tuple)) and any(_is_tensor_inside(item) for item in value):
        return _pack(value, dtype)
    return Tensor(to_array(value, dtype))


def register_tensor_conversion_function(
    base_type: type | tuple[type, ...], conversion_func: Conversion, priority: int = 100
) -> None:
    """Says how to convert objects of `base_type`: `conversion_func(value, dtype=None, name=None, as_ref=False)`."""
    if not callable(conversion_func):
        raise TypeError(f"Argument `conversion_func` must be callable. Received: {conversion_func}")
    _conversions.append((priority, base_type, conversion_func))
    _conversions.sort(key=lambda entry: entry[0])


def _registered(value: Any, dtype: DType | None, hint: DType | None, name: str | None) -> Tensor | None:
    for _, base_type, function in _conversions:
        if isinstance(value, base_type):
            result = function(value, dtype=dtype or hint, name=name, as_ref=False)
            if result is not NotImplemented:
                return convert(result, dtype)
    return None


def _is_tensor_inside(item: Any) -> bool:
    if isinstance(item, (list, tuple)):
        return any(map(_is_tensor_inside, item))
    return type(item) is Tensor or hasattr(type(item), "__tf_tensor__")


def _tensor_dtype(items: Iterable[Any]) -> DType | None:
    for item in items:
        if isinstance(item, (list, tuple)):
            found = _tensor_dtype(item)
            if found is not None:
                return found
        elif _is_tensor_inside(item):
            dtype: DType = item.dtype
            return dtype
    return None


def _pack(value: Any, dtype: DType | None) -> Tensor:
    """A list with Tensors in it becomes one Tensor, through the op Pack, so that gradients flow."""
    from .op import OPS

    dtype = dtype or _tensor_dtype(value)
    parts = [_pack(v, dtype) if isinstance(v, (list, tuple)) and _is_tensor_inside(v) else convert(v, dtype) for v in value]
    packed: Tensor = OPS["Pack"](*parts, axis=0)
    return packed


def to_array(value: Any, dtype: DType | None = None) -> Array:
    """`value` (no Tensor) as a NumPy array of our own, with the dtype that TensorFlow gives it."""
    if isinstance(value, (np.ndarray, np.generic)):
        return _from_numpy(value, dtype)
    if isinstance(value, _PYTHON_SCALARS):
        return _from_scalar(value, dtype)
    if isinstance(value, (list, tuple, range)):
        return _from_sequence(value, dtype)
    if hasattr(value, "__array__"):
        return _from_numpy(np.asarray(value), dtype)
    if isinstance(value, DType):
        return np.asarray(value.as_datatype_enum, np.int32)
    raise ValueError(f"Attempt to convert a value ({value!r}) with an unsupported type ({type(value)}) to a Tensor.")


def _from_numpy(value: Any, dtype: DType | None) -> Array:
    array = np.asarray(value)
    if array.dtype.kind in "USO":
        array = _bytes_array(array)
    elif not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if dtype is None or dtype.numpy == array.dtype:
        dtypes.of(array)  # an unknown dtype is an error here
        return array.copy()
    if dtype.numpy == object or array.dtype == object:
        raise TypeError(f"Cannot convert {value} to EagerTensor of dtype {dtype.name}")
    return array.astype(dtype.numpy)


def _bytes_array(array: Array) -> Array:
    out = np.empty(array.shape, object)
    for index, item in np.ndenumerate(array):
        if isinstance(item, str):
            item = item.encode()
        elif not isinstance(item, bytes):
            raise ValueError(f"Failed to convert a NumPy array to a Tensor (Unsupported object type {type(item).__name__}).")
        out[index] = bytes(item)
    return out


@functools.lru_cache(maxsize=1024)
def _scalar(value: Any, kind: type, dtype: DType | None) -> Array:
    """The array of a Python number; the same numbers occur again and again. (`kind`, since 1 equals 1.0.)"""
    return _from_scalar(value, dtype)


_KINDS: dict[type, str] = {bool: "b", int: "i", float: "f", complex: "c", str: "s", bytes: "s"}
_RANK = "bifc"
_DEFAULT = {"b": dtypes.bool.numpy, "f": dtypes.float32.numpy, "c": dtypes.complex128.numpy}


def _from_scalar(value: Any, dtype: DType | None) -> Array:
    kind = _kind(value)
    if dtype is not None and not _fits(kind, dtype):
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")
    if kind == "s":
        return _bytes_array(np.array(value, object))
    if dtype is not None:
        return _cast(np.array(value), dtype)
    if kind == "i":
        return np.array(value, _int_dtype(value, value))
    array = np.array(value, _DEFAULT[kind])
    if kind == "f" and np.isinf(array) and value not in (float("inf"), float("-inf")):
        raise ValueError("Can't convert Python sequence with a value out of range for a double-precision float.")
    return array


def _kind(value: Any) -> str:
    kind = _KINDS.get(type(value))
    if kind is None:
        if isinstance(value, np.generic):
            return {"u": "i", "U": "s", "S": "s", "V": "f"}.get(value.dtype.kind, value.dtype.kind)
        kind = next((code for base, code in _KINDS.items() if isinstance(value, base)), "?")
    return kind


def _fits(kind: str, dtype: DType) -> bool:
    """Whether Python numbers of `kind` may become `dtype`: never a float an int, a string a number, a number a bool."""
    if kind == "s" or dtype == dtypes.string:
        return kind == "s" and dtype == dtypes.string
    if dtype.is_bool:
        return kind == "b"
    if dtype.is_integer:
        return kind in "bi"
    return kind in ("bifc" if dtype.is_complex else "bif")


def _int_dtype(low: int, high: int) -> Any:
    if -(2**31) <= low and high < 2**31:
        return np.int32
    if -(2**63) <= low and high < 2**63:
        return np.int64
    raise ValueError("Can't convert Python sequence with out-of-range integer to Tensor.")


def _cast(array: Array, dtype: DType) -> Array:
    if array.dtype == object:  # an int beyond 64 bits
        raise ValueError("Can't convert Python sequence with out-of-range integer to Tensor.")
    return array.astype(dtype.numpy)


def _from_sequence(value: Any, dtype: DType | None) -> Array:
    leaves: list[Any] = []
    shape = _flatten(value, leaves)
    kinds = {_kind(leaf) for leaf in leaves} if not isinstance(value, range) else {"i"}
    if leaves and any(isinstance(leaf, (np.ndarray, np.generic)) for leaf in leaves):
        return _from_numpy_parts(value, dtype)
    if not leaves:
        return np.empty(shape, np.float32 if dtype is None else dtype.numpy)
    if "?" in kinds:
        bad = next(leaf for leaf in leaves if _kind(leaf) == "?")
        if bad is not None and len(kinds) == 1:
            raise ValueError(f"Attempt to convert a value ({bad!r}) with an unsupported type ({type(bad)}) to a Tensor.")
        raise ValueError("Can't convert Python sequence with mixed types to Tensor.")
    if dtype is not None and not all(_fits(kind, dtype) for kind in kinds):
        raise TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtype.name}")
    if kinds == {"s"}:
        return _bytes_array(np.array(leaves, object)).reshape(shape)
    if dtype is None:
        dtype = _sequence_dtype(leaves, kinds)
    return _cast(np.array(leaves), dtype).reshape(shape)


def _flatten(value: Any, leaves: list[Any]) -> tuple[int, ...]:
    """Collects the leaves of nested lists; returns their shape, an error if they have none."""
    inner: tuple[int, ...] | None = None
    for item in value:
        if isinstance(item, (list, tuple, range)):
            shape = _flatten(item, leaves)
        else:
            leaves.append(item)
            shape = item.shape if isinstance(item, np.ndarray) else ()
        if inner is not None and shape != inner:
            raise ValueError("Can't convert non-rectangular Python sequence to Tensor.")
        inner = shape
    return (len(value), *(inner or ()))


def _from_numpy_parts(value: Any, dtype: DType | None) -> Array:
    array = np.array(value)
    return _from_numpy(array, dtype)


def _sequence_dtype(leaves: list[Any], kinds: set[str]) -> DType:
    """The dtype of Python numbers together: the first decides, an int gives way to a float later on."""
    first = _kind(leaves[0])
    allowed = {"b": "b", "i": "bif", "f": "bif", "c": "bifc"}.get(first, "")
    if not all(kind in allowed for kind in kinds):
        raise ValueError("Can't convert Python sequence with mixed types to Tensor.")
    widest = max(kinds, key=_RANK.index)
    if widest == "i":
        return as_dtype(_int_dtype(min(leaves), max(leaves)))
    return {"b": dtypes.bool, "f": dtypes.float32, "c": dtypes.complex128}[widest]
