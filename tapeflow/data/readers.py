"""Datasets of what is in files: lines of text, records of one length, records of TFRecord."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.paths import as_path, file_error
from ..core.convert import convert
from ..core.spec import TensorSpec
from ..io.records import inflate_error, read_records
from ..ops.layout import reshape
from . import passes, transforms
from .dataset import Dataset
from .elements import Flat, Structure
from .source import UNKNOWN, Source

STRING = TensorSpec([], dtypes.string)
Reader = Callable[[str, str], Iterator[bytes]]


def contents(path: str, compression: str) -> bytes:
    """All of a file, decompressed.

    Raises:
      NotFoundError: there is none. Other errors of files likewise.
      InvalidArgumentError: `compression` is none of "", "GZIP", "ZLIB".
    """
    check_compression(compression)
    try:
        with open(path, "rb") as file:
            data = file.read()
        return gzip.decompress(data) if compression == "GZIP" else zlib.decompress(data) if compression else data
    except zlib.error as error:
        raise inflate_error(error) from None
    except OSError as error:
        raise file_error(error, path) from None


def check_compression(compression: str) -> None:
    """Raises InvalidArgumentError for a compression that is none."""
    if compression not in ("", "GZIP", "ZLIB"):
        raise errors.invalid("Unsupported compression_type.")


def lines(path: str, compression: str) -> Iterator[bytes]:
    """The lines of a file, without what ends them."""
    if compression:
        data = contents(path, compression).split(b"\n")
        yield from (line.removesuffix(b"\r") for line in (data if data[-1] else data[:-1]))
        return
    try:
        with open(path, "rb") as file:
            for line in file:
                yield line.removesuffix(b"\n").removesuffix(b"\r")
    except OSError as error:
        raise file_error(error, path) from None


def _records(path: str, compression: str) -> Iterator[bytes]:
    check_compression(compression)
    return read_records(path, compression)


def fixed_length(size: int, header: int, footer: int) -> Reader:
    """A reader of records of `size` bytes between a header and a footer."""

    def read(path: str, compression: str) -> Iterator[bytes]:
        data = contents(path, compression)
        body = len(data) - header - footer
        if body % size:
            raise errors.invalid(
                f'Excluding the header ({header} bytes) and footer ({footer} bytes), input file "{path}" has body '
                f"length {body} bytes, which is not an exact multiple of the record length ({size} bytes)."
            )
        yield from (data[at : at + size] for at in range(header, header + body, size))

    return read


def read(filenames: Source, reader: Reader, compression: Any, parallel: Any) -> Source:
    """What is in files, one file after the other, or `parallel` of them in turn."""
    at_once = 1 if parallel is None else max(int(transforms.number(parallel)), 1)
    kind = _text(compression)

    def start() -> Iterator[Flat]:
        def begin(flat: Flat) -> Iterator[Flat]:
            path = flat[0] if isinstance(flat[0], bytes) else flat[0].item()
            return ((np.array(record, object),) for record in reader(as_path(path), kind))

        return passes.interleaved(filenames._start(), begin, at_once, 1)

    return Source("FlatMap", Structure(STRING), start, UNKNOWN)



def _text(value: Any) -> str:
    plain = value.numpy() if hasattr(value, "numpy") else value
    return plain.decode() if isinstance(plain, bytes) else plain or ""


def _names(filenames: Any) -> Dataset:
    """A dataset of file names.

    Raises:
      TypeError: they are no strings.
    """
    if isinstance(filenames, Dataset):
        spec = filenames.element_spec
        if not isinstance(spec, TensorSpec) or spec.dtype is not dtypes.string:
            found = getattr(spec, "dtype", spec)
            raise TypeError(
                "The `filenames` argument must contain `tf.string` elements. Got a dataset of "
                f"`{found!r}` elements."
            )
        if spec.shape.rank not in (None, 0):
            raise TypeError(
                "The `filenames` argument must contain `tf.string` elements of shape [] (i.e. scalars). Got a dataset "
                f"of element shape {spec.shape}."
            )
        return filenames
    names = convert([str(p) for p in filenames] if _has_paths(filenames) else filenames)
    if names.dtype is not dtypes.string:
        raise TypeError(f"The `filenames` argument must contain `tf.string` elements. Got `{names.dtype!r}` elements.")
    return Dataset.from_tensor_slices(reshape(names, [-1]))


def _has_paths(names: Any) -> bool:
    return isinstance(names, (list, tuple)) and any(hasattr(each, "__fspath__") for each in names)


class _FileDataset(Dataset):
    """A dataset of the records of files."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}V2 element_spec={self._structure.spec!r}>"


class TextLineDataset(_FileDataset):
    """The lines of text files, without what ends them.

    Args:
      filenames: a file name, or several, or a dataset of them.
      compression_type: "GZIP", "ZLIB", or "" or None for none.
      buffer_size: a hint.
      num_parallel_reads: how many files are read in turn, a line of each; one after the other unless given.

    Raises:
      TypeError: the file names are no strings.
      NotFoundError: there is no such file; when it is read.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "lines.txt")
    >>> with open(path, "w") as file:
    ...     _ = file.write("one" + chr(10) + "two" + chr(10))
    >>> list(tf.data.TextLineDataset(path).as_numpy_iterator())
    [b'one', b'two']
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(read, _names(filenames), lines, compression_type, num_parallel_reads)


class FixedLengthRecordDataset(_FileDataset):
    """Records of one length, of files.

    Args:
      filenames: a file name, or several, or a dataset of them.
      record_bytes: the length.
      header_bytes: how much is passed over at the beginning of a file.
      footer_bytes: how much is passed over at its end.
      buffer_size: a hint.
      compression_type: "GZIP", "ZLIB", or "" or None for none.
      num_parallel_reads: how many files are read in turn, a record of each; one after the other unless given.

    Raises:
      TypeError: the file names are no strings.
      InvalidArgumentError: the length of a file does not fit; when it is read.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "pairs.bin")
    >>> with open(path, "wb") as file:
    ...     _ = file.write(b"aabbcc")
    >>> list(tf.data.FixedLengthRecordDataset(path, 2).as_numpy_iterator())
    [b'aa', b'bb', b'cc']
    """

    def __init__(
        self,
        filenames: Any,
        record_bytes: Any,
        header_bytes: Any = None,
        footer_bytes: Any = None,
        buffer_size: Any = None,
        compression_type: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        size, header, footer = [int(transforms.number(n or 0)) for n in (record_bytes, header_bytes, footer_bytes)]
        reader = fixed_length(size, header, footer)
        super().__init__(read, _names(filenames), reader, compression_type, num_parallel_reads)


class TFRecordDataset(_FileDataset):
    """The records of TFRecord files, as `tf.io.TFRecordWriter` writes them.

    Args:
      filenames: a file name, or several, or a dataset of them.
      compression_type: "GZIP", "ZLIB", or "" or None for none.
      buffer_size: a hint.
      num_parallel_reads: how many files are read in turn, a record of each; one after the other unless given.

    Raises:
      TypeError: the file names are no strings.
      DataLossError: a file is damaged; when it is read.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.tfrecord")
    >>> with tf.io.TFRecordWriter(path) as writer:
    ...     writer.write(b"one")
    >>> list(tf.data.TFRecordDataset(path).as_numpy_iterator())
    [b'one']
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(read, _names(filenames), _records, compression_type, num_parallel_reads)
