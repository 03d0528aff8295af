"""What programs made of functions showed: each test is a small part of one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tapeflow as tf


@pytest.fixture(autouse=True)
def fresh_seed() -> Any:
    yield
    tf.random.set_seed(None)  # type: ignore[arg-type]


def test_a_function_returns_known_shapes_as_tensors() -> None:
    @tf.function
    def shape_of(x: Any) -> Any:
        return x.shape

    assert shape_of(tf.ones([2, 3])).numpy().tolist() == [2, 3]
    with pytest.raises(TypeError, match="found return value of type TensorShape"):
        shape_of.get_concrete_function(tf.TensorSpec([None], tf.float32))


def test_random_ops_of_a_function_are_numbered_from_zero() -> None:
    tf.random.set_seed(3)

    @tf.function
    def draw() -> Any:
        return tf.random.normal([2]), tf.random.uniform([2]), tf.random.normal([2], seed=7)

    expected = [  # TensorFlow's, of two calls
        [[-1.864718, 0.802645], [0.77806914, 0.5052885], [-0.45067555, -0.6528815]],
        [[-0.412293, -0.25173962], [0.59841776, 0.6413938], [-0.20717622, 0.71769655]],
    ]
    for call in expected:
        np.testing.assert_allclose(draw(), call, rtol=1e-5)
    np.testing.assert_allclose(tf.random.normal([2]), [-0.8296372, -1.8266271], rtol=1e-5)  # not moved by the calls


def test_random_ops_of_branches_and_traces_have_streams_of_their_own() -> None:
    tf.random.set_seed(3)

    @tf.function
    def draw(_which: int) -> Any:
        taken = tf.cond(tf.constant(True), lambda: tf.random.normal([]), lambda: tf.random.uniform([]))
        return taken, tf.random.normal([])

    first, second = [-1.864718] * 2, [-0.42297816] * 2
    for which, expected in ((1, first), (2, first), (1, second)):
        np.testing.assert_allclose(draw(which), expected, rtol=2e-6)
    tf.random.set_seed(4)  # the trace keeps its seed, and begins again
    np.testing.assert_allclose(draw(1), first, rtol=2e-6)


def test_a_loop_goes_on_with_the_stream_of_its_body() -> None:
    tf.random.set_seed(3)

    @tf.function
    def draw() -> Any:
        drawn = tf.TensorArray(tf.float32, 3)
        for i in tf.range(3):
            drawn = drawn.write(i, tf.random.uniform([]))
        return drawn.stack()

    np.testing.assert_allclose(draw(), [0.12736404, 0.8580158, 0.88987064], rtol=1e-5)
    np.testing.assert_allclose(draw(), [0.513566, 0.565608, 0.750381], rtol=1e-5)


def test_a_seed_set_in_a_function_is_the_functions() -> None:
    tf.random.set_seed(3)

    @tf.function
    def draw() -> Any:
        tf.random.set_seed(11)
        return tf.random.normal([])

    np.testing.assert_allclose([draw(), draw()], [-0.42235455, -0.22380301], rtol=1e-5)
    np.testing.assert_allclose(tf.random.normal([2]), [-0.8296372, -1.8266271], rtol=1e-5)


def test_functions_traced_without_a_seed_never_repeat() -> None:
    @tf.function
    def draw() -> Any:
        return tf.random.normal([3])

    draw()
    tf.random.set_seed(3)
    first = draw()
    tf.random.set_seed(3)
    assert not np.array_equal(first, draw())


def test_two_reads_of_a_list_in_one_gradient() -> None:
    @tf.function
    def product(x: Any) -> Any:
        array = tf.TensorArray(tf.float32, 3).unstack(x)
        y = array.read(0) * array.read(2)
        return tf.gradients(y, x)[0]

    assert product(tf.constant([1.0, 2.0, 3.0])).numpy().tolist() == [3, 0, 1]


def test_a_range_of_floats_has_a_known_size() -> None:
    @tf.function
    def places(x: Any) -> Any:
        numbers = tf.range(tf.size(x), dtype=tf.float32)
        assert numbers.shape == [4]
        return numbers

    assert places(tf.ones([4])).numpy().tolist() == [0, 1, 2, 3]
