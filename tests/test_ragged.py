"""Ragged tensors: what TensorFlow makes of some hundred expressions, eagerly and in functions; gradients; loops."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from expressions import alike, check_in_a_function, named, result
from ragged_expressions import EXPRESSIONS, RECORDING, SETUP

import tapeflow as tf

RECORDED: dict[str, list[str]] = json.loads(RECORDING.read_text(encoding="utf-8"))
NAMES = named(SETUP, tf)

SPECS = {
    "rt": tf.RaggedTensorSpec([None, None], tf.int32),
    "rf": tf.RaggedTensorSpec([None, None], tf.float32),
    "rs": tf.RaggedTensorSpec([None, None], tf.string),
    "rb": tf.RaggedTensorSpec([None, None], tf.bool),
    "r3": tf.RaggedTensorSpec([None, None, None], tf.int32),
    "ri": tf.RaggedTensorSpec([None, None, 2], tf.int32, ragged_rank=1),
    "ru": tf.RaggedTensorSpec([None, 2, None], tf.int32),
}
# What is no function of Tensors, or needs to know sizes.
_EAGER_ONLY = re.compile(
    r"numpy\(|to_list|tf\.function|repr|str\(|shape|hash|isinstance|bool\(|len\(|list\(|Spec|for x in|nest|is_tensor"
    r"|ragged_rank|split\(rt, 5|dtype|[=!]= (rf|\"a\"|None)|Variable|tf\.unstack"
)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str) -> None:
    mine, theirs = result(expression, NAMES), RECORDED[expression]
    assert mine[0] == theirs[0], f"{mine[1]}\n{theirs[1]}"
    assert alike(mine[1], theirs[1]), f"{mine[1]}\n{theirs[1]}"


def _in_functions() -> list[Any]:
    found = []
    for expression in EXPRESSIONS:
        used = [name for name in SPECS if re.search(rf"\b{name}\b", expression)]
        if used and RECORDED[expression][0] == "ok" and not _EAGER_ONLY.search(expression):
            found.append(pytest.param(expression, used, id=expression))
    return found


@pytest.mark.parametrize(("expression", "used"), _in_functions())
def test_expression_in_a_function_with_unknown_sizes(expression: str, used: list[str]) -> None:
    check_in_a_function(expression, {name: SPECS[name] for name in used}, NAMES, tf)


def test_gradients() -> None:
    values = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        x = tf.RaggedTensor.from_row_splits(values, [0, 2, 3])
        y = tf.reduce_sum(x * x)
    np.testing.assert_array_equal(tape.gradient(y, values), [2, 4, 6])
    x = tf.ragged.constant([[1.5, 2.0], [], [3.0]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, z, dense = tf.reduce_sum(x * x), x * 3.0, x.to_tensor(default_value=7.0)
    assert tape.gradient(y, x).to_list() == [[3.0, 4.0], [], [6.0]]
    assert tape.gradient(z, x, output_gradients=x).to_list() == [[4.5, 6.0], [], [9.0]]
    assert tape.gradient(tf.constant(1.0), x) is None
    weights = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert tape.gradient(dense, x, output_gradients=weights).to_list() == [[1.0, 2.0], [], [5.0]]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.reduce_mean(x[:, :1], 1), lambda x: tf.concat([x, x], 1), lambda x: tf.stack([x, x], 1),
        lambda x: tf.tile(x, [1, 2]), lambda x: tf.nn.softmax(x), lambda x: tf.cumsum(x, axis=1),
        lambda x: x * tf.constant([[1.0], [2.0], [3.0]], x.dtype), lambda x: x[:, ::-1].to_tensor(default_value=2.0),
        lambda x: tf.gather(x, [2, 0, 0]), lambda x: tf.where(x > 2.0, x * x, x),
    ],
)  # fmt: skip
def test_gradients_agree_with_differences(function: Any) -> None:
    from tapeflow.testing import check_grads

    def of_values(values: Any) -> Any:
        made = function(tf.RaggedTensor.from_row_lengths(values, [2, 1, 1]))
        return made.flat_values if isinstance(made, tf.RaggedTensor) else made

    check_grads(of_values, [tf.constant([1.5, 2.5, -0.5, 3.0], tf.float64)], order=2)


def test_signature_refuses_another_dtype() -> None:
    function = tf.function(lambda x: x + 1, input_signature=[SPECS["rt"]])
    with pytest.raises(TypeError, match="Binding inputs to tf.function failed"):
        function(NAMES["rf"])


def test_one_trace_serves_all_sizes_of_a_signature() -> None:
    traces = []

    @tf.function(input_signature=[SPECS["rt"]])
    def total(x: Any) -> Any:
        traces.append(1)
        return tf.reduce_sum(x, 1)

    assert total(NAMES["rt"]).numpy().tolist() == [9, 0, 16, 6, 0]
    assert total(tf.ragged.constant([[1, 2]])).numpy().tolist() == [3]
    assert len(traces) == 1


def test_print(capfd: Any) -> None:
    tf.print(NAMES["rt"], NAMES["rs"])
    tf.print(tf.ragged.constant([list(range(9)), [1]]))
    assert capfd.readouterr().err == (
        "[[3, 1, 4, 1], [], [5, 9, 2], [6], []] [['a', 'bc'], [], ['def']]\n[[0, 1, 2, ..., 6, 7, 8], [1]]\n"
    )


def test_in_nest_and_branches() -> None:
    x = NAMES["rt"]
    flat = tf.nest.flatten({"a": x}, expand_composites=True)
    assert [t.shape.rank for t in flat] == [1, 1]
    again = tf.nest.pack_sequence_as({"a": x}, flat, expand_composites=True)
    assert again["a"].to_list() == x.to_list()
    function = tf.function(lambda x, yes: tf.cond(yes, lambda: x + 1, lambda: x * 2))
    assert function(x, tf.constant(False)).to_list() == (x * 2).to_list()


@pytest.mark.parametrize(("arguments", "dtype"), [({}, tf.int64), ({"dtype_hint": tf.int32}, tf.int32),
                                                  ({"dtype": tf.int32, "dtype_hint": tf.int64}, tf.int32)])  # fmt: skip
def test_row_partitions_have_the_dtype_asked_for(arguments: Any, dtype: Any) -> None:
    rows = tf.experimental.RowPartition
    made = [
        rows.from_row_splits([0, 2, 4], **arguments), rows.from_row_lengths([2, 2], **arguments),
        rows.from_value_rowids([0, 0, 1, 1], **arguments), rows.from_value_rowids([0, 0, 1, 1], nrows=2, **arguments),
        rows.from_row_starts([0, 2], nvals=4, **arguments), rows.from_row_limits([2, 4], **arguments),
        rows.from_uniform_row_length(2, nvals=4, **arguments), rows.from_uniform_row_length(2, nrows=2, **arguments),
    ]  # fmt: skip
    for each in made:
        assert each.dtype is dtype and each.row_splits().numpy().tolist() == [0, 2, 4]
        assert each.value_rowids().numpy().tolist() == [0, 0, 1, 1]


def test_row_partitions_of_tensors_of_another_dtype() -> None:
    rows, splits = tf.experimental.RowPartition, tf.constant([0, 2], tf.int64)
    assert rows.from_row_splits(splits, dtype_hint=tf.int32).dtype is tf.int64
    with pytest.raises(ValueError, match="row_splits: Tensor conversion requested dtype int32"):
        rows.from_row_splits(splits, dtype=tf.int32)
    with pytest.raises(ValueError, match="nrows: Tensor conversion requested dtype int64"):
        rows.from_value_rowids([0, 1], nrows=tf.constant(2))
    with pytest.raises(ValueError, match="nrows: Tensor conversion requested dtype int32"):
        rows.from_uniform_row_length(tf.constant(2), nrows=tf.constant(2, tf.int64))
    with pytest.raises(ValueError, match="Either"):
        rows.from_uniform_row_length(2)


def test_tensors_of_unknown_rank_become_ragged() -> None:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    made = tf.function(lambda x: tf.RaggedTensor.from_tensor(x), input_signature=[tf.TensorSpec(None)])(x)
    assert made.to_list() == [[1.0, 2.0], [3.0, 4.0]]
    indices = tf.ragged.constant([[0], [1, 0]])
    gathered = tf.function(lambda x: tf.gather(x, indices, axis=1), input_signature=[tf.TensorSpec(None)])(x)
    assert gathered.to_list() == [[[1.0], [2.0, 1.0]], [[3.0], [4.0, 3.0]]]
