"""`tf.device`, and what `tf.config` says of devices: there is one CPU."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

from . import errors
from .context import context, settings


class PhysicalDevice(NamedTuple):
    """A device of this machine."""

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device that ops can be placed on."""

    name: str
    device_type: str


_CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")
_LOGICAL_CPU = LogicalDevice("/device:CPU:0", "CPU")
CPU = "/job:localhost/replica:0/task:0/device:CPU:0"


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of this machine that tapeflow can use: one CPU.

    Args:
      device_type: list only devices of this type.

    >>> tf.config.list_physical_devices()
    [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]
    >>> tf.config.list_physical_devices("GPU")
    []
    """
    return [_CPU] if device_type in (None, "CPU") else []


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices that ops can be placed on: one CPU.

    Args:
      device_type: list only devices of this type.

    >>> tf.config.list_logical_devices()
    [LogicalDevice(name='/device:CPU:0', device_type='CPU')]
    """
    return [_LOGICAL_CPU] if device_type in (None, "CPU") else []


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices that the program may see: all.

    >>> tf.config.get_visible_devices("GPU")
    []
    """
    return list_physical_devices(device_type)


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Limits the devices that the program may see. The CPU is always seen, as it is the only one.

    Args:
      devices: `PhysicalDevice`s, a list or one.
      device_type: the type of the devices; others stay as they are.

    Raises:
      ValueError: for an unknown device, or one of another type.
      RuntimeError: if the CPU would not be seen any more.

    >>> tf.config.set_visible_devices([], "GPU")
    """
    given = [devices] if isinstance(devices, PhysicalDevice) else list(devices or ())
    for device in given:
        _known(device)
        if device_type is not None and device.device_type != device_type:
            raise ValueError(f"Unrecognized device: {device!r}")
    if not given and device_type in (None, "CPU"):
        raise RuntimeError("Visible devices cannot be modified after being initialized")


def set_memory_growth(device: Any, enable: bool) -> None:
    """Whether a GPU's memory is taken bit by bit. There is no GPU, so this is always an error.

    Raises:
      ValueError: for the CPU, and for what is no device of this machine.

    >>> for gpu in tf.config.list_physical_devices("GPU"):
    ...     tf.config.experimental.set_memory_growth(gpu, True)
    """
    _known(device)
    raise ValueError("Cannot set memory growth on non-GPU and non-Pluggable devices")


def get_device_details(device: Any) -> dict[str, Any]:
    """What is known of a physical device: nothing of the CPU.

    Raises:
      ValueError: if `device` is no `PhysicalDevice`.

    >>> tf.config.experimental.get_device_details(tf.config.list_physical_devices()[0])
    {}
    """
    if not isinstance(device, PhysicalDevice):
        raise ValueError(
            "device must be a tf.config.PhysicalDevice, but got: "
            f"{device!r}. If you want to get details of a logical device, list the physical ones."
        )
    return {}


def _known(device: Any) -> None:
    if device != _CPU:
        raise ValueError(f"Unrecognized device: {device!r}")


def set_soft_device_placement(enabled: bool) -> None:
    """Whether `tf.device` accepts a device that is not there, and the CPU does its work. On unless set.

    >>> tf.config.set_soft_device_placement(True)
    """
    settings.soft_device_placement = bool(enabled)


def get_soft_device_placement() -> bool:
    """Whether `tf.device` accepts a device that is not there.

    >>> tf.config.get_soft_device_placement()
    True
    """
    return settings.soft_device_placement


_PART = r"job:[\w.-]+|(replica|task):\d+|device:\w+(:(\d+|\*))?|(cpu|gpu|tpu)(:(\d+|\*))?"


def device(device_name: Any) -> AbstractContextManager[None]:
    """Ops inside run on a device.

    All runs on the CPU; unless `tf.config.set_soft_device_placement(False)`, other devices may be named as well.

    Args:
      device_name: such as `"CPU:0"` or `"/GPU:0"`, a `LogicalDevice`, or None for any.

    Raises (when the block is entered):
      ValueError: if it is no name of a device.
      RuntimeError: if it is a function.
      InvalidArgumentError: if there is no such device, without soft placement.

    >>> with tf.device("/CPU:0"):
    ...     tf.constant(1.0).device
    '/job:localhost/replica:0/task:0/device:CPU:0'
    """
    if callable(device_name):
        raise RuntimeError("tf.device does not support functions when eager execution is enabled.")
    return _placed(device_name)


@contextmanager
def _placed(place: Any) -> Iterator[None]:
    name = "" if place is None else place if isinstance(place, str) else getattr(place, "name", None)
    if not isinstance(name, str):
        raise ValueError(f"Expecting a string device name or LogicalDevice, got: {place!r}")
    parts = [part for part in name.split("/") if part]
    _check(name, parts)
    before = context.device
    context.device = name
    try:
        yield
    finally:
        context.device = before


def _check(name: str, parts: Iterable[str]) -> None:
    for part in parts:
        if not re.fullmatch(_PART, part, re.IGNORECASE):
            attribute = part.partition(":")[0]
            raise ValueError(f"Unknown attribute '{attribute}' is encountered while parsing the device spec: '{name}'.")
        kind, _, number = part.lower().removeprefix("device:").partition(":")
        if kind in ("job", "replica", "task") or settings.soft_device_placement:
            continue
        if kind != "cpu" or number not in ("", "0", "*"):
            raise errors.invalid(
                f"Could not satisfy device specification '{name}'. enable_soft_placement=0. "
                f"All available devices [{CPU}]."
            )


# --- what tests ask


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: tuple[int, int] | None = None) -> bool:
    """Whether there is a GPU (with CUDA, of some capability) that ops run on: no.

    >>> tf.test.is_gpu_available()
    False
    """
    return False


def gpu_device_name() -> str:
    """The name of a GPU; empty, as there is none."""
    return ""


def is_built_with_cuda() -> bool:
    """Whether ops can run on GPUs by CUDA: no."""
    return False


def is_built_with_rocm() -> bool:
    """Whether ops can run on GPUs by ROCm: no."""
    return False


def is_built_with_gpu_support() -> bool:
    """Whether ops can run on GPUs: no."""
    return False
