"""How many letters must be changed to make one sequence of another."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import errors, shapes
from ..core.op import op
from ..core.tensor import Array, Tensor
from .common import only_host
from .sparse_tensor import SparseTensor, SparseTensorValue, parts


def _shape(*given: Any, **_attrs: Any) -> Any:
    rank = next((s[0] for s in (given[2], given[5]) if s is not None and s[0] is not None), None)
    return None if rank is None else (None,) * (rank - 1)


def _sequences(indices: Array, values: Array) -> dict[tuple[int, ...], list[Any]]:
    found: dict[tuple[int, ...], list[Any]] = {}
    for place, value in zip(indices.tolist(), values.tolist()):
        found.setdefault(tuple(place[:-1]), []).append(value)
    return found


def _distance(a: list[Any], b: list[Any]) -> int:
    """Row by row over all beginnings of the two."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for k, y in enumerate(b, 1):
            least = min(row[k] + 1, row[k - 1] + 1, before + (x != y))
            before, row[k] = row[k], least
    return row[-1]


@op(
    "EditDistance",
    "hypothesis_indices:int64, hypothesis_values:T, hypothesis_shape:int64, truth_indices:int64, truth_values:T, "
    "truth_shape:int64 -> output:float",
    shape=_shape, differentiable=False,
)  # fmt: skip
def edit_distance_op(
    xp: Any, a: Array, av: Array, a_shape: Array, b: Array, bv: Array, b_shape: Array, *, normalize: bool = True
) -> Array:
    if len(a_shape) != len(b_shape):
        raise errors.invalid(
            "truth_shape and hypothesis_shape should have the same number of elements: but saw hypothesis_shape="
            f"{shapes.show(tuple(a_shape))} and truth_shape={shapes.show(tuple(b_shape))}"
        )
    out = np.zeros(tuple(np.maximum(a_shape, b_shape)[:-1].tolist()), np.float32)
    first, second = _sequences(a, av), _sequences(b, bv)
    for group in {*first, *second}:
        mine, truth = first.get(group, []), second.get(group, [])
        if truth:
            out[group] = _distance(mine, truth) / (len(truth) if normalize else 1)
        else:
            out[group] = np.inf if normalize else len(mine)
    return out


only_host(edit_distance_op)


def edit_distance(hypothesis: Any, truth: Any, normalize: bool = True, name: str | None = "edit_distance") -> Tensor:
    """The Levenshtein distance of sequences: how often an element must be put in, left out or replaced.

    Args:
      hypothesis: a SparseTensor of sequences, in its last dimension.
      truth: another, with values of the same dtype.
      normalize: whether to divide by the length of the true sequence.
      name: a name for the operation.

    Returns:
      float32, a number for each pair of sequences; infinite where the true one is empty and the other is not, if they
      are divided.

    Raises:
      TypeError: for what is no SparseTensor.

    >>> a, b = tf.sparse.from_dense([[1, 2, 3, 4]]), tf.sparse.from_dense([[1, 3, 4]])
    >>> tf.edit_distance(a, b, normalize=False).numpy().tolist()
    [1.0]
    """
    if not isinstance(hypothesis, (SparseTensor, SparseTensorValue)):
        raise TypeError("Hypothesis must be a SparseTensor.")
    if not isinstance(truth, (SparseTensor, SparseTensorValue)):
        raise TypeError("Truth must be a SparseTensor.")
    first, second = map(SparseTensor.from_value, (hypothesis, truth))
    return edit_distance_op(*parts(first), *parts(second), normalize=normalize, name=name)  # type: ignore[no-any-return]
