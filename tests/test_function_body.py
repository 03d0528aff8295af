"""What may stand in a `tf.function`, and what it returns. Values and texts are those of TensorFlow 2.21."""

from __future__ import annotations

import collections

import numpy as np
import pytest

import tapeflow as tf


def traced(function):
    """A `tf.function` of a function that is not read by AutoGraph."""
    return tf.function(function, autograph=False)


# -- results


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, tf.int32),
        (2.5, tf.float32),
        (True, tf.bool),
        ("abc", tf.string),
        (1j, tf.complex128),
        (np.int64(3), tf.int64),
    ],
)
def test_python_values_are_returned_as_tensors(value, dtype):
    result = traced(lambda: value)()
    assert isinstance(result, tf.Tensor)
    assert result.dtype == dtype
    assert result.numpy() == (b"abc" if value == "abc" else value)


def test_none_is_returned_as_it_is():
    assert traced(lambda x: None)(tf.constant(1)) is None
    assert traced(lambda x: (x, None))(tf.constant(1))[1] is None


def test_structures_are_returned_as_they_are():
    Pair = collections.namedtuple("Pair", "a b")
    result = traced(lambda x: {"list": [x, 2], "tuple": (x, (x,)), "pair": Pair(x, None), "empty": []})(tf.constant(1))
    assert list(result) == ["list", "tuple", "pair", "empty"]
    assert isinstance(result["list"], list)
    assert isinstance(result["tuple"][1], tuple)
    assert isinstance(result["pair"], Pair)
    assert result["pair"].b is None
    assert result["empty"] == []
    assert result["list"][1].numpy() == 2


def test_an_argument_may_be_returned():
    x = tf.constant([1.0, 2.0])
    result = traced(lambda x: (x, x))(x)
    assert [r.numpy().tolist() for r in result] == [[1.0, 2.0], [1.0, 2.0]]


def test_variables_are_returned_by_value():
    v = tf.Variable(2.0)
    result = traced(lambda: v)()
    assert isinstance(result, tf.Tensor)
    v.assign(3.0)
    assert result.numpy() == 2.0


@pytest.mark.parametrize("value", [object(), {1, 2}])
def test_other_objects_cannot_be_returned(value):
    with pytest.raises(TypeError, match="Python functions must return zero or more Tensors or ExtensionTypes or None"):
        traced(lambda: value)()


# -- captures


def test_tensors_from_outside_are_captured_by_value():
    box = [tf.constant(1.0)]
    f = traced(lambda x: x + box[0])
    assert f(tf.constant(1.0)).numpy() == 2.0
    box[0] = tf.constant(100.0)
    assert f(tf.constant(1.0)).numpy() == 2.0
    assert f(tf.constant([1.0])).numpy() == [101.0]


def test_python_values_from_outside_are_read_while_tracing():
    factor = 2

    def scale(x):
        return x * factor

    f = traced(scale)
    assert f(tf.constant(1)).numpy() == 2
    factor = 3
    assert f(tf.constant(1)).numpy() == 2
    assert traced(scale)(tf.constant(1)).numpy() == 3


def test_lists_grow_only_while_tracing():
    seen = []
    f = traced(lambda x: seen.append(1) or x)
    for _ in range(3):
        f(tf.constant(1.0))
    assert seen == [1]


def test_arrays_from_outside_become_constants():
    array = np.array([1.0, 2.0], np.float32)
    f = traced(lambda x: x + array)
    assert f(tf.constant(1.0)).numpy().tolist() == [2.0, 3.0]
    array[0] = 50.0
    assert f(tf.constant(1.0)).numpy().tolist() == [2.0, 3.0]


# -- Variables


def test_variables_are_read_when_the_function_runs():
    v = tf.Variable(1.0)
    f = traced(lambda x: x * v)
    assert f(tf.constant(2.0)).numpy() == 2.0
    v.assign(5.0)
    assert f(tf.constant(2.0)).numpy() == 10.0


def test_updates_happen_at_each_call_in_program_order():
    v = tf.Variable(1.0)

    def body():
        before = v.read_value()
        v.assign_add(1.0)
        between = v * 10.0
        v.assign(v * 2.0)
        return before, between, v

    f = traced(body)
    assert [r.numpy() for r in f()] == [1.0, 20.0, 4.0]
    assert [r.numpy() for r in f()] == [4.0, 50.0, 10.0]
    assert v.numpy() == 10.0


def test_updates_happen_though_nothing_is_returned():
    v = tf.Variable([1.0, 2.0, 3.0])

    def body():
        v[1].assign(20.0)
        v.scatter_nd_add([[0]], [100.0])
        v.assign_sub([1.0, 1.0, 1.0])

    assert traced(body)() is None
    assert v.numpy().tolist() == [100.0, 19.0, 2.0]


def test_assign_returns_something_to_read():
    v = tf.Variable(1.0)
    assert traced(lambda: v.assign_add(2.0) + 1.0)().numpy() == 4.0
    assert traced(lambda: v.assign_add(2.0))().numpy() == 5.0


def test_variables_as_arguments():
    count = []
    f = traced(lambda v: (count.append(1), v.assign_add(1.0))[1])
    one, two = tf.Variable(1.0), tf.Variable(2.0)
    f(one)
    f(two)
    f(two)
    assert (one.numpy(), two.numpy()) == (2.0, 4.0)
    assert len(count) == 1


def test_a_variable_argument_is_the_variable_itself_while_tracing():
    v, other, made = tf.Variable(1.0), tf.Variable(10.0), []

    @tf.function
    def f(given):
        assert given is v
        if not made:
            made.append(tf.Variable(given * 3.0))
        given.assign_add(1.0)
        return v + made[0]  # in this function, `v` is whichever is given

    assert f(v).numpy() == 5.0 and f(other).numpy() == 14.0
    assert (v.numpy(), other.numpy()) == (2.0, 11.0)
    assert f.get_concrete_function(v).variables == (v, made[0])


def test_the_same_variable_twice_is_another_trace_than_two_variables():
    count = []
    f = traced(lambda a, b: (count.append(1), a.assign_add(1.0), b.assign_add(10.0))[2])
    a, b = tf.Variable(0.0), tf.Variable(0.0)
    f(a, b)
    f(a, a)
    assert (a.numpy(), b.numpy()) == (12.0, 10.0)
    assert len(count) == 2


def test_variables_may_be_created_at_the_first_call():
    class Dense:
        w = None

        @tf.function
        def __call__(self, x):
            if self.w is None:
                self.w = tf.Variable(tf.ones([2, 1]), name="w")
            return x @ self.w

    dense = Dense()
    assert dense(tf.ones([3, 2])).numpy().tolist() == [[2.0]] * 3
    dense.w.assign_add(tf.ones([2, 1]))
    assert dense(tf.ones([1, 2])).numpy().tolist() == [[4.0]]


def test_a_variable_made_in_a_function_starts_from_what_was_computed():
    made = []

    @tf.function
    def f(x):
        if not made:
            made.append(tf.Variable(2.0))
        return made[0].assign_add(x)

    assert [f(tf.constant(1.0)).numpy() for _ in range(3)] == [3.0, 4.0, 5.0]
    assert made[0].numpy() == 5.0


def test_variables_made_at_every_call_are_an_error():
    with pytest.raises(ValueError, match="tf.function only supports singleton tf.Variables created on the first call"):
        traced(lambda: tf.Variable(1.0))()


def test_variables_made_by_a_later_trace_are_an_error():
    made = []

    def body(x):
        if len(made) < 2:
            made.append(tf.Variable(1.0))
        return x

    f = traced(body)
    with pytest.raises(ValueError, match="tf.function only supports singleton tf.Variables created on the first call"):
        f(tf.constant(1.0))


# -- functions in functions


def test_functions_call_functions():
    inner_traces = []

    @tf.function
    def inner(x):
        inner_traces.append(x)
        return x * x

    f = traced(lambda x: inner(x) + inner(x + 1.0))
    assert f(tf.constant(2.0)).numpy() == 13.0
    assert len(inner_traces) == 1
    assert inner(tf.constant(3.0)).numpy() == 9.0
    assert len(inner_traces) == 1


def test_inner_functions_capture_symbols_of_the_outer_one():
    def outer(x):
        y = x * 10

        @tf.function
        def inner(z):
            return y + z

        return inner(x) + inner(y)

    assert traced(outer)(tf.constant(1)).numpy() == 31


def test_inner_functions_update_variables():
    v = tf.Variable(1.0)
    inner = traced(lambda x: v.assign_add(x))

    def outer(x):
        inner(x)
        middle = v.read_value()
        inner(x * 10.0)
        return middle, v.read_value()

    assert [y.numpy() for y in traced(outer)(tf.constant(1.0))] == [2.0, 12.0]


def test_recursion_over_python_values():
    @tf.function
    def factorial(n, x):
        return x if n == 0 else factorial(n - 1, x * tf.cast(n, tf.float32))

    assert factorial(5, tf.constant(1.0)).numpy() == 120.0


# -- Python and side effects


def test_print_prints_at_each_call(capfd):
    def body(x):
        print("tracing")
        tf.print("running", x)
        return x

    f = traced(body)
    f(tf.constant(1))
    f(tf.constant(2))
    out, err = capfd.readouterr()
    assert out == "tracing\n"
    assert err == "running 1\nrunning 2\n"


def test_prints_and_updates_keep_program_order(capfd):
    v = tf.Variable(1)

    def body():
        tf.print(v)
        v.assign_add(1)
        tf.print(v)
        v.assign_add(1)
        tf.print(v)

    traced(body)()
    assert capfd.readouterr().err == "1\n2\n3\n"


def test_py_function_runs_at_each_call_with_eager_tensors():
    seen = []

    def python(x):
        seen.append(x.numpy())
        return x * 2.0

    f = traced(lambda x: tf.py_function(python, [x + 1.0], tf.float32) + 1.0)
    assert [f(tf.constant(float(i))).numpy() for i in range(3)] == [3.0, 5.0, 7.0]
    assert seen == [1.0, 2.0, 3.0]


def test_py_function_has_an_unknown_shape():
    shapes = []

    def body(x):
        y = tf.py_function(lambda v: v, [x], tf.float32)
        shapes.append(y.shape.rank)
        y.set_shape([2])
        shapes.append(y.shape.as_list())
        return y

    traced(body)(tf.ones([2]))
    assert shapes == [None, [2]]


def test_numpy_function_gets_arrays():
    def python(x, y):
        assert type(x) is np.ndarray
        return x + y, np.float32(7.0)

    f = traced(lambda x: tf.numpy_function(python, [x, [1.0, 2.0]], [tf.float32, tf.float32]))
    total, seven = f(tf.constant([1.0, 1.0]))
    assert total.numpy().tolist() == [2.0, 3.0]
    assert seven.numpy() == 7.0


def test_a_function_without_results_is_still_run():
    seen = []
    f = traced(lambda x: (tf.py_function(lambda v: seen.append(int(v)), [x], []), None)[1])
    for i in range(3):
        f(tf.constant(i))
    assert seen == [0, 1, 2]


def test_assertions_are_checked_when_the_function_runs():
    def body(x):
        tf.debugging.assert_positive(x, message="must be positive")
        tf.debugging.Assert(x < 10.0, [x])
        return x

    f = traced(body)
    assert f(tf.constant(1.0)).numpy() == 1.0
    with pytest.raises(tf.errors.InvalidArgumentError, match="must be positive"):
        f(tf.constant(-1.0))
    with pytest.raises(tf.errors.InvalidArgumentError, match="assertion failed"):
        f(tf.constant(11.0))


def test_an_assertion_stops_what_comes_after_it():
    # tapeflow keeps program order; TensorFlow may run the assignment before the assertion fails
    v = tf.Variable(0.0)

    def body(x):
        tf.debugging.assert_positive(x)
        v.assign(x)

    with pytest.raises(tf.errors.InvalidArgumentError):
        traced(body)(tf.constant(-1.0))
    assert v.numpy() == 0.0


def test_assertions_that_must_fail_do_so_while_tracing():
    with pytest.raises(ValueError, match="must have rank 2|must be equal to 2|rank 2"):
        traced(lambda x: tf.debugging.assert_rank(x, 2))(tf.constant([1.0]))


def test_random_numbers_differ_from_call_to_call():
    f = traced(lambda: tf.random.uniform([]))
    assert f().numpy() != f().numpy()
    tf.random.set_seed(1)
    first = [f().numpy(), f().numpy()]
    tf.random.set_seed(1)
    g = traced(lambda: tf.random.uniform([]))
    again = [g().numpy(), g().numpy()]
    assert first[0] != first[1]
    assert again[0] != again[1]


def test_generators_go_on_from_call_to_call():
    generator = tf.random.Generator.from_seed(3)
    expected = generator.normal([2, 3]).numpy()
    expected = [expected, generator.normal([2, 3]).numpy()]
    generator.reset_from_seed(3)
    f = traced(lambda: generator.normal([2, 3]))
    for e in expected:
        np.testing.assert_allclose(f().numpy(), e, rtol=1e-6)


# -- scopes


def test_init_scope_leaves_the_function():
    seen = []

    def body(x):
        seen.append(tf.executing_eagerly())
        with tf.init_scope():
            seen.append(tf.executing_eagerly())
            seen.append(tf.add(1, 2).numpy())
        return x

    traced(body)(tf.constant(1))
    assert seen == [False, True, 3]


def test_init_scope_cannot_see_symbols():
    def body(x):
        y = x + 1
        with tf.init_scope():
            return y + 1

    with pytest.raises(TypeError, match="is out of scope and cannot be used here"):
        traced(body)(tf.constant(1))


def test_control_dependencies_are_accepted():
    v = tf.Variable(1.0)

    def body():
        with tf.control_dependencies([v.assign_add(1.0)]):
            return tf.identity(v)

    assert traced(body)().numpy() == 2.0


def test_device_and_name_scopes():
    def body(x):
        with tf.device("/CPU:0"), tf.name_scope("outer"), tf.name_scope("inner"):
            return tf.identity(x + 1).name, x + 1

    names = []
    f = traced(lambda x: (lambda name, y: (names.append(name), y)[1])(*body(x)))
    assert f(tf.constant(1)).numpy() == 2
    assert names == ["outer/inner/Identity:0"]


# -- arguments that hold Tensors


def test_tensor_arrays_go_into_functions():
    inner = traced(lambda array, x: array.write(1, x).stack())
    f = traced(lambda x: inner(tf.TensorArray(tf.float32, size=2).write(0, 1.0), x))
    assert f(tf.constant(5.0)).numpy().tolist() == [1.0, 5.0]


def test_indexed_slices_as_arguments_and_results():
    def body(slices):
        return tf.IndexedSlices(slices.values * 2.0, slices.indices, slices.dense_shape)

    slices = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([2]), tf.constant([4, 1]))
    result = traced(body)(slices)
    assert isinstance(result, tf.IndexedSlices)
    assert tf.convert_to_tensor(result).numpy().tolist() == [[0.0], [0.0], [2.0], [0.0]]


def test_modules_as_arguments():
    class Scale(tf.Module):
        def __init__(self, factor):
            super().__init__()
            self.factor = tf.Variable(factor)

    traces = []
    f = traced(lambda module, x: traces.append(1) or module.factor * x)
    two, three = Scale(2.0), Scale(3.0)
    assert [f(m, tf.constant(10.0)).numpy() for m in (two, three, two)] == [20.0, 30.0, 20.0]
    two.factor.assign(5.0)
    assert f(two, tf.constant(10.0)).numpy() == 50.0
    assert len(traces) == 2
