"""Datasets of the rows of CSV files."""

from __future__ import annotations

import collections
import csv
import gzip
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import as_dtype
from ..base.paths import matching
from ..core.convert import convert
from ..core.spec import TensorSpec
from ..core.tensor import Tensor
from . import readers, transforms
from .dataset import Dataset
from .elements import Flat, Structure
from .readers import STRING
from .source import UNKNOWN, Source

_TYPES = (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.string)


def _column(default: Any) -> Tensor:
    """What stands for a missing field: a tensor of one value, or of none if the field is required."""
    if isinstance(default, (dtypes.DType, type)):
        return convert([], as_dtype(default))
    tensor = convert(default)
    if tensor.dtype not in _TYPES:
        raise TypeError(f"Value passed to parameter 'record_defaults' has DataType {tensor.dtype.name} not in list of "
                        f"allowed values: {', '.join(each.name for each in _TYPES)}")  # fmt: skip
    return tensor


def _parse(text: str, number: int, default: Tensor, na_value: str) -> Any:
    dtype = default.dtype
    if text in ("", na_value):
        if not default.shape.num_elements():
            raise errors.invalid(f"Field {number} is required but missing in record!")
        return np.asarray(default._array).reshape(())
    if dtype is dtypes.string:
        return np.array(text.encode(), object)
    try:
        if dtype.is_floating:
            return np.asarray(float(text), dtype.numpy)
        value = int(text)
        if not dtype.min <= value <= dtype.max:
            raise ValueError(text)
        return np.asarray(value, dtype.numpy)
    except ValueError:
        name = "float" if dtype is dtypes.float32 else "double" if dtype is dtypes.float64 else dtype.name
        raise errors.invalid(f"Field {number} in record is not a valid {name}: {text}") from None


def rows(
    filenames: Source, columns: Sequence[Tensor], compression: str, header: bool, delimiter: str, quotes: bool,
    na_value: str, chosen: Sequence[int] | None,
) -> Source:  # fmt: skip
    """The rows of files, converted to the dtypes of the columns."""
    quoting = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE

    def row(fields: list[str]) -> Flat:
        if chosen is not None:
            if max(chosen, default=-1) >= len(fields):
                raise errors.invalid(f"Expect {len(columns)} fields but have {len(fields)} in record")
            fields = [fields[i] for i in chosen]
        if len(fields) != len(columns):
            found = "more" if len(fields) > len(columns) else str(len(fields))
            raise errors.invalid(f"Expect {len(columns)} fields but have {found} in record")
        return tuple([_parse(text, i, columns[i], na_value) for i, text in enumerate(fields)])

    def begin(flat: Flat) -> Iterator[Flat]:
        path = flat[0] if isinstance(flat[0], bytes) else flat[0].item()
        text = (line.decode("utf-8", "surrogateescape") + "\n" for line in readers.lines(path.decode(), compression))
        table = csv.reader(text, delimiter=delimiter, quoting=quoting)
        return map(row, map(_whole, itertools.islice(table, int(header), None)))

    structure = Structure(tuple([TensorSpec([], column.dtype) for column in columns]))
    start: Callable[[], Iterator[Flat]] = lambda: itertools.chain.from_iterable(map(begin, filenames._start()))
    return Source("Csv", structure, start, UNKNOWN)


def _whole(fields: list[str]) -> list[str]:
    return fields or [""]


class CsvDataset(readers._FileDataset):
    """The rows of CSV files as tuples of scalars.

    Args:
      filenames: a file name, or several, or a dataset of them.
      record_defaults: for each column a dtype, if it must not be empty, or the value of empty fields.
      compression_type: "GZIP", "ZLIB", or "" or None for none.
      buffer_size: a hint.
      header: whether the first line of a file is passed over.
      field_delim: what stands between fields.
      use_quote_delim: whether quotes enclose fields.
      na_value: a text that stands for an empty field too.
      select_cols: the numbers of the columns that are read; all unless given.
      exclude_cols: the numbers of those that are not.

    Raises:
      ValueError: both `select_cols` and `exclude_cols` are given.
      InvalidArgumentError: a field has another type, or a row another number of them; when it is read.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "table.csv")
    >>> with open(path, "w") as file:
    ...     _ = file.write("a,b" + chr(10) + "1,x" + chr(10))
    >>> list(tf.data.experimental.CsvDataset(path, [tf.int32, tf.string], header=True).as_numpy_iterator())
    [(np.int32(1), b'x')]
    """

    def __init__(
        self,
        filenames: Any,
        record_defaults: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        header: bool = False,
        field_delim: str = ",",
        use_quote_delim: bool = True,
        na_value: str = "",
        select_cols: Any = None,
        exclude_cols: Any = None,
    ) -> None:
        columns = [_column(default) for default in record_defaults]
        if select_cols is not None and exclude_cols is not None:
            raise ValueError("Only one of `select_cols` and `exclude_cols` should be provided.")
        if exclude_cols is not None:
            left = (i for i in itertools.count() if i not in set(exclude_cols))
            select_cols = list(itertools.islice(left, len(columns)))
        names = readers._names(filenames)
        kind = readers._text(compression_type)
        options = bool(header), field_delim, use_quote_delim, na_value, select_cols
        super().__init__(rows, names, columns, kind, *options)


def _open(path: str, compression: str | None, encoding: str) -> Any:
    if compression == "ZLIB":
        raise ValueError("`compression_type` ZLIB is not supported for probing columns.")
    return (gzip.open if compression == "GZIP" else open)(path, "rt", encoding=encoding, newline="")


def _guess(values: Sequence[str], na_value: str) -> Tensor:
    """The narrowest dtype that all of a column's fields have: the default of the column is its zero."""
    for dtype in _TYPES[2], _TYPES[3], _TYPES[0], _TYPES[1]:
        if all(value in ("", na_value) or _fits(value, dtype) for value in values):
            return convert([0], dtype)
    return convert([""])


def _fits(text: str, dtype: dtypes.DType) -> bool:
    try:
        if dtype.is_floating:
            float(text)
            return dtype is dtypes.float64 or not np.isinf(np.float32(float(text))) or "inf" in text.lower()
        return bool(dtype.min < int(text) < dtype.max)
    except ValueError:
        return False


def make_csv_dataset(
    file_pattern: Any,
    batch_size: Any,
    column_names: Any = None,
    column_defaults: Any = None,
    label_name: str | None = None,
    select_columns: Any = None,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    header: bool = True,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10000,
    shuffle_seed: int | None = None,
    prefetch_buffer_size: Any = None,
    num_parallel_reads: Any = None,
    sloppy: bool = False,
    num_rows_for_inference: int | None = 100,
    compression_type: Any = None,
    ignore_errors: bool = False,
    encoding: str = "UTF-8",
) -> Dataset:
    """Batches of the rows of CSV files, as dicts from column names to tensors.

    Args:
      file_pattern: patterns of file names.
      batch_size: how many rows a batch has.
      column_names: names; of the header unless given.
      column_defaults: for each column a dtype or a default; guessed of the first rows unless given.
      label_name: the column that stands beside the dict.
      select_columns: names or numbers of the columns that are read.
      field_delim, use_quote_delim, na_value, header, compression_type: as for `CsvDataset`.
      num_epochs: how many times; without end unless given.
      shuffle, shuffle_buffer_size, shuffle_seed: whether and how the rows are shuffled.
      prefetch_buffer_size: how many batches are made ahead.
      num_parallel_reads: how many files are read in turn.
      sloppy: a hint.
      num_rows_for_inference: how many rows the dtypes are guessed of.
      ignore_errors: whether damaged rows are passed over.
      encoding: of the text.

    Raises:
      ValueError: the columns do not fit.
    """
    paths = [path for one in np.atleast_1d(np.array(file_pattern, object)) for path in sorted(matching(one))]
    if not paths:
        raise ValueError(f"No files match `file_pattern` {file_pattern}.")
    if column_names is None:
        if not header:
            raise ValueError("Expected `column_names` or `header` arguments. Neither is provided.")
        column_names = _header(paths, field_delim, use_quote_delim, compression_type, encoding)
    if len(set(column_names)) != len(column_names):
        twice = {name for name, count in collections.Counter(column_names).items() if count > 1}
        raise ValueError(
            f"Either `column_names` argument or CSV header row contains duplicate column names: {twice}."
        )
    chosen = None if select_columns is None else _numbers(select_columns, column_names)
    if column_defaults is None:
        sample = _sample(paths, field_delim, use_quote_delim, header, compression_type, encoding, num_rows_for_inference)
        defaults: Any = [_guess(column, na_value) for column in sample]
        defaults = defaults if chosen is None else [defaults[i] for i in chosen]
    else:
        defaults = [_column(default) for default in column_defaults]
    if chosen is not None and len(defaults) != len(chosen):
        raise ValueError(
            "If specified, `column_defaults` and `select_columns` must have the same length: `column_defaults` has "
            f"length {len(defaults)}, `select_columns` has length {len(chosen)}."
        )
    names = list(column_names) if chosen is None else [column_names[i] for i in chosen]
    if label_name is not None and label_name not in names:
        raise ValueError(f"`label_name` provided must be one of the columns: {names}. Received: {label_name}.")

    files = Dataset.from_tensor_slices(paths)
    if shuffle:
        files = files.shuffle(len(paths), shuffle_seed)
    options = readers._text(compression_type), header, field_delim, use_quote_delim, na_value, chosen
    dataset = _several(files, defaults, options, num_parallel_reads, ignore_errors)
    if shuffle and num_epochs != 1:
        dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed).repeat(num_epochs)
    elif shuffle:
        dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed)
    elif num_epochs != 1:
        dataset = dataset.repeat(num_epochs)

    def features(*columns: Any) -> Any:
        found = collections.OrderedDict(zip(names, columns))
        if label_name is None:
            return found
        label = found.pop(label_name)
        return found, label

    dataset = dataset.batch(batch_size, drop_remainder=num_epochs is None).map(features)
    return dataset.prefetch(-1 if prefetch_buffer_size is None else prefetch_buffer_size)


def _several(files: Dataset, defaults: Any, options: Any, parallel: Any, ignore: bool) -> Dataset:
    if parallel in (None, 1):
        dataset = Dataset(rows, files, defaults, *options)
        return dataset.ignore_errors() if ignore else dataset

    def one(name: Any) -> Dataset:
        dataset = Dataset(rows, Dataset.from_tensors(name), defaults, *options)
        return dataset.ignore_errors() if ignore else dataset

    return files.interleave(one, cycle_length=parallel)


def _table(path: str, delimiter: str, quotes: bool, compression: Any, encoding: str) -> Iterator[list[str]]:
    with _open(path, compression, encoding) as file:
        quoting = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
        yield from csv.reader(file, delimiter=delimiter, quoting=quoting)


def _header(paths: Sequence[str], delimiter: str, quotes: bool, compression: Any, encoding: str) -> list[str]:
    found = [next(_table(path, delimiter, quotes, compression, encoding), []) for path in paths]
    if any(each != found[0] for each in found):
        raise ValueError("All input CSV files should have the same column names in the header row.")
    return found[0]


def _sample(
    paths: Sequence[str], delimiter: str, quotes: bool, header: bool, compression: Any, encoding: str, most: int | None
) -> list[Any]:
    """The first fields of each column."""
    each = (itertools.islice(_table(path, delimiter, quotes, compression, encoding), int(header), None) for path in paths)
    return list(zip(*itertools.islice(itertools.chain.from_iterable(each), most)))


def _numbers(columns: Sequence[Any], names: Sequence[str]) -> list[int]:
    """The numbers of columns given by number or name, in order.

    Raises:
      ValueError: there is no such column, or one is there twice.
    """
    for each in columns:
        if each not in names and not (isinstance(each, int) and 0 <= each < len(names)):
            raise ValueError(f"`select_columns` contains {each!r}, which is no column of {list(names)}.")
    found = sorted(each if isinstance(each, int) else list(names).index(each) for each in columns)
    if len(set(found)) != len(found):
        raise ValueError(f"`select_columns` contains duplicate columns: {list(columns)}.")
    return found
