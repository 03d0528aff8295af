"""`tf.compat.v1.data`: datasets as older programs go through them."""

from __future__ import annotations

from typing import Any

from . import experimental as experimental
from .dataset import AUTOTUNE as AUTOTUNE
from .dataset import Dataset as Dataset
from .dataset import DatasetSpec as DatasetSpec
from .elements import mapped
from .generators import NumpyIterator as NumpyIterator
from .iterators import IteratorBase as Iterator
from .options import Options as Options
from .options import ThreadingOptions as ThreadingOptions
from .readers import FixedLengthRecordDataset as FixedLengthRecordDataset
from .readers import TextLineDataset as TextLineDataset
from .readers import TFRecordDataset as TFRecordDataset

__all__ = ["Iterator", "make_one_shot_iterator"]


def get_output_types(dataset_or_iterator: Any) -> Any:
    """The dtypes of the elements, in their structure.

    >>> tf.compat.v1.data.get_output_types(tf.data.Dataset.range(3))
    tf.int64
    """
    return mapped(lambda spec: getattr(spec, "dtype", None), dataset_or_iterator.element_spec)


def get_output_shapes(dataset_or_iterator: Any) -> Any:
    """The shapes of the elements, in their structure.

    >>> tf.compat.v1.data.get_output_shapes(tf.data.Dataset.range(3).batch(2))
    TensorShape([None])
    """
    return mapped(lambda spec: getattr(spec, "shape", None), dataset_or_iterator.element_spec)


def get_output_classes(dataset_or_iterator: Any) -> Any:
    """The classes of the elements, in their structure.

    >>> tf.compat.v1.data.get_output_classes(tf.data.Dataset.range(3)) is tf.Tensor
    True
    """
    return mapped(lambda spec: spec.value_type, dataset_or_iterator.element_spec)


def make_one_shot_iterator(dataset: Dataset) -> Any:
    """An iterator over a dataset.

    >>> print(next(tf.compat.v1.data.make_one_shot_iterator(tf.data.Dataset.range(3))).numpy())
    0
    """
    return iter(dataset)
