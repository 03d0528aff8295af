"""Rows of tf.signal: Fourier and cosine transforms, frames, windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from optable import Case, Row, c64, c128, case, f32, f64, i32, i64, nan, row, string


def signal(name: str) -> Callable[..., Any]:
    return lambda tf, *args, **options: getattr(tf.signal, name)(*args, **options)


def window(name: str) -> Callable[..., Any]:
    return lambda tf, *args, dtype="float32", **options: getattr(tf.signal, name)(
        *args, dtype=getattr(tf, dtype), **options
    )


ROUGH = {"rtol": 2e-5, "reason": "sums of terms of either sign cancel, in another order than TensorFlow's"}


def near(rtol: float) -> dict[str, Any]:
    return {"rtol": rtol, "reason": "sums that cancel"}


def complex_cases(rank: int) -> list[Case]:
    sizes = (3, 4, 2)[:rank]
    return [
        case(c64(*sizes), **ROUGH), case(c128(2, *sizes), **near(1e-12)),
        case(c64(0, *sizes)), case(c64(*sizes[:-1], 0)), case(c64(*sizes[:-1], 1)),
        case(c128(*(5, 7, 3)[:rank]), **near(1e-12)),
        case(c64(*sizes[1:]), error=True), case(f32(*sizes), error=True), case(i32(*sizes), error=True),
    ]  # fmt: skip


def real_cases(rank: int, kinds: tuple[Any, Any], other: Any, grad: bool = True) -> list[Case]:
    single, double = kinds
    sizes, more = (3, 4, 2)[:rank], [4, 6, 5][:rank]
    options: dict[str, Any] = {} if grad else {"grad": False}
    rough = {**ROUGH, **options}
    close = {"rtol": 1e-12, "reason": "sums that cancel", **options}
    return [
        case(single(*sizes), **rough), case(double(2, *sizes), **close), case(double(*sizes[:-1], 5), **close),
        case(double(*sizes), more, **close), case(single(*sizes), more, **rough),
        case(double(*sizes), [2, 2, 2][:rank], **(close | {"grad": False, "reason": "TensorFlow's gradient fails"})),
        case(single(0, *sizes), **(options and {**options, "reason": "TensorFlow has no gradient"})),
        case(other(*sizes), error=True), case(single(*sizes[1:]), error=True),
        case(single(*sizes), [4] * (rank + 1), error="type", reason="the op says it"),
    ]  # fmt: skip


SPECTRA = [
    row(name, signal(function), complex_cases(rank))
    for rank, end in ((1, ""), (2, "2D"), (3, "3D"))
    for name, function in ((f"FFT{end}", f"fft{end.lower()}"), (f"IFFT{end}", f"ifft{end.lower()}"))
]
REAL_SPECTRA = [
    row(f"{prefix}RFFT{end}", signal(f"{prefix.lower()}rfft{end.lower()}"),
        real_cases(rank, (c64, c128) if prefix else (f32, f64), f32 if prefix else c64, rank < 3))
    for rank, end in ((1, ""), (2, "2D"), (3, "3D"))
    for prefix in ("", "I")
]  # fmt: skip
RAW = [
    row("RFFT/raw", lambda tf, x, n: tf.raw_ops.RFFT(input=x, fft_length=n), [
        case(f32(4), [4], rtol=2e-5, fd=0, reason="float32 only"),
        case(f32(3), [5], error=True), case(f32(3), [-1], error=True), case(f64(3), [3], error=True)]),
    row("IRFFT/raw", lambda tf, x, n: tf.raw_ops.IRFFT(input=x, fft_length=n), [
        case(c64(3), [4], rtol=2e-5, fd=0, reason="complex64 only"),
        case(c64(3), [9], error=True), case(c64(3), [-1], error=True), case(c128(3), [3], error=True)]),
    row("FFT/list", lambda tf: [tf.signal.fft([1.0, 2.0]), tf.signal.fft([1 + 1j, 2])], [case()]),
    row("RFFT/special", signal("rfft"), [case(f32([1, nan]), grad=False, reason="NaN")]),
]


def _along(tf: Any, name: str, x: Any, axis: int) -> Any:
    """A transform of one axis, of those that TensorFlow has on CPUs."""
    order = list(range(len(x.shape)))
    order[axis], order[-1] = order[-1], order[axis]
    return tf.transpose(getattr(tf.signal, name)(tf.transpose(x, order)), order)


def several(name: str) -> Callable[..., Any]:
    """TensorFlow has no kernels of these ops; it does the axes one by one."""

    def run(tf: Any, x: Any, axes: list[int]) -> Any:
        if tf.__name__ == "tapeflow":
            return getattr(tf, name)(x, axes=axes)
        plain = name.removesuffix("nd").replace("rfft", "fft")
        ends = [(name.removesuffix("nd"), axes[-1])]
        others = [(plain, axis) for axis in axes[:-1]]
        for function, axis in others + ends if name.startswith("i") else ends + others:
            x = _along(tf, function, x, axis)
        return x

    return run


ND = [
    row(op, several(op.lower()), [
        case(real(3, 4), [1], **ROUGH), case(double(3, 4), [0, 1], **near(1e-12)),
        case(double(3, 4, 2), [-1, 0], **near(1e-12)), case(double(2, 3, 4), [1], **near(1e-12)),
    ])
    for op, real, double in (("FFTND", c64, c128), ("IFFTND", c64, c128), ("RFFTND", f32, f64), ("IRFFTND", c64, c128))
]  # fmt: skip
SHIFTS = [
    row(f"tf.signal.{name}", signal(name), [
        case(f32(5)), case(f32(2, 3)), case(f32(2, 3), axes=1), case(f32(2, 4), axes=[0, 1]),
        case(c64(2, 3), axes=[-1]),
        case(i32(0, 3)), case(f32(3), axes=[]), case(string(3)), case(f32(3), axes=2, error="type", reason="composed"),
        case(f32(), error="type", reason="composed"),
    ])
    for name in ("fftshift", "ifftshift")
]  # fmt: skip

WINDOW_CASES = [
    *[case(n) for n in (1, 2, 3, 4, 5, 9)], case(8, dtype="float64"), case(4, dtype="int32", error=True),
    case(i32([1, 2]), error=True),
]  # fmt: skip
LOOSE = {"rtol": 3e-5, "reason": "computed in another order"}


def loose(cases: list[Case]) -> list[Case]:
    return [each if each.error else replace(each, rtol=3e-5) for each in cases]


WINDOWS = [
    *(row(f"tf.signal.{name}", window(name), [
        *loose(WINDOW_CASES), case(0), case(16, dtype="float16", rtol=5e-3, reason="computed in another order"),
        case(-1, error="type", reason="composed"),
        *(case(n, periodic=False, **LOOSE) for n in (1, 2, 4, 5)), case(i32.of(6), **LOOSE),
    ]) for name in ("hann_window", "hamming_window")),
    row("tf.signal.vorbis_window", window("vorbis_window"), [
        *loose(WINDOW_CASES), case(0), case(i64.of(6), error=True)]),
    row("tf.signal.kaiser_window", window("kaiser_window"), [
        *loose(WINDOW_CASES), case(0, error="type", reason="composed"), case(7, beta=3.0, **LOOSE)]),
    row("tf.signal.kaiser_bessel_derived_window", window("kaiser_bessel_derived_window"), [
        *loose(WINDOW_CASES), case(0), case(8, beta=3.0, **LOOSE)]),
]  # fmt: skip

FRAMES = [
    row("tf.signal.frame", signal("frame"), [
        case(f32(7), 3, 2), case(f32(2, 7), 4, 2, pad_end=True, pad_value=9), case(f32(5, 2), 3, 2, axis=0),
        case(f32(2), 3, 2), case(f32(9), 2, 4), case([1, 2, 3, 4], 2, 1), case(f64(3, 7, 2), 3, 3, True, axis=1),
        case(f32(5), 0, 1), case(string(3), 2, 1), case(c64(5), 2, 2), case(f32(0), 2, 1), case(f32(8), 3, 1, True),
        case(f32(2), 3, 0, error="type", reason="composed"), case(f32(), 3, 1, error=True),
        case(f32(4), [1], 1, error=True), case(f32(4), 2, [1], error=True), case(f32(4), 2, 1, axis=3, error=True),
        case(f32(4), -1, 1, error="type", reason="composed"),
    ]),
    row("tf.signal.overlap_and_add", signal("overlap_and_add"), [
        case(f32(3, 4), 2), case(f32(2, 2), 3), case(f64(2, 2, 3), 2), case([[1, 2], [3, 4]], 1), case(c64(2, 2), 1),
        case(f32(0, 3), 1), case(f32(3, 0), 1), case(f32(3, 5), 2), case(f32(3, 5), i64.of(2)), case(f32(2, 0, 5), 2),
        case(f32(1, 5), 2), case(f32(4), 2, error=True), case(f32(2, 2), 1.0, error=True),
        case(f32(2, 2), [1], error=True),
    ]),
    row("tf.signal.stft", signal("stft"), [
        case(f32(16), 8, 4, **ROUGH), case(f64(2, 16), 6, 4, **near(1e-11)),
        case(f32(16), 8, 4, window_fn=None, **ROUGH), case(f32(16), 8, 4, fft_length=16, **ROUGH),
        case(f64(13), 4, 3, pad_end=True, **near(1e-11)),
        case(f32(16), 8, 4, fft_length=4, grad=False, rtol=2e-5, reason="TensorFlow's gradient fails"),
        case(f32(16), [8], 4, error=True), case(f32(), 8, 4, error=True), case([1, 2, 3, 4], 2, 1, error=True),
        case(f32(16), 8, [4], error=True),
    ]),
    row("tf.signal.inverse_stft", signal("inverse_stft"), [
        case(c64(3, 5), 8, 4, **ROUGH), case(c128(2, 3, 5), 8, 3, **near(1e-11)),
        case(c64(3, 5), 8, 4, window_fn=None, **ROUGH), case(c64(3, 5), 6, 3, **ROUGH),
        case(c64(3, 5), 8, 4, fft_length=16, **ROUGH), case(c64(3, 5), 12, 4, fft_length=8, **ROUGH),
        case(f32(3, 5), 8, 4, error=True), case(c64(3, 5), [8], 4, error=True), case(c64(5), 8, 4, error=True),
    ]),
    row("tf.signal.inverse_stft_window_fn",
        lambda tf, step, n, forward="hann_window", dtype="float32": tf.signal.inverse_stft_window_fn(
            step, getattr(tf.signal, forward))(n, dtype=getattr(tf, dtype)), [
        case(3, 8, **LOOSE), case(5, 4, **LOOSE), case(2, 7, "hamming_window", "float64", **LOOSE),
        case([2], 7, error=True)]),
]  # fmt: skip

COSINES = [
    row(f"tf.signal.{name}", signal(name), [
        *(case(f64(2, 5), type=kind, norm=norm, **near(1e-11))
          for kind in (1, 2, 3, 4) for norm in (None, "ortho") if (kind, norm) != (1, "ortho")),
        *(case(f32(6), type=kind, **near(1e-4)) for kind in (1, 2, 3, 4)),
        case(f64(5), n=3, **near(1e-11)), case(f64(5), n=7, **near(1e-11)),
        case(f64(5), type=1, n=3, **near(1e-11)), case(f64(5), type=4, n=3, **near(1e-11)),
        case(f32(5), type=1, norm="ortho", error=True), case(f32(5), n=0, error=True),
        case(f32(5, 2), axis=0, error=True),
        case(f32(5), type=5, error=True), case(f32(5), norm="x", error=True), case(f32(1), type=1, error=True),
    ])
    for name in ("dct", "idct")
] + [
    row("tf.signal.mdct", signal("mdct"), [
        case(f64(16), 8, **near(1e-10)), case(f64(2, 16), 8, norm="ortho", **near(1e-10)),
        case(f32(16), 8, window_fn=None, **near(1e-4)), case(f64(18), 8, pad_end=True, **near(1e-10)),
        case(f32(16), 6, error=True), case(f32(16), 8, norm="x", error=True), case(f32(16), [8], error=True),
        case(f32(), 8, error=True), case([1, 2, 3, 4], 4, error="type", reason="composed"),
    ]),
    row("tf.signal.inverse_mdct", signal("inverse_mdct"), [
        case(f64(3, 4), **near(1e-10)), case(f64(2, 3, 4), norm="ortho", **near(1e-10)),
        case(f64(3, 4), window_fn=None, **near(1e-10)), case(f32(4), error=True),
    ]),
    row("tf.signal.linear_to_mel_weight_matrix", lambda tf, *args, dtype="float32", **options:
        tf.signal.linear_to_mel_weight_matrix(*args, dtype=getattr(tf, dtype), **options), [
        case(rtol=1e-3, reason="differences of near numbers, in float32"),
        case(3, 9, 8000, 0.0, 3000.0, dtype="float64", rtol=1e-12, reason="logarithms"),
        case(0, error=True), case(sample_rate=0, error=True), case(lower_edge_hertz=-1, error=True),
        case(lower_edge_hertz=4000, error="type", reason="its format"),
        case(upper_edge_hertz=9000, error=True), case(dtype="int32", error=True),
    ]),
    row("tf.signal.mfccs_from_log_mel_spectrograms", signal("mfccs_from_log_mel_spectrograms"), [
        case(f64(2, 4), **near(1e-11)), case(f32(5), **near(1e-4)), case(f32(2, 0), error=True),
    ]),
]  # fmt: skip

ROWS: list[Row] = [*SPECTRA, *REAL_SPECTRA, *RAW, *ND, *SHIFTS, *WINDOWS, *FRAMES, *COSINES]
