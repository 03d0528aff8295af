"""Small functions whose traced graphs are looked at as programs look at them, on TensorFlow and here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

Case = tuple[Callable[..., Any], tuple[Any, ...]]


def arguments(tf: Any) -> dict[str, Case]:
    vector, _rows, _scalar = tf.TensorSpec([3]), tf.TensorSpec([None, 3]), tf.TensorSpec([])
    i, s, b = tf.TensorSpec([], tf.int32), tf.TensorSpec([2], tf.string), tf.TensorSpec([], tf.bool)
    v = tf.Variable([1.0, 2.0, 3.0], name="weight")
    return {
        "identity": (lambda x: x, (vector,)),
        "same_twice": (lambda x: (x, x), (vector,)),
        "nothing": (lambda x: None, (vector,)),
        "constants": (lambda: (1, 2.0, tf.constant([1, 2], name="c")), ()),
        "dict_out": (lambda x, y: {"b": x + y, "a": [y, None]}, (vector, vector)),
        "named_specs": (lambda x, y: x + y, (tf.TensorSpec([3], name="first"), tf.TensorSpec([3], name="second"))),
        "nested_in": (lambda x: x["a"] + x["b"][0] * x["b"][1], ({"a": vector, "b": (vector, vector)},)),
        "python_args": (lambda x, n, flag=True: x * n if flag else x, (vector, 3)),
        "star": (lambda *xs: tf.add_n(xs), (vector, vector, vector)),
        "variable_arg": (lambda x, w: x * w, (vector, v)),
        "unknown": (lambda x: x + 1.0, (tf.TensorSpec(None),)),
        "dtypes": (lambda x, y, z: (x, tf.cast(y, tf.float32), z), (i, b, s)),
        "ragged": (lambda x: x * 2.0, (tf.RaggedTensorSpec([None, None], tf.float32),)),
    }


def captures(tf: Any) -> dict[str, Case]:
    vector, _scalar = tf.TensorSpec([3]), tf.TensorSpec([])
    t, u = tf.constant([1.0, 2.0, 3.0]), tf.constant([4.0, 5.0, 6.0])
    n = np.array([1.0, 2.0, 3.0], np.float32)
    v, w = tf.Variable([1.0, 2.0, 3.0]), tf.Variable([1.0, 2.0, 3.0], name="w", trainable=False)

    def updates(x: Any) -> Any:
        v.assign(x)
        v.assign_add(x)
        w.assign_sub(x)
        return v.assign_add(x)

    def scatter(x: Any) -> Any:
        v.scatter_update(tf.IndexedSlices(x, [0]))
        v.scatter_nd_add([[0]], x)
        return v[0]

    return {
        "eager": (lambda x: x + t * u, (vector,)),
        "eager_twice": (lambda x: x + t + t, (vector,)),
        "numpy": (lambda x: x + n, (vector,)),
        "variable_add": (lambda x: v + 1.0 + x, (vector,)),
        "variable_mul": (lambda x: x * v, (vector,)),
        "variable_read": (lambda x: x + v.read_value() + v.value(), (vector,)),
        "variable_ops": (lambda x: (tf.matmul(x[None], v[:, None]), -v, abs(v), v**2.0, v > x, v[0]), (vector,)),
        "variable_convert": (lambda x: tf.convert_to_tensor(v) + tf.identity(w), (vector,)),
        "variable_out": (lambda: v, ()),
        "updates": (updates, (vector,)),
        "scatter": (scatter, (tf.TensorSpec([1]),)),
        "sparse_read": (lambda i: tf.gather(v, i), (tf.TensorSpec([2], tf.int32),)),
        "embedding": (lambda i: tf.nn.embedding_lookup(v[:, None] * 1.0, i), (tf.TensorSpec([2], tf.int32),)),
        "embedding_v": (lambda i: tf.nn.embedding_lookup(v, i), (tf.TensorSpec([2], tf.int32),)),
    }


def operators(tf: Any) -> dict[str, Case]:
    x, y, i = tf.TensorSpec([3]), tf.TensorSpec([3]), tf.TensorSpec([3], tf.int32)
    m, b, s, _r = (
        tf.TensorSpec([2, 3]),
        tf.TensorSpec([3], tf.bool),
        tf.TensorSpec([], tf.string),
        tf.TensorSpec([None, 3]),
    )
    return {
        "arithmetic": (lambda x, y: (x + y, x - y, x * y, x / y, x // y, x % y, x**y), (x, y)),
        "reflected": (lambda x: (1 + x, 1 - x, 2 * x, 2 / x, 7 // x, 7 % x, 2**x), (x,)),
        "integers": (lambda x, y: (x + y, x / y, x // y, x % y, -x, abs(x), ~(x > y)), (i, i)),
        "compare": (lambda x, y: (x < y, x <= y, x > y, x >= y, x == y, x != y), (x, y)),
        "logic": (lambda x, y: (x & y, x | y, x ^ y, ~x), (b, b)),
        "logic_ints": (lambda x, y: (x & y, x | y, x ^ y, ~x), (i, i)),
        "matmul_operator": (lambda x, y: x @ y, (m, tf.TensorSpec([3, 2]))),
        "batch_matmul": (lambda x, y: x @ y, (tf.TensorSpec([4, 2, 3]), tf.TensorSpec([4, 3, 2]))),
        "strings": (lambda x: (x + "b", "a" + x, x + x, tf.strings.join([x, x]), tf.strings.length(x)), (s,)),
        "getitem": (lambda x: (x[0], x[1:], x[:, 1], x[..., None], x[0, ::2]), (m,)),
        "getitem_tensor": (lambda x, n: (x[n[0]], x[n[0] : n[1]]), (m, i)),
        "functions": (
            lambda x, y: (
                tf.add(x, y),
                tf.subtract(x, y),
                tf.multiply(x, y),
                tf.divide(x, y),
                tf.pow(x, y),
                tf.maximum(x, y),
                tf.minimum(x, y),
                tf.math.squared_difference(x, y),
            ),
            (x, y),
        ),
        "named": (
            lambda x, y: (
                tf.add(x, y, name="sum"),
                tf.multiply(x, 2.0, name="twice"),
                tf.reduce_sum(x, name="total"),
                tf.identity(x, "id"),
            ),
            (x, y),
        ),
        "unary": (
            lambda x: (
                tf.exp(x),
                tf.math.log(x),
                tf.sqrt(x),
                tf.square(x),
                tf.tanh(x),
                tf.sigmoid(x),
                tf.abs(x),
                tf.negative(x),
                tf.sign(x),
                tf.sin(x),
                tf.nn.relu(x),
                tf.nn.softmax(x),
                tf.math.rsqrt(x),
                tf.floor(x),
                tf.round(x),
            ),
            (x,),
        ),
        "repeated": (lambda x: tf.exp(tf.exp(tf.exp(x))) + x + x, (x,)),
        "chain_constants": (lambda x: (x + 1.0) * 2.0 - 3.0, (x,)),
        "cast": (lambda x: (tf.cast(x, tf.int32), tf.cast(x, tf.float32), tf.saturate_cast(x, tf.uint8)), (x,)),
    }


def array_ops(tf: Any) -> dict[str, Case]:
    _x, m, r, i = tf.TensorSpec([3]), tf.TensorSpec([2, 3]), tf.TensorSpec([None, 3]), tf.TensorSpec([2], tf.int32)
    return {
        "reductions": (
            lambda x: (
                tf.reduce_sum(x),
                tf.reduce_mean(x, 0),
                tf.reduce_max(x, axis=[0, 1]),
                tf.reduce_min(x, -1, keepdims=True),
                tf.reduce_prod(x),
            ),
            (m,),
        ),
        "reductions_unknown": (lambda x: (tf.reduce_sum(x), tf.reduce_mean(x)), (tf.TensorSpec(None),)),
        "reductions_more": (
            lambda x: (
                tf.reduce_any(x > 0),
                tf.reduce_all(x > 0, 0),
                tf.reduce_logsumexp(x),
                tf.math.reduce_std(x),
                tf.argmax(x, 1),
                tf.norm(x),
                tf.cumsum(x),
            ),
            (m,),
        ),
        "shapes": (lambda x: (tf.shape(x), tf.size(x), tf.rank(x), tf.shape(x)[0]), (r,)),
        "shapes_known": (lambda x: (tf.shape(x), tf.size(x), tf.rank(x)), (m,)),
        "reshape": (
            lambda x: (
                tf.reshape(x, [-1]),
                tf.transpose(x),
                tf.expand_dims(x, 0),
                tf.squeeze(x[None]),
                tf.reshape(x, [tf.shape(x)[0], 3, 1]),
            ),
            (r,),
        ),
        "joins": (
            lambda x: (
                tf.concat([x, x], 0),
                tf.stack([x, x]),
                tf.tile(x, [2, 1]),
                tf.pad(x, [[0, 1], [0, 0]]),
                tf.split(x, 3, 1),
                tf.unstack(x),
            ),
            (m,),
        ),
        "filled": (
            lambda x: (
                tf.zeros([2]),
                tf.ones([2, 2], tf.int32),
                tf.fill([2], 3.0),
                tf.zeros_like(x),
                tf.ones_like(x),
                tf.range(3),
                tf.eye(2),
                tf.linspace(0.0, 1.0, 3),
            ),
            (m,),
        ),
        "filled_unknown": (
            lambda x: (
                tf.zeros([tf.shape(x)[0], 2]),
                tf.zeros_like(x),
                tf.ones_like(x),
                tf.fill([tf.shape(x)[0]], 1.0),
                tf.range(tf.shape(x)[0]),
            ),
            (r,),
        ),
        "gathers": (
            lambda x, i: (
                tf.gather(x, i),
                tf.gather(x, i, axis=1),
                tf.gather_nd(x, i),
                tf.one_hot(i, 3),
                tf.boolean_mask(x, [True, False]),
                tf.where(x > 0, x, 0.0),
                tf.where(x > 0),
            ),
            (m, i),
        ),
        "sorts": (
            lambda x: (
                tf.sort(x),
                tf.argsort(x),
                tf.math.top_k(x, 2),
                tf.unique(x[0]),
                tf.reverse(x, [0]),
                tf.roll(x, 1, 0),
            ),
            (m,),
        ),
        "random": (
            lambda: (
                tf.random.uniform([2]),
                tf.random.normal([2], 1.0, 2.0),
                tf.random.uniform([], 0, 5, tf.int32),
                tf.random.shuffle([1, 2]),
                tf.random.stateless_uniform([2], [1, 2]),
            ),
            (),
        ),
        "linalg": (
            lambda x: (
                tf.linalg.inv(x),
                tf.linalg.det(x),
                tf.linalg.cholesky(x),
                tf.linalg.diag_part(x),
                tf.linalg.trace(x),
                tf.einsum("ij,jk->ik", x, x),
                tf.tensordot(x, x, 1),
            ),
            (tf.TensorSpec([3, 3]),),
        ),
        "clip": (
            lambda x: (tf.clip_by_value(x, 0.0, 1.0), tf.clip_by_norm(x, 1.0), tf.linalg.global_norm([x, x])),
            (m,),
        ),
    }


def layers(tf: Any) -> dict[str, Case]:
    w, b = tf.Variable(np.ones([3, 4], np.float32), name="kernel"), tf.Variable(np.zeros(4, np.float32), name="bias")
    k = tf.Variable(np.ones([3, 3, 1, 2], np.float32), name="filters")
    rows, image, labels = tf.TensorSpec([None, 3]), tf.TensorSpec([2, 8, 8, 1]), tf.TensorSpec([None], tf.int64)

    def dense(x: Any) -> Any:
        with tf.name_scope("dense"):
            return tf.nn.relu(tf.matmul(x, w) + b)

    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = tf.matmul(x, w) + b
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        for variable, grad in zip([w, b], tape.gradient(loss, [w, b])):
            variable.assign_sub(0.1 * grad)
        return loss

    def tape(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.gradient(y, x)

    return {
        "dense": (dense, (rows,)),
        "bias_add": (lambda x: tf.nn.bias_add(tf.matmul(x, w), b), (rows,)),
        "conv": (lambda x: tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(x, k, 1, "SAME")), 2, 2, "VALID"), (image,)),
        "losses": (
            lambda x, y: (
                tf.nn.softmax_cross_entropy_with_logits(x, x),
                tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=x),
                tf.nn.sparse_softmax_cross_entropy_with_logits(y, x),
            ),
            (rows, labels),
        ),
        "norms": (
            lambda x: (
                tf.nn.moments(x, 0),
                tf.nn.l2_normalize(x, 1),
                tf.nn.dropout(x, 0.5),
                tf.nn.leaky_relu(x),
                tf.nn.gelu(x),
            ),
            (rows,),
        ),
        "tape": (tape, (rows,)),
        "gradients": (lambda x: tf.gradients(tf.exp(x) * x, x), (rows,)),
        "step": (step, (rows, labels)),
    }


def scopes(tf: Any) -> dict[str, Case]:
    x = tf.TensorSpec([3])

    def nested(x: Any) -> Any:
        with tf.name_scope("a"):
            with tf.name_scope("b") as inner:
                x = x + 1.0
            with tf.name_scope("b"):
                x = x + 1.0
            with tf.name_scope(inner):
                x = tf.exp(x)
        with tf.name_scope("a"):
            x = tf.identity(x, name="named")
        return tf.identity(x, name="a")

    def controls(x: Any) -> Any:
        y = tf.exp(x, name="y")
        with tf.control_dependencies([y]):
            z = tf.sin(x)
            with tf.control_dependencies([z.op]):
                z = tf.cos(x)
            with tf.control_dependencies(None):
                u = tf.tan(x)
        return z, u

    def grouped(x: Any) -> Any:
        tf.group(x, x + 1.0)
        tf.no_op("nothing")
        return tf.tuple([x, x])

    def devices(x: Any) -> Any:
        with tf.device("CPU:0"):
            return x + 1.0

    return {
        "scopes": (nested, (x,)),
        "controls": (controls, (x,)),
        "grouped": (grouped, (x,)),
        "devices": (devices, (x,)),
    }


def flow(tf: Any) -> dict[str, Case]:
    x, i, _b = tf.TensorSpec([]), tf.TensorSpec([], tf.int32), tf.TensorSpec([], tf.bool)
    rows = tf.TensorSpec([None, 3])
    v = tf.Variable(1.0, name="state")
    square = tf.function(lambda x: x * x)

    @tf.function
    def stateful(x: Any) -> Any:
        v.assign_add(x)
        return v + x

    def autograph(x: Any) -> Any:
        if x > 0.0:
            y = x * 2.0
        else:
            y = x
        while y < 10.0:
            y = y * 2.0
        for i in tf.range(3):
            y += tf.cast(i, tf.float32)
        return y

    def arrays(x: Any) -> Any:
        array = tf.TensorArray(tf.float32, 3)
        array = array.write(0, x)
        array = array.unstack(tf.stack([x, x, x]))
        return array.stack(), array.read(1), array.size(), array.gather([0, 2])

    def asserts(x: Any) -> Any:
        tf.debugging.assert_positive(x)
        tf.debugging.Assert(x > 0.0, [x])
        tf.print("x", x)
        return x

    def checks(x: Any) -> Any:
        tf.debugging.assert_equal(x, 1.0, message="no")
        return tf.debugging.check_numerics(x, "bad")

    @tf.custom_gradient
    def custom(x: Any) -> Any:
        return tf.exp(x), lambda g: g

    return {
        "cond": (lambda x: tf.cond(x > 0.0, lambda: x * 2.0, lambda: x), (x,)),
        "cond_stateful": (lambda x: tf.cond(x > 0.0, lambda: v.assign_add(x), lambda: v - x), (x,)),
        "cond_named": (lambda x: tf.cond(x > 0.0, lambda: (x, 1.0), lambda: (x, 2.0), name="choose"), (x,)),
        "case": (lambda i: tf.switch_case(i, [lambda: 1.0, lambda: 2.0, lambda: 3.0]), (i,)),
        "case_pairs": (lambda x: tf.case([(x > 1.0, lambda: x), (x > 0.0, lambda: -x)], default=lambda: 0.0), (x,)),
        "while": (lambda x: tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), [0, x]), (x,)),
        "while_stateful": (
            lambda n: tf.while_loop(lambda i: i < n, lambda i: (i + tf.cast(v.assign_add(1.0), tf.int32),), [0]),
            (i,),
        ),
        "autograph": (autograph, (x,)),
        "call": (lambda x: square(square(x)) + 1.0, (x,)),
        "call_stateful": (lambda x: stateful(x) * 2.0, (x,)),
        "arrays": (arrays, (x,)),
        "asserts": (asserts, (x,)),
        "checks": (checks, (x,)),
        "python": (lambda x: tf.py_function(lambda y: y, [x], tf.float32), (x,)),
        "numpy_function": (lambda x: tf.numpy_function(lambda y: y, [x], tf.float32), (x,)),
        "map": (lambda x: tf.map_fn(lambda y: y * 2.0, x), (rows,)),
        "custom": (lambda x: custom(x), (x,)),
        "stop_gradient": (lambda x: tf.stop_gradient(x) + tf.ensure_shape(x, []), (x,)),
        "vectorized": (lambda x: tf.vectorized_map(lambda y: y * 2.0, x), (rows,)),
    }


# Whose graphs differ from TensorFlow's, as the page on functions says: what is known is folded, small captured tensors
# are placeholders, functions are inlined, composed functions have no name scope, gradients and branches are our own.
DIFFERENT = frozenset(
    "constants variable_arg ragged eager eager_twice variable_read variable_convert scatter sparse_read embedding"
    " embedding_v integers logic getitem_tensor cast reductions_more filled filled_unknown gathers sorts random linalg"
    " clip conv losses norms tape gradients step grouped cond cond_stateful cond_named case case_pairs while"
    " while_stateful autograph call call_stateful arrays asserts checks python numpy_function map custom"
    " vectorized".split()
)


def cases(tf: Any) -> dict[str, Case]:
    """Functions, and the arguments that they are traced for, by name."""
    parts = (arguments, captures, operators, array_ops, layers, scopes, flow)
    return {name: case for part in parts for name, case in part(tf).items()}


def traced(tf: Any, case: Case) -> Any:
    """The concrete function of a case."""
    function, args = case
    return tf.function(function).get_concrete_function(*args)


def shape(x: Any) -> Any:
    return None if x.shape.rank is None else x.shape.as_list()


def operations(graph: Any) -> list[str]:
    """A line for each operation: type, name, inputs, control inputs, dtypes and shapes of the outputs."""
    lines = []
    for op in graph.get_operations():
        controls = "".join(sorted(f" ^{before.name}" for before in op.control_inputs))
        outputs = ", ".join(f"{y.dtype.name}{shape(y)}" for y in op.outputs)
        lines.append(f"{op.type} {op.name}({', '.join(x.name for x in op.inputs)}){controls} -> {outputs}")
    return lines


def attributes(message: Any) -> list[str]:
    """A line for each node of a `GraphDef`: its name and attributes, but for the elements of tensors."""
    lines = []
    for node in message.node:
        attrs = {key: value for key, value in sorted(node.attr.items()) if key not in HINTS}
        kinds = {key: value.WhichOneof("value") for key, value in attrs.items()}
        texts = [f"{key}={_text(attrs[key], kind)}" for key, kind in kinds.items()]
        lines.append(f"{node.name}: {'; '.join(texts)}")
    return lines


HINTS = ("_has_manual_control_dependencies", "_read_only_resource_inputs")  # for TensorFlow's own passes over graphs


def _text(value: Any, kind: str | None) -> str:
    return kind if kind in (None, "tensor", "func") else " ".join(str(getattr(value, kind)).split())


def asked(concrete: Any) -> dict[str, str]:
    """What else there is to ask of a concrete function and its graph."""
    graph = concrete.graph
    return {
        "inputs": str([concrete.inputs, graph.inputs]),
        "outputs": str([concrete.outputs, graph.outputs, concrete.structured_outputs, graph.structured_outputs]),
        "captures": str([placeholder for _, placeholder in graph.captures] + graph.internal_captures),
        "variables": str([[v.name for v in each] for each in (
            concrete.variables, concrete.trainable_variables, graph.variables, graph.trainable_variables
        )]),
        "signature": str([concrete.structured_input_signature, concrete.output_dtypes, concrete.output_shapes]),
        "printed": re.sub(r" +\d{8,}:", " ID:", str(concrete)) + concrete.pretty_printed_signature(verbose=False),
        "control outputs": str(sorted(op.name for op in graph.control_outputs)),
    }  # fmt: skip


def definition(concrete: Any) -> str:
    """The `FunctionDef`, as text, with the same name in each process."""
    message = type(concrete.function_def)()
    message.CopyFrom(concrete.function_def)
    message.signature.name = re.sub(r"_\d+$", "", message.signature.name)
    message.signature.control_output.sort()
    for node in message.node_def:
        inputs = [x for x in node.input if x[0] != "^"] + sorted(x for x in node.input if x[0] == "^")
        del node.input[:]
        node.input.extend(inputs)
        for hint in HINTS:
            node.attr.pop(hint, None)
        node.ClearField("experimental_type")
    fields = {}
    for field, value in message.ListFields():  # maps have no order of their own
        fields[field.name] = {str(k): str(value[k]) for k in sorted(value)} if hasattr(value, "keys") else str(value)
    return str(fields)


def shown(tf: Any, case: Case, messages: bool = True) -> dict[str, Any]:
    """All that is compared; without what needs the classes of messages if need be."""
    concrete = traced(tf, case)
    found = {"operations": operations(concrete.graph), **asked(concrete)}
    if messages:
        found["attributes"] = attributes(concrete.graph.as_graph_def())
        found["definition"] = definition(concrete)
    return found
