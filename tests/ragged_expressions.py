# ruff: noqa: E501 - an expression is a line
"""Expressions of ragged tensors, and what TensorFlow makes of them.

Run in an environment that has TensorFlow, this file writes `recordings/ragged_expressions.json`.
"""

from __future__ import annotations

from pathlib import Path

from expressions import record

RECORDING = Path(__file__).parent / "recordings" / "ragged_expressions.json"
SETUP = """import numpy as np
rt = tf.ragged.constant([[3, 1, 4, 1], [], [5, 9, 2], [6], []])
rf = tf.ragged.constant([[1.5, 2.0], [], [3.0]])
rs = tf.ragged.constant([["a", "bc"], [], ["def"]])
r3 = tf.ragged.constant([[[1, 2], [3]], [], [[4, 5, 6], []]])
ri = tf.ragged.constant([[[1, 2], [3, 4]], [], [[5, 6]]], inner_shape=(2,))
ru = tf.RaggedTensor.from_uniform_row_length(tf.ragged.constant([[1],[2,3],[],[4]]), 2)
rb = tf.ragged.constant([[True, False],[],[True]])
C = tf.constant
R = tf.RaggedTensor
g = tf.ragged
"""
EXPRESSIONS = r"""rt
r3
rs
ri
ru
str(rt)
str(r3)
str(rs)
rt.shape
r3.shape
ri.shape
ru.shape
rt.values
r3.values
ri.values
r3.flat_values
rt.row_splits
r3.nested_row_splits
rt.row_lengths()
r3.row_lengths(axis=2)
r3.row_lengths(axis=1)
ri.row_lengths(axis=2)
rt.nrows()
rt.nrows(tf.int32)
rt.ragged_rank, r3.ragged_rank, ri.ragged_rank
rt.row_starts()
rt.row_limits()
rt.value_rowids()
r3.nested_value_rowids()
r3.nested_row_lengths()
rt.uniform_row_length
ru.uniform_row_length
rt.bounding_shape()
r3.bounding_shape()
r3.bounding_shape(axis=1)
r3.bounding_shape(axis=[0,2])
ri.bounding_shape()
rt.bounding_shape(out_type=tf.int32)
rt.to_list()
r3.to_list()
rs.to_list()
rt.numpy()
rf.numpy()
rs.numpy()
ri.numpy()
rt.dtype
rt.to_tensor()
rt.to_tensor(-1)
rt.to_tensor(shape=[None, 2])
rt.to_tensor(shape=[3, 5])
r3.to_tensor()
ri.to_tensor()
rs.to_tensor()
rs.to_tensor("?")
R.from_tensor([[1,2,0],[3,0,0]])
R.from_tensor([[1,2,0],[3,0,0]], padding=0)
R.from_tensor([[1,2,0],[3,0,0]], lengths=[1,3])
R.from_tensor([[[1,0],[0,0]],[[2,3],[0,0]]], lengths=([1,1],[1,2]))
R.from_tensor([[[1,2],[3,4]]], ragged_rank=2)
R.from_tensor([[1,2,0],[3,0,0]], lengths=[1,9])
R.from_tensor([1,2])
R.from_tensor([[1,2]], lengths=[1], padding=0)
R.from_tensor([[1,2]], ragged_rank=0)
R.from_tensor([[1,2]], ragged_rank=3)
R.from_row_splits([1,2,3],[0,2,3])
R.from_row_splits([1,2,3],[0,2,2])
R.from_row_splits([1,2,3],[1,2,3])
R.from_row_splits([1,2,3],[0,2,1,3])
R.from_row_splits([1,2,3],[])
R.from_row_splits([1,2,3],[[0,2,3]])
R.from_row_splits([1,2,3],[0,2,4], validate=False)
R.from_row_splits([1,2,3],[0.,2.,3.])
R.from_row_lengths([1,2,3],[1,2])
R.from_row_lengths([1,2,3],[1,1])
R.from_row_lengths([1,2,3],[-1,4])
R.from_row_starts([1,2,3],[0,1])
R.from_row_starts([1,2,3],[1,1])
R.from_row_starts([1,2,3],[0,5])
R.from_row_starts([1,2,3],[0,2,1])
R.from_row_limits([1,2,3],[1,3])
R.from_row_limits([1,2,3],[1,2])
R.from_value_rowids([1,2,3],[0,0,2])
R.from_value_rowids([1,2,3],[0,0,2],nrows=5)
R.from_value_rowids([1,2,3],[0,0,2],nrows=1)
R.from_value_rowids([1,2,3],[0,2,0])
R.from_value_rowids([1,2,3],[0,2])
R.from_value_rowids([1,2,3],[0,0,2],nrows=-1)
R.from_uniform_row_length([1,2,3,4],2)
R.from_uniform_row_length([1,2,3,4],3)
R.from_uniform_row_length([],0,nrows=3)
R.from_uniform_row_length([1,2,3,4],-2)
R.from_uniform_row_length([1,2,3,4],2,nrows=4)
R.from_nested_row_splits([1,2,3],[[0,1,2],[0,2,3]])
R.from_nested_row_splits([1,2,3],C([0,1,2]))
R.from_nested_row_lengths([1,2,3],[[1,1],[2,1]])
R.from_nested_value_rowids([1,2,3],[[0,1],[0,0,1]])
R.from_nested_value_rowids([1,2,3],[[0,1],[0,0,1]], nested_nrows=[3,2])
rt.with_values(rt.values*2)
rt.with_values([1,2])
r3.with_flat_values(tf.range(6)*10)
rt.with_flat_values(C([1,2]))
rt.with_row_splits_dtype(tf.int32).row_splits
r3.merge_dims(0,1)
r3.merge_dims(1,2)
r3.merge_dims(0,2)
r3.merge_dims(-2,-1)
ri.merge_dims(1,2)
ri.merge_dims(0,1)
r3.merge_dims(2,1)
r3.merge_dims(0,5)
rt[0]
rt[1]
rt[-1]
rt[2,1]
rt[2][1]
rt[1:3]
rt[:, 0:2]
rt[:, :1]
rt[:, -1:]
rt[:, ::2]
rt[:, ::-1]
rt[::2]
rt[::-1]
rt[5]
rt[-6]
rt[1:]
rt[:-2]
rt[:]
rt[...]
rt[..., 0]
rt[:, 0]
rt[:, C(1):]
r3[0]
r3[0,1]
r3[2,0,1]
r3[:, 0:1]
r3[:, :, 0:1]
r3[:, :, -1:]
r3[..., :1]
r3[:, 1:, :1]
r3[0, :, :1]
r3[tf.newaxis]
rt[:, tf.newaxis]
rt[:, tf.newaxis, :]
rt[..., tf.newaxis]
rt[tf.newaxis, :, 0:1]
ri[:, :, 0]
ri[0]
ri[0, 1]
ri[0, 1, 1]
ri[..., 1]
ri[:, 0:1, 1]
ru[:, 0]
ru[0]
ru[:, 1, :1]
ru[:, 0:1]
rt[1.5]
rt["a"]
rt[1,2,3]
rt[..., ...]
rt[rt]
rt + 1
1 + rt
rt + rt
rt - 1
2 - rt
rt * rt
rt / 2
rt // 2
rt % 2
2 ** rt
rt ** 2
-rt
abs(-rt)
~rb
rb & rb
rb | rb
rb ^ rb
rt > 2
rt >= 2
rt < rt
rt <= 3
rt == 1
rt != 1
rt == rt
rt == rf
rt == "a"
hash(rt)
bool(rt)
len(rt)
list(rt)
[x for x in rs]
rt + C([[1],[2],[3],[4],[5]])
rt + C([10])
rt + C([[10]])
rt + C([1,2,3,4,5])
rt + C([1,2])
rf + rf[:, :1]
rf + g.constant([[1.],[2.],[3.]])
rf + C([[1.],[2.],[3.]])
r3 + C([[[100]]])
r3 + C([[[100]],[[200]],[[300]]])
r3 + g.constant([[[1],[2]],[],[[3],[4]]])
r3 + g.constant([[1,2],[3]])
ri + C([10,20])
ri + [10, 20]
ru + 1
ru + C([[[1]],[[2]]])
rf + 1
rf + "a"
rf + rt
rt + 1.5
rs + "x"
rs + rs
tf.add(rt, 1)
tf.math.multiply(2, rt)
tf.abs(rf)
tf.square(rt)
tf.sqrt(rf)
tf.exp(rf)
tf.sigmoid(rf)
tf.nn.relu(rf)
tf.nn.gelu(rf)
tf.nn.leaky_relu(rf)
tf.nn.elu(rf)
tf.nn.silu(rf)
tf.nn.softmax(rf)
tf.round(rf)
tf.math.log1p(rf)
tf.math.is_nan(rf)
tf.math.erf(rf)
tf.math.lgamma(rf)
tf.maximum(rt, 3)
tf.minimum(3, rt)
tf.pow(rt, 2)
tf.logical_not(rb)
tf.logical_and(rb, True)
tf.equal(rt, 1)
tf.not_equal(rt, 1)
tf.greater(rt, rt)
tf.math.squared_difference(rf, 1.0)
tf.math.divide_no_nan(rf, 0.0)
tf.math.xlogy(rf, rf)
tf.math.floormod(rt, 2)
tf.math.floordiv(rt, 2)
tf.truediv(rt, 2)
tf.divide(rt, 2)
tf.math.atan2(rf, rf)
tf.complex(rf, rf)
tf.math.real(tf.complex(rf, rf))
tf.clip_by_value(rt, 2, 4)
tf.clip_by_value(rf, 1.8, 2.5)
tf.cast(rt, tf.float32)
tf.cast(rt, tf.int32)
tf.dtypes.saturate_cast(rt, tf.uint8)
tf.bitcast(rf, tf.int32)
tf.identity(rt)
tf.zeros_like(rt)
tf.ones_like(rt)
tf.ones_like(rt, dtype=tf.float32)
tf.stop_gradient(rf)
tf.scalar_mul(2.0, rf)
tf.add_n([rf, rf])
tf.concat([rt, rt], axis=0)
tf.concat([rt, rt], axis=1)
tf.concat([rt, [[1],[2],[3],[4],[5]]], axis=1)
tf.concat([rt, [[1, 2]]], axis=0)
tf.concat([r3, r3], axis=2)
tf.concat([r3, r3], axis=-1)
tf.concat([r3, r3], axis=1)
tf.concat([ri, ri], axis=2)
tf.concat([ri, ri], axis=1)
tf.concat([rt], axis=0)
tf.concat([rt, rf], axis=0)
tf.concat([rt, r3], axis=0)
tf.concat([rt, rt], axis=2)
tf.concat([rt, rt[:3]], axis=1)
tf.stack([rt, rt])
tf.stack([rt, rt], axis=1)
tf.stack([rt, rt], axis=2)
tf.stack([rt, rt], axis=-1)
tf.stack([rt, r3])
g.stack([[1,2],[3]])
g.stack([C([1,2]), C([3])])
g.stack([rt, rt], axis=1)
g.stack([C(1), C(2)])
g.stack([C([[1,2],[3,4]]), C([[5]])])
tf.reduce_sum(rt)
tf.reduce_sum(rt, 0)
tf.reduce_sum(rt, 1)
tf.reduce_sum(rt, -1)
tf.reduce_sum(rt, axis=[0,1])
tf.reduce_sum(rt, 1, keepdims=True)
tf.reduce_sum(rt, 0, keepdims=True)
tf.reduce_sum(rt, keepdims=True)
tf.reduce_sum(r3, 0)
tf.reduce_sum(r3, 1)
tf.reduce_sum(r3, 2)
tf.reduce_sum(r3, [1, 2])
tf.reduce_sum(r3, [0, 2])
tf.reduce_sum(r3, [0, 1])
tf.reduce_sum(ri, 1)
tf.reduce_sum(ri, 2)
tf.reduce_sum(ri, 0)
tf.reduce_sum(rt, 2)
tf.reduce_mean(rf, 1)
tf.reduce_mean(rf)
tf.reduce_mean(rf, 0)
tf.reduce_mean(rt, 1)
tf.reduce_mean(rf, 1, keepdims=True)
tf.reduce_max(rt, 1)
tf.reduce_max(rt, 0)
tf.reduce_min(rt, 1)
tf.reduce_min(rf, 1)
tf.reduce_prod(rt, 1)
tf.reduce_any(rb, 1)
tf.reduce_all(rb, 1)
tf.reduce_all(rb, 0)
tf.reduce_all(rb)
tf.math.reduce_std(rf, 1)
tf.math.reduce_variance(rf, 1)
tf.math.reduce_variance(rf)
tf.reduce_logsumexp(rf, 1)
tf.expand_dims(rt, 0)
tf.expand_dims(rt, 1)
tf.expand_dims(rt, 2)
tf.expand_dims(rt, -1)
tf.expand_dims(rt, -3)
tf.expand_dims(rt, 4)
tf.expand_dims(ri, 3)
tf.squeeze(tf.expand_dims(rt, 0))
tf.squeeze(tf.expand_dims(rt, 1), 1)
tf.squeeze(tf.expand_dims(rt, 2), 2)
tf.squeeze(rt, 1)
tf.squeeze(rt, 0)
tf.gather(rt, [2, 0])
tf.gather(rt, 2)
tf.gather(rt, [[0],[2]])
tf.gather(rt, [9])
tf.gather([10,20,30,40,50,60,70,80,90,100], rt)
tf.gather(rt, g.constant([[0, 2],[3]]))
tf.gather(r3, [2, 0])
tf.gather(rf, g.constant([[1],[],[0, 0]]), batch_dims=1)
tf.gather(C([[1,2],[3,4]]), g.constant([[1],[0, 0]]), batch_dims=1)
tf.gather(rt[:, :1][::2], [0], axis=0)
tf.gather(tf.expand_dims(rt,1), [0], axis=1)
tf.gather_nd(rt, [[0, 1], [2, 2]])
tf.gather_nd(rt, [[0], [2]])
tf.gather_nd(rt, [2])
tf.gather_nd(r3, [[2, 0, 1]])
tf.gather_nd(C([[1,2],[3,4]]), g.constant([[[0,0]],[[1,1],[0,1]]], ragged_rank=1))
tf.where(rt > 2)
tf.where(rt > 2, rt, -rt)
tf.where(rt > 2, rt, 0)
tf.where(rb, rf, rf)
tf.where(rt == 1, "one", "other")
tf.tile(rt, [2, 1])
tf.tile(rt, [1, 2])
tf.tile(rt, [2, 2])
tf.tile(r3, [1, 1, 2])
tf.tile(r3, [2, 3, 1])
tf.tile(ri, [1, 2, 2])
tf.tile(rt, [2])
tf.tile(rt, [1, 0])
tf.size(rt)
tf.size(rt, tf.int64)
tf.rank(rt)
tf.rank(r3)
tf.shape(rt)
tf.shape(r3)
tf.shape(ri)
tf.shape(rt)[0]
tf.one_hot(rt, 4)
tf.one_hot(rt, 3, on_value=5, off_value=-1)
tf.one_hot(rt, 3, axis=1)
tf.reverse(rt, [0])
tf.reverse(rt, [1])
tf.reverse(rt, [0, 1])
tf.reverse(r3, [1])
tf.reverse(r3, [-1])
tf.split(rt, [2, 3])
tf.split(rt, 5)
tf.split(rt, [2,1,2], axis=0)
tf.split(ri, 2, axis=2)
tf.split(rt, 2, axis=1)
tf.cumsum(rf, axis=1)
tf.cumsum(rt, axis=-1, exclusive=True)
tf.cumsum(rt, axis=1, reverse=True)
tf.matmul(g.constant([[[1.,2.]],[[3.,4.],[5.,6.]]], ragged_rank=1), C([[1.],[2.]]))
tf.matmul(g.constant([[[1.,2.]],[[3.,4.],[5.,6.]]], ragged_rank=1), C([[[1.],[2.]],[[1.],[2.]]]))
tf.strings.length(rs)
tf.strings.upper(rs)
tf.strings.lower(rs)
tf.strings.strip(rs)
tf.strings.substr(rs, 0, 1)
tf.strings.join([rs, "x"], "-")
tf.strings.join([rs, rs])
tf.strings.reduce_join(rs, axis=1)
tf.strings.reduce_join(rs, axis=-1, separator="+")
tf.strings.reduce_join(rs)
tf.strings.regex_replace(rs, "b", "Z")
tf.strings.regex_full_match(rs, "a.*")
tf.strings.as_string(rt)
tf.strings.to_number(tf.strings.as_string(rt))
tf.strings.to_hash_bucket_fast(rs, 10)
tf.strings.format("{}", rt)
tf.math.bincount(rt)
tf.math.unsorted_segment_sum(rf, g.constant([[0,1],[],[1]]), 2)
tf.dynamic_partition(rf, [0,1,0], 2)
g.constant([1, 2])
g.constant([])
g.constant([[]])
g.constant([[[]]])
g.constant([[], []])
g.constant([[1,2],[3.5]])
g.constant([["a"],["b",b"c"]])
g.constant([[1],2])
g.constant([[1],["a"]])
g.constant([[1],[2,3]], dtype=tf.float64)
g.constant([[1],[2,3]], ragged_rank=1)
g.constant([[[1,2]],[[3,4],[5,6]]], ragged_rank=1)
g.constant([[[1,2]],[[3],[5,6]]], ragged_rank=1)
g.constant([[1],[2,3]], ragged_rank=2)
g.constant([[1],[2,3]], ragged_rank=0)
g.constant([[[1,2]],[]], inner_shape=(2,))
g.constant([[1,2],[3]], row_splits_dtype=tf.int32)
g.constant(5)
g.constant(np.array([[1,2],[3,4]]))
g.constant([np.array([1,2]),np.array([3])])
g.constant("a")
g.constant([[1,2],[3]], name="x")
g.constant([[True],[]])
g.range([3,5,2])
g.range([0,5,8],[3,3,12])
g.range([0,5,8],[3,3,12],2)
g.range(3)
g.range([3.5, 1.0])
g.range([1,2],[3,4],[0,1])
g.range([1,2],[3,4,5])
g.range([3],row_splits_dtype=tf.int32).row_splits
g.boolean_mask([[1,2,3],[4,5,6]], [[True,False,True],[False,False,True]])
g.boolean_mask([[1,2,3],[4,5,6]], [True,False])
g.boolean_mask(rt, [True,False,True,False,False])
g.boolean_mask(rt, rt > 2)
g.boolean_mask(r3, g.constant([[True,False],[],[True,True]]))
g.boolean_mask(r3, r3 > 2)
g.boolean_mask([1,2,3],[True,False,True])
g.boolean_mask(rt, [1,0,1,0,0])
g.boolean_mask([[1,2],[3,4]], g.constant([[True,False],[True,True]]))
g.map_flat_values(tf.ones_like, rt)
g.map_flat_values(tf.multiply, rt, rt)
g.map_flat_values(tf.add, rt, 5)
g.map_flat_values(tf.reduce_sum, rt)
g.map_flat_values(tf.add, [1], 5)
g.map_flat_values(tf.add, rt, rf)
g.map_flat_values(lambda x: x[:2], rt)
g.row_splits_to_segment_ids([0, 3, 3, 5, 6, 9])
g.segment_ids_to_row_splits([0, 0, 0, 2, 2, 3, 4, 4, 4])
g.segment_ids_to_row_splits([0, 2], num_segments=5)
g.row_splits_to_segment_ids([0, 3, 3], out_type=tf.int32)
g.stack_dynamic_partitions(["a","b","c","d","e"], [3,0,2,2,3], 5)
g.stack_dynamic_partitions(rt, [1,0,1,0,0], 2)
g.stack_dynamic_partitions(rf, g.constant([[1,0],[],[1]]), 2)
tf.RaggedTensorSpec([None, None], tf.int32)
tf.RaggedTensorSpec([None, None], tf.int32).shape
tf.RaggedTensorSpec([None, None, 2], tf.int32, ragged_rank=1)
tf.RaggedTensorSpec.from_value(rt)
tf.RaggedTensorSpec([3,None],tf.int32).is_compatible_with(rt)
tf.RaggedTensorSpec([5,None],tf.int32).is_compatible_with(rt)
tf.RaggedTensorSpec([None,None],tf.int32) == tf.RaggedTensorSpec([None,None],tf.int32)
tf.RaggedTensorSpec([None,None],tf.int32).most_specific_compatible_type(tf.RaggedTensorSpec([3,None],tf.int32))
tf.RaggedTensorSpec([None,None],tf.int32,ragged_rank=3)
tf.RaggedTensorSpec([None,None]).ragged_rank
tf.RaggedTensorSpec([None,None]).row_splits_dtype
tf.RaggedTensorSpec(None, tf.int32)
tf.nest.flatten(rt, expand_composites=True)
tf.nest.flatten([rt])
tf.nest.map_structure(lambda x: x, {"a": rt}, expand_composites=True)
tf.convert_to_tensor(rt)
tf.constant(rt)
tf.linalg.inv(rf)
tf.argmax(rt, 1)
tf.sort(rt)
tf.transpose(rt)
tf.reshape(rt, [2, 2])
tf.broadcast_to(C([[1],[2],[3],[4],[5]]), tf.shape(rt))
tf.function(lambda x: x * 2)(rt)
tf.function(lambda x: tf.reduce_sum(x, 1))(rt)
tf.function(lambda x: x[:, :1])(rt)
tf.function(lambda x: tf.concat([x, x], 1))(rt)
tf.function(lambda x: x.to_tensor())(rt)
tf.function(lambda: rt + 1)()
tf.function(lambda x: x + 1, input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)])(rt)
tf.function(lambda x: x + 1, input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)])(rf)
tf.function(lambda x: tf.reduce_mean(x, 1))(rf)
tf.function(lambda x: x[0])(rt)
tf.function(lambda x: tf.tile(x, [1, 2]))(rt)
tf.function(lambda x: tf.stack([x, x], 1))(rt)
tf.function(lambda x: tf.gather(x, [0, 2]))(r3)
tf.function(lambda x: x + C([[1],[2],[3],[4],[5]]))(rt)
tf.function(lambda x: tf.where(x > 2, x, 0))(rt)
tf.function(lambda x: tf.cond(tf.reduce_sum(x) > 3, lambda: x + 1, lambda: x))(rt)
tf.function(lambda x: tf.ragged.boolean_mask(x, x > 2))(rt)
tf.function(lambda x: tf.while_loop(lambda i, v: i < 2, lambda i, v: (i + 1, v + 1), (0, x))[1])(rt)
tf.while_loop(lambda i, v: i < 2, lambda i, v: (i + 1, v + 1), (0, rt))[1]
tf.cond(C(True), lambda: rt, lambda: rt + 1)
tf.map_fn(tf.reduce_sum, rt)
tf.map_fn(lambda x: x + 1, rt)
tf.map_fn(lambda x: x + 1, rt, fn_output_signature=tf.RaggedTensorSpec([None], tf.int32))
tf.map_fn(tf.range, C([1,3]), fn_output_signature=tf.RaggedTensorSpec([None], tf.int32))
tf.map_fn(lambda x: tf.reduce_sum(x, 1), r3, fn_output_signature=tf.RaggedTensorSpec([None], tf.int32))
tf.map_fn(tf.reduce_mean, rf)
tf.random.set_seed(1), tf.nn.dropout(rf, 0.0)
tf.nn.embedding_lookup(C([[1.],[2.],[3.],[4.],[5.],[6.],[7.],[8.],[9.],[10.]]), rt)
tf.debugging.assert_equal(rt, rt)
tf.is_tensor(rt)
isinstance(rt, tf.RaggedTensor)
isinstance(rt, tf.Tensor)
rt.get_shape()
tf.raw_ops.RaggedRange(starts=[0,5], limits=[3,7], deltas=1)
tf.raw_ops.RaggedTensorToTensor(shape=[-1,-1], values=[1,2,3], default_value=0, row_partition_tensors=[C([0,2,3],tf.int64)], row_partition_types=["ROW_SPLITS"])
tf.expand_dims(tf.ragged.constant([[1]]), axis=1).shape
tf.RaggedTensor.from_row_splits(tf.zeros([3, 2]), [0, 1, 3])
tf.RaggedTensor.from_row_splits(tf.zeros([0, 2]), [0, 0])
tf.RaggedTensor(1, 2)
repr(tf.ragged.constant([[list(range(30))]]))
str(tf.ragged.constant([[list(range(30))]]))
repr(tf.ragged.constant([[i] for i in range(40)]))
str(tf.ragged.constant([["a'b", 'c"d']]))
str(tf.ragged.constant([[1.0, 2.123456789, 1e10, 1e-5]]))
repr(tf.ragged.constant([[1.0, 2.123456789, 1e10, 1e-5]]))
repr(tf.ragged.constant([[True, False]]))
repr(tf.ragged.constant([[1+2j]]))
repr(tf.cast(rf, tf.float16))
repr(tf.cast(rf, tf.bfloat16))
tf.ragged.constant([[1,2],[3]]).to_tensor(default_value=[1,2])
tf.ragged.constant([[1,2],[3]]).to_tensor(default_value=1.5)
rt.to_tensor(shape=[2])
rt.to_tensor(shape=(None, None, 3))
tf.strings.format("{} {}", [rf, tf.constant([1,2])])
tf.strings.format("{}", rs)
tf.strings.format("{}", [tf.ragged.constant([[1]*9, [2]])])
tf.gather_nd(rt,[2,1])
tf.gather(ru,[1]).shape
tf.gather(ru,[[1]]).shape
ru[1:].shape
ru[::-1].shape
tf.concat([ru,ru],0).shape
tf.concat([ru,ru],1).shape
tf.concat([ru,ru],2).shape
tf.stack([rt,rt],1).shape
tf.reduce_mean(rt,0)
tf.reduce_mean(r3,[1,2])
tf.tile(ru,[1,2,1]).shape
tf.shape(rt, tf.int64)[0]
tf.shape(rt)[1]
tf.shape(ru)
tf.reshape(r3.flat_values, tf.shape(r3))
tf.map_fn(lambda x: (tf.reduce_sum(x), tf.size(x)), rt, fn_output_signature=(tf.int32, tf.int32))
tf.map_fn(lambda x:x+1, r3).shape
tf.unstack(rt)
tf.ones_like(rs)
tf.zeros_like(rs)
rt + tf.Variable(1)
tf.Variable(1)+rt
np.float32(2)*rf
tf.RaggedTensorSpec([2,None],tf.int32)._component_specs
rt != None
rt == None
r3[:, 0:1, 0:1]
r3[..., tf.newaxis, :]
tf.concat([rs, [["x"]], rs], 0)
tf.reduce_max(rf, 0)
tf.reduce_prod(r3, [1])
tf.reduce_sum(rf[:0], 1)
rf[:0]
rf[:0].to_tensor()
rt[:, 1:-1]
rt[:, -1:0:-1]
rt[1:4:2, 1:]
tf.math.bincount(rt)
r3.merge_dims(0,1).merge_dims(0,1)
tf.gather(r3, g.constant([[0],[2,0]]))
tf.gather(rs, rt[:1] - 1, batch_dims=0)
tf.sort(rt.flat_values)
tf.gather(tf.reshape(tf.range(24), [2, 3, 4]), g.constant([[0, 1], [1], []]), axis=1)
tf.gather(tf.reshape(tf.range(24), [2, 3, 4]), g.constant([[0, 1], [1], []]), axis=1).ragged_rank
tf.gather(tf.reshape(tf.range(24), [2, 3, 4]), g.constant([[0, 1], [1], []]), axis=2)
tf.gather(tf.reshape(tf.range(24), [2, 3, 4]), g.constant([[0, 1], [1], []]), axis=-1).ragged_rank
tf.gather(tf.reshape(tf.range(24), [2, 3, 4]), g.constant([[[0, 1], [1]], [[]]], dtype=tf.int32), axis=1)
tf.gather(tf.reshape(tf.range(24), [2, 3, 4]), R.from_row_splits([[0, 1], [1, 0]], [0, 1, 1, 2]), axis=1)
tf.gather(r3[:1], g.constant([[0, 1], [1], []]), axis=1)
tf.gather(ri[:1], g.constant([[0, 1], [1], []]), axis=1)
tf.gather(ri, g.constant([[0, 1], [1], []]), axis=2)
tf.function(lambda p, i: tf.gather(p, i, axis=1))(tf.reshape(tf.range(24), [2, 3, 4]), g.constant([[0, 1], [1], []]))
""".strip().splitlines()

if __name__ == "__main__":
    record(SETUP, EXPRESSIONS, RECORDING)
