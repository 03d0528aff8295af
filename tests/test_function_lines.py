"""Errors in functions name the program's lines, of the calls of functions too; the line is that with `# here`."""

from __future__ import annotations

import inspect
import traceback

import pytest

import tapeflow as tf


@tf.function
def gathered(x, i):
    y = x * 2.0
    return tf.gather(y, i)


@tf.function
def calling(x, i):
    return gathered(x, i) + 1.0


def called_directly():
    gathered(tf.ones([2]), tf.constant(7))


def called_in_a_function():
    calling(tf.ones([2]), tf.constant(7))


def called_in_a_function_in_a_function():
    @tf.function
    def third(x, i):
        return calling(x, i) * 2.0

    third(tf.ones([2]), tf.constant(7))


def called_under_a_tape():
    x = tf.Variable(tf.ones([2]))
    with tf.GradientTape() as tape:
        y = calling(x, tf.constant(7))
    tape.gradient(y, x)


def in_a_loop():
    @tf.function
    def loop(x, i):
        s = 0.0
        for k in tf.range(3):
            s += tf.gather(x, i + k)
        return s

    loop(tf.ones([2]), tf.constant(0))


def in_a_branch_of_a_while_loop():
    @tf.function
    def steps(x, i):
        s = 0.0
        while i < 5:
            if i > 1:
                s += tf.gather(x, i)
            i += 1
        return s

    steps(tf.ones([2]), tf.constant(0))


def in_an_assertion():
    @tf.function
    def root(x):
        tf.debugging.assert_non_negative(x)
        return tf.sqrt(x)

    root(tf.constant(-1.0))


def in_a_method():
    class Model(tf.Module):
        @tf.function
        def __call__(self, x):
            return self.helper(x)

        def helper(self, x):
            return gathered(x, 7 + tf.cast(x[0], tf.int32))

    Model()(tf.ones([2]))


# The functions of which lines are named, outermost first.
PROGRAMS = [
    (called_directly, ["gathered"]),
    (called_in_a_function, ["calling", "gathered"]),
    (called_in_a_function_in_a_function, ["third", "calling", "gathered"]),
    (called_under_a_tape, ["calling", "gathered"]),
    (in_a_loop, ["loop"]),
    (in_a_branch_of_a_while_loop, ["steps"]),
    (in_an_assertion, ["root"]),
    (in_a_method, ["helper", "gathered"]),
]


@pytest.mark.parametrize(("program", "functions"), PROGRAMS, ids=lambda x: getattr(x, "__name__", ""))
def test_what_runs_names_the_lines_of_the_program(program, functions):
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        program()
    (note,) = caught.value.__notes__
    head, *places = note.splitlines()
    assert head.endswith("defined at (most recent call last):")
    assert [place.rpartition(" in ")[2] for place in places] == functions
    assert all(f'"{__file__}"' in place for place in places)
    text = "".join(traceback.format_exception(caught.value))
    assert note in text and "loop_body" not in note


def test_what_xla_refuses_is_named_with_the_call():
    @tf.function
    def text(x):
        return tf.strings.as_string(x)

    @tf.function(jit_compile=True)
    def outer(x):
        return text(x)

    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        outer(tf.constant(1.0))
    line = inspect.getsourcelines(outer.python_function)[1] + 2
    assert f'line {line}, in outer\n  File "{__file__}", line' in str(caught.value)


def test_an_anomaly_in_a_loop_is_in_the_function_of_the_program():
    @tf.function
    def inverse(x):
        for _ in tf.range(3):
            x = 1.0 / (x - 1.0)
        return x

    with pytest.raises(tf.errors.InvalidArgumentError) as caught, tf.debugging.anomalies():
        inverse(tf.constant(2.0))
    assert caught.value.anomaly.site.function == "inverse"
    assert ", in inverse: x = 1.0 / (x - 1.0)" in caught.value.message
