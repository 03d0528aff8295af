"""Tapes around, inside and across functions. Values and Nones are those of TensorFlow 2.21."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def traced(function, **options):
    """A `tf.function` of a function that is not read by AutoGraph."""
    return tf.function(function, autograph=False, **options)


def cube(x):
    return x * x * x


# -- a tape outside, inside, and both


def test_a_tape_outside():
    x = tf.Variable(2.0)
    f = traced(cube)
    with tf.GradientTape() as tape:
        y = f(x) * 10.0
    assert tape.gradient(y, x).numpy() == 120.0


def test_a_tape_inside():
    @traced
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = cube(x)
        return tape.gradient(y, x)

    assert f(tf.constant(2.0)).numpy() == 12.0
    assert f(tf.constant([1.0, 3.0])).numpy().tolist() == [3.0, 27.0]


def test_a_tape_inside_under_a_tape_outside():
    @traced
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = cube(x)
        return tape.gradient(y, x)

    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = slope(x)
    assert (y.numpy(), tape.gradient(y, x).numpy()) == (12.0, 12.0)


@pytest.mark.parametrize("wrap", [lambda f: f, traced], ids=["eager", "function"])
def test_third_order(wrap):
    f = traced(lambda x: x**4.0)

    def derivative(g):
        def body(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = g(x)
            return tape.gradient(y, x)

        return wrap(body)

    assert derivative(derivative(derivative(f)))(tf.constant(2.0)).numpy() == 48.0


def test_second_order_with_both_tapes_outside():
    x = tf.Variable(2.0)
    f = traced(cube)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = f(x)
        dy = inner.gradient(y, x)
    assert (dy.numpy(), outer.gradient(dy, x).numpy()) == (12.0, 12.0)


def test_a_function_of_which_the_gradient_is_taken_by_a_function():
    inner = traced(cube)

    @traced
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = inner(x) + inner(2.0 * x)
        return tape.gradient(y, x)

    assert f(tf.constant(1.0)).numpy() == 27.0


def test_a_tape_that_is_opened_outside_and_used_inside():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = traced(lambda: x * x)()
        z = traced(lambda y: tf.sin(y) * x)(y)
    expected = np.cos(9.0) * 6.0 * 3.0 + np.sin(9.0)
    np.testing.assert_allclose(tape.gradient(z, x).numpy(), expected, rtol=1e-5)


def test_two_calls_under_one_tape():
    w = tf.Variable(3.0)
    f = traced(lambda x: w * x)
    with tf.GradientTape() as tape:
        y = f(tf.constant(2.0)) + f(f(tf.constant(1.0)))
    assert tape.gradient(y, w).numpy() == 2.0 + 6.0


def test_a_persistent_tape():
    x = tf.constant([1.0, 2.0])

    @traced
    def f(x):
        return x * x, cube(x)

    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        square, third = f(x)
    assert tape.gradient(square, x).numpy().tolist() == [2.0, 4.0]
    assert tape.gradient(third, x).numpy().tolist() == [3.0, 12.0]
    assert tape.gradient([square, third], x).numpy().tolist() == [5.0, 16.0]


def test_a_persistent_tape_inside():
    @traced
    def f(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = x * x
            z = y * y
        return tape.gradient(z, [x, y]) + [tape.gradient(y, x)]

    assert [g.numpy() for g in f(tf.constant(3.0))] == [108.0, 18.0, 6.0]


def test_intermediates_can_be_watched_inside():
    @traced
    def f(x):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            y = x * 2.0
            tape.watch(y)
            z = y * y
        return tape.gradient(z, [x, y], unconnected_gradients="zero")

    assert [g.numpy() for g in f(tf.constant(3.0))] == [0.0, 12.0]


def test_stop_recording_inside():
    @traced
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
            with tape.stop_recording():
                z = x * 100.0
        return tape.gradient(y + z, x)

    assert f(tf.constant(3.0)) is None


def test_output_gradients():
    f = traced(lambda x: (x * 2.0, x * 3.0))
    x = tf.Variable([1.0, 1.0])
    with tf.GradientTape() as tape:
        ys = f(x)
    grad = tape.gradient(ys, x, output_gradients=[tf.constant([1.0, 2.0]), tf.constant([10.0, 20.0])])
    assert grad.numpy().tolist() == [32.0, 64.0]


# -- Variables and captures


def test_gradients_of_variables_and_captured_tensors():
    w, b, c = tf.Variable([[2.0], [3.0]]), tf.Variable(1.0), tf.constant(5.0)
    f = traced(lambda x: tf.reduce_sum(x @ w * c + b))
    x = tf.constant([[1.0, 2.0]])
    with tf.GradientTape() as tape:
        tape.watch([x, c])
        y = f(x)
    dw, db, dc, dx = tape.gradient(y, [w, b, c, x])
    assert dw.numpy().tolist() == [[5.0], [10.0]]
    assert (db.numpy(), dc.numpy()) == (1.0, 8.0)
    assert dx.numpy().tolist() == [[10.0, 15.0]]


def test_variables_used_inside_are_watched():
    w, frozen = tf.Variable(2.0), tf.Variable(3.0, trainable=False)
    f = traced(lambda x: x * w * frozen)
    with tf.GradientTape() as tape:
        y = f(tf.constant(1.0))
    assert tape.watched_variables() == (w,)
    assert tape.gradient(y, [w, frozen])[1] is None


def test_variables_used_only_in_an_inner_function():
    w = tf.Variable(2.0)
    inner = traced(lambda x: w * x * x)
    outer = traced(lambda x: inner(x) + 1.0)
    with tf.GradientTape() as tape:
        y = outer(tf.constant(3.0))
    assert tape.gradient(y, w).numpy() == 9.0


def test_variables_changed_between_call_and_gradient():
    w = tf.Variable(2.0)
    f = traced(lambda: w * w)
    with tf.GradientTape() as tape:
        y = f()
    w.assign(100.0)
    assert tape.gradient(y, w).numpy() == 4.0


def test_variables_changed_inside_between_two_reads():
    w = tf.Variable(2.0)

    @traced
    def f():
        y = w * w
        w.assign(10.0)
        return y + w * w

    with tf.GradientTape() as tape:
        y = f()
    assert y.numpy() == 104.0
    assert tape.gradient(y, w).numpy() == 24.0


def test_a_training_step_inside():
    w = tf.Variable(1.0)

    @traced
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((x * w - y) ** 2.0)
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return loss

    x = tf.constant([1.0, 2.0])
    losses = [step(x, 3.0 * x).numpy() for _ in range(20)]
    assert losses[0] == 10.0
    assert losses[-1] < 1e-3
    np.testing.assert_allclose(w.numpy(), 3.0, rtol=1e-3)


# -- None and unconnected


def test_none_for_what_does_not_count():
    f = traced(lambda x, y: (x * 2.0, tf.cast(y, tf.int32), tf.stop_gradient(y) * x))
    x, y = tf.Variable(1.0), tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        double, integer, stopped = f(x, y)
    assert tape.gradient(double, y) is None
    assert tape.gradient(integer, y) is None
    assert tape.gradient(stopped, y) is None
    assert tape.gradient(stopped, x).numpy() == 2.0


def test_none_inside():
    @traced
    def f(x, y):
        with tf.GradientTape() as tape:
            tape.watch([x, y])
            z = x * 2.0
        dx, dy = tape.gradient(z, [x, y])
        assert dy is None
        return dx

    assert f(tf.constant(1.0), tf.constant(1.0)).numpy() == 2.0


def test_an_unused_output_counts_as_zero():
    f = traced(lambda x: (x * x, tf.exp(x)))
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        square, _ = f(x)
    assert tape.gradient(square, x).numpy() == 6.0


def test_integer_outputs_beside_float_outputs():
    f = traced(lambda x: (x * x, tf.argmax(x), tf.shape(x)))
    x = tf.Variable([1.0, 5.0, 2.0])
    with tf.GradientTape() as tape:
        square, place, shape = f(x)
    assert (place.numpy(), shape.numpy().tolist()) == (1, [3])
    assert tape.gradient(square, x).numpy().tolist() == [2.0, 10.0, 4.0]


# -- sparse gradients, unknown sizes


def test_gather_gives_indexed_slices_inside():
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    @traced
    def f(ids):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.gather(table, ids) * 2.0)
        grad = tape.gradient(y, table)
        assert isinstance(grad, tf.IndexedSlices)
        return grad

    grad = f(tf.constant([2, 0, 2]))
    assert isinstance(grad, tf.IndexedSlices)
    assert grad.indices.numpy().tolist() == [2, 0, 2]
    assert tf.convert_to_tensor(grad).numpy().tolist() == [[2.0, 2.0], [0.0, 0.0], [4.0, 4.0]]


def test_gather_across_a_function():
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    f = traced(lambda ids: tf.nn.embedding_lookup(table, ids) * 2.0)
    with tf.GradientTape() as tape:
        y = f(tf.constant([1, 1]))
    grad = tf.convert_to_tensor(tape.gradient(y, table))
    assert grad.numpy().tolist() == [[0.0, 0.0], [4.0, 4.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: tf.reduce_mean(x),
        lambda x: tf.reduce_mean(x, 0),
        lambda x: tf.reduce_max(x, 0),
        lambda x: tf.nn.softmax(x),
        lambda x: x @ tf.ones([3, 2]),
        lambda x: tf.reshape(x, [-1]) ** 2.0,
        lambda x: tf.concat([x, 2.0 * x], 0)[1:],
        lambda x: tf.transpose(x) @ x,
        lambda x: x + tf.ones([3]),
        lambda x: x * tf.reduce_sum(x, 1, keepdims=True),
        lambda x: tf.gather(x, [0, 0, 1]),
        lambda x: tf.math.cumsum(x) * x,
        lambda x: tf.tile(x, [2, 1]),
        lambda x: tf.where(x > 0.5, x, x * x),
        lambda x: tf.stack(tf.unstack(x, axis=1)),
        lambda x: tf.linalg.matmul(x, x, transpose_b=True),
    ],
)
def test_gradients_with_an_unknown_batch_size(operation):
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = operation(x)
        return tape.gradient(y, x)

    f = tf.function(slope, input_signature=[tf.TensorSpec([None, 3])], autograph=False)
    for batch in (2, 4):
        x = tf.constant(np.random.RandomState(batch).rand(batch, 3).astype(np.float32))
        np.testing.assert_allclose(tf.convert_to_tensor(f(x)), tf.convert_to_tensor(slope(x)), rtol=1e-5, atol=1e-6)


def test_broadcasting_of_unknown_sizes_is_summed_away():
    free = tf.TensorSpec([None, None])

    @tf.function(input_signature=[free, free], autograph=False)
    def f(x, y):
        with tf.GradientTape() as tape:
            tape.watch([x, y])
            z = x * y
        return tape.gradient(z, [x, y])

    dx, dy = f(tf.ones([2, 1]), 2.0 * tf.ones([1, 3]))
    assert dx.numpy().tolist() == [[6.0], [6.0]]
    assert dy.numpy().tolist() == [[2.0, 2.0, 2.0]]
