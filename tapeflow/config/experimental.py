"""`tf.config.experimental`: devices, memory, determinism."""

from __future__ import annotations

from ..engines import devices as _devices
from ..engines.devices import get_device_details as get_device_details
from ..engines.devices import get_memory_growth as get_memory_growth
from ..engines.devices import get_memory_info as get_memory_info
from ..engines.devices import get_memory_usage as get_memory_usage
from ..engines.devices import get_visible_devices as get_visible_devices
from ..engines.devices import list_logical_devices as list_logical_devices
from ..engines.devices import list_physical_devices as list_physical_devices
from ..engines.devices import set_memory_growth as set_memory_growth
from ..engines.devices import set_visible_devices as set_visible_devices
from .execution import disable_mlir_bridge as disable_mlir_bridge
from .execution import enable_mlir_bridge as enable_mlir_bridge
from .execution import get_device_policy as get_device_policy
from .execution import get_synchronous_execution as get_synchronous_execution
from .execution import reset_memory_stats as reset_memory_stats
from .execution import set_device_policy as set_device_policy
from .execution import set_synchronous_execution as set_synchronous_execution
from .options import enable_op_determinism as enable_op_determinism
from .options import enable_tensor_float_32_execution as enable_tensor_float_32_execution
from .options import tensor_float_32_execution_enabled as tensor_float_32_execution_enabled

# Earlier names.
VirtualDeviceConfiguration = _devices.LogicalDeviceConfiguration
get_virtual_device_configuration = _devices.get_logical_device_configuration
set_virtual_device_configuration = _devices.set_logical_device_configuration
