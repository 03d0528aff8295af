"""Functions that are called often, from many threads, with ever new arguments: what they keep, and what they let go."""

from __future__ import annotations

import gc
import logging
import os
import threading
import tracemalloc
import weakref
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.function import OFTEN

STATM = Path("/proc/self/statm")
needs_proc = pytest.mark.skipif(not STATM.exists(), reason="reads the size of the process from /proc")
MIB = 1 << 20


def resident():
    """Bytes of this process in memory."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def traced(function=None, **options):
    """A `tf.function` on NumPy that is not read by AutoGraph."""
    return tf.function(function, autograph=False, jit_compile=False, **options)


@pytest.fixture
def warnings():
    """What is said about retracing, one entry a warning."""
    said = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    logger = tf.get_logger()
    logger.addHandler(handler)
    yield said
    logger.removeHandler(handler)


# -- many calls


@needs_proc
def test_a_hundred_thousand_calls_do_not_grow():
    w, total = tf.Variable([[1.0, 2.0], [3.0, 4.0]]), tf.Variable(0.0)

    @traced
    def step(x):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.tanh(x @ w))
        w.assign_sub(1e-6 * tape.gradient(y, w))
        total.assign_add(1.0)
        return y

    x = tf.ones([3, 2])
    for _ in range(2000):
        step(x)
    gc.collect()
    before = resident()
    for _ in range(100_000):
        step(x)
    assert resident() - before < 4 * MIB
    assert total.numpy() == 102_000.0
    assert step.experimental_get_tracing_count() == 1


@needs_proc
def test_calls_under_a_tape_do_not_grow():
    w = tf.Variable(2.0)
    cube = traced(lambda x: x * x * w)
    x = tf.constant(3.0)

    def once():
        with tf.GradientTape() as tape:
            y = cube(x)
        return tape.gradient(y, w)

    for _ in range(500):
        once()
    gc.collect()
    before = resident()
    for _ in range(5000):
        assert once() == 9.0
    assert resident() - before < 2 * MIB


# -- many traces


@pytest.mark.slow
@needs_proc
def test_ten_thousand_python_values(warnings):
    """Each has a trace of its own; TensorFlow keeps them all too, and says so."""
    double = traced(lambda x, n: x * n)
    x = tf.constant(1.0)
    for n in range(200):
        double(x, n)
    gc.collect()
    before = resident()
    for n in range(10_000):
        assert double(x, n) == n
    assert double.experimental_get_tracing_count() == 10_000
    assert (resident() - before) / 9800 < 40_000  # bytes a trace
    (text,) = warnings
    assert f"{OFTEN} calls to" in text and "retracing" in text and "n" in text


def test_the_warning_is_said_once_for_each_function(warnings):
    for _ in range(2):
        f = traced(lambda x, n: x + n)
        for n in range(3 * OFTEN):
            f(tf.constant(1.0), n)
    assert len(warnings) == 2


def test_no_warning_for_few_traces(warnings):
    f = traced(lambda x: x + 1.0)
    for n in range(1, OFTEN):
        for _ in range(100):
            f(tf.zeros([n]))
    assert f.experimental_get_tracing_count() == OFTEN - 1
    assert not warnings


def test_reduce_retracing_bounds_the_traces_of_ten_thousand_shapes(warnings):
    total = traced(tf.reduce_sum, reduce_retracing=True)
    for n in range(10_000):
        total(tf.ones([n % 1000 + 1]))
    assert total.experimental_get_tracing_count() == 2
    assert not warnings


# -- what is let go


class Model:
    """An object with a traced method and something big."""

    def __init__(self):
        self.weight = tf.Variable(tf.ones([100, 100]))
        self.big = np.ones(1000)

    @tf.function(autograph=False, jit_compile=False)
    def __call__(self, x):
        return tf.reduce_sum(x @ self.weight)


def test_objects_with_traced_methods_are_freed():
    model = Model()
    model(tf.ones([2, 100]))
    watched = [weakref.ref(model), weakref.ref(model.weight), weakref.ref(model.__call__)]
    del model
    gc.collect()
    assert [ref() for ref in watched] == [None, None, None]


def test_ten_objects_share_no_traces():
    models = [Model() for _ in range(10)]
    for k, model in enumerate(models):
        model.weight.assign(tf.fill([100, 100], float(k)))
    assert [float(m(tf.ones([1, 100]))) for m in models] == [10_000.0 * k for k in range(10)]


def test_graphs_and_captures_of_deleted_functions_are_freed():
    def make():
        big, w = tf.ones([1000]), tf.Variable(tf.ones([1000]))

        @traced
        def f(x):
            def loop():
                return tf.while_loop(lambda y: y[0] < 0.0, lambda y: y + w[0], [x * w])[0]

            return tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * big, loop)

        f(tf.constant(1.0))
        graph = f.get_concrete_function(tf.constant(1.0)).graph
        return [weakref.ref(x) for x in (f, graph, w, graph.nodes[0])]

    watched = make()
    gc.collect()
    assert [ref() for ref in watched] == [None] * 4


def slope_of_a_mean(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_mean(x * x)
    return tape.gradient(y, x)


def rows_reshaped(x):
    return tf.reshape(tf.concat([x, x], 0), [2 * tf.shape(x)[0], -1]) * tf.cast(tf.size(x), tf.float32)


def branch_by_size(x):
    return tf.cond(tf.shape(x)[0] > 2, lambda: x[:2], lambda: x)


@pytest.mark.parametrize("function", [slope_of_a_mean, rows_reshaped, branch_by_size])
def test_graphs_with_unknown_sizes_are_freed(function):
    f = traced(function, input_signature=[tf.TensorSpec([None, 3])])
    f(tf.ones([2, 3]))
    graph = weakref.ref(f.get_concrete_function().graph)
    assert graph() is not None
    del f
    gc.collect()
    assert graph() is None


def test_a_function_that_fails_while_it_is_traced_is_freed():
    def make():
        @traced
        def f(x):
            return x @ tf.ones([3, 3]) @ x

        with pytest.raises(ValueError):
            f(tf.ones([2, 3]))
        return weakref.ref(f)

    ref = make()
    gc.collect()
    assert ref() is None


def test_arguments_and_results_are_not_kept():
    f = traced(lambda x: x * 2.0)
    gc.collect()
    gc.disable()
    try:
        tracemalloc.start()
        for _ in range(3):
            f(tf.ones([1 << 20]))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert size < MIB


@pytest.mark.parametrize("where", ["straight", "in a loop", "in a branch", "unknown sizes"])
def test_temporaries_are_freed_while_a_function_runs(where):
    n = 1 << 20

    def steps(x):
        for k in range(10):
            x = tf.sin(x) * 1.1 + tf.reshape(tf.cos(x), [-1]) * float(k)
        return x

    def straight(x):
        if where == "in a loop":
            return tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, steps(y)), [0, x])[1]
        if where == "in a branch":
            return tf.cond(x[0] > 0.0, lambda: steps(x), lambda: x)
        return steps(x)

    size = None if where == "unknown sizes" else n
    f = traced(straight, input_signature=[tf.TensorSpec([size])])
    x = tf.ones([n])
    f(x)
    tracemalloc.start()
    try:
        y = f(x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert y.shape == [n]
    assert peak / (4 * n) < 4.5


# -- threads


def together(count, function):
    """Runs `function(k)` in `count` threads that start at once; raises what one of them raises."""
    start, errors = threading.Barrier(count), []

    def run(k):
        try:
            start.wait()
            function(k)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_threads_that_trace_the_same_function():
    traces = []

    @traced
    def f(x):
        traces.append(x.shape)
        return tf.while_loop(lambda y: tf.reduce_sum(y) < 100.0, lambda y: y * 2.0, [x])[0]

    def work(k):
        for round in range(50):
            n = (k + round) % 5 + 1
            assert f(tf.ones([n])).shape == [n]

    together(8, work)
    assert sorted(map(str, traces)) == [f"({n},)" for n in range(1, 6)]
    assert f.experimental_get_tracing_count() == 5


def test_threads_that_trace_other_functions():
    """Each thread has a graph of its own open; eager threads have none."""

    def work(k):
        for _ in range(20):
            if k % 2:
                f = traced(lambda x: tf.cond(x > 0.0, lambda: x * float(k), lambda: x))
                assert f(tf.constant(2.0)) == 2.0 * k
            else:
                assert tf.executing_eagerly()
                assert (tf.constant(2.0) * float(k)).numpy() == 2.0 * k

    together(8, work)


def test_threads_make_a_functions_variables_once():
    made = []

    @traced
    def f(x):
        if not made:
            made.append(tf.Variable(1.0))
        return made[0].assign_add(x)

    together(8, lambda k: [f(tf.constant(1.0)) for _ in range(100)])
    assert len(made) == 1
    assert made[0].numpy() == 801.0


def test_threads_that_update_variables():
    """No update is lost, of one Variable nor of several."""
    a, b = tf.Variable(0.0), tf.Variable(tf.zeros([2, 2]))

    @traced
    def f(x):
        a.assign_add(x)
        b.assign_sub(tf.fill([2, 2], x))

    together(8, lambda k: [f(tf.constant(1.0)) for _ in range(500)])
    assert a.numpy() == 4000.0
    assert (b.numpy() == -4000.0).all()


def test_every_thread_hears_of_its_own_error():
    @traced
    def f(x, n):
        return tf.gather(x, n) if n.dtype == tf.int32 else tf.reshape(x, [7])

    caught = []

    def work(k):
        for round in range(50):
            if (k + round) % 2:
                with pytest.raises(tf.errors.InvalidArgumentError, match=f"= {k + 10} is not in"):
                    f(tf.ones([3]), tf.constant(k + 10))
                caught.append(k)
            else:
                assert f(tf.ones([3]), tf.constant(2)) == 1.0
        with pytest.raises(ValueError):
            f(tf.ones([3]), tf.constant(0.0))
        assert tf.executing_eagerly()

    together(8, work)
    assert len(caught) == 200


# -- errors while a function runs


def test_an_error_names_the_op_and_the_line():
    @traced
    def f(x, i):
        y = x * 2.0
        return tf.gather(y, i)  # the line

    assert f(tf.ones([3]), tf.constant([2])) == 2.0
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[0\] = 3 is not in \[0, 3\)") as caught:
        f(tf.ones([3]), tf.constant([3]))
    line = f.python_function.__code__.co_firstlineno + 3
    assert "[Op:GatherV2]" in str(caught.value)
    assert f'{__file__}", line {line}, in f' in "".join(caught.value.__notes__)
    assert f(tf.ones([3]), tf.constant([1])) == 2.0


@pytest.mark.parametrize("where", ["straight", "cond", "while", "nested"])
def test_updates_before_a_failing_op_happen_and_those_after_do_not(where):
    before, after = tf.Variable(0.0), tf.Variable(0.0)

    def fail(x, i):
        before.assign_add(1.0)
        y = tf.gather(x, i)
        after.assign_add(1.0)
        return y

    @traced
    def f(x, i):
        if where == "cond":
            return tf.cond(i < 100, lambda: fail(x, i), lambda: 0.0)
        if where == "while":
            return tf.while_loop(lambda k, _: k < 2, lambda k, _: (k + 1, fail(x, i)), [0, 0.0])[1]
        return traced(fail)(x, i) if where == "nested" else fail(x, i)

    with pytest.raises(tf.errors.InvalidArgumentError, match="is not in") as caught:
        f(tf.ones([3]), tf.constant(7))
    assert (before.numpy(), after.numpy()) == (1.0, 0.0)
    assert ", in fail" in "".join(caught.value.__notes__)
    f(tf.ones([3]), tf.constant(1))
    runs = 2 if where == "while" else 1
    assert (before.numpy(), after.numpy()) == (1.0 + runs, runs)


def test_an_error_under_a_tape_leaves_the_tape_usable():
    f = traced(lambda x, i: tf.gather(x, i))
    x = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = x * x
        with pytest.raises(tf.errors.InvalidArgumentError):
            f(x, tf.constant(5))
        y = y + f(x, tf.constant(1))
    gradient = tf.convert_to_tensor(tape.gradient(y, x))
    assert gradient.numpy().tolist() == [2.0, 7.0, 6.0]


def test_an_error_while_tracing_leaves_no_graph_open():
    v = tf.Variable(1.0)

    @traced
    def f(x):
        v.assign_add(1.0)
        return tf.reshape(x, [7])

    with pytest.raises(ValueError, match="Cannot reshape a tensor with 3 elements"):
        f(tf.ones([3]))
    assert tf.executing_eagerly()
    assert v.numpy() == 1.0
    assert f.experimental_get_tracing_count() == 0
    assert f(tf.ones([7])).shape == [7]
    assert v.numpy() == 2.0


def test_keyboard_interrupt_passes_through():
    @traced
    def f(x):
        return tf.py_function(lambda x: (_ for _ in ()).throw(KeyboardInterrupt()), [x], tf.float32) + 1.0

    with pytest.raises(KeyboardInterrupt):
        f(tf.constant(1.0))
    assert tf.executing_eagerly()
