"""`tf.debugging.set_log_device_placement`: says of every op where it runs."""

from __future__ import annotations

import sys
from typing import Any

from ..base.context import context
from ..core.op import Op


class _Placements:
    """A recorder that writes a line for each op."""

    def record(self, op: Op, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: Any) -> None:
        """An op has run."""
        results = outputs if type(outputs) is list else () if outputs is None else (outputs,)
        device = next((x.device for x in (*results, *inputs) if hasattr(x, "device")), _HOST)
        print(f"Executing op {op.name} in device {device}", file=sys.stderr)

    def read(self, variable: Any, value: Any) -> None:
        """A Variable has been read."""
        print(f"Executing op ReadVariableOp in device {variable.device}", file=sys.stderr)


_HOST = "/job:localhost/replica:0/task:0/device:CPU:0"


def set_log_device_placement(enabled: bool) -> None:
    """From now on, on this thread, each op that runs is written to the standard error, with its device.

    Functions run op by op meanwhile, on NumPy.

    Args:
      enabled: whether to.

    >>> tf.debugging.set_log_device_placement(True)
    >>> tf.debugging.get_log_device_placement()
    True
    >>> tf.debugging.set_log_device_placement(False)
    """
    others = tuple(recorder for recorder in context.recorders if not isinstance(recorder, _Placements))
    context.recorders = (_Placements(), *others) if enabled else others


def get_log_device_placement() -> bool:
    """Whether ops are written to the standard error as they run."""
    return any(isinstance(recorder, _Placements) for recorder in context.recorders)
