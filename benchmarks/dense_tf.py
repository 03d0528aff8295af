"""Ops on dense tensors, small and of a million elements, for tapeflow and for TensorFlow; see programs_tf.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Work = Callable[[], Any]


def _normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, np.float32)


def _places(below: int, count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, below, count)


def _fft(tf: Any, shape: tuple[int, ...]) -> Work:
    x = tf.constant(_normal(*shape) + 0j, tf.complex64)
    return lambda: tf.signal.fft(x)


def fft_small(tf: Any) -> Work:
    return _fft(tf, (64,))


def fft_big(tf: Any) -> Work:
    return _fft(tf, (1000, 1024))


def _rfft(tf: Any, shape: tuple[int, ...]) -> Work:
    x = tf.constant(_normal(*shape))
    return lambda: tf.signal.rfft(x)


def rfft_small(tf: Any) -> Work:
    return _rfft(tf, (64,))


def rfft_big(tf: Any) -> Work:
    return _rfft(tf, (1000, 1024))


def _cholesky(tf: Any, n: int) -> Work:
    x = _normal(n, n)
    matrix = tf.constant(x @ x.T / n + np.eye(n, dtype=np.float32))
    return lambda: tf.linalg.cholesky(matrix)


def cholesky_small(tf: Any) -> Work:
    return _cholesky(tf, 8)


def cholesky_big(tf: Any) -> Work:
    return _cholesky(tf, 1024)


def _svd(tf: Any, shape: tuple[int, ...]) -> Work:
    x = tf.constant(_normal(*shape))
    return lambda: tf.linalg.svd(x)[0]


def svd_small(tf: Any) -> Work:
    return _svd(tf, (8, 8))


def svd_big(tf: Any) -> Work:
    return _svd(tf, (64, 128, 128))


def _resize(tf: Any, count: int, size: int) -> Work:
    x = tf.constant(_normal(count, size, size, 3))
    return lambda: tf.image.resize(x, (2 * size, 2 * size))


def resize_small(tf: Any) -> Work:
    return _resize(tf, 1, 16)


def resize_big(tf: Any) -> Work:
    return _resize(tf, 8, 224)


def _sort(tf: Any, n: int) -> Work:
    x = tf.constant(_normal(n))
    return lambda: tf.sort(x)


def sort_small(tf: Any) -> Work:
    return _sort(tf, 100)


def sort_big(tf: Any) -> Work:
    return _sort(tf, 1_000_000)


def _top_k(tf: Any, n: int) -> Work:
    x = tf.constant(_normal(n))
    return lambda: tf.math.top_k(x, 10)[0]


def top_k_small(tf: Any) -> Work:
    return _top_k(tf, 100)


def top_k_big(tf: Any) -> Work:
    return _top_k(tf, 1_000_000)


def _segment_sum(tf: Any, n: int, segments: int) -> Work:
    x, ids = tf.constant(_normal(n)), tf.constant(np.sort(_places(segments, n)))
    return lambda: tf.math.unsorted_segment_sum(x, ids, segments)


def segment_sum_small(tf: Any) -> Work:
    return _segment_sum(tf, 100, 10)


def segment_sum_big(tf: Any) -> Work:
    return _segment_sum(tf, 1_000_000, 1000)


def _gather(tf: Any, n: int) -> Work:
    x, places = tf.constant(_normal(n, 8)), tf.constant(_places(n, n))
    return lambda: tf.gather(x, places)


def gather_small(tf: Any) -> Work:
    return _gather(tf, 10)


def gather_big(tf: Any) -> Work:
    return _gather(tf, 1_000_000)


def _scatter(tf: Any, n: int) -> Work:
    x, rows = tf.constant(np.zeros((n, 8), np.float32)), tf.constant(_normal(n, 8))
    places = tf.constant(_places(n, n)[:, None])
    return lambda: tf.tensor_scatter_nd_add(x, places, rows)


def scatter_small(tf: Any) -> Work:
    return _scatter(tf, 10)


def scatter_big(tf: Any) -> Work:
    return _scatter(tf, 1_000_000)


def _drawn(tf: Any, n: int) -> Work:
    nothing = tf.constant(0.0)  # what is drawn is not the same
    return lambda: (tf.random.normal([n]), nothing)[1]


def normal_small(tf: Any) -> Work:
    return _drawn(tf, 10)


def normal_big(tf: Any) -> Work:
    return _drawn(tf, 1_000_000)
