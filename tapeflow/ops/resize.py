"""`tf.image.resize` and its ops.

Each way to resize is separable: an output row is a weighted sum of some input rows, its *taps*, and so for columns.
"""

from __future__ import annotations

import contextvars
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors, shapes
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..core import types
from ..core.convert import convert
from ..core.op import OPS, Op, op
from ..core.tensor import Array, Tensor, TensorLike
from ..engines import host
from .common import BIG, shape_of, static
from .layout import expand_dims, squeeze
from .resize_taps import Block, Taps, area_taps, cubic_taps, kernel_taps, linear_taps, nearest_taps

_INTS = (dtypes.int8, dtypes.uint8, dtypes.int16, dtypes.uint16, dtypes.int32, dtypes.int64)
_IMAGES = (*_INTS, dtypes.float16, dtypes.float32, dtypes.float64, dtypes.bfloat16)
_BILINEAR = (*_INTS, *types.FLOATS, dtypes.bfloat16)  # TensorFlow lists it twice
_SCALED = (*_INTS, *types.FLOATS)


# ---------------------------------------------------------------- applying them


def _resampling(xp: Any) -> Callable[[Array, Taps, Taps], Array]:
    return _by_blocks if xp is np else functools.partial(_resampled, xp)


def _resampled(xp: Any, images: Array, rows: Taps, columns: Taps) -> Array:
    images = images.astype(np.float32)
    batch, height, width, channels = images.shape
    mixed = _mixed(xp, images.reshape(batch, height, width * channels), rows.indices, rows.weights[..., None])
    # Columns and channels as one axis: NumPy is slow at broadcasting along few channels.
    places = (columns.indices[:, None] * channels + np.arange(channels)[:, None]).reshape(-1, columns.indices.shape[1])
    mixed = _mixed(xp, mixed.reshape(-1, width * channels), places, np.repeat(columns.weights, channels, axis=0))
    return mixed.reshape(batch, len(rows.indices), len(columns.indices), channels)


_ROWS, _BAND, _COLUMNS = 8, 128, 16  # rows in a block and in a band, columns in a block: measured
_CHANNELS = 8  # up to so many a block of columns is made at once
_WHOLE = 1 << 14  # elements up to which matrices are not cut into blocks


def _by_blocks(images: Array, rows: Taps, columns: Taps) -> Array:
    """`_resampled` on the host: products with small matrices, band by band, on all cores."""
    batch, height, width, channels = images.shape
    high, wide = len(rows.indices), len(columns.indices)
    if batch * max(height * width, high * wide) * channels < BIG // 8:
        if width * wide * channels**2 <= _WHOLE >= height * high:
            return _at_once(images, rows, columns)
        return _resampled(np, images, rows, columns)
    flat, out = images.reshape(batch, height, width * channels), np.empty((batch, high, wide * channels), np.float32)
    down = rows.blocks(_ROWS)
    taller = high > height
    step = max(1, _BAND * high // (height * _ROWS) if taller else _BAND // _ROWS)
    bands = -(-len(down) // step)
    spoilt = []

    def work(start: int, stop: int) -> None:
        for i, band in (divmod(k, bands) for k in range(start, stop)):
            some = down[band * step : (band + 1) * step]
            result = out[i, some[0].outputs.start : some[-1].outputs.stop]
            if taller:
                _columns_first(flat[i], some, columns, result, channels)
            else:
                _across(_down(flat[i], some), columns, result, channels)
            if not np.isfinite(result.sum()):
                spoilt.append(i)

    with host.one_blas_thread():
        host.parallel(work, batch * bands, 1)
    result = out.reshape(batch, high, wide, channels)
    if not spoilt or images.dtype.kind in "iu":
        return result
    # What is not finite spreads over whole blocks.
    return _resampled(np, images, rows, columns)


def _at_once(images: Array, rows: Taps, columns: Taps) -> Array:
    """`_resampled` for small images: two products."""
    batch, height, width, channels = images.shape
    high, wide = len(rows.indices), len(columns.indices)
    (_, inputs, down), (_, pixels, across) = rows.blocks(high)[0], columns.blocks(wide, channels)[0]
    flat = images.reshape(batch, height, width * channels)[:, inputs, pixels].astype(np.float32, copy=False)
    result = down @ flat @ across
    if not math.isfinite(result.sum()):
        return _resampled(np, images, rows, columns)
    return result.reshape(batch, high, wide, channels)


def _down(image: Array, blocks: list[Block]) -> Array:
    """Some rows of the result, as wide as the image."""
    first, last = blocks[0].outputs.start, blocks[-1].outputs.stop
    mixed = host.scratch("resize", (last - first, image.shape[1]), np.float32)
    for rows, inputs, matrix in blocks:
        some = image[inputs].astype(np.float32, copy=False)
        np.matmul(matrix, some, out=mixed[rows.start - first : rows.stop - first])
    return mixed


def _columns_first(image: Array, blocks: list[Block], columns: Taps, out: Array, channels: int) -> None:
    """Makes some rows of the result, of which there are more than of the image: so the columns are made of fewer."""
    first = min(block.inputs.start for block in blocks)
    last = max(block.inputs.stop for block in blocks)
    mixed = host.scratch("resize", (last - first, out.shape[1]), np.float32)
    _across(image[first:last].astype(np.float32, copy=False), columns, mixed, channels)
    top = blocks[0].outputs.start
    for rows, inputs, matrix in blocks:
        some = mixed[inputs.start - first : inputs.stop - first]
        np.matmul(matrix, some, out=out[rows.start - top : rows.stop - top])


def _across(mixed: Array, columns: Taps, out: Array, channels: int) -> None:
    """Makes the columns of rows."""
    if channels <= _CHANNELS:
        for wanted, inputs, matrix in columns.blocks(_COLUMNS, channels):
            np.matmul(mixed[:, inputs], matrix, out=out[:, wanted])
        return
    mixed, out = mixed.reshape(len(mixed), -1, channels), out.reshape(len(out), -1, channels)
    for wanted, inputs, matrix in columns.blocks(_ROWS):
        np.matmul(matrix, mixed[:, inputs], out=out[:, wanted])


def _mixed(xp: Any, x: Array, indices: Array, weights: Array) -> Array:
    """Weighted sums along axis 1."""
    total: Any = None
    for i in range(indices.shape[1]):
        part = xp.take(x, indices[:, i], axis=1, mode="clip") * weights[:, i]
        total = part if total is None else total + part
    return total


def _spread(xp: Any, g: Array, rows: Taps, columns: Taps, size: tuple[int, int]) -> Array:
    """The adjoint of `_resampled`: what each input gets of its outputs' gradients."""
    for axis, taps, inputs in ((1, rows, size[0]), (2, columns, size[1])):
        matrix = np.zeros((len(taps.indices), inputs), np.float32)
        np.add.at(matrix, (np.arange(len(matrix))[:, None], taps.indices), taps.weights)
        g = xp.moveaxis(xp.tensordot(g, matrix.astype(g.dtype), (axis, 0)), -1, axis)
    return g


def _resized_shape(images: Shape, size: tuple[int, int] | None, *_inputs: Any, **_attrs: Any) -> Shape:
    batch, height, width, channels = images if images is not None and len(images) == 4 else (None,) * 4
    if images is not None and len(images) != 4:
        raise errors.invalid(f"input must be 4-dimensional{shapes.show(images)}")
    if size is None:
        return (batch, None, None, channels)
    if any(type(n) is int and n <= 0 for n in size):
        raise errors.invalid("output dimensions must be positive")
    if not (type(batch) is int and batch == 0) and any(type(n) is int and n == 0 for n in (height, width)):
        raise errors.invalid("input image must be of non-zero size")
    return (batch, *size, channels)


def _gradient_shape(_grads: Shape, original: Shape, *_inputs: Any, **_attrs: Any) -> Shape:
    return original


def _checked(xp: Any, images: Array, size: tuple[int, int]) -> Array | None:
    """Nothing to do if there are no images; otherwise None, or the error."""
    shape = _resized_shape(images.shape, size)
    if not images.shape[3]:
        raise errors.invalid("image must have at least one channel")
    return None if images.shape[0] else xp.zeros(shape, np.float32)


def _interpolation(
    name: str, taps: Callable[..., Taps], allowed: tuple[DType, ...], gradient_types: tuple[DType, ...]
) -> Op:
    """The op `Resize<name>` and the one of its gradient."""

    def kernel(
        xp: Any, images: Array, size: Any, *, align_corners: bool = False, half_pixel_centers: bool = False
    ) -> Array:
        empty = _checked(xp, images, size)
        if empty is not None:
            return empty
        rows = taps(images.shape[1], size[0], align_corners, half_pixel_centers)
        columns = taps(images.shape[2], size[1], align_corners, half_pixel_centers)
        return _resampling(xp)(images, rows, columns)

    def adjoint(
        xp: Any, grads: Array, original_image: Array, *, align_corners: bool = False, half_pixel_centers: bool = False
    ) -> Array:
        height, width = original_image.shape[1:3]
        rows = taps(height, grads.shape[1], align_corners, half_pixel_centers)
        columns = taps(width, grads.shape[2], align_corners, half_pixel_centers)
        return _spread(xp, grads, rows, columns, (height, width)).astype(original_image.dtype)

    forward = op(
        f"Resize{name}",
        "images:T, size:int32 -> resized_images:float",
        static=("size",),
        T=allowed,
        shape=_resized_shape,
    )(kernel)
    backward = op(
        f"Resize{name}Grad", "grads:float, original_image:T -> output:T", T=gradient_types, shape=_gradient_shape
    )(adjoint)

    @forward.gradient
    def _(g: Any, _output: Any, images: Any, _size: Any, **attrs: Any) -> Any:
        return backward(g, images, **attrs) if images.dtype in gradient_types else None, None

    @backward.gradient
    def _(g: Any, _output: Any, grads_shape: Any, _original: Any, **attrs: Any) -> Any:
        return forward(g, grads_shape[1:3], **attrs), None

    return forward


resize_bilinear = _interpolation("Bilinear", linear_taps, _BILINEAR, types.FLOATS)
resize_bicubic = _interpolation("Bicubic", cubic_taps, _IMAGES, (dtypes.float32, dtypes.float64))


@op(
    "ResizeNearestNeighbor", "images:T, size:int32 -> resized_images:T", static=("size",), T=_IMAGES,
    shape=_resized_shape,
)  # fmt: skip
def resize_nearest(
    xp: Any, images: Array, size: Any, *, align_corners: bool = False, half_pixel_centers: bool = False
) -> Array:
    _checked(xp, images, size)
    rows = nearest_taps(images.shape[1], size[0], align_corners, half_pixel_centers).indices[:, 0]
    columns = nearest_taps(images.shape[2], size[1], align_corners, half_pixel_centers).indices[:, 0]
    return xp.take(xp.take(images, rows, axis=1), columns, axis=2)


@resize_nearest.gradient
def _(g: Any, _output: Any, images_shape: Any, _size: Any, **attrs: Any) -> Any:
    return _resize_nearest_grad(g, images_shape[1:3], **attrs), None


@op(
    "ResizeNearestNeighborGrad", "grads:T, size:int32 -> output:T", static=("size",),
    T=(dtypes.uint8, dtypes.int8, dtypes.int32, *types.FLOATS), shape=_resized_shape,
)  # fmt: skip
def _resize_nearest_grad(
    xp: Any, grads: Array, size: Any, *, align_corners: bool = False, half_pixel_centers: bool = False
) -> Array:
    rows = nearest_taps(size[0], grads.shape[1], align_corners, half_pixel_centers)
    columns = nearest_taps(size[1], grads.shape[2], align_corners, half_pixel_centers)
    return _spread(xp, grads, rows, columns, size)


@_resize_nearest_grad.gradient
def _(g: Any, _output: Any, grads_shape: Any, _size: Any, **attrs: Any) -> Any:
    return resize_nearest(g, grads_shape[1:3], **attrs), None


# TensorFlow has no gradient for it.
@op(
    "ResizeArea", "images:T, size:int32 -> resized_images:float", static=("size",), T=_IMAGES, shape=_resized_shape,
    differentiable=None,
)  # fmt: skip
def resize_area(xp: Any, images: Array, size: Any, *, align_corners: bool = False) -> Array:
    empty = _checked(xp, images, size)
    if empty is not None:
        return empty
    rows, columns = (area_taps(images.shape[1 + i], size[i], align_corners) for i in range(2))
    return _resampling(xp)(images, rows, columns)


_FACTORS = ("scale", "translation")


@op(
    "ScaleAndTranslate", "images:T, size:int32, scale:float, translation:float -> resized_images:float",
    static=("size", *_FACTORS), T=_SCALED, shape=_resized_shape,
)  # fmt: skip
def scale_and_translate(
    xp: Any,
    images: Array,
    size: Any,
    scale: Any,
    translation: Any,
    *,
    kernel_type: str = "lanczos3",
    antialias: bool = True,
) -> Array:
    empty = _checked(xp, images, size)
    if empty is not None:
        return empty
    rows, columns = (
        kernel_taps(images.shape[1 + i], size[i], scale[i], translation[i], kernel_type, antialias) for i in range(2)
    )
    return _resampling(xp)(images, rows, columns)


@scale_and_translate.gradient
def _(g: Any, _output: Any, images: Any, _size: Any, scale: Any, translation: Any, **attrs: Any) -> Any:
    return _scale_and_translate_grad(g, images, scale, translation, **attrs), None, None, None


@op(
    "ScaleAndTranslateGrad", "grads:T, original_image:T, scale:float, translation:float -> output:T", static=_FACTORS,
    T=(dtypes.float32,), shape=_gradient_shape,
)  # fmt: skip
def _scale_and_translate_grad(
    xp: Any,
    grads: Array,
    original: Array,
    scale: Any,
    translation: Any,
    *,
    kernel_type: str = "lanczos3",
    antialias: bool = True,
) -> Array:
    rows, columns = (
        kernel_taps(original.shape[1 + i], grads.shape[1 + i], scale[i], translation[i], kernel_type, antialias)
        for i in range(2)
    )
    return _spread(xp, grads, rows, columns, original.shape[1:3])


@_scale_and_translate_grad.gradient
def _(g: Any, _output: Any, grads_shape: Any, _original: Any, scale: Any, translation: Any, **attrs: Any) -> Any:
    return scale_and_translate(g, tuple(grads_shape[1:3]), scale, translation, **attrs), None, None, None


def _by_image(kernel: Callable[..., Array]) -> Callable[..., Array]:
    """A host kernel that does one image of a big batch at a time, on all cores: its temporaries stay in the cache."""

    def run(images: Array, *inputs: Any, **attrs: Any) -> Array:
        if images.size < BIG or len(images) < 2:
            return kernel(images, *inputs, **attrs)
        first = kernel(images[:1], *inputs, **attrs)
        out = np.empty((len(images), *first.shape[1:]), first.dtype)
        out[:1] = first
        context = contextvars.copy_context()  # so that NumPy's warnings are silenced on the other threads, too

        def work(start: int, stop: int) -> None:
            out[start + 1 : stop + 1] = kernel(images[start + 1 : stop + 1], *inputs, **attrs)

        host.parallel(lambda start, stop: context.copy().run(work, start, stop), len(images) - 1, 1)
        return out

    return run


resize_nearest.host = _by_image(resize_nearest.host)


# ---------------------------------------------------------------- the public function


class ResizeMethod:
    """The names of the methods of `tf.image.resize`."""

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    AREA = "area"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    GAUSSIAN = "gaussian"
    MITCHELLCUBIC = "mitchellcubic"


_PLAIN = {"bilinear": resize_bilinear, "nearest": resize_nearest, "bicubic": resize_bicubic}
_NAMES = {"bilinear": "triangle", "bicubic": "keyscubic"}
_METHODS = {value for name, value in vars(ResizeMethod).items() if name.isupper()}


def resize(
    images: TensorLike,
    size: TensorLike,
    method: str = ResizeMethod.BILINEAR,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Tensor:
    """Resizes images.

    Args:
      images: `[batch, height, width, channels]` or `[height, width, channels]`, of numbers.
      size: the new height and width, two int32.
      method: one of `tf.image.ResizeMethod`.
      preserve_aspect_ratio: whether `size` is only the most that height and width may be.
      antialias: whether the images are smoothed before they are made smaller.
      name: a name for the operation, optional.

    Returns:
      The images, float32; with the method "nearest" of the dtype of `images`.

    Raises:
      ValueError: if the shapes of `images` or `size` are wrong, or there is no such method.
      InvalidArgumentError: if a size is not positive.

    >>> image = tf.constant([[[1.0], [2.0]]])
    >>> tf.image.resize(image, [1, 4])[0, :, 0].numpy()
    array([1.  , 1.25, 1.75, 2.  ], dtype=float32)
    """
    tensor = convert(images)
    rank = tensor.shape.rank
    if rank is None:
        raise ValueError("'images' contains no shape.")
    if rank not in (3, 4):
        raise ValueError("'images' must have either 3 or 4 dimensions.")
    wanted = wanted_size(size)
    if method not in _METHODS:
        raise ValueError(f"Resize method is not implemented: {method}")
    batch = tensor if rank == 4 else expand_dims(tensor, 0)
    if preserve_aspect_ratio:
        wanted = within(wanted, shape_of(batch)[1:3])
    result: Tensor
    if method in _PLAIN and (not antialias or method == "nearest"):
        result = _PLAIN[method](batch, wanted, half_pixel_centers=True, name=name)
    elif method == "area":
        result = resize_area(batch, wanted, name=name)
    else:
        scale = _factors(wanted, shape_of(batch)[1:3])
        kernel_type = _NAMES.get(method, method)
        result = scale_and_translate(
            batch, wanted, scale, (0.0, 0.0), kernel_type=kernel_type, antialias=antialias, name=name
        )
    return result if rank == 4 else squeeze(result, [0])


def _are_ints(*sizes: Any) -> bool:
    return all(type(size) is tuple and all(type(n) is int for n in size) for size in sizes)


def _singles(size: Any) -> Tensor:
    return OPS["Cast"](convert(size, dtypes.int32), DstT=dtypes.float32)  # type: ignore[no-any-return]


def within(wanted: Any, have: Any) -> Any:
    """The largest size within the wanted one that has the shape of what we have."""
    if not _are_ints(wanted, have):
        sides = _singles(have)
        ratios = _singles(wanted) / sides
        return OPS["Cast"](OPS["Rint"](OPS["Min"](ratios, 0, keep_dims=False) * sides), DstT=dtypes.int32)
    if 0 in have:
        return wanted
    factor = min(np.float32(out) / np.float32(size) for out, size in zip(wanted, have))
    return tuple(int(np.rint(factor * np.float32(size))) for size in have)


def _factors(wanted: Any, have: Any) -> Any:
    if not _are_ints(wanted, have):
        return _singles(wanted) / OPS["Maximum"](_singles(have), 1.0)
    return tuple(float(np.float32(out) / np.float32(max(size, 1))) for out, size in zip(wanted, have))


def wanted_size(size: Any) -> Any:
    """Two ints, in graphs perhaps a Tensor.

    Raises:
      ValueError: the size is not two integers.
    """
    if type(size) in (tuple, list) and len(size) == 2 and all(type(n) is int and abs(n) < 1 << 31 for n in size):
        return tuple(size)
    try:
        found = convert(size, dtypes.int32)
    except (TypeError, ValueError):
        raise ValueError("'size' must be a 1-D int32 Tensor") from None
    if not found.shape.is_compatible_with([2]):
        raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
    return static(found)
