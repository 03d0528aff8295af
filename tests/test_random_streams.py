"""Random numbers are TensorFlow's: what programs of `random_streams.py` drew there, they draw here."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
import random_recorded
from random_streams import PROGRAMS

import tapeflow as tf

ULPS = 2  # of float64, of which logarithms, sines and cosines are not the same library's
RTOL = {"gamma": 1e-5, "stateless_gamma": 1e-5}  # powers and logarithms of them
ATOL = {"stateless_parameterized_truncated_normal": 5e-7, "Generator": 5e-7}  # a mean is added, which may cancel


@functools.cache
def recordings() -> dict[str, Any]:
    return random_recorded.load()


def ulps(drawn: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> float:
    """How many units of the last place two arrays of floats differ at most."""
    a, b = drawn.astype(np.float64), wanted.astype(np.float64)
    bits = {"float16": 10, "bfloat16": 7, "float32": 23, "float64": 52}[wanted.dtype.name]
    size = 2.0 ** (np.floor(np.log2(np.maximum(np.abs(b), 1e-30))) - bits)
    return float((np.abs(a - b) / size).max(initial=0))


def _exact(name: str, dtype: Any) -> bool:
    if "normal" in name and "parameterized" not in name and dtype != np.float64:
        return True
    return "uniform" in name or "shuffle" in name or "categorical" in name


@pytest.mark.parametrize("name", PROGRAMS)
def test_stream(name: str) -> None:
    wanted, drawn = recordings()[name], random_recorded.run(tf, PROGRAMS[name])
    if isinstance(wanted, str) or isinstance(drawn, str):
        assert drawn == wanted
        return
    assert [(x.dtype, x.shape) for x in drawn] == [(x.dtype, x.shape) for x in wanted]
    family = name.partition(":")[0].partition("/")[0]
    for one, other in zip(drawn, wanted, strict=True):
        if other.dtype.kind in "iu" or _exact(name, other.dtype):
            np.testing.assert_array_equal(one, other)
        elif family in RTOL:
            np.testing.assert_allclose(one, other, rtol=RTOL[family])
        elif ulps(one, other) > ULPS:
            assert other.dtype.itemsize >= 4 and abs(one - other).max() <= ATOL.get(family, 0)


def test_every_program_is_recorded() -> None:
    assert list(recordings()) == list(PROGRAMS)


@pytest.mark.parametrize("name", ["uniform", "normal", "truncated_normal", "gamma", "poisson"])
def test_without_seeds(name: str) -> None:
    """Other numbers at each call; `set_seed(None)` does not begin again."""
    args = {"gamma": (2.0,), "poisson": (50.0,)}.get(name, ())
    draw = lambda: getattr(tf.random, name)([8], *args).numpy()
    tf.random.set_seed(None)  # type: ignore[arg-type]
    first, second = draw(), draw()
    tf.random.set_seed(None)  # type: ignore[arg-type]
    assert (first != second).any() and (draw() != first).any()


def test_generators_without_a_seed_differ() -> None:
    states = [tf.random.Generator.from_non_deterministic_state().state.numpy() for _ in range(2)]
    assert (states[0] != states[1]).all()


def test_a_generator_goes_on_where_it_was_saved() -> None:
    generator = tf.random.Generator.from_seed(3)
    generator.normal([5])
    kept = generator.state.numpy()
    after = generator.normal([5]).numpy()
    other = tf.random.Generator.from_state(kept, "philox")
    np.testing.assert_array_equal(other.normal([5]), after)
    generator.state.assign(kept)
    np.testing.assert_array_equal(generator.normal([5]), after)


def test_names() -> None:
    experimental = tf.random.experimental
    for name in ("Algorithm", "Generator", "create_rng_state", "get_global_generator", "set_global_generator"):
        assert getattr(experimental, name) is getattr(tf.random, name)
    assert experimental.stateless_split is tf.random.split and experimental.stateless_fold_in is tf.random.fold_in
    np.testing.assert_array_equal(experimental.stateless_split([1, 2]), tf.random.split([1, 2]))
    np.testing.assert_array_equal(experimental.stateless_fold_in([1, 2], 3), tf.random.fold_in([1, 2], 3))
