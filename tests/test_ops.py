"""The op table, on tapeflow: values, gradients and errors as TensorFlow's, shape rules, and that nothing is missing."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
import recorded
import rows
from optable import Case, Row
from recorded import Outcome

import tapeflow as tf
from tapeflow.base.dtypes import as_dtype
from tapeflow.core.op import OPS, Op
from tapeflow.testing import OpCall, check_grads, observe_ops

OPS.load()  # all families, also those that load at first use

TABLE: dict[str, list[Row]] = {family: rows.load(family) for family in rows.families()}
CASES: dict[str, Case] = {
    f"{family}:{case.id}": case for family, table in TABLE.items() for row in table for case in row.cases
}
RECORDINGS = {f"{family}:{name}": kept for family in TABLE for name, kept in recorded.load(family).items()}

#: Ops whose output sizes are not known from the sizes and static values that go in.
DATA_DEPENDENT = {
    *("Where", "ListDiff", "Range", "BroadcastGradientArgs"),
    *("Unique", "UniqueV2", "UniqueWithCounts", "UniqueWithCountsV2"),
    *("SegmentMax", "SegmentMean", "SegmentMin", "SegmentProd", "SegmentSum"),
    *("DynamicPartition", "DynamicStitch", "ParallelDynamicStitch"),
    *("ComputeAccidentalHits", "CTCBeamSearchDecoder", "CTCGreedyDecoder"),
    *(f"NonMaxSuppression{kind}" for kind in ("", "V2", "V3", "V4", "V5", "WithOverlaps")),
    *("RaggedGather", "RaggedRange", "RaggedTensorToTensor"),
    *("SparseAdd", "SparseFillEmptyRows", "SparseReduceMaxSparse", "SparseReduceSumSparse", "SparseReorder"),
    *("SparseSegmentMean", "SparseSegmentSqrtN", "SparseSegmentSum", "SparseSlice", "SparseSplit"),
    *("SerializeManySparse", "DeserializeManySparse"),
    *("SparseSparseMaximum", "SparseSparseMinimum", "SetSize", "EditDistance"),
    *("MatchingFiles", "ParseTensor", "DecodeWav", "DecodeAndCropJpeg"),
    *(f"Decode{kind}" for kind in ("Bmp", "Gif", "Image", "Jpeg", "Png", "WebP")),
    *(f"{kind}CountSparseOutput" for kind in ("Dense", "Ragged", "Sparse")),
    *(f"{pair}SetOperation" for pair in ("DenseToDense", "DenseToSparse", "SparseToSparse")),
    *("StringSplit", "StringSplitV2", "StringNGrams", "UnicodeDecode", "UnicodeDecodeWithOffsets", "DecodeRaw"),
}

#: Ops without rows: `tf.TensorArray` is made of them in graphs, see test_graph_control_flow.py.
IN_GRAPHS = "TensorList"


def expected(name: str) -> Outcome:
    digest, outcome = RECORDINGS.get(name, ("", Outcome()))
    if digest != CASES[name].digest():
        family = name.partition(":")[0]
        what = "stale" if digest else "no"
        pytest.fail(f"{what} recording: re-record with `python tools/record_ops.py {family}`", pytrace=False)
    return outcome


class Run(NamedTuple):
    outcome: Outcome
    calls: list[OpCall]
    gradients: set[str]


gradients_that_ran: set[str] = set()


@pytest.fixture(autouse=True, scope="module")
def _watch_gradients() -> Iterator[None]:
    """Notes whose gradients run."""
    before = {name: op.backward for name, op in OPS.items()}

    def noting(name: str, backward: Any) -> Any:
        @functools.wraps(backward)
        def note(*args: Any, **kwargs: Any) -> Any:
            gradients_that_ran.add(name)
            return backward(*args, **kwargs)

        return note

    for name, backward in before.items():
        OPS[name].backward = backward and noting(name, backward)
    yield
    for name, backward in before.items():
        OPS[name].backward = backward


@functools.cache
def run(name: str) -> Run:
    gradients_that_ran.clear()
    with observe_ops() as calls:
        outcome = recorded.run(tf, CASES[name])
    return Run(outcome, calls, set(gradients_that_ran))


def _is_ordinary(case: Case, outcome: Outcome) -> bool:
    """Whether differences in double precision make sense: not too many finite numbers, none of half precision."""
    arrays = [a for a in (*case.inputs(), *outcome.result.arrays, *outcome.grads.arrays) if a.dtype.kind in "fcV"]
    return (
        0 < sum(a.size for a in case.inputs() if a.dtype.kind in "fc") <= 2000
        and all(a.dtype.itemsize > 2 for a in arrays)
        and all(np.isfinite(a).all() for a in arrays)
    )


RESULTS = {name: None for name, case in CASES.items() if not case.error}  # names as keys: in order, and quickly found
GRADIENTS = {name: None for name in RESULTS if name in RECORDINGS and RECORDINGS[name][1].grads.form is not None}
DIFFERENCES = {name: None for name in GRADIENTS if CASES[name].fd and _is_ordinary(CASES[name], RECORDINGS[name][1])}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    """All that is asked of a case, one after the other: the tests are fewer, and a case runs in one process only."""
    check_value(name)
    if name in RESULTS:
        check_rules(name)
    if name in GRADIENTS:
        check_gradient(name)
    if name in DIFFERENCES:
        wrong, _ = differences(name)
        assert not wrong, wrong


def check_value(name: str) -> None:
    theirs, ours, case = expected(name), run(name).outcome, CASES[name]
    if theirs.error or ours.error:
        assert ours.error, f"TensorFlow refuses this: {theirs.error}"
        assert theirs.error, f"TensorFlow accepts this, tapeflow says: {ours.error}"
        assert ours.error[0] == theirs.error[0]
        assert case.error == "type" or ours.error[1] == theirs.error[1]
        return
    wrong = recorded.difference(ours.result, theirs.result, case, zero_sign=case.zero_sign)
    assert not wrong, wrong
    assert not ours.changed, "an input was changed"


def check_gradient(name: str) -> None:
    theirs, ours = expected(name), run(name).outcome
    assert not ours.error, ours.error
    assert not ours.grad_error, ours.grad_error
    wrong = recorded.difference(ours.grads, theirs.grads, CASES[name], slack=4.0)
    assert not wrong, wrong


@functools.cache
def differences(name: str) -> tuple[str | None, set[str]]:
    """What finite differences say against the gradients, and whose gradients ran."""
    case = CASES[name]
    gradients_that_ran.clear()
    try:
        check_grads(lambda *tensors: case.call(tf, tensors), case.inputs(), order=case.fd)
    except AssertionError as error:
        return str(error), set()
    except Exception:
        return traceback.format_exc(limit=-4), set()
    return None, set(gradients_that_ran)


# Shape and dtype rules


def check_rules(name: str) -> None:
    for call in run(name).calls:
        op = OPS.get(call.op)
        if op is None:
            continue
        check_dtypes(op, call)
        facts = tuple(tuple(x.shape.as_list()) if isinstance(x, tf.Tensor) else x for x in call.inputs)
        actual = [tuple(y.shape.as_list()) for y in call.outputs]
        check_shapes(op, facts, call.attrs, actual)


def check_dtypes(op: Op, call: OpCall) -> None:
    if op.mixed:  # its attributes say the dtypes, one by one
        return
    bound: dict[str, Any] = {k: as_dtype(v) for k, v in call.attrs.items() if k in {out.type for out in op.outputs}}
    for arg, x in zip(op.flat_inputs(len(call.inputs)), call.inputs, strict=True):
        if isinstance(x, tf.Tensor):
            wanted = arg.fixed or bound.setdefault(arg.type, x.dtype)
            assert x.dtype == wanted, f"{op.name}: input {arg} has dtype {x.dtype}"
    for arg, y in zip(flat_outputs(op, len(call.outputs)), call.outputs, strict=True):
        wanted = arg.fixed or bound.get(arg.type)
        assert y.dtype == wanted, f"{op.name}: output {arg} has dtype {y.dtype}, the signature says {wanted}"


def flat_outputs(op: Op, count: int) -> list[Any]:
    """The signature's outputs, lists spread out; all lists are of the same length."""
    lists = sum(arg.length is not None for arg in op.outputs)
    each = (count - len(op.outputs) + lists) // lists if lists else 0
    return [arg for arg in op.outputs for _ in range(each if arg.length else 1)]


checked: set[Any] = set()


def check_shapes(op: Op, facts: tuple[Any, ...], attrs: dict[str, Any], actual: list[tuple[int, ...]]) -> None:
    key = (op.name, repr(facts), repr(attrs))
    if key in checked:
        return
    checked.add(key)
    exact = infer(op, facts, attrs)
    if op.name in DATA_DEPENDENT:
        assert compatible(exact, actual), f"{op.name}{facts}: the rule says {exact}, the kernel {actual}"
    else:
        assert exact == actual, f"{op.name}{facts} {attrs}: the rule says {exact}, the kernel {actual}"
    for partly in less_known(op, facts):
        inferred = infer(op, partly, attrs)
        assert compatible(inferred, actual), f"{op.name}{partly} {attrs}: the rule says {inferred}, it may be {actual}"


def infer(op: Op, facts: tuple[Any, ...], attrs: dict[str, Any]) -> list[Any]:
    shapes = op.shape_rule(*facts, **attrs)
    single = len(op.outputs) == 1 and op.outputs[0].length is None
    return [shapes] if single else list(shapes)


def compatible(inferred: list[Any], actual: list[tuple[int, ...]]) -> bool:
    return len(inferred) == len(actual) and all(
        shape is None or (len(shape) == len(true) and all(a in (None, b) for a, b in zip(shape, true, strict=True)))
        for shape, true in zip(inferred, actual, strict=True)
    )


def less_known(op: Op, facts: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The same call with one size unknown, one rank, one static value; with all sizes unknown; with nothing known."""
    static = [arg.static for arg in op.flat_inputs(len(facts))]
    for i, fact in enumerate(facts):
        yield (*facts[:i], None, *facts[i + 1 :])
        if not static[i] and fact is not None:
            for k in range(len(fact)):
                yield (*facts[:i], (*fact[:k], None, *fact[k + 1 :]), *facts[i + 1 :])
    yield tuple(fact if static[i] or fact is None else (None,) * len(fact) for i, fact in enumerate(facts))
    yield (None,) * len(facts)


# Nothing is missing


ROWS = {f"{family}:{row.name}": row for family, table in TABLE.items() for row in table}


@functools.cache
def seen(name: str) -> tuple[set[str], set[str]]:
    """The ops that the cases of a row run, and the ops whose gradients they run."""
    names = [f"{name.partition(':')[0]}:{case.id}" for case in ROWS[name].cases]
    executed = {call.op for each in names for call in run(each).calls}
    gradients = {op for each in names for op in run(each).gradients}
    return executed, gradients.union(*(differences(each)[1] for each in names if each in DIFFERENCES))


@pytest.mark.parametrize("name", ROWS)
def test_row_runs_its_ops(name: str) -> None:
    missing = [op for op in ROWS[name].ops if op not in seen(name)[0]]
    assert not missing, f"no case of the row runs {missing}"


@pytest.mark.parametrize("name", sorted(name for name in OPS if not name.startswith(IN_GRAPHS)))
def test_op_is_in_the_table(name: str) -> None:
    op = OPS[name]
    if "Grad" in name:  # only gradients call it: any row will do
        assert any(name in seen(row)[0] for row in ROWS), "no case runs this op"
    else:
        assert any(name in row.ops for row in ROWS.values()), f"no row({name!r}, ...), and none with also=[{name!r}]"
    assert op.backward or not op.differentiable, "the op has no gradient: give it one, or say differentiable=False"
    if op.backward:
        assert any(name in seen(row)[1] for row in ROWS), "no case runs the op's gradient"


def test_no_recording_is_left_over() -> None:
    assert not set(RECORDINGS) - set(CASES), "re-record"
