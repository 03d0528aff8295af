"""Rows of colour spaces, edges, similarity, patches and glimpses of images."""

from __future__ import annotations

from typing import Any

from optable import COMPLEX, FLOATS, Row, bf16, case, each, f16, f32, f64, i32, nan, row, u8

WIDE = {"fd": 0, "reason": "computed in float32"}
GREYS = f32([[[0, 0, 0], [1, 1, 1], [0.5, 0.5, 0.5], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0.2, 0.8, 0.8]]])


def space(name: str) -> Row:
    return row(
        f"tf.image.{name}",
        lambda tf, x: getattr(tf.image, name)(x),
        [
            *each([f16, bf16, f32, f64], lambda t: (t(2, 4, 3, low=0, high=1),)),
            case(f32(3)),
            case(f32(0, 3)),
            case(f32(2, 2), error="type", reason="names MatMul's own"),
            case(f32(), error=True),
            case(u8(2, 3), error="type", reason="names the tensor"),
        ],
    )


def patches(tf: Any, x: Any, size: Any, step: Any, rate: Any, padding: str = "VALID") -> Any:
    return tf.image.extract_patches(x, [1, *size, 1], [1, *step, 1], [1, *rate, 1], padding)


def glimpse(version: str) -> Any:
    return lambda tf, x, size, offsets, **options: tf.raw_ops.ExtractGlimpseV2(
        input=x, size=size, offsets=offsets, uniform_noise=False, **options
    )


def noisy(tf: Any, x: Any, noise: str) -> Any:
    """Noise has no seed; that it is within bounds, and where it is, can be compared."""
    parts = tf.image.extract_glimpse(x, [9, 8], [[0.1, -0.2]], noise=noise)
    return tf.reduce_all(parts >= tf.reduce_min(x)), tf.reduce_all(parts <= tf.reduce_max(x)), parts[:, 3:6, 3:6]


ALIKE = {"rtol": 1e-4, "fd": 0, "reason": "differences of sums in float32"}
FOUR = ((1, 1), (2, 3))

ROWS: list[Row] = [
    row(
        "RGBToHSV",
        lambda tf, x: tf.image.rgb_to_hsv(x),
        [
            case(f32(2, 5, 3, low=0.05, high=1), fd=1, reason="gradients jump", rtol=1e-5),
            *each([f16, bf16, f64], lambda t: (t(4, 3, low=0.05, high=1),), rtol=None, fd=0, reason="rounded"),
            case(f32(3, low=0.05, high=1)),
            case(f32(5, 3), grad=False, reason="colours that are none"),
            case(f32(2, 0, 3)),
            case(f32([[-0.5, 0.2, 0.1], [-0.5, -0.2, -0.1], [2, 3, 1]]), fd=0, reason="colours that are none"),
            case(GREYS, grad=False, reason="ties"),
            case(f32(), error=True),
            case(f32(2, 2), error=True),
            case(i32(2, 3), error=True),
        ],
    ),
    row(
        "HSVToRGB",
        lambda tf, x: tf.image.hsv_to_rgb(x),
        [
            *each(
                [f16, bf16, f32, f64], lambda t: (t(4, 3, low=0, high=1),), fd=0, reason="TensorFlow has no gradient"
            ),
            *(case(x, fd=0, reason="TensorFlow has no gradient") for x in (f32(3), GREYS, f32(2, 0, 3))),
            case(f32(), error=True),
            case(f32(2, 4), error=True),
        ],
    ),
    space("rgb_to_yiq"),
    space("yiq_to_rgb"),
    space("rgb_to_yuv"),
    space("yuv_to_rgb"),
    row(
        "tf.image.sobel_edges",
        lambda tf, x: tf.image.sobel_edges(x),
        [
            case(f32(2, 4, 5, 3)),
            case(f64(1, 4, 3, 1)),
            case(f32(1, 1, 4, 1), error=True),
            case(f32(4, 5, 3), error=True),
            case(i32(1, 4, 5, 3), error="type", reason="another convolution refuses it"),
        ],
    ),
    row(
        "tf.image.ssim",
        lambda tf, a, b, peak, **options: tf.image.ssim(a, b, peak, **options),
        [
            case(f32(12, 13, 3), f32(12, 13, 3), 1.0, **ALIKE),
            case(f32(2, 12, 13, 1), f32(2, 12, 13, 1), 4.0, **ALIKE),
            case(f32(2, 1, 7, 6, 2), f32(3, 7, 6, 2), 4.0, filter_size=4, filter_sigma=0.8, k1=0.02, k2=0.05, **ALIKE),
            case(f32(2, 7, 6, 2), f32(2, 7, 6, 2), 4.0, filter_size=5, return_index_map=True, **ALIKE),
            case(u8(12, 13, 3, high=255), u8(12, 13, 3, high=255), 255, rtol=1e-4, reason="differences of sums"),
            case(f32(4, 12, 3), f32(4, 12, 3), 1.0, error="type", reason="says how it was found"),
            case(f32(12, 12, 3), f32(12, 11, 3), 1.0, error=True),
            case(f32(12, 3), f32(12, 3), 1.0, error=True),
            case(f32(2, 12, 12, 3), f32(3, 12, 12, 3), 1.0, error=True),
        ],
    ),
    row(
        "tf.image.ssim_multiscale",
        lambda tf, a, b, peak, **options: tf.image.ssim_multiscale(a, b, peak, **options),
        [
            case(
                f32(2, 13, 15, 2, low=0, high=1),
                f32(2, 13, 15, 2, low=0, high=1),
                1.0,
                power_factors=(0.4, 0.6),
                filter_size=3,
                **ALIKE,
            ),
            case(
                f32(24, 25, 1, low=0, high=1),
                f32(24, 25, 1, low=0, high=1),
                1.0,
                power_factors=(0.3, 0.3, 0.4),
                filter_size=4,
                **ALIKE,
            ),
            case(f32(12, 12, 3), f32(12, 12, 3), 1.0, error="type", reason="says how it was found"),
            case(f32(12, 12, 3), f32(12, 11, 3), 1.0, error=True),
        ],
    ),
    row(
        "ExtractImagePatches",
        patches,
        [
            *(
                case(f32(2, 7, 6, 2), size, step, rate, padding, fd=2 if rate == (1, 1) else 1, reason="of first order")
                for size in ((2, 2), (3, 1))
                for step in FOUR
                for rate in ((1, 1), (2, 1))
                for padding in ("SAME", "VALID")
            ),
            *each(
                [*FLOATS, *COMPLEX, u8, i32],
                lambda t: (t(1, 4, 4, 2), (2, 2), (2, 1), (1, 1), "SAME"),
                fd=0,
                reason="dtypes",
            ),
            case(f32(0, 4, 4, 2), (2, 2), (1, 1), (1, 1), grad=False, reason="empty"),
            case(f32([[[[1], [nan]], [[2], [3]]]]), (2, 1), (1, 1), (1, 1)),
            case(f32(4, 4, 2), (2, 2), (1, 1), (1, 1), error=True),
            case(f32(1, 4, 4, 2), (9, 2), (1, 1), (1, 1), error=True),
            case(f32(1, 4, 4, 2), (0, 2), (1, 1), (1, 1), error=True),
            case(f32(1, 4, 4, 2), (2, 2), (1, 0), (1, 1), error=True),
            case(f32(1, 4, 4, 2), (2,), (1, 1), (1, 1), error=True),
            case(f32(1, 4, 4, 2), (2, 2), (1, 1), (1, 1), "FULL", error=True),
        ],
    ),
    row(
        "ExtractGlimpseV2",
        glimpse("V2"),
        [
            *(
                case(
                    f32(3, 5, 7, 2),
                    size,
                    f32([[0, 0], [0.3, -0.4], [-0.9, 1]]),
                    centered=centered,
                    normalized=normalized,
                    noise="zero",
                    grad=False,
                    reason="TensorFlow has none",
                )
                for size in ([2, 3], [3, 2], [9, 9])
                for centered in (True, False)
                for normalized in (True, False)
            ),
            case(f32(1, 4, 4, 1), [2], f32(1, 2), noise="zero", error=True),
            case(f32(1, 4, 4, 1), [-2, 2], f32(1, 2), noise="zero", error=True),
            case(f32(1, 4, 4, 1), [2, 2], f32(2, 2), noise="zero", error=True),
            case(f32(1, 4, 4, 1), [2, 2], f32(2), noise="zero", error=True),
            case(f32(1, 4, 4, 1), [2, 2], f32(1, 3), noise="zero", error=True),
            case(f32(4, 4, 1), [2, 2], f32(1, 2), noise="zero", error=True),
            case(f32(1, 4, 4, 1), [2, 2], f32(1, 2), noise="pink", error=True),
        ],
    ),
    row(
        "tf.image.extract_glimpse",
        noisy,
        [
            case(f32(1, 6, 6, 1), noise, grad=False, reason="TensorFlow has none")
            for noise in ("uniform", "gaussian", "zero")
        ],
    ),
]
