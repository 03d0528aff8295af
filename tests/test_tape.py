"""What a user sees of the tape. Values, Nones and texts are those of TensorFlow 2.21."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest

import tapeflow as tf


@pytest.fixture
def x() -> tf.Tensor:
    return tf.constant(3.0)


@pytest.fixture
def v() -> tf.Variable:
    return tf.Variable(2.0, name="v")


def value(gradient: object) -> float | None:
    return None if gradient is None else float(gradient)  # type: ignore[arg-type]


# -- what is watched


def test_constants_are_not_watched(x):
    with tf.GradientTape() as tape:
        y = x * x
    assert tape.gradient(y, x) is None


def test_watch_structures_and_structured_sources(x, v):
    with tf.GradientTape() as tape:
        tape.watch([x, {"v": v}])
        y = x * v
    grads = tape.gradient(y, {"a": x, "b": [v]})
    assert value(grads["a"]) == 2.0
    assert value(grads["b"][0]) == 3.0


def test_watching_anything_else_is_an_error():
    with tf.GradientTape() as tape, pytest.raises(ValueError, match="Passed in object a of type 'str', not tf.Tensor"):
        tape.watch("a")


def test_integers_are_watched_in_vain(caplog):
    i = tf.constant(3)
    with tf.GradientTape() as tape:
        tape.watch(i)
        y = i * i
    assert tape.gradient(y, i) is None
    assert "dtype of the watched tensor must be floating" in caplog.text


def test_variables_are_watched_when_trainable(v):
    fixed = tf.Variable(1.0, trainable=False)
    with tf.GradientTape() as tape:
        y = v * v + fixed * fixed
    assert [one.name for one in tape.watched_variables()] == ["v:0"]
    grads = tape.gradient(y, [v, fixed])
    assert value(grads[0]) == 4.0
    assert grads[1] is None


def test_a_fixed_variable_can_be_watched():
    fixed = tf.Variable(1.0, trainable=False)
    with tf.GradientTape() as tape:
        tape.watch(fixed)
        y = fixed * fixed
    assert len(tape.watched_variables()) == 1
    assert value(tape.gradient(y, fixed)) == 2.0


def test_watch_accessed_variables_false(v):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = v * v
    assert tape.gradient(y, v) is None
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(v)
        y = v * v
    assert value(tape.gradient(y, v)) == 4.0
    assert tape.watched_variables() == (v,) or tape.watched_variables()[0] is v


# -- opening, closing, reusing


def test_a_tape_gives_one_gradient(v):
    with tf.GradientTape() as tape:
        y = v * v
    tape.gradient(y, v)
    with pytest.raises(RuntimeError, match="A non-persistent GradientTape can only be used to compute one set"):
        tape.gradient(y, v)


@pytest.mark.parametrize("persistent", [False, True])
def test_a_tape_never_entered_gives_none_at_all(v, persistent):
    tape = tf.GradientTape(persistent=persistent)
    with pytest.raises(RuntimeError, match="A non-persistent GradientTape can only"):
        tape.gradient(v * v, v)


def test_reentering_an_open_tape_is_an_error():
    tape = tf.GradientTape()
    with tape, pytest.raises(ValueError, match="Tape is still recording"):
        tape.__enter__()


def test_a_tape_can_go_on_recording(v):
    tape = tf.GradientTape()
    with tape:
        y = v * v
    with tape:
        z = y * 3.0
    assert value(tape.gradient(z, v)) == 12.0


def test_a_persistent_tape_gives_many(v):
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        z = v * 3.0
    assert value(tape.gradient(y, v)) == 4.0
    assert value(tape.gradient(z, v)) == 3.0
    assert tape.gradient(y + z, v) is None  # the sum was made outside


def test_gradient_inside_the_block_ends_recording(v):
    with tf.GradientTape() as tape:
        y = v * v
        gradient = tape.gradient(y, v)
        z = gradient * v
    assert value(gradient) == 4.0
    with pytest.raises(RuntimeError):
        tape.gradient(z, v)


def test_gradient_inside_a_persistent_tape_is_recorded(v):
    with tf.GradientTape(persistent=True) as tape:
        y = v * v * v
        gradient = tape.gradient(y, v)
    assert value(tape.gradient(gradient, v)) == 12.0


def test_stop_recording(v):
    with tf.GradientTape() as tape:
        y = v * v
        with tape.stop_recording():
            z = y * y
        u = z + y
    assert value(tape.gradient(u, v)) == 4.0


def test_stop_recording_needs_an_open_tape():
    with pytest.raises(RuntimeError, match="Trying to stop recording a tape which is not recording"), \
            tf.GradientTape().stop_recording():
        pass


def test_reset_forgets(v):
    with tf.GradientTape() as tape:
        y = v * v
        tape.reset()
        z = v * 3.0 + y
    assert value(tape.gradient(z, v)) == 3.0


def test_an_exception_closes_the_tape(v):
    with pytest.raises(ZeroDivisionError), tf.GradientTape() as tape:
        raise ZeroDivisionError
    y = v * v
    assert tape.gradient(y, v) is None


# -- targets, sources, upstream gradients


def test_targets_add_up(v):
    with tf.GradientTape() as tape:
        targets = {"a": v * v, "b": [v * 3.0]}
    assert value(tape.gradient(targets, v)) == 7.0


def test_a_target_that_is_the_source(x, v):
    with tf.GradientTape() as tape:
        tape.watch(x)
    assert value(tape.gradient(x, x)) == 1.0
    with tf.GradientTape() as tape:
        _ = v * v
    assert value(tape.gradient(v, v)) == 1.0


def test_none_as_target(v):
    with tf.GradientTape() as tape:
        _ = v * v
    with pytest.raises(TypeError, match="Argument `target` should be a list or nested structure of Tensors"):
        tape.gradient(None, v)


@pytest.mark.parametrize(("target", "source"), [(3.0, "v"), ("y", 3.0)])
def test_numbers_as_target_or_source(v, target, source):
    with tf.GradientTape() as tape:
        y = v * v
    names = {"v": v, "y": y}
    with pytest.raises(AttributeError, match="'float' object has no attribute 'dtype'"):
        tape.gradient(names.get(target, target), names.get(source, source))


def test_output_gradients(v):
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        z = v * 3.0
    assert value(tape.gradient(y, v, output_gradients=tf.constant(10.0))) == 40.0
    assert value(tape.gradient(y, v, output_gradients=10.0)) == 40.0
    assert value(tape.gradient([y, z], v, output_gradients=[tf.constant(10.0)])) == 43.0  # the second starts from one
    with pytest.raises(ValueError, match="Attempt to convert a value"):
        tape.gradient([y, z], v, output_gradients=[tf.constant(10.0), None])


def test_unconnected(x, v):
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
    assert tape.gradient(y, [x, v]) == [None, None]
    zeros = tape.gradient(y, [x, v], unconnected_gradients="zero")
    assert [value(zero) for zero in zeros] == [0.0, 0.0]
    zeros = tape.gradient(y, [x, v], unconnected_gradients=tf.UnconnectedGradients.ZERO)
    assert [value(zero) for zero in zeros] == [0.0, 0.0]
    with pytest.raises(ValueError, match="Unknown value for unconnected_gradients: 'foo'"):
        tape.gradient(y, v, unconnected_gradients="foo")


def test_a_source_named_twice(v):
    with tf.GradientTape() as tape:
        y = v * v
    assert [value(g) for g in tape.gradient(y, [v, v])] == [4.0, 4.0]


def test_intermediate_results_as_sources(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    assert [value(g) for g in tape.gradient(z, [x, y])] == [108.0, 18.0]


def test_some_of_the_sources(x, v):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * v
        tape.watch(y)
        z = y * y * x
    assert [value(g) for g in tape.gradient(z, [x, v])] == [108.0, 108.0]
    assert value(tape.gradient(z, y)) == 36.0
    assert value(tape.gradient(z, x)) == 108.0
    assert [value(g) for g in tape.gradient(z, [v, y])] == [108.0, 36.0]


@pytest.mark.parametrize(("number", "gradient"), [(3.0, 6.0), (np.inf, np.inf), (-0.0, -0.0), (3 + 4j, 6 - 8j)])
def test_a_square_at_the_end_is_multiplied_by_no_1(number, gradient):
    x = tf.constant(number, tf.complex64 if isinstance(number, complex) else tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    found = tape.gradient(y, x)
    assert found.numpy() == gradient
    assert np.signbit(found.numpy().real) == np.signbit(np.real(gradient))


def test_each_read_of_a_variable_is_a_tensor_of_its_own(v):
    with tf.GradientTape() as tape:
        a = v.read_value()
        b = v.read_value()
        y = a * b
    assert [value(g) for g in tape.gradient(y, [a, v])] == [2.0, 4.0]


def test_a_way_through_integers_is_no_way(v):
    with tf.GradientTape() as tape:
        y = tf.cast(tf.cast(v, tf.int32), tf.float32) * v
    assert value(tape.gradient(y, v)) == 2.0


def test_complex(x):
    z = tf.constant(1 + 2j)
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = z * z
    assert complex(tape.gradient(y, z)) == 2 - 4j


def test_an_op_that_tensorflow_refuses_to_differentiate(v):
    with tf.GradientTape() as tape:
        y = tf.unique(tf.stack([v, v]))[0]
    with pytest.raises(LookupError, match="gradient registry has no entry for: Unique"):
        tape.gradient(y, v)


# -- nesting


def test_second_and_third_order(v):
    with tf.GradientTape() as third, tf.GradientTape() as second, tf.GradientTape() as first:
        y = v * v * v * v
        d1 = first.gradient(y, v)
        d2 = second.gradient(d1, v)
    assert [value(d1), value(d2), value(third.gradient(d2, v))] == [32.0, 48.0, 48.0]


def test_an_inner_tape_starts_where_it_watches(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        y = x * x
        with tf.GradientTape() as inner:
            inner.watch(y)
            z = y * y
        by_y, by_x = inner.gradient(z, [y, x])
    assert value(by_y) == 18.0
    assert by_x is None
    assert value(outer.gradient(by_y, x)) == 12.0


def test_closing_order_does_not_matter(v):
    a, b = tf.GradientTape(), tf.GradientTape()
    a.__enter__()
    b.__enter__()
    y = v * v
    a.__exit__(None, None, None)
    z = y * v
    b.__exit__(None, None, None)
    assert a.gradient(z, v) is None
    assert value(b.gradient(z, v)) == 12.0


# -- what the tape holds


def test_assignments_do_not_change_what_was_recorded(v):
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        v.assign(5.0)
        z = v * v
        v.assign_add(1.0)
        v.assign_sub(3.0)
    assert value(tape.gradient(y, v)) == 4.0
    assert value(tape.gradient(z, v)) == 10.0


def test_edits_of_numpy_arrays_do_not_change_what_was_recorded():
    source = np.ones(3, np.float32)
    x = tf.constant(source)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    source[:] = 7
    x.numpy()[:] = 7
    y.numpy()[:] = 7
    np.testing.assert_array_equal(tape.gradient(y, x), [2, 2, 2])
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(x)[0] = 7


def test_memory_is_freed_after_gradient(v):
    with tf.GradientTape() as tape:
        y = v * tf.ones(3)
        z = y * y
    kept = weakref.ref(y)
    del y
    assert kept() is not None
    tape.gradient(z, v)
    assert kept() is None


def test_memory_off_the_way_is_freed_too(x, v):
    with tf.GradientTape() as tape:
        tape.watch(x)
        aside = v * tf.ones(3)
        y = x * tf.reduce_sum(aside * aside)
    kept = weakref.ref(aside)
    del aside
    assert value(tape.gradient(y, x)) == 12.0
    assert kept() is None
    assert [reason.kind for reason in tape.explain(y, x).reasons] == ["flows"]


def test_no_garbage_is_left_for_the_collector(v):
    gc.collect()
    gc.disable()
    try:
        for _ in range(10):
            with tf.GradientTape() as tape:
                y = v * v
            tape.gradient(y, v)
        del tape, y
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_threads_have_tapes_of_their_own(v):
    results: dict[int, list[float]] = {}
    start = threading.Barrier(4)

    def work(number: int) -> None:
        x = tf.constant(float(number))
        start.wait()
        found = []
        for _ in range(200):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = x * x * v
            found.append(float(tape.gradient(y, x)))
        results[number] = found

    with tf.GradientTape() as outer:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == {n: [4.0 * n] * 200 for n in range(4)}
    assert outer.watched_variables() == ()


# -- Jacobians


def test_jacobian(x, v):
    z = tf.constant([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        y = z[:, None] * z
        scalar = v * v
    np.testing.assert_array_equal(tape.jacobian(y, z), [[[2, 0], [2, 1]], [[2, 1], [0, 4]]])
    assert tape.jacobian(y, v) is None
    np.testing.assert_array_equal(tape.jacobian(y, v, unconnected_gradients="zero"), np.zeros((2, 2)))
    assert value(tape.jacobian(scalar, [v])[0]) == 4.0


def test_jacobian_uses_up_the_tape(v):
    with tf.GradientTape() as tape:
        y = v * v
    tape.jacobian(y, v)
    with pytest.raises(RuntimeError):
        tape.jacobian(y, v)


def test_second_order_through_a_jacobian():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(x * x * x)
        gradient = inner.gradient(y, x)
    np.testing.assert_array_equal(outer.jacobian(gradient, x), [[6, 0], [0, 12]])


def test_batch_jacobian():
    z = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        y = z * z
        first = y[:1]
    np.testing.assert_array_equal(tape.batch_jacobian(y, z), [[[2, 0], [0, 4]], [[6, 0], [0, 8]]])
    np.testing.assert_array_equal(tape.batch_jacobian(tf.ones((2, 2)), z), np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match=r"first dimension of target shape \(\(1, 2\)\) and source shape \(\(2, 2\)\)"):
        tape.batch_jacobian(first, z)
    for x in (tf.ones(2), tf.ones(())):
        with pytest.raises(ValueError, match=r"Shape \(.*\) must have rank at least 2"):
            tape.batch_jacobian(x, z)
        with pytest.raises(ValueError, match=r"Shape \(.*\) must have rank at least 2"):
            tape.batch_jacobian(y, x)


def test_gradient_of_a_value_to_fill_with_is_a_scalar():
    for value in (tf.constant(2.0), tf.constant([2.0])):
        with tf.GradientTape() as tape:
            tape.watch(value)
            y = tf.fill([2, 3], value)
        gradient = tape.gradient(y, value)
        assert gradient.shape == () and gradient == 6


# -- IndexedSlices


@pytest.fixture
def table() -> tf.Variable:
    return tf.Variable(tf.reshape(tf.range(6.0), (3, 2)))


def test_gather_gives_slices(table):
    with tf.GradientTape() as tape:
        y = tf.gather(table, [0, 0, 2])
        z = y * y
    gradient = tape.gradient(z, table)
    assert isinstance(gradient, tf.IndexedSlices)
    np.testing.assert_array_equal(gradient.indices, [0, 0, 2])
    np.testing.assert_array_equal(gradient.values, [[0, 2], [0, 2], [8, 10]])
    np.testing.assert_array_equal(tf.convert_to_tensor(gradient), [[0, 4], [0, 0], [8, 10]])
    table.scatter_sub(gradient)
    np.testing.assert_array_equal(table, [[0, -3], [2, 3], [-4, -5]])


def test_slices_add_to_slices_and_to_dense(table):
    with tf.GradientTape(persistent=True) as tape:
        two = tf.reduce_sum(tf.gather(table, [0, 0])) + tf.reduce_sum(tf.gather(table, [1]))
        mixed = two + tf.reduce_sum(table)
        through = tf.gather(table * 2.0, [0, 0])
    assert isinstance(tape.gradient(two, table), tf.IndexedSlices)
    np.testing.assert_array_equal(tf.convert_to_tensor(tape.gradient(two, table)), [[2, 2], [1, 1], [0, 0]])
    np.testing.assert_array_equal(tape.gradient(mixed, table), [[3, 3], [2, 2], [1, 1]])
    np.testing.assert_array_equal(tape.gradient(through, table), [[4, 4], [0, 0], [0, 0]])


def test_slices_print_and_need_a_shape():
    slices = tf.IndexedSlices(tf.constant([[1.0, 2.0]]), tf.constant([0]), tf.constant([3, 2]))
    assert str(slices) == (
        "IndexedSlices(indices=tf.Tensor([0], shape=(1,), dtype=int32), values=tf.Tensor([[1. 2.]], shape=(1, 2),"
        " dtype=float32), dense_shape=tf.Tensor([3 2], shape=(2,), dtype=int32))"
    )
    assert slices.shape == (3, 2)
    with pytest.raises(ValueError, match="without dense_shape"):
        tf.convert_to_tensor(tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([0])))


def test_a_tensor_watched_late_counts_from_the_start_of_the_tape(x, v):
    with tf.GradientTape() as tape:
        y = v * x  # recorded because of v
        tape.watch(x)
        z = y * x
    assert value(tape.gradient(z, x)) == 12.0


def test_an_op_that_gives_nothing_is_no_obstacle():
    x, empty = tf.ones([3, 2]), tf.zeros([3, 0])
    with tf.GradientTape() as tape:
        tape.watch([x, empty])
        assert tf.unstack(empty, axis=1) == []
        y = tf.reduce_sum(x)
    np.testing.assert_array_equal(tape.gradient(y, x), np.ones((3, 2)))
