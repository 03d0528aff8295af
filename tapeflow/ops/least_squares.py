"""Least squares, pseudo-inverses, ranks: what comes of singular values and of products of columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..core.convert import convert
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from .common import select, shape_of
from .debugging_shapes import assert_rank_at_least
from .decompositions import svd
from .matmul import matmul
from .matrix_diag import diag_part, set_diag
from .reduction import reduce_max, reduce_sum
from .solving import FLOAT_TYPES, check_matrix, cholesky, cholesky_solve, swapped, widened

# ---------------------------------------------------------------- the op


def _solve_shape(a: shapes.Shape, b: shapes.Shape, regularizer: shapes.Shape, **_attrs: Any) -> shapes.Shape:
    if regularizer:
        raise errors.invalid(f"l2_regularizer must be scalar, got shape {shapes.show(regularizer)}")
    check_matrix(a)
    if a is not None and b is not None and len(a) != len(b):
        raise errors.invalid("All input tensors must have the same rank.")
    check_matrix(b, 1)
    if a is None or b is None:
        return None
    if not shapes.fits(a[:-2], b[:-2]):
        raise errors.invalid("All input tensors must have the same outer dimensions.")
    if not shapes.fits(a[-2:-1], b[-2:-1]):
        raise errors.invalid("Input matrix and rhs are incompatible.")
    batch = shapes.merge(a[:-2], b[:-2])
    assert batch is not None
    return (*batch, a[-1], b[-1])


@op("MatrixSolveLs", "matrix:T, rhs:T, l2_regularizer:double -> output:T", shape=_solve_shape, T=FLOAT_TYPES)
def matrix_solve_ls(xp: Any, a: Array, b: Array, regularizer: Array, *, fast: bool = True) -> Array:
    _solve_shape(a.shape, b.shape, regularizer.shape)
    dtype = b.dtype
    a, b = widened(a), widened(b)
    if not (a.size and b.size):
        return xp.zeros((*a.shape[:-2], a.shape[-1], b.shape[-1]), dtype)
    solve = _by_products if fast else _by_singular_values
    return solve(xp, a, b, regularizer).astype(dtype)


@matrix_solve_ls.on("host")
def _(xp: Any, a: Array, b: Array, regularizer: Array, *, fast: bool = True) -> Array:
    if regularizer.ndim == 0 and regularizer < 0:
        raise errors.invalid("l2_regularizer must be >= 0.")
    try:
        return matrix_solve_ls.kernel(xp, a, b, regularizer, fast=fast)
    except np.linalg.LinAlgError:
        message = (
            "Input matrix was rank deficient or ill-conditioned. Try setting fast=False or provide a larger "
            "l2_regularizer > 0."
        )
        raise errors.invalid(message) from None


def _by_products(xp: Any, a: Array, b: Array, regularizer: Array) -> Array:
    """By way of the smaller of the two matrices of products."""
    ah = xp.swapaxes(a.conj(), -1, -2)
    tall = a.shape[-2] >= a.shape[-1]
    gram = ah @ a if tall else a @ ah
    gram = gram + regularizer.astype(a.dtype) * xp.eye(gram.shape[-1], dtype=a.dtype)
    return xp.linalg.solve(gram, ah @ b) if tall else ah @ xp.linalg.solve(gram, b)


def _by_singular_values(xp: Any, a: Array, b: Array, _regularizer: Array) -> Array:
    """The smallest solution; singular values that are about zero count for nothing."""
    u, s, vh = xp.linalg.svd(a, full_matrices=False)
    least = s[..., :1] * (np.finfo(s.dtype).eps * min(a.shape[-2:]))
    inverse = xp.where(s > least, 1 / s, 0)
    part = inverse[..., None] * (xp.swapaxes(u.conj(), -1, -2) @ b)
    return xp.swapaxes(vh.conj(), -1, -2) @ part


@matrix_solve_ls.gradient
def _(g: Any, y: Any, a: Any, b: Any, regularizer: Any, *, fast: bool) -> Any:
    if not fast:
        raise ValueError("Gradient not defined for fast=False")
    rows, columns = a.shape[-2:].as_list() if a.shape.rank else (None, None)
    if rows is None or columns is None:
        sizes = OPS["Shape"](a)[-2:]
        tall = sizes[0] >= sizes[1]
        of_tall = _tall_gradient(g, y, a, b, regularizer, tall)
        of_wide = _wide_gradient(g, a, b, regularizer, ~tall)
        return *(select(tall, x, z) for x, z in zip(of_tall, of_wide)), None
    return *(_tall_gradient(g, y, a, b, regularizer) if rows >= columns else _wide_gradient(g, a, b, regularizer)), None


def _tall_gradient(g: Any, y: Any, a: Any, b: Any, regularizer: Any, valid: Any = None) -> tuple[Any, Any]:
    z = cholesky_solve(cholesky(_gram(a, True, regularizer, valid)), g)
    product = matmul(y, z, adjoint_b=True)
    both = product + OPS["Transpose"](product, swapped(product))
    return matmul(b, z, adjoint_b=True) - matmul(a, both), matmul(a, z)


def _wide_gradient(g: Any, a: Any, b: Any, regularizer: Any, valid: Any = None) -> tuple[Any, Any]:
    factor = cholesky(_gram(a, False, regularizer, valid))
    gb, part = cholesky_solve(factor, matmul(a, g)), cholesky_solve(factor, b)
    rest = g - matmul(a, gb, adjoint_a=True)
    return matmul(part, rest, adjoint_b=True) - matmul(gb, matmul(part, a, adjoint_a=True)), gb


# ---------------------------------------------------------------- least squares


def lstsq(
    matrix: TensorLike, rhs: TensorLike, l2_regularizer: Any = 0.0, fast: bool = True, name: str | None = None
) -> Tensor:
    """The `x` for which `matrix x` is closest to `rhs`; of several, the smallest.

    Args:
      matrix: floats or complex numbers of shape `[..., m, n]`.
      rhs: of shape `[..., m, k]`.
      l2_regularizer: how much the squares of `x` count besides; used if `fast`.
      fast: whether to go by way of `cholesky`, which needs a matrix of full rank, and has a gradient; otherwise by
        singular values.
      name: of the operation.

    Returns:
      A Tensor of shape `[..., n, k]`.

    Raises:
      NotImplementedError: for complex128 with a regularizer.

    >>> x = tf.linalg.lstsq([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]], [[1.0], [2.0], [3.0]])
    >>> x.shape
    TensorShape([2, 1])
    """
    a = convert(matrix)
    regularized = isinstance(l2_regularizer, Tensor) or l2_regularizer != 0
    if a.dtype == dtypes.complex128 and regularized:
        raise NotImplementedError(
            "matrix_solve_ls is currently disabled for complex128 and l2_regularizer != 0 due to poor accuracy."
        )
    if not fast:
        return matrix_solve_ls(a, rhs, l2_regularizer, fast=False, name=name)  # type: ignore[no-any-return]
    b = convert(rhs, a.dtype)
    rows, columns = a.shape[-2:].as_list() if a.shape.rank else (None, None)
    if rows is None or columns is None:
        sizes = OPS["Shape"](a)[-2:]
        tall = sizes[0] >= sizes[1]
        by_columns = _least_squares(a, b, True, l2_regularizer, tall)
        return select(tall, by_columns, _least_squares(a, b, False, l2_regularizer, ~tall))  # type: ignore[no-any-return]
    return _least_squares(a, b, rows >= columns, l2_regularizer)  # type: ignore[no-any-return]


def _least_squares(a: Tensor, b: Tensor, tall: bool, l2_regularizer: Any, valid: Any = None) -> Any:
    factor = cholesky(_gram(a, tall, l2_regularizer, valid))
    if tall:
        return cholesky_solve(factor, matmul(a, b, adjoint_a=True))
    return matmul(a, cholesky_solve(factor, b), adjoint_a=True)


def _gram(a: Any, tall: bool, l2_regularizer: Any, valid: Any = None) -> Any:
    """The smaller matrix of products, of columns (`tall`) or of rows, regularized; the unit matrix unless `valid`."""
    gram = matmul(a, a, adjoint_a=True) if tall else matmul(a, a, adjoint_b=True)
    if isinstance(l2_regularizer, Tensor) or l2_regularizer != 0:
        if isinstance(l2_regularizer, Tensor) and l2_regularizer.dtype == dtypes.float64:
            l2_regularizer = OPS["Cast"](l2_regularizer, DstT=a.dtype)
        diagonal = diag_part(gram)
        gram = set_diag(gram, diagonal + l2_regularizer * OPS["OnesLike"](diagonal))
    if valid is not None:
        gram = select(valid, gram, set_diag(OPS["ZerosLike"](gram), OPS["OnesLike"](diag_part(gram))))
    return gram


# ---------------------------------------------------------------- pseudo-inverses, ranks


def _checked(a: TensorLike, validate_args: bool, hint: Any = None) -> Tensor:
    x = convert(a, hint=hint)
    if not x.dtype.is_floating:
        raise TypeError(f"Input `a` must have `float`-like `dtype` (saw {x.dtype.name}).")
    if x.shape.rank is not None and x.shape.rank < 2:
        raise ValueError(f"Input `a` must have at least 2 dimensions (saw: {x.shape.rank}).")
    if validate_args:
        assert_rank_at_least(x, 2, "Input `a` must have at least 2 dimensions.")
    return x


def _times_largest_size(x: Tensor, factor: float) -> Any:
    """The number of rows or columns, whichever there are more of, times a factor."""
    sizes = shape_of(x)[-2:]
    if type(sizes) is tuple and type(sizes[0]) is type(sizes[1]) is int:
        return factor * max(sizes)
    return OPS["Cast"](reduce_max(convert(sizes)), DstT=x.dtype) * factor


def pinv(a: TensorLike, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """The pseudo-inverse of matrices.

    Args:
      a: floats of shape `[..., m, n]`.
      rcond: singular values that are smaller, relative to the largest, count as zero; by default
        `10 * max(m, n)` times the precision of the dtype.
      validate_args: whether to check that there are two dimensions when that is known only later.
      name: of the operation.

    Returns:
      A Tensor of shape `[..., n, m]`.

    >>> tf.linalg.pinv([[2.0, 0.0], [0.0, 0.0]]).numpy()
    array([[0.5, 0. ],
           [0. , 0. ]], dtype=float32)
    """
    a = _checked(a, validate_args)
    if rcond is None:
        rcond = _times_largest_size(a, 10.0 * float(np.finfo(a.dtype.numpy).eps))
    rcond = convert(rcond, a.dtype)
    s, u, v = svd(a)
    cut = OPS["ExpandDims"](rcond, -1) * reduce_max(s, -1, True)
    s = OPS["SelectV2"](s > cut, s, OPS["Cast"](np.inf, DstT=s.dtype))
    return matmul(v / OPS["ExpandDims"](s, -2), u, adjoint_b=True, name=name)


def matrix_rank(a: TensorLike, tol: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """How many singular values of matrices are not zero.

    Args:
      a: floats of shape `[..., m, n]`.
      tol: what counts as zero; by default the largest singular value times `max(m, n)` times the dtype's precision.
      validate_args: whether to check that there are two dimensions when that is known only later.
      name: of the operation.

    Returns:
      An int32 Tensor of the shape of the batch.

    Raises:
      TypeError: for other dtypes.
      ValueError: for fewer than two dimensions.

    >>> print(tf.linalg.matrix_rank([[1.0, 2.0], [2.0, 4.0]]).numpy())
    1
    """
    x = _checked(a, validate_args, dtypes.float32)
    s = svd(x, compute_uv=False)
    if tol is None:
        tol = _times_largest_size(x, float(np.finfo(x.dtype.numpy).eps)) * reduce_max(s, -1, True)
    return reduce_sum(OPS["Cast"](s > tol, DstT=dtypes.int32), -1, name=name)
