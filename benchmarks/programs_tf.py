"""What is timed eagerly, for tapeflow and for TensorFlow: the same functions, given the module.

Each function prepares its data and returns the work to be repeated. Those that take a `function` are timed as compiled
functions too (functions_tf.py), where it is `tf.function`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Work = Callable[[], Any]
Function = Callable[[Callable[..., Any]], Callable[..., Any]]


def _eager(python_function: Callable[..., Any]) -> Callable[..., Any]:
    return python_function


def _normal(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(shape, np.float32) * np.float32(scale)).astype(np.float32)


def mul_scalar(tf: Any) -> Work:
    x = tf.constant(3.0)
    return lambda: x * x


def mul_small(tf: Any) -> Work:
    x = tf.constant(_normal(10, 10))
    return lambda: x * x


def add_scalar(tf: Any) -> Work:
    x = tf.constant(3.0)
    return lambda: tf.add(x, x)


def add_small(tf: Any) -> Work:
    x = tf.constant(_normal(10, 10))
    return lambda: tf.add(x, x)


def matmul_tiny(tf: Any) -> Work:
    x = tf.constant([[3.0]])
    return lambda: tf.matmul(x, x)


def matmul_small(tf: Any) -> Work:
    x = tf.constant(_normal(10, 10))
    return lambda: tf.matmul(x, x)


def gradient(tf: Any) -> Work:
    x = tf.constant(3.0)

    def work() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.gradient(y, x)

    return work


def second_gradient(tf: Any) -> Work:
    x = tf.constant(3.0)

    def work() -> Any:
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = x * x
            slope = inner.gradient(y, x)
        return outer.gradient(slope, x)

    return work


def _network(tf: Any) -> Callable[..., Any]:
    w1, w2 = tf.constant(_normal(64, 128, seed=1, scale=0.1)), tf.constant(_normal(128, 32, seed=2, scale=0.1))
    return lambda x: tf.matmul(tf.tanh(tf.matmul(x, w1)), w2)


def jacobian(tf: Any) -> Work:
    x, network = tf.constant(_normal(1, 64)), _network(tf)

    def work() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = network(x)
        return tape.jacobian(y, x)

    return work


def batch_jacobian(tf: Any) -> Work:
    x, network = tf.constant(_normal(64, 64)), _network(tf)

    def work() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = network(x)
        return tape.batch_jacobian(y, x)

    return work


def _training_step(tf: Any, function: Function, variables: list[Any], images: Any, logits: Callable[..., Any]) -> Work:
    @function
    def step(images: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits(images))
            loss = tf.reduce_mean(losses)
        for variable, slope in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(0.001 * slope)
        return loss

    labels = tf.constant(np.arange(64) % 10)
    return lambda: step(images, labels)


def mlp_step(tf: Any, function: Function = _eager) -> Work:
    images = tf.constant(_normal(64, 784))
    w1, b1 = tf.Variable(_normal(784, 128, seed=1, scale=0.05)), tf.Variable(tf.zeros([128]))
    w2, b2 = tf.Variable(_normal(128, 10, seed=2, scale=0.1)), tf.Variable(tf.zeros([10]))

    def logits(x: Any) -> Any:
        return tf.matmul(tf.nn.relu(tf.matmul(x, w1) + b1), w2) + b2

    return _training_step(tf, function, [w1, b1, w2, b2], images, logits)


def mlp_step_explained(tapeflow: Any) -> Work:
    step = mlp_step(tapeflow)

    def work() -> Any:
        with tapeflow.debugging.explain_gradients():
            return step()

    return work


def cnn_step(tf: Any, function: Function = _eager) -> Work:
    images = tf.constant(_normal(64, 28, 28, 1))
    w1, b1 = tf.Variable(_normal(3, 3, 1, 32, seed=1, scale=0.3)), tf.Variable(tf.zeros([32]))
    w2, b2 = tf.Variable(_normal(3, 3, 32, 64, seed=2, scale=0.06)), tf.Variable(tf.zeros([64]))
    w3, b3 = tf.Variable(_normal(7 * 7 * 64, 10, seed=3, scale=0.02)), tf.Variable(tf.zeros([10]))

    def logits(x: Any) -> Any:
        x = tf.nn.relu(tf.nn.conv2d(x, w1, strides=1, padding="SAME") + b1)
        x = tf.nn.max_pool2d(x, ksize=2, strides=2, padding="VALID")
        x = tf.nn.relu(tf.nn.conv2d(x, w2, strides=1, padding="SAME") + b2)
        x = tf.nn.max_pool2d(x, ksize=2, strides=2, padding="VALID")
        return tf.matmul(tf.reshape(x, [64, 7 * 7 * 64]), w3) + b3

    return _training_step(tf, function, [w1, b1, w2, b2, w3, b3], images, logits)


def chain(tf: Any, function: Function = _eager) -> Work:
    @function
    def formula(x: Any) -> Any:
        return tf.tanh(x * 2.0 + 1.0) * tf.exp(-x)

    x = tf.constant(_normal(10_000_000))
    return lambda: formula(x)


def matmul_big(tf: Any) -> Work:
    x, y = tf.constant(_normal(1024, 1024)), tf.constant(_normal(1024, 1024, seed=1))
    return lambda: tf.matmul(x, y)


def sum_all(tf: Any) -> Work:
    x = tf.constant(_normal(10_000_000))
    return lambda: tf.reduce_sum(x)


def sum_axis0(tf: Any) -> Work:
    x = tf.constant(_normal(10_000, 1000))
    return lambda: tf.reduce_sum(x, axis=0)


def sum_axis1(tf: Any) -> Work:
    x = tf.constant(_normal(10_000, 1000))
    return lambda: tf.reduce_sum(x, axis=1)


def max_axis1(tf: Any) -> Work:
    x = tf.constant(_normal(10_000, 1000))
    return lambda: tf.reduce_max(x, axis=1)


def softmax_1e6(tf: Any) -> Work:
    x = tf.constant(_normal(1000, 1000))
    return lambda: tf.nn.softmax(x)


def softmax_1e7(tf: Any) -> Work:
    x = tf.constant(_normal(10_000, 1000))
    return lambda: tf.nn.softmax(x)
