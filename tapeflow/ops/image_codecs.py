"""Images as files: JPEG, PNG, GIF, BMP and WebP are read, JPEG is written, by Pillow (the extra `images`)."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import DType, as_dtype
from ..base.extras import need
from ..base.shapes import Shape
from ..core.op import Op
from ..core.registry import OPS
from ..core.tensor import Array, Tensor, TensorLike
from . import image_png
from .common import only_host

_KINDS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"GIF8": "GIF", b"BM": "BMP"}
_BROKEN = {
    "JPEG": "jpeg::Uncompress failed. Invalid JPEG data or crop window.",
    "PNG": "Invalid PNG. Failed to initialize decoder.",
}
_GRAY = np.array([9798, 19235, 3735], np.uint32)  # of 32768: what libpng makes gray of


@functools.cache
def _pillow() -> Any:
    return need("PIL.Image", "images", "tf.io.decode_image")


def text_of(contents: Array) -> bytes:
    """What is in the file.

    Raises:
      InvalidArgumentError: if there are several.
    """
    if contents.ndim:
        raise errors.invalid(f"`contents` must be scalar but got shape[{','.join(map(str, contents.shape))}]")
    data: bytes = contents.item()
    return data


def _kind(data: bytes) -> str:
    if not data:
        raise errors.invalid("Input is empty.")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    for start, kind in _KINDS.items():
        if data.startswith(start):
            return kind
    raise errors.invalid("Unknown image file format. One of JPEG, JPEG XL, PNG, GIF, BMP, WebP required.")


def _check_channels(kind: str, channels: int, name: str) -> None:
    if channels not in (0, 1, 3, 4):
        raise errors.invalid(f"`channels` must be 0, 1, 3 or 4 but got {channels}")
    if name == "DecodeBmp" and kind != "BMP":
        raise errors.invalid(
            f"Trying to decode {kind} format using DecodeBmp op. Use `decode_{kind.lower()}` or `decode_image` instead."
        )
    if kind == "BMP" and name not in ("DecodeBmp", "DecodeImage"):
        raise errors.invalid(
            f"Trying to decode BMP format using a wrong op. Use `decode_bmp` or `decode_image` instead. Op used: {name}"
        )
    if kind == "BMP" and channels == 1:
        raise errors.invalid("`channels` must be 0, 3 or 4 for BMP, but got 1")
    if kind == "GIF" and channels not in (0, 3):
        raise errors.invalid(f"channels must be 0 or 3 for GIF, got {channels}")
    if kind == "JPEG" and channels == 4:
        raise errors.invalid("JPEG does not support 4 channels")
    if kind == "WebP" and channels == 1:
        raise errors.invalid("WebP only supports 3 or 4 channels")


def _opened(data: bytes, kind: str, whole: bool = True) -> Any:
    """Pillow's image, with its pixels."""
    try:
        found = _pillow().open(io.BytesIO(data), formats=[kind.upper()])
        if whole:
            found.load()
        return found
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise errors.invalid(_BROKEN.get(kind, f"Invalid {kind} data: {error}")) from None


def _frames(data: bytes, kind: str, channels: int) -> Array:
    """All pictures of a GIF or WebP file: `[frames, height, width, channels]`."""
    found = _opened(data, kind, whole=False)
    alpha = kind == "WebP" and (channels == 4 or (channels == 0 and found.mode == "RGBA"))
    pictures = []
    try:
        for number in range(getattr(found, "n_frames", 1)):
            found.seek(number)
            pictures.append(np.asarray(found.convert("RGBA" if alpha else "RGB")))
    except (OSError, EOFError, ValueError) as error:
        raise errors.invalid(f"Invalid {kind} data: {error}") from None
    return np.stack(pictures)


def _jpeg(data: bytes, channels: int, ratio: int = 1, recover: bool = False) -> Array:
    found = _opened(data, "JPEG", whole=False)
    size = tuple(-(-n // ratio) for n in found.size)
    found.draft("L" if channels == 1 else None, size)
    try:
        found.load()
    except OSError:
        if not recover:
            raise errors.invalid(_BROKEN["JPEG"]) from None
        files = need("PIL.ImageFile", "images", "tf.io.decode_jpeg")
        files.LOAD_TRUNCATED_IMAGES, before = True, files.LOAD_TRUNCATED_IMAGES
        try:
            found.load()
        finally:
            files.LOAD_TRUNCATED_IMAGES = before
    mode = "L" if channels == 1 or (channels == 0 and found.mode == "L") else "RGB"
    return _three_dimensional(np.asarray(found.convert(mode)))


def _three_dimensional(pixels: Array) -> Array:
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _still(data: bytes, kind: str, channels: int) -> Array:
    """The pixels of a PNG or BMP file, uint8 or uint16: `[height, width, channels]`."""
    if kind == "PNG" and image_png.is_deep(data):
        try:
            return _with_channels(image_png.read_deep(data), channels)
        except Exception:
            raise errors.invalid(_BROKEN[kind]) from None
    found = _opened(data, kind)
    mode = found.mode
    if mode not in ("L", "LA", "RGB", "RGBA"):
        mode = "L" if mode == "1" else "RGBA" if "transparency" in found.info else "RGB"
        found = found.convert(mode)
    return _with_channels(_three_dimensional(np.asarray(found)), channels)


def _with_channels(pixels: Array, channels: int) -> Array:
    """The same picture in gray, in color, or in color with an opaque background."""
    have = pixels.shape[-1]
    if channels in (0, have):
        return pixels
    if channels == 1:
        if have == 2:
            return pixels[..., :1]
        return ((pixels[..., :3] @ _GRAY) >> 15).astype(pixels.dtype)[..., None]
    color = np.repeat(pixels[..., :1], 3, -1) if have < 3 else pixels[..., :3]
    if channels == 3:
        return color
    opaque = np.full_like(color[..., :1], np.iinfo(pixels.dtype).max)
    return np.concatenate([color, pixels[..., -1:] if have in (2, 4) else opaque], -1)


def _as_dtype(pixels: Array, dtype: DType, kind: str) -> Array:
    """With another range: a PNG file of 8 bits is one of 16 first, where that is asked for."""
    if dtype is dtypes.uint8:
        return pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    if kind == "WebP":
        raise errors.invalid("WebP only supports uint8 for dtype")
    wide = pixels.astype(np.uint16)
    if pixels.dtype == np.uint8 and kind == "PNG":
        wide = wide * np.uint16(257)
    if dtype is dtypes.uint16:
        return wide if kind == "PNG" else wide * np.uint16(256)
    return wide.astype(np.float32) * np.float32(1 / 65535 if kind == "PNG" else 1 / 255)


def _decoder(name: str) -> Callable[..., Array]:
    def decode(
        xp: Any, contents: Array, *, channels: int = 0, dtype: DType = dtypes.uint8, ratio: int = 1,
        try_recover_truncated: bool = False, expand_animations: bool = True, **_hints: Any,
    ) -> Array:  # fmt: skip
        if ratio not in (1, 2, 4, 8):
            raise errors.invalid(f"ratio must be 1, 2, 4, or 8, got {ratio}")
        data = text_of(contents)
        kind = _kind(data)
        _check_channels(kind, channels, name)
        if kind == "JPEG":
            pixels = _jpeg(data, channels, ratio, try_recover_truncated)
        elif kind in ("GIF", "WebP"):
            pixels = _animated(_frames(data, kind, channels), kind, name, expand_animations)
        else:
            pixels = _still(data, kind, channels)
        if name == "DecodeGif" and pixels.ndim == 3:
            pixels = _with_channels(pixels, 3)[None]
        return np.ascontiguousarray(_as_dtype(pixels, dtype, kind))

    return decode


def _animated(pictures: Array, kind: str, name: str, expand: bool) -> Array:
    if not expand:
        return pictures[0]
    if name in ("DecodeImage", f"Decode{'Gif' if kind == 'GIF' else 'WebP'}"):
        return pictures
    if kind == "WebP" or name == "DecodeWebP":
        raise errors.invalid(f"Bad op type {name}")
    if len(pictures) > 1:
        raise errors.invalid(
            f"Got {len(pictures)} frames, but animated gifs can only be decoded by tf.io.decode_gif or "
            "tf.io.decode_image"
        )
    return pictures[0]


def _image_shape(contents: Shape, *, channels: int = 0, expand_animations: bool = True, **_attrs: Any) -> Shape:
    return None if expand_animations else (None, None, channels or None)


def _still_shape(contents: Shape, *, channels: int = 0, **_attrs: Any) -> Shape:
    return None, None, channels or None


def _gif_shape(contents: Shape, **_attrs: Any) -> Shape:
    return None, None, None, 3


def _webp_shape(contents: Shape, *, channels: int = 0, **_attrs: Any) -> Shape:
    return None


_JPEG = {
    "channels": 0, "ratio": 1, "fancy_upscaling": True, "try_recover_truncated": False, "acceptable_fraction": 1.0,
    "dct_method": "",
}  # fmt: skip


def _op(name: str, kind: str, shape: Callable[..., Shape], defaults: dict[str, Any]) -> Op:
    made = OPS[name] = Op(
        name, f"contents:string -> image:{kind}", _decoder(name), shape, differentiable=False,
        types={"dtype": (dtypes.uint8, dtypes.uint16, dtypes.float32)},
    )  # fmt: skip
    made.defaults = defaults
    only_host(made)
    return made


_DEEP = {"channels": 0, "dtype": dtypes.uint8}
_decode_image = _op("DecodeImage", "dtype", _image_shape, {**_DEEP, "expand_animations": True})
_decode_jpeg = _op("DecodeJpeg", "uint8", _still_shape, _JPEG)
_decode_png = _op("DecodePng", "dtype", _still_shape, _DEEP)
_decode_gif = _op("DecodeGif", "uint8", _gif_shape, {})
_decode_bmp = _op("DecodeBmp", "uint8", _still_shape, {"channels": 0})
_decode_webp = _op("DecodeWebP", "dtype", _webp_shape, _DEEP)


def decode_image(
    contents: TensorLike,
    channels: int | None = None,
    dtype: Any = dtypes.uint8,
    name: str | None = None,
    expand_animations: bool = True,
) -> Tensor:
    """The pixels of an image file: JPEG, PNG, GIF, BMP or WebP.

    Args:
      contents: what is in the file, a string scalar.
      channels: 1 for gray, 3 for color, 4 with opacity; 0 or None for what is in the file.
      dtype: of the pixels; floats are from 0 to 1.
      name: a name for the operation, optional.
      expand_animations: whether GIF and WebP files give all their pictures, with one more dimension; or just the first.

    Returns:
      `[height, width, channels]`, or `[pictures, height, width, channels]`.

    Raises:
      InvalidArgumentError: if it is no such file, or cannot have so many channels.
      ImportError: if Pillow is not installed (the extra `images`).

    >>> tf.io.decode_image(tf.io.encode_png(tf.ones([2, 3, 1], tf.uint8))).shape
    TensorShape([2, 3, 1])
    """
    wanted = as_dtype(dtype)
    direct = wanted in (dtypes.uint8, dtypes.uint16, dtypes.float32)
    image = _decode_image(
        contents, channels=channels or 0, dtype=wanted if direct else dtypes.uint16,
        expand_animations=expand_animations, name=name,
    )  # fmt: skip
    if direct:
        return image  # type: ignore[no-any-return]
    from .image_colors import convert_image_dtype

    return convert_image_dtype(image, wanted)


def decode_jpeg(
    contents: TensorLike,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1,
    dct_method: str = "",
    name: str | None = None,
) -> Tensor:
    """The pixels of a JPEG file. Pillow decodes as `dct_method="INTEGER_ACCURATE"` says; others differ by a few units.

    Args:
      contents: what is in the file, a string scalar.
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
      InvalidArgumentError: if it is no such file.
      ImportError: if Pillow is not installed (the extra `images`).

    >>> tf.io.decode_jpeg(tf.io.encode_jpeg(tf.ones([2, 3, 3], tf.uint8))).shape
    TensorShape([2, 3, 3])
    """
    return _decode_jpeg(  # type: ignore[no-any-return]
        contents, channels=channels, ratio=ratio, fancy_upscaling=fancy_upscaling, dct_method=dct_method,
        try_recover_truncated=try_recover_truncated, acceptable_fraction=acceptable_fraction, name=name,
    )  # fmt: skip


def decode_png(contents: TensorLike, channels: int = 0, dtype: Any = dtypes.uint8, name: str | None = None) -> Tensor:
    """The pixels of a PNG file.

    Args:
      contents: what is in the file, a string scalar.
      channels: 1 for gray, 3 for color, 4 with opacity, 0 for what is in the file.
      dtype: uint8 or uint16.
      name: a name for the operation, optional.

    Returns:
      `[height, width, channels]`.

    Raises:
      InvalidArgumentError: if it is no such file.

    >>> tf.io.decode_png(tf.io.encode_png(tf.constant([[[7], [9]]], tf.uint8))).numpy().tolist()
    [[[7], [9]]]
    """
    wanted = as_dtype(dtype)
    if wanted not in (dtypes.uint8, dtypes.uint16):
        raise errors.invalid(
            f"Value for attr 'dtype' of {wanted.cpp_name} is not in the list of allowed values: uint8, uint16"
        )
    return _decode_png(contents, channels=channels, dtype=wanted, name=name)  # type: ignore[no-any-return]


def decode_gif(contents: TensorLike, name: str | None = None) -> Tensor:
    """The pictures of a GIF file.

    Args:
      contents: what is in the file, a string scalar.
      name: a name for the operation, optional.

    Returns:
      `[pictures, height, width, 3]`, uint8.

    Raises:
      InvalidArgumentError: if it is no image file.
    """
    return _decode_gif(contents, name=name)  # type: ignore[no-any-return]


def decode_bmp(contents: TensorLike, channels: int = 0, name: str | None = None) -> Tensor:
    """The pixels of a BMP file.

    Args:
      contents: what is in the file, a string scalar.
      channels: 3 for color, 4 with opacity, 0 for what is in the file.
      name: a name for the operation, optional.

    Returns:
      `[height, width, channels]`, uint8.

    Raises:
      InvalidArgumentError: if it is no such file.
    """
    return _decode_bmp(contents, channels=channels, name=name)  # type: ignore[no-any-return]


def decode_webp(contents: TensorLike, channels: int = 0, dtype: Any = dtypes.uint8, name: str | None = None) -> Tensor:
    """The pictures of a WebP file.

    Args:
      contents: what is in the file, a string scalar.
      channels: 3 for color, 4 with opacity, 0 for what is in the file.
      dtype: uint8.
      name: a name for the operation, optional.

    Returns:
      `[pictures, height, width, channels]`.

    Raises:
      InvalidArgumentError: if it is no image file.
    """
    return _decode_webp(contents, channels=channels, dtype=as_dtype(dtype), name=name)  # type: ignore[no-any-return]
