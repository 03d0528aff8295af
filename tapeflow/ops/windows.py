"""What convolutions and pooling have in common: attributes of windows that slide over images, and their arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base import errors, shapes
from ..base.shapes import Shape
from ..core.op import OPS
from ..core.tensor import Array, Tensor
from .common import shape_of
from .image_windows import Padding, Pair

FORMATS = ("NHWC", "NCHW")


# ---------------------------------------------------------------- attributes of ops


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuses a value that is not one of those `allowed` for the attribute `name`."""
    if not isinstance(value, str):
        raise TypeError(f"Expected string for argument '{name}' not {value!r}.")
    if value not in allowed:
        quoted = ", ".join(f'"{one}"' for one in allowed)
        raise errors.invalid(f"Value for attr '{name}' of \"{value}\" is not in the list of allowed values: {quoted}")


def axes(data_format: str) -> tuple[int, int, int]:
    """Where height, width and channels are."""
    return (2, 3, 1) if data_format == "NCHW" else (1, 2, 3)


def image(sizes: tuple[Any, Any, Any, Any], data_format: str) -> tuple[Any, Any, Any, Any]:
    """(batch, height, width, channels) in the order of `data_format`."""
    n, h, w, c = sizes
    return (n, c, h, w) if data_format == "NCHW" else sizes


def to_nhwc(x: Array, data_format: str) -> Array:
    """The images with channels last; a view."""
    return x.transpose(0, 2, 3, 1) if data_format == "NCHW" else x


def from_nhwc(x: Array, data_format: str) -> Array:
    """Images with channels last in the order of `data_format`; a view."""
    return x.transpose(0, 3, 1, 2) if data_format == "NCHW" else x


def placed(
    sizes: tuple[int | None, int | None],
    windows: tuple[int | None, int | None],
    strides: Pair,
    padding: str,
    explicit: Sequence[int] = (),
    data_format: str = "NHWC",
    dilations: Pair = (1, 1),
) -> tuple[tuple[int | None, int | None], Padding]:
    """How many windows there are down and across, and the padding that this takes (where sizes are known)."""
    pads: list[Pair] = [(0, 0), (0, 0)]
    if padding == "EXPLICIT":
        pads = _explicit_pairs(explicit, data_format)
    counts: list[int | None] = []
    for i, (size, window) in enumerate(zip(sizes, windows, strict=True)):
        count = shapes.conv_size(size, window, strides[i], padding, dilations[i], pads[i])
        counts.append(count)
        if padding == "SAME" and size is not None and window is not None and count is not None:
            missing = max(0, (count - 1) * strides[i] + (window - 1) * dilations[i] + 1 - size)
            pads[i] = (missing // 2, missing - missing // 2)
    return (counts[0], counts[1]), (pads[0], pads[1])


def _explicit_pairs(explicit: Sequence[int], data_format: str) -> list[Pair]:
    if len(explicit) != 8:
        raise errors.invalid("explicit_paddings attribute must contain 8 values, but got: " + str(len(explicit)))
    if min(explicit) < 0:
        raise errors.invalid("All elements of explicit_paddings must be nonnegative")
    pairs = [(explicit[2 * i], explicit[2 * i + 1]) for i in range(4)]
    h, w, c = axes(data_format)
    if pairs[0] != (0, 0) or pairs[c] != (0, 0):
        raise errors.invalid("Nonzero explicit padding in the batch or depth dimensions is not supported")
    return [pairs[h], pairs[w]]


def four(name: str, shape: Shape) -> tuple[int | None, ...]:
    """A shape that must have four dimensions."""
    if shape is None:
        return (None,) * 4
    if len(shape) != 4:
        raise errors.invalid(f"{name} must be 4-dimensional: {shapes.show(shape)}")
    return shape


# ---------------------------------------------------------------- arguments of functions


def sequence(value: Any, n: int, data_format: str, name: str) -> tuple[int, ...]:
    """Sizes for all dimensions from one number, `n` numbers, or `n + 2` that are complete already.

    Raises:
      ValueError: for any other count.
    """
    if isinstance(value, str):
        raise TypeError(f"Expected int for argument '{name}' not {value!r}.")
    values = (1,) if value is None else tuple(map(int, value)) if hasattr(value, "__len__") else (int(value),)
    if len(values) == n + 2:
        return values
    if len(values) == 1:
        values = values * n
    elif len(values) != n:
        raise ValueError(
            f"{name} should be of length 1, {n} or {n + 2}. Received: {name}={value} of length {len(values)}"
        )
    return (1, 1, *values) if data_format.startswith("NC") else (1, *values, 1)


def padding_attrs(padding: Any) -> dict[str, Any]:
    """The attributes `padding` and `explicit_paddings` for a string, or a list of a pair for each dimension.

    Raises:
      ValueError: for a list of another form.
    """
    if not isinstance(padding, (list, tuple)):
        return {"padding": padding, "explicit_paddings": ()}
    if len(padding) != 4:
        raise ValueError(
            f"When padding is a list, it must be of size 4. Received: padding={padding} of size {len(padding)}"
        )
    for i, pair in enumerate(padding):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise ValueError(
                "When padding is a list, each element must be a list/tuple of size 2. "
                f"Received: padding={padding} with element at index {i}: {pair}"
            )
    return {"padding": "EXPLICIT", "explicit_paddings": tuple(int(size) for pair in padding for size in pair)}


def numbers(value: Any, name: str, function: str) -> tuple[int, ...]:
    """Numbers for all dimensions, which must be a list."""
    if not hasattr(value, "__len__") or isinstance(value, str):
        raise TypeError(f"Expected list for '{name}' argument to '{function}' Op, not {value!r}.")
    return tuple(map(int, value))


def over_batches(x: Tensor, rank: int, function: Callable[[Tensor], Tensor]) -> Tensor:
    """`function`, which takes a tensor of rank `rank`, of `x`, which may have more batch dimensions."""
    extra = len(x.shape) - rank if x.shape.rank is not None else 0
    if extra <= 0:
        return function(x)
    shape = shape_of(x)
    y = function(OPS["Reshape"](x, (-1, *shape[extra + 1 :])))
    restored: Tensor = OPS["Reshape"](y, (*shape[: extra + 1], *shape_of(y)[1:]))
    return restored
