"""What makes `tf.function` trace, and with what. Counts, values and texts are those of TensorFlow 2.21."""

from __future__ import annotations

import collections
import functools
import gc
import inspect
import threading
import weakref

import numpy as np
import pytest

import tapeflow as tf


def counted(python_function, **options):
    """A `tf.function` and the list of the arguments of its traces."""
    traces = []

    def traced(*args, **kwargs):
        traces.append((args, kwargs))
        return python_function(*args, **kwargs)

    return tf.function(traced, autograph=False, **options), traces


# -- one trace serves many calls


def test_python_side_effects_happen_once_for_each_trace():
    f, traces = counted(lambda x: x + 1)
    assert [f(tf.constant(i)).numpy() for i in range(5)] == [1, 2, 3, 4, 5]
    assert len(traces) == 1


def test_arguments_are_symbols_while_tracing():
    f, traces = counted(lambda x: x * 2)
    f(tf.constant([1.0, 2.0]))
    (x,), _ = traces[0]
    assert isinstance(x, tf.Tensor)
    assert tf.is_symbolic_tensor(x)
    assert not hasattr(x, "numpy")
    assert x.shape == (2,)
    assert x.dtype == tf.float32


def test_the_result_is_an_eager_tensor():
    y = tf.function(lambda x: x * 2)(tf.constant(2.0))
    assert not tf.is_symbolic_tensor(y)
    assert y.numpy() == 4.0


def test_tracing_count_can_be_asked():
    f = tf.function(lambda x: x + 1)
    assert f.experimental_get_tracing_count() == 0
    f(tf.constant(1))
    f(tf.constant(2))
    f(tf.constant(2.0))
    assert f.experimental_get_tracing_count() == 2


@pytest.mark.parametrize(
    ("first", "second", "traces"),
    [
        (tf.constant(1.0), tf.constant(2.0), 1),
        (tf.constant(1.0), tf.constant(2), 2),
        (tf.constant(1.0), tf.constant(2.0, tf.float64), 2),
        (tf.constant([1.0]), tf.constant([1.0, 2.0]), 2),
        (tf.constant([1.0]), tf.constant([[1.0]]), 2),
        (np.float32(1.0), np.float32(2.0), 1),
        (np.ones(3), np.zeros(3), 1),
        (np.ones(3), np.zeros(4), 2),
        (np.ones(3, np.float32), tf.zeros(3), 1),
        (1, 1, 1),
        (1, 2, 2),
        (1.0, 2.0, 2),
        ("a", "a", 1),
        ("a", "b", 2),
        (True, False, 2),
        (None, None, 1),
        (None, 1, 2),
        ((1, 2), (1, 2), 1),
        ((1, 2), (1, 3), 2),
        ([tf.constant(1)], [tf.constant(5)], 1),
        ([tf.constant(1)], (tf.constant(1),), 2),
        ([tf.constant(1)], [tf.constant(1), tf.constant(1)], 2),
        ({"a": tf.constant(1)}, {"a": tf.constant(2)}, 1),
        ({"a": tf.constant(1)}, {"b": tf.constant(1)}, 2),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, 1),
        (tf.float32, tf.float32, 1),
        (tf.float32, tf.float64, 2),
        (tf.TensorShape([1]), tf.TensorShape([2]), 2),
    ],
)
def test_what_retraces(first, second, traces):
    f, seen = counted(lambda argument: tf.constant(0))
    f(first)
    f(second)
    f(first)
    assert len(seen) == traces


def test_functions_as_arguments_are_told_apart_by_identity():
    f, traces = counted(lambda function, x: function(x))
    double, square = (lambda x: x * 2), (lambda x: x * x)
    assert f(double, tf.constant(3.0)).numpy() == 6.0
    assert f(square, tf.constant(3.0)).numpy() == 9.0
    assert f(double, tf.constant(4.0)).numpy() == 8.0
    assert len(traces) == 2


def test_objects_as_arguments_are_told_apart_by_equality():
    class Point:
        def __init__(self, x):
            self.x = x

        def __eq__(self, other):
            return isinstance(other, Point) and self.x == other.x

        def __hash__(self):
            return hash(self.x)

    f, traces = counted(lambda point, y: y * point.x)
    one, same = Point(1.0), Point(1.0)
    f(one, tf.constant(1.0))
    f(same, tf.constant(1.0))
    assert len(traces) == 1
    f(Point(2.0), tf.constant(1.0))
    assert len(traces) == 2


def test_arguments_are_kept_alive_weakly():
    class Thing:
        pass

    f, traces = counted(lambda thing: tf.constant(0))
    thing = Thing()
    f(thing)
    traces.clear()
    reference = weakref.ref(thing)
    del thing
    gc.collect()
    assert reference() is None


def test_sets_cannot_be_arguments():
    with pytest.raises(TypeError, match="Could not generate a generic TraceType for {1}"):
        tf.function(lambda s: tf.constant(1))({1})


def test_namedtuples_as_arguments():
    Pair = collections.namedtuple("Pair", "a b")
    f, traces = counted(lambda pair: pair._replace(a=pair.a + pair.b))
    for i in range(3):
        result = f(Pair(tf.constant(i), tf.constant(1)))
        assert isinstance(result, Pair)
        assert result.a.numpy() == i + 1
    assert len(traces) == 1
    assert isinstance(traces[0][0][0], Pair)


# -- keyword and default arguments


def test_keyword_and_positional_arguments_share_a_trace():
    traces = []

    @tf.function
    def f(x, y):
        traces.append(1)
        return x - y

    one, two = tf.constant(1), tf.constant(2)
    assert [f(one, two).numpy(), f(one, y=two).numpy(), f(y=two, x=one).numpy()] == [-1, -1, -1]
    assert len(traces) == 1


def test_default_arguments_are_python_values():
    traces = []

    @tf.function
    def f(x, factor=2):
        traces.append(factor)
        return x * factor

    x = tf.constant(3)
    assert [f(x).numpy(), f(x, 2).numpy(), f(x, factor=2).numpy(), f(x, 3).numpy()] == [6, 6, 6, 9]
    assert traces == [2, 3]


def test_variable_arguments():
    @tf.function
    def f(*xs, **named):
        return tf.add_n(list(xs)) + named["scale"] * tf.cast(len(xs), tf.float32)

    assert f(tf.constant(1.0), tf.constant(2.0), scale=tf.constant(10.0)).numpy() == 23.0


def test_keyword_only_arguments():
    @tf.function
    def f(x, *, power=2):
        return x**power

    assert f(tf.constant(3.0)).numpy() == 9.0
    assert f(tf.constant(3.0), power=3).numpy() == 27.0


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((1,), {}, "missing a required argument: 'y'"),
        ((1, 2, 3), {}, "too many positional arguments"),
        ((1, 2), {"z": 3}, "got an unexpected keyword argument 'z'"),
        ((1, 2), {"x": 3}, "multiple values for argument 'x'"),
    ],
)
def test_arguments_that_do_not_bind(args, kwargs, message):
    f = tf.function(lambda x, y: x)
    with pytest.raises(TypeError, match=f"Binding inputs to tf.function failed due to `{message}`") as raised:
        f(*args, **kwargs)
    assert f"Received args: {args} and kwargs: {kwargs} for signature: (x, y)." in str(raised.value)


# -- input_signature


@pytest.fixture
def vector_function():
    return counted(lambda x: x + x, input_signature=[tf.TensorSpec([None], tf.float32)])


def test_a_signature_fixes_the_trace(vector_function):
    f, traces = vector_function
    for n in range(4):
        assert f(tf.ones(n)).shape == (n,)
    assert len(traces) == 1
    assert traces[0][0][0].shape.as_list() == [None]


@pytest.mark.parametrize("value", [[1.0, 2.0], (1, 2), np.array([1.0, 2.0]), np.float32([1, 2])])
def test_a_signature_converts_python_values_and_arrays(vector_function, value):
    f, _ = vector_function
    y = f(value)
    assert y.dtype == tf.float32
    assert y.numpy().tolist() == [2.0, 4.0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (tf.constant(1.0), r"Can not cast TensorSpec\(shape=\(\), dtype=tf.float32, name=None\) to TensorSpec"),
        (tf.constant([1]), r"Can not cast TensorSpec\(shape=\(1,\), dtype=tf.int32, name=None\) to TensorSpec"),
        (tf.ones([1, 1]), r"Can not cast TensorSpec\(shape=\(1, 1\), dtype=tf.float32, name=None\)"),
        ("a", "Cannot convert 'a' to EagerTensor of dtype float"),
    ],
)
def test_a_signature_refuses_other_shapes_and_dtypes(vector_function, value, message):
    f, traces = vector_function
    with pytest.raises(TypeError, match=message):
        f(value)
    assert traces == []


def test_a_signature_binds_keywords_too():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32), tf.TensorSpec([], tf.int32)])
    def f(x, n):
        return tf.reduce_sum(x) * tf.cast(n, tf.float32)

    assert f(n=2, x=[1.0, 2.0]).numpy() == 6.0
    with pytest.raises(TypeError, match="missing a required argument: 'n'"):
        f([1.0])


def test_a_nested_signature():
    @tf.function(input_signature=[{"a": tf.TensorSpec([]), "b": [tf.TensorSpec([]), tf.TensorSpec([None])]}])
    def f(d):
        return d["a"] + d["b"][0] * d["b"][1]

    assert f({"a": 1.0, "b": [2.0, [3.0, 4.0]]}).numpy().tolist() == [7.0, 9.0]


def test_a_signature_may_stop_before_the_defaults():
    @tf.function(input_signature=[tf.TensorSpec([])])
    def f(x, factor=3.0):
        return x * factor

    assert f(2.0).numpy() == 6.0


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        ([tf.TensorSpec([])], "input_signature missing type constraint for y"),
        ([tf.TensorSpec([])] * 3, "input_signature contains 1 extra type constraints"),
        (tf.TensorSpec([]), "input_signature must be either a tuple or a list"),
        ([3, tf.TensorSpec([])], "input_signature must be a possibly nested sequence of TensorSpec objects"),
    ],
)
def test_bad_signatures(signature, message):
    with pytest.raises(TypeError, match=message):
        tf.function(lambda x, y: x, input_signature=signature)


def test_unknown_rank():
    f, traces = counted(lambda x: tf.reduce_sum(x), input_signature=[tf.TensorSpec(None, tf.float32)])
    assert [f(tf.ones(shape)).numpy() for shape in ([], [2], [2, 3])] == [1.0, 2.0, 6.0]
    assert len(traces) == 1
    assert traces[0][0][0].shape.rank is None


# -- reduce_retracing


def test_reduce_retracing_generalises_shapes():
    f, traces = counted(lambda x: x + 1, reduce_retracing=True)
    for n in range(1, 6):
        assert f(tf.zeros([n, 2])).shape == (n, 2)
    assert [args[0].shape.as_list() for args, _ in traces] == [[1, 2], [None, 2]]


def test_reduce_retracing_generalises_the_rank_last():
    f, traces = counted(lambda x: x + 1, reduce_retracing=True)
    f(tf.zeros([2]))
    f(tf.zeros([2, 2]))
    f(tf.zeros([2, 2, 2]))
    assert len(traces) == 2
    assert traces[1][0][0].shape.rank is None


def test_reduce_retracing_leaves_dtypes_and_python_values_alone():
    f, traces = counted(lambda x, y: x + 1, reduce_retracing=True)
    f(tf.zeros([2]), 1)
    f(tf.zeros([2], tf.int32), 1)
    f(tf.zeros([2]), 2)
    assert len(traces) == 3
    assert all(args[0].shape == (2,) for args, _ in traces)


# -- methods


class Counter(tf.Module):
    def __init__(self, step):
        super().__init__()
        self.step = step
        self.traces = 0
        self.total = tf.Variable(0)

    @tf.function
    def add(self, x):
        self.traces += 1
        return self.total.assign_add(x * self.step)


def test_each_object_traces_for_itself():
    one, ten = Counter(1), Counter(10)
    for i in range(3):
        one.add(tf.constant(i))
        ten.add(tf.constant(i))
    assert (one.traces, ten.traces) == (1, 1)
    assert (one.total.numpy(), ten.total.numpy()) == (3, 30)


def test_a_method_is_one_function_per_object():
    one, two = Counter(1), Counter(2)
    assert one.add is one.add
    assert one.add is not two.add
    assert isinstance(Counter.add, type(tf.function(lambda: 0)))


def test_objects_with_traced_methods_are_freed():
    counter = Counter(1)
    counter.add(tf.constant(1))
    reference = weakref.ref(counter)
    del counter
    gc.collect()
    assert reference() is None


def test_methods_of_objects_that_are_gone():
    """They are called with None for the object, as in TensorFlow."""

    class Thing:
        @tf.function
        def double(self, x):
            return 2 * x

        @tf.function
        def scale(self, x):
            return x * self.factor

    assert Thing().double(tf.constant(2.0)).numpy() == 4.0
    kept = Thing().double
    assert kept(tf.constant(2.0)).numpy() == 4.0
    assert kept.get_concrete_function(tf.constant([1.0]))(tf.constant([1.0])).numpy() == 2.0
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'factor'") as caught:
        Thing().scale(tf.constant(2.0))
    assert caught.value.__notes__ == ["The object of the method scale is gone: keep it in a variable."]


def test_methods_with_a_signature():
    class Scale:
        def __init__(self, factor):
            self.factor = factor

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def __call__(self, x):
            return x * self.factor

    assert Scale(2.0)([1.0, 2.0]).numpy().tolist() == [2.0, 4.0]
    assert Scale(3.0)([1.0]).numpy().tolist() == [3.0]


def test_bound_methods_and_callable_objects_can_be_wrapped():
    class Scale:
        def by_two(self, x):
            return x * 2

        def __call__(self, x):
            return x * 3

    assert tf.function(Scale().by_two)(tf.constant(1)).numpy() == 2
    assert tf.function(Scale())(tf.constant(1)).numpy() == 3


def test_partial_functions_can_be_wrapped():
    f = tf.function(functools.partial(lambda x, y, z: x * y - z, 3, z=1))
    assert f(tf.constant(2)).numpy() == 5


# -- the decorator


@pytest.mark.parametrize("decorator", [tf.function, tf.function(), tf.function(autograph=False)])
def test_with_and_without_parentheses(decorator):
    @decorator
    def f(x):
        """Adds one."""
        return x + 1

    assert f(tf.constant(1)).numpy() == 2
    assert f.__name__ == "f"
    assert f.__doc__ == "Adds one."
    assert f.__wrapped__ is f.python_function
    assert f.python_function(2) == 3
    assert list(inspect.signature(f).parameters) == ["x"]


def test_what_is_no_function():
    with pytest.raises(TypeError, match="3 is not a callable object"):
        tf.function(3)


def test_functions_have_types_and_attributes():
    f = tf.function(lambda x: x, input_signature=[tf.TensorSpec([None])])
    assert isinstance(f, tf.types.experimental.PolymorphicFunction)
    assert f.input_signature == (tf.TensorSpec([None]),)
    assert tf.function(lambda x: x).input_signature is None


def test_run_functions_eagerly():
    f, traces = counted(lambda x: x + 1)
    f(tf.constant(1))
    tf.config.run_functions_eagerly(True)
    try:
        assert tf.config.functions_run_eagerly()
        f(tf.constant(1))
        f(tf.constant(2))
    finally:
        tf.config.run_functions_eagerly(False)
    assert len(traces) == 3
    assert [tf.is_symbolic_tensor(args[0]) for args, _ in traces] == [True, False, False]
    f(tf.constant(3))
    assert len(traces) == 3


# -- threads


def test_threads_share_one_trace_and_mix_nothing_up():
    f, traces = counted(lambda x, y: tf.reduce_sum(x * y))
    results = {}

    def work(number):
        values = [f(tf.fill([10], float(number)), tf.fill([10], float(i))).numpy() for i in range(20)]
        results[number] = values == [10.0 * number * i for i in range(20)]

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == dict.fromkeys(range(4), True)
    assert len(traces) == 1


def test_another_thread_does_not_see_the_open_graph():
    seen = []

    @tf.function
    def f(x):
        thread = threading.Thread(target=lambda: seen.append((tf.executing_eagerly(), tf.add(1, 1).numpy())))
        thread.start()
        thread.join()
        return x

    f(tf.constant(1))
    assert seen == [(True, 2)]


def test_signatures_of_methods_have_no_self():
    class Owner:
        @tf.function
        def method(self, x, k=1):
            return x * k

    assert [str(inspect.signature(f)) for f in (Owner().method, Owner.method)] == ["(x, k=1)", "(self, x, k=1)"]
