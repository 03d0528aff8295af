"""Examples as tensors: `tf.io.parse_example`, `parse_single_example`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import DType, as_dtype
from ..base.wire import WireError
from ..core.convert import convert
from ..core.op import Op
from ..core.tensor import Tensor, TensorLike
from ..ops.common import only_host
from .columns import BYTES, FLOATS, INTS, MISSING, Array, Column, read_columns
from .features import (
    FixedLenFeature,
    FixedLenSequenceFeature,
    RaggedFeature,
    SparseFeature,
    UniformRowLength,
    VarLenFeature,
)  # fmt: skip

KINDS = {dtypes.string: BYTES, dtypes.float32: FLOATS, dtypes.int64: INTS}
DTYPES = {kind: dtype for dtype, kind in KINDS.items()}


class Reader:
    """How one feature is read: what it needs of the examples, the tensors that come of it, and how they are packed.

    Args:
      key: the name of the feature.
      dtype: of its values.
    """

    def __init__(self, key: str, dtype: Any) -> None:
        self.key, self.dtype = key, as_dtype(dtype)
        if self.dtype not in KINDS:
            raise errors.invalid(
                f"Value for attr '{self.attr}' of {self.dtype.cpp_name} is not in the list of allowed values: "
                "float, int64, string"
            )
        self.needs: list[tuple[str, DType]] = [(key, self.dtype)]

    attr = "Tdense"
    defaults: tuple[Any, ...] = ()

    def types(self) -> list[tuple[DType, Any]]:
        """The dtypes and shapes of the tensors, of a batch of unknown size."""
        raise AssertionError

    def read(self, columns: list[Column], where: Where, defaults: list[Array]) -> list[Array]:
        """The tensors."""
        raise AssertionError

    def pack(self, tensors: list[Tensor], single: bool) -> Any:
        """What the user gets."""
        return tensors[0]


class Where:
    """Says in errors which example is meant, as TensorFlow does."""

    def __init__(self, names: list[bytes], single: bool) -> None:
        self.names, self.single = names, single

    def name(self, i: int) -> str:
        return "" if self.single else f"Name: {self.names[i].decode() if self.names else '<unknown>'}, "

    def value(self, key: str, i: int) -> str:
        return f"{self.name(i)}Key: {key}{'' if self.single else f', Index: {i}'}.  "


def check_kind(column: Column, reader: Reader, where: Where, dense: bool) -> None:
    """Refuses values of another dtype."""
    wanted = KINDS[reader.dtype]
    wrong = np.flatnonzero((column.kinds != wanted) & (column.kinds != MISSING))
    if wrong.size:
        got, want = DTYPES[column.kinds[wrong[0]]].cpp_name, reader.dtype.cpp_name
        text = f"Data type: {got} but expected type: {want}" if dense else f"Expected type: {want}, Actual type: {got}"
        raise errors.invalid(f"{where.value(reader.key, int(wrong[0]))}Data types don't match. {text}")


class Fixed(Reader):
    """`FixedLenFeature`."""

    def __init__(self, key: str, feature: FixedLenFeature) -> None:
        super().__init__(key, feature.dtype)
        shape = [feature.shape] if isinstance(feature.shape, int) else list(feature.shape)
        if shape and shape[0] is None:
            raise ValueError(
                f"First dimension of shape for feature {key} unknown. Consider using FixedLenSequenceFeature. "
                f"Received feature={feature}."
            )
        if any(n is None for n in shape):
            raise ValueError(f"All dimensions of shape for feature {key} need to be known but received {shape}.")
        self.shape = tuple(map(int, shape))
        if feature.default_value is not None:
            from ..ops.layout import reshape

            self.defaults = (reshape(convert(feature.default_value, self.dtype), self.shape),)

    def types(self) -> list[tuple[DType, Any]]:
        return [(self.dtype, self.shape)]

    def read(self, columns: list[Column], where: Where, defaults: list[Array]) -> list[Array]:
        (column,) = columns
        check_kind(column, self, where, dense=True)
        present = column.kinds != MISSING
        if not defaults and not present.all():
            text = f"Feature: {self.key} (data type: {self.dtype.cpp_name}) is required but could not be found."
            raise errors.invalid(where.name(int(np.argmin(present))) + text)
        size = math.prod(self.shape)
        self._check_size(column, present, size, where)
        flat = column.flat(KINDS[self.dtype])
        batch = len(present)
        if not present.all():
            values = np.empty((batch, size), flat.dtype)
            values[present] = flat.reshape(-1, size)
            values[~present] = defaults[0].reshape(-1)
            flat = values
        return [flat.reshape(batch, *self.shape)]

    def _check_size(self, column: Column, present: Array, size: int, where: Where) -> None:
        wrong = np.flatnonzero(present & (column.counts != size))
        if not wrong.size:
            return
        i = int(wrong[0])
        name = {INTS: "int64", FLOATS: "float", BYTES: "bytes" if where.single else "string"}[KINDS[self.dtype]]
        if where.single:
            text = f"Can't parse serialized Example: Some {name}_list slice was not parsed."
            raise errors.invalid(where.value(self.key, i) + text)
        shape = ",".join(map(str, self.shape))
        raise errors.invalid(
            f"{where.value(self.key, i)}Number of {name} values != expected.  Values size: {column.counts[i]} but "
            f"output shape: [{shape}]"
        )


class Sequence(Reader):
    """`FixedLenSequenceFeature` in an example: filled up to the longest one."""

    def __init__(self, key: str, feature: FixedLenSequenceFeature) -> None:
        super().__init__(key, feature.dtype)
        self.shape = tuple(map(int, feature.shape))
        if not feature.allow_missing:
            raise ValueError("Unsupported: FixedLenSequenceFeature requires allow_missing to be True.")
        default = feature.default_value
        if default is None:
            default = b"" if self.dtype is dtypes.string else 0
        self.defaults = (convert(default, self.dtype),)

    def types(self) -> list[tuple[DType, Any]]:
        return [(self.dtype, (None, *self.shape))]

    def read(self, columns: list[Column], where: Where, defaults: list[Array]) -> list[Array]:
        (column,) = columns
        check_kind(column, self, where, dense=True)
        size = math.prod(self.shape)
        wrong = np.flatnonzero(column.counts % size)
        if wrong.size:
            i = int(wrong[0])
            name = "string" if self.dtype is dtypes.string else self.dtype.cpp_name
            raise errors.invalid(
                f"{where.value(self.key, i)}Number of {name} values is not a multiple of stride length. Saw "
                f"{column.counts[i]} values but output shape is: [{','.join(map(str, ('?', *self.shape)))}]"
            )
        flat = column.flat(KINDS[self.dtype])
        return [filled(flat, column.counts, defaults[0]).reshape(len(column.counts), -1, *self.shape)]


def filled(flat: Array, counts: Array, default: Array) -> Array:
    """Rows of the values, the short ones filled up."""
    longest = int(counts.max(initial=0))
    rows = np.empty((len(counts), longest), flat.dtype)
    rows[...] = default.reshape(-1)[0] if flat.dtype == object else default
    rows[np.arange(longest) < counts[:, None]] = flat
    return rows


class Var(Reader):
    """`VarLenFeature`."""

    attr = "sparse_types"

    def __init__(self, key: str, feature: VarLenFeature) -> None:
        super().__init__(key, feature.dtype)

    def types(self) -> list[tuple[DType, Any]]:
        return [(dtypes.int64, (None, None)), (self.dtype, (None,)), (dtypes.int64, (None,))]

    def read(self, columns: list[Column], where: Where, defaults: list[Array]) -> list[Array]:
        (column,) = columns
        check_kind(column, self, where, dense=False)
        counts = column.counts
        places = positions(counts)
        values = column.flat(KINDS[self.dtype])
        if where.single:
            return [places[:, None], values, np.array([len(values)], np.int64)]
        indices = np.stack([np.repeat(np.arange(len(counts)), counts), places], 1)
        return [indices, values, np.array([len(counts), counts.max(initial=0)], np.int64)]

    def pack(self, tensors: list[Tensor], single: bool) -> Any:
        from ..ops.sparse_tensor import SparseTensor

        return SparseTensor(*tensors)


def positions(counts: Array) -> Array:
    """0, 1, 2 ... in each row."""
    places: Array = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return places


class Sparse(Reader):
    """`SparseFeature`."""

    attr = "sparse_types"

    def __init__(self, key: str, feature: SparseFeature) -> None:
        super().__init__(key, feature.dtype)
        keys = feature.index_key if isinstance(feature.index_key, (list, tuple)) else [feature.index_key]
        sizes = feature.size if isinstance(feature.size, (list, tuple)) else [feature.size]
        self.sizes, self.sorted = [int(n) for n in sizes], feature.already_sorted
        self.needs = [(feature.value_key, self.dtype), *((each, dtypes.int64) for each in keys)]

    types = Var.types
    pack = Var.pack

    def read(self, columns: list[Column], where: Where, defaults: list[Array]) -> list[Array]:
        check_kind(columns[0], self, where, dense=False)
        for column in columns[1:]:
            if not np.array_equal(column.counts, columns[0].counts):
                raise errors.invalid(f"Feature: {self.key}: there are not as many indices as values.")
        counts = columns[0].counts
        values = columns[0].flat(KINDS[self.dtype])
        indices = [column.flat(INTS) for column in columns[1:]]
        if not where.single:
            indices.insert(0, np.repeat(np.arange(len(counts)), counts))
        table = np.stack(indices, 1)
        if not self.sorted:
            order = np.lexsort(table.T[::-1])
            table, values = table[order], values[order]
        return [table, values, np.array([*([] if where.single else [len(counts)]), *self.sizes], np.int64)]


class Ragged(Reader):
    """`RaggedFeature`."""

    attr = "ragged_value_types"

    def __init__(self, key: str, feature: RaggedFeature) -> None:
        super().__init__(key, feature.dtype)
        self.partitions = list(feature.partitions)
        self.splits = as_dtype(feature.row_splits_dtype)
        keyed = [each.key for each in self.partitions if not isinstance(each, UniformRowLength)]
        self.needs = [(feature.value_key or key, self.dtype), *((each, dtypes.int64) for each in keyed)]

    def types(self) -> list[tuple[DType, Any]]:
        return [(self.dtype, (None,)), *[(self.splits, (None,))] * (1 + len(self.partitions))]

    def read(self, columns: list[Column], where: Where, defaults: list[Array]) -> list[Array]:
        check_kind(columns[0], self, where, dense=False)
        values, counts = columns[0].flat(KINDS[self.dtype]), columns[0].counts
        keyed = iter(columns[1:])
        given = [None if isinstance(each, UniformRowLength) else next(keyed) for each in self.partitions]
        splits: list[Array] = []
        for partition, column in zip(reversed(self.partitions), reversed(given)):
            lengths, counts = row_lengths(partition, column, counts)
            splits.insert(0, np.concatenate([[0], np.cumsum(lengths)]))
        splits.insert(0, np.concatenate([[0], np.cumsum(counts)]))
        return [values, *[each.astype(self.splits.numpy) for each in splits]]

    def pack(self, tensors: list[Tensor], single: bool) -> Any:
        from ..ops.ragged_tensor import RaggedTensor

        value: Any = tensors[0]
        for i in range(len(self.partitions) - 1, -1, -1):
            partition = self.partitions[i]
            if isinstance(partition, UniformRowLength):
                value = RaggedTensor.from_uniform_row_length(value, partition.length)
            else:
                value = RaggedTensor.from_row_splits(value, tensors[i + 2], validate=False)
        return value if single else RaggedTensor.from_row_splits(value, tensors[1], validate=False)


def row_lengths(partition: Any, column: Column | None, counts: Array) -> tuple[Array, Array]:
    """The lengths of all rows, and how many rows each example has. `counts` says how many values they have."""
    if column is None:
        if np.any(counts % partition.length):
            raise errors.invalid(f"The number of values is no multiple of the row length {partition.length}.")
        rows = counts // partition.length
        return np.full(int(rows.sum()), partition.length), rows
    numbers, ends = column.flat(INTS), np.cumsum(column.counts)
    name = type(partition).__name__
    lengths, rows = [], []
    for each, count in zip(np.split(numbers, ends[:-1]), counts):
        if name == "RowLengths":
            part = each
        elif name == "RowSplits":
            part = np.diff(each)
        elif name == "RowStarts":
            part = np.diff(np.append(each, count))
        elif name == "RowLimits":
            part = np.diff(np.insert(each, 0, 0))
        else:
            part = np.bincount(each)
        if part.sum() != count:
            raise errors.invalid(f"{partition} does not fit: it divides {part.sum()} values, and there are {count}.")
        lengths.append(part)
        rows.append(len(part))
    return np.concatenate([np.zeros(0, np.int64), *lengths]), np.array(rows, np.int64)


_READERS: dict[type, Callable[[str, Any], Reader]] = {
    FixedLenFeature: Fixed, FixedLenSequenceFeature: Sequence, VarLenFeature: Var, SparseFeature: Sparse,
    RaggedFeature: Ragged,
}  # fmt: skip


def readers_of(features: Any) -> list[Reader]:
    """The readers of a dict of features.

    Raises:
      ValueError: if one of them is no feature.
    """
    for key, feature in sorted(features.items()):
        if type(feature) not in _READERS:
            raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key '{key}'")
    return [_READERS[type(feature)](key, feature) for key, feature in sorted(features.items())]


def _parse(
    xp: Any, serialized: Array, names: Array, *defaults: Array, readers: list[Reader], single: bool, Tout: Any,
    shapes: Any,
) -> tuple[Array, ...]:  # fmt: skip
    if serialized.ndim > 1:
        size = ",".join(map(str, serialized.shape))
        raise errors.invalid(f"Expected serialized to be a scalar or vector, got shape: [{size}]")
    records = serialized.reshape(-1).tolist()
    keys = sorted({need.encode() for reader in readers for need, _ in reader.needs})
    try:
        found = dict(zip(keys, read_columns(records, keys)))
    except WireError as error:
        raise errors.invalid(f"Could not parse example input, value: '{records[error.args[1]]!r}'") from None
    where = Where(names.reshape(-1).tolist(), single)
    supply = iter(defaults)
    out: list[Array] = []
    for reader in readers:
        given = [next(supply) for _ in reader.defaults]
        tensors = reader.read([found[need.encode()] for need, _ in reader.needs], where, given)
        if single and isinstance(reader, (Fixed, Sequence)):
            tensors = [tensor[0] for tensor in tensors]
        out += tensors
    return tuple(out)


def _shapes(*_: Any, shapes: Any, **__: Any) -> Any:
    return tuple(shapes)


PARSE = Op(
    "ParseExampleV2", "serialized:string, names:string, dense_defaults:N*Tdense -> outputs:M*Tout", _parse, _shapes,
    differentiable=False,
)  # fmt: skip
PARSE.mixed = True
only_host(PARSE)


def _parsed(serialized: Any, features: Any, names: Any, single: bool) -> dict[str, Any]:
    if not features:
        raise ValueError(f"Argument `features` cannot be None or falsy. Got {features}")
    readers = readers_of(features)
    types = [each for reader in readers for each in reader.types()]
    shapes = []
    for reader in readers:
        batched = isinstance(reader, (Fixed, Sequence)) and not single
        shapes += [(None, *shape) if batched else shape for _, shape in reader.types()]
    tensors = PARSE(
        serialized, [] if names is None else names, *[d for reader in readers for d in reader.defaults],
        readers=readers, single=single, Tout=[dtype for dtype, _ in types], shapes=shapes,
    )  # fmt: skip
    supply = iter(tensors)
    return {reader.key: reader.pack([next(supply) for _ in reader.types()], single) for reader in readers}


def parse_example(
    serialized: TensorLike, features: Any, example_names: Any = None, name: str | None = None
) -> dict[str, Any]:
    """Reads a batch of examples.

    Args:
      serialized: a vector of serialized `tf.train.Example`s; or a scalar, as for `parse_single_example`.
      features: a dict: how each feature is read, by its name.
      example_names: a name for each example, for errors.
      name: not used.

    Returns:
      A dict of tensors by the names of the features: dense ones with a batch dimension, sparse and ragged ones.

    Raises:
      ValueError: if `features` is empty, or one of them cannot be read so.
      InvalidArgumentError: if an example is damaged, or a feature is missing, of another dtype or size.

    >>> example = tf.train.Example()
    >>> example.features.feature["x"].float_list.value.extend([1.0, 2.0])
    >>> batch = [example.SerializeToString()] * 2
    >>> tf.io.parse_example(batch, {"x": tf.io.FixedLenFeature([2], tf.float32)})["x"].numpy()
    array([[1., 2.],
           [1., 2.]], dtype=float32)
    """
    serialized = convert(serialized, dtypes.string)
    return _parsed(serialized, features, example_names, serialized.shape.rank == 0)


def parse_single_example(
    serialized: TensorLike, features: Any, example_names: Any = None, name: str | None = None
) -> dict[str, Any]:
    """Reads an example.

    Args:
      serialized: a serialized `tf.train.Example`, a string scalar.
      features: a dict: how each feature is read, by its name.
      example_names: a name for the example, for errors.
      name: not used.

    Returns:
      A dict of tensors by the names of the features.

    Raises:
      ValueError: if `serialized` is no scalar, or a feature cannot be read so.
      InvalidArgumentError: if the example is damaged, or a feature is missing, of another dtype or size.

    >>> example = tf.train.Example()
    >>> example.features.feature["x"].int64_list.value.append(7)
    >>> tf.io.parse_single_example(example.SerializeToString(), {"x": tf.io.FixedLenFeature([], tf.int64)})["x"].numpy()
    np.int64(7)
    """
    serialized = convert(serialized, dtypes.string)
    if serialized.shape.rank not in (0, None):
        raise ValueError("Input serialized must be a scalar")
    return _parsed(serialized, features, example_names, True)
