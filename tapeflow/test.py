"""`tf.test`: questions that tests ask, and `TestCase`."""

from __future__ import annotations

from .base.devices import gpu_device_name as gpu_device_name
from .base.devices import is_built_with_cuda as is_built_with_cuda
from .base.devices import is_built_with_gpu_support as is_built_with_gpu_support
from .base.devices import is_built_with_rocm as is_built_with_rocm
from .base.devices import is_gpu_available as is_gpu_available
