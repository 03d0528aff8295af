"""Names of operations that come from Python's operators: `x + 1.0` is `add`, `tf.add(x, 1.0)` is `Add`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..base.context import context
from ..base.dtypes import DType, bool
from ..base.scopes import name_scope
from ..core import types
from ..core.symbol import Symbol
from ..core.tensor import Tensor


def _named(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    """An operator whose op gets the operator's name, as in TensorFlow."""

    @functools.wraps(method)
    def operator(self: Symbol, *args: Any) -> Any:
        graph = context.graph
        if graph is not None:
            graph.operator = name
        try:
            return method(self, *args)
        finally:
            if graph is not None:
                graph.operator = None

    return operator


def _scoped(method: Callable[..., Any], name: str, types: frozenset[DType]) -> Callable[..., Any]:
    """An operator that for some dtypes is several ops, or another, in a name scope that bears its name."""
    plain = _named(method, name)

    @functools.wraps(method)
    def operator(self: Symbol, *args: Any) -> Any:
        if self.dtype not in types:
            return plain(self, *args)
        with name_scope(name):
            return method(self, *args)

    return operator


for _sign in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor"):
    for _method in (f"__{_sign}__", f"__r{_sign}__"):
        setattr(Symbol, _method, _named(getattr(Tensor, _method), _sign))
        if _sign in ("and", "or", "xor"):
            several = types.INTEGERS if _sign != "xor" else (*types.INTEGERS, bool)
            setattr(Symbol, _method, _scoped(getattr(Tensor, _method), _sign, frozenset(several)))
