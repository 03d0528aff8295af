"""Rows of matrix functions, LU, eigenvalues of any matrices, tridiagonal and banded matrices, least squares."""

from __future__ import annotations

from typing import Any

import numpy as np
from optable import Input, Row, c64, c128, case, each, f16, f32, f64, i32, i64, inf, nan, row

from .linalg import FINE, NOT_SQUARE, ROUGH, linalg, regular

NO_GRAD = {"grad": False, "reason": "TensorFlow has no gradient here"}
TYPES = ((f32, 5e-5), (f64, 1e-11), (c64, 5e-5), (c128, 1e-11))


def per_type(make: Any, *more: Any, **options: Any) -> list[Any]:
    """A case for each dtype."""
    return [
        case(*make(t), *more, **{"reason": "another algorithm", "rtol": rtol, **options}) for t, rtol in TYPES
    ]


def apart(t: Any, *batch: int, n: int = 3) -> Input:
    """Matrices that are not symmetric, whose eigenvalues are far apart, positive and real."""
    random = np.random.RandomState(5 * n + sum(batch))
    x = random.uniform(-0.3, 0.3, (*batch, n, n)) + np.diag(np.arange(1.0, n + 1))
    if t.dtype.kind == "c":
        x = x + 1j * random.uniform(-0.3, 0.3, (*batch, n, n))
    return t.of(x.astype(t.dtype).tolist())


# ---------------------------------------------------------------- eigenvalues


def eig(tf: Any, x: Any) -> Any:
    """What is the same whatever the order of the eigenvalues and the phase of the vectors."""
    e, v = tf.linalg.eig(x)
    squares = tf.cast(tf.square(tf.abs(v)), v.dtype)
    return tf.sort(tf.math.real(e), axis=-1), tf.linalg.matvec(squares, e), tf.linalg.matvec(squares, e * e)


def eigvals(tf: Any, x: Any) -> Any:
    e = tf.eigvals(x)
    return tf.sort(tf.math.real(e), axis=-1), tf.reduce_sum(e * e, -1)


NO_EIG = [
    case(f32(2, 3), error=True),
    case(f32(2), error=True),
    case(f32([[nan, 1], [1, 2]]), error=True),
    case(f64([[inf, 1], [1, 2]]), error=True),
]
EIG = [
    *per_type(lambda t: (apart(t),), fd=1),
    case(apart(f64, 2), fd=1, **FINE),
    case(apart(f64, n=1), fd=1, **FINE),
    case(f64(0, 0), grad=False, reason="empty"),
    case(f32(0, 2, 2), grad=False, reason="empty"),
    *NO_EIG,
]
EIGVALS = [
    *per_type(lambda t: (apart(t),), fd=1),
    case(apart(f64, 2), fd=1, **FINE),
    case(f64([[0, 2], [-2, 0]]), fd=1, **FINE),
    *NO_EIG,
]

LIKE_LOOP = {"grad": False, "reason": "TensorFlow's gradient is that of a search"}


def tridiagonal_vectors(tf: Any, alpha: Any, beta: Any, **options: Any) -> Any:
    e, v = tf.linalg.eigh_tridiagonal(alpha, beta, eigvals_only=False, **options)
    return e, tf.abs(v)


EIGH_TRIDIAGONAL = [
    case(f32([1, 2, 3, 4]), f32([0.5, 1, 0.3]), rtol=1e-5, **LIKE_LOOP),
    case(f64([1, 2, 3, 4]), f64([0.5, 1, 0.3]), rtol=1e-13, **LIKE_LOOP),
    case(c64([1, 2, 3]), c64([0.5j, 1 + 1j]), rtol=1e-5, **LIKE_LOOP),
    case(f64([1, 2, 3, 4]), f64([0.5, 1, 0.3]), select="i", select_range=(1, 2), rtol=1e-13, **LIKE_LOOP),
    case(f64([1, 2, 3, 4]), f64([0.5, 1, 0.3]), select="v", select_range=(1.0, 3.0), rtol=1e-13, **LIKE_LOOP),
    case(f64([1, 2, 3]), f64([0.5, 1]), select="v", select_range=(10.0, 13.0), rtol=1e-13, **LIKE_LOOP),
    case(f32([3]), f32(0), grad=False, reason="the input itself"),
    case(c64([3 + 1j]), c64(0), grad=False, reason="no gradient in TensorFlow"),
    case(f32([1, 2, 3]), f32([1, 2]), select="i", select_range=(2, 1), error="type", reason="shows tensors"),
    case(f32([1, 2, 3]), f32([1, 2]), select="v", select_range=(2.0, 1.0), error="type", reason="shows tensors"),
    case(f32([1, 2, 3]), f32([1, 2]), select="x", error=True),
    case(f32([1, 2, 3]), f64([1, 2]), error=True),
    case(i32([1, 2, 3]), i32([1, 2]), error=True),
    case(f32([1, 2, 3]), f32([1, 2, 3]), error=True),
]

# ---------------------------------------------------------------- matrix functions

UNCONJUGATED = {"fd": 0, "reason": "TensorFlow's gradient is not conjugated"}
SQRTM = [
    case(apart(f32), **ROUGH),
    case(apart(f64), **FINE),
    case(apart(f64, 2), **FINE),
    case(apart(f64, 2, 1, n=2), **FINE),
    case(apart(f64, n=1), **FINE),
    case(apart(f64, n=7), fd=0, **FINE),
    case(f64([[0, 1], [-1, 0]]), **FINE),
    case(f64([[1, 2, 0], [-2, 1, 1], [0, 0.5, 3]]), **FINE),
    case(apart(c64), rtol=5e-5, **UNCONJUGATED),
    case(apart(c128), rtol=1e-12, **UNCONJUGATED),
    case(c128([[1, 2], [3, 4]]), rtol=1e-12, **UNCONJUGATED),
    case(f32([[-1, 0], [0, -4]]), grad=False, reason="NaN"),
    case(f32([[0, 0], [0, 0]]), grad=False, reason="NaN"),
    case(f32([[nan, 0], [0, 1]]), grad=False, reason="NaN"),
    case(f32(0, 0), grad=False, reason="empty"),
    *NOT_SQUARE,
]
LOGM = [
    case(apart(c64), grad=False, **ROUGH),
    case(apart(c128), grad=False, **FINE),
    case(apart(c128, 2), grad=False, **FINE),
    case(apart(c128, n=7), grad=False, **FINE),
    case(c128([[1, 2], [3, 4]]), grad=False, **FINE),
    case(c128([[1, 2, 3], [0, 1, 5], [0, 0, 1]]), grad=False, rtol=1e-12, reason="another algorithm"),
    case(c128([[1e-8, 1], [0, 1e8]]), grad=False, rtol=1e-11, reason="another algorithm"),
    case(c64([[0, 0], [0, 0]]), **NO_GRAD),
    case(c64([[nan, 0], [0, 1]]), **NO_GRAD),
    case(c64(0, 0), **NO_GRAD),
    case(c64(2, 3), error=True),
    case(f32(2, 2), error=True),
]
EXPM = [
    *per_type(lambda t: (regular(t),)),
    *(case(f64(3, 3, low=-s, high=s), rtol=1e-12, reason="squarings") for s in (0.004, 0.06, 0.25, 0.6, 2, 12)),
    *(case(f32(3, 3, low=-s, high=s), fd=0, rtol=1e-4, reason="squarings") for s in (0.1, 0.5, 1, 10)),
    case(f64(2, 2, 2), rtol=1e-12, reason="another order"),
    case(f64([[[0.1, 0], [1, 0.1]], [[9, 1], [-3, -9]]]), rtol=1e-11, reason="one squared, one not"),
    case(f32([[nan, 1], [1, 2]]), grad=False, reason="NaN"),
    case(f32([[inf, 1], [1, 2]]), grad=False, reason="NaN"),
    case(f32([[1000, 2], [3, 4]]), grad=False, reason="overflow"),
    case(f32(0, 0)),
    case(i32(2, 2), error=True),
    case(f32(2, 3), error="type", reason="the text is that of a product"),
]

# ---------------------------------------------------------------- LU


def of_lu(name: str) -> Any:
    return lambda tf, packed, order, *more, **options: getattr(tf.linalg, name)(packed, order, *more, **options)


PACKED = f64([[4, 1, 2], [0.5, 3, 1], [0.25, 0.5, 2]])
ORDER = i32([2, 0, 1])
PACKED2 = f64([[[4, 1], [0.5, 3]], [[-2, 1], [0.25, 2]]])
ORDER2 = i32([[1, 0], [0, 1]])
LU = [
    *(case(regular(t), grad=False, rtol=r, reason="another order") for t, r in TYPES),
    case(regular(f64, 2), grad=False, **FINE),
    case(regular(f64, 60, n=3), grad=False, **FINE),
    case(regular(f64, n=40), grad=False, **FINE),
    case(regular(f32), output_idx_type="int64", grad=False, **ROUGH),
    case(f32(0, 0), **NO_GRAD),
    case(f32(0, 2, 2), **NO_GRAD),
    case(f32([[0, 1], [2, 3]]), **NO_GRAD),
    case(f32([[1, 2], [2, 4]]), error=True),
    case(f32([[0, 0], [0, 0]]), error=True),
    case(f32(2, 3), error=True),
    case(f32(2), error=True),
    case(i32(2, 2), error=True),
]
BAD_LU = [
    case(f32(3), ORDER, error=True),
    case(f32(3, 3), i32([[0, 1, 2]]), error=True),
    case(f32(2, 3), ORDER, error=True),
]
LU_RECONSTRUCT = [
    case(PACKED, ORDER),
    case(PACKED, i64([2, 0, 1]), validate_args=True),
    case(PACKED2, ORDER2),
    case(f64(2, 1, 2, 2), i32([[[1, 0]], [[0, 1]]])),
    case(c128([[4, 1j], [0.5, 3]]), i32([1, 0])),
    *BAD_LU,
]
LU_SOLVE = [
    case(PACKED, ORDER, f64(3, 2), **FINE),
    case(PACKED, ORDER, f64(2, 3, 2), **FINE),
    case(PACKED2, ORDER2, f64(2, 2, 1), validate_args=True, **FINE),
    case(PACKED2, ORDER2, f64(2, 1), **FINE),
    case(PACKED2, ORDER2, f64(3, 1, 2, 1), **FINE),
    case(c128([[4, 1j], [0.5, 3]]), i32([1, 0]), c128(2, 1), **FINE),
    case(PACKED, ORDER, f64(3), error=True),
    case(PACKED, ORDER, f64(2, 1), error=True),
    *(case(*one.args, f32(3, 1), error=True) for one in BAD_LU),
]
LU_INVERSE = [
    case(PACKED, ORDER, **FINE),
    case(PACKED, ORDER, validate_args=True, **FINE),
    case(PACKED2, ORDER2, **FINE),
    *BAD_LU,
]

# ---------------------------------------------------------------- tridiagonal matrices


def three(t: Any, *batch: int, n: int = 4) -> Input:
    """Three diagonals, the middle one the largest."""
    random = np.random.RandomState(3 * n + sum(batch))
    x = random.uniform(-1, 1, (*batch, 3, n)) + np.array([[0], [3], [0]])
    if t.dtype.kind == "c":
        x = x + 1j * random.uniform(-1, 1, (*batch, 3, n))
    return t.of(x.astype(t.dtype).tolist())


SOLVE = [
    case(three(f32), f32(4, 2), **ROUGH),
    case(three(f64), f64(4, 2), **FINE),
    case(three(f64), f64(4, 2), partial_pivoting=False, **FINE),
    case(three(f64), f64(4), **FINE),
    case(three(f64, 2), f64(2, 4, 1), **FINE),
    case(three(f64, 2), f64(2, 4), **FINE),
    case(three(f64, 40, n=2), f64(40, 2, 1), fd=0, **FINE),
    case(three(f64), f64(2, 4), transpose_rhs=True, **FINE),
    case(three(f64, n=1), f64(1, 2), **FINE),
    case(three(c64), c64(4, 1), rtol=5e-5, **UNCONJUGATED),
    case(three(c128), c128(4, 1), rtol=1e-12, **UNCONJUGATED),
    case(three(c128), c128(4), conjugate_rhs=True, rtol=1e-12, **UNCONJUGATED),
    case(three(c128), c128(2, 4), conjugate_rhs=True, transpose_rhs=True, rtol=1e-12, **UNCONJUGATED),
    case(regular(f64, n=4), f64(4, 2), diagonals_format="matrix", **FINE),
    case((f64(3), f64([4, 5, 6]), f64(3)), f64(3, 1), diagonals_format="sequence", **FINE),
    case((f64(2), f64([4, 5, 6]), f64(2)), f64(3, 1), diagonals_format="sequence", **FINE),
    case((f64(2, 2), f64(2, 3, low=4, high=5), f64(2, 2)), f64(2, 3), diagonals_format="sequence", **FINE),
    case(f64([[1, 2, 9], [0, 0, 0], [9, 1, 2]]), f64(3, 1), grad=False, reason="singular"),
    case(f64([[1, 9, 0], [1, 1, 1], [9, 1, 0]]), f64(3, 1), grad=False, reason="singular"),
    case(f32([[0, 0, 0], [0, 0, 0], [0, 0, 0]]), f32(3, 1), grad=False, reason="singular"),
    case(f32([[0], [0], [0]]), f32(1, 1), grad=False, reason="singular"),
    case(f32([[1, 1, 0], [1, 1, 1], [0, 1, 0]]), f32([[1], [2], [3]]), perturb_singular=True, fd=0, grad=False,
         reason="singular"),
    case(f64([[1, 2, 9], [0, 3, 0.5], [9, 1, 2]]), f64(3, 1), **FINE),
    case(f32(3, 0), f32(0, 2), grad=False, reason="empty"),
    case(f32(3, 2), f32(2, 0), grad=False, reason="empty"),
    case(three(f32), f32(4, 1), partial_pivoting=False, perturb_singular=True, error=True),
    case(three(f32), f32(4, 1), diagonals_format="foo", error=True),
    case(f32(2, 4), f32(4, 1), error=True),
    case(f32(4), f32(4, 1), error=True),
    case(three(f32), f32(3, 1), error=True),
    case(three(f32), f32(3), error=True),
    case(three(f32), f32(2, 4, 1), error=True),
    case(three(f32, 2), f32(3, 4, 1), error=True),
    case(f32(2, 3), f32(3, 1), diagonals_format="matrix", error=True),
    case(f32(3, 3), f32(3, 1), diagonals_format="sequence", error=True),
    case((f32(1), f32(3), f32(3)), f32(3, 1), diagonals_format="sequence", error=True),
    case((f32(2, 3), f32(3), f32(3)), f32(3, 1), diagonals_format="sequence", error=True),
    case(three(f32), f64(4, 1), error=True),
    case(f16(3, 3), f16(3, 1), error=True),
]  # fmt: skip
RAW_SOLVE = [
    case(three(f64), f64(4, 2), **FINE),
    case(f32(2, 3), f32(3, 1), error=True),
    case(f32(3, 3), f32(2, 1), error=True),
    case(f32(3), f32(3, 1), error=True),
    case(f32(2, 3, 3), f32(3, 1), error=True),
    case(f32(2, 3, 3), f32(3, 3, 1), error=True),
    case(f32(3, 3), f32(3, 1), partial_pivoting=False, perturb_singular=True, error=True),
]
PRODUCT = [
    *each([f32, f64, c64, c128], lambda t: (t(3, 4), t(4, 2))),
    case(f64(2, 3, 4), f64(2, 4, 1)),
    case(f64(4, 4), f64(4, 2), diagonals_format="matrix"),
    case((f64(3), f64(3), f64(3)), f64(3, 1), diagonals_format="sequence"),
    case(f32(3, 1), f32(1, 2)),
    case(f32(3, 0), f32(0, 2), grad=False, reason="empty"),
    case(f32(3, 2), f32(2, 0), grad=False, reason="empty"),
    case(f32(3, 4), f32(4), error=True),
    case(f32(3, 4), f32(3, 1), error=True),
    case(f32(2, 3, 4), f32(3, 4, 1), error=True),
    case(f32(3, 4), f64(4, 1), error=True),
    case(f32(2, 3), f32(3, 1), diagonals_format="matrix", error=True),
    case(f32(3, 4), f32(4, 1), diagonals_format="foo", error=True),
    case((f32(2), f32(3), f32(2)), f32(3, 1), diagonals_format="sequence", error=True),
]


def bands(t: Any, *batch: int, lower: bool = True, k: int = 2, n: int = 4) -> Input:
    """Diagonals of triangular matrices, the main one far from zero."""
    random = np.random.RandomState(k + n + sum(batch))
    x = random.uniform(-1, 1, (*batch, k, n))
    if t.dtype.kind == "c":
        x = x + 1j * random.uniform(-1, 1, (*batch, k, n))
    x[..., 0 if lower else -1, :] += 3
    return t.of(x.astype(t.dtype).tolist())


BANDED = [
    *(
        case(bands(t, *b, lower=lower), t(*b, 4, 2), lower=lower, adjoint=adjoint, rtol=r, reason="another order")
        for t, b, r in [(f32, (), 5e-5), (f64, (2,), 1e-12), (c128, (), 1e-12)]
        for lower in (True, False)
        for adjoint in (True, False)
    ),
    case(bands(c64), c64(4, 1), **ROUGH),
    case(bands(f64, 2), f64(4, 1), **FINE),
    case(bands(f64, 1), f64(3, 4, 1), **FINE),
    case(bands(f64, 40, n=2), f64(2, 1), fd=0, **FINE),
    case(bands(f64, k=3), f64(4, 1), **FINE),
    case(bands(f64, k=1), f64(4, 1), grad=False, reason="TensorFlow's gradient has another shape"),
    case(bands(f64, k=5, n=3), f64(3, 1), grad=False, rtol=1e-12, reason="an error in TensorFlow"),
    case(bands(f64, k=5, n=3, lower=False), f64(3, 1), lower=False, grad=False, rtol=1e-12,
         reason="an error in TensorFlow"),
    case(f32([[1, 0, 1], [1, 1, 1]]), f32(3, 1), error=True),
    case(bands(f32), f32(4), error=True),
    case(bands(f32), f32(3, 1), error=True),
    case(f32(4), f32(4, 1), error=True),
    case(bands(f32, 2), f32(3, 4, 1), error=True),
    case(f32(0, 3), f32(3, 1), error=True),
    case(bands(f32), f32(4, 0), error=True),
    case(bands(f32), f64(4, 1), error=True),
]  # fmt: skip

# ---------------------------------------------------------------- least squares

SQUARES = {"rtol": 1e-10, "reason": "squares the condition"}
LEAST = [
    case(f64(4, 2), f64(4, 3), 0.0, **SQUARES),
    case(f64(2, 4), f64(2, 1), 0.0, **SQUARES),
    case(f64(2, 4), f64(2, 1), 0.5, **SQUARES),
    case(f64(2, 4, 2), f64(2, 4, 1), 0.5, **SQUARES),
    case(f32(4, 2), f32(4, 3), 0.5, fd=0, rtol=1e-4, reason="squares the condition"),
    case(f64(4, 2), f64(4, 3), 0.0, fast=False, grad=False, **SQUARES),
    case(f64(2, 4), f64(2, 3), 0.0, fast=False, grad=False, **SQUARES),
    case(c128(4, 2), c128(4, 3), 0.0, fast=False, grad=False, **SQUARES),
    case(c128(4, 2), c128(4, 3), 0.0, fast=True, fd=0, grad=False, **SQUARES),
    case(f32([[1, 1], [1, 1]]), f32([[1], [2]]), 0.0, fast=False, grad=False, **ROUGH),
    case(f32(3, 2), f32(2, 1), 0.0, error=True),
    case(f32(2), f32(2, 1), 0.0, error=True),
    case(f32(2, 2), f32(2, 2, 1), 0.0, error=True),
    case(f32(3, 2, 2), f32(2, 2, 1), 0.0, error=True),
    case(f32(2, 2), f32(2, 1), -1.0, error=True),
    case(f32(2, 2), f32(2, 1), [0.0], error=True),
]
LSTSQ = [
    case(c64(4, 2), c64(4, 1), 0.5, fd=0, grad=False, rtol=1e-4, reason="squares the condition"),
    case(c128(4, 2), c128(4, 1), 0.5, error=True),
    case(f64(4, 2), f64(4, 3), 0.5, fast=False, grad=False, **SQUARES),
    case(f64(4, 2), f64(3, 1), fast=False, error=True),
    case(f64(4, 2), f64(4, 1), f64.of(0.5), **SQUARES),
    case(f32(4, 2), f32(4, 1), f32.of(0.5), fd=0, rtol=1e-4, reason="squares the condition"),
]
RANK = [
    case(regular(f32)),
    case(regular(f64, 2)),
    case(f32([[1, 2], [2, 4]])),
    case(f64([[1, 2, 3], [2, 4, 6]])),
    case([[1.0, 2.0], [2.0, 4.0]]),
    case([[1, 2]]),
    case(f32([[5, 0], [0, 1]]), tol=2.0),
    case(f32([[5, 0], [0, 1]]), tol=0.5, validate_args=True),
    case(f32(0, 2, 2)),
    case(f32(2), error=True),
    case(c64(2, 2), error=True),
    case(i32(2, 2), error=True),
]

ROWS: list[Row] = [
    row("Eig", eig, EIG),
    row("tf.eigvals", eigvals, EIGVALS),
    row("tf.linalg.eigh_tridiagonal", linalg("eigh_tridiagonal"), EIGH_TRIDIAGONAL),
    row(
        "tf.linalg.eigh_tridiagonal/vectors",
        tridiagonal_vectors,
        [
            case(f64([1, 2, 3, 4]), f64([0.5, 1, 0.3]), rtol=1e-12, **LIKE_LOOP),
            case(f64([1, 2, 3, 4]), f64([0.5, 1, 0.3]), select="i", select_range=(1, 2), rtol=1e-12, **LIKE_LOOP),
            case(f64([1, 2, 3, 4]), f64([0.5, 1, 0.3]), select="v", select_range=(1.0, 3.0), rtol=1e-12, **LIKE_LOOP),
            case(c128([1, 2, 3]), c128([0.5j, 1 + 1j]), rtol=1e-12, **LIKE_LOOP),
        ],
    ),
    row("MatrixSquareRoot", linalg("sqrtm"), SQRTM),
    row("MatrixLogarithm", linalg("logm"), LOGM),
    row("tf.linalg.expm", linalg("expm"), EXPM),
    row("Lu", linalg("lu"), LU),
    row("tf.linalg.lu_reconstruct", of_lu("lu_reconstruct"), LU_RECONSTRUCT),
    row("tf.linalg.lu_solve", of_lu("lu_solve"), LU_SOLVE),
    row("tf.linalg.lu_matrix_inverse", of_lu("lu_matrix_inverse"), LU_INVERSE),
    row("TridiagonalSolve", linalg("tridiagonal_solve"), SOLVE),
    row(
        "TridiagonalSolve/raw",
        lambda tf, diagonals, rhs, **kw: tf.raw_ops.TridiagonalSolve(diagonals=diagonals, rhs=rhs, **kw),
        RAW_SOLVE,
    ),
    row("TridiagonalMatMul", linalg("tridiagonal_matmul"), PRODUCT),
    row("BandedTriangularSolve", linalg("banded_triangular_solve"), BANDED),
    row(
        "MatrixSolveLs",
        lambda tf, a, b, l2, **kw: tf.raw_ops.MatrixSolveLs(matrix=a, rhs=b, l2_regularizer=l2, **kw),
        LEAST,
    ),
    row("tf.linalg.lstsq/more", linalg("lstsq"), LSTSQ),
    row("tf.linalg.matrix_rank", linalg("matrix_rank"), RANK),
    row(
        "tf.linalg.exported/more",
        lambda tf, x: (tf.matrix_square_root(x), tf.eig(x)[0], tf.linalg.eigvals(x)),
        [case(f64([[2, 0], [0, 3]]), grad=False, reason="as of the functions")],
    ),
]
