"""`tf.device`, and what `tf.config` says of devices: the CPU, and what JAX computes on besides.

JAX is asked, and so imported, only where a package for GPUs or TPUs is installed beside it. There ops run on the first
of these unless told otherwise.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

from ..base import errors
from ..base.context import ANYWHERE, context, direct, in_kernel, refuse, settings
from ..base.devices import HOST, joined, parsed
from . import xla


class PhysicalDevice(NamedTuple):
    """A device of this machine."""

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device that ops can be placed on."""

    name: str
    device_type: str


class LogicalDeviceConfiguration(NamedTuple):
    """What a logical device is to be like. All are hints: XLA's own settings limit the memory of a GPU.

    Args:
      memory_limit: its memory, in MB.
      experimental_priority: how urgent its work is.
      experimental_device_ordinal: which of several it is.
    """

    memory_limit: float | None = None
    experimental_priority: int | None = None
    experimental_device_ordinal: int | None = None


_CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")
# GPU memory is taken as it is needed, not most of it at once. JAX reads this when it first looks for GPUs.
_PREALLOCATE = "XLA_PYTHON_CLIENT_PREALLOCATE"


# --- what is there


@functools.cache
def plugins() -> tuple[str, ...]:
    """The names of what JAX would load for devices other than the CPU, such as `"xla_cuda12"`; JAX is not imported."""
    if not xla.available():
        return ()
    import pkgutil
    from importlib import metadata

    found = {point.name for point in metadata.entry_points(group="jax_plugins")}
    spec = importlib.util.find_spec("jax_plugins")
    if spec is not None:
        found |= {module.name for module in pkgutil.iter_modules(spec.submodule_search_locations)}
    if importlib.util.find_spec("libtpu") is not None:
        found.add("libtpu")
    return tuple(sorted(found))


@functools.cache
def _accelerators() -> dict[PhysicalDevice, Any]:
    """The devices besides the CPU, each with JAX's object for it."""
    if not plugins():
        return {}
    os.environ.setdefault(_PREALLOCATE, "false")
    found: dict[PhysicalDevice, Any] = {}
    for device in xla.devices():
        kind = device.platform.upper()
        if kind != "CPU":
            index = sum(one.device_type == kind for one in found)
            found[PhysicalDevice(f"/physical_device:{kind}:{index}", kind)] = device
    return found


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of this machine that tapeflow can use: the CPU, and the GPUs or TPUs that XLA computes on.

    Args:
      device_type: list only devices of this type.

    >>> tf.config.list_physical_devices("CPU")
    [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]
    """
    if device_type == "CPU":
        return [_CPU]
    return [one for one in (_CPU, *_accelerators()) if device_type in (None, one.device_type)]


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices that ops can be placed on: of each visible device one, or as many as it was split into.

    Args:
      device_type: list only devices of this type.

    >>> tf.config.list_logical_devices("CPU")
    [LogicalDevice(name='/device:CPU:0', device_type='CPU')]
    """
    found: list[LogicalDevice] = []
    for physical in get_visible_devices(device_type):
        kind = physical.device_type
        for _ in settings.logical_devices.get(physical.name) or [None]:
            index = sum(one.device_type == kind for one in found)
            found.append(LogicalDevice(f"/device:{kind}:{index}", kind))
    return found


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices that the program may see: all, unless it has said otherwise.

    >>> tf.config.get_visible_devices("CPU")
    [PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]
    """
    return [one for one in list_physical_devices(device_type) if one.name not in settings.hidden_devices]


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Limits the devices that the program may see. The CPU is always seen.

    Args:
      devices: `PhysicalDevice`s, a list or one.
      device_type: the type of the devices; others stay as they are.

    Raises:
      ValueError: for an unknown device, or one of another type.
      RuntimeError: if the CPU would not be seen any more.

    >>> tf.config.set_visible_devices([], "GPU")
    """
    given = [devices] if isinstance(devices, PhysicalDevice) else list(devices or ())
    for one in given:
        _known(one)
        if device_type is not None and one.device_type != device_type:
            raise ValueError(f"Unrecognized device: {one!r}")
    if _CPU not in given and device_type in (None, "CPU"):
        raise RuntimeError("Visible devices cannot be modified after being initialized")
    concerned = {one.name for one in list_physical_devices(device_type)}
    settings.hidden_devices = (settings.hidden_devices - concerned) | (concerned - {one.name for one in given})


def get_logical_device_configuration(device: Any) -> list[LogicalDeviceConfiguration] | None:
    """How a device was split into logical ones; None if it was not.

    Raises:
      ValueError: if it is no device of this machine.
    """
    _known(device)
    found: list[LogicalDeviceConfiguration] | None = settings.logical_devices.get(device.name)
    return found


def set_logical_device_configuration(device: Any, logical_devices: Sequence[LogicalDeviceConfiguration] | None) -> None:
    """Splits a device into several logical ones, which are listed then. All of them are one and the same device.

    Args:
      device: a `PhysicalDevice`.
      logical_devices: a `LogicalDeviceConfiguration` for each; None not to split it.

    Raises:
      ValueError: if it is no device of this machine, or for a CPU with a limit of memory.

    >>> cpu = tf.config.list_physical_devices("CPU")[0]
    >>> tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    >>> [device.name for device in tf.config.list_logical_devices("CPU")]
    ['/device:CPU:0', '/device:CPU:1']
    >>> tf.config.set_logical_device_configuration(cpu, None)
    """
    _known(device)
    configurations = None if logical_devices is None else list(logical_devices)
    if device.device_type == "CPU" and any(one.memory_limit is not None for one in configurations or ()):
        raise ValueError("Setting memory limit on CPU virtual devices is currently not supported")
    settings.logical_devices = {**settings.logical_devices, device.name: configurations}


def _known(device: Any) -> None:
    if device != _CPU and device not in list_physical_devices():
        raise ValueError(f"Unrecognized device: {device!r}")


class Accelerator:
    """A logical device that is no CPU, on which ops can run.

    Args:
      name: its name in full.
      device: JAX's object for it.
    """

    def __init__(self, name: str, device: Any) -> None:
        self.name = name
        self.device = device

    def put(self, array: Any) -> Any:
        """JAX's array of one of NumPy's, or of one that is elsewhere."""
        return xla.on_device(array, self.device)

    def __repr__(self) -> str:
        return f"<Accelerator {self.name}>"


@functools.cache
def _accelerator(name: str, physical: PhysicalDevice, _id: int) -> Accelerator:
    """There is one object for each."""
    return Accelerator(name, _accelerators()[physical])


def accelerators() -> list[Accelerator]:
    """Those that ops can be placed on, of the visible devices."""
    found: list[Accelerator] = []
    ours = _accelerators()
    for physical in get_visible_devices() if ours else ():
        kind = physical.device_type
        for _ in settings.logical_devices.get(physical.name) or [None] if physical in ours else ():
            index = sum(f"/device:{kind}:" in one.name for one in found)
            found.append(_accelerator(f"{HOST}/device:{kind}:{index}", physical, id(ours[physical])))
    return found


def accelerator_of(field: str) -> Accelerator | None:
    """The accelerator that `"GPU:1"` means, or `"GPU:*"`; if there are only others of the kind, the first of these."""
    kind = field.partition(":")[0]
    alike = [one for one in accelerators() if f"/device:{kind}:" in one.name] if kind != "CPU" else []
    return next((one for one in alike if one.name.endswith(f":{field}")), alike[0] if alike else None)


# --- what is known of a device


def set_memory_growth(device: Any, enable: bool) -> None:
    """Whether a GPU's memory is taken as it is needed. It is in any case: `enable` is a hint.

    JAX's variable `XLA_PYTHON_CLIENT_PREALLOCATE=true` in the environment takes most of the memory at once.

    Raises:
      ValueError: for the CPU, and for what is no device of this machine.

    >>> for gpu in tf.config.list_physical_devices("GPU"):
    ...     tf.config.experimental.set_memory_growth(gpu, True)
    """
    _known(device)
    if device == _CPU:
        raise ValueError("Cannot set memory growth on non-GPU and non-Pluggable devices")


def get_memory_growth(device: Any) -> bool:
    """Whether a GPU's memory is taken as it is needed.

    Raises:
      ValueError: for what is no device of this machine.
      KeyError: for the CPU.
    """
    _known(device)
    if device == _CPU:
        raise KeyError(device)
    return os.environ.get(_PREALLOCATE, "").lower() in ("false", "0")


def get_memory_info(device: str) -> dict[str, int]:
    """How many bytes of a device's memory are in use, `"current"`, and were at most, `"peak"`; of the CPU both are 0.

    Args:
      device: its name, such as `"GPU:0"`.

    Raises:
      ValueError: if it is no name with a type and a number, or there is no such device.

    >>> tf.config.experimental.get_memory_info("CPU:0")
    {'current': 0, 'peak': 0}
    """
    try:
        name = parsed(device).get("device", "*")
    except ValueError:
        name = "*"
    if name.endswith("*"):
        raise ValueError(
            f"Failed parsing device name: '{device}'. Note a valid device string should at least contain a device type "
            'and a device index, like "GPU:0".'
        )
    physical = next((one for one in list_physical_devices() if one.name.endswith(f":{name}")), None)
    if physical is None:
        raise ValueError(f"No matching devices found for '{device}'")
    stats = {} if physical == _CPU else _accelerators()[physical].memory_stats() or {}
    return {"current": stats.get("bytes_in_use", 0), "peak": stats.get("peak_bytes_in_use", 0)}


def get_memory_usage(device: str) -> int:
    """How many bytes of a device's memory are in use; see `get_memory_info`.

    >>> tf.config.experimental.get_memory_usage("CPU:0")
    0
    """
    return get_memory_info(device)["current"]


def get_device_details(device: Any) -> dict[str, Any]:
    """What is known of a physical device: of a GPU its name and compute capability, nothing of the CPU.

    Raises:
      ValueError: if `device` is no `PhysicalDevice`.

    >>> tf.config.experimental.get_device_details(tf.config.list_physical_devices("CPU")[0])
    {}
    """
    if not isinstance(device, PhysicalDevice):
        raise ValueError(
            "device must be a tf.config.PhysicalDevice, but got: "
            f"{device!r}. If you want to get details of a logical device, list the physical ones."
        )
    _known(device)
    if device == _CPU:
        return {}
    found = _accelerators()[device]
    details: dict[str, Any] = {"device_name": found.device_kind}
    capability = getattr(found, "compute_capability", None)
    if capability:
        details["compute_capability"] = tuple(map(int, str(capability).split(".")))
    return details


# --- placing


def set_soft_device_placement(enabled: bool) -> None:
    """Whether `tf.device` accepts a device that is not there. On unless set.

    >>> tf.config.set_soft_device_placement(True)
    """
    settings.soft_device_placement = bool(enabled)


def get_soft_device_placement() -> bool:
    """Whether `tf.device` accepts a device that is not there.

    >>> tf.config.get_soft_device_placement()
    True
    """
    return settings.soft_device_placement


def device(device_name: Any) -> AbstractContextManager[None]:
    """Where operations inside run.

    On a GPU or TPU an operation runs as XLA compiles it, and its results stay there. Inputs that are elsewhere are
    copied. What XLA cannot have (strings, results whose shapes depend on values) runs on the CPU, and so does what
    computes with int32 alone, as with shapes. Variables made inside live on the device, and functions that use them run
    there. Operations of graphs bear the device, and a `GraphDef` says it.

    A device that is not there stands for another of its kind, or else the CPU, unless
    `tf.config.set_soft_device_placement(False)`. Where no device is named, operations run where their inputs are, or
    else on the first device that is no CPU.

    Args:
      device_name: such as `"CPU:0"` or `"/GPU:0"`, a `LogicalDevice`, or None for any; what it leaves open is as
        around it.

    Raises (when the block is entered):
      ValueError: if it is no name of a device.
      RuntimeError: if it is a function.
      InvalidArgumentError: if there is no such device, without soft placement.

    >>> with tf.device("/CPU:0"):
    ...     tf.constant(1.0).device
    '/job:localhost/replica:0/task:0/device:CPU:0'
    >>> with tf.Graph().as_default(), tf.device("gpu:1"):
    ...     tf.constant(1.0).device
    '/device:GPU:1'
    """
    if callable(device_name):
        raise RuntimeError("tf.device does not support functions when eager execution is enabled.")
    return _placed(device_name)


@contextmanager
def _placed(place: Any) -> Iterator[None]:
    name = "" if place is None else place if isinstance(place, str) else getattr(place, "name", None)
    if not isinstance(name, str):
        raise ValueError(f"Expecting a string device name or LogicalDevice, got: {place!r}")
    fields = parsed(name)
    if not settings.soft_device_placement and "device" in fields:
        _check_there(name, fields["device"])
    if context.graph is None and fields.get("job", "localhost") != "localhost":
        raise errors.invalid(f"{joined(parsed(f'{HOST}/device:CPU:0') | fields)} unknown device.")
    before = context.device, context.accelerator, context.run
    if place is None:
        fields, context.device, context.accelerator = {}, "", ANYWHERE if settings.accelerated else None
    context.device = joined(parsed(context.device) | fields)
    if "device" in fields:
        context.accelerator = accelerator_of(fields["device"])
    if context.graph is None:
        to_host = direct if in_kernel() else context.quiet
        context.run = to_host if context.accelerator is None else refuse
    try:
        yield
    finally:
        context.device, context.accelerator, context.run = before


def _check_there(name: str, device: str) -> None:
    devices = [one.name for one in list_logical_devices()]
    kind, _, index = device.partition(":")
    if not any(one == f"/device:{device}" or (index == "*" and f"/device:{kind}:" in one) for one in devices):
        raise errors.invalid(
            f"Could not satisfy device specification '{name}'. enable_soft_placement=0. "
            f"All available devices [{', '.join(HOST + one for one in devices)}]."
        )


# --- what tests ask


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: tuple[int, int] | None = None) -> bool:
    """Whether there is a GPU that XLA computes on.

    Args:
      cuda_only: whether it must be one with CUDA.
      min_cuda_compute_capability: what it must be capable of at least.

    >>> tf.test.is_gpu_available() == bool(tf.config.list_physical_devices("GPU"))
    True
    """
    gpus = [get_device_details(one) for one in list_physical_devices("GPU")]
    if cuda_only or min_cuda_compute_capability is not None:
        least = tuple(min_cuda_compute_capability or ())
        gpus = [gpu for gpu in gpus if is_built_with_cuda() and gpu.get("compute_capability", ()) >= least]
    return bool(gpus)


def gpu_device_name() -> str:
    """The name of the first GPU; empty if there is none."""
    return "/device:GPU:0" if list_physical_devices("GPU") else ""


def is_built_with_cuda() -> bool:
    """Whether what computes on GPUs by CUDA is installed."""
    return any("cuda" in name for name in plugins())


def is_built_with_rocm() -> bool:
    """Whether what computes on GPUs by ROCm is installed."""
    return any("rocm" in name for name in plugins())


def is_built_with_gpu_support() -> bool:
    """Whether what computes on GPUs is installed."""
    return is_built_with_cuda() or is_built_with_rocm()
