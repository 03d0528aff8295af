"""The rows of the benchmark tables: what is measured, beside whom, and what it must reach."""

from __future__ import annotations

from typing import NamedTuple

BEST = "best"  # in goals: the peer with the least figure


class Contestant(NamedTuple):
    """A framework used in one way; each has a process of its own."""

    name: str
    title: str
    framework: str  # the module's name
    mode: str = "eager"  # how worker.py uses it
    extra: str = ""  # what is installed with it

    @property
    def environment(self) -> str:
        """The name of its virtual environment."""
        return f"{self.framework}-{self.extra}" if self.extra else self.framework


class Row(NamedTuple):
    program: str  # the name of a function in GROUP_*.py, or of a measure in run.py
    title: str
    unit: str  # "s" or "MiB"
    goals: dict[str, float]  # our figure divided by the peer's (or the best peer's) must not be above this
    limit: float | None = None  # our figure itself must not be above this
    group: str = "programs"
    # "call": time of one call; "first" call and "peak" memory are taken in a fresh process; others: keras_programs.py
    measure: str = "call"
    peers: tuple[str, ...] | None = None  # who runs it; None: all of the group

    @property
    def key(self) -> str:
        """Its name in results and for --only."""
        return self.program if self.group == "programs" else f"{self.group}/{self.measure}/{self.program}"


EAGER = {"tensorflow": 1 / 8, "torch": 1.0}
GRADIENT = {"tensorflow": 1 / 15, "torch": 1 / 3}
JACOBIAN = {"tensorflow": 0.5}
BIG = {"tensorflow": 1.1}

EAGER_ROWS = [
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
    Row("jacobian", "Jacobian of 1x64-128-32", "s", JACOBIAN),
    Row("batch_jacobian", "batch Jacobian of 64x64-128-32", "s", JACOBIAN),
    Row("mlp_step", "MLP training step 64x784-128-10", "s", {"tensorflow": 1 / 8, "torch": 0.8}),
    Row("mlp_step_explained", "the same, in `tf.debugging.explain_gradients()`", "s", {}, peers=("tapeflow",)),
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

OURS = ("tapeflow", "tapeflow host", "tapeflow xla")
TENSORFLOW = (*OURS, "tensorflow", "tensorflow jit")
COMPILED = (*TENSORFLOW, "torch compile", "jax")  # PyTorch's eager `x * x` is in the other table


def _function(program: str, title: str, goals: dict[str, float], measure: str = "call", **more: object) -> Row:
    unit = "MiB" if measure == "peak" else "s"
    return Row(program, title, unit, goals, group="functions", measure=measure, **more)  # type: ignore[arg-type]


FUNCTION_ROWS = [
    _function("call_scalar", "call of `x * x`, scalar", {BEST: 0.5}, peers=COMPILED),
    _function("call_variables", "call that updates 8 Variables", {BEST: 0.6}),
    _function("mlp_step", "MLP step: first call", {"tensorflow": 0.5}, "first", peers=TENSORFLOW),
    _function("cnn_step", "CNN step: first call", {"tensorflow": 0.5}, "first", peers=TENSORFLOW),
    _function("deep_step", "100-layer MLP step: first call", {"tensorflow": 0.5}, "first", peers=TENSORFLOW),
    _function("mlp_step", "MLP step 64x784-128-10, SGD", {BEST: 0.6}),
    _function("cnn_step", "CNN step 64x28x28x1, SGD", {BEST: 0.9}),
    _function("lstm_step", "LSTM step 32x28x28-128, SGD", {BEST: 0.8}),
    _function("transformer_step", "transformer block step 16x64x128, 4 heads, Adam", {BEST: 0.9}),
    _function("chain", "`tanh(x * 2 + 1) * exp(-x)`, 1e7", {BEST: 0.8}),
    _function("while_loop", "`while_loop` of 10,000 scalar steps", {"tensorflow": 0.3}, peers=(*COMPILED, "torch")),
    _function("cnn_step", "CNN step: peak memory of the process", {BEST: 1.0}, "peak"),
]



def _dense(program: str, title: str, small: str, big: str) -> list[Row]:
    goals = {"small": {"tensorflow": 0.3}, "big": {"tensorflow": 1.2, "torch": 1.2}}
    sizes = {"small": small, "big": big}
    return [Row(f"{program}_{size}", f"{title}, {sizes[size]}", "s", goals[size], group="dense") for size in sizes]


DENSE_ROWS = [
    *_dense("fft", "`fft`", "64", "1000x1024"),
    *_dense("rfft", "`rfft`", "64", "1000x1024"),
    *_dense("cholesky", "`cholesky`", "8x8", "1024x1024"),
    *_dense("svd", "singular values and vectors", "8x8", "64x128x128"),
    *_dense("resize", "bilinear resize to twice the size", "16x16x3", "8x224x224x3"),
    *_dense("sort", "`sort`", "100", "1e6"),
    *_dense("top_k", "the 10 largest", "100", "1e6"),
    *_dense("segment_sum", "sums of 10 or 1000 segments", "100", "1e6"),
    *_dense("gather", "`gather` of rows of 8", "10", "1e6"),
    *_dense("scatter", "adding rows of 8 at places", "10", "1e6"),
    *_dense("normal", "normal random numbers", "10", "1e6"),
]
DATA_GOAL = {"tensorflow": 1.0}
DATA_ROWS = [
    Row("shuffle_batch", "`from_tensor_slices.shuffle(10000).batch(64).prefetch`", "s", DATA_GOAL, group="data"),
    Row("map_shuffle_batch", "the same with a `map` per element: cast, scale, flip", "s", DATA_GOAL, group="data"),
    Row("generator_batch", "`from_generator.batch(64)`, 5,000 elements", "s", DATA_GOAL, group="data"),
    Row("random_map_batch", "`map` with random numbers, 5,000 elements", "s", DATA_GOAL, group="data"),
    Row("interleave_batch", "`interleave` of 20 datasets, 10,000 elements", "s", DATA_GOAL, group="data"),
]


def _keras(measure: str, program: str, title: str, goals: dict[str, float]) -> Row:
    return Row(program, title, "s", goals, group="keras", measure=measure)


FIRST_EPOCH = {"tensorflow": 0.6}
KERAS_ROWS = [
    _keras("ready", "ready", "from process start to `tf.keras`, or `import keras`", {"tensorflow": 0.5}),
    _keras("start", "prewitt", "Prewitt model: from process start to the end of the first epoch", FIRST_EPOCH),
    _keras("start", "mlp", "MLP 784-128-10: the same", FIRST_EPOCH),
    _keras("start", "cnn", "CNN, 3,200 digits: the same", FIRST_EPOCH),
    _keras("start", "lstm", "LSTM, 3,200 digits: the same", FIRST_EPOCH),
    _keras("epoch", "prewitt", "Prewitt model: an epoch of `fit`", {BEST: 0.8}),
    _keras("epoch", "mlp", "MLP: an epoch", {BEST: 0.7}),
    _keras("epoch", "cnn", "CNN: an epoch", {BEST: 0.9}),
    _keras("epoch", "lstm", "LSTM: an epoch", {BEST: 0.9}),
    _keras("predict", "mlp", "MLP: `predict` of 10,000 digits", {BEST: 0.8}),
    _keras("predict", "cnn", "CNN: the same", {BEST: 0.8}),
    _keras("evaluate", "mlp", "MLP: `evaluate` of 10,000 digits", {BEST: 0.8}),
    _keras("evaluate", "cnn", "CNN: the same", {BEST: 0.8}),
]
EAGER_CONTESTANTS = [
    Contestant("tapeflow", "tapeflow", "tapeflow"),
    Contestant("tensorflow", "TensorFlow", "tensorflow"),
    Contestant("torch", "PyTorch", "torch"),
]
GROUPS = {
    "programs": EAGER_CONTESTANTS,
    "dense": EAGER_CONTESTANTS,
    "data": EAGER_CONTESTANTS[:2],
    "functions": [
        Contestant("tapeflow", "tapeflow", "tapeflow", "automatic", "xla"),
        Contestant("tapeflow host", "host only", "tapeflow", "host", "xla"),
        Contestant("tapeflow xla", "XLA only", "tapeflow", "jit", "xla"),
        Contestant("tensorflow", "TensorFlow", "tensorflow", "automatic"),
        Contestant("tensorflow jit", "TensorFlow jit", "tensorflow", "jit"),
        Contestant("torch", "PyTorch eager", "torch", "automatic"),
        Contestant("torch compile", "torch.compile", "torch", "jit"),
        Contestant("jax", "JAX jit", "jax", "jit"),
    ],
    "keras": [
        Contestant("tapeflow", "tapeflow", "tapeflow", "automatic", "xla"),
        Contestant("tensorflow", "TensorFlow", "tensorflow"),
        Contestant("jax", "Keras on JAX", "jax"),
        Contestant("torch", "Keras on PyTorch", "torch"),
    ],
}
ROWS = EAGER_ROWS + DENSE_ROWS + DATA_ROWS + FUNCTION_ROWS + KERAS_ROWS
