"""Sequence examples as tensors: `tf.io.parse_sequence_example`, `parse_single_sequence_example`; JSON as examples."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.wire import WireError, fields
from ..core.convert import convert
from ..core.op import Op
from ..core.tensor import Tensor, TensorLike
from ..ops.common import only_host
from .columns import MISSING, Array, Feature, objects, parts_of, read_columns
from .features import FixedLenSequenceFeature, RaggedFeature, VarLenFeature
from .parsing import DTYPES, KINDS, Fixed, Reader, Where, positions, readers_of


class Lists:
    """A feature list of many examples: how many steps each has, how many values each step, and the values."""

    def __init__(self, size: int) -> None:
        self.present = np.zeros(size, bool)
        self.steps = np.zeros(size, np.int64)
        self.counts: list[int] = []
        self.kinds: set[int] = set()
        self._values: list[Array] = []

    def add(self, i: int, data: bytes, start: int, end: int) -> None:
        self.present[i] = True
        for number, kind, value in fields(data, start, end):
            if number == 1 and kind == 2:
                feature = Feature(data, *value)  # type: ignore[misc]
                values = feature.values(data) if feature.kind else np.zeros(0, np.int64)
                self.steps[i] += 1
                self.counts.append(len(values))
                self._values.append(values)
                if feature.kind != MISSING:
                    self.kinds.add(feature.kind)

    def flat(self, kind: int) -> Array:
        """All values."""
        found = [values for values in self._values if len(values)]
        return np.concatenate(found) if found else np.zeros(0, DTYPES[kind].numpy)


def _read_lists(records: list[bytes], keys: list[bytes]) -> dict[bytes, Lists]:
    found = {key: Lists(len(records)) for key in keys}
    for i, data in enumerate(records):
        try:
            for number, start, end in parts_of(data):
                if number == 2:
                    _read_entries(data, start, end, found, i)
        except (WireError, IndexError) as error:
            raise WireError(str(error), i) from None
    return found


def _read_entries(data: bytes, start: int, end: int, found: dict[bytes, Lists], i: int) -> None:
    for number, kind, value in fields(data, start, end):
        if number != 1 or kind != 2:
            continue
        parts = {n: part for n, _, part in fields(data, *value)}  # type: ignore[misc]
        key = data[slice(*parts.get(1, (0, 0)))]  # type: ignore[misc]
        if key in found:
            found[key].add(i, data, *parts.get(2, (0, 0)))  # type: ignore[misc]


class ListReader(Reader):
    """How a feature list is read."""

    lengths = False  # whether the last of its tensors says how long the lists are

    def types_for(self, single: bool) -> list[tuple[Any, Any]]:
        raise AssertionError

    def read_lists(self, lists: Lists, where: Where) -> list[Array]:
        raise AssertionError

    def _check(self, lists: Lists) -> None:
        wrong = lists.kinds - {KINDS[self.dtype]}
        if wrong:
            got = DTYPES[wrong.pop()].cpp_name
            raise errors.invalid(
                f"Feature list: {self.key}.  Data types don't match. Expected type: {self.dtype.cpp_name}, "
                f"Actual type: {got}"
            )


class DenseList(ListReader):
    """`FixedLenSequenceFeature`."""

    lengths = True

    def __init__(self, key: str, feature: FixedLenSequenceFeature) -> None:
        super().__init__(key, feature.dtype)
        self.shape, self.optional = tuple(map(int, feature.shape)), feature.allow_missing
        if feature.default_value is not None:
            raise ValueError(f"Found default value {feature.default_value} for feature {key}, where there can be none.")

    def types_for(self, single: bool) -> list[tuple[Any, Any]]:
        batch = () if single else (None,)
        return [(self.dtype, (*batch, None, *self.shape)), (dtypes.int64, batch)]

    def read_lists(self, lists: Lists, where: Where) -> list[Array]:
        self._check(lists)
        if not self.optional and not lists.present.all():
            raise errors.invalid(
                f"{'Name: <unknown>, ' if where.single else where.name(int(np.argmin(lists.present)))}Feature list "
                f"'{self.key}' is required but could not be found.  Did you mean to include it in "
                "feature_list_dense_missing_assumed_empty or feature_list_dense_defaults?"
            )
        size = math.prod(self.shape)
        if any(count != size for count in lists.counts):
            shape = ",".join(map(str, ("?", *self.shape)))
            raise errors.invalid(
                f"Feature list '{self.key}' has an unexpected number of values.  Total values size: "
                f"{sum(lists.counts)} is not consistent with output shape: [{shape}]"
            )
        flat = lists.flat(KINDS[self.dtype]).reshape(-1, *self.shape)
        longest = int(lists.steps.max(initial=0))
        rows = np.full((len(lists.steps), longest, *self.shape), b"" if flat.dtype == object else 0, flat.dtype)
        rows[np.arange(longest) < lists.steps[:, None]] = flat
        return [rows[0], lists.steps[0]] if where.single else [rows, lists.steps]


class SparseList(ListReader):
    """`VarLenFeature`."""

    def __init__(self, key: str, feature: VarLenFeature) -> None:
        super().__init__(key, feature.dtype)

    def types_for(self, single: bool) -> list[tuple[Any, Any]]:
        return [(dtypes.int64, (None, 2 if single else 3)), (self.dtype, (None,)), (dtypes.int64, (None,))]

    def read_lists(self, lists: Lists, where: Where) -> list[Array]:
        self._check(lists)
        counts, steps = np.array(lists.counts, np.int64), lists.steps
        example = np.repeat(np.repeat(np.arange(len(steps)), steps), counts)
        table = np.stack([example, np.repeat(positions(steps), counts), positions(counts)], 1)
        shape = np.array([len(steps), steps.max(initial=0), counts.max(initial=0)], np.int64)
        first = 1 if where.single else 0
        return [table[:, first:], lists.flat(KINDS[self.dtype]), shape[first:]]

    def pack(self, tensors: list[Tensor], single: bool) -> Any:
        from ..ops.sparse_tensor import SparseTensor

        return SparseTensor(*tensors)


class RaggedList(ListReader):
    """`RaggedFeature`."""

    def __init__(self, key: str, feature: RaggedFeature) -> None:
        super().__init__(key, feature.dtype)
        if feature.partitions:
            raise ValueError(f"Feature list {key}: a RaggedFeature of lists has no partitions here.")
        self.key_read = feature.value_key or key
        self.splits = feature.row_splits_dtype

    def types_for(self, single: bool) -> list[tuple[Any, Any]]:
        return [(self.dtype, (None,)), (self.splits, (None,)), (self.splits, (None,))]

    def read_lists(self, lists: Lists, where: Where) -> list[Array]:
        self._check(lists)
        splits = [np.concatenate([[0], np.cumsum(n)]).astype(self.splits.numpy) for n in (lists.steps, lists.counts)]
        return [lists.flat(KINDS[self.dtype]), *splits]

    def pack(self, tensors: list[Tensor], single: bool) -> Any:
        from ..ops.ragged_tensor import RaggedTensor

        inner = RaggedTensor.from_row_splits(tensors[0], tensors[2], validate=False)
        return inner if single else RaggedTensor.from_row_splits(inner, tensors[1], validate=False)


_READERS: dict[type, Callable[[str, Any], ListReader]] = {
    FixedLenSequenceFeature: DenseList, VarLenFeature: SparseList, RaggedFeature: RaggedList,
}  # fmt: skip


def _parse(
    xp: Any, serialized: Array, names: Array, *defaults: Array, context: list[Reader], lists: list[ListReader],
    single: bool, Tout: Any, shapes: Any,
) -> tuple[Array, ...]:  # fmt: skip
    records = serialized.reshape(-1).tolist()
    keys = sorted({need.encode() for reader in context for need, _ in reader.needs})
    try:
        found = dict(zip(keys, read_columns(records, keys)))
        sequences = _read_lists(records, [reader.key.encode() for reader in lists])
    except WireError as error:
        raise errors.invalid(f"Could not parse example input, value: '{records[error.args[1]]!r}'") from None
    where = Where(names.reshape(-1).tolist(), single)
    supply = iter(defaults)
    out: list[Array] = []
    for reader in context:
        given = [next(supply) for _ in reader.defaults]
        tensors = reader.read([found[need.encode()] for need, _ in reader.needs], where, given)
        out += [tensor[0] for tensor in tensors] if single and isinstance(reader, Fixed) else tensors
    for each in lists:
        out += each.read_lists(sequences[each.key.encode()], where)
    return tuple(np.asarray(array) for array in out)


PARSE = Op(
    "ParseSequenceExampleV2", "serialized:string, debug_name:string, defaults:N*Tcontext_dense -> outputs:M*Tout",
    _parse, lambda *_, shapes, **__: tuple(shapes), differentiable=False,
)  # fmt: skip
PARSE.mixed = True
only_host(PARSE)


def _parsed(serialized: Any, context_features: Any, sequence_features: Any, names: Any, single: bool) -> Any:
    if not context_features and not sequence_features:
        raise ValueError("Both `context_features` and `sequence_features` argument are None, but at least one should "
                         "have values.")  # fmt: skip
    context = readers_of(context_features or {})
    lists = []
    for key, feature in sorted((sequence_features or {}).items()):
        if type(feature) not in _READERS:
            raise ValueError(f"Unsupported {type(feature).__name__} {feature} for feature list '{key}'")
        lists.append(_READERS[type(feature)](key, feature))
    shapes, types = [], []
    for reader in context:
        for dtype, shape in reader.types():
            types.append(dtype)
            shapes.append((None, *shape) if isinstance(reader, Fixed) and not single else shape)
    for each in lists:
        for dtype, shape in each.types_for(single):
            types.append(dtype)
            shapes.append(shape)
    tensors = iter(PARSE(
        serialized, [] if names is None else names, *[d for reader in context for d in reader.defaults],
        context=context, lists=lists, single=single, Tout=types, shapes=shapes,
    ))  # fmt: skip
    first = {reader.key: reader.pack([next(tensors) for _ in reader.types()], single) for reader in context}
    second, lengths = {}, {}
    for each in lists:
        parts = [next(tensors) for _ in each.types_for(single)]
        if each.lengths:
            lengths[each.key] = parts.pop()
        second[each.key] = each.pack(parts, single)
    return first, second, lengths


def parse_sequence_example(
    serialized: TensorLike,
    context_features: Any = None,
    sequence_features: Any = None,
    example_names: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Reads a batch of sequence examples.

    Args:
      serialized: a vector of serialized `tf.train.SequenceExample`s.
      context_features: a dict: how each feature of the context is read, by its name.
      sequence_features: the same for feature lists: `FixedLenSequenceFeature`, `VarLenFeature` or `RaggedFeature`.
      example_names: a name for each example, for errors.
      name: not used.

    Returns:
      Three dicts by the names of the features: the context, the lists, and for dense lists how long they are.

    Raises:
      ValueError: if there are no features, or one of them cannot be read so.
      InvalidArgumentError: if an example is damaged, or a feature is missing, of another dtype or size.
    """
    result: Any = _parsed(convert(serialized, dtypes.string), context_features, sequence_features, example_names, False)
    return result  # type: ignore[no-any-return]


def parse_single_sequence_example(
    serialized: TensorLike,
    context_features: Any = None,
    sequence_features: Any = None,
    example_name: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Reads a sequence example.

    Args:
      serialized: a serialized `tf.train.SequenceExample`, a string scalar.
      context_features: a dict: how each feature of the context is read, by its name.
      sequence_features: the same for feature lists: `FixedLenSequenceFeature`, `VarLenFeature` or `RaggedFeature`.
      example_name: a name for the example, for errors.
      name: not used.

    Returns:
      Two dicts by the names of the features: the context, and the lists.

    Raises:
      ValueError: if there are no features, or one of them cannot be read so.
      InvalidArgumentError: if the example is damaged, or a feature is missing, of another dtype or size.

    >>> example = tf.train.SequenceExample()
    >>> for word in (b"a", b"b"):
    ...     example.feature_lists.feature_list["words"].feature.add().bytes_list.value.append(word)
    >>> _, lists = tf.io.parse_single_sequence_example(
    ...     example.SerializeToString(), None, {"words": tf.io.FixedLenSequenceFeature([], tf.string)})
    >>> lists["words"].numpy()
    array([b'a', b'b'], dtype=object)
    """
    result = _parsed(convert(serialized, dtypes.string), context_features, sequence_features, example_name, True)
    return result[0], result[1]


def _decode_json(xp: Any, json_examples: Array) -> Array:
    from google.protobuf import json_format

    from .examples import _classes

    example, texts = _classes()["Example"], []
    for text in json_examples.reshape(-1).tolist():
        try:
            texts.append(json_format.Parse(text, example()).SerializeToString(deterministic=True))
        except json_format.ParseError as error:
            raise errors.invalid(f"Error while parsing JSON: {error}") from None
    return objects(texts).reshape(json_examples.shape)


DECODE_JSON = Op(
    "DecodeJSONExample", "json_examples:string -> binary_examples:string", _decode_json, lambda x: x,
    differentiable=False,
)  # fmt: skip
only_host(DECODE_JSON)


def decode_json_example(json_examples: TensorLike, name: str | None = None) -> Tensor:
    """Examples that are written as JSON, as bytes for `parse_example`.

    Args:
      json_examples: strings, of any shape.
      name: a name for the operation, optional.

    Returns:
      Serialized `tf.train.Example`s, of the same shape.

    Raises:
      InvalidArgumentError: if a string is no such JSON.
      ImportError: without the protobuf library (the extra `tensorboard`).

    >>> text = '{"features": {"feature": {"x": {"int64List": {"value": [7]}}}}}'
    >>> example = tf.io.decode_json_example(text)
    >>> tf.io.parse_single_example(example, {"x": tf.io.FixedLenFeature([], tf.int64)})["x"].numpy()
    np.int64(7)
    """
    return DECODE_JSON(json_examples, name=name)  # type: ignore[no-any-return]


def match_filenames_once(pattern: Any, name: str | None = None) -> Any:
    """The paths of the files that match patterns, looked for once and kept in a Variable.

    Args:
      pattern: a pattern with `*`, `?` and `[...]`, or a list of patterns.
      name: a name for the Variable, optional.

    Returns:
      A Variable that is not trained: a vector of strings.

    >>> tf.io.match_filenames_once("/no/such/*").numpy()
    array([], dtype=object)
    """
    from ..ops.files import matching_files
    from ..state.variable import Variable

    return Variable(matching_files(pattern), trainable=False, name=name)
