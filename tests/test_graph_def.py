"""Graphs as `GraphDef`s: what is in them. `tools/check_graph_defs.py` has TensorFlow run the same programs."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from graph_def_programs import programs

import tapeflow as tf

pytest.importorskip("tensorboard")

PROGRAMS = {name: (function, arrays) for name, function, arrays in programs(tf)}


def message_of(function, *specs, **options):
    return tf.function(function).get_concrete_function(*specs).graph.as_graph_def(**options)


def lines(message):
    """`{name: "Op(inputs)"}`"""
    nodes = message.node if hasattr(message, "node") else message.node_def
    return {node.name: f"{node.op}({', '.join(node.input)})" for node in nodes}


def by_name(message):
    return {node.name: node for node in message.node}


def test_nodes_inputs_and_attributes():
    message = message_of(lambda x: tf.matmul(x, x, transpose_a=True) * 2.0, tf.TensorSpec([None, 3], name="x"))
    assert lines(message) == {
        "x": "Placeholder()", "MatMul": "MatMul(x, x)", "mul/y": "Const()", "mul": "Mul(MatMul, mul/y)",
        "Identity": "Identity(mul)",
    }  # fmt: skip
    nodes = by_name(message)
    assert nodes["x"].attr["dtype"].type == tf.float32.as_datatype_enum
    assert [dim.size for dim in nodes["x"].attr["shape"].shape.dim] == [-1, 3]
    assert nodes["MatMul"].attr["transpose_a"].b is True
    assert nodes["MatMul"].attr["transpose_b"].b is False
    assert nodes["MatMul"].attr["T"].type == tf.float32.as_datatype_enum
    assert tf.make_ndarray(nodes["mul/y"].attr["value"].tensor) == 2.0
    assert (message.versions.producer, message.versions.min_consumer) == (2474, 0)


def test_outputs_after_the_first_have_a_number():
    message = message_of(lambda x: tf.split(x, 2)[1] + tf.unique(x)[0][0], tf.TensorSpec([4]))
    text = lines(message)
    assert text["split"] == "Split(split/split_dim, x)"
    assert text["add"].startswith("AddV2(split:1, ")
    assert by_name(message)["split"].attr["num_split"].i == 2


def test_lists_of_several_dtypes():
    function = lambda x, n: (tf.debugging.Assert(n > 0, [x, n]), x)[1]
    message = message_of(function, tf.TensorSpec([]), tf.TensorSpec([], tf.int32))
    (node,) = [node for node in message.node if node.op == "Assert"]
    assert list(node.attr["T"].list.type) == [tf.float32.as_datatype_enum, tf.int32.as_datatype_enum]
    assert set(node.attr) == {"T", "summarize"}


def test_static_inputs_are_constants_of_the_right_dtype_and_rank():
    function = lambda x: (tf.reduce_sum(x, 1), tf.reshape(x, [-1]), tf.pad(x, [[1, 1], [0, 2]]))
    message = message_of(function, tf.TensorSpec([2, 3]))
    nodes = by_name(message)
    values = {name: tf.make_ndarray(node.attr["value"].tensor) for name, node in nodes.items() if node.op == "Const"}
    assert {name: (value.dtype.name, value.tolist()) for name, value in values.items()} == {
        "Sum/reduction_indices": ("int32", 1),
        "Reshape/shape": ("int32", [-1]),
        "Pad/paddings": ("int32", [[1, 1], [0, 2]]),
    }
    assert nodes["Sum"].attr["Tidx"].type == nodes["Reshape"].attr["Tshape"].type == tf.int32.as_datatype_enum


def test_unknown_sizes_are_computed():
    message = message_of(lambda x: tf.reshape(x, [2 * tf.shape(x)[0], 3]), tf.TensorSpec([None, 6]))
    text = lines(message)
    assert text["Reshape"] == "Reshape(x, Reshape/shape)"
    assert text["Reshape/shape"] == "Pack(mul, Reshape/shape/1)"
    assert text["mul"] == "Mul(mul/x, strided_slice)"
    assert text["strided_slice"].startswith("StridedSlice(Shape, strided_slice/stack, ")
    assert text["Shape"] == "Shape(x)"


def test_branches_are_functions():
    function, arrays = PROGRAMS["cond"]
    message = message_of(function, *[tf.TensorSpec(array.shape) for array in arrays])
    nodes = [node for node in message.node if node.op == "StatelessIf"]
    functions = {function.signature.name: function for function in message.library.function}
    assert len(nodes) == 2  # and the gradient
    assert message.versions.min_consumer == 12
    for node in nodes:
        then, other = (functions[node.attr[key].func.name] for key in ("then_branch", "else_branch"))
        for branch in (then, other):
            assert [arg.type for arg in branch.signature.input_arg] == list(node.attr["Tin"].list.type)
            assert [arg.type for arg in branch.signature.output_arg] == list(node.attr["Tout"].list.type)
        assert len(node.input) == 1 + len(node.attr["Tin"].list.type)
    assert "MatMul" in {node.op for node in functions[nodes[0].attr["then_branch"].func.name].node_def}


def test_inputs_in_functions_name_the_output():
    message = message_of(
        lambda x: tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, tf.split(x * x, 2)[1]), [0, x],
                                [tf.TensorShape([]), tf.TensorShape([None])])[1],
        tf.TensorSpec([None]),
    )  # fmt: skip
    (node,) = [node for node in message.node if node.op == "StatelessWhile"]
    functions = {function.signature.name: function for function in message.library.function}
    body, condition = functions[node.attr["body"].func.name], functions[node.attr["cond"].func.name]
    assert len(node.input) == len(body.signature.input_arg) == len(body.signature.output_arg) == 3
    assert [arg.type for arg in condition.signature.output_arg] == [tf.bool.as_datatype_enum]
    assert lines(body)["split"] == "Split(split/split_dim:output:0, mul:z:0)"
    assert body.ret["output_1"] == "split:output:1"


def test_effects_keep_their_order():
    v = tf.Variable(1.0)

    def function(x):
        v.assign_add(x)
        y = v * 2.0
        v.assign(y)
        return y

    message = message_of(function, tf.TensorSpec([]))
    updates = [node for node in message.node if node.op.startswith("Assign")]
    reads = [node for node in message.node if node.op == "ReadVariableOp"]
    assert f"^{updates[0].name}" in reads[0].input
    assert {f"^{updates[0].name}", f"^{reads[0].name}"} <= set(updates[1].input)
    assert updates[1].attr["dtype"].type == tf.float32.as_datatype_enum
    assert "shape" not in reads[0].attr


def test_devices_and_control_dependencies():
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, [None], "x")
        with tf.device("gpu:1"), tf.device("/job:worker"):
            y = tf.add(x, x, name="y")
    assert y.device == y.op.node_def.device == "/job:worker/device:GPU:1"
    assert by_name(graph.as_graph_def())["x"].device == ""


def test_shapes_and_versions():
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, None, "x")
        version = graph.version
        tf.identity(x, name="y")
    assert version == 1 and graph.version == 2
    assert graph.as_graph_def().node[0].attr["shape"].shape.unknown_rank
    assert [node.name for node in graph.as_graph_def(from_version=version).node] == ["y"]
    assert graph.as_graph_def(add_shapes=True).node[1].attr["_output_shapes"].list.shape[0].unknown_rank
    assert graph.graph_def_versions.producer == 2474
    assert not graph.building_function and not graph.finalized
    graph.finalize()
    with graph.as_default(), pytest.raises(RuntimeError, match="Graph is finalized and cannot be modified."):
        tf.constant(1)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("known", ["sizes known", "sizes unknown"])
def test_messages_are_whole(name, known):
    """Each input names a node, or argument, that is there; all functions are; names are unique."""
    function, arrays = PROGRAMS[name]
    shapes = [array.shape if known == "sizes known" else [None] * array.ndim for array in arrays]
    specs = [tf.TensorSpec(shape, tf.as_dtype(array.dtype)) for shape, array in zip(shapes, arrays)]
    message = message_of(function, *specs)
    functions = {one.signature.name for one in message.library.function}
    assert len(functions) == len(message.library.function)
    for body in [message, *message.library.function]:
        nodes = body.node if body is message else body.node_def
        arguments = [] if body is message else [arg.name for arg in body.signature.input_arg]
        names = [*arguments, *(node.name for node in nodes)]
        assert len(set(names)) == len(names)
        for node in nodes:
            assert {x.removeprefix("^").partition(":")[0] for x in node.input} <= set(names)
            assert {attr.func.name for attr in node.attr.values() if attr.HasField("func")} <= functions
    assert type(message).FromString(message.SerializeToString()) == message


def test_write_graph(tmp_path):
    with tf.Graph().as_default() as graph:
        tf.constant(3.0, name="three")
    text = tf.io.write_graph(graph, tmp_path / "new", "graph.pbtxt")
    assert text == str(tmp_path / "new" / "graph.pbtxt")
    with open(text) as file:
        assert 'name: "three"' in file.read()
    binary = tf.io.write_graph(graph.as_graph_def(), str(tmp_path), "graph.pb", as_text=False)
    with open(binary, "rb") as file:
        assert type(graph.as_graph_def()).FromString(file.read()) == graph.as_graph_def()


@pytest.mark.parametrize(
    "value",
    [1, 2.5, True, "text", [b"a", b"bc"], [[1, 2], [3, 4]], [], np.zeros((2, 0)), [1 + 2j], np.float16(1.5),
     np.uint64(2**63), np.arange(3, dtype=np.int8), tf.constant([1.0, 2.0], tf.bfloat16)],
    ids=str,
)  # fmt: skip
def test_tensors_there_and_back(value):
    tensor = tf.convert_to_tensor(value)
    proto = tf.make_tensor_proto(value)
    array = tf.make_ndarray(proto)
    assert proto.dtype == tensor.dtype.as_datatype_enum
    assert array.dtype == tensor.dtype.as_numpy_dtype and array.shape == tensor.shape
    np.testing.assert_array_equal(array, np.asarray(tensor))


def test_tensor_protos_with_a_shape():
    assert tf.make_ndarray(tf.make_tensor_proto(1.0, shape=[2, 2])).tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert len(tf.make_tensor_proto(1.0, shape=[2, 2]).float_val) == 1
    assert tf.make_ndarray(tf.make_tensor_proto([1, 2], shape=[3])).tolist() == [1, 2, 2]
    with pytest.raises(TypeError, match=r"Expected Tensor's shape: \(3,\), but got \(2,\)."):
        tf.make_tensor_proto([1, 2], shape=[3], verify_shape=True)
    with pytest.raises(ValueError, match="Too many elements provided. Takes at most 2, but got 3."):
        tf.make_tensor_proto([1, 2, 3], shape=[2])
    empty = tf.make_tensor_proto(0.0, shape=[2])
    empty.ClearField("float_val")
    assert tf.make_ndarray(empty).tolist() == [0.0, 0.0]


def test_without_tensorboard_an_error_says_what_to_install():
    code = (
        "import sys; sys.modules['tensorboard'] = None\n"
        "import tapeflow as tf\n"
        "try: tf.Graph().as_graph_def()\n"
        "except ImportError as error: print(error)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'tapeflow[tensorboard]'" in result.stdout


def test_tensorboard_is_imported_late():
    code = "import sys, tapeflow; print([name for name in sys.modules if name.startswith(('tensorboard', 'google'))])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
