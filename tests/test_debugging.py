"""`tf.debugging`: what the op table cannot say. The checks and their messages are in rows/debugging.py."""

from __future__ import annotations

import inspect

import pytest

import tapeflow as tf
from tapeflow import debugging

NAN = float("nan")


def test_checks_return_none():
    assert tf.debugging.assert_equal(1, 1) is None
    assert tf.debugging.assert_rank(1, 0) is None
    assert tf.debugging.assert_shapes([]) is None
    assert tf.Assert(True, []) is None


def test_assert_equal_of_one_object_does_not_look_at_it():
    x = tf.constant([NAN])
    tf.debugging.assert_equal(x, x)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.debugging.assert_equal(x, tf.identity(x))


def test_check_numerics_also_checks_gradients():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.debugging.check_numerics(x, "layer")
    assert tape.gradient(y, x).numpy().tolist() == [1, 1]
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tape.gradient(y, x, output_gradients=tf.constant([1.0, NAN]))
    assert "values detected in gradient. b'layer' : Tensor had NaN values" in str(caught.value)


def test_the_argument_order_is_tensorflows():
    assert list(inspect.signature(debugging.assert_equal).parameters)[:4] == ["x", "y", "message", "summarize"]
    assert list(inspect.signature(debugging.assert_none_equal).parameters)[:4] == ["x", "y", "summarize", "message"]
    assert list(inspect.signature(debugging.assert_near).parameters)[:5] == ["x", "y", "rtol", "atol", "message"]


def test_also_at_the_top():
    assert tf.Assert is debugging.Assert
    assert tf.assert_equal is debugging.assert_equal
    assert tf.assert_greater is debugging.assert_greater
    assert tf.assert_less is debugging.assert_less
    assert tf.assert_rank is debugging.assert_rank
