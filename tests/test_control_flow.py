"""Control flow, eagerly: what the op table cannot say. Values, gradients and errors are in rows/control_flow.py."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def test_only_the_branch_taken_runs():
    ran = []
    tf.cond(tf.constant(False), lambda: ran.append("true"), lambda: ran.append("false"))
    tf.case([(tf.constant(True), lambda: ran.append(1)), (tf.constant(True), lambda: ran.append(2))])
    tf.switch_case(tf.constant(1), [lambda: ran.append("a"), lambda: ran.append("b")])
    assert ran == ["false", 1, "b"]


def test_cond_returns_what_the_branch_returns_unconverted():
    result = {"x": [1, "text", None]}
    assert tf.cond(True, lambda: result, lambda: 0) is result


def test_while_loop_with_maximum_iterations_asks_once_more_than_it_runs():
    asked, ran = [], []

    def cond(i):
        asked.append(int(i))
        return i < 10

    def body(i):
        ran.append(int(i))
        return [i + 1]

    (i,) = tf.while_loop(cond, body, [tf.constant(0)], maximum_iterations=tf.constant(3))
    assert (int(i), asked, ran) == (3, [0, 1, 2, 3], [0, 1, 2])


def test_while_loop_checks_each_round_before_the_next():
    rounds = []

    def body(i, x):
        rounds.append(int(i))
        return (i + 1, x) if i < 1 else (i + 1, (x, x))

    with pytest.raises(ValueError, match="don't have the same nested structure"):
        tf.while_loop(lambda i, x: i < 5, body, (tf.constant(0), tf.constant(1)))
    assert rounds == [0, 1]


def test_gradients_of_variables_used_in_loops():
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        _, y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * v), (0, tf.constant(1.0)))
        z = tf.foldl(lambda a, x: a + x * v, tf.constant([1.0, 2.0]), initializer=0.0)
        total = y + z
    assert float(tape.gradient(total, v)) == 3 * 2.0**2 + 3


def test_a_loop_that_assigns():
    v = tf.Variable(0)
    tf.while_loop(lambda i: i < 4, lambda i: (v.assign_add(i), i + 1)[1:], (tf.constant(0),))
    assert v.numpy() == 6


def test_map_fn_calls_in_order_and_once_each():
    seen = []
    tf.map_fn(lambda x: seen.append(int(x)) or x, tf.constant([3, 1, 2]))
    assert seen == [3, 1, 2]


def test_map_fn_of_variables_and_numpy_arrays():
    np.testing.assert_array_equal(tf.map_fn(lambda x: x + 1, tf.Variable([1, 2])), [2, 3])
    np.testing.assert_array_equal(tf.map_fn(lambda x: x + 1, np.arange(3)), [1, 2, 3])


def test_py_function_chains_the_cause():
    with pytest.raises(tf.errors.UnknownError, match="ZeroDivisionError: division by zero") as caught:
        tf.py_function(lambda x: 1 / 0, [1.0], tf.float32)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_py_function_and_numpy_function_as_decorators():
    @tf.py_function(Tout=tf.float32)
    def double(x):
        """Twice."""
        return x * 2

    @tf.numpy_function(Tout=tf.float32)
    def triple(x):
        return x * np.float32(3)

    assert (double(2.0).numpy(), triple(2.0).numpy(), double.__doc__) == (4.0, 6.0, "Twice.")


def test_numpy_function_may_write_into_its_arguments():
    def fill(x):
        x[:] = 7.0
        return x

    x = tf.constant([1.0, 2.0])
    np.testing.assert_array_equal(tf.numpy_function(fill, [x], tf.float32), [7, 7])
    np.testing.assert_array_equal(x, [1, 2])


def test_numpy_function_gets_numbers_as_numpy_has_them():
    assert tf.numpy_function(lambda x: x, [1.0], tf.float32).dtype is tf.float64  # as in TensorFlow, eagerly
    assert tf.numpy_function(lambda x: x, [np.float32(1)], tf.float32).dtype is tf.float32


def test_loops_carry_optionals():
    iterator = iter(tf.data.Dataset.range(2))

    def step(i, _):
        return i + 1, iterator.get_next_as_optional()

    i, last = tf.while_loop(lambda i, x: x.has_value(), step, (0, iterator.get_next_as_optional()))
    assert int(i) == 2 and not bool(last.has_value())


def test_case_gives_the_one_element_of_a_list_unless_strict() -> None:
    x = tf.constant(2)
    for strict, expected in ((False, 1), (True, [1])):
        assert tf.case([(x < 5, lambda: [1])], default=lambda: [2], strict=strict) == expected
        assert tf.case([(x < 0, lambda: [2])], default=lambda: [1], strict=strict) == expected
