"""Decompositions of matrices: QR, singular values, eigenvalues."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..base import errors, shapes
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from .common import shape_of
from .lapack import in_batches, loop
from .matmul import matmul
from .matrix_diag import band_part, diag, diag_part, set_diag
from .solving import FLOAT_TYPES, adjoint_of, check_matrix, check_square, matrix_triangular_solve, widened

_FEW = 1 << 10  # elements up to which a sum tells sooner than a look at each whether all are finite


def _plainly_finite(x: Array) -> bool:
    """Whether all elements are finite, as of few their sum tells soonest; False may be wrong."""
    return x.size < _FEW and math.isfinite(abs(x.sum()))


# ---------------------------------------------------------------- QR


def _qr_shape(x: shapes.Shape, *, full_matrices: bool = False) -> tuple[shapes.Shape, shapes.Shape]:
    check_matrix(x)
    if x is None:
        return None, None
    rows, columns = x[-2:]
    least = None if rows is None or columns is None else min(rows, columns)
    inner = rows if full_matrices else least
    return (*x[:-2], rows, inner), (*x[:-2], inner, columns)


@op("Qr", "input:T -> q:T, r:T", shape=_qr_shape, T=FLOAT_TYPES)
def qr_(xp: Any, x: Array, *, full_matrices: bool = False) -> Any:
    check_matrix(x.shape)
    q, r = xp.linalg.qr(widened(x), "complete" if full_matrices else "reduced")
    return q.astype(x.dtype), r.astype(x.dtype)


@qr_.gradient
def _(g: Any, y: Any, x_shape: Any, *, full_matrices: bool) -> Any:
    q, r = y
    if not _are_known(x_shape):
        raise NotImplementedError("QrGrad not implemented with dynamic shapes.")
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


def _are_known(shape: Any) -> bool:
    """Whether the sizes of the matrices are known."""
    return type(shape) is tuple and all(type(size) is int for size in shape[-2:])


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
    check_matrix(x)
    if x is None:
        return None, (None if compute_uv else (0,)), (None if compute_uv else (0,))
    rows, columns = x[-2:]
    least = None if rows is None or columns is None else min(rows, columns)
    if not compute_uv:
        return (*x[:-2], least), (0,), (0,)
    inner = (rows, columns) if full_matrices else (least, least)
    return (*x[:-2], least), (*x[:-2], rows, inner[0]), (*x[:-2], columns, inner[1])


@op("Svd", "input:T -> s:T, u:T, v:T", shape=_svd_shape, T=FLOAT_TYPES)
def svd_(xp: Any, x: Array, *, compute_uv: bool = True, full_matrices: bool = False) -> Any:
    check_matrix(x.shape)
    if not compute_uv:
        s = xp.linalg.svd(widened(x), compute_uv=False)
        return s.astype(x.dtype), xp.zeros(0, x.dtype), xp.zeros(0, x.dtype)
    u, s, vh = xp.linalg.svd(widened(x), full_matrices=full_matrices)
    return s.astype(x.dtype), u.astype(x.dtype), xp.swapaxes(vh.conj(), -1, -2).astype(x.dtype)


@svd_.on("host")
def _(xp: Any, x: Array, *, compute_uv: bool = True, full_matrices: bool = False) -> Any:
    """What has NaNs or infinities in it has nothing but NaNs for singular values and vectors."""
    check_matrix(x.shape)
    wide = widened(x)
    if _plainly_finite(wide):
        results = _singular(wide, compute_uv, full_matrices)
    else:
        finite = np.isfinite(wide).all((-2, -1), keepdims=True)
        results = _singular(np.where(finite, wide, 0), compute_uv, full_matrices)
        if not finite.all():
            bad = ~finite
            results = (
                np.where(bad[..., 0], np.nan, results[0]),
                *(np.where(bad, np.nan, r) if compute_uv else r for r in results[1:]),
            )
    return tuple(result.astype(x.dtype, copy=False) for result in results)


def _singular(x: Array, compute_uv: bool, full_matrices: bool) -> Any:
    """Singular values and vectors on the host, by NumPy's loops if they can be found."""
    decompose = loop(("svd_f" if full_matrices else "svd_s") if compute_uv else "svd")
    if decompose is None or not x.size:
        return svd_.kernel(np, x, compute_uv=compute_uv, full_matrices=full_matrices)
    if not compute_uv:
        return decompose(x), np.zeros(0, x.dtype), np.zeros(0, x.dtype)
    u, s, vh = decompose(x)
    return s, u, (vh.conj() if vh.dtype.kind == "c" else vh).swapaxes(-1, -2)


def safe_reciprocal(x: Any) -> Any:
    return x / (x * x + 1e-20)


@svd_.gradient
def _(g: Any, y: Any, x: Any, *, compute_uv: bool, full_matrices: bool) -> Any:
    gs, gu, gv = g
    if not compute_uv:
        _, u, v = svd_(x)
        return matmul(matmul(u, diag(OPS["Cast"](gs, DstT=x.dtype))), v, adjoint_b=True)
    s, u, v = y
    if not _are_known(shape_of(x)):
        raise NotImplementedError("SVD gradient has not been implemented for input with unknown inner matrix shape.")
    rows, columns = shape_of(x)[-2:]
    least = min(rows, columns)
    if full_matrices and abs(rows - columns) > 1 and (gu is not None or gv is not None):
        raise NotImplementedError("svd gradient is not implemented for abs(m - n) > 1 when full_matrices is True")
    s = OPS["Cast"](s, DstT=x.dtype)
    core = diag(OPS["Cast"](gs, DstT=x.dtype) if gs is not None else OPS["ZerosLike"](s))
    row = OPS["ExpandDims"](s, -2)
    squares = row * row
    f = safe_reciprocal(squares - adjoint_of(squares))
    f = set_diag(f, OPS["ZerosLike"](s))
    inverse = OPS["ExpandDims"](safe_reciprocal(s), -2)
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
    check_square(x)
    if x is None:
        return None, (None if compute_v else (0,))
    return x[:-1], (x if compute_v else (0,))


@op("SelfAdjointEigV2", "input:T -> e:T, v:T", shape=_eigh_shape, T=FLOAT_TYPES)
def self_adjoint_eig(xp: Any, x: Array, *, compute_v: bool = True) -> Any:
    check_square(x.shape)
    if not compute_v:
        return xp.linalg.eigvalsh(widened(x)).astype(x.dtype), xp.zeros(0, x.dtype)
    e, v = xp.linalg.eigh(widened(x))
    return e.astype(x.dtype), v.astype(x.dtype)


@self_adjoint_eig.on("host")
def _(xp: Any, x: Array, *, compute_v: bool = True) -> Any:
    failed = errors.invalid("Self-adjoint eigen decomposition was not successful. The input might not be valid.")
    check_square(x.shape)
    wide = widened(x)
    if not _plainly_finite(wide) and x.shape[-1] > 1 and np.isnan(np.tril(x)).any():  # LAPACK makes something up
        raise failed
    decompose = loop("eigh_lo" if compute_v else "eigvalsh_lo")
    if decompose is None or not x.size:
        return self_adjoint_eig.kernel(xp, x, compute_v=compute_v)
    e, v = decompose(wide) if compute_v else (decompose(wide), np.zeros(0, x.dtype))
    if x.shape[-1] > 1 and np.isnan(e).any():
        raise failed
    return e.astype(x.dtype, copy=False), v.astype(x.dtype, copy=False)


@self_adjoint_eig.on("xla")
def _(jax: Any, x: Array, *, compute_v: bool = True) -> Any:
    """Reads the lower triangle alone."""
    check_square(x.shape)
    e, v = jax.numpy.linalg.eigh(widened(x), "L", symmetrize_input=False)
    return e.astype(x.dtype), v.astype(x.dtype) if compute_v else jax.numpy.zeros(0, x.dtype)


@self_adjoint_eig.gradient
def _(g: Any, y: Any, x: Any, *, compute_v: bool) -> Any:
    """Only the lower triangle of the input is read, so only that has a gradient."""
    e, v = y if compute_v else self_adjoint_eig(x)
    middle = diag(g[0] if g[0] is not None else OPS["ZerosLike"](e))
    if compute_v and g[1] is not None:
        f = safe_reciprocal(OPS["ExpandDims"](e, -2) - OPS["ExpandDims"](e, -1))
        f = set_diag(f, OPS["ZerosLike"](e))
        middle = middle + f * matmul(v, g[1], adjoint_a=True)
    full = matmul(v, matmul(middle, v, adjoint_b=True))
    lower = band_part(full + adjoint_of(full), -1, 0)
    return set_diag(lower, diag_part(lower) * 0.5)


in_batches(qr_, svd_, self_adjoint_eig)


# ---------------------------------------------------------------- public functions


class Qr(NamedTuple):
    """What `qr` returns."""

    q: Tensor
    r: Tensor


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
    return (s, u, v) if compute_uv else s


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
