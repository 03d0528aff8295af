"""Automatic functions that have moved to XLA still raise what the host raises for the values it is given."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.engines import xla
from tapeflow.graph import engine

pytestmark = pytest.mark.skipif(not xla.available(), reason="needs XLA")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """Functions are compiled after one call, in it, and XLA is always faster."""

    class Thread(threading.Thread):
        def start(self):
            self.run()

    class Threading:
        Lock, main_thread = threading.Lock, threading.main_thread

    def decide(choice):
        choice._settle("xla", "so the test says")

    monkeypatch.setattr(engine, "HOT", -1.0)
    monkeypatch.setattr(engine, "CALLS", 0)
    monkeypatch.setattr(engine, "TINY", 0.0)
    Threading.Thread = Thread
    monkeypatch.setattr(engine, "threading", Threading)
    monkeypatch.setattr(engine._Choice, "_decide", decide)


def hot(function, *args):
    """The function, on XLA."""
    for _ in range(len(engine.SCHEDULE) + 4):
        function(*args)
    assert "xla: so the test says" in function.explain()
    return function


W = tf.constant(np.arange(12.0, dtype=np.float32).reshape(4, 3))
PROGRAMS = {
    "gather": (lambda i: tf.gather(W, i) * 2.0, [0, 3], [0, 4], r"indices\[1\] = 4 is not in \[0, 4\)"),
    "negative": (lambda i: tf.gather(W, i, axis=1) * 2.0, [0, 2], [-1, 0], r"indices\[0\] = -1 is not in \[0, 3\)"),
    "gather_nd": (lambda i: tf.gather_nd(W, i) * 2.0, [[0, 1]], [[0, 3]], r"indices\[0\] = \[0, 3\] does not index"),
    "labels": (
        lambda i: tf.nn.sparse_softmax_cross_entropy_with_logits(i, W[:2]), [0, 2], [0, 3],
        r"Received a label value of 3 which is outside the valid range of \[0, 3\)",
    ),
    "division": (lambda i: 7 // i, [1, 2], [1, 0], "Integer division by zero"),
}  # fmt: skip


@pytest.mark.parametrize("unknown", [False, True])
@pytest.mark.parametrize("name", PROGRAMS)
def test_values_that_the_host_refuses(name, unknown):
    program, good, bad, message = PROGRAMS[name]
    good, bad = tf.constant(good), tf.constant(bad)
    signature = [tf.TensorSpec([None] * good.shape.rank, tf.int32)] if unknown else None
    function = hot(tf.function(program, input_signature=signature), good)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        function(bad)
    np.testing.assert_allclose(function(good), program(good), rtol=1e-6)


def test_variables_are_as_before():
    table, count = tf.Variable(W), tf.Variable(0)

    @tf.function
    def step(i):
        count.assign_add(1)
        table.assign_sub(0.1 * tf.reduce_sum(tf.gather(table, i)) * tf.ones_like(table))
        return count + 0

    hot(step, tf.constant([1]))
    before, calls = table.numpy(), count.numpy()
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[0\] = 9 is not in \[0, 4\)"):
        step(tf.constant([9]))
    np.testing.assert_array_equal(table.numpy(), before)
    step(tf.constant([1]))
    assert count.numpy() - calls in (1, 2)  # the host counts before it looks at the indices


def test_jit_compile_is_as_tensorflow_s():
    function = tf.function(lambda i: tf.gather(W, i), jit_compile=True)
    assert function(tf.constant([9])).shape == (1, 3)
