"""What stands for a tensor, its array and its sizes while a function is traced."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np

from ..base.dtypes import DType, int32
from ..base.errors import OperatorNotAllowedInGraphError
from ..base.tensor_shape import Shape, TensorShape
from .registry import OPS
from .tensor import NUMPY_NAMES, Tensor

Dims: TypeAlias = "tuple[int | Size, ...] | None"


class UndecidedError(TypeError):
    """A question about a size has no answer while the function is traced."""


class Size:
    """An unknown size, as an expression over the sizes of Symbols; where an op wants ints it may stand among them.

    Args:
      function: how the value comes from those of the operands; None for a leaf: the size of a Symbol along an axis, or
        the value of an integer scalar.
      operands: ints and Sizes; of a leaf the Symbol and the axis, None for the value.
    """

    __slots__ = ("dtype", "function", "key", "operands")

    def __init__(self, function: Callable[[int, int], int] | None, *operands: Any) -> None:
        self.function = function
        self.operands = operands
        self.dtype = int32  # of the tensor that it becomes
        # Equal keys say equal sizes.
        first, second = operands
        self.key: tuple[Any, ...] = (id(first), second) if function is None else (function, _key(first), _key(second))

    def evaluate(self, array_of: Callable[[Any], Any]) -> int:
        """The value, where the arrays of Symbols are known: `array_of(symbol)`."""
        first, second = self.operands
        if self.function is None:
            array = array_of(first)
            return int(array) if second is None else int(array.shape[second])
        return self.function(_value(first, array_of), _value(second, array_of))

    @property
    def is_size(self) -> bool:
        """Whether it is certainly a size: made of sizes alone, not of values, which may be negative."""
        return all(leaf.operands[1] is not None for leaf in self.leaves())

    def leaves(self) -> Iterator[Size]:
        """The sizes of Symbols of which it is made."""
        if self.function is None:
            yield self
        else:
            for operand in self.operands:
                if isinstance(operand, Size):
                    yield from operand.leaves()

    def moved(self, move: Callable[[Any], Any]) -> Any:
        """The same expression over `move(symbol)` for each Symbol; an int where all of those are known."""
        first, second = self.operands
        if self.function is not None:
            a, b = (x.moved(move) if isinstance(x, Size) else x for x in (first, second))
            ints = isinstance(a, int) and isinstance(b, int) and b != 0
            return self.function(a, b) if ints else Size(self.function, a, b)
        moved = move(first)
        if second is not None:
            return moved._array.shape[second]
        if not isinstance(moved, Symbol):
            return int(moved)
        return Size(None, moved, None) if moved.known is None else moved.known.item()

    # -- arithmetic: with ints and Sizes; what is computed with a tensor is a tensor

    def __add__(self, other: Any) -> Any:
        return self if _is_int(other, 0) else _combined(operator.add, self, other)

    def __mul__(self, other: Any) -> Any:
        return self if _is_int(other, 1) else 0 if _is_int(other, 0) else _combined(operator.mul, self, other)

    __radd__, __rmul__ = __add__, __mul__

    def __sub__(self, other: Any) -> Any:
        return self if _is_int(other, 0) else _combined(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return _combined(operator.sub, other, self)

    def __floordiv__(self, other: Any) -> Any:
        return self if _is_int(other, 1) else _combined(operator.floordiv, self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _combined(operator.floordiv, other, self)

    def __mod__(self, other: Any) -> Any:
        return _combined(operator.mod, self, other)

    def __rmod__(self, other: Any) -> Any:
        return _combined(operator.mod, other, self)

    def __neg__(self) -> Any:
        return Size(operator.sub, 0, self)

    # -- questions

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Size) and other.key == self.key:
            return True
        if not isinstance(other, (int, Size)) or (isinstance(other, int) and other < 0 and self._is_leaf_size()):
            return False
        raise self._undecided()

    def __hash__(self) -> int:
        return hash(self.key)

    def __lt__(self, other: Any) -> bool:
        if isinstance(other, int) and other <= 0 and self._is_leaf_size():
            return False
        raise self._undecided()

    def _is_leaf_size(self) -> bool:
        return self.function is None and self.operands[1] is not None

    def __ge__(self, other: Any) -> bool:
        return not self < other

    def __gt__(self, other: Any) -> bool:
        raise self._undecided()

    def __le__(self, other: Any) -> bool:
        raise self._undecided()

    def __bool__(self) -> bool:
        raise self._undecided()

    def __index__(self) -> int:
        raise self._undecided()

    __int__ = __index__

    def __float__(self) -> float:
        raise self._undecided()

    def _undecided(self) -> UndecidedError:
        return UndecidedError(f"The size {self!r} is not known while the function is traced: use tf.shape and tf.cond.")

    def __repr__(self) -> str:
        first, second = self.operands
        if self.function is None:
            return first.name if second is None else f"{first.name}.shape[{second}]"
        return f"({first!r} {SIGNS[self.function]} {second!r})"

    def __tf_tensor__(self, dtype: DType | None = None, name: str | None = None) -> Tensor:
        """As a Symbol, int32 unless told otherwise."""
        first, second = self.operands
        if self.function is None:
            value: Tensor = OPS["Shape"](first)[second] if second is not None else first
        else:
            operands: list[Any] = [x.__tf_tensor__() if isinstance(x, Size) else x for x in (first, second)]
            value = self.function(*operands)  # type: ignore[assignment]
        return value if dtype is None or dtype is value.dtype else OPS["Cast"](value, DstT=dtype)


_SIZES = (int, np.integer, Size)
SIGNS: dict[Any, str] = {
    operator.add: "+", operator.sub: "-", operator.mul: "*", operator.floordiv: "//", operator.mod: "%",
}  # fmt: skip


def _combined(function: Callable[[int, int], int], first: Any, second: Any) -> Any:
    return Size(function, first, second) if isinstance(first, _SIZES) and isinstance(second, _SIZES) else NotImplemented


def _key(operand: Any) -> Any:
    return operand.key if isinstance(operand, Size) else operand


def _value(operand: Any, array_of: Callable[[Any], Any]) -> int:
    value: int = operand.evaluate(array_of) if isinstance(operand, Size) else operand
    return value


def _is_int(value: Any, wanted: int) -> bool:
    return type(value) is int and value == wanted


class Abstract:
    """What a Symbol has for an array: a dtype, and a shape as far as it is known.

    Args:
      symbol: whose it is.
      dtype: NumPy's.
      static: the shape, with None for unknown sizes, or Sizes where an unknown size is known to be equal to another.
    """

    __slots__ = ("dims", "dtype", "symbol")

    def __init__(self, symbol: Symbol, dtype: np.dtype[Any], static: Any) -> None:
        self.symbol = symbol
        self.dtype = dtype
        self.dims: Dims = None
        if static is not None:
            self.dims = tuple(Size(None, symbol, i) if n is None else n for i, n in enumerate(static))

    @property
    def shape(self) -> Any:
        """Ints and Sizes; of an unknown rank, the shape as a Symbol."""
        return OPS["Shape"](self.symbol) if self.dims is None else self.dims

    @property
    def static(self) -> Shape:
        """The shape with None for what is unknown."""
        return None if self.dims is None else tuple(n if type(n) is int else None for n in self.dims)

    @property
    def ndim(self) -> int:
        """The rank.

        Raises:
          UndecidedError: if it is not known.
        """
        if self.dims is None:
            raise UndecidedError(f"The rank of {self.symbol} is not known while the function is traced.")
        return len(self.dims)

    @property
    def size(self) -> Any:
        """The number of elements, an int or a Size."""
        if self.dims is None:
            raise UndecidedError(f"The rank of {self.symbol} is not known while the function is traced.")
        return math.prod(self.dims)


class Symbol(Tensor):
    """A tensor of a function that is being traced: known are its dtype, of its shape perhaps a part, no elements.

    Args:
      node: the operation that makes it.
      index: which of its outputs it is.
      dtype: the dtype.
      static: the shape, see `Abstract`.
    """

    __slots__ = ("_dtype", "_known", "_node", "value_index")

    def __init__(self, node: Any, index: int, dtype: DType, static: Any) -> None:
        self._array = Abstract(self, dtype.numpy, static)
        self._dtype = dtype
        self._id = None
        self._node = node
        self.value_index = index
        self._known: Any = None

    op = property(lambda self: self._node, doc="The operation that makes the tensor.")
    graph = property(lambda self: self._node.graph, doc="The graph that the tensor belongs to.")

    @property
    def known(self) -> np.ndarray[Any, Any] | None:
        """The elements, where they are known; Sizes may be among them."""
        if type(self._known) is not tuple:
            return self._known  # type: ignore[no-any-return]
        items, shape = self._known
        array = np.empty(len(items), object)
        array[:] = items
        return array.reshape(shape)

    @known.setter
    def known(self, array: np.ndarray[Any, Any] | None) -> None:
        # Python's collector of garbage does not look into arrays: Sizes in one would keep their graph for ever.
        objects = array is not None and array.dtype == object
        self._known = (array.ravel().tolist(), array.shape) if objects else array  # type: ignore[union-attr]

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return self._dtype

    @property
    def ndim(self) -> Any:
        """The number of dimensions; None if it is not known."""
        dims = self._array.dims
        return None if dims is None else len(dims)

    @property
    def name(self) -> str:
        """The operation's name and which output it is: `"Add:0"`."""
        return f"{self._node.name}:{self.value_index}"

    @property
    def shape(self) -> TensorShape:
        """The shape, as far as it is known."""
        return TensorShape(self._array.static)

    @property
    def device(self) -> str:
        """The device that was asked for, empty if none was."""
        device: str = self._node.device
        return device

    def set_shape(self, shape: Any) -> None:
        """Adds what is known of the shape.

        Raises:
          ValueError: if it contradicts what was known.
        """
        try:
            merged = self.shape.merge_with(shape)
        except ValueError:
            raise _contradiction(self.shape, TensorShape(shape)) from None
        old = self._array.dims
        if merged.rank is not None:
            self._array = Abstract(
                self, self._array.dtype, [n if n is not None else old and old[i] for i, n in enumerate(merged)]
            )

    def out_of_scope(self) -> InaccessibleTensorError:
        """The error for a tensor that is used outside the function that it belongs to."""
        file, line, function = self._node.frame
        return InaccessibleTensorError(
            f"{self!r} is out of scope and cannot be used here. Use return values, explicit Python locals or "
            "TensorFlow collections to access it.\nPlease see https://www.tensorflow.org/guide/function"
            "#all_outputs_of_a_tffunction_must_be_return_values for more information.\n\n"
            f'{self!r} was defined here:\n    File "{file}", line {line}, in {function}\n\n'
            f"It belongs to {self.graph.name}."
        )

    def consumers(self) -> list[Any]:
        """The operations that take the tensor."""
        return [node for node in self.graph.get_operations() if any(x is self for x in node.inputs)]

    def __bool__(self) -> bool:
        raise symbolic_bool()

    def __len__(self) -> int:
        raise TypeError(
            f"len is not well defined for a symbolic Tensor ({self.name}). Please call `x.shape` rather than `len(x)` "
            "for shape information."
        )

    def __iter__(self) -> Iterator[Tensor]:
        raise symbolic_iteration()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        raise NotImplementedError(
            f"Cannot convert a symbolic tf.Tensor ({self.name}) to a numpy array. This error may indicate that you're "
            "trying to pass a Tensor to a NumPy call, which is not supported."
        )

    def __float__(self) -> float:
        raise self._no_number("float() argument must be a string or a real number, not")

    def __int__(self) -> int:
        raise self._no_number("int() argument must be a string, a bytes-like object or a real number, not")

    def __complex__(self) -> complex:
        raise self._no_number("complex() first argument must be a string or a number, not")

    def __index__(self) -> int:
        raise TypeError(
            "'SymbolicTensor' object cannot be interpreted as an integer. "
            f"{self.name} has a value only when the function runs: use tf.range."
        )

    def _no_number(self, what: str) -> TypeError:
        return TypeError(
            f"{what} 'SymbolicTensor'. {self.name} has a value only when the function runs: use tf.cast."
        )

    @property
    def numpy(self) -> Any:
        """What a symbolic tensor has not."""
        raise AttributeError("'SymbolicTensor' object has no attribute 'numpy'")

    def __getattr__(self, name: str) -> Any:
        if name in NUMPY_NAMES:
            raise AttributeError(
                f"SymbolicTensor object has no attribute '{name}'. \nIf you are looking for numpy-related methods, "
                "please run the following:\ntf.experimental.numpy.experimental_enable_numpy_behavior()"
            )
        raise AttributeError(f"'SymbolicTensor' object has no attribute '{name}'")

    def __format__(self, spec: str) -> str:
        if spec:
            raise TypeError("unsupported format string passed to SymbolicTensor.__format__")
        return str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError(f"A symbolic tensor ({self.name}) cannot be pickled.")

    def __copy__(self) -> Tensor:
        return self

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Evaluated by a session in TensorFlow 1: use a function's return value instead."""
        raise ValueError("Cannot evaluate tensor using `eval()`: there are no sessions; return it from a tf.function.")

    def __str__(self) -> str:
        shape = "" if self._array.dims is None else f", shape={self.shape}"
        return f'Tensor("{self.name}"{shape}, dtype={self.dtype.name})'

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self.shape} dtype={self.dtype.name}>"


def _contradiction(known: TensorShape, given: TensorShape) -> ValueError:
    if known.rank == given.rank:
        for axis, (a, b) in enumerate(zip(known, given)):
            if a is not None and b is not None and a != b:
                return ValueError(
                    f"Dimension {axis} in both shapes must be equal, but are {a} and {b}. Shapes are {_show(known)} "
                    f"and {_show(given)}."
                )
    return ValueError(
        f"Shapes must be equal rank, but are {known.rank} and {given.rank}. Shapes are {_show(known)} and "
        f"{_show(given)}."
    )


def _show(shape: TensorShape) -> str:
    return "<unknown>" if shape.rank is None else f"[{','.join('?' if n is None else str(n) for n in shape)}]"


def symbolic_bool() -> OperatorNotAllowedInGraphError:
    """The error for `if tensor:` where AutoGraph did not see it."""
    return OperatorNotAllowedInGraphError(
        "Using a symbolic `tf.Tensor` as a Python `bool` is not allowed. You can attempt the following resolutions to "
        "the problem: If you are running in Graph mode, use Eager execution mode or decorate this function with "
        "@tf.function. If you are using AutoGraph, the code may not be supported by it: use tf.cond."
    )


def symbolic_iteration() -> OperatorNotAllowedInGraphError:
    """The error for `for x in tensor:` where AutoGraph did not see it."""
    return OperatorNotAllowedInGraphError(
        "Iterating over a symbolic `tf.Tensor` is not allowed. You can attempt the following resolutions to the "
        "problem: If you are running in Graph mode, use Eager execution mode or decorate this function with "
        "@tf.function. If you are using AutoGraph, the code may not be supported by it: use tf.map_fn."
    )


class InaccessibleTensorError(TypeError, ValueError):
    """A symbolic tensor is used outside the function, branch or loop that it belongs to."""
