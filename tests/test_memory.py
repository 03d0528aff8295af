"""A long training loop stays as large as it was."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf

STATM = Path("/proc/self/statm")


def resident() -> int:
    """Bytes of this process in memory."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not STATM.exists(), reason="reads the size of the process from /proc")
def test_ten_thousand_training_steps_do_not_grow():
    rng = np.random.default_rng(0)
    shapes = [(20, 16), (16,), (16, 4), (4,)]
    weights = [tf.Variable(rng.normal(size=shape).astype("float32") * 0.1) for shape in shapes]
    table = tf.Variable(tf.zeros([50, 20]))
    labels = tf.constant(rng.integers(0, 4, 32).astype("int32"))
    ids = tf.constant(rng.integers(0, 50, 32).astype("int32"))

    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(tf.matmul(tf.gather(table, ids), weights[0]) + weights[1])
            logits = tf.matmul(hidden, weights[2]) + weights[3]
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        *grads, rows = tape.gradient(loss, [*weights, table])
        for weight, gradient in zip(weights, grads, strict=True):
            weight.assign_sub(0.1 * gradient)
        table.scatter_sub(tf.IndexedSlices(0.1 * rows.values, rows.indices, rows.dense_shape))
        return loss

    first = float(step())
    for _ in range(1000):
        step()
    before = resident()
    for _ in range(10_000):
        last = step()
    assert resident() - before < 2 << 20
    assert float(last) < first
