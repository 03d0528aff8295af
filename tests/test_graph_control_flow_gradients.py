"""Gradients of control flow in functions. Values are those of TensorFlow 2.21."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def traced(function, **options):
    """A `tf.function` of a function that is not read by AutoGraph."""
    return tf.function(function, autograph=False, **options)


def i32(value):
    return tf.constant(value, tf.int32)


def derivatives(f, *args, traced_slopes):
    """`f`, and its first and second derivative by its first argument."""

    def slope(x, *rest):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x, *rest)
        return tape.gradient(y, x)

    def curvature(x, *rest):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = slope(x, *rest)
        return tape.gradient(y, x)

    wrap = traced if traced_slopes else (lambda function: function)
    return [float(wrap(function)(*args)) for function in (f, slope, curvature)]


def power(x, n):
    return tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * x), [0, tf.ones([])])[1]


def squarings(x, n):
    """x to the power of 2 ** n."""
    return tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * y), [0, x])[1]


def until(x, limit):
    """Doubles its argument until it is past the limit: the trip count depends on `x`."""
    return tf.while_loop(lambda y: y < limit, lambda y: (2.0 * y,), [x * x])[0]


def branches(x, n):
    return tf.cond(n > 0, lambda: x * x * x, lambda: 5.0 * x)


def nested_branches(x, n):
    return tf.cond(n > 0, lambda: tf.cond(n > 2, lambda: x**4.0, lambda: x**2.0), lambda: tf.sin(x))


def switched(x, n):
    return tf.switch_case(n, [lambda: x, lambda: x * x, lambda: x * x * x])


def branch_in_loop(x, n):
    def body(i, y):
        return i + 1, tf.cond(i % 2 == 0, lambda: y * x, lambda: y + x * x)

    return tf.while_loop(lambda i, y: i < n, body, [0, x])[1]


def loop_in_branch(x, n):
    return tf.cond(n > 1, lambda: power(x, n), lambda: x)


def loop_in_loop(x, n):
    return tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * power(x, i)), [0, x])[1]


def stacked(x, n):
    array = tf.TensorArray(tf.float32, size=n, element_shape=[])
    body = lambda i, y, a: (i + 1, y * x, a.write(i, y * x))
    return tf.reduce_sum(tf.while_loop(lambda i, y, a: i < n, body, [0, tf.ones([]), array])[2].stack())


def unstacked(x, n):
    values = tf.TensorArray(tf.float32, size=3, element_shape=[]).unstack(tf.stack([x, x * x, x * x * x]))
    return tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * values.read(i)), [0, tf.ones([])])[1]


def mapped(x, n):
    return tf.reduce_sum(tf.map_fn(lambda k: x**k, tf.cast(tf.range(n + 1), tf.float32)))


def scanned(x, n):
    return tf.reduce_sum(tf.scan(lambda a, k: a * x + k, tf.cast(tf.range(n), tf.float32), initializer=tf.ones([])))


def folded(x, n):
    return tf.foldl(lambda a, k: a * x + k, tf.cast(tf.range(n), tf.float32), initializer=tf.ones([]))


def vectorized(x, n):
    return tf.reduce_sum(tf.vectorized_map(lambda k: x * x * k, tf.cast(tf.range(n), tf.float32)))


def called(x, n):
    inner = traced(lambda y: y * x)
    return tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, inner(y)), [0, tf.ones([])])[1]


CASES = [
    (power, 4, [16.0, 32.0, 48.0]),
    (squarings, 3, [256.0, 8 * 128.0, 56 * 64.0]),
    (branches, 1, [8.0, 12.0, 12.0]),
    (nested_branches, 3, [16.0, 32.0, 48.0]),
    (nested_branches, 1, [4.0, 4.0, 2.0]),
    (nested_branches, 0, [np.sin(2), np.cos(2), -np.sin(2)]),
    (switched, 2, [8.0, 12.0, 12.0]),
    (branch_in_loop, 4, [20.0, 28.0, 26.0]),
    (loop_in_branch, 3, [8.0, 12.0, 12.0]),
    (loop_in_loop, 3, [16.0, 32.0, 48.0]),
    (stacked, 3, [14.0, 1 + 4 + 12.0, 2 + 12.0]),
    (unstacked, 3, [64.0, 192.0, 480.0]),
    (mapped, 3, [15.0, 17.0, 14.0]),
    (scanned, 3, [2.0 + 5.0 + 12.0, 1.0 + 4.0 + 13.0, 2.0 + 12.0]),
    (folded, 3, [12.0, 13.0, 12.0]),
    (vectorized, 3, [12.0, 12.0, 6.0]),
    (called, 4, [16.0, 32.0, 48.0]),
]


@pytest.mark.parametrize("traced_slopes", [True, False], ids=["tapes-inside", "tapes-outside"])
@pytest.mark.parametrize(("function", "n", "expected"), CASES)
def test_two_orders(function, n, expected, traced_slopes):
    f = function if traced_slopes else traced(function)
    found = derivatives(f, tf.constant(2.0), i32(n), traced_slopes=traced_slopes)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("limit", [1.0, 10.0, 1000.0])
def test_a_trip_count_that_depends_on_the_value_differentiated(limit):
    x = tf.Variable(1.5)
    f = traced(until)
    with tf.GradientTape() as tape:
        y = f(x, tf.constant(limit))
    doublings = np.log2(y.numpy() / 2.25)
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), 2.0**doublings * 3.0, rtol=1e-6)


def test_one_trace_has_gradients_for_all_trip_counts():
    count = []

    @traced
    def slope(x, n):
        count.append(1)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = power(x, n)
        return tape.gradient(y, x)

    assert [slope(tf.constant(2.0), i32(n)).numpy() for n in range(5)] == [0.0, 1.0, 4.0, 12.0, 32.0]
    assert len(count) == 1


def test_gradients_of_variables_in_branches_and_bodies():
    a, b = tf.Variable(2.0), tf.Variable(3.0)

    @traced
    def f(x, n):
        y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * a), [0, x])[1]
        return tf.cond(n > 2, lambda: y * b, lambda: y)

    for n, expected in ((3, [36.0, 8.0]), (2, [4.0, 0.0])):
        with tf.GradientTape() as tape:
            y = f(tf.constant(1.0), i32(n))
        da, db = tape.gradient(y, [a, b])
        assert [da.numpy(), 0.0 if db is None else db.numpy()] == expected


def test_a_branch_that_does_not_count_gives_zero():
    @traced
    def f(x, p):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.cond(p, lambda: x * x, lambda: tf.constant(1.0))
        return tape.gradient(y, x)

    assert [f(tf.constant(3.0), tf.constant(p)).numpy() for p in (True, False)] == [6.0, 0.0]


def test_none_if_no_branch_counts():
    @traced
    def f(x, p):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.cond(p, lambda: tf.stop_gradient(x), lambda: tf.constant(1.0))
        assert tape.gradient(y, x) is None
        return y

    f(tf.constant(3.0), tf.constant(True))


def test_branches_of_other_sizes():
    @traced
    def f(x, p):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.cond(p, lambda: tf.concat([x, x], 0), lambda: x[1:]) * 3.0)
        return tape.gradient(y, x)

    x = tf.constant([1.0, 2.0])
    assert [f(x, tf.constant(p)).numpy().tolist() for p in (True, False)] == [[6.0, 6.0], [0.0, 3.0]]


def test_loops_with_unknown_sizes():
    @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([], tf.int32)], autograph=False)
    def f(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * x), [0, x])[1]
        return tape.gradient(y, x)

    for rows in (1, 3):
        np.testing.assert_allclose(f(tf.fill([rows, 2], 2.0), i32(2)), np.full([rows, 2], 12.0))


def test_loop_variables_that_grow():
    @traced
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.while_loop(
                lambda i, y: i < 3,
                lambda i, y: (i + 1, tf.concat([y, 2.0 * y], 0)),
                [0, x],
                shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
            )[1]
        return tape.gradient(y, x)

    assert f(tf.constant([1.0, 2.0])).numpy().tolist() == [27.0, 27.0]


def test_a_recurrent_network_matches_its_unrolled_self():
    rng = np.random.RandomState(0)
    w, u = (tf.Variable(rng.randn(4, 4).astype(np.float32) * 0.5) for _ in range(2))
    x = tf.constant(rng.randn(6, 2, 4).astype(np.float32))

    def unrolled():
        h = tf.zeros([2, 4])
        for t in range(6):
            h = tf.tanh(x[t] @ w + h @ u)
        return tf.reduce_sum(h * h)

    def looped():
        steps = tf.TensorArray(tf.float32, size=6).unstack(x)
        body = lambda t, h: (t + 1, tf.tanh(steps.read(t) @ w + h @ u))
        h = tf.while_loop(lambda t, h: t < 6, body, [0, tf.zeros([2, 4])])[1]
        return tf.reduce_sum(h * h)

    def scanned_over():
        h = tf.scan(lambda h, v: tf.tanh(v @ w + h @ u), x, initializer=tf.zeros([2, 4]))[-1]
        return tf.reduce_sum(h * h)

    def gradients(f):
        with tf.GradientTape() as tape:
            loss = f()
        return tape.gradient(loss, [w, u])

    expected = gradients(unrolled)
    for f in (looped, scanned_over):
        for found in (gradients(traced(f)), traced(lambda f=f: gradients(f))()):
            for e, g in zip(expected, found):
                np.testing.assert_allclose(g.numpy(), e.numpy(), rtol=1e-4, atol=1e-5)


def test_gradients_of_map_fn_over_the_elements():
    f = traced(lambda x: tf.map_fn(lambda v: v * v, x))
    x = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = f(x)
    assert tape.gradient(y, x).numpy().tolist() == [2.0, 4.0, 6.0]


def test_a_tape_in_a_loop_body():
    @traced
    def descend(x, n):
        def body(i, x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = (x - 3.0) ** 2.0
            return i + 1, x - 0.25 * tape.gradient(y, x)

        return tf.while_loop(lambda i, x: i < n, body, [0, x])[1]

    assert descend(tf.constant(1.0), i32(2)).numpy() == 2.5
    x = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = descend(x, i32(2))
    assert tape.gradient(y, x).numpy() == 0.25


def test_forward_mode_through_control_flow():
    x = tf.constant(2.0)
    for f, n, expected in ((power, 4, 32.0), (branches, 1, 12.0), (branches, 0, 5.0)):
        with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as accumulator:
            y = traced(f)(x, i32(n))
        assert accumulator.jvp(y).numpy() == expected


def test_an_inner_loop_that_updates_a_variable_and_has_something_dear():
    """The outer loop's gradient does not run the inner one again; nor has it kept the results of the tanh."""
    w = tf.Variable(1.0)

    def inner(i, x):
        w.assign(w * 1.5)
        return i + 1, tf.tanh(x) * 2.0

    def outer(i, x):
        return i + 1, tf.while_loop(lambda j, _: j < 3, inner, [0, x])[1]

    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.while_loop(lambda i, _: i < 2, outer, [0, x])[1]
        return tape.gradient(y, x)

    x = tf.constant(0.3)
    np.testing.assert_allclose(tf.function(run, autograph=False)(x), run(x), rtol=1e-5)


def test_zeros_for_what_counts_for_another_output_of_a_branch():
    @traced
    def f(x, z, p):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([x, z])
            a, b = tf.cond(p, lambda: (x * x, z * 2), lambda: (x * 3, z * z))
        return tape.gradient(a, [x, z]), tape.gradient(b, [x, z])

    slopes = f(tf.constant(2.0), tf.constant(3.0), tf.constant(True))
    assert tf.nest.map_structure(float, slopes) == ([4.0, 0.0], [0.0, 2.0])


def test_a_loop_has_a_gradient_for_all_that_goes_in():
    @traced
    def f(x, y):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([x, y])
            _, a, b = tf.while_loop(
                lambda i, v, w: i < 3, lambda i, v, w: (i + 1, v * 2, tf.stop_gradient(w)), [0, x, y]
            )
            (c,) = tf.while_loop(lambda v: v + y < 9.0, lambda v: v * 3.0, [x])
        return tape.gradient(a, [x, y]), tape.gradient(b, [x, y]), tape.gradient(c, [x, y])

    slopes = f(tf.constant(2.0), tf.constant(1.0))
    assert tf.nest.map_structure(float, slopes) == ([8.0, 0.0], [0.0, 0.0], [9.0, 0.0])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.while_loop(lambda v: v[0] < 9.0, lambda v: [v * v], [x], back_prop=False)[0],
        lambda x: tf.map_fn(lambda v: v * v, x, back_prop=False),
        lambda x: tf.scan(lambda a, v: a * v, x, back_prop=False),
        lambda x: tf.foldl(lambda a, v: a * v, x, back_prop=False),
        lambda x: tf.foldr(lambda a, v: a * v, x, back_prop=False),
    ],
)
def test_back_prop_stops_gradients_in_functions(function):
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x)

    assert traced(slope)(tf.constant([2.0, 3.0])) is None
    assert slope(tf.constant([2.0, 3.0])) is not None


def test_two_orders_of_a_tensor_array_that_is_read_and_written():
    @traced
    def f(x):
        def total(x):
            array = tf.TensorArray(tf.float32, size=4, clear_after_read=False).write(0, x)
            _, array = tf.while_loop(
                lambda i, _: i < 4, lambda i, a: (i + 1, a.write(i, a.read(i - 1) * x)), (1, array)
            )
            return tf.reduce_sum(array.stack())

        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = total(x)
            slope = inner.gradient(y, x)
        return y, slope, outer.gradient(slope, x)

    assert [float(y) for y in f(tf.constant(1.5))] == [12.1875, 24.25, 38.0]


def test_a_py_function_differentiated_twice_and_in_other_functions():
    @traced
    def slopes(x, y):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([x, y])
            a, b = tf.py_function(lambda x, y: [x * x, y * y * x], [x, y], [tf.float32] * 2)
        return tape.gradient(a, [x, y]), tape.gradient(b, [x, y])

    x, y = tf.constant(3.0), tf.constant(2.0)
    expected = [6.0, 0.0], [4.0, 12.0]
    for function in (slopes, traced(lambda x, y: slopes(x, y))):
        assert tf.nest.map_structure(float, function(x, y)) == expected
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = slopes(x, y)[0][0] * x
    assert float(z) == 18.0 and tape.gradient(z, x) is not None


def test_py_functions_of_ragged_tensors():
    ragged = tf.ragged.constant([[1.0], [2.0, 3.0]])

    def doubled(rt, x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.py_function(lambda rt, x: rt * x, [rt, x], tf.RaggedTensorSpec([None, None], tf.float32))
        return y, tape.gradient(y.flat_values, x)

    for function in (doubled, traced(doubled)):
        y, slope = function(ragged, tf.constant(2.0))
        assert y.to_list() == [[2.0], [4.0, 6.0]]
        assert float(slope) == 6.0


def test_py_functions_with_results_of_several_dtypes():
    @traced
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y, _, n = tf.py_function(lambda x: [x * x, "a", 3], [x], [tf.float32, tf.string, tf.int64])
            z = y * tf.cast(n, tf.float32)
        return tape.gradient(z, x)

    assert float(slope(tf.constant(2.0))) == 12.0


def test_numpy_functions_get_a_string_as_bytes():
    assert traced(lambda x: tf.numpy_function(lambda s: s.upper(), [x], tf.string))(tf.constant("ab")).numpy() == b"AB"


def test_stop_recording_in_a_body_does_nothing():
    """A loop is recorded as a whole, in TensorFlow too."""

    @traced
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)

            def body(i, y):
                with tape.stop_recording():
                    z = y * 2
                return i + 1, y * z

            _, y = tf.while_loop(lambda i, _: i < 2, body, (0, x))
        return tape.gradient(y, x)

    assert float(f(tf.constant(2.0))) == 256.0
