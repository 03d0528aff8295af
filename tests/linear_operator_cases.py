"""Linear operators and what is asked of them; recorded by `tools/record_linear_operators.py`."""

from __future__ import annotations

from typing import Any

#: Each is an expression of `L`, the namespace `tf.linalg`, and `tf`.
OPERATORS = {
    "full": "L.LinearOperatorFullMatrix([[2.0, 1.0, 0.5], [1.0, 3.0, 0.0], [0.5, 1.0, 4.0]])",
    "definite": "L.LinearOperatorFullMatrix([[2.0, 1.0], [1.0, 3.0]], is_self_adjoint=True, is_positive_definite=True)",
    "wide": "L.LinearOperatorFullMatrix([[2.0, 1.0, 0.5], [1.0, 3.0, 0.0]])",
    "batch": "L.LinearOperatorFullMatrix([[[2.0, 1.0], [1.0, 3.0]], [[1.0, 0.5], [0.0, 2.0]]])",
    "complex": "L.LinearOperatorFullMatrix(tf.constant([[2.0 + 1j, 1.0], [1j, 3.0]], tf.complex64))",
    "lower": "L.LinearOperatorLowerTriangular([[2.0, 9.0, 9.0], [1.0, 3.0, 9.0], [0.5, 1.0, 4.0]])",
    "diag": "L.LinearOperatorDiag([1.0, 2.0, 4.0], is_positive_definite=True)",
    "diag2": "L.LinearOperatorDiag([-1.0, 2.0])",
    "complex_diag": "L.LinearOperatorDiag(tf.constant([1.0 + 1j, 2.0], tf.complex64))",
    "identity": "L.LinearOperatorIdentity(3)",
    "identity_batch": "L.LinearOperatorIdentity(2, batch_shape=[2])",
    "scaled": "L.LinearOperatorScaledIdentity(3, 2.5, is_positive_definite=True)",
    "scaled_batch": "L.LinearOperatorScaledIdentity(2, [2.0, 3.0])",
    "zeros": "L.LinearOperatorZeros(3)",
    "zeros_wide": "L.LinearOperatorZeros(2, 3, is_square=False, is_self_adjoint=False)",
    "block_diag": "L.LinearOperatorBlockDiag([L.LinearOperatorDiag([5.0], is_positive_definite=True), "
    "L.LinearOperatorFullMatrix([[2.0, 1.0], [1.0, 3.0]], is_self_adjoint=True, is_positive_definite=True)])",
    "block_lower": "L.LinearOperatorBlockLowerTriangular([[L.LinearOperatorDiag([2.0], is_non_singular=True)], "
    "[L.LinearOperatorFullMatrix([[3.0], [4.0]]), "
    "L.LinearOperatorFullMatrix([[2.0, 1.0], [1.0, 3.0]], is_non_singular=True)]])",
    "kronecker": "L.LinearOperatorKronecker([L.LinearOperatorFullMatrix([[2.0, 1.0], [0.5, 3.0]]), "
    "L.LinearOperatorFullMatrix([[1.0, 0.0], [2.0, 4.0]])])",
    "kronecker_wide": "L.LinearOperatorKronecker([L.LinearOperatorFullMatrix([[2.0, 1.0, 3.0], [0.5, 3.0, 1.0]]), "
    "L.LinearOperatorDiag([1.0, 2.0])])",
    "low_rank": "L.LinearOperatorLowRankUpdate(L.LinearOperatorDiag([1.0, 2.0, 3.0], is_positive_definite=True), "
    "[[1.0], [2.0], [0.5]])",
    "low_rank_uv": "L.LinearOperatorLowRankUpdate(L.LinearOperatorDiag([1.0, 2.0, 3.0], is_non_singular=True), "
    "[[1.0], [2.0], [0.5]], diag_update=[-0.25], v=[[1.0], [0.0], [2.0]])",
    "composition": "L.LinearOperatorComposition([L.LinearOperatorDiag([1.0, 2.0]), "
    "L.LinearOperatorFullMatrix([[2.0, 1.0], [0.5, 3.0]])])",
    "inversion": "L.LinearOperatorInversion(L.LinearOperatorFullMatrix([[2.0, 1.0], [0.5, 3.0]]))",
    "adjoint": "L.LinearOperatorAdjoint(L.LinearOperatorFullMatrix([[2.0, 1.0, 3.0], [0.5, 3.0, 1.0]]))",
    "permutation": "L.LinearOperatorPermutation([2, 0, 1])",
    "permutation_batch": "L.LinearOperatorPermutation([[1, 0], [0, 1]])",
    "householder": "L.LinearOperatorHouseholder([1.0, 2.0, 2.0])",
    "toeplitz": "L.LinearOperatorToeplitz([1.0, 2.0, 3.0], [1.0, -1.0, 0.5])",
    "tridiag": "L.LinearOperatorTridiag([[1.0, 2.0, 0.0], [4.0, 5.0, 6.0], [0.0, 1.0, 3.0]])",
    "tridiag_sequence": "L.LinearOperatorTridiag([[1.0, 0.0], [4.0, 5.0], [0.0, 3.0]], diagonals_format='sequence')",
    "tridiag_matrix": "L.LinearOperatorTridiag([[4.0, 1.0], [3.0, 5.0]], diagonals_format='matrix')",
    "circulant": "L.LinearOperatorCirculant(tf.constant([4 + 0j, 1 + 1j, 1 - 1j], tf.complex64), tf.float32)",
    "circulant_real": "L.LinearOperatorCirculant([4.0, 1.0, 2.0], is_positive_definite=True)",
    "circulant2d": "L.LinearOperatorCirculant2D([[4.0, 1.0], [2.0, 1.0]])",
    "circulant3d": "L.LinearOperatorCirculant3D([[[4.0, 1.0], [2.0, 1.0]]])",
}

#: What is asked of each operator `A`; `x` has as many rows as it has columns, `y` as many as it has rows.
QUESTIONS = """
A.shape
A.shape_tensor()
A.batch_shape_tensor()
A.tensor_rank
A.domain_dimension_tensor()
A.range_dimension_tensor()
A.dtype
A.name
A.is_square, A.is_non_singular, A.is_self_adjoint, A.is_positive_definite
A.to_dense()
A.matmul(x)
A.matmul(x, adjoint_arg=False, adjoint=False)
A.matmul(y, adjoint=True)
A.matmul(L.adjoint(x), adjoint_arg=True)
A.matvec(x[..., 0])
A.matvec(y[..., 0], adjoint=True)
A.solve(y)
A.solve(x, adjoint=True)
A.solve(L.adjoint(y), adjoint_arg=True)
A.solvevec(y[..., 0])
A.determinant()
A.log_abs_determinant()
A.trace()
A.diag_part()
A.add_to_tensor(tf.ones_like(A.to_dense()))
A.eigvals()
A.cond()
A.H
A.H.to_dense()
A.inverse()
A.inverse().to_dense()
A.cholesky()
A.cholesky().to_dense()
A @ A
A.matmul(x[..., :1, :])
A.matmul([[1], [2]])
A.assert_non_singular()
A.assert_self_adjoint()
A.assert_positive_definite()
sorted(A.parameters)
""".strip().splitlines()

_PAIRED = ("full", "lower", "diag", "identity", "scaled", "zeros", "block_diag", "permutation", "toeplitz", "circulant")

OTHERS = """
L.LinearOperatorFullMatrix([1.0])
L.LinearOperatorFullMatrix([[1]])
L.LinearOperatorFullMatrix([[1.0]], is_positive_definite=True, is_non_singular=False)
L.LinearOperatorFullMatrix([[1.0]], is_non_singular=True, is_square=False)
L.LinearOperatorFullMatrix([[1.0]], is_square=False).is_square
L.LinearOperatorLowerTriangular([1.0])
L.LinearOperatorLowerTriangular([[1.0]], is_square=False)
L.LinearOperatorDiag(1.0)
L.LinearOperatorDiag([1.0], is_self_adjoint=False)
L.LinearOperatorDiag([1.0], is_square=False)
L.LinearOperatorDiag([0.0, 1.0]).assert_non_singular()
L.LinearOperatorDiag([-1.0, 1.0]).assert_positive_definite()
L.LinearOperatorIdentity(-1)
L.LinearOperatorIdentity(2.0)
L.LinearOperatorIdentity([2])
L.LinearOperatorIdentity(2, is_square=False)
L.LinearOperatorIdentity(2, is_self_adjoint=False)
L.LinearOperatorIdentity(2, batch_shape=3)
L.LinearOperatorIdentity(2, batch_shape=[-3])
L.LinearOperatorScaledIdentity(2, 1.0, is_self_adjoint=False)
L.LinearOperatorScaledIdentity(2, 1.0, is_square=False)
L.LinearOperatorZeros(2, 3)
L.LinearOperatorZeros(2, is_non_singular=True)
L.LinearOperatorZeros(2, is_positive_definite=True)
L.LinearOperatorZeros(2, is_self_adjoint=False)
L.LinearOperatorBlockDiag([])
L.LinearOperatorBlockDiag([L.LinearOperatorDiag([1.0], True)], is_non_singular=False)
L.LinearOperatorBlockLowerTriangular([])
L.LinearOperatorBlockLowerTriangular([[L.LinearOperatorDiag([1.0]), L.LinearOperatorDiag([1.0])]])
L.LinearOperatorKronecker([])
L.LinearOperatorKronecker([L.LinearOperatorDiag([1.0])], is_self_adjoint=False)
L.LinearOperatorComposition([])
L.LinearOperatorComposition([L.LinearOperatorDiag([1.0], True)], is_non_singular=False)
L.LinearOperatorComposition([L.LinearOperatorDiag([1.0]), L.LinearOperatorDiag([1.0, 2.0])]).shape
L.LinearOperatorInversion(L.LinearOperatorZeros(2))
L.LinearOperatorAdjoint(L.LinearOperatorDiag([1.0]), is_self_adjoint=False)
L.LinearOperatorPermutation([0, 2])
L.LinearOperatorPermutation([0.5])
L.LinearOperatorPermutation([0, 1], is_square=False)
L.LinearOperatorHouseholder(1.0)
L.LinearOperatorHouseholder([1.0], is_self_adjoint=False)
L.LinearOperatorHouseholder([1.0], is_positive_definite=True)
L.LinearOperatorToeplitz([1.0], [1.0, 2.0])
L.LinearOperatorTridiag([[1.0]], diagonals_format='odd')
L.LinearOperatorCirculant(1.0)
L.LinearOperatorCirculant([1.0], is_self_adjoint=False)
L.LinearOperatorLowRankUpdate(L.LinearOperatorDiag([1.0]), [[1.0]], is_diag_update_positive=False)
L.LinearOperatorLowRankUpdate(L.LinearOperatorDiag([1.0]), [[1.0]], is_self_adjoint=False)
L.LinearOperatorDiag([1.0, 2.0]) @ L.LinearOperatorDiag([1.0])
L.LinearOperatorCirculant([4.0, 1.0, 2.0]).convolution_kernel()
L.LinearOperatorCirculant([4.0, 1.0, 1.0]).block_shape
L.LinearOperatorComposition([L.LinearOperatorDiag([2.0]), L.LinearOperatorDiag([3.0])]).H
""".strip().splitlines()


def cases() -> list[str]:
    """All expressions; `A` and `B` are names of operators in front of a colon."""
    found = [f"{name}: {question}" for name in OPERATORS for question in QUESTIONS]
    found += [f"{a} {b}: A {sign} B" for a in _PAIRED for b in _PAIRED for sign in ("@", "solve")]
    return found + [f": {line}" for line in OTHERS]


def answer(case: str, tf: Any) -> Any:
    """What a case gives, in plain Python."""
    names, question = case.split(": ", 1)
    scope: dict[str, Any] = {"tf": tf, "L": tf.linalg}
    try:
        for letter, name in zip("AB", names.split(), strict=False):
            scope[letter] = eval(OPERATORS[name], dict(scope))
        if "A" in scope and "B" not in scope:
            rows, columns = scope["A"].shape[-2:]
            scope["x"], scope["y"] = (tf.cast(argument(tf, size), scope["A"].dtype) for size in (columns, rows))
        return plain(eval(question.replace("A solve B", "A.solve(B)"), scope))
    except Exception as error:
        return {"error": type(error).__name__, "text": first_line(str(error))}


def first_line(text: str) -> str:
    """The text of an error without what says where it came from."""
    return text.split("}} ", 1)[-1].split(" [Op:")[0].split("\n")[0]


def argument(tf: Any, size: int) -> Any:
    """A matrix with so many rows, and two columns."""
    return tf.reshape(tf.range(1.0, 2.0 * size + 1), [size, 2]) / 2


def plain(value: Any) -> Any:
    """Tensors, operators and tuples of such in plain Python."""
    if hasattr(value, "to_dense"):
        return {"class": type(value).__name__, "name": value.name, "shape": str(value.shape),
                "hints": [value.is_square, value.is_non_singular, value.is_self_adjoint, value.is_positive_definite],
                "dense": plain(value.to_dense())}  # fmt: skip
    if isinstance(value, (list, tuple)) and type(value).__name__ != "TensorShape":
        return [plain(item) for item in value]
    if hasattr(value, "numpy") and hasattr(value, "shape"):
        flat = value.numpy().ravel().tolist()
        numbers = [[x.real, x.imag] if isinstance(x, complex) else x for x in flat]
        return {"dtype": value.dtype.name, "shape": [*value.shape], "elements": numbers}
    return value if isinstance(value, (bool, int, float)) or value is None else str(value)
