"""Functions of dense tensors by their public names, against NumPy and SciPy; their ops have rows of their own."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf

RANDOM = np.random.default_rng(0)


def numbers(*shape, low=0.1, high=3.0):
    return RANDOM.uniform(low, high, shape).astype(np.float32)


def close(ours, wanted, rtol=2e-6, atol=0.0):
    np.testing.assert_allclose(ours, wanted, rtol=rtol, atol=atol)


def test_products_that_zero_makes_zero():
    x, y = numbers(2, 5), numbers(5)
    x[0, :2], bad = 0, np.array([0, np.inf, -1, np.nan, 2], np.float32)
    close(tf.math.xlogy(x, y), np.where(x == 0, 0, x * np.log(y)), 1e-5)
    close(tf.math.xlog1py(x, y), np.where(x == 0, 0, x * np.log1p(y)), 1e-5)
    close(tf.math.xdivy(x, y), np.where(x == 0, 0, x / y))
    for function in (tf.math.xlogy, tf.math.xlog1py, tf.math.xdivy):
        np.testing.assert_array_equal(function(tf.zeros(5), bad), np.zeros(5))


def test_modified_bessel_functions():
    special = pytest.importorskip("scipy.special")
    x = np.concatenate([numbers(50, low=-20, high=20), np.float32([0, 1e-6])])
    wide = x.astype(np.float64)
    close(tf.math.bessel_i0(x), special.i0(wide))
    close(tf.math.bessel_i0e(x), special.i0e(wide))
    close(tf.math.bessel_i1(x), special.i1(wide))
    close(tf.math.bessel_i1e(x), special.i1e(wide))


def test_fourier_transforms_of_two_and_three_axes():
    x = numbers(4, 6, 5).astype(np.complex64) + 1j * numbers(4, 6, 5)
    real, off = x.real.copy(), {"rtol": 1e-5, "atol": 2e-5}
    close(tf.signal.fft2d(x), np.fft.fft2(x), **off)
    close(tf.signal.ifft2d(x), np.fft.ifft2(x), **off)
    close(tf.signal.fft3d(x), np.fft.fftn(x), **off)
    close(tf.signal.ifft3d(x), np.fft.ifftn(x), **off)
    close(tf.signal.rfft2d(real), np.fft.rfft2(real), **off)
    close(tf.signal.rfft3d(real), np.fft.rfftn(real), **off)
    close(tf.signal.irfft2d(np.fft.rfft2(real).astype(np.complex64), [6, 5]), real, **off)
    close(tf.signal.irfft3d(np.fft.rfftn(real).astype(np.complex64), [4, 6, 5]), real, **off)


def test_methods_of_resizing_keep_an_even_image():
    image = np.full((1, 8, 8, 2), 0.5, np.float32)
    methods = (
        tf.image.ResizeMethod.BILINEAR, tf.image.ResizeMethod.NEAREST_NEIGHBOR, tf.image.ResizeMethod.BICUBIC,
        tf.image.ResizeMethod.AREA, tf.image.ResizeMethod.LANCZOS3, tf.image.ResizeMethod.LANCZOS5,
        tf.image.ResizeMethod.GAUSSIAN, tf.image.ResizeMethod.MITCHELLCUBIC,
    )  # fmt: skip
    for method in methods:
        close(tf.image.resize(image, [5, 13], method), np.full((1, 5, 13, 2), 0.5), 1e-6)


def test_paths_without_a_language_model():
    """The beam that keeps most probability: that of both ways to say one label."""
    logits = np.log(np.float32([[[0.4, 0.0001, 0.6]], [[0.4, 0.0001, 0.6]]]))
    (decoded,), probabilities = tf.nn.ctc_beam_search_decoder(logits, [2], beam_width=10, top_paths=1)
    np.testing.assert_array_equal(tf.sparse.to_dense(decoded), [[0]])
    assert probabilities.shape == (1, 1)


def test_specs_of_tensors():
    x = tf.ones([2, 3])
    spec = tf.TensorSpec.from_tensor(x, "x")
    assert spec == tf.TensorSpec([2, 3], tf.float32, "x")
    assert tf.TensorSpec.from_spec(spec, "y") == tf.TensorSpec([2, 3], tf.float32, "y")
    assert isinstance(spec, tf.TypeSpec)


def test_none_and_zero_for_what_is_not_connected():
    x = tf.constant(1.0)
    for kind, wanted in ((tf.UnconnectedGradients.NONE, None), (tf.UnconnectedGradients.ZERO, 0.0)):
        with tf.GradientTape() as tape:
            tape.watch(x)
        assert tape.gradient(tf.constant(2.0), x, unconnected_gradients=kind) == wanted


def test_ragged_tensors_of_sparse_ones():
    sparse = tf.sparse.from_dense([[1, 2], [3, 0]])
    assert tf.RaggedTensor.from_sparse(sparse).to_list() == [[1, 2], [3]]
