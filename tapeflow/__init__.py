"""tapeflow: TensorFlow 2 programs without TensorFlow.

>>> x = tf.constant(3.0)
>>> with tf.GradientTape() as tape:
...     tape.watch(x)
...     y = x * x
>>> print(tape.gradient(y, x))
tf.Tensor(6.0, shape=(), dtype=float32)
"""

from __future__ import annotations

# Dtypes, shapes, tensors
from .base.dtypes import DType as DType
from .base.dtypes import as_dtype as as_dtype
from .base.dtypes import bfloat16 as bfloat16
from .base.dtypes import bool as bool
from .base.dtypes import complex64 as complex64
from .base.dtypes import complex128 as complex128
from .base.dtypes import double as double
from .base.dtypes import float16 as float16
from .base.dtypes import float32 as float32
from .base.dtypes import float64 as float64
from .base.dtypes import half as half
from .base.dtypes import int8 as int8
from .base.dtypes import int16 as int16
from .base.dtypes import int32 as int32
from .base.dtypes import int64 as int64
from .base.dtypes import qint8 as qint8
from .base.dtypes import qint16 as qint16
from .base.dtypes import qint32 as qint32
from .base.dtypes import quint8 as quint8
from .base.dtypes import quint16 as quint16
from .base.dtypes import resource as resource
from .base.dtypes import string as string
from .base.dtypes import uint8 as uint8
from .base.dtypes import uint16 as uint16
from .base.dtypes import uint32 as uint32
from .base.dtypes import uint64 as uint64
from .base.dtypes import variant as variant
from .base.tensor_shape import TensorShape as TensorShape
from .core.convert import register_tensor_conversion_function as register_tensor_conversion_function
from .core.indexed_slices import IndexedSlices as IndexedSlices
from .core.spec import TensorSpec as TensorSpec
from .core.spec import TypeSpec as TypeSpec
from .core.tensor import Tensor as Tensor

# Elementwise math (ops/elementwise.py ...)

# Reductions and linear algebra (ops/reduction.py, ops/linalg.py ...)

# Layout and creation (ops/layout.py, ops/creation.py)

# Indexing, scattering, sorting (ops/indexing.py ...)

# Neural networks, convolution, pooling, random, image

# Control flow, printing, debugging

# The tape (autodiff/)
from .autodiff.custom_gradient import custom_gradient as custom_gradient
from .autodiff.custom_gradient import grad_pass_through as grad_pass_through
from .autodiff.custom_gradient import recompute_grad as recompute_grad
from .autodiff.tape import GradientTape as GradientTape
from .autodiff.tape import UnconnectedGradients as UnconnectedGradients

# State: Variables, modules, initializers

# Namespaces

__version__ = "2.21.0+tapeflow.0.1.0"


def __getattr__(name: str) -> object:
    raise AttributeError(f"tapeflow has no `tf.{name}` (yet): see docs/coverage.md")
