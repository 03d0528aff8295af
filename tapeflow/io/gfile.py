"""`tf.io.gfile`: files and directories."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ..base import errors
from ..base.paths import as_path, file_error, matching
from .files import GFile as GFile

__all__ = [
    "GFile", "copy", "exists", "get_registered_schemes", "glob", "isdir", "join", "listdir", "makedirs", "mkdir",
    "remove", "rename", "rmtree", "stat", "walk",
]  # fmt: skip


class FileStatistics(NamedTuple):
    """What `stat` says of a file: its bytes, when it was changed (in nanoseconds), whether it is a directory."""

    length: int
    mtime_nsec: int
    is_directory: bool


def _does(function: Callable[..., Any], path: str, *args: Any) -> Any:
    try:
        return function(path, *args)
    except OSError as error:
        raise file_error(error, path) from None


def exists(path: Any) -> bool:
    """Whether there is a file or directory.

    Args:
      path: the path, text or `pathlib.Path`.

    >>> tf.io.gfile.exists("/no/such/file")
    False
    """
    return os.path.exists(as_path(path))


def isdir(path: Any) -> bool:
    """Whether there is a directory.

    Args:
      path: the path.

    >>> tf.io.gfile.isdir("/")
    True
    """
    return os.path.isdir(as_path(path))


def listdir(path: Any) -> list[str]:
    """The names in a directory, in no order.

    Args:
      path: the directory.

    Raises:
      NotFoundError: if it is none.
    """
    name = as_path(path)
    if not os.path.isdir(name):
        raise errors.NotFoundError(None, None, f"Could not find directory {os.fspath(path)}")
    return list(_does(os.listdir, name))


def mkdir(path: Any) -> None:
    """Makes a directory, unless it is there.

    Args:
      path: the directory.

    Raises:
      NotFoundError: if the directory that it is to be in does not exist.
    """
    name = as_path(path)
    if not os.path.isdir(name):
        _does(os.mkdir, name)


def makedirs(path: Any) -> None:
    """Makes a directory, with those around it, unless they are there.

    Args:
      path: the directory.

    Raises:
      FailedPreconditionError: if a file is in the way.

    >>> import tempfile, os
    >>> folder = os.path.join(tempfile.mkdtemp(), "logs", "train")
    >>> tf.io.gfile.makedirs(folder)
    >>> tf.io.gfile.isdir(folder)
    True
    """
    name = as_path(path)
    try:
        os.makedirs(name, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        while not os.path.exists(name) or os.path.isdir(name):  # the part of the path that is the file
            name = os.path.dirname(name)
        raise errors.FailedPreconditionError(None, None, f"{name} is not a directory") from None
    except OSError as error:
        raise file_error(error, name) from None


def remove(path: Any) -> None:
    """Deletes a file.

    Args:
      path: the file.

    Raises:
      NotFoundError: if there is none.
    """
    _does(os.remove, as_path(path))


def rmtree(path: Any) -> None:
    """Deletes a directory with all that is in it.

    Args:
      path: the directory.

    Raises:
      NotFoundError: if there is none.
    """
    name = as_path(path)
    if not os.path.lexists(name):
        raise errors.NotFoundError(None, None, f"{os.fspath(path)} not found")
    if os.path.isdir(name) and not os.path.islink(name):
        _does(shutil.rmtree, name)
    else:
        _does(os.remove, name)


def _free(dst: str, overwrite: bool) -> None:
    if not overwrite and os.path.exists(dst):
        raise errors.AlreadyExistsError(None, None, "file already exists")


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copies a file.

    Args:
      src: the file.
      dst: where to.
      overwrite: whether a file that is there is replaced.

    Raises:
      NotFoundError: if there is no such file or directory.
      AlreadyExistsError: if there is a file already.
    """
    source, target = as_path(src), as_path(dst)
    _free(target, overwrite)
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise file_error(error, target if error.filename == target else source) from None
    except shutil.SameFileError:
        return


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Moves a file or directory.

    Args:
      src: what.
      dst: where to.
      overwrite: whether a file that is there is replaced.

    Raises:
      NotFoundError: if there is no such file.
      AlreadyExistsError: if there is a file already.
    """
    source, target = as_path(src), as_path(dst)
    _free(target, overwrite)
    _does(os.replace, source, target)


def glob(pattern: Any) -> list[str]:
    """The paths that patterns match, sorted.

    Args:
      pattern: a pattern with `*`, `?` and `[...]`, or a list of patterns.

    Returns:
      The paths; those of a pattern without directory begin with `./`.

    >>> import tempfile
    >>> tf.io.gfile.glob(tempfile.mkdtemp() + "/*.txt")
    []
    """
    several = isinstance(pattern, Iterable) and not isinstance(pattern, (str, bytes))
    return [path for one in (pattern if several else [pattern]) for path in matching(as_path(one))]


def join(path: Any, *paths: Any) -> Any:
    """The parts of a path, joined.

    Args:
      path: the first part.
      *paths: the others.

    >>> tf.io.gfile.join("logs", "train")
    'logs/train'
    """
    return os.path.join(path, *paths)


def stat(path: Any) -> FileStatistics:
    """What is known of a file: `length`, `mtime_nsec`, `is_directory`.

    Args:
      path: the file or directory.

    Raises:
      NotFoundError: if there is none.

    >>> tf.io.gfile.stat("/").is_directory
    True
    """
    found = _does(os.stat, as_path(path))
    return FileStatistics(found.st_size, found.st_mtime_ns, os.path.isdir(as_path(path)))


def walk(
    top: Any, topdown: bool = True, onerror: Callable[[errors.OpError], object] | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Goes through a directory and all below.

    Args:
      top: the directory.
      topdown: whether a directory comes before those in it.
      onerror: a function that is told the error if a directory cannot be read.

    Yields:
      For each directory its path, the names of the directories in it, and those of its files.
    """
    folder = as_path(top)
    try:
        names = listdir(folder)
    except errors.NotFoundError as error:
        if onerror is not None:
            onerror(error)
        return
    folders = [name for name in names if os.path.isdir(os.path.join(folder, name))]
    here = folder, folders, [name for name in names if name not in set(folders)]
    if topdown:
        yield here
    for name in folders:
        yield from walk(os.path.join(folder, name), topdown, onerror)
    if not topdown:
        yield here


def get_registered_schemes() -> list[str]:
    """The kinds of paths that there are: those of this machine, `file://`.

    >>> tf.io.gfile.get_registered_schemes()
    ['', 'file']
    """
    return ["", "file"]
