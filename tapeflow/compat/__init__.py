"""`tf.compat`: helpers for programs that also run on older versions."""

from __future__ import annotations

from ..base.compat import as_bytes as as_bytes
from ..base.compat import as_str as as_str
from ..base.compat import as_str_any as as_str_any
from ..base.compat import as_text as as_text
from ..base.compat import bytes_or_text_types as bytes_or_text_types
from ..base.compat import complex_types as complex_types
from ..base.compat import integral_types as integral_types
from ..base.compat import path_to_str as path_to_str
from ..base.compat import real_types as real_types
from ..base.tensor_shape import dimension_at_index as dimension_at_index
from ..base.tensor_shape import dimension_value as dimension_value
from . import v1 as v1
from . import v2 as v2
from .forward import forward_compatibility_horizon as forward_compatibility_horizon
from .forward import forward_compatible as forward_compatible
