"""Why gradients are None, in functions: the tape inside, or the function under it. The line is that with `# here`."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import re

import numpy as np
import pytest

import tapeflow as tf

X, W = tf.Variable(2.0, name="x"), tf.Variable([1.0, 3.0, 2.0], name="w")
COUNT, FIXED = tf.Variable(2, name="count"), tf.Variable(2.0, trainable=False, name="fixed")
STATE = tf.Variable(0.0, name="state")
OUT = tf.constant(2.0)
INSIDE, UNDER = [], []


def inside(kind):
    """A function that is traced, and has its own tape; it returns the tape, a target and a source."""
    return lambda function: INSIDE.append(pytest.param(function, kind, id=function.__name__)) or function


def under(kind):
    """A function that is traced and called under a tape; it returns what is differentiated, and a source."""
    return lambda function: UNDER.append(pytest.param(function, kind, id=function.__name__)) or function


def marked_line(function):
    lines, start = inspect.getsourcelines(function)
    return next((start + i for i, line in enumerate(lines) if line.rstrip().endswith("# here")), None)


@inside("unwatched")
def arg_not_watched(a):
    with tf.GradientTape() as tape:
        y = a * 3.0
    return tape, y, a


@inside("unwatched")
def captured_not_watched(a):
    with tf.GradientTape() as tape:
        y = OUT * 3.0  # here
    return tape, y, OUT


@inside("unwatched")
def const_not_watched(a):
    x = tf.constant(2.0)  # here
    with tf.GradientTape() as tape:
        y = x * 3.0
    return tape, y, x


@inside("unwatched")
def result_not_watched(a):
    x = tf.random.normal([3])  # here
    with tf.GradientTape() as tape:
        y = x * 3.0
    return tape, y, x


@inside("unwatched")
def derived_not_watched(a):
    x = a * 2.0  # here
    with tf.GradientTape() as tape:
        y = x * 3.0
    return tape, y, x


@inside("watched_late")
def watched_too_late(a):
    with tf.GradientTape() as tape:
        y = a * 3.0  # here
        tape.watch(a)
    return tape, y, a


@inside("replaced_variable")
def replaced(a):
    x = X + 1.0  # here
    with tf.GradientTape() as tape:
        y = x * 3.0
    return tape, y, x


@inside("integer")
def integer_var(a):
    with tf.GradientTape() as tape:
        y = tf.cast(COUNT, tf.float32) * 3.0  # here
    return tape, y, COUNT


@inside("integer")
def integer_const(a):
    x = tf.constant([1, 2])  # here
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.cast(x, tf.float32) * 3.0
    return tape, y, x


@inside("integer_target")
def int_target(a):
    with tf.GradientTape() as tape:
        y = tf.cast(X * 2.0, tf.int32)  # here
    return tape, y, X


@inside("not_trainable")
def not_trainable(a):
    with tf.GradientTape() as tape:
        y = FIXED * 3.0  # here
    return tape, y, FIXED


@inside("not_automatic")
def not_automatic(a):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = X * 3.0  # here
    return tape, y, X


@inside("before_tape")
def before_tape(a):
    z = X * X  # here
    with tf.GradientTape() as tape:
        y = z * 3.0
    return tape, y, X


@inside("after_tape")
def after_tape(a):
    with tf.GradientTape() as tape:
        z = X * X
    y = tf.exp(z)  # here
    return tape, y, X


@inside("stop_recording")
def stop_recording(a):
    with tf.GradientTape() as tape:
        z = X * X
        with tape.stop_recording():
            z = tf.sin(z)  # here
        y = z * 2.0
    return tape, y, X


@inside("consumed")
def consumed(a):
    with tf.GradientTape() as tape:
        z = X * X
        tape.gradient(z, X)
        y = tf.exp(z)  # here
    return tape, y, X


@inside("reset")
def reset(a):
    with tf.GradientTape() as tape:
        z = X * X  # here
        tape.reset()
        y = z * 2.0
    return tape, y, X


@inside("reset")
def reset_watched(a):
    with tf.GradientTape() as tape:
        tape.watch(a)
        tape.reset()  # here
        y = a * 2.0
    return tape, y, a


@inside("py_function")
def numpy_function(a):
    with tf.GradientTape() as tape:
        z = tf.numpy_function(np.sin, [X * 2.0], tf.float32)  # here
        y = z * 2.0
    return tape, y, X


@inside("stop_gradient")
def stopped(a):
    with tf.GradientTape() as tape:
        z = tf.stop_gradient(X * X)  # here
        y = z * 2.0
    return tape, y, X


@inside("integer_cast")
def int_cast(a):
    with tf.GradientTape() as tape:
        z = tf.cast(X * 3.0, tf.int32)  # here
        y = tf.cast(z, tf.float32) * 2.0
    return tape, y, X


@inside("no_gradient_op")
def argmax(a):
    with tf.GradientTape() as tape:
        z = tf.argmax(W)  # here
        y = tf.cast(z, tf.float32) * 2.0
    return tape, y, W


@inside("no_gradient_op")
def rounded(a):
    with tf.GradientTape() as tape:
        z = tf.round(W * 2.0)  # here
        y = tf.reduce_sum(z)
    return tape, y, W


@inside("no_gradient_op")
def comparison(a):
    with tf.GradientTape() as tape:
        z = W > 2.0  # here
        y = tf.where(z, 1.0, 0.0)
    return tape, y, W


@inside("assign")
def assigned(a):
    with tf.GradientTape() as tape:
        STATE.assign(X * 3.0)  # here
        y = STATE * 2.0
    return tape, y, X


@inside("assign")
def accumulated(a):
    with tf.GradientTape() as tape:
        STATE.assign_add(X)  # here
        y = STATE * STATE
    return tape, y, X


@inside("unused")
def unused(a):
    with tf.GradientTape() as tape:
        tf.debugging.assert_positive(X * 2.0)  # here
        y = FIXED * 5.0
    return tape, y, X


@inside("custom_gradient")
def custom(a):
    @tf.custom_gradient
    def double(v):
        return v * 2.0, lambda upstream: None
    with tf.GradientTape() as tape:
        y = double(X) + 1.0  # here
    return tape, y, X


@inside("stop_gradient")
def in_cond(a):
    with tf.GradientTape() as tape:
        y = tf.cond(a > 0.0, lambda: tf.stop_gradient(X) * 2.0,  # here
                    lambda: tf.constant(1.0))
    return tape, y, X


@inside("stop_gradient")
def in_if(a):
    with tf.GradientTape() as tape:
        if a > 0.0:
            y = tf.stop_gradient(X) * 2.0  # here
        else:
            y = 1.0
    return tape, y, X


@inside("no_gradient_op")
def in_while(a):
    with tf.GradientTape() as tape:
        y = a
        for _ in tf.range(3):
            y = y + tf.round(X)  # here
    return tape, y, X


@inside("no_gradient_op")
def as_condition(a):
    with tf.GradientTape() as tape:
        if X > 1.0:  # here
            y = a * 2.0
        else:
            y = a * 3.0
    return tape, y, X


@inside("no_gradient_op")
def as_loop_condition(a):
    with tf.GradientTape() as tape:
        y = a
        while y < X:  # here
            y += 1.0
    return tape, y, X


@inside("stop_gradient")
def nested_function(a):
    @tf.function
    def inner(v):
        z = v * v
        return tf.stop_gradient(z) * 2.0  # here
    with tf.GradientTape() as tape:
        y = inner(X)
    return tape, y, X


@inside("stop_gradient")
def nested_jit_function(a):
    @tf.function(jit_compile=True)
    def inner(v):
        z = v * v
        return tf.stop_gradient(z) * 2.0  # here
    with tf.GradientTape() as tape:
        y = inner(X)
    return tape, y, X


@inside("stop_gradient")
def inside_custom(a):
    @tf.custom_gradient
    def f(v):
        return v * 2.0, lambda upstream: upstream * 2.0
    with tf.GradientTape() as tape:
        y = f(tf.stop_gradient(X))  # here
    return tape, y, X


@inside("stop_gradient")
def map_fn(a):
    with tf.GradientTape() as tape:
        y = tf.map_fn(lambda w: tf.stop_gradient(w) * 2.0, W)  # here
    return tape, y, W


@inside("stop_gradient")
def vectorized(a):
    with tf.GradientTape() as tape:
        y = tf.vectorized_map(lambda w: tf.stop_gradient(w) * 2.0, W * 1.0)  # here
    return tape, y, W


@inside("stop_gradient")
def switch(a):
    with tf.GradientTape() as tape:
        y = tf.switch_case(tf.cast(a, tf.int32), [lambda: tf.stop_gradient(X), lambda: tf.constant(1.0)])  # here
    return tape, y, X


@inside("unwatched")
def inner_tape_in_cond(a):
    found = []
    def branch():
        with tf.GradientTape() as tape:
            y = a * 3.0
        found.append((tape, y, a, tape.explain(y, a)))
        return y
    tf.cond(a > 0.0, branch, lambda: a)
    return found[0]


@inside("stop_gradient")
def inner_tape_in_loop(a):
    found = []
    def body(i, b):
        with tf.GradientTape() as tape:
            tape.watch(b)
            y = tf.stop_gradient(b) * 3.0  # here
        found.append((tape, y, b, tape.explain(y, b)))
        return i + 1, y
    tf.while_loop(lambda i, b: i < 3, body, [0, a])
    return found[0]


@inside("before_tape")
def inner_tape_in_branch_before(a):
    z = X * X  # here
    found = []
    def branch():
        with tf.GradientTape() as tape:
            y = z * 3.0
        found.append((tape, y, X, tape.explain(y, X)))
        return y
    tf.cond(a > 0.0, branch, lambda: a)
    return found[0]


@under("stop_gradient")
def function_stopped(a):
    z = tf.stop_gradient(X * X)  # here
    return z * 2.0, X


@under("stop_gradient")
def stopped_arg(a):
    z = tf.stop_gradient(a * a)  # here
    return z * 2.0, a


@under("integer_cast")
def int_cast_in_function(a):
    z = tf.cast(X * 3.0, tf.int32)  # here
    return tf.cast(z, tf.float32) * 2.0, X


@under("no_gradient_op")
def argmax_in_function(a):
    z = tf.argmax(W)  # here
    return tf.cast(z, tf.float32) * 2.0, W


@under("no_gradient_op")
def argmax_out(a):
    return tf.argmax(W), W  # here


@under("no_gradient_op")
def rounded_in_function(a):
    z = tf.round(W * 2.0)  # here
    return tf.reduce_sum(z), W


@under("no_gradient_op")
def comparison_in_function(a):
    z = W > 2.0  # here
    return tf.where(z, 1.0, 0.0), W


@under("assign")
def assigned_in_function(a):
    STATE.assign(X * 3.0)  # here
    return STATE * 2.0, X


@under("assign")
def accumulated_in_function(a):
    STATE.assign_add(X)  # here
    return STATE * STATE, X


@under("py_function")
def numpy_function_in_function(a):
    z = tf.numpy_function(np.sin, [X * 2.0], tf.float32)  # here
    return z * 2.0, X


@under("custom_gradient")
def custom_in_function(a):
    @tf.custom_gradient
    def double(v):
        return v * 2.0, lambda upstream: None
    return double(X) + 1.0, X  # here


@under("stop_gradient")
def in_cond_in_function(a):
    y = tf.cond(a > 0.0, lambda: tf.stop_gradient(X) * 2.0,  # here
                    lambda: tf.constant(1.0))
    return y, X


@under("no_gradient_op")
def in_while_in_function(a):
    y = a
    for _ in tf.range(3):
        y = y + tf.round(X)  # here
    return y, X


@under("no_gradient_op")
def as_condition_in_function(a):
    if X > 1.0:  # here
        y = a * 2.0
    else:
        y = a * 3.0
    return y, X


@under("stop_gradient")
def nested_function_in_function(a):
    @tf.function
    def inner(v):
        z = v * v
        return tf.stop_gradient(z) * 2.0  # here
    return inner(X), X


@under("stop_gradient")
def nested_jit_function_in_function(a):
    @tf.function(jit_compile=True)
    def inner(v):
        z = v * v
        return tf.stop_gradient(z) * 2.0  # here
    return inner(X), X


@under("stop_gradient")
def map_fn_in_function(a):
    return tf.map_fn(lambda w: tf.stop_gradient(w) * 2.0, W), W  # here


# As in TensorFlow a loop's gradient is zeros where nothing flows in it, but might.
LOOPS = (in_while, as_loop_condition, map_fn, in_while_in_function, map_fn_in_function)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("differentiated", [False, True], ids=["before gradient", "after gradient"])
@pytest.mark.parametrize(("function", "kind"), INSIDE)
def test_the_tape_is_in_the_function(function, kind, differentiated):
    found = []

    def traced(a):
        tape, y, x, *explained = function(a)
        if differentiated and kind != "consumed" and not explained:
            assert tape.gradient(y, x) is None or function in LOOPS
        found.append(explained[0] if explained else tape.explain(y, x))

    tf.function(traced).get_concrete_function(tf.TensorSpec([], tf.float32))
    check(found[-1], function, kind)


def check(explanation, function, kind):
    (reason,) = explanation.reasons
    assert reason.kind == kind, str(explanation)
    line = marked_line(function)
    if line is not None:
        assert (reason.file, reason.line) == (__file__, line), str(explanation)
        assert reason.code.endswith("# here")
    assert reason.advice and reason.text in str(explanation)
    assert not explanation.hint or kind == "unused"


@pytest.mark.parametrize("how", ["", "another output flows", "jit_compile", "explain_gradients", "persistent"])
@pytest.mark.parametrize(("function", "kind"), UNDER)
def test_the_function_is_under_the_tape(function, kind, how):
    if how == "jit_compile" and kind not in ("stop_gradient", "assign"):
        pytest.skip("the same trace, and compiling takes long")
    sources, also = [], how == "another output flows" and function is not stopped_arg

    @tf.function(jit_compile=how == "jit_compile" or None)
    def traced(a):
        y, x = function(a)
        sources[:] = [None if x is a else x]
        return (y, a * 1.0) if also else y

    a = tf.constant(1.0)
    log = how in ("explain_gradients", "persistent")
    with tf.debugging.explain_gradients() if log else contextlib.nullcontext():
        with tf.GradientTape(persistent=how == "persistent") as tape:
            tape.watch(a)
            y = traced(a)
            y = tf.cast(y[0] if also else y, tf.float32) * 3.0
        x = sources[0] if sources[0] is not None else a
        assert tape.explain(y, x).reasons[0].kind == kind
        found = tape.gradient(y, x)
        assert found is None or (function in LOOPS and not found.numpy().any())
    explanation = tape.explain(y, x)
    assert ("None or zeros, as" in str(explanation)) == (not log)
    explanation.hint = ""
    check(explanation, function, kind)


def test_what_flows_through_a_function_is_said_with_its_ops():
    f = tf.function(lambda a: tf.sin(a) * X)
    with tf.GradientTape() as tape:
        y = f(X) + 1.0
    assert tape.gradient(y, X) is not None
    (reason,) = tape.explain(y, X).reasons
    assert reason.flows and reason.path in (["Sin", "Mul", "AddV2"], ["Mul", "AddV2"])


@pytest.mark.parametrize("decided", [False, True])
def test_what_flows_in_one_branch_or_through_a_loop_flows(decided):
    found = []

    @tf.function
    def f(a):
        with tf.GradientTape() as tape:
            y = tf.cond(a > 0.0, lambda: tf.stop_gradient(X) * 2.0, lambda: tf.sin(X))
            for _ in tf.range(3):
                y, a = tf.sin(a), y  # goes from one variable of the loop to the other
        assert tape.gradient(y, X) is not None
        found.append(tape.explain(y, X).reasons[0])
        return y

    f(tf.constant(1.0))
    assert found[0].flows and found[0].path[0] == "Sin"


def test_a_function_called_twice_does_not_mix_its_calls():
    @tf.function(jit_compile=True)
    def either(a, b):
        return tf.stop_gradient(a) + b

    found = []

    @tf.function
    def f(a):
        with tf.GradientTape() as tape:
            y = either(X, a)
            either(a, X)
        found.append(tape.explain(y, X).reasons[0])
        return y

    f(tf.constant(1.0))
    assert found[0].kind == "stop_gradient"


def test_a_tape_in_a_function_that_is_entered_again():
    found = []

    @tf.function
    def f(a):
        tape = tf.GradientTape(persistent=True)
        with tape:
            y = X * 2.0
        z = tf.exp(y)  # between
        with tape:
            z = z * 3.0
        found.append(tape.explain(z, X).reasons[0])
        return z

    f(tf.constant(1.0))
    assert (found[0].kind, found[0].code) == ("after_tape", "z = tf.exp(y)  # between")


@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is an extra")
def test_keras_names_the_line_in_a_branch():
    keras = tf.keras

    class Layer(keras.layers.Layer):
        def build(self, shape):
            self.k = self.add_weight(shape=[3], name="k")

        def call(self, x):
            k = tf.cond(tf.reduce_sum(x) > 0.0, lambda: tf.stop_gradient(self.k), lambda: tf.ones([3]))  # branch
            return tf.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, y * 2.0), [0, x * k])[1]

    model = keras.Sequential([keras.Input([3]), Layer()])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="No gradients provided for any variable") as caught:
        model.fit(np.ones((4, 3)), np.ones((4, 3)), verbose=0)
    text = str(caught.value)
    assert re.search(r"k:0: None, as `tf.stop_gradient` stops it\n.*# branch", text)
