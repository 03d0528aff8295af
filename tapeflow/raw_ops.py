"""`tf.raw_ops`: every op by its own name; inputs and attributes are given by keyword.

>>> print(tf.raw_ops.AddV2(x=1, y=2))
tf.Tensor(3, shape=(), dtype=int32)
"""

from __future__ import annotations

import collections as _collections
import functools as _functools
from typing import TYPE_CHECKING

from .core import registry as _registry

if TYPE_CHECKING:  # at run time names such as `Any` are those of ops
    from collections.abc import Callable
    from typing import Any

    from .core.op import Op

# What Python calls inputs and attributes that have another name in graphs.
_IN_PYTHON = dict.fromkeys(("dim", "reduction_indices", "split_dim", "squeeze_dims"), "axis")


@_functools.cache
def __getattr__(name: str) -> Callable[..., Any]:
    try:
        return _by_keyword(_registry.OPS[name])
    except KeyError:
        raise AttributeError(f"module 'tf.raw_ops' has no attribute {name!r} (yet)") from None


def __dir__() -> list[str]:
    _registry.OPS.load()
    return sorted(_registry.OPS)


def _by_keyword(op: Op) -> Callable[..., Any]:
    several = len(op.outputs) > 1 and not any(arg.length for arg in op.outputs)
    pack = _collections.namedtuple(op.name, [arg.name for arg in op.outputs]) if several else None
    names = ["condition"] if op.name == "Where" else [_IN_PYTHON.get(arg.name, arg.name) for arg in op.inputs]
    attributes = {_IN_PYTHON[attribute]: attribute for attribute in op.defaults if attribute in _IN_PYTHON}

    def call(*, name: str | None = None, **arguments: Any) -> Any:
        missing = [one for one in names if one not in arguments]
        if missing:
            raise TypeError(f"{op.name}() missing required keyword arguments: {', '.join(missing)}")
        inputs: list[Any] = []
        for one, arg in zip(names, op.inputs):
            value = arguments.pop(one)
            inputs.extend(value if arg.length else [value])
        attrs = {attributes.get(one, one): value for one, value in arguments.items()}
        outputs = op(*inputs, name=name, **attrs)
        return pack(*outputs) if pack else outputs

    call.__name__ = call.__qualname__ = op.name
    call.__doc__ = f"The op `{op!r}`."
    return call
