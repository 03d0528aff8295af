"""`tf.TensorArray`: a list of tensors that a loop writes and reads."""

from __future__ import annotations

from typing import Any, cast

from ..base import errors
from ..base.context import context
from ..base.dtypes import DType, as_dtype, float32
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.execute import static_value
from ..core.registry import OPS
from ..core.spec import TypeSpec
from ..core.tensor import Tensor, TensorLike


class TensorArray:
    """A list of tensors of one dtype, to be written and read by index. Gradients flow through it.

    Args:
      dtype: the dtype of the elements.
      size: the number of elements, an int or a scalar Tensor.
      dynamic_size: whether a write beyond the end makes it longer.
      clear_after_read: whether an element is given up once it has been read; so it is unless told otherwise.
      tensor_array_name: a name; not used.
      handle: must be None.
      flow: not used.
      infer_shape: whether all elements must have the shape of the first one written.
      element_shape: the shape of the elements, as far as it is known.
      colocate_with_first_write_call: a hint for placement; not used.
      name: a name; not used.

    Raises:
      ValueError: without `size`, or with a `handle`.

    >>> ta = tf.TensorArray(tf.float32, size=3)
    >>> for i in range(3):
    ...     ta = ta.write(i, 10.0 * i)
    >>> print(ta.stack())
    tf.Tensor([ 0. 10. 20.], shape=(3,), dtype=float32)
    """

    traced: type[TensorArray]  # what it is in graphs

    def __new__(cls, *args: Any, **kwargs: Any) -> TensorArray:
        """In a function that is traced, the array of another class."""
        return object.__new__(cls if context.graph is None or cls is not TensorArray else cls.traced)

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        if handle is not None:
            raise ValueError("TensorArray handles are not supported when eager execution is enabled.")
        if size is None:
            raise ValueError("Size must be declared for TensorArrays when eager execution is enabled.")
        self._dtype = as_dtype(dtype)
        self._dynamic_size = bool(dynamic_size)
        self._clear_after_read = clear_after_read is None or clear_after_read
        self._infer_shape = infer_shape
        self._element_shape = TensorShape(element_shape)
        self._items: list[Tensor | None] = [None] * static_value(size)
        self._cleared: set[int] = set()

    handle = property(lambda self: None, doc="None: there is no resource behind it.")
    flow = property(lambda self: convert(0), doc="A scalar without a meaning, for programs that pass it on.")
    dtype = property(lambda self: self._dtype, doc="The dtype of the elements.")
    element_shape = property(lambda self: self._element_shape, doc="The shape of the elements, as far as it is known.")
    dynamic_size = property(lambda self: self._dynamic_size, doc="Whether a write beyond the end makes it longer.")

    def identity(self) -> TensorArray:
        """The array itself."""
        return self

    def grad(self, source: Any, flow: Any = None, name: str | None = None) -> Any:
        """Refused, as in TensorFlow's eager mode: a tape needs no array of gradients."""
        raise NotImplementedError(
            "TensorArray.grad is not supported when executing eagerly; eager's gradient implementation does not "
            "use/need this function to compute gradients of operations that use TensorArrays."
        )

    def size(self, name: str | None = None) -> Tensor:
        """The number of elements, an int32 scalar."""
        return convert(len(self._items))

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """The element at `index`; zeros if none was written there and the shape is known.

        Raises:
          OutOfRangeError: if there is no such index.
          InvalidArgumentError: if the element was read before, and cleared.
        """
        index = static_value(index)
        if index < 0:
            raise errors.OutOfRangeError(None, None, f"Reading from negative indices (index {index}) is not allowed.")
        if index >= len(self._items):
            message = f"Tried to read from index {index} but array size is: {len(self._items)} "
            raise errors.OutOfRangeError(None, None, message)
        if self._items[index] is None and index in self._cleared:
            raise errors.invalid(
                f"Could not read index {index} twice because it was cleared after a previous read "
                "(perhaps try setting clear_after_read = false?)"
            )
        item = self._item(index)
        if self._clear_after_read:
            self._items[index] = None
            self._cleared.add(index)
        return item

    def _item(self, index: int) -> Tensor:
        item = self._items[index]
        if item is None:
            if not self._element_shape.is_fully_defined():
                raise ValueError(f"Cannot convert a partially known TensorShape {self._element_shape} to a Tensor.")
            item = self._items[index] = zeros(self._element_shape.as_list(), self._dtype)
        return item

    def write(self, index: Any, value: TensorLike, name: str | None = None) -> TensorArray:
        """Writes `value` at `index`.

        Returns:
          The array, to go on with.

        Raises:
          OutOfRangeError: if `index` is negative, or beyond the end of an array that does not grow.
          InvalidArgumentError: if `value` has another dtype.
          ValueError: if `value` has another shape than the elements.
        """
        index = static_value(index)
        if index < 0:
            raise errors.OutOfRangeError(None, None, f"Writing to negative indices (index {index}) is not allowed.")
        size = len(self._items)
        if index >= size:
            if not self._dynamic_size:
                message = f"Tried to write to index {index} but array is not resizeable and size is: {size} "
                raise errors.OutOfRangeError(None, None, message)
            self._items.extend([None] * (index - size + 1))
        tensor = convert(value, hint=self._dtype)
        if tensor.dtype != self._dtype:
            raise errors.invalid(
                f"TensorArray dtype is {self._dtype.name} but Op is trying to write dtype {tensor.dtype.name} "
            )
        if not self._element_shape.is_compatible_with(tensor.shape):
            raise ValueError(f"Incompatible shape for value ({tensor.shape}), expected ({self._element_shape})")
        if self._infer_shape:
            self._element_shape = self._element_shape.merge_with(tensor.shape)
        self._items[index] = tensor
        return self

    def stack(self, name: str | None = None) -> Tensor:
        """All elements as one Tensor with a new first dimension."""
        if not self._items:
            known = self._element_shape.is_fully_defined()
            return zeros([0, *self._element_shape.as_list()] if known else [0], self._dtype)
        return cast(Tensor, OPS["Pack"](*[self._item(i) for i in range(len(self._items))], axis=0))

    def gather(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """The elements at `indices`, as one Tensor with a new first dimension."""
        items = [self._item(i) for i in static_value(indices)]
        return cast(Tensor, OPS["Pack"](*items, axis=0)) if items else convert([])

    def concat(self, name: str | None = None) -> Tensor:
        """The elements joined along their first dimension.

        Raises:
          InvalidArgumentError: if an element is a scalar.
        """
        items = [self._item(i) for i in range(len(self._items))]
        for i, item in enumerate(items):
            if not item.ndim:
                raise errors.invalid(f"Concat saw a scalar shape at index {i} but requires at least vectors.")
        return cast(Tensor, OPS["ConcatV2"](*items, 0))

    def unstack(self, value: TensorLike, name: str | None = None) -> TensorArray:
        """Makes the elements those of `value` along its first dimension.

        Raises:
          ValueError: if they are more than the array holds, and it does not grow.
        """
        items = unstacked(value)
        if len(items) > len(self._items) and not self._dynamic_size:
            raise ValueError(
                f"Cannot unstack {len(items)} tensors into a TensorArray of static size {len(self._items)} "
            )
        self._items = list(items)
        return self

    def scatter(self, indices: TensorLike, value: TensorLike, name: str | None = None) -> TensorArray:
        """Writes the elements of `value` along its first dimension at `indices`."""
        for index, item in zip(static_value(indices), unstacked(value)):
            self.write(index, item)
        return self

    def split(self, value: TensorLike, lengths: TensorLike, name: str | None = None) -> TensorArray:
        """Makes the elements pieces of `value`, of the given `lengths` along its first dimension.

        Raises:
          InvalidArgumentError: if the lengths do not add up, or are not as many as the array has elements.
        """
        tensor, sizes = convert(value, hint=self._dtype), static_value(lengths)
        shape = tensor.shape.as_list()
        if not isinstance(sizes, tuple):
            raise errors.invalid("Expected lengths to be a vector, received shape: [] ")
        if not shape:
            raise errors.invalid("Expected value to be at least a vector, but received shape: [] ")
        if sum(sizes) != shape[0]:
            raise errors.invalid(
                f"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is {sum(sizes)} and "
                f"value's shape is: {shape} "
            )
        if not self._dynamic_size and len(sizes) != len(self._items):
            raise errors.invalid(
                f"TensorArray's size is not equal to the size of lengths ({len(self._items)} vs. {len(sizes)}), and "
                "the TensorArray is not marked as dynamically resizeable."
            )
        self._items = list(OPS["SplitV"](tensor, sizes, 0, num_split=len(sizes)))
        return self

    def close(self, name: str | None = None) -> None:
        """Gives up all elements."""
        self._items.clear()


class TensorArraySpec(TypeSpec):
    """What is known of a `tf.TensorArray` before there is one.

    Args:
      element_shape: the shape of the elements, as far as it is known.
      dtype: their dtype.
      dynamic_size: whether the array grows.
      infer_shape: whether the elements must agree in shape.

    >>> tf.TensorArraySpec([2], tf.int32).is_compatible_with(tf.TensorArray(tf.int32, 3, element_shape=[2]))
    True
    """

    __slots__ = ("_dtype", "_dynamic_size", "_element_shape", "_infer_shape")

    def __init__(
        self, element_shape: Any = None, dtype: Any = float32, dynamic_size: bool = False, infer_shape: bool = True
    ) -> None:
        self._element_shape = TensorShape(element_shape)
        self._dtype = as_dtype(dtype)
        self._dynamic_size = dynamic_size
        self._infer_shape = infer_shape

    @classmethod
    def from_value(cls, value: TensorArray) -> TensorArraySpec:
        """The spec of an array at hand."""
        return cls(value.element_shape, value.dtype, value.dynamic_size, value._infer_shape)

    @property
    def value_type(self) -> type:
        """`tf.TensorArray`."""
        return TensorArray

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether an array, or another spec, may stand where this spec is asked for."""
        other = TensorArraySpec.from_value(spec_or_value) if isinstance(spec_or_value, TensorArray) else spec_or_value
        return (
            isinstance(other, TensorArraySpec)
            and self._dtype == other._dtype
            and self._element_shape.is_compatible_with(other._element_shape)
            and self._dynamic_size == other._dynamic_size
        )

    def _key(self) -> tuple[Any, ...]:
        return self._element_shape, self._dtype, self._dynamic_size, self._infer_shape

    def __repr__(self) -> str:
        return f"TensorArraySpec{self._key()!r}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorArraySpec) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


def zeros(shape: Any, dtype: DType) -> Tensor:
    """Zeros, empty strings or False."""
    zero = b"" if dtype.name == "string" else False if dtype.is_bool else 0
    return cast(Tensor, OPS["Fill"](tuple(shape), convert(zero, dtype)))


def unstacked(value: TensorLike) -> list[Tensor]:
    """The elements along the first dimension."""
    tensor = convert(value)
    if tensor.shape.rank == 0:
        raise ValueError("Argument `axis` = 0 not in range [0, 0)")
    size = tensor.shape[0]
    return OPS["Unpack"](tensor, num=size, axis=0) if size else []
