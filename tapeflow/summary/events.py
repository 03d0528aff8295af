"""Files of events, which TensorBoard reads: records, each an `Event` message."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import socket
import threading
import time
from typing import Any

import numpy as np

from ..base import errors
from ..base.paths import Output, as_path, file_error
from ..graph.tensor_proto import fill_tensor, messages
from ..io.records import frame

_numbers = itertools.count()
_MAX_QUEUE, _FLUSH_MILLIS = 10, 120_000


@functools.cache
def event_messages() -> Any:
    """The module with the message `Event`.

    Raises:
      ImportError: if TensorBoard is not installed.
    """
    messages()
    from tensorboard.compat.proto import event_pb2

    return event_pb2


@functools.cache
def summary_messages() -> Any:
    """The module with the messages `Summary` and `SummaryMetadata`.

    Raises:
      ImportError: if TensorBoard is not installed.
    """
    messages()
    from tensorboard.compat.proto import summary_pb2

    return summary_pb2


class EventFile:
    """A new file of events in a directory, which is made if need be.

    Events are kept until there are more than `max_queue`, or the last were written `flush_millis` ago. Written events
    survive the death of the process.

    Args:
      logdir: the directory.
      max_queue: how many events are kept.
      flush_millis: for how long.
      suffix: what the file's name ends with.

    Raises:
      PermissionDeniedError, FailedPreconditionError, ...: if the file cannot be made or written.
    """

    def __init__(self, logdir: str, max_queue: int, flush_millis: int, suffix: str) -> None:
        folder = as_path(logdir)
        name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.{next(_numbers)}"
        self.path = os.path.join(folder, name + suffix)
        self._max_queue, self._period = max_queue, flush_millis / 1000
        self._lock = threading.Lock()
        self._waiting = 0
        self._flushed = time.monotonic()
        try:
            os.makedirs(folder, exist_ok=True)
        except FileExistsError:
            raise errors.FailedPreconditionError(None, None, f"{folder} is not a directory") from None
        except OSError as error:
            raise file_error(error, folder) from None
        self._file = Output(self.path)
        event = event_messages().Event(wall_time=time.time(), file_version="brain.Event:2")
        event.source_metadata.writer = "tapeflow.summary"
        self.add(event)
        self.flush()

    def add(self, event: Any) -> None:
        """Adds an event."""
        data = frame(event.SerializeToString())
        with self._lock:
            self._file.write(data)
            self._waiting += 1
            if self._waiting > self._max_queue or time.monotonic() - self._flushed > self._period:
                self._flush()

    def flush(self) -> None:
        """Writes all events."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        self._waiting = 0
        self._flushed = time.monotonic()
        self._file.flush()

    def close(self) -> None:
        """Writes all events, and closes the file."""
        with self._lock:
            self._file.close()


def tensor_event(step: int, tag: str, array: np.ndarray[Any, Any], metadata: bytes) -> Any:
    """The event of a tensor with a tag and a `SummaryMetadata`."""
    from google.protobuf.message import DecodeError

    event = event_messages().Event(wall_time=time.time(), step=step)
    value = event.summary.value.add(tag=tag)
    fill_tensor(value.tensor, array)
    if metadata:
        with contextlib.suppress(DecodeError):  # TensorFlow takes bytes that are no message for an empty one
            value.metadata.ParseFromString(metadata)
    return event


def event_file(logdir: Any, max_queue: Any, flush_millis: Any, suffix: Any) -> EventFile:
    """An `EventFile`, with TensorFlow's defaults for what is None."""
    return EventFile(
        as_path(logdir),
        _MAX_QUEUE if max_queue is None else int(max_queue),
        _FLUSH_MILLIS if flush_millis is None else int(flush_millis),
        ".v2" if suffix is None else str(suffix),
    )
