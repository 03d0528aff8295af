"""Where the 0.2 of hard_sigmoid comes from, found with nested tapes.

The sigmoid is replaced by three straight pieces, or by two parabolas between constants. How wide should the middle be,
so that the squared error over the whole line is least? The error has closed forms; two tapes, one inside the other,
differentiate them twice, and Newton's method does the rest. docs/hard-sigmoid.md tells the story.

A plain TensorFlow 2 program:

    tapeflow run examples/hard_sigmoid.py      # without TensorFlow
    python examples/hard_sigmoid.py            # with it
"""

import argparse
import itertools
from pathlib import Path

import mpmath
import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
LI2_AT_MINUS_1 = -np.pi**2 / 12  # better than `spence(2.0)`, whose last digit is wrong
LINE, PARABOLAS = "#1f77b4", "#d62728"


def double(value):
    return tf.constant(value, tf.float64)


# ---------------------------------------------------------------- the pieces


def line(x, a):
    """Three straight pieces, with the slope 1/a in the middle."""
    return np.clip(x / a + 0.5, 0, 1)


def parabolas(x, a):
    """Two parabolas that meet at 0 with the slope 1/a, and are flat where they end, at -a and a."""
    t = np.clip(x / a, -1, 1)
    return 0.5 + t * (2 - abs(t)) / 2


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# ---------------------------------------------------------------- their errors


def li2(z):
    """The dilogarithm; `spence` knows its derivative."""
    return tf.math.special.spence(1.0 - z)


@tf.custom_gradient
def li3(z):
    """The trilogarithm for z < 1. No tape sees into mpmath, so we say the derivative: Li2(z) / z."""
    values = np.vectorize(lambda number: float(mpmath.polylog(3, number)), otypes=[np.float64])(z.numpy())
    return tf.constant(values), lambda g: g * li2(z) / z


def line_error(a):
    """The integral of (sigmoid(x) - line(x, a))^2 over all x."""
    return a / 12.0 - 1.0 - 4.0 / a * (LI2_AT_MINUS_1 - li2(-tf.exp(-a / 2.0)))


def parabolas_error(a):
    """The integral of (sigmoid(x) - parabolas(x, a))^2 over all x."""
    return a / 10.0 - 1.0 - 4.0 / a * LI2_AT_MINUS_1 + 4.0 / a**2 * (li3(double(-1)) - li3(-tf.exp(-a)))


# ---------------------------------------------------------------- the optimum


def derivatives(error, a):
    """The first and the second derivative of `error` at `a`."""
    with tf.GradientTape() as outer:
        outer.watch(a)
        with tf.GradientTape() as inner:
            inner.watch(a)
            y = error(a)
        first = inner.gradient(y, a)  # the outer tape records this, too
    return first, outer.gradient(first, a)


def newton(error, a):
    """Go to where the derivative would be 0 if it were a straight line, until that is no more than rounding."""
    step = a
    while abs(step) > 1e-9 * a:  # the error of a step is about the square of the one before
        first, second = derivatives(error, a)
        step = first / second
        print(f"  a = {a:.15f}   E' = {first: .2e}   E'' = {second:.5f}")
        a -= step
    return a


# ---------------------------------------------------------------- is that right?


def optimum_by_quadrature(pieces, slope_in_a, end, start):
    """The root of the error's derivative under the integral, in 25 digits and without any of the formulas above."""
    with mpmath.workdps(25):

        def derivative(a):
            def integrand(x):
                return (pieces(x, a) - 1 / (1 + mpmath.exp(-x))) * slope_in_a(x, a)

            return mpmath.quad(integrand, [0, end(a) / 2, end(a)])

        return mpmath.findroot(derivative, start, tol=1e-22)


def error_by_quadrature(pieces, a):
    """The integral of the squared error, twice that over the right half."""
    ends = [0, a / 2, a, 2 * a, 4 * a, 8 * a, 16 * a]
    nodes, weights = np.polynomial.legendre.leggauss(60)
    total = 0.0
    for left, right in itertools.pairwise(ends):
        x = left + (right - left) * (nodes + 1) / 2
        total += (right - left) * np.sum(weights * (pieces(x, a) - sigmoid(x)) ** 2)
    return total


def study(name, error, pieces, by_quadrature):
    print(f"{name}: E(a) is the squared error, a = 4 has the sigmoid's slope at 0")
    a = float(newton(error, double(4.0)))
    digits, least = by_quadrature(), float(error(double(a)))
    print(f"  a   = {a:.15f}, by quadrature {mpmath.nstr(digits, 20)}: apart by {abs(float(a - digits)):.0e}")
    print(f"  1/a = {1 / a:.15f}")
    print(f"  E   = {least:.15f}, by quadrature {error_by_quadrature(pieces, a):.15f}\n")
    return a


# ---------------------------------------------------------------- pictures


def draw_slopes(plt, best):
    """The sigmoid against the straight pieces, for some slopes."""
    figure, all_axes = plt.subplots(2, 2, figsize=(8, 5.5), sharex=True, sharey=True, layout="constrained")
    titles = ["1/4, the sigmoid's own at 0", "1/5: Theano, Keras 2", "1/6: Keras 3", f"{1 / best:.5f}, the best"]
    for axes, a, title in zip(all_axes.flat, [4, 5, 6, best], titles, strict=True):
        x = np.sort([*np.linspace(-6, 6, 97), -a / 2, a / 2])
        axes.fill_between(x, sigmoid(x), line(x, a), color=LINE, alpha=0.25, linewidth=0)
        axes.plot(x, sigmoid(x), color="black", linewidth=1, label="sigmoid")
        axes.plot(x, line(x, a), color=LINE, label="pieces")
        axes.set_title(f"slope {title}", fontsize=10)
        axes.text(6, 0.04, f"squared error {float(line_error(double(a))):.4f}", ha="right", fontsize=9)
    all_axes[0, 0].legend(loc="upper left", frameon=False)
    return figure


def draw_errors(plt, best_line, best_parabolas):
    """The errors over a, and the optima."""
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    a = np.linspace(2.8, 7.2, 89)
    for name, error, color, best in (
        ("straight pieces", line_error, LINE, best_line),
        ("two parabolas", parabolas_error, PARABOLAS, best_parabolas),
    ):
        axes.plot(a, error(double(a)), color=color, label=name)
        least = float(error(double(best)))
        axes.plot(best, least, "o", color=color)
        axes.annotate(f"a = {best:.5f}", (best, least), (0, -14), textcoords="offset points", ha="center", color=color)
    for width in (4, 5, 6):
        axes.plot(width, float(line_error(double(width))), "o", color=LINE, fillstyle="none")
        beside = {"xytext": (4, 6)} if width < best_line else {"xytext": (-4, 6), "ha": "right"}
        axes.annotate(f"1/{width}", (width, float(line_error(double(width)))), textcoords="offset points", **beside)
    axes.set(xlabel="a (the slope at 0 is 1/a)", ylabel="squared error", ylim=(-0.004, 0.05))
    axes.legend(frameon=False)
    return figure


def draw_parabolas(plt, best_line, best_parabolas):
    """The version with two parabolas, and what both are off by."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
    x = np.linspace(-6, 6, 193)
    left.plot(x, sigmoid(x), color="black", linewidth=1, label="sigmoid")
    left.plot(x, parabolas(x, best_parabolas), color=PARABOLAS, label=f"two parabolas, a = {best_parabolas:.5f}")
    left.plot([-best_parabolas, 0, best_parabolas], [0, 0.5, 1], "o", color=PARABOLAS, markersize=4)
    left.set_ylim(-0.05, 1.35)
    left.legend(frameon=False, loc="upper left")
    right.axhline(0, color="black", linewidth=1)
    right.plot(x, line(x, best_line) - sigmoid(x), color=LINE, label="straight pieces")
    right.plot(x, parabolas(x, best_parabolas) - sigmoid(x), color=PARABOLAS, label="two parabolas")
    right.set(title="pieces - sigmoid", ylim=(-0.085, 0.115))
    right.title.set_fontsize(10)
    right.legend(frameon=False, loc="upper left")
    return figure


def draw(folder, best_line, best_parabolas):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    # Text stays text, and the same program writes the same bytes.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "hard_sigmoid", "path.simplify_threshold": 0.3})
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in (
        ("slopes", draw_slopes(plt, best_line)),
        ("errors", draw_errors(plt, best_line, best_parabolas)),
        ("parabolas", draw_parabolas(plt, best_line, best_parabolas)),
    ):
        for axes in figure.axes:
            axes.spines[["top", "right"]].set_visible(False)
        path = folder / f"hard_sigmoid_{name}.svg"
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
        print(f"picture: {path}")


def main():
    parser = argparse.ArgumentParser(description="The best hard sigmoid, by Newton's method on nested tapes.")
    parser.add_argument("--pictures", type=Path, default=HERE / "output", metavar="FOLDER")
    options = parser.parse_args()
    best_line = study(
        "Three straight pieces", line_error, line,
        lambda: optimum_by_quadrature(lambda x, a: x / a + 0.5, lambda x, a: -x / a**2, lambda a: a / 2, 5),
    )  # fmt: skip
    best_parabolas = study(
        "Two parabolas", parabolas_error, parabolas,
        lambda: optimum_by_quadrature(
            lambda x, a: 1 - (x - a) ** 2 / (2 * a**2), lambda x, a: (x - a) * x / a**3, lambda a: a, 4
        ),
    )  # fmt: skip
    draw(options.pictures, best_line, best_parabolas)


if __name__ == "__main__":
    main()
