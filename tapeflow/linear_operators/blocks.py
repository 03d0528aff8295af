"""Operators made of blocks: on the diagonal, or on and below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base import nest
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..ops.casting import cast
from ..ops.common import shape_of
from ..ops.creation import zeros
from ..ops.elementwise import exp
from ..ops.joining import concat, split, stack
from ..ops.layout import expand_dims, squeeze
from ..ops.norm import adjoint as adjoint_of
from . import hints
from .batches import broadcast_batches, common_batch, common_batch_tensor
from .hints import Hint
from .identity import LinearOperatorIdentity, LinearOperatorScaledIdentity
from .matrices import LinearOperatorDiag, LinearOperatorFullMatrix, LinearOperatorLowerTriangular
from .operator import LinearOperator
from .wrapping import check_operators, product_of, sum_of


class _Blocks(LinearOperator):
    """An operator whose argument may be given in blocks, as a list; then the result is a list, too."""

    _parts = ("operators",)
    _operators: Any
    _diagonal: list[Any]

    @property
    def operators(self) -> Any:
        """The blocks."""
        return self._operators

    def _flat(self) -> list[Any]:
        """All blocks."""
        return nest.flatten(self._operators)

    def _shape(self) -> TensorShape:
        sizes = []
        for axis in (-2, -1):
            each = [operator.shape[axis] for operator in self._diagonal]
            sizes.append(None if None in each else sum(each))
        return common_batch(self._flat()).concatenate(sizes)

    def _shape_tensor(self) -> Any:
        rows = sum_of([operator.range_dimension_tensor() for operator in self._diagonal])
        columns = sum_of([operator.domain_dimension_tensor() for operator in self._diagonal])
        return concat([common_batch_tensor(self._flat()), stack([rows, columns])], 0)

    # --- arguments in blocks

    def _in_blocks(self, x: Any, own_axis: int, axis: int) -> tuple[list[Any], bool]:
        """The blocks of an argument, and whether it was given in blocks."""
        sizes = [operator.shape[own_axis] for operator in self._diagonal]
        if _is_blockwise(x, sizes, axis):
            return [
                block if isinstance(block, LinearOperator) else operator._argument(block, own_axis, axis)
                for operator, block in zip(self._diagonal, x, strict=True)
            ], True
        if None in sizes:
            sizes = [operator.shape_tensor()[own_axis] for operator in self._diagonal]
        return split(self._argument(x, own_axis, axis), sizes, axis=axis), False

    def _joined(self, blocks: list[Any], blockwise: bool) -> Any:
        return blocks if blockwise else concat(broadcast_batches(*blocks), -2)

    def matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul") -> Any:
        """The product `A x`; `x` may be a list of blocks. See `LinearOperator.matmul`."""
        if isinstance(x, LinearOperator):
            return super().matmul(x, adjoint, adjoint_arg, name)
        blocks, blockwise = self._in_blocks(x, -2 if adjoint else -1, -1 if adjoint_arg else -2)
        return self._joined(self._apply(blocks, adjoint, adjoint_arg), blockwise)

    def solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve") -> Any:
        """The `x` with `A x = rhs`; `rhs` may be a list of blocks. See `LinearOperator.solve`."""
        self._check_solvable()
        if isinstance(rhs, LinearOperator):
            return super().solve(rhs, adjoint, adjoint_arg, name)
        blocks, blockwise = self._in_blocks(rhs, -1 if adjoint else -2, -1 if adjoint_arg else -2)
        return self._joined(self._apply_inverse(blocks, adjoint, adjoint_arg), blockwise)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Any:
        """The product `A x` with vectors; `x` may be a list of blocks. See `LinearOperator.matvec`."""
        return self._on_vectors(self.matmul, x, -2 if adjoint else -1, adjoint)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Any:
        """The `x` with `A x = rhs`, for vectors; `rhs` may be a list of blocks. See `LinearOperator.solvevec`."""
        return self._on_vectors(self.solve, rhs, -1 if adjoint else -2, adjoint)

    def _on_vectors(self, apply: Callable[..., Any], x: Any, own_axis: int, adjoint: bool) -> Any:
        blocks, blockwise = self._in_blocks(x, own_axis, -1)
        if not blockwise:
            return squeeze(apply(expand_dims(self._argument(x, own_axis, -1), -1), adjoint=adjoint), -1)
        return [squeeze(y, -1) for y in apply([expand_dims(block, -1) for block in blocks], adjoint=adjoint)]

    def _apply(self, blocks: list[Any], adjoint: bool, adjoint_arg: bool) -> list[Any]:
        raise NotImplementedError

    def _apply_inverse(self, blocks: list[Any], adjoint: bool, adjoint_arg: bool) -> list[Any]:
        raise NotImplementedError

    # --- what the blocks on the diagonal say

    def _determinant(self) -> Any:
        return product_of([operator.determinant() for operator in self._diagonal])

    def _log_abs_determinant(self) -> Any:
        return sum_of([operator.log_abs_determinant() for operator in self._diagonal])

    def _trace(self) -> Any:
        return sum_of([operator.trace() for operator in self._diagonal])

    def _vectors(self, vectors: list[Any]) -> Any:
        """Vectors, one after the other."""
        return squeeze(concat(broadcast_batches(*(expand_dims(x, -1) for x in vectors)), -2), -1)

    def _diag_part(self) -> Any:
        return self._vectors([operator.diag_part() for operator in self._diagonal])

    def _eigvals(self) -> Any:
        return self._vectors([operator.eigvals() for operator in self._diagonal])

    def _assert_non_singular(self) -> Any:
        for operator in self._diagonal:
            operator.assert_non_singular()

    def _dense_of(self, rows: list[list[Any]]) -> Any:
        """The matrices that rows of dense blocks make."""
        return concat([concat(row, -1) for row in rows], -2)


def _is_blockwise(x: Any, sizes: list[Any], axis: int) -> bool:
    """Whether a list is one of blocks: it has as many items, and these, if they are lists, have the blocks' sizes.

    Raises:
      ValueError: if it may be either, or is neither.
    """
    if not isinstance(x, (tuple, list)) or len(x) != len(sizes):
        return False
    if not any(isinstance(item, (tuple, list, dict)) for item in x):
        return True
    found = [convert(item).shape[axis] for item in x]
    if all(size is None for size in sizes):
        if len(found) == 1:
            return False
        if any(size != found[0] for size in found):
            return True
        raise ValueError(
            "Parsing of the input structure is ambiguous. Please input a blockwise iterable of `Tensor`s or a single "
            "`Tensor`."
        )
    if all(size is None or size == other for size, other in zip(sizes, found, strict=True)):
        return True
    if all(size == found[0] for size in found) and found[0] >= sum(size for size in sizes if size is not None):
        return False
    raise ValueError("Input dimension does not match operator dimension.")


class LinearOperatorBlockDiag(_Blocks):
    """Operators along the diagonal, zeros elsewhere.

    Args:
      operators: the operators, from the upper left to the lower right.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name; by default made of theirs.

    Raises:
      ValueError: if there are no operators, or a hint contradicts theirs.
      TypeError: if they have more than one dtype.

    >>> a = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]])
    >>> operator = tf.linalg.LinearOperatorBlockDiag([a, tf.linalg.LinearOperatorDiag([5.0])])
    >>> operator.matvec([1.0, 1.0, 1.0])
    <tf.Tensor: shape=(3,), dtype=float32, numpy=array([3., 7., 5.], dtype=float32)>
    """

    def __init__(
        self,
        operators: Any,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = True,
        name: str | None = None,
    ) -> None:
        found = check_operators(operators, "Expected a non-empty list of operators. Found:")
        self._operators = self._diagonal = found
        is_non_singular = self._implied("is_non_singular", "non-singular", is_non_singular)
        is_self_adjoint = self._implied("is_self_adjoint", "self-adjoint", is_self_adjoint)
        is_positive_definite = self._implied("is_positive_definite", "positive definite", is_positive_definite)
        name = name or "_ds_".join(operator.name for operator in found)
        super().__init__(
            found[0].dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name
        )

    def _implied(self, hint: str, words: str, given: Hint) -> Hint:
        message = f"The direct sum of {words} operators is always {words}."
        return hints.all_have(self._operators, hint, given, message)

    def _linop_adjoint(self) -> LinearOperator:
        return LinearOperatorBlockDiag([each.adjoint() for each in self._operators], **hints.hints_of(self))

    def _linop_inverse(self) -> LinearOperator:
        return LinearOperatorBlockDiag([each.inverse() for each in self._operators], **hints.hints_of(self))

    def _linop_cholesky(self) -> LinearOperator:
        return LinearOperatorBlockDiag([each.cholesky() for each in self._operators], True, is_square=True)

    def _sides(self, x: LinearOperator, adjoint: bool, adjoint_arg: bool, word: str) -> tuple[Any, Any]:
        left, right = super()._sides(x, adjoint, adjoint_arg, "x")
        if isinstance(right, LinearOperatorBlockDiag):
            if len(left.operators) != len(right.operators):
                raise ValueError(
                    "Can not efficiently multiply two `LinearOperatorBlockDiag`s together when number of blocks differ."
                    if word == "x"
                    else "Can not efficiently solve `LinearOperatorBlockDiag` when number of blocks differ."
                )
            for one, other in zip(left.operators, right.operators, strict=True):
                if (other.range_dimension == one.domain_dimension) is False:
                    raise ValueError(
                        f"Blocks are incompatible. Expected `x` to have dimension {one.domain_dimension} but got "
                        f"{other.range_dimension}."
                    )
        return left, right

    def _linop_matmul(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        if not isinstance(right_operator, LinearOperatorBlockDiag):
            return super()._linop_matmul(left_operator, right_operator)
        pairs = zip(left_operator.operators, right_operator.operators, strict=True)
        known = hints.non_singular(left_operator, right_operator)
        return LinearOperatorBlockDiag([a.matmul(b) for a, b in pairs], known, is_square=True)

    def _linop_solve(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        if not isinstance(right_operator, LinearOperatorBlockDiag):
            return super()._linop_solve(left_operator, right_operator)
        pairs = zip(left_operator.operators, right_operator.operators, strict=True)
        known = hints.non_singular(left_operator, right_operator)
        return LinearOperatorBlockDiag([a.solve(b) for a, b in pairs], known, is_square=True)

    def _apply(self, blocks: list[Any], adjoint: bool, adjoint_arg: bool) -> list[Any]:
        pairs = zip(self._operators, blocks, strict=True)
        return [operator.matmul(block, adjoint=adjoint, adjoint_arg=adjoint_arg) for operator, block in pairs]

    def _apply_inverse(self, blocks: list[Any], adjoint: bool, adjoint_arg: bool) -> list[Any]:
        pairs = zip(self._operators, blocks, strict=True)
        return [operator.solve(block, adjoint=adjoint, adjoint_arg=adjoint_arg) for operator, block in pairs]

    def _diag_part(self) -> Any:
        if all(operator.is_square for operator in self._operators):
            return super()._diag_part()
        return LinearOperator._diag_part(self)

    def _eigvals(self) -> Any:
        if not all(operator.is_square for operator in self._operators):
            raise NotImplementedError("`eigvals` not implemented for an operator whose blocks are not square.")
        return super()._eigvals()

    def _assert_self_adjoint(self) -> Any:
        for operator in self._operators:
            operator.assert_self_adjoint()

    def _assert_positive_definite(self) -> Any:
        for operator in self._operators:
            operator.assert_positive_definite()

    def _to_dense(self) -> Any:
        blocks = broadcast_batches(*(operator.to_dense() for operator in self._operators))
        rows = [
            [block if i == j else zeros([*shape_of(block)[:-1], shape_of(other)[-1]], self.dtype)
             for j, other in enumerate(blocks)]
            for i, block in enumerate(blocks)
        ]  # fmt: skip
        return self._dense_of(rows)


class LinearOperatorBlockLowerTriangular(_Blocks):
    """Operators on and below the diagonal, zeros above it.

    Args:
      operators: rows of operators: one in the first, two in the second, and so on.
      is_non_singular, is_self_adjoint, is_positive_definite, is_square: hints; see `LinearOperator`.
      name: the name.

    Raises:
      ValueError: if the operators do not make such a matrix, or a hint contradicts theirs.
      TypeError: if they have more than one dtype.

    >>> a, b = tf.linalg.LinearOperatorDiag([1.0, 2.0]), tf.linalg.LinearOperatorFullMatrix([[3.0, 4.0]])
    >>> operator = tf.linalg.LinearOperatorBlockLowerTriangular([[a], [b, tf.linalg.LinearOperatorDiag([5.0])]])
    >>> operator.to_dense().numpy().tolist()
    [[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [3.0, 4.0, 5.0]]
    """

    def __init__(
        self,
        operators: Any,
        is_non_singular: Hint = None,
        is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None,
        is_square: Hint = None,
        name: str = "LinearOperatorBlockLowerTriangular",
    ) -> None:
        self._operators = [list(row) for row in operators]
        if not self._operators:
            raise ValueError(f"Argument `operators` must be a list of >=1 operators. Received: {self._operators}.")
        self._diagonal = [row[-1] for row in self._operators]
        dtype = self._operators[0][0].dtype
        for i, row in enumerate(self._operators):
            if any(operator.dtype is not dtype for operator in row):
                named = [str((operator.name, operator.dtype)) for operator in row]
                raise TypeError(
                    f"Expected all operators to have the same dtype.  Found {named} in row {i} and {dtype} in row 0."
                )
        is_non_singular = self._non_singular(is_non_singular)
        self._check_blocks()
        self._check_square(is_square)
        super().__init__(dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, True, name)

    def _non_singular(self, given: Hint) -> Hint:
        start = "A blockwise lower-triangular operator with"
        end = f"Expected argument `is_non_singular` to be True. Received: {given}."
        if all(operator.is_non_singular for operator in self._diagonal):
            if given is False:
                raise ValueError(
                    f"{start} non-singular operators on the main diagonal is always non-singular. {end}"
                )
            return True
        if any(operator.is_non_singular is False for operator in self._diagonal):
            if given is True:
                raise ValueError(f"{start} a singular operator on the main diagonal is always singular. {end}")
            return False
        return None

    def _check_blocks(self) -> None:
        for i, row in enumerate(self._operators):
            if len(row) != i + 1:
                raise ValueError(
                    f"Argument `operators[{i}]` must contain `{i + 1}` blocks. Received: {len(row)} blocks."
                )
            for j, operator in enumerate(row[:-1]):
                self._check_size(i, j, i - 1, j, "domain_dimension", operator, self._operators[i - 1][j])
                self._check_size(i, j, i, j + 1, "range_dimension", operator, row[j + 1])

    @staticmethod
    def _check_size(i: int, j: int, k: int, m: int, what: str, one: Any, other: Any) -> None:
        mine, theirs = getattr(one, what), getattr(other, what)
        if (mine == theirs) is False:
            raise ValueError(
                f"Argument `operators[{i}][{j}].{what}` ({mine}) must be the same as `operators[{k}][{m}].{what}` "
                f"({theirs})."
            )

    def _check_square(self, given: Hint) -> None:
        if given is False:
            raise ValueError(
                "`LinearOperatorBlockLowerTriangular` must be square. Expected argument `is_square` to be True. "
                "Received: False."
            )
        for i, operator in enumerate(self._diagonal):
            if operator.is_square is False:
                raise ValueError(
                    "Matrices on the diagonal (the final elements of each row-partition in the `operators` list) must "
                    f"be square. Expected argument `operators[{i}][-1].is_square` to be True. Received: False."
                )

    def _apply(self, blocks: list[Any], adjoint: bool, adjoint_arg: bool) -> list[Any]:
        rows, count = self._operators, len(self._operators)
        used = [
            [(rows[j][i], blocks[j]) for j in range(i, count)] if adjoint else list(zip(rows[i], blocks, strict=False))
            for i in range(count)
        ]
        return [
            sum_of([operator.matmul(block, adjoint=adjoint, adjoint_arg=adjoint_arg) for operator, block in row])
            for row in used
        ]

    def _apply_inverse(self, blocks: list[Any], adjoint: bool, adjoint_arg: bool) -> list[Any]:
        """Solves for one block after the other; what is known already goes to the right-hand side."""
        count = len(self._operators)
        found: dict[int, Any] = {}
        for i in range(count)[::-1] if adjoint else range(count):
            rhs = _adjoint(blocks[i]) if adjoint_arg else blocks[i]
            for j, known in found.items():
                operator = self._operators[j][i] if adjoint else self._operators[i][j]
                rhs = rhs - operator.matmul(known, adjoint=adjoint)
            found[i] = self._diagonal[i].solve(rhs, adjoint=adjoint)
        return [found[i] for i in range(count)]

    def _linop_inverse(self) -> LinearOperator:
        *above, bottom = self._operators
        corner = bottom[-1].inverse()
        known = hints.hints_of(self)
        if not above:
            return LinearOperatorBlockLowerTriangular([[corner]], **known)
        upper = LinearOperatorBlockLowerTriangular(above).inverse().operators
        row = []
        for i in range(len(above)):
            block = _sum([bottom[j].matmul(upper[j][i]) for j in range(i, len(above))])
            size = corner.domain_dimension_tensor()
            row.append(LinearOperatorScaledIdentity(size, cast(-1, block.dtype)).matmul(corner.matmul(block)))
        return LinearOperatorBlockLowerTriangular([*upper, [*row, corner]], **known)

    def _determinant(self) -> Any:
        if all(operator.is_positive_definite for operator in self._diagonal):
            return exp(self._log_abs_determinant())
        return super()._determinant()

    def _to_dense(self) -> Any:
        flat = broadcast_batches(*(operator.to_dense() for row in self._operators for operator in row))
        rows = [flat[i * (i + 1) // 2 : (i + 1) * (i + 2) // 2] for i in range(len(self._operators))]
        widths = [shape_of(row[-1])[-1] for row in rows]
        full = [
            [*row, *(zeros([*shape_of(row[0])[:-1], width], self.dtype) for width in widths[i + 1 :])]
            for i, row in enumerate(rows)
        ]
        return self._dense_of(full)


def _adjoint(x: Any) -> Any:
    return x.adjoint() if isinstance(x, LinearOperator) else adjoint_of(x)


def _sum(operators: list[Any]) -> Any:
    """The sum of operators, of the narrowest class that holds it."""
    diagonal = (LinearOperatorDiag, LinearOperatorIdentity, LinearOperatorScaledIdentity)
    held = (LinearOperatorFullMatrix, LinearOperatorLowerTriangular, *diagonal)
    if len(operators) == 1:
        only = operators[0]
        return only if isinstance(only, held) else LinearOperatorFullMatrix(only.to_dense())
    if all(isinstance(operator, diagonal) for operator in operators):
        return LinearOperatorDiag(sum_of([operator.diag_part() for operator in operators]))
    dense = sum_of([operator.to_dense() for operator in operators])
    triangular = all(isinstance(operator, (LinearOperatorLowerTriangular, *diagonal)) for operator in operators)
    return LinearOperatorLowerTriangular(dense) if triangular else LinearOperatorFullMatrix(dense)
