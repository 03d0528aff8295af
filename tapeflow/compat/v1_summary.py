"""`tf.compat.v1.summary`: what its functions do where nothing collects summaries: outside of sessions."""

from __future__ import annotations

from typing import Any

from ..core.convert import convert
from ..core.tensor import Tensor
from ..ops.creation import constant
from .v1 import _message


def _nothing(tensor: Any) -> Tensor:
    """No summary: an empty one. TensorFlow 2 gives that too, eagerly and in functions."""
    convert(tensor)
    return constant(b"")


def scalar(name: str, tensor: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """An empty summary; `tf.summary.scalar` writes one.

    Args:
      name: its name.
      tensor: the number.
      collections: not used.
      family: not used.

    >>> tf.compat.v1.summary.scalar("loss", 0.5).numpy()
    b''
    """
    return _nothing(tensor)


def histogram(name: str, values: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """An empty summary; `tf.summary.histogram` writes one."""
    return _nothing(values)


def image(
    name: str, tensor: Any, max_outputs: int = 3, collections: Any = None, family: str | None = None
) -> Tensor:
    """An empty summary; `tf.summary.image` writes one."""
    return _nothing(tensor)


def text(name: str, tensor: Any, collections: Any = None) -> Tensor:
    """An empty summary; `tf.summary.text` writes one."""
    return _nothing(tensor)


def audio(
    name: str, tensor: Any, sample_rate: Any, max_outputs: int = 3, collections: Any = None, family: str | None = None
) -> Tensor:
    """An empty summary; `tf.summary.audio` writes one."""
    return _nothing(tensor)


def merge(inputs: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """Refuses: there are no summaries to be merged.

    Raises:
      RuntimeError: always, as in TensorFlow 2.
    """
    raise RuntimeError(
        "Merging tf.summary.* ops is not compatible with eager execution. Use tf.contrib.summary instead."
    )


def merge_all(key: str | None = None, scope: Any = None, name: str | None = None) -> Tensor:
    """Refuses: there are no summaries to be merged.

    Raises:
      RuntimeError: always, as in TensorFlow 2.
    """
    raise RuntimeError(
        "Merging tf.summary.* ops is not compatible with eager execution. Use tf.contrib.summary instead."
    )


class FileWriter:
    """Refuses: `tf.summary.create_file_writer` makes writers.

    Raises:
      RuntimeError: always, as in TensorFlow 2.
    """

    def __init__(self, logdir: Any, *_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError(
            "v1.summary.FileWriter is not compatible with eager execution. Use `tf.summary.create_file_writer`,or a "
            "`with v1.Graph().as_default():` context"
        )


def __getattr__(name: str) -> Any:
    if name not in ("Event", "SessionLog", "Summary", "SummaryDescription", "TaggedRunMetadata"):
        raise AttributeError(f"tapeflow has no `tf.compat.v1.summary.{name}` (yet)", name=name)
    return _message(name)
