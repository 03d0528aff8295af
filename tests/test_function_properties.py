"""Random programs mean the same eagerly, in a function, and with sizes that are not known while it is traced."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from programs import Program, Run, programs

import tapeflow as tf
from tapeflow.engines import xla
from tapeflow.graph import plan
from tapeflow.graph.lower import NotOnXla

MANY = int(os.environ.get("TAPEFLOW_PROGRAMS", "0"))  # more programs than usual, and others each time


REFUSED = "Where", "number of iterations"  # of `masked`; of `loop` where a gradient may be wanted


def few(count):
    """So many programs, always the same, unless more are asked for."""
    return settings(
        max_examples=MANY or count, derandomize=not MANY, database=None, deadline=None,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False,
    )  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def _everything_is_big():
    """Plans free, and write over, small arrays too."""
    before, plan.SMALL = plan.SMALL, 0
    yield
    plan.SMALL = before


def traced(**options):
    return lambda function: tf.function(function, autograph=False, **options)


def numbers(shapes, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


class Subject:
    """A program under one way to run it.

    Args:
      program: what to run.
      wrap: what makes a function of a Python function; None for none.
      unknown: whether sizes are not known while it is traced.
      tape: "inside" for its gradients instead of its values, "twice" for the gradients' gradients.
    """

    def __init__(self, program: Program, wrap=None, unknown=False, tape=""):
        self.program = program
        self.variables = [tf.Variable(x) for x in numbers(program.variables, 1)]
        run = Run(self.variables, wrap or (lambda function: function))
        self.values = lambda *args: run.block(program.body, args)
        function = {"": self.values, "inside": lambda *args: self.gradients(self.values, args),
                    "twice": lambda *args: self.gradients(lambda *xs: self.gradients(self.values, xs), args)}[tape]
        if unknown:
            signature = [tf.TensorSpec([None] * len(shape), tf.float64) for shape in program.inputs]
            function = wrap(function, input_signature=signature) if wrap else function
        elif wrap:
            function = wrap(function)
        self.function = function

    def gradients(self, function, args):
        """Gradients of a weighted sum of what `function` gives: of the arguments, of the Variables; zeros for None."""
        with tf.GradientTape() as tape:
            tape.watch(args)
            results = function(*args)
            total = tf.add_n([tf.reduce_sum(tf.sin(y)) * (k + 1.0) for k, y in enumerate(results)])
        grads = tape.gradient(total, [*args, *self.variables], unconnected_gradients="zero")
        return [tf.convert_to_tensor(g) for g in grads]  # some are IndexedSlices

    def __call__(self, tape_outside=False):
        """What two calls give, and the Variables after each."""
        results = []
        for seed in (2, 3):
            args = [tf.constant(x) for x in numbers(self.program.inputs, seed)]
            results += self.gradients(self.function, args) if tape_outside else self.function(*args)
            results += [v.read_value() for v in self.variables]
        return [np.asarray(x) for x in results]


def unknown_sizes(**options):
    return lambda function, **more: tf.function(function, autograph=False, **options, **more)


def same(found, expected, rtol=1e-9):
    assert len(found) == len(expected)
    for i, (x, y) in enumerate(zip(found, expected, strict=True)):
        assert x.dtype == y.dtype and x.shape == y.shape, i
        np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol, err_msg=f"result {i}")


def on_xla(program, tape="", outside=False):
    """The same on XLA, unless there is something in the program that XLA cannot have."""
    expected = Subject(program, tape=tape)(outside)
    refused = ""
    try:
        found = Subject(program, unknown_sizes(jit_compile=True), True, tape)(outside)
    except NotOnXla as error:
        refused = str(error)
    if refused:
        assert any(reason in refused for reason in REFUSED)
    else:
        same(found, expected, 1e-5)  # a last bit makes another float32


def check(program, tape="", outside=False):
    expected = Subject(program, tape=tape)(outside)
    same(Subject(program, unknown_sizes(jit_compile=False), False, tape)(outside), expected)
    same(Subject(program, unknown_sizes(jit_compile=False), True, tape)(outside), expected)


@few(60)
@given(programs())
def test_values(program):
    check(program)


@few(40)
@given(programs())
def test_gradients_with_a_tape_inside(program):
    check(program, tape="inside")


@few(40)
@given(programs())
def test_gradients_with_a_tape_outside(program):
    check(program, outside=True)


@few(15)
@given(programs())
def test_second_derivatives(program):
    check(program, tape="twice")


@few(15)
@given(programs())
def test_second_derivatives_with_a_tape_outside(program):
    check(program, tape="inside", outside=True)


needs_xla = pytest.mark.skipif(not xla.available(), reason="needs JAX")


@needs_xla
@few(12)
@given(programs())
def test_values_on_xla(program):
    on_xla(program)


@needs_xla
@few(8)
@given(programs())
def test_gradients_on_xla(program):
    on_xla(program, tape="inside")


# -- what random programs have found, as small as it gets


def traced_and_eager(function, *args):
    """What a function gives in a graph and eagerly, as lists."""
    both = [f(*args) for f in (tf.function(function, autograph=False, jit_compile=False), function)]
    return [[np.asarray(x).tolist() for x in result] for result in both]


def test_a_branch_that_takes_one_tensor_under_two_names():
    """The gradient is not counted twice."""
    inner = tf.function(lambda x, y: tf.cond(x > 0.0, lambda: x * y, lambda: y), autograph=False)

    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = inner(x, x)
        return [y, tape.gradient(y, x)]

    found, expected = traced_and_eager(slope, tf.constant(3.0))
    assert found == expected == [9.0, 6.0]


def test_a_loop_that_takes_one_tensor_under_two_names():
    def looped(x, y):
        return tf.while_loop(lambda i, _: i < 2, lambda i, z: (i + 1, z * x + y), [0, x])[1]

    inner = tf.function(looped, autograph=False)

    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = inner(x, x)
        return [y, tape.gradient(y, x)]

    found, expected = traced_and_eager(slope, tf.constant(3.0))
    assert found == expected == [39.0, 34.0]


def test_the_gradient_of_branches_of_which_one_updates_a_variable():
    v = tf.Variable(1.0)

    def update(x):
        v.assign(x * 2.0)
        return v + x

    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.cond(x > 0.0, lambda: (x * v, x), lambda: (update(x), x))
        return tape.gradient(y, [x, v], unconnected_gradients="zero")

    for x in (2.0, -2.0):
        v.assign(1.0)
        expected = [float(g) for g in slope(tf.constant(x))]
        v.assign(1.0)
        found = [float(g) for g in tf.function(slope, autograph=False)(tf.constant(x))]
        assert found == expected


def test_branches_with_effects_are_not_merged():
    """A function that is called twice has two draws, although both calls look the same."""
    draw = tf.function(lambda x: tf.cond(x > 0.0, lambda: tf.random.uniform([]), lambda: 0.0), autograph=False)
    a, b = tf.function(lambda x: (draw(x), draw(x)), autograph=False, jit_compile=False)(tf.constant(1.0))
    assert a != b


def test_a_loop_in_a_loop_keeps_only_what_a_gradient_needs():
    v = tf.Variable(tf.zeros([10]))

    def inner(n):
        v.assign_add(tf.ones([10]))
        return (n + 1,)

    @tf.function(autograph=False, jit_compile=False)
    def f():
        return tf.while_loop(lambda n: n < 3, lambda n: (n + tf.while_loop(lambda k: k < 3, inner, [0])[0] - 2,), [0])

    f()
    assert v.numpy().tolist() == [9.0] * 10
    assert "append" not in f.get_concrete_function().engine.source
