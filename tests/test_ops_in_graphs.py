"""The op table in graphs: with all sizes known, with none, and with no rank, they give what the ops give eagerly."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import recorded
import rows
from optable import Case, Row

import tapeflow as tf
from tapeflow.base import nest
from tapeflow.core.convert import convert
from tapeflow.core.tensor import Tensor
from tapeflow.graph.plan import Plan
from tapeflow.graph.trace import FuncGraph, trace

FAMILIES = ("layout", "creation", "indexing", "sorting", "segment", "strings", "debugging")
ROWS: dict[str, Row] = {f"{family}:{row.name}": row for family in FAMILIES for row in rows.load(family)}

KNOWN: dict[str, Callable[[Any], Any]] = {
    "all known": lambda shape: shape,
    "sizes unknown": lambda shape: (None,) * len(shape),
    "rank unknown": lambda shape: None,
}

#: What TensorFlow, too, refuses in graphs, or what shows whether it is in one.
REFUSED = (
    "Cannot infer argument `num` from shape",
    "Number of mask dimensions must be specified",
    "Expected int for argument 'num_partitions'",
    "Expected list for 'inputs' argument to 'string_join'",
    "Iterating over a symbolic `tf.Tensor` is not allowed",
    "Cannot convert 1 to EagerTensor of dtype bool",
    "Length for attr 'T' of 0 must be at least minimum 1",
)
#: Rows whose results depend on whether they run in a graph; and what needs ranks.
EAGER_ONLY = {"creation:tf.get_static_value", "creation:tf.constant", "creation:Timestamp"}
NEED_RANKS = ("batch_dims", "tf.linspace", "tf.constant", "tf.repeat:f32(),2,0")

Results = tuple[list[Tensor], list[Any]]


def results(case: Case, tensors: Sequence[Any], seeds: Sequence[Any] = ()) -> Results:
    """What the case returns, and the gradients of its inputs, if there are `seeds`."""
    sources = [x for x in tensors if x.dtype.is_floating or x.dtype.is_complex]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        result = case.call(tf, tensors)
    outputs = [convert(x) for x in nest.flatten(result) if hasattr(x, "dtype") or isinstance(x, (int, float, str))]
    targets = [y for y in outputs if y.dtype.is_floating or y.dtype.is_complex]
    if not (sources and targets and seeds):
        return outputs, []
    gradients = tape.gradient(targets, sources, output_gradients=list(seeds))
    return outputs, [None if g is None else convert(g) for g in gradients]


def in_graph(case: Case, tensors: Sequence[Tensor], seeds: Any, known: Callable[[Any], Any]) -> Results:
    """The same, from a graph whose inputs are known as far as `known` says."""
    graph = FuncGraph("case")
    graph.inputs = [graph.placeholder(x.dtype, known(x._array.shape), "x") for x in tensors]
    found: list[Results] = []

    def function() -> Any:
        found.append(results(case, graph.inputs, seeds))
        return found[0][0], [g for g in found[0][1] if g is not None]

    trace(graph, function)
    graph.verify()
    arrays = Plan(graph)(*[x._array for x in tensors], *[x._array for x in graph.external_captures])
    for symbol, array in zip(graph.outputs, arrays, strict=True):
        assert symbol.shape.is_compatible_with(np.shape(array)), f"{symbol} has in fact the shape {np.shape(array)}"
    values = iter([Tensor(np.asarray(array)) for array in arrays])
    outputs = [next(values) for _ in found[0][0]]
    return outputs, [None if g is None else next(values) for g in found[0][1]]


@functools.cache
def eagerly(case_id: str, row: str) -> Any:
    case = next(case for case in ROWS[row].cases if case.id == case_id)
    tensors = [tf.constant(array) for array in case.inputs()]
    outputs, _ = results(case, tensors)
    targets = [y for y in outputs if y.dtype.is_floating or y.dtype.is_complex]
    seeds = [tf.constant(recorded.cotangent(case, i, y.numpy())) for i, y in enumerate(targets)] if case.grad else []
    return tensors, seeds, results(case, tensors, seeds)


def complaint(case: Case, row: str, name: str) -> str | None:
    """What is wrong with a case in a graph."""
    tensors, seeds, wanted = eagerly(case.id, row)
    try:
        got = in_graph(case, tensors, seeds, KNOWN[name])
    except Exception as error:
        excused = any(text in str(error) for text in REFUSED)
        excused |= name == "rank unknown" and any(text in case.id for text in NEED_RANKS)
        return None if excused else f"{case.id}: {traceback.format_exc(limit=-2)}"
    for mine, eager in zip(got, wanted, strict=True):
        forms = [[x if x is None else (x.dtype, x._array.shape) for x in each] for each in (mine, eager)]
        if forms[0] != forms[1]:
            return f"{case.id}: gives {forms[0]}, eagerly {forms[1]}"
        for a, b in zip(mine, eager, strict=True):
            if a is not None and not _equal(a._array, b._array):
                return f"{case.id}: gives {a}, eagerly {b}"
    return None


def _equal(a: Any, b: Any) -> bool:
    if a.dtype.kind not in "fcV":
        return bool(a.tolist() == b.tolist())
    wide = [x.astype(np.complex128) for x in (a, b)]
    return bool(np.allclose(*wide, rtol=1e-5, atol=1e-5, equal_nan=True))


@pytest.mark.parametrize("known", KNOWN)
@pytest.mark.parametrize("row", [row for row in ROWS if row not in EAGER_ONLY])
def test_row(row: str, known: str) -> None:
    cases = [case for case in ROWS[row].cases if not case.error]
    wrong = [text for case in cases if (text := complaint(case, row, known))]
    assert not wrong, f"{len(wrong)} of {len(cases)}: " + "\n".join(wrong[:4])
