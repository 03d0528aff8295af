"""Functions under tapes: one op, of which the gradient is a graph, too."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.engines import xla
from tapeflow.graph.runner import CALL, Runner

X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)


def loop(x):
    for _ in tf.range(3):
        x = tf.tanh(x) * 1.5
    return x


PROGRAMS = {
    "product": lambda x: tf.tanh(x) * x,
    "loop": loop,
    "branch": lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: x * x, lambda: tf.exp(x)),
    "map": lambda x: tf.map_fn(lambda row: tf.reduce_sum(row * row), x),
    "shape": lambda x: tf.reshape(x, [tf.shape(x)[0], -1]) * 2 * x,
    "several": lambda x: (x * x, {"a": tf.exp(x)}),
    "argument": lambda x: (x, x + 1),
    "constant": lambda x: (x + 1, tf.constant(2.0)),
    "gather": lambda x: tf.gather(x, [0, 0, 1]) ** 2,
    "integer": lambda x: (tf.cast(x, tf.int32), x * 2.0),
    "custom": lambda x: doubled(x) + 1.0,
}


@tf.custom_gradient
def doubled(x):
    return x * 2.0, lambda g: g * 10.0


def gradient(function, x, sources=None, **options):
    with tf.GradientTape(**options) as tape:
        tape.watch(x)
        y = function(x)
    return y, tape.gradient(y, x if sources is None else sources)


def same(one, other):
    one, other = (tf.nest.flatten(x, expand_composites=True) for x in (one, other))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("jit_compile", [False, None, True])
@pytest.mark.parametrize("sizes", [True, False])
@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_are_those_without_a_function(name, sizes, jit_compile):
    if jit_compile and not xla.available():
        pytest.skip("needs XLA")
    signature = None if sizes else [tf.TensorSpec([None, None])]
    x, program = tf.constant(X), PROGRAMS[name]
    function = tf.function(program, input_signature=signature, jit_compile=jit_compile)
    wanted = gradient(program, x)
    for _ in range(2):
        same(gradient(function, x), wanted)


def recorded(function, x, **options):
    """The names of the ops that a tape records of a call."""
    with tf.GradientTape(**options) as tape:
        tape.watch(x)
        function(x)
    return [entry[0].name for entry in tape._entries]


def test_a_tape_records_a_call_as_one_op():
    function = tf.function(PROGRAMS["product"])
    x = tf.constant(X)
    assert recorded(function, x) == recorded(function, x, persistent=True) == [CALL.name]
    assert recorded(tf.function(PROGRAMS["loop"]), x, persistent=True) == [CALL.name]
    with tf.GradientTape() as outer:
        outer.watch(x)
        gradient(function, x)
    assert [entry[0].name for entry in outer._entries] == [CALL.name] * 2  # the gradient is a call, too


def test_a_call_that_no_tape_follows_is_not_recorded():
    function = tf.function(lambda x: x * 2)
    with tf.GradientTape() as tape:
        y = function(tf.constant(1.0))
    assert not tape._entries
    with tf.GradientTape() as outer, tf.GradientTape() as inner:
        y = function(tf.constant(1.0))
    assert not outer._entries and not inner._entries and y.numpy() == 2.0


def test_outputs_that_are_not_used_have_zeros():
    """As in TensorFlow, for which a call is one op: what another output depends on has a gradient of zero."""
    w, u = tf.Variable(2.0), tf.Variable(5.0)
    function = tf.function(lambda x: (w * x, u * x, tf.stop_gradient(w)))
    x = tf.constant(3.0)
    for target, wanted in ((0, [3.0, 0.0]), (1, [0.0, 3.0]), (2, [0.0, 0.0])):
        with tf.GradientTape() as tape:
            y = function(x)[target]
        assert [g.numpy() for g in tape.gradient(y, [w, u])] == wanted


def test_none_where_no_output_depends():
    w = tf.Variable(2.0)
    assert gradient(tf.function(lambda x: tf.stop_gradient(x) * w), tf.constant(3.0))[1] is None
    assert gradient(tf.function(lambda x: tf.cast(x, tf.int32)), tf.constant(3.0))[1] is None


def test_variables_updated_inside_and_afterwards():
    w = tf.Variable(2.0)

    @tf.function
    def function(x):
        w.assign_add(1.0)
        return w * x

    x = tf.constant(5.0)
    with tf.GradientTape() as tape:
        y = function(x)
        w.assign(100.0)
    assert y.numpy() == 15.0 and tape.gradient(y, w).numpy() == 5.0
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
        w.assign(0.0)
    assert tape.gradient(y, x).numpy() == 101.0


def test_variables_as_arguments():
    w, v = tf.Variable(2.0), tf.Variable(7.0)
    square = tf.function(lambda variable: variable * variable)
    for variable in (w, v, w):
        with tf.GradientTape() as tape:
            y = square(variable)
        assert tape.gradient(y, variable).numpy() == 2 * variable.numpy()


def test_several_calls_on_one_tape():
    w = tf.Variable(X[:, :3])
    layer = tf.function(lambda x: tf.tanh(tf.matmul(x, w)))

    def deep(function, x):
        for _ in range(4):
            x = function(x)
        return x

    x = tf.constant(X[:, 1:])
    same(gradient(lambda x: deep(layer, x), x, w), gradient(lambda x: deep(layer.python_function, x), x, w))


def test_slices_stay_slices():
    embedding = tf.Variable(tf.ones([5, 2]))
    look_up = tf.function(lambda ids: tf.gather(embedding, ids))
    with tf.GradientTape() as tape:
        y = look_up(tf.constant([1, 1]))
    slices = tape.gradient(y, embedding)
    assert isinstance(slices, tf.IndexedSlices) and slices.indices.numpy().tolist() == [1, 1]


def test_jacobians():
    x = tf.constant(X)
    function = tf.function(PROGRAMS["product"])

    def jacobians(function):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        whole = tape.jacobian(y, x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return whole, tape.batch_jacobian(y, x)

    same(jacobians(function), jacobians(function.python_function))


def dense(x):
    return tf.convert_to_tensor(x) if isinstance(x, tf.IndexedSlices) else x


def orders(function, x, count, persistent=False):
    """The first `count` derivatives."""

    def at(k):
        if not k:
            return function(x)
        with tf.GradientTape(persistent=persistent) as tape:
            tape.watch(x)
            y = at(k - 1)
        return y if y is None else dense(tape.gradient(y, x))

    return [at(k) for k in range(1, count + 1)]


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("sizes", [True, False])
@pytest.mark.parametrize("name", PROGRAMS)
def test_higher_orders(name, sizes, persistent):
    signature = None if sizes else [tf.TensorSpec([None, None])]
    x, program = tf.constant(X), PROGRAMS[name]
    found = orders(tf.function(program, input_signature=signature), x, 3, persistent)
    for one, other in zip(found, orders(program, x, 3), strict=True):
        if other is not None:
            np.testing.assert_allclose(one, other, rtol=2e-4, atol=1e-5)
        elif one is not None:  # zeros where the program has None
            assert not one.numpy().any()


def test_higher_orders_on_xla():
    if not xla.available():
        pytest.skip("needs XLA")
    program = PROGRAMS["product"]
    same(orders(tf.function(program, jit_compile=True), tf.constant(X), 3), orders(program, tf.constant(X), 3))


def test_what_an_outer_tape_follows_need_not_be_what_the_inner_does():
    """A penalty on the gradient with respect to the argument, differentiated with respect to the weights."""
    w, v = tf.Variable(X[:, :3]), tf.Variable(X[:, 1:])

    def penalty(one, other):
        x = tf.constant(X)
        with tf.GradientTape(persistent=True) as outer:
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = other(one(x))
            g = inner.gradient(y, x)
            loss = tf.reduce_sum(g * g) + tf.reduce_mean(y)
        return g, outer.gradient(loss, [w, v]), outer.gradient(y, w)

    def one(x):
        return tf.nn.softplus(tf.matmul(x, w, transpose_a=True))

    def other(x):
        return tf.tanh(tf.matmul(x, v, transpose_b=True))

    same(penalty(tf.function(one), tf.function(other)), penalty(one, other))


def test_the_outer_tape_s_gradient_under_the_inner():
    x = tf.constant(X)
    with tf.GradientTape() as inner:
        inner.watch(x)
        with tf.GradientTape() as other:
            other.watch(x)
            y = tf.function(lambda x: tf.exp(tf.sin(x)))(x)
        with inner.stop_recording():
            pass
        slope = other.gradient(y, x)
    np.testing.assert_allclose(inner.gradient(slope, x), np.exp(np.sin(X)) * (np.cos(X) ** 2 - np.sin(X)), rtol=1e-4)


def test_a_persistent_tape_asked_inside_and_after():
    x = tf.constant(3.0)
    function = tf.function(lambda x: (x**3, tf.exp(x)))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, z = function(x)
        slope = tape.gradient(y, x)
    assert [tape.gradient(t, x).numpy() for t in (y, slope, y)] == [27.0, 18.0, 27.0]
    same(tape.gradient([y, z], x), 27.0 + np.exp(3.0))


def test_outputs_that_are_not_used_have_zeros_on_nested_tapes():
    w, u, x = tf.Variable(2.0), tf.Variable(5.0), tf.constant(3.0)
    function = tf.function(lambda x: (w * w * x, u * x))
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y, _ = function(x)
        grads = inner.gradient(y, [w, u, x])
    same(grads, [12.0, 0.0, 4.0])
    same([outer.gradient(g, [w, u, x]) for g in grads], [[6.0, 0.0, 4.0], [0.0, 0.0, 0.0], [4.0, 0.0, 0.0]])


def test_effects_happen_once_whoever_records():
    count, x = tf.Variable(0), tf.constant(3.0)

    @tf.function
    def function(x):
        count.assign_add(1)
        return x * tf.random.normal([])

    with tf.autodiff.ForwardAccumulator(x, x), tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        y, g = gradient(function, x)
        assert outer.gradient(y, x).numpy() == g.numpy() == pytest.approx(y.numpy() / 3.0)  # the same number drawn
        outer.gradient(g, x)
    assert count.numpy() == 1


@pytest.mark.parametrize("persistent", [False, True])
def test_second_order(persistent):
    x = tf.constant(X)
    function = tf.function(lambda x: x * x * x)
    with tf.GradientTape() as outer:
        outer.watch(x)
        _, g = gradient(function, x, persistent=persistent)
    np.testing.assert_allclose(outer.gradient(g, x), 6 * X, rtol=1e-5)


@pytest.mark.parametrize("wrap", [tf.recompute_grad, lambda f: tf.custom_gradient(lambda x: (f(x), tf.exp))])
def test_a_function_in_a_custom_gradient_is_one_op(wrap, monkeypatch):
    x, w = tf.constant(X), tf.Variable(2.0)
    function = tf.function(lambda x: tf.sin(x) * x)
    wanted = gradient(wrap(function.python_function), x)
    monkeypatch.setattr(Runner, "_replayed", None)
    same(gradient(wrap(function), x), wanted)
    weighed = tf.function(lambda x: x * w)
    custom = tf.custom_gradient(lambda x: (weighed(x), lambda g, variables: (g, [g * 3.0])))
    assert gradient(custom, tf.constant(5.0), w)[1].numpy() == 3.0


def test_a_gradient_taken_under_a_later_tape():
    """It depends on what it is multiplied with, and on the argument, which the call kept."""
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.function(lambda x: x * x)(x)
    seed = tf.constant(1.0)
    with tf.GradientTape() as later:
        later.watch([x, seed])
        g = tape.gradient(y, x, seed)
    assert [d.numpy() for d in later.gradient(g, [x, seed])] == [2.0, 6.0]


def test_forward_mode():
    x = tf.constant(X)
    with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as accumulator:
        y = tf.function(lambda x: x * x)(x)
    np.testing.assert_allclose(accumulator.jvp(y), 2 * X)


@pytest.mark.parametrize("sizes", [True, False])
@pytest.mark.parametrize("name", PROGRAMS)
def test_forward_over_reverse(name, sizes):
    signature = None if sizes else [tf.TensorSpec([None, None])]
    x, program, w = tf.constant(X), PROGRAMS[name], tf.Variable(2.0)

    def products(function):
        with tf.autodiff.ForwardAccumulator(x, tf.sin(x)) as accumulator:
            y, g = gradient(function, x)
            g = dense(g)
        return accumulator.jvp([*tf.nest.flatten(y), g], unconnected_gradients="zero")

    def of_weight(function):
        with tf.autodiff.ForwardAccumulator(w, tf.constant(3.0)) as accumulator:
            y = function(x)
        return accumulator.jvp(tf.nest.flatten(y)[-1], unconnected_gradients="zero")

    def weighed(x):
        return program(x * w)

    same(products(tf.function(program, input_signature=signature)), products(program))
    same(of_weight(tf.function(weighed, input_signature=signature)), of_weight(weighed))


def test_forward_mode_sees_one_op():
    names = []

    class Accumulator(tf.autodiff.ForwardAccumulator):
        def record(self, op, attrs, inputs, outputs):
            names.append(op.name)
            super().record(op, attrs, inputs, outputs)

    x = tf.constant(X)
    with Accumulator(x, x):
        tf.function(PROGRAMS["product"])(x)
    assert names == [CALL.name]


def test_a_py_function_inside_a_function_with_a_tape_inside():
    for results in (lambda v: v * v * v, lambda v: [v * v * v, v]):
        kinds = tf.float32 if results is not None and not isinstance(results(1.0), list) else [tf.float32] * 2

        @tf.function
        def function(x, results=results, kinds=kinds):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.nest.flatten(tf.py_function(results, [x], kinds))[0]
            return tape.gradient(y, x)

        assert function(tf.constant(2.0)).numpy() == 12.0


def test_a_branch_that_leaves_something_for_its_gradient():
    w = tf.Variable(2.0)

    @tf.function
    def function(x):
        return tf.cond(x > 0, lambda: x * w.assign_add(1.0), lambda: x * x)

    for x, wanted in ((-3.0, -6.0), (3.0, 3.0)):
        assert gradient(function, tf.constant(x))[1].numpy() == wanted
    assert recorded(function, tf.constant(3.0)) == [CALL.name]


@pytest.mark.parametrize("jit_compile", [False, None, True])
@pytest.mark.parametrize("sizes", [True, False])
def test_random_numbers_of_a_branch(sizes, jit_compile):
    if jit_compile and not xla.available():
        pytest.skip("needs XLA")
    signature = None if sizes else [tf.TensorSpec([None, None]), tf.TensorSpec([], tf.bool)]
    w, x = tf.Variable(2.0), tf.ones([3, 4])

    @tf.function(input_signature=signature, jit_compile=jit_compile)
    def function(x, training):
        y = tf.cond(training, lambda: tf.nn.dropout(tf.exp(x) * w, 0.5), lambda: x * w * w)
        return y * y

    for training in (True, False, True):
        with tf.GradientTape(persistent=True) as outer:
            outer.watch(x)
            y, g = gradient(lambda x, t=training: function(x, tf.constant(t)), x)
        assert [entry[0].name for entry in outer._entries] == [CALL.name] * 2
        wanted = (2 * y, 4 * y, tf.reduce_sum(y)) if training else (32 * x, 32 * x, 384.0)
        same((g, outer.gradient(g, x), outer.gradient(y, w)), wanted)


def test_what_a_call_keeps_is_freed_by_the_gradient():
    function = tf.function(lambda x: tf.tanh(x) * x)
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    kept = [weakref.ref(array) for entry in tape._entries for array in entry[5]]
    tape.gradient(y, x)
    del y
    gc.collect()
    assert kept and all(reference() is None for reference in kept)


def kept(function, x, **options):
    """How many large arrays a tape holds after a call."""
    with tf.GradientTape(**options) as tape:
        tape.watch(x)
        function(x)
    arrays = [getattr(y, "_array", y) for entry in tape._entries for y in (*entry[3], *entry[5])]
    return len({id(y) for y in arrays if isinstance(y, np.ndarray) and y.size > 99 and 0 not in y.strides})


def test_a_tape_keeps_no_more_than_the_gradient_needs():
    """Of the argument and the result of a linear map, which is large, neither; of others what their gradient needs."""
    x = tf.zeros([100, 1000])
    for options in ({}, {"persistent": True}):
        assert kept(tf.function(lambda x: 2.0 * x), x, **options) == 0
        assert kept(tf.function(lambda x: tf.exp(x) + 1.0), x, **options) == 1
        assert kept(tf.function(lambda x: x * x), x, **options) == 1
    with tf.GradientTape() as tape:
        tape.watch(x)
        _, z = tf.function(lambda x: (2.0 * x, 3.0 * x))(x)
    np.testing.assert_array_equal(tape.gradient(z, x), np.full([100, 1000], 3.0))


@pytest.mark.parametrize("options", [{}, {"persistent": True}])
def test_calls_under_tapes_leave_nothing_behind(options):
    function, x, w = tf.function(lambda x: tf.tanh(x * w) * x), tf.constant(X), tf.Variable(X)

    def calls(count):
        for _ in range(count):
            with tf.GradientTape(**options) as tape:
                y = function(x)
            tape.gradient(y, w)
            with tf.GradientTape(**options) as outer:
                outer.watch(x)
                _, g = gradient(function, x)
            outer.gradient(g, x)
        gc.collect()
        return len(gc.get_objects())

    before = calls(3)
    assert calls(300) < before + 100


def backward(tape):
    """The graphs of gradients that were made for the first call on a tape."""
    derived = tape._entries[0][1]["derived"]
    while derived.simpler is not None:
        derived = derived.simpler
    return list(derived.backward.values())


def test_only_the_gradients_that_are_wanted_are_computed():
    x, w = tf.constant(X), tf.Variable(X)
    function = tf.function(lambda x: tf.matmul(x, w, transpose_b=True))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = function(x)
    tape.gradient(y, x), tape.gradient(y, w), tape.gradient(y, [w, x])
    products = [[node.type for node in each.runner.graph.nodes].count("MatMul") for each in backward(tape)]
    assert products == [1, 1, 2]


def test_not_every_choice_of_gradients_has_a_graph_of_its_own():
    ws = [tf.Variable(float(i)) for i in range(9)]
    function = tf.function(lambda: tf.add_n([w * w for w in ws]))
    with tf.GradientTape(persistent=True) as tape:
        y = function()
    assert [tape.gradient(y, w).numpy() for w in ws] == [2.0 * i for i in range(9)]
    assert len(backward(tape)) == 5


def test_explain_speaks_of_the_gradient():
    function = tf.function(lambda x: x * x)
    gradient(function, tf.constant(2.0))
    assert "under a tape" in function.explain()
