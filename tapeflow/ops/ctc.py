"""Ops of connectionist temporal classification: its loss for sparse labels, and decoders. Logits are time major."""

from __future__ import annotations

import heapq
import itertools
import math
from typing import Any

import numpy as np

from ..base import errors
from ..base.dtypes import float32, float64
from ..base.shapes import Shape
from ..core.op import OPS, op
from ..core.tensor import Array
from .common import only_host

_TYPES = (float32, float64)
_ZERO = -np.inf  # the logarithm of 0


def _check(x: Array, lengths: Array, refuse: Any = errors.invalid) -> None:
    if x.ndim != 3:
        raise errors.invalid("inputs is not a 3-Tensor")
    if lengths.shape != (x.shape[1],):
        raise refuse(
            f"len(sequence_length) != batch_size.  len(sequence_length):  {lengths.size} batch_size: {x.shape[1]}"
        )
    if (lengths > x.shape[0]).any():
        raise refuse(f"sequence_length({int((lengths > x.shape[0]).argmax())}) <= {x.shape[0]}")


def _log_softmax(x: Array) -> Array:
    wide = x.astype(np.float64)
    wide = wide - wide.max(-1, keepdims=True, initial=-np.inf)
    return wide - np.log(np.exp(wide).sum(-1, keepdims=True))


# ---------------------------------------------------------------- the loss


def _loss_shape(x: Shape, *_rest: Any, **_attrs: Any) -> tuple[Shape, Shape]:
    if x is not None and len(x) != 3:
        raise errors.invalid("inputs is not a 3-Tensor")
    return (None if x is None else x[1],), x


def _sequences(indices: Array, values: Array, batch: int, blank: int, collapse: bool) -> list[list[int]]:
    """The labels of each example, up to the first that is no class."""
    rows: list[list[int]] = [[] for _ in range(batch)]
    for (row, _), value in zip(indices.tolist(), values.tolist(), strict=True):
        rows[row].append(value)
    found = []
    for i, row in enumerate(rows):
        if not row:
            raise errors.invalid(f"Labels length is zero in batch {i}")
        if min(row) < 0:
            raise errors.invalid(
                f"All labels must be nonnegative integers, batch: {i} labels: {','.join(map(str, row))}"
            )
        kept = list(itertools.takewhile(lambda label: label < blank, row))
        found.append([label for label, _ in itertools.groupby(kept)] if collapse else kept)
    return found


def _needed(labels: list[int], merge: bool) -> int:
    return len(labels) + (sum(a == b for a, b in itertools.pairwise(labels)) if merge else 0)


def _one_loss(logp: Array, labels: list[int], merge: bool) -> tuple[float, Array]:
    """The loss of one example with log probabilities (time, classes), and how likely each class is at each time."""
    blank = logp.shape[1] - 1
    states = np.full(2 * len(labels) + 1, blank)
    states[1::2] = labels
    stay = np.where((states == blank) | merge, 0.0, _ZERO)
    skip = np.full(states.size, _ZERO)
    skip[2:][(states[2:] != blank) & ~(merge & (states[2:] == states[:-2]))] = 0
    seen = logp[:, states]
    alpha, beta = np.full(seen.shape, _ZERO), np.full(seen.shape, _ZERO)
    alpha[0, :2], beta[-1, -2:] = seen[0, :2], 0
    for t in range(1, len(seen)):
        alpha[t] = seen[t] + _step(alpha[t - 1], stay, skip)
        ahead = beta[-t] + seen[-t]
        beta[-t - 1] = _step_back(ahead, stay, skip)
    paths = alpha + beta
    total = np.logaddexp.reduce(paths[-1])
    likely = np.zeros(logp.shape)
    np.add.at(likely.T, states, np.exp(paths - total).T)
    return -float(total), likely


def _step(before: Array, stay: Array, skip: Array) -> Array:
    after = before + stay
    after[1:] = np.logaddexp(after[1:], before[:-1])
    after[2:] = np.logaddexp(after[2:], before[:-2] + skip[2:])
    return after


def _step_back(ahead: Array, stay: Array, skip: Array) -> Array:
    before = ahead + stay
    before[:-1] = np.logaddexp(before[:-1], ahead[1:])
    before[:-2] = np.logaddexp(before[:-2], ahead[2:] + skip[2:])
    return before


@op(
    "CTCLoss",
    "inputs:T, labels_indices:int64, labels_values:int32, sequence_length:int32 -> loss:T, gradient:T",
    shape=_loss_shape, T=_TYPES,
)  # fmt: skip
def ctc_loss_op(
    xp: Any, x: Array, indices: Array, values: Array, lengths: Array, *, preprocess_collapse_repeated: bool = False,
    ctc_merge_repeated: bool = True, ignore_longer_outputs_than_inputs: bool = False,
) -> tuple[Array, Array]:  # fmt: skip
    _check(x, lengths)
    labels = _sequences(indices, values, x.shape[1], x.shape[2] - 1, preprocess_collapse_repeated)
    loss, gradient, logp = np.zeros(x.shape[1]), np.zeros(x.shape), _log_softmax(x)
    for i, (row, length) in enumerate(zip(labels, lengths.tolist(), strict=True)):
        needed = _needed(row, ctc_merge_repeated)
        if needed > length and not ignore_longer_outputs_than_inputs:
            raise errors.invalid(
                f"Not enough time for target transition sequence (required: {needed}, available: {length}){i}"
                "You can turn this error into a warning by using the flag ignore_longer_outputs_than_inputs"
            )
        if length and needed <= length:
            loss[i], likely = _one_loss(logp[:length, i], row, ctc_merge_repeated)
            gradient[:length, i] = np.exp(logp[:length, i]) - likely
    return loss.astype(x.dtype), gradient.astype(x.dtype)


@ctc_loss_op.gradient
def _(grads: Any, outputs: Any, _x: Any, _indices: Any, _values: Any, _lengths: Any, **_attrs: Any) -> Any:
    if grads[0] is None:
        return (None,) * 4
    each = OPS["ExpandDims"](OPS["ExpandDims"](grads[0], -1), 0)
    return each * OPS["StopGradient"](outputs[1]), None, None, None


# ---------------------------------------------------------------- decoders


def _sparse(rows: list[list[int]]) -> tuple[Array, Array, Array]:
    """Indices, values and shape of sequences."""
    places = [(i, k) for i, row in enumerate(rows) for k in range(len(row))]
    values = [label for row in rows for label in row]
    longest = max(map(len, rows), default=0)
    return (
        np.array(places, np.int64).reshape(-1, 2), np.array(values, np.int64), np.array([len(rows), longest], np.int64)
    )  # fmt: skip


def _failed(message: str) -> Exception:
    return errors.FailedPreconditionError(None, None, message)


def _greedy_shape(x: Shape, _lengths: Shape, **_attrs: Any) -> tuple[Shape, ...]:
    return (None, 2), (None,), (2,), (None if x is None else x[1], 1)


@op(
    "CTCGreedyDecoder",
    "inputs:T, sequence_length:int32 -> decoded_indices:int64, decoded_values:int64, decoded_shape:int64, "
    "log_probability:T",
    shape=_greedy_shape, differentiable=False, T=_TYPES,
)  # fmt: skip
def ctc_greedy_decoder_op(
    xp: Any, x: Array, lengths: Array, *, merge_repeated: bool = False, blank_index: int = -1
) -> tuple[Array, ...]:
    _check(x, lengths, _failed)
    classes = x.shape[2]
    if not -classes <= blank_index < classes:
        raise errors.invalid(f"blank_index expected to be between -{classes} and {classes - 1} but was {blank_index}")
    best = x.argmax(2)
    real = np.arange(x.shape[0])[:, None] < lengths
    kept = real & (best != blank_index % classes)
    if merge_repeated:
        kept[1:] &= best[1:] != best[:-1]
    rows = [best[kept[:, i], i].tolist() for i in range(x.shape[1])]
    score = 0.0 - np.where(real, x.max(2, initial=-np.inf), 0).sum(0, dtype=np.float64)
    return *_sparse(rows), score.astype(x.dtype)[:, None]


class _Prefix:
    """A beginning of a sequence of labels, with the probabilities that it was read so far, by what was read last."""

    __slots__ = ("blank", "children", "label", "old", "parent", "said", "total")

    def __init__(self, parent: _Prefix | None, label: int) -> None:
        self.parent, self.label = parent, label
        self.children: dict[int, _Prefix] = {}
        self.old = (_ZERO, _ZERO)  # total and blank, a step ago
        self.forget()

    def forget(self) -> None:
        self.total = self.blank = self.said = _ZERO

    def labels(self, merge_repeated: bool) -> list[int]:
        found: list[int] = []
        at: _Prefix | None = self
        previous = -1
        while at is not None and at.parent is not None:
            if not merge_repeated or at.label != previous:
                found.append(at.label)
            previous, at = at.label, at.parent
        return found[::-1]


def _add(a: float, b: float) -> float:
    """The logarithm of a sum, of logarithms."""
    high, low = (a, b) if a > b else (b, a)
    return high if low == _ZERO else high + math.log1p(math.exp(low - high))


class _Beam:
    """The most likely prefixes."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.number = itertools.count()
        root = _Prefix(None, -1)
        root.total = root.blank = 0.0
        self.leaves = [(0.0, 0, root)]

    def step(self, logp: list[float]) -> None:
        """Reads the classes' probabilities at the next time; the last class is the blank."""
        branches = [leaf for _, _, leaf in sorted(self.leaves, key=lambda leaf: (-leaf[0], leaf[1]))]
        for leaf in branches:
            leaf.old = leaf.total, leaf.blank
        self.leaves = []
        for leaf in branches:
            self._read(leaf, logp)
            self._push(leaf)
        for leaf in branches:
            if self._is_candidate(leaf.old[0]):
                self._grow(leaf, logp)

    def _read(self, leaf: _Prefix, logp: list[float]) -> None:
        parent = leaf.parent
        if parent is not None:
            if parent.total != _ZERO:
                leaf.said = _add(leaf.said, parent.old[1] if leaf.label == parent.label else parent.old[0])
            leaf.said += logp[leaf.label]
        leaf.blank = leaf.old[0] + logp[-1]
        leaf.total = _add(leaf.blank, leaf.said)

    def _grow(self, leaf: _Prefix, logp: list[float]) -> None:
        for label, p in enumerate(logp[:-1]):
            child = leaf.children.get(label)
            if child is not None and child.total != _ZERO:
                continue
            score = p + leaf.old[1 if label == leaf.label else 0]
            if self._is_candidate(score):
                child = leaf.children.setdefault(label, _Prefix(leaf, label))
                child.said = child.total = score
                self._push(child)

    def _is_candidate(self, score: float) -> bool:
        return score > _ZERO and (len(self.leaves) < self.width or score > self.leaves[0][0])

    def _push(self, leaf: _Prefix) -> None:
        if len(self.leaves) == self.width:
            heapq.heappop(self.leaves)[2].forget()
        heapq.heappush(self.leaves, (leaf.total, next(self.number), leaf))

    def top(self, count: int) -> list[_Prefix]:
        if len(self.leaves) < count:
            raise errors.invalid("Less leaves in the beam search than requested.")
        return [leaf for _, _, leaf in sorted(self.leaves, key=lambda leaf: (-leaf[0], leaf[1]))][:count]


def _beam_shape(x: Shape, _lengths: Shape, *, top_paths: int, **_attrs: Any) -> tuple[Shape, ...]:
    batch = None if x is None else x[1]
    return *[(None, 2)] * top_paths, *[(None,)] * top_paths, *[(2,)] * top_paths, (batch, top_paths)


@op(
    "CTCBeamSearchDecoder",
    "inputs:T, sequence_length:int32 -> decoded_indices:top_paths*int64, decoded_values:top_paths*int64, "
    "decoded_shape:top_paths*int64, log_probability:T",
    shape=_beam_shape, differentiable=False, T=_TYPES,
)  # fmt: skip
def ctc_beam_search_decoder_op(
    xp: Any, x: Array, lengths: Array, *, beam_width: int, top_paths: int, merge_repeated: bool = True
) -> tuple[Array, ...]:
    _check(x, lengths, _failed)
    if top_paths > beam_width:
        raise errors.invalid("requested more paths than the beam width.")
    paths: list[list[list[int]]] = [[] for _ in range(top_paths)]
    score = np.zeros((x.shape[1], top_paths), x.dtype)
    logp = _log_softmax(x)
    for i, length in enumerate(lengths.tolist()):
        beam = _Beam(beam_width)
        for frame in logp[:length, i].tolist():
            beam.step(frame)
        for k, leaf in enumerate(beam.top(top_paths)):
            paths[k].append(leaf.labels(merge_repeated))
            score[i, k] = leaf.total
    indices, values, sizes = zip(*map(_sparse, paths), strict=True)
    return *indices, *values, *sizes, score


only_host(ctc_loss_op, ctc_greedy_decoder_op, ctc_beam_search_decoder_op)
