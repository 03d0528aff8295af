"""What `tf.config.experimental` says of how operations run."""

from __future__ import annotations

from ..base.context import settings
from ..engines.devices import get_memory_info

_POLICIES = ("silent", "silent_for_int32", "warn", "explicit")


def get_synchronous_execution() -> bool:
    """What `set_synchronous_execution` has set; True unless set.

    >>> tf.config.experimental.get_synchronous_execution()
    True
    """
    return settings.synchronous


def set_synchronous_execution(enable: bool) -> None:
    """Whether operations are done when the call returns. A hint: on NumPy they always are.

    >>> tf.config.experimental.set_synchronous_execution(True)
    """
    settings.synchronous = bool(enable)


def get_device_policy() -> str:
    """What `set_device_policy` has set; `"silent"` unless set.

    >>> tf.config.experimental.get_device_policy()
    'silent'
    """
    return settings.device_policy


def set_device_policy(device_policy: str | None) -> None:
    """What happens to inputs that are on another device. A hint: eager operations all run on the CPU.

    Args:
      device_policy: `"silent"`, `"silent_for_int32"`, `"warn"`, `"explicit"`; None for the default.

    Raises:
      ValueError: for another.

    >>> tf.config.experimental.set_device_policy("silent")
    """
    if device_policy not in (None, *_POLICIES):
        raise ValueError(
            f"Invalid argument `device_policy`: {device_policy!r}. Please refer to "
            "https://www.tensorflow.org/api_docs/python/tf/config/experimental/set_device_policy "
            "for valid `device_policy` arguments."
        )
    settings.device_policy = device_policy or "silent"


def reset_memory_stats(device: str) -> None:
    """Forgets the `"peak"` of `get_memory_info`; the CPU has none, and JAX's devices keep theirs.

    Args:
      device: its name, such as `"CPU:0"`.

    Raises:
      ValueError: if it is no name with a type and a number, or there is no such device.
      RuntimeError: if the device keeps its peak.

    >>> tf.config.experimental.reset_memory_stats("CPU:0")
    """
    if get_memory_info(device)["peak"]:
        raise RuntimeError(f"The peak of the memory of {device} cannot be reset.")


def enable_mlir_bridge() -> None:
    """A hint to TensorFlow's compiler, without effect on ours.

    >>> tf.config.experimental.enable_mlir_bridge()
    """


def disable_mlir_bridge() -> None:
    """A hint to TensorFlow's compiler, without effect on ours.

    >>> tf.config.experimental.disable_mlir_bridge()
    """
