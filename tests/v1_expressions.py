"""What programs of today still ask of `tf.compat.v1`, as expressions, and what TensorFlow makes of them.

Run in an environment that has TensorFlow, this file writes `recordings/v1_expressions.json`.
"""

from __future__ import annotations

from pathlib import Path

from expressions import record

RECORDING = Path(__file__).parent / "recordings" / "v1_expressions.json"
SETUP = """import numpy as np
v1 = tf.compat.v1
nn = v1.nn
C = tf.constant
a = C([[1., -2., 3.], [4., 5., -6.]])
x = tf.reshape(tf.range(32.0), [1, 4, 4, 2])
k = tf.reshape(tf.range(16.0), [2, 2, 2, 2]) / 8
s = tf.reshape(tf.range(12.0), [1, 6, 2])
i2 = tf.reshape(tf.range(4.0), [1, 2, 2, 1])
one = C([[1., 0.], [0., 1.]])
lo = C([[2., 1.], [0., 3.]])
labels = tf.SparseTensor([[0, 0], [0, 1]], [1, 0], [1, 2])
frames = tf.reshape(tf.range(12.0), [4, 1, 3]) / 4
"""
EXPRESSIONS = r"""v1.reduce_sum(a, reduction_indices=1, keep_dims=True)
v1.reduce_mean(a, 0, True)
v1.reduce_max(a, axis=1)
v1.reduce_min(a, reduction_indices=[0])
v1.reduce_prod(a, keepdims=True)
v1.reduce_all(a > 0, 0)
v1.reduce_any(a > 0, keep_dims=True)
v1.reduce_logsumexp(a, axis=1, reduction_indices=1)
v1.reduce_logsumexp(a, 1)
v1.argmax(a, dimension=1)
v1.argmin(a, 0, output_type=tf.int32)
v1.argmax(a, 0, dimension=1)
v1.cond(C(True), fn1=lambda: C(1), fn2=lambda: C(2))
v1.cond(C(False), lambda: C(1), lambda: C(2))
v1.count_nonzero(a > 0, 1)
v1.count_nonzero(input=a, keep_dims=True)
v1.decode_raw(bytes=C([b"ab"]), out_type=tf.uint8)
v1.depth_to_space(C([[[[1, 2, 3, 4]]]]), 2)
v1.space_to_depth(C([[[[1], [2]], [[3], [4]]]]), 2)
v1.matrix_set_diag(tf.zeros([2, 2]), C([1., 2.]))
v1.norm(a, keep_dims=True)
v1.norm(a, 1, 0)
v1.ones_like(a, tf.int32)
v1.zeros_like(a, optimize=False)
v1.reverse_sequence(C([[1, 2, 3], [4, 5, 6]]), [2, 3], seq_dim=1, batch_dim=0)
v1.round(C([0.5, 1.5]))
v1.shape(a, out_type=tf.int64)
v1.size(a)
v1.squared_difference(a, 1.0)
v1.transpose(a)
v1.while_loop(lambda i: i < 5, lambda i: i + 2, [C(0)])
v1.random_normal([2, 3]).shape
v1.random_uniform([2], 0, 5, tf.int32).dtype
v1.truncated_normal([2]).shape
v1.random_shuffle(C([1, 1]))
v1.math.divide_no_nan(1.0, C(0.0))
v1.strings.to_hash_bucket_fast(C(["a"]), 5)
v1.assert_equal(C(1), C(1))
v1.assert_less(C(2), C(1), message="no")
v1.assert_less_equal(C(1), C(1))
v1.assert_greater(C(2), C(1), [C(3)], 3, "text")
v1.assert_greater_equal(C(1), C(2))
v1.assert_non_negative(C(-1))
v1.assert_positive(C(1))
v1.assert_integer(C(1))
v1.assert_rank(a, 1)
v1.assert_type(a, tf.float32)
v1.debugging.assert_equal(C(1), C(2))
v1.debugging.assert_non_negative(C(1))
v1.debugging.is_strictly_increasing(C([1, 2]))
nn.avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
nn.max_pool(value=x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
nn.max_pool(x, 2, 2, "VALID", "NHWC")
nn.max_pool2d(x, 2, 2, "VALID")
nn.max_pool_v2(x, [2, 2], [1, 1], "VALID")
tuple(nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID", Targmax=tf.int32))
nn.conv1d(value=s, filters=tf.ones([2, 2, 1]), stride=2, padding="SAME")
nn.conv2d(x, k, [1, 1, 1, 1], "VALID")
nn.conv2d(x, filter=k, strides=[1, 2, 2, 1], padding="SAME", use_cudnn_on_gpu=False)
nn.conv2d(x, k, filters=k, strides=[1, 1, 1, 1], padding="VALID")
nn.conv2d_transpose(x, k, [1, 8, 8, 2], [1, 2, 2, 1])
nn.conv3d(tf.reshape(x, [1, 2, 4, 2, 2]), tf.ones([1, 2, 2, 2, 1]), [1] * 5, "VALID")
nn.convolution(x, k, "VALID", dilation_rate=[2, 2])
nn.crelu(C([-1., 2.]))
nn.depthwise_conv2d(x, k, [1, 1, 1, 1], "VALID", rate=[1, 1])
nn.separable_conv2d(x, k, tf.ones([1, 1, 4, 1]), [1, 1, 1, 1], "SAME")
nn.pool(x, [2, 2], "MAX", "VALID", strides=[2, 2])
nn.l2_normalize(a, dim=1)
nn.log_softmax(a, dim=-1)
nn.softmax(a, dim=0)
nn.moments(a, [0], keep_dims=True)
nn.sufficient_statistics(a, [0], keep_dims=True)[1:3]
nn.sigmoid(a)
nn.tanh(a)
nn.softmax_cross_entropy_with_logits(labels=one, logits=lo)
nn.softmax_cross_entropy_with_logits(labels=one, logits=lo, dim=0)
nn.sparse_softmax_cross_entropy_with_logits(labels=[0, 1], logits=lo)
nn.weighted_cross_entropy_with_logits(targets=one, logits=lo, pos_weight=2.0)
nn.fused_batch_norm(x, [1., 2.], [0., 1.])[:2]
nn.fused_batch_norm(x, [1., 2.], [0., 1.], [1., 1.], [4., 4.], is_training=False)
nn.fused_batch_norm(x, [1., 2.], [0., 1.], is_training=False)
nn.ctc_loss(labels, frames, [4])
nn.ctc_loss(labels, logits=tf.transpose(frames, [1, 0, 2]), sequence_length=[4], time_major=False)
nn.ctc_loss(labels, frames, [1])
nn.ctc_loss([[1]], frames, [4])
nn.ctc_loss_v2(C([[1]]), frames, C([1]), C([4]), blank_index=0)
nn.ctc_beam_search_decoder(tf.reverse(frames, [2]), [4], merge_repeated=True)[1]
nn.ctc_greedy_decoder(frames, [4])[1]
nn.zero_fraction(C([0., 1.]))
nn.top_k(C([1., 3., 2.]), 2)
v1.image.resize_bilinear(i2, [3, 3])
v1.image.resize_bilinear(i2, [3, 3], align_corners=True)
v1.image.resize_bilinear(i2, [3, 4], half_pixel_centers=True)
v1.image.resize_bicubic(i2, [3, 3], align_corners=True)
v1.image.resize_nearest_neighbor(i2, [3, 4])
v1.image.resize_area(i2, [1, 2])
v1.image.resize(i2, [3, 3], v1.image.ResizeMethod.NEAREST_NEIGHBOR)
v1.image.resize(i2[0], [4, 4])
v1.image.resize_images(i2, [3, 3], align_corners=True)
v1.image.resize(i2, [3, 8], preserve_aspect_ratio=True)
v1.image.resize(i2, [3, 3], method=9)
v1.image.resize(C([1.]), [3, 3])
v1.image.crop_and_resize(i2, [[0., 0., 1., 1.]], box_ind=[0], crop_size=[3, 3])
v1.image.flip_left_right(i2)
""".strip().splitlines()

if __name__ == "__main__":
    record(SETUP, EXPRESSIONS, RECORDING)
