"""Training steps that take elements of datasets: the host takes the element, the rest runs on an engine of its own."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.engines import xla
from tapeflow.graph.executable import Executable
from tapeflow.graph.plan import Plan
from tapeflow.graph.stages import Staged, stages

X = np.arange(24, dtype=np.float32).reshape(8, 3)


def batches():
    return tf.data.Dataset.from_tensor_slices((X, np.arange(8))).batch(4)


def step_function():
    w = tf.Variable(tf.ones([3, 1]))

    @tf.function
    def step(iterator):
        x, label = next(iterator)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((tf.matmul(x, w)[:, 0] - tf.cast(label, tf.float32)) ** 2)
        w.assign_sub(1e-3 * tape.gradient(loss, w))
        return tf.experimental.Optional.from_value({"loss": loss, "label": label})

    return step, w


def run(step, count=4):
    found = []
    for _ in range(count):
        iterator = iter(batches())
        for _ in range(2):
            value = step(iterator).get_value()
            found.append((float(value["loss"]), value["label"].numpy().tolist()))
    return found


def by_hand():
    w, found = np.ones((3, 1), np.float32), []
    for _ in range(4):
        for part in (slice(0, 4), slice(4, 8)):
            x, label = X[part], np.arange(8)[part]
            off = (x @ w)[:, 0] - label
            found.append((float((off**2).mean()), label.tolist()))
            w = w - 1e-3 * (2 / 4 * x.T @ off[:, None])
    return found


def test_the_host_alone_and_in_stages():
    step, _ = step_function()
    expected = by_hand()
    got = run(step)
    assert [label for _, label in got] == [label for _, label in expected]
    np.testing.assert_allclose([loss for loss, _ in got], [loss for loss, _ in expected], rtol=1e-5)


@pytest.mark.skipif(not xla.available(), reason="needs JAX")
def test_the_middle_compiles():
    step, _ = step_function()
    concrete = step.get_concrete_function(iter(batches()))
    parts = stages(concrete.graph, concrete.graph.results, concrete.symbols)
    assert parts is not None
    assert [node.type for node in parts.between[0].nodes if "Iterator" in node.type or "Optional" in node.type] == []
    engine = Staged(parts, Executable(*parts.between))
    call = engine.entry(concrete.graph.structured_outputs, concrete._arrays)
    iterator = iter(batches())
    losses = [float(call([iterator._handle]).get_value()["loss"]) for _ in range(2)]
    np.testing.assert_allclose(losses, [loss for loss, _ in by_hand()[:2]], rtol=1e-5)
    with pytest.raises(tf.errors.OutOfRangeError):
        call([iterator._handle])


def test_the_end_changes_no_variable():
    step, w = step_function()
    iterator = iter(batches())
    step(iterator), step(iterator)
    before = w.numpy()
    with pytest.raises(tf.errors.OutOfRangeError, match="End of sequence"):
        step(iterator)
    np.testing.assert_array_equal(w.numpy(), before)


def test_elements_that_depend_on_others_stay_on_the_host():
    @tf.function
    def first_of(iterator):
        if tf.reduce_sum(next(iterator)[0]) > 0:
            return next(iterator)[1]
        return tf.constant([0], tf.int64)

    assert first_of(iter(batches())).numpy().tolist() == [4, 5, 6, 7]


@pytest.mark.parametrize("structure", [lambda x: x, lambda x: (x, {"b": x + 1, "a": [x]}), lambda x: {"b": x, "a": -x}])
def test_what_a_stage_hands_out_has_its_structure(structure):
    @tf.function
    def step(iterator):
        return tf.experimental.Optional.from_value(structure(next(iterator)))

    iterator = iter(tf.data.Dataset.from_tensor_slices(np.arange(6.0)).batch(2))
    for row in ([0.0, 1.0], [2.0, 3.0], [4.0, 5.0]):
        expected = tf.experimental.Optional.from_value(structure(tf.constant(row, tf.float64))).get_value()
        found = step(iterator).get_value()
        tf.nest.assert_same_structure(found, expected)
        for a, b in zip(tf.nest.flatten(found), tf.nest.flatten(expected), strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())


def many_steps_function(jit_compile=None):
    w = tf.Variable(tf.ones([3, 1]))

    @tf.function(jit_compile=jit_compile)
    def steps(iterator):
        def step(taken):
            x, label = taken.get_value()
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((tf.matmul(x, w)[:, 0] - tf.cast(label, tf.float32)) ** 2)
            w.assign_sub(1e-3 * tape.gradient(loss, w))
            return tf.experimental.Optional.from_value((loss, label))

        spec = tf.TensorSpec([]), tf.TensorSpec([None], tf.int64)
        result, taken = tf.experimental.Optional.empty(spec), iterator.get_next_as_optional()
        for _ in tf.range(2):
            if taken.has_value():
                result = step(taken)
            taken = iterator.get_next_as_optional()
        return result

    return steps


@pytest.mark.parametrize("jit_compile", [None, False])
def test_several_steps_a_call(jit_compile):
    steps = many_steps_function(jit_compile)
    got = []
    for _ in range(4):
        loss, label = steps(iter(batches())).get_value()
        got.append((float(loss), label.numpy().tolist()))
    assert [label for _, label in got] == [[4, 5, 6, 7]] * 4
    np.testing.assert_allclose([loss for loss, _ in got], [loss for loss, _ in by_hand()[1::2]], rtol=1e-5)
    assert ("elements are taken on the host" in steps.explain()) is (jit_compile is None and xla.available())


@pytest.mark.skipif(not xla.available(), reason="needs JAX")
def test_each_of_several_steps_runs_on_xla(monkeypatch):
    engines = []

    def compiled(graph, outputs, inputs):
        parts = stages(graph, outputs, inputs)
        engines.append(Staged(parts, Executable(*parts.between)))
        return engines[-1]

    monkeypatch.setattr("tapeflow.graph.engine.staged_for", compiled)
    monkeypatch.setattr("tapeflow.graph.engine.engine_for", lambda *given: Plan(*given[:3]))
    steps = many_steps_function()
    losses = [float(steps(iter(batches())).get_value()[0]) for _ in range(4)]
    assert len(engines) == 1
    np.testing.assert_allclose(losses, [loss for loss, _ in by_hand()[1::2]], rtol=1e-5)
