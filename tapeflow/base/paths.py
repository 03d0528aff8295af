"""Paths, files that are written, and TensorFlow's errors for what goes wrong with them."""

from __future__ import annotations

import contextlib
import errno
import fnmatch
import os
import re
import weakref
from collections.abc import Iterator
from typing import Any

from . import errors

_KINDS: dict[int, type[errors.OpError]] = {
    errno.ENOENT: errors.NotFoundError,
    errno.EEXIST: errors.AlreadyExistsError,
    errno.EACCES: errors.PermissionDeniedError,
    errno.EPERM: errors.PermissionDeniedError,
    errno.EROFS: errors.PermissionDeniedError,
    errno.EISDIR: errors.FailedPreconditionError,
    errno.ENOTDIR: errors.FailedPreconditionError,
    errno.ENOTEMPTY: errors.FailedPreconditionError,
    errno.EBUSY: errors.UnavailableError,
    errno.ENOSPC: errors.ResourceExhaustedError,
    errno.EDQUOT: errors.ResourceExhaustedError,
    errno.EMFILE: errors.ResourceExhaustedError,
    errno.ENFILE: errors.ResourceExhaustedError,
    errno.EFBIG: errors.OutOfRangeError,
    errno.EINVAL: errors.InvalidArgumentError,
    errno.ENAMETOOLONG: errors.InvalidArgumentError,
    errno.EXDEV: errors.UnimplementedError,
}
_SCHEME = re.compile(r"([a-zA-Z][0-9a-zA-Z.]*)://")


def file_error(error: OSError, path: str) -> errors.OpError:
    """The error of `tf.errors` for one of the operating system's: `nope.txt; No such file or directory`."""
    kind = _KINDS.get(error.errno or 0, errors.UnknownError)
    return kind(None, None, f"{path}; {os.strerror(error.errno) if error.errno else error}")  # type: ignore[call-arg]


def as_path(path: Any) -> str:
    """A path as a string.

    Raises:
      TypeError: if it is neither text nor bytes nor a path.
      UnimplementedError: for a scheme of files that are elsewhere, such as `gs://`.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(f"Expected binary or unicode string, got {path!r}")
    name = os.fsdecode(path)
    found = _SCHEME.match(name)
    if found is None:
        return name
    if found[1] == "file":
        return name[found.end() :]
    raise errors.UnimplementedError(None, None, f"File system scheme '{found[1]}' not implemented (file: '{name}')")


class Output:
    """A file that is written. What is added stays here until `flush`, or until there is much of it.

    What cannot be written is dropped: the error is raised once, at the call that wanted it written.

    Args:
      path: where the file is.
      mode: "w" for a new file, "a" to add to one.

    Raises:
      NotFoundError: if the directory does not exist. Other errors of files likewise, here and in `flush`.
    """

    _MUCH = 1 << 17

    def __init__(self, path: str, mode: str = "w") -> None:
        self.path = path
        self._pieces: list[bytes] = []
        self._size = 0
        try:
            how = os.O_APPEND if mode == "a" else os.O_TRUNC
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | how | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            raise file_error(error, path) from None
        self._finish = weakref.finalize(self, _finish, self._fd, self._pieces)  # also when the program ends

    def write(self, data: bytes) -> None:
        """Adds bytes."""
        self._pieces.append(data)
        self._size += len(data)
        if self._size > self._MUCH:
            self.flush()

    def flush(self) -> None:
        """Hands all that was added to the operating system, which writes it even if this process dies."""
        self._size = 0
        try:
            _write(self._fd, self._pieces)
        except OSError as error:
            raise file_error(error, self.path) from None

    def close(self) -> None:
        """Writes what was added, and closes the file."""
        try:
            self.flush()
        finally:
            self._finish()


def _write(fd: int, pieces: list[bytes]) -> None:
    data = memoryview(b"".join(pieces))
    pieces.clear()
    while data:
        data = data[os.write(fd, data) :]


def _finish(fd: int, pieces: list[bytes]) -> None:
    with contextlib.suppress(OSError):  # nobody is there to be told
        _write(fd, pieces)
    os.close(fd)


def matching(pattern: str) -> list[str]:
    """The paths that a pattern of the shell matches, sorted; those of a pattern without directory begin with `./`.

    A star stands for names of files that begin with a dot, too, but never for a slash.
    """
    if not re.search(r"[*?\[\\]", pattern):
        return [pattern] if os.path.lexists(pattern) else []
    head, _, tail = pattern.rpartition("/")
    if "/" not in pattern:
        head = "."
    elif not head:
        head = "/"
    return sorted(path for folder in matching(head) for path in _children(folder, tail))


def _children(folder: str, pattern: str) -> Iterator[str]:
    if not os.path.isdir(folder):
        return
    accepts = re.compile(fnmatch.translate(re.sub(r"\\(.)", r"[\1]", pattern))).match
    yield from (os.path.join(folder, name) for name in os.listdir(folder) if accepts(name))
