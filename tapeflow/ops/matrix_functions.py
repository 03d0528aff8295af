"""Functions of matrices: square root and logarithm."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.extras import need
from ..core import types
from ..core.op import op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host
from .lapack import matrices, routine
from .matrix_diag import diag_part
from .norm import matrix_transpose
from .solving import FLOAT_TYPES, check_square, matrix_solve, square_shape, widened


def _each(x: Array, function: Callable[[Array], Array]) -> Array:
    """The function of each matrix; NaN where there are NaNs or infinities."""
    check_square(x.shape)
    wide = widened(x)
    out, nan = np.empty_like(wide), wide.dtype.type(complex(np.nan, np.nan) if wide.dtype.kind == "c" else np.nan)
    for y, a in matrices(out, wide) if x.size else ():
        y[:] = function(a) if np.isfinite(a).all() else nan
    return out.astype(x.dtype, copy=False)


# ---------------------------------------------------------------- square root


@op("MatrixSquareRoot", "input:T -> output:T", shape=square_shape, T=FLOAT_TYPES)
def matrix_square_root_(_np: Any, x: Array) -> Array:
    """Real matrices whose square root is not real become NaN."""
    return _each(x, _square_root)


only_host(matrix_square_root_)


def _square_root(a: Array) -> Array:
    t, z = need("scipy.linalg", "scipy", "tf.linalg.sqrtm").schur(a)
    return z @ _triangular_root(t) @ z.conj().T


def _triangular_root(t: Array) -> Array:
    """The square root of an upper triangular matrix; if it is real, there may be blocks of two rows on its diagonal."""
    n = len(t)
    if n == 1:
        return np.sqrt(t)
    half = n // 2
    if t[half, half - 1] != 0:  # inside a block
        half += 1
        if n == 2:
            return _block_root(t)
    first, last = _triangular_root(t[:half, :half]), _triangular_root(t[half:, half:])
    solved, scale, failed = routine("trsyl", t.dtype.char)(first, last, t[:half, half:])
    root = np.zeros_like(t)
    root[:half, :half], root[half:, half:] = first, last
    root[:half, half:] = np.nan if failed else solved / scale
    return root


def _block_root(t: Array) -> Array:
    """Of two rows with eigenvalues that are complex conjugates."""
    middle = (t[0, 0] + t[1, 1]) / 2
    apart = (t[0, 0] - t[1, 1]) / 2
    root = np.sqrt(complex(middle, np.sqrt(-(apart * apart + t[0, 1] * t[1, 0]))))
    eye = np.eye(2, dtype=t.dtype)
    return (root.real * eye + (t - middle * eye) / (2 * root.real)).astype(t.dtype)


@matrix_square_root_.gradient
def _(g: Any, y: Any, _x: Any) -> Any:
    """From `dA = R dR + dR R`, which is one system of equations for all elements of `dR`. As TensorFlow's, for complex
    numbers nothing is conjugated."""
    sizes = OPS["Shape"](y)
    batch, n = sizes[:-2], sizes[-1]
    eye = OPS["MatrixDiagV3"](OPS["OnesLike"](diag_part(y)), 0, -1, -1, OPS["Cast"](0, DstT=y.dtype))
    system = _kronecker(eye, matrix_transpose(y)) + _kronecker(y, eye)
    flat = OPS["ConcatV2"](batch, OPS["Pack"](n * n, 1), 0)
    both = OPS["Reshape"](system, OPS["ConcatV2"](batch, OPS["Pack"](n * n, n * n), 0))
    solved = matrix_solve(both, OPS["Reshape"](matrix_transpose(g), flat))
    return matrix_transpose(OPS["Reshape"](solved, sizes))


def _kronecker(a: Any, b: Any) -> Any:
    """The products of all elements of one matrix with all of another, as `[..., i, k, j, l]`."""
    a = OPS["ExpandDims"](OPS["ExpandDims"](a, -1), -3)
    return a * OPS["ExpandDims"](OPS["ExpandDims"](b, -2), -4)


# ---------------------------------------------------------------- logarithm


@op("MatrixLogarithm", "input:T -> output:T", shape=square_shape, differentiable=None, T=types.COMPLEX)
def matrix_logarithm(_np: Any, x: Array) -> Array:
    """Singular matrices become NaN."""
    return _each(x, _logarithm)


only_host(matrix_logarithm)

_CLOSE = 0.26  # how close to the unit matrix seven nodes are enough for


def _logarithm(a: Array) -> Array:
    """Square roots until the matrix is close to the unit matrix, and then Gauss-Legendre quadrature."""
    t, z = need("scipy.linalg", "scipy", "tf.linalg.logm").schur(a.astype(np.complex128))
    values = np.diagonal(t).copy()
    if (values == 0).any():
        return np.full_like(a, complex(np.nan, np.nan))
    roots, root = 0, t
    while np.abs(root - np.eye(len(t))).sum(0).max() > _CLOSE:
        root = _triangular_root(root)
        roots += 1
        if roots > 100:  # pragma: no cover
            return np.full_like(a, complex(np.nan, np.nan))
    nodes, weights = _gauss(7)
    x, eye = root - np.eye(len(t)), np.eye(len(t))
    np.fill_diagonal(x, _root_less_one(values, roots))
    parts = np.linalg.solve(eye + nodes[:, None, None] * x, x)
    log = np.einsum("i,ijk->jk", weights, parts) * 2.0**roots
    np.fill_diagonal(log, np.log(values))
    return (z @ log @ z.conj().T).astype(a.dtype)


def _root_less_one(values: Array, roots: int) -> Array:
    """`values ** (1 / 2**roots) - 1`, without loss of digits."""
    return np.expm1(np.log(values) / 2.0**roots)


@functools.cache
def _gauss(count: int) -> tuple[Array, Array]:
    """Nodes and weights for integrals from 0 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return (nodes + 1) / 2, weights / 2


# ---------------------------------------------------------------- public functions


def sqrtm(input: TensorLike, name: str | None = None) -> Tensor:
    """The matrices whose squares are the input. Needs SciPy.

    Args:
      input: floats or complex numbers of shape `[..., n, n]`, not singular; real ones without negative real
        eigenvalues.
      name: of the operation.

    Returns:
      A Tensor of the shape of `input`; NaN where there is no such matrix.

    >>> tf.linalg.sqrtm([[4.0, 0.0], [0.0, 9.0]]).numpy()
    array([[2., 0.],
           [0., 3.]], dtype=float32)
    """
    return matrix_square_root_(input, name=name)  # type: ignore[no-any-return]


matrix_square_root = sqrtm


def logm(input: TensorLike, name: str | None = None) -> Tensor:
    """The principal logarithms of matrices. Needs SciPy. It has no gradient.

    Args:
      input: complex numbers of shape `[..., n, n]`, not singular.
      name: of the operation.

    Returns:
      A Tensor of the shape of `input`.

    >>> x = tf.constant([[1.0, 2.0], [0.0, 1.0]], tf.complex128)
    >>> tf.math.real(tf.linalg.logm(x)).numpy()
    array([[0., 2.],
           [0., 0.]])
    """
    return matrix_logarithm(input, name=name)  # type: ignore[no-any-return]
