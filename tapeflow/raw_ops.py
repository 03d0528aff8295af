"""`tf.raw_ops`: every op by its own name; inputs and attributes are given by keyword.

>>> print(tf.raw_ops.AddV2(x=1, y=2))
tf.Tensor(3, shape=(), dtype=int32)
"""

from __future__ import annotations

import functools
from collections import namedtuple
from collections.abc import Callable
from typing import Any

from .core.op import Op
from .core.registry import OPS


@functools.cache
def __getattr__(name: str) -> Callable[..., Any]:
    if name not in OPS:
        raise AttributeError(f"module 'tf.raw_ops' has no attribute {name!r} (yet)")
    return _by_keyword(OPS[name])


def __dir__() -> list[str]:
    return sorted(OPS)


def _by_keyword(op: Op) -> Callable[..., Any]:
    several = len(op.outputs) > 1 and not any(arg.length for arg in op.outputs)
    pack = namedtuple(op.name, [arg.name for arg in op.outputs]) if several else None

    def call(*, name: str | None = None, **arguments: Any) -> Any:
        missing = [arg.name for arg in op.inputs if arg.name not in arguments]
        if missing:
            raise TypeError(f"{op.name}() missing required keyword arguments: {', '.join(missing)}")
        inputs: list[Any] = []
        for arg in op.inputs:
            value = arguments.pop(arg.name)
            inputs.extend(value if arg.length else [value])
        outputs = op(*inputs, name=name, **arguments)
        return pack(*outputs) if pack else outputs

    call.__name__ = call.__qualname__ = op.name
    call.__doc__ = f"The op `{op!r}`."
    return call
