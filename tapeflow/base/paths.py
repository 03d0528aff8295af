"""Paths, and TensorFlow's errors for what goes wrong with files."""

from __future__ import annotations

import errno
import fnmatch
import os
import re
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
