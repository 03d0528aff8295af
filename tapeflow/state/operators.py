"""The operators of Variables: each reads the value, and leaves the work to Tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..base.dtypes import DType
from ..core.convert import convert
from ..core.tensor import Operators, Tensor
from ..ops import operators as _attached  # noqa: F401 - Tensor has its operators from there


class TensorOperators(Operators):
    """What a class that converts itself to a Tensor needs to stand in formulas as Tensors do."""

    def __tf_tensor__(self, dtype: DType | None = None, name: str | None = None) -> Tensor:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self.__tf_tensor__())

    def __bool__(self) -> bool:
        return bool(self.__tf_tensor__())

    def __int__(self) -> int:
        return int(self.__tf_tensor__())

    def __float__(self) -> float:
        return float(self.__tf_tensor__())

    def __complex__(self) -> complex:
        return complex(self.__tf_tensor__())

    def __iadd__(self, other: Any) -> Any:
        raise _no_update("variable", "+", "assign_add(value)", "variable + value")

    def __isub__(self, other: Any) -> Any:  # TensorFlow's text does say `*`
        raise _no_update("variable", "-", "assign_sub(value)", "variable * value")

    def __imul__(self, other: Any) -> Any:
        raise _no_update("var", "*", "assign(var * value)", "var * value")

    def __itruediv__(self, other: Any) -> Any:
        raise _no_update("var", "/", "assign(var / value)", "var / value")

    def __ipow__(self, other: Any) -> Any:
        raise _no_update("var", "**", "assign(var ** value)", "var ** value")


def _no_update(word: str, sign: str, instead: str, out: str) -> RuntimeError:
    return RuntimeError(
        f"`{word} {sign}= value` with `tf.Variable`s is not supported. Use `{word}.{instead}` to modify the variable, "
        f"or `out = {out}` if you need to get a new output Tensor."
    )


READ = "ReadVariableOp"  # what an operator's read is called in graphs, not after the operator


def _forward(name: str) -> Callable[..., Any]:
    method = getattr(Tensor, name)

    def binary(self: TensorOperators, other: Any) -> Any:
        value = self.__tf_tensor__(None, READ)
        return method(value, other) if type(value) is Tensor else getattr(value, name)(other)

    def equality(self: TensorOperators, other: Any) -> Any:
        other = convert(None) if other is None else other  # an error
        return method(self.__tf_tensor__(None, READ), other)

    def unary(self: TensorOperators) -> Any:
        return method(self.__tf_tensor__(None, None if name == "__abs__" else READ))  # abs is a function, too

    function = unary if name in _UNARY else equality if name in ("__eq__", "__ne__") else binary
    function.__name__ = name
    return function


_UNARY = ("__neg__", "__abs__", "__invert__")
_BINARY = "add sub mul truediv floordiv mod pow matmul and or xor".split()
_COMPARISONS = "lt le gt ge eq ne".split()

for _name in (
    *_UNARY,
    *(f"__{side}{word}__" for word in _BINARY for side in ("", "r")),
    *(f"__{word}__" for word in _COMPARISONS),
):
    setattr(TensorOperators, _name, _forward(_name))
