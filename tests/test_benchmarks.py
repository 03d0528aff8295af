"""The benchmark's rows: each has its program for every framework that takes part, and ours run."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
needs_keras = pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is not installed")
MEASURED_FROM_OUTSIDE = {"import_time", "import_memory", "installed_size"}


@pytest.fixture(scope="module")
def load():
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module
    sys.path.remove(str(BENCHMARKS))


def programs(file):
    """The public functions that a file of programs defines or imports from another one."""
    nodes = ast.parse((BENCHMARKS / file).read_text()).body
    defined = [node.name for node in nodes if isinstance(node, ast.FunctionDef)]
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("programs")]
    imported = [name.name for node in froms for name in node.names]
    return [name for name in defined + imported if name.islower() and not name.startswith("_")]


def test_every_row_has_its_programs(load):
    rows = [row for row in load("goals").EAGER_ROWS if row.key not in MEASURED_FROM_OUTSIDE]
    assert [row.key for row in rows] == programs("programs_tf.py")
    takes_part = load("report").takes_part
    assert [row.key for row in rows if takes_part(row, "torch")] == programs("programs_torch.py")


def test_every_dense_row_has_its_programs(load):
    names = [row.program for row in load("goals").DENSE_ROWS]
    assert names == programs("dense_tf.py") == programs("dense_torch.py")


@pytest.mark.parametrize("name", [name for name in programs("dense_tf.py") if name.endswith("small")])
def test_our_dense_programs_run(load, name):
    assert np.isfinite(getattr(load("dense_tf"), name)(tf)().numpy()).all()


def test_every_function_row_has_its_programs(load):
    goals = load("goals")
    files = {name: set(programs(f"functions_{name}.py")) for name in ("tf", "torch", "jax")}
    for row in goals.FUNCTION_ROWS:
        for contestant in goals.GROUPS["functions"]:
            if load("report").takes_part(row, contestant.name):
                assert row.program in files[load("worker").SUFFIX[contestant.framework]]


@pytest.mark.parametrize("name", programs("programs_tf.py"))
def test_our_programs_run(load, name):
    value = getattr(load("programs_tf"), name)(tf)().numpy()
    assert value.dtype == np.float32
    assert np.isfinite(value).all()


@pytest.mark.parametrize("name", programs("functions_tf.py"))
def test_our_functions_do_what_is_done_eagerly(load, name):
    make = getattr(load("functions_tf"), name)
    compiled, eager = make(tf, tf.function), make(tf, lambda python_function: python_function)
    for _ in range(3):
        np.testing.assert_allclose(compiled().numpy(), eager().numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "ways",
    [
        ["back_over_back", "forward_over_back", "back_over_forward"],
        ["example_by_example", "examples_by_jacobian", "examples_by_map"],
        ["jacobian_of_each", "column_by_column"],
    ],
)
def test_ways_to_a_derivative_agree(load, ways):
    first, *others = [tf.nest.flatten(getattr(load("derivatives"), way)()) for way in ways]
    for other in others:
        for a, b in zip(first, other, strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-6)


def test_the_table_says_what_was_missed(load):
    tables = load("report").tables
    text = tables({"mul_scalar": {"tapeflow": [1e-6, 2e-6, 9e-6], "tensorflow": [8e-6], "torch": [4e-6]}})
    row = text.splitlines()[4]
    assert row == ("| `x * x`, scalar | 2.00 us | 8.00 us | 0.250 | <= 0.125 **missed** | 4.00 us | 0.500 | <= 1 met |")
    failed = tables({"mul_scalar": {"tensorflow": [8e-6]}}).splitlines()[4]
    assert failed.startswith("| `x * x`, scalar | failed | 8.00 us |  | **missed** |")


def test_the_best_peer_counts(load):
    tables = load("report").tables
    found = {"tapeflow": [4e-6], "tapeflow xla": [1e-6], "tensorflow": [9e-6], "jax": [5e-6]}
    row = tables({"functions/call/call_scalar": found}).splitlines()[4]
    assert row == (
        "| call of `x * x`, scalar | 4.00 us | failed | 1.00 us | 9.00 us | failed |  | failed | 5.00 us "
        "| 0.800 (JAX jit) | <= 0.5 **missed** |"
    )
    del found["tapeflow"]
    assert tables({"functions/call/call_scalar": found}).splitlines()[4].endswith("|  | **missed** |")


def test_every_keras_row_has_its_program(load):
    goals = load("goals")
    assert {row.program for row in goals.KERAS_ROWS} == {"ready", *load("keras_programs").PROGRAMS}
    assert {row.measure for row in goals.KERAS_ROWS} == {"ready", "start", "epoch", "predict", "evaluate"}


@needs_keras
def test_our_keras_programs_run():
    code = """if True:
        import sys
        import keras_programs as programs
        keras = programs.load("tapeflow")
        for make in programs.PROGRAMS.values():
            keras.utils.set_random_seed(7)  # of the order of the digits
            model, images, labels, batch_size, count = make(keras)
            programs.draw_weights(model)
            history = model.fit(images[:300], labels[:300], batch_size=batch_size, epochs=2, verbose=0)
            assert history.history["loss"][1] < history.history["loss"][0] < 4.0
            clock = programs.epoch_clock(keras, 0.0)
            model.fit(images[:100], labels[:100], epochs=100, verbose=0, callbacks=[clock])
            assert len(clock.times) == programs.REPEATS
        assert "tensorflow" not in sys.modules or sys.modules["tensorflow"].__name__ == "tapeflow"
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(BENCHMARKS), str(BENCHMARKS.parent)])}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


@needs_keras
def test_a_keras_process_answers(load):
    run, goals = load("run"), load("goals")
    ready = [row for row in goals.KERAS_ROWS if row.program == "ready"]
    ours = goals.Contestant("tapeflow", "tapeflow", "tapeflow", "automatic", "xla")
    assert run.keras_process(ours, sys.executable, ready, True)["ready"] > 0.1
    torch = goals.Contestant("torch", "PyTorch", "no_such_framework")
    assert "error" in run.keras_process(torch, sys.executable, ready, True)


def test_keras_rows_name_the_best_peer(load):
    found = {"tapeflow": [0.5, 0.7], "tensorflow": [1.5], "jax": [1.0], "torch": [20.0]}
    row = load("report").tables({"keras/epoch/cnn": found}).splitlines()[4]
    assert row == "| CNN: an epoch | 600 ms | 1.50 s | 1.00 s | 20.0 s | 0.600 (Keras on JAX) | <= 0.9 met |"


def test_who_did_other_work_is_named(load):
    found = load("run").disagreements("row", {"tapeflow": 2.5, "tensorflow": 2.0, "jax": 2.00001})
    assert found == ["row, tapeflow: gave 2.5, where others gave 2.00001"]
    assert load("run").disagreements("row", {"tapeflow": math.nan, "jax": 1.0, "torch": 1.0})


def test_medians_are_seconds_a_call(load):
    assert math.isclose(load("worker").median_time(lambda: __import__("time").sleep(0.01), 0.05), 0.01, rel_tol=0.5)


@pytest.mark.parametrize(("program", "failed"), [("mul_scalar", False), ("no_such_program", True)])
def test_a_worker_answers_errors_and_lives_on(load, program, failed):
    run, goals = load("run"), load("goals")
    worker = run.Worker(goals.Contestant("tapeflow", "tapeflow", "tapeflow", "eager"), "programs", sys.executable)
    worker.stderr = run.subprocess.DEVNULL
    try:
        assert ("error" in worker.measure(program, 0.0, 0.001)) is failed
        assert worker.measure("mul_scalar", 0.0, 0.001)["value"] == 9.0
    finally:
        worker.stop()
