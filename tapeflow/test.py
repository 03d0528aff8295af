"""`tf.test`: questions that tests ask, and `TestCase`."""

from __future__ import annotations

from .engines.devices import gpu_device_name as gpu_device_name
from .engines.devices import is_built_with_cuda as is_built_with_cuda
from .engines.devices import is_built_with_gpu_support as is_built_with_gpu_support
from .engines.devices import is_built_with_rocm as is_built_with_rocm
from .engines.devices import is_gpu_available as is_gpu_available
