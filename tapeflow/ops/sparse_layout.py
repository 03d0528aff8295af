"""Functions of sparse tensors that arrange their elements: `tf.sparse.reorder`, `reshape`, `slice`, `concat`..."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import DTypeLike, as_dtype
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.indexed_slices import IndexedSlices
from ..core.op import OPS
from ..core.symbol import Symbol
from ..core.tensor import Tensor, TensorLike
from .common import static
from .debugging import assert_equal, assert_less_equal
from .joining import concat as concatenated
from .sizes import shape as shape_of
from .sparse_ops import (
    sparse_concat,
    sparse_fill_empty_rows,
    sparse_reorder,
    sparse_reshape,
    sparse_slice,
    sparse_split,
    sparse_to_dense,
)
from .sparse_tensor import SparseTensor, SparseTensorValue, parts, sparse


def made(x: Any, *like: Any, shape: Any = None) -> SparseTensor:
    """A SparseTensor of indices, values and dense shape, of which a shape is known besides."""
    result = SparseTensor(x, *like)
    if shape is not None and isinstance(result._dense_shape, Symbol):
        result.set_shape(shape)
    return result


def known(x: TensorLike) -> tuple[Any, ...] | None:
    """The elements of an integer vector as far as they are known."""
    found = static(x)
    if type(found) is int:
        return (found,)
    return tuple(n if isinstance(n, int) else None for n in found) if type(found) is tuple else None


# ---------------------------------------------------------------- dense tensors


def to_dense(
    sp_input: Any, default_value: TensorLike | None = None, validate_indices: bool = True, name: str | None = None
) -> Tensor:
    """A sparse tensor as a Tensor.

    Args:
      sp_input: a SparseTensor.
      default_value: what stands where it has no element; 0, or the empty string, by default.
      validate_indices: whether to check that indices are in order and none comes twice.
      name: a name for the operation.

    Raises:
      TypeError: if it is no SparseTensor.
      InvalidArgumentError: if indices are out of bounds, or not in order.

    >>> tf.sparse.to_dense(tf.SparseTensor([[0, 1], [1, 0]], [1, 2], [2, 2]), -1).numpy().tolist()
    [[-1, 1], [2, -1]]
    """
    x = sparse(sp_input)
    zero = b"" if x.dtype is dtypes.string else 0
    default = np.array(zero, x.dtype.numpy) if default_value is None else default_value
    dense: Tensor = sparse_to_dense(
        x._indices, x._dense_shape, x._values, convert(default, x.dtype), validate_indices=validate_indices, name=name
    )
    if isinstance(dense, Symbol):
        dense.set_shape(x.shape)
    return dense


def from_dense(tensor: TensorLike, name: str | None = None) -> SparseTensor:
    """The elements of a Tensor that are not 0, or not the empty string.

    >>> tf.sparse.from_dense([[0, 5], [7, 0]]).values.numpy().tolist()
    [5, 7]
    """
    x = convert(tensor)
    indices = OPS["Where"](OPS["NotEqual"](x, OPS["ZerosLike"](x)))
    return made(indices, OPS["GatherNd"](x, indices), shape_of(x, out_type=dtypes.int64), shape=x.shape)


def to_indicator(sp_input: Any, vocab_size: Any, name: str | None = None) -> Tensor:
    """For each row of integers below `vocab_size`, which of them are in it.

    Args:
      sp_input: a SparseTensor of integers `[..., n]`.
      vocab_size: how many integers there are.
      name: not used.

    Returns:
      bool `[..., vocab_size]`.

    >>> tf.sparse.to_indicator(tf.SparseTensor([[0, 0], [1, 0]], [2, 0], [2, 1]), 3).numpy().tolist()
    [[False, False, True], [True, False, False]]
    """
    x = sparse(sp_input)
    column = OPS["ExpandDims"](OPS["Cast"](x._values, DstT=dtypes.int64), 1)
    indices = concatenated([x._indices[:, :-1], column], 1)
    size = OPS["Reshape"](OPS["Cast"](convert(vocab_size), DstT=dtypes.int64), (1,))
    shape = concatenated([x._dense_shape[:-1], size], 0)
    yes = OPS["Fill"](shape_of(x._values), convert(True))
    return sparse_to_dense(indices, shape, yes, convert(False), validate_indices=False)  # type: ignore[no-any-return]


def eye(
    num_rows: Any, num_columns: Any = None, dtype: DTypeLike = dtypes.float32, name: str | None = None
) -> SparseTensor:
    """A matrix with ones on the diagonal.

    >>> tf.sparse.to_dense(tf.sparse.eye(2, 3)).numpy().tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    rows, columns = [
        OPS["Cast"](convert(n), DstT=dtypes.int64) for n in (num_rows, num_rows if num_columns is None else num_columns)
    ]
    count = OPS["Minimum"](rows, columns)
    line = OPS["Range"](convert(0, dtypes.int64), count, convert(1, dtypes.int64))
    ones = OPS["Fill"](OPS["Reshape"](count, (1,)), OPS["Cast"](convert(1), DstT=as_dtype(dtype)))
    return made(OPS["Pack"](line, line, axis=1), ones, OPS["Pack"](rows, columns, axis=0))


# ---------------------------------------------------------------- order and shape


def reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The same elements in the order of rows, as most functions want them.

    >>> tf.sparse.reorder(tf.SparseTensor([[1, 0], [0, 1]], [1, 2], [2, 2])).values.numpy().tolist()
    [2, 1]
    """
    x = sparse(sp_input)
    return made(*sparse_reorder(*parts(x), name=name), x._dense_shape, shape=x.shape)


def reshape(sp_input: Any, shape: TensorLike, name: str | None = None) -> SparseTensor:
    """The same elements in another shape.

    Args:
      sp_input: a SparseTensor.
      shape: the shape; one of its sizes may be -1: as large as it must be.
      name: a name for the operation.

    Raises:
      InvalidArgumentError: if the shapes have not the same number of elements.

    >>> tf.sparse.reshape(tf.SparseTensor([[0, 1], [1, 0]], [1, 2], [2, 2]), [-1]).indices.numpy().tolist()
    [[1], [2]]
    """
    x = sparse(sp_input)
    wanted = OPS["Cast"](convert(shape), DstT=dtypes.int64)
    indices, sizes = sparse_reshape(x._indices, x._dense_shape, wanted, name=name)
    if not isinstance(sizes, Symbol):
        return SparseTensor(indices, x._values, sizes)
    found = known(wanted)
    return made(indices, x._values, sizes, shape=None if found is None else _inferred(found, x.shape))


def _inferred(wanted: tuple[Any, ...], have: TensorShape) -> list[Any]:
    sizes = [None if n == -1 else n for n in wanted]
    if -1 in wanted and have.is_fully_defined() and sizes.count(None) == 1:
        rest = int(np.prod([n for n in sizes if n is not None]))
        sizes[sizes.index(None)] = (have.num_elements() or 0) // rest if rest else None
    return sizes


def transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    """The same with its dimensions in another order, reversed by default.

    >>> tf.sparse.transpose(tf.SparseTensor([[0, 2]], [5], [1, 3])).indices.numpy().tolist()
    [[2, 0]]
    """
    x = sparse(sp_input)
    if perm is None:
        rank = x._dense_shape.shape[0]
        if rank is not None:
            perm = list(range(rank))[::-1]
        else:
            perm = OPS["ReverseV2"](OPS["Range"](0, shape_of(x._dense_shape)[0], 1), (0,))
    perm = convert(perm)
    sizes, order = x.shape, known(perm)
    if sizes.is_fully_defined() and order is not None and None not in order:
        moved: Any = list(sizes)
        for i, axis in enumerate(order):
            moved[i] = sizes[axis]
        dense: Any = convert(np.array(moved, np.int64), dtypes.int64)
    else:
        dense = OPS["GatherV2"](x._dense_shape, perm, 0)
    turned = made(OPS["GatherV2"](x._indices, perm, 1), x._values, dense)
    if order is not None and sizes.rank is not None:
        turned.set_shape([None if axis is None else sizes[axis] for axis in order])
    return reorder(turned)


def expand_dims(sp_input: Any, axis: Any = None, name: str | None = None) -> SparseTensor:
    """The same with a dimension of size 1 put in, the last by default.

    Raises:
      InvalidArgumentError: if there is no such axis.

    >>> tf.sparse.expand_dims(tf.SparseTensor([[2]], [5], [3]), 0).indices.numpy().tolist()
    [[0, 2]]
    """
    x = sparse(sp_input)
    axis = -1 if axis is None else axis
    rank = x._dense_shape.shape[0]
    if rank is None:
        rank = shape_of(x._dense_shape)[0]
    at = axis + rank + 1 if axis < 0 else axis
    before = OPS["Slice"](x._indices, (0, 0), (-1, at) if isinstance(at, int) else OPS["Pack"](-1, at, axis=0))
    after = OPS["Slice"](x._indices, (0, at) if isinstance(at, int) else OPS["Pack"](0, at, axis=0), (-1, -1))
    new = OPS["ZerosLike"](x._indices[:, :1])
    shape = x._dense_shape
    sizes = concatenated([shape[:at], convert([1], dtypes.int64), shape[at:]], 0)
    static_shape = None
    if x.shape.rank is not None and isinstance(at, int):
        static_shape = [*x.shape[:at], 1, *x.shape[at:]]
    return made(concatenated([before, new, after], 1), x._values, sizes, shape=static_shape)


def reset_shape(sp_input: Any, new_shape: TensorLike | None = None) -> SparseTensor:
    """The same elements in a shape at least as large, or, by default, as small as may be.

    Raises:
      ValueError, InvalidArgumentError: if the shape is too small, or has another rank.

    >>> tf.sparse.reset_shape(tf.SparseTensor([[0, 1]], [5], [3, 9])).dense_shape.numpy().tolist()
    [1, 2]
    """
    x = sparse(sp_input)
    if new_shape is None:
        largest = OPS["Max"](x._indices, (0,), keep_dims=False)
        sizes = OPS["Maximum"](convert(0, dtypes.int64), largest + OPS["OnesLike"](x._dense_shape))
        return made(x._indices, x._values, sizes)
    sizes = OPS["Cast"](convert(new_shape), DstT=dtypes.int64)
    sizes.shape.with_rank(1)
    rank, wanted = x._dense_shape.shape[0], sizes.shape[0]
    if rank is not None and wanted is not None and rank != wanted:
        raise ValueError(f"Dimensions {wanted} and {rank} are not compatible")
    have, found = x.shape, known(sizes)
    if have.is_fully_defined() and found is not None and None not in found:
        if any(n < m for n, m in zip(found, have)):
            shown = [np.array(n, np.int64) for n in (have.as_list(), found)]
            raise ValueError(
                "Requested new_shape should have dimension sizes >= sp_input.shape.  Found new_shape "
                f"({shown[0]}), sp_input.shape ({shown[1]})."
            )
    else:
        assert_equal(shape_of(x._dense_shape), shape_of(sizes))
        assert_less_equal(x._dense_shape, sizes)
    return made(x._indices, x._values, sizes, shape=found)


# ---------------------------------------------------------------- some of the elements


def slice(sp_input: Any, start: TensorLike, size: TensorLike, name: str | None = None) -> SparseTensor:
    """The part of a sparse tensor that begins at `start` and has at most the shape `size`.

    >>> tf.sparse.slice(tf.SparseTensor([[0, 1], [2, 2]], [5, 7], [3, 3]), [1, 1], [2, 2]).indices.numpy().tolist()
    [[1, 1]]
    """
    x = sparse(sp_input)
    first, most = [OPS["Cast"](convert(each), DstT=dtypes.int64) for each in (start, size)]
    return SparseTensor(*sparse_slice(*parts(x), first, most, name=name))


def split(sp_input: Any = None, num_split: int | None = None, axis: Any = None, name: str | None = None) -> Any:
    """A sparse tensor in `num_split` parts along an axis; the first ones may be one longer.

    Returns:
      A list of SparseTensors.

    Raises:
      ValueError: if an argument is missing.
      InvalidArgumentError: if there are more parts than the axis is long, or no such axis.

    >>> [x.shape.as_list() for x in tf.sparse.split(tf.sparse.eye(3), num_split=2, axis=1)]
    [[3, 2], [3, 1]]
    """
    for argument, value in (("sp_input", sp_input), ("num_split", num_split), ("axis", axis)):
        if value is None:
            raise ValueError(f"{argument} is required")
    assert num_split is not None
    x = sparse(sp_input)
    found = sparse_split(OPS["Cast"](convert(axis), DstT=dtypes.int64), *parts(x), num_split=num_split, name=name)
    return [SparseTensor(*found[i::num_split]) for i in range(num_split)]


def retain(sp_input: Any, to_retain: TensorLike) -> SparseTensor:
    """The elements for which `to_retain`, a boolean vector, is true.

    Raises:
      ValueError: if there are not as many.

    >>> tf.sparse.retain(tf.SparseTensor([[0], [1]], [5, 7], [2]), [False, True]).values.numpy().tolist()
    [7]
    """
    x = sparse(sp_input)
    keep = convert(to_retain)
    keep.shape.with_rank(1)
    have, wanted = x._values.shape[0], keep.shape[0]
    if have is not None and wanted is not None and have != wanted:
        raise ValueError(f"Dimensions {have} and {wanted} are not compatible")
    chosen = OPS["Reshape"](OPS["Where"](keep), (-1,))
    indices, values = [OPS["GatherV2"](each, chosen, 0) for each in (x._indices, x._values)]
    return made(indices, values, x._dense_shape, shape=x.shape)


def mask(a: IndexedSlices, mask_indices: TensorLike, name: str | None = None) -> IndexedSlices:
    """`tf.IndexedSlices` without the slices at some indices.

    >>> slices = tf.IndexedSlices(tf.constant([1.0, 2.0, 3.0]), tf.constant([4, 0, 7]))
    >>> tf.sparse.mask(slices, [0]).indices.numpy().tolist()
    [4, 7]
    """
    unwanted = convert(mask_indices, a.indices.dtype)
    same = OPS["Equal"](OPS["ExpandDims"](a.indices, 1), OPS["ExpandDims"](unwanted, 0))
    kept = OPS["LogicalNot"](OPS["Any"](same, (1,), keep_dims=False))
    chosen = OPS["Reshape"](OPS["Where"](kept), (-1,))
    values, indices = [OPS["GatherV2"](each, chosen, 0) for each in (a.values, a.indices)]
    return IndexedSlices(values, indices, a.dense_shape)


def fill_empty_rows(sp_input: Any, default_value: TensorLike, name: str | None = None) -> tuple[SparseTensor, Tensor]:
    """A sparse tensor with an element in the first column of each row that has none.

    Returns:
      The sparse tensor, and for each row whether it was empty.

    >>> filled, empty = tf.sparse.fill_empty_rows(tf.SparseTensor([[1, 1]], [5], [2, 2]), 0)
    >>> filled.values.numpy().tolist(), empty.numpy().tolist()
    ([0, 5], [True, False])
    """
    x = sparse(sp_input)
    default = convert(default_value, x.dtype)
    indices, values, empty, _ = sparse_fill_empty_rows(*parts(x), default, name=name)
    return made(indices, values, x._dense_shape, shape=x.shape), empty


# ---------------------------------------------------------------- several sparse tensors


def concat(
    axis: int, sp_inputs: Sequence[Any], expand_nonconcat_dims: bool = False, name: str | None = None
) -> SparseTensor:
    """Sparse tensors one after the other along an axis.

    Args:
      axis: the axis.
      sp_inputs: SparseTensors of one dtype and rank.
      expand_nonconcat_dims: whether the other dimensions may differ; the largest holds.
      name: a name for the operation.

    Raises:
      TypeError: for what is no SparseTensor.
      InvalidArgumentError: if shapes do not fit.

    >>> x = tf.SparseTensor([[0, 1]], [5], [1, 2])
    >>> tf.sparse.to_dense(tf.sparse.concat(1, [x, x])).numpy().tolist()
    [[0, 5, 0, 5]]
    """
    given = [sp_inputs] if isinstance(sp_inputs, (SparseTensor, SparseTensorValue)) else sp_inputs
    xs = [sparse(x) for x in given]
    if len(xs) == 1:
        return xs[0]
    shapes = [x._dense_shape for x in xs]
    if expand_nonconcat_dims:
        largest = OPS["Max"](OPS["Pack"](*shapes, axis=0), (0,), keep_dims=False)
        after = None if axis == -1 else axis + 1
        shapes = [
            concatenated([largest[:axis], x[axis:after], *([] if after is None else [largest[after:]])], 0)
            for x in shapes
        ]
    inputs = [*[x._indices for x in xs], *[x._values for x in xs], *shapes]
    found = sparse_concat(*inputs, concat_dim=axis, name=name)
    return made(*found, shape=_joined_shape([x.shape for x in xs], axis, expand_nonconcat_dims))


def _joined_shape(shapes: list[TensorShape], axis: int, expand: bool) -> list[Any] | None:
    ranks = {shape.rank for shape in shapes}
    if None in ranks or len(ranks) > 1:
        return None
    rank: int = shapes[0].rank  # type: ignore[assignment]
    found: list[Any] = []
    for i, sizes in enumerate(zip(*shapes)):
        if None in sizes:
            found.append(next((n for n in sizes if n is not None), None) if not expand and i != axis % rank else None)
        else:
            found.append(sum(sizes) if i == axis % rank else max(sizes))
    return found


def map_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> SparseTensor:
    """Calls a function with the elements in place of sparse tensors, and puts its result in their place.

    Args:
      op: gives as many elements as it gets.
      *args: arguments; SparseTensors, also in lists and dictionaries, must have the same indices.
      **kwargs: arguments by name.

    Raises:
      ValueError: if there is no SparseTensor among the arguments, or the result is no vector of elements.
      InvalidArgumentError: if indices or shapes differ.

    >>> tf.sparse.map_values(tf.add, tf.SparseTensor([[0], [2]], [5, 7], [3]), 1).values.numpy().tolist()
    [6, 8]
    """
    found: list[SparseTensor] = []
    inputs, named = _elements_of(args, found), _elements_of(kwargs, found)
    if not found:
        raise ValueError("No SparseTensor in argument list of map_values")
    first, *others = found
    for x in others:
        if x._indices is not first._indices:
            assert_equal(first._indices, x._indices, message="Mismatched indices!")
        if x._dense_shape is not first._dense_shape:
            assert_equal(first._dense_shape, x._dense_shape, message="Mismatched shapes!")
    return made(first._indices, op(*inputs, **named), first._dense_shape, shape=first.shape)


def _elements_of(value: Any, found: list[SparseTensor]) -> Any:
    if isinstance(value, SparseTensor):
        found.append(value)
        return value._values
    if isinstance(value, (list, tuple)):
        items = [_elements_of(each, found) for each in value]
        return type(value)(items) if type(value) in (list, tuple) else value
    if type(value) is dict:
        return {key: _elements_of(each, found) for key, each in value.items()}
    return value
