"""`tf.TensorArray` in graphs: a Symbol for the list, which is handed on from write to write."""

from __future__ import annotations

from typing import Any

from ..base import dtypes, errors
from ..base.tensor_shape import TensorShape
from ..core.convert import convert
from ..core.registry import OPS
from ..core.tensor import Tensor, TensorLike
from ..ops import tensor_lists as lists
from .tensor_array import TensorArray as TensorArray
from .tensor_array import TensorArraySpec as TensorArraySpec


class TracedTensorArray(TensorArray):
    """A TensorArray of a function that is being traced. Each write gives a new one; the old one stays as it was."""

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
        if size is None and flow is None:
            raise ValueError("Argument `size` must be provided if argument `flow` is not provided.")
        self._dtype = dtypes.as_dtype(dtype)
        self._dynamic_size = bool(dynamic_size)
        self._infer_shape = infer_shape
        self._element_shape = TensorShape(element_shape)
        if flow is None:
            flow = lists.reserve(
                convert(size, dtypes.int32), element_shape=self._element_shape._dims, element_dtype=self._dtype
            )
        self._flow = flow

    handle = property(lambda self: None, doc="None: there is no resource behind it.")
    flow = property(lambda self: self._flow, doc="The list as a variant tensor.")

    @property
    def _type_spec(self) -> TracedTensorArraySpec:
        return TracedTensorArraySpec(self._element_shape, self._dtype, self._dynamic_size, self._infer_shape)

    def _next(self, flow: Any, element_shape: TensorShape | None = None) -> TracedTensorArray:
        return TracedTensorArray(
            self._dtype, flow=flow, dynamic_size=self._dynamic_size, infer_shape=self._infer_shape,
            element_shape=self._element_shape if element_shape is None else element_shape,
        )  # fmt: skip

    def _merged(self, shape: Any) -> TensorShape:
        """The element shape, once an element of `shape` has been written."""
        if not self._infer_shape:
            return self._element_shape
        if not self._element_shape.is_compatible_with(shape):
            raise ValueError(f"Inconsistent shapes: saw {shape} but expected {self._element_shape} ")
        return self._element_shape.merge_with(shape)

    def _value(self, value: Any) -> Tensor:
        tensor = convert(value, hint=self._dtype)
        if tensor.dtype is not self._dtype:
            raise errors.invalid(
                f"Invalid data types; op elements {tensor.dtype.cpp_name} but list elements {self._dtype.cpp_name}"
            )
        return tensor

    def size(self, name: str | None = None) -> Tensor:
        """The number of elements, an int32 scalar."""
        length: Tensor = lists.length(self._flow)
        return length

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """The element at `index`."""
        item: Tensor = lists.get_item(
            self._flow, convert(index, dtypes.int32), element_shape=self._element_shape._dims, element_dtype=self._dtype
        )
        return item

    def write(self, index: Any, value: TensorLike, name: str | None = None) -> TracedTensorArray:
        """The array with `value` at `index`."""
        tensor = self._value(value)
        shape = self._merged(tensor.shape)
        flow = lists.set_item(self._flow, convert(index, dtypes.int32), tensor, resize=self._dynamic_size)
        return self._next(flow, shape)

    def stack(self, name: str | None = None) -> Tensor:
        """All elements as one Tensor with a new first dimension."""
        tensor: Tensor = lists.stack(
            self._flow, element_shape=self._element_shape._dims, element_dtype=self._dtype,
            num_elements=self._static_size(),
        )  # fmt: skip
        return tensor

    def _static_size(self) -> int | None:
        """The number of elements, where it is known."""
        node = getattr(self._flow, "op", None)
        while node is not None and node.type == "TensorListSetItem" and not node.attrs.get("resize"):
            node = node.args[0].op
        if node is not None and node.type == "TensorListReserve" and not self._dynamic_size:
            known = node.args[0].known
            return None if known is None or known.dtype == object else int(known)
        if node is not None and node.type == "TensorListFromTensor":
            size: int | None = node.args[0].shape[0]
            return size
        return None

    def gather(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """The elements at `indices`, as one Tensor with a new first dimension."""
        tensor: Tensor = OPS["GatherV2"](self.stack(), indices, 0)
        return tensor

    def concat(self, name: str | None = None) -> Tensor:
        """The elements joined along their first dimension."""
        if self._element_shape.rank == 0:
            raise ValueError("Shapes must be equal rank, but are 1 and 0: scalars cannot be joined, use stack.")
        inner = self._element_shape[1:] if self._element_shape.rank else TensorShape(None)
        tensor: Tensor = lists.concat(self._flow, element_shape=inner._dims, element_dtype=self._dtype)
        return tensor

    def unstack(self, value: TensorLike, name: str | None = None) -> TracedTensorArray:
        """The array of the elements of `value` along its first dimension."""
        tensor = self._value(value)
        if tensor.shape.rank == 0:
            raise errors.invalid("Tensor must be at least a vector, but saw shape: []")
        size, count = self._static_size(), tensor.shape[0] if tensor.shape.rank else None
        if size is not None and count is not None and count > size:
            raise errors.invalid(
                f"Operation expected a list with {size} elements but got a list with {count} elements."
            )
        return self._next(lists.from_tensor(tensor), self._merged(tensor.shape[1:]))

    def scatter(self, indices: TensorLike, value: TensorLike, name: str | None = None) -> TracedTensorArray:
        """The array with the elements of `value` along its first dimension at `indices`."""
        tensor = self._value(value)
        flow = lists.scatter(self._flow, convert(indices, dtypes.int32), tensor, resize=self._dynamic_size)
        return self._next(flow, self._merged(tensor.shape[1:]))

    def split(self, value: TensorLike, lengths: TensorLike, name: str | None = None) -> TracedTensorArray:
        """The array of pieces of `value`, of the given `lengths` along its first dimension."""
        tensor = self._value(value)
        shape = TensorShape([None]).concatenate(tensor.shape[1:])
        return self._next(lists.split(tensor, convert(lengths, dtypes.int64)), self._merged(shape))

    def close(self, name: str | None = None) -> None:
        """Nothing to do: the list goes with the function."""


class TracedTensorArraySpec(TensorArraySpec):
    """The spec of a TensorArray in a graph, which is made of one variant tensor."""

    __slots__ = ()

    def _serialize(self) -> tuple[Any, ...]:
        return self._key()

    @property
    def _component_specs(self) -> Any:
        from ..core.spec import TensorSpec

        return [TensorSpec((), dtypes.variant)]

    def _to_components(self, value: Any) -> Any:
        return [value.flow]

    def _from_components(self, components: Any) -> Any:
        return TracedTensorArray(
            self._dtype, flow=components[0], dynamic_size=self._dynamic_size, infer_shape=self._infer_shape,
            element_shape=self._element_shape,
        )  # fmt: skip


TensorArray.traced = TracedTensorArray
