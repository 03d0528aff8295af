"""Inverses, determinants and systems of equations."""

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
from ..engines.host_arrays import WIDE
from .common import shape_of, unbroadcast
from .lapack import few, in_batches, loop, matrices, routine
from .matmul import matmul
from .matrix_diag import band_part, diag_part, set_diag

FLOAT_TYPES: tuple[DType, ...] = (dtypes.float64, dtypes.float32, dtypes.float16, *types.COMPLEX)
_DET_TYPES = (*types.FLOATS[1:], *types.COMPLEX)


def adjoint_of(x: Any) -> Any:
    """The matrices transposed and conjugated."""
    return OPS["ConjugateTranspose" if x.dtype.is_complex else "Transpose"](x, swapped(x))


def swapped(x: Any) -> Any:
    """The permutation that transposes matrices; a Symbol if the rank is not known."""
    shape = shape_of(x)
    if type(shape) is tuple:
        rank = len(shape)
        return (*range(rank - 2), rank - 1, rank - 2)
    batch = OPS["Size"](shape) - 2
    return OPS["ConcatV2"](OPS["Range"](0, batch, 1), batch + convert([1, 0]), 0)


def widened(x: Array) -> Array:
    """A float16 array as float32: LAPACK has no narrower floats."""
    return x.astype(WIDE.get(x.dtype, x.dtype))


# ---------------------------------------------------------------- shapes


def check_matrix(x: shapes.Shape, i: int = 0) -> None:
    """Refuses what has fewer than two dimensions."""
    if x is not None and len(x) < 2:
        raise errors.invalid(f"Input tensor {i} must have rank >= 2, got {len(x)}")


def check_square(x: shapes.Shape, message: str = "Input matrix must be square.") -> None:
    """Refuses what is no matrix with as many rows as columns."""
    check_matrix(x)
    if x is not None and None not in x[-2:] and x[-2] != x[-1]:
        raise errors.invalid(message)


def square_shape(x: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    check_square(x)
    return x


def _det_shape(x: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    check_square(x)
    return None if x is None else x[:-2]


def _solve_shape(a: shapes.Shape, b: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    if a is None or b is None:
        return None
    if len(a) != len(b):
        if len(a) < 2:
            raise errors.invalid(f"Input tensor 0 must have rank >= 2, got {len(a)}")
        raise errors.invalid("All input tensors must have the same rank.")
    check_square(a, "First input (lhs) must be a square matrix.")
    if a[-1] is not None and b[-2] is not None and a[-1] != b[-2]:
        raise errors.invalid("Input matrix and rhs are incompatible.")
    batch = shapes.merge(a[:-2], b[:-2])
    assert batch is not None
    return (*batch, a[-1] if b[-2] is None else b[-2], b[-1])


# ---------------------------------------------------------------- Cholesky


@op("Cholesky", "input:T -> output:T", shape=square_shape, T=FLOAT_TYPES)
def cholesky_(xp: Any, x: Array) -> Array:
    """Matrices that are not positive definite become NaN below and on the diagonal."""
    from . import cholesky_kernels  # not needed when tapeflow is imported

    check_square(x.shape)
    return cholesky_kernels.cholesky(widened(x)).astype(x.dtype, copy=False)


@cholesky_.on("xla")
def _(jax: Any, x: Array) -> Array:
    check_square(x.shape)
    return jax.numpy.tril(jax.lax.linalg.cholesky(widened(x), symmetrize_input=False)).astype(x.dtype)


@cholesky_.gradient
def _(g: Any, y: Any, _x: Any) -> Any:
    inverse = matrix_triangular_solve(y, _eye_like(y))
    middle = matmul(y, g, adjoint_a=True)
    middle = band_part(set_diag(middle, diag_part(middle) * 0.5), -1, 0)
    half = matmul(matmul(inverse, middle, adjoint_a=True), inverse)
    return (half + adjoint_of(half)) * 0.5


def _eye_like(x: Any) -> Any:
    zeros = OPS["ZerosLike"](x)
    return set_diag(zeros, OPS["OnesLike"](diag_part(zeros)))


# ---------------------------------------------------------------- inverse, determinant


@op("MatrixInverse", "input:T -> output:T", shape=square_shape, T=FLOAT_TYPES)
def matrix_inverse(xp: Any, x: Array, *, adjoint: bool = False) -> Array:
    check_square(x.shape)
    inverse = xp.linalg.inv(xp.swapaxes(widened(x).conj(), -1, -2) if adjoint else widened(x))
    return inverse.astype(x.dtype)


@matrix_inverse.on("host")
def _(xp: Any, x: Array, *, adjoint: bool = False) -> Array:
    check_square(x.shape)
    wide = np.swapaxes(widened(x).conj(), -1, -2) if adjoint else widened(x)
    try:
        inverse = (loop("inv") or np.linalg.inv)(wide)
    except np.linalg.LinAlgError:
        raise errors.invalid("Input is not invertible.") from None
    if np.isnan(inverse).any():
        raise errors.invalid("Input is not invertible.")
    return inverse.astype(x.dtype, copy=False)


@matrix_inverse.gradient
def _(g: Any, y: Any, _x: Any, *, adjoint: bool) -> Any:
    if adjoint:
        y, g = adjoint_of(y), adjoint_of(g)
    return -matmul(y, matmul(g, y, adjoint_b=True), adjoint_a=True)


@op("MatrixDeterminant", "input:T -> output:T", shape=_det_shape, T=_DET_TYPES)
def matrix_determinant(xp: Any, x: Array) -> Array:
    check_square(x.shape)
    return xp.linalg.det(widened(x)).astype(x.dtype)


@matrix_determinant.gradient
def _(g: Any, y: Any, x: Any) -> Any:
    return _as_matrix(g * y) * matrix_inverse(x, adjoint=True)


@op("LogMatrixDeterminant", "input:T -> sign:T, log_abs_determinant:T", T=_DET_TYPES,
    shape=lambda x: (_det_shape(x), _det_shape(x)))  # fmt: skip
def log_matrix_determinant(xp: Any, x: Array) -> Any:
    check_square(x.shape)
    sign, log = xp.linalg.slogdet(widened(x))
    return sign.astype(x.dtype), log.astype(x.dtype)


@log_matrix_determinant.gradient
def _(g: Any, _y: Any, x: Any) -> Any:
    """As TensorFlow's: nothing comes through the sign."""
    if g[1] is None:
        return OPS["ZerosLike"](x)
    return _as_matrix(g[1]) * matrix_inverse(x, adjoint=True)


def _as_matrix(x: Any) -> Any:
    return OPS["ExpandDims"](OPS["ExpandDims"](x, -1), -1)


# ---------------------------------------------------------------- systems of equations


@op("MatrixSolve", "matrix:T, rhs:T -> output:T", shape=_solve_shape, T=FLOAT_TYPES)
def matrix_solve(xp: Any, a: Array, b: Array, *, adjoint: bool = False) -> Array:
    _solve_shape(a.shape, b.shape)
    return _solved(xp, a, b, adjoint)


@matrix_solve.on("host")
def _(xp: Any, a: Array, b: Array, *, adjoint: bool = False) -> Array:
    _solve_shape(a.shape, b.shape)
    solve = loop("solve")
    if solve is not None:
        wide = np.swapaxes(widened(a).conj(), -1, -2) if adjoint else widened(a)
        found = solve(wide, widened(b))
        if not np.isnan(found).any():
            return found.astype(b.dtype, copy=False)
    try:
        return _solved(np, a, b, adjoint)
    except np.linalg.LinAlgError:
        raise errors.invalid("Input matrix is not invertible.") from None


def _solved(xp: Any, a: Array, b: Array, adjoint: bool) -> Array:
    a = widened(a)
    return xp.linalg.solve(xp.swapaxes(a.conj(), -1, -2) if adjoint else a, widened(b)).astype(b.dtype)


@matrix_solve.gradient
def _(g: Any, y: Any, a: Any, _b: Any, *, adjoint: bool) -> Any:
    gb = matrix_solve(a, g, adjoint=not adjoint)
    return -(matmul(y, gb, adjoint_b=True) if adjoint else matmul(gb, y, adjoint_b=True)), gb


def _triangular_shape(a: shapes.Shape, b: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    for i, x in enumerate((a, b)):
        if x is not None and len(x) < 2:
            raise errors.invalid(f"In[{i}] ndims must be >= 2: {len(x)}")
    if a is None or b is None:
        return None
    if None not in a[-2:] and a[-2] != a[-1]:
        raise errors.invalid(f"In[0] matrices in the last dimensions must be square ({a[-1]} =/= {a[-2]})")
    if a[-1] is not None and b[-2] is not None and a[-1] != b[-2]:
        raise errors.invalid(f"In[0] mismatch In[1] shape: {a[-1]} vs. {b[-2]}: {shapes.show(a)} {shapes.show(b)} 1 0")
    try:
        batch = shapes.broadcast(a[:-2], b[:-2])
    except errors.InvalidArgumentError:
        message = f"In[0] and In[1] must have compatible batch dimensions: {shapes.show(a)} vs. {shapes.show(b)}"
        raise errors.invalid(message) from None
    return None if batch is None else (*batch, a[-1] if b[-2] is None else b[-2], b[-1])


@op("MatrixTriangularSolve", "matrix:T, rhs:T -> output:T", shape=_triangular_shape, T=(dtypes.bfloat16, *FLOAT_TYPES))
def matrix_triangular_solve(xp: Any, a: Array, b: Array, *, lower: bool = True, adjoint: bool = False) -> Array:
    """From block to block; a block is solved as if it were any matrix."""
    _triangular_shape(a.shape, b.shape)
    dtype = b.dtype
    a, b = widened(a), widened(b)
    a = xp.tril(a) if lower else xp.triu(a)
    if adjoint:
        a, lower = xp.swapaxes(a.conj(), -1, -2), not lower
    diagonal = xp.diagonal(a, 0, -2, -1)[..., None]
    singular = (diagonal == 0).any(-2, keepdims=True)
    a = xp.where(singular, xp.eye(a.shape[-1], dtype=a.dtype), a)
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    x = _substituted(xp, a, xp.broadcast_to(b, (*batch, *b.shape[-2:])), lower)
    return xp.where(singular, xp.nan, x).astype(dtype)


_SOLVED_AT_ONCE = 64


def _substituted(xp: Any, a: Array, b: Array, lower: bool) -> Array:
    n = a.shape[-1]
    if n <= _SOLVED_AT_ONCE:
        return xp.linalg.solve(a, b)
    half = n // 2
    upper_left, lower_right = a[..., :half, :half], a[..., half:, half:]
    if lower:
        first = _substituted(xp, upper_left, b[..., :half, :], True)
        second = _substituted(xp, lower_right, b[..., half:, :] - a[..., half:, :half] @ first, True)
    else:
        second = _substituted(xp, lower_right, b[..., half:, :], False)
        first = _substituted(xp, upper_left, b[..., :half, :] - a[..., :half, half:] @ second, False)
    return xp.concatenate([first, second], -2)


@matrix_triangular_solve.on("host")
def _(_np: Any, a: Array, b: Array, *, lower: bool = True, adjoint: bool = False) -> Array:
    """By LAPACK, where there are few matrices: it gets them transposed, as it lays out matrices the other way."""
    wide, right = widened(a), widened(b)
    trtrs = routine("trtrs", right.dtype.char)
    alike = a.ndim >= 2 and a.shape[:-2] == b.shape[:-2] and few(a.shape[:-2], a.shape[-1]) and b.size
    if trtrs is None or not alike:
        return matrix_triangular_solve.kernel(np, a, b, lower=lower, adjoint=adjoint)
    _triangular_shape(a.shape, b.shape)
    if adjoint:
        wide = wide.conj()
    out = np.empty_like(right)
    for x, matrix, rhs in matrices(out, wide, right):
        solved, failed = trtrs(matrix.T, rhs, lower=not lower, trans=not adjoint)
        x[:] = np.nan if failed else solved
    return out.astype(b.dtype, copy=False)


@matrix_triangular_solve.on("xla")
def _(jax: Any, a: Array, b: Array, *, lower: bool = True, adjoint: bool = False) -> Array:
    _triangular_shape(a.shape, b.shape)
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    x, y = (jax.numpy.broadcast_to(widened(part), (*batch, *part.shape[-2:])) for part in (a, b))
    singular = (jax.numpy.diagonal(x, 0, -2, -1) == 0).any(-1)[..., None, None]
    solved = jax.lax.linalg.triangular_solve(
        x, y, left_side=True, lower=lower, transpose_a=adjoint, conjugate_a=adjoint
    )
    return jax.numpy.where(singular, np.nan, solved).astype(b.dtype)


@matrix_triangular_solve.gradient
def _(g: Any, y: Any, a: Any, b_shape: Any, *, lower: bool, adjoint: bool) -> Any:
    gb = matrix_triangular_solve(a, g, lower=lower, adjoint=not adjoint)
    ga = -(matmul(y, gb, adjoint_b=True) if adjoint else matmul(gb, y, adjoint_b=True))
    ga = band_part(ga, -1, 0) if lower else band_part(ga, 0, -1)
    return unbroadcast(ga, shape_of(a)), unbroadcast(gb, b_shape)


in_batches(cholesky_, matrix_inverse, matrix_determinant, log_matrix_determinant, matrix_solve, matrix_triangular_solve)


# ---------------------------------------------------------------- public functions


class LogMatrixDeterminant(NamedTuple):
    """What `slogdet` returns."""

    sign: Tensor
    log_abs_determinant: Tensor


def cholesky(input: TensorLike, name: str | None = None) -> Tensor:
    """The lower triangular `L` with `L L^H` equal to the input, which must be positive definite.

    Args:
      input: floats of shape `[..., n, n]`, of which only the lower triangle is read.
      name: of the operation.

    Returns:
      A Tensor of the same shape, with NaNs for matrices that are not positive definite.

    >>> tf.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]]).numpy()
    array([[2., 0.],
           [1., 2.]], dtype=float32)
    """
    return cholesky_(input, name=name)  # type: ignore[no-any-return]


def inv(input: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverse of matrices, of their adjoints if `adjoint`.

    Raises:
      InvalidArgumentError: if a matrix is not square or has no inverse.

    >>> tf.linalg.inv([[2.0, 0.0], [0.0, 4.0]]).numpy()
    array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    return matrix_inverse(input, adjoint=adjoint, name=name)  # type: ignore[no-any-return]


def det(input: TensorLike, name: str | None = None) -> Tensor:
    """The determinant of matrices.

    >>> tf.linalg.det([[2.0, 0.0], [0.0, 4.0]]).numpy()
    np.float32(8.0)
    """
    return matrix_determinant(input, name=name)  # type: ignore[no-any-return]


def slogdet(input: TensorLike, name: str | None = None) -> LogMatrixDeterminant:
    """The sign of the determinant of matrices, and the logarithm of its absolute value.

    >>> sign, log = tf.linalg.slogdet([[2.0, 0.0], [0.0, -4.0]])
    >>> print(f"{sign:.1f} {log:.4f}")
    -1.0 2.0794
    """
    return LogMatrixDeterminant(*log_matrix_determinant(input, name=name))


def logdet(matrix: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of the determinant of positive definite matrices, by way of `cholesky`.

    >>> print(f"{tf.linalg.logdet([[2.0, 0.0], [0.0, 4.0]]):.4f}")
    2.0794
    """
    diagonal = diag_part(cholesky(matrix))
    real = OPS["Real"](diagonal, Tout=diagonal.dtype.real_dtype) if diagonal.dtype.is_complex else diagonal
    return 2.0 * OPS["Sum"](OPS["Log"](real), (-1,), name=name)  # type: ignore[no-any-return]


def solve(matrix: TensorLike, rhs: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The `x` with `matrix x = rhs`.

    Args:
      matrix: floats of shape `[..., n, n]`.
      rhs: of shape `[..., n, k]`.
      adjoint: whether to solve with the adjoint of the matrix.
      name: of the operation.

    Returns:
      A Tensor of the shape of `rhs`.

    Raises:
      InvalidArgumentError: if shapes do not fit or a matrix has no inverse.

    >>> tf.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [[1.0], [1.0]]).numpy()
    array([[0.5 ],
           [0.25]], dtype=float32)
    """
    return matrix_solve(matrix, rhs, adjoint=adjoint, name=name)  # type: ignore[no-any-return]


def triangular_solve(
    matrix: TensorLike, rhs: TensorLike, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """The `x` with `matrix x = rhs`, for triangular matrices, of which only that triangle is read.

    Args:
      matrix: floats of shape `[..., n, n]`.
      rhs: of shape `[..., n, k]`; the batches of the two are broadcast against each other.
      lower: whether the lower triangle counts, or the upper one.
      adjoint: whether to solve with the adjoint of the matrix.
      name: of the operation.

    Returns:
      A Tensor of shape `[..., n, k]`.

    >>> tf.linalg.triangular_solve([[2.0, 9.0], [1.0, 4.0]], [[2.0], [5.0]]).numpy()
    array([[1.],
           [1.]], dtype=float32)
    """
    return matrix_triangular_solve(matrix, rhs, lower=lower, adjoint=adjoint, name=name)  # type: ignore[no-any-return]


def cholesky_solve(chol: TensorLike, rhs: TensorLike, name: str | None = None) -> Tensor:
    """The `x` with `A x = rhs`, given `chol`, the Cholesky decomposition of `A`.

    >>> tf.linalg.cholesky_solve([[2.0, 0.0], [0.0, 4.0]], [[4.0], [16.0]]).numpy()
    array([[1.],
           [1.]], dtype=float32)
    """
    chol = convert(chol)
    half = matrix_triangular_solve(chol, rhs)
    return matrix_triangular_solve(chol, half, adjoint=True, name=name)  # type: ignore[no-any-return]
