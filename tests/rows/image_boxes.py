"""Rows of boxes in images: cropping, drawing, suppression, sampling, transforms."""

from __future__ import annotations

from typing import Any

from optable import Row, boolean, case, each, f16, f32, f64, i8, i32, i64, inf, row, u8, u16

EXACT = {"fd": 0, "reason": "computed in float32"}
BOXES = f32([[0.1, 0.2, 0.7, 0.9], [0.9, 0.1, 0.3, 0.8], [-0.3, 0.2, 0.4, 1.5], [0, 0, 1, 1]])
WHICH = i32([0, 1, 1, 0])


def crop(tf: Any, image: Any, boxes: Any, which: Any, size: Any, **options: Any) -> Any:
    return tf.image.crop_and_resize(image, boxes, which, size, **options)


def scattered(count: int, *, like: Any = f32) -> Any:
    """Boxes that overlap here and there; some have their corners the other way around."""
    return like(count, 4, low=0, high=1)


def upright(tf: Any, boxes: Any) -> Any:
    """The same boxes, the low corner first: TensorFlow looks at the first box only to see which way around all are."""
    low, high = boxes[..., :2], boxes[..., 2:]
    return tf.concat([tf.minimum(low, high), tf.maximum(low, high)], -1)


def suppress(tf: Any, boxes: Any, scores: Any, most: int, **options: Any) -> Any:
    return tf.image.non_max_suppression(boxes, scores, most, **options)


def raw(name: str, **options: Any) -> Any:
    return lambda tf, boxes, scores, most, **more: getattr(tf.raw_ops, name)(
        boxes=boxes, scores=scores, max_output_size=most, **options, **more
    )


def wrong(*more: Any) -> list[Any]:
    return [
        case(f32(4), f32(4), 3, error=True),
        case(f32(4, 3), f32(4), 3, error=True),
        case(f32(4, 4), f32(3), 3, error=True),
        case(f32(4, 4), f32(4, 4), 3, error=True),
        case(f32(4, 4), f32(4), -1, error=True),
        *more,
    ]


def sample(tf: Any, size: Any, boxes: Any, seed: Any, **options: Any) -> Any:
    return tf.image.stateless_sample_distorted_bounding_box(size, boxes, seed, **options)


def seeded(tf: Any, size: Any, boxes: Any, seed: int, **options: Any) -> Any:
    tf.random.set_seed(7)
    return [tf.image.sample_distorted_bounding_box(size, boxes, seed, **options) for _ in range(3)]


def transform(version: int) -> Any:
    def call(
        tf: Any, images: Any, transforms: Any, size: Any, *fill: Any, how: str = "BILINEAR", **options: Any
    ) -> Any:
        extra = {"fill_value": fill[0]} if fill else {}
        return getattr(tf.raw_ops, f"ImageProjectiveTransformV{version}")(
            images=images, transforms=transforms, output_shape=size, interpolation=how, **extra, **options
        )

    return call


TURNED = f32([[0.8, 0.3, -0.41, -0.35, 0.9, 0.57, 0.013, 0.021]])
FAR = f32([[2.3, 0.31, -7.4, -0.35, 2.9, -9.57, 0, 0]])
MODES = ("CONSTANT", "REFLECT", "WRAP", "NEAREST")
OBJECTS = f32([[[0.1, 0.2, 0.5, 0.9], [0.4, 0.4, 0.8, 0.6]]])

ROWS: list[Row] = [
    row(
        "CropAndResize",
        crop,
        [
            *(case(f32(2, 5, 6, 2), BOXES, WHICH, size, **EXACT) for size in ([3, 4], [1, 1], [7, 2], [1, 5])),
            *(
                case(f32(2, 5, 6, 2), BOXES, WHICH, [3, 4], method="nearest", extrapolation_value=v, **EXACT)
                for v in (0.0, 2.5)
            ),
            case(f32(2, 5, 6, 1), BOXES, WHICH, [3, 4], extrapolation_value=-1.0, **EXACT),
            case(f32(1, 1, 1, 2), f32([[0.1, 0.2, 0.7, 0.9], [0, 0, 0, 0]]), i32([0, 0]), [2, 2], **EXACT),
            case(f32(2, 5, 6, 2), f32(0, 4), i32(0), [3, 4], **EXACT),
            *each([f16, f64, u8, u16, i8, i32, i64], lambda t: (t(2, 5, 6, 2), BOXES, WHICH, [3, 2]), **EXACT),
            case(f32(5, 6, 2), BOXES, WHICH, [3, 4], error=True),
            case(f32(2, 5, 6, 2), f32(4), WHICH, [3, 4], error=True),
            case(f32(2, 5, 6, 2), f32(4, 3), WHICH, [3, 4], error=True),
            case(f32(2, 5, 6, 2), BOXES, i32([0, 1]), [3, 4], error=True),
            case(f32(2, 5, 6, 2), BOXES, 0, [3, 4], error=True),
            case(f32(2, 5, 6, 2), BOXES, i32([0, 1, 2, 0]), [3, 4], error=True),
            case(f32(2, 5, 6, 2), BOXES, i32([0, 1, -1, 0]), [3, 4], error=True),
            case(f32(2, 5, 6, 2), BOXES, WHICH, [3], error=True),
            case(f32(2, 5, 6, 2), BOXES, WHICH, [0, 3], error=True),
            case(f32(2, 0, 6, 2), BOXES, WHICH, [3, 3], error=True),
            case(f32(2, 5, 6, 2), BOXES, WHICH, [3, 3], method="cubic", error=True),
            case(boolean(2, 5, 6, 2), BOXES, WHICH, [3, 3], error=True),
        ],
        also=["CropAndResizeGradImage", "CropAndResizeGradBoxes"],
    ),
    row(
        "DrawBoundingBoxes",
        lambda tf, images, boxes: tf.image.draw_bounding_boxes(images, boxes, None),
        [
            *(
                case(t(2, 6, 7, depth), f32(2, 3, 4, low=-0.2, high=1.2), **EXACT)
                for t in (f32, f16)
                for depth in (1, 3, 4)
            ),
            case(f32(1, 4, 4, 3), f32(1, 0, 4), **EXACT),
            case(f32(4, 4, 3), f32(1, 2, 4), error=True),
            case(f32(1, 4, 4, 3), f32(2, 4), error=True),
            case(f32(1, 4, 4, 3), f32(2, 1, 4), error=True),
            case(f32(1, 4, 4, 3), f32(1, 2, 3), error=True),
            case(f32(1, 4, 4, 2), f32(1, 2, 4), error=True),
            case(u8(1, 4, 4, 3), f32(1, 2, 4), error=True),
        ],
    ),
    row(
        "DrawBoundingBoxesV2",
        lambda tf, images, boxes, colors: tf.image.draw_bounding_boxes(images, boxes, colors),
        [
            *(
                case(
                    f32(2, 6, 7, depth),
                    f32(2, 4, 4, low=-0.2, high=1.2),
                    f32(3, depth),
                    grad=False,
                    reason="TensorFlow has none",
                )
                for depth in (1, 3, 4)
            ),
            case(f32(1, 6, 7, 3), f32([[[0.1, 0.2, 0.7, 0.9]]]), f32(0, 3), grad=False, reason="TensorFlow has none"),
            case(f16(1, 6, 7, 3), f32([[[0.1, 0.2, 0.7, 0.9]]]), f32(1, 4), grad=False, reason="TensorFlow has none"),
            case(f32(1, 4, 4, 3), f32(1, 2, 4), f32(3), error=True),
            case(f32(1, 4, 4, 3), f32(1, 2, 4), f32(3, 2), error=True),
        ],
    ),
    row(
        "NonMaxSuppressionV3",
        suppress,
        [
            *(
                case(scattered(40), f32(40), most, iou_threshold=iou, grad=False, reason="TensorFlow has none")
                for most in (0, 5, 50)
                for iou in (0.0, 0.2, 0.5, 1.0)
            ),
            case(
                scattered(40),
                f32(40),
                9,
                iou_threshold=0.3,
                score_threshold=0.5,
                grad=False,
                reason="TensorFlow has none",
            ),
            case(
                f32([[0, 0, 1, 1]] * 3), f32([1, 1, 1]), 3, iou_threshold=1.0, grad=False, reason="TensorFlow has none"
            ),
            case(
                f32([[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 1]]),
                f32([1, 2, 2]),
                3,
                grad=False,
                reason="TensorFlow has none",
            ),
            case(f32(0, 4), f32(0), 3, grad=False, reason="TensorFlow has none"),
            case(
                scattered(9, like=f16),
                f16(9),
                3,
                iou_threshold=f16.of(0.3),
                score_threshold=f16.of(-inf),
                grad=False,
                reason="TensorFlow has none",
            ),
            *wrong(
                case(f32(4, 4), f32(4), 3, iou_threshold=1.5, error=True),
                case(f64(4, 4), f64(4), 3, error=True),
                case(f32(4, 4), f32(4), 3, score_threshold=[0.5], error=True),
            ),
        ],
    ),
    row(
        "NonMaxSuppression",
        raw("NonMaxSuppression"),
        [case(scattered(20), f32(20), 8), case(scattered(20), f32(20), 8, iou_threshold=0.2), *wrong()],
    ),
    row(
        "NonMaxSuppressionV2",
        raw("NonMaxSuppressionV2"),
        [case(scattered(20), f32(20), 8, iou_threshold=0.2), case(f32(4, 3), f32(4), 3, iou_threshold=0.5, error=True)],
    ),
    row(
        "NonMaxSuppressionV4",
        raw("NonMaxSuppressionV4", score_threshold=-0.5),
        [
            case(
                scattered(20),
                f32(20),
                8,
                iou_threshold=0.2,
                pad_to_max_output_size=pad,
                grad=False,
                reason="TensorFlow has none",
            )
            for pad in (True, False)
        ]
        + [case(f32(4, 3), f32(4), 3, iou_threshold=0.5, error=True)],
    ),
    row(
        "NonMaxSuppressionV5",
        lambda tf, boxes, scores, most, **options: tf.image.non_max_suppression_with_scores(
            boxes, scores, most, **options
        ),
        [
            *(
                case(
                    scattered(30),
                    f32(30, low=0, high=1),
                    20,
                    iou_threshold=0.6,
                    soft_nms_sigma=sigma,
                    score_threshold=0.1,
                    grad=False,
                    reason="TensorFlow has none",
                    rtol=3e-6,
                )
                for sigma in (0.0, 0.1, 0.5)
            ),
            *wrong(case(f32(4, 4), f32(4), 3, soft_nms_sigma=-1.0, error=True)),
        ],
    ),
    row(
        "NonMaxSuppressionV5/padded",
        raw(
            "NonMaxSuppressionV5",
            iou_threshold=0.4,
            score_threshold=0.2,
            soft_nms_sigma=0.3,
            pad_to_max_output_size=True,
        ),
        [case(scattered(9), f32(9, low=0, high=1), 12, grad=False, reason="TensorFlow has none", rtol=3e-6)],
    ),
    row(
        "NonMaxSuppressionWithOverlaps",
        lambda tf, overlaps, scores, most, **options: tf.image.non_max_suppression_overlaps(
            overlaps, scores, most, **options
        ),
        [
            case(f32(12, 12, low=0, high=1), f32(12), 6, overlap_threshold=0.7),
            case(f32(12, 12, low=0, high=1), f32(12), 6, overlap_threshold=0.9, score_threshold=0.0),
            case(f32(3, 4), f32(3), 6, error=True),
            case(f32(3, 3), f32(4), 6, error=True),
            case(f32(3, 3), f32(3), -6, error=True),
        ],
    ),
    row(
        "tf.image.non_max_suppression_padded",
        lambda tf, boxes, scores, most, *iou, **options: tf.image.non_max_suppression_padded(
            upright(tf, boxes), scores, most, *iou, **options
        ),
        [
            *(
                case(
                    f32(*shape, 4, low=0, high=1),
                    f32(*shape, low=0, high=1),
                    most,
                    0.3,
                    score_threshold=0.2,
                    pad_to_max_output_size=True,
                    grad=False,
                    reason="TensorFlow has none",
                )
                for shape in ((20,), (2, 20), (2, 1, 9))
                for most in (4, 30)
            ),
            case(scattered(20), f32(20, low=0, high=1), 6, 0.4, grad=False, reason="TensorFlow has none"),
            case(
                f32([[0, 0, 1, 1], [0, 0, 1, 0.5]]), f32([0.9, 0.8]), 2, 0.5, grad=False, reason="TensorFlow has none"
            ),
            case(f32(2, 5, 4), f32(2, 5), 3, error=True),
        ],
    ),
    row(
        "CombinedNonMaxSuppression",
        lambda tf, boxes, scores, each_, all_, **options: tuple(
            tf.image.combined_non_max_suppression(boxes, scores, each_, all_, **options)
        ),
        [
            *(
                case(
                    f32(2, 9, q, 4, low=0, high=1.1),
                    f32(2, 9, 3, low=0, high=1),
                    3,
                    total,
                    iou_threshold=0.3,
                    score_threshold=0.1,
                    grad=False,
                    reason="TensorFlow has none",
                    **options,
                )
                for q in (1, 3)
                for total in (4, 20)
                for options in ({}, {"pad_per_class": True}, {"clip_boxes": False})
            ),
            case(f32(1, 0, 1, 4), f32(1, 0, 1), 3, 2, grad=False, reason="TensorFlow has none"),
            case(f32(9, 1, 4), f32(2, 9, 3), 3, 2, error=True),
            case(f32(2, 9, 2, 4), f32(2, 9, 3), 3, 2, error=True),
            case(f32(2, 9, 1, 3), f32(2, 9, 3), 3, 2, error=True),
            case(f32(2, 9, 1, 4), f32(2, 8, 3), 3, 2, error=True),
            case(f32(2, 9, 1, 4), f32(2, 9, 3), 0, 2, error=True),
            case(f32(2, 9, 1, 4), f32(2, 9, 3), 3, 0, error=True),
            case(f32(2, 9, 1, 4), f32(2, 9, 3), 3, 2, iou_threshold=-0.5, error=True),
        ],
    ),
    row(
        "StatelessSampleDistortedBoundingBox",
        sample,
        [
            *(
                case([height, width, 3], OBJECTS, [seed, 5], grad=False, reason="TensorFlow has none")
                for seed in range(6)
                for height, width in ((40, 60), (7, 5), (301, 200))
            ),
            case(
                i64([40, 60, 3]),
                OBJECTS,
                [1, 5],
                min_object_covered=0.9,
                aspect_ratio_range=[0.5, 2.0],
                area_range=[0.3, 0.9],
                max_attempts=10,
                grad=False,
                reason="TensorFlow has none",
            ),
            case(
                u8([40, 60, 3]),
                f32(1, 0, 4),
                i64([1, 5]),
                use_image_if_no_bounding_boxes=True,
                grad=False,
                reason="TensorFlow has none",
            ),
            case(
                [40, 60, 3],
                OBJECTS,
                [1, 5],
                min_object_covered=1.0,
                area_range=[0.1, 0.11],
                max_attempts=3,
                grad=False,
                reason="TensorFlow has none",
            ),
            case([40, 60], OBJECTS, [1, 5], error=True),
            case([[40, 60, 3]], OBJECTS, [1, 5], error=True),
            case([40, 60, 3], f32(1, 4), [1, 5], error=True),
            case([40, 60, 3], f32(1, 1, 3), [1, 5], error=True),
            case([40, 60, 3], f32(1, 0, 4), [1, 5], error=True),
            case([40, 60, 3], f32([[[0.1, -0.5, 0.2, 0.3]]]), [1, 5], error=True),
            case([40, 60, 3], OBJECTS, [1], error=True),
            *(
                case([40, 60, 3], OBJECTS, [1, 5], error=True, **{k: v})
                for k, v in (
                    ("min_object_covered", -1.0),
                    ("aspect_ratio_range", [1.0]),
                    ("aspect_ratio_range", [-2.0, 1.0]),
                    ("area_range", [0.5]),
                    ("area_range", [0.5, 2.0]),
                    ("area_range", [0.0, 0.5]),
                    ("max_attempts", 0),
                )
            ),
        ],
    ),
    row(
        "SampleDistortedBoundingBoxV2/random",
        seeded,
        [
            case([height, width, 3], OBJECTS, seed, max_attempts=20, grad=False, reason="TensorFlow has none")
            for seed in (1, 2, 3)
            for height, width in ((40, 60), (301, 200))
        ],
    ),
    row(
        "ImageProjectiveTransformV3",
        transform(3),
        [
            *(
                case(f32(2, 5, 6, 2), given, [4, 7], 0.5, how=how, fill_mode=mode, rtol=2e-5, **EXACT)
                for how in ("BILINEAR", "NEAREST")
                for mode in MODES
                for given in (TURNED, FAR)
            ),
            case(
                f32(2, 5, 6, 2),
                f32([[1, 0.1, 0, 0, 1, 0, 0, 0], [1, 0, 0.5, 0, 1.3, 0, 0, 0]]),
                [5, 6],
                0.0,
                **EXACT,
                rtol=2e-5,
            ),
            case(f32(1, 5, 6, 2), f32([[1, 0, 0, 0, 1, 0, -1, 0]]), [5, 6], 3.0, grad=False, reason="singular"),
            case(f32(1, 1, 1, 1), FAR, [3, 3], 1.0, fill_mode="WRAP", **EXACT),
            case(f32(1, 1, 1, 1), FAR, [3, 3], 1.0, fill_mode="REFLECT", **EXACT),
            case(f32(0, 5, 6, 2), TURNED, [3, 4], 0.0, **EXACT),
            *each([f16, f64, u8, i32, i64], lambda t: (t(1, 5, 6, 1), TURNED, [4, 4], 2.0), rtol=1e-3, **EXACT),
            case(f32(5, 6, 2), TURNED, [4, 7], 0.0, error=True),
            case(f32(1, 5, 6, 2), f32(8), [4, 7], 0.0, error=True),
            case(f32(1, 5, 6, 2), f32(3, 8), [4, 7], 0.0, error=True),
            case(f32(1, 5, 6, 2), TURNED, [4], 0.0, error=True),
            case(f32(1, 5, 6, 2), TURNED, [0, 4], 0.0, error=True),
            case(f32(1, 5, 6, 2), TURNED, [4, 4], [0.0], error=True),
            case(i8(1, 5, 6, 2), TURNED, [4, 4], 0.0, error=True),
        ],
    ),
    row(
        "ImageProjectiveTransformV2",
        transform(2),
        [
            *(case(f32(2, 5, 6, 2), TURNED, [4, 7], fill_mode=mode, rtol=2e-5, **EXACT) for mode in MODES),
            case(f32(2, 5, 6, 2), TURNED, [4, 7], how="NEAREST", **EXACT),
            case(f32(5, 6, 2), TURNED, [4, 7], error=True),
        ],
    ),
]
