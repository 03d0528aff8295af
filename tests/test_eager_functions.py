"""`tf.config.run_functions_eagerly`, `tf.data.experimental.enable_debug_mode`: functions as Python, for debuggers."""

from __future__ import annotations

import bdb
import sys

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.base.context import settings


@pytest.fixture
def eagerly():
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def debugged(monkeypatch):
    monkeypatch.setattr(settings, "datasets_run_eagerly", False)  # which it is again in the end
    tf.data.experimental.enable_debug_mode()


X = tf.constant(1.0)


@tf.function
def inner(x):
    y = x * 2.0
    return y.numpy() + tf.gather([1.0, 2.0], tf.cast(x, tf.int32))


@tf.function(jit_compile=True)
def outer(x):
    if x > 0.0:
        x += inner(x)
    for _ in tf.range(2):
        x *= 2.0
    return x


class Stops(bdb.Bdb):
    """A debugger that notes the value of a local variable at a line."""

    def __init__(self, line):
        super().__init__()
        self.line, self.seen = line, []

    def user_line(self, frame):
        if frame.f_lineno == self.line and frame.f_code.co_filename == __file__:
            self.seen.append(frame.f_locals["y"])


def test_functions_in_functions_are_python(eagerly):
    assert outer(X).numpy() == 20.0
    assert inner.explain().splitlines() == [
        "inner: 0 traces", "  It runs as Python now, as tf.config.run_functions_eagerly(True) asks."
    ]  # fmt: skip


def test_a_debugger_stops_inside(eagerly):
    code = inner.python_function.__code__
    debugger = Stops(code.co_firstlineno + 3)
    before = sys.gettrace()
    try:
        debugger.runcall(outer, X)
    finally:
        sys.settrace(before)
    assert [float(y) for y in debugger.seen] == [2.0]


def test_errors_come_from_the_line(eagerly):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        outer(tf.constant(5.0))
    functions = [entry.name for entry in caught.traceback if str(entry.path) == __file__]
    assert functions == ["test_errors_come_from_the_line", "outer", "inner"]


def test_tapes_and_what_explains_them(eagerly):
    v = tf.Variable(3.0, name="v")

    @tf.function
    def step(stop):
        with tf.GradientTape() as tape:
            loss = (tf.stop_gradient(v) if stop else v) * 2.0
        assert not isinstance(loss.numpy(), tf.Tensor)
        return tape.gradient(loss, v), tape.explain(loss, v).reasons[0]

    gradient, reason = step(False)
    assert gradient.numpy() == 2.0 and reason.flows
    with tf.debugging.explain_gradients():
        gradient, reason = step(True)
    assert gradient is None
    assert reason.kind == "stop_gradient" and reason.code.startswith("loss = ")


def test_numbers_are_checked(eagerly):
    f = tf.function(lambda x: tf.math.log(x - 1.0))
    with tf.debugging.anomalies(), pytest.raises(tf.errors.InvalidArgumentError) as caught:
        f(X)
    assert "eagerly-executing" in caught.value.message


def test_datasets_are_traced_even_so_and_that_is_said(eagerly, caplog):
    kinds = []
    data = tf.data.Dataset.range(2).map(lambda x: kinds.append(tf.executing_eagerly()) or x)
    assert len(list(data)) == 2 and kinds == [False]
    assert "enable_debug_mode" in caplog.text


def test_in_debug_mode_datasets_are_python(debugged):
    seen = []

    def double(x, y):
        if tf.executing_eagerly():
            seen.append((int(x), y.numpy().tolist()))
        return {"a": x * 2, "b": y}

    source = tf.data.Dataset.from_tensor_slices(([1, 2, 3], np.eye(3, dtype=np.float32)))
    data = source.map(double, num_parallel_calls=4).filter(lambda each: each["a"] > 2).batch(2)
    (batch,) = data.as_numpy_iterator()
    assert seen == [(1, [1, 0, 0]), (2, [0, 1, 0]), (3, [0, 0, 1])]
    np.testing.assert_array_equal(batch["a"], [4, 6])
    np.testing.assert_array_equal(batch["b"], np.eye(3)[1:])


def test_in_debug_mode_errors_come_from_the_line(debugged):
    def wrong(x):
        if tf.executing_eagerly() and x > 0:
            raise LookupError("wrong")
        return x

    data = tf.data.Dataset.range(3).map(wrong)
    with pytest.raises(LookupError, match="wrong") as caught:
        list(data)
    assert [entry.name for entry in caught.traceback if str(entry.path) == __file__][-1] == "wrong"


def test_in_debug_mode_all_that_takes_functions_works(debugged):
    data = tf.data.Dataset.range(4)
    assert data.reduce(np.int64(0), lambda s, x: s + x).numpy() == 6
    nested = data.flat_map(lambda x: tf.data.Dataset.range(x))
    assert [int(x) for x in nested] == [0, 0, 1, 0, 1, 2]
    running = data.scan(np.int64(0), lambda s, x: (s + x, s))
    assert [int(x) for x in running] == [0, 0, 1, 3]
    words = tf.data.Dataset.from_tensor_slices(["a b", "c"]).map(lambda x: tf.strings.split(x))
    assert [len(x) for x in words] == [2, 1]
    ragged = data.map(lambda x: tf.ragged.range([x]))
    assert [x.shape[0] for x in ragged] == [1] * 4
