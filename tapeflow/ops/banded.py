"""Systems of equations of triangular matrices that are zero but for a few diagonals."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import errors, shapes
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from .common import shape_of, unbroadcast
from .lapack import few, matrices, routine
from .matmul import matmul
from .matrix_diag import matrix_diag_part, matrix_set_diag
from .solving import FLOAT_TYPES, matrix_triangular_solve, widened


def _solve_shape(bands: shapes.Shape, b: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    for i, x in enumerate((bands, b)):
        if x is not None and len(x) < 2:
            raise errors.invalid(f"In[{i}] ndims must be >= 2: {len(x)}")
    if bands is None or b is None:
        return None
    if not shapes.fits(bands[-1:], b[-2:-1]):
        sizes = f"{bands[-1]} vs. {b[-2]}: {shapes.show(bands)} {shapes.show(b)}"
        raise errors.invalid(f"In[0] mismatch In[1] shape: {sizes} 1 0")
    try:
        batch = shapes.broadcast(bands[:-2], b[:-2])
    except errors.InvalidArgumentError:
        message = f"In[0] and In[1] must have compatible batch dimensions: {shapes.show(bands)} vs. {shapes.show(b)}"
        raise errors.invalid(message) from None
    return None if batch is None else (*batch, bands[-1] if b[-2] is None else b[-2], b[-1])


_NAMES = {"e": "half", "f": "float", "d": "double", "F": "complex64", "D": "complex128"}


def _check(bands: Array, b: Array) -> None:
    _solve_shape(bands.shape, b.shape)
    for i, x in enumerate((bands, b)):
        if x.size == 0:
            about = f"Tensor<type: {_NAMES[x.dtype.char]} shape: {shapes.show(x.shape)} values: >"
            raise errors.invalid(f"In[{i}] must not be an empty tensor: {about}")


@op("BandedTriangularSolve", "matrix:T, rhs:T -> output:T", shape=_solve_shape, T=FLOAT_TYPES)
def banded_triangular_solve_(_np: Any, bands: Array, b: Array, *, lower: bool = True, adjoint: bool = False) -> Array:
    _check(bands, b)
    dtype = b.dtype
    bands, b = widened(bands), widened(b)
    n = bands.shape[-1]
    bands = bands[..., :n, :] if lower else bands[..., -n:, :]  # others would lie outside
    if (bands[..., 0 if lower else -1, :] == 0).any():
        raise errors.invalid("Input matrix is not invertible.")
    batch = np.broadcast_shapes(bands.shape[:-2], b.shape[:-2])
    x = np.broadcast_to(b, (*batch, *b.shape[-2:])).copy()
    tbtrs = routine("tbtrs", x.dtype.char)
    if tbtrs is not None and few(batch, n):
        _by_lapack(tbtrs, np.broadcast_to(bands, (*batch, *bands.shape[-2:])), x, lower, adjoint)
    else:
        _substituted(bands, x, lower, adjoint)
    return x.astype(dtype, copy=False)


def _by_lapack(tbtrs: Any, bands: Array, x: Array, lower: bool, adjoint: bool) -> None:
    """LAPACK lays out the diagonals by columns of the matrix, we by rows."""
    k, n = bands.shape[-2:]
    columns = np.zeros_like(bands)
    for row in range(k):
        d = row if lower else k - 1 - row  # from the main diagonal
        if lower:
            columns[..., row, : n - d] = bands[..., row, d:]
        else:
            columns[..., row, d:] = bands[..., row, : n - d]
    for a, b in matrices(columns, x):
        b[:], _ = tbtrs(a, b, uplo="L" if lower else "U", trans="C" if adjoint else "N")


def _substituted(bands: Array, x: Array, lower: bool, adjoint: bool) -> None:
    """Row after row, of all the matrices at once; `x` is the right hand side, and becomes the solution."""
    k, n = bands.shape[-2:]
    if not lower:
        bands = bands[..., ::-1, :]  # the main diagonal first
    if adjoint:
        bands = bands.conj()
    forward = lower != adjoint
    for i in range(n) if forward else range(n - 1, -1, -1):
        row = x[..., i, :]
        for d in range(1, min(k, i + 1 if forward else n - i)):
            j = i - d if forward else i + d
            row = row - bands[..., d, j if adjoint else i, None] * x[..., j, :]
        x[..., i, :] = row / bands[..., 0, i, None]


@banded_triangular_solve_.on("xla")
def _(jax: Any, bands: Array, b: Array, *, lower: bool = True, adjoint: bool = False) -> Array:
    """As any triangular matrix."""
    _check(bands, b)
    n = bands.shape[-1]
    bands = bands[..., :n, :] if lower else bands[..., -n:, :]
    k = bands.shape[-2]
    zeros = jax.numpy.zeros((*bands.shape[:-2], n, n), bands.dtype)
    ends = (1 - k, 0) if lower else (0, k - 1)
    diagonals = bands if k > 1 else bands[..., 0, :]
    matrix = matrix_set_diag.kernel(jax.numpy, zeros, diagonals, ends, align="LEFT_RIGHT")
    return matrix_triangular_solve.kernels["xla"](jax, matrix, b, lower=lower, adjoint=adjoint)  # type: ignore[misc]


@banded_triangular_solve_.gradient
def _(g: Any, y: Any, bands: Any, b_shape: Any, *, lower: bool, adjoint: bool) -> Any:
    gb = banded_triangular_solve_(bands, g, lower=lower, adjoint=not adjoint)
    full = -(matmul(y, gb, adjoint_b=True) if adjoint else matmul(gb, y, adjoint_b=True))
    shape = shape_of(bands)
    last = shape[-2] - 1
    ends = (0 - last, 0) if lower else (0, last)
    known = type(shape) is tuple and type(last) is int
    zero = OPS["Cast"](0, DstT=full.dtype)
    diagonals = matrix_diag_part(full, ends if type(shape) is tuple else OPS["Pack"](*ends), zero, align="LEFT_RIGHT")
    if known and last == 0:
        diagonals = OPS["ExpandDims"](diagonals, -2)
    elif not known:  # there may be just one
        sizes = OPS["ConcatV2"](OPS["Shape"](full)[:-2], OPS["Shape"](bands)[-2:], 0)
        diagonals = OPS["Reshape"](diagonals, sizes)
    return unbroadcast(diagonals, shape), unbroadcast(gb, b_shape)


def banded_triangular_solve(
    bands: TensorLike, rhs: TensorLike, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """The `x` with `A x = rhs`, for triangular matrices `A` of which only some diagonals are not zero.

    Args:
      bands: of shape `[..., k, n]`, the diagonals from the highest to the lowest one; the main diagonal is the first
        row if `lower`, otherwise the last. Diagonals above the main one begin in the first column; those below end
        in the last column.
      rhs: of shape `[..., n, m]`; the batches of the two are broadcast against each other.
      lower: whether the matrices are lower triangular, or upper.
      adjoint: whether to solve with the adjoint of the matrices.
      name: of the operation.

    Returns:
      A Tensor of shape `[..., n, m]`.

    Raises:
      InvalidArgumentError: if a matrix is not invertible.

    >>> tf.linalg.banded_triangular_solve([[2.0, 3.0, 4.0], [0.0, 2.0, 3.0]], tf.ones([3, 1])).numpy()[:, 0]
    array([0.5 , 0.  , 0.25], dtype=float32)
    """
    return banded_triangular_solve_(bands, rhs, lower=lower, adjoint=adjoint, name=name)  # type: ignore[no-any-return]
