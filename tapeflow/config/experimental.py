"""`tf.config.experimental`: devices."""

from __future__ import annotations

from ..base.devices import get_device_details as get_device_details
from ..base.devices import get_visible_devices as get_visible_devices
from ..base.devices import list_logical_devices as list_logical_devices
from ..base.devices import list_physical_devices as list_physical_devices
from ..base.devices import set_memory_growth as set_memory_growth
from ..base.devices import set_visible_devices as set_visible_devices
