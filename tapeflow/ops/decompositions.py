"""Inverses, determinants, systems of equations and decompositions of matrices."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import shape_of, unbroadcast
from .matmul import matmul
from .matrix_diag import band_part, diag, diag_part, set_diag
from .reduction_kernels import WIDE

_TYPES: tuple[DType, ...] = (dtypes.float64, dtypes.float32, dtypes.float16, *types.COMPLEX)
_DET_TYPES = (*types.FLOATS[1:], *types.COMPLEX)


def adjoint_of(x: Any) -> Any:
    """The matrices transposed and conjugated."""
    rank = len(shape_of(x))
    order = (*range(rank - 2), rank - 1, rank - 2)
    return OPS["ConjugateTranspose"](x, order) if x.dtype.is_complex else OPS["Transpose"](x, order)


def _wide(x: Array) -> Array:
    return x.astype(WIDE.get(x.dtype, x.dtype))


# ---------------------------------------------------------------- shapes


def _matrix(x: shapes.Shape, i: int = 0) -> None:
    if x is not None and len(x) < 2:
        raise errors.invalid(f"Input tensor {i} must have rank >= 2, got {len(x)}")


def _square(x: shapes.Shape, message: str = "Input matrix must be square.") -> None:
    _matrix(x)
    if x is not None and None not in x[-2:] and x[-2] != x[-1]:
        raise errors.invalid(message)


def _square_shape(x: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    _square(x)
    return x


def _det_shape(x: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    _square(x)
    return None if x is None else x[:-2]


def _solve_shape(a: shapes.Shape, b: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    if a is None or b is None:
        return None
    if len(a) != len(b):
        raise errors.invalid("All input tensors must have the same rank.")
    _square(a, "First input (lhs) must be a square matrix.")
    if a[-1] is not None and b[-2] is not None and a[-1] != b[-2]:
        raise errors.invalid("Input matrix and rhs are incompatible.")
    batch = shapes.merge(a[:-2], b[:-2])
    assert batch is not None
    return (*batch, a[-1] if b[-2] is None else b[-2], b[-1])


# ---------------------------------------------------------------- Cholesky


@op("Cholesky", "input:T -> output:T", shape=_square_shape, T=_TYPES)
def cholesky_(xp: Any, x: Array) -> Array:
    return xp.linalg.cholesky(_wide(x)).astype(x.dtype)


@cholesky_.on("host")
def _(xp: Any, x: Array) -> Array:
    """Matrices that are not positive definite become NaN below and on the diagonal."""
    _square(x.shape)
    wide = _wide(x)
    try:
        return np.linalg.cholesky(wide).astype(x.dtype, copy=False)
    except np.linalg.LinAlgError:
        if x.ndim > 2:
            return np.stack([cholesky_.host(part) for part in x])
        return np.tril(np.full(x.shape, np.nan, x.dtype))


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


@op("MatrixInverse", "input:T -> output:T", shape=_square_shape, T=_TYPES)
def matrix_inverse(xp: Any, x: Array, *, adjoint: bool = False) -> Array:
    _square(x.shape)
    inverse = xp.linalg.inv(xp.swapaxes(_wide(x).conj(), -1, -2) if adjoint else _wide(x))
    return inverse.astype(x.dtype)


@matrix_inverse.on("host")
def _(xp: Any, x: Array, *, adjoint: bool = False) -> Array:
    _square(x.shape)
    try:
        inverse = np.linalg.inv(np.swapaxes(_wide(x).conj(), -1, -2) if adjoint else _wide(x))
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
    _square(x.shape)
    return xp.linalg.det(_wide(x)).astype(x.dtype)


@matrix_determinant.gradient
def _(g: Any, y: Any, x: Any) -> Any:
    return _as_matrix(g * y) * matrix_inverse(x, adjoint=True)


@op("LogMatrixDeterminant", "input:T -> sign:T, log_abs_determinant:T", T=_DET_TYPES,
    shape=lambda x: (_det_shape(x), _det_shape(x)))  # fmt: skip
def log_matrix_determinant(xp: Any, x: Array) -> Any:
    _square(x.shape)
    sign, log = xp.linalg.slogdet(_wide(x))
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


@op("MatrixSolve", "matrix:T, rhs:T -> output:T", shape=_solve_shape, T=_TYPES)
def matrix_solve(xp: Any, a: Array, b: Array, *, adjoint: bool = False) -> Array:
    _solve_shape(a.shape, b.shape)
    return _solved(xp, a, b, adjoint)


@matrix_solve.on("host")
def _(xp: Any, a: Array, b: Array, *, adjoint: bool = False) -> Array:
    _solve_shape(a.shape, b.shape)
    try:
        return _solved(np, a, b, adjoint)
    except np.linalg.LinAlgError:
        raise errors.invalid("Input matrix is not invertible.") from None


def _solved(xp: Any, a: Array, b: Array, adjoint: bool) -> Array:
    a = _wide(a)
    return xp.linalg.solve(xp.swapaxes(a.conj(), -1, -2) if adjoint else a, _wide(b)).astype(b.dtype)


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
        raise errors.invalid(
            f"In[0] mismatch In[1] shape: {a[-1]} vs. {b[-2]}: {shapes.show(a)} {shapes.show(b)} 1 0"
        )
    try:
        batch = shapes.broadcast(a[:-2], b[:-2])
    except errors.InvalidArgumentError:
        message = f"In[0] and In[1] must have compatible batch dimensions: {shapes.show(a)} vs. {shapes.show(b)}"
        raise errors.invalid(message) from None
    return None if batch is None else (*batch, a[-1] if b[-2] is None else b[-2], b[-1])


@op("MatrixTriangularSolve", "matrix:T, rhs:T -> output:T", shape=_triangular_shape, T=(dtypes.bfloat16, *_TYPES))
def matrix_triangular_solve(xp: Any, a: Array, b: Array, *, lower: bool = True, adjoint: bool = False) -> Array:
    """From block to block; a block is solved as if it were any matrix."""
    _triangular_shape(a.shape, b.shape)
    dtype = b.dtype
    a, b = _wide(a), _wide(b)
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


@matrix_triangular_solve.gradient
def _(g: Any, y: Any, a: Any, b_shape: Any, *, lower: bool, adjoint: bool) -> Any:
    gb = matrix_triangular_solve(a, g, lower=lower, adjoint=not adjoint)
    ga = -(matmul(y, gb, adjoint_b=True) if adjoint else matmul(gb, y, adjoint_b=True))
    ga = band_part(ga, -1, 0) if lower else band_part(ga, 0, -1)
    return unbroadcast(ga, shape_of(a)), unbroadcast(gb, b_shape)


# ---------------------------------------------------------------- QR


def _qr_shape(x: shapes.Shape, *, full_matrices: bool = False) -> tuple[shapes.Shape, shapes.Shape]:
    _matrix(x)
    if x is None:
        return None, None
    rows, columns = x[-2:]
    least = None if rows is None or columns is None else min(rows, columns)
    inner = rows if full_matrices else least
    return (*x[:-2], rows, inner), (*x[:-2], inner, columns)


@op("Qr", "input:T -> q:T, r:T", shape=_qr_shape, T=_TYPES)
def qr_(xp: Any, x: Array, *, full_matrices: bool = False) -> Any:
    _matrix(x.shape)
    q, r = xp.linalg.qr(_wide(x), "complete" if full_matrices else "reduced")
    return q.astype(x.dtype), r.astype(x.dtype)


@qr_.gradient
def _(g: Any, y: Any, x_shape: Any, *, full_matrices: bool) -> Any:
    q, r = y
    rows, columns = x_shape[-2:]
    if full_matrices and rows != columns:
        raise NotImplementedError("QrGrad not implemented when nrows > ncols and full_matrices is true.")
    gq = OPS["ZerosLike"](q) if g[0] is None else g[0]
    gr = OPS["ZerosLike"](r) if g[1] is None else g[1]
    if rows >= columns:
        return _qr_gradient(q, r, gq, gr)
    square, rest = _columns(r, 0, rows), _columns(gr, rows, columns)
    more = matmul(_qr_rest(q, r, rows, columns), rest, adjoint_b=True)
    left = _qr_gradient(q, square, gq + more, _columns(gr, 0, rows))
    return OPS["ConcatV2"](left, matmul(q, rest), -1)


def _qr_rest(q: Any, r: Any, rows: int, columns: int) -> Any:
    """The columns of the input beyond the first square."""
    return matmul(q, _columns(r, rows, columns))


def _columns(x: Any, start: int, stop: int) -> Any:
    return x[..., start:stop]


def _qr_gradient(q: Any, r: Any, gq: Any, gr: Any) -> Any:
    qgq = matmul(q, gq, adjoint_a=True)
    rgr = matmul(r, gr, adjoint_b=True)
    lower = band_part(qgq - adjoint_of(qgq) + rgr - adjoint_of(rgr), -1, 0)
    result = matmul(q, gr + _over(lower, r)) + _over(gq - matmul(q, qgq), r)
    if not q.dtype.is_complex:
        return result
    turned = diag_part(rgr - adjoint_of(qgq))
    turned = turned - OPS["Cast"](OPS["Real"](turned, Tout=turned.dtype.real_dtype), DstT=turned.dtype)
    correction = set_diag(OPS["ZerosLike"](r), turned)
    return result + _over(matmul(q, adjoint_of(correction)), r)


def _over(x: Any, r: Any) -> Any:
    """`x r^-H`, for an upper triangular `r`."""
    return adjoint_of(matrix_triangular_solve(r, adjoint_of(x), lower=False))


# ---------------------------------------------------------------- singular values


def _svd_shape(
    x: shapes.Shape, *, compute_uv: bool = True, full_matrices: bool = False
) -> tuple[shapes.Shape, shapes.Shape, shapes.Shape]:
    _matrix(x)
    if x is None:
        return None, (None if compute_uv else (0,)), (None if compute_uv else (0,))
    rows, columns = x[-2:]
    least = None if rows is None or columns is None else min(rows, columns)
    if not compute_uv:
        return (*x[:-2], least), (0,), (0,)
    inner = (rows, columns) if full_matrices else (least, least)
    return (*x[:-2], least), (*x[:-2], rows, inner[0]), (*x[:-2], columns, inner[1])


@op("Svd", "input:T -> s:T, u:T, v:T", shape=_svd_shape, T=_TYPES)
def svd_(xp: Any, x: Array, *, compute_uv: bool = True, full_matrices: bool = False) -> Any:
    _matrix(x.shape)
    if not compute_uv:
        s = xp.linalg.svd(_wide(x), compute_uv=False)
        return s.astype(x.dtype), xp.zeros(0, x.dtype), xp.zeros(0, x.dtype)
    u, s, vh = xp.linalg.svd(_wide(x), full_matrices=full_matrices)
    return s.astype(x.dtype), u.astype(x.dtype), xp.swapaxes(vh.conj(), -1, -2).astype(x.dtype)


@svd_.on("host")
def _(xp: Any, x: Array, *, compute_uv: bool = True, full_matrices: bool = False) -> Any:
    """What has NaNs or infinities in it has nothing but NaNs for singular values and vectors."""
    wide = _wide(x)
    finite = np.isfinite(wide).all((-2, -1), keepdims=True)
    results = svd_.kernel(np, np.where(finite, wide, 0), compute_uv=compute_uv, full_matrices=full_matrices)
    if not finite.all():
        bad = ~finite
        results = (np.where(bad[..., 0], np.nan, results[0]), *(np.where(bad, np.nan, r) if compute_uv else r for r in results[1:]))
    return tuple(result.astype(x.dtype, copy=False) for result in results)


def _safe_reciprocal(x: Any) -> Any:
    return x / (x * x + 1e-20)


@svd_.gradient
def _(g: Any, y: Any, x: Any, *, compute_uv: bool, full_matrices: bool) -> Any:
    s, u, v = y if compute_uv else svd_(x)
    gs, gu, gv = g if compute_uv else (g[0], None, None)
    rows, columns = shape_of(x)[-2:]
    least = min(rows, columns)
    if full_matrices and abs(rows - columns) > 1 and (gu is not None or gv is not None):
        raise NotImplementedError("svd gradient is not implemented for abs(m - n) > 1 when full_matrices is True")
    s = OPS["Cast"](s, DstT=x.dtype)
    core = diag(OPS["Cast"](gs, DstT=x.dtype) if gs is not None else OPS["ZerosLike"](s))
    row = OPS["ExpandDims"](s, -2)
    squares = row * row
    f = _safe_reciprocal(squares - adjoint_of(squares))
    f = set_diag(f, OPS["ZerosLike"](s))
    inverse = OPS["ExpandDims"](_safe_reciprocal(s), -2)
    u_, v_ = u[..., :least], v[..., :least]
    if gu is not None:
        j = f * matmul(u, gu, adjoint_a=True)[..., :least, :least]
        core = core + (j + adjoint_of(j)) * row
    if gv is not None:
        k = f * matmul(v, gv, adjoint_a=True)[..., :least, :least]
        core = core + adjoint_of(row) * (k + adjoint_of(k))
    if gv is not None and x.dtype.is_complex:
        turned = set_diag(OPS["ZerosLike"](core), diag_part(matmul(v, gv, adjoint_a=True)[..., :least, :least]))
        core = core + (adjoint_of(turned) - turned) * inverse * 0.5
    result = matmul(matmul(u_, core), v_, adjoint_b=True)
    if gu is not None and (rows > columns):
        result = result + matmul(_beyond(u_, gu[..., :least] * inverse), v_, adjoint_b=True)
    if gv is not None and (columns > rows):
        result = result + matmul(u_, _beyond(v_, gv[..., :least] * inverse), adjoint_b=True)
    return result


def _beyond(u: Any, x: Any) -> Any:
    """What of `x` is orthogonal to the columns of `u`."""
    return x - matmul(u, matmul(u, x, adjoint_a=True))


# ---------------------------------------------------------------- eigenvalues


def _eigh_shape(x: shapes.Shape, *, compute_v: bool = True) -> tuple[shapes.Shape, shapes.Shape]:
    _square(x)
    if x is None:
        return None, (None if compute_v else (0,))
    return x[:-1], (x if compute_v else (0,))


@op("SelfAdjointEigV2", "input:T -> e:T, v:T", shape=_eigh_shape, T=_TYPES)
def self_adjoint_eig(xp: Any, x: Array, *, compute_v: bool = True) -> Any:
    _square(x.shape)
    if not compute_v:
        return xp.linalg.eigvalsh(_wide(x)).astype(x.dtype), xp.zeros(0, x.dtype)
    e, v = xp.linalg.eigh(_wide(x))
    return e.astype(x.dtype), v.astype(x.dtype)


@self_adjoint_eig.gradient
def _(g: Any, y: Any, x: Any, *, compute_v: bool) -> Any:
    """Only the lower triangle of the input is read, so only that has a gradient."""
    e, v = y if compute_v else self_adjoint_eig(x)
    middle = diag(g[0] if g[0] is not None else OPS["ZerosLike"](e))
    if compute_v and g[1] is not None:
        f = _safe_reciprocal(OPS["ExpandDims"](e, -2) - OPS["ExpandDims"](e, -1))
        f = set_diag(f, OPS["ZerosLike"](e))
        middle = middle + f * matmul(v, g[1], adjoint_a=True)
    full = matmul(v, matmul(middle, v, adjoint_b=True))
    lower = band_part(full + adjoint_of(full), -1, 0)
    return set_diag(lower, diag_part(lower) * 0.5)


# ---------------------------------------------------------------- public functions


class LogMatrixDeterminant(NamedTuple):
    """What `slogdet` returns."""

    sign: Tensor
    log_abs_determinant: Tensor


class Qr(NamedTuple):
    """What `qr` returns."""

    q: Tensor
    r: Tensor


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


def qr(input: TensorLike, full_matrices: bool = False, name: str | None = None) -> Qr:
    """An orthogonal `q` and an upper triangular `r` whose product is the input.

    Args:
      input: floats of shape `[..., m, n]`.
      full_matrices: whether `q` has m columns, or only min(m, n).
      name: of the operation.

    >>> q, r = tf.linalg.qr([[3.0, 1.0], [4.0, 1.0]])
    >>> r.shape
    TensorShape([2, 2])
    """
    return Qr(*qr_(input, full_matrices=full_matrices, name=name))


def svd(
    tensor: TensorLike, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None
) -> Tensor | tuple[Tensor, Tensor, Tensor]:
    """The singular values `s`, and the matrices with `u diag(s) v^H` equal to the input.

    Args:
      tensor: floats of shape `[..., m, n]`.
      full_matrices: whether `u` and `v` are square.
      compute_uv: whether to return them at all.
      name: of the operation.

    Returns:
      `(s, u, v)`, or just `s`. The singular values are real and descend.

    >>> s, u, v = tf.linalg.svd([[3.0, 0.0], [0.0, 4.0]])
    >>> s.numpy()
    array([4., 3.], dtype=float32)
    """
    s, u, v = svd_(tensor, compute_uv=compute_uv, full_matrices=full_matrices, name=name)
    if s.dtype.is_complex:
        s = OPS["Real"](s, Tout=s.dtype.real_dtype)
    return (s, u, v) if compute_uv else s  # type: ignore[no-any-return]


def eigh(tensor: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues of self-adjoint matrices, in ascending order, and the eigenvectors, as columns.

    Only the lower triangle is read.

    >>> e, v = tf.linalg.eigh([[2.0, 0.0], [0.0, 1.0]])
    >>> e.numpy()
    array([1., 2.], dtype=float32)
    """
    e, v = self_adjoint_eig(tensor, name=name)
    return e, v


def eigvalsh(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues of self-adjoint matrices; see `eigh`.

    >>> tf.linalg.eigvalsh([[2.0, 0.0], [0.0, 1.0]]).numpy()
    array([1., 2.], dtype=float32)
    """
    return self_adjoint_eig(tensor, compute_v=False, name=name)[0]  # type: ignore[no-any-return]
