"""Variables: what they are, what changes them, and what that leaves unchanged."""

from __future__ import annotations

import copy
import gc
import pickle
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.state.handle import Handle


def slices(values, indices, dtype=None):
    return tf.IndexedSlices(tf.constant(values, dtype), tf.constant(indices))


def raises(error, text, call, *args, **kwargs):
    with pytest.raises(error) as caught:
        call(*args, **kwargs)
    message = str(caught.value).partition(" [Op:")[0]
    assert message == text


# --- making


def test_what_it_is():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="w")
    assert (v.name, v.dtype, v.shape, v.trainable) == ("w:0", tf.float32, [2, 2], True)
    assert v.synchronization is tf.VariableSynchronization.AUTO
    assert v.aggregation is tf.VariableAggregation.NONE
    assert v.constraint is None
    assert v.device == "/job:localhost/replica:0/task:0/device:CPU:0"
    assert v.get_shape().as_list() == [2, 2]
    assert not isinstance(v, tf.Tensor)
    assert isinstance(v, tf.Variable)
    assert bool(v.is_initialized())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "<tf.Variable 'Variable:0' shape=() dtype=float32, numpy=5.0>"),
        ("a", "<tf.Variable 'Variable:0' shape=() dtype=string, numpy=b'a'>"),
        (
            [[1, 2], [3, 4]],
            "<tf.Variable 'Variable:0' shape=(2, 2) dtype=int32, numpy=\narray([[1, 2],\n       [3, 4]], dtype=int32)>",
        ),
        ([1.5], "<tf.Variable 'Variable:0' shape=(1,) dtype=float32, numpy=array([1.5], dtype=float32)>"),
    ],
)
def test_printing(value, text):
    v = tf.Variable(value)
    assert repr(v) == str(v) == f"{v}" == text


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        (1, None, tf.int32),
        (1, tf.float32, tf.float32),
        (1.0, "float64", tf.float64),
        (np.float64(1), tf.float32, tf.float32),
        (np.zeros(2), None, tf.float64),
        (lambda: 3, tf.float64, tf.float64),
        (lambda: [1.0, 2.0], None, tf.float32),
        (True, None, tf.bool),
    ],
)
def test_dtype(value, dtype, expected):
    assert tf.Variable(value, dtype=dtype).dtype is expected


def test_of_another_variable_is_a_copy():
    v = tf.Variable([1.0, 2.0])
    w = tf.Variable(v)
    v.assign_add([1.0, 1.0])
    assert w.numpy().tolist() == [1.0, 2.0]


def test_arguments_that_do_not_fit():
    missing = (
        "The `initial_value` arg to `tf.Variable` must be specified except when you are not providing a "
        "`variable_def`. You provided neither."
    )
    raises(ValueError, missing, tf.Variable)
    raises(
        ValueError,
        "In this `tf.Variable` creation, the initial value's shape ((2,)) is not compatible with the explicitly "
        "supplied `shape` argument ([3]).",
        tf.Variable,
        [1.0, 2.0],
        shape=[3],
    )
    raises(
        ValueError,
        "initial_value: Tensor conversion requested dtype float64 for Tensor with dtype float32: "
        "<tf.Tensor: shape=(), dtype=float32, numpy=1.0>",
        tf.Variable,
        tf.constant(1.0),
        dtype=tf.float64,
    )
    raises(TypeError, "Cannot convert 1.0 to EagerTensor of dtype int32", tf.Variable, 1.0, dtype=tf.int32)
    raises(
        ValueError,
        "Argument `constraint` must be None or a callable. a callable. Got a <class 'int'>:  5",
        tf.Variable,
        1.0,
        constraint=5,
    )
    raises(
        ValueError, "Invalid variable synchronization mode: x for variable: None", tf.Variable, 1.0, synchronization="x"
    )
    raises(ValueError, "Invalid variable aggregation mode: x for variable: None", tf.Variable, 1.0, aggregation="x")
    raises(ValueError, "name for name_scope must be a string.", tf.Variable, 1.0, name=3)
    raises(
        ValueError,
        "The variable_def and initial_value args to `tf.Variable` are mutually exclusive, but got both: "
        "variable_def=5,\ninitial_value=1.0",
        tf.Variable,
        1.0,
        variable_def=5,
    )


def test_modes():
    on_read = tf.VariableSynchronization.ON_READ
    assert not tf.Variable(1.0, synchronization=on_read).trainable
    assert tf.Variable(1.0, True, synchronization=on_read).trainable
    assert tf.Variable(1.0, aggregation=3).aggregation is tf.VariableAggregation.ONLY_FIRST_REPLICA
    assert tf.Variable(1.0, aggregation=None).aggregation is tf.VariableAggregation.NONE
    assert tf.Variable(1.0, constraint=abs).constraint is abs


def test_names():
    assert tf.Variable(1.0, name="a/b").name == "a/b:0"
    assert tf.Variable(1.0, name="").name == ":0"
    with tf.name_scope("s"), tf.name_scope("t"):
        assert tf.Variable(1.0).name == "s/t/Variable:0"
        assert tf.Variable(1.0, name="u/").name == "u:0"


# --- assigning


def test_assign():
    v = tf.Variable(5.0)
    view = v.assign(3.0)
    assert repr(view) == "<tf.Variable 'UnreadVariable' shape=() dtype=float32, numpy=3.0>"
    assert view.assign_add(1.0).numpy() == v.numpy() == view.numpy() == view.read_value().numpy() == 4.0
    assert v.assign(np.float64(2.0)).dtype is tf.float32
    assert v.assign(3.0, read_value=False) is None
    assert v.assign_sub(1.0, read_value=False) is None
    assert v.numpy() == 2.0
    assert isinstance(view, tf.Variable)
    assert view.trainable is True
    assert view.handle is v.handle


def test_assign_what_does_not_fit():
    v = tf.Variable(2.0)
    w = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="w")
    shape = (
        "Cannot assign value to variable ' {}': Shape mismatch.The variable shape {}, and the assigned value shape {} "
        "are incompatible."
    )
    raises(ValueError, shape.format("Variable:0", "()", "(1,)"), v.assign, [1.0])
    raises(ValueError, shape.format("w:0", "(2, 2)", "(2,)"), w.assign, [1.0, 2.0])
    dtype = (
        "Tensor conversion requested dtype float32 for Tensor with dtype float64: "
        "<tf.Tensor: shape=(), dtype=float64, numpy=2.0>"
    )
    for method in (v.assign, v.assign_add, v.assign_sub):
        raises(ValueError, dtype, method, tf.constant(2.0, tf.float64))
    none = "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor."
    raises(ValueError, none, v.assign, None)
    update = "Cannot update variable with shape {} using a Tensor with shape {}, shapes must be equal."
    raises(tf.errors.InvalidArgumentError, update.format("[]", "[1]"), v.assign_add, [1.0])
    raises(tf.errors.InvalidArgumentError, update.format("[2,2]", "[]"), w.assign_add, 1.0)
    raises(tf.errors.InvalidArgumentError, update.format("[2,2]", "[2]"), w.assign_sub, [1.0, 2.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match="AssignAddVariableOp"):
        tf.Variable([True]).assign_add([True])
    assert v.numpy() == 2.0
    assert w.numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("dtype", [tf.uint8, tf.int32, tf.float16, tf.bfloat16, tf.float64, tf.complex64])
def test_updates_keep_the_dtype(dtype):
    for value, delta in ((7, 3), ([7, 9], [3, 2])):
        v = tf.Variable(value, dtype=dtype)
        v.assign_sub(delta)
        v.assign_add(delta)
        assert v.read_value().dtype is dtype
        assert np.array_equal(v.numpy().astype(np.complex64), np.array(value, np.complex64))


def test_integers_wrap():
    assert tf.Variable(2**31 - 1).assign_add(1).numpy() == -(2**31)
    assert tf.Variable([1, 2], dtype=tf.uint8).assign_sub([2, 3]).numpy().tolist() == [255, 255]


def test_shapes_that_may_change():
    v = tf.Variable([1.0, 2.0], shape=tf.TensorShape(None))
    assert repr(v) == "<tf.Variable 'Variable:0' shape=<unknown> dtype=float32, numpy=array([1., 2.], dtype=float32)>"
    v.assign([[1.0, 2.0, 3.0]])
    assert v.read_value().shape == [1, 3]
    p = tf.Variable([[1.0, 2.0]], shape=[None, 2])
    p.assign(np.ones((3, 2), np.float32))
    raises(
        ValueError,
        "Cannot assign value to variable ' Variable:0': Shape mismatch.The variable shape (None, 2), and the assigned "
        "value shape (3, 3) are incompatible.",
        p.assign,
        np.ones((3, 3), np.float32),
    )
    p.set_shape([3, 2])
    assert p.shape == [3, 2]
    raises(ValueError, "Shapes (3, 2) and (3, 3) are not compatible", p.set_shape, [3, 3])


def test_count_up_to():
    v = tf.Variable(0)
    assert [v.count_up_to(2).numpy() for _ in range(2)] == [0, 1]
    raises(tf.errors.OutOfRangeError, "Reached limit of 2", v.count_up_to, 2)
    assert v.numpy() == 2
    raises(tf.errors.InvalidArgumentError, "input is not a scalar: [1]", tf.Variable([0]).count_up_to, 2)
    text = "Value for attr 'T' of float is not in the list of allowed values: int32, int64"
    raises(tf.errors.InvalidArgumentError, text, tf.Variable(0.0).count_up_to, 2)


# --- rows and elements


def test_scatter():
    v = tf.Variable([1.0, 2.0, 3.0, 4.0])
    assert v.scatter_sub(slices([1.0, 1.0, 1.0], [0, 0, 2])).numpy().tolist() == [-1, 2, 2, 4]
    assert v.scatter_add(slices(1.0, [0, 0, 2])).numpy().tolist() == [1, 2, 3, 4]
    assert v.scatter_add(tf.IndexedSlices([1.0, 2.0], [1, 2])).numpy().tolist() == [1, 3, 5, 4]
    assert v.scatter_max(slices([5.0, 1.0, 7.0], [0, 0, 2])).numpy().tolist() == [5, 3, 7, 4]
    assert v.scatter_min(slices([5.0, 1.0, 0.0], [0, 0, 2])).numpy().tolist() == [1, 3, 0, 4]
    assert v.scatter_mul(slices([2.0, 2.0, 2.0], [1, 1, 2])).numpy().tolist() == [1, 12, 0, 4]
    assert v.scatter_div(slices([2.0, 2.0, 2.0], [1, 1, 2])).numpy().tolist() == [1, 3, 0, 4]
    assert v.scatter_update(slices([2.0, 3.0, 4.0], [1, 1, 2])).numpy().tolist() == [1, 3, 4, 4]
    m = tf.Variable([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    assert m.scatter_sub(slices([[1.0, 2.0], [3.0, 4.0]], [2, 2])).numpy().tolist() == [[0, 1], [2, 3], [0, -1]]
    assert m.scatter_sub(slices([1.0, 2.0], 1)).numpy().tolist() == [[0, 1], [1, 1], [0, -1]]
    assert m.scatter_update(slices([[[1.0, 2.0]]], [[1]])).numpy().tolist() == [[0, 1], [1, 2], [0, -1]]
    s = tf.Variable(["a", "b"])
    assert s.scatter_update(slices(["z"], [1])).numpy().tolist() == [b"a", b"z"]


def test_scatter_of_nan_and_integers():
    nan = float("nan")
    for method in ("scatter_max", "scatter_min"):
        v = tf.Variable([nan, 1.0])
        getattr(v, method)(slices([2.0, nan], [0, 1]))
        assert np.array_equal(v.numpy(), [nan, 1.0], equal_nan=True)
    assert tf.Variable([7, -7]).scatter_div(slices([2, 2], [0, 1])).numpy().tolist() == [3, -3]


def test_scatter_what_does_not_fit():
    v = tf.Variable([1.0, 2.0, 3.0, 4.0])
    invalid = tf.errors.InvalidArgumentError
    raises(invalid, "indices[2] = 4 is not in [0, 4)", v.scatter_update, slices([2.0, 3.0, 4.0], [1, 1, 4]))
    raises(invalid, "indices[1] = -1 is not in [0, 4)", v.scatter_add, slices([2.0, 3.0, 4.0], [1, -1, 3]))
    raises(
        invalid,
        "The shape of indices ([3]) must be a prefix of the shape of updates ([2])",
        v.scatter_update,
        slices([2.0, 3.0], [1, 1, 3]),
    )
    must = (
        "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], "
        "got updates.shape {}, indices.shape {}, params.shape {}"
    )
    raises(invalid, must.format("[1,2]", "[1]", "[4]"), v.scatter_update, slices([[2.0, 3.0]], [1]))
    raises(invalid, must.format("[2]", "[2,1]", "[4]"), v.scatter_update, slices([2.0, 3.0], [[1], [2]]))
    raises(invalid, must.format("[1]", "[1]", "[]"), tf.Variable(1.0).scatter_add, slices([1.0], [0]))
    raises(invalid, "updates must not contain 0", v.scatter_div, slices([0.0], [0]))
    raises(
        ValueError,
        "Tensor conversion requested dtype float32 for Tensor with dtype int32: "
        "<tf.Tensor: shape=(2,), dtype=int32, numpy=array([2, 3], dtype=int32)>",
        v.scatter_update,
        slices([2, 3], [1, 2]),
    )
    text = "Value for attr 'Tindices' of float is not in the list of allowed values: int32, int64"
    raises(invalid, text, v.scatter_update, slices([2.0, 3.0], [1.0, 2.0]))
    raises(TypeError, "Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: 5", v.scatter_update, 5)
    text = "Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: [1.]"
    raises(TypeError, text, v.scatter_add, tf.constant([1.0]))
    with pytest.raises(
        invalid, match="Value for attr 'dtype' of string is not in the list of allowed values: float, double"
    ):
        tf.Variable(["a"]).scatter_add(slices(["z"], [0]))
    assert v.numpy().tolist() == [1.0, 2.0, 3.0, 4.0]


def test_scatter_nd():
    m = tf.Variable([[0.0, 0.0], [1.0, 2.0], [0.0, 0.0]])
    assert m.scatter_nd_sub([[0, 1], [2, 0]], [1.0, 2.0]).numpy().tolist() == [[0, -1], [1, 2], [-2, 0]]
    assert m.scatter_nd_add([[0], [0]], [[1.0, 2.0], [1.0, 1.0]]).numpy().tolist() == [[2, 2], [1, 2], [-2, 0]]
    assert m.scatter_nd_update([[0], [0]], [[1.0, 2.0], [1.0, 1.0]]).numpy().tolist() == [[1, 1], [1, 2], [-2, 0]]
    assert m.scatter_nd_max([[0], [0]], [[1.0, 2.0], [5.0, 1.0]]).numpy().tolist() == [[5, 2], [1, 2], [-2, 0]]
    assert m.scatter_nd_min([[0], [0]], [[1.0, 2.0], [5.0, 1.0]]).numpy().tolist() == [[1, 1], [1, 2], [-2, 0]]
    b = tf.Variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    b.batch_scatter_update(slices([[9.0, 8.0], [7.0, 6.0]], [[0, 1], [2, 0]]))
    assert b.numpy().tolist() == [[9, 8, 3], [6, 5, 7]]


def test_scatter_nd_what_does_not_fit():
    invalid = tf.errors.InvalidArgumentError
    m = tf.Variable(np.zeros((3, 2), np.float32))
    c = tf.Variable(np.zeros((2, 3, 4), np.float32))
    bad = "indices[1] = {} does not index into shape [3,2]"
    raises(invalid, bad.format("[3]"), m.scatter_nd_update, [[0], [3]], [[1.0, 2.0], [1.0, 1.0]])
    raises(invalid, bad.format("[0, -1]"), m.scatter_nd_update, [[0, 0], [0, -1]], [1.0, 2.0])
    inner = "Dimensions [{}) of input[shape={}] must match dimensions [{}) of updates[shape={}]"
    raises(invalid, inner.format("1,2", "[3,2]", "1,1", "[2]"), m.scatter_nd_update, [[0], [1]], [1.0, 2.0])
    raises(invalid, inner.format("4,3", "[2,3,4]", "4,1", "[1]"), c.scatter_nd_update, [[0, 1, 2, 3]], [1.0])
    raises(invalid, inner.format("2,3", "[2,3,4]", "2,1", "[1]"), c.scatter_nd_update, [[0, 0]], [1.0])
    raises(
        invalid,
        "Dimensions [0,1) of indices[shape=[3,1]] = 3 must match dimensions [0,1) of updates[shape=[2,3,4]] = 2",
        c.scatter_nd_update,
        [[0], [1], [0]],
        np.ones((2, 3, 4), np.float32),
    )
    raises(
        invalid,
        "Dimensions [0,2) of indices[shape=[1,2,1]] must match dimensions [0,2) of updates[shape=[1,1,3,4]]",
        c.scatter_nd_update,
        [[[0], [1]]],
        np.ones((1, 1, 3, 4), np.float32),
    )
    text = "indices[2] = [7] does not index into shape [3,2]"
    raises(invalid, text, m.scatter_nd_add, [[9], [0], [7]], np.ones((3, 2), np.float32))
    text = "Output must be at least 1-D, got shape: []"
    raises(invalid, text, tf.Variable(1.0).scatter_nd_update, [[0]], [1.0])
    assert not m.numpy().any()
    assert not c.numpy().any()


INDICES = st.lists(st.integers(0, 5), max_size=40)


@given(
    st.data(),
    INDICES,
    st.sampled_from(["add", "sub", "mul", "max", "min", "update"]),
    st.sampled_from([(), (1,), (3,)]),
)
def test_scatter_beside_a_loop(data, indices, how, inner):
    elements = st.integers(-8, 8)
    values = [data.draw(elements) for _ in range(6 * int(np.prod(inner)))]
    updates = [data.draw(elements) for _ in range(len(indices) * int(np.prod(inner)))]
    for dtype in (np.float32, np.int64):
        array = np.array(values, dtype).reshape(6, *inner)
        delta = np.array(updates, dtype).reshape(len(indices), *inner)
        v = tf.Variable(array)
        getattr(v, f"scatter_{how}")(tf.IndexedSlices(delta, np.array(indices, np.int32)))
        functions = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "max": np.maximum, "min": np.minimum}
        for index, row in zip(indices, delta):
            array[index] = functions[how](array[index], row) if how != "update" else row
        assert np.array_equal(v.numpy(), array)


@pytest.mark.parametrize("dtype", [np.float32, np.int32, np.float16])
def test_scatter_of_one_row_very_often(dtype):
    v = tf.Variable(np.zeros((3, 2), dtype))
    v.scatter_add(tf.IndexedSlices(np.ones((500, 2), dtype), np.r_[np.ones(499, int), 2]))
    assert v.numpy().tolist() == [[0, 0], [499, 499], [1, 1]]
    v.scatter_max(tf.IndexedSlices(np.arange(1000).reshape(500, 2).astype(dtype), np.ones(500, int)))
    assert v.numpy().tolist() == [[0, 0], [998, 999], [1, 1]]


def test_scatter_into_nothing():
    v = tf.Variable(np.zeros((3, 0), np.float32))
    v.scatter_add(tf.IndexedSlices(np.zeros((2, 0), np.float32), [0, 0]))
    v.scatter_nd_add([[0], [1]], np.zeros((2, 0), np.float32))
    w = tf.Variable([1.0])
    w.scatter_add(tf.IndexedSlices(np.zeros(0, np.float32), np.zeros(0, int)))
    assert w.numpy() == [1.0]


def test_scatter_into_a_transposed_array():
    array = np.zeros((2, 3), np.float32).T
    v = tf.Variable(array)
    v.assign_add(np.ones((3, 2), np.float32))
    v.scatter_nd_add([[0, 1], [2, 0]], [1.0, 2.0])
    v.scatter_add(slices([[1.0, 1.0]], [1]))
    assert v.numpy().tolist() == [[1, 2], [2, 2], [3, 1]]


# --- slices


def test_slices_can_be_assigned():
    w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    view = w[0].assign([9.0, 9.0])
    assert repr(view).startswith("<tf.Variable 'UnreadVariable' shape=(2, 2)")
    assert w.numpy().tolist() == [[9, 9], [3, 4]]
    w[:, 1].assign([7.0, 7.0])
    w[0:1].assign([[1.0, 1.0]], name="x")
    w[tf.constant(1), 0].assign(5)
    assert w.numpy().tolist() == [[1, 1], [5, 7]]
    w[0].assign(2.0)
    w[0, 0].assign([[2.0]])
    w[..., tf.newaxis, 1].assign([[8.0], [8.0]])
    w[::-1][0].numpy()
    w[::-1].assign([[1.0, 2.0], [3.0, 4.0]])
    assert w.numpy().tolist() == [[3, 4], [1, 2]]
    w[0:0].assign(np.ones((0, 2), np.float32))
    assert tf.Variable(3.0)[...].assign(4.0).numpy() == 4.0
    s = tf.Variable(["a", "b"])
    assert s[0].assign("z").numpy().tolist() == [b"z", b"b"]


def test_slices_that_do_not_fit():
    w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    text = "Cannot broadcast input shape [2,1] into final shape [2]"
    raises(tf.errors.InvalidArgumentError, text, w[0].assign, [[1.0], [2.0]])
    text = "Cannot broadcast input shape [2] into final shape []"
    raises(tf.errors.InvalidArgumentError, text, w[0, 0].assign, [1.0, 2.0])
    text = "Cannot broadcast input shape [3] into final shape [2]"
    raises(tf.errors.InvalidArgumentError, text, w[0].assign, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="Tensor conversion requested dtype float32"):
        w[0].assign(tf.constant([1, 2]))
    with pytest.raises(AttributeError):
        w[w > 2.0].assign([1.0])
    with pytest.raises(AttributeError):
        w.value()[0].assign([1.0])
    assert w.numpy().tolist() == [[1, 2], [3, 4]]


def test_a_slice_keeps_its_value():
    w = tf.Variable([1.0, 2.0, 3.0])
    part = w[1:]
    part.assign([8.0, 9.0])
    assert part.numpy().tolist() == [2.0, 3.0]
    w[:2].assign(w[1:])
    assert w.numpy().tolist() == [8.0, 9.0, 9.0]


# --- operators and Python


def test_operators():
    w = tf.Variable([[2.0, 3.0], [4.0, 5.0]])
    x = w.numpy()
    for got, expected in [
        (w + w, x + x), (w * 2, x * 2), (2 * w, 2 * x), (w - 1, x - 1), (1 - w, 1 - x), (w / 2, x / 2), (2 / w, 2 / x),
        (w // 2, x // 2), (2 // w, 2 // x), (w % 2, x % 2), (w**2, x**2), (-w, -x), (abs(w), x), (w @ w, x @ x),
        (w < 3, x < 3), (w >= 3, x >= 3), (w == 3.0, x == 3), (w != 3.0, x != 3), (x * w, x * x),
        (np.float32(2) * w, 2 * x),
        (x @ w, x @ x),
    ]:  # fmt: skip
        assert type(got) is tf.Tensor
        np.testing.assert_allclose(got.numpy(), expected, rtol=1e-6)
    assert (~tf.Variable(True)).numpy() == np.False_
    assert (True | tf.Variable(False)).numpy() == np.True_
    assert (tf.Variable("a") + "b").numpy() == b"ab"


def test_operators_in_place():
    w = tf.Variable([1.0, 2.0])
    use = (
        "`{0} {1}= value` with `tf.Variable`s is not supported. Use `{0}.{2}` to modify the variable, "
        "or `out = {3}` if you need to get a new output Tensor."
    )
    for sign, word, method, out in [
        ("+", "variable", "assign_add(value)", "variable + value"),
        ("-", "variable", "assign_sub(value)", "variable * value"),
        ("*", "var", "assign(var * value)", "var * value"),
        ("/", "var", "assign(var / value)", "var / value"),
        ("**", "var", "assign(var ** value)", "var ** value"),
    ]:
        raises(RuntimeError, use.format(word, sign, method, out), exec, f"w {sign}= 2", {"w": w})
    x = w
    x //= 2
    assert type(x) is tf.Tensor
    assert w.numpy().tolist() == [1.0, 2.0]


def test_equality_with_none_is_an_error():
    text = "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor."
    raises(ValueError, text, lambda: tf.Variable(1.0) == None)  # noqa: E711
    raises(ValueError, text, lambda: tf.Variable(1.0) != None)  # noqa: E711


def test_dtypes_do_not_mix():
    w = tf.Variable([1.0])
    text = "cannot compute AddV2 as input #1(zero-based) was expected to be a float tensor but is a double tensor"
    raises(tf.errors.InvalidArgumentError, text, lambda: w + tf.constant(1.0, tf.float64))
    text = "cannot compute AddV2 as input #1(zero-based) was expected to be a double tensor but is a float tensor"
    raises(tf.errors.InvalidArgumentError, text, lambda: tf.constant(1.0, tf.float64) + w)


def test_conversion():
    w = tf.Variable([1.0, 2.0], name="w")
    assert tf.convert_to_tensor(w).numpy().tolist() == [1.0, 2.0]
    text = (
        "Incompatible type conversion requested to type float64 for `tf.Variable of type float32. "
        "(Variable: <tf.Variable 'w:0' shape=(2,) dtype=float32, numpy=array([1., 2.], dtype=float32)>)"
    )
    raises(ValueError, text, tf.convert_to_tensor, w, tf.float64)
    assert tf.convert_to_tensor([tf.Variable(1.0), tf.Variable(2.0)]).numpy().tolist() == [1.0, 2.0]
    array = np.asarray(w)
    array[0] = 99.0
    assert w.numpy().tolist() == [1.0, 2.0]
    assert np.array(w, np.float64).dtype == np.float64


def test_as_a_python_value():
    v = tf.Variable(2.5)
    assert (int(v), float(v), complex(v), bool(v)) == (2, 2.5, 2.5 + 0j, True)
    w = tf.Variable([1.0, 2.0])
    assert [x.numpy() for x in w] == [1.0, 2.0]
    raises(TypeError, "Cannot iterate over a scalar tensor.", iter, v)
    with pytest.raises(ValueError, match="truth value"):
        bool(w)
    with pytest.raises(TypeError):
        len(w)
    with pytest.raises(TypeError):
        range(tf.Variable(3))
    with pytest.raises(TypeError):
        f"{v:.2f}"


def test_hash_and_reference():
    v = tf.Variable(5.0)
    text = f"Variable is unhashable. Instead, use variable.ref() as the key. (Variable: {v!r})"
    raises(TypeError, text, hash, v)
    assert v.ref() == v.ref() == v.experimental_ref()
    assert v.ref() in {v.ref()}
    assert v.ref().deref() is v
    assert v.ref() != tf.Variable(5.0).ref()
    assert repr(v.ref()) == "<Reference wrapping <tf.Variable 'Variable:0' shape=() dtype=float32, numpy=5.0>>"


def test_copies():
    v = tf.Variable([1.0, 2.0], name="v", trainable=False)
    twin, other, thawed = copy.copy(v), copy.deepcopy(v), pickle.loads(pickle.dumps(v))
    v.assign_add([1.0, 1.0])
    assert twin.numpy().tolist() == [2.0, 3.0]
    for each in (other, thawed):
        assert each.numpy().tolist() == [1.0, 2.0]
        assert (each.name, each.trainable, each.dtype, each.shape) == ("v:0", False, tf.float32, [2])
        each.assign_add([1.0, 1.0])
    assert v.numpy().tolist() == [2.0, 3.0]


def test_subclasses():
    class Named(tf.Variable):
        def __init__(self, value):
            super().__init__(value, name="named")
            self.note = "hello"

    v = Named(1.0)
    assert v.assign(2.0).numpy() == v.numpy() == 2.0
    assert copy.deepcopy(v).note == copy.copy(v).note == "hello"


# --- on tapes


def test_tapes_watch():
    v = tf.Variable([1.0, 2.0])
    frozen = tf.Variable([1.0, 2.0], trainable=False)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v * frozen
    assert [w is v for w in tape.watched_variables()] == [True]
    assert tape.gradient(y, v).numpy().tolist() == [2.0, 8.0]
    assert tape.gradient(y, frozen) is None


def test_what_assign_returns_is_the_variable_to_a_tape():
    v = tf.Variable([3.0, 7.0])
    with tf.GradientTape() as tape:
        z = v.assign_add([1.0, 1.0])
        y = z * z
    assert [w is v for w in tape.watched_variables()] == [True]
    assert tape.gradient(y, v).numpy().tolist() == [8.0, 16.0]


def test_gradients_of_reading_parts():
    v = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        rows = v.sparse_read([0, 0])
        y = rows * rows
    gradient = tape.gradient(y, v)
    assert isinstance(gradient, tf.IndexedSlices)
    assert gradient.indices.numpy().tolist() == [0, 0]
    with tf.GradientTape() as tape:
        y = v.gather_nd([[2]]) * 5.0 + v[1] * 2.0
    assert tf.convert_to_tensor(tape.gradient(y, v)).numpy().tolist() == [0.0, 2.0, 5.0]


@pytest.mark.parametrize("size", [(), (3,), (64, 64)])
@pytest.mark.parametrize(
    "change",
    [
        lambda v, one: v.assign(one),
        lambda v, one: v.assign_add(one),
        lambda v, one: v.assign_sub(one),
        lambda v, one: v.shape.rank and v.scatter_add(tf.IndexedSlices(one[:1], [0])),
        lambda v, one: v.shape.rank and v.scatter_nd_update([[0]], one[:1]),
        lambda v, one: v.shape.rank and v[0].assign(one[0]),
    ],
)
def test_what_was_read_or_taped_does_not_change(size, change):
    start = np.full(size, 3.0, np.float32)
    one = tf.constant(np.ones(size, np.float32))
    v = tf.Variable(start)
    v.assign_add(one)
    v.assign_sub(one)  # the array is the variable's alone by now
    read, view = v.value(), v.read_value().__array__()
    with tf.GradientTape() as tape:
        y = v * v
        change(v, one)
        change(v, one)
    change(v, one)
    assert np.array_equal(read.numpy(), start)
    assert np.array_equal(view, start)
    assert np.array_equal(y.numpy(), start**2)
    assert np.array_equal(tape.gradient(y, v).numpy(), 2 * start)
    assert one.numpy().all()


def test_updates_go_in_place_when_nobody_looks():
    assert Handle.alone in (1, 2)
    v = tf.Variable(np.zeros((64, 64), np.float32))
    one = tf.constant(np.ones((64, 64), np.float32))
    v.assign_add(one)
    place = v.handle.array.__array_interface__["data"]
    v.assign_sub(one)
    (v * 2.0).numpy()
    v.scatter_add(tf.IndexedSlices(one, np.arange(64)))
    with tf.GradientTape() as tape:
        y = v * v
    tape.gradient(y, v)
    v.assign_add(one)
    assert v.handle.array.__array_interface__["data"] == place
    kept = v.value()
    v.assign_add(one)
    assert v.handle.array.__array_interface__["data"] != place
    assert (kept.numpy() == 2.0).all()


def test_an_error_in_an_update_leaves_the_value():
    v = tf.Variable([1.0, 2.0])

    def fail(array, mine):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        v.handle.update(fail)
    assert v.assign_add([1.0, 1.0]).numpy().tolist() == [2.0, 3.0]
    with pytest.raises(RuntimeError, match="within an update of itself"):
        v.handle.update(lambda array, mine: v.numpy())


STEPS = st.lists(
    st.tuples(st.sampled_from(["assign", "add", "sub", "scatter", "nd", "slice", "read", "forget"]), st.integers(0, 3)),
    max_size=20,
)


@given(STEPS)
def test_any_sequence_of_updates_beside_numpy(steps):
    array = np.zeros((4, 2), np.float32)
    v = tf.Variable(array)
    reads = []
    for number, (what, row) in enumerate(steps):
        whole = np.full((4, 2), number + 1, np.float32)
        if what == "assign":
            v.assign(whole)
            array = whole.copy()
        elif what == "add":
            v.assign_add(whole)
            array = array + whole
        elif what == "sub":
            v.assign_sub(v if row == 0 else whole)
            array = array - (array if row == 0 else whole)
        elif what == "scatter":
            v.scatter_add(tf.IndexedSlices(whole[:3], [row, 0, row]))
            np.add.at(array := array.copy(), [row, 0, row], whole[:3])
        elif what == "nd":
            v.scatter_nd_update([[row, 1]], [7.0])
            array = array.copy()
            array[row, 1] = 7.0
        elif what == "slice":
            v[row:].assign(whole[row:])
            array = array.copy()
            array[row:] = whole[row:]
        elif what == "read":
            reads.append((v.value() if row else v[1:], (array if row else array[1:]).copy()))
        elif reads:
            reads.pop(0)
        assert np.array_equal(v.numpy(), array)
    for tensor, expected in reads:
        assert np.array_equal(tensor.numpy(), expected)


# --- threads


def test_threads_have_their_own_variables():
    variables = [tf.Variable(np.zeros(100, np.float32)) for _ in range(2)]
    shared = tf.Variable(0)
    one = tf.constant(np.ones(100, np.float32))

    def work(v):
        for _ in range(1000):
            v.assign_add(one)
            shared.assign_add(1)

    threads = [threading.Thread(target=work, args=(v,)) for v in variables]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((v.numpy() == 1000).all() for v in variables)
    assert shared.numpy() == 2000


def test_a_reader_never_sees_half_an_update():
    v = tf.Variable(np.zeros(200_000, np.float32))
    one = tf.constant(np.ones(200_000, np.float32))
    seen = []

    def read():
        while not done.is_set():
            value = v.numpy()
            seen.append(value.min() == value.max())

    done = threading.Event()
    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(200):
        v.assign_add(one)
    done.set()
    reader.join()
    assert seen
    assert all(seen)


def test_nothing_is_kept_alive():
    v = tf.Variable(np.zeros(10))
    v[0].assign(1.0)
    v.assign_add(np.ones(10))
    handle = v.handle
    del v
    gc.collect()
    assert len(gc.get_referrers(handle)) <= 2
