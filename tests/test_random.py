"""Random numbers: what the recordings of TensorFlow do not show."""

from __future__ import annotations

import hashlib
import threading

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.ops import philox
from tapeflow.ops.philox import Stream


def test_numbers_differ_without_a_seed() -> None:
    tf.random.set_seed(None)  # type: ignore[arg-type]
    first, second = tf.random.uniform([8]).numpy(), tf.random.uniform([8]).numpy()
    assert (first != second).all()


def test_threads_share_the_sequence() -> None:
    def draw() -> None:
        drawn.append(tf.random.uniform([3], seed=1).numpy())

    drawn: list[np.ndarray] = []
    tf.random.set_seed(5)
    draw()
    thread = threading.Thread(target=draw)
    thread.start()
    thread.join()
    tf.random.set_seed(5)
    draw()
    draw()
    np.testing.assert_array_equal(drawn[:2], drawn[2:])
    assert (drawn[0] != drawn[1]).any()


def test_few_words_are_those_of_many() -> None:
    key, offsets = 0x0123456789ABCDEF, np.arange(40, dtype=np.uint64)
    for counter in (0, 5 << 64 | 7, 2**64 - 20, 2**128 - 20, 2**96 - 3):
        even, odd = Stream(key, counter).words(offsets)
        even, odd = even.copy(), odd.copy() & np.uint64(0xFFFFFFFF)
        for start in range(0, 40, 4):
            some = Stream(key, counter).words(offsets[start : start + 4])
            np.testing.assert_array_equal(even[:, start : start + 4], some[0])
            np.testing.assert_array_equal(odd[:, start : start + 4], some[1])


@pytest.mark.parametrize("dtype", [tf.float16, tf.bfloat16, tf.float32, tf.float64])
def test_statistics(dtype: tf.DType) -> None:
    tf.random.set_seed(2)
    n = 200_000
    uniform = tf.random.uniform([n], dtype=dtype).numpy().astype(np.float64)
    normal = tf.random.normal([n], dtype=dtype).numpy().astype(np.float64)
    truncated = tf.random.truncated_normal([n], dtype=dtype).numpy().astype(np.float64)
    assert uniform.min() >= 0 and uniform.max() < 1
    assert abs(uniform.mean() - 0.5) < 0.01 and abs(uniform.var() - 1 / 12) < 0.002
    assert abs(normal.mean()) < 0.01 and abs(normal.std() - 1) < 0.01
    assert abs(truncated).max() <= 2 and abs(truncated.mean()) < 0.01 and abs(truncated.std() - 0.88) < 0.01


def test_blocks_do_not_show() -> None:
    whole = tf.random.stateless_normal([200_001], [1, 2]).numpy()
    np.testing.assert_array_equal(tf.random.stateless_normal([70_000], [1, 2]).numpy(), whole[:70_000])


def test_the_global_generator() -> None:
    tf.random.set_global_generator(tf.random.Generator.from_seed(7))
    first = tf.random.get_global_generator().normal([3])
    np.testing.assert_array_equal(first, tf.random.Generator.from_seed(7).normal([3]))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_few_numbers_are_those_of_many(dtype: str) -> None:
    kind = tf.as_dtype(dtype).numpy
    for draw in (philox.uniform, philox.normal):
        for i in range(200):
            stream = Stream(0x9E3779B97F4A7C15 * i % 2**64, i << 64 | 2**64 - 2)
            np.testing.assert_array_equal(draw(stream, i % 16 + 1, kind), draw(stream, 40, kind)[: i % 16 + 1])


def test_a_million_normal_numbers_are_those_of_tensorflow() -> None:
    """To the last bit; the digest is that of what TensorFlow 2.21 draws, with version 2.36 of the GNU C library."""
    drawn = tf.random.stateless_normal([1_000_000], seed=[1, 2]).numpy()
    digest = "0dded55288b21cb7d4cbae7e731097d8789cf948e54a887df3b3c650c81e3894"
    assert hashlib.sha256(drawn.tobytes()).hexdigest() == digest
