"""Files in programs: read, written and found by ops."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.context import context
from ..base.paths import as_path, file_error, matching
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host


def _scalar(array: Array, what: str) -> Any:
    if array.ndim:
        size = ",".join(map(str, array.shape))
        raise errors.invalid(f"{what} tensor must be scalar, but had shape: [{size}]")
    return array.item()


@op("ReadFile", "filename:string -> contents:string", shape=shapes.scalar, differentiable=False)
def _read_file(xp: Any, filename: Array) -> Array:
    path = as_path(_scalar(filename, "Input filename"))
    try:
        with open(path, "rb") as file:
            return np.array(file.read(), object)
    except OSError as error:
        raise file_error(error, path) from None


@op("WriteFile", "filename:string, contents:string ->", shape=lambda *_, **__: (), differentiable=False)
def _write_file(xp: Any, filename: Array, contents: Array) -> tuple[()]:
    path = as_path(_scalar(filename, "Input filename"))
    data = _scalar(contents, "Contents")
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
    except OSError as error:
        raise file_error(error, path) from None
    return ()


@op("MatchingFiles", "pattern:string -> filenames:string", shape=lambda *_, **__: (None,), differentiable=False)
def _matching_files(xp: Any, pattern: Array) -> Array:
    if pattern.ndim > 1:
        size = ",".join(map(str, pattern.shape))
        raise errors.invalid(f"Input patterns tensor must be scalar or vector, but had shape: [{size}]")
    found = [path for one in pattern.reshape(-1) for path in matching(as_path(one))]
    return np.array(sorted(map(os.fsencode, found)), object)


only_host(_read_file, _write_file, _matching_files)
_write_file.stateful = True
_read_file.reads = _matching_files.reads = True


def read_file(filename: TensorLike, name: str | None = None) -> Tensor:
    """What is in a file.

    Args:
      filename: the path, a string scalar.
      name: a name for the operation, optional.

    Returns:
      A string scalar.

    Raises:
      NotFoundError: if there is no such file.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "notes.txt")
    >>> tf.io.write_file(path, "some text")
    >>> tf.io.read_file(path).numpy()
    b'some text'
    """
    return _read_file(filename, name=name)  # type: ignore[no-any-return]


def write_file(filename: TensorLike, contents: TensorLike, name: str | None = None) -> Any:
    """Writes a file, and makes the directories that it is in.

    Args:
      filename: the path, a string scalar.
      contents: what is written, a string scalar.
      name: a name for the operation, optional.

    Returns:
      None; in a graph the operation.

    Raises:
      PermissionDeniedError, ResourceExhaustedError, ...: if it cannot be written.
    """
    _write_file(filename, contents, name=name)
    return None if context.graph is None else context.graph.nodes[-1]


def matching_files(pattern: TensorLike, name: str | None = None) -> Tensor:
    """The paths of files that match patterns, sorted.

    Args:
      pattern: a pattern with `*`, `?` and `[...]`, or a vector of patterns.
      name: a name for the operation, optional.

    Returns:
      A vector of strings.

    >>> tf.io.matching_files("/no/such/*").numpy()
    array([], dtype=object)
    """
    return _matching_files(pattern, name=name)  # type: ignore[no-any-return]
