"""`tf.train`: what training reads and keeps."""

from __future__ import annotations

from .io.examples import BytesList as BytesList
from .io.examples import Example as Example
from .io.examples import Feature as Feature
from .io.examples import FeatureList as FeatureList
from .io.examples import FeatureLists as FeatureLists
from .io.examples import Features as Features
from .io.examples import FloatList as FloatList
from .io.examples import Int64List as Int64List
from .io.examples import SequenceExample as SequenceExample
