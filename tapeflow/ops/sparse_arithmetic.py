"""Functions that compute with sparse tensors: `tf.sparse.add`, `reduce_sum`, `sparse_dense_matmul`..."""

from __future__ import annotations

from typing import Any

from ..base import dtypes
from ..base.dtypes import DTypeLike, as_dtype
from ..core.convert import convert
from ..core.op import OPS
from ..core.symbol import Symbol
from ..core.tensor import Tensor, TensorLike
from .common import conj, static
from .sparse_layout import made
from .sparse_math import (
    sparse_add,
    sparse_reduce_max,
    sparse_reduce_max_sparse,
    sparse_reduce_sum,
    sparse_reduce_sum_sparse,
    sparse_softmax,
    sparse_sparse_maximum,
    sparse_sparse_minimum,
    sparse_tensor_dense_add,
    sparse_tensor_dense_mat_mul,
)
from .sparse_tensor import SparseTensor, SparseTensorValue, parts, sparse


def _is_sparse(x: Any) -> bool:
    return isinstance(x, (SparseTensor, SparseTensorValue))


def add(a: Any, b: Any, threshold: TensorLike = 0) -> Any:
    """The sum of two tensors, of which at least one is sparse.

    Args:
      a: a SparseTensor or a Tensor.
      b: another of the same shape and dtype.
      threshold: elements of a sparse result that are smaller are left out.

    Returns:
      A SparseTensor, if both are sparse; a Tensor else.

    Raises:
      TypeError: if none is sparse.
      InvalidArgumentError: if dtypes or shapes differ.

    >>> x = tf.SparseTensor([[0], [2]], [5, 7], [3])
    >>> tf.sparse.add(x, x).values.numpy().tolist(), tf.sparse.add(x, [1, 1, 1]).numpy().tolist()
    ([10, 14], [6, 1, 8])
    """
    if not _is_sparse(a) and not _is_sparse(b):
        raise TypeError("At least one input should be SparseTensor; do you mean to use tf.add()?")
    if _is_sparse(a) and _is_sparse(b):
        x, y = sparse(a), sparse(b)
        real = x.dtype.real_dtype
        found = sparse_add(*parts(x), *parts(y), convert(threshold, real))
        return made(*found, shape=x.shape if x.shape.rank is not None else y.shape)
    if _is_sparse(b):
        a, b = b, a
    x = sparse(a)
    return sparse_tensor_dense_add(*parts(x), convert(b))


def maximum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The larger of the elements of two sparse tensors; what one has not counts as 0.

    >>> x, y = tf.SparseTensor([[0], [1]], [5, -7], [3]), tf.SparseTensor([[0]], [6], [3])
    >>> tf.sparse.maximum(x, y).values.numpy().tolist()
    [6, 0]
    """
    x, y = sparse(sp_a), sparse(sp_b)
    found = sparse_sparse_maximum(*parts(x), *parts(y), name=name)
    return made(*found, x._dense_shape, shape=x.shape)


def minimum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The smaller of the elements of two sparse tensors; what one has not counts as 0.

    >>> x, y = tf.SparseTensor([[0], [1]], [5, -7], [3]), tf.SparseTensor([[0]], [6], [3])
    >>> tf.sparse.minimum(x, y).values.numpy().tolist()
    [5, -7]
    """
    x, y = sparse(sp_a), sparse(sp_b)
    found = sparse_sparse_minimum(*parts(x), *parts(y), name=name)
    return made(*found, x._dense_shape, shape=x.shape)


def _reduced(dense: Any, thin: Any, sp_input: Any, axis: Any, keepdims: Any, is_sparse: bool, name: str | None) -> Any:
    x = sparse(sp_input)
    rank = x._dense_shape.shape[0]
    if axis is None:
        axis = tuple(range(rank)) if rank is not None else ()
    axis = static(axis)
    axis = tuple(axis) if isinstance(axis, list) else axis
    if is_sparse:
        return SparseTensor(*thin(*parts(x), axis, keep_dims=bool(keepdims), name=name))
    result = dense(*parts(x), axis, keep_dims=bool(keepdims), name=name)
    sizes = x.shape
    if isinstance(result, Symbol) and sizes.rank is not None and isinstance(axis, (int, tuple)):
        gone = {i % sizes.rank for i in ((axis,) if isinstance(axis, int) else axis) if isinstance(i, int)}
        result.set_shape([1 if i in gone else n for i, n in enumerate(sizes) if keepdims or i not in gone])
    return result


def reduce_sum(
    sp_input: Any, axis: Any = None, keepdims: bool | None = None, output_is_sparse: bool = False,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The sum of the elements, along axes or of all.

    Args:
      sp_input: a SparseTensor.
      axis: an axis or a list of them; all by default.
      keepdims: whether they are kept with size 1.
      output_is_sparse: whether a SparseTensor is wanted.
      name: a name for the operation.

    Raises:
      InvalidArgumentError: if there is no such axis.

    >>> tf.sparse.reduce_sum(tf.SparseTensor([[0, 1], [1, 1]], [5, 7], [2, 3]), 0).numpy().tolist()
    [0, 12, 0]
    """
    return _reduced(sparse_reduce_sum, sparse_reduce_sum_sparse, sp_input, axis, keepdims, output_is_sparse, name)


def reduce_max(
    sp_input: Any, axis: Any = None, keepdims: bool | None = None, output_is_sparse: bool = False,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The largest of the elements that are there, along axes or of all; 0 where there is none. See `reduce_sum`.

    >>> tf.sparse.reduce_max(tf.SparseTensor([[0, 1], [1, 1]], [5, -7], [3, 3]), 1).numpy().tolist()
    [5, -7, 0]
    """
    return _reduced(sparse_reduce_max, sparse_reduce_max_sparse, sp_input, axis, keepdims, output_is_sparse, name)


def softmax(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The softmax of the elements that are there in each row of the last dimension.

    Raises:
      InvalidArgumentError: if the rank is below 2.

    >>> tf.sparse.softmax(tf.SparseTensor([[0, 1], [0, 2]], [3.0, 3.0], [1, 3])).values.numpy().tolist()
    [0.5, 0.5]
    """
    x = sparse(sp_input)
    return made(x._indices, sparse_softmax(*parts(x), name=name), x._dense_shape, shape=x.shape)


def sparse_dense_matmul(
    sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None
) -> Tensor:
    """The product of two matrices, of which one is sparse.

    Args:
      sp_a: a SparseTensor `[n, k]`; or a Tensor, if `b` is sparse.
      b: a Tensor `[k, m]`; or a SparseTensor.
      adjoint_a: whether to take the conjugate transpose of the first.
      adjoint_b: the same of the second.
      name: a name for the operation.

    Raises:
      InvalidArgumentError: if shapes or dtypes do not fit.

    >>> x = tf.SparseTensor([[0, 1], [1, 0]], [2.0, 3.0], [2, 2])
    >>> tf.sparse.sparse_dense_matmul(x, tf.constant([[1.0], [10.0]])).numpy().tolist()
    [[20.0], [3.0]]
    """
    if _is_sparse(b):
        product = sparse_dense_matmul(b, sp_a, adjoint_a=not adjoint_b, adjoint_b=not adjoint_a)
        return OPS["Transpose"](conj(product), (1, 0))  # type: ignore[no-any-return]
    x, other = sparse(sp_a), convert(b)
    attrs = {"adjoint_a": adjoint_a, "adjoint_b": adjoint_b}
    product = sparse_tensor_dense_mat_mul(*parts(x), other, name=name, **attrs)
    if isinstance(product, Symbol) and x.shape.rank == 2:
        product.set_shape([x.shape[1 if adjoint_a else 0], None])
    return product


def sampled_addmm(
    indices: TensorLike, values: TensorLike, dense_shape: TensorLike, mat1: TensorLike, mat2: TensorLike,
    beta: float = 1.0, alpha: float = 1.0, output_type: DTypeLike = dtypes.float32,
) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """Some elements of `alpha * mat1 @ mat2`, with `beta` times other values added.

    Args:
      indices: `[n, rank]`, where the elements are.
      values: `[n]`, what is added.
      dense_shape: the shape of the product.
      mat1: `[..., r, k]`.
      mat2: `[..., k, c]`.
      beta: a factor of `values`.
      alpha: a factor of the product.
      output_type: the dtype of the elements.

    Returns:
      The indices, the elements, the shape.

    >>> tf.sparse.sampled_addmm([[0, 1]], [1.0], [2, 2], [[1.0], [2.0]], [[3.0, 4.0]])[1].numpy().tolist()
    [5.0]
    """
    where, sizes = [OPS["Cast"](convert(x), DstT=dtypes.int32) for x in (indices, dense_shape)]
    wanted = as_dtype(output_type)
    left, right, added = [OPS["Cast"](convert(x), DstT=wanted) for x in (mat1, mat2, values)]
    rank = left.shape.rank or 2
    turned = OPS["Transpose"](right, (*range(rank - 2), rank - 1, rank - 2))
    batch, row, column = where[:, :-2], where[:, -2:-1], where[:, -1:]
    rows = OPS["GatherNd"](left, OPS["ConcatV2"](batch, row, 1))
    columns = OPS["GatherNd"](turned, OPS["ConcatV2"](batch, column, 1))
    product = OPS["Sum"](rows * columns, (-1,), keep_dims=False)
    return where, alpha * product + beta * added, sizes
