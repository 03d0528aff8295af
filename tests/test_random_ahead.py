"""Random numbers made ahead of calls are those that the calls would draw."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.ops import philox, random_ahead
from tapeflow.ops.philox import RESERVED, Stream

CARRY = 2**64 - 50 * 784 * RESERVED // 2  # the counter's lower half overflows on the way


@pytest.mark.parametrize("draw", [philox.uniform, philox.normal])
@pytest.mark.parametrize("size", [64, 66, 784, 2048, 5000])
@pytest.mark.parametrize("start", [0, 7 << 64 | CARRY])
def test_calls_in_a_row(draw, size, start):
    for i in range(25):
        stream = Stream(5, start + i * size * RESERVED)
        found = random_ahead.drawn(draw, stream, size, np.dtype(np.float32), size * RESERVED)
        np.testing.assert_array_equal(found, draw(stream, size, np.dtype(np.float32)))


def test_streams_in_turn_and_from_the_beginning():
    def numbers():
        tf.random.set_seed(1)
        rows = []
        for i in range(30):
            rows.append(tf.random.uniform([100], seed=i % 3).numpy())
            rows.append(tf.random.normal([50, 2], seed=i % 2).numpy().ravel())
            if i % 7 == 0:
                rows.append(tf.random.uniform([64]).numpy())
        return np.concatenate(rows)

    first = numbers()
    np.testing.assert_array_equal(numbers(), first)
    random_ahead._kept.streams.clear()
    np.testing.assert_array_equal(numbers(), first)


def test_few_streams_are_kept():
    for seed in range(100):
        for _ in range(3):
            tf.random.uniform([100], seed=seed)
    assert len(random_ahead._kept.streams) <= random_ahead.STREAMS


def test_numbers_are_nobody_elses():
    a, b = (tf.random.uniform([64], seed=9).numpy() for _ in range(2))
    c, d = (tf.random.uniform([64], seed=9).numpy() for _ in range(2))
    assert not any(np.shares_memory(x, y) for x, y in [(a, b), (b, c), (c, d)])
