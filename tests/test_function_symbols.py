"""Symbols, concrete functions and the errors of tracing. Texts are those of TensorFlow 2.21."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.ops.common import shape_of


def traced(function, **options):
    """A `tf.function` of a function that is not read by AutoGraph."""
    return tf.function(function, autograph=False, **options)


def inside(function, *args, signature=None):
    """What `function` returns while it is traced, even if it is no Tensor."""
    results = []
    f = traced(lambda *args: results.append(function(*args)), input_signature=signature)
    f.get_concrete_function() if signature else f(*args)
    return results[0]


VECTOR = tf.constant([1.0, 2.0])
ROWS = tf.TensorSpec([None, 3], tf.float32)
ANY = tf.TensorSpec(None, tf.float32)


# -- what a symbol is not


@pytest.mark.parametrize("use", [lambda x: bool(x[0] > 0), lambda x: 1 if x[0] > 0 else 2, lambda x: not x[0]])
def test_no_truth(use):
    with pytest.raises(TypeError, match="Using a symbolic `tf.Tensor` as a Python `bool` is not allowed"):
        traced(use)(VECTOR)


@pytest.mark.parametrize("use", [iter, list, lambda x: [2 * y for y in x], lambda x: max(*x)])
def test_no_iteration(use):
    with pytest.raises(TypeError, match="Iterating over a symbolic `tf.Tensor` is not allowed"):
        traced(lambda x: use(x) and x)(VECTOR)


def test_no_truth_and_no_iteration_have_an_error_type_of_their_own():
    with pytest.raises(tf.errors.OperatorNotAllowedInGraphError):
        traced(lambda x: bool(x))(tf.constant(True))


@pytest.mark.parametrize("use", [np.array, np.asarray, np.sin, lambda x: np.ones(2, np.float32) * np.asarray(x)])
@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_no_arrays(use):
    with pytest.raises(NotImplementedError, match=r"Cannot convert a symbolic tf.Tensor \(x:0\) to a numpy array"):
        traced(lambda x: use(x))(VECTOR)


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (lambda x: x.numpy(), AttributeError, "has no attribute 'numpy'"),
        (len, TypeError, r"len is not well defined for a symbolic Tensor \(x:0\). Please call `x.shape` rather than"),
        (int, TypeError, r"int\(\) argument must be a string"),
        (float, TypeError, r"float\(\) argument must be a string"),
        (hash, TypeError, "Tensor is unhashable. Instead, use tensor.ref\\(\\) as the key"),
        (lambda x: [1, 2, 3][x], TypeError, "indices must be integers|interpreted as an integer"),
        (lambda x: range(x), TypeError, "cannot be interpreted as an integer"),
        (lambda x: x.no_such_thing, AttributeError, "no_such_thing"),
    ],
)
def test_other_things_symbols_are_not(use, error, message):
    with pytest.raises(error, match=message):
        traced(lambda x: use(x))(VECTOR)


# -- what a symbol is


def test_printed_forms():
    texts = inside(lambda x: [repr(x), str(x), f"{x}", str(x + 1.0), repr(x[0])], VECTOR)
    assert texts[0] == "<tf.Tensor 'args_0:0' shape=(2,) dtype=float32>"
    assert texts[1] == texts[2] == 'Tensor("args_0:0", shape=(2,), dtype=float32)'
    assert texts[3] == 'Tensor("add:0", shape=(2,), dtype=float32)'
    assert texts[4] == "<tf.Tensor 'strided_slice:0' shape=() dtype=float32>"


def test_printed_forms_with_unknown_sizes():
    assert inside(str, signature=[ROWS]) == 'Tensor("args_0:0", shape=(None, 3), dtype=float32)'
    assert inside(repr, signature=[ANY]) == "<tf.Tensor 'args_0:0' shape=<unknown> dtype=float32>"
    assert inside(str, signature=[ANY]) == 'Tensor("args_0:0", dtype=float32)'


def test_symbols_have_an_op_a_graph_and_a_name():
    def look(x):
        y = tf.multiply(x, 2.0, name="double")
        return y.name, y.op.type, y.op.name, y.graph is x.graph, y.value_index, y.op.inputs[0] is x, y.device

    assert inside(look, VECTOR) == ("double:0", "Mul", "double", True, 0, True, "")


def test_equality_is_elementwise_and_membership_by_reference():
    assert traced(lambda x: x == x)(VECTOR).numpy().tolist() == [True, True]
    assert traced(lambda x: x != 1.0)(VECTOR).numpy().tolist() == [False, True]
    assert inside(lambda x: x.ref() in {x.ref()}, VECTOR)


def test_operators_and_methods():
    def body(x, y):
        return [x + y, 1.0 - x, x * y, x / y, x**2.0, -x, abs(y), x // 2.0, x % 2.0, x[0], x[::-1], x < y]

    x, y = VECTOR, tf.constant([-3.0, 4.0])
    for eager, graph in zip(body(x, y), traced(body)(x, y)):
        assert eager.dtype == graph.dtype
        assert eager.numpy().tolist() == graph.numpy().tolist()


# -- shapes


@pytest.mark.parametrize(
    ("operation", "shape"),
    [
        (lambda x: x, [None, 3]),
        (lambda x: tf.transpose(x), [3, None]),
        (lambda x: tf.reduce_sum(x, 0), [3]),
        (lambda x: tf.reduce_sum(x, 1), [None]),
        (lambda x: tf.reduce_sum(x, 1, keepdims=True), [None, 1]),
        (lambda x: tf.reduce_sum(x), []),
        (lambda x: x @ tf.ones([3, 5]), [None, 5]),
        (lambda x: x[0], [3]),
        (lambda x: x[:, 1:], [None, 2]),
        (lambda x: x[2:], [None, 3]),
        (lambda x: x[..., tf.newaxis], [None, 3, 1]),
        (lambda x: x + tf.ones([3]), [None, 3]),
        (lambda x: x + tf.ones([4, 3]), [4, 3]),
        (lambda x: x + tf.ones([2, 1, 3]), [2, None, 3]),
        (lambda x: tf.concat([x, x], 0), [None, 3]),
        (lambda x: tf.concat([x, x], 1), [None, 6]),
        (lambda x: tf.stack([x, tf.ones([4, 3])]), [2, 4, 3]),
        (lambda x: tf.reshape(x, [-1]), [None]),
        (lambda x: tf.reshape(x, [-1, 1, 3]), [None, 1, 3]),
        (lambda x: tf.reshape(x, [tf.shape(x)[0], 3, 1]), [None, 3, 1]),
        (lambda x: tf.reshape(x, tf.shape(x)), [None, 3]),
        (lambda x: tf.shape(x), [2]),
        (lambda x: tf.zeros_like(x), [None, 3]),
        (lambda x: tf.zeros([tf.shape(x)[0], 4]), [None, 4]),
        (lambda x: tf.boolean_mask(x, x[:, 0] > 0), [None, 3]),
        (lambda x: tf.where(x > 0), [None, 2]),
        (lambda x: tf.gather(x, [0, 1]), [2, 3]),
        (lambda x: tf.range(tf.shape(x)[0]), [None]),
        (lambda x: tf.one_hot(tf.argmax(x, 1), 7), [None, 7]),
        (lambda x: tf.tile(x, [2, 2]), [None, 6]),
        (lambda x: tf.expand_dims(x, 0), [1, None, 3]),
        (lambda x: tf.ensure_shape(x, [4, None]), [4, 3]),
        (lambda x: tf.split(x, 3, axis=1)[0], [None, 1]),
        (lambda x: tf.unstack(x, axis=1)[0], [None]),
        (lambda x: tf.broadcast_to(x, [2, 4, 3]), [2, 4, 3]),
        (lambda x: tf.pad(x, [[0, 0], [1, 1]]), [None, 5]),
    ],
)
def test_static_shapes_with_an_unknown_size(operation, shape):
    assert inside(lambda x: operation(x).shape.as_list(), signature=[ROWS]) == shape
    value = tf.reshape(tf.range(12.0), [4, 3])
    result = tf.function(operation, input_signature=[ROWS], autograph=False)(value)
    np.testing.assert_array_equal(result.numpy(), operation(value).numpy())


def test_the_shape_is_static_and_tf_shape_is_not():
    f = traced(lambda x: (tf.shape(x), tf.size(x), tf.rank(x)), input_signature=[ROWS])
    shape, size, rank = f(tf.ones([5, 3]))
    assert shape.numpy().tolist() == [5, 3]
    assert (size.numpy(), rank.numpy()) == (15, 2)


def test_unknown_rank():
    def look(x):
        return x.shape.rank, (x + 1.0).shape.rank, tf.reduce_sum(x).shape.rank, tf.shape(x).shape.as_list()

    assert inside(look, signature=[ANY]) == (None, None, 0, [None])
    f = traced(lambda x: tf.reshape(x, tf.concat([tf.shape(x), [1]], 0)), input_signature=[ANY])
    assert f(tf.ones([2, 3])).shape == (2, 3, 1)


def test_set_shape_refines():
    def look(x):
        x.set_shape([4, None])
        return x.shape.as_list()

    assert inside(look, signature=[ROWS]) == [4, 3]
    with pytest.raises(ValueError, match="Dimension 1 in both shapes must be equal, but are 3 and 2"):
        traced(lambda x: x.set_shape([None, 2]), input_signature=[ROWS]).get_concrete_function()


# -- shape and dtype errors are raised while tracing


@pytest.mark.parametrize(
    ("operation", "error", "message"),
    [
        (lambda x: tf.matmul(x, x), ValueError, "Dimensions must be equal, but are 3 and 2 for"),
        (lambda x: x + tf.ones([4]), ValueError, "Dimensions must be equal, but are 3 and 4 for"),
        (lambda x: tf.reshape(x, [4]), ValueError, r"Cannot reshape a tensor with 6 elements to shape \[4\] \(4 elem"),
        (lambda x: tf.concat([x, tf.ones([2])], 0), ValueError, "Shape must be rank 2 but is rank 1 for"),
        (lambda x: x + tf.ones([2, 3], tf.float64), TypeError, "Input 'y' of 'AddV2' Op has type float64 that does"),
        (lambda x: x + "a", TypeError, "Input 'y' of 'AddV2' Op has type string that does not match"),
        (lambda x: tf.cast(x, tf.int32) + 1.5, TypeError, "Input 'y' of 'AddV2' Op has type float32 that does"),
    ],
)
def test_shape_and_dtype_errors(operation, error, message):
    ran = []
    with pytest.raises(error, match=message):
        traced(lambda x: (tf.py_function(lambda: ran.append(1), [], []), operation(x))[1])(tf.ones([2, 3]))
    assert ran == []


def test_errors_that_depend_on_values_are_raised_when_the_function_runs():
    f = traced(lambda x, i: tf.gather(x, i))
    assert f(VECTOR, tf.constant(1)).numpy() == 2.0
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices = 5 is not in \[0, 2\)"):
        f(VECTOR, tf.constant(5))
    g = traced(tf.matmul, input_signature=[ROWS, ROWS])
    with pytest.raises((tf.errors.InvalidArgumentError, ValueError)):
        g(tf.ones([2, 3]), tf.ones([2, 3]))


def test_sizes_that_were_unknown_are_checked_when_the_function_runs():
    free = tf.TensorSpec([None], tf.float32)
    f = traced(lambda x, y: x + y, input_signature=[free, free])
    assert f([1.0, 2.0], [1.0]).shape == (2,)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"ncompatible shapes: \[2\] vs. \[3\]"):
        f(tf.ones(2), tf.ones(3))


def test_an_exception_while_tracing_leaves_nothing_behind():
    v = tf.Variable(1.0)
    fail = [True]

    def body(x):
        v.assign_add(x)
        if fail[0]:
            raise KeyError("mine")
        return v.read_value()

    f = traced(body)
    with pytest.raises(KeyError, match="mine"):
        f(tf.constant(1.0))
    assert tf.executing_eagerly()
    assert v.numpy() == 1.0
    assert f.experimental_get_tracing_count() == 0
    fail[0] = False
    assert f(tf.constant(1.0)).numpy() == 2.0


# -- leaks


@pytest.fixture
def leaked():
    leaks = []
    traced(lambda x: leaks.append(x + 1.0))(VECTOR)
    return leaks[0]


@pytest.mark.parametrize("use", [lambda x: x + 1.0, lambda x: 1.0 - x, tf.identity, tf.reduce_sum])
def test_symbols_cannot_be_used_outside(leaked, use):
    with pytest.raises(TypeError, match="<tf.Tensor 'add:0' shape=\\(2,\\) dtype=float32> is out of scope and cannot"):
        use(leaked)


def test_symbols_cannot_be_used_in_another_function(leaked):
    with pytest.raises(TypeError, match="is out of scope and cannot be used here. Use return values"):
        traced(lambda x: x + leaked)(VECTOR)


def test_symbols_outside_can_still_be_looked_at(leaked):
    assert repr(leaked) == "<tf.Tensor 'add:0' shape=(2,) dtype=float32>"
    assert leaked.shape == (2,)
    with pytest.raises(AttributeError):
        leaked.numpy()


def test_symbols_do_not_go_to_another_thread():
    errors = []

    def body(x):
        def work():
            try:
                x + 1.0
            except TypeError as error:
                errors.append(str(error))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return x

    traced(body)(VECTOR)
    assert len(errors) == 1
    assert "is out of scope" in errors[0]


# -- concrete functions


@pytest.fixture
def concrete():
    return tf.function(lambda x, y=2: x * y).get_concrete_function(tf.TensorSpec([None], tf.float32))


def test_a_concrete_function_takes_tensors(concrete):
    assert concrete(VECTOR).numpy().tolist() == [2.0, 4.0]
    assert concrete(x=VECTOR).numpy().tolist() == [2.0, 4.0]
    assert concrete(VECTOR, y=2).numpy().tolist() == [2.0, 4.0]
    assert concrete(tf.ones(5)).shape == (5,)


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((), {}, "missing a required argument: 'x'"),
        ((1.0, 2, 3), {}, "too many positional arguments"),
        ((), {"z": 1.0}, "missing a required argument: 'x'"),
        ((VECTOR,), {"y": 3}, r"Can not cast 3 to Literal\[2\]"),
    ],
)
def test_a_concrete_function_refuses_other_arguments(concrete, args, kwargs, message):
    with pytest.raises(TypeError, match=f"Binding inputs to tf.function failed due to `{message}`"):
        concrete(*args, **kwargs)


def test_a_concrete_function_does_not_retrace(concrete):
    with pytest.raises(tf.errors.InvalidArgumentError, match="expected to be a float tensor but is a int32 tensor"):
        concrete(tf.constant([1, 2]))


def test_concrete_functions_are_those_that_calls_use():
    f = traced(lambda x: x + 1)
    assert f.get_concrete_function(tf.constant(1)) is f.get_concrete_function(tf.constant(2))
    assert f.get_concrete_function(tf.TensorSpec([], tf.int32)) is f.get_concrete_function(tf.constant(2))
    f(tf.constant(5))
    assert f.experimental_get_tracing_count() == 1


def test_a_concrete_function_for_a_python_value():
    f = tf.function(lambda x, power: x**power)
    square = f.get_concrete_function(tf.TensorSpec([], tf.float32), 2)
    assert square(tf.constant(3.0)).numpy() == 9.0
    assert square(tf.constant(3.0), 2).numpy() == 9.0


def test_concrete_functions_of_signatures_and_methods():
    class Scale:
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def double(self, x):
            return {"y": x * 2}

    scale = Scale()
    concrete = scale.double.get_concrete_function()
    assert concrete(tf.constant([1.0]))["y"].numpy().tolist() == [2.0]


def test_sizes_and_tensors_are_computed_together():
    @tf.function(autograph=False, jit_compile=False, input_signature=[ROWS, tf.TensorSpec([], tf.int32)])
    def function(x, n):
        size = shape_of(x)[0]
        numbers = [size + n, n + size, size - n, n - size, size * n, n * size, size // n, n // size, size % n, n % size]
        return tf.stack(numbers), tf.reshape(x, (size * 3 // n, n)), np.int64(2) * size

    numbers, pairs, double = function(tf.ones([4, 3]), 2)
    assert numbers.numpy().tolist() == [6, 6, 2, -2, 8, 8, 2, 0, 0, 2]
    assert pairs.shape == (6, 2)
    assert double == 8


def test_ranks_follow_from_the_lengths_of_shapes():
    seen = {}

    @tf.function(input_signature=[tf.TensorSpec([3], tf.int32), tf.TensorSpec([None, 4])])
    def f(a, x):
        seen["reshape"] = tf.reshape(tf.zeros([6]), a).shape.as_list()
        seen["fill"] = tf.fill(a, 1.0).shape.as_list()
        seen["broadcast"] = tf.broadcast_to(1.0, a).shape.as_list()
        seen["uniform"] = tf.random.uniform(a).shape.as_list()
        seen["reversed"] = tf.reshape(x, tf.reverse(tf.shape(x), [0])).shape.as_list()
        wider = tf.pad(tf.shape(tf.zeros([2, 3])), [[1, 0]], constant_values=1)
        seen["padded"] = tf.reshape(tf.zeros([2, 3]), wider).shape.as_list()
        seen["chosen"] = tf.reshape(tf.zeros([6]), tf.where([True, False], [2, 2], [3, 3])).shape.as_list()
        return tf.reshape(tf.zeros([6]), a)

    assert f(tf.constant([1, 2, 3]), tf.zeros([1, 4])).shape == [1, 2, 3]
    for name in ("reshape", "fill", "broadcast", "uniform"):
        assert seen[name] == [None] * 3
    assert (seen["reversed"], seen["padded"], seen["chosen"]) == ([None, None], [1, 2, 3], [2, 3])


def test_of_tensors_of_unknown_rank_is_known_what_other_inputs_say():
    seen = {}

    @tf.function(input_signature=[tf.TensorSpec(None), tf.TensorSpec([2, 3])])
    def f(x, diagonal):
        seen["tile"] = tf.tile(x, [2, 1]).shape.as_list()
        seen["slice"] = tf.slice(x, [0, 1], [-1, 1]).shape.as_list()
        seen["set_diag"] = tf.linalg.set_diag(x[None], diagonal[:1, :2]).shape.as_list()
        return tf.tile(x, [2, 1])

    assert f(tf.ones([2, 2]), tf.ones([2, 3])).shape == [4, 2]
    assert seen == {"tile": [None, None], "slice": [None, 1], "set_diag": [1, None, None]}
