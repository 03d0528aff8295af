"""Runs a case of the op table on TensorFlow or on tapeflow, and keeps and compares what came out.

`recordings/<family>.json` has a line per case: the digest of its inputs, and the structure, dtypes and shapes of its
results and gradients, or its error. The values are in `recordings/<family>.npz`, an entry per row.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from optable import Case, Row

HERE = Path(__file__).parent / "recordings"
Array = np.ndarray[Any, Any]

_NOISE = [
    (r"\{\{function_node [^}]*\}\} ?", ""),
    (r"0x[0-9a-f]{6,}", "0x..."),
    (r"\n\t; NodeDef: .*>", ""),
    (r", (qu?int\d+|variant|resource)\b", ""),
    (r" *\[Op:\w+\].*", ""),  # TensorFlow says op and name in some errors and not in others
]

_PARTS = {
    "IndexedSlices": ("values", "indices", "dense_shape"),
    "SparseTensor": ("indices", "values", "dense_shape"),
    "RaggedTensor": ("flat_values", "nested_row_splits"),
}


@dataclass
class Tree:
    """A result: `form` is its structure with dtypes and shapes, ready for JSON; `arrays` are the values in it."""

    form: Any = None
    arrays: list[Array] = field(default_factory=list)


@dataclass
class Outcome:
    """What a case did: an error `[type, text]`, or its results and the gradients of its floating point inputs."""

    error: list[str] | None = None
    result: Tree = field(default_factory=Tree)
    grads: Tree = field(default_factory=Tree)
    grad_error: list[str] | None = None
    seeds: list[Array] = field(default_factory=list)  # the output gradients that the gradients were asked for with
    changed: bool = False  # whether an input is not what it was


def run(tf: Any, case: Case) -> Outcome:
    """Calls the case's function on a tape, and asks for gradients, with output gradients drawn from the case's name."""
    arrays = case.inputs()
    tensors = [tf.constant(array) for array in arrays]
    sources = [tensor for tensor in tensors if _differentiable(tensor)]
    try:
        with tf.GradientTape() as tape:
            tape.watch(sources)
            result = case.call(tf, tensors)
    except Exception as error:
        return Outcome(error=describe_error(error))
    outcome = Outcome(result=describe(result))
    targets = [leaf for leaf in _leaves(result) if _differentiable(leaf)]
    if sources and targets and case.grad:
        outcome.seeds = [cotangent(case, i, leaf.numpy()) for i, leaf in enumerate(targets)]
        seeds = [tf.constant(seed) for seed in outcome.seeds]
        try:
            outcome.grads = describe(tape.gradient(targets, sources, output_gradients=seeds))
        except Exception as error:
            outcome.grad_error = describe_error(error)
    outcome.changed = any(_bits(x.numpy()) != _bits(before) for x, before in zip(tensors, arrays, strict=True))
    return outcome


def _bits(value: Any) -> Any:
    array = _as_array(value)
    return array.tolist() if array.dtype == object else array.tobytes()


def cotangent(case: Case, index: int, like: Array) -> Array:
    random = np.random.RandomState(case.seed("output gradient", index))
    values = random.uniform(-1, 1, like.shape)
    if like.dtype.kind == "c":
        values = values + 1j * random.uniform(-1, 1, like.shape)
    return np.asarray(values).astype(like.dtype)


def describe(value: Any) -> Tree:
    tree = Tree()

    def leaf(kind: str, array: Array, shape: Any) -> dict[str, Any]:
        tree.arrays.append(array)
        return {kind: array.dtype.name if array.dtype != object else "string", "shape": shape}

    def form(value: Any) -> Any:
        if type(value).__name__ in _PARTS:
            return {type(value).__name__: [form(getattr(value, part)) for part in _PARTS[type(value).__name__]]}
        if _is_tensor(value):
            array = _as_array(value.numpy())
            found = leaf("tensor", array, list(value.shape))
            if found != {"tensor": value.dtype.name, "shape": list(array.shape)}:
                raise AssertionError(f"says {value.dtype.name} {value.shape}, holds {found} {array.shape}")
            return found
        if isinstance(value, (np.ndarray, np.generic)):
            return leaf("numpy", np.asarray(value), list(value.shape))
        if isinstance(value, tuple):
            return {"tuple": type(value).__name__, "items": [form(item) for item in value]}
        if isinstance(value, list):
            return [form(item) for item in value]
        if isinstance(value, dict):
            return {"dict": {key: form(item) for key, item in value.items()}}
        return {"python": repr(value)}

    tree.form = form(value)
    return tree


def describe_error(error: Exception) -> list[str]:
    """The error's type and text, less the machine, addresses, and TensorFlow's registry with its quantized dtypes."""
    return [type(error).__name__, _plain(str(error))]


def _plain(text: str) -> str:
    for pattern, instead in _NOISE:
        text = re.sub(pattern, instead, text)
    return text.strip()


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "numpy") and hasattr(value, "dtype")


def _as_array(value: Any) -> Array:
    return np.array(value, dtype=object) if isinstance(value, bytes) else np.asarray(value)


def _differentiable(value: Any) -> bool:
    return bool(value.dtype.is_floating or value.dtype.is_complex)


def _leaves(value: Any, is_leaf: Callable[[Any], bool] = _is_tensor) -> Iterator[Any]:
    if is_leaf(value):
        yield value
    elif isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item, is_leaf)


# Comparing


#: How far a value may be from TensorFlow's, relative to it or to the median size of the values around it.
RTOL = {"bfloat16": 1.6e-2, "float16": 2e-3, "float32": 1e-6, "float64": 4e-15, "complex64": 2e-6, "complex128": 8e-15}


def difference(actual: Tree, expected: Tree, case: Case, slack: float = 1.0, zero_sign: bool = False) -> str | None:
    """What is wrong with `actual`, or None."""
    if actual.form != expected.form:
        return f"expected the form\n  {json.dumps(expected.form)}\ngot\n  {json.dumps(actual.form)}"
    for index, (ours, theirs) in enumerate(zip(actual.arrays, expected.arrays, strict=True)):
        wrong = _wrong(ours, theirs, case.rtol or slack * RTOL.get(theirs.dtype.name, 0.0), zero_sign)
        if wrong.any():
            where = tuple(int(i) for i in np.argwhere(wrong)[0])
            return (
                f"array {index}, {theirs.dtype}{list(theirs.shape)}: {int(wrong.sum())} of {wrong.size} values differ, "
                f"first at {where}: expected {theirs[where]!r}, got {ours[where]!r}"
            )
    return None


def _wrong(ours: Array, theirs: Array, rtol: float, zero_sign: bool) -> Array:
    if not rtol or theirs.dtype.kind not in "fcV":
        return np.asarray(ours != theirs)
    if theirs.dtype.kind == "c":
        return _wrong(ours.real, theirs.real, rtol, False) | _wrong(ours.imag, theirs.imag, rtol, False)
    info = ml_dtypes.finfo(theirs.dtype)
    mine, true = ours.astype(np.float64), theirs.astype(np.float64)
    finite = np.isfinite(true)
    sizes = np.abs(true[finite & (true != 0)])
    around = float(np.median(sizes)) if sizes.size else 0.0
    with np.errstate(all="ignore"):
        tolerance = rtol * np.maximum(np.abs(true), around) + float(info.tiny)
        close = np.abs(mine - true) <= tolerance
    wrong = ~np.where(finite, close, (mine == true) | (np.isnan(mine) & np.isnan(true)))
    if zero_sign:
        wrong = wrong | ((true == 0) & (mine == 0) & (np.signbit(mine) != np.signbit(true)))
    return np.asarray(wrong)


# Keeping


def save(family: str, outcomes: Sequence[tuple[Row, list[tuple[Case, Outcome]]]]) -> None:
    lines, values = [], {}
    for row, cases in outcomes:
        data = b""
        for case, outcome in cases:
            arrays = [*outcome.result.arrays, *outcome.grads.arrays]
            if sum(array.nbytes for array in arrays) > 1 << 18:
                raise ValueError(f"{case.id} is too large to be kept")
            data += b"".join(map(_to_bytes, arrays))
            facts = {"error": outcome.error, "result": outcome.result.form, "grads": outcome.grads.form}
            if outcome.grad_error:
                facts["grad_error"] = outcome.grad_error
            kept = {key: value for key, value in facts.items() if value is not None}
            lines.append(json.dumps([case.id, case.digest(), kept], separators=(",", ":")))
        values[row.name] = np.frombuffer(data, np.uint8)
    (HERE / f"{family}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    np.savez_compressed(HERE / f"{family}.npz", allow_pickle=False, **values)  # type: ignore[arg-type]


def load(family: str) -> dict[str, tuple[str, Outcome]]:
    """For every case id, the digest of its inputs and what TensorFlow did."""
    if not (HERE / f"{family}.json").exists():
        return {}
    kept: dict[str, tuple[str, Outcome]] = {}
    with np.load(HERE / f"{family}.npz") as values:
        readers: dict[str, Callable[[Any], list[Array]]] = {}
        for name, digest, facts in json.loads((HERE / f"{family}.json").read_text()):
            row = name.partition(":")[0]
            read = readers.get(row) or readers.setdefault(row, _reader(values[row].tobytes()))
            trees = [Tree(facts.get(key), read(facts.get(key))) for key in ("result", "grads")]
            error = facts.get("error")
            kept[name] = digest, Outcome(error and [error[0], _plain(error[1])], *trees, facts.get("grad_error"))
    return kept


def _to_bytes(array: Array) -> bytes:
    if array.dtype != object:
        return array.tobytes()
    return b"".join(struct.pack("<I", len(item)) + item for item in array.ravel())


def _reader(data: bytes) -> Callable[[Any], list[Array]]:
    """A function that reads the arrays of one form after the other."""
    position = 0

    def take(count: int) -> bytes:
        nonlocal position
        position += count
        return data[position - count : position]

    def array(name: str, shape: list[int]) -> Array:
        size = math.prod(shape)
        if name == "string":
            items = [take(struct.unpack("<I", take(4))[0]) for _ in range(size)]
            return np.array([*items, None], object)[:-1].reshape(shape)
        dtype = np.dtype(getattr(ml_dtypes, name, name))
        return np.frombuffer(take(size * dtype.itemsize), dtype).reshape(shape)

    def read(form: Any) -> list[Array]:
        if isinstance(form, dict):
            name = form.get("tensor") or form.get("numpy")
            if name:
                return [array(name, form["shape"])]
            form = list(form["dict"].values()) if "dict" in form else list(form.values())
        return [found for item in form for found in read(item)] if isinstance(form, list) else []

    return read
