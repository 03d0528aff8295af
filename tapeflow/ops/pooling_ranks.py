"""Pooling of sequences, images or volumes, by rank; and windows with gaps, through `with_space_to_batch`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.convert import convert
from ..core.op import OPS
from ..core.symbol import Symbol
from ..core.tensor import Tensor, TensorLike
from .common import shape_of, static
from .pooling import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from .pooling_3d import avg_pool3d, max_pool3d

_BY_RANK = {
    "max": {3: max_pool1d, 4: max_pool2d, 5: max_pool3d},
    "avg": {3: avg_pool1d, 4: avg_pool2d, 5: avg_pool3d},
}
_FORMATS = {3: ("NCW", "NWC"), 4: ("NCHW", "NHWC"), 5: ("NCDHW", "NDHWC")}


def _any_rank(
    kind: str, x: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None, name: str | None
) -> Tensor:
    tensor = convert(x)
    rank = len(tensor.shape)
    if rank not in _FORMATS:
        raise ValueError(f"`input.shape.rank` must be 3, 4 or 5. Received: input.shape={tensor.shape} of rank {rank}.")
    first = data_format is not None and data_format.startswith("NC")
    order = _FORMATS[rank][0 if first else 1]
    pooled: Tensor = _BY_RANK[kind][rank](tensor, ksize, strides, padding, order, name)
    return pooled


def max_pool(
    input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """`max_pool1d`, `max_pool2d` or `max_pool3d`, by the rank of the input.

    >>> tf.nn.max_pool(tf.ones([1, 4, 4, 1]), 2, 2, "SAME").shape
    TensorShape([1, 2, 2, 1])
    """
    return _any_rank("max", input, ksize, strides, padding, data_format, name)


def avg_pool(
    input: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """`avg_pool1d`, `avg_pool2d` or `avg_pool3d`, by the rank of the input.

    >>> tf.nn.avg_pool(tf.ones([1, 4, 4, 1]), 2, 2, "SAME").shape
    TensorShape([1, 2, 2, 1])
    """
    return _any_rank("avg", input, ksize, strides, padding, data_format, name)


def _steps(value: Any, n: int, name: str) -> list[int]:
    steps = [1] * n if value is None else [int(step) for step in value]
    if len(steps) != n:
        raise ValueError(f"`len({name})` should be {n}. Received: {name}={value} of length {len(steps)}")
    if min(steps) < 1:
        raise ValueError(f"all values of `{name}` must be positive. Received: {name}={np.asarray(steps)}")
    return steps


def _check_pool(kind: str, window: Any, steps: list[int], rates: list[int], padding: str) -> None:
    """Refuses what TensorFlow refuses."""
    n = len(steps)
    if max(steps) > 1 and max(rates) > 1:
        raise ValueError(
            "`strides > 1` not supported in conjunction with `dilation_rate > 1`. "
            f"Received: strides={np.asarray(steps)} and dilation_rate={np.asarray(rates)}"
        )
    if padding == "SAME" and max(rates) > 1:
        raise ValueError(
            "pooling with 'SAME' padding is not implemented for `dilation_rate` > 1. "
            f"Received: padding={padding} and dilation_rate={np.asarray(rates)}"
        )
    if any(step > size for step, size in zip(steps, window, strict=True)):
        raise ValueError(
            "`strides` > `window_shape` not supported due to inconsistency between CPU and GPU implementations. "
            f"Received: strides={np.asarray(steps)} and window_shape={window}"
        )
    if kind not in ("MAX", "AVG") or n > 3:
        raise ValueError(f"{n}-D {kind} pooling is not supported.")


def pool(
    input: TensorLike,
    window_shape: Any,
    pooling_type: str,
    strides: Any = None,
    padding: str = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Pools sequences, images or volumes.

    Args:
      input: (batch, width, channels), with height, and depth, before the width, or with channels second.
      window_shape: a size for each dimension to slide along.
      pooling_type: "MAX" or "AVG".
      strides: steps between two windows, for each of these dimensions; 1 by default.
      padding: "SAME" or "VALID".
      data_format: channels are second if it begins with "NC".
      dilations: steps between two cells of a window, for each of these dimensions; with "VALID" and strides of 1 only.

    Raises:
      ValueError: for another `pooling_type`, for steps that leave out cells between two windows, and for what does not
        go with `dilations`.

    >>> tf.nn.pool(tf.ones([1, 4, 4, 1]), [2, 2], "MAX", strides=[2, 2]).shape
    TensorShape([1, 2, 2, 1])
    >>> tf.nn.pool([[[1.0], [2.0], [0.0], [5.0]]], [2], "MAX", dilations=[2]).numpy().ravel()
    array([1., 5.], dtype=float32)
    """
    n = len(window_shape)
    steps, rates = _steps(strides, n, "strides"), _steps(dilations, n, "dilation_rate")
    _check_pool(pooling_type, window_shape, steps, rates, padding)
    tensor = convert(input)
    if isinstance(tensor, Symbol) and tensor.shape.rank is None:
        tensor = OPS["Identity"](tensor)
        tensor.set_shape([None] * (n + 2))
    first = data_format is not None and data_format.startswith("NC")
    function = max_pool if pooling_type == "MAX" else avg_pool

    def pooled(x: Tensor, _n: int, edges: Any) -> Tensor:
        return function(x, window_shape, steps, edges, data_format, name)

    places = range(2, n + 2) if first else range(1, n + 1)
    return with_space_to_batch(tensor, rates, padding, pooled, window_shape, places)


def with_space_to_batch(
    input: TensorLike,
    dilation_rate: Any,
    padding: Any,
    op: Callable[[Tensor, int, Any], Tensor],
    filter_shape: Any = None,
    spatial_dims: Any = None,
    data_format: str | None = None,
) -> Tensor:
    """Slides something along dimensions of which it sees each n-th element only.

    The elements n apart become examples of their own (`tf.space_to_batch_nd`), `op` sees these, and what it returns
    is put together again.

    Args:
      input: a tensor with a batch in front.
      dilation_rate: the n of each dimension to slide along.
      padding: "VALID", "SAME", or a list of pairs for all dimensions.
      op: `(input, number of dimensions, padding)`; the padding is `padding` if all rates are 1, otherwise "VALID".
      filter_shape: the sizes of the filter along these dimensions; for "SAME" only.
      spatial_dims: which dimensions they are; by default those after the batch, and after channels for "NC...".
      data_format: says by "NC..." that channels are second.

    Raises:
      ValueError: for rates or dimensions that are not right, or "SAME" without a `filter_shape`.

    >>> ends = lambda x, n, padding: x[:, 1:] - x[:, :-1]
    >>> tf.nn.with_space_to_batch([[[1.0], [2.0], [4.0], [8.0]]], [2], "VALID", ends).numpy().ravel()
    array([3., 6.], dtype=float32)
    """
    rates = [int(rate) for rate in np.ravel(static(dilation_rate))]
    first = 2 if data_format is not None and data_format.startswith("NC") else 1
    given = list(range(first, len(rates) + first) if spatial_dims is None else spatial_dims)
    places = sorted({int(place) for place in given})
    if places != given or min(places) < 1:
        raise ValueError(
            "`spatial_dims` must be a monotonically increasing sequence of positive integers. "
            f"Received: spatial_dims={given}"
        )
    if min(rates) < 1:
        raise ValueError(f"`dilation_rate` must be positive. Received: dilation_rate={np.asarray(rates)}")
    x = convert(input)
    if max(rates) == 1:
        return op(x, len(rates), padding)
    return _in_batches(x, rates, _base_paddings(rates, padding, filter_shape, first == 2), places, op)


def _base_paddings(rates: list[int], padding: Any, filter_shape: Any, channels_second: bool) -> list[Any]:
    """What `padding` puts before and after along each dimension."""
    if isinstance(padding, (list, tuple)):
        return list(padding[2:] if channels_second else padding[1:-1])
    if padding == "VALID":
        return [(0, 0)] * len(rates)
    if padding != "SAME":
        raise ValueError(f"`padding` must be one of 'SAME' or 'VALID'. Received: padding={padding}")
    if filter_shape is None:
        raise ValueError(
            "`filter_shape` must be specified for `padding='SAME'`. "
            f"Received: filter_shape={filter_shape} and padding={padding}"
        )
    sizes = static(filter_shape)
    extra = [(sizes[i] - 1) * rate for i, rate in enumerate(rates)]
    return [(n // 2, n - n // 2) for n in extra]


def _in_batches(x: Tensor, rates: list[int], base: list[Any], places: list[int], op: Any) -> Tensor:
    sizes = shape_of(x)
    blocks, pads, crops = [1] * places[-1], [(0, 0)] * places[-1], [(0, 0)] * places[-1]
    for place, rate, (before, after) in zip(places, rates, base, strict=True):
        missing = (rate - (sizes[place] + before + after) % rate) % rate
        blocks[place - 1] = rate
        pads[place - 1], crops[place - 1] = (before, after + missing), (0, missing)
    batches = OPS["SpaceToBatchND"](x, tuple(blocks), tuple(pads))
    whole: Tensor = OPS["BatchToSpaceND"](op(batches, len(rates), "VALID"), tuple(blocks), tuple(crops))
    return whole
