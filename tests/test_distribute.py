"""`tf.distribute`: strategies of one device."""

from __future__ import annotations

from typing import Any

import pytest

import tapeflow as tf

CPU = "/job:localhost/replica:0/task:0/device:CPU:0"
STRATEGIES = [tf.distribute.MirroredStrategy, tf.distribute.experimental.CentralStorageStrategy]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("devices", [None, [], ["/cpu:0"], ["cpu"], ("/device:CPU:0",)])
def test_devices_have_their_full_names(strategy: Any, devices: Any) -> None:
    extended = strategy(devices).extended
    assert extended.worker_devices == extended.parameter_devices == (CPU,)


def test_one_device() -> None:
    assert tf.distribute.OneDeviceStrategy("gpu:3").extended.worker_devices == (CPU.replace("CPU:0", "GPU:3"),)


def test_where_central_storage_is() -> None:
    extended = tf.distribute.experimental.CentralStorageStrategy(["cpu:0"], "/cpu:0").extended
    assert (extended.worker_devices, extended.parameter_devices) == ((CPU,), ("/cpu:0",))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_devices_that_cannot_be(strategy: Any) -> None:
    with pytest.raises(ValueError, match="one device only"):
        strategy(["cpu:0", "cpu:1"])
    with pytest.raises(ValueError, match="Unknown attribute 'x'"):
        strategy(["x"])
