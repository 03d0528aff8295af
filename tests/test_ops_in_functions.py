"""The op table inside `tf.function`: all shapes known, sizes unknown, ranks unknown; it gives what ops give eagerly."""

from __future__ import annotations

import functools
import os
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import recorded
import test_ops
from optable import Case
from recorded import Tree

import tapeflow as tf
from tapeflow.base import nest

SHAPES: dict[str, Callable[[Any], Any]] = {
    "shapes known": lambda shape: shape,
    "sizes unknown": lambda shape: [None] * len(shape),
    "ranks unknown": lambda shape: None,
}

#: Errors that may come instead of the eager one: TensorFlow's while tracing, and a kernel's when the function runs.
INSTEAD = {"ValueError", "TypeError", "InvalidArgumentError"}

#: Rows that ask for values, or for what only eager tensors have.
EAGER_ONLY: dict[str, str] = {}


def in_function(case: Case, seeds: list[Any], shape_of: Callable[[Any], Any]) -> tuple[Any, Any, list[Any]]:
    """The results and gradients of a case from a function, and the Symbols that stood for the tensors in them."""
    tensors = [tf.constant(array) for array in case.inputs()]
    kept: list[Any] = []

    def function(*tensors: Any) -> list[Any]:
        sources = [x for x in tensors if recorded._differentiable(x)]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            result = case.call(tf, tensors)
        targets = [y for y in recorded._leaves(result, tf.is_tensor) if recorded._differentiable(y)]
        grads = None
        if seeds:
            grads = tape.gradient(targets, sources, output_gradients=[tf.constant(seed) for seed in seeds])
        kept.append((result, grads))
        return tensors_in(kept[-1])

    signature = [tf.TensorSpec(shape_of(x.shape), x.dtype) for x in tensors]
    concrete = tf.function(function, autograph=False, jit_compile=False).get_concrete_function(*signature)
    symbols = tensors_in(kept[-1])
    values = iter(concrete(*tensors))
    result, grads = nest.map_structure(
        lambda x: next(values) if isinstance(x, tf.Tensor) else x, kept[-1], expand_composites=True
    )
    return result, grads, symbols


def tensors_in(value: Any) -> list[Any]:
    return [x for x in nest.flatten(value, expand_composites=True) if isinstance(x, tf.Tensor)]


def complaint(name: str, known: str) -> str | None:
    """What is wrong with a case in a function."""
    case, eager = test_ops.CASES[name], test_ops.run(name).outcome
    try:
        seeds = eager.seeds if eager.grads.form is not None and known != "ranks unknown" else []
        result, grads, symbols = in_function(case, seeds, SHAPES[known])
    except Exception as error:
        if eager.error and type(error).__name__ in {eager.error[0], *INSTEAD}:
            return None
        return traceback.format_exc(limit=-3)
    if eager.error:
        return f"eagerly this is refused: {eager.error}"
    for symbol, value in zip(symbols, tensors_in((result, grads)), strict=True):
        if not symbol.shape.is_compatible_with(value.shape):
            return f"{symbol} has in fact the shape {value.shape}"
        if known == "shapes known" and not symbol.shape.is_fully_defined() and not DYNAMIC & called(name):
            return f"the shape of {symbol} is {value.shape}: it could be known"
    wrong = difference(recorded.describe(result), eager.result, case, known)
    if not wrong and seeds:
        wrong = recorded.difference(recorded.describe(grads), eager.grads, case)
        wrong = wrong and f"gradients: {wrong}"
    return wrong


DYNAMIC = test_ops.DATA_DEPENDENT


def called(name: str) -> set[str]:
    return {call.op for call in test_ops.run(name).calls}


def difference(ours: Tree, eager: Tree, case: Case, known: str) -> str | None:
    """What is wrong with the results: they must be the same to the last bit."""
    wrong = recorded.difference(ours, eager, case, zero_sign=case.zero_sign)
    if wrong:
        return wrong
    for index, (a, b) in enumerate(zip(ours.arrays, eager.arrays, strict=True)):
        if a.dtype != object and a.tobytes() != b.tobytes() and not np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"):
            return f"array {index} is not the same to the last bit: {a} instead of {b}"
    return None


@pytest.mark.parametrize("known", SHAPES)
@pytest.mark.parametrize("row", [row for row in test_ops.ROWS if row not in EAGER_ONLY])
def test_row(row: str, known: str) -> None:
    cases = [f"{row.partition(':')[0]}:{case.id}" for case in test_ops.ROWS[row].cases]
    if known == "ranks unknown":
        cases = [case for case in cases if not test_ops.CASES[case].error][:1]
    wrong = [f"{case}: {text}" for case in cases if (text := complaint(case, known))]
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:4])
