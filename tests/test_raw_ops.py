"""Raw ops are called as TensorFlow's: `tools/record_raw_ops.py` kept its signatures."""

from __future__ import annotations

import ast
import functools
import gzip
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tapeflow as tf

KEPT = Path(__file__).parent / "recordings" / "raw_ops.txt.gz"
REQUIRED = inspect.Parameter.empty


def _default(text: str) -> Any:
    if text.startswith("tf."):
        return getattr(tf, text[3:], text)
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):  # infinity, or an object
        return float("inf") if text == "inf" else text


@functools.cache
def signatures() -> dict[str, dict[str, Any]]:
    """For each of TensorFlow's ops its arguments and their defaults."""
    found = {}
    for line in gzip.decompress(KEPT.read_bytes()).decode().split("\n"):
        name, *parameters = line.split("\t")
        pairs = [parameter.partition("=") for parameter in parameters]
        found[name] = {key: _default(text) if equals else REQUIRED for key, equals, text in pairs}
    return found


@pytest.mark.parametrize("name", dir(tf.raw_ops))
def test_signature(name: str) -> None:
    assert name in signatures(), "TensorFlow has no such op"
    parameters = inspect.signature(getattr(tf.raw_ops, name)).parameters.values()
    assert {p.name: p.default for p in parameters} == signatures()[name]


def test_results() -> None:
    ops = tf.raw_ops
    values, indices = ops.TopKV2(input=[1.0, 3.0, 2.0], k=2)
    assert ops.TopKV2(input=[1.0, 3.0, 2.0], k=2)._fields == ("values", "indices")
    np.testing.assert_array_equal(indices, [1, 2])
    np.testing.assert_array_equal(values, [3, 2])
    assert [part.numpy().tolist() for part in ops.Split(axis=0, value=[1, 2], num_split=2)] == [[1], [2]]
    assert ops.Sum(input=[1, 2], axis=0).numpy() == 3
    assert ops.Cast(x=[1.5], DstT=tf.int32, Truncate=False).dtype == tf.int32
    assert ops.StatelessRandomUniformFullIntV2(shape=[2], key=[1], counter=[0, 0], alg=1).dtype == tf.uint64
    image, kernel = tf.ones([1, 3, 3, 1]), tf.ones([2, 2, 1, 1])
    convolved = ops.Conv2D(input=image, filter=kernel, strides=[1] * 4, padding="VALID", use_cudnn_on_gpu=False)
    assert convolved.shape == (1, 2, 2, 1)


def test_lists() -> None:
    ops = tf.raw_ops
    handle = ops.TensorListFromTensor(tensor=[[1.0, 2.0], [3.0, 4.0]], element_shape=[2])
    item = ops.TensorListGetItem(input_handle=handle, index=1, element_shape=[2], element_dtype=tf.float32)
    np.testing.assert_array_equal(item, [3, 4])
    handle = ops.TensorListSetItem(input_handle=handle, index=2, item=[5.0, 6.0], resize_if_index_out_of_bounds=True)
    stacked = ops.TensorListStack(input_handle=handle, element_shape=[-1], element_dtype=tf.float32)
    np.testing.assert_array_equal(stacked, [[1, 2], [3, 4], [5, 6]])
    empty = ops.TensorListReserve(element_shape=-1, num_elements=3, element_dtype=tf.float32)
    assert ops.TensorListLength(input_handle=empty).numpy() == 3


def test_refused() -> None:
    with pytest.raises(TypeError):
        tf.raw_ops.AddV2(1, 2)
    with pytest.raises(TypeError):
        tf.raw_ops.AddV2(x=1)
    with pytest.raises(TypeError):
        tf.raw_ops.AddV2(x=1, y=2, z=3)
    with pytest.raises(AttributeError):
        tf.raw_ops.TensorListAdd
    with pytest.raises(tf.errors.UnimplementedError):
        tf.raw_ops.Cast(x=[1.5], DstT=tf.bfloat16, Truncate=True)
