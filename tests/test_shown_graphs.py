"""What programs see of traced functions and their graphs is what TensorFlow shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shown_graphs

import tapeflow as tf

pytest.importorskip("tensorboard")

RECORDED = json.loads((Path(__file__).parent / "recordings" / "graphs.json").read_text(encoding="utf-8"))
CASES = shown_graphs.cases(tf)


@pytest.mark.parametrize("name", RECORDED)
def test_it_is_what_tensorflow_shows(name):
    found = shown_graphs.shown(tf, CASES[name])
    assert {key: found[key] for key in RECORDED[name]} == RECORDED[name]


@pytest.mark.parametrize("name", CASES)
def test_all_that_an_operation_names_is_there(name):
    concrete = shown_graphs.traced(tf, CASES[name])
    graph = concrete.graph
    operations = graph.get_operations()
    names = [op.name for op in operations]
    assert len(set(names)) == len(names)
    assert all(graph.get_operation_by_name(op.name) is op for op in operations)
    seen = set()
    for op in operations:
        assert {id(x.op) for x in op.inputs} <= seen
        seen.add(id(op))
        assert all(graph.get_tensor_by_name(y.name) is y and op in [y.op] for y in op.outputs)
        assert all(op in x.consumers() for x in op.inputs)
    assert {id(before) for op in operations for before in op.control_inputs} <= seen
    message = graph.as_graph_def()
    assert {x.strip("^").partition(":")[0] for node in message.node for x in node.input} <= {
        node.name for node in message.node
    }
    assert [y.name for y in concrete.outputs] == [y.name for y in graph.outputs]
    assert len(concrete.function_def.signature.output_arg) == len(concrete.outputs)


def test_identities_do_not_run():
    concrete = tf.function(lambda x: (x, x + 1.0), jit_compile=False).get_concrete_function(tf.TensorSpec([2]))
    assert [y.name for y in concrete.outputs] == ["Identity:0", "Identity_1:0"]
    assert [node.type for node in concrete.graph.nodes] == ["Placeholder", "Const", "AddV2"]
    assert concrete.engine.source.count(" = ") == 1
    assert [y.numpy().tolist() for y in concrete(tf.constant([1.0, 2.0]))] == [[1.0, 2.0], [2.0, 3.0]]


def test_lookups_of_what_is_not_there():
    graph = tf.function(lambda x: x * 2.0).get_concrete_function(tf.TensorSpec([], name="x")).graph
    for look, error, message in [
        (lambda: graph.get_operation_by_name("no"), KeyError, "The name 'no' refers to an Operation not in the graph"),
        (lambda: graph.get_operation_by_name("mul:0"), ValueError, "Name 'mul:0' appears to refer to a Tensor, not"),
        (lambda: graph.get_tensor_by_name("mul:x"), ValueError, "looks a like a Tensor name, but is not a valid one"),
        (lambda: graph.get_tensor_by_name(3), TypeError, "Tensor names are strings .or similar., not int."),
        (lambda: graph.as_graph_element(3), TypeError, "Can not convert a int into a Tensor or Operation."),
        (lambda: graph.as_graph_element("mul", allow_operation=False), ValueError, "The name 'mul' "),
        (lambda: graph.as_graph_element(graph.outputs[0], allow_tensor=False), TypeError, "Can not convert a Symbolic"),
    ]:
        with pytest.raises(error, match=message):
            look()
    graph.add_to_collection("mine", 1)
    assert (graph.get_collection("mine"), graph.get_collection("other"), graph.building_function) == ([1], [], True)


def test_a_name_scope_s_name_is_what_an_op_in_it_is_called():
    with tf.Graph().as_default() as graph:
        for _ in range(2):
            with tf.name_scope("twice") as scope:
                tf.add(tf.constant(1.0), 2.0, name=scope)
    assert [op.name for op in graph.get_operations() if op.type == "AddV2"] == ["twice", "twice_1"]
