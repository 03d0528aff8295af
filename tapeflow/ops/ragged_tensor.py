"""`tf.RaggedTensor`: tensors with rows of different lengths."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.dtypes import DType, as_dtype
from ..base.dtypes import int64 as _int64
from ..base.errors import InvalidArgumentError
from ..base.extras import later
from ..base.tensor_shape import TensorShape
from ..core.composite import CompositeTensor
from ..core.convert import convert
from ..core.op import OPS, Op
from ..core.symbol import Symbol
from ..core.tensor import Operators, Tensor
from . import ragged_partition as partitions
from .casting import cast
from .debugging import assert_equal
from .operators import OPERATORS
from .ragged_partition import RowPartition
from .sizes import shape as shape_of

if TYPE_CHECKING:
    from .ragged_specs import RaggedTensorSpec

_KEY = object()


class RaggedTensor(CompositeTensor, Operators):
    """A tensor with one or more ragged dimensions, whose slices may have different lengths.

    Its `values`, a Tensor or another RaggedTensor, hold the rows one after the other; `row_splits` say where each row
    begins. It is made by `tf.ragged.constant` and by the class methods `from_...`.

    >>> rt = tf.RaggedTensor.from_row_lengths([3, 1, 4, 1, 5], [2, 0, 3])
    >>> rt
    <tf.RaggedTensor [[3, 1], [], [4, 1, 5]]>
    >>> rt.shape, rt[2].numpy().tolist(), rt[:, :1].to_list()
    (TensorShape([3, None]), [4, 1, 5], [[3], [], [4]])
    """

    __slots__ = ("__weakref__", "_partition", "_values")

    def __init__(self, values: Any, partition: Any = None, internal: Any = None) -> None:
        if internal is not _KEY:
            raise ValueError(
                "RaggedTensor constructor is private; please use one of the factory methods instead (e.g., "
                "RaggedTensor.from_row_lengths())"
            )
        self._values = values
        self._partition: RowPartition = partition

    # --- factories

    @classmethod
    def from_row_splits(cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True) -> Any:
        """Row `i` has the values from `row_splits[i]` to `row_splits[i + 1]`.

        Args:
          values: a Tensor of rank 1 or more, or a RaggedTensor: the rows, one after the other.
          row_splits: int32 or int64 `[nrows + 1]`, ascending from 0 to the number of values.
          name: not used.
          validate: whether to check that the values fit.

        Raises:
          ValueError, InvalidArgumentError: if they do not.

        >>> tf.RaggedTensor.from_row_splits([3, 1, 4], [0, 2, 2, 3])
        <tf.RaggedTensor [[3, 1], [], [4]]>
        """
        values, dtype = as_values(values)
        return made(values, partitions.of_splits(row_splits, validate, dtype), validate)

    @classmethod
    def from_row_lengths(cls, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True) -> Any:
        """Row `i` has `row_lengths[i]` values; see `from_row_splits`.

        >>> tf.RaggedTensor.from_row_lengths([3, 1, 4], [2, 0, 1])
        <tf.RaggedTensor [[3, 1], [], [4]]>
        """
        values, dtype = as_values(values)
        return made(values, partitions.of_lengths(row_lengths, validate, dtype), validate)

    @classmethod
    def from_row_starts(cls, values: Any, row_starts: Any, name: str | None = None, validate: bool = True) -> Any:
        """Row `i` starts at the value `row_starts[i]`; see `from_row_splits`.

        >>> tf.RaggedTensor.from_row_starts([3, 1, 4], [0, 2, 2])
        <tf.RaggedTensor [[3, 1], [], [4]]>
        """
        values, dtype = as_values(values)
        return made(values, partitions.of_starts(row_starts, rows_of(values), validate, dtype), validate)

    @classmethod
    def from_row_limits(cls, values: Any, row_limits: Any, name: str | None = None, validate: bool = True) -> Any:
        """Row `i` ends before the value `row_limits[i]`; see `from_row_splits`.

        >>> tf.RaggedTensor.from_row_limits([3, 1, 4], [2, 2, 3])
        <tf.RaggedTensor [[3, 1], [], [4]]>
        """
        values, dtype = as_values(values)
        return made(values, partitions.of_limits(row_limits, validate, dtype), validate)

    @classmethod
    def from_value_rowids(
        cls, values: Any, value_rowids: Any, nrows: Any = None, name: str | None = None, validate: bool = True
    ) -> Any:
        """The value `values[i]` is in row `value_rowids[i]`; see `from_row_splits`.

        Args:
          values: the rows, one after the other.
          value_rowids: the row of each value, ascending.
          nrows: how many rows there are; by default no more than the last value needs.
          name: not used.
          validate: whether to check that the values fit.

        >>> tf.RaggedTensor.from_value_rowids([3, 1, 4], [0, 0, 2])
        <tf.RaggedTensor [[3, 1], [], [4]]>
        """
        values, dtype = as_values(values)
        partition = partitions.of_rowids(value_rowids, nrows, validate, dtype)
        if partition._rowids is not None:
            _check_sizes(values.shape[:1], partition._rowids.shape)
        return made(values, partition, validate)

    @classmethod
    def from_uniform_row_length(
        cls, values: Any, uniform_row_length: Any, nrows: Any = None, validate: bool = True, name: str | None = None
    ) -> Any:
        """All rows have the same length: a dimension that is not ragged, of values that may be.

        >>> tf.RaggedTensor.from_uniform_row_length(tf.ragged.constant([[1], [2, 3]]), 2)
        <tf.RaggedTensor [[[1], [2, 3]]]>
        """
        values, dtype = as_values(values)
        partition = partitions.of_uniform(uniform_row_length, rows_of(values), nrows, validate, dtype)
        return made(values, partition, False)

    @classmethod
    def from_nested_row_splits(
        cls, flat_values: Any, nested_row_splits: Any, name: str | None = None, validate: bool = True
    ) -> Any:
        """Several ragged dimensions, the outermost first; see `from_row_splits`.

        >>> tf.RaggedTensor.from_nested_row_splits([1, 2, 3], [[0, 1, 2], [0, 2, 3]]).to_list()
        [[[1, 2]], [[3]]]
        """
        _check_nested(nested_row_splits, "nested_row_splits")
        result = flat_values
        for splits in reversed(nested_row_splits):
            result = cls.from_row_splits(result, splits, validate=validate)
        return result

    @classmethod
    def from_nested_row_lengths(
        cls, flat_values: Any, nested_row_lengths: Any, name: str | None = None, validate: bool = True
    ) -> Any:
        """Several ragged dimensions, the outermost first; see `from_row_lengths`.

        >>> tf.RaggedTensor.from_nested_row_lengths([1, 2, 3], [[1, 1], [2, 1]]).to_list()
        [[[1, 2]], [[3]]]
        """
        _check_nested(nested_row_lengths, "nested_row_lengths")
        result = flat_values
        for lengths in reversed(nested_row_lengths):
            result = cls.from_row_lengths(result, lengths, validate=validate)
        return result

    @classmethod
    def from_nested_value_rowids(
        cls,
        flat_values: Any,
        nested_value_rowids: Any,
        nested_nrows: Any = None,
        name: str | None = None,
        validate: bool = True,
    ) -> Any:
        """Several ragged dimensions, the outermost first; see `from_value_rowids`.

        >>> tf.RaggedTensor.from_nested_value_rowids([1, 2, 3], [[0, 1], [0, 0, 1]]).to_list()
        [[[1, 2]], [[3]]]
        """
        _check_nested(nested_value_rowids, "nested_value_rowids")
        if nested_nrows is None:
            nested_nrows = [None] * len(nested_value_rowids)
        else:
            _check_nested(nested_nrows, "nested_nrows")
            if len(nested_nrows) != len(nested_value_rowids):
                raise ValueError(
                    "Argument `nested_nrows` must have the same length as argument `nested_value_rowids`. "
                    f"len(nested_nrows) = {len(nested_nrows)} vs. len(nested_values_rowids) = "
                    f"{len(nested_value_rowids)}."
                )
        result = flat_values
        for ids, nrows in reversed(list(zip(nested_value_rowids, nested_nrows))):
            result = cls.from_value_rowids(result, ids, nrows, validate=validate)
        return result

    @classmethod
    def from_tensor(
        cls,
        tensor: Any,
        lengths: Any = None,
        padding: Any = None,
        ragged_rank: int = 1,
        name: str | None = None,
        row_splits_dtype: Any = _int64,
    ) -> Any:
        """A Tensor as a RaggedTensor, perhaps without what follows each row's own values.

        Args:
          tensor: a Tensor of rank `ragged_rank + 1` or more.
          lengths: the length of each row; a tuple of such for several ragged dimensions.
          padding: a value that is left out at the end of rows; not together with `lengths`.
          ragged_rank: how many dimensions become ragged.
          name: not used.
          row_splits_dtype: int32 or int64.

        Raises:
          ValueError: if the arguments do not fit each other.

        >>> tf.RaggedTensor.from_tensor([[5, 7, 0], [6, 0, 0]], padding=0)
        <tf.RaggedTensor [[5, 7], [6]]>
        """
        made = later("ops.ragged_conversion", "from_tensor")
        return made(tensor, lengths, padding, ragged_rank, as_dtype(row_splits_dtype))

    @classmethod
    def from_sparse(cls, st_input: Any, name: str | None = None, row_splits_dtype: Any = _int64) -> Any:
        """A 2-D `tf.SparseTensor` whose rows have no gaps as a RaggedTensor.

        Raises:
          TypeError: if it is no SparseTensor.
          ValueError: if its rank is not 2.
          InvalidArgumentError: if there are gaps.
        """
        return later("ops.ragged_conversion", "from_sparse")(st_input, as_dtype(row_splits_dtype))

    # --- what it is made of

    values = property(lambda self: self._values, doc="The rows, one after the other: a Tensor or a RaggedTensor.")
    row_splits = property(lambda self: self._partition.splits, doc="Where each row begins, and the last one ends.")
    uniform_row_length = property(
        lambda self: self._partition.uniform, doc="The length of all rows, if the dimension is not ragged; or None."
    )
    dtype = property(lambda self: self._values.dtype, doc="The dtype of the values.")

    @property
    def shape(self) -> TensorShape:
        """The shape; ragged dimensions have None."""
        rows, length = self._partition.static_nrows, self._partition.static_uniform
        if self._values.shape.rank is None:
            return TensorShape(None)
        return TensorShape([rows, length]).concatenate(self._values.shape[1:])

    def get_shape(self) -> TensorShape:
        """The shape, as `shape`."""
        return self.shape

    @property
    def ragged_rank(self) -> int:
        """How many dimensions the row splits divide."""
        return len(partitions_of(self))

    @property
    def flat_values(self) -> Any:
        """The innermost values, a Tensor."""
        return flat_of(self)

    @property
    def nested_row_splits(self) -> tuple[Any, ...]:
        """The row splits of all dimensions, the outermost first."""
        return tuple(p.splits for p in partitions_of(self))

    def value_rowids(self, name: str | None = None) -> Any:
        """The row of each value."""
        return self._partition.rowids

    def nested_value_rowids(self, name: str | None = None) -> tuple[Any, ...]:
        """The row of each value, for all dimensions, the outermost first."""
        return tuple(p.rowids for p in partitions_of(self))

    def nrows(self, out_type: Any = None, name: str | None = None) -> Any:
        """How many rows there are, a scalar."""
        return _typed(self._partition.nrows, out_type)

    def row_starts(self, name: str | None = None) -> Any:
        """Where each row begins."""
        return self._partition.starts

    def row_limits(self, name: str | None = None) -> Any:
        """Where each row ends."""
        return self._partition.limits

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Any:
        """The lengths of the rows of an axis.

        >>> tf.ragged.constant([[[1], [2, 3]], []]).row_lengths(axis=2)
        <tf.RaggedTensor [[1, 2], []]>
        """
        if axis == 0:
            return self._partition.nrows
        if axis == 1:
            return self._partition.lengths
        values = self._values
        if isinstance(values, RaggedTensor):
            return self.with_values(values.row_lengths(axis - 1))
        shape = shape_of(values, out_type=self.row_splits.dtype)
        return self.with_values(OPS["Fill"](shape[: axis - 1], shape[axis - 1]))

    def nested_row_lengths(self, name: str | None = None) -> tuple[Any, ...]:
        """The lengths of the rows of all ragged dimensions, the outermost first."""
        return tuple(p.lengths for p in partitions_of(self))

    def bounding_shape(self, axis: Any = None, name: str | None = None, out_type: Any = None) -> Any:
        """The smallest shape of a Tensor that has room for all values.

        >>> tf.ragged.constant([[1, 2, 3], [4]]).bounding_shape().numpy().tolist()
        [2, 3]
        """
        return _typed(later("ops.ragged_conversion", "bounding_shape")(self, axis), out_type)

    # --- others like it

    def with_values(self, new_values: Any) -> Any:
        """The same rows of other values, of which there must be as many.

        Raises:
          ValueError: if there are not.
        """
        new_values, dtype = as_values(new_values)
        _check_sizes(self._values.shape[:1], new_values.shape[:1])
        partition = self._partition if dtype is None else self._partition.with_dtype(dtype)
        return RaggedTensor(new_values, partition, _KEY)

    def with_flat_values(self, new_values: Any) -> Any:
        """The same rows, of all dimensions, of other innermost values.

        Raises:
          ValueError: if there are not as many.
        """
        values = self._values
        return self.with_values(
            values.with_flat_values(new_values) if isinstance(values, RaggedTensor) else new_values
        )

    def with_row_splits_dtype(self, dtype: Any) -> Any:
        """The same with row splits of another dtype, int32 or int64."""
        dtype = as_dtype(dtype)
        if dtype not in partitions.INDICES:
            raise ValueError("Argument `row_splits` dtype must be int32 or int64. " f"Received {dtype}.")
        values = self._values
        values = values.with_row_splits_dtype(dtype) if isinstance(values, RaggedTensor) else values
        return RaggedTensor(values, self._partition.with_dtype(dtype), _KEY)

    def merge_dims(self, outer_axis: int, inner_axis: int) -> Any:
        """Makes one of the dimensions from `outer_axis` to `inner_axis`.

        Raises:
          ValueError: if there are no such axes.

        >>> tf.ragged.constant([[[1, 2], [3]], [[4]]]).merge_dims(1, 2)
        <tf.RaggedTensor [[1, 2, 3], [4]]>
        """
        return later("ops.ragged_conversion", "merge_dims")(self, outer_axis, inner_axis)

    # --- as something else

    def to_tensor(self, default_value: Any = None, name: str | None = None, shape: Any = None) -> Any:
        """A Tensor with the rows filled up.

        Args:
          default_value: what to fill with; 0, or the empty string, by default.
          name: not used.
          shape: the shape of the result, as far as it is to be given: what does not fit is cut off.

        Raises:
          InvalidArgumentError: if the ranks do not fit.

        >>> print(tf.ragged.constant([[1, 2], [3]]).to_tensor())
        tf.Tensor(
        [[1 2]
         [3 0]], shape=(2, 2), dtype=int32)
        """
        return later("ops.ragged_conversion", "to_tensor")(self, default_value, shape)

    def to_sparse(self, name: str | None = None) -> Any:
        """A `tf.SparseTensor` of the values and where they are."""
        return later("ops.ragged_conversion", "to_sparse")(self)

    def numpy(self) -> Any:
        """A NumPy array: of arrays, if rows differ in length.

        Raises:
          ValueError: while a function is traced.
        """
        if not is_eager(self):
            raise ValueError("RaggedTensor.numpy() is only supported in eager mode.")
        values, splits = self._values.numpy(), self.row_splits.numpy()
        rows = [values[start:stop] for start, stop in pairwise(splits)]
        if not rows:
            return np.zeros((0, 0, *values.shape[1:]), values.dtype)
        if len({row.shape for row in rows}) == 1:
            return np.stack(rows)
        array = np.empty(len(rows), object)
        array[:] = rows
        return array

    def to_list(self) -> Any:
        """Nested lists of the values.

        >>> tf.ragged.constant([["a", "b"], []]).to_list()
        [[b'a', b'b'], []]
        """
        if not is_eager(self):
            raise ValueError("to_list can only be used in eager mode.")
        values = self._values
        items = values.to_list() if isinstance(values, RaggedTensor) else values.numpy().tolist()
        splits = self.row_splits.numpy().tolist()
        return [items[start:stop] for start, stop in pairwise(splits)]

    def consumers(self) -> Any:
        """The nodes that use the Tensors within, in graphs."""
        return [node for x in (flat_of(self), *self.nested_row_splits) for node in x.consumers()]

    def __getitem__(self, key: Any) -> Any:
        return later("ops.ragged_indexing", "index")(self, key)

    def __str__(self) -> str:
        if not is_eager(self):
            return f"tf.RaggedTensor(values={self._values}, row_splits={self.row_splits})"
        return repr(self)

    def __repr__(self) -> str:
        if not is_eager(self):
            return f"tf.RaggedTensor(values={self._values}, row_splits={self.row_splits})"
        with np.printoptions(formatter={"all": _shown}):
            return f"<tf.RaggedTensor {_shown(self.numpy())}>"

    def __hash__(self) -> int:
        raise TypeError("RaggedTensor is unhashable.")

    def __reduce__(self) -> tuple[Any, ...]:
        return made, (self._values, self._partition, False)  # the class may say that it is of TensorFlow's module

    def __bool__(self) -> bool:
        raise TypeError("RaggedTensor may not be used as a boolean.")

    # --- a composite tensor

    @property
    def _type_spec(self) -> RaggedTensorSpec:
        spec: RaggedTensorSpec = later("ops.ragged_specs", "RaggedTensorSpec").from_value(self)
        return spec

    @classmethod
    def _call_op(cls, op: Op, inputs: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Any:
        return later("ops.ragged_dispatch", "call_op")(op, inputs, attrs, name)

    def _text(self, summarize: int) -> Any:
        return later("ops.ragged_printing", "text_of")(self, summarize)

    def _differentiable(self) -> Any:
        return flat_of(self)

    def _with_differentiable(self, values: Any) -> Any:
        return self.with_flat_values(values)


for _name in OPERATORS:
    if "matmul" not in _name:
        setattr(RaggedTensor, _name, Tensor.__dict__[_name])


def _equality(name: str, otherwise: bool) -> Any:
    """`==` or `!=`: what cannot be compared is not equal."""
    method = Tensor.__dict__[name]

    def compare(x: Any, y: Any) -> Any:
        try:
            return method(x, y)
        except (TypeError, ValueError, InvalidArgumentError):
            return otherwise

    return compare


RaggedTensor.__eq__ = _equality("__eq__", False)  # type: ignore[method-assign]
RaggedTensor.__ne__ = _equality("__ne__", True)  # type: ignore[method-assign]


def _shown(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return np.array2string(x, separator=", ", formatter={"all": _shown}) if x.size else repr(x.tolist())
    return str(x)


def _check_sizes(mine: TensorShape, theirs: TensorShape) -> None:
    mine.assert_is_compatible_with(theirs)


def _check_nested(value: Any, name: str) -> None:
    if isinstance(value, Tensor):
        raise TypeError(f"Argument `{name}` must be a list of Tensors. Received {value.numpy()}.")


def _typed(x: Any, out_type: Any) -> Any:
    return x if out_type is None else cast(x, as_dtype(out_type))


# --- for all that works on ragged tensors


def is_eager(x: Any) -> bool:
    """Whether all Tensors within are eager."""
    return not any(isinstance(t, Symbol) for t in (flat_of(x), *(p.splits for p in partitions_of(x))))


def flat_of(x: Any) -> Any:
    """The innermost values; a Tensor itself."""
    while isinstance(x, RaggedTensor):
        x = x._values
    return x


def partitions_of(x: Any) -> list[RowPartition]:
    """The partitions of all dimensions, the outermost first; of a Tensor none."""
    found = []
    while isinstance(x, RaggedTensor):
        found.append(x._partition)
        x = x._values
    return found


def nested(values: Any, rows: Sequence[RowPartition]) -> Any:
    """Values in rows in rows: partitions, the outermost first. Nothing is checked."""
    for partition in reversed(rows):
        values = RaggedTensor(values, partition, _KEY)
    return values


def rows_of(x: Any) -> Any:
    """How many rows a RaggedTensor, or a Tensor, has; a scalar int64 Tensor."""
    if isinstance(x, RaggedTensor):
        return cast(x._partition.nrows, _int64)
    return shape_of(x, out_type=_int64)[0]


def as_values(values: Any) -> tuple[Any, DType | None]:
    """What rows are made of: a RaggedTensor, whose splits' dtype all others get, or a Tensor."""
    if isinstance(values, RaggedTensor):
        return values, values._partition.dtype
    values = convert(values)
    values.shape.with_rank_at_least(1)
    return values, None


def made(values: Any, partition: RowPartition, validate: bool) -> RaggedTensor:
    """The RaggedTensor of values and rows.

    Raises:
      InvalidArgumentError: if there are not as many values as rows want.
    """
    if isinstance(values, RaggedTensor) and values._partition.dtype is not partition.dtype:
        values = values.with_row_splits_dtype(partition.dtype)
    if validate:
        count = cast(rows_of(values), partition.dtype)
        message = "Arguments to _from_row_partition do not form a valid RaggedTensor"
        assert_equal(partition.nvals, count, message=message)
    return RaggedTensor(values, partition, _KEY)


def as_ragged_or_tensor(x: Any, dtype: DType | None = None) -> Any:
    """What is no RaggedTensor becomes a Tensor."""
    return x if isinstance(x, RaggedTensor) else convert(x, dtype)
