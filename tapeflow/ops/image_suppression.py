"""`tf.image`: of boxes that overlap, only those with the best scores are kept.

A box is `[y1, x1, y2, x2]`, any two opposite corners. What two boxes share is measured by their "IOU": the area of the
intersection over that of the union.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host

Overlaps = Callable[[Any, Array], Array]  # `[boxes, others]` of some boxes with others; `[others]` of a single one
_SINGLES = (dtypes.float16, dtypes.float32)
_TILE = 128  # boxes that are looked at together


def _iou_of(boxes: Array) -> Overlaps:
    """Overlaps of boxes `[boxes, 4]`, in float32; those without an area overlap nothing."""
    y1, x1, y2, x2 = np.ascontiguousarray(boxes.astype(np.float32).T)
    sides = [(np.minimum(*ends), np.maximum(*ends)) for ends in ((y1, y2), (x1, x2))]
    areas = (sides[0][1] - sides[0][0]) * (sides[1][1] - sides[1][0])

    def overlaps(some: Any, others: Array) -> Array:
        common: Any = 1
        for low, high in sides:
            shared = np.minimum(high[some][..., None], high[others])
            shared -= np.maximum(low[some][..., None], low[others])
            common = common * np.maximum(shared, 0, out=shared)
        both = areas[some][..., None] + areas[others]
        both -= common
        np.divide(common, both, out=common)
        common[..., areas[others] <= 0] = 0
        return np.where(areas[some][..., None] > 0, common, np.float32(0))

    return overlaps


def select(overlaps: Overlaps, scores: Array, most: int, threshold: Any, score_threshold: Any) -> Array:
    """Greedily the best boxes, none of which overlaps a better one by more than the threshold."""
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] > score_threshold]
    chosen = np.empty(0, order.dtype)
    for start in range(0, len(order), _TILE):
        if len(chosen) >= most:
            break
        tile = order[start : start + _TILE]
        tile = tile[~(overlaps(chosen, tile) > threshold).any(0)]
        clear = ~(overlaps(tile, tile) > threshold)
        left = np.ones(len(tile), bool)
        for i in range(len(tile)):
            if left[i]:
                left[i + 1 :] &= clear[i, i + 1 :]
        chosen = np.concatenate([chosen, tile[left]])
    return chosen[:most].astype(np.int32)


def _select_softly(
    overlaps: Overlaps, scores: Array, most: int, threshold: Any, score_threshold: Any, sigma: Any
) -> tuple[Array, Array]:
    """As `select`, where overlaps lower the scores by `exp(-overlap**2 / (2 * sigma))`; and the scores at last."""
    real = scores.dtype.type
    scale = real(-0.5) / sigma
    queue = [(-score, i, 0) for i, score in enumerate(scores) if score > score_threshold]
    heapq.heapify(queue)
    chosen: list[int] = []
    found: list[Any] = []
    while len(chosen) < most and queue:
        negative, i, seen = heapq.heappop(queue)
        before = score = -negative
        shared = overlaps(i, np.array(chosen[seen:], int)).astype(real)
        for overlap in shared[::-1]:
            score = score * (np.exp(scale * overlap * overlap) if overlap <= threshold else real(0))
            if score <= score_threshold:
                break
        if score == before:
            chosen.append(i)
            found.append(score)
        elif score > score_threshold:
            heapq.heappush(queue, (-score, i, len(chosen)))
    return np.array(chosen, np.int32), np.array(found, scores.dtype)


# ---------------------------------------------------------------- the ops


def _check(boxes: Shape, scores: Shape, most: Any, *thresholds: Shape, overlaps: bool = False) -> None:
    what = "overlaps" if overlaps else "boxes"
    if type(most) is tuple:
        raise errors.invalid(f"max_output_size must be 0-D, got shape {shapes.show((len(most),))}")
    for name, shape in zip(("iou_threshold", "score_threshold"), thresholds, strict=False):
        if shape:
            raise errors.invalid(f"{name} must be 0-D, got shape {shapes.show(shape)}")
    if boxes is not None and len(boxes) != 2:
        raise errors.invalid(
            f"{what} must be 2-D{shapes.show(boxes)} (Shape must be rank 2 but is rank {len(boxes)})"
        )
    if boxes is not None and overlaps and type(boxes[0]) is type(boxes[1]) is int and boxes[0] != boxes[1]:
        raise errors.invalid(f"overlaps must be square{shapes.show(boxes)}")
    if boxes is not None and not overlaps and type(boxes[1]) is int and boxes[1] != 4:
        raise errors.invalid(f"boxes must have 4 columns (Dimension must be 4 but is {boxes[1]})")
    if scores is not None and len(scores) != 1:
        raise errors.invalid(
            f"scores must be 1-D{shapes.show(scores)} (Shape must be rank 1 but is rank {len(scores)})"
        )
    if boxes and scores and type(boxes[0]) is type(scores[0]) is int and boxes[0] != scores[0]:
        raise errors.invalid(
            f"scores has incompatible shape (Dimensions must be equal, but are {boxes[0]} and {scores[0]})"
        )
    if type(most) is int and most < 0:
        raise errors.invalid("output size must be non-negative")


def _check_threshold(threshold: Any) -> None:
    if not 0 <= threshold <= 1:
        raise errors.invalid("iou_threshold must be in [0, 1]")


def _plain_shape(boxes: Shape, scores: Shape, most: Any, *thresholds: Shape, **_attrs: Any) -> Shape:
    _check(boxes, scores, most, *thresholds)
    return (None,)


def _selected(boxes: Array, scores: Array, most: int, threshold: Any, score_threshold: Any) -> Array:
    _check(boxes.shape, scores.shape, most, np.shape(threshold), np.shape(score_threshold))
    _check_threshold(threshold)
    return select(_iou_of(boxes), scores, most, threshold, score_threshold)


_LOWEST = -np.inf


@op(
    "NonMaxSuppression", "boxes:float, scores:float, max_output_size:int32 -> selected_indices:int32",
    static=("max_output_size",), shape=_plain_shape, differentiable=False,
)  # fmt: skip
def _suppress(xp: Any, boxes: Array, scores: Array, max_output_size: int, *, iou_threshold: float = 0.5) -> Array:
    return _selected(boxes, scores, max_output_size, np.float32(iou_threshold), _LOWEST)


@op(
    "NonMaxSuppressionV2",
    "boxes:T, scores:T, max_output_size:int32, iou_threshold:T_threshold -> selected_indices:int32",
    static=("max_output_size",), shape=_plain_shape, differentiable=False, T=_SINGLES, T_threshold=_SINGLES,
)  # fmt: skip
def _suppress_v2(xp: Any, boxes: Array, scores: Array, max_output_size: int, iou_threshold: Array) -> Array:
    return _selected(boxes, scores, max_output_size, iou_threshold, _LOWEST)


_V3 = "boxes:T, scores:T, max_output_size:int32, iou_threshold:T_threshold, score_threshold:T_threshold"


@op(
    "NonMaxSuppressionV3", f"{_V3} -> selected_indices:int32", static=("max_output_size",), shape=_plain_shape,
    differentiable=None, T=_SINGLES, T_threshold=_SINGLES,
)  # fmt: skip
def _suppress_v3(
    xp: Any, boxes: Array, scores: Array, max_output_size: int, iou_threshold: Array, score_threshold: Array
) -> Array:
    return _selected(boxes, scores, max_output_size, iou_threshold, score_threshold)


def _padded_shape(
    boxes: Shape, scores: Shape, most: Any, *thresholds: Shape, pad_to_max_output_size: bool = False
) -> tuple[Shape, Shape]:
    _check(boxes, scores, most, *thresholds)
    return (most if pad_to_max_output_size else None,), ()


def _padded(x: Array, most: int, pad: bool) -> Array:
    return np.concatenate([x, np.zeros(most - len(x), x.dtype)]) if pad else x


@op(
    "NonMaxSuppressionV4", f"{_V3} -> selected_indices:int32, valid_outputs:int32", static=("max_output_size",),
    shape=_padded_shape, differentiable=None, T=_SINGLES, T_threshold=_SINGLES,
)  # fmt: skip
def suppress_v4(
    xp: Any,
    boxes: Array,
    scores: Array,
    max_output_size: int,
    iou_threshold: Array,
    score_threshold: Array,
    *,
    pad_to_max_output_size: bool = False,
) -> tuple[Array, Array]:
    chosen = _selected(boxes, scores, max_output_size, iou_threshold, score_threshold)
    return _padded(chosen, max_output_size, pad_to_max_output_size), np.int32(len(chosen))


def _scored_shape(boxes: Shape, scores: Shape, most: Any, *thresholds: Shape, **attrs: Any) -> tuple[Shape, ...]:
    chosen, count = _padded_shape(boxes, scores, most, *thresholds, **attrs)
    return chosen, chosen, count


@op(
    "NonMaxSuppressionV5",
    "boxes:T, scores:T, max_output_size:int32, iou_threshold:T, score_threshold:T, soft_nms_sigma:T"
    " -> selected_indices:int32, selected_scores:T, valid_outputs:int32",
    static=("max_output_size",), shape=_scored_shape, differentiable=None, T=_SINGLES,
)  # fmt: skip
def _suppress_v5(
    xp: Any,
    boxes: Array,
    scores: Array,
    max_output_size: int,
    iou_threshold: Array,
    score_threshold: Array,
    soft_nms_sigma: Array,
    *,
    pad_to_max_output_size: bool = False,
) -> tuple[Array, Array, Array]:
    if soft_nms_sigma < 0:
        raise errors.invalid("soft_nms_sigma_val must be >= 0")
    if soft_nms_sigma > 0:
        _check(boxes.shape, scores.shape, max_output_size, iou_threshold.shape, score_threshold.shape)
        _check_threshold(iou_threshold)
        chosen, found = _select_softly(
            _iou_of(boxes), scores, max_output_size, iou_threshold, score_threshold, soft_nms_sigma
        )
    else:
        chosen = _selected(boxes, scores, max_output_size, iou_threshold, score_threshold)
        found = scores[chosen]
    count = np.int32(len(chosen))
    return *(_padded(x, max_output_size, pad_to_max_output_size) for x in (chosen, found)), count


def _square_shape(overlaps: Shape, scores: Shape, most: Any, *thresholds: Shape) -> Shape:
    _check(overlaps, scores, most, *thresholds, overlaps=True)
    return (None,)


@op(
    "NonMaxSuppressionWithOverlaps",
    "overlaps:float, scores:float, max_output_size:int32, overlap_threshold:float, score_threshold:float"
    " -> selected_indices:int32",
    static=("max_output_size",), shape=_square_shape, differentiable=False,
)  # fmt: skip
def _suppress_with_overlaps(
    xp: Any, overlaps: Array, scores: Array, max_output_size: int, overlap_threshold: Array, score_threshold: Array
) -> Array:
    _square_shape(overlaps.shape, scores.shape, max_output_size, overlap_threshold.shape, score_threshold.shape)

    def given(some: Array, others: Array) -> Array:
        return overlaps[others[:, None], some].T

    return select(given, scores, max_output_size, overlap_threshold, score_threshold)


def _combined_shape(
    boxes: Shape, scores: Shape, per_class: Any, total: Any, *_thresholds: Shape, pad_per_class: bool = False, **_: Any
) -> tuple[Shape, ...]:
    for name, size in (("max_size_per_class", per_class), ("max_total_size", total)):
        if type(size) is tuple:
            raise errors.invalid(f"{name} must be 0-D, got shape {shapes.show((len(size),))}")
    if type(per_class) is int and per_class <= 0:
        raise errors.invalid("max_size_per_class must be positive")
    if type(total) is int and total <= 0:
        raise errors.invalid("max_total_size must be > 0")
    known = boxes is not None and scores is not None and len(boxes) == 4 and len(scores) == 3
    kinds, classes = (boxes[2], scores[2]) if known else (None, None)  # type: ignore[index]
    if type(kinds) is type(classes) is int and kinds not in (1, classes):
        raise errors.invalid("third dimension of boxes must be either 1 or num classes")
    size = total
    if pad_per_class:
        size = min(total, per_class * classes) if all(type(n) is int for n in (total, per_class, classes)) else None
    batch = boxes[0] if boxes else None
    return (batch, size, 4), (batch, size), (batch, size), (batch,)


def _check_combined(boxes: Array, scores: Array) -> None:
    if boxes.shape[:1] != scores.shape[:1] or boxes.ndim != 4 or scores.ndim != 3:
        raise errors.invalid("boxes and scores must have same batch size")
    if boxes.shape[1] != scores.shape[1]:
        raise errors.invalid("scores has incompatible shape")
    if boxes.shape[2] not in (1, scores.shape[2]):
        raise errors.invalid("third dimension of boxes must be either 1 or num classes")
    if boxes.shape[3] != 4:
        raise errors.invalid("boxes must have 4 columns")


def _best_of_all(boxes: Array, scores: Array, per_class: int, total: int, thresholds: Any) -> tuple[Array, ...]:
    """Boxes, scores and classes of one image."""
    found = []
    iou = [_iou_of(boxes[:, i]) for i in range(boxes.shape[1])]
    for kind in range(scores.shape[1]):
        chosen = select(iou[kind % len(iou)], scores[:, kind], per_class, *thresholds)
        found.append((boxes[chosen, kind % len(iou)], scores[chosen, kind], np.full(len(chosen), kind, np.float32)))
    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    order = np.argsort(-columns[1], kind="stable")[:total]
    return tuple(column[order] for column in columns)


@op(
    "CombinedNonMaxSuppression",
    "boxes:float, scores:float, max_output_size_per_class:int32, max_total_size:int32, iou_threshold:float,"
    " score_threshold:float"
    " -> nmsed_boxes:float, nmsed_scores:float, nmsed_classes:float, valid_detections:int32",
    static=("max_output_size_per_class", "max_total_size"), shape=_combined_shape, differentiable=None,
)  # fmt: skip
def _suppress_combined(
    xp: Any,
    boxes: Array,
    scores: Array,
    max_output_size_per_class: int,
    max_total_size: int,
    iou_threshold: Array,
    score_threshold: Array,
    *,
    pad_per_class: bool = False,
    clip_boxes: bool = True,
) -> tuple[Array, ...]:
    _combined_shape(None, None, max_output_size_per_class, max_total_size)
    _check_threshold(iou_threshold)
    _check_combined(boxes, scores)
    sizes: Any = _combined_shape(
        boxes.shape, scores.shape, max_output_size_per_class, max_total_size, pad_per_class=pad_per_class
    )
    outputs = [np.zeros(size, np.float32) for size in sizes[:3]]
    count = np.zeros(sizes[3], np.int32)
    thresholds = (iou_threshold, score_threshold)
    for i in range(len(boxes)):
        best = _best_of_all(boxes[i], scores[i], max_output_size_per_class, outputs[1].shape[1], thresholds)
        count[i] = len(best[1])
        for out, values in zip(outputs, best, strict=True):
            out[i, : count[i]] = values
    if clip_boxes:
        np.clip(outputs[0], 0, 1, out=outputs[0])
    return *outputs, count


only_host(
    _suppress, _suppress_v2, _suppress_v3, suppress_v4, _suppress_v5, _suppress_with_overlaps, _suppress_combined
)


# ---------------------------------------------------------------- public functions


def non_max_suppression(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """The best boxes, best first, without those that overlap a better one.

    Args:
      boxes: `[boxes, 4]`, float32 or float16: y1, x1, y2, x2.
      scores: `[boxes]`.
      max_output_size: the most boxes to keep.
      iou_threshold: how much of their union two boxes may share, in [0, 1].
      score_threshold: boxes must have more than this score.
      name: a name for the operation, optional.

    Returns:
      The indices of the boxes, int32.

    Raises:
      InvalidArgumentError: if shapes do not fit, or the threshold is out of range.

    >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [2.0, 2.0, 3.0, 3.0]]
    >>> tf.image.non_max_suppression(boxes, [0.8, 0.9, 0.3], 3).numpy()
    array([1, 2], dtype=int32)
    """
    thresholds = convert(iou_threshold), convert(score_threshold)
    return _suppress_v3(boxes, scores, max_output_size, *thresholds, name=name)  # type: ignore[no-any-return]


def non_max_suppression_with_scores(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = float("-inf"),
    soft_nms_sigma: TensorLike = 0.0,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """As `tf.image.non_max_suppression`, and the scores; with `soft_nms_sigma`, overlaps lower scores gradually.

    Returns:
      The indices of the boxes, int32, and their scores, which are lower than before if `soft_nms_sigma` is not 0.

    >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.5, 1.0, 1.5]]
    >>> indices, scores = tf.image.non_max_suppression_with_scores(boxes, [0.9, 0.8], 2, soft_nms_sigma=0.5)
    >>> scores.numpy().round(3)
    array([0.9  , 0.716], dtype=float32)
    """
    numbers = [convert(number) for number in (iou_threshold, score_threshold, soft_nms_sigma)]
    indices, found, _ = _suppress_v5(boxes, scores, max_output_size, *numbers, name=name)
    return indices, found


def non_max_suppression_overlaps(
    overlaps: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    overlap_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """As `tf.image.non_max_suppression`, of anything whose overlaps `[n, n]`, float32, are known.

    >>> tf.image.non_max_suppression_overlaps([[1.0, 0.8], [0.8, 1.0]], [0.5, 0.6], 2).numpy()
    array([1], dtype=int32)
    """
    thresholds = overlap_threshold, score_threshold
    return _suppress_with_overlaps(overlaps, scores, max_output_size, *thresholds, name=name)  # type: ignore[no-any-return]


def combined_non_max_suppression(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size_per_class: TensorLike,
    max_total_size: TensorLike,
    iou_threshold: TensorLike = 0.5,
    score_threshold: TensorLike = float("-inf"),
    pad_per_class: bool = False,
    clip_boxes: bool = True,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """`tf.image.non_max_suppression` for each class of each image, and then the best of all classes.

    Args:
      boxes: `[batch, boxes, q, 4]`, float32; `q` is the number of classes, or 1 if they share their boxes.
      scores: `[batch, boxes, classes]`, float32.
      max_output_size_per_class: the most boxes to keep of a class.
      max_total_size: the most boxes to keep of an image; so many are returned, zeros after the last.
      iou_threshold: how much of their union two boxes of a class may share, in [0, 1].
      score_threshold: boxes must have more than this score.
      pad_per_class: whether no more than `max_output_size_per_class * classes` boxes are returned.
      clip_boxes: whether boxes are clipped to [0, 1].
      name: a name for the operation, optional.

    Returns:
      `(nmsed_boxes, nmsed_scores, nmsed_classes, valid_detections)`: boxes `[batch, n, 4]`, best first, their scores
      and classes `[batch, n]`, float32, and how many of them there are, `[batch]`, int32.

    Raises:
      InvalidArgumentError: if shapes do not fit, or a number is out of range.

    >>> boxes = [[[[0.0, 0.0, 1.0, 1.0]], [[0.0, 0.1, 1.0, 1.1]]]]
    >>> found = tf.image.combined_non_max_suppression(boxes, [[[0.1, 0.7], [0.6, 0.2]]], 2, 3)
    >>> found[1].numpy(), found[2].numpy(), found[3].numpy()
    (array([[0.7, 0.6, 0. ]], dtype=float32), array([[1., 0., 0.]], dtype=float32), array([2], dtype=int32))
    """
    return _suppress_combined(  # type: ignore[no-any-return]
        boxes, scores, max_output_size_per_class, max_total_size, iou_threshold, score_threshold,
        pad_per_class=pad_per_class, clip_boxes=clip_boxes, name=name,
    )  # fmt: skip
