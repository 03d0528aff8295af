"""What a Tensor is besides its values: devices, copies, names."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import tapeflow as tf


def test_a_tensor_is_where_it_is() -> None:
    x = tf.constant([1.0, 2.0])
    assert x.cpu() is x
    assert x.device.endswith("CPU:0")
    with pytest.raises(RuntimeError, match="^GPU:1 unknown device.$"):
        x.gpu(1)


def test_copies_of_what_does_not_change() -> None:
    x = tf.constant([1.0, 2.0])
    assert copy.deepcopy(x) is x
    assert copy.deepcopy({"x": [x]})["x"][0] is x
    assert pickle.loads(pickle.dumps(x)).numpy().tolist() == [1.0, 2.0]


@pytest.mark.parametrize("name", ["name", "op", "graph", "value_index"])
def test_names_of_graphs_are_undefined(name: str) -> None:
    assert not hasattr(tf.constant(1.0), name)
    with pytest.raises(AttributeError, match=f"^Tensor.{name} is undefined when eager execution is enabled.$"):
        getattr(tf.constant(1.0), name)


@pytest.mark.parametrize("make", [tf.zeros, tf.ones, tf.zeros_like, tf.ones_like, lambda x, **kw: tf.fill(x, 1, **kw)])
def test_layouts_are_refused(make: Any) -> None:
    assert make([2], layout=None).shape == [2] or make([2], layout=None).shape == [1]
    with pytest.raises(NotImplementedError, match="layout"):
        make([2], layout=object())


def test_a_size_beyond_int32_is_not_wrapped() -> None:
    assert tf.zeros([2**33, 0]).shape == [2**33, 0]
    with pytest.raises(tf.errors.ResourceExhaustedError, match="OOM"):
        tf.zeros(2**60)
