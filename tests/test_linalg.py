"""Decompositions and functions of matrices, against NumPy, SciPy and what they are defined by."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.ops import lapack, lu, tridiagonal
from tapeflow.testing import check_grads

scipy_linalg = pytest.importorskip("scipy.linalg")

Array = np.ndarray[Any, Any]

DTYPES = st.sampled_from("fdFD")
SEEDS = st.integers(0, 2**31)
BATCHES = st.sampled_from([(), (3,), (2, 2), (50,)])


def draw(seed: int, dtype: str, *shape: int) -> Array:
    random = np.random.default_rng(seed)
    x = random.normal(size=shape)
    if dtype in "FD":
        x = x + 1j * random.normal(size=shape)
    return x.astype(dtype)


def adjoint(x: Array) -> Array:
    return np.swapaxes(x.conj(), -1, -2)


def close(x: Any, y: Array, factor: float = 200.0) -> None:
    """Equal but for some units in the last place of the largest element."""
    x = np.asarray(x)
    eps = np.finfo(x.dtype).eps
    np.testing.assert_allclose(x, y, rtol=0, atol=factor * eps * max(1.0, float(np.abs(y).max(initial=0))))


@settings(max_examples=60, deadline=None)
@given(SEEDS, DTYPES, BATCHES, st.integers(1, 12))
def test_decompositions_make_up_the_matrix(seed: int, dtype: str, batch: tuple[int, ...], n: int) -> None:
    x = draw(seed, dtype, *batch, n, n)
    packed, order = tf.linalg.lu(x)
    close(tf.linalg.lu_reconstruct(packed, order), x)
    q, r = tf.linalg.qr(x)
    close(tf.matmul(q, r), x)
    s, u, v = tf.linalg.svd(x)
    close(tf.matmul(u * tf.cast(s, u.dtype)[..., None, :], v, adjoint_b=True), x)
    e, v = tf.linalg.eig(x)
    wide = x.astype(e.dtype.as_numpy_dtype)
    close(wide @ v.numpy(), v.numpy() * e.numpy()[..., None, :], 2000)
    h = x @ adjoint(x) + np.eye(n, dtype=dtype)
    e, v = tf.linalg.eigh(h)
    close(tf.matmul(v * e[..., None, :], v, adjoint_b=True), h)
    factor = tf.linalg.cholesky(h)
    close(tf.matmul(factor, factor, adjoint_b=True), h)


@settings(max_examples=40, deadline=None)
@given(SEEDS, DTYPES, BATCHES, st.integers(1, 12), st.integers(-12, 12))
def test_numbers_of_matrices(seed: int, dtype: str, batch: tuple[int, ...], n: int, power: int) -> None:
    """Determinants, inverses and singular values as NumPy has them in double precision, of any size."""
    turned, _ = np.linalg.qr(draw(seed, dtype, *batch, n, n))
    x = (turned * np.linspace(1, 3, n) * 2.0**power).astype(dtype)  # of condition 3
    wide = x.astype(np.result_type(dtype, np.float64))
    scale = 2.0**power
    close(tf.linalg.inv(x) * scale, np.linalg.inv(wide) * scale)
    if x.dtype.kind == "f":
        close(tf.linalg.pinv(x) * scale, np.linalg.inv(wide) * scale)
    close(tf.linalg.svd(x, compute_uv=False) / scale, np.linalg.svd(wide, compute_uv=False) / scale)
    signs, logs = tf.linalg.slogdet(x)
    close(signs, np.linalg.slogdet(wide)[0])
    close(logs, np.linalg.slogdet(wide)[1])
    if abs(power * n) < 100:
        det = np.linalg.det(wide)
        close(tf.linalg.det(x) / np.abs(det).astype(x.real.dtype), det / np.abs(det))
    e = tf.linalg.eigvalsh(x @ adjoint(x)).numpy()
    close(e.real / scale**2, np.linalg.eigvalsh(wide @ adjoint(wide)) / scale**2)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.sampled_from("dD"), st.integers(1, 9), st.floats(1e-3, 20))
def test_matrix_functions(seed: int, dtype: str, n: int, size: float) -> None:
    x = draw(seed, dtype, n, n)
    x = x * (size / np.abs(x).sum(0).max())
    wanted = scipy_linalg.expm(x)
    error = np.linalg.norm(tf.linalg.expm(x).numpy() - wanted) / np.linalg.norm(wanted)
    assert error <= 100 * np.finfo(x.dtype).eps * (1 + scipy_linalg.expm_cond(x))
    h = x @ adjoint(x) + np.eye(n) + 0.1 * x
    root = tf.linalg.sqrtm(h).numpy()
    close(root @ root, h, 2000)
    log = tf.linalg.logm(h.astype("D"))
    close(tf.linalg.expm(log), h.astype("D"), 5000)


@settings(max_examples=60, deadline=None)
@given(SEEDS, DTYPES, BATCHES, st.integers(1, 12), st.booleans(), st.booleans())
def test_systems(seed: int, dtype: str, batch: tuple[int, ...], n: int, lower: bool, turned: bool) -> None:
    b = draw(seed, dtype, *batch, n, 2)
    three = draw(seed + 1, dtype, *batch, 3, n) + np.array([[0], [6], [0]], dtype)
    full = tf.linalg.diag(three, k=(-1, 1) if n > 1 else 0, align="LEFT_RIGHT") if n > 1 else three[..., 1:2, :]
    for pivoting in (True, False):
        x = tf.linalg.tridiagonal_solve(tf.constant(three), tf.constant(b), partial_pivoting=pivoting)
        close(tf.matmul(full, x), b)
    close(tf.linalg.tridiagonal_matmul(three, x), b)
    bands = draw(seed + 2, dtype, *batch, 2, n)[..., : min(n, 2), :]
    bands[..., 0 if lower else -1, :] += 6
    k = bands.shape[-2] - 1
    matrix = np.asarray(tf.linalg.diag(bands if k else bands[..., 0, :], k=((-k, 0) if lower else (0, k)) if k else 0,
                                       align="LEFT_RIGHT"))  # fmt: skip
    x = tf.linalg.banded_triangular_solve(bands, b, lower=lower, adjoint=turned)
    close((adjoint(matrix) if turned else matrix) @ x.numpy(), b)
    close(tf.linalg.triangular_solve(matrix, b, lower=lower, adjoint=turned), x.numpy())


def test_without_scipy_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    x, b = draw(1, "d", 2, 8, 8), draw(2, "d", 2, 8, 3)
    three = draw(3, "d", 2, 3, 8)
    calls = [
        lambda: tf.linalg.lu(x).lu,
        lambda: tf.linalg.tridiagonal_solve(tf.constant(three), tf.constant(b)),
        lambda: tf.linalg.triangular_solve(x, b, adjoint=True),
        lambda: tf.linalg.banded_triangular_solve(three, b),
    ]
    wanted = [call().numpy() for call in calls]
    for module in (lu, tridiagonal, tf.ops.solving, tf.ops.banded):
        monkeypatch.setattr(module, "routine", lambda name, char: None)
    for call, y in zip(calls, wanted, strict=True):
        np.testing.assert_allclose(call().numpy(), y, rtol=1e-9)


def test_large_batches_are_shared_among_threads() -> None:
    x = draw(5, "f", 3, 7, 40, 40)
    assert x.size > lapack.BIG
    for function in (tf.linalg.inv, tf.linalg.det, lambda a: tf.linalg.svd(a, compute_uv=False)):
        together = function(x).numpy()
        np.testing.assert_array_equal(together, np.stack([[function(a).numpy() for a in row] for row in x]))


@pytest.mark.parametrize("fast", [True, False])
def test_least_squares(fast: bool) -> None:
    a, b = draw(1, "d", 7, 3), draw(2, "d", 7, 2)
    close(tf.linalg.lstsq(a, b, fast=fast), np.linalg.lstsq(a, b)[0], 1000)
    close(tf.linalg.lstsq(a.T, b[:3], fast=fast), np.linalg.lstsq(a.T, b[:3])[0], 1000)


def test_eigenvalues_of_tridiagonal_matrices() -> None:
    alpha, beta = draw(1, "d", 30), draw(2, "d", 29)
    e, v = tf.linalg.eigh_tridiagonal(alpha, beta, eigvals_only=False)
    wanted = scipy_linalg.eigh_tridiagonal(alpha, beta)
    close(e, wanted[0])
    close(tf.abs(v), np.abs(wanted[1]), 1e4)
    check_grads(lambda a, b: tf.linalg.eigh_tridiagonal(a, b), [tf.constant(alpha[:4]), tf.constant(beta[:3])], order=2)


def test_conjugate_gradient() -> None:
    a = draw(1, "d", 6, 6)
    a = a @ a.T + 6 * np.eye(6)
    b = draw(2, "d", 2, 6)

    class Operator:
        is_self_adjoint = is_positive_definite = True

        def matvec(self, x: Any) -> Any:
            return tf.linalg.matvec(a, x)

        def batch_shape_tensor(self) -> Any:
            return tf.constant([], tf.int32)

    state = tf.linalg.experimental.conjugate_gradient(Operator(), b, tol=1e-12, max_iter=30)
    np.testing.assert_allclose(state.x.numpy(), np.linalg.solve(a, b.T).T, rtol=1e-9)
    assert int(state.i) <= 8
    traced = tf.function(lambda b: tf.linalg.experimental.conjugate_gradient(Operator(), b, x=b, tol=1e-12))(b)
    np.testing.assert_allclose(traced.x.numpy(), state.x.numpy(), rtol=1e-9)
    Operator.is_self_adjoint = False
    with pytest.raises(ValueError, match=r"Expected a self-adjoint, positive definite operator\."):
        tf.linalg.experimental.conjugate_gradient(Operator(), b)
