"""Event files, as far as TensorBoard's own reader reads them; tests that use them are skipped without TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorboard")

from tensorboard.compat.proto import event_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New


def events(folder: Any) -> list[Any]:
    """The events in the files of a folder."""
    found = []
    for path in sorted(Path(folder).glob("*tfevents*")):
        reader = PyRecordReader_New(str(path))
        while True:
            try:
                reader.GetNext()
            except Exception:  # the end, or a record that is cut off
                break
            found.append(event_pb2.Event.FromString(reader.record()))
    return found
