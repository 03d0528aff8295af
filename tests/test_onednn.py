"""Convolutions with calls of oneDNN: what they give, and that programs have none wherever there is a doubt."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.base.context import settings
from tapeflow.core.op import OPS
from tapeflow.engines import onednn, xla
from tapeflow.graph import engine
from tapeflow.graph.executable import Executable
from tapeflow.testing import observe_ops

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.skipif(not onednn._is_listed(), reason="another version of jaxlib, or no CPU")

RANDOM = np.random.RandomState(5)


def floats(*shape: int) -> Any:
    return tf.constant(RANDOM.randn(*shape).astype(np.float32))


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trial has been made, and was passed."""
    monkeypatch.setattr(onednn, "_trial", outcome(True))


def outcome(right: bool | None) -> Any:
    trial = onednn.Trial()
    trial._right = right
    return trial


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the calls that programs are made of."""
    names: list[str] = []
    call = onednn._call

    def noted(jax: Any, name: str, *args: Any) -> Any:
        names.append(name)
        return call(jax, name, *args)

    monkeypatch.setattr(onednn, "_call", noted)
    return names


def slopes(x: Any, w: Any, attrs: dict[str, Any]) -> list[Any]:
    """A convolution, its gradients, and the second ones."""
    with tf.GradientTape() as outer:
        outer.watch([x, w])
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            y = tf.nn.conv2d(x, w, **attrs)
        grads = tape.gradient(y, [x, w], y)
        total = tf.add_n([tf.reduce_sum(g * g) for g in grads])
    return [y, *grads, *outer.gradient(total, [x, w])]


def close(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=2e-6 * max(1.0, float(np.abs(theirs).max())))


EXPLICIT = [[0, 0], [2, 0], [0, 3], [0, 0]]
FAR = [[0, 0], [4, 3], [0, 5], [0, 0]]  # more than a filter reaches: the gradient's padding is negative
CASES = [
    ((2, 9, 11, 8), (3, 3, 8, 6), {"strides": 1, "padding": "SAME"}, 3),
    ((2, 9, 11, 8), (5, 4, 8, 6), {"strides": 1, "padding": "VALID"}, 3),
    ((2, 9, 11, 8), (5, 5, 8, 6), {"strides": 2, "padding": "SAME"}, 1),
    ((2, 12, 11, 8), (3, 3, 8, 6), {"strides": 1, "padding": "SAME", "dilations": 2}, 3),
    ((2, 9, 11, 8), (1, 1, 8, 6), {"strides": 1, "padding": "SAME"}, 3),
    ((2, 9, 11, 8), (3, 3, 4, 6), {"strides": 1, "padding": "SAME"}, 0),
    ((2, 9, 11, 1), (3, 3, 1, 6), {"strides": 1, "padding": "SAME"}, 2),
    ((2, 9, 11, 32), (3, 3, 32, 40), {"strides": 1, "padding": "SAME"}, 8),
    ((2, 8, 10, 32), (3, 3, 32, 32), {"strides": 1, "padding": "VALID"}, 8),
    ((2, 9, 10, 33), (3, 3, 33, 32), {"strides": 1, "padding": EXPLICIT}, 6),
    ((2, 5, 3, 32), (3, 3, 32, 32), {"strides": 1, "padding": FAR}, 6),
    ((2, 32, 3, 3), (3, 3, 32, 32), {"strides": 1, "padding": "SAME", "data_format": "NCHW"}, 8),
    ((0, 5, 5, 32), (3, 3, 32, 32), {"strides": 1, "padding": "SAME"}, 0),
]


@pytest.mark.parametrize(("x_shape", "w_shape", "attrs", "least"), CASES)
def test_functions_give_what_the_host_gives(
    passed: None, calls: list[str], x_shape: Any, w_shape: Any, attrs: Any, least: int
) -> None:
    x, w = floats(*x_shape), floats(*w_shape)
    theirs = slopes(x, w, attrs)
    ours = compiled(lambda x, w: slopes(x, w, attrs), x, w)
    assert len(calls) >= least if least else not calls
    for mine, right in zip(ours, theirs, strict=True):
        if right.shape.num_elements():
            close(mine, right)


@pytest.mark.parametrize(("x_shape", "w_shape", "attrs", "least"), CASES)
@pytest.mark.parametrize("shared", [False, True])
def test_kernels_give_what_the_host_gives(x_shape: Any, w_shape: Any, attrs: Any, least: int, shared: bool) -> None:
    with observe_ops() as seen:
        slopes(floats(*x_shape), floats(*w_shape), attrs)
    tried = 0
    for call in seen:
        kernel: Any = OPS[call.op].kernels.get("onednn")
        if kernel is None or 0 in call.outputs[0].shape:
            continue
        tried += 1

        def run(*arrays: Any, call: Any = call, kernel: Any = kernel) -> Any:
            supply = iter(arrays)
            args = [next(supply) if isinstance(x, tf.Tensor) else x for x in call.inputs]
            return kernel(jax, *args, **call.attrs, shared=shared)

        close(jax.jit(run)(*(x._array for x in call.inputs if isinstance(x, tf.Tensor))), call.outputs[0])
    assert tried or 0 in x_shape


def test_other_dtypes_are_xlas(passed: None, calls: list[str]) -> None:
    for dtype in (tf.float64, tf.float16, tf.bfloat16):
        x, w = (tf.cast(floats(*shape), dtype) for shape in ((2, 5, 5, 32), (3, 3, 32, 32)))
        convolved(x, w)
    assert not calls


def compiled(function: Any, *arguments: Any) -> Any:
    """What a function gives that was compiled as in the background."""
    concrete = tf.function(function).get_concrete_function(*arguments)
    arrays = [x._array for x in arguments]
    executable = Executable(concrete.graph)
    executable.prepare(arrays, patient=True)
    return executable(*arrays)


def convolved(x: Any, w: Any) -> Any:
    return compiled(lambda x, w: tf.nn.conv2d(x, w, 1, "SAME"), x, w)[0]


X, W = floats(2, 5, 5, 8), floats(3, 3, 8, 4)


def test_a_convolution_alone_is_one_call(passed: None, calls: list[str]) -> None:
    close(convolved(X, W), tf.nn.conv2d(X, W, 1, "SAME"))
    assert calls == ["convolution"]


def test_winograds_way_where_tiles_are_shared(passed: None, calls: list[str]) -> None:
    x, w = floats(2, 6, 6, 32), floats(3, 3, 32, 32)
    convolved(x, w)
    assert calls == ["convolution"]
    del calls[:]
    compiled(lambda x, w: slopes(x, w, {"strides": 1, "padding": "SAME"})[:3], x, w)
    assert set(calls) == {"matmul"}


def test_in_branches_and_loops(passed: None, calls: list[str]) -> None:
    def steps(x: Any, w: Any, again: Any) -> Any:
        for _ in tf.range(3):
            x = tf.tanh(tf.nn.conv2d(x, w, 1, "SAME"))
        return tf.cond(again, lambda: tf.nn.conv2d(x, w, 1, "SAME"), lambda: x)

    w = floats(3, 3, 8, 8)
    again = tf.constant(True)
    close(compiled(steps, X, w, again)[0], steps(X, w, again))
    assert len(calls) >= 2


@pytest.mark.parametrize("doubt", ["environment", "version", "device", "determinism", "failed"])
def test_with_any_doubt_programs_are_xlas(
    passed: None, calls: list[str], monkeypatch: pytest.MonkeyPatch, doubt: str
) -> None:
    if doubt == "environment":
        monkeypatch.setenv("TAPEFLOW_ONEDNN", "0")
    elif doubt == "version":
        monkeypatch.setattr(onednn, "VERSIONS", ("0.0.1",))
    elif doubt == "device":
        monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    elif doubt == "determinism":
        monkeypatch.setattr(settings, "op_determinism", True)
    else:
        monkeypatch.setattr(onednn, "_trial", outcome(False))
    if doubt == "device":
        assert not onednn.usable()
        return
    close(convolved(X, W), tf.nn.conv2d(X, W, 1, "SAME"))
    assert not calls


def test_the_trial_is_passed_here() -> None:
    assert onednn.tried()


def test_wrong_results_fail_the_trial(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TAPEFLOW_CACHE_DIR", str(tmp_path))
    product = onednn.matmul
    monkeypatch.setattr(onednn, "matmul", lambda jax, a, b, *how, **more: product(jax, a * 1.01, b, *how, **more))
    monkeypatch.setattr(onednn, "_results", lambda made=onednn._results: made())
    monkeypatch.setattr(onednn, "_trial", onednn.Trial())
    assert not onednn.usable()
    close(convolved(X, W), tf.nn.conv2d(X, W, 1, "SAME"))
    assert not onednn.Trial().passed()  # as it is written down
    assert [file.read_bytes() for file in tmp_path.glob("onednn-*")] == [b"wrong"]


def test_a_process_that_ends_fails_the_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(jax: Any, name: str, config: Any, shape: Any, *arrays: Any) -> Any:
        like = jax.ShapeDtypeStruct(shape, np.float32)
        code = jax.ffi.ffi_call(f"__onednn${name}", like, custom_call_api_version=2, legacy_backend_config="{")
        return code(*arrays)

    monkeypatch.setattr(onednn, "_call", broken)
    monkeypatch.setattr(onednn, "_results", lambda made=onednn._results: made())
    assert not onednn.tried()


def test_programs_compiled_in_a_call_have_none_and_are_kept(
    passed: None, calls: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TAPEFLOW_CACHE_DIR", str(tmp_path))
    xla.options("cpu")
    before = len(list(tmp_path.glob("*.pickle")))
    convolved(X, W)  # not kept
    assert calls and len(list(tmp_path.glob("*.pickle"))) == before
    del calls[:]
    tf.function(lambda x, w: tf.nn.conv2d(x, w, 1, "SAME"), jit_compile=True)(X, W)
    assert not calls and len(list(tmp_path.glob("*.pickle"))) == before + 1


def test_functions_move_to_onednn_by_themselves(
    passed: None, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "HOT", 0.0)
    monkeypatch.setattr(engine, "TINY", 0.0)
    made = tf.function(lambda x, w: tf.nn.conv2d(x, w, 1, "SAME"))
    until = time.monotonic() + 60
    while time.monotonic() < until and " on XLA, " not in made.explain():
        close(made(X, W), tf.nn.conv2d(X, W, 1, "SAME"))
    assert calls == ["convolution"]


def test_other_graphs_do_not_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onednn, "usable", lambda: pytest.fail("asked"))
    assert float(compiled(lambda x: x + 1.0, tf.constant(1.0))[0]) == 2.0


def test_relu_after_a_pools_gradient_looks_at_the_largest_cells() -> None:
    def slope(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.max_pool2d(tf.nn.relu(x), 2, 2, "VALID") ** 2
        return tape.gradient(y, x)

    x = np.round(RANDOM.randn(2, 6, 6, 3)).astype(np.float32)
    np.testing.assert_array_equal(tf.function(slope, jit_compile=True)(x), slope(tf.constant(x)))
