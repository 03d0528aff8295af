"""Graphs, their operations and names, and what a concrete function shows of its own. All as in TensorFlow 2.21."""

from __future__ import annotations

import pytest

import tapeflow as tf


def traced(function, **options):
    """A `tf.function` of a function that is not read by AutoGraph."""
    return tf.function(function, autograph=False, **options)


def inside(function, *args):
    """What `function` returns while it is traced, even if it is no Tensor."""
    results = []
    traced(lambda *args: results.append(function(*args)))(*args)
    return results[0]


def names(graph):
    return [operation.name for operation in graph.get_operations()]


@pytest.fixture
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def placeholder(shape=(None, 2), name=None):
    return tf.compat.v1.placeholder(tf.float32, shape, name)


# -- tf.Graph


def test_as_default_opens_and_closes_a_graph():
    assert tf.executing_eagerly()
    graph = tf.Graph()
    with graph.as_default() as opened:
        assert opened is graph
        assert not tf.executing_eagerly()
        assert not tf.inside_function()
        assert tf.compat.v1.get_default_graph() is graph
        assert tf.is_symbolic_tensor(tf.constant(1.0))
    assert tf.executing_eagerly()


def test_placeholders(graph):
    x = placeholder(name="x")
    assert repr(x) == "<tf.Tensor 'x:0' shape=(None, 2) dtype=float32>"
    assert x.op.type == "Placeholder"
    assert placeholder(None).shape.rank is None
    assert placeholder().name == "Placeholder_1:0"


def test_placeholders_need_a_graph():
    with pytest.raises(RuntimeError, match=r"tf.placeholder\(\) is not compatible with eager execution"):
        placeholder()


def test_operations_come_in_the_order_of_the_program(graph):
    x = placeholder(name="x")
    y = x + 1.0
    z = tf.matmul(y, tf.ones([2, 3], name="w"), name="product")
    assert names(graph) == ["x", "add/y", "add", "w", "product"]
    assert [o.type for o in graph.get_operations()] == ["Placeholder", "Const", "AddV2", "Const", "MatMul"]
    assert z.shape.as_list() == [None, 3]


def test_operations_know_their_neighbours(graph):
    x = placeholder(name="x")
    y = x * x
    assert y.op.outputs[0] is y
    assert [t.name for t in y.op.inputs] == ["x:0", "x:0"]
    assert {o.name for o in x.consumers()} == {"mul"}
    assert y.consumers() == []
    assert y.graph is graph
    assert y.op.graph is graph
    assert repr(y.op) == "<tf.Operation 'mul' type=Mul>"
    assert y.op.get_attr("T") == tf.float32


@pytest.mark.parametrize(
    ("make", "name", "kind"),
    [
        (lambda x: x + x, "add", "AddV2"),
        (lambda x: x - x, "sub", "Sub"),
        (lambda x: x * x, "mul", "Mul"),
        (lambda x: x / x, "truediv", "RealDiv"),
        (lambda x: x // x, "floordiv", "FloorDiv"),
        (lambda x: x % x, "mod", "FloorMod"),
        (lambda x: x**x, "pow", "Pow"),
        (lambda x: -x, "Neg", "Neg"),
        (lambda x: abs(x), "Abs", "Abs"),
        (lambda x: x < x, "Less", "Less"),
        (lambda x: x >= x, "GreaterEqual", "GreaterEqual"),
        (lambda x: x @ x, "matmul", "MatMul"),
        (lambda x: tf.matmul(x, x), "MatMul", "MatMul"),
        (lambda x: tf.add(x, x), "Add", "AddV2"),
        (lambda x: tf.multiply(x, x), "Mul", "Mul"),
        (lambda x: tf.subtract(x, x), "Sub", "Sub"),
        (lambda x: tf.exp(x), "Exp", "Exp"),
        (lambda x: tf.nn.relu(x), "Relu", "Relu"),
        (lambda x: tf.nn.softmax(x), "Softmax", "Softmax"),
        (lambda x: tf.reduce_sum(x), "Sum", "Sum"),
        (lambda x: tf.reduce_mean(x), "Mean", "Mean"),
        (lambda x: tf.reshape(x, [4]), "Reshape", "Reshape"),
        (lambda x: tf.transpose(x), "transpose", "Transpose"),
        (lambda x: tf.cast(x, tf.int32), "Cast", "Cast"),
        (lambda x: tf.identity(x), "Identity", "Identity"),
        (lambda x: tf.concat([x, x], 0), "concat", "ConcatV2"),
        (lambda x: tf.stack([x, x]), "stack", "Pack"),
        (lambda x: x[0], "strided_slice", "StridedSlice"),
        (lambda x: tf.gather(x, [0]), "GatherV2", "GatherV2"),
        (lambda x: tf.where(x > 0, x, x), "SelectV2", "SelectV2"),
        (lambda x: tf.zeros_like(x), "zeros_like", "Const"),
        (lambda x: tf.expand_dims(x, 0), "ExpandDims", "ExpandDims"),
        (lambda x: tf.squeeze(x), "Squeeze", "Squeeze"),
        (lambda x: tf.tanh(x), "Tanh", "Tanh"),
        (lambda x: tf.sigmoid(x), "Sigmoid", "Sigmoid"),
        (lambda x: tf.maximum(x, 0.0), "Maximum", "Maximum"),
        (lambda x: tf.square(x), "Square", "Square"),
        (lambda x: tf.argmax(x), "ArgMax", "ArgMax"),
    ],
)
def test_names_of_operations(graph, make, name, kind):
    y = make(placeholder([2, 2], "x"))
    assert (y.name, y.op.type) == (name + ":0", kind)


def test_names_are_made_unique(graph):
    x = placeholder(name="x")
    assert [(x + x).name for _ in range(3)] == ["add:0", "add_1:0", "add_2:0"]
    assert [tf.constant(0.0, name="c").name for _ in range(2)] == ["c:0", "c_1:0"]
    assert graph.unique_name("add") == "add_3"


def test_names_differ_in_more_than_case(graph):
    assert [tf.constant(0.0, name=name).name for name in ("c", "C", "c")] == ["c:0", "C_1:0", "c_2:0"]


def test_name_scopes(graph):
    x = placeholder(name="x")
    with tf.name_scope("a") as scope:
        assert scope == "a/"
        assert (x * 2.0).name == "a/mul:0"
        with tf.name_scope("a"):
            assert (x * 2.0).name == "a/a/mul:0"
    with tf.name_scope("a"):
        assert (x * 2.0).name == "a_1/mul:0"
    with tf.name_scope(scope):
        assert (x * 2.0).name == "a/mul_1:0"
    assert "a/mul/y" in names(graph)


def test_operations_and_tensors_can_be_looked_up(graph):
    x = placeholder(name="x")
    assert graph.get_tensor_by_name("x:0") is x
    assert graph.get_operation_by_name("x") is x.op
    assert graph.as_graph_element("x:0") is x


@pytest.mark.parametrize(
    ("look", "error", "message"),
    [
        (lambda g: g.get_operation_by_name("z"), KeyError, "The name 'z' refers to an Operation not in the graph."),
        (
            lambda g: g.get_tensor_by_name("z:0"),
            KeyError,
            "refers to a Tensor which does not exist. The operation, 'z'",
        ),
        (lambda g: g.get_tensor_by_name("x:1"), KeyError, "The operation, 'x', exists but only has 1 outputs"),
        (
            lambda g: g.get_tensor_by_name("z"),
            ValueError,
            r"The name 'z' looks like an \(invalid\) Operation name, not a",
        ),
    ],
)
def test_what_cannot_be_looked_up(graph, look, error, message):
    placeholder(name="x")
    with pytest.raises(error, match=message):
        look(graph)


def test_graphs_do_not_mix():
    with tf.Graph().as_default():
        x = placeholder(name="x")
    with tf.Graph().as_default(), pytest.raises(ValueError, match=r"must be from the same graph as Tensor"):
        tf.constant(1.0) + x
    with pytest.raises(TypeError, match="is out of scope and cannot be used here"):
        x + 1.0


def test_eager_tensors_do_not_go_into_plain_graphs(graph):
    with tf.init_scope():
        pass
    one = traced(lambda: tf.constant(1.0))
    with tf.Graph().as_default():
        assert tf.is_symbolic_tensor(one())


def test_capturing_needs_a_function():
    eager = tf.constant(1.0)
    with tf.Graph().as_default(), pytest.raises(RuntimeError, match="Attempting to capture an EagerTensor without"):
        eager + 1.0


def test_errors_in_a_graph(graph):
    x = placeholder([2, 3], "x")
    with pytest.raises(ValueError, match=r"Dimensions must be equal, but are 3 and 2 for '{{node MatMul}} = MatMul"):
        tf.matmul(x, x)
    with pytest.raises(TypeError, match="Input 'y' of 'AddV2' Op has type int32 that does not match type float32"):
        x + tf.constant(1)


# -- inside a function


def test_inside_function():
    assert not tf.inside_function()
    assert inside(tf.inside_function)
    assert not inside(tf.executing_eagerly)
    assert tf.executing_eagerly()


def test_the_default_graph_inside_is_the_function_s():
    f = traced(lambda x: x + 1)
    graphs = []
    f = traced(lambda x: (graphs.append(tf.compat.v1.get_default_graph()), x.graph is graphs[-1])[1])
    assert f(tf.constant(1)).numpy()
    assert f.get_concrete_function(tf.constant(1)).graph is graphs[0]


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (lambda x: tf.constant(3), 3),
        (lambda x: tf.constant([1, 2]), [1, 2]),
        (lambda x: x, None),
        (lambda x: x + 1.0, None),
        (lambda x: tf.shape(x), [2, 3]),
        (lambda x: tf.size(x), 6),
        (lambda x: tf.rank(x), 2),
        (lambda x: tf.concat([tf.shape(x), [7]], 0), [2, 3, 7]),
        (lambda x: tf.cast(tf.constant(2.5), tf.int32), 2),
        (lambda x: tf.range(3), [0, 1, 2]),
        (lambda x: tf.fill([2], 4), [4, 4]),
    ],
)
def test_static_values(make, value):
    found = inside(lambda x: tf.get_static_value(make(x)), tf.ones([2, 3]))
    assert (found if found is None else found.tolist()) == value


@pytest.mark.parametrize(
    ("make", "value"), [(lambda x: tf.shape(x)[0], 2), (lambda x: tf.stack([tf.shape(x)[0], 5]), [2, 5])]
)
def test_static_values_of_sizes(make, value):
    # tapeflow follows single sizes too, where TensorFlow gives None
    assert inside(lambda x: tf.get_static_value(make(x)).tolist(), tf.ones([2, 3])) == value


def test_static_values_outside():
    assert tf.get_static_value(tf.constant([1, 2])).tolist() == [1, 2]


def test_names_inside_start_anew_in_each_function():
    assert inside(lambda x: (x + 1).name, tf.constant(1)) == "add:0"
    assert inside(lambda x: (x + 1).name, tf.constant(1)) == "add:0"


# -- concrete functions


@pytest.fixture
def variable():
    return tf.Variable(1.0, name="v")


@pytest.fixture
def concrete(variable):
    f = tf.function(lambda x, y: {"s": x + y + variable, "p": [x * y]}, autograph=False)
    return f.get_concrete_function(tf.TensorSpec([None, 2], name="first"), tf.TensorSpec([]))


def test_inputs_outputs_and_captures(concrete, variable):
    assert [(t.name, t.shape.rank) for t in concrete.inputs[:2]] == [("first:0", 2), ("y:0", 0)]
    assert concrete.inputs[2].dtype == tf.resource
    assert [t.shape.as_list() for t in concrete.outputs] == [[None, 2]] * 2
    assert concrete.captured_inputs[0] is variable.handle
    assert concrete.variables == concrete.trainable_variables == (variable,)


def test_the_graph_of_a_concrete_function(concrete):
    graph = concrete.graph
    types = [operation.type for operation in graph.get_operations()]
    assert types[:2] == ["Placeholder", "Placeholder"]
    assert {"AddV2", "Mul", "ReadVariableOp"} <= set(types)
    assert [t.name for t in graph.inputs] == [t.name for t in concrete.inputs]
    assert [t.name for t in graph.outputs] == [t.name for t in concrete.outputs]
    assert len(graph.captures) == 1
    assert graph.name == "<lambda>"


def test_structured_outputs_and_signatures(concrete):
    outputs = concrete.structured_outputs
    assert list(outputs) == ["s", "p"]
    assert outputs["p"][0].shape.as_list() == [None, 2]
    assert concrete.output_dtypes == {"s": tf.float32, "p": [tf.float32]}
    assert concrete.output_shapes["s"].as_list() == [None, 2]
    args, kwargs = concrete.structured_input_signature
    assert args == (tf.TensorSpec([None, 2], name="first"), tf.TensorSpec([], name="y"))
    assert kwargs == {}


def test_structured_outputs_of_none_and_nothing():
    assert traced(lambda: None).get_concrete_function().structured_outputs is None
    assert traced(lambda: None).get_concrete_function().outputs == []
    assert traced(list).get_concrete_function().structured_outputs == []


def test_pretty_printed_signature():
    f = traced(lambda x, factor=2: {"y": x * factor, "n": None})
    text = f.get_concrete_function(tf.TensorSpec([None], tf.float32)).pretty_printed_signature()
    assert text.splitlines()[:4] == [
        "Input Parameters:",
        "  x (POSITIONAL_OR_KEYWORD): TensorSpec(shape=(None,), dtype=tf.float32, name=None)",
        "  factor (POSITIONAL_OR_KEYWORD): Literal[2]",
        "Output Type:",
    ]
    assert text.splitlines()[-2:] == ["Captures:", "  None"]


def test_pretty_printed_concrete_signatures():
    f = traced(lambda x: x)
    assert f.pretty_printed_concrete_signatures() == ""
    f(tf.constant(1.0))
    assert "x (POSITIONAL_OR_KEYWORD): TensorSpec(shape=(), dtype=tf.float32" in f.pretty_printed_concrete_signatures()


def test_printed_forms_of_concrete_functions():
    concrete = traced(lambda x, y=2: x * y).get_concrete_function(tf.TensorSpec([None], tf.float32))
    signature = "(x: TensorSpec(shape=(None,), dtype=tf.float32, name=None), y: Literal[2])"
    assert repr(concrete).startswith(f"<ConcreteFunction {signature} -> TensorSpec(shape=(None,), dtype=tf.float32")
    assert str(concrete).startswith("ConcreteFunction Input Parameters:\n  x (POSITIONAL_OR_KEYWORD): TensorSpec")


def test_names_of_concrete_functions():
    def halve(x):
        return x / 2

    assert b"__inference_halve_" in traced(halve).get_concrete_function(tf.constant(1.0)).name


def test_control_dependencies():
    graph = tf.Graph()
    with graph.as_default():
        a, b = tf.constant(1.0, name="a"), tf.constant(2.0, name="b")
        with tf.control_dependencies([a, None]), tf.control_dependencies([b.op, a]):
            inner = tf.identity(a)
            with tf.control_dependencies(None):
                free = tf.identity(a)
        after = tf.identity(a)
    assert [node.name for node in inner.op.control_inputs] == ["a", "b"]
    assert free.op.control_inputs == after.op.control_inputs == []
    with pytest.raises(TypeError, match="control_inputs must be a list"), graph.as_default():
        tf.control_dependencies(lambda: a)


def test_gradients_of_integers_are_none():
    @tf.function
    def f(x):
        whole = tf.cast(x, tf.int32)
        grads = tf.gradients(tf.cast(whole * 3, tf.float32), [x, whole])
        zeros = tf.gradients(whole * 3, whole, unconnected_gradients="zero")
        assert grads == [None, None] and zeros[0].dtype == tf.int32
        return zeros

    assert f(tf.constant(2.0))[0].numpy() == 0
