"""Connectionist temporal classification: sequences of labels for longer sequences of frames."""

from __future__ import annotations

import math
import sys
from typing import Any

from ..base.dtypes import bfloat16, float16, float32, int32, int64
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor, TensorLike
from ..ops.casting import cast
from ..ops.common import select, shape_of
from ..ops.ctc import ctc_beam_search_decoder_op, ctc_greedy_decoder_op, ctc_loss_op
from ..ops.gathering import boolean_mask, gather
from ..ops.joining import concat
from ..ops.layout import reshape, transpose
from ..ops.padding import pad
from ..ops.ranges import range_, sequence_mask
from ..ops.reduction import reduce_logsumexp, reduce_max, reduce_sum
from ..ops.scattering import scatter_nd
from ..ops.softmax import log_softmax
from .functional import foldl, map_fn

_NEVER = -1e30  # the logarithm of 0, but so that differences are numbers
_HARDLY = math.log(1e-307)  # what TensorFlow takes for it where sequences end


def ctc_loss(
    labels: Any,
    logits: TensorLike,
    label_length: TensorLike | None,
    logit_length: TensorLike,
    logits_time_major: bool = True,
    unique: Any = None,
    blank_index: int | None = None,
    name: str | None = None,
) -> Tensor:
    """How surprising sequences of labels are, given for each frame how likely each label and a blank are.

    A sequence may be read off the frames in many ways: each label fills one frame or more, with blanks in between,
    of which there is at least one between two labels that are the same.

    Args:
      labels: the sequences, (batch, longest), or a SparseTensor of int32.
      logits: floats, (frames, batch, labels and the blank).
      label_length: how many labels each sequence has; not used for a SparseTensor.
      logit_length: how many frames each example has.
      logits_time_major: whether frames come before the batch.
      unique: what `ctc_unique_labels` says of the labels; a hint, the result is the same without.
      blank_index: which of the classes is the blank, by default the first; from the end if it is negative.

    Returns:
      A loss for each example.

    Raises:
      ValueError: for a SparseTensor without `blank_index`.

    >>> loss = tf.nn.ctc_loss([[1]], tf.zeros([2, 1, 2]), label_length=[1], logit_length=[2])
    >>> loss.numpy()  # 1-1, 1-blank, blank-1 of four ways
    array([0.2876821], dtype=float32)
    """
    x = convert(logits)
    dtype = x.dtype
    if dtype in (float16, bfloat16):
        x = cast(x, float32)
    if not logits_time_major:
        x = transpose(x, [1, 0, 2])
    if hasattr(labels, "dense_shape"):
        loss = _sparse_loss(labels, x, logit_length, blank_index)
    else:
        rows = cast(convert(labels), int32)
        blank = 0 if blank_index is None else blank_index
        if blank < 0:
            blank = blank + shape_of(x)[2]
        lengths = cast(convert(label_length), int32), cast(convert(logit_length), int32)
        loss = _dense_loss(rows, x, *lengths, blank)
    result: Tensor = cast(loss, dtype)
    return result


def _sparse_loss(labels: Any, x: Tensor, lengths: TensorLike, blank: int | None) -> Tensor:
    if blank is None:
        raise ValueError("Argument `blank_index` must be provided when `labels` is a `SparseTensor`.")
    place: Any = blank + shape_of(x)[2] if blank < 0 else blank
    values = labels.values
    last = concat([x[:, :, :place], x[:, :, place + 1 :], x[:, :, place : place + 1]], 2)
    moved = OPS["SelectV2"](values < place, values, values - 1)
    loss: Tensor = ctc_loss_op(last, labels.indices, moved, cast(convert(lengths), int32))[0]
    return loss


def _dense_loss(labels: Tensor, x: Tensor, label_length: Tensor, logit_length: Tensor, blank: Any) -> Tensor:
    """The sum over all ways, frame by frame, of how likely it is to have read so much of blank-label-blank-..."""
    batch, longest = shape_of(labels)
    blanks = OPS["Fill"]((batch, longest), convert(blank, int32))
    row = pad(reshape(OPS["Pack"](blanks, labels, axis=2), (batch, -1)), [[0, 0], [0, 1]], constant_values=blank)
    number = range_(2 * longest + 1)
    again = OPS["Equal"](row[:, 2:], row[:, :-2])
    skip = pad(_log_of(OPS["LogicalNot"](again), x), [[0, 0], [2, 0]], constant_values=_NEVER)
    seen = _seen(log_softmax(x), row)
    real = transpose(sequence_mask(logit_length, shape_of(x)[0]))

    def step(state: Tensor, frame: Any) -> Tensor:
        observed, mask = frame
        ways = [state, _later(state, 1), _later(state, 2) + skip]
        after = reduce_logsumexp(OPS["Pack"](*ways, axis=0), 0) + observed
        return OPS["SelectV2"](OPS["ExpandDims"](mask, 1), after, state)  # type: ignore[no-any-return]

    start = _log_of(OPS["Equal"](number, 0), x) + OPS["Fill"]((batch, 1), convert(0.0, x.dtype))
    state = foldl(step, (seen, real), start)
    end = OPS["ExpandDims"](2 * label_length, 1)
    ends = OPS["LogicalOr"](OPS["Equal"](number, end), OPS["Equal"](number, end - 1))
    return -reduce_logsumexp(state + select(ends, OPS["ZerosLike"](state), _HARDLY), 1)


def _log_of(condition: Tensor, like: Tensor) -> Tensor:
    """The logarithm of 1 where the condition holds, of (hardly more than) 0 elsewhere."""
    result: Tensor = OPS["SelectV2"](condition, convert(0.0, like.dtype), convert(_NEVER, like.dtype))
    return result


def _later(state: Tensor, places: int) -> Tensor:
    size = shape_of(state)[1]
    return pad(state, [[0, 0], [places, 0]], constant_values=_NEVER)[:, :size]


def _seen(logp: Tensor, row: Tensor) -> Tensor:
    """(frames, batch, places in the row): how likely the label of each place is; 1 for what is no class."""
    classes = shape_of(logp)[2]
    known = OPS["LogicalAnd"](row >= 0, row < classes)
    places = OPS["SelectV2"](known, row, 0)
    seen = gather(transpose(logp, [1, 0, 2]), places, axis=2, batch_dims=1)
    result: Tensor = OPS["SelectV2"](known, transpose(seen, [1, 0, 2]), convert(0.0, logp.dtype))
    return result


# ---------------------------------------------------------------- decoders


def _sparse_tensor(indices: Tensor, values: Tensor, shape: Tensor) -> Any:
    package: Any = sys.modules["tapeflow"]  # the class loads late
    return package.SparseTensor(indices, values, shape)


def ctc_greedy_decoder(
    inputs: TensorLike, sequence_length: TensorLike, merge_repeated: bool = True, blank_index: int | None = None
) -> tuple[list[Any], Tensor]:
    """The most likely class of each frame, without blanks.

    Args:
      inputs: logits, (frames, batch, classes).
      sequence_length: how many frames each example has, int32.
      merge_repeated: whether a class that several frames in a row have counts once.
      blank_index: which class is the blank, by default the last.

    Returns:
      A list of one SparseTensor (batch, longest) with the labels, and for each example the sum of the largest logits,
      negated.

    Raises:
      FailedPreconditionError: if the lengths do not fit.
    """
    blank = -1 if blank_index is None else blank_index
    indices, values, shape, score = ctc_greedy_decoder_op(
        inputs, sequence_length, merge_repeated=merge_repeated, blank_index=blank
    )
    return [_sparse_tensor(indices, values, shape)], score


def ctc_beam_search_decoder(
    inputs: TensorLike, sequence_length: TensorLike, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[Any], Tensor]:
    """The most likely sequences of labels, in a search that keeps the `beam_width` best beginnings.

    Args:
      inputs: logits, (frames, batch, classes); the last class is the blank.
      sequence_length: how many frames each example has, int32.
      beam_width: how many beginnings are kept.
      top_paths: how many sequences are wanted.

    Returns:
      A list of SparseTensors (batch, longest), the most likely labels first, and the logarithms of how likely they are.

    Raises:
      InvalidArgumentError: if there are not so many sequences.
      FailedPreconditionError: if the lengths do not fit.
    """
    *parts, score = ctc_beam_search_decoder_op(
        inputs, sequence_length, beam_width=beam_width, top_paths=top_paths, merge_repeated=False
    )
    n = top_paths
    found = zip(parts[:n], parts[n : 2 * n], parts[2 * n :], strict=True)
    return [_sparse_tensor(*each) for each in found], score


# ---------------------------------------------------------------- labels


def ctc_unique_labels(labels: TensorLike, name: str | None = None) -> list[Tensor]:
    """For each row the labels that are in it, in order, filled up with 0, and where in them each label is.

    >>> values, places = tf.nn.ctc_unique_labels([[3, 4, 4, 3]])
    >>> values.numpy(), places.numpy()
    (array([[3, 4, 0, 0]]), array([[0, 1, 1, 0]], dtype=int32))
    """

    def one(row: Tensor) -> tuple[Tensor, Tensor]:
        values, places = OPS["Unique"](row)
        missing = OPS["Sub"](OPS["Size"](places), OPS["Size"](values))
        filled = OPS["PadV2"](values, [[0, missing]], convert(0, values.dtype))
        return cast(filled, int64), places

    return list(map_fn(one, convert(labels), dtype=(int64, int32)))


def collapse_repeated(labels: TensorLike, seq_length: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Labels of which those that follow themselves are left out.

    Args:
      labels: the sequences, (batch, longest).
      seq_length: how many labels each has.

    Returns:
      The sequences, filled up with 0 to the longest, and how many labels each has.

    >>> values, lengths = tf.nn.collapse_repeated([[1, 1, 2, 2, 1], [1, 2, 3, 4, 5]], [5, 4])
    >>> values.numpy(), lengths.numpy()
    (array([[1, 2, 1, 0],
           [1, 2, 3, 4]], dtype=int32), array([3, 4], dtype=int32))
    """
    rows, lengths = convert(labels), convert(seq_length)
    first = OPS["OnesLike"](OPS["Equal"](rows[:, :1], rows[:, :1]))
    kept = concat([first, OPS["NotEqual"](rows[:, 1:], rows[:, :-1])], 1)
    kept = OPS["LogicalAnd"](kept, sequence_mask(lengths, shape_of(rows)[1]))
    counts = reduce_sum(cast(kept, int32), 1)
    longest = reduce_max(counts)
    filled = sequence_mask(counts, longest)
    places = cast(OPS["Where"](filled), int32)
    values = scatter_nd(places, boolean_mask(rows, kept), cast(OPS["Shape"](filled), int32))
    return values, cast(counts, lengths.dtype)
