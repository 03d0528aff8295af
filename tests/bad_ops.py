"""Wrong arguments of ops: shapes, ranks, dtypes, values, names. See `bad_programs.py`."""

from __future__ import annotations

from typing import Any

import numpy as np
from bad_programs import call

TRACED = "eager host xla"  # for what does not depend on sizes
LOWERED = "host xla"


def f32(*shape: int) -> Any:
    return np.arange(1, 1 + int(np.prod(shape)), dtype=np.float32).reshape(shape)


def i32(*values: Any) -> Any:
    return np.array(values, np.int32)


def one(value: int) -> Any:
    return np.array(value, np.int32)


class Opaque:
    """Nothing that a Tensor can be made of."""


# -- shapes that do not fit

call("matmul: sizes", lambda tf, x, y: tf.matmul(x, y), f32(2, 3), f32(2, 3))
call("matmul: ranks", lambda tf, x, y: tf.matmul(x, y), f32(2, 3), f32(3))
call("matmul: batches", lambda tf, x, y: tf.matmul(x, y), f32(2, 2, 3), f32(3, 3, 4))
call("add: sizes", lambda tf, x, y: x + y, f32(2), f32(3))
call("add: sizes within", lambda tf, x, y: x + y, f32(2, 1, 3), f32(4, 2))
call("maximum: sizes", lambda tf, x, y: tf.maximum(x, y), f32(2, 3), f32(2))
call("equal: sizes", lambda tf, x, y: tf.equal(x, y), f32(2), f32(3))
call("reshape: sizes", lambda tf, x: tf.reshape(x, [4]), f32(2, 3))
call("reshape: not divisible", lambda tf, x: tf.reshape(x, [4, -1]), f32(2, 3))
call("reshape: two unknown", lambda tf, x: tf.reshape(x, [-1, -1]), f32(2, 3))
call("reshape: negative", lambda tf, x: tf.reshape(x, [-2, 3]), f32(2, 3))
call("reshape: to a tensor's", lambda tf, x, s: tf.reshape(x, s), f32(2, 3), i32(4, 2), modes="eager host free")
call("reshape: a matrix as shape", lambda tf, x: tf.reshape(x, [[2, 3]]), f32(2, 3))
call("concat: sizes", lambda tf, x, y: tf.concat([x, y], 0), f32(2, 3), f32(2, 4))
call("concat: ranks", lambda tf, x, y: tf.concat([x, y], 0), f32(2, 3), f32(3))
call("concat: axis", lambda tf, x, y: tf.concat([x, y], 2), f32(2, 3), f32(2, 3))
call("concat: scalars", lambda tf, x: tf.concat([x, x], 0), np.float32(1))
call("concat: nothing", lambda tf, x: tf.concat([], 0), f32(2))
call("stack: sizes", lambda tf, x, y: tf.stack([x, y]), f32(2), f32(3))
call("stack: axis", lambda tf, x, y: tf.stack([x, y], axis=3), f32(2), f32(2))
call("stack: nothing", lambda tf, x: tf.stack([]), f32(2), modes=TRACED)
call("unstack: a scalar", lambda tf, x: tf.unstack(x), np.float32(1))
call("unstack: num", lambda tf, x: tf.unstack(x, num=3), f32(2, 3))
call("split: not divisible", lambda tf, x: tf.split(x, 4, axis=1), f32(2, 6))
call("split: sizes", lambda tf, x: tf.split(x, [2, 3], axis=1), f32(2, 6))
call("split: axis", lambda tf, x: tf.split(x, 2, axis=2), f32(2, 6))
call("split: none", lambda tf, x: tf.split(x, 0), f32(2, 6))
call("transpose: perm too short", lambda tf, x: tf.transpose(x, [0]), f32(2, 3))
call("transpose: perm twice", lambda tf, x: tf.transpose(x, [0, 0]), f32(2, 3))
call("transpose: perm out of range", lambda tf, x: tf.transpose(x, [0, 2]), f32(2, 3))
call("expand_dims: axis", lambda tf, x: tf.expand_dims(x, 3), f32(2))
call("squeeze: not 1", lambda tf, x: tf.squeeze(x, [0]), f32(2, 1))
call("squeeze: axis", lambda tf, x: tf.squeeze(x, [2]), f32(2, 1))
call("broadcast_to: sizes", lambda tf, x: tf.broadcast_to(x, [2, 4]), f32(3))
call("broadcast_to: fewer axes", lambda tf, x: tf.broadcast_to(x, [3]), f32(2, 3))
call("tile: multiples", lambda tf, x: tf.tile(x, [2]), f32(2, 3))
call("tile: negative", lambda tf, x: tf.tile(x, [2, -1]), f32(2, 3))
call("pad: too few paddings", lambda tf, x: tf.pad(x, [[1, 1]]), f32(2, 3))
call("pad: negative", lambda tf, x: tf.pad(x, [[-1, 1]]), f32(2))
call("pad: reflect too far", lambda tf, x: tf.pad(x, [[3, 0]], "REFLECT"), f32(2))
call("pad: mode", lambda tf, x: tf.pad(x, [[1, 0]], "WRAP"), f32(2))
call("where: sizes", lambda tf, c, x, y: tf.where(c, x, y), np.array([True, False]), f32(3), f32(3))
call("select: condition", lambda tf, c, x: tf.where(c, x, x), f32(2), f32(2))
call("fill: negative", lambda tf, x: tf.fill([-1], x), np.float32(1))
call("zeros: negative", lambda tf, x: tf.zeros([-1]) + x, np.float32(1))
call("range: delta 0", lambda tf, n: tf.range(0, 5, n), one(0), modes="eager host free")
call("range: wrong way", lambda tf, x: tf.range(5, 0) + x, one(1))
call("linspace: none", lambda tf, x: tf.linspace(x, 1.0, 0), np.float32(0))
call("eye: a matrix", lambda tf, x: tf.eye(x), f32(2), modes=TRACED)
call("conv2d: rank", lambda tf, x, w: tf.nn.conv2d(x, w, 1, "SAME"), f32(4, 4, 1), f32(2, 2, 1, 1), modes="host xla")
call("conv2d: channels", lambda tf, x, w: tf.nn.conv2d(x, w, 1, "SAME"), f32(1, 4, 4, 3), f32(2, 2, 2, 1))
call("conv2d: window too large", lambda tf, x, w: tf.nn.conv2d(x, w, 1, "VALID"), f32(1, 2, 2, 1), f32(3, 3, 1, 1))
call("conv2d: padding", lambda tf, x, w: tf.nn.conv2d(x, w, 1, "FULL"), f32(1, 4, 4, 1), f32(2, 2, 1, 1))
call("conv2d: strides", lambda tf, x, w: tf.nn.conv2d(x, w, 0, "SAME"), f32(1, 4, 4, 1), f32(2, 2, 1, 1))
call("max_pool2d: rank", lambda tf, x: tf.nn.max_pool2d(x, 2, 2, "SAME"), f32(4, 4), modes="host xla")
call("max_pool2d: window too large", lambda tf, x: tf.nn.max_pool2d(x, 3, 1, "VALID"), f32(1, 2, 2, 1), modes=LOWERED)
call("bias_add: sizes", lambda tf, x, b: tf.nn.bias_add(x, b), f32(2, 3), f32(2))
call("softmax: axis", lambda tf, x: tf.nn.softmax(x, axis=2), f32(2, 3))
call("reduce_sum: axis", lambda tf, x: tf.reduce_sum(x, axis=2), f32(2, 3))
call("reduce_sum: axis twice", lambda tf, x: tf.reduce_sum(x, axis=[0, 0]), f32(2, 3))
call("argmax: axis", lambda tf, x: tf.argmax(x, 2), f32(2, 3))
call("cumsum: axis", lambda tf, x: tf.cumsum(x, 2), f32(2, 3))
call("top_k: too many", lambda tf, x: tf.math.top_k(x, 4), f32(3))
call("einsum: sizes", lambda tf, x, y: tf.einsum("ij,jk->ik", x, y), f32(2, 3), f32(2, 3))
call("einsum: ranks", lambda tf, x: tf.einsum("ijk->ik", x), f32(2, 3))
call("einsum: equation", lambda tf, x: tf.einsum("ij->il", x), f32(2, 3))
call("einsum: inputs", lambda tf, x: tf.einsum("ij,jk->ik", x), f32(2, 3), modes=TRACED)
call("tensordot: axes", lambda tf, x, y: tf.tensordot(x, y, 1), f32(2, 3), f32(2, 3))
call(
    "cross entropy: labels' sizes", lambda tf, x, y: tf.nn.softmax_cross_entropy_with_logits(x, y), f32(2, 3), f32(2, 4)
)
call(
    "sparse cross entropy: ranks",
    lambda tf, y, x: tf.nn.sparse_softmax_cross_entropy_with_logits(y, x),
    i32([0, 1]),
    f32(2, 3),
)
call("sigmoid cross entropy: sizes", lambda tf, y, x: tf.nn.sigmoid_cross_entropy_with_logits(y, x), f32(2), f32(3))
call("cholesky: not square", lambda tf, x: tf.linalg.cholesky(x), f32(2, 3))
call("inv: singular", lambda tf, x: tf.linalg.inv(x), np.zeros((2, 2), np.float32), modes="eager host free")
call("solve: sizes", lambda tf, x, y: tf.linalg.solve(x, y), f32(2, 2), f32(3, 1))
call("ensure_shape", lambda tf, x: tf.ensure_shape(x, [3, None]), f32(2, 3))
call("set_shape", lambda tf, x: x.set_shape([3, 3]), f32(2, 3), modes="host xla")
call(
    "segment_sum: not sorted", lambda tf, x, i: tf.math.segment_sum(x, i), f32(3), i32(1, 0, 2), modes="eager host free"
)
call("segment_sum: sizes", lambda tf, x, i: tf.math.segment_sum(x, i), f32(3), i32(0, 1))
call(
    "unsorted_segment_sum: out of range",
    lambda tf, x, i: tf.math.unsorted_segment_sum(x, i, 2),
    f32(3),
    i32(0, 5, 1),
    modes="eager host free",
)
call("scatter_nd: out of range", lambda tf, i, x: tf.scatter_nd(i, x, [3]), i32([4]), f32(1), modes="eager host free")
call("tensor_scatter: sizes", lambda tf, x, i, u: tf.tensor_scatter_nd_update(x, i, u), f32(3), i32([0]), f32(2))
call("boolean_mask: sizes", lambda tf, x, m: tf.boolean_mask(x, m), f32(3), np.array([True, False]), modes="eager host")
call("reverse: axis", lambda tf, x: tf.reverse(x, [1]), f32(3))
call("roll: axis", lambda tf, x: tf.roll(x, 1, 1), f32(3))
call("one_hot: depth", lambda tf, i: tf.one_hot(i, -1), i32(0, 1))
call(
    "confusion_matrix: out of range",
    lambda tf, i: tf.math.confusion_matrix(i, i, 2),
    i32(0, 3),
    modes="eager host free",
)
call("image: rank", lambda tf, x: tf.image.resize(x, [2, 2]), f32(4, 4), modes=TRACED)
call("norm: ord", lambda tf, x: tf.norm(x, ord="l2"), f32(3), modes=TRACED)
call("clip: sizes", lambda tf, x: tf.clip_by_value(x, [0.0, 0.0], 1.0), f32(3), modes=TRACED)

# -- indices

call("x[i]: out of range", lambda tf, x: x[3], f32(3))
call("x[i]: out of range, negative", lambda tf, x: x[-4], f32(3))
call("x[i, j]: too many", lambda tf, x: x[0, 0], f32(3))
call("x[...]: two", lambda tf, x: x[..., ...], f32(3), modes=TRACED)
call("x of a string", lambda tf, x: x["a"], f32(3), modes=TRACED)
call("x[1.0]", lambda tf, x: x[1.0], f32(3), modes=TRACED)
call("x[float tensor]", lambda tf, x, i: x[i], f32(3), np.float32(1), modes=TRACED)
call("x[[0, 1]]", lambda tf, x: x[[0, 1]], f32(3), modes=TRACED)
call("x[::0]", lambda tf, x: x[::0], f32(3))
call("x[i]: of a scalar", lambda tf, x: x[0], np.float32(1))
call("x[mask]", lambda tf, x: x[x > 1.0], f32(3), modes="eager host")
call("x[i] = y", lambda tf, x: x.__setitem__(0, 1.0), f32(3), modes=TRACED)
call("x[tensor]: out of range", lambda tf, x, i: x[i], f32(3), one(5), modes="eager host free")
call("slice: too long", lambda tf, x: tf.slice(x, [1], [3]), f32(3))
call("slice: ranks", lambda tf, x: tf.slice(x, [0, 0], [1, 1]), f32(3))
call("gather: out of range", lambda tf, x, i: tf.gather(x, i), f32(3), i32(0, 7))
call("gather: axis", lambda tf, x, i: tf.gather(x, i, axis=2), f32(3), i32(0))
call("gather: batch_dims", lambda tf, x, i: tf.gather(x, i, batch_dims=1), f32(2, 3), i32([0], [0], [0]))
call("gather_nd: out of range", lambda tf, x, i: tf.gather_nd(x, i), f32(2, 3), i32([1, 3]))
call("gather_nd: too deep", lambda tf, x, i: tf.gather_nd(x, i), f32(3), i32([0, 0]))
call("gather: float indices", lambda tf, x, i: tf.gather(x, i), f32(3), f32(1), modes=TRACED)
call(
    "embedding_lookup: out of range",
    lambda tf, x, i: tf.nn.embedding_lookup(x, i),
    f32(3, 2),
    i32(-1),
    modes="eager host free",
)
call(
    "dynamic_partition: out of range",
    lambda tf, x, i: tf.dynamic_partition(x, i, 2),
    f32(2),
    i32(0, 3),
    modes="eager host free",
)
call(
    "sparse cross entropy: out of range",
    lambda tf, y, x: tf.nn.sparse_softmax_cross_entropy_with_logits(y, x),
    i32(0, 3),
    f32(2, 3),
)
call("sequence_mask: negative", lambda tf, i: tf.sequence_mask(i, -1), i32(1, 2), modes="eager host")
call("integer division by 0", lambda tf, x, y: x // y, i32(1, 2), i32(1, 0))
call("integer remainder by 0", lambda tf, x, y: x % y, i32(1, 2), i32(1, 0))
call("integer truncatediv by 0", lambda tf, x, y: tf.truncatediv(x, y), i32(1, 2), i32(1, 0))
call("integer division by a 0", lambda tf, x: x // 0, i32(1, 2))
call("integer power, negative", lambda tf, x, y: x**y, i32(2), i32(-1))
call("check_numerics", lambda tf, x: tf.debugging.check_numerics(x / 0.0, "here"), f32(2), modes="eager host free")

# -- dtypes

call("add: dtypes", lambda tf, x, y: x + y, f32(2), i32(1, 2), modes=TRACED)
call("add: dtypes, swapped", lambda tf, x, y: x + y, i32(1, 2), f32(2), modes=TRACED)
call("add: an int and 1.5", lambda tf, x: x + 1.5, i32(1, 2), modes=TRACED)
call("1.5 + an int", lambda tf, x: 1.5 + x, i32(1, 2), modes=TRACED)
call("add: a string", lambda tf, x: x + "a", f32(2), modes=TRACED)
call("add: None", lambda tf, x: x + None, f32(2), modes=TRACED)
call("tf.add: None", lambda tf, x: tf.add(x, None), f32(2), modes=TRACED)
call("multiply: an object", lambda tf, x: x * Opaque(), f32(2), modes=TRACED)
call("tf.multiply: an object", lambda tf, x: tf.multiply(x, Opaque()), f32(2), modes=TRACED)
call("matmul: dtypes", lambda tf, x, y: tf.matmul(x, y), f32(2, 2), np.ones((2, 2)), modes=TRACED)
call("matmul: booleans", lambda tf, x: tf.matmul(x > 0, x > 0), f32(2, 2), modes=TRACED)
call("concat: dtypes", lambda tf, x, y: tf.concat([x, y], 0), f32(2), i32(1), modes=TRACED)
call("stack: dtypes", lambda tf, x, y: tf.stack([x, y]), f32(2), i32(1, 2), modes=TRACED)
call("where: dtypes", lambda tf, c, x, y: tf.where(c, x, y), np.array([True, False]), f32(2), i32(1, 2), modes=TRACED)
call("sqrt of integers", lambda tf, x: tf.sqrt(x), i32(1, 4), modes=TRACED)
call("sqrt of strings", lambda tf, x: tf.sqrt("a"), f32(1), modes=TRACED)
call("logical_and of floats", lambda tf, x: tf.logical_and(x, x), f32(2), modes=TRACED)
call("reduce_mean of strings", lambda tf, x: tf.reduce_mean(["a"]), f32(1), modes="eager host")
call("reduce_any of floats", lambda tf, x: tf.reduce_any(x), f32(2), modes=TRACED)
call("cast to a string", lambda tf, x: tf.cast(x, tf.string), f32(2), modes=TRACED)
call("cast to nonsense", lambda tf, x: tf.cast(x, "float31"), f32(2), modes=TRACED)
call("softmax of integers", lambda tf, x: tf.nn.softmax(x), i32(1, 2), modes=TRACED)
call("relu of booleans", lambda tf, x: tf.nn.relu(x > 0), f32(2), modes=TRACED)
call("bitcast: sizes", lambda tf, x: tf.bitcast(x, tf.float64), f32(3))
call("negative of booleans", lambda tf, x: -(x > 0), f32(2), modes=TRACED)
call("~x of floats", lambda tf, x: ~x, f32(2), modes=TRACED)
call("x < y of complex numbers", lambda tf, x: x < x, np.array([1j], np.complex64), modes=TRACED)
call("constant: ragged", lambda tf, x: tf.constant([[1], [1, 2]]), f32(1), modes=TRACED)
call("constant: an object", lambda tf, x: tf.constant(Opaque()), f32(1), modes=TRACED)
call("constant: an object array", lambda tf, x: tf.constant(np.array([None, 1])), f32(1), modes=TRACED)
call("constant: None", lambda tf, x: tf.constant(None), f32(1), modes=TRACED)
call("constant: mixed", lambda tf, x: tf.constant([1, "a"]), f32(1), modes=TRACED)
call("constant: too large", lambda tf, x: tf.constant(2**40, tf.int32), f32(1), modes=TRACED)
call("constant: a float as an int", lambda tf, x: tf.constant(1.5, tf.int32), f32(1), modes=TRACED)
call("constant: shape", lambda tf, x: tf.constant([1, 2, 3], shape=[2, 2]), f32(1), modes=TRACED)
call("constant of a tensor of another dtype", lambda tf, x: tf.constant(x, tf.int32), f32(1), modes=TRACED)
call("convert_to_tensor: dtype", lambda tf, x: tf.convert_to_tensor(x, tf.int32), f32(1), modes=TRACED)
call("zeros: dtype", lambda tf, x: tf.zeros([2], "what"), f32(1), modes=TRACED)
call("random.uniform of integers", lambda tf, x: tf.random.uniform([2], dtype=tf.int32), f32(1), modes=TRACED)
call("random.normal of integers", lambda tf, x: tf.random.normal([2], dtype=tf.int32), f32(1), modes=TRACED)

# -- arguments

call("an unknown keyword", lambda tf, x: tf.reduce_sum(x, dim=0), f32(2), modes=TRACED)
call("an argument too many", lambda tf, x: tf.tanh(x, "name", 3), f32(2), modes=TRACED)
call("an argument missing", lambda tf, x: tf.matmul(x), f32(2, 2), modes=TRACED)
call("an argument twice", lambda tf, x: tf.reshape(x, [2], shape=[2]), f32(2), modes=TRACED)
call("a keyword missing", lambda tf, x: tf.nn.softmax_cross_entropy_with_logits(x), f32(2, 2), modes=TRACED)
call("a name that is none", lambda tf, x: tf.identity(x, name="a b"), f32(2), modes="eager host xla")
call("a name scope that is none", lambda tf, x: tf.name_scope("a b").__enter__(), f32(2), modes="host")
call("a name that is a number", lambda tf, x: tf.add(x, x, name=3), f32(2), modes="eager host")
call("reshape: None", lambda tf, x: tf.reshape(x, [None, 2]), f32(2), modes=TRACED)
call("reshape: a float", lambda tf, x: tf.reshape(x, [2.0]), f32(2), modes=TRACED)
call("zeros: None", lambda tf, x: tf.zeros([None, 2]), f32(2), modes=TRACED)
call("ones: a symbolic size", lambda tf, x: tf.zeros(tf.shape(x) - 3), f32(2), modes="eager host free")
call("reduce_sum: axis 'a'", lambda tf, x: tf.reduce_sum(x, "a"), f32(2), modes=TRACED)
call("reduce_sum: axis 0.5", lambda tf, x: tf.reduce_sum(x, 0.5), f32(2), modes=TRACED)
call("split: a float", lambda tf, x: tf.split(x, 2.0), f32(2), modes=TRACED)
call("concat: axis None", lambda tf, x: tf.concat([x], None), f32(2), modes=TRACED)
call("dropout: rate", lambda tf, x: tf.nn.dropout(x, 1.5), f32(2), modes=TRACED)
call("dropout: integers", lambda tf, x: tf.nn.dropout(x, 0.5), i32(2), modes=TRACED)
call("tf.device: nonsense", lambda tf, x: tf.device("nonsense").__enter__(), f32(1), modes="eager host")
call("tf.device: no such", lambda tf, x: _on(tf, "/device:GPU:7", x), f32(1), modes="eager host")
call("tf.device: a number", lambda tf, x: _on(tf, "/device:CPU:99", x), f32(1), modes="eager host")
call("device: job", lambda tf, x: _on(tf, "/job:other/device:CPU:0", x), f32(1), modes="eager host")
call("as_string on XLA", lambda tf, x: tf.strings.as_string(x), f32(1), modes="xla")
call("unique on XLA", lambda tf, x: tf.unique(x)[0], i32(1, 1, 2), modes="xla")
call("py_function on XLA", lambda tf, x: tf.py_function(abs, [x], tf.float32), f32(1), modes="xla")
call("numpy_function on XLA", lambda tf, x: tf.numpy_function(abs, [x], tf.float32), f32(1), modes="xla")
call("print on XLA", lambda tf, x: tf.print("a", tf.strings.as_string(x)), f32(1), modes="xla")
call("string argument on XLA", lambda tf, s: tf.strings.length(s), np.array(["a"]), modes="xla")
call("boolean_mask on XLA", lambda tf, x: tf.boolean_mask(x, x > 1.0), f32(3), modes="xla")
call("reshape to a tensor's on XLA", lambda tf, x, s: tf.reshape(x, s), f32(2, 3), i32(3, 2), modes="xla")
call("range of a tensor on XLA", lambda tf, n: tf.range(n), one(3), modes="xla")
call("dynamic_partition on XLA", lambda tf, x: tf.dynamic_partition(x, [0, 1, 0], 2), f32(3), modes="xla")
call("decode on XLA", lambda tf, x: tf.io.decode_raw(["aaaa"], tf.float32) + x, f32(1), modes="xla")
call("assert on XLA", lambda tf, x: tf.debugging.assert_less(x, 0.0), f32(3), modes="xla")

# -- assertions, Python functions

call("assert_equal", lambda tf, x: tf.debugging.assert_equal(x, [1.0, 2.5, 3.0], "not alike"), f32(3))
call("assert_equal: sizes", lambda tf, x: tf.debugging.assert_equal(x, [1.0, 2.0]), f32(3))
call("assert_positive", lambda tf, x: tf.debugging.assert_positive(-x, "must be positive"), f32(3))
call("assert_less, static", lambda tf, x: tf.debugging.assert_less(2, 1, "static"), f32(3))
call("Assert, static", lambda tf, x: tf.debugging.Assert(False, ["what", 3]), f32(3), modes="eager host")
call("Assert", lambda tf, x: tf.debugging.Assert(tf.reduce_all(x > 2), [x, "what"], summarize=2), f32(3))
call("assert_rank", lambda tf, x: tf.debugging.assert_rank(x, 2), f32(3))
call("assert_rank_in", lambda tf, x: tf.debugging.assert_rank_in(x, [2, 3], "ranks"), f32(3), modes=TRACED)
call("assert_rank: a float", lambda tf, x: tf.debugging.assert_rank(x, 2.0), f32(3), modes=TRACED)
call("assert_type", lambda tf, x: tf.debugging.assert_type(x, tf.int32), f32(3), modes=TRACED)
call("assert_shapes", lambda tf, x, y: tf.debugging.assert_shapes([(x, ("N", "D")), (y, ("D",))]), f32(2, 3), f32(2))
call(
    "assert_same_float_dtype",
    lambda tf, x, y: tf.debugging.assert_same_float_dtype([x, y]),
    f32(2),
    np.ones(2),
    modes=TRACED,
)
call("assert_scalar", lambda tf, x: tf.debugging.assert_scalar(x), f32(2), modes=TRACED)
call("assert_none_equal", lambda tf, x: tf.debugging.assert_none_equal(x, 2.0, summarize=1), f32(3))
call("assert_near", lambda tf, x: tf.debugging.assert_near(x, x + 1.0), f32(2))
call(
    "assert_all_finite",
    lambda tf, x: tf.debugging.assert_all_finite(x / 0.0, "finite"),
    f32(2),
    modes="eager host free",
)
call("py_function: Tout", lambda tf, x: tf.py_function(lambda x: x, [x], tf.int32), f32(2), modes="eager host")
call(
    "py_function: count", lambda tf, x: tf.py_function(lambda x: (x, x), [x], [tf.float32]), f32(2), modes="eager host"
)
call(
    "py_function: too few",
    lambda tf, x: tf.py_function(lambda x: x, [x], [tf.float32, tf.float32]),
    f32(2),
    modes="eager host",
)
call(
    "py_function: an object",
    lambda tf, x: tf.py_function(lambda x: Opaque(), [x], tf.float32),
    f32(2),
    modes="eager host",
)
call(
    "py_function: raises", lambda tf, x: tf.py_function(lambda x: {}["a"], [x], tf.float32), f32(2), modes="eager host"
)
call(
    "py_function: StopIteration",
    lambda tf, x: tf.py_function(lambda x: next(iter(())), [x], tf.float32),
    f32(2),
    modes="eager host",
)
call("py_function: arguments", lambda tf, x: tf.py_function(lambda: 1.0, [x], tf.float32), f32(2), modes="eager host")
call("numpy_function: Tout", lambda tf, x: tf.numpy_function(lambda x: x, [x], tf.int32), f32(2), modes="eager host")
call(
    "numpy_function: count",
    lambda tf, x: tf.numpy_function(lambda x: (x, x), [x], [tf.float32]),
    f32(2),
    modes="eager host",
)
call(
    "numpy_function: raises",
    lambda tf, x: tf.numpy_function(lambda x: 1 // 0, [x], tf.int64),
    f32(2),
    modes="eager host",
)
call(
    "numpy_function: ValueError",
    lambda tf, x: tf.numpy_function(lambda x: int("a"), [x], tf.int64),
    f32(2),
    modes="eager host",
)
call(
    "numpy_function: ragged",
    lambda tf, x: tf.numpy_function(lambda x: [[1.0], [1.0, 2.0]], [x], tf.float32),
    f32(2),
    modes="eager host",
)
call("numpy_function: not a function", lambda tf, x: tf.numpy_function(3, [x], tf.float32), f32(2), modes="eager host")


def _on(tf: Any, name: str, x: Any) -> Any:
    with tf.device(name):
        return x + 1.0
