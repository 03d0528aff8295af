"""Matrices with three diagonals: products and systems of equations."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..core import types
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from .common import conj, shape_of
from .lapack import few, matrices, routine
from .matrix_diag import diag_part, matrix_set_diag
from .norm import matrix_transpose
from .padding import pad
from .reduction import reduce_sum
from .solving import check_matrix

_TYPES: tuple[DType, ...] = (dtypes.float64, dtypes.float32, *types.COMPLEX)
_SUPER, _MAIN, _SUB = range(3)


def _check_alike(*inputs: shapes.Shape) -> None:
    """Refuses inputs that are no matrices, or whose batches differ."""
    first = inputs[0]
    for i, x in enumerate(inputs):
        if x is not None and first is not None and len(x) != len(first):
            raise errors.invalid("All input tensors must have the same rank.")
        check_matrix(x, i)
    if not all(x is None or first is None or shapes.fits(x[:-2], first[:-2]) for x in inputs):
        raise errors.invalid("All input tensors must have the same outer dimensions.")


def _of_matrix(rhs: shapes.Shape, *others: shapes.Shape) -> shapes.Shape:
    """The shape of a right hand side, with what other inputs tell of its batch and (last axis) its rows."""
    if rhs is None or any(x is None for x in others):
        return rhs
    known = [(*x[:-2], x[-1]) for x in others if x is not None]
    merged = shapes.merge(rhs[:-1], *known)
    return None if merged is None else (*merged, rhs[-1])


# ---------------------------------------------------------------- products


def _product_shape(
    above: shapes.Shape, main: shapes.Shape, below: shapes.Shape, rhs: shapes.Shape, **_attrs: Any
) -> shapes.Shape:
    _check_alike(above, main, below, rhs)
    for which, x in (("superdiagonal", above), ("main diagonal", main), ("subdiagonal", below)):
        if x is not None and rhs is not None and not shapes.fits(x[-2:], (1, rhs[-2])):
            raise errors.invalid(f"Invalid {which} shape.")
    return _of_matrix(rhs, above, main, below)


@op("TridiagonalMatMul", "superdiag:T, maindiag:T, subdiag:T, rhs:T -> output:T", shape=_product_shape, T=_TYPES)
def tridiagonal_mat_mul(xp: Any, above: Array, main: Array, below: Array, rhs: Array) -> Array:
    _product_shape(above.shape, main.shape, below.shape, rhs.shape)
    above, main, below = (xp.swapaxes(x, -1, -2) for x in (above, main, below))
    first, last = xp.zeros_like(rhs[..., :1, :]), xp.zeros_like(rhs[..., -1:, :])
    product = main * rhs
    product = product + xp.concatenate([above[..., :-1, :] * rhs[..., 1:, :], last], -2)
    return product + xp.concatenate([first, below[..., 1:, :] * rhs[..., :-1, :]], -2)


@tridiagonal_mat_mul.on("host")
def _(_np: Any, above: Array, main: Array, below: Array, rhs: Array) -> Array:
    _product_shape(above.shape, main.shape, below.shape, rhs.shape)
    above, main, below = (np.swapaxes(x, -1, -2) for x in (above, main, below))
    product = main * rhs
    product[..., :-1, :] += above[..., :-1, :] * rhs[..., 1:, :]
    product[..., 1:, :] += below[..., 1:, :] * rhs[..., :-1, :]
    return product


@tridiagonal_mat_mul.gradient
def _(g: Any, _y: Any, above: Any, main: Any, below: Any, rhs: Any) -> Any:
    above, main, below = (matrix_transpose(x, conjugate=True) for x in (above, main, below))
    rhs = conj(rhs)
    diagonals = (reduce_sum(x * g, -1) for x in (_up(rhs), rhs, _down(rhs)))
    g_rhs = _down(above * g) + main * g + _up(below * g)
    return *(OPS["ExpandDims"](x, -2) for x in diagonals), g_rhs


def _up(x: Any) -> Any:
    """Each row at the place of the one before it, and zeros in the last."""
    return _padded(x[..., 1:, :], 0, 1)


def _down(x: Any) -> Any:
    """Each row at the place of the next one, and zeros in the first."""
    return _padded(x[..., :-1, :], 1, 0)


def _padded(x: Any, before: int, after: int) -> Any:
    """With rows of zeros before and after."""
    if x.shape.rank is not None:
        return pad(x, [[0, 0]] * (x.shape.rank - 2) + [[before, after], [0, 0]])
    batch = OPS["Fill"](OPS["Pack"](OPS["Rank"](x) - 2, 2), 0)
    return pad(x, OPS["ConcatV2"](batch, [[before, after], [0, 0]], 0))


# ---------------------------------------------------------------- systems of equations


def _solve_shape(
    diagonals: shapes.Shape, rhs: shapes.Shape, *, partial_pivoting: bool = True, perturb_singular: bool = False
) -> shapes.Shape:
    if perturb_singular and not partial_pivoting:
        raise errors.invalid("Setting perturb_singular requires also setting partial_pivoting.")
    _check_alike(diagonals, rhs)
    if diagonals is None or rhs is None:
        return rhs
    if diagonals[-2] not in (3, None):
        raise errors.invalid(f"Expected diagonals to be provided as a matrix with 3 rows, got {diagonals[-2]} rows.")
    if not shapes.fits(diagonals[-1:], rhs[-2:-1]):
        sizes = f"{diagonals[-1]} and {rhs[-2]}"
        raise errors.invalid(f"Expected the same number of left-hand sides and right-hand sides, got {sizes}.")
    return _of_matrix(rhs, diagonals)


@op("TridiagonalSolve", "diagonals:T, rhs:T -> output:T", shape=_solve_shape, T=_TYPES)
def tridiagonal_solve_(
    _np: Any, diagonals: Array, rhs: Array, *, partial_pivoting: bool = True, perturb_singular: bool = False
) -> Array:
    """Systems that are singular get NaN, unless their pivots are perturbed."""
    _solve_shape(diagonals.shape, rhs.shape, partial_pivoting=partial_pivoting, perturb_singular=perturb_singular)
    if rhs.size == 0:
        return rhs
    gtsv = routine("gtsv", rhs.dtype.char)
    if gtsv is None or not few(rhs.shape[:-2], rhs.shape[-2]) or not partial_pivoting or perturb_singular:
        return _eliminated(diagonals, rhs, partial_pivoting, perturb_singular)
    out = np.empty_like(rhs)
    for x, three, b in matrices(out, diagonals, rhs):
        if len(b) == 1:
            x[:] = b / three[_MAIN] if three[_MAIN, 0] else np.nan
            continue
        *_, solved, failed = gtsv(three[_SUB, 1:], three[_MAIN], three[_SUPER, :-1], b)
        x[:] = np.nan if failed else solved
    return out


def _eliminated(diagonals: Array, rhs: Array, pivoting: bool, perturb: bool) -> Array:
    """Gaussian elimination, row by row of all the matrices at once."""
    above, main, below = (diagonals[..., i, :, None] for i in range(3))
    n = rhs.shape[-2]
    pivots, right, far = main.copy(), above.copy(), np.zeros_like(main)  # the three diagonals of U
    right[..., -1, :] = 0
    x = rhs.copy()
    for i in range(n - 1):
        row = pivots[..., i, :], right[..., i, :], np.zeros_like(pivots[..., i, :]), x[..., i, :]
        next_ = below[..., i + 1, :], main[..., i + 1, :], right[..., i + 1, :], x[..., i + 1, :]
        if pivoting:
            swap = np.abs(next_[0]) > np.abs(row[0])
            row, next_ = (tuple(np.where(swap, b, a) for a, b in zip(p, q)) for p, q in ((row, next_), (next_, row)))
        factor = next_[0] / row[0] if not perturb else np.where(row[0] == 0, 0, next_[0] / row[0])
        pivots[..., i, :], right[..., i, :], far[..., i, :], x[..., i, :] = row
        pivots[..., i + 1, :] = next_[1] - factor * row[1]
        right[..., i + 1, :] = next_[2] - factor * row[2]
        x[..., i + 1, :] = next_[3] - factor * row[3]
    singular = (pivots == 0).any(-2, keepdims=True)
    if perturb:
        pivots = _perturbed(pivots, right, far)
    for i in range(n - 1, -1, -1):
        rest = x[..., i, :]
        if i + 1 < n:
            rest = rest - right[..., i, :] * x[..., i + 1, :]
        if i + 2 < n:
            rest = rest - far[..., i, :] * x[..., i + 2, :]
        x[..., i, :] = rest / pivots[..., i, :]
    return x if perturb else np.where(singular, x.dtype.type(np.nan), x)


def _perturbed(pivots: Array, right: Array, far: Array) -> Array:
    """Pivots that are not too close to zero, for what else there is in U."""
    limits = np.finfo(pivots.dtype)
    largest = np.max([np.abs(x).max(-2, keepdims=True) for x in (pivots, right, far)], 0)
    least = np.maximum(limits.tiny, largest * limits.eps).astype(largest.dtype)
    signs = np.where(pivots.real < 0, -1, 1).astype(pivots.dtype)
    return np.where(np.abs(pivots) <= least, signs * least, pivots)


@tridiagonal_solve_.on("xla")
def _(
    jax: Any, diagonals: Array, rhs: Array, *, partial_pivoting: bool = True, perturb_singular: bool = False
) -> Array:
    """Always with pivots; to perturb them, as any matrix."""
    _solve_shape(diagonals.shape, rhs.shape, partial_pivoting=partial_pivoting, perturb_singular=perturb_singular)
    if rhs.size == 0:
        return rhs
    if perturb_singular:
        return _solved_dense(jax, diagonals, rhs)
    if rhs.shape[-2] == 1:
        pivot = diagonals[..., 1:2, :]
        return jax.numpy.where(pivot == 0, np.nan, rhs / pivot)
    diagonals = jax.numpy.asarray(diagonals)  # a constant is NumPy's
    below = diagonals[..., _SUB, :].at[..., 0].set(0)
    above = diagonals[..., _SUPER, :].at[..., -1].set(0)
    return jax.lax.linalg.tridiagonal_solve(below, diagonals[..., _MAIN, :], above, rhs)


def _solved_dense(jax: Any, diagonals: Array, rhs: Array) -> Array:
    jnp, solve = jax.numpy, jax.lax.linalg.triangular_solve
    n = rhs.shape[-2]
    zeros = jnp.zeros((*rhs.shape[:-2], n, n), rhs.dtype)
    ends = (-1, 1) if n > 1 else (0, 0)
    matrix = matrix_set_diag.kernel(jnp, zeros, diagonals if n > 1 else diagonals[..., 1, :], ends, align="LEFT_RIGHT")
    packed, _, order = jax.lax.linalg.lu(matrix)
    upper = jnp.triu(packed)
    limits, pivots = np.finfo(rhs.dtype), jnp.diagonal(packed, 0, -2, -1)
    largest = jnp.abs(upper).max((-2, -1))[..., None]
    least = jnp.maximum(limits.tiny, largest * limits.eps).astype(largest.dtype)
    changed = jnp.where(jnp.abs(pivots) <= least, jnp.where(pivots.real < 0, -1, 1) * least, pivots)
    upper = jnp.where(jnp.eye(n, dtype=bool), changed[..., None, :], upper).astype(rhs.dtype)
    half = solve(packed, jnp.take_along_axis(rhs, order[..., None], -2), left_side=True, lower=True, unit_diagonal=True)
    return solve(upper, half, left_side=True, lower=False)


@tridiagonal_solve_.gradient
def _(g: Any, y: Any, diagonals: Any, _rhs: Any, **attrs: Any) -> Any:
    """As TensorFlow's, nothing is conjugated."""
    g_rhs = tridiagonal_solve_(_transposed(diagonals), g, **attrs)
    three = [reduce_sum(g_rhs * x, -1) for x in (_up(y), y, _down(y))]
    return -OPS["Pack"](*three, axis=-2), g_rhs


def _transposed(diagonals: Any) -> Any:
    columns = matrix_transpose(diagonals)
    above, below = _up(columns[..., _SUB:]), _down(columns[..., :1])
    return matrix_transpose(OPS["ConcatV2"](above, columns[..., _MAIN:_SUB], below, -1))


# ---------------------------------------------------------------- public functions


def _of_matrices(diagonals: Any) -> Any:
    """The three diagonals of matrices, in the compact form."""
    rows, columns = diagonals.shape[-2], diagonals.shape[-1]
    if rows and columns and rows != columns:
        raise ValueError(f"Expected last two dimensions of diagonals to be same, got {columns} and {rows}")
    return diag_part(diagonals, k=(-1, 1), padding_value=0.0, align="LEFT_RIGHT")


def _of_sequence(diagonals: Any) -> Any:
    """Three separate diagonals in the compact form."""
    if not isinstance(diagonals, (tuple, list)) or len(diagonals) != 3:
        raise ValueError("Expected diagonals to be a sequence of length 3.")
    above, main, below = diagonals
    if not all(x.shape[:-1].is_compatible_with(main.shape[:-1]) for x in (above, below)):
        raise ValueError(
            "Tensors representing the three diagonals must have the same shape,except for the last dimension, "
            f"got {below.shape}, {main.shape}, {above.shape}"
        )
    below = _lengthened(below, main, "subdiagonal", True)
    above = _lengthened(above, main, "superdiagonal", False)
    return OPS["Pack"](above, main, below, axis=-2)


def _lengthened(x: Any, main: Any, which: str, at_start: bool) -> Any:
    """With as many elements as the main diagonal; one more, if any."""
    have, size = x.shape[-1], main.shape[-1]
    if x.shape.rank is None or main.shape.rank is None or (have is not None and have == size):
        return x
    if have is not None and size is not None and have != size - 1:
        raise ValueError(f"Expected {which} to be have length {size} or {size - 1}, got {have}.")
    missing = shape_of(main)[-1] - shape_of(x)[-1]
    return pad(x, [[0, 0]] * (x.shape.rank - 1) + [[missing, 0] if at_start else [0, missing]])


def _check_system(diagonals: Any, rhs: Any) -> None:
    rank, rhs_rank = diagonals.shape.rank, rhs.shape.rank
    if rank is not None:
        if rank < 2:
            raise ValueError(f"Expected diagonals to have rank at least 2, got {rank}")
        if rhs_rank and rhs_rank not in (rank, rank - 1):
            raise ValueError(f"Expected the rank of rhs to be {rank - 1} or {rank}, got {rhs_rank}")
        batch, other = diagonals.shape[:-2], rhs.shape[: rank - 2]
        if rhs_rank and not batch.is_compatible_with(other):
            raise ValueError(f"Batch shapes {batch} and {other} are incompatible")
        if diagonals.shape[-2] and diagonals.shape[-2] != 3:
            raise ValueError(f"Expected 3 diagonals got {diagonals.shape[-2]}")


def tridiagonal_solve(
    diagonals: Any,
    rhs: Any,
    diagonals_format: str = "compact",
    transpose_rhs: bool = False,
    conjugate_rhs: bool = False,
    name: str | None = None,
    partial_pivoting: bool = True,
    perturb_singular: bool = False,
) -> Tensor:
    """The `x` with `A x = rhs`, for matrices `A` that are zero but for three diagonals.

    Args:
      diagonals: the upper, the main and the lower diagonal. `"compact"`: a Tensor of shape `[..., 3, n]`, where the
        last element of the upper and the first of the lower one count for nothing. `"sequence"`: three Tensors, two of
        which may be one shorter. `"matrix"`: a Tensor of shape `[..., n, n]`, of which only the three diagonals count.
      rhs: of shape `[..., n, k]`, or `[..., n]`; with the same batch.
      diagonals_format: one of the three.
      transpose_rhs: whether `rhs` has shape `[..., k, n]`.
      conjugate_rhs: whether to conjugate it.
      name: of the operation.
      partial_pivoting: whether rows may be exchanged, which is more precise.
      perturb_singular: whether pivots that are about zero are replaced by small numbers, so that singular matrices get
        a finite result instead of NaN.

    Returns:
      A Tensor of the shape of `rhs` (after it was transposed).

    Raises:
      ValueError: for shapes that do not fit.

    >>> diagonals = tf.constant([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0], [0.0, 1.0, 1.0]])
    >>> tf.linalg.tridiagonal_solve(diagonals, tf.constant([3.0, 4.0, 3.0])).numpy().round(5)
    array([1., 1., 1.], dtype=float32)
    """
    if perturb_singular and not partial_pivoting:
        raise ValueError("partial_pivoting must be True if perturb_singular is.")
    if diagonals_format not in ("compact", "sequence", "matrix"):
        raise ValueError(f"Unrecognized diagonals_format: {diagonals_format}")
    if diagonals_format != "compact":
        diagonals = (_of_sequence if diagonals_format == "sequence" else _of_matrices)(diagonals)
    _check_system(diagonals, rhs)
    rank = rhs.shape.rank
    line = bool(rank) and rank == (diagonals.shape.rank or 0) - 1
    if line:
        rhs = OPS["ExpandDims"](rhs, -1)
    if transpose_rhs and not line:
        rhs = matrix_transpose(rhs, conjugate=conjugate_rhs)
    elif conjugate_rhs:
        rhs = conj(rhs)
    if rank and diagonals.shape[-1] and rhs.shape[-2] and diagonals.shape[-1] != rhs.shape[-2]:
        sizes = f"{diagonals.shape[-1]} and {rhs.shape[-2]}"
        raise ValueError(f"Expected number of left-hand sided and right-hand sides to be equal, got {sizes}")
    solved: Tensor = tridiagonal_solve_(
        diagonals, rhs, partial_pivoting=partial_pivoting, perturb_singular=perturb_singular, name=name
    )
    return OPS["Squeeze"](solved, squeeze_dims=[-1]) if line else solved


def tridiagonal_matmul(
    diagonals: Any, rhs: TensorLike, diagonals_format: str = "compact", name: str | None = None
) -> Tensor:
    """The product of matrices that are zero but for three diagonals with other matrices.

    Args:
      diagonals: see `tridiagonal_solve`; in the format `"sequence"` all three have shape `[..., n]`.
      rhs: of shape `[..., n, k]`, with the same batch.
      diagonals_format: `"compact"`, `"sequence"` or `"matrix"`.
      name: of the operation.

    Returns:
      A Tensor of the shape of `rhs`.

    Raises:
      ValueError: for a format that there is not.

    >>> diagonals = tf.constant([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0], [0.0, 1.0, 1.0]])
    >>> tf.linalg.tridiagonal_matmul(diagonals, tf.ones([3, 1])).numpy()[:, 0]
    array([3., 4., 3.], dtype=float32)
    """
    if diagonals_format not in ("compact", "sequence", "matrix"):
        raise ValueError(f"Unrecognized diagonals_format: {diagonals_format}")
    if diagonals_format == "sequence":
        three = tuple(diagonals)
    else:
        compact = _of_matrices(diagonals) if diagonals_format == "matrix" else diagonals
        three = tuple(compact[..., i, :] for i in range(3))
    above, main, below = (OPS["ExpandDims"](x, -2) for x in three)
    return tridiagonal_mat_mul(above, main, below, rhs, name=name)  # type: ignore[no-any-return]
