"""`tf.linalg.LinearOperator*` against TensorFlow's results and classes, which a tool recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tapeflow as tf
from tests.linear_operator_cases import OPERATORS, QUESTIONS, answer, argument, cases

#: Cases in which TensorFlow fails in its own code.
_TENSORFLOW_FAILS = ("low_rank_uv: A.assert_self_adjoint()", "complex: A.assert_non_singular()")
RECORDED = json.loads((Path(__file__).parent / "recordings" / "linear_operators.json").read_text())


def agree(found: Any, expected: Any) -> None:
    if isinstance(expected, dict) and "class" in expected:
        agree(found.pop("dense"), expected.pop("dense"))
        assert found == expected
    elif isinstance(expected, dict) and "elements" in expected:
        assert {**found, "elements": 0} == {**expected, "elements": 0}
        scale = max([1.0, *np.abs(np.ravel(expected["elements"]))])
        np.testing.assert_allclose(found["elements"], expected["elements"], rtol=2e-5, atol=2e-6 * scale)
    else:
        assert found == expected


@pytest.mark.parametrize("name", [*OPERATORS, ""])
def test_results(name: str) -> None:
    wrong = []
    for case in cases():
        if case.split(":")[0] == name and case not in _TENSORFLOW_FAILS:
            try:
                agree(answer(case, tf), json.loads(json.dumps(RECORDED[case])))
            except (AssertionError, AttributeError, TypeError, KeyError) as error:
                wrong.append(f"{case}\n  {answer(case, tf)}\n  {RECORDED[case]}\n {str(error)[:200]}")
    assert not wrong, f"{len(wrong)} of them:\n" + "\n".join(wrong)


@pytest.mark.parametrize("case", [case for case in cases() if " " in case.split(":")[0]])
def test_pairs(case: str) -> None:
    agree(answer(case, tf), json.loads(json.dumps(RECORDED[case])))


@pytest.mark.parametrize("name", list(OPERATORS))
def test_methods_agree_with_dense_matrices(name: str) -> None:
    operator = eval(OPERATORS[name], {"L": tf.linalg, "tf": tf})
    dense = operator.to_dense()
    x, y = (tf.cast(argument(tf, size), operator.dtype) for size in operator.shape[:-3:-1])
    pairs = [
        (operator.matmul(x), dense @ x),
        (operator.matmul(y, adjoint=True), tf.linalg.adjoint(dense) @ y),
        (operator.diag_part(), tf.linalg.diag_part(dense)),
        (operator.trace(), tf.linalg.trace(dense)),
    ]
    if operator.is_square and operator.is_non_singular is not False:
        pairs += [(operator.matmul(operator.solve(y)), tf.broadcast_to(y, (dense @ x).shape))]
        pairs += [(tf.abs(operator.determinant()), tf.abs(tf.linalg.det(dense)))]
    for found, expected in pairs:
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", list(OPERATORS))
def test_operators_in_functions(name: str) -> None:
    """An operator made inside of a function, one that comes as an argument, and one that is returned."""
    make = eval(f"lambda: {OPERATORS[name]}", {"L": tf.linalg, "tf": tf})
    operator = make()
    x = tf.cast(argument(tf, operator.shape[-1]), operator.dtype)
    expected = operator.matmul(x)
    inside = tf.function(lambda x: make().matmul(x), input_signature=[tf.TensorSpec([None, None], operator.dtype)])
    np.testing.assert_allclose(inside(x), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(tf.function(lambda a, x: a.matmul(x))(operator, x), expected, rtol=1e-5, atol=1e-6)
    returned = tf.function(lambda a: a)(operator)
    assert type(returned) is type(operator)
    np.testing.assert_allclose(returned.to_dense(), operator.to_dense())


@pytest.mark.parametrize("name", list(OPERATORS))
def test_operators_on_xla(name: str) -> None:
    made = eval(f"lambda: {OPERATORS[name]}", {"L": tf.linalg, "tf": tf})
    operator = made()
    x, y = (tf.cast(argument(tf, size), operator.dtype) for size in operator.shape[:-3:-1])
    product = tf.function(lambda x: made().matmul(x), jit_compile=True)
    np.testing.assert_allclose(product(x), operator.matmul(x), rtol=1e-5, atol=1e-5)
    if operator.is_square and operator.is_non_singular is not False:
        solution = tf.function(lambda y: made().solve(y), jit_compile=True)
        np.testing.assert_allclose(solution(y), operator.solve(y), rtol=1e-4, atol=1e-5)


_UNKNOWN = {
    "full": lambda v: tf.linalg.LinearOperatorFullMatrix(v),
    "lower": lambda v: tf.linalg.LinearOperatorLowerTriangular(v),
    "diag": lambda v: tf.linalg.LinearOperatorDiag(v[0]),
    "scaled": lambda v: tf.linalg.LinearOperatorScaledIdentity(tf.shape(v)[0], v[0, 0]),
    "identity": lambda v: tf.linalg.LinearOperatorIdentity(tf.shape(v)[0]),
    "blocks": lambda v: tf.linalg.LinearOperatorBlockDiag(
        [tf.linalg.LinearOperatorFullMatrix(v), tf.linalg.LinearOperatorDiag(v[0])]
    ),
    "kronecker": lambda v: tf.linalg.LinearOperatorKronecker(
        [tf.linalg.LinearOperatorFullMatrix(v), tf.linalg.LinearOperatorDiag(v[0])]
    ),
    "low_rank": lambda v: tf.linalg.LinearOperatorLowRankUpdate(tf.linalg.LinearOperatorDiag(v[0]), v),
    "composition": lambda v: tf.linalg.LinearOperatorFullMatrix(v) @ tf.linalg.LinearOperatorLowerTriangular(v),
    "permutation": lambda v: tf.linalg.LinearOperatorPermutation(tf.argsort(v[0])),
    "householder": lambda v: tf.linalg.LinearOperatorHouseholder(v[0]),
    "toeplitz": lambda v: tf.linalg.LinearOperatorToeplitz(v[0], v[0]),
    "tridiag": lambda v: tf.linalg.LinearOperatorTridiag(v),
    "circulant": lambda v: tf.linalg.LinearOperatorCirculant2D(v, tf.float32),
}


@pytest.mark.parametrize("name", list(_UNKNOWN))
def test_unknown_sizes(name: str) -> None:
    v = tf.constant([[2.0, 1.0, 0.5], [1.0, 3.0, 0.0], [0.5, 1.0, 4.0]])

    def asked(v: tf.Tensor) -> list[Any]:
        operator = _UNKNOWN[name](v)
        dense = operator.to_dense()
        x = tf.ones_like(dense)
        return [
            operator.shape_tensor(), operator.batch_shape_tensor(), operator.domain_dimension_tensor(), dense,
            operator.matmul(x), operator.matvec(x[0]), operator.diag_part(), operator.trace(), operator.solve(x),
            operator.solvevec(x[0]), operator.determinant(), operator.log_abs_determinant(),
        ]  # fmt: skip

    traced = tf.function(asked, input_signature=[tf.TensorSpec([None, None])])
    for found, expected in zip(traced(v), asked(v), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


_MADE = {
    "LinearOperatorFullMatrix": lambda v: tf.linalg.LinearOperatorFullMatrix(v),
    "LinearOperatorLowerTriangular": lambda v: tf.linalg.LinearOperatorLowerTriangular(v),
    "LinearOperatorDiag": lambda v: tf.linalg.LinearOperatorDiag(v[0]),
    "LinearOperatorScaledIdentity": lambda v: tf.linalg.LinearOperatorScaledIdentity(2, v[0, 0]),
    "LinearOperatorToeplitz": lambda v: tf.linalg.LinearOperatorToeplitz(v[0], v[1]),
    "LinearOperatorHouseholder": lambda v: tf.linalg.LinearOperatorHouseholder(v[0]),
    "LinearOperatorKronecker": lambda v: tf.linalg.LinearOperatorKronecker(
        [tf.linalg.LinearOperatorFullMatrix(v), tf.linalg.LinearOperatorDiag(v[0, :1])]
    ),
    "LinearOperatorLowRankUpdate": lambda v: tf.linalg.LinearOperatorLowRankUpdate(
        tf.linalg.LinearOperatorDiag(v[0]), v[:, :1]
    ),
}


@pytest.mark.parametrize("name", list(_MADE))
def test_gradients_are_those_of_the_dense_matrices(name: str) -> None:
    start = tf.constant([[2.0, 1.0], [0.5, 3.0]])
    x = tf.constant([[1.0, 2.0], [3.0, 5.0]])

    def gradient(function: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(start)
            operator = _MADE[name](start)
            value = tf.reduce_sum(function(operator) * [[1.0, 2.0], [3.0, 4.0]])
        return tape.gradient(value, start)

    for action, dense in (
        (lambda a: a.matmul(x), lambda a: a.to_dense() @ x),
        (lambda a: a.solve(x), lambda a: tf.linalg.solve(a.to_dense(), x)),
    ):
        expected = gradient(dense)
        np.testing.assert_allclose(gradient(action), expected, rtol=1e-4, atol=1e-5)
        traced = tf.function(lambda action=action: gradient(action))()
        np.testing.assert_allclose(traced, expected, rtol=1e-4, atol=1e-5)


def test_variables_stay_variables() -> None:
    v = tf.Variable([1.0, 2.0])
    operator = tf.linalg.LinearOperatorDiag(v)
    assert operator.trainable_variables == (v,) and operator.diag is v
    v.assign([3.0, 4.0])
    np.testing.assert_allclose(operator.matvec([1.0, 1.0]), [3.0, 4.0])
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(operator.matvec([5.0, 6.0]))
    np.testing.assert_allclose(tape.gradient(value, v), [5.0, 6.0])


def test_an_operator_of_ones_own() -> None:
    class Doubling(tf.linalg.LinearOperator):
        def __init__(self, size: int) -> None:
            self.size = size
            super().__init__(tf.float32, is_self_adjoint=True, is_positive_definite=True, name="doubling")

        def _shape(self) -> Any:
            return tf.TensorShape([self.size, self.size])

        def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
            return 2.0 * (tf.linalg.adjoint(x) if adjoint_arg else x)

    operator = Doubling(2)
    assert operator.name == "doubling" and operator.parameters == {"size": 2} and operator.H is operator
    np.testing.assert_allclose(operator.to_dense(), [[2.0, 0.0], [0.0, 2.0]])
    np.testing.assert_allclose(operator.solvevec([2.0, 4.0]), [1.0, 2.0])
    np.testing.assert_allclose([operator.determinant(), operator.trace(), operator.cond()], [4.0, 4.0, 1.0], rtol=1e-6)
    found = tf.linalg.experimental.conjugate_gradient(operator, tf.constant([2.0, 4.0]))
    np.testing.assert_allclose(found.x, [1.0, 2.0])


def test_blocks_as_lists() -> None:
    a = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]], is_non_singular=True)
    d = tf.linalg.LinearOperatorDiag([5.0], is_non_singular=True)
    x = [tf.constant([[1.0], [2.0]]), tf.constant([[3.0]])]
    for operator in (
        tf.linalg.LinearOperatorBlockDiag([a, d]),
        tf.linalg.LinearOperatorBlockLowerTriangular([[a], [tf.linalg.LinearOperatorFullMatrix([[6.0, 7.0]]), d]]),
    ):
        whole = tf.concat(x, 0)
        for method in (operator.matmul, operator.solve):
            np.testing.assert_allclose(tf.concat(method(x), 0), method(whole), rtol=1e-6)
        vectors = [block[:, 0] for block in x]
        np.testing.assert_allclose(tf.concat(operator.matvec(vectors), 0), operator.matvec(whole[:, 0]))
        np.testing.assert_allclose(tf.concat(operator.solvevec(vectors), 0), operator.solvevec(whole[:, 0]), rtol=1e-6)


def test_functions_of_matrices_take_operators() -> None:
    dense = tf.constant([[2.0, 1.0], [1.0, 3.0]])
    a = tf.linalg.LinearOperatorFullMatrix(dense, is_self_adjoint=True, is_positive_definite=True)
    b = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]])
    x = tf.constant([[1.0, 2.0], [3.0, 5.0]])
    for found, expected in (
        (tf.linalg.det(a), tf.linalg.det(dense)),
        (tf.linalg.logdet(a), tf.linalg.logdet(dense)),
        (tf.linalg.trace(a), tf.linalg.trace(dense)),
        (tf.linalg.diag_part(a), tf.linalg.diag_part(dense)),
        (tf.linalg.cholesky(a).to_dense(), tf.linalg.cholesky(dense)),
        (tf.linalg.inv(a).to_dense(), tf.linalg.inv(dense)),
        (tf.linalg.solve(a, x), tf.linalg.solve(dense, x)),
        (tf.linalg.adjoint(b).to_dense(), tf.linalg.adjoint(b.to_dense())),
        (tf.matmul(a, x), dense @ x),
        (tf.matmul(x, b), x @ b.to_dense()),
        (tf.matmul(b, x, adjoint_a=True), tf.transpose(b.to_dense()) @ x),
        (tf.matmul(a, b).to_dense(), dense @ b.to_dense()),
        (tf.linalg.matvec(a, x[0]), tf.linalg.matvec(dense, x[0])),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    with pytest.raises(ValueError, match="Passing in `matrix` as a Tensor"):
        tf.linalg.solve(x, a)


def test_names_are_lazy() -> None:
    assert len(QUESTIONS) > 30
    for name in ("LinearOperatorAdjoint", "LinearOperatorBlockDiag", "LinearOperatorBlockLowerTriangular",
                 "LinearOperatorCirculant", "LinearOperatorCirculant2D", "LinearOperatorCirculant3D",
                 "LinearOperatorComposition", "LinearOperatorIdentity", "LinearOperatorInversion",
                 "LinearOperatorPermutation", "LinearOperatorTridiag", "LinearOperatorZeros"):  # fmt: skip
        assert issubclass(getattr(tf.linalg, name), tf.linalg.LinearOperator)
