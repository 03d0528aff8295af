"""LU decompositions, and what can be done with them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..core import types
from ..core.convert import convert
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from .debugging import assert_equal
from .debugging_shapes import assert_rank, assert_rank_at_least
from .gathering import gather
from .lapack import few, in_batches, matrices, routine
from .matmul import matmul
from .matrix_diag import band_part, diag_part, set_diag
from .ranges import eye
from .solving import FLOAT_TYPES, matrix_triangular_solve, widened
from .sorting import argsort
from .unique import invert_permutation


def _lu_shape(x: shapes.Shape, **_attrs: Any) -> tuple[shapes.Shape, shapes.Shape]:
    if x is None:
        return None, None
    if len(x) < 2:
        raise errors.invalid(f"Input tensor must have rank >= 2, got {len(x)}")
    if not shapes.fits(x[-1:], x[-2:-1]):
        raise errors.invalid("Input matrix must be square.")
    n = x[-1] if x[-2] is None else x[-2]
    return (*x[:-2], n, n), (*x[:-2], n)


@op("Lu", "input:T -> lu:T, p:output_idx_type", shape=_lu_shape, differentiable=None,
    T=FLOAT_TYPES, output_idx_type=types.INDICES)  # fmt: skip
def lu_(_np: Any, x: Array, *, output_idx_type: DType = dtypes.int32) -> tuple[Array, Array]:
    _lu_shape(x.shape)
    packed = widened(x).copy()
    order = np.empty(x.shape[:-1], np.int64)
    getrf = routine("getrf", packed.dtype.char)
    if not x.size:
        return packed.astype(x.dtype, copy=False), order.astype(output_idx_type.numpy)
    if getrf is None or not few(x.shape[:-2], x.shape[-1]):
        _eliminate(packed, order)
    else:
        for a, (rows,) in matrices(packed, order[..., None, :]):
            a[:], pivots, _ = getrf(a)
            rows[:] = _ordered(pivots)
    if (np.diagonal(packed, 0, -2, -1) == 0).any():
        raise errors.invalid("Input is not invertible.")
    return packed.astype(x.dtype, copy=False), order.astype(output_idx_type.numpy)


def _ordered(pivots: Array) -> list[int]:
    """The order of the rows that exchanges, one after the other, give."""
    rows = list(range(len(pivots)))
    for i, j in enumerate(pivots.tolist()):
        rows[i], rows[j] = rows[j], rows[i]
    return rows


def _eliminate(a: Array, order: Array) -> None:
    """Gaussian elimination with partial pivoting, column by column of all the matrices at once, in place."""
    n = a.shape[-1]
    order[...] = np.arange(n)
    a, order = a.reshape(-1, n, n), order.reshape(-1, n)
    each = np.arange(len(a))
    for i in range(n):
        pivot = i + np.abs(a[:, i:, i]).argmax(-1)
        a[each, pivot], a[:, i] = a[:, i].copy(), a[each, pivot]
        order[each, pivot], order[:, i] = order[:, i].copy(), order[each, pivot]
        a[:, i + 1 :, i] /= a[:, i, i, None]
        a[:, i + 1 :, i + 1 :] -= a[:, i + 1 :, i, None] * a[:, i, None, i + 1 :]


@lu_.on("xla")
def _(jax: Any, x: Array, *, output_idx_type: DType = dtypes.int32) -> Any:
    _lu_shape(x.shape)
    packed, _, order = jax.lax.linalg.lu(widened(x))
    return packed.astype(x.dtype), order.astype(output_idx_type.numpy)


in_batches(lu_)


# ---------------------------------------------------------------- public functions


class Lu(NamedTuple):
    """What `lu` returns."""

    lu: Tensor
    p: Tensor


def lu(input: TensorLike, output_idx_type: Any = dtypes.int32, name: str | None = None) -> Lu:
    """Matrices taken apart into a lower triangular, an upper triangular one, and an order of rows.

    Args:
      input: floats or complex numbers of shape `[..., n, n]`.
      output_idx_type: the dtype of `p`, int32 or int64.
      name: of the operation.

    Returns:
      `lu`, with the upper triangular matrix, and below its diagonal the lower one, whose diagonal is all ones; and `p`
      of shape `[..., n]`: row i of their product is row `p[i]` of the input.

    Raises:
      InvalidArgumentError: if a matrix is not invertible.

    >>> lu, p = tf.linalg.lu([[1.0, 2.0], [2.0, 2.0]])
    >>> lu.numpy(), p.numpy()
    (array([[2. , 2. ],
           [0.5, 1. ]], dtype=float32), array([1, 0], dtype=int32))
    """
    return Lu(*lu_(input, output_idx_type=dtypes.as_dtype(output_idx_type), name=name))


def _checked(lower_upper: TensorLike, perm: TensorLike, validate_args: bool) -> tuple[Tensor, Tensor]:
    """The arguments as tensors; what shapes do not tell while tracing is checked later if `validate_args`."""
    x, p = convert(lower_upper, hint=dtypes.float32), convert(perm, hint=dtypes.int32)
    rank = "Input `lower_upper` must have at least 2 dimensions."
    ranks = "`rank(lower_upper)` must equal `rank(perm) + 1`"
    square = "`lower_upper` must be square."
    if x.shape.rank is not None and x.shape.rank < 2:
        raise ValueError(rank)
    if x.shape.rank is not None and p.shape.rank is not None and x.shape.rank != p.shape.rank + 1:
        raise ValueError(ranks)
    if x.shape.rank is not None and x.shape[-2] != x.shape[-1] and None not in x.shape[-2:].as_list():
        raise ValueError(square)
    if validate_args:
        assert_rank_at_least(x, 2, rank)
        assert_rank(x, OPS["Rank"](p) + 1, ranks)
        sizes = OPS["Shape"](x)
        assert_equal(sizes[-2], sizes[-1], square)
    return x, p


def lu_reconstruct(
    lower_upper: TensorLike, perm: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The matrices of which these are the LU decompositions.

    Args:
      lower_upper, perm: as `lu` returns them.
      validate_args: whether to check shapes that are not known before a function runs.
      name: of the operation.

    Returns:
      A Tensor of the shape of `lower_upper`.

    Raises:
      ValueError: for shapes that do not fit.

    >>> tf.linalg.lu_reconstruct(*tf.linalg.lu([[1.0, 2.0], [2.0, 2.0]])).numpy()
    array([[1., 2.],
           [2., 2.]], dtype=float32)
    """
    x, p = _checked(lower_upper, perm, validate_args)
    product = matmul(_lower(x), band_part(x, 0, -1))
    if x.shape.rank == 2:
        return gather(product, invert_permutation(p), name=name)
    shape = OPS["Shape"](x)
    flat = OPS["Reshape"](product, OPS["Pack"](-1, shape[-2], shape[-1]))
    order = OPS["Reshape"](p, OPS["Pack"](-1, shape[-1]))
    return OPS["Reshape"](gather(flat, argsort(order), axis=1, batch_dims=1), shape, name=name)  # type: ignore[no-any-return]


def _lower(x: Tensor) -> Tensor:
    """The lower triangular matrices of decompositions."""
    lower = band_part(x, -1, 0)
    return set_diag(lower, OPS["OnesLike"](diag_part(x)))


def lu_solve(
    lower_upper: TensorLike, perm: TensorLike, rhs: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The `x` with `A x = rhs`, given the LU decomposition of `A`.

    Args:
      lower_upper, perm: as `lu` returns them.
      rhs: of shape `[..., n, k]`; the batches are broadcast against each other.
      validate_args: whether to check shapes that are not known before a function runs.
      name: of the operation.

    Returns:
      A Tensor of shape `[..., n, k]`.

    Raises:
      ValueError: for shapes that do not fit.

    >>> tf.linalg.lu_solve(*tf.linalg.lu([[1.0, 2.0], [2.0, 2.0]]), rhs=[[3.0], [4.0]]).numpy()
    array([[1.],
           [1.]], dtype=float32)
    """
    x, p = _checked(lower_upper, perm, validate_args)
    b = convert(rhs, hint=x.dtype)
    rank, rows = "Input `rhs` must have at least 2 dimensions.", "`lower_upper.shape[-1]` must equal `rhs.shape[-1]`."
    if b.shape.rank is not None and b.shape.rank < 2:
        raise ValueError(rank)
    if x.shape.rank is not None and b.shape.rank is not None and not x.shape[-1:].is_compatible_with(b.shape[-2:-1]):
        raise ValueError(rows)
    if validate_args:
        assert_rank_at_least(b, 2, rank)
        assert_equal(OPS["Shape"](x)[-1], OPS["Shape"](b)[-2], rows)
    half = matrix_triangular_solve(_lower(x), _permuted(b, p))
    return matrix_triangular_solve(x, half, lower=False, name=name)  # type: ignore[no-any-return]


def _permuted(b: Tensor, p: Tensor) -> Tensor:
    """The rows of `b` in the order `p`; the batches are broadcast."""
    if b.shape.rank == 2 and p.shape.rank == 1:
        return gather(b, p, axis=-2)
    sizes = OPS["Shape"](b)
    batch = OPS["BroadcastArgs"](sizes[:-2], OPS["Shape"](p)[:-1])
    shape = OPS["ConcatV2"](batch, sizes[-2:], 0)
    rows = OPS["Reshape"](OPS["BroadcastTo"](b, shape), OPS["Pack"](-1, sizes[-2], sizes[-1]))
    order = OPS["Reshape"](OPS["BroadcastTo"](p, shape[:-1]), OPS["Pack"](-1, sizes[-2]))
    return OPS["Reshape"](gather(rows, order, axis=1, batch_dims=1), shape)  # type: ignore[no-any-return]


def lu_matrix_inverse(
    lower_upper: TensorLike, perm: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The inverses of matrices of which the LU decompositions are given.

    Args:
      lower_upper, perm: as `lu` returns them.
      validate_args: whether to check shapes that are not known before a function runs.
      name: of the operation.

    Returns:
      A Tensor of the shape of `lower_upper`.

    Raises:
      ValueError: for shapes that do not fit.

    >>> tf.linalg.lu_matrix_inverse(*tf.linalg.lu([[1.0, 0.0], [0.0, 4.0]])).numpy()
    array([[1.  , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    x, p = _checked(lower_upper, perm, validate_args)
    sizes = OPS["Shape"](x)
    return lu_solve(x, p, eye(sizes[-1], batch_shape=sizes[:-2], dtype=x.dtype), name=name)
