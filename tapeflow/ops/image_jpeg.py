"""JPEG: written, cut out of, asked for its size, and made worse, by Pillow (the extra `images`)."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import DType, as_dtype
from ..base.extras import need
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor, TensorLike
from .common import only_host
from .image_codecs import _decode_jpeg, _jpeg, _opened, text_of


def _written(image: Array, quality: int, **options: Any) -> Array:
    pillow = need("PIL.Image", "images", "tf.io.encode_jpeg")
    picture = pillow.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, **options)
    return np.array(file.getvalue(), object)


def _check_image(image: Array, quality: int, format: str = "") -> None:
    size = ",".join(map(str, image.shape))
    if image.ndim != 3:
        raise errors.invalid(f"image must be 3-dimensional[{size}]")
    if not 0 <= quality <= 100:
        raise errors.invalid(f"quality must be in [0,100], got {quality}")
    wanted = {"grayscale": 1, "rgb": 3}.get(format)
    if wanted and image.shape[-1] != wanted:
        raise errors.invalid(f"format {format} expects {wanted} channels, got [{size}]")
    if image.shape[-1] not in (1, 3):
        raise errors.invalid(f"image must have 1 or 3 channels, got [{size}]")


def _check_among(attr: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        names = ", ".join(f'"{x}"' for x in allowed)
        raise errors.invalid(f"Value for attr '{attr}' of \"{value}\" is not in the list of allowed values: {names}")


def _scalar(*_: Any, **__: Any) -> Shape:
    return ()


@op("EncodeJpeg", "image:uint8 -> contents:string", shape=_scalar, differentiable=False)
def _encode_jpeg(
    xp: Any, image: Array, *, format: str = "", quality: int = 95, progressive: bool = False,
    optimize_size: bool = False, chroma_downsampling: bool = True, density_unit: str = "in", x_density: int = 300,
    y_density: int = 300, xmp_metadata: str = "",
) -> Array:  # fmt: skip
    _check_among("format", format, ("", "grayscale", "rgb"))
    _check_among("density_unit", density_unit, ("in", "cm"))
    _check_image(image, quality, format)
    per_inch = 1.0 if density_unit == "in" else 2.54
    more = {"xmp": xmp_metadata.encode()} if xmp_metadata else {}
    return _written(
        image, quality, progressive=progressive, optimize=optimize_size, subsampling=2 if chroma_downsampling else 0,
        dpi=(x_density * per_inch, y_density * per_inch), **more,
    )  # fmt: skip


@op("EncodeJpegVariableQuality", "images:uint8, quality:int32 -> contents:string", shape=_scalar, differentiable=False)
def _encode_variable(xp: Any, images: Array, quality: Array) -> Array:
    _check_image(images, int(quality))
    return _written(images, int(quality), subsampling=2, dpi=(300, 300))


def _cropped_shape(contents: Shape, crop_window: Any, *, channels: int = 0, **_attrs: Any) -> Shape:
    return (*((None, None) if crop_window is None else crop_window[2:]), channels or None)


@op(
    "DecodeAndCropJpeg", "contents:string, crop_window:int32 -> image:uint8", static=("crop_window",),
    shape=_cropped_shape, differentiable=False,
)  # fmt: skip
def _decode_and_crop(
    xp: Any, contents: Array, crop_window: Any, *, channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True,
    try_recover_truncated: bool = False, acceptable_fraction: float = 1.0, dct_method: str = "",
) -> Array:  # fmt: skip
    if len(crop_window) != 4:
        raise errors.invalid(f"crop_window must have four elements {len(crop_window)}")
    top, left, height, width = crop_window
    pixels = _jpeg(text_of(contents), channels, ratio, try_recover_truncated)
    if min(crop_window) < 0 or top + height > pixels.shape[0] or left + width > pixels.shape[1] or not height * width:
        raise errors.invalid("jpeg::Uncompress failed. Invalid JPEG data or crop window.")
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


@op(
    "ExtractJpegShape", "contents:string -> image_shape:output_type", shape=lambda *_, **__: (3,),
    output_type=(dtypes.int32, dtypes.int64), differentiable=False,
)  # fmt: skip
def _extract_jpeg_shape(xp: Any, contents: Array, *, output_type: DType = dtypes.int32) -> Array:
    data = text_of(contents)
    if data[:3] != b"\xff\xd8\xff":
        raise errors.invalid(f"Invalid JPEG data, size {len(data)}")
    found = _opened(data, "JPEG", whole=False)
    return np.array([found.height, found.width, len(found.getbands())], output_type.numpy)


only_host(_encode_jpeg, _encode_variable, _decode_and_crop, _extract_jpeg_shape)


def encode_jpeg(
    image: TensorLike,
    format: str = "",
    quality: int = 95,
    progressive: bool = False,
    optimize_size: bool = False,
    chroma_downsampling: bool = True,
    density_unit: str = "in",
    x_density: int = 300,
    y_density: int = 300,
    xmp_metadata: str = "",
    name: str | None = None,
) -> Tensor:
    """A picture as a JPEG file.

    Args:
      image: `[height, width, channels]`, uint8, with 1 or 3 channels.
      format: "grayscale" or "rgb" if the number of channels is to be checked.
      quality: from 0 to 100.
      progressive: whether the file shows a coarse picture first.
      optimize_size: whether to take more time for a smaller file.
      chroma_downsampling: whether colors are kept at half the size.
      density_unit: "in" or "cm".
      x_density: pixels in such a unit, from left to right.
      y_density: pixels in such a unit, from top to bottom.
      xmp_metadata: text kept in the file.
      name: a name for the operation, optional.

    Returns:
      A string scalar.

    Raises:
      InvalidArgumentError: for other shapes and values.
      ImportError: if Pillow is not installed (the extra `images`).

    >>> tf.io.encode_jpeg(tf.zeros([2, 2, 1], tf.uint8)).numpy()[:2]
    b'\\xff\\xd8'
    """
    return _encode_jpeg(  # type: ignore[no-any-return]
        image, format=format, quality=quality, progressive=progressive, optimize_size=optimize_size,
        chroma_downsampling=chroma_downsampling, density_unit=density_unit, x_density=x_density, y_density=y_density,
        xmp_metadata=xmp_metadata, name=name,
    )  # fmt: skip


def decode_and_crop_jpeg(
    contents: TensorLike,
    crop_window: Any,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1,
    dct_method: str = "",
    name: str | None = None,
) -> Tensor:
    """A part of the pixels of a JPEG file.

    Args:
      contents: what is in the file, a string scalar.
      crop_window: `[top, left, height, width]` of the part.
      channels: 1 for gray, 3 for color, 0 for what is in the file.
      ratio: 1, 2, 4 or 8: how many times smaller the picture is to be.
      fancy_upscaling: a hint, not used.
      try_recover_truncated: whether of a file that is cut off what is there is shown.
      acceptable_fraction: a hint, not used.
      dct_method: a hint, not used.
      name: a name for the operation, optional.

    Returns:
      `[height, width, channels]`, uint8.

    Raises:
      InvalidArgumentError: if it is no such file, or the part is not within the picture.
    """
    return _decode_and_crop(  # type: ignore[no-any-return]
        contents, crop_window, channels=channels, ratio=ratio, fancy_upscaling=fancy_upscaling, dct_method=dct_method,
        try_recover_truncated=try_recover_truncated, acceptable_fraction=acceptable_fraction, name=name,
    )  # fmt: skip


def extract_jpeg_shape(contents: TensorLike, output_type: Any = dtypes.int32, name: str | None = None) -> Tensor:
    """The size of the picture in a JPEG file, without its pixels.

    Args:
      contents: what is in the file, a string scalar.
      output_type: int32 or int64.
      name: a name for the operation, optional.

    Returns:
      `[height, width, channels]`.

    Raises:
      InvalidArgumentError: if it is no such file.

    >>> tf.io.extract_jpeg_shape(tf.io.encode_jpeg(tf.zeros([2, 5, 3], tf.uint8))).numpy()
    array([2, 5, 3], dtype=int32)
    """
    return _extract_jpeg_shape(contents, output_type=as_dtype(output_type), name=name)  # type: ignore[no-any-return]


def is_jpeg(contents: TensorLike, name: str | None = None) -> Tensor:
    """Whether files are JPEG, by their first bytes.

    Args:
      contents: what is in the files, strings.
      name: a name for the operation, optional.

    Returns:
      A bool for each.

    >>> tf.io.is_jpeg(b"GIF89a").numpy()
    np.False_
    """
    from .comparison import equal
    from .strings import substr

    return equal(substr(contents, 0, 3), b"\xff\xd8\xff", name=name)


def adjust_jpeg_quality(image: Any, jpeg_quality: Any, name: str | None = None) -> Tensor:
    """The picture after it was written as JPEG and read again.

    Args:
      image: `[height, width, channels]`, uint8, or floats from 0 to 1.
      jpeg_quality: from 0 to 100, an integer or a scalar tensor.
      name: a name for the operation, optional.

    Returns:
      A picture of the same size and dtype.

    Raises:
      InvalidArgumentError: for another quality.

    >>> tf.image.adjust_jpeg_quality(tf.ones([2, 2, 3]), 75).dtype
    tf.float32
    """
    from .image_colors import convert_image_dtype

    picture = convert(image)
    channels = picture.shape[-1]
    pixels = convert_image_dtype(picture, dtypes.uint8, saturate=True)
    encoded = _encode_variable(pixels, convert(jpeg_quality, dtypes.int32))
    decoded = _decode_jpeg(encoded, channels=channels or 0)
    return convert_image_dtype(decoded, picture.dtype, saturate=True)


def _check_range(lowest: int, highest: int) -> None:
    if lowest < 0 or highest < 0 or lowest > 100 or highest > 100:
        raise ValueError("jpeg encoding range must be between 0 and 100.")
    if lowest >= highest:
        raise ValueError("`min_jpeg_quality` must be less than `max_jpeg_quality`.")


def random_jpeg_quality(
    image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: int | None = None
) -> Tensor:
    """The picture after it was written as JPEG of a random quality and read again.

    Args:
      image: `[height, width, channels]`, uint8, or floats from 0 to 1.
      min_jpeg_quality: the lowest quality.
      max_jpeg_quality: the quality that is just not reached.
      seed: for the same qualities in each run.

    Returns:
      A picture of the same size and dtype.

    Raises:
      ValueError: if the qualities are not between 0 and 100, or not in this order.
    """
    from .random import uniform

    _check_range(min_jpeg_quality, max_jpeg_quality)
    quality = uniform([], min_jpeg_quality, max_jpeg_quality, seed=seed, dtype=dtypes.int32)
    return adjust_jpeg_quality(image, quality)


def stateless_random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: Any) -> Tensor:
    """The picture after it was written as JPEG of a quality that depends on the seed and read again.

    Args:
      image: `[height, width, channels]`, uint8, or floats from 0 to 1.
      min_jpeg_quality: the lowest quality.
      max_jpeg_quality: the quality that is just not reached.
      seed: two integers.

    Returns:
      A picture of the same size and dtype.

    Raises:
      ValueError: if the qualities are not between 0 and 100, or not in this order.
    """
    from .random import stateless_uniform

    _check_range(min_jpeg_quality, max_jpeg_quality)
    quality = stateless_uniform([], seed, min_jpeg_quality, max_jpeg_quality, dtype=dtypes.int32)
    return adjust_jpeg_quality(image, quality)
