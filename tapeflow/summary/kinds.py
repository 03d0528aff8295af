"""The kinds of summaries, as TensorBoard's plugins read them: scalars, histograms, images, text, sound."""

from __future__ import annotations

from typing import Any

from ..base import dtypes
from ..base.context import context
from ..core.convert import convert
from ..core.tensor import Tensor
from ..ops import audio as audio_codecs
from ..ops import (
    casting,
    comparison,
    creation,
    elementwise,
    image_png,
    joining,
    layout,
    passing,
    ranges,
    reduction,
    segment,
    sizes,
    strings,
)  # fmt: skip
from .events import summary_messages
from .writing import summary_scope, write

_BUCKETS = 30
_ENCODINGS = {"wav": 11}


def _metadata(plugin: str, description: str | None, content: bytes = b"") -> bytes:
    """A `SummaryMetadata`; the content is the plugin's own message, of which only version 0 exists."""
    metadata = summary_messages().SummaryMetadata(summary_description=description or "")
    metadata.plugin_data.plugin_name = plugin
    metadata.plugin_data.content = content
    data: bytes = metadata.SerializeToString()
    return data


def _written(
    name: str, default: str, make: Any, step: Any, plugin: str, description: str | None, content: bytes = b""
) -> Tensor:
    if context.summaries[0] is None:
        return creation.constant(False)
    with summary_scope(name, default) as (tag, _):
        return write(tag, make, step, _metadata(plugin, description, content))


def scalar(name: str, data: Any, step: Any = None, description: str | None = None) -> Tensor:
    """Writes a number, if there is a default writer.

    Args:
      name: its name; the name scopes that are open stand before it.
      data: the number, of any dtype that can be cast to float32.
      step: the step; by default that of the writer or `set_step`.
      description: text about it, in Markdown.

    Returns:
      A bool scalar: whether it was written.

    Raises:
      ValueError: if there is a writer and no step, or `data` is not a scalar.

    >>> import tempfile
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     for step in range(3):
    ...         _ = tf.summary.scalar("loss", 1 / (1 + step), step=step)
    """
    if context.summaries[0] is not None:
        _check_rank(convert(data), 0)
    return _written(name, "scalar_summary", lambda: casting.cast(data, dtypes.float32), step, "scalars", description)


def _check_rank(tensor: Tensor, rank: int) -> None:
    found = tensor.shape.rank
    if found is None or found == rank:
        return
    if not rank:
        raise ValueError(f"Expected scalar shape, saw shape: {tensor.shape}.")
    raise ValueError(f"Tensor  must have rank {rank}.  Received rank {found}, shape {tensor.shape}")


def histogram(
    name: str, data: Any, step: Any = None, buckets: int | None = None, description: str | None = None
) -> Tensor:
    """Writes how often values of a tensor lie in each of some ranges, if there is a default writer.

    Args:
      name: its name; the name scopes that are open stand before it.
      data: the values, of any shape and any dtype that can be cast to float64.
      step: the step; by default that of the writer or `set_step`.
      buckets: the number of ranges, 30 unless given.
      description: text about it, in Markdown.

    Returns:
      A bool scalar: whether it was written.

    Raises:
      ValueError: if there is a writer and no step.

    >>> import tempfile
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     _ = tf.summary.histogram("weights", tf.random.normal([1000]), step=1)
    """
    count = _BUCKETS if buckets is None else buckets

    def make() -> Tensor:
        return _buckets(layout.reshape(casting.cast(passing.stop_gradient(data), dtypes.float64), [-1]), count)

    return _written(name, "histogram_summary", make, step, "histograms", description)


def _buckets(data: Tensor, count: int) -> Tensor:
    """A row for each range: its ends, and how many of the values lie in it; all zeros if there are no values."""
    if count <= 0:
        return creation.zeros([0, 3], dtypes.float64)
    low, high = reduction.reduce_min(data), reduction.reduce_max(data)
    none = high < low  # of no values, the least is infinity
    low, high = (comparison.where(none, creation.zeros([], dtypes.float64), end) for end in (low, high))
    edges = ranges.linspace(low, high, count + 1)
    # A value in the last range, or values that are all the same, may come out as the one after the last. What is not
    # a number is in none.
    place = elementwise.floor((data - low) / ((high - low) / count))
    place = comparison.where(comparison.equal(high, low), creation.constant(float(count), dtypes.float64), place)
    index = casting.cast(elementwise.minimum(place, count - 1.0), dtypes.int32)
    index = comparison.where(comparison.equal(place, place), index, -1)
    counts = segment.unsorted_segment_sum(creation.ones_like(data), index, count)
    return joining.stack([edges[:-1], edges[1:], counts], 1)


def image(name: str, data: Any, step: Any = None, max_outputs: int = 3, description: str | None = None) -> Tensor:
    """Writes images, if there is a default writer.

    Args:
      name: their name; the name scopes that are open stand before it.
      data: the images, `[k, height, width, channels]` with 1 to 4 channels: uint8, or floats from 0 to 1, or integers
        with their dtype's whole range.
      step: the step; by default that of the writer or `set_step`.
      max_outputs: how many of them are written.
      description: text about them, in Markdown.

    Returns:
      A bool scalar: whether they were written.

    Raises:
      ValueError: if there is a writer and no step, or `data` has another rank.

    >>> import tempfile
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     _ = tf.summary.image("noise", tf.random.uniform([2, 8, 8, 3]), step=1)
    """
    if context.summaries[0] is not None:
        _check_outputs(data, 4, max_outputs)

    def make() -> Tensor:
        from ..ops.image_colors import convert_image_dtype

        pixels = convert_image_dtype(convert(data), dtypes.uint8, saturate=True)[:max_outputs]
        size = sizes.shape(pixels)
        encoded = _each(image_png.encode_png, pixels)
        return joining.concat([strings.as_string(joining.stack([size[2], size[1]])), encoded], 0)

    return _written(name, "image_summary", make, step, "images", description)


def _check_outputs(data: Any, rank: int, max_outputs: int) -> None:
    from ..ops.debugging import assert_non_negative

    assert_non_negative(max_outputs)
    _check_rank(convert(data), rank)


def _each(function: Any, elements: Tensor) -> Tensor:
    """A string for each element."""
    count = elements.shape[0]
    if count is not None:
        made = [function(elements[i]) for i in range(count)]
        return joining.stack(made) if made else creation.zeros([0], dtypes.string)
    from ..graph.functional import map_fn

    result: Tensor = map_fn(function, elements, fn_output_signature=dtypes.string)
    return result


def text(name: str, data: Any, step: Any = None, description: str | None = None) -> Tensor:
    """Writes text, if there is a default writer.

    Args:
      name: its name; the name scopes that are open stand before it.
      data: the text in Markdown; a string tensor of more dimensions is shown as a table.
      step: the step; by default that of the writer or `set_step`.
      description: text about it, in Markdown.

    Returns:
      A bool scalar: whether it was written.

    Raises:
      ValueError: if there is a writer and no step.
      TypeError: if `data` is no string.

    >>> import tempfile
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     _ = tf.summary.text("settings", "learning rate: **0.1**", step=0)
    """

    def make() -> Tensor:
        tensor = convert(data)
        if tensor.dtype is not dtypes.string:
            raise TypeError(f"tensor must be of type {dtypes.string!r}; got {tensor.dtype!r}")
        return tensor

    return _written(name, "text_summary", make, step, "text", description)


def audio(
    name: str,
    data: Any,
    sample_rate: Any,
    step: Any = None,
    max_outputs: int = 3,
    encoding: str | None = None,
    description: str | None = None,
) -> Tensor:
    """Writes sounds, if there is a default writer.

    Args:
      name: their name; the name scopes that are open stand before it.
      data: the sounds, `[k, samples, channels]`, floats from -1 to 1.
      sample_rate: samples in a second.
      step: the step; by default that of the writer or `set_step`.
      max_outputs: how many of them are written.
      encoding: "wav", or None, which means the same.
      description: text about them, in Markdown.

    Returns:
      A bool scalar: whether they were written.

    Raises:
      ValueError: if there is a writer and no step, `data` has another rank, or for another encoding.

    >>> import tempfile
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     _ = tf.summary.audio("tone", tf.sin(tf.range(800.0))[None, :, None], 8000, step=1)
    """
    if encoding not in (None, *_ENCODINGS):
        raise ValueError(f"Unknown encoding: {encoding!r}")
    if context.summaries[0] is not None:
        _check_outputs(data, 3, max_outputs)

    def make() -> Tensor:
        rate = casting.cast(sample_rate, dtypes.int32)
        encoded = _each(lambda one: audio_codecs.encode_wav(one, rate), convert(data)[:max_outputs])
        return joining.stack([encoded, _empty(encoded)], 1)

    return _written(name, "audio_summary", make, step, "audio", description, content=bytes([16, _ENCODINGS["wav"]]))


def _empty(tensor: Tensor) -> Tensor:
    """Empty strings."""
    return creation.fill(sizes.shape(tensor), "")
