"""Rows of control flow, TensorArrays and Python functions, which are not ops: calls by name.

A name that begins with `!` is refused in TensorFlow's words; with `?`, by the same type of error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from optable import Row, case, f32, f64, row

Calls = dict[str, Callable[[Any], Any]]


def calls(name: str, table: Calls) -> Row:
    cases = [
        case(label, error="type", reason="names a class of TensorFlow's, or Python's own words")
        if label[0] == "?"
        else case(label, error=label[0] == "!")
        for label in table
    ]
    return row(name, lambda tf, label: table[label](tf), cases)


def below3(i: Any, *_rest: Any) -> Any:
    return i < 3


WHILE: Calls = {
    "tuple": lambda tf: tf.while_loop(below3, lambda i: (i + 1,), [tf.constant(0)]),
    "list": lambda tf: tf.while_loop(below3, lambda i: [i + 1], (tf.constant(0),)),
    "python": lambda tf: tf.while_loop(below3, lambda i: (i + 1,), (0,)),
    "numpy": lambda tf: tf.while_loop(below3, lambda i: (i + 1,), [np.float32(1)]),
    "no iteration": lambda tf: tf.while_loop(lambda i: i < 0, lambda i: (i + 1,), [0]),
    "structure": lambda tf: tf.while_loop(
        below3, lambda i, d: (i + 1, {"a": d["a"] * 2}), (tf.constant(0), {"a": tf.constant([1.0])})
    ),
    "growing": lambda tf: tf.while_loop(
        below3,
        lambda i, x: (i + 1, tf.concat([x, x], 0)),
        (0, tf.constant([1.0])),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])),
    ),
    "array": lambda tf: tf.while_loop(below3, lambda i, a: (i + 1, a.write(i, i)), (0, tf.TensorArray(tf.int32, 3)))[
        1
    ].stack(),
    "array becomes tensor": lambda tf: tf.while_loop(below3, lambda i, a: (i + 1, 1), (0, tf.TensorArray(tf.int32, 3))),
    "variable": lambda tf: tf.while_loop(below3, lambda i: (i + 1,), [tf.Variable(1)]),
    "maximum": lambda tf: tf.while_loop(below3, lambda i: [i + 1], [tf.constant(0)], maximum_iterations=2),
    "maximum 0": lambda tf: tf.while_loop(below3, lambda i: [i + 1], [tf.constant(0)], maximum_iterations=0),
    "!maximum, list and tuple": lambda tf: tf.while_loop(
        below3, lambda i: (i + 1,), [tf.constant(0)], maximum_iterations=2
    ),
    "!maximum vector": lambda tf: tf.while_loop(below3, lambda i: (i + 1,), [0], maximum_iterations=[2]),
    "!cond": lambda tf: tf.while_loop(1, lambda i: i, [1]),
    "!body": lambda tf: tf.while_loop(lambda i: i, 1, [1]),
    "!no variables": lambda tf: tf.while_loop(below3, lambda i: i + 1, []),
    "!no list": lambda tf: tf.while_loop(below3, lambda i: i + 1, [0]),
    "!None": lambda tf: tf.while_loop(below3, lambda i: None, [tf.constant(0)]),
    "!parallel": lambda tf: tf.while_loop(below3, lambda i: (i + 1,), [0], parallel_iterations=0),
    "!fewer": lambda tf: tf.while_loop(below3, lambda i, j: [i + 1], [tf.constant(0), tf.constant(1)]),
    "!nested": lambda tf: tf.while_loop(below3, lambda i, d: (i + 1, (d,)), (tf.constant(0), tf.constant(1))),
    "!keys": lambda tf: tf.while_loop(
        below3, lambda i, d: (i + 1, {"b": 1}), (tf.constant(0), {"a": tf.constant([1.0])})
    ),
}

COND: Calls = {
    "true": lambda tf: tf.cond(tf.constant(True), lambda: 1, lambda: 2),
    "structure": lambda tf: tf.cond(True, lambda: (1, [2]), lambda: 2),
    "number": lambda tf: tf.cond(tf.constant(0), lambda: 1, lambda: 2),
    "string": lambda tf: tf.cond("a", lambda: 1, lambda: 2),
    "None": lambda tf: tf.cond(tf.constant(False), lambda: [1], lambda: None),
    "!true_fn": lambda tf: tf.cond(True, 1, lambda: 2),
    "!false_fn": lambda tf: tf.cond(True, lambda: 1, 2),
    "!none": lambda tf: tf.cond(True),
    "!one": lambda tf: tf.cond(True, lambda: 1),
    "!vector": lambda tf: tf.cond(tf.constant([True, False]), lambda: 1, lambda: 2),
}


def pairs(tf: Any, *values: bool) -> list[Any]:
    return [(tf.constant(value), lambda i=i: i + 1) for i, value in enumerate(values)]


CASE: Calls = {
    "second": lambda tf: tf.case(pairs(tf, False, True)),
    "default": lambda tf: tf.case(pairs(tf, False), default=lambda: 5),
    "exclusive": lambda tf: tf.case(pairs(tf, False, True), exclusive=True),
    "exclusive, two": lambda tf: tf.case(pairs(tf, True, True), exclusive=True),
    "list": lambda tf: tf.case([(tf.constant(True), lambda: [1])]),
    "strict": lambda tf: tf.case([(tf.constant(True), lambda: [1])], strict=True),
    "!none": lambda tf: tf.case(pairs(tf, False, False)),
    "!number": lambda tf: tf.case(1),
    "!no pair": lambda tf: tf.case([1]),
    "!bool": lambda tf: tf.case([(True, lambda: 1)]),
    "?int32": lambda tf: tf.case([(tf.constant(1), lambda: 1)]),
    "?no function": lambda tf: tf.case([(tf.constant(True), 1)]),
    "!dict": lambda tf: tf.case({}),
    "!empty": lambda tf: tf.case([], default=lambda: 1),
}


def functions() -> list[Callable[[], int]]:
    return [lambda: 10, lambda: 20]


SWITCH: Calls = {
    "list": lambda tf: tf.switch_case(tf.constant(1), functions()),
    "beyond": lambda tf: tf.switch_case(tf.constant(5), functions()),
    "negative": lambda tf: tf.switch_case(tf.constant(-1), functions()),
    "default": lambda tf: tf.switch_case(tf.constant(5), functions(), default=lambda: 3),
    "int64": lambda tf: tf.switch_case(tf.constant(0, tf.int64), functions()),
    "dict": lambda tf: tf.switch_case(tf.constant(1), dict(enumerate(functions()))),
    "pairs": lambda tf: tf.switch_case(tf.constant(1), [(1, lambda: 1), (0, lambda: 0)]),
    "!int": lambda tf: tf.switch_case(1, functions()),
    "!float": lambda tf: tf.switch_case(tf.constant(1.0), functions()),
    "!empty": lambda tf: tf.switch_case(tf.constant(1), []),
    "!gap": lambda tf: tf.switch_case(tf.constant(1), {0: lambda: 1, 2: lambda: 2}),
    "!no functions": lambda tf: tf.switch_case(tf.constant(1), [1, 2]),
    "!number": lambda tf: tf.switch_case(tf.constant(1), 3),
    "!string": lambda tf: tf.switch_case(tf.constant(1), [("a", lambda: 1)]),
    "!no function": lambda tf: tf.switch_case(tf.constant(1), [(0, 4)]),
}


def two(tf: Any) -> Any:
    return tf.constant([1.0, 2.0])


def three(tf: Any) -> Any:
    return tf.constant([1, 2, 3])


MAP: Calls = {
    "double": lambda tf: tf.map_fn(lambda x: x * 2, two(tf)),
    "signature": lambda tf: tf.map_fn(lambda x: tf.cast(x, tf.int32), two(tf), fn_output_signature=tf.int32),
    "dtype": lambda tf: tf.map_fn(lambda x: (x, x + 1), two(tf), dtype=(tf.float32, tf.float32)),
    "structure in": lambda tf: tf.map_fn(lambda x: x[0] + x[1], (two(tf), two(tf)), dtype=tf.float32),
    "structure out": lambda tf: tf.map_fn(lambda x: {"a": x}, two(tf), fn_output_signature={"a": tf.float32}),
    "empty": lambda tf: tf.map_fn(lambda x: x, tf.zeros([0, 2])),
    "empty, spec": lambda tf: tf.map_fn(
        lambda x: x, tf.zeros([0, 2]), fn_output_signature=tf.TensorSpec([2], tf.int32)
    ),
    "python": lambda tf: tf.map_fn(lambda x: 1, two(tf)),
    "python, int64": lambda tf: tf.map_fn(lambda x: 1, two(tf), fn_output_signature=tf.int64),
    "!dtype": lambda tf: tf.map_fn(lambda x: tf.cast(x, tf.int32), two(tf)),
    "?structure": lambda tf: tf.map_fn(lambda x: (x, x + 1), two(tf)),
    "!structure of signature": lambda tf: tf.map_fn(lambda x: [x], tf.constant([1.0]), fn_output_signature=tf.float32),
    "!scalar": lambda tf: tf.map_fn(lambda x: x, tf.constant(1.0)),
    "!nothing": lambda tf: tf.map_fn(lambda x: x, []),
    "!lists": lambda tf: tf.map_fn(lambda x: x, [[1, 2], [3, 4]]),
    "!no function": lambda tf: tf.map_fn(1, tf.constant([1.0])),
    "!sizes": lambda tf: tf.map_fn(lambda x: x, (two(tf), tf.constant([3.0]))),
    "!ragged": lambda tf: tf.map_fn(tf.range, tf.constant([1, 2])),
    "!spec": lambda tf: tf.map_fn(lambda x: x, two(tf), fn_output_signature=tf.TensorSpec([2], tf.float32)),
    "!None": lambda tf: tf.map_fn(lambda x: None, two(tf)),
}

SCAN: Calls = {
    "sum": lambda tf: tf.scan(lambda a, x: a + x, three(tf)),
    "initializer": lambda tf: tf.scan(lambda a, x: a + x, three(tf), initializer=10),
    "reverse": lambda tf: tf.scan(lambda a, x: a + x, three(tf), reverse=True),
    "reverse, initializer": lambda tf: tf.scan(lambda a, x: a + x, three(tf), reverse=True, initializer=0),
    "structure": lambda tf: tf.scan(lambda a, x: (a[0] + x, a[1] - x), three(tf), (0, 0)),
    "structure in": lambda tf: tf.scan(lambda a, x: (a[0] + x[0], a[1] - x[1]), (three(tf), three(tf))),
    "empty, initializer": lambda tf: tf.scan(lambda a, x: a, tf.zeros([0]), 1.0),
    "?structure": lambda tf: tf.scan(lambda a, x: (a, a), three(tf)),
    "!no function": lambda tf: tf.scan(1, tf.constant([1])),
    "!dtype": lambda tf: tf.scan(lambda a, x: a + tf.cast(x, tf.float32), three(tf), initializer=10),
    "!shape": lambda tf: tf.scan(lambda a, x: tf.concat([a, [x]], 0), three(tf), initializer=tf.constant([0])),
    "!stack": lambda tf: tf.scan(
        lambda a, x: tf.concat([a, [x]], 0), three(tf), initializer=tf.constant([0]), infer_shape=False
    ),
    "!scalar": lambda tf: tf.scan(lambda a, x: a, tf.constant(1)),
    "!empty": lambda tf: tf.scan(lambda a, x: a, tf.zeros([0])),
}


def folds(name: str) -> Calls:
    def fold(tf: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(tf, name)(*args, **kwargs)

    return {
        "difference": lambda tf: fold(tf, lambda a, x: a - x, three(tf)),
        "initializer": lambda tf: fold(tf, lambda a, x: a - x, three(tf), initializer=10),
        "structure": lambda tf: fold(tf, lambda a, x: (a[0] - x[0], a[1]), (three(tf), tf.constant([1.0, 2.0, 3.0]))),
        "float": lambda tf: fold(tf, lambda a, x: a + tf.cast(x, tf.float32), three(tf), initializer=1.0),
        "!no function": lambda tf: fold(tf, 1, three(tf)),
        "!empty": lambda tf: fold(tf, lambda a, x: a, tf.zeros([0])),
        "!scalar": lambda tf: fold(tf, lambda a, x: (a, a), tf.constant(1)),
        "?structure": lambda tf: fold(tf, lambda a, x: (a, a), three(tf)),
    }


VECTORIZED: Calls = {
    "double": lambda tf: tf.vectorized_map(lambda x: x * 2, two(tf)),
    "structure in": lambda tf: tf.vectorized_map(lambda x: x[0] + x[1], (two(tf), tf.constant([[3.0], [4.0]]))),
    "structure out": lambda tf: tf.vectorized_map(lambda x: (x, {"a": 1.0}), two(tf)),
    "constant": lambda tf: tf.vectorized_map(lambda x: tf.constant(3), two(tf)),
    "repeated": lambda tf: tf.vectorized_map(lambda x: x[0] + x[1], (two(tf), tf.constant([3.0]))),
    "empty": lambda tf: tf.vectorized_map(lambda x: x + 1, tf.zeros([0, 2])),
    "python": lambda tf: tf.vectorized_map(lambda x: 5, two(tf)),
    "None": lambda tf: tf.vectorized_map(lambda x: None, two(tf)),
    "?scalar": lambda tf: tf.vectorized_map(lambda x: x, tf.constant(1.0)),
}


def array(tf: Any, size: int = 2, **options: Any) -> Any:
    return tf.TensorArray(tf.float32, size, **options)


ARRAY: Calls = {
    "zeros": lambda tf: array(tf).write(0, 1).stack(),
    "dynamic": lambda tf: array(tf, dynamic_size=True).write(3, 1.0).stack(),
    "shape known": lambda tf: array(tf, element_shape=[2]).read(0),
    "kept": lambda tf: twice(array(tf, clear_after_read=False)),
    "concat": lambda tf: array(tf, infer_shape=False).write(0, [1.0, 2.0]).write(1, [1.0]).concat(),
    "unstack": lambda tf: array(tf, 3).unstack([1.0, 2.0]).size(),
    "gather": lambda tf: array(tf, 3).unstack([1.0, 2.0, 3.0]).gather([2, 0]),
    "gather nothing": lambda tf: array(tf).write(0, 1.0).gather([]),
    "scatter": lambda tf: array(tf, 3).scatter([2, 0], [5.0, 6.0]).stack(),
    "split": lambda tf: array(tf).split([1.0, 2.0, 3.0], [1, 2]).read(1),
    "empty, shape known": lambda tf: array(tf, 0, element_shape=[2]).stack(),
    "empty": lambda tf: array(tf, 0).stack(),
    "size": lambda tf: tf.TensorArray(tf.float32, size=tf.constant(2)).size(),
    "string": lambda tf: tf.TensorArray(tf.string, 2).write(0, "a").stack(),
    "variable": lambda tf: array(tf).write(0, tf.Variable(1.0)).stack(),
    "tensor index": lambda tf: array(tf).write(tf.constant(1), 2.0).read(tf.constant(1)),
    "attributes": lambda tf: [
        *(repr(getattr(array(tf), name)) for name in ("handle", "dtype", "element_shape", "dynamic_size")),
        array(tf).flow,
        repr(array(tf).write(0, [1.0]).element_shape),
        array(tf).close(),
    ],
    "spec": lambda tf: [
        repr(tf.TensorArraySpec([2], tf.float32)),
        tf.TensorArraySpec([2]).is_compatible_with(array(tf)),
    ],
    "!no size": lambda tf: tf.TensorArray(tf.float32),
    "!handle": lambda tf: array(tf, handle=1),
    "!write beyond": lambda tf: array(tf).write(2, 1.0),
    "!write negative": lambda tf: array(tf).write(-1, 1.0),
    "!read beyond": lambda tf: array(tf).read(5),
    "!read negative": lambda tf: array(tf).read(-1),
    "!read nothing": lambda tf: array(tf).read(0),
    "!read twice": lambda tf: twice(array(tf)),
    "!dtype": lambda tf: array(tf).write(0, tf.constant(1)),
    "!python dtype": lambda tf: tf.TensorArray(tf.int32, 2).write(0, 2.5),
    "!shapes": lambda tf: array(tf).write(0, [1.0, 2.0]).write(1, [1.0]),
    "!shape": lambda tf: array(tf, element_shape=[3]).write(0, [1.0, 2.0]),
    "!stack shapes": lambda tf: array(tf, infer_shape=False).write(0, [1.0, 2.0]).write(1, [1.0]).stack(),
    "!stack unknown": lambda tf: array(tf, element_shape=[None]).stack(),
    "!unstack more": lambda tf: array(tf, 1).unstack([1.0, 2.0]),
    "!split sum": lambda tf: array(tf).split([1.0, 2.0, 3.0], [1, 1]),
    "!split size": lambda tf: array(tf, 3).split([1.0, 2.0, 3.0], [1, 2]),
    "!split scalar lengths": lambda tf: array(tf).split([1.0, 2.0], 2),
    "!split scalar": lambda tf: array(tf, 1).split(1.0, [1]),
    "!concat scalars": lambda tf: array(tf).write(0, 1.0).write(1, 2.0).concat(),
    "!grad": lambda tf: array(tf).grad("x"),
    "!item": lambda tf: array(tf)[0],
}


def twice(array: Any) -> Any:
    array.unstack([1.0, 2.0]).read(0)
    return array.read(0)


PYTHON: Calls = {
    "scalar": lambda tf: tf.py_function(lambda x: x * 2, [tf.constant(1.0)], tf.float32),
    "list": lambda tf: tf.py_function(lambda x: x * 2, [tf.constant(1.0)], [tf.float32]),
    "two": lambda tf: tf.py_function(lambda x: (x, 1), [tf.constant(1.0)], [tf.float32, tf.int32]),
    "nothing": lambda tf: tf.py_function(lambda x: None, [tf.constant(1.0)], []),
    "numpy": lambda tf: tf.py_function(lambda x: x.numpy() + 1, [tf.constant(1.0)], tf.float64),
    "string": lambda tf: tf.py_function(lambda x: x.dtype.name, [1.0], tf.string),
    "no argument": lambda tf: tf.py_function(lambda: 1, [], tf.int32),
    "more": lambda tf: tf.py_function(lambda x: (1.0, 2.0), [1.0], [tf.float32]),
    "!no Tout": lambda tf: tf.py_function(func=lambda x: None, inp=[1.0]),
    "?ZeroDivisionError": lambda tf: tf.py_function(lambda x: 1 / 0, [1.0], tf.float32),
    "?ValueError": lambda tf: tf.py_function(lambda x: int("a"), [1.0], tf.float32),
    "?dtype": lambda tf: tf.py_function(lambda x: tf.constant(1), [1.0], tf.float32),
    "?fewer": lambda tf: tf.py_function(lambda x: None, [1.0], tf.float32),
}

NUMPY: Calls = {
    "array": lambda tf: tf.numpy_function(lambda x: x * 2, [tf.constant([1.0])], tf.float32),
    "list": lambda tf: tf.numpy_function(lambda x: x * 2, [tf.constant([1.0])], [tf.float32]),
    "type": lambda tf: tf.numpy_function(lambda x: type(x).__name__, [tf.constant(1.0)], tf.string),
    "two": lambda tf: tf.numpy_function(lambda x: (x, 1), [tf.constant(1.0)], [tf.float32, tf.int64]),
    "dtype": lambda tf: tf.numpy_function(lambda x: x.astype("float64"), [tf.constant([1.0])], tf.float32),
    "None": lambda tf: tf.numpy_function(lambda x: None, [1.0], []),
    "strings": lambda tf: tf.numpy_function(lambda s: s.dtype.str, [tf.constant(["a"])], tf.string),
    "float": lambda tf: tf.numpy_function(lambda s: 1.5, [1], tf.float64),
    "!error": lambda tf: tf.numpy_function(lambda x: 1 / 0, [1.0], tf.float32),
}


def loop(tf: Any, x: Any, n: int) -> Any:
    return tf.while_loop(lambda i, _: i < n, lambda i, y: (i + 1, y * x + tf.sin(x)), (0, x))[1]


def through_array(tf: Any, x: Any) -> Any:
    items = tf.TensorArray(x.dtype, 3).unstack(x)
    return (
        tf.TensorArray(x.dtype, 0, dynamic_size=True)
        .write(0, items.read(2) * items.read(0))
        .write(1, items.read(1))
        .stack()
    )


def scanned(tf: Any, x: Any) -> Any:
    return tf.scan(lambda a, e: a * e + tf.sin(a), x)


ROWS: list[Row] = [
    calls("tf.while_loop", WHILE),
    calls("tf.cond", COND),
    calls("tf.case", CASE),
    calls("tf.switch_case", SWITCH),
    calls("tf.map_fn", MAP),
    calls("tf.scan", SCAN),
    calls("tf.foldl", folds("foldl")),
    calls("tf.foldr", folds("foldr")),
    calls("tf.vectorized_map", VECTORIZED),
    calls("tf.TensorArray", ARRAY),
    calls("tf.py_function", PYTHON),
    calls("tf.numpy_function", NUMPY),
    row("tf.while_loop/gradient", loop, [case(f32(3), 4), case(f64(2), 0), case(f32(), 2)]),
    row(
        "tf.cond/gradient",
        lambda tf, x: tf.cond(x[0] > 0, lambda: x * x, lambda: tf.sin(x)),
        [
            case(f32([1.0, 2.0])),
            case(f32([-1.0, 2.0])),
        ],
    ),
    row("tf.map_fn/gradient", lambda tf, x, y: tf.map_fn(lambda a: a * y + tf.sin(a), x), [case(f32(3, 2), f32(2))]),
    row(
        "tf.vectorized_map/gradient", lambda tf, x, y: tf.vectorized_map(lambda a: a * y, x), [case(f32(3, 2), f32(2))]
    ),
    row("tf.scan/gradient", scanned, [case(f32(4)), case(f32(3, 2))]),
    row("tf.foldl/gradient", lambda tf, x: tf.foldl(lambda a, e: a * e + tf.sin(a), x), [case(f32(4))]),
    row("tf.foldr/gradient", lambda tf, x: tf.foldr(lambda a, e: a * e + tf.sin(a), x), [case(f32(4))]),
    row("tf.TensorArray/gradient", through_array, [case(f32(3)), case(f32(3, 2))]),
    row(
        "tf.py_function/gradient",
        lambda tf, x: tf.py_function(lambda a: a * a, [x], x.dtype),
        [
            case(f32(3)),
        ],
    ),
]
