"""`tf.custom_gradient`, `recompute_grad`, `grad_pass_through`: what a user sees, as TensorFlow 2.21 has it."""

from __future__ import annotations

import pytest

import tapeflow as tf


@pytest.fixture
def x() -> tf.Tensor:
    return tf.constant(3.0)


@pytest.fixture
def v() -> tf.Variable:
    return tf.Variable(2.0, name="v")


def gradient(f, *sources):
    with tf.GradientTape() as tape:
        tape.watch(sources)
        y = f(*sources)
    grads = [None if g is None else float(g) for g in tape.gradient(y, list(sources))]
    return grads if len(grads) > 1 else grads[0]


def test_own_gradient(x):
    @tf.custom_gradient
    def f(x):
        return x * x, lambda dy: dy * 100.0

    assert float(f(x)) == 9.0
    assert gradient(f, x) == 100.0


def test_second_order_is_the_gradient_of_the_gradient(x):
    @tf.custom_gradient
    def f(x):
        return x * x, lambda dy: dy * x * x * x

    assert gradient(lambda x: x + f(x), x) == 28.0
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        g = inner.gradient(y, x)
    assert float(g) == 27.0
    assert float(outer.gradient(g, x)) == 27.0


def test_variables(x, v):
    @tf.custom_gradient
    def f(x):
        return x * v, lambda dy, variables=None: (dy * 10.0, [dy * 20.0 for _ in variables])

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert [float(g) for g in tape.gradient(y, [x, v])] == [10.0, 20.0]


def test_variables_need_the_keyword(x, v):
    @tf.custom_gradient
    def f(x):
        return x * v, lambda dy: dy

    with pytest.raises(TypeError, match="@tf.custom_gradient grad_fn must accept keyword argument 'variables'"):
        f(x)


def test_a_variable_as_argument(v):
    @tf.custom_gradient
    def f(w):
        return w * 3.0, lambda dy: dy * 7.0

    with tf.GradientTape() as tape:
        y = f(v)
    assert float(tape.gradient(y, v)) == 7.0


def test_wrong_number_of_gradients(x):
    @tf.custom_gradient
    def f(a, b):
        return a * b, lambda dy: dy

    with pytest.raises(ValueError, match="expected to return 2 gradients, but returned 1 instead"):
        gradient(f, x, x * 2.0)


def test_none_for_an_argument(x):
    @tf.custom_gradient
    def f(a, b):
        return a * b, lambda dy: (None, dy)

    assert gradient(f, x, tf.constant(1.0)) == [None, 1.0]


def test_several_results(x):
    @tf.custom_gradient
    def f(a):
        return (a * 1.0, a * 2.0), lambda d1, d2: d1 * 1.0 + d2 * 10.0

    assert isinstance(f(x), tuple)
    assert gradient(lambda a: f(a)[1], x) == 10.0


def test_keyword_arguments_and_structures(x):
    @tf.custom_gradient
    def f(pair, k=2.0):
        return pair["p"] * pair["q"] * k, lambda dy: {"p": dy * k, "q": dy * 2.0}

    assert gradient(lambda a: f({"p": a, "q": a * 1.0}, k=5.0), x) == 7.0


def test_a_tape_inside(x):
    @tf.custom_gradient
    def f(a):
        with tf.GradientTape() as tape:
            tape.watch(a)
            y = a**3
        g = tape.gradient(y, a)
        return y, lambda dy: dy * g

    assert gradient(f, x) == 27.0


def test_python_numbers_are_converted():
    @tf.custom_gradient
    def f(a):
        return tf.identity(a), lambda dy: dy

    assert isinstance(f(3.0), tf.Tensor)


def test_methods(x):
    class Scaled:
        @tf.custom_gradient
        def f(self_or_x):  # noqa: N805 - as a plain function
            return self_or_x * 2.0, lambda dy: dy * 5.0

    assert gradient(Scaled.f, x) == 5.0


def test_forward_mode_takes_the_custom_gradient(x):
    @tf.custom_gradient
    def f(a):
        return a * a, lambda dy: dy * 100.0

    with tf.autodiff.ForwardAccumulator(x, tf.constant(2.0)) as acc:
        y = f(x)
    assert float(acc.jvp(y)) == 200.0


def test_grad_pass_through(x):
    through = tf.grad_pass_through(tf.round)
    assert gradient(lambda a: through(a * 1.5) * 2.0, x) == 3.0


def test_recompute_grad_runs_twice_and_keeps_variables(x, v):
    calls = []

    def f(a):
        calls.append(1)
        return a * a * v

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.recompute_grad(f)(x)
    assert [float(g) for g in tape.gradient(y, [x, v])] == [12.0, 9.0]
    assert len(calls) == 2


def test_recompute_grad_second_order(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.recompute_grad(lambda a: a * a * a)(x)
        g = inner.gradient(y, x)
    assert float(outer.gradient(g, x)) == 18.0
