"""`tf.summary.write`, what names summaries, and what writes messages as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..base.context import context
from ..base.scopes import name_scope
from ..core.convert import convert
from ..core.tensor import Tensor
from ..ops.creation import constant
from .writers import WRITE, WRITE_RAW, FileWriter, default_writer, should_record, step_tensor


def recorded(record: Callable[[FileWriter], Any]) -> Tensor:
    """Calls `record` with the default writer if summaries are written now; in a graph, that is decided when it runs.

    Returns:
      A bool scalar: whether it was called.
    """
    writer = default_writer()
    if writer is None:
        return constant(False)
    condition = should_record()

    def write() -> Tensor:
        record(writer)
        return constant(True)

    if isinstance(condition, Tensor) and context.graph is not None:
        from ..graph.control import cond

        result: Tensor = cond(condition, write, lambda: constant(False))
        return result
    return write() if condition else constant(False)


def write(tag: Any, tensor: Any, step: Any = None, metadata: Any = None, name: str | None = None) -> Tensor:
    """Writes a tensor, if there is a default writer.

    Args:
      tag: its name.
      tensor: the tensor, or a function that makes it, which is called only if it is to be written.
      step: the step; by default that of the writer or `set_step`.
      metadata: a `SummaryMetadata` that says which part of TensorBoard the tensor is for, or its bytes.
      name: not used.

    Returns:
      A bool scalar: whether it was written.

    Raises:
      ValueError: if there is a writer and no step.

    >>> import tempfile
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     print(tf.summary.write("weights", [1.0, 2.0], step=3).numpy())
    True
    """
    data = b"" if metadata is None else metadata if isinstance(metadata, bytes) else metadata.SerializeToString()

    def record(writer: FileWriter) -> None:
        at = step_tensor(step)
        WRITE(writer._resource, at, convert(tensor() if callable(tensor) else tensor), tag, data)

    return recorded(record)


def write_raw_pb(tensor: Any, step: Any = None, name: str | None = None) -> Tensor:
    """Writes `Summary` messages.

    Args:
      tensor: their bytes, a string tensor.
      step: the step; by default that of the writer or `set_step`.
      name: not used.

    Returns:
      A bool scalar: whether they were written.

    Raises:
      ValueError: if there is a writer and no step.
      DataLossError: if they are no such messages.
    """
    return recorded(lambda writer: WRITE_RAW(writer._resource, step_tensor(step), tensor))


@contextmanager
def summary_scope(name: str, default_name: str = "summary", values: Any = None) -> Iterator[tuple[str, str]]:
    """A name scope for a new kind of summary.

    Args:
      name: the summary's name.
      default_name: the scope's name if that has no characters a scope could be named with.
      values: not used.

    Yields:
      The tag, which is `name` within the scopes around, and the scope.

    >>> with tf.name_scope("layer"), tf.summary.experimental.summary_scope("loss") as (tag, scope):
    ...     print(tag, scope)
    layer/loss layer/loss/
    """
    name = name or default_name
    tag = context.name_scope + name
    with name_scope(re.sub(r"[^A-Za-z0-9_.\-/]", "", name) or default_name) as scope:
        yield tag, scope
