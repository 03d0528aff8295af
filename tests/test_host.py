"""The NumPy engine's threads and its big-array functions."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from tapeflow.engines import host
from tapeflow.engines import host_arrays as arrays


def normal(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def test_blocks_cover_the_range_once() -> None:
    done = np.zeros(1003, int)

    def work(start: int, stop: int) -> None:
        assert stop - start <= 10
        done[start:stop] += 1
        host.parallel(lambda a, b: None, 5, 1)  # inside a split call: in order, on this thread

    host.parallel(work, 1003, 10)
    assert (done == 1).all()


def test_an_exception_comes_out() -> None:
    def work(start: int, stop: int) -> None:
        if start == 70:
            raise KeyError("seventy")

    with pytest.raises(KeyError, match="seventy"):
        host.parallel(work, 100, 10)
    host.parallel(lambda a, b: None, 100, 10)


def test_several_threads_at_once() -> None:
    results = []

    def user(i: int) -> None:
        x = np.full(1 << 20, i, np.float32)
        results.append(all((arrays.split(np.exp, x) == np.exp(x)).all() for _ in range(10)))

    threads = [threading.Thread(target=user, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 4


SPINNING = """
import time
from tapeflow.engines import host
import numpy as np, os
x = np.ones((512, 512), np.float32)
used = []
for _ in range(3):
    x @ x
    start = time.process_time()
    time.sleep(0.1)
    used.append(time.process_time() - start)
blas = host._find_blas()
print(min(used), max(used), os.environ.get("OPENBLAS_THREAD_TIMEOUT"), blas is not None and blas[0]() > 1)
"""


def spinning(setting: dict[str, str]) -> list[str]:
    environment = {key: value for key, value in os.environ.items() if "OPENBLAS" not in key} | setting
    return subprocess.run(
        [sys.executable, "-c", SPINNING], env=environment, capture_output=True, text=True, check=True
    ).stdout.split()


def test_threads_of_blas_without_work_sleep_soon() -> None:
    ours, _, setting, several = spinning({})
    assert setting == "None", "what is set while NumPy loads is not for other programs"
    _, told, setting, _ = spinning({"OPENBLAS_THREAD_TIMEOUT": "26"})  # the program's own setting stays
    assert setting == "26"
    if several == "True":
        assert float(ours) < float(told) / 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:os.fork:RuntimeWarning")  # JAX, if tests loaded it
def test_a_forked_child_can_go_on() -> None:
    host.parallel(lambda a, b: None, 100, 10)
    child = os.fork()
    if child == 0:
        done = np.zeros(100, int)
        host.parallel(lambda a, b: done.__setitem__(slice(a, b), 1), 100, 10)
        os._exit(int(not done.all()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("ufunc", [np.add, np.subtract, np.divide])
@pytest.mark.parametrize(
    ("shape", "row"),
    [((64, 14, 14, 64), (64,)), ((1000, 100), (100,)), ((999, 3), (3,)), ((30, 3000), (3000,)), ((50000, 2), (1,)),
     ((40, 50, 60), (50, 1)), ((70000,), (70000,))],
)  # fmt: skip
def test_a_row_for_all_rows(ufunc: np.ufunc, shape: tuple[int, ...], row: tuple[int, ...]) -> None:
    x, y = normal(*shape), normal(*row)
    np.testing.assert_array_equal(arrays.with_row(ufunc, x, y), ufunc(x, y))
    np.testing.assert_array_equal(arrays.with_row(ufunc, x[::-1], y), ufunc(x[::-1], y))
    assert arrays.with_row(ufunc, x, y).shape == shape


@pytest.mark.parametrize(
    "shapes",
    [((700, 800), (800,)), ((700, 801), (700, 1)), ((700, 800), ()), ((3, 500, 400), (500, 400)),
     ((3, 500, 400), (3, 1, 400)),
     ((600011,), (1,)), ((2, 1, 500, 600), (3, 1, 600)), ((999, 600), (999, 600)), ((0, 5), (5,))],
)  # fmt: skip
def test_split_is_the_function(shapes: Any) -> None:
    x, y = (normal(*shape) for shape in shapes)
    for a, b in ((x, y), (y, x), (x.T, x.T)):
        for function in (np.subtract, np.greater, lambda p, q: p * q + 1):
            wanted = function(a, b)
            got = arrays.split(function, a, b)
            assert got.dtype == wanted.dtype
            np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize(
    "shape",
    [(400, 1000), (3001, 1000), (50000, 10), (66667, 3), (20000, 17), (16, 28, 28, 32), (7, 11, 13, 15, 17), (400001,)],
)
def test_reduce_is_numpys(shape: tuple[int, ...]) -> None:
    x = normal(*shape)
    whole = np.round(x * 9).astype(np.int32)
    for axes in (a for k in range(x.ndim + 1) for a in combinations(range(x.ndim), k)):
        for keepdims in (False, True):
            np.testing.assert_array_equal(
                arrays.reduce(np.add, whole, axes, keepdims), whole.sum(axes, keepdims=keepdims)
            )
            np.testing.assert_array_equal(arrays.reduce(np.maximum, x, axes, keepdims), x.max(axes, keepdims=keepdims))
        exact = x.sum(axes, dtype=np.float64)
        error = np.abs(arrays.reduce(np.add, x, axes) - exact).max()
        assert error <= 2 * np.abs(x.sum(axes) - exact).max() + 1e-6 * np.sqrt(x.size / exact.size)


@pytest.mark.parametrize("shape", [(1000, 400), (40000, 10), (2, 3, 5), (1, 400000), (5, 1), (0, 3)])
def test_softmax(shape: tuple[int, ...]) -> None:
    x = normal(*shape) * 30
    e = np.exp(x.astype(np.float64) - x.max(-1, keepdims=True, initial=-np.inf))
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(arrays.softmax(x), e / e.sum(-1, keepdims=True), rtol=1e-5, atol=1e-30)


def test_softmax_of_big_and_of_endless_numbers() -> None:
    x = normal(300, 1000)
    x[0], x[1, 5], x[2, 7], x[3], x[4, 4] = 1e30, -np.inf, np.nan, -np.inf, np.inf
    with np.errstate(all="ignore"):
        e = np.exp(x - x.max(-1, keepdims=True))
        np.testing.assert_allclose(arrays.softmax(x), e / e.sum(-1, keepdims=True), rtol=1e-5)


def test_softmax_where_only_the_first_row_is_small() -> None:
    x = normal(700, 1000)
    exact = np.exp(x.astype(np.float64))
    np.testing.assert_allclose(arrays.softmax(x), exact / exact.sum(-1, keepdims=True), rtol=1e-6)
    x[1], x[2], x[3, 0], x[4, 0], x[5, 0], x[6, 0] = 100, -100, -np.inf, np.nan, np.inf, -95
    x[1, 1], x[1, 2] = 50, -3e38
    with np.errstate(all="ignore"):
        exact = np.exp((x - x.max(-1, keepdims=True)).astype(np.float64))
        np.testing.assert_allclose(arrays.softmax(x), exact / exact.sum(-1, keepdims=True), rtol=1e-6, atol=1e-44)


@pytest.mark.parametrize(("m", "k", "n"), [(64, 3136, 10), (1, 2000, 3000), (500, 33, 777), (3000, 2000, 1), (0, 5, 5)])
def test_matmul(m: int, k: int, n: int) -> None:
    a, b = normal(m, k), normal(k, n)
    np.testing.assert_allclose(arrays.matmul(a, b), a @ b, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(arrays.matmul(b.T, a.T), b.T @ a.T, rtol=1e-4, atol=1e-3)


def test_relu_gradient() -> None:
    g, y = normal(1000, 700), normal(700, 1000).T.copy()
    np.testing.assert_array_equal(arrays.relu_gradient(g.T, y.T), (g * (y > 0)).T)
    np.testing.assert_array_equal(arrays.relu_gradient(g[:5], y[:5]), g[:5] * (y[:5] > 0))
    np.testing.assert_array_equal(arrays.relu_gradient(g, y), g * (y > 0))
    np.testing.assert_array_equal(arrays.relu_gradient(g, g), g * (g > 0))
