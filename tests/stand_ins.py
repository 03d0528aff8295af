"""Two of JAX's CPU devices in the places of GPUs: `conftest.py` asks for three of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tapeflow.base.context import ANYWHERE, context, refuse, settings
from tapeflow.engines import devices, xla


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Two GPUs, by name, on which nothing runs unless told to; see `gpus_by_default`."""
    spare = xla.devices("cpu")[1:3]
    if len(spare) < 2:
        pytest.skip("JAX is not there, or was started before")
    found = {devices.PhysicalDevice(f"/physical_device:GPU:{i}", "GPU"): device for i, device in enumerate(spare)}
    monkeypatch.setattr(devices, "_accelerators", lambda: found)
    for name in ("hidden_devices", "logical_devices", "accelerated", "tensor_float_32"):
        monkeypatch.setattr(settings, name, getattr(settings, name))
    before = context.run, context.accelerator
    yield [one.name for one in devices.accelerators()]
    context.run, context.accelerator = before


@pytest.fixture
def gpus_by_default(gpus: list[str]) -> list[str]:
    """Two GPUs, by name; ops run on the first unless told otherwise, as where a GPU is found."""
    settings.accelerated = True
    context.run, context.accelerator = refuse, ANYWHERE
    return gpus
