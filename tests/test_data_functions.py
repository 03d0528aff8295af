"""tf.data: against plain Python models, vectorised maps, threads, memory, errors, files."""

from __future__ import annotations

import gc
import itertools
import pickle
import random
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.data import threads

Dataset = tf.data.Dataset
few = st.integers(0, 12)
some = st.integers(1, 5)


def items(dataset: Any) -> list[Any]:
    return [np.asarray(each).tolist() for each in dataset.as_numpy_iterator()]


# -- models


@given(few, some, st.booleans())
def test_batch_and_unbatch(n: int, size: int, drop: bool) -> None:
    batches = Dataset.range(n).batch(size, drop_remainder=drop)
    wanted = [list(range(i, min(i + size, n))) for i in range(0, n, size)]
    wanted = [each for each in wanted if not drop or len(each) == size]
    assert items(batches) == wanted
    assert len(batches) == len(wanted)
    assert items(batches.unbatch()) == list(itertools.chain(*wanted))


@given(few, some, st.integers(0, 2**31), st.booleans())
def test_shuffle_is_a_permutation(n: int, size: int, seed: int, again: bool) -> None:
    dataset = Dataset.range(n).shuffle(size, seed, again)
    first, second = items(dataset), items(dataset)
    assert sorted(first) == sorted(second) == list(range(n))
    assert all(value < i + size for i, value in enumerate(first))
    assert again or first == second


@given(few, some, some, some, st.booleans())
def test_window(n: int, size: int, shift: int, stride: int, drop: bool) -> None:
    dataset = Dataset.range(n).window(size, shift, stride, drop)
    wanted = [list(range(start, min(start + (size - 1) * stride + 1, n), stride)) for start in range(0, n, shift)]
    wanted = [each for each in wanted if not drop or len(each) == size]
    assert [items(window) for window in dataset] == wanted
    assert len(dataset) == len(wanted)


def interleaved(parts: list[list[int]], cycle: int, block: int) -> Iterator[int]:
    """Each place of the cycle has a part; one that is empty is replaced when its turn comes."""
    waiting, places = iter(parts), [None] * cycle
    more = True
    while more or any(place is not None for place in places):
        for at in range(cycle):
            if places[at] is None:
                places[at] = next(waiting, None)  # type: ignore[call-overload]
                more = more and places[at] is not None
            part = places[at]
            if part is not None:
                yield from part[:block]
                places[at] = part[block:] if len(part) >= block else None


@given(st.lists(some, max_size=6), some, some)
@settings(max_examples=40, deadline=None)
def test_interleave(sizes: list[int], cycle: int, block: int) -> None:
    dataset = Dataset.from_tensor_slices(np.array(sizes, np.int64))
    dataset = dataset.interleave(Dataset.range, cycle_length=cycle, block_length=block)
    assert items(dataset) == list(interleaved([list(range(n)) for n in sizes], cycle, block))


@given(few, few, few, some, st.integers(0, 3))
def test_choosing(n: int, taken: int, skipped: int, shards: int, times: int) -> None:
    dataset = Dataset.range(n).take(taken).skip(skipped).shard(shards, 0).repeat(times)
    wanted = list(range(n))[:taken][skipped:][::shards] * times
    assert items(dataset) == wanted
    assert len(dataset) == len(wanted)


@given(st.lists(st.lists(st.integers(-5, 5), max_size=4), min_size=1, max_size=7), some)
@settings(max_examples=30, deadline=None)
def test_padded_and_ragged_batches(rows: list[list[int]], size: int) -> None:
    signature = tf.TensorSpec([None], tf.int32)
    dataset = Dataset.from_generator(lambda: iter(rows), output_signature=signature)
    ragged = [batch.to_list() for batch in dataset.ragged_batch(size)]
    assert list(itertools.chain(*ragged)) == rows
    for padded, batch in zip(items(dataset.padded_batch(size, padding_values=9)), ragged, strict=True):
        longest = max(map(len, batch))
        assert padded == [row + [9] * (longest - len(row)) for row in batch]


def test_sparse_batches() -> None:
    """As TensorFlow's: all values of the elements, zeros too."""
    rows = Dataset.range(1, 4).map(lambda n: tf.fill([n], n - 1))
    found = [(x.indices.numpy().tolist(), x.values.numpy().tolist(), x.dense_shape.numpy().tolist())
             for x in rows.sparse_batch(2, [4])]  # fmt: skip
    assert found == [
        ([[0, 0], [1, 0], [1, 1]], [0, 1, 1], [2, 4]), ([[0, 0], [0, 1], [0, 2]], [2, 2, 2], [1, 4])
    ]  # fmt: skip
    with pytest.raises(tf.errors.DataLossError, match="is larger than the row shape"):
        list(rows.sparse_batch(2, [2]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\(\[1\]\) that is incompatible with .* \(\[3,3\]\)"):
        list(rows.sparse_batch(2, [3, 3]))
    for size in (0, -1):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Batch size must be greater than zero"):
            rows.sparse_batch(size, [4])
    sparse = tf.SparseTensor([[0, 1], [2, 0]], [1, 2], [3, 4])
    assert [x.values.numpy().tolist() for x in Dataset.from_tensor_slices(sparse)] == [[1], [], [2]]
    (batch,) = Dataset.from_tensors(sparse).repeat(2).batch(2)
    assert batch.indices.numpy().tolist() == [[0, 0, 1], [0, 2, 0], [1, 0, 1], [1, 2, 0]]


# -- maps that are run on many rows at once


def _one_by_one(dataset: Any, function: Callable[..., Any]) -> Any:
    """The same with elements that are no rows of memory."""
    return dataset.filter(lambda *_: True).map(function)


MAPS: dict[str, Callable[..., Any]] = {
    "scale": lambda x, y: (tf.cast(x, tf.float32) / 255.0, y),
    "normalise": lambda x, y: ((tf.cast(x, tf.float32) - 127.5) * (1 / 127.5), tf.one_hot(y, 10)),
    "flip": lambda x, y: (tf.image.flip_left_right(tf.cast(x, tf.float32)[..., None]), y),
    "up_down": lambda x, y: (tf.image.flip_up_down(x[..., None]), y),
    "transpose": lambda x, y: (tf.transpose(x), y % 3),
    "crop": lambda x, y: (x[1:3, ::2], tf.maximum(y, 4)),
    "pad": lambda x, y: (tf.pad(x, [[1, 1], [0, 2]]), y),
    "largest": lambda x, y: (tf.reduce_max(x, axis=0), tf.reduce_min(x)),
    "dict": lambda x, y: {"image": tf.reshape(x, [-1]), "label": tf.cast(y, tf.float64) ** 2},
    "where": lambda x, y: (tf.where(x > 100, x, tf.zeros_like(x)), tf.minimum(y, 3) == 3),
    "sum": lambda x, y: (tf.reduce_sum(tf.cast(x, tf.float32)), y),
    "exp": lambda x, y: (tf.exp(tf.cast(x, tf.float32) / 99.0), y),
    "matmul": lambda x, y: (tf.linalg.matmul(tf.cast(x, tf.float32), tf.ones([6, 3]) / 7.0), y),
    "roll": lambda x, y: (tf.roll(x, 1, 0), tf.stack([y, y + 1])),
    "constant": lambda x, y: (tf.constant(3), y),
}


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("size", [1, 3, 16])
def test_vectorised_maps_change_no_bit(name: str, size: int) -> None:
    images = np.random.default_rng(3).integers(0, 256, (13, 5, 6)).astype(np.uint8)
    rows = Dataset.from_tensor_slices((images, np.arange(13)))
    for fast, slow in [(rows.map(MAPS[name]), _one_by_one(rows, MAPS[name]))]:
        assert fast.element_spec == slow.element_spec
        for a, b in zip(fast.shuffle(5, 1).batch(size), slow.shuffle(5, 1).batch(size), strict=True):
            for mine, theirs in zip(tf.nest.flatten(a), tf.nest.flatten(b), strict=True):
                assert mine.dtype == theirs.dtype
                assert mine.numpy().tobytes() == theirs.numpy().tobytes()


_UNARY = [tf.abs, tf.negative, tf.square, tf.sign, tf.floor, tf.nn.relu, lambda x: x * 0.1, lambda x: 1.0 / (x + 0.3),
          lambda x: tf.sqrt(tf.abs(x)), lambda x: tf.clip_by_value(x, -1.0, 1.0), lambda x: tf.reverse(x, [0]),
          lambda x: tf.concat([x, x], 0)[:4], lambda x: tf.expand_dims(x, 0)[0],
          lambda x: x - tf.reduce_max(x)]  # fmt: skip


@given(st.lists(st.sampled_from(_UNARY), min_size=1, max_size=4), st.integers(0, 99), some)
@settings(max_examples=40, deadline=None)
def test_chains_of_vectorised_ops_change_no_bit(chain: list[Any], seed: int, size: int) -> None:
    rows = Dataset.from_tensor_slices(np.random.default_rng(seed).standard_normal((7, 4)).astype(np.float32))

    def function(x: Any) -> Any:
        for step in chain:
            x = step(x)
        return x

    for a, b in zip(rows.map(function).batch(size), _one_by_one(rows, function).batch(size), strict=True):
        assert a.numpy().tobytes() == b.numpy().tobytes()


# -- threads and memory


def slow(x: Any) -> Any:
    def wait(value: Any) -> Any:
        time.sleep(0.002)
        return value

    return tf.numpy_function(wait, [x], tf.int64)


SLOW = {
    "prefetch": lambda n: Dataset.range(n).map(slow).prefetch(4),
    "map": lambda n: Dataset.range(n).map(slow, num_parallel_calls=3),
    "both": lambda n: Dataset.range(n).map(slow, num_parallel_calls=3).prefetch(2),
}


def _ended(before: set[threading.Thread]) -> bool:
    for _ in range(100):
        if not set(threading.enumerate()) - before:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(("took", "slow"), [([0.5, 1e-5, 1e-5, 1e-5], False), ([0.5, 1e-3, 1e-3, 1e-3], True)])
def test_a_slow_beginning_alone_is_no_reason_for_threads(monkeypatch: Any, took: list[float], slow: bool) -> None:
    times = iter([t for i in range(4) for t in (float(i), i + took[i])])
    monkeypatch.setattr(threads.time, "perf_counter", lambda: next(times))
    clock = threads._Clock()
    assert list(itertools.islice(clock.timed(iter(range(9))), 4)) == [0, 1, 2, 3]
    monkeypatch.undo()
    assert clock.slow is slow


def test_options_that_were_asked_for_are_a_copy() -> None:
    dataset = tf.data.Dataset.range(3)
    batched = dataset.batch(2)
    batched.options().deterministic = True
    batched.options().threading.private_threadpool_size = 3
    assert batched.options() == dataset.options() == tf.data.Options()
    options = tf.data.Options()
    options.deterministic = False
    assert batched.with_options(options).map(lambda x: x).options().deterministic is False
    assert batched.options() == tf.data.Options()


@pytest.mark.parametrize("name", SLOW)
def test_threads_end_with_the_iterator(name: str) -> None:
    before = set(threading.enumerate())
    gc.disable()
    try:
        iterator = iter(SLOW[name](1000))
        assert [int(next(iterator)) for _ in range(12)] == list(range(12))
        assert set(threading.enumerate()) - before
        del iterator
        assert _ended(before)
        assert items(SLOW[name](30)) == list(range(30))
        assert _ended(before)
    finally:
        gc.enable()


def test_an_abandoned_iterator_frees_its_memory() -> None:
    class Big(np.ndarray):  # type: ignore[type-arg]
        pass

    array = np.zeros([100, 10], np.float32).view(Big)
    alive = weakref.ref(array)

    def generate() -> Iterator[Any]:
        mine = array_holder[0]
        for row in mine:
            yield np.asarray(row)

    array_holder = [array]
    gc.disable()
    try:
        dataset = Dataset.from_generator(generate, output_signature=tf.TensorSpec([10], tf.float32))
        iterator = iter(dataset.batch(2).prefetch(1))
        next(iterator)
        seen = weakref.ref(iterator)
        array_holder.clear()
        del array, iterator
        assert seen() is None
        assert alive() is None
    finally:
        gc.enable()


def test_break_takes_no_further_element() -> None:
    made: list[int] = []

    def generate() -> Iterator[int]:
        for i in range(100):
            made.append(i)
            yield i

    iterator = iter(Dataset.from_generator(generate, output_signature=tf.TensorSpec([], tf.int64)))
    for x in iterator:
        if x == 3:
            break
    assert made == [0, 1, 2, 3]
    assert int(next(iterator)) == 4


def test_iterators_do_not_disturb_each_other() -> None:
    dataset = Dataset.range(4).map(lambda x: tf.random.uniform([], seed=3))
    one, other = iter(dataset), iter(dataset)
    assert [float(x) for pair in zip(one, other) for x in pair] == [x for x in items(dataset) for _ in range(2)]


# -- errors


def broken(x: Any) -> Any:
    y = 1.0 / tf.cast(x - 1, tf.float32)
    return tf.debugging.check_numerics(y, "broken")  # the line that errors name


@pytest.mark.parametrize("calls", [None, 2])
def test_errors_name_the_line_and_do_not_end_the_pass(calls: Any) -> None:
    iterator = iter(Dataset.range(3).map(broken, num_parallel_calls=calls))
    assert float(next(iterator)) == -1
    with pytest.raises(tf.errors.InvalidArgumentError, match="broken : Tensor had Inf values") as caught:
        next(iterator)
    assert "in broken" in "".join(traceback.format_exception(caught.value))
    assert float(next(iterator)) == 1
    assert next(iterator, None) is None


@pytest.mark.parametrize("name", ["map", "prefetch"])
def test_errors_in_threads(name: str) -> None:
    def fail(value: Any) -> Any:
        time.sleep(0.001)
        if value == 7:
            raise KeyError("seven")
        return value

    dataset = Dataset.range(12).map(lambda x: tf.numpy_function(fail, [x], tf.int64), 3 if name == "map" else None)
    iterator = iter(dataset.prefetch(2) if name == "prefetch" else dataset)
    found: list[Any] = []
    while True:
        try:
            found.append(int(next(iterator)))
        except StopIteration:
            break
        except tf.errors.OpError as error:
            found.append(type(error).__name__ if "seven" in error.message else error.message)
    assert found == [0, 1, 2, 3, 4, 5, 6, "UnknownError", 8, 9, 10, 11]


def test_generators_errors_keep_their_cause() -> None:
    def generate() -> Iterator[int]:
        yield 1
        raise OSError("disk")

    iterator = iter(Dataset.from_generator(generate, output_signature=tf.TensorSpec([], tf.int32)))
    next(iterator)
    with pytest.raises(tf.errors.UnknownError, match="OSError: disk") as caught:
        next(iterator)
    assert isinstance(caught.value.__cause__, OSError)


def test_neither_datasets_nor_iterators_are_pickled() -> None:
    for value in Dataset.range(3), iter(Dataset.range(3)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="dtype variant"):
            pickle.dumps(value)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_interrupt() -> None:
    import _thread

    timer = threading.Timer(0.15, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        for _ in Dataset.range(10**9).map(slow, num_parallel_calls=2).prefetch(1):
            pass
    timer.join()


# -- files


def test_files_of_elements_keep_everything(tmp_path: Path) -> None:
    rng = random.Random(4)
    rows = [bytes(rng.randrange(256) for _ in range(n)) for n in (0, 3, 70)]
    value = {
        "text": np.array(rows, object),
        "half": tf.constant([1.5, -2, 0], tf.bfloat16),
        "ragged": tf.ragged.constant([["a"], [], ["b", "c"]]),
        "empty": np.zeros([3, 0, 2], np.int16),
    }
    dataset = Dataset.from_tensor_slices(value).repeat(2)
    for compression in (None, "GZIP"):
        dataset.save(tmp_path / "saved", compression)
        loaded = Dataset.load(tmp_path / "saved", compression=compression)
        assert loaded.element_spec == dataset.element_spec
        assert len(loaded) == 6
        for a, b in zip(dataset, loaded, strict=True):
            tf.nest.map_structure(np.testing.assert_array_equal, tf.nest.map_structure(_plain, a), _plainest(b))


def _plain(x: Any) -> Any:
    return x.numpy()


def _plainest(value: Any) -> Any:
    return tf.nest.map_structure(_plain, value)


def test_shards_and_readers(tmp_path: Path) -> None:
    Dataset.range(6).save(tmp_path / "x", shard_func=lambda x: x % 2)
    assert items(Dataset.load(tmp_path / "x")) == [0, 1, 2, 3, 4, 5]
    one_after_the_other = Dataset.load(tmp_path / "x", reader_func=lambda files: files.flat_map(lambda file: file))
    assert items(one_after_the_other) == [0, 2, 4, 1, 3, 5]


def test_a_broken_off_snapshot_is_made_again(tmp_path: Path) -> None:
    seen: list[int] = []

    def generate() -> Iterator[int]:
        for i in range(4):
            seen.append(i)
            yield i

    dataset = Dataset.from_generator(generate, output_signature=tf.TensorSpec([], tf.int64))
    for kept in dataset.snapshot(tmp_path / "snapshot"), dataset.cache(str(tmp_path / "cache")):
        seen.clear()
        next(iter(kept))
        assert items(kept) == items(kept) == [0, 1, 2, 3]
        assert seen == [0, 0, 1, 2, 3]


def test_specs_in_files_name_no_foreign_code(tmp_path: Path) -> None:
    Dataset.range(3).save(tmp_path / "x")
    (tmp_path / "x" / "spec").write_bytes(pickle.dumps((Path("a"), 1)))
    with pytest.raises(tf.errors.DataLossError, match="not loaded from files"):
        Dataset.load(tmp_path / "x")


def test_records(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("a", "b")]
    for path, compression in itertools.product(paths, ["GZIP"]):
        tf.data.experimental.TFRecordWriter(path, compression).write(Dataset.from_tensor_slices([path[-1], "x"]))
    assert items(tf.data.TFRecordDataset(paths, "GZIP")) == [b"a", b"x", b"b", b"x"]
    assert items(tf.data.TFRecordDataset(paths, "GZIP", num_parallel_reads=2)) == [b"a", b"b", b"x", b"x"]
    with pytest.raises(tf.errors.DataLossError):
        items(tf.data.TFRecordDataset(paths))


# -- in functions


def test_iterators_of_a_function_go_on() -> None:
    iterator = iter(Dataset.range(10))

    @tf.function
    def two(iterator: Any) -> Any:
        return next(iterator) * 10 + next(iterator)

    captured = tf.function(lambda: iterator.get_next())
    assert [int(two(iterator)), int(captured()), int(two(iterator)), int(next(iterator))] == [1, 2, 34, 5]
    assert two.experimental_get_tracing_count() == 1
    with pytest.raises(tf.errors.OutOfRangeError):
        for _ in range(9):
            two(iterator)


@pytest.mark.parametrize("may_break", [False, True])
def test_shapes_may_change_in_a_loop_over_a_dataset(may_break: bool) -> None:
    @tf.function
    def joined(rows: Any) -> Any:
        out, count, last = tf.zeros([0, 2]), {"n": 0}, 0.0
        for row in rows:
            out = tf.concat([out, row[None]], 0)
            count["n"] += 1
            last = last + row
            if may_break and tf.shape(out)[0] > 1:
                break
        return out, count, last

    rows = Dataset.from_tensor_slices([[1.0, 2.0], [3.0, 4.0]])
    out, count, last = joined(rows)
    assert out.numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]] and last.numpy().tolist() == [4.0, 6.0]
    assert int(count["n"]) == 2
    shapes = [x.shape for x in joined.get_concrete_function(rows).outputs]
    assert [str(shape) for shape in shapes] == ["(None, 2)", "()", "<unknown>"]
    with pytest.raises(ValueError, match=r"'last' has shape \(\) before the loop, but shape \(2,\) after"):
        joined(iter(rows))


def test_optional_in_conditions() -> None:
    @tf.function
    def value(optional: Any) -> Any:
        return tf.cond(optional.has_value(), optional.get_value, lambda: tf.constant(-1, tf.int64))

    iterator = iter(Dataset.range(1))
    assert [int(value(iterator.get_next_as_optional())) for _ in range(2)] == [0, -1]
