"""The rows of the benchmark table: what is measured, beside whom, and what it must reach."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    key: str  # the name of a function in programs_tf.py and programs_torch.py, or of a measure in run.py
    title: str
    unit: str  # "s" or "MiB"
    goals: dict[str, float]  # our figure divided by the peer's must not be above this
    limit: float | None = None  # our figure itself must not be above this


EAGER = {"tensorflow": 1 / 8, "torch": 1.0}
GRADIENT = {"tensorflow": 1 / 15, "torch": 1 / 3}
BIG = {"tensorflow": 1.1}

ROWS = [
    Row("import_time", "import in a fresh process", "s", {"tensorflow": 1 / 20}, 0.25),
    Row("import_memory", "peak memory after the import", "MiB", {}, 60),
    Row("installed_size", "installed size", "MiB", {"tensorflow": 1 / 10}),
    Row("mul_scalar", "`x * x`, scalar", "s", EAGER),
    Row("mul_small", "`x * x`, 10x10", "s", EAGER),
    Row("add_scalar", "`add(x, x)`, scalar", "s", EAGER),
    Row("add_small", "`add(x, x)`, 10x10", "s", EAGER),
    Row("matmul_tiny", "`matmul(x, x)`, 1x1", "s", EAGER),
    Row("matmul_small", "`matmul(x, x)`, 10x10", "s", EAGER),
    Row("gradient", "gradient of `x * x`", "s", GRADIENT),
    Row("second_gradient", "second derivative of `x * x`", "s", GRADIENT),
    Row("mlp_step", "MLP training step 64x784-128-10", "s", {"tensorflow": 1 / 8, "torch": 0.8}),
    Row("cnn_step", "CNN training step 64x28x28x1", "s", {"tensorflow": 0.8, "torch": 1.0}),
    Row("chain", "`tanh(x * 2 + 1) * exp(-x)`, 1e7", "s", BIG),
    Row("matmul_big", "`matmul`, 1024x1024", "s", BIG),
    Row("sum_all", "sum of 1e7", "s", BIG),
    Row("sum_axis0", "sum of 10000x1000 over axis 0", "s", BIG),
    Row("sum_axis1", "sum of 10000x1000 over axis 1", "s", BIG),
    Row("max_axis1", "max of 10000x1000 over axis 1", "s", BIG),
    Row("softmax_1e6", "softmax of 1000x1000", "s", BIG),
    Row("softmax_1e7", "softmax of 10000x1000", "s", BIG),
]
