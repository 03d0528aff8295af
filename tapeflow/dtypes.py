"""`tf.dtypes`: the dtypes, and from one to another."""

from __future__ import annotations

from .base.dtypes import QUANTIZED_DTYPES as QUANTIZED_DTYPES
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
from .ops.casting import cast as cast
from .ops.casting import saturate_cast as saturate_cast
from .ops.complex import complex as complex
