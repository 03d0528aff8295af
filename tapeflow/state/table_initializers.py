"""What fills lookup tables: tensors of keys and values, or the lines of a text file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..base import errors
from ..base.context import building
from ..base.dtypes import DType, DTypeLike, as_dtype, int64, string
from ..core.convert import convert
from ..core.op import Op
from ..core.tensor import Tensor
from ..ops.common import only_host
from .tables import IMPORT, table_of


class KeyValueTensorInitializer:
    """Fills a table with keys and values.

    Args:
      keys: the keys, a vector.
      values: their values, a vector.
      key_dtype: the dtype of the keys, if they are no tensor.
      value_dtype: the dtype of the values.
      name: not used.

    >>> init = tf.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2])
    >>> tf.lookup.StaticHashTable(init, -1).lookup(tf.constant(["b", "x"])).numpy().tolist()
    [2, -1]
    """

    def __init__(
        self, keys: Any, values: Any, key_dtype: DTypeLike | None = None, value_dtype: DTypeLike | None = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        with building(None):
            self._keys = _vector(keys, key_dtype)
            self._values = _vector(values, value_dtype)

    @property
    def key_dtype(self) -> DType:
        """The dtype of the keys."""
        return self._keys.dtype

    @property
    def value_dtype(self) -> DType:
        """The dtype of the values."""
        return self._values.dtype

    def initialize(self, table: Any) -> None:
        """Fills the table.

        Raises:
          InvalidArgumentError: if there are not as many values as keys.
          FailedPreconditionError: if a key has two values.
        """
        with building(None):
            IMPORT(table.resource_handle, self._keys, self._values)


def _vector(value: Any, dtype: DTypeLike | None) -> Tensor:
    wanted = None if dtype is None else as_dtype(dtype)
    if wanted is not None and isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        value = value.astype(wanted.numpy)
    return convert(value, wanted)


class TextFileIndex:
    """Which part of a line a key or value is, if it is no column: the line as a whole, or its number.

    >>> tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
    (-2, -1)
    """

    WHOLE_LINE = -2
    LINE_NUMBER = -1


class TextFileInitializer:
    """Fills a table with the lines of a text file.

    Args:
      filename: the file.
      key_dtype: the dtype of the keys.
      key_index: which column is the key; or a `tf.lookup.TextFileIndex`.
      value_dtype: the dtype of the values.
      value_index: which column is the value; or a `tf.lookup.TextFileIndex`.
      vocab_size: how many lines are read; all by default.
      delimiter: what stands between columns, a single character.
      name: not used.
      value_index_offset: is added to line numbers that are values.

    Raises:
      ValueError: if the arguments do not fit each other.
    """

    def __init__(
        self, filename: Any, key_dtype: DTypeLike, key_index: int, value_dtype: DTypeLike, value_index: int,
        vocab_size: int | None = None, delimiter: str = "\t", name: str | None = None, value_index_offset: int = 0,
    ) -> None:  # fmt: skip
        with building(None):
            named = convert(os.fspath(filename) if isinstance(filename, os.PathLike) else filename, string)
        if not named._array.item():
            raise ValueError("`filename` argument required for tf.lookup.TextFileInitializer")
        self._filename, self._offset = named, value_index_offset
        self._columns, self._size, self._delimiter = (key_index, value_index), vocab_size, delimiter
        self._dtypes = as_dtype(key_dtype), as_dtype(value_dtype)
        for name_, index, dtype in zip(("key", "value"), self._columns, self._dtypes):
            _check_column(name_, index, dtype)
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError(f"`vocab_size` should be > 0, received: {vocab_size}")

    key_dtype = property(lambda self: self._dtypes[0], doc="The dtype of the keys.")
    value_dtype = property(lambda self: self._dtypes[1], doc="The dtype of the values.")

    def initialize(self, table: Any) -> None:
        """Fills the table.

        Raises:
          NotFoundError: if there is no such file.
          InvalidArgumentError: if a line has too few columns, or what is there is no number; if lines are missing.
          FailedPreconditionError: if a key has two values.
        """
        with building(None):
            _FROM_FILE(
                table.resource_handle, self._filename, key_index=self._columns[0], value_index=self._columns[1],
                vocab_size=-1 if self._size is None else self._size, delimiter=self._delimiter, offset=self._offset,
            )  # fmt: skip


def _check_column(name: str, index: int, dtype: DType) -> None:
    if index < -2:
        raise ValueError(f"`{name}_index` should be >= -2, received: {index}.")
    if index == TextFileIndex.LINE_NUMBER and dtype is not int64:
        raise ValueError(f"`{name}_dtype` must be int64 if `{name}_index` is -1, received: {dtype}")
    if index == TextFileIndex.WHOLE_LINE and not dtype.is_integer and dtype is not string:
        raise ValueError(
            f"`{name}_dtype` should be either integer or string for `{name}_index` -2, received: {dtype}"
        )


def _from_file(
    xp: Any, handle: Any, filename: Any, *, key_index: int, value_index: int, vocab_size: int, delimiter: str,
    offset: int,
) -> tuple[()]:  # fmt: skip
    if len(delimiter) != 1:
        raise errors.invalid("delimiter should be only 1 char")
    table, name = table_of(handle), filename.item().decode()
    count = 0
    with table.lock:
        for number, line in _lines(name, vocab_size):
            count = number + 1
            parts = line.split(delimiter.encode()) if max(key_index, value_index) >= 0 else []
            found = [
                _field(number, line, parts, column, dtype, name, add)
                for column, dtype, add in ((key_index, table.key, 0), (value_index, table.value, offset))
            ]
            table.add(*found)
        if not count:
            raise errors.OutOfRangeError(None, None, "Read less bytes than requested")
        if vocab_size > count:
            raise errors.invalid(f"Invalid vocab_size in {name}: expected {vocab_size} but got {count}")
        table.ready = True
    return ()


def _lines(name: str, most: int) -> Iterator[tuple[int, bytes]]:
    try:
        with open(name, "rb") as file:
            for number, line in enumerate(file):
                if number == most:
                    return
                yield number, line.rstrip(b"\n").replace(b"\r", b"")
    except FileNotFoundError:
        raise errors.NotFoundError(None, None, f"{name}; No such file or directory") from None


_PARSERS = {"int32": int, "int64": int, "float32": float, "float64": float}


def _field(number: int, line: bytes, parts: list[bytes], column: int, dtype: DType, name: str, offset: int) -> Any:
    if column == TextFileIndex.LINE_NUMBER:
        return number + offset
    if column >= len(parts) and column >= 0:
        raise errors.invalid(
            f"Invalid number of columns in {name} line {number} ({line.decode()}) : expected at least {column + 1} got "
            f"{len(parts)}"
        )
    text = line if column == TextFileIndex.WHOLE_LINE else parts[column]
    if dtype is string:
        return text
    try:
        return _PARSERS[dtype.name](text)
    except ValueError:
        raise errors.invalid(f"Field {text.decode()} in line {number} is not a valid {dtype.cpp_name}.") from None


_FROM_FILE = Op(
    "InitializeTableFromTextFileV2", "table_handle:variant, filename:string ->", _from_file,
    lambda *_, **__: (), differentiable=False,
)  # fmt: skip
only_host(_FROM_FILE)
_FROM_FILE.stateful = True
