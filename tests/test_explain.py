"""Why gradients are None: each cause, the file and the line. The line is the one that ends with `# here`."""

from __future__ import annotations

import importlib.util
import inspect
import threading

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.autodiff import backprop
from tapeflow.client.explaining import explain_none_gradients
from tapeflow.core.tensor import Tensor

CAUSES = []


def cause(kind, op=""):
    """A function that returns a tape, a target and a source without a gradient, and why it has none."""

    def add(function):
        CAUSES.append(pytest.param(function, kind, op, id=function.__name__))
        return function

    return add


@cause("unwatched")
def constant_not_watched():
    x = tf.constant(2.0)  # here
    with tf.GradientTape() as tape:
        y = x * 3.0
    return tape, y, x


@cause("unwatched")
def result_not_watched():
    x = tf.random.normal([3])  # here
    with tf.GradientTape() as tape:
        y = x * 3.0
    return tape, y, x


@cause("watched_late", "Mul")
def watched_too_late():
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        y = x * 3.0  # here
        tape.watch(x)
    return tape, y, x


@cause("replaced_variable")
def variable_became_a_tensor():
    x = tf.Variable(2.0)
    x = x + 1.0  # here
    with tf.GradientTape() as tape:
        y = x * 3.0
    return tape, y, x


@cause("integer")
def integer_variable():
    x = tf.Variable(2)
    with tf.GradientTape() as tape:
        y = tf.cast(x, tf.float32) * 3.0  # here
    return tape, y, x


@cause("integer")
def integer_constant():
    x = tf.constant([1, 2])  # here
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.cast(x, tf.float32) * 3.0
    return tape, y, x


@cause("integer")
def bool_tensor():
    x = tf.constant(True)  # here
    with tf.GradientTape() as tape:
        y = tf.where(x, 1.0, 2.0)
    return tape, y, x


@cause("integer")
def string_tensor():
    x = tf.constant("1.5")  # here
    with tf.GradientTape() as tape:
        y = tf.strings.to_number(x) * 2.0
    return tape, y, x


@cause("integer_target")
def integer_as_target():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.cast(x * 2.0, tf.int32)  # here
    return tape, y, x


@cause("not_trainable")
def variable_not_trainable():
    x = tf.Variable(2.0, trainable=False)
    with tf.GradientTape() as tape:
        y = x * 3.0  # here
    return tape, y, x


@cause("not_automatic")
def tape_that_does_not_watch_by_itself():
    x = tf.Variable(2.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = x * 3.0  # here
    return tape, y, x


@cause("before_tape", "Mul")
def made_before_the_tape():
    x = tf.Variable(2.0)
    z = x * x  # here
    with tf.GradientTape() as tape:
        y = z * 3.0
    return tape, y, x


@cause("after_tape", "Exp")
def made_after_the_tape():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * x
    y = tf.exp(z)  # here
    return tape, y, x


@cause("stop_recording", "Sin")
def inside_stop_recording():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * x
        with tape.stop_recording():
            z = tf.sin(z)  # here
        y = z * 2.0
    return tape, y, x


@cause("consumed", "Exp")
def after_the_tape_was_used_up():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * x
        tape.gradient(z, x)
        y = tf.exp(z)  # here
    return tape, y, x


@cause("reset", "Mul")
def before_a_reset():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = x * x  # here
        tape.reset()
        y = z * 2.0
    return tape, y, x


@cause("reset")
def reset_forgets_what_was_watched():
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        tape.reset()  # here
        y = x * 2.0
    return tape, y, x


@cause("numpy", "numpy")
def numpy_and_back():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        array = (x * 2.0).numpy()  # here
        array = np.sin(array)
        y = tf.constant(array) * 3.0
    return tape, y, x


@cause("numpy", "array")
def a_numpy_function_of_a_tensor():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        z = np.cumsum(x * 2.0)  # here
        y = tf.reduce_sum(z)
    return tape, y, x


@cause("python_number", "float")
def python_number_in_place_of_a_tensor():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = float(x * x)  # here
        y = tf.sqrt(z)
    return tape, y, x


@cause("python_number", "float")
def a_number_that_is_also_in_the_text():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = float(x)  # here
        y = tf.sqrt(z) * 2.0
    return tape, y, x


@cause("numpy", "numpy")
def a_variable_as_an_array_and_back():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        array = x.numpy() * 3.0  # here
        y = tf.reduce_sum(array)
    return tape, y, x


@cause("numpy", "array")
def a_numpy_function_of_a_variable():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(np.exp(x))  # here
    return tape, y, x


@cause("py_function", "numpy_function")
def through_numpy_function():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = tf.numpy_function(np.sin, [x * 2.0], tf.float32)  # here
        y = z * 2.0
    return tape, y, x


@cause("py_function", "py_function")
def through_numpy_in_py_function():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = tf.py_function(lambda v: np.sin(v.numpy()), [x * 2.0], tf.float32)  # here
        y = z * 2.0
    return tape, y, x


@cause("stop_gradient", "StopGradient")
def stopped():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        z = tf.stop_gradient(x * x)  # here
        y = z * 2.0
    return tape, y, x


@cause("integer_cast", "Cast")
def cast_to_int_and_back():
    x = tf.Variable(2.5)
    with tf.GradientTape() as tape:
        z = tf.cast(x * 3.0, tf.int32)  # here
        y = tf.cast(z, tf.float32) * 2.0
    return tape, y, x


@cause("no_gradient_op", "ArgMax")
def through_argmax():
    x = tf.Variable([1.0, 3.0, 2.0])
    with tf.GradientTape() as tape:
        z = tf.argmax(x)  # here
        y = tf.cast(z, tf.float32) * 2.0
    return tape, y, x


@cause("no_gradient_op", "Round")
def through_round():
    x = tf.Variable([1.2, 3.4])
    with tf.GradientTape() as tape:
        z = tf.round(x * 2.0)  # here
        y = tf.reduce_sum(z)
    return tape, y, x


@cause("no_gradient_op", "Greater")
def through_a_comparison():
    x = tf.Variable([1.0, 3.0])
    with tf.GradientTape() as tape:
        z = x > 2.0  # here
        y = tf.where(z, 1.0, 0.0)
    return tape, y, x


@cause("assign", "assign")
def assigned_on_the_way():
    x = tf.Variable(2.0)
    state = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        state.assign(x * 3.0)  # here
        y = state * 2.0
    return tape, y, x


@cause("assign", "assign_add")
def accumulated_on_the_way():
    x = tf.Variable(2.0)
    state = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        state.assign_add(x)  # here
        y = state * state
    return tape, y, x


@cause("unused", "Mul")
def not_used():
    x, w = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        z = x * 2.0  # here
        assert z.numpy() == 4
        y = w * 5.0
    return tape, y, x


@cause("custom_gradient", "CustomGradient")
def custom_gradient_of_none():
    x = tf.Variable(2.0)

    @tf.custom_gradient
    def double(v):
        return v * 2.0, lambda upstream: None

    with tf.GradientTape() as tape:
        y = double(x) + 1.0  # here
    return tape, y, x


@cause("no_gradient_for_input", "Pow")
def an_input_without_gradient():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.pow(tf.constant(2.0), x)  # here
    return tape, y, x


@cause("stop_gradient", "StopGradient")
def inside_a_function():
    x = tf.Variable(2.0)

    @tf.function
    def inner(v):
        z = v * v
        return tf.stop_gradient(z) * 2.0  # here

    with tf.GradientTape() as tape:
        y = inner(x)
    return tape, y, x


def marked_line(function):
    lines, start = inspect.getsourcelines(function)
    return start + next(i for i, line in enumerate(lines) if line.rstrip().endswith("# here"))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("differentiated", [False, True], ids=["before gradient", "after gradient"])
@pytest.mark.parametrize(("function", "kind", "op"), CAUSES)
def test_each_cause_with_its_line(function, kind, op, differentiated, monkeypatch):
    if kind == "no_gradient_for_input":  # there is no such op whose TensorFlow's gradient we could name for certain
        pow_op = backprop.OPS["Pow"]
        monkeypatch.setattr(pow_op, "backward", lambda g, z, x, y: (g, None))
    with tf.debugging.explain_gradients():
        tape, y, x = function()
        if differentiated and kind != "consumed":
            assert tape.gradient(y, x) is None
    explanation = tape.explain(y, x)
    (reason,) = explanation.reasons
    assert (reason.kind, reason.op if op else "") == (kind, op)
    assert (reason.file, reason.line) == (__file__, marked_line(function))
    assert reason.code.endswith("# here")
    assert reason.advice
    assert not reason.flows
    assert reason.text in str(explanation) and f"test_explain.py:{reason.line}" in str(explanation)
    assert "<table>" in explanation._repr_html_()


def test_more_than_fourteen_causes_are_told_apart():
    assert len({parameter.values[1] for parameter in CAUSES}) >= 20


def test_what_flows_is_said_with_its_ops():
    x, w = tf.Variable(2.0, name="x"), tf.Variable(3.0, name="w")
    with tf.debugging.explain_gradients(), tf.GradientTape() as tape:
        y = tf.sin(x * w) + tf.stop_gradient(w)
    assert [g is None for g in tape.gradient(y, [x, w])] == [False, False]
    first, second = tape.explain(y, [x, w]).reasons
    assert first.flows and second.flows
    assert (first.source, first.kind, first.path) == ("x:0", "flows", ["Mul", "Sin", "AddV2"])
    assert str(first) == "x:0: the gradient flows, through Mul, Sin, AddV2"


def test_a_tensor_that_is_watched_and_an_intermediate_flow():
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = x * x
        y = z * 2.0
    assert [r.kind for r in tape.explain(y, [x, z, y]).reasons] == ["flows"] * 3


def test_a_gradient_that_stands_for_two_inputs_flows():
    x = tf.Variable(2.0)
    with tf.debugging.explain_gradients(), tf.GradientTape(persistent=True) as tape:
        y = tf.sin(x)
        z = y * y
    assert tape.gradient(z, x) is not None
    assert tape.explain(z, x).reasons[0].flows
    assert not any(node.trouble for node in tape.draw(z, x).nodes)


def test_things_that_are_no_tensors():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * 2.0
    assert [r.kind for r in tape.explain(y, {"a": 3.0, "b": x}).reasons] == ["not_a_tensor", "flows"]
    assert [r.kind for r in tape.explain(4.0, x).reasons] == ["not_a_tensor"]


@pytest.mark.parametrize("persistent", [False, True])
def test_without_a_log_the_tape_alone_says_what_it_can(persistent):
    x, w, k = tf.Variable(2.0), tf.Variable(3.0), tf.Variable(1.0, trainable=False)
    c = tf.constant(1.0)
    with tf.GradientTape(persistent=persistent) as tape:
        y = tf.stop_gradient(x * 2.0) * 3.0 + w * k * c
    assert [g is None for g in tape.gradient(y, [x, w, k, c])] == [True, False, True, True]
    explanation = tape.explain(y, [x, w, k, c])
    kinds = [reason.kind for reason in explanation.reasons]
    assert kinds == ["not_recorded", "flows", "not_trainable", "unwatched"]
    assert explanation.reasons[0].op == "Mul"
    assert "explain_gradients" in str(explanation)


def test_without_a_log_gradients_of_none_are_found_while_the_tape_is_not_used_up():
    x = tf.Variable(2.0)
    half = tf.custom_gradient(lambda v: (v * 0.5, lambda upstream: None))
    with tf.GradientTape(persistent=True) as tape:
        y = half(x)
    assert tape.explain(y, x).reasons[0].kind == "custom_gradient"


def test_inside_a_function_the_graph_knows_the_lines():
    found = []

    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.round(x * 2.0) * 3.0  # line
        found.append(tape.explain(y, x))
        before = x * x
        with tf.GradientTape() as tape:
            tape.watch(x)
            z = before + 1.0
        found.append(tape.explain(z, x))
        return y

    f(tf.constant(1.0))
    (first,), (second,) = (explanation.reasons for explanation in found)
    assert (first.kind, first.op, first.file) == ("no_gradient_op", "Round", __file__)
    assert first.code.endswith("# line")
    assert (second.kind, second.op, second.code) == ("before_tape", "Mul", "before = x * x")


def test_a_loop_of_steps_speaks_of_its_own_step():
    w, v = tf.Variable(1.0), tf.Variable(2.0)
    with tf.debugging.explain_gradients():
        for _ in range(3):
            with tf.GradientTape() as tape:
                loss = tf.stop_gradient(w * 1.0) * v
            gradients = tape.gradient(loss, [w, v])
            v.assign_sub(gradients[1])
            assert float(loss) is not None
    assert gradients[0] is None
    assert [r.kind for r in tape.explain(loss, [w, v]).reasons] == ["stop_gradient", "flows"]


def test_explaining_changes_nothing_and_leaves_nothing_behind():
    def program():
        x = tf.Variable([1.0, 2.0])
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.sin(x) * x[0])
        x.assign_sub(tape.gradient(y, x))
        return x.numpy()

    def state():
        return [*(dict(vars(kind)) for kind in (Tensor, tf.GradientTape, tf.Variable)), backprop.input_gradients]

    before = state()
    plain = program()
    with tf.debugging.explain_gradients() as outer:
        np.testing.assert_array_equal(program(), plain)
        with tf.debugging.explain_gradients() as inner:
            assert inner is outer
        assert vars(Tensor)["numpy"] is not before[0]["numpy"]
    assert before == state()


def test_two_threads_may_explain():
    inside, done = threading.Event(), threading.Event()

    def other():
        with tf.debugging.explain_gradients():
            inside.set()
            done.wait(30)

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait(30)
    with tf.debugging.explain_gradients():
        done.set()
        thread.join()
        x = tf.Variable(1.0)
        with tf.GradientTape() as tape:
            y = tf.stop_gradient(x)
    assert tape.explain(y, x).reasons[0].kind == "stop_gradient"
    assert not hasattr(tf.GradientTape.gradient, "users")


def test_the_log_forgets_the_oldest():
    with tf.debugging.explain_gradients() as log:
        log.limit = 50
        x = tf.constant(1.0)
        for _ in range(100):
            x = tf.sin(x)
    assert len(log.events) == 50 and len(log.made) <= 51 and len(log.values) <= 51


def test_explain_none_gradients_finds_the_tape_on_the_stack():
    x = tf.Variable(1.0, name="x")

    def apply_gradients(pairs):
        return explain_none_gradients([pair for pair in pairs if pair[0] is None])

    with tf.GradientTape() as tape:
        y = tf.stop_gradient(x * 2.0)
    text = apply_gradients(zip(tape.gradient(y, [x]), [x]))
    assert text.startswith("x:0: None, as ")
    with tf.debugging.explain_gradients():
        with tf.GradientTape() as tape:
            y = tf.stop_gradient(x * 2.0)
        text = apply_gradients(zip(tape.gradient(y, [x]), [x]))
    assert "`tf.stop_gradient` stops it" in text and "test_explain.py" in text


@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is an extra")
def test_keras_says_why_there_are_no_gradients():
    keras = tf.keras

    class Rounded(keras.layers.Layer):
        def build(self, shape):
            self.k = self.add_weight(shape=[3], name="k")
            self.idle = self.add_weight(shape=[3], name="idle")

        def call(self, x):
            return keras.ops.round(x * self.k)  # line

    model = keras.Sequential([keras.Input([3]), Rounded()])
    for eager in (False, True):
        model.compile("sgd", "mse", run_eagerly=eager)
        with pytest.raises(ValueError, match="No gradients provided for any variable") as caught:
            model.fit(np.ones((4, 3)), np.ones((4, 3)), verbose=0)
        text = str(caught.value)
        if eager:
            assert "k:0: None, as the trail ends after Mul" in text
        else:
            assert "k:0: None, as Round has no gradient" in text and "test_explain.py:" in text and "# line" in text
            assert "idle:0: None, as the target does not depend on it" in text
