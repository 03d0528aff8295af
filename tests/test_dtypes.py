"""Dtypes: the expected values are what TensorFlow 2.21 gives."""

from __future__ import annotations

import copy
import pickle

import ml_dtypes
import numpy as np
import pytest

from tapeflow.base import dtypes

ALL = [value for value in vars(dtypes).values() if isinstance(value, dtypes.DType)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("float", "float32"), ("double", "float64"), ("half", "float16"), ("bfloat16", "bfloat16"),
        ("string", "string"),
        ("resource", "resource"), ("qint8", "qint8"), ("float8_e5m2", "float8_e5m2"), ("int4", "int4"),
        (np.float32, "float32"), (np.dtype("f4"), "float32"), (np.dtype(">f4"), "float32"), (np.bool_, "bool"),
        (float, "float32"), (bool, "bool"), (object, "string"), (np.str_, "string"), (np.bytes_, "string"),
        (np.dtype("S3"), "string"), (np.dtype("U7"), "string"), (np.dtype("O"), "string"),
        (np.longlong, "int64"), (np.ulonglong, "uint64"), (np.array([1.0]), "float64"),
        (ml_dtypes.bfloat16, "bfloat16"), (1, "float32"), (7, "string"), (np.float32(3), "int32"),
    ],
)  # fmt: skip
def test_as_dtype(value: object, expected: str) -> None:
    assert dtypes.as_dtype(value).name == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [int, str, complex, bytes, dict, None, 0, 99, [], "foo", "f4", "O", np.longdouble, np.dtype("M8[s]"), np.integer],
)
def test_what_is_no_dtype(value: object) -> None:
    with pytest.raises(TypeError) as caught:
        dtypes.as_dtype(value)  # type: ignore[arg-type]
    assert str(caught.value) == f"Cannot convert the argument `type_value`: {value!r} to a TensorFlow DType."


@pytest.mark.parametrize("dtype", ALL, ids=str)
def test_there_is_one_of_each(dtype: dtypes.DType) -> None:
    assert dtypes.as_dtype(dtype) is dtype
    assert dtypes.as_dtype(dtype.name) is dtype
    assert dtypes.as_dtype(dtype.cpp_name) is dtype
    assert dtypes.as_dtype(dtype.as_datatype_enum) is dtype
    assert copy.deepcopy(dtype) is dtype
    assert pickle.loads(pickle.dumps(dtype)) is dtype
    if dtype.is_numpy_compatible:
        assert dtypes.of(np.empty(2, dtype.numpy)) is dtype


def test_printing_and_equality() -> None:
    assert (repr(dtypes.float32), str(dtypes.float32)) == ("tf.float32", "<dtype: 'float32'>")
    assert (dtypes.float32.cpp_name, dtypes.float16.cpp_name, dtypes.int32.cpp_name) == ("float", "half", "int32")
    for same in ("float32", "float", np.float32, np.dtype("f4"), float, dtypes.float32):
        assert dtypes.float32 == same
        assert same == dtypes.float32
    for other in ("foo", None, int, np.float64, dtypes.float64, [], np.zeros(2)):
        assert dtypes.float32 != other
    assert dtypes.double is dtypes.float64
    assert dtypes.half is dtypes.float16
    assert dtypes.float32.is_compatible_with("float")
    assert not dtypes.float32.is_compatible_with(dtypes.float64)
    assert len({dtypes.float32, dtypes.as_dtype("float32")}) == 1


FLAGS = {
    "is_floating": "bfloat16 float16 float32 float64 float8_e5m2 float8_e4m3fn",
    "is_integer": "int8 int16 int32 int64 uint8 uint16 uint32 uint64 int4 uint4",
    "is_unsigned": "uint8 uint16 uint32 uint64 uint4",
    "is_complex": "complex64 complex128",
    "is_bool": "bool",
    "is_quantized": "qint8 quint8 qint16 quint16 qint32",
    "is_numeric": "bfloat16 float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 complex64 "
    "complex128 qint8 quint8 qint16 quint16 qint32",
}


@pytest.mark.parametrize("flag", FLAGS)
def test_flags(flag: str) -> None:
    assert {dtype.name for dtype in ALL if getattr(dtype, flag)} == set(FLAGS[flag].split())


def test_ranges() -> None:
    assert (dtypes.int8.min, dtypes.int8.max, dtypes.int8.limits) == (-128, 127, (0, 127))
    assert (dtypes.uint64.max, dtypes.int4.min, dtypes.uint4.max) == (18446744073709551615, -8, 15)
    assert dtypes.float32.max == np.finfo(np.float32).max
    assert repr(dtypes.bfloat16.min) == "-3.38953e+38"
    assert (dtypes.float32.limits, dtypes.bool.limits) == ((0, 1), (0, True))
    assert (dtypes.complex64.real_dtype, dtypes.complex128.real_dtype) == (dtypes.float32, dtypes.float64)
    assert dtypes.int32.real_dtype is dtypes.int32.base_dtype is dtypes.int32
    assert (dtypes.string.size, dtypes.complex128.size, dtypes.bfloat16.size) == (0, 16, 2)
    assert dtypes.string.as_numpy_dtype is object


@pytest.mark.parametrize(
    ("dtype", "text"),
    [
        (dtypes.bool, "Cannot find minimum value of <dtype: 'bool'> with type <dtype: 'bool'>."),
        (dtypes.qint8, "Cannot find minimum value of <dtype: 'qint8'> with quantized type <dtype: 'qint8'>."),
        (dtypes.resource, "Cannot find minimum value of <dtype: 'resource'>."),
    ],
)
def test_no_minimum(dtype: dtypes.DType, text: str) -> None:
    with pytest.raises(TypeError) as caught:
        _ = dtype.min
    assert str(caught.value) == text


@pytest.mark.parametrize("dtype", [dtypes.float16, dtypes.complex64, dtypes.string, dtypes.qint8, dtypes.int4], ids=str)
def test_no_limits(dtype: dtypes.DType) -> None:
    with pytest.raises(ValueError, match="does not have defined limits"):
        _ = dtype.limits


def test_arrays_of_other_dtypes() -> None:
    with pytest.raises(TypeError):
        dtypes.of(np.zeros(1, np.longdouble))
