"""Products and diagonals."""

from __future__ import annotations

from typing import Any

from ... import linalg
from ... import math as tf_math
from ...base import dtypes
from ...base.errors import InvalidArgumentError
from ...core.tensor import Tensor
from ...ops import creation, matrix_diag
from ...ops import matmul as products
from ...ops.common import shape_of
from ...ops.comparison import where as where_op
from ...ops.layout import reshape
from ...ops.padding import pad
from .creation import tri
from .manipulation import common_shape, moveaxis
from .promotion import asarray, promoted, promoted_pair, rank_of, result_type
from .reductions import sum


def dot(a: Any, b: Any) -> Any:
    """The product over the last axis of `a` and the last but one (of a vector, the only one) of `b`.

    >>> tf.experimental.numpy.dot([1, 2], [3, 4])
    <tf.Tensor: shape=(), dtype=int64, numpy=11>
    """
    a, b = promoted_pair(a, b)
    if 0 in (rank_of(a, "dot"), rank_of(b, "dot")):
        return a * b
    return products.tensordot(a, b, [[-1], [-1 if b.shape.rank == 1 else -2]])


def matmul(x1: Any, x2: Any) -> Any:
    """The product of matrices, or batches of them; vectors are rows on the left and columns on the right.

    Raises:
      ValueError: if the shapes do not fit.

    >>> tf.experimental.numpy.matmul([[1, 2], [3, 4]], [1.0, 0.5]).numpy()
    array([2., 5.])
    """
    x1, x2 = promoted_pair(x1, x2)
    try:
        if rank_of(x2, "matmul") == 1:
            return products.tensordot(x1, x2, 1)
        if rank_of(x1, "matmul") == 1:
            return products.tensordot(x1, x2, [[0], [-2]])
        return products.matmul(x1, x2)
    except InvalidArgumentError as error:
        raise ValueError(str(error)) from error


def tensordot(a: Any, b: Any, axes: Any = 2) -> Tensor:
    """The sum of products over some axes of both arrays."""
    return products.tensordot(*promoted_pair(a, b), axes)


def inner(a: Any, b: Any) -> Any:
    """The product over the last axes."""
    a, b = promoted_pair(a, b)
    if 0 in (rank_of(a, "inner"), rank_of(b, "inner")):
        return a * b
    return products.tensordot(a, b, [[-1], [-1]])


def outer(a: Any, b: Any) -> Tensor:
    """The products of each element of `a` with each of `b`."""
    a, b = promoted_pair(a, b)
    return reshape(a, [-1, 1]) * reshape(b, [-1])


def vdot(a: Any, b: Any) -> Any:
    """The product of two arrays as vectors, the first one conjugated."""
    a, b = (reshape(x, [-1]) for x in promoted(a, b))
    return dot(tf_math.conj(a), b)


def kron(a: Any, b: Any) -> Tensor:
    """Kronecker's product: `b`, times each element of `a`."""
    a, b = promoted(a, b)
    rank = max(rank_of(a, "kron"), rank_of(b, "kron"))
    sizes_a, sizes_b = ([1] * (rank - len(shape_of(x))) + list(shape_of(x)) for x in (a, b))
    apart_a = [size for pair in zip(sizes_a, [1] * rank, strict=True) for size in pair]
    apart_b = [size for pair in zip([1] * rank, sizes_b, strict=True) for size in pair]
    shape = [m * n for m, n in zip(sizes_a, sizes_b, strict=True)]
    return reshape(reshape(a, apart_a) * reshape(b, apart_b), shape)


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The cross product of vectors along an axis; those of size 2 get a third element 0.

    Args:
      a, b: arrays.
      axisa, axisb: the axes of the vectors.
      axisc: the axis of the result's vectors; there is none if both have size 2.
      axis: sets all three.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = promoted_pair(a, b)
    a, b = (x if i == -1 else moveaxis(x, i, -1) for x, i in ((a, axisa), (b, axisb)))
    flat = a.shape[-1] == 2 and b.shape[-1] == 2
    a, b = (pad(x, [[0, 0]] * (len(x.shape) - 1) + [[0, 1]]) if x.shape[-1] == 2 else x for x in (a, b))
    product = linalg.cross(*common_shape(a, b))
    if flat:
        return product[..., 2]
    return product if axisc == -1 else moveaxis(product, -1, axisc)


def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Tensor:
    """Einstein's summation.

    Args:
      subscripts: like "ij,jk->ik".
      *operands: the arrays.
      **kwargs: `casting`: "safe" promotes the arrays to one dtype, "no" does not; `optimize`: False, True, "greedy" or
        "optimal", the search for the order of products.

    Raises:
      ValueError: for other values of these.
    """
    casting, optimize = kwargs.get("casting", "safe"), kwargs.get("optimize", False)
    if casting not in ("safe", "no"):
        raise ValueError(
            "Invalid value for argument `casting`. "
            f'Expected casting="safe" or casting="no". Received: casting={casting}'
        )
    if optimize and optimize not in (True, "greedy", "optimal"):
        raise ValueError(
            "Invalid value for argument `optimize`. "
            f'Expected one of {{True, "greedy", "optimal"}}. Received: optimize={optimize}'
        )
    arrays = promoted(*operands) if casting == "safe" else [asarray(x) for x in operands]
    return linalg.einsum(subscripts, *arrays, optimize="optimal" if optimize == "optimal" else "greedy")


# --- diagonals and triangles


def diag(v: Any, k: int = 0) -> Tensor:
    """The k-th diagonal of a matrix; of a vector, the matrix that has it there.

    >>> tf.experimental.numpy.diag([1, 2]).numpy().tolist()
    [[1, 0], [0, 2]]
    """
    v = asarray(v)
    v.shape.with_rank_at_most(2)
    rank = rank_of(v, "diag")
    if rank == 0:
        raise InvalidArgumentError(None, None, "Expected 'tf.Tensor(False, shape=(), dtype=bool)' to be true. "
                                   "Summarized data: b'0'")  # fmt: skip
    if rank == 2:
        return diagonal(v, k)
    return creation.zeros([abs(k), abs(k)], v.dtype) if v.shape[0] == 0 else matrix_diag.diag(v, k=k)


def diagflat(v: Any, k: int = 0) -> Tensor:
    """The matrix with all elements of `v` on its k-th diagonal."""
    return diag(reshape(asarray(v), [-1]), k)


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The diagonals over two axes."""
    a = moveaxis(asarray(a), (axis1, axis2), (-2, -1))
    rows, columns = a.shape[-2:]
    if (rows is not None and offset <= -rows) or (columns is not None and offset >= columns):
        return creation.zeros([*shape_of(a)[:-2], 0], a.dtype)
    return matrix_diag.diag_part(a, k=offset)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    """The sums of the diagonals over two axes."""
    a = asarray(a, dtype)
    rank = a.shape.rank
    if offset == 0 and rank is not None and axis1 in (-2, rank - 2) and axis2 in (-1, rank - 1):
        return linalg.trace(a)
    return sum(diagonal(a, offset, axis1, axis2), -1, result_type(dtype) if dtype else None)


def _mask(m: Tensor, k: int, function: str) -> Tensor:
    rank = m.shape.rank
    if rank is None:
        raise ValueError(f"Argument to {function} should have known rank")
    if rank < 2:
        raise ValueError(f"Argument to {function} must have rank at least 2")
    rows, columns = m.shape[-2:]
    if rows is None or columns is None:
        raise ValueError("Currently, the last two dimensions of the input array need to be known.")
    return tri(rows, columns, k, dtypes.bool)


def tril(m: Any, k: int = 0) -> Tensor:
    """Matrices without what is above the k-th diagonal.

    Raises:
      ValueError: if there are no matrices, or their sizes are not known.
    """
    m = asarray(m)
    return where_op(_mask(m, k, "tril"), m, creation.zeros((), m.dtype))


def triu(m: Any, k: int = 0) -> Tensor:
    """Matrices without what is below the k-th diagonal.

    Raises:
      ValueError: if there are no matrices, or their sizes are not known.
    """
    m = asarray(m)
    return where_op(_mask(m, k - 1, "triu"), creation.zeros((), m.dtype), m)
