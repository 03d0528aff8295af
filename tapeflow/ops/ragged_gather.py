"""The op RaggedGather, for graphs and `tf.raw_ops`: rows of a ragged tensor given by its splits and values."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import errors
from ..core import types
from ..core.op import op
from ..core.tensor import Array
from .common import only_host


@op(
    "RaggedGather",
    "params_nested_splits:PARAMS_RAGGED_RANK*Tsplits, params_dense_values:Tvalues, indices:Tindices -> "
    "output_nested_splits:OUTPUT_RAGGED_RANK*Tsplits, output_dense_values:Tvalues",
    shape=lambda *inputs, OUTPUT_RAGGED_RANK, **_: _gather_shape(inputs, OUTPUT_RAGGED_RANK),
    differentiable=False, Tindices=types.INDICES, Tsplits=types.INDICES,
)  # fmt: skip
def ragged_gather(xp: Any, *inputs: Array, OUTPUT_RAGGED_RANK: int) -> tuple[Array, ...]:
    *splits, values, indices = inputs
    count = len(splits[0]) - 1
    flat = indices.ravel()
    bad = np.flatnonzero((flat < 0) | (flat >= count))
    if len(bad):
        place = ",".join(map(str, np.unravel_index(bad[0], indices.shape)))
        raise errors.invalid(f"indices[{place}] = {flat[bad[0]]} is not in [0, {count})")
    dtype, found = splits[0].dtype, []
    rows_above = 1
    for size, below in zip(indices.shape, indices.shape[1:]):  # of indices with several dimensions: rows of rows
        rows_above *= size
        found.append(np.arange(rows_above + 1, dtype=dtype) * below)
    ids = flat
    for each in splits:
        starts, lengths = each[:-1][ids], np.diff(each)[ids]
        new = np.concatenate([[0], np.cumsum(lengths)]).astype(dtype)
        found.append(new)
        rows = np.repeat(np.arange(len(ids)), lengths)
        ids = np.arange(len(rows)) - new[:-1][rows] + starts[rows]
    return (*found, values[ids])


only_host(ragged_gather)


def _gather_shape(inputs: Any, ragged_rank: int) -> Any:
    values = inputs[-2]
    return (*[(None,)] * ragged_rank, None if values is None else (None, *values[1:]))
