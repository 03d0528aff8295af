"""Conversion of Python values that the op table cannot hold: objects, subclasses, and lists of any shape."""

from __future__ import annotations

import collections
import enum
import fractions
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf


class WithArray:
    def __init__(self, value: Any) -> None:
        self.value = value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.value)


class Sequence:
    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        return self.items[index]


class Whole(int):
    pass


class Real(float):
    pass


class Items(list):  # type: ignore[type-arg]
    pass


Pair = collections.namedtuple("Pair", "a b")
Color = enum.IntEnum("Color", "RED GREEN")


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        (WithArray([1, 2]), "int64", [1, 2]),
        (WithArray(1.5), "float64", 1.5),
        (WithArray(["a"]), "string", [b"a"]),
        (Sequence([1, 2]), "int32", [1, 2]),
        (Sequence([]), "float32", []),
        (Whole(3), "int32", 3),
        ([Whole(3)], "int32", [3]),
        (Real(2.5), "float32", 2.5),
        (Items([1, 2]), "int32", [1, 2]),
        (Pair(1, 2), "int32", [1, 2]),
        (Pair([1], [2.5]), "float32", [[1.0], [2.5]]),
        (Color.GREEN, "int32", 2),
        ([Color.RED], "int32", [1]),
        (bytearray(b"ab"), "int32", [97, 98]),
        (collections.deque([1, 2]), "int32", [1, 2]),
        (np.ma.array([1, 2], mask=[0, 1]), "int64", [1, 2]),
        (np.array([1, 2], ">i4"), "int32", [1, 2]),
        (np.arange(4)[::2], "int64", [0, 2]),
    ],
)
def test_objects(value: Any, dtype: str, expected: Any) -> None:
    for made in (tf.constant(value), tf.convert_to_tensor(value)):
        assert made.dtype == dtype
        assert made._array.dtype is made.dtype.numpy
        assert np.asarray(made).tolist() == expected


@pytest.mark.parametrize(
    "value", [{1, 2}, {1: 2}, {1: 2}.keys(), len, int, object(), fractions.Fraction(1, 2), iter([1])]
)
def test_unsupported(value: Any) -> None:
    for given_ in (value, [value], [[value]]):
        with pytest.raises(ValueError, match="Attempt to convert a value .* with an unsupported type .* to a Tensor."):
            tf.constant(given_)


def test_objects_with_array_in_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="Attempt to convert a value"):
        tf.constant([WithArray([1, 2])])


def test_shapes() -> None:
    assert tf.convert_to_tensor(tf.TensorShape([])).dtype == tf.int32
    assert tf.constant(tf.TensorShape([])).dtype == tf.float32
    assert tf.convert_to_tensor(tf.TensorShape([2**31])).dtype == tf.int64
    assert tf.convert_to_tensor(tf.TensorShape([2]), dtype_hint=tf.int64).dtype == tf.int64
    with pytest.raises(ValueError, match=r"Cannot convert a partially known TensorShape \(1, None\) to a Tensor."):
        tf.convert_to_tensor(tf.TensorShape([1, None]))
    with pytest.raises(TypeError, match="Allowed dtypes are tf.int32 and tf.int64."):
        tf.convert_to_tensor(tf.TensorShape([1]), tf.float32)


def test_numbers_are_exact() -> None:
    assert np.signbit(tf.constant(-0.0).numpy())
    assert not np.signbit(tf.constant(0.0).numpy())
    assert tf.constant(1).dtype == tf.int32
    assert tf.constant(1.0).dtype == tf.float32
    assert tf.constant(True).dtype == tf.bool
    with pytest.raises(ValueError, match="out-of-range integer"):
        tf.constant(-1, tf.uint64)


def test_strings() -> None:
    assert tf.constant("a\0b").numpy() == b"a\0b"
    for value in ("\ud800", ["a", "\ud800"]):
        with pytest.raises(ValueError, match="Error converting unicode string"):
            tf.constant(value)


def test_tensors_in_lists() -> None:
    x = tf.constant([1.0, 2.0])
    with pytest.raises(ValueError, match="Scalar tensor has no"):
        tf.constant([x, x])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.convert_to_tensor([x, [3, 4.0]])
    assert y.numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert tape.gradient(y, x).numpy().tolist() == [1.0, 1.0]


def test_arrays_are_copied() -> None:
    array = np.array([1.0, 2.0])
    tensor = tf.constant(array)
    array[0] = 5.0
    assert tensor.numpy().tolist() == [1.0, 2.0]


def test_static_inputs_from_tensors() -> None:
    x = tf.zeros([4, 3])
    assert tf.reshape(x, tf.stack([2, -1])).shape == [2, 6]
    assert tf.zeros([2, tf.constant(3)]).shape == [2, 3]
    assert tf.reshape(x, (tf.size(x), np.int64(1))).shape == [12, 1]
    assert tf.expand_dims(x, tf.constant(1)).shape == [4, 1, 3]


numbers = {
    "int32": st.integers(-(2**31), 2**31 - 1),
    "float32": st.floats(width=32, allow_nan=False),
    "bool": st.booleans(),
    "complex128": st.complex_numbers(allow_nan=False),
    "string": st.binary(max_size=5),
}


@given(st.data())
def test_nested_lists(data: Any) -> None:
    dtype = data.draw(st.sampled_from(sorted(numbers)))
    shape = data.draw(st.lists(st.integers(0, 3), max_size=4))

    def build(sizes: list[int]) -> Any:
        if not sizes:
            return data.draw(numbers[dtype])
        kind = data.draw(st.sampled_from([list, tuple]))
        return kind(build(sizes[1:]) for _ in range(sizes[0]))

    value = build(shape)
    tensor = tf.constant(value)
    if 0 in shape:
        assert tensor.dtype == tf.float32
        assert tensor.shape == shape[: shape.index(0) + 1]
        return
    assert tensor.dtype == dtype
    assert tensor.shape == shape
    wanted = np.empty(shape, object)
    wanted[...] = np.array(value, object) if dtype != "string" or shape else value
    assert np.asarray(tensor).astype(object).tolist() == (wanted.tolist() if shape else value)


leaves = st.one_of(st.integers(-5, 5), st.floats(-5, 5), st.none(), st.text(max_size=2))


@given(st.recursive(leaves, st.lists, max_leaves=8))
def test_any_list_converts_or_is_refused_cleanly(value: Any) -> None:
    try:
        tensor = tf.constant(value)
    except ValueError as error:
        if not str(error).startswith(("Can't convert", "Attempt to convert")):
            raise
        return
    if tensor.dtype != tf.string and tensor.shape.num_elements():
        np.testing.assert_allclose(tensor.numpy(), np.array(value, tensor.dtype.as_numpy_dtype))


@pytest.mark.parametrize(
    ("value", "shape"),
    [([[[]], 0], (2, 1, 0)), ([[[]], []], (2, 1, 0)), ([[], 0], (2, 0)), ([[], [1]], (2, 0))],
)
def test_the_first_items_decide_that_there_is_nothing(value, shape):
    assert tf.constant(value).shape == shape
