"""Datasets of the rows of CSV files."""

from __future__ import annotations

import collections
import csv
import gzip
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import as_dtype
from ..base.paths import matching
from ..core.convert import convert
from ..core.spec import TensorSpec
from ..core.tensor import Tensor
from . import readers
from .dataset import Dataset
from .elements import Flat, Structure
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
    quoting: Any = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE

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
    form = _Form(field_delim, use_quote_delim, na_value, header, readers._text(compression_type), encoding)
    columns = column_names, column_defaults, select_columns
    names, defaults, chosen = _columns(paths, form, *columns, num_rows_for_inference)
    if label_name is not None and label_name not in names:
        raise ValueError(f"`label_name` provided must be one of the columns: {names}. Received: {label_name}.")

    files = Dataset.from_tensor_slices(paths)
    dataset = _several(
        files.shuffle(len(paths), shuffle_seed) if shuffle else files, defaults, form, chosen, num_parallel_reads,
        ignore_errors,
    )  # fmt: skip
    if shuffle:
        dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed)
    if num_epochs != 1:
        dataset = dataset.repeat(num_epochs)

    def features(*columns: Any) -> Any:
        found = collections.OrderedDict(zip(names, columns))
        if label_name is None:
            return found
        label = found.pop(label_name)
        return found, label

    dataset = dataset.batch(batch_size, drop_remainder=num_epochs is None).map(features)
    return dataset.prefetch(-1 if prefetch_buffer_size is None else prefetch_buffer_size)


class _Form(NamedTuple):
    """How CSV files are written."""

    delimiter: str
    quotes: bool
    na_value: str
    header: bool
    compression: str
    encoding: str

    def table(self, path: str) -> Iterator[list[str]]:
        """The fields of each line of a file."""
        if self.compression == "ZLIB":
            raise ValueError("`compression_type` ZLIB is not supported for probing columns.")
        quoting: Any = csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE
        opened = gzip.open if self.compression == "GZIP" else open
        with opened(path, "rt", encoding=self.encoding, newline="") as file:
            yield from csv.reader(cast("Any", file), delimiter=self.delimiter, quoting=quoting)


def _columns(
    paths: Sequence[str], form: _Form, names: Any, defaults: Any, selected: Any, most: int | None
) -> tuple[list[str], list[Any], list[int] | None]:
    """Names and defaults of the columns, and the numbers of those that are read."""
    if names is None:
        names = _header(paths, form)
    if len(set(names)) != len(names):
        twice = {name for name, count in collections.Counter(names).items() if count > 1}
        raise ValueError(f"Either `column_names` argument or CSV header row contains duplicate column names: {twice}.")
    chosen = None if selected is None else _numbers(selected, names)
    if defaults is not None:
        found = [_column(default) for default in defaults]
    else:
        lines = (line for path in paths for line in itertools.islice(form.table(path), int(form.header), None))
        guessed = [_guess(column, form.na_value) for column in zip(*itertools.islice(lines, most))]
        found = guessed if chosen is None else [guessed[i] for i in chosen]
    if chosen is not None and len(found) != len(chosen):
        raise ValueError(
            "If specified, `column_defaults` and `select_columns` must have the same length: `column_defaults` has "
            f"length {len(found)}, `select_columns` has length {len(chosen)}."
        )
    return list(names) if chosen is None else [names[i] for i in chosen], found, chosen


def _header(paths: Sequence[str], form: _Form) -> list[str]:
    if not form.header:
        raise ValueError("Expected `column_names` or `header` arguments. Neither is provided.")
    found = [next(form.table(path), []) for path in paths]
    if any(each != found[0] for each in found):
        raise ValueError("All input CSV files should have the same column names in the header row.")
    return found[0]


def _several(
    files: Dataset, defaults: Any, form: _Form, chosen: list[int] | None, parallel: Any, ignore: bool
) -> Dataset:
    """The rows of files, of `parallel` at a time."""
    options = form.compression, form.header, form.delimiter, form.quotes, form.na_value, chosen

    def read(names: Dataset) -> Dataset:
        dataset = Dataset(rows, names, defaults, *options)
        return dataset.ignore_errors() if ignore else dataset

    if parallel in (None, 1):
        return read(files)
    return files.interleave(lambda name: read(Dataset.from_tensors(name)), cycle_length=parallel)


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
