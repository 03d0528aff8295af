"""NumPy's behaviour for all Tensors, for programs that ask for it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ...base import dtypes
from ...core.symbol import Symbol
from ...core.tensor import EAGER, Tensor
from ...ops.casting import cast
from ...ops.creation import is_tensor
from ...ops.operators import OPERATORS
from ...state.operators import TensorOperators
from . import manipulation, math, reductions
from .indexing import numpy_getitem
from .matrices import matmul
from .promotion import promoted_pair, settings

_MODES = ("off", "legacy", "safe", "all")
_UNARY = ("__neg__", "__abs__", "__invert__")


def experimental_enable_numpy_behavior(prefer_float32: bool = False, dtype_conversion_mode: str = "legacy") -> None:
    """Gives Tensors NumPy's methods, promotion of dtypes and indexing, until the program ends.

    Afterwards operators on two dtypes give NumPy's result instead of an error, `x[key]` takes lists and arrays of
    indices, and Tensors have `T`, `astype`, `clip`, `flatten`, `max`, `mean`, `min`, `ravel`, `reshape`, `size`,
    `tolist` and `transpose`.

    Args:
      prefer_float32: whether Python's floats count as float32 in promotions, instead of as float64.
      dtype_conversion_mode: "legacy" for NumPy's promotion; "off" leaves the operators as they are. TensorFlow's modes
        "safe" and "all", with dtypes that are weaker than others, do not exist here.

    Raises:
      ValueError: for other modes.
    """
    if dtype_conversion_mode not in _MODES:
        raise ValueError(f"The provided promotion mode {dtype_conversion_mode} does not exist.")
    if dtype_conversion_mode in ("safe", "all"):
        raise ValueError(f"tapeflow has no promotion mode {dtype_conversion_mode!r}: use 'legacy' or 'off'.")
    settings.prefer_float32 = prefer_float32
    for name, member in _MEMBERS.items():
        setattr(Tensor, name, member)
    Tensor.__getitem__ = numpy_getitem  # type: ignore[method-assign]
    for owner in (Tensor, Symbol, TensorOperators):
        for name in OPERATORS:
            _promote(owner, name, dtype_conversion_mode == "legacy")


def _promote(owner: type, name: str, on: bool) -> None:
    """Makes an operator of a class promote its operands, or undoes that."""
    method = vars(owner).get(name)
    if method is None or name in _UNARY:
        return
    plain = getattr(method, "plain", method)
    setattr(owner, name, _promoting(plain, name) if on else plain)


def _promoting(plain: Callable[[Any, Any], Any], name: str) -> Callable[[Any, Any], Any]:
    @functools.wraps(plain)
    def method(x: Any, y: Any) -> Any:
        if type(y) is Tensor and y.dtype is x.dtype and "matmul" not in name:
            return plain(x, y)
        if x.dtype is dtypes.string or not _promotes(y):
            return plain(x, y)
        if "matmul" in name:
            return matmul(x, y) if name == "__matmul__" else matmul(y, x)
        return plain(*promoted_pair(x, y))

    method.plain = plain  # type: ignore[attr-defined]
    return method


def _promotes(y: Any) -> bool:
    return isinstance(y, (bool, int, float, complex, np.ndarray, np.generic, list, tuple)) or is_tensor(y)


def _reshape(x: Tensor, *newshape: Any, **kwargs: Any) -> Tensor:
    order = kwargs.pop("order", "C")
    if kwargs:
        raise ValueError(f"Unsupported arguments: {kwargs.keys()}")
    whole = len(newshape) == 1 and not isinstance(newshape[0], int)
    return manipulation.reshape(x, newshape[0] if whole else newshape, order=order)


def _size(x: Tensor) -> Any:
    count = x.shape.num_elements()
    return None if count is None else np.int64(count)


def _tolist(x: Tensor) -> Any:
    if type(x) not in EAGER:
        raise ValueError("Symbolic Tensors do not support the tolist API.")
    return x.__array__().tolist()


_MEMBERS: dict[str, Any] = {
    "T": property(lambda x: manipulation.transpose(x)),
    "ndim": property(lambda x: x.shape.ndims),
    "size": property(_size),
    "data": property(lambda x: x),
    "tolist": _tolist,
    "transpose": manipulation.transpose,
    "flatten": manipulation.flatten,
    "reshape": _reshape,
    "ravel": manipulation.ravel,
    "clip": math.clip,
    "astype": cast,
    "max": reductions.amax,
    "mean": reductions.mean,
    "min": reductions.amin,
    "__pos__": lambda x: x,
    "__round__": math.around,
}
