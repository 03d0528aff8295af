"""Kernels that go different ways for small, long and big arrays give the same on each."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.ops import cholesky_kernels, decompositions, resize, solving, sorting

ROWS = {
    "normal": lambda random, shape: random.standard_normal(shape).astype(np.float32),
    "doubles": lambda random, shape: random.standard_normal(shape),
    "few values": lambda random, shape: random.integers(-5, 5, shape).astype(np.float32),
    "integers": lambda random, shape: random.integers(-(2**31), 2**31, shape).astype(np.int32),
    "zeros of both signs": lambda random, shape: np.where(random.random(shape) < 0.5, 0.0, -0.0),
    "infinities": lambda random, shape: np.where(random.random(shape) < 0.5, -np.inf, np.inf).astype(np.float32),
    "some NaN": lambda random, shape: np.where(random.random(shape) < 1e-3, np.nan, 1.0).astype(np.float32),
}


@pytest.mark.parametrize("kind", ROWS)
def test_the_largest_of_long_rows(kind):
    random = np.random.default_rng(0)
    for columns, k in ((sorting._LONG, 1), (sorting._LONG, 31), (50_001, 10)):
        x = ROWS[kind](random, (3, columns))
        values, indices = tf.math.top_k(x, k)
        wanted = sorting._in_order(x, k) if k > 1 else x.argmax(-1, keepdims=True)
        np.testing.assert_array_equal(indices, wanted)
        np.testing.assert_array_equal(values, np.take_along_axis(x, wanted, -1))


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
@pytest.mark.parametrize("count", [5, 100, 1000])
def test_rows_added_at_places_that_come_twice(count, dtype):
    random = np.random.default_rng(1)
    places = random.integers(0, 50, count)
    rows = random.integers(-9, 9, (count, 7)).astype(dtype)
    wanted = np.zeros((50, 7), dtype)
    np.add.at(wanted, places, rows)
    np.testing.assert_array_equal(tf.tensor_scatter_nd_add(tf.zeros([50, 7], dtype), places[:, None], rows), wanted)
    np.testing.assert_array_equal(tf.scatter_nd(places[:, None], rows, [50, 7]), wanted)
    np.testing.assert_array_equal(tf.math.unsorted_segment_sum(rows, places, 50), wanted)
    np.testing.assert_array_equal(tf.math.unsorted_segment_sum(rows[:, 0], places, 50), wanted[:, 0])


def test_places_that_are_not_there():
    for places in ([[1], [5]], [[-1], [0]]):
        with pytest.raises(tf.errors.InvalidArgumentError, match="does not index into"):
            tf.tensor_scatter_nd_add(tf.zeros([5, 2]), places, tf.ones([2, 2]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="out of range"):
        tf.math.unsorted_segment_sum([1.0, 2.0], [0, 3], 3)
    np.testing.assert_array_equal(tf.math.unsorted_segment_sum([1.0, 2.0], [0, -1], 2), [1, 0])
    few = np.int16([0, -1])  # of which, seen as unsigned, none is as large as the number of segments
    assert tf.reduce_sum(tf.math.unsorted_segment_sum([1.0, 2.0], few, 70000)) == 1


@pytest.mark.parametrize("method", ["bilinear", "bicubic", "area", "lanczos3"])
@pytest.mark.parametrize(("shape", "size"), [
    ((2, 9, 7, 3), (20, 5)), ((1, 150, 90, 3), (333, 200)), ((2, 200, 310, 1), (77, 140)), ((1, 140, 90, 9), (300, 60)),
])  # fmt: skip
def test_images_made_in_blocks(monkeypatch, method, shape, size):
    images = np.random.default_rng(2).standard_normal(shape).astype(np.float32)
    found = tf.image.resize(images, size, method).numpy()
    images[-1, 2, 1, 0] = np.nan
    spoilt = tf.image.resize(images, size, method).numpy()
    for small in (resize._at_once, resize._by_blocks):
        monkeypatch.setattr(resize, small.__name__, functools.partial(resize._resampled, np))
    plain = tf.image.resize(images, size, method).numpy()
    np.testing.assert_array_equal(np.isnan(spoilt), np.isnan(plain))
    np.testing.assert_allclose(found[~np.isnan(plain)], plain[~np.isnan(plain)], atol=3e-6)


@pytest.mark.parametrize("method", ["bilinear", "nearest", "bicubic", "area", "lanczos3"])
@pytest.mark.parametrize("shape", [(1, 2, 2, 0), (0, 2, 2, 0), (2, 2, 0), (40, 100, 100, 0)])
def test_images_without_channels(method, shape):
    for function in (tf.image.resize, tf.function(tf.image.resize)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="image must have at least one channel"):
            function(tf.zeros(shape), (3, 3), method)


def test_images_of_unknown_rank():
    with pytest.raises(ValueError, match="'images' contains no shape"):
        tf.function(lambda x: tf.image.resize(x, [3, 3])).get_concrete_function(tf.TensorSpec(None))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64])
@pytest.mark.parametrize("n", [1, 8, 70, 700])
def test_cholesky_factors(n, dtype):
    random = np.random.default_rng(3)
    x = random.standard_normal((n, n)) + (1j * random.standard_normal((n, n)) if dtype == np.complex64 else 0)
    matrix = (x @ x.conj().T / n + np.eye(n)).astype(dtype)
    factor = tf.linalg.cholesky(matrix).numpy()
    exact = np.linalg.cholesky(matrix.astype(np.result_type(dtype, np.float64)))
    assert factor.dtype == dtype
    np.testing.assert_allclose(factor, exact, rtol=0, atol=2 * np.sqrt(n) * np.finfo(dtype).eps)
    matrix[n // 2, n // 2] = -1
    failed = tf.linalg.cholesky([matrix, np.eye(n, dtype=dtype)]).numpy() if n < 100 else [tf.linalg.cholesky(matrix)]
    np.testing.assert_array_equal(np.isnan(failed[0]), np.tri(n) == 1)
    if n < 100:
        np.testing.assert_array_equal(failed[1], np.eye(n))


def test_without_the_loops_of_numpy(monkeypatch):
    matrix = tf.constant([[4.0, 2.0], [2.0, 5.0]])
    functions = (
        tf.linalg.cholesky, tf.linalg.svd, tf.linalg.eigh, tf.linalg.inv, lambda x: tf.linalg.solve(x, x),
        lambda x: tf.linalg.cholesky(-x),
    )  # fmt: skip
    with_loops = [function(matrix) for function in functions]
    for module in (cholesky_kernels, decompositions, solving):
        monkeypatch.setattr(module, "loop", lambda _: None)
    for function, wanted in zip(functions, with_loops, strict=True):
        tf.nest.map_structure(lambda x, y: np.testing.assert_allclose(x, y, atol=1e-6), function(matrix), wanted)
