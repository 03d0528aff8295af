"""`tf.train`: what training reads and keeps.

>>> example = tf.train.Example()
>>> example.features.feature["label"].int64_list.value.append(3)
>>> tf.io.parse_single_example(example.SerializeToString(), {"label": tf.io.FixedLenFeature([], tf.int64)})
{'label': <tf.Tensor: shape=(), dtype=int64, numpy=3>}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    BytesList: Any
    Example: Any
    Feature: Any
    FeatureList: Any
    FeatureLists: Any
    Features: Any
    FloatList: Any
    Int64List: Any
    SequenceExample: Any


def __getattr__(name: str) -> Any:
    """The messages need the protobuf library, which takes time to load."""
    from .io import examples

    if name not in examples._MESSAGES:
        raise AttributeError(f"tapeflow has no `tf.train.{name}` (yet)", name=name)
    value = globals()[name] = getattr(examples, name)
    return value


def __dir__() -> list[str]:
    from .io import examples

    return sorted({*globals(), *examples._MESSAGES})
