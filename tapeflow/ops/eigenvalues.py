"""Eigenvalues of matrices that need not be self-adjoint, and of tridiagonal ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..core import types
from ..core.convert import convert
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from .common import conj, only_host
from .debugging import assert_less, assert_less_equal
from .decompositions import eigh, eigvalsh, safe_reciprocal
from .gathering import boolean_mask
from .lapack import in_batches
from .matmul import matmul
from .matrix_diag import diag, diag_part, set_diag
from .norm import adjoint
from .solving import check_square, matrix_solve

_TYPES: tuple[DType, ...] = (dtypes.float32, dtypes.float64, *types.COMPLEX)


def _eig_shape(x: shapes.Shape, *, compute_v: bool = True, **_attrs: Any) -> tuple[shapes.Shape, shapes.Shape]:
    check_square(x)
    if x is None:
        return None, (None if compute_v else (0,))
    n = x[-1] if x[-2] is None else x[-2]
    return (*x[:-2], n), ((*x[:-2], n, n) if compute_v else (0,))


def _check(x: Array, wanted: DType) -> None:
    check_square(x.shape)
    have = dtypes.complex64 if x.dtype.char in "fF" else dtypes.complex128
    if wanted != have:
        raise errors.invalid(f"Invalid output dtype {have.as_datatype_enum} vs {wanted.as_datatype_enum}")


@op("Eig", "input:T -> e:Tout, v:Tout", shape=_eig_shape, T=_TYPES, Tout=types.COMPLEX)
def eig_(_np: Any, x: Array, *, compute_v: bool = True, Tout: DType = dtypes.complex64) -> tuple[Array, Array]:
    _check(x, Tout)
    dtype = Tout.numpy
    try:
        if compute_v:
            e, v = np.linalg.eig(x)
        else:
            e, v = np.linalg.eigvals(x), np.empty(0, dtype)
    except np.linalg.LinAlgError:
        message = "Eigen decomposition was not successful. The input might not be valid."
        raise errors.invalid(message) from None
    return e.astype(dtype, copy=False), v.astype(dtype, copy=False)


only_host(eig_)
in_batches(eig_)


@eig_.gradient
def _(g: Any, y: Any, x: Any, *, compute_v: bool, Tout: DType) -> Any:
    """For eigenvalues that are all different."""
    e, v = y if compute_v else eig_(x, Tout=Tout)
    middle = diag(g[0] if g[0] is not None else OPS["ZerosLike"](e))
    if compute_v and g[1] is not None:
        apart = safe_reciprocal(OPS["ExpandDims"](e, -2) - OPS["ExpandDims"](e, -1))
        f = conj(set_diag(apart, OPS["ZerosLike"](e)))
        along = matmul(v, g[1], adjoint_a=True)
        lengths = OPS["Cast"](OPS["Real"](diag_part(along), Tout=e.dtype.real_dtype), DstT=e.dtype)
        middle = middle + f * (along - matmul(matmul(v, v, adjoint_a=True), diag(lengths)))
    turned = adjoint(v)
    return OPS["Cast"](matrix_solve(turned, matmul(middle, turned)), DstT=x.dtype)


def _complex(x: Tensor) -> DType:
    return dtypes.complex64 if x.dtype in (dtypes.float32, dtypes.complex64) else dtypes.complex128


def eig(tensor: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues of matrices, and their eigenvectors, as columns. Both are complex.

    Args:
      tensor: floats or complex numbers of shape `[..., n, n]`.
      name: of the operation.

    Returns:
      Eigenvalues of shape `[..., n]`, in no particular order, and vectors of length 1, of shape `[..., n, n]`.

    Raises:
      InvalidArgumentError: if there are NaNs or infinities.

    >>> e, v = tf.linalg.eig([[0.0, 1.0], [-1.0, 0.0]])
    >>> tf.math.imag(e).numpy()
    array([ 1., -1.], dtype=float32)
    """
    x = convert(tensor)
    e, v = eig_(x, Tout=_complex(x), name=name)
    return e, v


def eigvals(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues of matrices, complex numbers in no particular order; see `eig`.

    >>> tf.linalg.eigvals([[1.0, 2.0], [0.0, 3.0]]).numpy()
    array([1.+0.j, 3.+0.j], dtype=complex64)
    """
    x = convert(tensor)
    return eig_(x, compute_v=False, Tout=_complex(x), name=name)[0]  # type: ignore[no-any-return]


# ---------------------------------------------------------------- tridiagonal matrices


def eigh_tridiagonal(
    alpha: TensorLike,
    beta: TensorLike,
    eigvals_only: bool = True,
    select: str = "a",
    select_range: Any = None,
    tol: Any = None,
    name: str | None = None,
) -> Any:
    """The eigenvalues, in ascending order, of a self-adjoint matrix that is zero but for three diagonals.

    Args:
      alpha: the diagonal, of shape `[n]`; if it is complex, its imaginary part counts for nothing.
      beta: what is above the diagonal, of shape `[n - 1]` and the same dtype.
      eigvals_only: whether to return no eigenvectors.
      select: `"a"`: all; `"i"`: those from one index to another; `"v"`: those in an interval.
      select_range: two indices, both included, or the interval's ends, of which the upper one is included.
      tol: a hint how precise they need to be; they are as precise as the dtype.
      name: of the operation.

    Returns:
      The eigenvalues, and, unless `eigvals_only`, the eigenvectors, as columns.

    Raises:
      ValueError: for dtypes or a `select` that there are not.
      InvalidArgumentError: for an empty range.

    >>> tf.linalg.eigh_tridiagonal([2.0, 2.0], [1.0]).numpy().round(5)
    array([1., 3.], dtype=float32)
    """
    a = convert(alpha)
    if a.shape[0] is not None and a.shape[0] <= 1:
        return OPS["Real"](a, Tout=a.dtype.real_dtype) if a.dtype.is_complex else a
    b = convert(beta)
    if a.dtype != b.dtype:
        raise ValueError("'alpha' and 'beta' must have the same type.")
    np.finfo(a.dtype.as_numpy_dtype)  # refuses integers
    if None not in (a.shape[0], b.shape[0]) and a.shape[0] != b.shape[0] + 1:
        raise errors.invalid(f"Incompatible shapes: [{a.shape[0]}] vs. [{b.shape[0] + 1}]")
    _check_range(select, select_range)
    matrix = diag(a) + diag(conj(b), k=-1)  # only the lower triangle is read
    if eigvals_only:
        values = eigvalsh(matrix)
        return _selected(_real(values), None, select, select_range)
    values, vectors = eigh(matrix)
    return _selected(_real(values), vectors, select, select_range)


def _real(x: Tensor) -> Tensor:
    return OPS["Real"](x, Tout=x.dtype.real_dtype) if x.dtype.is_complex else x


def _check_range(select: str, select_range: Any) -> None:
    if select == "i":
        assert_less_equal(select_range[0], select_range[1], "Got empty index range in select_range.")
    elif select == "v":
        assert_less(select_range[0], select_range[1], "Got empty interval in select_range.")
    elif select != "a":
        raise ValueError("'select must have a value in {'a', 'i', 'v'}.")


def _selected(values: Tensor, vectors: Tensor | None, select: str, select_range: Any) -> Any:
    """The eigenvalues asked for, and the vectors, if there are any."""
    if select == "i":
        start, stop = select_range[0], select_range[1] + 1
        values, vectors = values[start:stop], None if vectors is None else vectors[:, start:stop]
    elif select == "v":
        low, high = (OPS["Cast"](convert(end), DstT=values.dtype) for end in (select_range[0], select_range[1]))
        inside = (values > low) & (values <= high)
        values = boolean_mask(values, inside)
        vectors = None if vectors is None else boolean_mask(vectors, inside, axis=1)
    return values if vectors is None else (values, vectors)
