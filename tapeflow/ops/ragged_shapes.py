"""The shape of a ragged tensor: `tf.experimental.DynamicRaggedShape`, as far as `tf.shape` and broadcasting need it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..base import dtypes
from ..core.composite import CompositeTensor
from ..core.convert import convert
from ..core.op import OPS, Op
from ..core.tensor import EAGER
from .ragged_partition import RowPartition, known_int
from .ragged_tensor import RaggedTensor, flat_of, nested, partitions_of
from .sizes import shape as shape_of


class DynamicRaggedShape(CompositeTensor):
    """The rows of each ragged dimension, and the shape of what is in them.

    >>> tf.shape(tf.ragged.constant([[1, 2], [3]]))
    <DynamicRaggedShape lengths=[2, (2, 1)] num_row_partitions=1>
    """

    __slots__ = ("_flat_shape", "_rows")

    def __init__(self, rows: Any, flat_shape: Any) -> None:
        self._rows: list[RowPartition] = list(rows)
        self._flat_shape = flat_shape

    @classmethod
    def from_tensor(cls, x: Any, dtype: Any = None) -> DynamicRaggedShape:
        """The shape of a Tensor or RaggedTensor."""
        rows, flat = partitions_of(x), flat_of(x)
        dtype = dtype or (rows[0].dtype if rows else dtypes.int64)
        return cls([row.with_dtype(dtype) for row in rows], shape_of(flat, out_type=dtype))

    @property
    def rank(self) -> int | None:
        """The number of dimensions."""
        inner: int | None = self._flat_shape.shape[0]
        return None if inner is None else inner + len(self._rows)

    @property
    def num_row_partitions(self) -> int:
        """How many dimensions rows divide."""
        return len(self._rows)

    @property
    def inner_shape(self) -> Any:
        """The shape of the flat values."""
        return self._flat_shape

    @property
    def dtype(self) -> Any:
        """int32 or int64."""
        return self._flat_shape.dtype

    def static_lengths(self, ragged_lengths: bool = True) -> list[Any]:
        """For each dimension its size, or the lengths of its rows; None if not known."""
        if not self._rows:
            return [known_int(self._flat_shape[i]) for i in range(self.rank or 0)]
        sizes: list[Any] = [self._rows[0].static_nrows]
        for row in self._rows:
            if row.uniform is not None:
                sizes.append(row.static_uniform)
            else:
                sizes.append(tuple(row.lengths.numpy().tolist()) if ragged_lengths and _known(row) else None)
        return sizes + [known_int(self._flat_shape[i]) for i in range(1, self._flat_shape.shape[0])]

    def __getitem__(self, index: Any) -> Any:
        """The size of a dimension that is not ragged.

        Raises:
          ValueError: if it is ragged.
        """
        if not isinstance(index, int):
            raise ValueError("All relevant dimensions must be uniform")
        index += (self.rank or 0) if index < 0 else 0
        if index == 0 and self._rows:
            return self._rows[0].nrows
        if 0 < index <= len(self._rows):
            uniform = self._rows[index - 1].uniform
            if uniform is None:
                raise ValueError(f"Index {index} is not uniform")
            return uniform
        return self._flat_shape[index - len(self._rows)]

    @classmethod
    def _call_op(cls, op: Op, inputs: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Any:
        x, shape = inputs if len(inputs) == 2 else (None, None)
        if isinstance(shape, cls) and op.name == "BroadcastTo":
            return broadcast_to(x, shape)
        if isinstance(shape, cls) and op.name == "Reshape":
            return nested(OPS["Reshape"](flat_of(x), shape.inner_shape), shape._rows)
        raise cls._no_tensor()

    def __repr__(self) -> str:
        shown = ", ".join(_shown(each) for each in self.static_lengths())
        return f"<DynamicRaggedShape lengths=[{shown}] num_row_partitions={len(self._rows)}>"


def _known(row: RowPartition) -> bool:
    return type(row.splits) in EAGER


def _shown(length: Any) -> str:
    if isinstance(length, tuple) and len(length) > 10:
        return f"({', '.join(map(str, length[:10]))}, ...)"
    return str(tuple(length)) if isinstance(length, tuple) else str(length)


def broadcast_to(x: Any, shape: DynamicRaggedShape) -> Any:
    """A Tensor or RaggedTensor repeated to a ragged shape."""
    from .ragged_broadcast import align

    like = nested(OPS["Fill"](shape.inner_shape, convert(0, dtypes.int32)), shape._rows)
    (flat, zeros), rows = align([x if isinstance(x, RaggedTensor) else convert(x), like])
    flat = OPS["BroadcastTo"](flat, shape_of(zeros))
    return nested(flat, rows)

