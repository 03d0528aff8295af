"""Signals: transforms against NumPy's, of any axes and sizes, on big arrays, and what undoes what."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.testing import check_grads

RANDOM = np.random.default_rng(0)


def complex_numbers(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape) + 1j * RANDOM.standard_normal(shape)


@pytest.mark.parametrize("norm", [None, "backward", "forward", "ortho"])
@pytest.mark.parametrize(
    ("lengths", "axes"), [(None, None), (None, [1]), ([4, 5], None), ([2, 6], [2, 0]), (None, [1, 0])]
)
def test_transforms_of_any_axes_are_numpys(norm, lengths, axes):
    x = complex_numbers(3, 4, 5)
    for name in ("fftn", "ifftn", "rfftn", "irfftn"):
        given_ = x.real if name == "rfftn" else x
        places = axes or ([0, 1, 2] if lengths is None else [1, 2])
        wanted = getattr(np.fft, name)(given_, lengths, places, norm=norm)
        ours = getattr(tf, f"{name}d")(tf.constant(given_), lengths, axes, norm=norm)
        np.testing.assert_allclose(ours, wanted, rtol=1e-9, atol=1e-12)
    assert tf.signal.fftnd is tf.fftnd
    assert tf.signal.ifftnd is tf.ifftnd
    assert tf.signal.rfftnd is tf.rfftnd
    assert tf.signal.irfftnd is tf.irfftnd


def test_gradients_where_lengths_cut():
    check_grads(lambda x: tf.signal.rfft(x, [3]), [RANDOM.standard_normal((2, 5))])
    check_grads(lambda x: tf.signal.irfft(x, [3]), [complex_numbers(2, 4)])
    check_grads(lambda x: tf.rfftnd(x, [2, 6], [1, 0]), [RANDOM.standard_normal((3, 4))])


def test_norms_of_other_names_are_refused():
    with pytest.raises(ValueError, match="Invalid norm value"):
        tf.fftnd(np.ones(3, complex), norm="half")


@pytest.mark.parametrize(("name", "shape"), [
    ("fft", (300, 400)), ("fft2d", (2, 300, 200)), ("rfft", (400, 301)), ("irfft", (300, 151)),
])  # fmt: skip
def test_big_arrays(name, shape):
    x = complex_numbers(*shape)
    x = (x.real if name == "rfft" else x).astype(np.float32 if name == "rfft" else np.complex64)
    ours = getattr(tf.signal, name)(x)
    wanted = {"fft": np.fft.fft, "fft2d": np.fft.fft2, "rfft": np.fft.rfft, "irfft": np.fft.irfft}[name](x.astype(
        np.result_type(x, np.float64)))
    assert ours.numpy().dtype == (np.float32 if name == "irfft" else np.complex64)
    np.testing.assert_allclose(ours, wanted, rtol=1e-4, atol=2e-6 * np.abs(wanted).max())


def test_without_the_ufuncs_of_numpy(monkeypatch):
    from tapeflow.ops import fourier

    monkeypatch.setattr(fourier, "_ufunc", lambda *_: None)
    test_big_arrays("fft", (300, 400))
    test_big_arrays("fft2d", (2, 300, 200))
    test_big_arrays("rfft", (400, 301))


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 40), st.booleans())
def test_frames(length, step, n, pad_end):
    x = np.arange(1.0, n + 1)
    starts = range(0, n, step) if pad_end else range(0, n - length + 1, step)
    padded = np.concatenate([x, np.zeros(length)])
    wanted = np.array([padded[i : i + length] for i in starts]).reshape(-1, length)
    np.testing.assert_array_equal(tf.signal.frame(x, length, step, pad_end), wanted)
    if len(wanted):
        total = np.zeros(length + (len(wanted) - 1) * step)
        for i, row in enumerate(wanted):
            total[i * step : i * step + length] += row
        np.testing.assert_allclose(tf.signal.overlap_and_add(wanted, step), total)


def test_functions_of_unknown_sizes_compute_what_programs_compute():
    x = RANDOM.standard_normal(50)

    @tf.function(input_signature=[tf.TensorSpec(None, tf.float64)], jit_compile=False)
    def there_and_back(x):
        spectra = tf.signal.stft(x, 8, 4)
        return tf.signal.inverse_stft(spectra, 8, 4, window_fn=tf.signal.inverse_stft_window_fn(4))

    np.testing.assert_allclose(there_and_back(x)[4:-4], x[4:48 - 4], rtol=1e-9, atol=1e-12)


def test_transforms_keep_what_went_in():
    x = tf.constant(RANDOM.standard_normal((2, 24)))
    for kind in (2, 3, 4):
        back = tf.signal.idct(tf.signal.dct(x, type=kind, norm="ortho"), type=kind, norm="ortho")
        np.testing.assert_allclose(back, x, rtol=1e-10, atol=1e-12)
    window = tf.signal.kaiser_bessel_derived_window
    back = tf.signal.inverse_mdct(tf.signal.mdct(x, 8, window), window)
    np.testing.assert_allclose(back[:, 4:-4], x[:, 4:-4], rtol=1e-9, atol=1e-10)
