"""The benchmark's rows: each has its program for every framework, and ours run."""

from __future__ import annotations

import ast
import importlib
import math
import sys
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
MEASURED_FROM_OUTSIDE = {"import_time", "import_memory", "installed_size"}


@pytest.fixture(scope="module")
def load():
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module
    sys.path.remove(str(BENCHMARKS))


def programs(file):
    tree = ast.parse((BENCHMARKS / file).read_text())
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def test_every_row_has_its_programs(load):
    keys = [row.key for row in load("goals").ROWS if row.key not in MEASURED_FROM_OUTSIDE]
    assert keys == programs("programs_tf.py") == programs("programs_torch.py")


@pytest.mark.parametrize("name", programs("programs_tf.py"))
def test_our_programs_run(load, name):
    value = getattr(load("programs_tf"), name)(tf)().numpy()
    assert value.dtype == np.float32
    assert np.isfinite(value).all()


def test_the_table_says_what_was_missed(load):
    text = load("run").table({"mul_scalar": {"tapeflow": [1e-6, 2e-6, 9e-6], "tensorflow": [8e-6], "torch": [4e-6]}})
    row = text.splitlines()[2]
    assert row == (
        "| `x * x`, scalar | 2.00 us | 8.00 us | 0.250 | <= 0.125 **missed** | 4.00 us | 0.500 | <= 1 met |"
    )
    failed = load("run").table({"mul_scalar": {"tensorflow": [8e-6]}}).splitlines()[2]
    assert failed.startswith("| `x * x`, scalar | failed | 8.00 us |  | **missed** |")


def test_medians_are_seconds_a_call(load):
    assert math.isclose(load("worker").median_time(lambda: __import__("time").sleep(0.01), 0.05), 0.01, rel_tol=0.5)
