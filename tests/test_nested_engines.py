"""Functions with an engine of their own, called by others."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf

pytest.importorskip("jax")


@pytest.fixture
def nested():
    v = tf.Variable([1.0, 2.0])
    inner = tf.function(lambda x: (v.assign_add(x), tf.sin(x) * v)[1], jit_compile=True)
    outer = tf.function(lambda x: inner(x) * 2.0 + tf.cast(tf.strings.length("ab"), tf.float32), autograph=False)
    return v, outer


def test_a_compiled_function_stays_on_xla_in_one_that_cannot_go_there(nested):
    v, outer = nested
    x = tf.constant([0.5, 1.0])
    expected = np.sin([0.5, 1.0]) * np.array([1.5, 3.0]) * 2 + 2
    np.testing.assert_allclose(outer(x), expected, rtol=1e-6)
    assert v.numpy().tolist() == [1.5, 3.0]
    (node,) = [node for node in outer.get_concrete_function(x).graph.get_operations() if node.type == "Case"]
    assert node.get_attr("on_xla")


def test_gradients_flow_through_the_call(nested):
    v, _ = nested
    square = tf.function(lambda x: x * x * v, jit_compile=True)

    @tf.function(autograph=False)
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = square(x) * 2.0
        tf.print("", end="")
        return tape.gradient(y, [x, v])

    x = tf.constant([3.0, 4.0])
    dx, dv = slope(x)
    np.testing.assert_allclose(dx, [12.0, 32.0])
    np.testing.assert_allclose(dv, [18.0, 32.0])


def test_what_xla_refuses_is_refused_inside_too():
    inner = tf.function(lambda x: tf.unique(x)[0], jit_compile=True)
    outer = tf.function(lambda x: inner(x) + 1, jit_compile=None, autograph=False)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Unique"):
        outer(tf.constant([1, 1, 2]))


def test_within_a_compiled_function_it_is_a_part_of_it():
    inner = tf.function(lambda x: x + 1.0, jit_compile=True)
    outer = tf.function(lambda x: inner(x) * 2.0, jit_compile=True, autograph=False)
    assert outer(tf.constant(1.0)).numpy() == 4.0
    kinds = [node.type for node in outer.get_concrete_function(tf.constant(1.0)).graph.get_operations()]
    assert "Case" not in kinds


def test_without_xla_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("tapeflow.engines.xla.available", lambda: False)
    with pytest.raises(ImportError, match=r"jit_compile=True needs XLA.*pip install 'tapeflow\[xla\]'"):
        tf.function(lambda x: x + 1.0, jit_compile=True)(tf.constant(1.0))
    assert tf.function(lambda x: x + 1.0)(tf.constant(1.0)).numpy() == 2.0
