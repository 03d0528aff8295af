"""For all tests, and for the examples in docstrings, docs and README, which know `tf` and `np`."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import numpy as np
import pytest

# What XLA compiles is not kept from run to run: each test compiles what it tests.
os.environ.setdefault("TAPEFLOW_CACHE_DIR", "off")
# Devices of JAX's that stand in for GPUs: see tests/stand_ins.py.
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=3")

collect_ignore = ["tapeflow/compat/v2.py", "tapeflow/keras.py"]  # put other modules in their places: nothing to collect

hypothesis.settings.register_profile("tapeflow", deadline=None, print_blob=True)
hypothesis.settings.load_profile("tapeflow")


def pytest_collection_finish() -> None:
    """Tens of thousands of tests stay to the end: the collector of garbage need not look through them each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _example_names(doctest_namespace: dict[str, Any]) -> None:
    import tapeflow

    doctest_namespace.update(tf=tapeflow, np=np)


@pytest.fixture(autouse=True, scope="session")
def _verified_graphs() -> Iterator[None]:
    """Each graph that any test traces is checked once it is whole: functions, branches, bodies of loops."""
    from tapeflow.graph.trace import FuncGraph

    finish = FuncGraph.returns

    def verified(graph: FuncGraph, *args: Any, **kwargs: Any) -> None:
        finish(graph, *args, **kwargs)
        graph.verify()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FuncGraph, "returns", verified)
        yield


@pytest.fixture(scope="module")
def wide_types() -> Iterator[None]:
    """64-bit types in JAX, which leaves them out by default, for tests that call it themselves."""
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)
