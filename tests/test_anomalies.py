"""Where a NaN begins: the op, its line, and in a sweep the line that is differentiated. `# here` marks lines."""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf


def marked_line(function, mark="# here"):
    lines, start = inspect.getsourcelines(function)
    return start + next(i for i, line in enumerate(lines) if line.rstrip().endswith(mark))


def log_of_zero():
    x = tf.constant([0.0, 1.0, -1.0])
    y = x * 2.0
    return tf.math.log(y)  # here


def overflow():
    return tf.exp(tf.constant(1000.0)) * 0.0  # here


def division():
    return tf.constant([1.0, 0.0]) / tf.constant([0.0, 0.0])  # here


def half_precision():
    x = tf.cast(tf.constant([300.0, 1.0]), tf.float16)
    return x * x  # here


def in_bfloat16():
    return tf.cast(tf.constant([0.0, 1.0]), tf.bfloat16) ** -1.0  # here


def complex_numbers():
    return 1.0 / tf.constant(0j)  # here


def one_of_several_outputs():
    return tf.linalg.normalize(tf.zeros([3]))[0]  # here


def in_a_function():
    @tf.function
    def inner(x):
        y = x - 1.0
        return tf.math.log(y) + 2.0  # here

    assert np.isinf(inner(tf.constant(1.0)).numpy())  # as long as nobody looks
    return inner(tf.constant(1.0))


def in_a_loop_of_a_function():
    @tf.function
    def inner(x):
        def body(i, x):
            return i + 1, 1.0 / (x - 1.0)  # here

        return tf.while_loop(lambda i, x: i < 5, body, [0, x])[1]

    return inner(tf.constant(2.0))


def compiled():
    @tf.function(jit_compile=True)
    def inner(x):
        return tf.math.rsqrt(x)  # here

    return inner(tf.constant(0.0))


FORWARD = [
    (log_of_zero, "Log"), (overflow, "Exp"), (division, "RealDiv"), (half_precision, "Mul"), (in_bfloat16, "Pow"),
    (complex_numbers, "RealDiv"), (one_of_several_outputs, "RealDiv"), (in_a_function, "Log"),
    (in_a_loop_of_a_function, "RealDiv"), (compiled, "Rsqrt"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "op"), FORWARD, ids=lambda x: getattr(x, "__name__", ""))
def test_the_first_op_and_its_line(program, op):
    if program is in_a_function:
        program()
    with pytest.raises(tf.errors.InvalidArgumentError) as caught, tf.debugging.anomalies():
        program()
    anomaly = caught.value.anomaly
    assert (anomaly.op, anomaly.site.file, anomaly.site.line) == (op, __file__, marked_line(program))
    assert (anomaly.forward, anomaly.forward_site.line) == ("", 0)
    assert f'op "{op}"' in caught.value.message and "# here" in caught.value.message


def test_the_inputs_are_described():
    with pytest.raises(tf.errors.InvalidArgumentError) as caught, tf.debugging.anomalies():
        log_of_zero()
    text = caught.value.message
    assert "input 0: float32 [3], min -2, max 2, 1 zero, 1 negative" in text
    assert "# of -Inf elements: 1" in text and "# of +NaN elements: 1" in text
    assert text.endswith(" : Tensor had -Inf and NaN values [Op:CheckNumericsV2] name: ")


def root_at_zero():
    x = tf.Variable([0.0, 1.0])
    with tf.GradientTape() as tape:
        z = x * 1.0
        y = tf.sqrt(z)  # forward
        y = tf.reduce_sum(y + y)
    return tape.gradient(y, x)  # here


def norm_at_zero():
    x = tf.Variable([0.0, 0.0])
    with tf.GradientTape() as tape:
        y = tf.norm(x)  # forward
    return tape.gradient(y, x)  # here


def power_at_zero():
    x = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        y = x**0.5  # forward
    return tape.gradient(y, x)  # here


def a_function_in_a_tape():
    x = tf.Variable(0.0)

    @tf.function
    def inner(x):
        return tf.sqrt(x * 2.0)  # forward

    with tf.GradientTape() as tape:
        y = inner(x)
    return tape.gradient(y, x)  # here


@pytest.mark.parametrize("program", [root_at_zero, norm_at_zero, power_at_zero, a_function_in_a_tape])
def test_in_the_sweep_the_forward_line_is_named(program):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught, tf.debugging.anomalies():
        program()
    anomaly = caught.value.anomaly
    assert anomaly.site.line == marked_line(program)
    assert anomaly.forward in ("Sqrt", "Pow")
    assert (anomaly.forward_site.file, anomaly.forward_site.line) == (__file__, marked_line(program, "# forward"))
    assert f"in the gradient of {anomaly.forward} at " in caught.value.message


def test_a_tape_in_a_function():
    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.sqrt(x)
        return tape.gradient(y, x)  # here

    with pytest.raises(tf.errors.InvalidArgumentError) as caught, tf.debugging.anomalies():
        slope(tf.constant([0.0]))
    assert caught.value.anomaly.op == "SqrtGrad"
    assert caught.value.anomaly.site.code.endswith("# here")


def sweep_in_a_function():
    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.sqrt(x)  # forward
        return tape.gradient(y, x)  # here

    slope(tf.constant([0.0]))


def sweep_through_an_inner_function():
    inner = tf.function(lambda x: tf.sqrt(x) + 1.0)  # forward

    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = inner(x)
        return tape.gradient(y, x)  # here

    slope(tf.constant([0.0]))


def sweep_without_a_tape():
    @tf.function
    def slope(x):
        y = tf.sqrt(x)  # forward
        return tf.gradients(y, x)  # here

    slope(tf.constant([0.0]))


def sweep_through_a_loop():
    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(3):
                y = tf.sqrt(y)  # forward
        return tape.gradient(y, x)  # here

    slope(tf.constant([0.0]))


def sweep_through_a_branch():
    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            if tf.reduce_sum(x) < 1.0:
                y = tf.sqrt(y)  # forward
        return tape.gradient(y, x)  # here

    slope(tf.constant([0.0]))


def second_derivatives():
    @tf.function
    def curvature(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = x**1.5  # forward
            g = inner.gradient(y, x)
        return outer.gradient(g, x)  # here

    curvature(tf.constant([0.0]))


SWEEPS = [sweep_in_a_function, sweep_through_an_inner_function, sweep_without_a_tape, sweep_through_a_loop,
          sweep_through_a_branch, second_derivatives]  # fmt: skip


@pytest.mark.parametrize("program", SWEEPS)
def test_in_a_sweep_of_a_function_the_forward_line_is_named(program):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught, tf.debugging.anomalies():
        program()
    anomaly = caught.value.anomaly
    assert (anomaly.site.file, anomaly.site.line) == (__file__, marked_line(program))
    assert (anomaly.forward_site.file, anomaly.forward_site.line) == (__file__, marked_line(program, "# forward"))
    assert anomaly.forward in ("Sqrt", "Pow") and f"in the gradient of {anomaly.forward} at " in caught.value.message


KERAS = """
import numpy as np
import tensorflow as tf
keras = tf.keras

class Root(keras.layers.Layer):
    def call(self, x):
        return keras.ops.{op}(keras.ops.relu(x - 100.0))  # forward

model = keras.Sequential([keras.layers.Dense(3), Root(), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(np.ones((8, 4), "float32"), np.ones((8, 1), "float32"), verbose=0)
"""


@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is an extra")
@pytest.mark.parametrize(("op", "said"), [
    ("log", 'op "Log" .*at prog.py:8, in call: return keras.ops.log'),
    ("sqrt", 'op "SqrtGrad" .*in the gradient of Sqrt at prog.py:8, in call: return keras.ops.sqrt'),
])  # fmt: skip
def test_a_keras_program(op, said, tmp_path):
    (tmp_path / "prog.py").write_text(KERAS.format(op=op))
    for how, status in ((["--anomalies"], 1), ([], 0)):
        done = subprocess.run(
            [sys.executable, "-m", "tapeflow", "run", *how, "prog.py"], cwd=tmp_path, capture_output=True, text=True,
            timeout=120, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        assert bool(re.search(said, done.stderr, re.DOTALL)) == bool(how), done.stderr


def test_what_comes_in_is_let_through():
    with tf.debugging.anomalies():
        bad = tf.constant([np.nan, np.inf, 1.0])
        y = tf.reduce_sum(bad * 2.0) + 1.0
        z = tf.where(tf.math.is_nan(bad), 0.0, bad)
    assert np.isnan(y.numpy()) and np.isinf(z.numpy()).any()


def test_after_the_block_nobody_looks():
    with tf.debugging.anomalies():
        pass
    assert np.isinf(tf.math.log(tf.constant(0.0)).numpy())
    assert not hasattr(tf.GradientTape._sweep, "users")


def test_it_works_beside_explaining():
    with tf.debugging.explain_gradients(), tf.debugging.anomalies():
        x = tf.Variable(1.0)
        with tf.GradientTape() as tape:
            y = tf.stop_gradient(x)
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.math.log(x - 1.0)
    assert tape.explain(y, x).reasons[0].kind == "stop_gradient"


def test_check_numerics_stops_at_everything_that_is_not_finite():
    tf.debugging.enable_check_numerics()
    tf.debugging.enable_check_numerics()
    try:
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            tf.constant([np.nan]) + 1.0
        passed = tf.reshape(tf.constant([np.nan, 1.0]), [1, 2])
    finally:
        tf.debugging.disable_check_numerics()
        tf.debugging.disable_check_numerics()
    assert passed.shape == (1, 2)
    head = (
        '\n\n!!! Detected Infinity or NaN in output 0 of eagerly-executing op "AddV2" (# of outputs: 1) !!!\n'
        "  dtype: <dtype: 'float32'>\n  shape: (1,)\n  # of +NaN elements: 1\n\n  Input tensors (2):\n"
        "         0: tf.Tensor([nan], shape=(1,), dtype=float32)\n"
    )  # as TensorFlow 2.21 has it
    assert caught.value.message.startswith(head)
    assert np.isinf(tf.math.log(tf.constant(0.0)).numpy())


@pytest.fixture
def checked():
    tf.debugging.enable_check_numerics()
    yield
    tf.debugging.disable_check_numerics()


def logarithm(**kwargs):
    @tf.function(**kwargs)
    def inner(x):
        return tf.math.log(x - 1.0) + 2.0  # here

    return inner


TRACED_BEFORE = {name: logarithm(**kwargs) for name, kwargs in (("", {}), ("jit", {"jit_compile": True}))}


@pytest.mark.parametrize("how", ["", "jit"])
@pytest.mark.parametrize("before", [False, True])
def test_check_numerics_in_functions_whenever_they_were_traced(how, before):
    function = TRACED_BEFORE[how] if before else logarithm(jit_compile=how == "jit" or None)
    if before:
        assert np.isinf(function(tf.constant(1.0)).numpy())
    tf.debugging.enable_check_numerics()
    try:
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            function(tf.constant(1.0))
        assert function(tf.constant(2.0)).numpy() == 2.0
    finally:
        tf.debugging.disable_check_numerics()
    head = (
        '\n\n!!! Detected Infinity or NaN in output 0 of graph op "Log" (# of outputs: 1) !!!\n'
        "  dtype: <dtype: 'float32'>\n  shape: ()\n  # of -Inf elements: 1\n\n  Input tensor: "
    )  # as TensorFlow 2.21 has it, but for the count, which it lacks in graphs
    assert caught.value.message.startswith(head) and " : Tensor had -Inf values" in caught.value.message
    assert caught.value.anomaly.site.line == marked_line(logarithm)
    assert np.isinf(function(tf.constant(1.0)).numpy())  # nothing is left of it


@pytest.mark.parametrize("program", [in_a_loop_of_a_function, root_at_zero, a_function_in_a_tape, *SWEEPS])
def test_check_numerics_in_loops_and_gradients(program, checked):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        program()
    anomaly = caught.value.anomaly
    assert anomaly.site.line == marked_line(program)
    if program is not in_a_loop_of_a_function:
        assert anomaly.forward_site.line == marked_line(program, "# forward")


def test_check_numerics_is_for_the_thread_that_asked(checked):
    with ThreadPoolExecutor(1) as other:
        assert np.isinf(other.submit(lambda: tf.math.log(tf.constant(0.0))).result().numpy())


@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is an extra")
@pytest.mark.parametrize("how", [{}, {"jit_compile": True}, {"run_eagerly": True}], ids=str)
def test_check_numerics_in_fit(how, checked):
    keras = tf.keras

    class Layer(keras.layers.Layer):
        def call(self, x):
            return tf.math.log(x - 100.0)  # here

    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(2), Layer()])
    model.compile("sgd", "mse", **how)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        model.fit(np.ones((4, 2), "float32"), np.ones((4, 2), "float32"), verbose=0)
    kind = "eagerly-executing" if how.get("run_eagerly") else "graph"
    text = str(caught.value)
    assert f'of {kind} op "Log"' in text and "# of +NaN elements: 8" in text
    assert f"{Path(__file__).name}:{marked_line(Layer.call)}, in call: return tf.math.log" in text
