"""Rows of images."""

from __future__ import annotations

from typing import Any

from optable import Case, Row, bf16, case, each, f16, f32, f64, i8, i16, i32, i64, row, string, u8, u16

from .elementwise import function

WIDE = "computed in float32"


def resize(tf: Any, images: Any, size: Any, method: str = "bilinear", **options: Any) -> Any:
    return tf.image.resize(images, size, method, **options)


def curvature(tf: Any, x: Any, u: Any, method: str, antialias: bool) -> Any:
    """The Hessian of `sum(resize(x)**2) / 2`, times `u`. TensorFlow does not go to second order; but as this one does
    not depend on `x`, it is the gradient at `u`."""

    def gradient(at: Any, direction: Any) -> Any:
        with tf.GradientTape() as outer:
            outer.watch(at)
            with tf.GradientTape() as inner:
                inner.watch(at)
                y = tf.image.resize(at, [3, 5], method, antialias=antialias)
                half = tf.reduce_sum(y * y) / 2
            first = inner.gradient(half, at)
        return outer.gradient(first, at, output_gradients=direction) if direction is not None else first

    try:
        second = gradient(x, u)
    except LookupError:
        second = None
    return gradient(u, None) if second is None else second


def sizes(method: str, antialias: bool = False, **options: Any) -> list[Case]:
    options = {"fd": 0, "reason": WIDE, "rtol": 1e-5, **options}
    return [
        *(
            case(f32(1, height, width, 2), size, method, antialias=antialias, **options)
            for height, width in ((4, 5), (7, 3))
            for size in ([8, 10], [3, 2], [7, 3], [1, 1], [2, 11])
            # From one far pixel to the next these are zero but for rounding.
            if size != [1, 1] or antialias or method not in ("lanczos3", "mitchellcubic")
        ),
        case(f32(2, 3, 3, 1), [5, 2], method, antialias=antialias, **options),
        case(f32(3, 4, 1), [2, 6], method, antialias=antialias, **options),
        *each([u8, i32], lambda t: (t(1, 3, 4, 1), [5, 3], method), antialias=antialias, **options),
    ]


def refused(method: str) -> list[Case]:
    return [
        case(f32(1, 2, 2, 1), [0, 2], method, error=True),
        case(f32(1, 0, 2, 1), [2, 2], method, error=True),
        case(string(1, 2, 2, 1), [2, 2], method, error=True),
    ]


ARGUMENTS = [
    case(f32(4, 6, 1), [3, 4], preserve_aspect_ratio=True, fd=0, reason=WIDE),
    case(f32(1, 4, 6, 1), [9, 7], preserve_aspect_ratio=True, method="nearest"),
    case(f32(0, 2, 2, 1), [3, 3], fd=0, reason=WIDE),
    case(f32(2, 2, 1), i32([3, 4]), fd=0, reason=WIDE),
    case(f32(2), [1, 1], error=True),
    case(f32(2, 2, 1), [1], error=True),
    case(f32(2, 2, 1), 5, error=True),
    case(f32(2, 2, 1), [1.5, 2.0], error=True),
    case(f32(2, 2, 1), [-1, 2], error=True),
    case(f32(2, 2, 1), [2, 2], "triangular", error=True),
]

COLOURS = [
    case(f32(2, 3, 3, low=0, high=1)),
    case(f32(2, 2, 2, 3, low=0, high=1)),
    case(f32([[[0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.5], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0.2, 0.8, 0.8]]])),
    case(u8(2, 2, 3, high=255)),
]
NO_GRADIENT = {"grad": False, "reason": "TensorFlow has no gradient"}


def without_gradient(cases: list[Case]) -> list[Case]:
    return [case(*given.args, **NO_GRADIENT) for given in cases]


def shapes(name: str, *arguments: Any, others: list[Case] | None = None) -> Row:
    """A function of one image or a batch, with what it does to other shapes."""
    call = function(f"image.{name}")
    return row(
        f"tf.image.{name}",
        lambda tf, x, *rest: call(tf, x, *rest),
        [
            case(f32(4, 4, 3), *arguments),
            case(f32(2, 4, 4, 3), *arguments),
            case(u8(4, 4, 1), *arguments),
            case(f32(4, 4), *arguments, error=True),
            case(f32(1, 1, 4, 4, 3), *arguments, error=True),
            case(f32(0, 4, 3), *arguments, error=True),
            *(others or []),
        ],
    )


def random_range(name: str) -> Row:
    def draw(tf: Any, x: Any, lower: float, upper: float) -> Any:
        return getattr(tf.image, name)(x, lower, upper, [1, 2])

    return row(
        f"tf.image.{name}",
        draw,
        [
            case(f32(2, 3, 3, low=0, high=1), 0.5, 1.5, **NO_GRADIENT),
            case(f32(2, 2, 3), 2.0, 1.0, error=True),
            case(f32(2, 2, 3), -2.0, 1.0, error=True),
        ],
    )


def seeded(name: str, *arguments: Any) -> Row:
    def draw(tf: Any, x: Any, seed: int, *rest: Any) -> Any:
        tf.random.set_seed(7)
        return [getattr(tf.image, name)(x, *rest, seed=seed) for _ in range(3)]

    return row(
        f"tf.image.{name}",
        draw,
        [case(f32(2, 4, 3, low=0, high=1), seed, *arguments, **NO_GRADIENT) for seed in (1, 5)],
    )


ROWS: list[Row] = [
    row(
        "ResizeBilinear",
        resize,
        [
            *sizes("bilinear"),
            *refused("bilinear"),
            *each([f16, bf16, f64, i8, i16, u16, i64], lambda t: (t(1, 3, 4, 1), [5, 3]), fd=0, rtol=1e-5, reason=WIDE),
        ],
        also=["ResizeBilinearGrad"],
    ),
    row(
        "ResizeNearestNeighbor",
        resize,
        [
            *sizes("nearest", fd=2, rtol=None),
            *refused("nearest"),
            *each([f16, bf16, f64, i8, i16, u16, i64], lambda t: (t(1, 3, 4, 1), [5, 3], "nearest")),
        ],
        also=["ResizeNearestNeighborGrad"],
    ),
    row(
        "ResizeBicubic",
        resize,
        [
            *sizes("bicubic"),
            *refused("bicubic"),
            *each([f16, f64, i16], lambda t: (t(1, 3, 4, 1), [5, 3], "bicubic"), fd=0, rtol=1e-5, reason=WIDE),
        ],
        also=["ResizeBicubicGrad"],
    ),
    row("ResizeArea", resize, [*sizes("area", grad=False), *refused("area")]),
    row(
        "ScaleAndTranslate",
        resize,
        [
            *sizes("bilinear", True),
            *sizes("bicubic", True),
            *sizes("gaussian"),
            *sizes("gaussian", True),
            *sizes("lanczos3"),
            *sizes("lanczos5", True),
            *sizes("mitchellcubic"),
            *sizes("mitchellcubic", True),
            *refused("gaussian"),
        ],
        also=["ScaleAndTranslateGrad"],
    ),
    row("tf.image.resize", resize, ARGUMENTS),
    row(
        "tf.image.resize/big",
        lambda tf, x, size, method: tf.image.resize(tf.tile(x, [4, 300, 40, 1]), size, method)[:, ::7, ::5],
        [
            case(f32(1, 1, 5, 1), [90, 70], method, grad=False, reason="big")
            for method in ("bilinear", "nearest", "bicubic", "area", "gaussian")
        ],
    ),
    row(
        "tf.image.resize/second order",
        curvature,
        [
            case(f32(1, 4, 4, 1), f32(1, 4, 4, 1), method, antialias, grad=False, reason="of third order")
            for method, antialias in (
                ("bilinear", False),
                ("bicubic", False),
                ("nearest", False),
                ("bilinear", True),
                ("gaussian", False),
            )
        ],
    ),
    row(
        "AdjustContrastv2",
        lambda tf, x: tf.image.adjust_contrast(x, 2.0),
        [
            *without_gradient([*COLOURS, case(f32(2, 3, 1))]),
            case(f64(2, 3, 1, low=0, high=1), rtol=1e-6, grad=False, reason="in float32; TensorFlow has no gradient"),
            case(f32(4, 4), error=True),
        ],
    ),
    row(
        "AdjustHue",
        lambda tf, x: tf.image.adjust_hue(x, 0.2),
        [
            *without_gradient(COLOURS),
            case(f32(4, 4), error=True),
            case(f32(4, 4, 4), error=True),
        ],
    ),
    row(
        "AdjustSaturation",
        lambda tf, x: tf.image.adjust_saturation(x, 1.7),
        [
            *without_gradient(COLOURS),
            case(f32(4, 4), error=True),
            case(f32(4, 4, 4), error=True),
        ],
    ),
    row(
        "tf.image.adjust_hue",
        lambda tf, x, delta: tf.image.adjust_hue(x, delta),
        [
            case(f32(2, 2, 3, low=0, high=1), -0.4, **NO_GRADIENT),
            case(f32(2, 2, 3), 2.0, error=True),
        ],
    ),
    row(
        "tf.image.adjust_brightness",
        lambda tf, x: tf.image.adjust_brightness(x, 0.1),
        [
            case(f32(2, 2, 3), fd=0, reason=WIDE),
            case(u8(2, 2, 3, high=255)),
            case(f16(2, 2)),
            case(i32(3)),
        ],
    ),
    row(
        "tf.image.adjust_gamma",
        lambda tf, x, gamma: tf.image.adjust_gamma(x, gamma, 2.0),
        [
            case(f32(2, 2, 3, low=0.1, high=1), 0.5, fd=0, reason=WIDE),
            case(u8(2, 2, 3, high=255), 2.0),
            case(f32(2), -1.0, error=True),
        ],
    ),
    row(
        "tf.image.convert_image_dtype",
        lambda tf, x, dtype, saturate=False: tf.image.convert_image_dtype(x, dtype, saturate),
        [
            *each([u8, u16, i16, i32], lambda t: (t(3, high=100), "float32")),
            case(f32([0.5, 1.0, 0.2]), "uint8"),
            case(f32([0.5, 1.0, 2.0, -1.0]), "uint8", True),
            case(f32([0.25, 0.5]), "int32"),
            case(u8([1, 255]), "uint16"),
            case(u16([1, 65535]), "uint8"),
            case(u8([1, 255]), "uint8"),
            case(f32(3), "float64"),
            case(f64(3), "float16", fd=0, reason="rounded"),
            case(f32(3), "string", error=True),
            case(u8(3), "float64"),
            case(f64([0.5, 0.1]), "uint16"),
        ],
    ),
    row(
        "tf.image.rgb_to_grayscale",
        lambda tf, x: tf.image.rgb_to_grayscale(x),
        [
            case(f32(2, 2, 3), fd=0, reason=WIDE),
            case(u8(2, 2, 3, high=255)),
            case(f32(0, 4, 3)),
            case(f32(4, 4), error="type", reason="names MatMul's own"),
        ],
    ),
    row(
        "tf.image.grayscale_to_rgb",
        lambda tf, x: tf.image.grayscale_to_rgb(x),
        [
            case(f32(2, 2, 1)),
            case(u8(1, 2, 2, 1)),
            case(f32(2, 2), error=True),
        ],
    ),
    row(
        "tf.image.per_image_standardization",
        lambda tf, x: tf.image.per_image_standardization(x),
        [
            case(f32(2, 3, 3), rtol=1e-5, fd=0, reason="sums that cancel"),
            case(u8(2, 2, 3, high=255)),
            case(f32(4, 4), error=True),
            case(f32(2, 2, 2, 1), rtol=1e-5, fd=0, reason="sums that cancel"),
            case(f32(0, 4, 3), error=True),
            case(f16(2, 3, 1), rtol=1e-5, fd=0, reason="sums that cancel"),
        ],
    ),
    shapes("flip_left_right"),
    shapes("flip_up_down"),
    shapes("transpose"),
    shapes("rot90", others=[case(f32(2, 3, 1), k) for k in (0, 2, 3, 5, -1)]),
    shapes(
        "central_crop",
        0.5,
        others=[
            case(f32(5, 7, 1), 0.5),
            case(f32(5, 7, 1), 1.0),
            case(f32(5, 7, 1), 0.3),
            case(f32(4, 4, 3), 0.0, error=True),
            case(f32(4, 4, 3), 1.5, error=True),
        ],
    ),
    shapes(
        "crop_to_bounding_box",
        1,
        0,
        2,
        3,
        others=[
            case(f32(4, 4, 3), *box, error=True)
            for box in ((2, 2, 3, 3), (-1, 2, 3, 3), (0, 0, 0, 3), (0, -1, 1, 3), (0, 2, 1, 0), (3, 0, 2, 1))
        ],
    ),
    shapes(
        "pad_to_bounding_box",
        1,
        0,
        7,
        5,
        others=[
            case(f32(4, 4, 3), *box, error=True)
            for box in ((2, 2, 3, 3), (-1, 2, 9, 9), (1, -2, 9, 9), (1, 2, 9, 5), (6, 0, 9, 9))
        ],
    ),
    shapes(
        "resize_with_crop_or_pad",
        2,
        7,
        others=[
            case(f32(5, 3, 1), 8, 2),
            case(f32(5, 3, 1), 2, 2),
            case(f32(4, 4, 3), 0, 2, error=True),
            case(f32(4, 4, 3), 2, -1, error=True),
        ],
    ),
    row(
        "tf.image.resize_with_pad",
        lambda tf, x, *size: tf.image.resize_with_pad(x, *size),
        [
            case(f32(4, 4, 3), 3, 8, fd=0, reason=WIDE),
            case(f32(2, 5, 3, 1), 4, 4, fd=0, reason=WIDE),
            case(f32(4, 4), 2, 2, error=True),
            case(f32(4, 4, 3), 0, 2, error=True),
            case(f32(0, 4, 3), 2, 2, error=True),
        ],
    ),
    row(
        "tf.image.image_gradients",
        lambda tf, x: tf.image.image_gradients(x),
        [case(f32(2, 3, 4, 2)), case(f32(3, 4, 2), error=True)],
    ),
    row(
        "tf.image.total_variation",
        lambda tf, x: tf.image.total_variation(x),
        [
            case(f32(3, 4, 2)),
            case(f32(2, 3, 4, 1)),
            case(f32(3, 4), error=True),
            case(f32(0, 4, 3)),
        ],
    ),
    row(
        "tf.image.psnr",
        lambda tf, a, b, peak: tf.image.psnr(a, b, peak),
        [
            case(f32(3, 4, 2), f32(3, 4, 2), 1.0, fd=0, reason=WIDE),
            case(f32(2, 3, 4, 2), f32(2, 3, 4, 2), 2.0, fd=0, reason=WIDE),
            case(u8(3, 4, 2), u8(3, 4, 2), 255),
            case(f32(2, 2, 2), f32(2, 2, 3), 1.0, error=True),
        ],
    ),
    row(
        "tf.image.stateless_random_crop",
        lambda tf, x, size, seed: tf.image.stateless_random_crop(x, size, seed),
        [
            case(f32(4, 5, 3), [2, 3, 3], [1, 2]),
            case(i64(9), [4], [5, 6]),
            case(f32(4, 4, 4), [9, 9, 9], [1, 2], error=True),
        ],
    ),
    row(
        "tf.image.stateless_random_flip_left_right",
        lambda tf, x, seed: tf.image.stateless_random_flip_left_right(x, seed),
        [
            *(case(f32(2, 3, 1), [seed, 2]) for seed in range(4)),
            case(f32(5, 2, 2, 1), [5, 6]),
            case(f32(4, 4), [1, 2], error=True),
            case(f32(1, 1, 4, 4, 3), [1, 2], error=True),
        ],
    ),
    row(
        "tf.image.stateless_random_flip_up_down",
        lambda tf, x, seed: tf.image.stateless_random_flip_up_down(x, seed),
        [
            *(case(f32(2, 3, 1), [seed, 2]) for seed in range(4)),
            case(u8(5, 2, 2, 1), [5, 6]),
        ],
    ),
    row(
        "tf.image.stateless_random_brightness",
        lambda tf, x, d: tf.image.stateless_random_brightness(x, d, [1, 2]),
        [
            case(f32(2, 2, 3), 0.3, fd=0, reason=WIDE),
            case(f32(2, 2, 3), -0.3, error=True),
        ],
    ),
    row(
        "tf.image.stateless_random_hue",
        lambda tf, x, d: tf.image.stateless_random_hue(x, d, [1, 2]),
        [
            case(f32(2, 2, 3, low=0, high=1), 0.3, **NO_GRADIENT),
            case(f32(2, 2, 3), -0.3, error=True),
            case(f32(2, 2, 3), 0.6, error=True),
        ],
    ),
    random_range("stateless_random_contrast"),
    random_range("stateless_random_saturation"),
    seeded("random_flip_left_right"),
    seeded("random_flip_up_down"),
    seeded("random_crop", [2, 2, 3]),
    seeded("random_brightness", 0.3),
    seeded("random_contrast", 0.3, 0.9),
    seeded("random_hue", 0.3),
    seeded("random_saturation", 0.3, 0.9),
]
