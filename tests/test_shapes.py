"""TensorShape, Dimension and the shape rules: the expected values are what TensorFlow 2.21 gives."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapeflow.base import errors, shapes
from tapeflow.base.shapes import Dimension, TensorShape

A, P, U, S = TensorShape([2, 3]), TensorShape([None, 3]), TensorShape(None), TensorShape([])
INT = "Dimension value must be integer or None or have an __index__ method, got value "


@pytest.mark.parametrize(
    ("dims", "expected"),
    [
        (3, (3,)), (None, None), ([], ()), ((), ()), ([2, None], (2, None)), (A, (2, 3)), (np.array([2, 3]), (2, 3)),
        (np.int32(3), (3,)), (np.array(3), (3,)), ([np.int64(3)], (3,)), ([Dimension(3), Dimension(None)], (3, None)),
        (Dimension(3), (3,)), (range(3), (0, 1, 2)), ((x for x in (1, 2)), (1, 2)), ({1: 2}, (1,)),
    ],
)  # fmt: skip
def test_construction(dims: Any, expected: tuple[int | None, ...] | None) -> None:
    shape = TensorShape(dims)
    assert shape._dims == expected
    assert str(shape) == ("<unknown>" if expected is None else str(expected))
    assert repr(shape) == ("TensorShape(None)" if expected is None else f"TensorShape({list(expected)})")
    assert pickle.loads(pickle.dumps(shape))._dims == copy.deepcopy(shape)._dims == expected


@pytest.mark.parametrize(
    ("dims", "error", "text"),
    [
        ([-1], ValueError, "Dimension -1 must be >= 0"),
        (-2, ValueError, "Dimension -2 must be >= 0"),
        ([1.5], TypeError, INT + "'1.5' with type '<class 'float'>'"),
        (1.5, TypeError, INT + "'1.5' with type '<class 'float'>'"),
        ([np.float32(3)], TypeError, INT + "'np.float32(3.0)' with type '<class 'numpy.float32'>'"),
        ([[1]], TypeError, INT + "'[1]' with type '<class 'list'>'"),
        ([None, "a"], TypeError, INT + "''a'' with type '<class 'str'>'"),
        (
            "ab", TypeError,
            "Failed to convert ''ab'' to a shape: ''a''could not be converted to a dimension. A shape should either be "
            "single dimension (e.g. 10), or an iterable of dimensions (e.g. [1, 10, None]).",
        ),
    ],
)  # fmt: skip
def test_bad_construction(dims: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        TensorShape(dims)
    assert str(caught.value) == text


def test_parts() -> None:
    assert (A.rank, U.rank, S.ndims, U.ndims) == (2, None, 0, None)
    assert repr(P.dims) == "[Dimension(None), Dimension(3)]"
    assert (S.dims, U.dims) == ([], None)
    assert (A.num_elements(), P.num_elements(), U.num_elements(), S.num_elements()) == (6, None, None, 1)
    assert [shape.is_fully_defined() for shape in (A, P, U, S)] == [True, False, False, True]
    assert [bool(shape) for shape in (A, U, S)] == [True, False, True]
    assert (len(A), list(P), P.as_list(), tuple(A), list(reversed(A))) == (2, [None, 3], [None, 3], (2, 3), [3, 2])
    assert (A[0], A[-1], P[0], U[0], U[-1], A[np.int64(1)], A[Dimension(1)]) == (2, 3, None, None, None, 3, 3)
    assert type(A[0]) is int
    assert [str(s) for s in (A[0:1], P[1:], A[::-1], U[1:], U[:], U[1:3], U[-2:], U[:-2], U[3:1])] == [
        "(2,)", "(3,)", "(3, 2)", "<unknown>", "<unknown>", "(None, None)", "<unknown>", "<unknown>", "()",
    ]  # fmt: skip
    assert (np.zeros(A).shape, int(np.prod(A)), np.array(A).tolist()) == ((2, 3), 6, [2, 3])


def test_equality() -> None:
    for equal in ([2, 3], (2, 3), TensorShape([2, 3])):
        assert A == equal
    for other in ([2], "x", None, 3, U, P, ["x"]):
        assert A != other
    assert None == U  # noqa: E711
    assert P == TensorShape([None, 3])
    assert TensorShape([3]) == 3
    assert hash(A) == hash(TensorShape([2, 3])) == hash((2, 3))
    assert not isinstance(A, tuple)


def test_joining() -> None:
    for value, text in [
        (A + [4], "(2, 3, 4)"), (A + (4,), "(2, 3, 4)"), ([1] + A, "(1, 2, 3)"), (A + 3, "(2, 3, 3)"),
        (3 + A, "(3, 2, 3)"), (A + U, "<unknown>"), (U + [1], "<unknown>"), (A + None, "<unknown>"),
        (A.concatenate(4), "(2, 3, 4)"), (A.merge_with([2, None]), "(2, 3)"), (P.merge_with([2, None]), "(2, 3)"),
        (A.merge_with(None), "(2, 3)"), (U.merge_with([1]), "(1,)"), (U.with_rank(2), "(None, None)"),
        (U.with_rank(0), "()"), (A.with_rank(None), "(2, 3)"), (U.with_rank_at_least(2), "<unknown>"),
        (A.most_specific_compatible_shape([2, 4]), "(2, None)"), (A.most_specific_compatible_shape([2]), "<unknown>"),
        (U.most_specific_compatible_shape(U), "<unknown>"), (P.most_specific_compatible_shape([2, 3]), "(None, 3)"),
        (A.most_specific_common_supertype([TensorShape([2, 4])]), "(2, None)"),
    ]:  # fmt: skip
        assert str(value) == text
    assert A.most_specific_common_supertype([[1]]) is None
    assert [A.is_compatible_with(x) for x in ([2, None], None, [3, 3], [2], 3)] == [True, True, False, False, False]
    assert [A.is_subtype_of(x) for x in (TensorShape([2, None]), U, P, [2, 3])] == [True, True, True, False]
    assert [U.is_subtype_of(x) for x in (U, A)] == [True, False]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: U.as_list(), ValueError, "as_list() is not defined on an unknown TensorShape."),
        (lambda: len(U), ValueError, "Cannot take the length of shape with unknown rank."),
        (lambda: iter(U), ValueError, "Cannot iterate over a shape with unknown rank."),
        (lambda: A[2], IndexError, "tuple index out of range"),
        (lambda: U[::2], ValueError, "Steps are not yet handled"),
        (lambda: A["a"], TypeError, "tuple indices must be integers or slices, not str"),
        (lambda: A.merge_with([3, 3]), ValueError, "Shapes (2, 3) and (3, 3) are not compatible"),
        (lambda: A.merge_with([3]), ValueError, "Shapes (2, 3) and (3,) are not compatible"),
        (lambda: A.assert_is_compatible_with([3]), ValueError, "Shapes (2, 3) and [3] are incompatible"),
        (lambda: A.assert_same_rank([3]), ValueError, "Shapes (2, 3) and (3,) must have the same rank"),
        (lambda: A.assert_has_rank(3), ValueError, "Shape (2, 3) must have rank 3"),
        (lambda: A.with_rank(3), ValueError, "Shape (2, 3) must have rank 3"),
        (lambda: A.with_rank_at_least(3), ValueError, "Shape (2, 3) must have rank at least 3"),
        (lambda: A.with_rank_at_most(1), ValueError, "Shape (2, 3) must have rank at most 1"),
        (lambda: P.assert_is_fully_defined(), ValueError, "Shape (None, 3) is not fully defined"),
        (lambda: Dimension(3).merge_with(4), ValueError, "Dimensions 3 and 4 are not compatible"),
        (lambda: Dimension("3"), TypeError, INT + "''3'' with type '<class 'str'>'"),
        (lambda: hash(Dimension(3)), TypeError, "unhashable type: 'Dimension'"),
    ],
)
def test_errors(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text


def test_dimension() -> None:
    d, unknown = Dimension(3), Dimension(None)
    results = [d + 2, 2 + d, d - 1, 7 - d, d * 2, 2 * d, d // 2, 9 // d, d % 2, 7 % d, unknown + 1]
    assert [x.value for x in results] == [5, 5, 2, 4, 6, 6, 1, 3, 1, 1, None]
    assert [d == 3, d == unknown, unknown == unknown, d == None, d == "a"] == [True, None, None, None, False]  # noqa: E711
    assert [d != 3, d != 4, d < 4, d > unknown, d >= 2] == [False, True, True, None, True]
    assert (int(d), [1, 2, 3, 4][d], str(unknown), repr(d)) == (3, 4, "?", "Dimension(3)")
    assert (d.is_compatible_with(4), d.is_compatible_with(None), d.merge_with(unknown).value) == (False, True, 3)
    assert [shapes.dimension_value(x) for x in (d, 3, None, unknown, "a")] == [3, 3, None, None, "a"]
    assert (shapes.dimension_at_index(A, 1).value, shapes.dimension_at_index(U, 1).value) == (3, None)


# --- shape rules


def check(rule: Any, inputs: tuple[Any, ...], expected: Any, **attrs: Any) -> None:
    """Compares with a shape, or with the text of the error."""
    if isinstance(expected, str):
        with pytest.raises(errors.InvalidArgumentError) as caught:
            rule(*inputs, **attrs)
        assert str(caught.value) == expected
    else:
        assert rule(*inputs, **attrs) == expected


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ((2, 3), (3,), (2, 3)), ((2, 1), (1, 4), (2, 4)), ((), (2,), (2,)), ((0,), (1,), (0,)), ((2, 3), (2, 3),
        (2, 3)),
        ((None, 3), (4, 1), (4, 3)), ((None, 3), (1, None), (None, 3)), ((None, 3), (5, None), (5, 3)),
        ((None,), None, None), ((None,), (None,), (None,)), ((0,), (None,), (0,)),
        ((2, 3), (4,), "Incompatible shapes: [2,3] vs. [4]"),
        ((None, 3), (4,), "Incompatible shapes: [?,3] vs. [4]"),
        ((2,), (0,), "Incompatible shapes: [2] vs. [0]"),
    ],
)  # fmt: skip
def test_broadcast(x: shapes.Shape, y: shapes.Shape, expected: Any) -> None:
    check(shapes.broadcast, (x, y), expected)
    if not isinstance(expected, str):
        check(shapes.broadcast, (y, x), expected)


def test_broadcast_all_and_merge() -> None:
    check(shapes.broadcast_all, ((2, 1), (3,), ()), (2, 3))
    check(shapes.broadcast_all, ((2, 1), None), None)
    check(shapes.merge, ((2, None), None, (None, 3)), (2, 3))
    check(shapes.merge, (None, None), None)
    check(shapes.merge, ((2,), (3,)), "Incompatible shapes: [2] vs. [3]")
    check(shapes.same, ((2, None), (3,)), (2, None), alpha=0.2)
    check(shapes.scalar, ((2, None),), ())


@pytest.mark.parametrize(
    ("x", "axes", "keep_dims", "expected"),
    [
        ((2, 3), (0,), False, (3,)), ((2, 3), 1, True, (2, 1)), ((2, 3), (-1, 0), False, ()), ((2, 3),
        (), False, (2, 3)),
        ((None, 3), (1,), False, (None,)), ((2, 3), None, False, None), ((2, 3), None, True, (None, None)),
        (None, (0,), False, None),
        ((2, 3), (2,), False, "Invalid reduction dimension (2 for input with 2 dimension(s)"),
        ((2, 3), -3, False, "Invalid reduction dimension (-3 for input with 2 dimension(s)"),
        ((), 0, False, "Invalid reduction dimension (0 for input with 0 dimension(s)"),
        ((2, 3), (1, -1, 7), False, "Invalid reduction arguments: Axes contains duplicate dimension: 1"),
    ],
)  # fmt: skip
def test_reduce(x: shapes.Shape, axes: Any, keep_dims: bool, expected: Any) -> None:
    check(shapes.reduce, (x, axes), expected, keep_dims=keep_dims)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (((2, 3), (2, 4), 1), (2, 7)), (((2, 3), (1, 3), -2), (3, 3)), (((None, 3), (2, 4), 1), (2, 7)),
        (((None, 3), (2, None), 0), (None, 3)), (((None, 3), None, 1), (None, None)), (((2, 3), (2, 4), None),
        (None, None)),
        ((None, None, 0), None), (((5,), 0), (5,)),
        (
            ((2, 3), (2, 4), 0),
            "ConcatOp : Dimension 1 in both shapes must be equal: "
            "shape[0] = [2,3] vs. shape[1] = [2,4]",
        ),
        (((2, 3), (2,), 0), "ConcatOp : Ranks of all input tensors should match: shape[0] = [2,3] vs. shape[1] = [2]"),
        (((2, 3), (2,), 7), "ConcatOp : Expected concatenating dimensions in the range [-2, 2), but got 7"),
        (((2, 3), (2, 3), -3), "ConcatOp : Expected concatenating dimensions in the range [-2, 2), but got -3"),
        (((), (), 0), "ConcatOp : Can't concatenate scalars (use tf.stack instead)"),
        (((2,), (), 0), "ConcatOp : Can't concatenate scalars (use tf.stack instead)"),
    ],
)  # fmt: skip
def test_concat(inputs: tuple[Any, ...], expected: Any) -> None:
    check(shapes.concat, inputs, expected)


def test_matmul() -> None:
    check(shapes.matmul, ((2, 3), (3, 5)), (2, 5))
    check(shapes.matmul, ((3, 2), (5, 3)), (2, 5), transpose_a=True, transpose_b=True)
    check(shapes.matmul, ((None, None), (None, 5)), (None, 5))
    check(shapes.matmul, (None, (3, 5)), (None, 5))
    check(shapes.matmul, ((2, 3), (4, 5)), "Matrix size-incompatible: In[0]: [2,3], In[1]: [4,5]")
    check(shapes.matmul, ((3,), (3, 3)), "In[0] and In[1] has different ndims: [3] vs. [3,3]")
    check(shapes.matmul, ((3,), (3,)), "In[0] and In[1] ndims must be == 2: 1")


def test_batch_matmul() -> None:
    check(shapes.batch_matmul, ((2, 1, 3, 4), (5, 4, 3)), (2, 5, 3, 3))
    check(shapes.batch_matmul, ((None, 2, 3), (7, 3, None)), (7, 2, None))
    check(shapes.batch_matmul, ((None, 2, 3), (1, 3, None)), (None, 2, None))
    check(shapes.batch_matmul, (None, (3, 4, 1)), None)
    check(shapes.batch_matmul, ((2, 3), (4, 3)), (2, 4), adj_y=True)
    check(shapes.batch_matmul, ((7, 2, 3), (7, 4, 5)), "Matrix size-incompatible: In[0]: [7,2,3], In[1]: [7,4,5]")
    check(shapes.batch_matmul, ((3,), (3, 3)), "In[0] ndims must be >= 2: 1")
    text = "In[0] and In[1] must have compatible batch dimensions: [7,2,3] vs. [6,3,5]"
    check(shapes.batch_matmul, ((7, 2, 3), (6, 3, 5)), text)


def negative(count: int, size: int, reach: int, stride: int) -> str:
    return (
        f"Computed output size would be negative: {count} "
        f"[input_size: {size}, effective_filter_size: {reach}, stride: {stride}]"
    )


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ((7, 3, 2, "VALID"), 3), ((7, 3, 2, "SAME"), 4), ((7, 3, 1, "VALID", 2), 3),
        ((3, 7, 1, "EXPLICIT", 1, (2, 2)), 1),
        ((None, 3, 2, "SAME"), None), ((7, None, 2, "VALID"), None), ((7, None, 2, "SAME"), 4), ((0, 2, 1, "SAME"), 0),
        ((3, 4, 1, "VALID"), 0), ((3, 6, 2, "VALID"), 0),
        ((3, 5, 1, "VALID"), negative(-1, 3, 5, 1)),
        ((3, 8, 2, "VALID"), negative(-1, 3, 8, 2)),
        ((3, 7, 1, "EXPLICIT", 1, (1, 0)), negative(-2, 3, 7, 1)),
        ((3, 2, 0, "VALID"), "Stride must be > 0, but got 0"),
        ((3, 2, 1, "VALID", 0), "Dilated rates should be larger than 0."),
    ],
)  # fmt: skip
def test_conv_size(inputs: tuple[Any, ...], expected: Any) -> None:
    check(shapes.conv_size, inputs, expected)


# --- properties

sizes = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@st.composite
def hidden(draw: st.DrawFn, shape: tuple[int, ...]) -> shapes.Shape:
    """The shape with some of its sizes, or its rank, made unknown."""
    if draw(st.integers(0, 5)) == 0:
        return None
    return tuple(None if draw(st.booleans()) else size for size in shape)


@given(st.data(), sizes, sizes)
def test_broadcast_agrees_with_numpy_and_is_sound(data: st.DataObject, x: Any, y: Any) -> None:
    try:
        expected: Any = np.broadcast_shapes(x, y)
    except ValueError:
        with pytest.raises(errors.InvalidArgumentError):
            shapes.broadcast(x, y)
        return
    assert shapes.broadcast(x, y) == expected
    partly = shapes.broadcast(data.draw(hidden(x)), data.draw(hidden(y)))
    assert TensorShape(expected).is_subtype_of(TensorShape(partly))


@given(st.data(), sizes)
def test_merging_two_views_of_a_shape(data: st.DataObject, shape: Any) -> None:
    one, two = TensorShape(data.draw(hidden(shape))), TensorShape(data.draw(hidden(shape)))
    merged = one.merge_with(two)
    assert one.is_compatible_with(two)
    assert merged == two.merge_with(one)
    assert TensorShape(shape).is_subtype_of(merged)
    assert merged.is_subtype_of(one)
    assert one.is_subtype_of(one.most_specific_compatible_shape(two))
    if one.rank is not None:
        assert TensorShape(one.as_list()) == one
        assert one[:1] + one[1:] == one
