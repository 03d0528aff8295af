"""What is timed of tf.data, for tapeflow and for TensorFlow: a pass over a dataset.

Each function prepares its data, given the module, and returns the work to be repeated, which gives the last batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Work = Callable[[], Any]


def _digits(count: int = 60000) -> tuple[np.ndarray, np.ndarray]:
    return np.random.default_rng(0).integers(0, 256, (count, 28, 28)).astype(np.uint8), np.arange(count) % 10


def _passing(dataset: Any) -> Work:
    def work() -> Any:
        batch = None
        for batch in dataset:  # noqa: B007 - the last one is what is compared
            pass
        return batch[0]

    return work


def shuffle_batch(tf: Any) -> Work:
    dataset = tf.data.Dataset.from_tensor_slices(_digits())
    return _passing(dataset.shuffle(10000, seed=1).batch(64).prefetch(2))


def map_shuffle_batch(tf: Any) -> Work:
    def prepared(image: Any, label: Any) -> Any:
        return tf.image.flip_left_right(tf.cast(image, tf.float32)[..., None] / 255.0), label

    dataset = tf.data.Dataset.from_tensor_slices(_digits()).map(prepared, num_parallel_calls=tf.data.AUTOTUNE)
    return _passing(dataset.shuffle(10000, seed=1).batch(64).prefetch(2))


def generator_batch(tf: Any) -> Work:
    images, labels = _digits(5000)

    def rows() -> Iterator[Any]:
        yield from zip(images, labels)

    signature = tf.TensorSpec([28, 28], tf.uint8), tf.TensorSpec([], tf.int64)
    return _passing(tf.data.Dataset.from_generator(rows, output_signature=signature).batch(64))


def random_map_batch(tf: Any) -> Work:
    def noisy(image: Any, label: Any) -> Any:
        return tf.cast(image, tf.float32) + tf.random.uniform([28, 28], seed=3), label

    return _passing(tf.data.Dataset.from_tensor_slices(_digits(5000)).map(noisy).batch(64))


def interleave_batch(tf: Any) -> Work:
    files = tf.data.Dataset.range(20).interleave(lambda i: tf.data.Dataset.range(i, 500 + i), cycle_length=4)
    return _passing(files.map(lambda x: (x, x + 1)).batch(64))
