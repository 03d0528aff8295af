"""Dtypes: what `tf.float32` and its like are.

There is exactly one `DType` object per dtype, so inside the library they are compared with `is`.
The module is meant to be imported as `dtypes`: it defines `bool`, as TensorFlow does.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, TypeAlias

import ml_dtypes
import numpy as np

DTypeLike: TypeAlias = "DType | str | int | type[Any] | np.dtype[Any]"

_LOOKUP: dict[Any, DType] = {}  # names, enum numbers, Python types and NumPy scalar types


class DType:
    """The type of a tensor's elements.

    A DType equals itself and whatever `as_dtype` turns into it: its name, its NumPy type.

    Attributes:
      name: TensorFlow's name, such as `"float32"`.
      cpp_name: the name that TensorFlow's runtime uses in messages, such as `"float"`.
      numpy: the NumPy dtype that arrays of this dtype have; `object` for strings (elements are `bytes`).
      as_numpy_dtype: the NumPy scalar type, such as `np.float32`.
      as_datatype_enum: TensorFlow's number for the dtype.
      size: bytes per element; 0 where elements have no fixed size.

    >>> tf.float32, str(tf.float32), tf.float32 == "float32", tf.float32.is_floating
    (tf.float32, "<dtype: 'float32'>", True, True)
    """

    __slots__ = (
        "as_datatype_enum",
        "as_numpy_dtype",
        "cpp_name",
        "is_bool",
        "is_complex",
        "is_floating",
        "is_integer",
        "is_numeric",
        "is_numpy_compatible",
        "is_quantized",
        "is_unsigned",
        "name",
        "numpy",
        "size",
    )

    def __init__(self, enum: int, name: str, numpy_type: Any, cpp_name: str = "") -> None:
        self.name = name
        self.cpp_name = cpp_name or name
        self.as_datatype_enum = enum
        self.as_numpy_dtype = numpy_type
        self.numpy: np.dtype[Any] = np.dtype(numpy_type)
        self.size = 0 if self.numpy.kind == "O" else self.numpy.itemsize
        self.is_floating = name.startswith(("float", "bfloat"))
        self.is_unsigned = name.startswith("uint")
        self.is_integer = name.startswith("int") or self.is_unsigned
        self.is_complex = name.startswith("complex")
        self.is_bool = name == "bool"
        self.is_quantized = name.startswith(("qint", "quint"))
        # TensorFlow counts quantized dtypes as numeric, the newest tiny ones not.
        self.is_numeric = (
            self.is_floating or self.is_integer or self.is_complex or self.is_quantized
        ) and not name.startswith(("float8", "int4", "uint4"))
        self.is_numpy_compatible = name not in ("resource", "variant")

    @property
    def base_dtype(self) -> DType:
        """The dtype itself: TensorFlow 1's reference dtypes do not exist here."""
        return self

    @property
    def real_dtype(self) -> DType:
        """The dtype of the real part: `float32` for `complex64`, `float64` for `complex128`, otherwise itself."""
        return {"complex64": float32, "complex128": float64}.get(self.name, self)

    @property
    def min(self) -> Any:
        """The lowest finite value. Raises TypeError where there is none (bool, complex, string, quantized)."""
        return self._info("minimum").min

    @property
    def max(self) -> Any:
        """The highest finite value. Raises TypeError where there is none (bool, complex, string, quantized)."""
        return self._info("maximum").max

    def _info(self, wanted: str) -> Any:
        if self.is_floating or self.is_integer:
            describe: Callable[[Any], Any] = ml_dtypes.finfo if self.is_floating else ml_dtypes.iinfo
            return describe(self.as_numpy_dtype)
        kind = f" with {'quantized ' * self.is_quantized}type {self}" if self.is_numpy_compatible else ""
        raise TypeError(f"Cannot find {wanted} value of {self}{kind}.")

    @property
    def limits(self) -> tuple[Any, Any]:
        """The range of pixel intensities: `(0, 1)` for floats, `(0, max)` for integers.

        Raises:
          ValueError: if the dtype has no such range.
        """
        if self.is_bool:
            return 0, True
        if self.name in ("float32", "float64"):
            return 0, 1
        if self.is_integer and self.is_numeric:
            return 0, self.max
        raise ValueError(f"{self} does not have defined limits.")

    def is_compatible_with(self, other: DTypeLike) -> builtins.bool:
        """Whether a tensor of dtype `other` can stand where this dtype is asked for."""
        return self is as_dtype(other)

    def __eq__(self, other: object) -> builtins.bool:
        if self is other:
            return True
        return not isinstance(other, DType) and self is _find(other)

    __hash__ = object.__hash__  # there is one object per dtype; this is the fastest hash for the dicts of the call path

    def __reduce__(self) -> tuple[Callable[[str], DType], tuple[str]]:
        return as_dtype, (self.name,)

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: '{self.name}'>"


class _ByNumpy(dict["np.dtype[Any]", DType]):
    """NumPy dtype -> DType. The endless families (`S3`, `U7`, foreign byte orders) are added as they come up."""

    def __missing__(self, key: np.dtype[Any]) -> DType:
        found = _LOOKUP.get("string" if key.kind in "OSU" else key.name)
        if found is None:
            raise TypeError(f"Cannot convert the argument `type_value`: {key!r} to a TensorFlow DType.")
        self[key] = found
        return found


_BY_NUMPY = _ByNumpy()


def _define(enum: int, name: str, numpy_type: Any, cpp_name: str = "") -> DType:
    dtype = DType(enum, name, numpy_type, cpp_name)
    _LOOKUP[enum] = _LOOKUP[name] = _LOOKUP[dtype.cpp_name] = dtype
    if dtype.is_numpy_compatible:
        _BY_NUMPY[dtype.numpy] = dtype
        if not dtype.is_quantized:
            _LOOKUP[numpy_type] = dtype
    return dtype


float32 = _define(1, "float32", np.float32, "float")
float64 = double = _define(2, "float64", np.float64, "double")
int32 = _define(3, "int32", np.int32)
uint8 = _define(4, "uint8", np.uint8)
int16 = _define(5, "int16", np.int16)
int8 = _define(6, "int8", np.int8)
string = _define(7, "string", object)
complex64 = _define(8, "complex64", np.complex64)
int64 = _define(9, "int64", np.int64)
bool = _define(10, "bool", np.bool_)
qint8 = _define(11, "qint8", np.dtype([("qint8", np.int8)]))
quint8 = _define(12, "quint8", np.dtype([("quint8", np.uint8)]))
qint32 = _define(13, "qint32", np.dtype([("qint32", np.int32)]))
bfloat16 = _define(14, "bfloat16", ml_dtypes.bfloat16)
qint16 = _define(15, "qint16", np.dtype([("qint16", np.int16)]))
quint16 = _define(16, "quint16", np.dtype([("quint16", np.uint16)]))
uint16 = _define(17, "uint16", np.uint16)
complex128 = _define(18, "complex128", np.complex128)
float16 = half = _define(19, "float16", np.float16, "half")
resource = _define(20, "resource", object)
variant = _define(21, "variant", np.dtype([("variant", np.void, 1)]))
_BY_NUMPY[variant.numpy] = variant
uint32 = _define(22, "uint32", np.uint32)
uint64 = _define(23, "uint64", np.uint64)
float8_e5m2 = _define(24, "float8_e5m2", ml_dtypes.float8_e5m2)
float8_e4m3fn = _define(25, "float8_e4m3fn", ml_dtypes.float8_e4m3fn)
int4 = _define(29, "int4", ml_dtypes.int4)
uint4 = _define(30, "uint4", ml_dtypes.uint4)

QUANTIZED_DTYPES = frozenset([qint8, quint8, qint16, quint16, qint32])

# Python's `int`, `str`, `complex` and `bytes` are refused, as in TensorFlow.
_LOOKUP.update({
    float: float32, builtins.bool: bool, np.str_: string, np.bytes_: string, np.object_: string,
    np.longlong: int64, np.ulonglong: uint64,
})  # fmt: skip


def _find(value: Any) -> DType | None:
    try:
        found = _LOOKUP.get(value)
    except (TypeError, ValueError):  # not hashable, or an array's many-valued ==
        found = None
    if found is not None:
        return found
    numpy_dtype = value if isinstance(value, np.dtype) else getattr(value, "dtype", None)
    if not isinstance(numpy_dtype, np.dtype):
        return None
    try:
        return _BY_NUMPY[numpy_dtype]
    except TypeError:
        return None


def as_dtype(type_value: DTypeLike) -> DType:
    """Turns what programs write for a dtype into the `DType`.

    Args:
      type_value: a `DType`, its name (`"float32"`, `"float"`, `"half"`), a NumPy dtype or scalar type, one of
        Python's `float` (float32), `bool` and `object` (string), TensorFlow's number of the dtype, an array.

    Returns:
      The `DType`.

    Raises:
      TypeError: if there is no such dtype.

    >>> tf.as_dtype("double"), tf.as_dtype(np.int8), tf.as_dtype(float)
    (tf.float64, tf.int8, tf.float32)
    """
    if isinstance(type_value, DType):
        return type_value
    found = _find(type_value)
    if found is None:
        raise TypeError(f"Cannot convert the argument `type_value`: {type_value!r} to a TensorFlow DType.")
    return found


def of(array: Any) -> DType:
    """The DType of a NumPy array or scalar; arrays of `str`, `bytes` and objects are strings.

    Raises:
      TypeError: if TensorFlow has no such dtype.
    """
    return _BY_NUMPY[array.dtype]
