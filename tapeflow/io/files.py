"""`GFile`: a file that is opened when it is first read or written."""

from __future__ import annotations

import io
import os
import weakref
from collections.abc import Iterator
from typing import Any

from ..base import compat, errors
from ..base.paths import as_path, file_error

_MODES = ("r", "w", "a", "r+", "w+", "a+")


class GFile:
    """A file. It is a context manager that closes it, and gives its lines when it is iterated over.

    Args:
      name: where it is.
      mode: "r" to read, "w" to write it anew, "a" to add to it; with "+" both; with "b" as bytes instead of text.

    Raises:
      InvalidArgumentError: for another mode.
      NotFoundError, ...: when the file is first used.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "notes.txt")
    >>> with tf.io.gfile.GFile(path, "w") as file:
    ...     file.write("one\\ntwo\\n")
    >>> tf.io.gfile.GFile(path).readlines()
    ['one\\n', 'two\\n']
    """

    def __init__(self, name: Any, mode: str = "r") -> None:
        self._name, self._mode = name, mode
        self._binary = "b" in mode
        self._kind = mode.replace("b", "")
        if self._kind not in _MODES:
            message = "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'"
            raise errors.InvalidArgumentError(None, None, message)
        self._path = as_path(name)
        self._file: Any = None

    name = property(lambda self: self._name, doc="The path, as it was given.")
    mode = property(lambda self: self._mode, doc="The mode, as it was given.")

    def _opened(self) -> Any:
        if self._file is None:
            buffering = -1 if self._kind == "r" else 0  # nothing is left here that could not be written
            self._file = self._done(lambda: open(self._path, self._kind + "b", buffering))  # noqa: SIM115
            weakref.finalize(self, self._file.close)  # programs forget to
        return self._file

    def _done(self, work: Any) -> Any:
        try:
            return work()
        except io.UnsupportedOperation as error:  # which is an OSError too
            raise errors.UnimplementedError(None, None, str(error)) from None
        except OSError as error:
            raise file_error(error, self._path) from None

    def _to_read(self) -> Any:
        if not ("r" in self._kind or "+" in self._kind):
            raise errors.PermissionDeniedError(None, None, "File isn't open for reading")
        return self._opened()

    def _to_write(self) -> Any:
        if self._kind == "r":
            raise errors.PermissionDeniedError(None, None, "File isn't open for writing")
        return self._opened()

    def _text(self, data: bytes) -> Any:
        return data if self._binary else data.decode()

    def read(self, n: int = -1) -> Any:
        """The next `n` bytes, or all that follow, as text unless the mode has a "b"."""
        file = self._to_read()
        return self._text(self._done(lambda: file.read(n)))

    def readline(self) -> Any:
        """The next line with its line break; empty at the end."""
        file = self._to_read()
        return self._text(self._done(file.readline))

    def readlines(self) -> list[Any]:
        """All lines that follow."""
        file = self._to_read()
        return [self._text(line) for line in self._done(file.readlines)]

    def write(self, file_content: Any) -> None:
        """Writes text or bytes.

        Raises:
          PermissionDeniedError: if the file is open for reading only.
        """
        file = self._to_write()
        data = memoryview(compat.as_bytes(file_content))
        while data:
            data = data[self._done(lambda: file.write(data)) :]  # noqa: B023 - called at once

    def tell(self) -> int:
        """How many bytes into the file the next read or write is."""
        return int(self._opened().tell())

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Goes to another place in a file that is read.

        Args:
          offset: how far.
          whence: from where: 0 from the beginning, 1 from here, 2 from the end.
          position: an old name of `offset`.

        Raises:
          OutOfRangeError: for a place after the end.
          InvalidArgumentError: for one before the beginning, or another `whence`.
        """
        file = self._to_read()
        offset = position if offset is None else offset
        if offset is None:
            raise TypeError("seek(): offset argument required")
        if whence not in (0, 1, 2):
            message = f"Invalid whence argument: {whence}. Valid values are 0, 1, or 2."
            raise errors.InvalidArgumentError(None, None, message)
        size = self.size()
        place = offset + (0, file.tell(), size)[whence]
        if place < 0:
            raise errors.InvalidArgumentError(None, None, f"Seeking to a negative position: {place}")
        if place > size:
            raise errors.OutOfRangeError(None, None, "reached end of file")
        file.seek(place)

    def seekable(self) -> bool:
        """Whether `seek` works: always."""
        return True

    def size(self) -> int:
        """How many bytes the file has."""
        return int(self._done(lambda: os.stat(self._path)).st_size)

    def flush(self) -> None:
        """Nothing: each write goes to the file system at once."""

    def close(self) -> None:
        """Closes the file; it may be used again, and is then opened anew."""
        if self._file is not None:
            file, self._file = self._file, None
            self._done(file.close)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    next = __next__

    def __enter__(self) -> GFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
