# ruff: noqa: E501
"""Programs of tf.data as expressions, and what they make: elements, specs, lengths, printed forms, errors.

`tools/record_data.py` runs them on TensorFlow and writes `recordings/data.json`; test_data.py runs them on tapeflow.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

RECORDING = Path(__file__).parent / "recordings" / "data.json"
MOST = 40  # elements that are looked at

SETUP = r'''
import collections, os
import numpy as np
D = tf.data.Dataset
X = tf.data.experimental
C = tf.constant
N = D.range
Point = collections.namedtuple("Point", "x y")
Spec = tf.TensorSpec
folder = FOLDER
rt = tf.ragged.constant([[1, 2, 3], [], [4], [5, 6]])
st = tf.sparse.from_dense([[0.0, 2.0, 0.0], [1.0, 0.0, 0.0]])

def write(name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path

def gen(*values, signature=Spec([], tf.int32), args=None):
    return D.from_generator(lambda *a: iter(values), output_signature=signature, args=args)

def failing(n):
    def generate():
        yield from range(n)
        raise ValueError("broken")
    return D.from_generator(generate, output_signature=Spec([], tf.int32))

def lengths(*sizes):
    return D.from_tensor_slices(list(sizes)).map(lambda n: tf.fill([n], n))

def twice(d):
    return [list(d.as_numpy_iterator()), list(d.as_numpy_iterator())]

def thrice(d):
    return [list(d.as_numpy_iterator()) for _ in range(3)]

def error(i):
    with tf.control_dependencies([tf.debugging.assert_less(i, C(3, tf.int64), message="too big")]):
        return tf.identity(i)

def nan_free(x):
    return tf.debugging.check_numerics(1.0 / x, "bad")

def sum_of(d):
    total = tf.zeros([], tf.int64)
    for x in d:
        total += x
    return total

def first_big(d):
    found = C(-1, tf.int64)
    for x in d:
        if x * x > 10:
            found = x
            break
    return found

def drained(d):
    iterator = iter(d)
    found = []
    while True:
        optional = iterator.get_next_as_optional()
        if not optional.has_value():
            return found
        found.append(optional.get_value())

def after_break(d):
    iterator = iter(d)
    for x in iterator:
        if x == 2:
            break
    return next(iterator)

@tf.function
def next_sum(iterator):
    return next(iterator) + next(iterator)

@tf.function
def while_optional(iterator):
    total = tf.zeros([], tf.int64)
    optional = iterator.get_next_as_optional()
    while optional.has_value():
        total += optional.get_value()
        optional = iterator.get_next_as_optional()
    return total

@tf.function
def on_condition(dataset, flag):
    if flag:
        result = dataset.reduce(C(0, tf.int64), lambda a, b: a + b)
    else:
        result = C(-1, tf.int64)
    return result

def in_function(f):
    return tf.function(f)

def folded(x):
    if x > 2:
        return x
    return -x

def listed(d):
    found = tf.TensorArray(tf.int64, 0, dynamic_size=True)
    for i, x in d.enumerate():
        found = found.write(tf.cast(i, tf.int32), x)
    return found.stack()

def total():
    return sum_of(N(4))

def total_to(n):
    return sum_of(N(n))

def total_taken(n):
    return sum_of(N(6).take(n))

def total_mapped(n):
    return sum_of(N(10).skip(n).map(lambda x: x * n))

def total_of(x):
    return sum_of(D.from_tensor_slices(x))

captured = N(5).map(lambda x: x * 2)

@tf.function
def uses_captured(k):
    return captured.map(lambda x: x * k).reduce(C(0, tf.int64), lambda a, b: a + b)

def with_seed(seed, make):
    tf.random.set_seed(seed)
    return make()

def snapshot_of(d):
    path = os.path.join(folder, "snapshot")
    s = d.snapshot(path)
    return [list(s.as_numpy_iterator()), list(s.as_numpy_iterator())]

def saved(d, **kwargs):
    path = os.path.join(folder, "saved")
    d.save(path)
    return D.load(path, **kwargs)

def by_key(window=None, window_size_func=None):
    return N(10).group_by_window(lambda x: x % 3, lambda k, w: w.batch(4), window, window_size_func)

csv = write("a.csv", b"a,b,c\n1,2.5,x\n3,,y\n5,6.5,\"q,r\"\n")
texts = [write("one.txt", b"alpha\nbeta\r\n\ngamma"), write("two.txt", b"delta\n")]
fixed = write("fixed.bin", b"HHaabbccddF")
'''

EXPRESSIONS = r'''
# sources
D.from_tensors([1, 2, 3])
D.from_tensors(([1, 2], {"b": 1.5, "a": "x"}))
D.from_tensors(Point(1, [2.0]))
D.from_tensors(5).repeat(3)
D.from_tensors(rt)
D.from_tensors((1, None))
D.from_tensor_slices([1, 2, 3])
D.from_tensor_slices(np.arange(6).reshape(3, 2))
D.from_tensor_slices(([1, 2], ["a", "b"]))
D.from_tensor_slices({"x": [1, 2], "a": [[1.0], [2.0]]})
D.from_tensor_slices(({"x": [1, 2]}, [3, 4]))
D.from_tensor_slices(Point([1, 2], [3, 4]))
D.from_tensor_slices(rt)
D.from_tensor_slices((rt, [1, 2, 3, 4]))
D.from_tensor_slices(())
D.from_tensor_slices(3)
D.from_tensor_slices(([1, 2], [1, 2, 3]))
D.from_tensor_slices([])
D.from_tensor_slices(np.zeros((0, 3), np.float32))
D.from_tensor_slices([True, False])
D.from_tensor_slices([b"a", "b"])
D.from_tensor_slices(np.array([1, 2], np.float16))
N(5)
N(2, 5)
N(1, 10, 3)
N(10, 1, -3)
N(5, 2)
N(3, output_type=tf.float32)
N(3, output_type=tf.int32)
N(C(4, tf.int64))
N()
N(1, 2, 0)
X.from_list([(1, "a"), (2, "b")])
X.from_list([])
X.from_list([1, 2, 3])
X.from_list([[1, 2], [3, 4]])
X.from_list([{"a": 1}, {"a": 2}])
D.counter().take(3)
D.counter(start=2, step=5).take(3)
D.counter(10, -1).take(3)
D.counter(start=0.5, step=0.25, dtype=tf.float32).take(3)
D.counter()
X.Counter(1, 2).take(2)
D.random(seed=4).take(6)
D.random(seed=4)
twice(D.random(seed=4).take(4))
twice(D.random(seed=4, rerandomize_each_iteration=True).take(4))
thrice(D.random(seed=4, rerandomize_each_iteration=True).take(3))
with_seed(3, lambda: D.random().take(4))
with_seed(3, lambda: D.random(seed=9).take(4))
X.RandomDataset(seed=42).take(3)
gen(1, 2, 3)
gen(1, 2.5)
gen(1, "a")
gen((1, 2.0), (3, 4.0), signature=(Spec([], tf.int32), Spec([], tf.float32)))
gen([1, 2], [3], signature=Spec([None], tf.int64))
gen([1, 2], [3], signature=Spec([2], tf.int64))
gen({"a": 1}, {"a": 2}, signature={"a": Spec([], tf.int64)})
gen({"b": 1}, signature={"a": Spec([], tf.int64)})
gen((1, 2), 3, signature=(Spec([], tf.int32), Spec([], tf.int32)))
gen(rt, signature=tf.RaggedTensorSpec([None, None], tf.int32))
gen(rt, signature=tf.RaggedTensorSpec([3, None], tf.int32))
gen(rt, signature=Spec([2, 2], tf.int32))
gen(st, signature=tf.SparseTensorSpec([None, 3], tf.float32))
gen((st, 1.0), signature=(tf.SparseTensorSpec([2, 3], tf.float32), Spec([])))
gen(st, signature=tf.SparseTensorSpec([4, 3], tf.float32))
gen(tf.zeros([2, 3]), signature=tf.SparseTensorSpec([2, 3], tf.float32))
gen((1, tf.experimental.Optional.empty(None)), signature=(Spec([], tf.int32), tf.OptionalSpec(None))).map(lambda i, x: (i, x.has_value()))
gen("a", "bc", signature=Spec([], tf.string))
failing(2)
D.from_generator(lambda: iter([1, 2]), tf.int64)
D.from_generator(lambda: iter([1, 2]), tf.int64, tf.TensorShape([]))
D.from_generator(lambda: iter([(1, [2.0])]), (tf.int64, tf.float32), (tf.TensorShape([]), tf.TensorShape([None])))
D.from_generator(lambda n: iter(range(n)), args=[4], output_signature=Spec([], tf.int32))
D.from_generator(lambda n, k: iter(n + k), args=[[1, 2], 3], output_signature=Spec([], tf.int32))
D.from_generator([1, 2], tf.int32)
D.from_generator(lambda: iter([1]))
D.from_generator(lambda: iter([1]), output_signature=tf.int32)
D.from_generator(lambda: iter([1]), output_types=tf.int32, output_signature=Spec([], tf.int32))
D.from_generator(lambda: 5, output_signature=Spec([], tf.int32))
twice(gen(1, 2))
D.zip(N(3), N(5))
D.zip((N(3), (N(5), N(4).batch(2))))
D.zip({"a": N(2), "b": N(3, 6)})
D.zip(datasets=(N(2), N(2)))
D.zip()
D.zip([N(2), N(2)])
D.zip(N(3), N(2).repeat())
D.zip(N(2).repeat(), N(2).repeat())
D.zip(N(3).filter(lambda x: x > 0), N(2))
D.zip(N(3), 4)
D.zip(D.from_tensor_slices([1, 2, 3]), D.from_tensor_slices([4, 5, 6])).shuffle(3, seed=1).batch(2)
# choosing
N(5).take(3)
N(5).take(-1)
N(5).take(0)
N(5).take(10)
N(5).take(C(2, tf.int64))
N(5).skip(2)
N(5).skip(-1)
N(5).skip(9)
N(5).repeat().take(12)
N(3).repeat(2)
N(3).repeat(0)
N(3).repeat()
N(0).repeat().take(2)
N(3).filter(lambda x: x > 5).repeat(2)
N(10).shard(3, 1)
N(10).shard(3, 2)
N(10).shard(0, 0)
N(10).shard(3, 3)
N(10).shard(3, -1)
N(3).concatenate(N(5, 7))
N(3).concatenate(D.from_tensor_slices([1.0]))
N(3).concatenate(D.zip(N(2), N(2)))
D.from_tensors([1]).concatenate(D.from_tensors([1, 2]))
N(3).enumerate()
N(3).enumerate(start=5)
D.zip(N(3), N(3)).enumerate()
N(3).filter(lambda x: x > 0).enumerate()
N(3).cache()
N(3).cache().repeat(2)
twice(N(3).cache())
twice(N(10).shuffle(10, seed=1).cache())
N(3).prefetch(2)
N(3).prefetch(tf.data.AUTOTUNE)
N(3).prefetch(-3)
N(3).repeat().prefetch(2).take(4)
N(6).unique()
D.from_tensor_slices([3, 1, 3, 2, 1]).unique()
D.from_tensor_slices(["a", "b", "a"]).unique()
D.from_tensor_slices([[1, 2], [1, 2], [2, 1]]).unique()
D.from_tensor_slices([0.0, -0.0, float("nan"), float("nan")]).unique()
D.zip(N(3), N(3)).unique()
D.from_tensor_slices([3, 1, 3]).apply(X.unique())
N(5).take_while(lambda x: x < 3)
N(5).take_while(lambda x: x + 1)
N(5).apply(X.take_while(lambda x: x < 3))
N(6).filter(lambda x: x % 2 == 0)
N(6).filter(lambda x: x)
D.zip(N(4), N(4)).filter(lambda a, b: a + b > 2)
D.from_tensor_slices({"a": [1, 2]}).filter(lambda e: e["a"] > 1)
N(3).apply(lambda d: d.map(lambda x: x + 1))
N(3).apply(lambda d: 5)
N(3).apply(X.enumerate_dataset(7))
N(5).apply(X.assert_cardinality(5))
N(5).filter(lambda x: x > 0).apply(X.assert_cardinality(4))
N(5).filter(lambda x: x > 0).apply(X.assert_cardinality(3))
N(5).filter(lambda x: x > 0).apply(X.assert_cardinality(5))
N(5).apply(X.assert_cardinality(tf.data.INFINITE_CARDINALITY))
# shuffling
N(10).shuffle(10, seed=1)
N(10).shuffle(3, seed=1)
N(30).shuffle(10, seed=1).batch(4)
N(10).shuffle(1)
N(10).shuffle(100, seed=3)
N(10).shuffle(0)
N(10).shuffle(-1, seed=1)
N(10).shuffle(-3)
N(10).shuffle(4, seed=1).repeat(2)
N(10).repeat(2).shuffle(4, seed=1)
N(10).shuffle(4, seed=1, reshuffle_each_iteration=False).repeat(2)
thrice(N(6).shuffle(6, seed=5))
thrice(N(6).shuffle(6, seed=5, reshuffle_each_iteration=False))
with_seed(11, lambda: N(10).shuffle(10))
with_seed(11, lambda: thrice(N(5).shuffle(5)))
with_seed(11, lambda: N(10).shuffle(10, seed=2).map(lambda x: x * 2).shuffle(10, seed=3))
N(10).shuffle(C(5, tf.int64), C(3, tf.int64))
N(10).map(lambda x: x * 2).shuffle(5, seed=1).take(7).skip(1).repeat(2)
N(6).filter(lambda x: x > 1).shuffle(3, seed=2)
N(6).filter(lambda x: x > 1).shuffle(3, seed=2).repeat(2)
N(3).apply(X.shuffle_and_repeat(10, 2, seed=1))
N(3).apply(X.shuffle_and_repeat(2, 3, seed=1))
N(3).apply(X.shuffle_and_repeat(10, seed=1)).take(10)
with_seed(5, lambda: N(20).apply(X.shuffle_and_repeat(7, 2)))
# batches
N(7).batch(3)
N(7).batch(3, drop_remainder=True)
N(7).batch(0)
N(7).batch(3).batch(2)
N(7).batch(3).unbatch()
N(7).batch(3).unbatch().batch(4)
N(7).batch(3).rebatch(2)
N(7).batch(3).rebatch(2, drop_remainder=True)
N(10).rebatch([2, 3])
N(10).batch(5).rebatch([2, 3])
N(10).batch(4).rebatch([2, 3, 1], drop_remainder=True)
N(6).batch(2, num_parallel_calls=2)
N(6).batch(2, num_parallel_calls=2, deterministic=False, drop_remainder=True)
lengths(1, 2).batch(2)
lengths(2, 2, 1).batch(2)
D.from_tensors((1, None)).repeat(3).batch(2)
D.from_tensor_slices({"a": [1, 2, 3], "b": ["x", "y", "z"]}).batch(2)
D.from_tensor_slices(["a", "b", "c"]).map(lambda s: s + "!").batch(2)
D.from_tensor_slices(["a", "b", "c"]).filter(lambda s: s != "b").batch(2).unbatch().padded_batch(2)
D.from_tensor_slices([[1.0, 2.0], [3.0, 4.0]]).map(lambda x: tf.ragged.range([1, 2]) + 0).batch(2)
gen([[1, 2]], [[3, 4], [5, 6]], signature=Spec([None, 2], tf.int32)).ragged_batch(2)
gen([[1, 2]], [[3], [5]], signature=Spec([None, None], tf.int32)).ragged_batch(2)
gen([[1, 2]], [[3, 4], [5, 6]], signature=Spec([None, 2], tf.int32)).ragged_batch(2).unbatch()
gen([[1, 2]], [[3], [5]], signature=Spec([None, None], tf.int32)).ragged_batch(2).batch(1).unbatch().unbatch()
D.from_tensor_slices(rt).batch(3)
D.from_tensor_slices(rt).batch(3).unbatch()
D.from_tensor_slices(rt).batch(2).batch(2)
D.from_tensor_slices((rt, [1, 2, 3, 4])).batch(2, drop_remainder=True)
D.from_tensors(rt).unbatch()
lengths(1, 3, 2).ragged_batch(2)
lengths(1, 3, 2).ragged_batch(2, drop_remainder=True)
lengths(1, 3).ragged_batch(2, row_splits_dtype=tf.int32)
D.from_tensor_slices([[1, 2], [3, 4]]).ragged_batch(2)
N(3).ragged_batch(2)
lengths(1, 3, 2).apply(X.dense_to_ragged_batch(2))
lengths(1, 2, 3).padded_batch(2)
lengths(1, 2, 3).padded_batch(2, drop_remainder=True)
lengths(1, 2, 3).padded_batch(2, padded_shapes=[4])
lengths(1, 2, 3).padded_batch(2, padded_shapes=[2])
lengths(1, 2, 3).padded_batch(2, padded_shapes=[None], padding_values=-1)
lengths(1, 2, 3).padded_batch(2, padded_shapes=[-1])
lengths(1, 2, 3).padded_batch(2, padded_shapes=[])
lengths(1, 2, 3).padded_batch(2, padded_shapes=[None, None])
lengths(1, 2, 3).padded_batch(2, padding_values=1.5)
lengths(1, 2, 3).padded_batch(2, padding_values=C(1, tf.int64))
lengths(1, 2, 3).padded_batch(2, padding_values=[1])
lengths(1, 2, 3).padded_batch(0)
D.zip(lengths(1, 2), N(2)).padded_batch(2)
D.zip(lengths(1, 2), N(2)).padded_batch(2, padded_shapes=([3], []), padding_values=(7, C(0, tf.int64)))
D.zip(lengths(1, 2), N(2)).padded_batch(2, padded_shapes=[3])
D.zip(lengths(1, 2), N(2)).padded_batch(2, padded_shapes=([3],))
D.zip({"a": lengths(1, 2), "b": N(2)}).padded_batch(2, padded_shapes={"a": [None], "b": []})
D.from_tensor_slices(["a", "bc"]).map(lambda s: tf.strings.bytes_split(s)).padded_batch(2)
D.from_tensor_slices(rt).padded_batch(2)
gen([1], [[2]], signature=Spec(None, tf.int32)).padded_batch(2)
gen([1], [[2]], signature=Spec(None, tf.int32)).padded_batch(2, padded_shapes=[None])
D.from_tensors([1, 2, 3]).unbatch()
D.from_tensors(([1, 2], [3, 4])).unbatch()
D.from_tensors(1).unbatch()
D.from_tensors(([1, 2], [3, 4, 5])).unbatch()
D.from_tensor_slices([[1, 2], [3, 4]]).apply(X.unbatch())
lengths(1, 2).unbatch()
N(7).window(3)
N(7).window(3, drop_remainder=True)
N(7).window(3).flat_map(lambda w: w)
N(7).window(3).flat_map(lambda w: w.batch(3))
N(7).window(3, shift=1).flat_map(lambda w: w.batch(3))
N(7).window(3, shift=1, drop_remainder=True).flat_map(lambda w: w.batch(3))
N(7).window(3, shift=1, stride=2).flat_map(lambda w: w.batch(3))
N(7).window(2, shift=4, stride=2, drop_remainder=True).flat_map(lambda w: w.batch(3))
N(7).window(2, 5).flat_map(lambda w: w.batch(3))
N(7).window(0)
N(7).window(2, shift=0)
N(7).window(2, stride=0)
N(7).window(3).map(lambda w: w.reduce(C(0, tf.int64), lambda a, b: a + b))
D.zip(N(4), N(4)).window(2).flat_map(lambda a, b: D.zip(a, b).batch(2))
D.zip(N(4), N(4)).window(2)
D.from_tensor_slices({"a": [1, 2, 3]}).window(2).flat_map(lambda w: w["a"])
[list(w.as_numpy_iterator()) for w in N(7).window(3)]
N(12).window(3).window(2).flat_map(lambda w: w).flat_map(lambda w: w)
# functions of elements
N(3).map(lambda x: x * 2)
N(3).map(lambda x: (x, x * 2))
N(3).map(lambda x: [x, x * 2])
N(3).map(lambda x: {"a": x, "b": x * 2})
N(3).map(lambda x: Point(x, x * 2))
N(3).map(lambda x: (x, None))
N(3).map(lambda x: 5)
N(3).map(lambda x: "abc")
N(3).map(lambda x: np.arange(2))
N(3).map(lambda x: tf.ragged.range([x, 2]))
N(3).map(lambda x: N(x))
N(3).map(lambda x: N(x)).flat_map(lambda d: d)
N(3).map(lambda x, y: x)
N(3).map(lambda: 1)
D.zip(N(3), N(3)).map(lambda x: x)
D.zip(N(3), N(3)).map(lambda *x: x[0] + x[1])
D.zip(N(3), N(3)).map(lambda a, b: {"s": a + b})
D.from_tensor_slices({"a": [1, 2]}).map(lambda e: e["a"])
D.from_tensors(((1, 2), 3)).map(lambda a, b: a[0] + b)
N(6).map(lambda x: x * x, num_parallel_calls=3)
N(6).map(lambda x: x * x, num_parallel_calls=tf.data.AUTOTUNE)
N(6).map(lambda x: x * x, num_parallel_calls=3, deterministic=False).batch(6).map(tf.sort)
N(6).map(lambda x: x * x, num_parallel_calls=0)
N(3).map(lambda x: object())
N(3).map(lambda x: undefined_name)
N(5).map(error)
N(5).map(error, num_parallel_calls=2)
N(5).map(lambda x: tf.gather([1, 2, 3], x))
D.from_tensor_slices([1.0, 0.0]).map(nan_free)
N(3).map(lambda x: tf.py_function(lambda y: y * 2, [x], tf.int64))
N(3).map(lambda x: tf.numpy_function(lambda y: y * 2, [x], tf.int64))
N(3).map(tf.sin)
N(5).map(folded)
N(4).map(lambda x: tf.reduce_sum(tf.range(x)))
N(3).map(lambda x: tf.TensorArray(tf.int64, 2).write(0, x).write(1, x).stack())
N(5).flat_map(lambda x: D.from_tensors(x).repeat(x))
N(5).flat_map(lambda x: (N(x), N(x)))
N(3).flat_map(lambda x: D.zip(N(x), N(x)))
N(1, 5).interleave(lambda x: D.from_tensors(x).repeat(6), cycle_length=2, block_length=4)
N(1, 5).interleave(lambda x: D.from_tensors(x).repeat(x), cycle_length=3, block_length=2)
N(1, 5).interleave(lambda x: D.from_tensors(x).repeat(x), cycle_length=2)
N(1, 5).interleave(lambda x: D.from_tensors(x).repeat(x), cycle_length=1)
N(7).interleave(lambda x: N(x), cycle_length=3, block_length=2)
N(7).interleave(lambda x: N(x), cycle_length=10, block_length=1)
N(7).interleave(lambda x: N(x), cycle_length=3, num_parallel_calls=2)
N(7).interleave(lambda x: N(x), cycle_length=3, block_length=2, num_parallel_calls=2)
N(7).interleave(lambda x: N(x), cycle_length=0)
N(7).interleave(lambda x: N(x), block_length=0)
N(7).interleave(lambda x: N(x), num_parallel_calls=0)
N(4).apply(X.parallel_interleave(lambda x: N(x), cycle_length=2))
N(4).apply(X.map_and_batch(lambda x: x * 2, 3))
N(4).apply(X.map_and_batch(lambda x: x * 2, 3, drop_remainder=True))
N(4).scan(C(0, tf.int64), lambda s, x: (s + x, s * x))
N(4).scan((C(0, tf.int64), 1.0), lambda s, x: ((s[0] + x, s[1] * 2), s[1]))
N(4).scan(0, lambda s, x: (s + x, x))
N(4).scan(C(0, tf.int64), lambda s, x: s + x)
N(3).scan(tf.zeros([0], tf.int64), lambda s, x: (tf.concat([s, [x]], 0), tf.reduce_sum(s)))
N(4).apply(X.scan(C(0, tf.int64), lambda s, x: (s + x, s * x)))
N(5).reduce(C(0, tf.int64), lambda s, x: s + x)
N(5).reduce(0, lambda s, x: s + x)
N(5).reduce((C(0, tf.int64), 0.0), lambda s, x: (s[0] + x, s[1] + 1.0))
N(5).reduce({"a": C(1, tf.int64)}, lambda s, x: {"a": s["a"] * (x + 1)})
N(3).reduce(tf.zeros([0], tf.int64), lambda s, x: tf.concat([s, [x]], 0))
N(0).reduce(C(3, tf.int64), lambda s, x: s + x)
D.zip(N(4), N(4)).reduce(C(0, tf.int64), lambda s, e: s + e[0] * e[1])
N(5).ignore_errors()
D.from_tensor_slices([1.0, 0.0, 4.0]).map(nan_free).ignore_errors()
D.from_tensor_slices([1.0, 0.0, 4.0]).map(nan_free).apply(X.ignore_errors())
D.from_tensor_slices([1.0, 0.0, 0.0, 4.0]).map(nan_free).ignore_errors().batch(2)
# several datasets
D.choose_from_datasets([N(3), N(10, 20)], D.from_tensor_slices(C([0, 1, 1, 0, 0, 1], tf.int64)))
D.choose_from_datasets([N(2), N(10, 20)], D.from_tensor_slices(C([0, 0, 0, 1, 1], tf.int64)))
D.choose_from_datasets([N(2), N(10, 20)], D.from_tensor_slices(C([0, 0, 0, 1, 1], tf.int64)), stop_on_empty_dataset=False)
D.choose_from_datasets([N(2), N(10, 20)], N(3))
D.choose_from_datasets([N(2)], N(1).repeat(4))
D.choose_from_datasets([N(2)], D.from_tensors(1))
D.choose_from_datasets([], N(1))
D.choose_from_datasets([N(2), D.from_tensors(1.0)], N(2))
X.choose_from_datasets([N(2), N(5)], N(2).repeat(3))
D.sample_from_datasets([N(10), N(100, 110)], seed=1)
D.sample_from_datasets([N(10), N(100, 110)], weights=[0.2, 0.8], seed=1)
D.sample_from_datasets([N(10), N(100, 110)], weights=[0.2, 0.8], seed=1, stop_on_empty_dataset=True)
D.sample_from_datasets([N(10), N(100, 110)], weights=C([0.5, 0.5]), seed=4)
D.sample_from_datasets([N(10), N(100, 110), N(200, 203)], weights=[0.5, 0.2, 0.3], seed=7)
D.sample_from_datasets([N(5)], seed=7)
D.sample_from_datasets([N(5).repeat(), N(3).repeat()], seed=7).take(10)
D.sample_from_datasets([N(10), N(100, 110)], weights=[1.0, 0.0], seed=1)
D.sample_from_datasets([N(10), N(100, 110)], weights=[1, 3], seed=1)
D.sample_from_datasets([N(10), N(100, 110)], weights=[0.5], seed=1)
D.sample_from_datasets([N(10), N(100, 110)], weights=["a", "b"], seed=1)
D.sample_from_datasets([], seed=1)
D.sample_from_datasets([N(10), N(100, 110)], weights=D.from_tensors([0.9, 0.1]).repeat(), seed=1).take(10)
D.sample_from_datasets([N(20), N(100, 120)], seed=1, rerandomize_each_iteration=True)
twice(D.sample_from_datasets([N(6), N(100, 106)], seed=1))
twice(D.sample_from_datasets([N(6), N(100, 106)], seed=1, rerandomize_each_iteration=True))
with_seed(8, lambda: D.sample_from_datasets([N(6), N(100, 106)]))
with_seed(8, lambda: twice(D.sample_from_datasets([N(6), N(100, 106)], seed=3)))
X.sample_from_datasets([N(10), N(100, 110)], [0.3, 0.7], seed=1)
# groups
by_key(3)
by_key(window_size_func=lambda k: k + 1)
by_key(C(2, tf.int64))
by_key()
by_key(3, lambda k: k)
N(10).group_by_window(lambda x: tf.cast(x, tf.float32), lambda k, w: w, 3)
N(10).group_by_window(lambda x: x % 2, lambda k, w: k, 3)
N(10).group_by_window(lambda x: x % 2, lambda k, w: D.zip(w, D.from_tensors(k).repeat()), 3)
N(6).group_by_window(lambda x: x % 2, lambda k, w: w.batch(3), 0)
N(10).apply(X.group_by_window(lambda x: x % 2, lambda k, w: w.batch(5), 5))
lengths(1, 5, 2, 4, 3, 1, 6).bucket_by_sequence_length(lambda x: tf.shape(x)[0], [3, 5], [2, 2, 2])
lengths(1, 5, 2, 4, 3, 1, 6).bucket_by_sequence_length(lambda x: tf.shape(x)[0], [3, 5], [2, 2, 2], drop_remainder=True)
lengths(1, 3, 2, 4, 3, 1).bucket_by_sequence_length(lambda x: tf.shape(x)[0], [3, 5], [2, 2, 2], pad_to_bucket_boundary=True)
lengths(2, 2, 4, 4).bucket_by_sequence_length(lambda x: tf.shape(x)[0], [3, 5], [2, 2, 2], no_padding=True)
lengths(1, 2).bucket_by_sequence_length(lambda x: tf.shape(x)[0], [3, 5], [2, 2])
lengths(1, 2).bucket_by_sequence_length(lambda x: tf.shape(x)[0], [3], [2, 2], padded_shapes=[4], padding_values=9)
lengths(1, 2).apply(X.bucket_by_sequence_length(lambda x: tf.shape(x)[0], [3], [2, 2]))
N(10).apply(X.group_by_reducer(lambda x: x % 3, X.Reducer(lambda _: C(0, tf.int64), lambda s, x: s + x, lambda s: s)))
N(10).apply(X.group_by_reducer(lambda x: x % 2, X.Reducer(lambda k: (k, C(0)), lambda s, x: (s[0], s[1] + 1), lambda k, n: {"key": k, "n": n})))
D.from_tensor_slices([0, 0, 0, 1, 0, 0, 0, 1, 0, 0]).rejection_resample(lambda x: x, target_dist=[0.5, 0.5], initial_dist=[0.8, 0.2], seed=3)
D.from_tensor_slices([0, 0, 0, 1, 0, 0, 0, 1, 0, 0]).repeat(3).rejection_resample(lambda x: x, target_dist=[0.5, 0.5], seed=3).element_spec
D.from_tensor_slices([0, 0, 0, 1, 0, 0, 0, 1, 0, 0]).rejection_resample(lambda x: tf.cast(x, tf.float32), target_dist=[0.5, 0.5], seed=3)
# single elements, options, properties
N(1).get_single_element()
N(5).batch(5).get_single_element()
N(0).get_single_element()
N(2).get_single_element()
X.get_single_element(N(1))
X.get_structure(N(5).batch(2))
X.get_structure(iter(N(5)))
X.get_structure(5)
X.cardinality(N(5))
X.at(N(5), 2)
X.at(N(5).map(lambda x: x * 3), 4)
X.at(N(5).batch(2), 1)
X.at(N(5), 5)
len(N(5))
len(N(5).repeat())
len(N(5).filter(lambda x: x > 0))
bool(N(0))
N(5).element_spec
N(5).cardinality()
iter(N(3)).element_spec
next(iter(N(3)))
iter(N(3)).get_next()
next(iter(N(0)))
iter(N(0)).get_next()
iter(N(0)).get_next_as_optional().has_value()
iter(N(0)).get_next_as_optional().get_value()
iter(N(1)).get_next_as_optional().get_value()
X.get_next_as_optional(iter(N(1))).get_value()
tf.experimental.Optional.from_value((1, "a")).get_value()
tf.experimental.Optional.from_value((1, "a")).element_spec
tf.experimental.Optional.empty(Spec([], tf.int32)).has_value()
tf.experimental.Optional.empty(Spec([], tf.int32)).get_value()
X.Optional.from_value(3).get_value()
tf.data.DatasetSpec(Spec([2]))
tf.data.DatasetSpec.from_value(N(2))
tf.data.DatasetSpec(Spec([2])) == tf.data.DatasetSpec(Spec([2]))
tf.data.DatasetSpec(Spec([None])).is_compatible_with(tf.data.DatasetSpec(Spec([2])))
tf.data.DatasetSpec(Spec([None], tf.int64)).is_compatible_with(N(4).batch(2))
tf.type_spec_from_value(N(2))
tf.type_spec_from_value(iter(N(2)))
tf.data.IteratorSpec(Spec([2]))
tf.OptionalSpec(Spec([2]))
isinstance(N(2), tf.data.Dataset)
isinstance(iter(N(2)), tf.data.Iterator)
isinstance(N(2).as_numpy_iterator(), tf.data.NumpyIterator)
[type(x).__name__ for x in D.from_tensor_slices([[1], [2]]).as_numpy_iterator()]
[str(x) for x in D.from_tensors(rt).as_numpy_iterator()]
tf.data.Options().deterministic
N(2).options().deterministic
tf.nest.flatten((N(2), 3))[1]
N(3) == N(3)
# in functions
in_function(sum_of)(N(5))
in_function(sum_of)(N(5).map(lambda x: x * 2).shuffle(3))
in_function(first_big)(N(10))
in_function(total)()
in_function(total_to)(C(6, tf.int64))
in_function(total_taken)(C(3, tf.int64))
in_function(total_mapped)(C(3, tf.int64))
in_function(lambda n: N(10).batch(n).reduce(C(0, tf.int64), lambda s, x: s + tf.reduce_sum(x) * n))(C(3, tf.int64))
in_function(total_of)(C([1, 2, 3], tf.int64))
in_function(lambda x: D.from_tensor_slices(x).batch(2, drop_remainder=True).get_single_element())(C([1, 2, 3]))
in_function(lambda d: d.map(lambda x: x + 1))(N(3))
in_function(lambda d: (d.cardinality(), d.take(1).cardinality()))(N(3))
in_function(lambda d: len(d))(N(3))
in_function(lambda d: d.element_spec.shape.as_list())(N(4).batch(2))
in_function(listed)(N(4))
in_function(lambda d: next(iter(d)))(N(4))
in_function(lambda d: next(iter(d)))(N(0))
next_sum(iter(N(4)))
after_break(N(6))
in_function(after_break)(N(6))
while_optional(iter(N(6)))
[int(x) for x in drained(N(4))]
on_condition(N(5), C(True))
on_condition(N(5), C(False))
uses_captured(C(3, tf.int64))
in_function(lambda o: o.get_value() + 1)(tf.experimental.Optional.from_value(4))
in_function(lambda o: o.has_value())(tf.experimental.Optional.empty(Spec([], tf.int32)))
in_function(lambda x: tf.experimental.Optional.from_value(x))(C(3)).get_value()
in_function(lambda x: tf.experimental.Optional.empty(Spec([], tf.int32)).has_value())(C(3))
# random ops in functions
with_seed(5, lambda: N(3).map(lambda x: tf.random.uniform([], seed=2)))
with_seed(5, lambda: twice(N(3).map(lambda x: tf.random.uniform([], seed=2))))
with_seed(5, lambda: N(3).map(lambda x: tf.random.uniform([])).repeat(2))
with_seed(5, lambda: N(4).map(lambda x: tf.random.normal([2])))
with_seed(5, lambda: N(3).map(lambda x: tf.random.uniform([], 0, 100, tf.int32, seed=1) + tf.random.uniform([], 0, 100, tf.int32, seed=1)))
with_seed(5, lambda: N(3).map(lambda x: tf.random.stateless_uniform([], [1, x])))
N(3).map(lambda x: tf.random.uniform([], seed=2))
twice(N(3).map(lambda x: tf.random.uniform([], seed=2)))
with_seed(5, lambda: N(3).map(lambda x: tf.random.uniform([]), num_parallel_calls=1))
with_seed(5, lambda: N(3).flat_map(lambda x: D.from_tensors(tf.random.uniform([]))))
with_seed(5, lambda: D.zip(N(3).map(lambda x: tf.random.uniform([])), N(3).map(lambda x: tf.random.uniform([]))))
# files
tf.data.TextLineDataset(texts[0])
tf.data.TextLineDataset(texts)
tf.data.TextLineDataset(texts, num_parallel_reads=2)
tf.data.TextLineDataset(D.from_tensor_slices(texts))
tf.data.TextLineDataset(5)
tf.data.TextLineDataset([[texts[0]]])
tf.data.TextLineDataset("/nowhere/x.txt")
tf.data.TextLineDataset(write("t.gz", __import__("gzip").compress(b"a\nb\n")), compression_type="GZIP")
tf.data.TextLineDataset(write("t.z", __import__("zlib").compress(b"a\nb\n")), compression_type="ZLIB")
tf.data.TextLineDataset(texts[0], compression_type="LZMA")
tf.data.FixedLengthRecordDataset(fixed, 2, header_bytes=2, footer_bytes=1)
tf.data.FixedLengthRecordDataset(fixed, 3)
tf.data.FixedLengthRecordDataset(fixed, 11)
tf.data.FixedLengthRecordDataset([write("f.gz", __import__("gzip").compress(b"Haabbcc"))], 2, 1, compression_type="GZIP")
tf.data.TFRecordDataset("/nowhere/x.tfrecord")
tf.data.TFRecordDataset(write("bad.tfrecord", b"abc"))
tf.data.TFRecordDataset(write("empty.tfrecord", b""))
X.CsvDataset(csv, [tf.int32, tf.float32, tf.string], header=True)
X.CsvDataset(csv, [tf.int32, C([9.5]), tf.string], header=True)
X.CsvDataset(csv, [tf.int32, tf.string], header=True, select_cols=[0, 2])
X.CsvDataset(csv, [[0], [0.0], [""]], header=True, field_delim=",")
X.CsvDataset(csv, [tf.int32, tf.float32, tf.string])
X.CsvDataset(csv, [tf.int32, tf.string], header=True, exclude_cols=[1])
X.CsvDataset(csv, [tf.int32, [0.0]], header=True)
X.make_csv_dataset(csv, 2, num_epochs=1, shuffle=False).element_spec
X.make_csv_dataset(csv, 2, num_epochs=1, shuffle=False)
X.make_csv_dataset(csv, 2, label_name="c", num_epochs=1, shuffle=False)
X.make_csv_dataset(csv, 2, label_name="c", num_epochs=1, shuffle=True, shuffle_seed=3)
X.make_csv_dataset(csv, 2, select_columns=["a"], num_epochs=1, shuffle=False)
X.make_csv_dataset(csv, 2, column_names=["p", "q", "r"], header=False, column_defaults=["", "", ""], num_epochs=1, shuffle=False)
X.make_csv_dataset(csv, 2, label_name="zz")
D.list_files([os.path.join(folder, "*.txt")], shuffle=False)
D.list_files(os.path.join(folder, "*.txt"), shuffle=False).map(lambda x: tf.strings.length(x) > 0)
D.list_files(os.path.join(folder, "*.txt"), seed=3).map(lambda p: tf.strings.regex_replace(p, ".*/", ""))
twice(D.list_files(os.path.join(folder, "*.txt"), seed=3).map(lambda p: tf.strings.regex_replace(p, ".*/", "")))
D.list_files(os.path.join(folder, "*.nothing"))
D.list_files(os.path.join(folder, "*.nothing"), shuffle=False)
D.list_files(texts).element_spec
snapshot_of(N(5).map(lambda x: x * 2))
saved(N(5))
saved(D.zip(N(3), N(3).batch(1)))
saved(D.from_tensor_slices({"a": ["x", "y"]}))
saved(D.from_tensor_slices(rt))
saved(N(3), element_spec=Spec([], tf.int64))
twice(N(3).cache(os.path.join(folder, "cache")))
# compat.v1
tf.compat.v1.data.get_output_types(N(3))
tf.compat.v1.data.get_output_shapes(N(4).batch(2))
tf.compat.v1.data.get_output_classes(N(3))
tf.compat.v1.data.get_output_types(D.from_tensor_slices({"a": [1], "b": [1.5]}))
next(tf.compat.v1.data.make_one_shot_iterator(N(3)))
'''.strip().splitlines()
EXPRESSIONS = [line for line in EXPRESSIONS if not line.startswith("#")]

_NOISE = [
    (r"0x[0-9a-f]{6,}", "0x..."),
    (r"\nTraceback \(most recent call last\):[\s\S]*", ""),
    (r"\{\{function_node [^}]*\}\} ?", ""),
    (r"( \[\[\{\{node .*)? *\[Op:\w+\].*", ""),
    (r"Detected at node[^\n]*\n(.*\n)*?(?=\S)", ""),
    (r"\b(tensorflow|tapeflow)[\w.]*\.(?=\w)", ""),
    (r"\n\t \[\[.*", ""),
    (r"Error in user-defined function passed to .*? transformation with iterator: \S+: ", ""),
]


def names(tf: Any) -> dict[str, Any]:
    """The names in the expressions."""
    found: dict[str, Any] = {"tf": tf, "FOLDER": tempfile.mkdtemp()}
    source = Path(found["FOLDER"], "setup.py")  # a file, where AutoGraph finds the functions
    source.write_text(SETUP, encoding="utf-8")
    exec(compile(SETUP, str(source), "exec"), found)
    return found


def shown(value: Any, tf: Any) -> Any:
    """A value as JSON that says all of it."""
    if isinstance(value, tf.data.Dataset):
        elements, failure = [], None
        try:
            for element in value.take(MOST):
                elements.append(shown(element, tf))
        except Exception as error:
            failure = described(error)
        return {"repr": repr(value), "count": int(value.cardinality()), "elements": elements, "error": failure}
    if isinstance(value, (list, tuple)):
        return [shown(each, tf) for each in value]
    if isinstance(value, dict):
        return {key: shown(value[key], tf) for key in value}
    if isinstance(value, tf.RaggedTensor):
        return f"ragged {value.to_list()} {value.dtype.name} {value.shape}"
    if isinstance(value, tf.IndexedSlices):
        return f"slices {value.values.numpy().tolist()} {value.indices.numpy().tolist()}"
    if isinstance(value, tf.Tensor):
        return f"{np.asarray(value).tolist()} {value.dtype.name}"
    return value.__name__ if isinstance(value, type) else repr(value)


def described(error: BaseException) -> list[str]:
    """The type and the text of an error."""
    text = str(error)
    for pattern, replacement in _NOISE:
        text = re.sub(pattern, replacement, text)
    return [type(error).__name__, text.strip()]


def result(expression: str, known: dict[str, Any]) -> Any:
    """What an expression makes, as JSON."""
    tf = known["tf"]
    tf.random.set_seed(1234)
    try:
        found = shown(eval(expression, known), tf)
    except Exception as error:
        found = {"raises": described(error)}
    return json.loads(re.sub(r"0x[0-9a-f]{6,}", "0x...", json.dumps(found).replace(known["FOLDER"], "FOLDER")))
