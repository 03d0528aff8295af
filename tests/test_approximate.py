"""`tf.approximate`, and `tf.nn.hard_sigmoid`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tapeflow as tf

# The knees to 20 digits and the errors, from mpmath: roots of the derivative under the integral, and quadrature.
KNOWN = {
    ("sigmoid", "linear"): (5.19936381662864453231 / 2, 0.00989401126597501468),
    ("sigmoid", "quadratic"): (3.99197948719976265334, 0.00164890930252781858),
    ("tanh", "linear"): (1.2998409541571611331, 0.0197880225319500294),
    ("tanh", "quadratic"): (1.9959897435998813267, 0.00329781860505563716),
    ("softsign", "quadratic"): (5.6441210250518384127, 0.469450994013869257),
    ("erf", "linear"): (1.092820508322494914, 0.0106615288291506831),
    ("erf", "quadratic"): (1.6615630513459545382, 0.000648574875898932362),
}
ACTIVATIONS = {"sigmoid": tf.sigmoid, "tanh": tf.tanh, "softsign": tf.nn.softsign, "erf": tf.math.erf}
EACH = pytest.mark.parametrize("pieces", ["linear", "quadratic"])


@pytest.mark.parametrize(("name", "pieces"), KNOWN)
def test_optima_to_14_digits(name: str, pieces: str) -> None:
    found = tf.approximate(name, pieces)
    knee, error = KNOWN[name, pieces]
    np.testing.assert_allclose(found.knee, knee, rtol=3e-15)
    np.testing.assert_allclose(found.error, error, rtol=1e-12)
    height = 0.5 if name == "sigmoid" else 1.0
    assert found.centre == 1 - height
    np.testing.assert_allclose(found.slope, height * (1 if pieces == "linear" else 2) / knee, rtol=3e-15)


def test_the_line_for_softsign_has_a_closed_form() -> None:
    c = tf.approximate("softsign").knee
    assert abs(c**2 / 6 - c + np.log1p(c)) < 1e-15


def test_the_line_for_the_sigmoid_has_a_closed_form() -> None:
    pytest.importorskip("scipy")
    a = 2 * tf.approximate("sigmoid").knee
    dilogarithm = float(tf.math.special.spence(tf.constant(1 + np.exp(-a / 2), tf.float64)))
    assert abs(1 / 24 + np.log1p(np.exp(-a / 2)) / a + 2 / a**2 * (-(np.pi**2) / 12 - dilogarithm)) < 1e-15


@EACH
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_it_is_the_best_of_its_neighbours(name: str, pieces: str) -> None:
    """With the squared error added up on a plain grid."""
    best = tf.approximate(name, pieces)
    x = np.linspace(-40, 40, 400_001)
    activation = ACTIVATIONS[name](tf.constant(x)).numpy()

    def error(knee: float) -> float:
        other = type(best)(pieces, best.centre, best.slope * best.knee / knee, knee, 0.0)
        return float(np.sum((other(tf.constant(x)).numpy() - activation) ** 2) * (x[1] - x[0]))

    assert error(best.knee) < min(error(best.knee * 0.999), error(best.knee * 1.001))
    if name != "softsign":  # which falls too slowly for the grid
        np.testing.assert_allclose(error(best.knee), best.error, rtol=1e-6)


@EACH
def test_a_function_of_ones_own(pieces: str) -> None:
    steep = tf.approximate(lambda x: tf.tanh(1000.0 * x), pieces)
    known = tf.approximate("tanh", pieces)
    np.testing.assert_allclose([steep.knee * 1000, steep.error * 1000], [known.knee, known.error], rtol=1e-12)
    assert tf.approximate(tf.tanh, pieces) == known


@EACH
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_what_it_gives_can_be_called(name: str, pieces: str) -> None:
    f = tf.approximate(name, pieces)
    x = tf.constant([-100.0, -f.knee, 0.0, f.knee, 100.0, 0.5], tf.float64)
    low = 2 * f.centre - 1
    np.testing.assert_allclose(f(x).numpy()[:5], [low, low, f.centre, 1, 1], atol=1e-15)
    assert f(tf.constant([0.5], tf.float32)).dtype == tf.float32
    np.testing.assert_allclose(tf.function(f)(x).numpy(), f(x).numpy(), rtol=1e-15)
    at_0 = tf.constant(0.0, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(at_0)
        y = f(at_0)
    np.testing.assert_allclose(float(tape.gradient(y, at_0)), f.slope, rtol=1e-15)


@pytest.mark.parametrize("activation", [tf.nn.relu, tf.identity, tf.nn.softplus, lambda x: -tf.tanh(x), tf.exp])
def test_others_are_refused(activation: Any) -> None:
    with pytest.raises(ValueError, match="must rise, be symmetric about its value at 0, and tend to 1"):
        tf.approximate(activation)


def test_unknown_names() -> None:
    with pytest.raises(ValueError, match=r"`activation` must be a function or one of \['sigmoid', .*, not 'gelu'"):
        tf.approximate("gelu")
    with pytest.raises(ValueError, match=r"`pieces` must be one of \['linear', 'quadratic'\], not 'cubic'"):
        tf.approximate("sigmoid", "cubic")


def test_newton_says_when_it_fails() -> None:
    """Its slope at 0 is far from what it does elsewhere, so that the first step goes astray."""
    with pytest.raises(ValueError, match="Newton's method finds no knee"):
        tf.approximate(lambda x: tf.tanh(x**3) + x * tf.exp(-(x**2)) * 1e-6)


def test_hard_sigmoid() -> None:
    x = tf.constant([-3.0, -2.5, -1.0, 0.0, 1.0, 2.5, 9.0])
    np.testing.assert_allclose(tf.nn.hard_sigmoid(x).numpy(), [0, 0, 0.3, 0.5, 0.7, 1, 1], rtol=1e-6)
    relu6 = tf.nn.relu6(x + 3.0) / 6.0
    np.testing.assert_allclose(tf.nn.hard_sigmoid(x, slope=1 / 6).numpy(), relu6.numpy(), rtol=1e-6)
    for dtype in (tf.float16, tf.bfloat16, tf.float64):
        assert tf.nn.hard_sigmoid(tf.cast(x, dtype)).dtype == dtype
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nn.hard_sigmoid(x)
    slopes = tape.gradient(y, x).numpy()
    np.testing.assert_allclose(slopes[[0, 2, 3, 4, 6]], [0, 0.2, 0.2, 0.2, 0], rtol=1e-6)
