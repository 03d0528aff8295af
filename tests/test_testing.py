"""`tapeflow.testing`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.testing import check_grads, observe_ops


def scaled(by: float) -> Any:
    """`sin`, with a gradient that is `by` times too large."""

    @tf.custom_gradient
    def function(x: Any) -> Any:
        return tf.sin(x), lambda g: g * tf.math.conj(tf.cos(x)) * by

    return function


@pytest.mark.parametrize("args", [[[[0.5, 1.0], [2.0, -1.0]]], [np.linspace(-1, 1, 100)], [0.3], [0.3 + 0.5j]])
def test_right_gradients_pass(args: Any) -> None:
    check_grads(tf.sin, args)
    check_grads(scaled(1.0), args)


def test_arguments_that_cannot_be_differentiated_are_handed_on() -> None:
    check_grads(lambda x, i, word: {"y": tf.gather(x, i), "z": word}, [[1.0, 2.0], [0, 0, 1], "word"])


def test_three_orders() -> None:
    check_grads(lambda x, y: (tf.exp(x) * y, x * x * x), [[0.5, -1.0], [2.0, 3.0]], order=3)


def test_a_wrong_element_is_named() -> None:
    @tf.custom_gradient
    def spoilt(x: Any) -> Any:
        return x * x, lambda g: g * x * [[2.0, 2.0], [-2.0, 2.0]]

    with pytest.raises(AssertionError, match=r"argument 1, at \[1, 0\]: .*, -1 times \(1 of 4 elements are wrong\)"):
        check_grads(lambda x, y: x + spoilt(y), [1.0, [[1.0, 2.0], [3.0, 4.0]]])


def test_a_wrong_second_order_is_found() -> None:
    @tf.custom_gradient
    def function(x: Any) -> Any:
        return tf.sin(x), lambda g: g * scaled_cos(x)

    @tf.custom_gradient
    def scaled_cos(x: Any) -> Any:
        return tf.cos(x), lambda g: g * tf.sin(x)

    check_grads(function, [[0.5, 1.0]], order=1)
    with pytest.raises(AssertionError, match=r"order 2, argument 0, at \[\d\]: .*, -1 times \(3 of 3 random dir"):
        check_grads(function, [[0.5, 1.0]])


def test_a_missing_gradient_is_found() -> None:
    said = r"argument 0, at \[1\]: the tape says None, which is 0, differences say .*: off by [-\d.]+ \("
    with pytest.raises(AssertionError, match=said):
        check_grads(lambda x: tf.stop_gradient(x) * x.numpy(), [[1.0, 3.0]])
    check_grads(tf.floor, [[0.5, 1.5]])  # None, and rightly so


def test_many_elements_are_moved_together() -> None:
    with pytest.raises(AssertionError, match=r"at \[\d+\]: .*, 1.01 times \(3 of 3 random directions are wrong\)"):
        check_grads(scaled(1.01), [np.linspace(-1, 1, 1000)])


@pytest.mark.parametrize(("unit", "part"), [(1.0, ""), (1.0j, r" \((real|imaginary) part\)")])
def test_one_wrong_element_of_many_is_found(unit: complex, part: str) -> None:
    factors = np.ones((30, 40))
    factors[17, 23] = 1.5

    @tf.custom_gradient
    def spoilt(x: Any) -> Any:
        return 2.0 * x, lambda g: 2.0 * g * tf.cast(factors, g.dtype)

    with pytest.raises(AssertionError, match=rf"order 1, argument 0, at \[17, 23\]{part}: .* 1.5 times"):
        check_grads(spoilt, [np.linspace(-1, 1, 1200).reshape(30, 40) * unit])


@pytest.mark.parametrize("size", [5, 500])
def test_nan_is_wrong_where_it_is(size: int) -> None:
    @tf.custom_gradient
    def root(x: Any) -> Any:
        return tf.sqrt(x), lambda g: tf.where(x == 3.0, np.nan, g * 0.5 / tf.sqrt(x))

    with pytest.raises(AssertionError, match=r"at \[2\]: the tape says nan, differences say .*: off by nan, nan times"):
        check_grads(root, [np.arange(1.0, size + 1)], order=1)


def test_nothing_to_differentiate() -> None:
    with pytest.raises(ValueError, match="nothing to differentiate"):
        check_grads(lambda x: x, [[1, 2]])


def test_observe_ops() -> None:
    x = tf.constant([1.0, 2.0])
    with observe_ops() as calls:
        y = x * x
        with observe_ops() as inner:
            tf.exp(y)
    tf.exp(y)
    assert [call.op for call in calls] == ["Mul", "Exp"]
    assert [call.op for call in inner] == ["Exp"]
    assert all(a is x for a in calls[0].inputs)
    assert calls[0].outputs[0] is y
