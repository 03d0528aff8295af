"""Writers of summaries: which one is there, at which step, and whether it records."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np

from ..base import errors
from ..base.context import context
from ..base.dtypes import int64, resource
from ..base.scopes import init_scope
from ..core.op import Op
from ..core.opaque import Held
from ..core.tensor import Array, Tensor
from ..ops.casting import cast
from ..ops.common import only_host
from ..ops.creation import constant
from ..ops.passing import identity
from .events import EventFile, event_file, event_messages, tensor_event

NO_STEP = (
    "No step set. Please specify one either through the `step` argument or through tf.summary.experimental.set_step()"
)


class _Resource(Held):
    """A writer, held by a tensor."""

    __slots__ = ()
    dtype = resource.numpy


def _file(writer: Any) -> EventFile:
    held = writer if isinstance(writer, Held) else writer.item()
    file: EventFile | None = held.value._file
    if file is None:
        raise errors.FailedPreconditionError(None, None, "The summary writer is closed.")
    return file


def _write_summary(xp: Any, writer: Any, step: Array, tensor: Array, tag: Array, summary_metadata: Array) -> tuple[()]:
    text = tag.item().decode(errors="replace")
    _file(writer).add(tensor_event(int(step), text, tensor, summary_metadata.item()))
    return ()


def _write_raw(xp: Any, writer: Any, step: Array, tensor: Array) -> tuple[()]:
    from google.protobuf.message import DecodeError

    event = event_messages().Event(step=int(step))
    for index, data in enumerate(tensor.reshape(-1).tolist()):
        try:
            event.summary.MergeFromString(data)
        except DecodeError:
            message = f"Bad tf.compat.v1.Summary binary proto tensor string at index {index}"
            raise errors.DataLossError(None, None, message) from None
    _file(writer).add(_stamped(event))
    return ()


def _write_graph(xp: Any, writer: Any, step: Array, tensor: Array) -> tuple[()]:
    _file(writer).add(_stamped(event_messages().Event(step=int(step), graph_def=tensor.item())))
    return ()


def _stamped(event: Any) -> Any:
    import time

    event.wall_time = time.time()
    return event


def _flush(xp: Any, writer: Any) -> tuple[()]:
    _file(writer).flush()
    return ()


def _nothing(*_: Any, **__: Any) -> tuple[()]:
    return ()


def _op(name: str, signature: str, kernel: Callable[..., Any]) -> Op:
    made = Op(name, f"{signature} ->", kernel, _nothing, differentiable=False)
    made.stateful = True
    only_host(made)
    return made


WRITE = _op(
    "WriteSummary", "writer:resource, step:int64, tensor:T, tag:string, summary_metadata:string", _write_summary
)
WRITE_RAW = _op("WriteRawProtoSummary", "writer:resource, step:int64, tensor:string", _write_raw)
WRITE_GRAPH = _op("WriteGraphSummary", "writer:resource, step:int64, tensor:string", _write_graph)
FLUSH = _op("FlushSummaryWriter", "writer:resource", _flush)


class SummaryWriter(abc.ABC):
    """Writes summaries to where TensorBoard finds them. See `tf.summary.create_file_writer`."""

    def as_default(self, step: Any = None) -> AbstractContextManager[SummaryWriter]:
        """Summaries inside the `with` block are written by this writer, which flushes at its end.

        Args:
          step: the step of summaries that name none; an integer, a tensor, or a Variable.

        Raises:
          RuntimeError: if the writer is closed.
        """
        self._check_open()
        return self._as_default(step)

    @contextmanager
    def _as_default(self, step: Any) -> Iterator[SummaryWriter]:
        before = context.summaries
        context.summaries = (self, before[1] if step is None else step, before[2])
        try:
            yield self
            self.flush()
        finally:
            now = context.summaries
            context.summaries = (before[0], before[1] if step is not None else now[1], now[2])

    def set_as_default(self, step: Any = None) -> None:
        """Summaries of this thread are written by this writer from now on.

        Args:
          step: the step of summaries that name none.

        Raises:
          RuntimeError: if the writer is closed.
        """
        self._check_open()
        before = context.summaries
        context.summaries = (self, before[1] if step is None else step, before[2])

    def init(self) -> None:
        """Nothing: writers are ready once they are made.

        Raises:
          RuntimeError: if the writer is closed.
        """
        self._check_open()

    @abc.abstractmethod
    def _check_open(self) -> None: ...

    @abc.abstractmethod
    def flush(self) -> None:
        """Writes all summaries that are still here; so they are not lost if the process dies."""

    @abc.abstractmethod
    def close(self) -> None:
        """Writes all summaries, and closes the file. Doing so again does nothing."""


class FileWriter(SummaryWriter):
    """Writes summaries to a file of events."""

    def __init__(self, file: EventFile) -> None:
        self._file: EventFile | None = file
        self._resource = Tensor(_Resource(self))

    def _check_open(self) -> None:
        if self._file is None:
            raise RuntimeError(f"SummaryWriter {self!r} is already closed")

    def flush(self) -> None:
        if self._file is not None:
            FLUSH(self._resource)

    def close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            file.close()


class NoopWriter(SummaryWriter):
    """Writes nothing."""

    def _check_open(self) -> None:
        pass

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def create_file_writer(
    logdir: Any,
    max_queue: Any = None,
    flush_millis: Any = None,
    filename_suffix: Any = None,
    name: str | None = None,
) -> SummaryWriter:
    """A writer to a new file of events. TensorBoard shows each directory with such files as a run.

    Args:
      logdir: the directory; it is made if need be.
      max_queue: how many summaries may wait before they are written; 10 unless given.
      flush_millis: for how long they may wait; two minutes unless given.
      filename_suffix: what the file's name ends with; ".v2" unless given.
      name: not used, there is no operation to be named.

    Returns:
      A `SummaryWriter`.

    Raises:
      ValueError: if `logdir` is None.
      PermissionDeniedError, FailedPreconditionError, ...: if the file cannot be made there.
      ImportError: if TensorBoard is not installed (the extra `tensorboard`).

    >>> import tempfile
    >>> writer = tf.summary.create_file_writer(tempfile.mkdtemp())
    >>> with writer.as_default(step=1):
    ...     print(tf.summary.scalar("loss", 0.5))
    tf.Tensor(True, shape=(), dtype=bool)
    """
    if logdir is None:
        raise ValueError("Argument `logdir` cannot be None")
    with init_scope():
        return FileWriter(event_file(*map(_plain, (logdir, max_queue, flush_millis, filename_suffix))))


def _plain(value: Any) -> Any:
    return value.numpy().item() if isinstance(value, Tensor) else value


def create_noop_writer() -> SummaryWriter:
    """A writer that writes nothing: for code that wants a writer where nothing is to be written.

    >>> with tf.summary.create_noop_writer().as_default():
    ...     print(tf.summary.scalar("loss", 0.5, step=1).numpy())
    False
    """
    return NoopWriter()


def default_writer() -> FileWriter | None:
    """The writer of this thread, if it writes anything."""
    writer = context.summaries[0]
    return writer if isinstance(writer, FileWriter) else None


def flush(writer: SummaryWriter | None = None, name: str | None = None) -> None:
    """Writes what summaries a writer still has.

    Args:
      writer: the writer; by default, the one of this thread.
      name: not used.
    """
    writer = context.summaries[0] if writer is None else writer
    if writer is not None:
        writer.flush()


def get_step() -> Any:
    """The step of summaries that name none: an integer, tensor or Variable, as it was set; None if it was not.

    >>> tf.summary.experimental.set_step(3)
    >>> tf.summary.experimental.get_step()
    3
    >>> tf.summary.experimental.set_step(None)
    """
    return context.summaries[1]


def set_step(step: Any) -> None:
    """Sets the step of this thread's summaries that name none.

    Args:
      step: an integer, a tensor, or a Variable, whose value at the time counts; None for none.
    """
    writer, _, condition = context.summaries
    context.summaries = (writer, step, condition)


def step_tensor(step: Any) -> Tensor:
    """The step of a summary: the one given, otherwise the default one.

    Raises:
      ValueError: if there is none.
    """
    step = get_step() if step is None else step
    if step is None:
        raise ValueError(NO_STEP)
    if isinstance(step, np.generic):
        step = step.item()
    value = step if not isinstance(step, (int, float, str)) else constant(step, int64)
    return cast(value, int64)  # type: ignore[no-any-return]


@contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """Summaries inside the `with` block are written only if the condition holds.

    Args:
      condition: a bool, a bool tensor, or a function that returns one, asked each time.

    >>> with tf.summary.record_if(False):
    ...     print(tf.summary.should_record_summaries().numpy())
    False
    """
    writer, step, before = context.summaries
    context.summaries = (writer, step, condition)
    try:
        yield
    finally:
        context.summaries = (*context.summaries[:2], before)


def should_record() -> Any:
    """Whether summaries are written: a bool or a tensor."""
    if default_writer() is None:
        return False
    condition = context.summaries[2]
    condition = condition() if callable(condition) else condition
    return True if condition is None else condition


def should_record_summaries() -> Tensor:
    """Whether summaries are written now: there is a writer, and the condition of `record_if` holds.

    Returns:
      A bool scalar.

    >>> tf.summary.should_record_summaries().numpy()
    np.False_
    """
    answer = should_record()
    return identity(answer) if isinstance(answer, Tensor) else constant(bool(answer))
