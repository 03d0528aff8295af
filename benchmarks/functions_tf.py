"""What is timed as compiled functions, for tapeflow and for TensorFlow: the same programs, given the module.

Each is given `tf.function` too, with its `jit_compile` chosen, and returns the work to be repeated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from programs_tf import Function, Work, _normal, chain, cnn_step, mlp_step

__all__ = ["call_scalar", "call_variables", "chain", "cnn_step", "deep_step", "lstm_step", "mlp_step"]
__all__ += ["transformer_step", "while_loop"]


def call_scalar(tf: Any, function: Function) -> Work:
    @function
    def square(x: Any) -> Any:
        return x * x

    x = tf.constant(3.0)
    return lambda: square(x)


def call_variables(tf: Any, function: Function) -> Work:
    variables = [tf.Variable(_normal(10, seed=seed)) for seed in range(8)]

    @function
    def update(change: Any) -> Any:
        for variable in variables:
            variable.assign_add(change)
        return variables[-1].value()

    change = tf.constant(_normal(10, scale=1e-3))
    return lambda: update(change)


def deep_step(tf: Any, function: Function) -> Work:
    """A hundred layers, each written out by the tracing."""
    layers = [
        (tf.Variable(_normal(64, 64, seed=seed, scale=0.18)), tf.Variable(np.zeros(64, np.float32)))
        for seed in range(100)
    ]
    variables = [variable for layer in layers for variable in layer]

    @function
    def step(x: Any, target: Any) -> Any:
        with tf.GradientTape() as tape:
            for w, b in layers:
                x = tf.nn.relu(tf.matmul(x, w) + b)
            loss = tf.reduce_mean((x - target) ** 2)
        for variable, slope in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(0.001 * slope)
        return loss

    x, target = tf.constant(_normal(32, 64)), tf.constant(_normal(32, 64, seed=1))
    return lambda: step(x, target)


def lstm_step(tf: Any, function: Function) -> Work:
    """28 rows of 28 pixels for each of 32 images; the mean of the outputs says the digit."""
    wx, wh = tf.Variable(_normal(28, 512, seed=1, scale=0.1)), tf.Variable(_normal(128, 512, seed=2, scale=0.06))
    w, b = tf.Variable(_normal(128, 10, seed=3, scale=0.3)), tf.Variable(np.zeros(10, np.float32))
    bias = tf.Variable(np.zeros(512, np.float32))
    variables = [wx, wh, bias, w, b]

    def outputs(rows: Any) -> Any:
        inputs = tf.reshape(tf.matmul(tf.reshape(rows, [28 * 32, 28]), wx) + bias, [28, 32, 512])
        entries = tf.TensorArray(tf.float32, size=28).unstack(inputs)

        def cell(t: Any, h: Any, c: Any, results: Any) -> Any:
            i, f, g, o = tf.split(entries.read(t) + tf.matmul(h, wh), 4, axis=1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
            return t + 1, h, c, results.write(t, h)

        start = (tf.constant(0), tf.zeros([32, 128]), tf.zeros([32, 128]), tf.TensorArray(tf.float32, size=28))
        return tf.while_loop(lambda t, *_: t < 28, cell, start, maximum_iterations=28)[3].stack()

    @function
    def step(rows: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = tf.matmul(tf.reduce_mean(outputs(rows), axis=0), w) + b
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            loss = tf.reduce_mean(losses)
        for variable, slope in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(0.01 * slope)
        return loss

    rows, labels = tf.constant(_normal(28, 32, 28)), tf.constant(np.arange(32) % 10)
    return lambda: step(rows, labels)


def _block_weights() -> dict[str, np.ndarray]:
    """The weights of a transformer block: 128 wide, 512 inside."""
    ones, zeros = np.ones(128, np.float32), np.zeros
    return {
        "scale1": ones, "shift1": 0 * ones, "scale2": ones.copy(), "shift2": 0 * ones,
        "qkv": _normal(128, 384, seed=1, scale=0.09), "qkv_bias": zeros(384, np.float32),
        "out": _normal(128, 128, seed=2, scale=0.09), "out_bias": zeros(128, np.float32),
        "up": _normal(128, 512, seed=3, scale=0.09), "up_bias": zeros(512, np.float32),
        "down": _normal(512, 128, seed=4, scale=0.04), "down_bias": zeros(128, np.float32),
    }  # fmt: skip


def transformer_step(tf: Any, function: Function) -> Work:
    """A block with layer normalisation before attention and before the inner layers, taught by Adam."""
    p = {name: tf.Variable(value) for name, value in _block_weights().items()}
    variables = list(p.values())
    means, squares = ([tf.Variable(np.zeros(v.shape, np.float32)) for v in variables] for _ in range(2))
    steps = tf.Variable(np.float32(0))

    def normal(x: Any, scale: Any, shift: Any) -> Any:
        mean, variance = tf.nn.moments(x, axes=[-1], keepdims=True)
        return tf.nn.batch_normalization(x, mean, variance, shift, scale, 1e-5)

    def attention(x: Any) -> Any:
        heads = tf.reshape(tf.matmul(x, p["qkv"]) + p["qkv_bias"], [16, 64, 3, 4, 32])
        q, k, v = tf.unstack(tf.transpose(heads, [2, 0, 3, 1, 4]))
        weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * 32**-0.5)
        mixed = tf.reshape(tf.transpose(tf.matmul(weights, v), [0, 2, 1, 3]), [16 * 64, 128])
        return tf.matmul(mixed, p["out"]) + p["out_bias"]

    def block(x: Any) -> Any:
        x = x + attention(normal(x, p["scale1"], p["shift1"]))
        inner = tf.nn.gelu(tf.matmul(normal(x, p["scale2"], p["shift2"]), p["up"]) + p["up_bias"])
        return x + tf.matmul(inner, p["down"]) + p["down_bias"]

    def adam(slopes: list[Any]) -> None:
        t = steps.assign_add(1.0)
        rate, root = 1e-3 / (1.0 - 0.9**t), tf.sqrt(1.0 - 0.999**t)
        for variable, mean, square, slope in zip(variables, means, squares, slopes, strict=True):
            mean.assign(0.9 * mean + 0.1 * slope)
            square.assign(0.999 * square + 0.001 * slope * slope)
            variable.assign_sub(rate * mean / (tf.sqrt(square) / root + 1e-8))

    @function
    def step(x: Any, target: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((block(x) - target) ** 2)
        adam(tape.gradient(loss, variables))
        return loss

    x, target = tf.constant(_normal(16 * 64, 128)), tf.constant(_normal(16 * 64, 128, seed=5))
    return lambda: step(x, target)


def while_loop(tf: Any, function: Function) -> Work:
    @function
    def iterate(count: Any) -> Any:
        def body(i: Any, x: Any) -> Any:
            return i + 1, x * 0.999 + 0.5

        return tf.while_loop(lambda i, _: i < count, body, (tf.constant(0), tf.constant(0.0)))[1]

    count = tf.constant(10_000)
    return lambda: iterate(count)
