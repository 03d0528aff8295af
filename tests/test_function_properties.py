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
            results = [y for y in function(*args)]
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
    try:
        found = Subject(program, unknown_sizes(jit_compile=True), True, tape)(outside)
    except NotOnXla as refused:
        assert "Where" in str(refused)  # from `masked`
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
@few(30)
@given(programs())
def test_values_on_xla(program):
    on_xla(program)


@needs_xla
@few(12)
@given(programs())
def test_gradients_on_xla(program):
    on_xla(program, tape="inside")
