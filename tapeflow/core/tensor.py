"""The tensor: an immutable array with a dtype and a shape."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from ..base import dtypes
from ..base.context import on
from ..base.devices import CPU
from ..base.dtypes import DType
from ..base.tensor_shape import TensorShape
from .registry import OPS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Array: TypeAlias = Any


class SupportsTensor(Protocol):
    """What converts itself to a Tensor: a Variable, IndexedSlices, a user's own class."""

    def __tf_tensor__(self, dtype: DType | None = None, name: str | None = None) -> Tensor: ...


TensorLike: TypeAlias = "Tensor | ArrayLike | SupportsTensor | list[Any] | tuple[Any, ...]"

NUMPY_NAMES = frozenset(
    "T astype ravel transpose reshape clip size tolist data max mean min sum std var all any argmax argmin".split()
)


class Operators:
    """Python's operators, for Tensors and what stands in formulas as they do."""

    __slots__ = ()

    # An ndarray on the left of an operator leaves the work to our reflected operator.
    __array_priority__ = 100

    if TYPE_CHECKING:  # attached to the classes from one table, once the families are loaded

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


class Tensor(Operators):
    """A multi-dimensional array that does not change.

    Made by `tf.constant`, `tf.convert_to_tensor` and by every op. See TensorFlow's page on `tf.Tensor`.

    >>> x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    >>> x.shape, x.dtype
    (TensorShape([2, 2]), tf.float32)
    >>> print(x @ x)
    tf.Tensor(
    [[ 7. 10.]
     [15. 22.]], shape=(2, 2), dtype=float32)
    """

    __slots__ = ("__weakref__", "_array", "_id", "assign")  # assign: only on a slice of a Variable

    if TYPE_CHECKING:  # attached by ops.operators

        def __getitem__(self, key: Any) -> Tensor: ...

    def __init__(self, array: Array) -> None:
        self._array = array
        self._id: int | None = None

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return dtypes.of(self._array)

    @property
    def shape(self) -> TensorShape:
        """The shape; of an eager tensor all sizes are known."""
        return TensorShape(self._array.shape)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        rank: int = self._array.ndim
        return rank

    @property
    def device(self) -> str:
        """The name of the device that holds the tensor."""
        return CPU

    backing_device = device

    def get_shape(self) -> TensorShape:
        """The shape, as `shape`."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Checks that `shape` agrees with the tensor's own.

        Raises:
          ValueError: if it does not.
        """
        if not self.shape.is_compatible_with(shape):
            raise ValueError(f"Tensor's shape {self.shape} is not compatible with supplied shape {TensorShape(shape)}.")

    def numpy(self) -> Any:
        """A copy as a NumPy array; of a 0-d tensor, a NumPy scalar (`bytes` of a string)."""
        array = self._array
        return array.copy() if array.ndim else array[()]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        array = self._array
        if dtype is not None and array.dtype != dtype:
            return np.asarray(array.astype(dtype))
        if copy:
            return np.asarray(array.copy())
        view: np.ndarray[Any, Any] = array.view()
        view.flags.writeable = False
        return view

    def __tf_tensor__(self, dtype: DType | None = None, name: str | None = None) -> Tensor:
        if dtype is not None and dtype != self.dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {self.dtype.name}: {self!r}"
            )
        return self

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.copy().__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)

    def __buffer__(self, flags: int, /) -> memoryview:  # Python 3.12 and later
        return self.__array__().data

    def __hash__(self) -> int:
        raise TypeError("Tensor is unhashable. Instead, use tensor.ref() as the key.")

    def __bool__(self) -> bool:
        array = self._array
        if array.size > 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
            )
        return bool(array.item()) if array.size else False

    def __len__(self) -> int:
        if not self._array.ndim:
            raise TypeError("Scalar tensor has no `len()`")
        return len(self._array)

    def __iter__(self) -> Iterator[Tensor]:
        if not self._array.ndim:
            raise TypeError("Cannot iterate over a scalar tensor.")
        return (self[index] for index in range(len(self._array)))

    def __float__(self) -> float:
        return float(self._scalar())

    def __int__(self) -> int:
        return int(self._scalar())

    def __complex__(self) -> complex:
        return complex(self._scalar())

    def __index__(self) -> int:
        if self.dtype.is_integer:
            return int(self._scalar())
        raise TypeError(f"Only integer tensors of a single element can be used as an index, got {self!r}")

    def _scalar(self) -> Any:
        if self._array.ndim:
            raise TypeError("only 0-dimensional arrays can be converted to Python scalars")
        return self._array[()]

    def __format__(self, spec: str) -> str:
        return format(self.numpy(), spec)

    def __reduce__(self) -> tuple[Any, ...]:
        return restored, (self._array,)

    def __copy__(self) -> Tensor:
        return Tensor(self._array)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return self

    def __getattr__(self, name: str) -> Any:
        if name in ("name", "op", "graph", "value_index"):
            raise AttributeError(f"Tensor.{name} is undefined when eager execution is enabled.")
        if name in NUMPY_NAMES:
            raise AttributeError(
                f"EagerTensor object has no attribute '{name}'. \n"
                "        If you are looking for numpy-related methods, please run the following:\n"
                "        tf.experimental.numpy.experimental_enable_numpy_behavior()\n      "
            )
        raise AttributeError(f"'Tensor' object has no attribute '{name}'")

    def cpu(self) -> Tensor:
        """The tensor on the CPU."""
        return self

    def gpu(self, gpu_index: int = 0) -> Tensor:
        """The tensor on a GPU.

        Raises:
          RuntimeError: if there is no such GPU.
        """
        from ..engines.devices import accelerator_of

        accelerator = accelerator_of(f"GPU:{gpu_index}")
        if accelerator is None or not accelerator.name.endswith(f"GPU:{gpu_index}"):
            raise RuntimeError(f"GPU:{gpu_index} unknown device.")
        with on(accelerator):
            return OPS["Identity"](self)  # type: ignore[no-any-return]

    def consumers(self) -> Any:
        """Undefined for an eager tensor, as in TensorFlow."""
        raise NotImplementedError("Tensor.consumers is undefined when eager execution is enabled.")

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Undefined for an eager tensor, as in TensorFlow: use `numpy()`."""
        raise NotImplementedError(
            "eval is not supported when eager execution is enabled, is .numpy() what you're looking for?"
        )

    def ref(self) -> Reference:
        """A hashable reference, for sets and as a key of dicts.

        >>> x = tf.constant(5)
        >>> x.ref() in {x.ref()}, x.ref().deref() is x
        (True, True)
        """
        return Reference(self)

    experimental_ref = ref

    def __str__(self) -> str:
        return f"tf.Tensor({_text(self._array)}, shape={self.shape}, dtype={self.dtype.name})"

    def __repr__(self) -> str:
        array = self._array
        text = repr(array if array.ndim else array.item())
        start = "\n" if "\n" in text else ""
        return f"<tf.Tensor: shape={self.shape}, dtype={self.dtype.name}, numpy={start}{text}>"


class DeviceArray:
    """An array in the memory of an accelerator. It knows its dtype and shape; elements are fetched when asked for.

    What else is asked of it, as of a NumPy array, a copy on the host answers.

    Args:
      data: JAX's array, or a NumPy array that nobody changes: that goes there when it is needed there.
      accelerator: where it is.
    """

    __slots__ = ("_data", "accelerator", "dtype", "shape")

    def __init__(self, data: Any, accelerator: Any) -> None:
        self._data = data
        self.accelerator = accelerator
        self.dtype: np.dtype[Any] = data.dtype
        self.shape: tuple[int, ...] = data.shape

    @property
    def data(self) -> Any:
        """JAX's array."""
        if type(self._data) is np.ndarray:
            self._data = self.accelerator.put(self._data)
        return self._data

    def given(self, accelerator: Any) -> Any:
        """What a function compiled for an accelerator gets: JAX's array, or one element as it is: it is there soon."""
        if self.accelerator is not accelerator:
            return accelerator.put(self.data)
        return self._data if self.size == 1 else self.data

    @property
    def host(self) -> np.ndarray[Any, Any]:
        """The elements on the host, as an array that must not be changed."""
        return np.asarray(self._data)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.host, dtype, copy=copy)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.host, name)

    def __getitem__(self, key: Any) -> Any:
        return self.host[key]

    def __len__(self) -> int:
        return len(self.host)

    def __int__(self) -> int:
        return int(self.host)

    def __reduce__(self) -> tuple[Any, ...]:
        return np.asarray, (self.host,)

    def __str__(self) -> str:
        return str(self.host)

    def __repr__(self) -> str:
        return repr(self.host)


def at_hand(array: Any) -> Any:
    """The array itself; of one on an accelerator the copy on the host."""
    return array.host if type(array) is DeviceArray else array


class Placed(Tensor):
    """A Tensor whose elements are in the memory of an accelerator, until somebody wants to see them.

    It is a class of its own so that what is in a hurry with Tensors on the host leaves it to those that are not.
    """

    __slots__ = ()

    @property
    def device(self) -> str:
        """The name of the device that holds the tensor."""
        name: str = self._array.accelerator.name
        return name

    backing_device = device

    def cpu(self) -> Tensor:
        """A copy on the CPU; gradients flow through it."""
        with on(None):
            return OPS["Identity"](self)  # type: ignore[no-any-return]

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.data.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        device: tuple[int, int] = self._array.data.__dlpack_device__()
        return device

    def __reduce__(self) -> tuple[Any, ...]:
        return restored, (self._array.host,)

    def __copy__(self) -> Tensor:
        return tensor_of(self._array)


EAGER = frozenset([Tensor, Placed])  # the types of tensors whose elements there are


def tensor_of(array: Array) -> Tensor:
    """The Tensor of an array, or of what holds the elements of one."""
    return Placed(array) if type(array) is DeviceArray else Tensor(array)


def restored(array: Array) -> Tensor:
    """A tensor out of a pickle, which names this function, as the class may say that it is of TensorFlow's module."""
    return Tensor(array)


def framework_constant(array: Array) -> Tensor:
    """A Tensor that our own code makes once and keeps: no tape watches it, and a graph need not capture it."""
    tensor = Tensor(array)
    tensor._id = 0
    return tensor


def is_framework_constant(tensor: Tensor) -> bool:
    """Whether `framework_constant` made it, and no tape has been told to watch it."""
    return tensor._id == 0


def _text(array: Array) -> str:
    """The elements as TensorFlow prints them; more than one line starts on a line of its own."""
    text = str(array) if array.ndim else (repr(array[()]) if array.dtype.hasobject else str(array[()]))
    return f"\n{text}" if "\n" in text else text


class Reference:
    """A hashable stand-in for a tensor or a variable; equal to another if both stand for the same object."""

    __slots__ = ("_object",)

    def __init__(self, target: Any) -> None:
        self._object = target

    def deref(self) -> Any:
        """The object itself."""
        return self._object

    def __hash__(self) -> int:
        return id(self._object)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._object is other._object

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._object!r}>"
