"""Classes made as frequent as is asked for, by leaving elements out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes
from ..core.convert import convert
from ..ops.casting import cast
from ..ops.gathering import gather
from ..ops.joining import tile
from ..ops.layout import expand_dims
from ..ops.random import uniform
from ..ops.ranges import one_hot
from ..ops.reduction import reduce_max, reduce_min, reduce_sum

SMOOTHING = 10  # elements of each class that an estimate begins with
AT_ONCE = 32  # elements between two estimates


def acceptance(initial: Any, target: Any) -> tuple[Any, Any]:
    """How likely an element of each class is kept, and how likely one is taken without asking.

    The rarest class, for its target, is always kept; what all classes have in common is taken as it comes.
    """
    ratio = target / (initial + np.finfo(np.float32).tiny)
    largest, smallest = reduce_max(ratio), reduce_min(ratio)
    return (ratio - smallest) / (largest - smallest), smallest


def resampled(dataset: Any, class_func: Callable[..., Any], target: Any, initial: Any, seed: Any) -> Any:
    """Pairs of a class and an element."""
    target = cast(convert(target), dtypes.float32)
    if initial is None:
        initials = _estimated(dataset.map(class_func), int(target.shape[0]))
        both = initials.map(lambda found: acceptance(found, target))
        accepted, unasked = both.map(lambda accept, _: accept), both.map(lambda _, original: original)
        certain = None
    else:
        initial = cast(convert(initial), dtypes.float32)
        accept, original = acceptance(initial, target)
        accepted, unasked = [dataset.from_tensors(x).repeat() for x in (accept, original)]
        certain = float(np.min(target.numpy() / initial.numpy()))
    kept = _kept(dataset, accepted, class_func, seed).prefetch(3)

    def with_class(*element: Any) -> Any:
        return class_func(*element), element[0] if len(element) == 1 else element

    if certain in (0, 1):
        return dataset.map(with_class) if certain else kept
    weights = unasked.map(lambda p: convert((p, 1.0 - p)))
    return dataset.sample_from_datasets([dataset.map(with_class), kept], weights, seed, stop_on_empty_dataset=True)


def _estimated(classes: Any, count: int) -> Any:
    """How frequent classes are, for each element, as it has turned out so far."""
    seen = convert(np.full([count], SMOOTHING, np.int64))

    def update(seen: Any, batch: Any) -> Any:
        seen = seen + reduce_sum(one_hot(batch, count, dtype=dtypes.int64), 0)
        frequencies = cast(seen / reduce_sum(seen), dtypes.float32)
        return seen, tile(expand_dims(frequencies, 0), [AT_ONCE, 1])

    return classes.batch(AT_ONCE).scan(seen, update).unbatch()


def _kept(dataset: Any, accepted: Any, class_func: Callable[..., Any], seed: Any) -> Any:
    def classified(accept: Any, element: Any) -> Any:
        found = class_func(*element) if isinstance(element, tuple) else class_func(element)
        return found, gather(accept, found), element

    drawn = dataset.zip((accepted, dataset)).map(classified)
    drawn = drawn.filter(lambda _class, p, _element: uniform([], seed=seed, dtype=p.dtype) < p)
    return drawn.map(lambda found, _p, element: (found, element))
