"""The operators of Variables: each reads the value, and leaves the work to Tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..base.dtypes import DType
from ..core.convert import convert
from ..core.tensor import Tensor
from ..ops import operators as _attached  # noqa: F401 - Tensor has its operators from there


class TensorOperators:
    """What a class that converts itself to a Tensor needs to stand in formulas as Tensors do."""

    # An ndarray on the left of an operator leaves the work to our reflected operator.
    __array_priority__ = 100

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

    if TYPE_CHECKING:  # attached below

        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __floordiv__(self, other: Any) -> Tensor: ...
        def __rfloordiv__(self, other: Any) -> Tensor: ...
        def __mod__(self, other: Any) -> Tensor: ...
        def __rmod__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __rmatmul__(self, other: Any) -> Tensor: ...
        def __and__(self, other: Any) -> Tensor: ...
        def __rand__(self, other: Any) -> Tensor: ...
        def __or__(self, other: Any) -> Tensor: ...
        def __ror__(self, other: Any) -> Tensor: ...
        def __xor__(self, other: Any) -> Tensor: ...
        def __rxor__(self, other: Any) -> Tensor: ...
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def __eq__(self, other: Any) -> Any: ...
        def __ne__(self, other: Any) -> Any: ...
        def __neg__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...


def _no_update(word: str, sign: str, instead: str, out: str) -> RuntimeError:
    return RuntimeError(
        f"`{word} {sign}= value` with `tf.Variable`s is not supported. Use `{word}.{instead}` to modify the variable, "
        f"or `out = {out}` if you need to get a new output Tensor."
    )


def _forward(name: str) -> Callable[..., Any]:
    method = getattr(Tensor, name)

    def binary(self: TensorOperators, other: Any) -> Any:
        return method(self.__tf_tensor__(), other)

    def equality(self: TensorOperators, other: Any) -> Any:
        return method(self.__tf_tensor__(), convert(None) if other is None else other)  # None is an error here

    def unary(self: TensorOperators) -> Any:
        return method(self.__tf_tensor__())

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
