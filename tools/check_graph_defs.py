"""Writes graphs as `GraphDef`s and has TensorFlow run them: `python tools/check_graph_defs.py PYTHON [family ...]`.

PYTHON is the interpreter of an environment that has TensorFlow. Without families, whole programs are checked: layers
with gradients, branches, loops; `all` stands for every family of the op table. TensorFlow must import each graph and
compute from it what tapeflow did.
"""

from __future__ import annotations

import functools
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
RANDOM = "Random", "Multinomial", "Dropout"  # numbers of their own in each process


# --- tapeflow writes


def write(folder: Path, families: list[str]) -> None:
    """Writes each graph, and what it was fed and gave, to a file of `folder`."""
    for number, (name, function, tensors, loose) in enumerate(rows_of(families) if families else programs()):
        try:
            case = traced(function, tensors, loose)
        except Exception as error:
            raise RuntimeError(name) from error
        if case is not None:
            (folder / f"{number:05}").write_bytes(pickle.dumps({"name": name, **case}))


def traced(function: Any, tensors: list[Any], loose: bool) -> dict[str, Any] | None:
    """The graph of `function`, what it takes, what it gives and leaves in Variables; None if its numbers are random."""
    import tapeflow as tf

    signature = [tf.TensorSpec([None] * x.shape.rank if loose else x.shape, x.dtype) for x in tensors]
    try:
        traced = tf.function(lambda *x: function(*x), autograph=False, jit_compile=False)
        concrete = traced.get_concrete_function(*signature)
        variables = {variable._handle: (variable, variable.numpy()) for variable in concrete.variables}
        given = tf.nest.flatten(concrete(*tensors), expand_composites=True)
    except Exception as error:  # the suite tells of what cannot be traced
        print(f"left out: {type(error).__name__}: {str(error)[:200]}")
        return None
    message = concrete.graph.as_graph_def(add_shapes=True)
    every = [*message.node, *(node for one in message.library.function for node in one.node_def)]
    if any(word in node.op for node in every for word in RANDOM) or any(x.dtype == tf.variant for x in given):
        return None
    captures = concrete.graph.captures
    fed = {x.name: y.numpy() for x, y in zip(concrete.inputs, tensors)}
    fed |= {inner.name: outside.numpy() for outside, inner in captures if outside not in variables}
    resources = {inner.op.name: variables[outside] for outside, inner in captures if outside in variables}
    results = [x.numpy() for x in [*given, *(variable for variable, _ in resources.values())]]
    return {
        "graph": message.SerializeToString(),
        "fed": fed,
        "resources": {name: before for name, (_, before) in resources.items()},
        "names": [x.name for x in concrete.outputs],
        "results": results,
    }


def rows_of(families: list[str]) -> Iterator[tuple[str, Any, list[Any], bool]]:
    """Rows of the op table, each with sizes known and unknown, with gradients."""
    import recorded
    import rows

    import tapeflow as tf

    def with_gradient(case: Any, *tensors: Any) -> Any:
        sources = [x for x in tensors if recorded._differentiable(x)]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            result = [x for x in recorded._leaves(case.call(tf, tensors), tf.is_tensor) if tf.is_tensor(x)]
            target = [tf.reduce_sum(y * y) for y in result if recorded._differentiable(y)]
        grads = tape.gradient(target, sources) if case.grad and target and sources else []
        return result, [tf.convert_to_tensor(g) for g in grads if g is not None]

    for family in rows.families() if families == ["all"] else families:
        for row in rows.load(family):
            for case in row.cases:
                if not case.error:
                    tensors = [tf.constant(array) for array in case.inputs()]
                    for loose in (False, True):
                        label = f"{case.id}{' (sizes unknown)' if loose else ''}"
                        yield label, functools.partial(with_gradient, case), tensors, loose


def programs() -> Iterator[tuple[str, Any, list[Any], bool]]:
    """Small programs, each with sizes known and unknown."""
    import graph_def_programs

    import tapeflow as tf

    for name, function, arrays in graph_def_programs.programs(tf):
        for loose in (False, True):
            yield f"{name}{' (sizes unknown)' if loose else ''}", function, [tf.constant(a) for a in arrays], loose


# --- TensorFlow reads


def read(folder: Path) -> int:
    """Runs each graph in TensorFlow; prints what is wrong and gives how many graphs that is."""
    import tensorflow as tf

    files = sorted(folder.iterdir())
    wrong = 0
    for file in files:
        case = pickle.loads(file.read_bytes())
        try:
            complaint = compared(case, run(tf, case))
        except Exception as error:
            complaint = f"{type(error).__name__}: {str(error)[:600]}"
        if complaint:
            wrong += 1
            print(f"{case['name']}: {complaint}")
    print(f"{len(files)} graphs, {wrong} of them wrong")
    return wrong


def run(tf: Any, case: dict[str, Any]) -> list[Any]:
    """What TensorFlow computes from a graph, and what it leaves in Variables."""
    v1 = tf.compat.v1
    message = v1.GraphDef.FromString(case["graph"])
    with tf.Graph().as_default() as graph, v1.Session() as session:
        variables = {f"{name}:0": tf.Variable(value) for name, value in case["resources"].items()}
        session.run([tf.no_op(), *(variable.initializer for variable in variables.values())])
        handles = {name: variable.handle for name, variable in variables.items()}
        results = tf.import_graph_def(message, handles, case["names"], name="g")
        effects = [op for op in graph.get_operations() if op.name.startswith("g/") and is_effect(op)]
        with graph.control_dependencies(effects):
            last = tf.no_op()
        values, _ = session.run([results, last], {f"g/{name}": value for name, value in case["fed"].items()})
        return [*values, *session.run([variable.read_value() for variable in variables.values()])]


def is_effect(op: Any) -> bool:
    return op.type.startswith(("Assign", "Resource")) or op.type in ("If", "While", "Case")


def compared(case: dict[str, Any], results: list[Any]) -> str | None:
    for index, (theirs, ours) in enumerate(zip(results, case["results"], strict=True)):
        theirs, ours = np.asarray(theirs), np.asarray(ours)
        if theirs.shape != ours.shape or theirs.dtype.kind != ours.dtype.kind:
            return f"result {index} is {theirs.dtype}{theirs.shape}, not {ours.dtype}{ours.shape}"
        if ours.dtype.kind in "OS":
            same = np.array_equal(theirs, ours)
        else:
            wide = np.complex128 if np.iscomplexobj(ours) else np.float64
            eps = 1e-5 if ours.dtype.itemsize >= 4 else 3e-2
            same = np.allclose(theirs.astype(wide), ours.astype(wide), eps, eps, equal_nan=True)
        if not same:
            return f"result {index} is {str(theirs)[:200]}, not {str(ours)[:200]}"
    return None


def main(arguments: list[str]) -> int:
    if arguments[0] == "--read":
        return bool(read(Path(arguments[1])))
    sys.path[:0] = [str(TESTS), str(ROOT)]
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), arguments[1:])
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TF_ENABLE_ONEDNN_OPTS": "0"}
        return subprocess.run([arguments[0], __file__, "--read", folder], env={**os.environ, **quiet}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
