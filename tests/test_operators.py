"""Python's operators on tensors: values, dtypes and errors that TensorFlow 2.21 gives, and NumPy's broadcasting."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tapeflow as tf
from tapeflow.core.execute import binary
from tapeflow.core.op import OPS

F, I, B, S = tf.constant(1.5), tf.constant(3), tf.constant(True), tf.constant("a")
V, W, U = tf.constant([1.0, 2.0]), tf.constant([1, 2]), tf.constant([1, 2], tf.uint8)
MIXED = "cannot compute {} as input #1(zero-based) was expected to be a {} tensor but is a {} tensor"
NOT_ALLOWED = "Value for attr 'T' of {} is not in the list of allowed values"
NO_INT = "Cannot convert 2.5 to EagerTensor of dtype int32"
NOT_EVEN_A_TENSOR = "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor."


class Knows:
    """Knows how to be added to a tensor and multiplied by one."""

    def __radd__(self, other: Any) -> str:
        return "added"

    def __rmul__(self, other: Any) -> str:
        return "multiplied"

    def __rsub__(self, other: Any) -> Any:
        return NotImplemented


VALUES: dict[str, tuple[Any, Any, str]] = {
    "i / 2": (lambda: I / 2, 1.5, "float64"),
    "2 / i": (lambda: 2 / I, 2 / 3, "float64"),
    "u / u": (lambda: U / U, [1, 1], "float32"),
    "i // 2": (lambda: I // 2, 1, "int32"),
    "7 // i": (lambda: 7 // I, 2, "int32"),
    "7 % i": (lambda: 7 % I, 1, "int32"),
    "f // 0.": (lambda: F // 0.0, np.inf, "float32"),
    "2 ** i": (lambda: 2**I, 8, "int32"),
    "f ** 2": (lambda: F**2, 2.25, "float32"),
    "~i": (lambda: ~I, -4, "int32"),
    "~b": (lambda: ~B, False, "bool"),
    "True & b": (lambda: True & B, True, "bool"),
    "i | 4": (lambda: I | 4, 7, "int32"),
    "4 | i": (lambda: 4 | I, 7, "int32"),
    "i ^ 1": (lambda: I ^ 1, 2, "int32"),
    "b ^ b": (lambda: B ^ B, False, "bool"),
    "s + 'b'": (lambda: S + "b", b"ab", "string"),
    "'b' + s": (lambda: "b" + S, b"ba", "string"),
    "b * b": (lambda: B * B, True, "bool"),
    "b * 3": (lambda: B * 3, True, "bool"),
    "f == 1": (lambda: F == 1, False, "bool"),
    "1 == f": (lambda: 1 == F, False, "bool"),
    "s == 'a'": (lambda: S == "a", True, "bool"),
    "other shapes ==": (lambda: V == tf.constant([1.0, 2.0, 3.0]), False, "bool"),
    "other shapes !=": (lambda: V != tf.constant([1.0, 2.0, 3.0]), True, "bool"),
    "1 < f": (lambda: 1 < F, True, "bool"),
    "f + np.float64": (lambda: F + np.float64(1), 2.5, "float32"),
    "np.float64 + f": (lambda: np.float64(1) + F, 2.5, "float32"),
    "np.array * f": (lambda: np.array([1, 2]) * F, [1.5, 3.0], "float32"),
    "np.array @ m": (lambda: np.array([[1.0, 2.0]]) @ tf.constant([[1.0], [2.0]]), [[5.0]], "float32"),
    "list @ m": (lambda: [[1.0, 2.0]] @ tf.constant([[1.0], [2.0]]), [[5.0]], "float32"),
    "u - 3": (lambda: U - 3, [254, 255], "uint8"),
    "u + 300": (lambda: U + 300, [45, 46], "uint8"),
    "[1, 2] - v": (lambda: [1.0, 2.0] - V, [0.0, 0.0], "float32"),
    "1 + v + 2": (lambda: 1 + V + 2, [4.0, 5.0], "float32"),
    "f + True": (lambda: F + True, 2.5, "float32"),
    "sum": (lambda: sum([F, F]), 3.0, "float32"),
    "abs(complex)": (lambda: abs(tf.constant(3 + 4j)), 5.0, "float64"),
    "max": (lambda: max(F, tf.constant(2.0)), 2.0, "float32"),
}

ERRORS: dict[str, tuple[Any, type[Exception], str]] = {
    "i + 2.5": (lambda: I + 2.5, tf.errors.InvalidArgumentError, MIXED.format("AddV2", "int32", "float")),
    "i - 2.5": (lambda: I - 2.5, TypeError, NO_INT),
    "2.5 - i": (lambda: 2.5 - I, TypeError, NO_INT),
    "2.5 + i": (lambda: 2.5 + I, TypeError, NO_INT),
    "i ** 2.5": (lambda: I**2.5, TypeError, NO_INT),
    "i == 2.5": (lambda: I == 2.5, TypeError, NO_INT),
    "i / 2.5": (lambda: I / 2.5, TypeError, "`x` and `y` must have the same dtype, got tf.int32 != tf.float32."),
    "f / i": (lambda: F / I, TypeError, "`x` and `y` must have the same dtype, got tf.float32 != tf.int32."),
    "f * d": (
        lambda: F * tf.constant(1.0, tf.float64), tf.errors.InvalidArgumentError,
        MIXED.format("Mul", "float", "double")),
    "i == f": (lambda: I == F, tf.errors.InvalidArgumentError, MIXED.format("Equal", "int32", "float")),
    "b & 1": (lambda: B & 1, TypeError, "Cannot convert 1 to EagerTensor of dtype bool"),
    "i // 0": (lambda: I // 0, tf.errors.InvalidArgumentError, "Integer division by zero [Op:FloorDiv]"),
    "i % 0": (lambda: I % 0, tf.errors.InvalidArgumentError, "Integer division by zero [Op:FloorMod]"),
    "i ** -1": (
        lambda: I**-1, tf.errors.InvalidArgumentError, "Integers to negative integer powers are not allowed [Op:Pow]"),
    "shapes": (
        lambda: V + tf.constant([1.0, 2.0, 3.0]), tf.errors.InvalidArgumentError,
        "Incompatible shapes: [2] vs. [3] [Op:AddV2]"),
    "f * None": (lambda: F * None, ValueError, NOT_EVEN_A_TENSOR),
    "None + f": (lambda: None + F, ValueError, NOT_EVEN_A_TENSOR),
    "-b": (lambda: -B, tf.errors.InvalidArgumentError, NOT_ALLOWED.format("bool")),
    "~f": (lambda: ~F, tf.errors.InvalidArgumentError, NOT_ALLOWED.format("float")),
    "s * 2": (lambda: S * 2, TypeError, "Cannot convert 2 to EagerTensor of dtype string"),
    "f << 1": (lambda: F << 1, TypeError, "unsupported operand type(s) for <<"),
    "+f": (lambda: +F, TypeError, "bad operand type for unary +"),
    "not implemented": (lambda: F - Knows(), ValueError, "Attempt to convert a value ("),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_value(name: str) -> None:
    call, value, dtype = VALUES[name]
    result = call()
    assert isinstance(result, tf.Tensor)
    assert result.dtype == dtype
    expected = np.array(value, object if dtype == "string" else result.numpy().dtype)
    np.testing.assert_array_equal(result.numpy(), expected)


@pytest.mark.parametrize("name", ERRORS)
def test_error(name: str) -> None:
    call, kind, text = ERRORS[name]
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value).startswith(text)


def test_comparison_with_none_is_pythons() -> None:
    assert (F == None) is False  # noqa: E711
    assert (F != None) is True  # noqa: E711


def test_what_knows_better_is_asked() -> None:
    assert F + Knows() == "added"
    assert F * Knows() == "multiplied"


def test_augmented_assignment_makes_a_new_tensor() -> None:
    x = y = tf.constant([1.0, 2.0])
    x += 1
    assert x is not y
    assert y.numpy().tolist() == [1.0, 2.0]


SHAPES = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3)
OPERATORS = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "<": operator.lt, ">=": operator.ge, "==": operator.eq,
}  # fmt: skip


@settings(max_examples=60)
@given(st.sampled_from(sorted(OPERATORS)), SHAPES, st.data())
def test_broadcasts_like_numpy(name: str, shapes: Any, data: Any) -> None:
    x, y = (data.draw(hnp.arrays(np.int32, shape, elements=st.integers(-9, 9))) for shape in shapes.input_shapes)
    result = OPERATORS[name](tf.constant(x), tf.constant(y)).numpy()
    expected = OPERATORS[name](x, y)
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result, expected)
    np.testing.assert_array_equal(OPERATORS[name](tf.constant(x), y).numpy(), expected)
    np.testing.assert_array_equal(OPERATORS[name](x, tf.constant(y)).numpy(), expected)


@settings(max_examples=60)
@given(SHAPES)
def test_gradients_have_the_inputs_shapes(shapes: Any) -> None:
    x, y = (tf.constant(np.full(shape, 2.0, np.float32)) for shape in shapes.input_shapes)
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        z = x * y + x / y - tf.maximum(x, y)
    for g, shape in zip(tape.gradient(z, [x, y]), shapes.input_shapes, strict=True):
        assert g.shape == shape


def test_what_a_signals_handler_raises_is_not_lost():
    class LateError(Exception):
        pass

    def late(*_arrays, out):
        raise LateError

    op = OPS["Mul"]
    function = binary(op, lambda x, y: pytest.fail("it ran again"), late)
    with pytest.raises(LateError):
        function(tf.constant(1.0), tf.constant(2.0))
