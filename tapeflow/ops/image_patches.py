"""`tf.image`: patches and glimpses, parts of images of one size."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host, shape_of
from .image_windows import Windows

_TYPES = (*types.FLOATS, *types.INTEGERS, *types.COMPLEX, dtypes.bool)
Two = tuple[int, int]


# ---------------------------------------------------------------- patches


def _two(name: str, values: Any) -> Two:
    """The middle two of four numbers."""
    if len(values) < 4:
        raise errors.invalid(f"Length for attr '{name}' of {len(values)} must be at least minimum 4")
    if values[0] != 1 or values[3] != 1:
        raise errors.UnimplementedError(None, None, f"Only support {name} across space.")
    if values[1] < 1 or values[2] < 1:
        raise errors.OutOfRangeError(None, None, f"{name} is out of range.")
    return values[1], values[2]


def _edge(size: Any, kernel: int, stride: int, rate: int, padding: str) -> tuple[Any, Two]:
    """How many windows there are along an axis, and its padding."""
    extent = (kernel - 1) * rate + 1
    if type(size) is not int:
        return None, (0, 0)
    count = -(-size // stride) if padding == "SAME" else (size - extent + stride) // stride
    if count < 0:
        raise errors.invalid(
            f"Computed output size would be negative: {count} "
            f"[input_size: {size}, effective_filter_size: {extent}, stride: {stride}]"
        )
    lacking = max((count - 1) * stride + extent - size, 0) if padding == "SAME" else 0
    return count, (lacking // 2, lacking - lacking // 2)


def _windows(images: Shape, ksizes: Any, strides: Any, rates: Any, padding: str) -> tuple[Windows, Any]:
    if padding not in ("SAME", "VALID"):
        raise errors.invalid(
            f'Value for attr \'padding\' of "{padding}" is not in the list of allowed values: "SAME", "VALID"'
        )
    named = (("ksizes", ksizes), ("strides", strides), ("rates", rates))
    size, step, rate = (_two(name, values) for name, values in named)
    if images is not None and len(images) != 4:
        raise errors.invalid(f"input must be 4-dimensional{shapes.show(images)}")
    have = images[1:3] if images is not None else (None, None)
    counts, edges = zip(*(_edge(have[i], size[i], step[i], rate[i], padding) for i in range(2)), strict=True)
    return Windows(size, step, edges, rate), counts


def _patches_shape(images: Shape, *, ksizes: Any, strides: Any, rates: Any, padding: str) -> Shape:
    windows, counts = _windows(images, ksizes, strides, rates, padding)
    depth = images[3] if images is not None else None
    return (images and images[0], *counts, None if depth is None else depth * windows.size[0] * windows.size[1])


@op("ExtractImagePatches", "images:T -> patches:T", shape=_patches_shape, T=_TYPES)
def extract_image_patches(
    xp: Any, images: Array, *, ksizes: Any, strides: Any, rates: Any, padding: str
) -> Array:
    windows, counts = _windows(images.shape, ksizes, strides, rates, padding)
    cells = windows.unfold(windows.pad(images), counts)
    return np.ascontiguousarray(cells).reshape(images.shape[0], *counts, -1 if cells.size else _depth(images, windows))


def _depth(images: Array, windows: Windows) -> int:
    return images.shape[3] * windows.size[0] * windows.size[1]  # type: ignore[no-any-return]


@extract_image_patches.on("xla")
def _(jax: Any, images: Array, *, ksizes: Any, strides: Any, rates: Any, padding: str) -> Array:
    windows, counts = _windows(images.shape, ksizes, strides, rates, padding)
    padded = jax.numpy.pad(images, ((0, 0), *windows.padding, (0, 0)))
    return jax.numpy.concatenate(list(windows.taps(padded, counts)), -1)


@extract_image_patches.gradient
def _(g: Any, _output: Any, images_shape: Any, **attrs: Any) -> Any:
    """Each patch is added to where it is from: a transposed convolution, whose filters have a single one each."""
    if g.dtype.is_complex:
        parts = (_put_back(OPS[part](g, Tout=g.dtype.real_dtype), images_shape, **attrs) for part in ("Real", "Imag"))
        return OPS["Complex"](*parts, Tout=g.dtype)
    return _put_back(g, images_shape, **attrs)


def _sizes(shape: Any) -> Any:
    """The four sizes of images; of unknown rank, scalar Symbols."""
    return shape if type(shape) is tuple else OPS["Unpack"](shape, num=4)


def _put_back(g: Any, images_shape: Any, *, ksizes: Any, strides: Any, rates: Any, padding: str) -> Any:
    high, wide = ksizes[1:3]
    batch, height, width, depth = _sizes(images_shape)
    down, across = _sizes(shape_of(g))[1:3]
    # Each channel becomes an image of its own.
    cells = OPS["Reshape"](g, [batch, down, across, high * wide, depth])
    cells = OPS["Reshape"](OPS["Transpose"](cells, (0, 4, 1, 2, 3)), [-1, down, across, high * wide])
    filters = np.eye(high * wide).reshape(high, wide, 1, high * wide).astype(g.dtype.numpy)
    images = OPS["Conv2DBackpropInput"](
        [batch * depth, height, width, 1], filters, cells, strides=strides, padding=padding, dilations=rates
    )
    return OPS["Transpose"](OPS["Reshape"](images, [batch, depth, height, width]), (0, 2, 3, 1))


def extract_patches(
    images: TensorLike, sizes: Any, strides: Any, rates: Any, padding: str, name: str | None = None
) -> Tensor:
    """The patches under a window that slides over images, each laid flat along the channels.

    Args:
      images: `[batch, height, width, channels]`.
      sizes: of the window, `[1, rows, columns, 1]`.
      strides: from one window to the next, `[1, down, across, 1]`.
      rates: from one cell of a window to the next, `[1, down, across, 1]`.
      padding: "VALID", or "SAME" for windows that are partly outside, where there are zeros.
      name: a name for the operation, optional.

    Returns:
      `[batch, windows down, windows across, rows * columns * channels]`.

    Raises:
      InvalidArgumentError: if there are not four dimensions, or windows do not fit.

    >>> image = tf.reshape(tf.range(9), [1, 3, 3, 1])
    >>> tf.image.extract_patches(image, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID").numpy()[0, 0]
    array([[0, 1, 3, 4],
           [1, 2, 4, 5]], dtype=int32)
    """
    lists = {"ksizes": sizes, "strides": strides, "rates": rates}
    for what, value in lists.items():
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"Expected list for '{what}' argument to 'extract_image_patches' Op, not {value!r}.")
    attrs: Any = {what: tuple(value) for what, value in lists.items()}
    return extract_image_patches(images, **attrs, padding=padding, name=name)  # type: ignore[no-any-return]


# ---------------------------------------------------------------- glimpses


def _glimpse_shape(input: Shape, size: Any, offsets: Shape, **_attrs: Any) -> Shape:
    if input is not None and len(input) != 4:
        raise errors.invalid(
            f"input must be 4-dimensional (batch_size, height, width, depth){shapes.show(input)}"
        )
    if size is not None and (type(size) is not tuple or len(size) != 2):
        shown = shapes.show((len(size),) if type(size) is tuple else ())
        raise errors.invalid(f"input must be a vector of size 2 (height, width){shown}")
    for number in size or ():
        if type(number) is int and number < 0:
            raise errors.invalid(f"Expected a non-negative size, got {number}")
    batch = input[0] if input is not None else None
    if offsets is not None:
        if len(offsets) != 2:
            raise errors.invalid(f"input must be a matrix{shapes.show(offsets)}")
        if type(offsets[0]) is type(batch) is int and offsets[0] != batch:
            raise errors.invalid(f"first dimension should be batch{shapes.show(offsets)}")
        if type(offsets[1]) is int and offsets[1] != 2:
            raise errors.invalid(f"second dimension should be of size 2 (y,x){shapes.show(offsets)}")
    return (batch, *(size or (None, None)), input[3] if input is not None else None)


def _noise(images: Array, shape: Any, noise: str) -> Array:
    """What is outside of the images; as TensorFlow's, its numbers know of no seed."""
    if noise == "zero":
        return np.zeros(shape, np.float32)
    low, high = images.min(initial=np.inf), images.max(initial=-np.inf)
    random = np.random.default_rng()
    if noise == "uniform":
        return random.uniform(low, high, shape).astype(np.float32)
    return np.clip(random.normal((low + high) / 2, (high - low) / 6, shape), low, high).astype(np.float32)


@op(
    "ExtractGlimpseV2", "input:float, size:int32, offsets:float -> glimpse:float", static=("size",),
    shape=_glimpse_shape, differentiable=None,
)  # fmt: skip
def _extract_glimpse(
    xp: Any,
    input: Array,
    size: Any,
    offsets: Array,
    *,
    centered: bool = True,
    normalized: bool = True,
    uniform_noise: bool = True,
    noise: str = "uniform",
) -> Array:
    if noise not in ("uniform", "gaussian", "zero"):
        raise errors.invalid(f"The noise could only be uniform, gaussian, or zero, got{noise}")
    if uniform_noise and noise != "uniform":
        raise errors.invalid("The uniform_noise and noise could not be specified at the same time")
    shape: Any = _glimpse_shape(input.shape, size, offsets.shape)
    glimpses = _noise(input, shape, noise)
    for image, glimpse, offset in zip(input, glimpses, offsets, strict=True):
        here, there = [], []
        for axis in range(2):
            start = _start(offset[axis], input.shape[1 + axis], size[axis], centered, normalized)
            first, last = max(start, 0), min(start + size[axis], input.shape[1 + axis])
            here.append(slice(first, max(first, last)))
            there.append(slice(first - start, max(first, last) - start))
        glimpse[tuple(there)] = image[tuple(here)]
    return glimpses


def _start(offset: Any, have: int, size: int, centered: bool, normalized: bool) -> int:
    """The first row (or column) of a glimpse."""
    half = np.float32(2)
    if normalized:
        place = offset * np.float32(have)
        return int((place + have) / half - size / half) if centered else int(place)
    return int(offset + have / half) if centered else int(offset)


only_host(_extract_glimpse)


def extract_glimpse(
    input: TensorLike,
    size: TensorLike,
    offsets: TensorLike,
    centered: bool = True,
    normalized: bool = True,
    noise: str = "uniform",
    name: str | None = None,
) -> Tensor:
    """A part of each image, from around a place in it.

    Args:
      input: `[batch, height, width, channels]`, float32.
      size: height and width of the parts, two int32.
      offsets: `[batch, 2]`, float32: y, x.
      centered: whether offsets count from the center of the image; otherwise from its first pixel.
      normalized: whether offsets are in images (half ones, if `centered`); otherwise in pixels. As in TensorFlow, only
        centered and normalized offsets are of the center of the part, others of its first pixel.
      noise: what is outside of the image, "uniform" or "gaussian" noise, or "zero".
      name: a name for the operation, optional.

    Returns:
      The parts, `[batch, *size, channels]`.

    Raises:
      InvalidArgumentError: if shapes do not fit.

    >>> image = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
    >>> tf.image.extract_glimpse(image, [1, 3], [[0.0, 0.0]]).numpy().ravel()
    array([3., 4., 5.], dtype=float32)
    """
    return _extract_glimpse(  # type: ignore[no-any-return]
        input, size, offsets, centered=centered, normalized=normalized, noise=noise, uniform_noise=False, name=name
    )
