"""Rows of products, diagonals, decompositions and norms of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from optable import (
    Input,
    Row,
    bf16,
    boolean,
    c64,
    c128,
    case,
    each,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    inf,
    nan,
    row,
    u8,
)


def linalg(name: str) -> Callable[..., Any]:
    return lambda tf, *args, **options: getattr(tf.linalg, name)(*args, **options)


# ---------------------------------------------------------------- products

MATMUL = [
    case(f32(2, 3), f32(3, 4)),
    case(f32(3, 2), f32(3, 4), transpose_a=True),
    case(f32(2, 3), f32(4, 3), transpose_b=True),
    case(f32(3, 2), f32(4, 3), transpose_a=True, transpose_b=True),
    *(
        case(c64(*a), c64(*b), **flags)
        for a, b, flags in [
            ((2, 3), (3, 4), {}),
            ((3, 2), (3, 4), {"adjoint_a": True}),
            ((2, 3), (4, 3), {"adjoint_b": True}),
            ((3, 2), (4, 3), {"transpose_a": True, "adjoint_b": True}),
        ]
    ),
    *each([f16, f64, bf16, c128, i32, i64], lambda t: (t(2, 3), t(3, 2))),
    case(f32(2, 0), f32(0, 3)),
    case(f32(0, 2), f32(2, 3)),
    case(f32([[nan, 1]]), f32([[1], [inf]])),
    case(i32([[2**31 - 1, 1]]), i32([[1], [1]])),
    case(f32(2, 3), [[1, 2], [3, 4], [5, 6]]),
    case([[1, 2]], [[3], [4]]),
    case(i8(2, 3), i8(3, 2), output_type="int32"),
    case(f32(2, 2), f32(2, 2), a_is_sparse=True),
    case(f64(2, 2), f64(2, 2), b_is_sparse=True),
    case(f32(130, 129), f32(129, 131), grad=False, rtol=1e-5, reason="many summands"),
    case(f32(1, 2), f32(1, 2), error=True),
    case(f32(2), f32(2), error=True),
    case(f32(2, 3), f32(3), error=True),
    case(f32(), f32(2, 2), error=True),
    case(i8(2, 2), i8(2, 2), error=True),
    case(boolean(2, 2), boolean(2, 2), error=True),
    case(f32(2, 2), f64(2, 2), error=True),
    case(i32(2, 2), f32(2, 2), error=True),
    case(f32(2, 2), f32(2, 2), transpose_a=True, adjoint_a=True, error=True),
    case(f32(2, 2), f32(2, 2), transpose_b=True, adjoint_b=True, error=True),
]

BATCH_MATMUL = [
    case(f32(2, 2, 3), f32(2, 3, 2)),
    case(f32(2, 2, 3), f32(3, 2)),
    case(f32(2, 3), f32(2, 3, 2)),
    case(f32(2, 1, 2, 3), f32(3, 3, 2)),
    case(f32(1, 2, 3), f32(2, 3, 2)),
    case(f32(2, 3, 2), f32(2, 3, 2), transpose_a=True),
    case(f32(2, 2, 3), f32(2, 2, 3), transpose_b=True),
    case(f32(2, 3, 2), f32(2, 2, 3), transpose_a=True, transpose_b=True),
    case(f32(3, 2), f32(2, 3, 2), transpose_a=True),
    case(c64(2, 2, 3), c64(2, 3, 2)),
    case(c64(2, 3, 2), c64(3, 2), adjoint_a=True),
    case(c64(2, 3, 2), c64(2, 3, 2), transpose_a=True),
    case(c64(2, 2, 3), c64(2, 2, 3), adjoint_b=True),
    case(c64(2, 3, 2), c64(2, 2, 3), adjoint_a=True, transpose_b=True),
    *each([f16, f64, bf16, c128, i16, i32, i64], lambda t: (t(2, 2, 3), t(2, 3, 2))),
    case(f32(0, 2, 3), f32(0, 3, 2)),
    case(f32(2, 2, 0), f32(2, 0, 2)),
    case(f32(2, 0, 3), f32(3, 2)),
    case(f32(3, 40, 41), f32(3, 41, 42), grad=False, rtol=1e-5, reason="many summands"),
    case(f32(3, 1, 2), f32(3, 1, 2), error=True),
    case(f32(3, 1, 2), f32(2, 2, 2), error=True),
    case(f32(3, 1, 2), f32(2), error=True),
    case(f32(2), f32(3, 1, 2), error=True),
    case(boolean(1, 2, 2), boolean(1, 2, 2), error=True),
]

MATVEC = [
    case(f32(2, 3), f32(3)),
    case(f32(3, 2), f32(3), transpose_a=True),
    case(c64(3, 2), c64(3), adjoint_a=True),
    case(f32(4, 2, 3), f32(4, 3)),
    case(f32(2, 3), f32(4, 3)),
    case(f32(2, 3), f32(2), error=True),
    case(f32(2, 3), f32(), error=True),
]

TENSORDOT = [
    case(f32(2, 3), f32(3, 2), 1),
    case(f32(2, 3), f32(3, 2), 0),
    case(f32(2, 3), f32(2, 3), 2),
    case(f32(2, 3, 4), f32(4, 3, 2), [[1, 2], [1, 0]]),
    case(f32(2, 3), f32(3, 2), [1, 0]),
    case(f32(2, 3), f32(3, 2), [[-1], [-2]]),
    case(f32(2, 3, 4), f32(4, 2), 1),
    case(f32(2, 3), f32(3), 1),
    case(f32(3), f32(3), 1),
    case(f32(), f32(2), 0),
    case(f32(2, 3), f32(3, 2), i32([[1], [0]])),
    case(i32(2, 3), i32(3, 2), 1),
    case(f32(2, 3), f32(3, 2), 3, error=True),
    case(f32(2, 3), f32(3, 2), -1, error=True),
    case(f32(2, 3), f32(3, 2), [[1, 0], [0]], error=True),
    case(f32(2, 3), f32(3, 2), [1], error=True),
    case(f32(2, 3), f32(3, 2), [[5], [0]], error=True),
    case(f32(2, 3), f32(2, 2), 1, error=True),
]

EINSUM = [
    *(
        case("ij,jk->ik", *inputs)
        for inputs in [
            (np.ones([2, 3]), f32(3, 2)),
            (f32(2, 3), np.ones([3, 2])),
            (np.ones([2, 3]), np.ones([3, 2], np.float32)),
            (np.ones([2, 3], np.float32), np.ones([3, 2])),
        ]
    ),
    case("ij,jk,kl->il", np.ones([2, 3]), f32(3, 2), np.ones([2, 2])),
    *(
        case(equation, *inputs)
        for equation, *inputs in [
            ("ij,jk->ik", f32(2, 3), f32(3, 4)),
            ("ij,jk", f32(2, 3), f32(3, 4)),
            ("ij,kj->ik", f32(2, 3), f32(4, 3)),
            ("ij,jk->ki", f32(2, 3), f32(3, 4)),
            ("bij,bjk->bik", f32(2, 2, 3), f32(2, 3, 2)),
            ("bhqd,bhkd->bhqk", f32(2, 2, 3, 2), f32(2, 2, 2, 2)),
            ("abc,cd->abd", f32(2, 2, 3), f32(3, 2)),
            ("abc,cde->abde", f32(2, 2, 3), f32(3, 2, 2)),
            ("abcd,cde->abe", f32(1, 2, 2, 3), f32(2, 3, 2)),
            ("ij,ij->ij", f32(2, 3), f32(2, 3)),
            ("ij,ij->", f32(2, 3), f32(2, 3)),
            ("ij,ij->i", f32(2, 3), f32(2, 3)),
            ("i,j->ij", f32(2), f32(3)),
            ("i,j->ji", f32(2), f32(3)),
            ("i,i->", f32(3), f32(3)),
            (",->", f32(), f32()),
            (",i->i", f32(), f32(3)),
            ("ij->ji", f32(2, 3)),
            ("ij->", f32(2, 3)),
            ("ij->j", f32(2, 3)),
            ("ba", f32(2, 3)),
            ("ii", f32(3, 3)),
            ("ii->i", f32(3, 3)),
            ("iij->ji", f32(2, 2, 3)),
            ("iji->j", f32(2, 3, 2)),
            ("iii->i", f32(2, 2, 2)),
            ("ii,ij->j", f32(2, 2), f32(2, 3)),
            ("ii,jj->ij", f32(2, 2), f32(3, 3)),
            ("ijk,j->i", f32(2, 3, 2), f32(3)),
            ("ij,jk->k", f32(2, 3), f32(3, 2)),
            ("...ij,...jk->...ik", f32(2, 2, 3), f32(2, 3, 2)),
            ("...ij,...jk->...ik", f32(2, 1, 2, 3), f32(3, 3, 2)),
            ("...ij,jk->...ik", f32(2, 2, 3), f32(3, 2)),
            ("...i,...i->...", f32(2, 3), f32(3, 1, 3)),
            ("i...,j...->ij...", f32(2, 3), f32(2, 3)),
            ("i...->...", f32(2, 3)),
            ("...i", f32(2, 3)),
            ("...ii->...i", f32(2, 2, 2)),
            ("...ii->...", f32(2, 2, 2)),
            ("a...b,b...c->a...c", f32(2, 1, 3), f32(3, 2, 2)),
            ("i...->i...", f32(3)),
            ("...,...->...", f32(2, 1), f32(3)),
            ("ab,b...->a...", f32(2, 3), f32(3, 2)),
            ("i i -> i", f32(2, 2)),
            ("i,j,k->ijk", f32(2), f32(2), f32(2)),
            ("ij,jk,kl->il", f32(1, 2), f32(2, 3), f32(3, 2)),
            ("ij,jk,kl,lm->im", f32(1, 2), f32(2, 3), f32(3, 2), f32(2, 1)),
            ("ij,j,ij->i", f32(2, 3), f32(3), f32(2, 3)),
            ("ij,jk->ik", c64(2, 3), c64(3, 2)),
            ("ii->i", c64(2, 2)),
            ("bi,bij->bj", c128(2, 2), c128(2, 2, 2)),
            ("ij,jk->ik", f32(2, 0), f32(0, 3)),
            ("ij,jk->ik", f32(0, 2), f32(2, 3)),
            ("ij->i", f32(2, 0)),
        ]
    ),
    case("ij,jk->ik", bf16(2, 3), bf16(3, 2), rtol=3e-2, reason="TensorFlow sums in bfloat16"),
    *each([f16, f64, i32, i64], lambda t: ("ij,jk->ik", t(2, 3), t(3, 2))),
    case("ij,jk->ik", f32(2, 3), f32(3, 2), optimize="optimal"),
    case("ij,jk,kl->il", f32(2, 2), f32(2, 3), f32(3, 2), optimize="optimal"),
    case("ij,jk->ik", f32(2, 3), f32(2, 2), error=True),
    case("ij,jk->ikz", f32(2, 3), f32(3, 2), error=True),
    case("ij->ik", f32(2, 3), error=True),
    case("ij,jk", f32(2, 3), error=True),
    case("ijk->", f32(2, 3), error=True),
    case("i...->i", f32(2, 3), error=True),
    case("i->ii", f32(2), error=True),
    case("ii->", f32(2, 3), error=True),
    case("i1->i", f32(2, 3), error=True),
    case("i.j->i", f32(2, 2), error=True),
    case("i->i", f32(2), foo=1, error=True),
    case("ij,jk->i->k", f32(2, 3), f32(3, 3), error=True),
    case("ij,jk->ik", f32(2, 3), i32(3, 2), error=True),
    case("...i,...i->...", f32(2, 3), f32(3, 3), error="type", reason="the text has the shapes in between"),
]

# ---------------------------------------------------------------- diagonals

DIAG = [
    case(f32(3)),
    case(f32(2, 3)),
    case(f32(2), k=1),
    case(f32(2), k=-2),
    case(f32(2, 3), k=(0, 1)),
    case(f32(2, 3), k=(-1, 0)),
    case(f32(3, 3), k=(-1, 1)),
    *(case(f32(3, 3), k=(-1, 1), align=align) for align in ("LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")),
    case(f32(2, 3), k=(0, 1), padding_value=9, align="LEFT_RIGHT"),
    case(f32(2), num_rows=3),
    case(f32(2), num_cols=4),
    case(f32(2, 2), num_rows=2, num_cols=3),
    case(f32(4, 2), k=1, num_rows=2, num_cols=3),
    case(f32(3, 2, 2), k=(0, 1), num_rows=2, num_cols=3),
    case(f32(0)),
    case(f32(2, 0)),
    *each([i32, boolean, f16, c64, u8], lambda t: (t(2),)),
    case([1, 2]),
    case(f32(2), k=i32.of(1)),
    case(f32(2), num_rows=3, num_cols=4, error=True),
    case(f32(2), num_rows=1, error=True),
    case(f32(2), num_rows=3, num_cols=3, error=True),
    case(f32(), error=True),
    case(f32(2), k=(1, 0), error=True),
    case(f32(2), k=(0, 1, 2), error=True),
]

DIAG_PART = [
    case(f32(3, 3)),
    case(f32(2, 3)),
    case(f32(3, 2)),
    case(f32(2, 3, 3)),
    case(f32(3, 3), k=1),
    case(f32(3, 4), k=-2),
    case(f32(2, 3), k=(-1, 1)),
    *(
        case(f32(2, 3, 4), k=(-1, 2), align=align, padding_value=7.0)
        for align in ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")
    ),
    case(f32(4, 3), k=(-2, -1)),
    case(f32(3, 4), k=(1, 2), align="LEFT_LEFT"),
    case(f32(0, 0)),
    case(f32(2, 0)),
    *each([i32, boolean, f16, c64], lambda t: (t(2, 2),)),
    case([[1, 2], [3, 4]]),
    case(f32(2, 2), k=i32([0, 1])),
    case(f32(2, 2), k=2, error=True),
    case(f32(2, 3), k=-2, error=True),
    case(f32(2), error=True),
    case(f32(2, 2), k=(1, -1), error=True),
    case(f32(2, 2), k=(0, 1, 2), error=True),
]

SET_DIAG = [
    case(f32(3, 3), f32(3)),
    case(f32(2, 3), f32(2)),
    case(f32(2, 3, 3), f32(2, 3)),
    case(f32(2, 2), f32(1), k=1),
    case(f32(3, 4), f32(2, 3), k=(0, 1)),
    *(
        case(f32(2, 3, 4), f32(2, 3, 3), k=(-1, 1), align=align)
        for align in ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")
    ),
    case(f32(0, 0), f32(0)),
    *each([i32, boolean, c64], lambda t: (t(2, 2), t(2))),
    case([[1, 2], [3, 4]], [8, 9]),
    case(f32(2, 2), f32(3), error=True),
    case(f32(2, 2), f32(1), error=True),
    case(f32(2), f32(1), error=True),
    case(f32(2, 2), f32(), error=True),
    case(f32(2, 2), f32(1, 2), error=True),
    case(f32(2, 2), f32(2), k=3, error=True),
    case(f32(2, 2), f64(2), error=True),
]

# ---------------------------------------------------------------- decompositions


def positive(t: Any, *batch: int, n: int = 3) -> Input:
    """Positive definite matrices: enough on the diagonal."""
    random = np.random.RandomState(n + sum(batch))
    x = random.uniform(-1, 1, (*batch, n, n))
    if t.dtype.kind == "c":
        x = x + 1j * random.uniform(-1, 1, (*batch, n, n))
    return t.of((x @ np.swapaxes(x.conj(), -1, -2) + n * np.eye(n)).astype(t.dtype).tolist())


def regular(t: Any, *batch: int, n: int = 3) -> Input:
    """Matrices that are far from singular, and not symmetric."""
    random = np.random.RandomState(7 * n + sum(batch))
    x = random.uniform(-1, 1, (*batch, n, n))
    if t.dtype.kind == "c":
        x = x + 1j * random.uniform(-1, 1, (*batch, n, n))
    return t.of((x + 2 * np.eye(n)).astype(t.dtype).tolist())


ROUGH = {"rtol": 5e-5, "reason": "another algorithm"}
FINE = {"rtol": 1e-12, "reason": "another algorithm"}


def over(make: Any, *more: Any, **options: Any) -> list[Any]:
    """Cases of one float matrix and batches of them, real and complex."""
    return [
        case(make(f32), **ROUGH, **options),
        case(make(f64), **FINE, **options),
        case(make(f64, 2), **FINE, **options),
        case(make(f64, 2, 1, n=2), **FINE, **options),
        case(make(f64, n=1), **FINE, **options),
    ]


NOT_SQUARE = [case(f32(2, 3), error=True), case(f32(2), error=True), case(i32(2, 2), error=True)]
LOWER = {"fd": 0, "rtol": 1e-12, "reason": "only the lower triangle counts, and the gradient is spread over both"}

CHOLESKY = [
    *(
        case(positive(t, *b), **{**LOWER, "rtol": r})
        for t, b, r in [(f32, (), 5e-5), (f64, (), 1e-12), (f64, (2,), 1e-12), (c128, (), 1e-12), (c64, (), 5e-5)]
    ),
    case(f64([[4, 2], [99, 3]]), grad=False, reason="not positive definite: all NaN"),
    case(f32(0, 0)),
    *NOT_SQUARE,
]

SINGULAR = [case(f32([[1, 2], [2, 4]]), error=True), case(f32([[0, 0], [0, 0]]), error=True)]
INVERSE = [
    *over(regular),
    *over(regular, adjoint=True),
    case(regular(c128), **FINE),
    case(regular(c128), adjoint=True, **FINE),
    case(f32(0, 0)),
    *SINGULAR,
    case(f32([[nan, 2], [2, 1]]), error=True),
    *NOT_SQUARE,
]

UNCONJUGATED = {"fd": 0, "rtol": 1e-12, "reason": "TensorFlow's gradient is not conjugated"}
DET = [
    *over(regular),
    case(regular(c128), **UNCONJUGATED),
    case(f32(0, 0)),
    case(f32([[1, 2], [2, 4]]), grad=False, zero_sign=False, reason="singular"),
    *NOT_SQUARE,
]
SLOGDET = [
    *over(regular),
    case(regular(c128), fd=0, rtol=1e-12, reason="TensorFlow: nothing through the sign"),
    case(f32([[0, 0], [0, 0]]), grad=False, reason="singular"),
    *NOT_SQUARE,
]

SOLVE = [
    *(
        case(regular(t, *b), t(*b, 3, 2), adjoint=adjoint, rtol=r, reason="another algorithm")
        for t, b, r in [(f32, (), 5e-5), (f64, (), 1e-11), (f64, (2,), 1e-11), (c128, (), 1e-11)]
        for adjoint in (False, True)
    ),
    case(f32([[1, 2], [2, 4]]), f32(2, 1), error=True),
    case(f32(2, 3), f32(2, 1), error=True),
    case(f32(2, 2), f32(3, 1), error=True),
    case(f32(2, 2), f32(2), error=True),
    case(f32(2), f32(2, 2), error=True),
    case(f32(2, 2, 2), f32(2, 1), error=True),
    case(f32(2, 2), f64(2, 1), error=True),
    case(f32(0, 0), f32(0, 2)),
]

TRIANGULAR = [
    *(
        case(
            regular(t, *b),
            t(*b, 3, 2),
            lower=lower,
            adjoint=adjoint,
            rtol=r,
            reason="another algorithm",
        )
        for t, b, r in [(f32, (), 5e-5), (f64, (2,), 1e-11), (c128, (), 1e-11)]
        for lower in (False, True)
        for adjoint in (False, True)
    ),
    case(regular(f64), f64(2, 3, 1), **FINE),
    case(regular(f64, 2), f64(3, 1), **FINE),
    case(regular(f64, n=70), f64(70, 1), grad=False, **FINE),
    case(regular(f64, n=70), f64(70, 1), lower=False, adjoint=True, grad=False, **FINE),
    case(f32(0, 0), f32(0, 2)),
    case(f32(2, 3), f32(2, 1), error=True),
    case(f32(2, 2), f32(3, 1), error=True),
    case(f32(2, 2), f32(2), error=True),
    case(f32(2, 2), f64(2, 1), error=True),
]


def svd(tf: Any, x: Any, **options: Any) -> Any:
    found = tf.linalg.svd(x, **options)
    if not isinstance(found, tuple):
        return found
    s, u, v = found
    least = s.shape[-1]
    u, v = u[..., :least], v[..., :least]
    return s, tf.abs(u), tf.abs(v), tf.matmul(u, v, adjoint_b=True)


def eigh(tf: Any, x: Any) -> Any:
    e, v = tf.linalg.eigh(x)
    return e, tf.abs(v), tf.matmul(v * tf.cast(tf.range(1, 1 + x.shape[-1]), v.dtype), v, adjoint_b=True)


QR = [
    case(f64(3, 3), **FINE),
    case(f64(4, 2), **FINE),
    case(f64(2, 4), **FINE),
    case(f64(2, 3, 2), **FINE),
    case(f32(3, 2), **ROUGH),
    case(c128(3, 2), **FINE),
    case(c128(3, 3), **FINE),
    case(f64(3, 3), full_matrices=True, **FINE),
    case(f64(4, 2), full_matrices=True, grad=False, **FINE),
    case(f32(0, 2), grad=False, reason="empty"),
    case(f32(2), error=True),
    case(i32(2, 2), error=True),
]
SVD = [
    case(f64(3, 3), **FINE),
    case(f64(4, 2), **FINE),
    case(f64(2, 4), **FINE),
    case(f64(2, 3, 2), **FINE),
    case(f32(3, 2), **ROUGH),
    case(f64(3, 2), compute_uv=False, **FINE),
    case(f64(3, 2), full_matrices=True, **FINE),
    case(c128(3, 2), compute_uv=False, **FINE),
    case(c128(3, 2), fd=0, grad=False, **FINE),
    case(f32([[nan, 1], [1, 2]]), grad=False, reason="all NaN"),
    case(f32(2), error=True),
    case(i32(2, 2), error=True),
]
EIGH = [
    *(
        case(positive(t, *b), **{**LOWER, "rtol": r})
        for t, b, r in [(f32, (), 5e-5), (f64, (), 1e-11), (f64, (2,), 1e-11)]
    ),
    *NOT_SQUARE,
]

# ---------------------------------------------------------------- norms and the rest

NORM = [
    *(
        case(f32(2, 3), *args, **options)
        for args, options in [
            ((), {}),
            ((), {"axis": 0}),
            ((), {"axis": -1, "keepdims": True}),
            ((), {"axis": [0, 1]}),
            ((), {"axis": (-2, -1), "keepdims": True}),
            ((1,), {}),
            ((1,), {"axis": 1}),
            ((2,), {}),
            ((2,), {"axis": 0}),
            (("euclidean",), {"axis": 1}),
            (("fro",), {"axis": [0, 1]}),
            ((inf,), {}),
            ((inf,), {"axis": 0, "keepdims": True}),
        ]
    ),
    case(f32(2, 3), 1, axis=[0, 1]),
    case(f32(2, 3), inf, axis=[0, 1]),
    case(f32(2, 3), inf, axis=[1, 0], keepdims=True),
    case(f64(2, 3), 2, axis=[0, 1], **FINE),
    case(f64(2, 2, 3), 2, axis=[-2, -1], keepdims=True, **FINE),
    case(f64(3), 2.5),
    case(f64(2, 3), 3, axis=1),
    case(c128(3)),
    case(c128(3), 1),
    case(c64(3), inf),
    case(f32([0, 0])),
    case(f32([0, 0]), 2),
    case(f16(3)),
    *(case(f32(2, 2), ord=ord, error=True) for ord in ("fro", "nuc", -1, 0)),
    case(f32(2, 2), ord=3, axis=[0, 1], error=True),
    case(f32(2, 2), axis=[0, 0], error=True),
    case(f32(2, 2), axis=[0, 1, 2], error=True),
    case(i32(2), error=True),
]

L2 = [
    case(f32(3)),
    case(f32(2, 3), 1),
    case(f32(2, 3), [0, 1]),
    case(f32(2, 3), axis=0, epsilon=1.0),
    case(f32([0, 0]), fd=0, reason="a kink"),
    case(f64(2, 3), -1),
    case(c128(3), fd=0, rtol=1e-12, reason="another order"),
    case(i32([3, 4]), error=True),
]

ROWS: list[Row] = [
    row("MatMul", lambda tf, a, b, **kw: tf.matmul(a, b, **kw), MATMUL),
    row("BatchMatMulV2", lambda tf, a, b, **kw: tf.linalg.matmul(a, b, **kw), BATCH_MATMUL),
    row("tf.linalg.matvec", linalg("matvec"), MATVEC),
    row("tf.tensordot", lambda tf, a, b, axes: tf.tensordot(a, b, axes), TENSORDOT),
    row("Einsum", lambda tf, equation, *xs, **kw: tf.einsum(equation, *xs, **kw), EINSUM),
    row("MatrixDiagV3", linalg("diag"), DIAG),
    row("MatrixDiagPartV3", linalg("diag_part"), DIAG_PART),
    row("MatrixSetDiagV3", linalg("set_diag"), SET_DIAG),
    row(
        "Diag",
        linalg("tensor_diag"),
        [case(f32(3)), case(f32(2, 3)), case(i32(2)), case(f32(0)), case(c64(2)), case(f32(), error=True)],
    ),
    row(
        "DiagPart",
        linalg("tensor_diag_part"),
        [
            case(f32(3, 3)),
            case(f32(2, 3, 2, 3)),
            case(i32(2, 2)),
            case(f32(0, 0)),
            case(f32(), grad=False, reason="an error in TensorFlow"),
            case(f32(2, 3), error=True),
            case(f32(2), error=True),
        ],
    ),
    row(
        "MatrixBandPart",
        linalg("band_part"),
        [
            case(f32(3, 3), -1, 0),
            case(f32(3, 3), 0, -1),
            case(f32(2, 3, 4), 1, 2),
            case(f32(3, 3), 0, 0),
            case(f32(3, 3), -1, -1),
            case(i32(3, 3), 1, 0),
            case(boolean(2, 2), 0, 0),
            case(c64(2, 2), 0, -1),
            case(f32(2, 3), i64.of(1), i64.of(0)),
            case(f32(0, 2), 0, 0),
            case(f32(2, 3), 5, 0, error=True),
            case(f32(2, 3), 0, 5, error=True),
            case(f32(2), 0, 0, error=True),
        ],
    ),
    row(
        "tf.linalg.trace",
        linalg("trace"),
        [case(f32(2, 2)), case(f32(3, 2, 4)), case(i32(2, 2)), case(f32(2), error=True)],
    ),
    row(
        "tf.linalg.matrix_transpose",
        linalg("matrix_transpose"),
        [
            case(f32(2, 3)),
            case(f32(2, 3, 4)),
            case(c64(2, 3), conjugate=True),
            case(c64(2, 3)),
            case(f32(2, 3), conjugate=True),
            case(f32([1.0, 2.0]), error=True),
        ],
    ),
    row(
        "tf.linalg.adjoint", linalg("adjoint"), [case(f32(2, 3)), case(c64(2, 3, 4)), case(f32([1.0, 2.0]), error=True)]
    ),
    row(
        "Cross",
        linalg("cross"),
        [
            case(f32(3), f32(3)),
            case(f32(2, 3), f32(2, 3)),
            case(i32(3), i32(3)),
            case(f32(0, 3), f32(0, 3)),
            case(f32(2), f32(2), error=True),
            case(f32(3), f32(2, 3), error=True),
            case(f32(), f32(), error=True),
        ],
    ),
    row("Cholesky", linalg("cholesky"), CHOLESKY),
    row("MatrixInverse", linalg("inv"), INVERSE),
    row("MatrixDeterminant", linalg("det"), DET),
    row("LogMatrixDeterminant", linalg("slogdet"), SLOGDET),
    row("tf.linalg.logdet", linalg("logdet"), [case(positive(f64), **LOWER), case(positive(f64, 2), **LOWER)]),
    row("MatrixSolve", linalg("solve"), SOLVE),
    row("MatrixTriangularSolve", linalg("triangular_solve"), TRIANGULAR),
    row(
        "tf.linalg.cholesky_solve",
        linalg("cholesky_solve"),
        [case(regular(f64), f64(3, 2), **FINE), case(regular(f64, 2), f64(2, 3, 1), **FINE)],
    ),
    row("Qr", linalg("qr"), QR),
    row("Svd", svd, SVD),
    row("SelfAdjointEigV2", eigh, EIGH),
    row(
        "tf.linalg.eigvalsh",
        linalg("eigvalsh"),
        [case(positive(f64), **LOWER), case(f32([[1, 99], [2, 4]]), **{**LOWER, "rtol": 1e-5}), *NOT_SQUARE,
         case(f32([[1, 1], [nan, 2]]), error=True), case(f32([[nan]]), fd=0, grad=False, reason="NaN")],
    ),
    row(
        "tf.linalg.lstsq",
        linalg("lstsq"),
        [
            case(f64(4, 2), f64(4, 3), rtol=1e-11, reason="squares the condition"),
            case(f64(2, 4), f64(2, 1), rtol=1e-11, reason="squares the condition"),
            case(f64(2, 4, 2), f64(2, 4, 1), 0.5, rtol=1e-11, reason="squares the condition"),
            case(f64(4, 2), f64(4, 3), fast=False, grad=False, rtol=1e-11, reason="TensorFlow has no gradient here"),
        ],
    ),
    row(
        "tf.linalg.pinv",
        linalg("pinv"),
        [
            case(f64(3, 2), **FINE),
            case(f64(2, 3), **FINE),
            case(f32([[2, 0], [0, 0]]), grad=False, reason="nan"),
            case(i32(2, 2), error=True),
        ],
    ),
    row("tf.norm", lambda tf, x, *args, **kw: tf.norm(x, *args, **kw), NORM),
    row(
        "tf.math.l2_normalize",
        lambda tf, x, *args, **kw: (tf.math.l2_normalize(x, *args, **kw), tf.nn.l2_normalize(x, *args, **kw)),
        L2,
    ),
    row(
        "tf.linalg.normalize",
        linalg("normalize"),
        [case(f32(3)), case(f32(2, 3), axis=1), case(f32(2, 3), 1, 0), case(c128(3))],
    ),
    row(
        "tf.linalg.exported",
        lambda tf, x: (
            tf.linalg.norm(x),
            tf.linalg.l2_normalize(x),
            tf.linalg.einsum("ij->ji", x),
            tf.linalg.tensordot(x, x, 1),
            tf.linalg.global_norm([x, x]),
        ),
        [case(f32(2, 2))],
    ),
]
