"""Small programs whose graphs are written as `GraphDef`s: `test_graph_def.py` looks at them, TensorFlow runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def programs(tf: Any) -> Iterator[tuple[str, Callable[..., Any], list[np.ndarray[Any, Any]]]]:
    """Names, functions of tensors, and arrays to call them with."""
    rng = np.random.default_rng(1)
    x, w, b = (rng.normal(size=shape).astype(np.float32) for shape in [(4, 3), (3, 5), (5,)])
    labels = np.array([0, 1, 4, 2], np.int32)
    weights, bias = tf.Variable(w), tf.Variable(b)

    def mlp(x: Any, w: Any, b: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([w, b])
            logits = tf.nn.relu(x @ w + b) @ tf.transpose(w) @ w
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            loss = tf.reduce_mean(losses)
        return [loss, *tape.gradient(loss, [w, b])]

    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((x @ weights + bias) ** 2.0)
        for variable, gradient in zip([weights, bias], tape.gradient(loss, [weights, bias])):
            variable.assign_sub(0.1 * gradient)
        return loss

    def effects_in_parts(x: Any) -> Any:
        def body(i: Any) -> Any:
            bias.assign_add(x[0, 0] * tf.ones_like(bias))
            return (i + tf.cond(bias[0] > 0.5, lambda: 1, lambda: 2),)

        last = tf.while_loop(lambda i: i < 4, body, [0])
        return last, tf.cond(x[0, 0] > 0.0, lambda: bias.assign(bias * 2.0) + 0.0, lambda: bias - 1.0)

    def cond(x: Any, w: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            y = tf.cond(tf.reduce_sum(x) > 0.0, lambda: tf.sin(x) @ w, lambda: tf.matmul(x, w * 2.0) - 1.0)
        return [y, *tape.gradient(y, [x, w])]

    def variables_in_branches(x: Any) -> Any:
        return tf.cond(x[0, 0] > 0.0, lambda: x * bias[0], lambda: x - tf.reduce_sum(weights))

    def case(x: Any, labels: Any) -> Any:
        return tf.switch_case(labels[1], [lambda: x, lambda: x * 2.0, lambda: -x])

    def loop(x: Any) -> Any:
        return tf.while_loop(lambda i, y: i < 5, lambda i, y: (i + 1, y * 1.5 + x), [tf.constant(0), x])

    def loop_gradient(x: Any, w: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            body = lambda i, y: (i + 1, tf.tanh(y @ w @ tf.transpose(w)) + x)
            _, y = tf.while_loop(lambda i, y: tf.reduce_sum(y * y) < 12.0, body, [tf.constant(0), x])
        return [y, *tape.gradient(y, [x, w])]

    def nested(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            inner = lambda j, y: (j + 1, tf.cond(y[0, 0] > 1.0, lambda: y * 0.5, lambda: y * y + x))
            body = lambda i, y: (i + 1, tf.while_loop(lambda j, y: j < 2, inner, [0, y])[1])
            _, y = tf.while_loop(lambda i, y: i < 3, body, [0, x])
        return y, tape.gradient(y, x)

    def arrays(x: Any) -> Any:
        array = tf.TensorArray(tf.float32, 4)
        _, array = tf.while_loop(
            lambda i, array: i < 4, lambda i, array: (i + 1, array.write(i, x[i] * 2.0)), [0, array]
        )
        return array.stack(), array.read(1)

    def sizes(x: Any, b: Any) -> Any:
        n = tf.shape(x)[0]
        flat = tf.reshape(x, [n * tf.shape(x)[1]])
        padded = tf.pad(x, [[0, n], [1, tf.shape(b)[0] // 2]])
        return flat, padded, tf.reshape(padded, [-1, n]), tf.broadcast_to(b, [n, tf.size(b)]), tf.zeros([n, 2])

    def indexing(x: Any, labels: Any) -> Any:
        return x[1:, ::-1], x[..., tf.newaxis, 1], tf.gather(x, labels % 3), tf.concat([x, x], 1), tf.split(x, 2)

    def strings(labels: Any) -> Any:
        return tf.strings.join([tf.strings.as_string(labels), tf.constant(["a", "b", "c", "d"])], "-")

    yield "mlp", mlp, [x, w, b, labels]
    yield "step", step, [x]
    yield "effects in parts", effects_in_parts, [x]
    yield "cond", cond, [x, w]
    yield "cond, other branch", cond, [-np.abs(x), w]
    yield "variables in branches", variables_in_branches, [x]
    yield "case", case, [x, labels]
    yield "loop", loop, [x]
    yield "loop, gradient", loop_gradient, [x, w]
    yield "nested, gradient", nested, [x]
    yield "arrays", arrays, [x]
    yield "sizes", sizes, [x, b]
    yield "indexing", indexing, [x, labels]
    yield "strings", strings, [labels]
