"""The names of devices, and `tf.device`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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


CPU = "/job:localhost/replica:0/task:0/device:CPU:0"

_FIELDS = ("job", "replica", "task", "device")  # in the order in which a name has them
_PART = re.compile(
    r"(?:(job):([\w.-]+)|(replica|task):(\d+)|(device):(\w+(?::(?:\d+|\*))?)|((?:cpu|gpu|tpu)(?::(?:\d+|\*))?))",
    re.IGNORECASE,
)


def canonical(name: str) -> str:
    """A name of a device, or a part of one, as TensorFlow writes it: `"/device:GPU:1"` for `"gpu:1"`.

    Raises:
      ValueError: if it is none.
    """
    return _joined(_parsed(name))


def _parsed(name: str) -> dict[str, str]:
    """The fields of a name: job, replica, task, device."""
    fields = {}
    for part in filter(None, name.split("/")):
        found = _PART.fullmatch(part)
        if found is None:
            attribute = part.partition(":")[0]
            raise ValueError(f"Unknown attribute '{attribute}' is encountered while parsing the device spec: '{name}'.")
        job, job_name, number_of, number, device, device_name, short = found.groups()
        if job or number_of:
            fields[(job or number_of).lower()] = job_name or number
        else:
            kind, _, index = (device_name if device else short).partition(":")
            fields["device"] = f"{kind.upper()}:{index or '*'}"
    return fields


def _joined(fields: dict[str, str]) -> str:
    return "".join(f"/{field}:{fields[field]}" for field in _FIELDS if field in fields)


def device(device_name: Any) -> AbstractContextManager[None]:
    """Operations of graphs made inside bear a device, and `GraphDef`s say it.

    Where they run is decided by the engine: functions on XLA run on its device, everything else on the CPU. Unless
    `tf.config.set_soft_device_placement(False)`, devices may be named that are not there.

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
    ...     print(tf.constant(1.0).device)
    /device:GPU:1
    """
    if callable(device_name):
        raise RuntimeError("tf.device does not support functions when eager execution is enabled.")
    return _placed(device_name)


@contextmanager
def _placed(place: Any) -> Iterator[None]:
    name = "" if place is None else place if isinstance(place, str) else getattr(place, "name", None)
    if not isinstance(name, str):
        raise ValueError(f"Expecting a string device name or LogicalDevice, got: {place!r}")
    fields = _parsed(name)
    if not settings.soft_device_placement:
        _check(name, fields)
    before = context.device
    context.device = "" if place is None else _joined(_parsed(before) | fields)
    try:
        yield
    finally:
        context.device = before


# Puts the names of the devices that are there into place once that is known: `engines.devices.names`.
class _There:
    names: Callable[[], list[str]] = staticmethod(lambda: [CPU])


there = _There()


def _check(name: str, fields: dict[str, str]) -> None:
    kind, _, index = fields.get("device", "").partition(":")
    names = there.names()
    of_kind = [one for one in names if f"/device:{kind}:" in one]
    if kind and not any(index in ("*", one.rpartition(":")[2]) for one in of_kind):
        raise errors.invalid(
            f"Could not satisfy device specification '{name}'. enable_soft_placement=0. "
            f"All available devices [{', '.join(names)}]."
        )
