"""The op table on an accelerator: each op that XLA has runs there, eagerly, and gives what it gives on the host."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from stand_ins import gpus as gpus
from test_xla_ops import NAMES, Place, places, wrong

import tapeflow as tf
from tapeflow.base.context import seeds
from tapeflow.core.op import OPS
from tapeflow.core.placing import is_numeric
from tapeflow.core.tensor import Placed

pytestmark = pytest.mark.usefixtures("wide_types")

#: Ops with a kernel for XLA that are on the host in spite of it: shapes are known there.
ON_HOST = {"Shape", "ShapeN", "Size", "Rank"}


def tensors(place: Place) -> list[Any]:
    return [x for x in place.call.inputs if isinstance(x, tf.Tensor)]


def telling(place: Place) -> bool:
    """Whether the accelerator is where such a call belongs."""
    found = tensors(place)
    numbers = all(is_numeric(x.dtype.numpy) for x in found)
    return numbers and any(x.dtype != tf.int32 and x.shape.num_elements() for x in found)


@pytest.mark.parametrize("name", NAMES)
def test_op(name: str, gpus: list[str]) -> None:
    op = OPS[name.partition(":")[2]]
    if op.kernels.get("xla", op.kernel) is None:
        pytest.skip("host only")
    found = places().get(op.name, [])
    place = next(filter(telling, found), found[0] if found else None)
    if place is None:
        pytest.skip("no case of numbers")
    with tf.device("/GPU:0"):
        seeds.restart(seeds.seed)
        results = op(*place.call.inputs, **place.call.attrs)
    results = results if isinstance(results, list) else [results]
    problem = wrong(place, 0, [np.asarray(x) for x in results])
    assert problem is None, problem
    if telling(place) and op.name not in ON_HOST and not op.stateful:
        assert all(type(x) is Placed for x in results), [x.device for x in results]
