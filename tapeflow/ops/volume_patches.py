"""`tf.extract_volume_patches`: parts of volumes, all of one size."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import shape_of

_TYPES = (*types.FLOATS, dtypes.bfloat16, *types.INTEGERS)
Three = tuple[int, int, int]


def _three(name: str, values: Any) -> Three:
    """The middle three of five numbers."""
    if len(values) < 5:
        raise errors.invalid(f"Length for attr '{name}' of {len(values)} must be at least minimum 5")
    if values[0] != 1 or values[4] != 1:
        raise errors.UnimplementedError(None, None, f"Only support {name} across space.")
    if min(values[1:4]) < 1:
        raise errors.OutOfRangeError(None, None, f"{name} is out of range.")
    return values[1], values[2], values[3]


def _edge(size: Any, kernel: int, stride: int, padding: str) -> tuple[Any, tuple[int, int]]:
    """How many windows there are along an axis, and its padding."""
    if type(size) is not int:
        return None, (0, 0)
    if padding == "VALID":
        return max(0, (size - kernel + stride) // stride), (0, 0)
    count = -(-size // stride)
    lacking = max((count - 1) * stride + kernel - size, 0)
    return count, (lacking // 2, lacking - lacking // 2)


def _edges(x: Shape, ksizes: Any, strides: Any, padding: str) -> tuple[Three, Three, list[tuple[Any, tuple[int, int]]]]:
    if padding not in ("SAME", "VALID"):
        raise errors.invalid(
            f'Value for attr \'padding\' of "{padding}" is not in the list of allowed values: "SAME", "VALID"'
        )
    sizes, steps = _three("ksizes", ksizes), _three("strides", strides)
    if x is not None and len(x) != 5:
        raise errors.invalid(f"input must be 5-dimensional{shapes.show(x)}")
    have = x[1:4] if x is not None else (None, None, None)
    return sizes, steps, [_edge(*each, padding) for each in zip(have, sizes, steps, strict=True)]


def _shape(x: Shape, *, ksizes: Any, strides: Any, padding: str) -> Shape:
    sizes, _, edges = _edges(x, ksizes, strides, padding)
    depth = None if x is None or x[4] is None else x[4] * math.prod(sizes)
    return (x and x[0], *(count for count, _ in edges), depth)


@op("ExtractVolumePatches", "input:T -> patches:T", shape=_shape, T=_TYPES)
def _extract(xp: Any, x: Array, *, ksizes: Any, strides: Any, padding: str) -> Array:
    sizes, steps, edges = _edges(x.shape, ksizes, strides, padding)
    padded = xp.pad(x, ((0, 0), *(edge for _, edge in edges), (0, 0)))
    cells = []
    for starts in itertools.product(*map(range, sizes)):
        places = [
            slice(start, start + max(count * step - step + 1, 0), step)
            for start, (count, _), step in zip(starts, edges, steps, strict=True)
        ]
        cells.append(padded[:, places[0], places[1], places[2]])
    return xp.concatenate(cells, -1)


@_extract.gradient
def _(g: Any, _output: Any, input_shape: Any, *, ksizes: Any, strides: Any, padding: str) -> Any:
    """Each patch is added to where it is from: a transposed convolution, whose filters have a single one each."""
    sizes = tuple(ksizes[1:4])
    cells = math.prod(sizes)
    batch, *spaces, depth = _five(input_shape)
    counts = _five(shape_of(g))[1:4]
    # Each channel becomes a volume of its own.
    parts = OPS["Reshape"](g, [batch, *counts, cells, depth])
    parts = OPS["Reshape"](OPS["Transpose"](parts, (0, 5, 1, 2, 3, 4)), [-1, *counts, cells])
    filters = np.eye(cells).reshape(*sizes, 1, cells).astype(g.dtype.numpy)
    volumes = OPS["Conv3DBackpropInputV2"](
        [batch * depth, *spaces, 1], filters, parts, strides=tuple(strides), padding=padding
    )
    return OPS["Transpose"](OPS["Reshape"](volumes, [batch, depth, *spaces]), (0, 2, 3, 4, 1))


def _five(shape: Any) -> Any:
    """The sizes of volumes; of unknown rank, scalar Symbols."""
    return shape if type(shape) is tuple else OPS["Unpack"](shape, num=5)


def extract_volume_patches(
    input: TensorLike, ksizes: Any, strides: Any, padding: str, name: str | None = None
) -> Tensor:
    """The patches under a window that slides over volumes, each laid flat along the channels.

    Args:
      input: `[batch, planes, rows, columns, channels]`.
      ksizes: of the window, `[1, planes, rows, columns, 1]`.
      strides: from one window to the next, `[1, planes, rows, columns, 1]`.
      padding: "VALID", or "SAME" for windows that are partly outside, where there are zeros.
      name: a name for the operation, optional.

    Returns:
      A tensor of five axes; the last has a window's planes * rows * columns * channels.

    Raises:
      InvalidArgumentError: if there are not five dimensions.

    >>> x = tf.reshape(tf.range(8), [1, 2, 2, 2, 1])
    >>> tf.extract_volume_patches(x, [1, 2, 1, 2, 1], [1, 1, 1, 1, 1], "VALID").numpy().reshape(2, 4)
    array([[0, 1, 4, 5],
           [2, 3, 6, 7]], dtype=int32)
    """
    attrs: Any = {"ksizes": tuple(ksizes), "strides": tuple(strides), "padding": padding}
    return _extract(input, name=name, **attrs)  # type: ignore[no-any-return]
