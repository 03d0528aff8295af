"""The convolution and pooling kernels against sums written out as loops; shapes that they refuse."""

from __future__ import annotations

from itertools import product
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.ops import convolution_kernels as conv
from tapeflow.ops import pooling_kernels as pool
from tapeflow.ops.image_windows import Windows

Array = Any
Geometry = tuple[tuple[int, int], tuple[tuple[int, int], tuple[int, int]], tuple[int, int]]


def cells(shape: tuple[int, ...], windows: Windows) -> list[tuple[int, int, list[tuple[int, int, int, int]]]]:
    """For each window (p, q) its real cells: (i, j) in the window, (r, s) in the image."""
    down, across = windows.fit(*shape[1:3])
    (top, _), (left, _) = windows.padding
    result = []
    for p, q in product(range(down), range(across)):
        inside = []
        for i, j in product(range(windows.size[0]), range(windows.size[1])):
            r = p * windows.strides[0] + i * windows.dilations[0] - top
            s = q * windows.strides[1] + j * windows.dilations[1] - left
            if 0 <= r < shape[1] and 0 <= s < shape[2]:
                inside.append((i, j, r, s))
        result.append((p, q, inside))
    return result


def slow_conv(x: Array, w: Array, windows: Windows) -> Array:
    n, _, _, c = x.shape
    per_group, o = w.shape[2:]
    groups = c // per_group
    y = np.zeros((n, *windows.fit(*x.shape[1:3]), o))
    for p, q, inside in cells(x.shape, windows):
        for (i, j, r, s), g in product(inside, range(groups)):
            ins, outs = slice(g * per_group, (g + 1) * per_group), slice(g * o // groups, (g + 1) * o // groups)
            y[:, p, q, outs] += x[:, r, s, ins].astype(float) @ w[i, j, :, outs].astype(float)
    return y


def slow_depthwise(x: Array, w: Array, windows: Windows) -> Array:
    c, m = w.shape[2:]
    y = np.zeros((x.shape[0], *windows.fit(*x.shape[1:3]), c, m))
    for p, q, inside in cells(x.shape, windows):
        for i, j, r, s in inside:
            y[:, p, q] += x[:, r, s, :, None] * w[i, j]
    return y.reshape(*y.shape[:3], c * m)


@st.composite
def geometries(draw: st.DrawFn, largest: int = 3) -> tuple[tuple[int, int], Geometry]:
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    pad = st.tuples(st.integers(0, 2), st.integers(0, 2))
    size = draw(st.tuples(st.integers(1, largest), st.integers(1, largest)))
    return size, (draw(pairs), draw(st.tuples(pad, pad)), draw(pairs))


def images(seed: int, n: int, h: int, w: int, c: int, dtype: Any = np.float64) -> Array:
    return np.random.default_rng(seed).normal(size=(n, h, w, c)).astype(dtype)


def close(got: Array, wanted: Array) -> None:
    tolerance = {8: 1e-12, 4: 1e-5, 2: 2e-2}[got.dtype.itemsize]
    scale = np.abs(wanted).max(initial=1.0)
    np.testing.assert_allclose(got.astype(float), wanted.astype(float), rtol=0, atol=tolerance * scale)


def check_conv(x: Array, w: Array, geometry: Geometry) -> None:
    strides, padding, dilations = geometry
    windows = Windows(w.shape[:2], strides, padding, dilations)
    y = conv.conv2d(x, w, *geometry)
    assert y.dtype == x.dtype
    close(y, slow_conv(x, w, windows))
    dy = images(5, *y.shape, dtype=x.dtype)
    dx, dw = (
        conv.conv2d_input_gradient(x.shape, w, dy, *geometry),
        conv.conv2d_filter_gradient(x, w.shape, dy, *geometry),
    )
    assert (dx.shape, dx.dtype, dw.shape, dw.dtype) == (x.shape, x.dtype, w.shape, w.dtype)
    # the gradients are the linear maps with <dy, conv(u, w)> = <dx, u> and <dy, conv(x, v)> = <dw, v> for all u and v
    u, v = images(6, *x.shape, dtype=x.dtype), images(7, *w.shape, dtype=x.dtype)
    dy64, scale = dy.astype(float), np.sqrt(max(1, dy.size) * max(1, w[..., :1].size))
    tolerance = {8: 1e-12, 4: 1e-5, 2: 3e-2}[x.dtype.itemsize] * scale
    assert abs((dy64 * slow_conv(u, w, windows)).sum() - (dx.astype(float) * u.astype(float)).sum()) <= 3 * tolerance
    assert abs((dy64 * slow_conv(x, v, windows)).sum() - (dw.astype(float) * v.astype(float)).sum()) <= 3 * tolerance


@settings(max_examples=60, deadline=None)
@given(
    geometries(),
    st.integers(0, 2),
    st.integers(1, 7),
    st.integers(1, 7),
    st.sampled_from([(1, 2), (2, 3), (5, 1)]),
    st.integers(1, 2),
)
def test_conv2d(window: tuple[Any, Geometry], n: int, h: int, w: int, channels: tuple[int, int], groups: int) -> None:
    size, geometry = window
    c, o = channels
    check_conv(images(0, n, h, w, c * groups), images(1, *size, c, o * groups), geometry)


SAME3 = ((1, 1), ((1, 1), (1, 1)), (1, 1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, ml_dtypes.bfloat16])
@pytest.mark.parametrize(
    "padding", [((1, 1), (1, 1)), ((0, 0), (0, 0)), ((2, 0), (0, 1)), ((2, 2), (2, 2)), ((3, 3), (4, 3))]
)
@pytest.mark.parametrize("size", [(8, 6), (5, 7), (4, 4)])
def test_winograd(dtype: Any, padding: Any, size: tuple[int, int]) -> None:
    check_conv(images(0, 3, *size, 16, dtype), images(1, 3, 3, 16, 17, dtype), ((1, 1), padding, (1, 1)))


def test_several_blocks() -> None:
    x, w = images(0, 33, 14, 14, 32, np.float32), images(1, 3, 3, 32, 64, np.float32)
    y = conv.conv2d(x, w, *SAME3)
    dy = images(2, *y.shape, dtype=np.float32)
    dx, dw = conv.conv2d_input_gradient(x.shape, w, dy, *SAME3), conv.conv2d_filter_gradient(x, w.shape, dy, *SAME3)
    for i in (0, 17, 32):
        close(y[i : i + 1], slow_conv(x[i : i + 1], w, Windows((3, 3), *SAME3)))
        close(dx[i : i + 1], conv.conv2d_input_gradient((1, 14, 14, 32), w, dy[i : i + 1], *SAME3))
    each = [conv.conv2d_filter_gradient(x[i : i + 1], w.shape, dy[i : i + 1], *SAME3) for i in range(33)]
    close(dw, np.sum(each, 0, dtype=float))
    again = conv.conv2d_filter_gradient(x, w.shape, dy, *SAME3)
    np.testing.assert_array_equal(dw, again)  # whatever thread took which block


@settings(max_examples=40, deadline=None)
@given(geometries(), st.integers(1, 2), st.sampled_from([1, 5, 16]), st.integers(4, 9))
def test_bands_of_images(window: tuple[Any, Geometry], n: int, c: int, h: int) -> None:
    before = conv.BLOCK, conv.winograd.BLOCK
    conv.BLOCK = conv.winograd.BLOCK = 64
    try:
        size, geometry = window
        check_conv(images(0, n, h, 6, c), images(1, *size, c, 16), geometry)
        check_conv(images(0, n, h, 6, 16), images(1, 3, 3, 16, 16), ((1, 1), geometry[1], (1, 1)))
    finally:
        conv.BLOCK, conv.winograd.BLOCK = before


@settings(max_examples=40, deadline=None)
@given(geometries(), st.integers(0, 2), st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(1, 2))
def test_depthwise(window: tuple[Any, Geometry], n: int, h: int, w: int, c: int, m: int) -> None:
    size, geometry = window
    x, f = images(0, n, h, w, c), images(1, *size, c, m)
    windows = Windows(size, *geometry)
    y = conv.depthwise_conv2d(x, f, *geometry)
    close(y, slow_depthwise(x, f, windows))
    dy, u, v = images(2, *y.shape), images(3, *x.shape), images(4, *f.shape)
    dx = conv.depthwise_conv2d_input_gradient(x.shape, f, dy, *geometry)
    dw = conv.depthwise_conv2d_filter_gradient(x, f.shape, dy, *geometry)
    assert (dx.shape, dw.shape) == (x.shape, f.shape)
    assert abs((dy * slow_depthwise(u, f, windows)).sum() - (dx * u).sum()) < 1e-9
    assert abs((dy * slow_depthwise(x, v, windows)).sum() - (dw * v).sum()) < 1e-9


@st.composite
def pools(draw: st.DrawFn) -> tuple[tuple[int, int], tuple[int, int], tuple[tuple[int, int], tuple[int, int]]]:
    size = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    pad = [draw(st.tuples(st.integers(0, k - 1), st.integers(0, k - 1))) for k in size]
    strides = draw(st.one_of(st.just(size), st.tuples(st.integers(1, 4), st.integers(1, 4))))
    return size, strides, (pad[0], pad[1])


@settings(max_examples=80, deadline=None)
@given(
    pools(),
    st.integers(0, 2),
    st.integers(1, 7),
    st.integers(1, 7),
    st.sampled_from([np.float32, np.float64, np.int32]),
)
def test_pools(window: Any, n: int, h: int, w: int, dtype: Any) -> None:
    windows = Windows(*window)
    x = np.round(images(0, n, h, w, 2) * 2).astype(dtype)  # many ties
    y = pool.max_pool(x, *window)
    dy, gg = np.round(images(1, *y.shape) * 9).astype(dtype), np.round(images(2, *x.shape) * 9).astype(dtype)
    best, dx, picked = np.zeros_like(y), np.zeros_like(x), np.zeros_like(y)
    mean, spread = np.zeros(y.shape), np.zeros(x.shape)
    for p, q, inside in cells(x.shape, windows):
        if not inside:
            best[:, p, q] = y[:, p, q]
            continue
        for b, c in product(range(n), range(2)):
            r, s = max(((r, s) for _, _, r, s in inside), key=lambda at: x[b, at[0], at[1], c])  # the first of equals
            best[b, p, q, c], picked[b, p, q, c] = x[b, r, s, c], gg[b, r, s, c]
            dx[b, r, s, c] += dy[b, p, q, c]
            for _, _, r, s in inside:
                mean[b, p, q, c] += x[b, r, s, c] / len(inside)
                spread[b, r, s, c] += dy[b, p, q, c] / len(inside)
    np.testing.assert_array_equal(y, best)
    np.testing.assert_array_equal(pool.max_pool_gradient(x, y, dy, *window), dx)
    np.testing.assert_array_equal(pool.max_pool_gradient_gradient(x, y, gg, *window), picked)
    if dtype != np.int32:
        close(pool.avg_pool(x, *window), mean)
        close(pool.avg_pool_gradient(x.shape, dy, *window), spread)


def test_an_infinite_gradient_stays_in_its_cell() -> None:
    x = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    window = ((2, 2), (2, 2), ((0, 0), (0, 0)))
    dx = pool.max_pool_gradient(x, pool.max_pool(x, *window), np.full((1, 2, 2, 1), np.inf, np.float32), *window)
    assert np.isinf(dx).sum() == 4 and (dx == 0).sum() == 12


def test_results_are_not_scratch_memory() -> None:
    x, w = images(0, 2, 8, 8, 16, np.float32), images(1, 3, 3, 16, 16, np.float32)
    first = conv.conv2d(x, w, *SAME3)
    kept = first.copy()
    conv.conv2d(x + 1, w, *SAME3)
    np.testing.assert_array_equal(first, kept)
    dw = conv.conv2d_filter_gradient(x, w.shape, first, *SAME3)
    kept = dw.copy()
    conv.conv2d_filter_gradient(x + 1, w.shape, first, *SAME3)
    np.testing.assert_array_equal(dw, kept)


@pytest.mark.parametrize("in_a_function", [False, True])
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tf.nn.conv2d(tf.zeros([1, 3, 3, 0]), tf.zeros([1, 1, 2, 2]), 1, "SAME"), "least one group: 0"),
        (lambda: tf.nn.convolution(tf.zeros([1, 3, 0]), tf.zeros([1, 2, 2])), "least one group: 0"),
        (lambda: tf.nn.conv3d(tf.zeros([1, 3, 3, 3, 0]), tf.zeros([1, 1, 1, 2, 2]), [1] * 5, "SAME"), "depth: 0 vs 2"),
        (lambda: tf.nn.conv3d(tf.zeros([1, 3, 3, 3, 2]), tf.zeros([1, 1, 1, 2, 0]), [1] * 5, "SAME"), "zero elements"),
        (lambda: tf.nn.max_pool2d(tf.zeros([1, 1, 3, 3, 2]), 2, 2, "SAME"), "must be rank 4 but is rank 5"),
        (lambda: tf.nn.avg_pool2d(tf.zeros([1, 1, 3, 3, 2]), 2, 2, "SAME"), "must be rank 4 but is rank 5"),
    ],
)
def test_windows_over_nothing_or_of_another_rank(call: Any, message: str, in_a_function: bool) -> None:
    with pytest.raises(ValueError if in_a_function else tf.errors.InvalidArgumentError, match=message):
        (tf.function(call) if in_a_function else call)()
