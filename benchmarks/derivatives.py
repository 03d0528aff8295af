"""What higher derivatives cost, each way: the table of docs/derivatives.md.

    python benchmarks/derivatives.py                  tapeflow
    python benchmarks/derivatives.py tensorflow       the same programs on TensorFlow

Each figure is the least of several times, eagerly and in a `tf.function`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from programs_tf import _normal
from worker import calls_in

SETTLING = 8.0  # seconds in which tapeflow's choice of an engine may settle

tf: Any = importlib.import_module(sys.argv[1] if __name__ == "__main__" and len(sys.argv) > 1 else "tapeflow")

W1, B1 = tf.Variable(_normal(64, 128, seed=1, scale=0.1)), tf.Variable(tf.zeros([128]))
W2, B2 = tf.Variable(_normal(128, 10, seed=2, scale=0.1)), tf.Variable(tf.zeros([10]))
WEIGHTS = [W1, B1, W2, B2]
VECTOR = [tf.constant(_normal(*weight.shape, seed=3)) for weight in WEIGHTS]
IMAGES, LABELS = tf.constant(_normal(32, 64)), tf.constant(np.arange(32) % 10)


def network(x: Any) -> Any:
    return tf.matmul(tf.tanh(tf.matmul(x, W1) + B1), W2) + B2


def losses(x: Any, labels: Any) -> Any:
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=network(x))


def loss() -> Any:
    return tf.reduce_mean(losses(IMAGES, LABELS))


def gradient() -> Any:
    with tf.GradientTape() as tape:
        value = loss()
    return tape.gradient(value, WEIGHTS)


# ---------------------------------------------------------------- the Hessian of the loss, times a vector


def back_over_back() -> Any:
    with tf.GradientTape() as tape:
        slopes = gradient()
    return tape.gradient(slopes, WEIGHTS, output_gradients=VECTOR)


def forward_over_back() -> Any:
    with tf.autodiff.ForwardAccumulator(WEIGHTS, VECTOR) as accumulator:
        slopes = gradient()
    return accumulator.jvp(slopes)


def back_over_forward() -> Any:
    with tf.GradientTape() as tape:
        with tf.autodiff.ForwardAccumulator(WEIGHTS, VECTOR) as accumulator:
            value = loss()
        slope = accumulator.jvp(value)
    return tape.gradient(slope, WEIGHTS)


# ---------------------------------------------------------------- the gradient of each example


def example_by_example() -> Any:
    rows = []
    for i in range(32):
        with tf.GradientTape() as tape:
            value = losses(IMAGES[i : i + 1], LABELS[i : i + 1])
        rows.append(tape.gradient(value, WEIGHTS))
    return [tf.stack(column) for column in zip(*rows, strict=True)]


def examples_by_jacobian() -> Any:
    with tf.GradientTape() as tape:
        values = losses(IMAGES, LABELS)
    return tape.jacobian(values, WEIGHTS)


def examples_by_map() -> Any:
    def one(example: Any) -> Any:
        x, label = example
        with tf.GradientTape() as tape:
            value = losses(x[None], label[None])
        return tape.gradient(value, WEIGHTS)

    return tf.vectorized_map(one, (IMAGES, LABELS))


# ---------------------------------------------------------------- Jacobians of the outputs by the inputs


def jacobian_of_all() -> Any:
    """Most of its blocks are zero: no example's outputs depend on another's inputs."""
    with tf.GradientTape() as tape:
        tape.watch(IMAGES)
        y = network(IMAGES)
    return tape.jacobian(y, IMAGES)


def jacobian_of_each() -> Any:
    with tf.GradientTape() as tape:
        tape.watch(IMAGES)
        y = network(IMAGES)
    return tape.batch_jacobian(y, IMAGES)


def column_by_column() -> Any:
    columns = []
    for direction in tf.unstack(tf.eye(64)):
        with tf.autodiff.ForwardAccumulator(IMAGES, tf.broadcast_to(direction, [32, 64])) as accumulator:
            y = network(IMAGES)
        columns.append(accumulator.jvp(y))
    return tf.stack(columns, axis=-1)


def hessian() -> Any:
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            value = loss()
        slope = inner.gradient(value, B1)
    return outer.jacobian(slope, B1)


PROGRAMS: list[Callable[[], Any]] = [
    loss, gradient, back_over_back, forward_over_back, back_over_forward, example_by_example, examples_by_jacobian,
    examples_by_map, jacobian_of_all, jacobian_of_each, column_by_column, hessian,
]  # fmt: skip


def least(work: Callable[[], Any], seconds: float = 0.4) -> float:
    times = [calls_in(work, 1) for _ in range(3)][1:]
    while sum(times) < seconds:
        times.append(calls_in(work, 1))
    return min(times)


def main() -> None:
    eager = [least(program) for program in PROGRAMS]  # before anything compiles in the background
    print(f"{'':24}{'eager':>10}{'function':>12}")
    for program, seconds in zip(PROGRAMS, eager, strict=True):
        function = tf.function(program)
        least(function, SETTLING)
        print(f"{program.__name__:24}{seconds * 1e3:7.2f} ms{least(function) * 1e3:9.2f} ms", flush=True)


if __name__ == "__main__":
    main()
