"""`tf.cond`, `tf.while_loop` and their kin in functions. Values and texts are those of TensorFlow 2.21."""

from __future__ import annotations

import pytest

import tapeflow as tf


def traced(function, **options):
    """A `tf.function` of a function that is not read by AutoGraph."""
    return tf.function(function, autograph=False, **options)


def plain(structure):
    return tf.nest.map_structure(lambda x: x.numpy().tolist(), structure)


def i32(value):
    return tf.constant(value, tf.int32)


VECTOR = tf.constant([1.0, 2.0])
FREE = tf.TensorSpec([None], tf.float32)


# -- tf.cond


def test_cond_takes_the_branch_at_run_time():
    count = []
    f = traced(lambda x: (count.append(1), tf.cond(x > 0.0, lambda: x * 2.0, lambda: -x))[1])
    assert [f(tf.constant(v)).numpy() for v in (3.0, -3.0)] == [6.0, 3.0]
    assert len(count) == 1


def test_cond_traces_both_branches_once():
    branches = []

    def f(x):
        return tf.cond(x > 0, lambda: branches.append("true") or x, lambda: branches.append("false") or -x)

    g = traced(f)
    assert [g(i32(v)).numpy() for v in (1, -1, 2)] == [1, 1, 2]
    assert sorted(branches) == ["false", "true"]


def test_cond_with_structures():
    def f(x):
        return tf.cond(x > 0, lambda: {"a": x, "b": (1, [x])}, lambda: {"a": -x, "b": (2, [0])})

    assert plain(traced(f)(i32(5))) == {"a": 5, "b": (1, [5])}
    assert plain(traced(f)(i32(-5))) == {"a": 5, "b": (2, [0])}


def test_cond_keeps_lists_of_one_and_none():
    assert plain(traced(lambda p: tf.cond(p, lambda: [1], lambda: [2]))(tf.constant(True))) == [1]
    assert traced(lambda p: tf.cond(p, lambda: None, lambda: None))(tf.constant(True)) is None


def test_cond_forgets_what_the_branches_do_not_share():
    shapes = []

    def f(p):
        shapes.append(tf.cond(p, lambda: tf.ones([2, 3]), lambda: tf.ones([4, 3])).shape.as_list())
        shapes.append(tf.cond(p, lambda: tf.ones([2]), lambda: tf.ones([4, 3])).shape.rank)
        shapes.append(tf.cond(p, lambda: tf.ones([2, 3]), lambda: tf.zeros([2, 3])).shape.as_list())
        return p

    traced(f)(tf.constant(True))
    assert shapes == [[None, 3], None, [2, 3]]


def test_cond_with_branches_of_other_sizes_has_those_sizes_when_run():
    f = traced(lambda p: tf.cond(p, lambda: tf.ones([2, 3]), lambda: tf.ones([4, 3])))
    assert f(tf.constant(True)).shape == (2, 3)
    assert f(tf.constant(False)).shape == (4, 3)


@pytest.mark.parametrize(
    ("true", "false", "error", "message"),
    [
        (lambda: 1, lambda: 1.0, TypeError, "arguments to tf.cond must have the same number, type, and overall str"),
        (lambda: {"a": 1}, lambda: {"b": 1}, TypeError, "arguments to tf.cond must have the same number, type, and"),
        (lambda: [1, 1], lambda: (1, 1), TypeError, "arguments to tf.cond must have the same number, type, and"),
        (lambda: None, lambda: 1, ValueError, "Lengths of branch outputs of cond must match"),
        (1, lambda: 1, TypeError, "'true_fn' must be callable"),
    ],
)
def test_cond_refuses_branches_that_do_not_match(true, false, error, message):
    with pytest.raises(error, match=message):
        traced(lambda p: tf.cond(p, true, false))(tf.constant(True))


def test_cond_needs_a_tensor_in_a_function():
    with pytest.raises(TypeError, match="pred must not be a Python bool"):
        traced(lambda x: tf.cond(True, lambda: x, lambda: x))(VECTOR)


def test_cond_side_effects_only_in_the_branch_taken(capfd):
    a, b = tf.Variable(0), tf.Variable(0)

    def true():
        tf.print("true")
        return tf.identity(a.assign_add(1))

    def false():
        tf.print("false")
        return tf.identity(b.assign_add(10))

    f = traced(lambda p: tf.cond(p, true, false))
    assert [f(tf.constant(p)).numpy() for p in (True, False, True)] == [1, 10, 2]
    assert (a.numpy(), b.numpy()) == (2, 10)
    assert capfd.readouterr().err == "true\nfalse\ntrue\n"


def test_cond_for_its_side_effects_alone():
    v = tf.Variable(1.0)

    def f(x):
        tf.cond(x > 0.0, lambda: v.assign(x), lambda: v.assign_add(100.0))
        return v.read_value()

    g = traced(f)
    assert [g(tf.constant(x)).numpy() for x in (5.0, -1.0)] == [5.0, 105.0]


def test_cond_nested():
    def f(x):
        return tf.cond(
            x > 0,
            lambda: tf.cond(x > 10, lambda: i32(2), lambda: i32(1)),
            lambda: tf.cond(x < -10, lambda: i32(-2), lambda: i32(-1)),
        )

    g = traced(f)
    assert [g(i32(x)).numpy() for x in (20, 5, -20, -5)] == [2, 1, -2, -1]


def test_cond_branches_do_not_leak():
    def f(x):
        leaks = []
        tf.cond(x[0] > 0, lambda: leaks.append(x * 2) or x, lambda: x)
        return leaks[0] + 1.0

    with pytest.raises(ValueError, match="is out of scope and cannot be used here"):
        traced(f)(VECTOR)


def test_errors_in_a_branch_are_raised_only_if_it_is_taken():
    f = traced(lambda i: tf.cond(i < 2, lambda: tf.gather([1, 2], i), lambda: tf.gather([1, 2], i - 100)))
    assert f(i32(1)).numpy() == 2
    with pytest.raises(tf.errors.InvalidArgumentError, match="is not in \\[0, 2\\)"):
        f(i32(3))


# -- tf.switch_case, tf.case


def test_switch_case_goes_to_the_last_branch_if_out_of_range():
    f = traced(lambda i: tf.switch_case(i, [lambda: 1, lambda: 2, lambda: 3]))
    assert [f(i32(i)).numpy() for i in (-1, 0, 1, 2, 3)] == [3, 1, 2, 3, 3]


def test_switch_case_with_a_default():
    f = traced(lambda i: tf.switch_case(i, {1: lambda: 1, 0: lambda: 0}, default=lambda: 9))
    assert [f(i32(i)).numpy() for i in (-1, 0, 1, 2)] == [9, 0, 1, 9]


def test_switch_case_refuses_branches_of_other_dtypes():
    with pytest.raises(TypeError, match=r"branches\[0\] and branches\[1\] arguments to tf.switch_case must have the"):
        traced(lambda i: tf.switch_case(i, [lambda: 1, lambda: 2.0]))(i32(0))


def test_switch_case_updates_one_variable():
    vs = [tf.Variable(0.0) for _ in range(3)]
    f = traced(
        lambda i: tf.switch_case(i, [lambda v=v, k=k: tf.identity(v.assign_add(k)) for k, v in enumerate(vs, 1)])
    )
    for i in (2, 2, 0):
        f(i32(i))
    assert [v.numpy() for v in vs] == [1.0, 0.0, 6.0]


def test_case_takes_the_first_that_holds():
    f = traced(lambda x: tf.case([(x < 1, lambda: 1), (x < 5, lambda: 2)], default=lambda: 3))
    assert [f(i32(x)).numpy() for x in (0, 3, 7)] == [1, 2, 3]


def test_case_without_a_default_must_find_one():
    f = traced(lambda x: tf.case([(x < 1, lambda: 1), (x < 5, lambda: 2)]))
    assert f(i32(3)).numpy() == 2
    with pytest.raises(tf.errors.InvalidArgumentError, match="None of conditions evaluated as True"):
        f(i32(7))


# -- tf.while_loop


def test_while_loop_with_a_trip_count_that_depends_on_data():
    count = []

    def f(n):
        count.append(1)
        return tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + i), [0, 0])

    g = traced(f)
    assert [plain(g(i32(n))) for n in (0, 1, 5)] == [[0, 0], [1, 0], [5, 10]]
    assert len(count) == 1


def test_while_loop_traces_its_body_once():
    seen = []

    def body(i):
        seen.append(i)
        return i + 1

    assert plain(traced(lambda: tf.while_loop(lambda i: i < 10, body, [i32(0)]))()) == [10]
    assert len(seen) == 1


@pytest.mark.parametrize("start", [[0], (0,), [(0, 1.0)], [{"i": 0, "x": [1.0]}]], ids=str)
def test_while_loop_keeps_the_structure(start):
    def first(variables):
        return tf.nest.flatten(variables)[0]

    def body(*variables):
        return tf.nest.map_structure(lambda v: v + tf.ones([], v.dtype), variables)

    f = traced(lambda: tf.while_loop(lambda *v: first(v) < 3, body, start))
    assert plain(f()) == tf.nest.map_structure(lambda v: v + 3, start)


def test_while_loop_with_maximum_iterations():
    f = traced(lambda n: tf.while_loop(lambda i: True, lambda i: i + 1, [0], maximum_iterations=n))
    assert [plain(f(i32(n))) for n in (0, 4)] == [[0], [4]]
    g = traced(lambda n: tf.while_loop(lambda i: i < n, lambda i: i + 1, [0], maximum_iterations=5))
    assert [plain(g(i32(n))) for n in (3, 9)] == [[3], [5]]


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        (
            lambda i, x: (i + 1, tf.concat([x, x], 0)),
            ValueError,
            r"Input tensor `x:0` enters the loop with shape \(2,\), but has shape \(4,\) after one iteration. To allow",
        ),
        (
            lambda i, x: (i + 1, tf.cast(x, tf.float64)),
            TypeError,
            "Loop var x:0 enters the loop with type <dtype: 'float32'> but has type <dtype: 'float64'> after 1 iterat",
        ),
        (lambda i, x: (i + 1,), ValueError, "The two structures don't have the same nested structure"),
        (lambda i, x: (i + 1, (x, x)), ValueError, "The two structures don't have the same nested structure"),
    ],
)
def test_while_loop_refuses_what_changes(body, error, message):
    with pytest.raises(error, match=message):
        traced(lambda x: tf.while_loop(lambda i, x: i < 3, body, [0, x]))(VECTOR)


def test_shape_invariants():
    shapes = []

    def f(x):
        _, y = tf.while_loop(
            lambda i, x: i < 3,
            lambda i, x: (i + 1, tf.concat([x, x], 0)),
            [0, x],
            shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
        )
        shapes.append(y.shape.as_list())
        return y

    assert traced(f)(VECTOR).shape == (16,)
    assert shapes == [[None]]


def test_unknown_sizes_go_through_a_loop():
    f = traced(
        lambda x: tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * 2.0), [0, x])[1], input_signature=[FREE]
    )
    assert f([1.0, 2.0]).numpy().tolist() == [8.0, 16.0]
    assert f([]).shape == (0,)


def test_loops_update_variables_at_each_iteration():
    v = tf.Variable(1.0)

    def body(i):
        v.assign(v * 2.0)
        return i + 1

    def f(n):
        tf.while_loop(lambda i: i < n, body, [0])
        return v + 0.0

    g = traced(f)
    assert [g(i32(n)).numpy() for n in (3, 2, 0)] == [8.0, 32.0, 32.0]


def test_the_condition_may_read_a_variable_that_the_body_updates():
    v = tf.Variable(0)
    traced(lambda: tf.while_loop(lambda i: v < 7, lambda i: (v.assign_add(2), i + 1)[1], [0]))()
    assert v.numpy() == 8


def test_loops_print_at_each_iteration(capfd):
    def body(i):
        tf.print("at", i)
        return i + 1

    traced(lambda: tf.while_loop(lambda i: i < 3, body, [0]))()
    assert capfd.readouterr().err == "at 0\nat 1\nat 2\n"


def test_loops_in_loops():
    def inner(i, total):
        return tf.while_loop(lambda j, t: j <= i, lambda j, t: (j + 1, t + i * j), [0, total])[1]

    f = traced(lambda n: tf.while_loop(lambda i, t: i < n, lambda i, t: (i + 1, inner(i, t)), [0, 0])[1])
    assert f(i32(4)).numpy() == sum(i * j for i in range(4) for j in range(i + 1))


def test_conds_in_loops():
    def body(n, steps):
        return tf.cond(n % 2 == 0, lambda: n // 2, lambda: 3 * n + 1), steps + 1

    f = traced(lambda n: tf.while_loop(lambda n, s: n > 1, body, [n, 0])[1])
    assert [f(i32(n)).numpy() for n in (1, 6, 27)] == [0, 8, 111]


def test_loops_in_conds():
    f = traced(lambda n: tf.cond(n > 0, lambda: tf.while_loop(lambda i: i < n, lambda i: i * 2, [1])[0], lambda: -n))
    assert [f(i32(n)).numpy() for n in (5, -3)] == [8, 3]


def test_loop_bodies_do_not_leak():
    def f():
        leaks = []
        tf.while_loop(lambda i: i < 2, lambda i: (leaks.append(i), i + 1)[1], [0])
        return leaks[0] + 1

    with pytest.raises(ValueError, match="is out of scope and cannot be used here"):
        traced(f)()


def test_functions_in_loops():
    double = traced(lambda x: x * 2.0)
    f = traced(lambda x: tf.while_loop(lambda x: tf.reduce_sum(x) < 100.0, lambda x: (double(x),), [x])[0])
    assert f(VECTOR).numpy().tolist() == [64.0, 128.0]


# -- TensorArray, map_fn, scan, foldl, vectorized_map


def test_tensor_arrays_in_loops():
    def f(n):
        array = tf.TensorArray(tf.int32, size=n)
        _, array = tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, i * i)), [0, array])
        return array.stack()

    assert traced(f)(i32(5)).numpy().tolist() == [0, 1, 4, 9, 16]
    assert traced(f)(i32(0)).shape == (0,)


def test_tensor_arrays_that_grow():
    def body(i, array):
        return i + 1, array.write(array.size(), tf.cast(i, tf.float32) * VECTOR)

    def f(n):
        array = tf.TensorArray(tf.float32, size=0, dynamic_size=True, element_shape=[2])
        return tf.while_loop(lambda i, a: i < n, body, [0, array])[1].stack()

    assert traced(f)(i32(3)).numpy().tolist() == [[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]]


def test_tensor_array_operations():
    def f(x):
        array = tf.TensorArray(tf.float32, size=3).unstack(x)
        pieces = tf.TensorArray(tf.float32, size=2, infer_shape=False).write(0, x[:1]).write(1, x[1:])
        return array.read(1), array.gather([2, 0]), array.size(), pieces.concat(), array.stack()

    one, some, size, joined, all_ = traced(f)(tf.constant([1.0, 2.0, 3.0]))
    assert (one.numpy(), size.numpy()) == (2.0, 3)
    assert some.numpy().tolist() == [3.0, 1.0]
    assert joined.numpy().tolist() == all_.numpy().tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("operation", "expected", "shape"),
    [
        (lambda x: tf.map_fn(lambda v: v * v, x), [1.0, 4.0, 9.0], [None]),
        (lambda x: tf.map_fn(lambda v: tf.stack([v, -v]), x), [[1.0, -1.0], [2.0, -2.0], [3.0, -3.0]], [None, 2]),
        (lambda x: tf.map_fn(lambda v: v > 1.5, x, fn_output_signature=tf.bool), [False, True, True], [None]),
        (lambda x: tf.map_fn(lambda t: t[0] * t[1], (x, x), fn_output_signature=tf.float32), [1.0, 4.0, 9.0], [None]),
        (lambda x: tf.scan(lambda a, v: a + v, x), [1.0, 3.0, 6.0], [None]),
        (lambda x: tf.scan(lambda a, v: a + v, x, initializer=10.0), [11.0, 13.0, 16.0], [None]),
        (lambda x: tf.scan(lambda a, v: a + v, x, reverse=True), [6.0, 5.0, 3.0], [None]),
        (lambda x: tf.foldl(lambda a, v: a - v, x), -4.0, []),
        (lambda x: tf.foldr(lambda a, v: a - v, x), 0.0, []),
        (lambda x: tf.foldl(lambda a, v: a * v, x, initializer=2.0), 12.0, []),
        (lambda x: tf.vectorized_map(lambda v: v * v + 1.0, x), [2.0, 5.0, 10.0], [None]),
    ],
)
def test_functionals(operation, expected, shape):
    shapes = []
    f = traced(lambda x: (y := operation(x), shapes.append(y.shape.as_list()))[0], input_signature=[FREE])
    assert f([1.0, 2.0, 3.0]).numpy().tolist() == expected
    assert f([1.0]).shape.rank == len(shape)
    assert shapes == [shape]


def test_map_fn_calls_its_function_once():
    seen = []
    traced(lambda x: tf.map_fn(lambda v: seen.append(1) or v, x))(tf.ones([5]))
    assert len(seen) == 1


def test_vectorized_map_calls_its_function_once_and_broadcasts():
    matrix = tf.reshape(tf.range(6.0), [3, 2])
    f = traced(lambda x: tf.vectorized_map(lambda row: tf.tensordot(row, VECTOR, 1), x))
    assert f(matrix).numpy().tolist() == [2.0, 8.0, 14.0]


def test_map_fn_updates_variables():
    v = tf.Variable(0.0)
    f = traced(lambda x: tf.map_fn(lambda e: e + v.assign_add(e), x))
    assert f(tf.constant([1.0, 2.0, 3.0])).numpy().tolist() == [2.0, 5.0, 9.0]
    assert v.numpy() == 6.0


def test_slices_of_branches_get_indices_of_one_dtype():
    def slices(dtype):
        return tf.IndexedSlices(tf.ones([2, 3]), tf.constant([0, 4], dtype), tf.constant([5, 3]))

    @tf.function
    def f(which):
        return tf.cond(which, lambda: slices(tf.int32), lambda: slices(tf.int64))

    for which in (True, False):
        found = f(tf.constant(which))
        assert found.indices.dtype == tf.int64
        assert tf.convert_to_tensor(found)[4].numpy().tolist() == [1, 1, 1]


def test_map_fn_over_a_tensor_of_unknown_rank():
    f = traced(lambda x: tf.map_fn(lambda e: tf.reduce_sum(e) * e, x), input_signature=[tf.TensorSpec(None)])
    assert f(tf.constant([[1.0, 2.0], [3.0, 4.0]])).numpy().tolist() == [[3.0, 6.0], [21.0, 28.0]]
    with pytest.raises(ValueError, match="must be 1"):
        tf.map_fn(lambda e: e, tf.constant(1.0))


@pytest.mark.parametrize("jit", [False, True])
def test_a_constant_stays_after_its_zeros_are_known(jit):
    """Folding `zeros_like` must not take away a constant that something else goes on to use."""

    @tf.function(jit_compile=jit)
    def f(i):
        x = tf.convert_to_tensor([[1, 0], [4, 5]])
        tf.zeros_like(x)
        return tf.gather(x, i)

    assert f(tf.constant(1)).numpy().tolist() == [4, 5]


def test_cond_of_sparse_tensors_made_in_the_branches():
    f = traced(lambda p: tf.cond(p, lambda: tf.sparse.from_dense([[1, 0]]), lambda: tf.sparse.from_dense([[0], [4]])))
    assert tf.sparse.to_dense(f(tf.constant(False))).numpy().tolist() == [[0], [4]]


def test_a_predicate_may_have_dimensions_of_one():
    @traced
    def f(p, x):
        return tf.cond(p, lambda: x, lambda: -x), tf.while_loop(lambda v: v < 45.0, lambda v: v * 3, [x])

    assert plain(f(tf.constant([[True]]), tf.constant([5.0]))) == ([5.0], [[45.0]])
    assert plain(f(tf.constant([False]), tf.constant([5.0]))) == ([-5.0], [[45.0]])


def test_shape_invariants_in_the_structure_of_the_variables():
    f = traced(
        lambda x: tf.while_loop(
            lambda i, d: i < 3, lambda i, d: (i + 1, {"a": tf.concat([d["a"], d["a"]], 0)}), (0, {"a": x}),
            shape_invariants=(tf.TensorShape([]), {"a": tf.TensorShape([None])}),
        )
    )  # fmt: skip
    assert f(VECTOR)[1]["a"].shape == [16]


@pytest.mark.parametrize(("axis", "spec"), [(0, [None, None]), (1, [2, None]), (1, None)])
def test_ragged_variables_of_a_loop_may_grow(axis, spec):
    invariants = None if spec is None else (tf.TensorShape([]), tf.RaggedTensorSpec(spec, tf.float32))

    @traced
    def f():
        rt = tf.ragged.constant([[1.0], [2.0, 3.0]])
        return tf.while_loop(
            lambda i, r: i < 2, lambda i, r: (i + 1, tf.concat([r, r], axis)), (0, rt), shape_invariants=invariants
        )[1]

    rows = [[1.0], [2.0, 3.0]]
    assert f().to_list() == (rows * 4 if axis == 0 else [row * 4 for row in rows])


def test_the_shape_invariant_of_a_sparse_variable_is_that_of_its_dense_shape():
    @traced
    def f(rank):
        st, more = tf.sparse.from_dense([[1.0, 0.0], [0.0, 3.0]]), tf.sparse.from_dense([[0.0, 1.0], [0.0, 0.0]])
        return tf.while_loop(
            lambda i, s: i < 2, lambda i, s: (i + 1, tf.sparse.add(s, more)), (0, st),
            shape_invariants=(tf.TensorShape([]), tf.TensorShape(rank)),
        )[1]  # fmt: skip

    for rank in ([2], [None]):
        assert tf.sparse.to_dense(f(rank)).numpy().tolist() == [[1.0, 2.0], [0.0, 3.0]]
    with pytest.raises(ValueError, match="rank 1"):
        f([None, None])


def test_indexed_slices_in_a_loop_that_get_more():
    @traced
    def f():
        start = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([0]))

        def body(i, s):
            return i + 1, tf.IndexedSlices(tf.concat([s.values, s.values], 0), tf.concat([s.indices, s.indices + 1], 0))

        invariants = None, tf.TensorShape([None, 1])
        return tf.while_loop(lambda i, _: i < 2, body, (0, start), shape_invariants=invariants)[1]

    assert f().indices.numpy().tolist() == [0, 1, 1, 2]


def test_what_map_fn_and_scan_are_returned_as_python_numbers_gets_the_dtype_that_is_expected():
    f = traced(lambda x: (tf.map_fn(lambda _: 1, x), tf.scan(lambda a, _: 2, x)))
    assert plain(f(VECTOR)) == ([1.0, 1.0], [1.0, 2.0])


def test_map_fn_over_tensors_of_different_lengths():
    f = traced(lambda x, y: tf.map_fn(lambda pair: pair[0] + pair[1], (x, y), fn_output_signature=tf.float32))
    with pytest.raises(ValueError, match="Dimensions 2 and 3 are not compatible"):
        f(VECTOR, tf.zeros([3]))


def test_map_fn_with_another_dtype_than_it_says():
    with pytest.raises(tf.errors.InvalidArgumentError, match="op elements int32 but list elements float"):
        traced(lambda x: tf.map_fn(lambda a: tf.cast(a, tf.int32), x))(VECTOR)
