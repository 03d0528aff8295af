"""`tf.autodiff.ForwardAccumulator`: what a user sees, as TensorFlow 2.21 has it (and a little more)."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


@pytest.fixture
def x() -> tf.Tensor:
    return tf.constant(3.0)


@pytest.fixture
def v() -> tf.Variable:
    return tf.Variable(2.0)


def test_jvp(x, v):
    with tf.autodiff.ForwardAccumulator(x, tf.constant(2.0)) as acc:
        y = x * x
        z = v * v
    assert float(acc.jvp(y)) == 12.0
    assert float(acc.jvp(x)) == 2.0
    assert acc.jvp({"z": z}) == {"z": None}
    assert float(acc.jvp(z, unconnected_gradients="zero")) == 0.0


def test_several_primals_and_variables(x, v):
    with tf.autodiff.ForwardAccumulator([x, v], [tf.constant(2.0), tf.constant(1.0)]) as acc:
        y = x * v * v
    assert float(acc.jvp(y)) == 2 * 4 + 1 * 12


def test_against_the_jacobian():
    rng = np.random.default_rng(0)
    a = tf.constant(rng.normal(size=(3, 4)))
    t = tf.constant(rng.normal(size=(3, 4)))

    def f(a):
        return tf.tanh(tf.matmul(a, a, transpose_b=True)) + tf.reduce_sum(tf.exp(a), axis=1)

    with tf.autodiff.ForwardAccumulator(a, t) as acc:
        y = f(a)
    with tf.GradientTape() as tape:
        tape.watch(a)
        y2 = f(a)
    jacobian = tape.jacobian(y2, a).numpy()
    np.testing.assert_allclose(acc.jvp(y), np.einsum("ijkl,kl->ij", jacobian, t), rtol=1e-12)


def test_forward_over_backward(v):
    with tf.autodiff.ForwardAccumulator(v, tf.constant(1.0)) as acc:
        with tf.GradientTape() as tape:
            y = v**3
        g = tape.gradient(y, v)
    assert [float(g), float(acc.jvp(g))] == [12.0, 12.0]


def test_backward_over_forward(v):
    with tf.GradientTape() as tape:
        with tf.autodiff.ForwardAccumulator(v, tf.constant(1.0)) as acc:
            y = v**3
        d = acc.jvp(y)
    assert float(tape.gradient(d, v)) == 12.0


def test_forward_over_forward(v):
    with tf.autodiff.ForwardAccumulator(v, tf.constant(1.0)) as outer:
        with tf.autodiff.ForwardAccumulator(v, tf.constant(1.0)) as inner:
            y = v**3
        d = inner.jvp(y)
    assert [float(d), float(outer.jvp(d)), float(outer.jvp(y))] == [12.0, 12.0, 12.0]


def test_misuse(x, v):
    with pytest.raises(ValueError, match="don't have the same nested structure"):
        tf.autodiff.ForwardAccumulator([x, v], [tf.constant(2.0)])
    with pytest.raises(ValueError, match="Tensor conversion requested dtype float32 for Tensor with dtype float64"):
        tf.autodiff.ForwardAccumulator(x, tf.constant(2.0, tf.float64))


@pytest.mark.parametrize("traced", [False, True])
def test_through_loops(traced):
    """The gradient of a loop in a graph adds outputs to it while its tangents are made."""
    functions = [
        (lambda x: tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, y * x), (0, x))[1], [4.0, 0.0, 216.0]),
        (lambda x: tf.map_fn(lambda a: a * a, x), [2.0, 0.0, 12.0]),
        (lambda x: tf.scan(lambda a, b: a * b, x), [1.0, 2.0, 10.0]),
    ]
    for function, expected in functions:

        def slope(x, t, function=function):
            with tf.GradientTape() as tape:
                tape.watch(x)
                with tf.autodiff.ForwardAccumulator(x, t) as accumulator:
                    y = function(x)
                tangent = accumulator.jvp(y)
            return tangent, tape.gradient(tangent, x)

        x, t = tf.constant([1.0, 2.0, 3.0]), tf.constant([1.0, 0.0, 2.0])
        tangent, curve = (tf.function(slope) if traced else slope)(x, t)
        assert tangent.numpy().tolist() == expected
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.reduce_sum(function(x))
            first = inner.gradient(y, x)
        np.testing.assert_allclose(curve, outer.gradient(first, x, output_gradients=t))


def test_integers_have_no_tangent():
    x = tf.constant([1, 2])
    with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as accumulator:
        y = x * x
    assert accumulator.jvp(y) is None


def test_a_primal_that_is_there_twice(x):
    with pytest.raises(ValueError, match="specified as a primal multiple times"):
        tf.autodiff.ForwardAccumulator([x, x], [tf.ones_like(x)] * 2)
