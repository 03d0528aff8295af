"""`tf.image.non_max_suppression_padded`: of boxes that overlap, only those with the best scores; of many images."""

from __future__ import annotations

from typing import Any

from ..base import dtypes
from ..core.convert import convert
from ..core.op import OPS
from ..core.tensor import Tensor, TensorLike
from ..ops.common import shape_of, static
from ..ops.image_suppression import suppress_v4
from .functional import map_fn


def non_max_suppression_padded(
    boxes: TensorLike,
    scores: TensorLike,
    max_output_size: TensorLike,
    iou_threshold: Any = 0.5,
    score_threshold: TensorLike = float("-inf"),
    pad_to_max_output_size: bool = False,
    name: str | None = None,
    sorted_input: bool = False,
    canonicalized_coordinates: bool = False,
    tile_size: int = 512,
) -> tuple[Tensor, Tensor]:
    """As `tf.image.non_max_suppression`, for batches, too; boxes that share just `iou_threshold` are not kept.

    Args:
      boxes: `[..., boxes, 4]`, float32.
      scores: `[..., boxes]`, float32.
      max_output_size: the most boxes to keep.
      iou_threshold: how much less of their union two boxes must share.
      score_threshold: boxes must have more than this score.
      pad_to_max_output_size: whether the indices are followed by zeros; for batches this is needed.
      name: a name for the operation, optional.
      sorted_input: a hint, that the best boxes come first.
      canonicalized_coordinates: a hint, that `y1 <= y2` and `x1 <= x2`.
      tile_size: a hint, how many boxes to look at together.

    Returns:
      The indices of the boxes, `[..., max_output_size]` or fewer, int32; and how many of them there are, `[...]`.

    Raises:
      ValueError: if there is a batch, and no padding.

    >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [2.0, 2.0, 3.0, 3.0]]
    >>> indices, count = tf.image.non_max_suppression_padded(boxes, [0.8, 0.9, 0.3], 3, pad_to_max_output_size=True)
    >>> indices.numpy(), count.numpy()
    (array([1, 2, 0], dtype=int32), np.int32(2))
    """
    corners, marks = convert(boxes, dtypes.float32), convert(scores, dtypes.float32)
    rank = corners.shape.rank
    if not pad_to_max_output_size and rank is not None and rank > 2:
        raise ValueError(f"'pad_to_max_output_size' (value {pad_to_max_output_size}) must be True for batched input")
    below = OPS["NextAfter"](convert(iou_threshold, dtypes.float32), convert(-1.0))  # more than that: at least this
    arguments = max_output_size, OPS["Maximum"](below, 0.0), convert(score_threshold, dtypes.float32)
    pad = pad_to_max_output_size
    if rank is None or rank <= 2:
        indices, count = suppress_v4(corners, marks, *arguments, pad_to_max_output_size=pad, name=name)
        return indices, count
    return _mapped(corners, marks, arguments)


def _mapped(boxes: Tensor, scores: Tensor, arguments: Any) -> tuple[Tensor, Tensor]:
    """Image by image."""
    batch = shape_of(scores)[:-1]
    flat = OPS["Reshape"](boxes, (-1, *shape_of(boxes)[-2:])), OPS["Reshape"](scores, (-1, shape_of(scores)[-1]))

    def one(image: Any) -> Any:
        return tuple(suppress_v4(*image, *arguments, pad_to_max_output_size=True))

    int32 = dtypes.int32
    indices, count = map_fn(one, flat, fn_output_signature=(int32, int32))
    most = static(arguments[0])
    if type(batch) is tuple and type(most) is int:
        return OPS["Reshape"](indices, (*batch, most)), OPS["Reshape"](count, batch)
    shape = OPS["Shape"](scores)[:-1]
    return OPS["Reshape"](indices, OPS["ConcatV2"](shape, convert([most], int32), 0)), OPS["Reshape"](count, shape)
