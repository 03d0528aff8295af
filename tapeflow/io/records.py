"""Files of records, TFRecord: for each a length, its checksum, the bytes, their checksum; perhaps compressed."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from ..base import errors
from ..base.crc import masked_crc32c
from ..base.paths import Output, as_path, file_error

_CHUNK = 1 << 18
_WINDOWS = {"GZIP": 31, "ZLIB": 15}  # what zlib calls window bits: 16 more for gzip's header
_STRATEGIES = {0: zlib.Z_DEFAULT_STRATEGY, 1: zlib.Z_FILTERED, 2: zlib.Z_HUFFMAN_ONLY, 3: zlib.Z_RLE, 4: zlib.Z_FIXED}


class TFRecordOptions:
    """How a file of records is compressed.

    Args:
      compression_type: "GZIP", "ZLIB", or "" or None for not at all.
      flush_mode: not used: a flush writes all that there is.
      input_buffer_size: a hint, not used.
      output_buffer_size: a hint, not used.
      window_bits: the size of zlib's window, its logarithm.
      compression_level: 0 to 9; -1 is zlib's own choice.
      compression_method: not used: there is only one.
      mem_level: memory for the compression, 1 to 9.
      compression_strategy: zlib's number of one.

    Raises:
      ValueError: for another compression type.

    >>> tf.io.TFRecordOptions("GZIP").compression_type
    'GZIP'
    """

    compression_type_map = {1: "ZLIB", 2: "GZIP", 0: ""}

    def __init__(
        self,
        compression_type: str | None = None,
        flush_mode: int | None = None,
        input_buffer_size: int | None = None,
        output_buffer_size: int | None = None,
        window_bits: int | None = None,
        compression_level: int | None = None,
        compression_method: int | None = None,
        mem_level: int | None = None,
        compression_strategy: int | None = None,
    ) -> None:
        self.get_compression_type_string(compression_type)
        self.compression_type = compression_type
        self.flush_mode = flush_mode
        self.input_buffer_size = input_buffer_size
        self.output_buffer_size = output_buffer_size
        self.window_bits = window_bits
        self.compression_level = compression_level
        self.compression_method = compression_method
        self.mem_level = mem_level
        self.compression_strategy = compression_strategy

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """The compression's name, of options, a name or one of the old numbers; "" for none.

        Raises:
          ValueError: for a name that is none.
        """
        if not options:
            return ""
        if isinstance(options, TFRecordOptions):
            return cls.get_compression_type_string(options.compression_type)
        kind = cls.compression_type_map.get(options, options)
        if kind not in ("", *_WINDOWS):
            raise ValueError(f'Not a valid compression_type: "{options}"')
        return str(kind)

    def _compressor(self) -> Any:
        kind = self.get_compression_type_string(self)
        if not kind:
            return None
        window = _WINDOWS[kind] if not self.window_bits else abs(self.window_bits) + (16 if kind == "GZIP" else 0)
        level = -1 if self.compression_level is None else self.compression_level
        strategy = _STRATEGIES.get(self.compression_strategy or 0, zlib.Z_DEFAULT_STRATEGY)
        return zlib.compressobj(level, zlib.DEFLATED, window, self.mem_level or 8, strategy)


def frame(record: bytes) -> bytes:
    """A record as it stands in a file."""
    length = len(record).to_bytes(8, "little")
    return b"".join((
        length, masked_crc32c(length).to_bytes(4, "little"), record, masked_crc32c(record).to_bytes(4, "little")
    ))  # fmt: skip


class TFRecordWriter:
    """Writes records to a file, which is made anew. It is a context manager that closes it.

    Args:
      path: where the file is.
      options: `TFRecordOptions`, or the name of a compression.

    Raises:
      ValueError: for a compression that is none.
      NotFoundError: if the directory does not exist. Other errors of files likewise.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.tfrecord")
    >>> with tf.io.TFRecordWriter(path) as writer:
    ...     writer.write(b"one")
    ...     writer.write(b"two")
    >>> list(tf.compat.v1.io.tf_record_iterator(path))
    [b'one', b'two']
    """

    def __init__(self, path: Any, options: Any = None) -> None:
        if not isinstance(options, TFRecordOptions):
            options = TFRecordOptions(TFRecordOptions.get_compression_type_string(options))
        self._compressor = options._compressor()
        self._file: Output | None = Output(as_path(path))

    def write(self, record: bytes | str) -> None:
        """Adds a record.

        Raises:
          TypeError: if it is not bytes or a string.
          FailedPreconditionError: if the writer is closed.
        """
        if isinstance(record, str):
            record = record.encode()
        if not isinstance(record, bytes):
            raise TypeError(f"write(): a record is bytes, got {record!r}")
        data = frame(record)
        self._put(data if self._compressor is None else self._compressor.compress(data))

    def flush(self) -> None:
        """Writes what there is to the file; no more than that is lost if the process ends.

        Raises:
          FailedPreconditionError: if the writer is closed.
        """
        self._put(b"" if self._compressor is None else self._compressor.flush(zlib.Z_SYNC_FLUSH), flush=True)

    def close(self) -> None:
        """Writes what there is and closes the file; doing so again does nothing."""
        if self._file is not None:
            file = self._file
            self._put(b"" if self._compressor is None else self._compressor.flush())
            self._file = None
            file.close()

    def _put(self, data: bytes, flush: bool = False) -> None:
        if self._file is None:
            raise errors.FailedPreconditionError(None, None, "Writer is closed.")
        self._file.write(data)
        if flush:
            self._file.flush()

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Plain:
    """Reads a file in large pieces."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._buffer, self._at = b"", 0
        self.offset = 0  # of what is read next

    def more(self) -> bytes:
        return self._file.read(_CHUNK)

    def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer at the end."""
        left = len(self._buffer) - self._at
        if left < size:
            parts = [self._buffer[self._at :]]
            while left < size and (piece := self.more()):
                parts.append(piece)
                left += len(piece)
            self._buffer, self._at = b"".join(parts), 0
        data = self._buffer[self._at : self._at + size]
        self._at += len(data)
        self.offset += len(data)
        return data


class _Compressed(_Plain):
    """What a compressed file holds, one stream or several, one after the other."""

    def __init__(self, file: BinaryIO, kind: str) -> None:
        super().__init__(file)
        self._window = _WINDOWS[kind]
        self._stream = zlib.decompressobj(self._window)

    def more(self) -> bytes:
        while True:
            rest = self._stream.unused_data if self._stream.eof else b""
            if self._stream.eof:
                self._stream = zlib.decompressobj(self._window)
            packed = rest or self._file.read(_CHUNK)
            if not packed:
                return b""
            try:
                data = self._stream.decompress(packed)
            except zlib.error as error:
                raise inflate_error(error) from None
            if data:
                return data


def inflate_error(error: zlib.error) -> errors.DataLossError:
    """The error for data that does not decompress, in zlib's words."""
    text = str(error).removeprefix("Error ").replace(" while decompressing data", "")
    return errors.DataLossError(None, None, f"inflate() failed with error {text}")


def read_records(path: Any, compression_type: str | None = None) -> Iterator[bytes]:
    """The records of a file, one after the other.

    Args:
      path: where the file is.
      compression_type: "GZIP", "ZLIB", or "" or None for a file that is not compressed.

    Raises:
      NotFoundError: if there is no such file. Other errors of files likewise.
      DataLossError: if the file is damaged, or is no file of records.
    """
    name = as_path(path)
    try:
        with open(name, "rb") as file:
            source = _Compressed(file, compression_type) if compression_type in _WINDOWS else _Plain(file)
            yield from _records(source)
    except OSError as error:
        raise file_error(error, name) from None


def _records(source: _Plain) -> Iterator[bytes]:
    while True:
        start = source.offset
        header = source.read(12)
        if len(header) < 12:  # TensorFlow takes a few bytes at the end for the end
            return
        if int.from_bytes(header[8:], "little") != masked_crc32c(header[:8]):
            hint = " (Is this even a TFRecord file?)" if start == 0 else ""
            raise errors.DataLossError(None, None, f"corrupted record at {start}{hint}")
        length = int.from_bytes(header[:8], "little")
        data = source.read(length + 4)
        if len(data) < length + 4:
            message = f"truncated record at {start}' failed with Read less bytes than requested"
            raise errors.DataLossError(None, None, message)
        record = data[:length]
        if int.from_bytes(data[length:], "little") != masked_crc32c(record):
            raise errors.DataLossError(None, None, f"corrupted record at {start + 12}")
        yield record


def tf_record_iterator(path: Any, options: Any = None) -> Iterator[bytes]:
    """The records of a file, one after the other.

    Args:
      path: where the file is.
      options: `TFRecordOptions`, or the name of a compression.

    Raises:
      NotFoundError: if there is no such file.
      DataLossError: if the file is damaged.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.tfrecord")
    >>> with tf.io.TFRecordWriter(path, "GZIP") as writer:
    ...     writer.write(b"one")
    >>> list(tf.compat.v1.io.tf_record_iterator(path, tf.io.TFRecordOptions("GZIP")))
    [b'one']
    """
    return read_records(os.fspath(path), TFRecordOptions.get_compression_type_string(options))
