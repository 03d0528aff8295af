"""`tf.TensorArray`: what the op table cannot say. Values and errors are in rows/control_flow.py."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def test_gradients_through_every_way_in_and_out():
    x = tf.constant([1.0, 2.0, 3.0, 4.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        stacked = tf.TensorArray(tf.float32, 4).unstack(x * x).stack()
        gathered = tf.TensorArray(tf.float32, 4).unstack(x * x).gather([3, 0])
        scattered = tf.TensorArray(tf.float32, 5).scatter([4, 2, 0, 1], x * x).gather([4, 0])
        split = tf.TensorArray(tf.float32, 2).split(x * x, [1, 3])
        joined = (
            tf.TensorArray(tf.float32, 2, infer_shape=False).write(0, split.read(1)).write(1, split.read(0)).concat()
        )
    gradients = [tape.gradient(y, x).numpy().tolist() for y in (stacked, gathered, scattered, joined)]
    assert gradients == [[2, 4, 6, 8], [2, 0, 0, 8], [2, 0, 6, 0], [2, 4, 6, 8]]


def test_elements_that_were_not_written_have_no_gradient_but_are_zero():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.TensorArray(tf.float32, 3).write(1, x * x).stack()
    np.testing.assert_array_equal(y, [0, 9, 0])
    assert tape.gradient(y, x).numpy() == 6


def test_an_element_is_given_up_once_read():
    array = tf.TensorArray(tf.float32, 2).unstack([1.0, 2.0])
    array.read(0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Could not read index 0 twice"):
        array.read(0)
    assert array.write(0, 5.0).read(0).numpy() == 5


def test_the_array_is_the_same_one_after_a_write():
    array = tf.TensorArray(tf.int32, 1, clear_after_read=False)
    assert array.write(0, 1).read(0).numpy() == array.identity().read(0).numpy() == 1


def test_fibonacci_in_a_loop():
    array = tf.TensorArray(tf.int32, 2, dynamic_size=True, clear_after_read=False).unstack([0, 1])
    _, array = tf.while_loop(
        lambda i, _: i < 8, lambda i, a: (i + 1, a.write(i, a.read(i - 1) + a.read(i - 2))), (tf.constant(2), array)
    )
    np.testing.assert_array_equal(array.stack(), [0, 1, 1, 2, 3, 5, 8, 13])
