"""Slices and gathers against NumPy's, for keys and indices drawn at random."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tapeflow as tf
from tapeflow.base import errors

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
BASIC = {"allow_ellipsis": True, "allow_newaxis": True}


def ramp(shape: tuple[int, ...]) -> Any:
    return np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)


def gradient(function: Any, array: Any) -> Any:
    """The gradient of the sum of 2 * function(x), as a dense array."""
    x = tf.constant(array)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    seed = tf.constant(np.full(y.shape, 2, np.float32))
    return tf.convert_to_tensor(tape.gradient(y, x, output_gradients=seed)).numpy()


@st.composite
def keyed(draw: Any) -> tuple[Any, Any]:
    shape = draw(SHAPES)
    return ramp(shape), draw(hnp.basic_indices(shape, **BASIC))


@given(keyed())
@settings(max_examples=300, deadline=None)
def test_getitem(drawn: tuple[Any, Any]) -> None:
    x, key = drawn
    y = tf.constant(x)[key]
    assert y.dtype == tf.float32
    np.testing.assert_array_equal(y.numpy(), x[key], strict=True)
    expected = np.zeros_like(x)
    expected[key] = 2
    np.testing.assert_array_equal(gradient(lambda t: t[key], x), expected)


@given(keyed())
@settings(max_examples=100, deadline=None)
def test_getitem_twice_differentiable(drawn: tuple[Any, Any]) -> None:
    x, key = tf.constant(drawn[0]), drawn[1]
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x[key] ** 3.0
        g = inner.gradient(y, x)
    expected = np.zeros_like(drawn[0])
    expected[key] = 6 * drawn[0][key]
    np.testing.assert_allclose(outer.gradient(g, x).numpy(), expected, rtol=1e-6)


@given(keyed())
@settings(max_examples=100, deadline=None)
def test_out_of_bounds_as_numpy(drawn: tuple[Any, Any]) -> None:
    x, key = drawn
    moved = tuple(k + 3 if type(k) is int else k for k in (key if isinstance(key, tuple) else (key,)))
    try:
        expected = x[moved]
    except IndexError:
        with pytest.raises(errors.InvalidArgumentError, match="out of bounds"):
            tf.constant(x)[moved]
    else:
        np.testing.assert_array_equal(tf.constant(x)[moved].numpy(), expected)


@given(keyed(), st.integers(0, 1))
@settings(max_examples=100, deadline=None)
def test_mask(drawn: tuple[Any, Any], axis: int) -> None:
    x = drawn[0]
    if x.ndim <= axis:
        return
    mask = np.random.RandomState(x.size).randint(2, size=x.shape[axis : axis + 2]).astype(bool)
    expected = x[(slice(None),) * axis + (mask,)]
    np.testing.assert_array_equal(tf.boolean_mask(x, mask, axis=axis).numpy(), expected)
    if not axis:
        np.testing.assert_array_equal(tf.constant(x)[tf.constant(mask)].numpy(), expected)


@st.composite
def boxes(draw: Any) -> tuple[Any, list[int], list[int]]:
    shape = draw(SHAPES.filter(len))
    begin = [draw(st.integers(0, n)) for n in shape]
    return ramp(shape), begin, [draw(st.integers(-1, n - b)) for n, b in zip(shape, begin, strict=True)]


@given(boxes())
@settings(max_examples=100, deadline=None)
def test_slice(drawn: tuple[Any, list[int], list[int]]) -> None:
    x, begin, size = drawn
    key = tuple(slice(b, None if n == -1 else b + n) for b, n in zip(begin, size, strict=True))
    np.testing.assert_array_equal(tf.slice(x, begin, size).numpy(), x[key], strict=True)
    expected = np.zeros_like(x)
    expected[key] = 2
    np.testing.assert_array_equal(gradient(lambda t: tf.slice(t, begin, size), x), expected)


@st.composite
def picks(draw: Any) -> tuple[Any, Any, int, int]:
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
    axis = draw(st.integers(0, len(shape) - 1))
    batch = draw(st.integers(0, axis))
    places = shape[:batch] + draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4))
    kind = draw(st.sampled_from([np.int32, np.int64]))
    return ramp(shape), draw(hnp.arrays(kind, places, elements=st.integers(0, shape[axis] - 1))), axis, batch


@given(picks())
@settings(max_examples=200, deadline=None)
def test_gather(drawn: tuple[Any, Any, int, int]) -> None:
    x, places, axis, batch = drawn
    if batch and not axis:
        return
    expected = np.empty(x.shape[:axis] + places.shape[batch:] + x.shape[axis + 1 :], np.float32)
    counts = np.zeros_like(x)
    for b in np.ndindex(x.shape[:batch]):
        expected[b] = np.take(x[b], places[b], axis - batch)
        np.add.at(counts[b], (slice(None),) * (axis - batch) + (places[b],), 2)

    def gather(t: Any) -> Any:
        return tf.gather(t, places, axis=axis, batch_dims=batch)

    np.testing.assert_array_equal(gather(x).numpy(), expected, strict=True)
    np.testing.assert_array_equal(gradient(gather, x), counts)


@st.composite
def points(draw: Any) -> tuple[Any, Any]:
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
    depth = draw(st.integers(1, len(shape)))
    outer = draw(hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=4))
    columns = [draw(hnp.arrays(np.int32, outer, elements=st.integers(0, n - 1))) for n in shape[:depth]]
    return ramp(shape), np.stack(columns, -1)


@given(points())
@settings(max_examples=200, deadline=None)
def test_gather_nd_and_scatter_nd(drawn: tuple[Any, Any]) -> None:
    x, places = drawn
    key = tuple(np.moveaxis(places, -1, 0))
    np.testing.assert_array_equal(tf.gather_nd(x, places).numpy(), x[key], strict=True)
    counts = np.zeros_like(x)
    np.add.at(counts, key, 2)
    np.testing.assert_array_equal(gradient(lambda t: tf.gather_nd(t, places), x), counts)
    updates = np.full_like(x[key], 2)
    np.testing.assert_array_equal(tf.scatter_nd(places, updates, x.shape).numpy(), counts)
    np.testing.assert_array_equal(tf.tensor_scatter_nd_add(x, places, updates).numpy(), x + counts)


@given(hnp.arrays(np.int32, st.integers(0, 40), elements=st.integers(-3, 3)), st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_partition_and_stitch(x: Any, shift: int) -> None:
    parts = x % (shift + 1)
    places = tf.dynamic_partition(np.arange(len(x), dtype=np.int32), parts, shift + 1)
    values = tf.dynamic_partition(x, parts, shift + 1)
    np.testing.assert_array_equal(tf.dynamic_stitch(places, values).numpy(), x)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.float16, np.int32, np.int8, np.uint8, np.int64])
@pytest.mark.parametrize("columns", [1, 5, 300, 5000])
def test_sort_and_top_k(kind: Any, columns: int) -> None:
    x = np.random.RandomState(columns).randint(0, 120, size=(3, columns)).astype(kind)
    order = np.argsort(x, -1, kind="stable")
    np.testing.assert_array_equal(tf.argsort(x).numpy(), order)
    np.testing.assert_array_equal(tf.sort(x).numpy(), np.sort(x, -1), strict=True)
    k = (columns + 1) // 2
    largest = np.argsort(-x.astype(np.float64), -1, kind="stable")[:, :k]
    values, indices = tf.math.top_k(x, k)
    np.testing.assert_array_equal(indices.numpy(), largest)
    np.testing.assert_array_equal(values.numpy(), np.take_along_axis(x, largest, -1), strict=True)


def test_slices_are_views() -> None:
    x = tf.constant(ramp((4, 5)))
    for key in (0, (1, 2), slice(1, 3), (slice(None), None), ..., (slice(None), -1)):
        assert np.shares_memory(np.asarray(x), np.asarray(x[key])), key


def test_variables_keep_slices_of_rows() -> None:
    v = tf.Variable(ramp((4, 2)))
    for read in (lambda: tf.gather(v, [1, 1, 3]), lambda: tf.nn.embedding_lookup(v, [1, 1, 3])):
        with tf.GradientTape() as tape:
            y = read()
        g = tape.gradient(y, v)
        assert isinstance(g, tf.IndexedSlices)
        assert g.indices.numpy().tolist() == [1, 1, 3]
        assert g.dense_shape.dtype == tf.int32


def test_unique_has_no_gradient() -> None:
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.unique(x).y
    with pytest.raises(LookupError, match="gradient registry has no entry for: Unique"):
        tape.gradient(y, x)


def test_slice_of_a_variable_assigns() -> None:
    v = tf.Variable([1, 2, 3])
    tf.strided_slice(v, [0], [2], var=v).assign([7, 8])
    assert v.numpy().tolist() == [7, 8, 3]


def test_raw_ops() -> None:
    unique = tf.raw_ops.Unique(x=[1, 1])
    assert unique.y.numpy().tolist() == [1]
    assert tf.raw_ops.DynamicStitch(indices=[[0], [1]], data=[[5], [6]]).numpy().tolist() == [5, 6]
    assert "Rint" in dir(tf.raw_ops)
    with pytest.raises(TypeError, match="missing required keyword arguments: y"):
        tf.raw_ops.AddV2(x=1)


def test_raw_ops_call_inputs_as_python_does() -> None:
    raw = tf.raw_ops
    assert bool(raw.Any(input=[False, True], axis=0))  # and not `typing.Any`
    assert raw.Sum(input=[1, 2], axis=0, keep_dims=True).numpy().tolist() == [3]
    assert raw.ExpandDims(input=1, axis=0).shape == [1]
    assert raw.Squeeze(input=[[1], [2]], axis=[1]).shape == [2]
    assert [int(part[0]) for part in raw.Split(axis=0, value=[1, 2], num_split=2)] == [1, 2]
    assert raw.Where(condition=[False, True]).numpy().tolist() == [[1]]
