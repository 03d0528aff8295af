"""`tf.config`: devices, threads, and how functions run."""

from __future__ import annotations

from ..engines.devices import LogicalDevice as LogicalDevice
from ..engines.devices import LogicalDeviceConfiguration as LogicalDeviceConfiguration
from ..engines.devices import PhysicalDevice as PhysicalDevice
from ..engines.devices import get_logical_device_configuration as get_logical_device_configuration
from ..engines.devices import get_soft_device_placement as get_soft_device_placement
from ..engines.devices import get_visible_devices as get_visible_devices
from ..engines.devices import list_logical_devices as list_logical_devices
from ..engines.devices import list_physical_devices as list_physical_devices
from ..engines.devices import set_logical_device_configuration as set_logical_device_configuration
from ..engines.devices import set_soft_device_placement as set_soft_device_placement
from ..engines.devices import set_visible_devices as set_visible_devices
from ..graph.function import functions_run_eagerly as experimental_functions_run_eagerly
from ..graph.function import functions_run_eagerly as functions_run_eagerly
from ..graph.function import run_functions_eagerly as experimental_run_functions_eagerly
from ..graph.function import run_functions_eagerly as run_functions_eagerly
from . import experimental as experimental
from . import optimizer as optimizer
from . import threading as threading
