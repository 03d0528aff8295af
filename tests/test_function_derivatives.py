"""Jacobians, forward mode, `tf.gradients` and custom gradients in functions. Values are those of TensorFlow 2.21."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def traced(function, **options):
    """A `tf.function` of a function that is not read by AutoGraph."""
    return tf.function(function, autograph=False, **options)


def cube(x):
    return x * x * x


def both(function):
    """The function as it is, and traced."""
    return pytest.mark.parametrize("f", [function, traced(function)], ids=["eager", "function"])


# -- jacobians, tf.gradients, forward mode


def test_jacobian_inside():
    @traced
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x * tf.reduce_sum(x)
        return tape.jacobian(y, x)

    x = np.array([1.0, 2.0], np.float32)
    expected = np.diag(2 * x * x.sum()) + (x * x)[:, None]
    np.testing.assert_allclose(f(tf.constant(x)).numpy(), expected, rtol=1e-6)


def test_batch_jacobian_inside():
    @traced
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.batch_jacobian(y, x)

    assert f(tf.constant([[1.0, 2.0], [3.0, 4.0]])).numpy().tolist() == [
        [[2.0, 0.0], [0.0, 4.0]],
        [[6.0, 0.0], [0.0, 8.0]],
    ]


def test_jacobian_across_a_function():
    f = traced(cube)
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = f(x)
    assert tape.jacobian(y, x).numpy().tolist() == [[3.0, 0.0], [0.0, 12.0]]


def test_tf_gradients():
    @traced
    def f(x):
        y = x * x
        z = y * 3.0
        unconnected = tf.constant(1.0)
        dx, dy, none = tf.gradients(z, [x, y, unconnected])
        assert none is None
        return dx, dy, tf.gradients(dx, x)[0], tf.gradients([y, z], x, grad_ys=[10.0, 1.0])[0]

    assert [g.numpy() for g in f(tf.constant(2.0))] == [12.0, 3.0, 6.0, 52.0]


def test_tf_gradients_needs_a_graph():
    x = tf.constant(1.0)
    with pytest.raises(RuntimeError, match="tf.gradients is not supported when eager execution is enabled"):
        tf.gradients(x * x, x)


def test_tf_gradients_stops_where_told():
    @traced
    def f(x):
        y = x * x
        return tf.gradients(y * x, [x], stop_gradients=[y])[0]

    assert f(tf.constant(3.0)).numpy() == 9.0


def test_forward_mode_through_a_function():
    f = traced(cube)
    x = tf.constant(2.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(10.0)) as accumulator:
        y = f(x) + x
    assert accumulator.jvp(y).numpy() == 130.0


def test_forward_mode_inside_a_function():
    @traced
    def f(x):
        with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as accumulator:
            y = cube(x)
        return accumulator.jvp(y)

    assert f(tf.constant(2.0)).numpy() == 12.0


def test_forward_over_reverse_through_a_function():
    f = traced(cube)
    x = tf.constant(2.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as accumulator:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        dy = tape.gradient(y, x)
    assert (dy.numpy(), accumulator.jvp(dy).numpy()) == (12.0, 12.0)


# -- custom gradients


@tf.custom_gradient
def clipped(x):
    return tf.identity(x), lambda dy: tf.clip_by_value(dy, -1.0, 1.0)


@both(lambda x: clipped(x) * 10.0)
def test_custom_gradient_inside(f):
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = f(x)
    assert (y.numpy(), tape.gradient(y, x).numpy()) == (30.0, 1.0)


def test_a_custom_gradient_of_a_function():
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)
        return tf.math.log(1.0 + e), lambda dy: dy * (1.0 - 1.0 / (1.0 + e))

    x = tf.constant(100.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = traced(log1pexp)(x)
    assert tape.gradient(y, x).numpy() == 1.0


def test_second_order_through_a_custom_gradient_inside():
    @tf.custom_gradient
    def square(x):
        return x * x, lambda dy: dy * 5.0 * x

    f = traced(square)
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = f(x)
        dy = inner.gradient(y, x)
    assert (dy.numpy(), outer.gradient(dy, x).numpy()) == (10.0, 5.0)


def test_a_custom_gradient_with_variables_inside():
    w = tf.Variable(3.0)

    @tf.custom_gradient
    def scaled(x):
        y = w * x

        def grad(dy, variables=None):
            assert variables[0] is w
            return dy * 7.0, [dy * 9.0]

        return y, grad

    x = tf.constant(2.0)
    f = traced(lambda x: scaled(x))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert [g.numpy() for g in tape.gradient(y, [x, w])] == [7.0, 9.0]


def test_recompute_grad_inside():
    w = tf.Variable(2.0)
    f = traced(tf.recompute_grad(lambda x: tf.sin(w * x)))
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    dx, dw = tape.gradient(y, [x, w])
    np.testing.assert_allclose(dx.numpy(), 2.0 * np.cos(2.0), rtol=1e-6)
    np.testing.assert_allclose(dw.numpy(), np.cos(2.0), rtol=1e-6)


def test_py_function_has_a_gradient_inside():
    f = traced(lambda x: tf.py_function(lambda v: v * v * v, [x], tf.float32))
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = f(x)
    assert tape.gradient(y, x).numpy() == 12.0


def test_numpy_function_has_none():
    f = traced(lambda x: tf.numpy_function(lambda v: v * v, [x], tf.float32))
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = f(x)
    assert tape.gradient(y, x) is None


def test_gradients_of_concrete_functions():
    w = tf.Variable(3.0)
    concrete = traced(lambda x: w * x * x).get_concrete_function(tf.TensorSpec([]))
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = concrete(x)
    assert [g.numpy() for g in tape.gradient(y, [x, w])] == [12.0, 4.0]
