"""The op table on XLA: every kernel can be traced and compiled, and gives what the host's gave.

Ops run eagerly on the host; each call is run again as part of a compiled function, one function for many calls of an
op. Calls that differ only in the values of their arrays share a place in it. Compiling is slow, so of places that
differ only in shapes just a few are compiled; the others are traced, which tells dtypes and shapes.
"""

from __future__ import annotations

import functools
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import recorded
import test_ops

import tapeflow as tf
from tapeflow.core.op import OPS, Op
from tapeflow.ops import philox_xla, random_ops
from tapeflow.testing import OpCall

OPS.load()  # all families, also those that load at first use

jax = pytest.importorskip("jax")

pytestmark = pytest.mark.usefixtures("wide_types")

Array = np.ndarray[Any, Any]

CHUNK = 64  # calls in a compiled function
SAMPLE = 3  # compiled places of those that differ only in shapes
OPTIONS = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}  # compiles in half the time
SLACK = 4.0  # tolerance, in that of `recorded`
#: Ops that add up many roundings, or whose XLA kernels compute otherwise: tolerance in that of `recorded`.
LOOSE = {
    **dict.fromkeys(("Einsum", "MatMul", "BatchMatMulV2", "Cumprod", "CumulativeLogsumexp"), 16.0),
}
#: Ops whose terms may cancel: the tolerance is relative to what goes in.
ADDING = {"Sum", "Mean", "Cumsum", "MatMul", "BatchMatMulV2", "Einsum"}


@dataclass
class Place:
    """Calls of an op with the same dtypes, shapes, static inputs and attributes: one piece of compiled code."""

    call: OpCall
    cases: list[str] = field(default_factory=list)
    calls: list[OpCall] = field(default_factory=list)
    error: str | None = None

    @functools.cached_property
    def key(self) -> str:
        """The same for places that differ only in shapes."""
        facts = [x.dtype.name if isinstance(x, tf.Tensor) else x for x in self.call.inputs]
        return repr((facts, self.call.attrs))

    def arguments(self, turn: int) -> list[Array]:
        """The arrays of the call whose turn it is; of the last, when all have had theirs."""
        return [x._array for x in self.calls[min(turn, len(self.calls) - 1)].inputs if isinstance(x, tf.Tensor)]

    def scale(self, turn: int) -> float:
        """The size of the largest finite number that goes in."""
        finite = [np.abs(x[np.isfinite(x)]) for x in self.arguments(turn)]
        return float(max((x.max(initial=0) for x in finite), default=0.0))

    def __str__(self) -> str:
        inputs = ", ".join(
            f"{x.dtype.name}{list(x.shape)}" if isinstance(x, tf.Tensor) else repr(x) for x in self.call.inputs
        )
        return f"{self.call.op}({inputs}, {self.call.attrs})"


def _families() -> dict[str, str]:
    """The family of rows in which each op has a row."""
    found: dict[str, str] = {}
    for family, table in test_ops.TABLE.items():
        for row in table:
            for op in row.ops:
                found.setdefault(op, family)
    return found


FAMILIES = _families()
NAMES = [f"{FAMILIES.get(op, 'gradient')}:{op}" for op in sorted(OPS)]


@functools.cache
def places() -> dict[str, list[Place]]:
    """By op, what the table's cases call."""
    by_op: dict[str, dict[Any, Place]] = defaultdict(dict)
    seen: set[Any] = set()
    for name in test_ops.RESULTS:
        for call in test_ops.run(name).calls:
            tensors = [x for x in (*call.inputs, *call.outputs) if isinstance(x, tf.Tensor)]
            if call.op not in OPS or any(x._array.dtype == object or x._array.dtype.names for x in tensors):
                continue
            facts = [(x.dtype.name, x._array.shape) if isinstance(x, tf.Tensor) else repr(x) for x in call.inputs]
            key = (call.op, repr(facts), repr(call.attrs))
            exact = (key, *(x._array.tobytes() for x in call.inputs if isinstance(x, tf.Tensor)))
            if exact not in seen:
                seen.add(exact)
                place = by_op[call.op].setdefault(key, Place(call))
                place.cases.append(name)
                place.calls.append(call)
    return {op: list(found.values()) for op, found in by_op.items()}


def bound(op: Op) -> Any:
    """The op's XLA kernel, as a function of inputs and attributes."""
    override = op.kernels.get("xla")
    return functools.partial(override, jax) if override else functools.partial(op.kernel, jax.numpy)


def beginning(place: Place) -> Any:
    """The stream of random numbers that a call draws from: its first numbers, as the cases set the program's seed."""
    seeds = place.call.attrs["seed"], place.call.attrs["seed2"]
    key, counter = random_ops.begin(random_ops.source(place.call.op, None, *seeds), 0)
    return philox_xla.Stream(jax, *(jax.numpy.uint64(x) for x in (key, counter % 2**64, counter >> 64)))


def together(op: Op, chunk: list[Place]) -> Any:
    """A function that runs the kernel for every place of the chunk. Places that cannot be traced get an error."""
    kernel = bound(op)

    def run(place: Place, arrays: list[Any]) -> list[Any]:
        inputs = iter(arrays)
        given = [next(inputs) if isinstance(x, tf.Tensor) else x for x in place.call.inputs]
        if op.draws is not None:
            given.insert(0, beginning(place))
        try:
            outputs = kernel(*given, **place.call.attrs)
            outputs = outputs if isinstance(outputs, tuple) else (outputs,)
            return [jax.numpy.asarray(output) for output in outputs]
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)
            ours = [f"{entry.filename}:{entry.lineno}" for entry in at if "site-packages" not in entry.filename]
            place.error = f"{ours[-1]}: {type(error).__name__}: {str(error).partition('. ')[0]}"
            return []

    def function(arguments: list[list[Any]]) -> list[Any]:
        return [run(place, arrays) for place, arrays in zip(chunk, arguments, strict=True)]

    return function


def _differ(ours: Array, host: Array, rtol: float, scale: float) -> Array:
    with np.errstate(all="ignore"):
        differ = recorded._wrong(ours, host, rtol, False)
        if host.dtype.kind in "fcV" and differ.any():
            differ &= ~(np.abs(ours - host) <= rtol * scale)
            if host.dtype.kind == "c":  # right as a whole
                differ &= ~(np.abs(ours - host) <= rtol * np.abs(host)) & (np.isfinite(ours) | np.isfinite(host))
    return differ


def wrong(place: Place, turn: int, outputs: list[Any]) -> str | None:
    """What is wrong with an op's outputs, or None; of outputs that are only traced, with their dtypes and shapes."""
    expected = place.calls[turn].outputs
    if len(outputs) != len(expected):
        return f"{len(outputs)} outputs instead of {len(expected)}"
    case = test_ops.CASES[place.cases[turn]]
    for theirs, ours in zip(expected, outputs, strict=True):
        host = theirs._array
        if (ours.dtype, ours.shape) != (host.dtype, host.shape):
            return f"gives {ours.dtype}{ours.shape}, on the host {host.dtype}{host.shape}"
        if isinstance(ours, jax.ShapeDtypeStruct):
            continue
        ours = np.asarray(ours)
        rtol = max(case.rtol or 0.0, LOOSE.get(place.call.op, SLACK) * recorded.RTOL.get(host.dtype.name, 0.0))
        differ = _differ(ours, host, rtol, place.scale(turn) if place.call.op in ADDING else 0.0)
        if differ.any():
            where = tuple(int(i) for i in np.argwhere(differ)[0])
            return f"{int(differ.sum())} of {differ.size} differ, at {where}: {ours[where]!r}, host {host[where]!r}"
    return None


def complaints(chunk: list[Place], function: Any, turns: int) -> Iterator[str]:
    for turn in range(turns):
        for place, outputs in zip(chunk, function([place.arguments(turn) for place in chunk]), strict=True):
            problem = place.error or (wrong(place, turn, outputs) if turn < len(place.calls) else None)
            if problem and (turn == 0 or not place.error):
                yield f"{place} of {place.cases[turn]}: {problem}"


@pytest.mark.parametrize("name", ["Sum", "Mean"])
def test_long_columns(name: str) -> None:
    """These are summed in a way of their own."""
    x = np.linspace(0.5, 1, 2 * 3000 * 5).astype(np.float32).reshape(2, 3000, 5)
    for keep_dims in (False, True):
        ours = jax.jit(lambda x, keep_dims=keep_dims: bound(OPS[name])(x, (-2, 0), keep_dims=keep_dims))(x)
        np.testing.assert_allclose(ours, OPS[name](x, (-2, 0), keep_dims=keep_dims), rtol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_kernel(name: str) -> None:
    op = OPS[name.partition(":")[2]]
    if op.kernels.get("xla", op.kernel) is None:
        pytest.skip("host only")
    count: Counter[str] = Counter()
    sample: list[Place] = []
    rest: list[Place] = []
    for place in places().get(op.name, []):
        count[place.key] += 1
        (sample if count[place.key] <= SAMPLE else rest).append(place)
    wrongs = list(complaints(rest, functools.partial(jax.eval_shape, together(op, rest)), 1))
    for start in range(0, len(sample), CHUNK):
        chunk = sample[start : start + CHUNK]
        function = jax.jit(together(op, chunk), compiler_options=OPTIONS)
        wrongs += complaints(chunk, function, max(len(place.calls) for place in chunk))
    assert not wrongs, f"{len(wrongs)} wrong results, {len(sample) + len(rest)} kinds of calls: " + "\n".join(
        wrongs[:12]
    )
