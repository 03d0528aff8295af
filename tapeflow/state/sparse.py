"""What a Variable has of updates of some of its rows, elements or slices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..base import errors
from ..base.context import context
from ..base.dtypes import DType
from ..core.convert import convert
from ..core.indexed_slices import IndexedSlices
from ..core.op import OPS, Op
from ..core.tensor import Array, Tensor, TensorLike, at_hand
from ..core.types import NUMBERS
from ..ops import scatter_kernels as kernels
from ..ops.common import shape_of
from . import scatter
from .handle import Handle
from .updates import traced, update


class SparseUpdates:
    """The `scatter_*` methods of Variables. All are atomic, and change nothing if they raise."""

    _handle: Handle

    def _view(self) -> Any:
        raise NotImplementedError

    # -- assigning to rows

    def scatter_add(self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None) -> Any:
        """Adds `sparse_delta.values` to the rows `sparse_delta.indices`; a row named twice gets both.

        Args:
          sparse_delta: a `tf.IndexedSlices`; its values may be one scalar for all rows.
          use_locking: a hint; updates are always atomic.
          name: has no effect.

        Returns:
          A view of the Variable.

        Raises:
          TypeError: if `sparse_delta` is no `tf.IndexedSlices`.
          ValueError, InvalidArgumentError: if dtypes or shapes do not fit, or a row does not exist.

        >>> v = tf.Variable([1, 2, 3])
        >>> v.scatter_add(tf.IndexedSlices([10, 10], [0, 0])).numpy()
        array([21,  2,  3], dtype=int32)
        """
        return self._scatter("ResourceScatterAdd", kernels.add, sparse_delta, name)

    def scatter_sub(self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None) -> Any:
        """Subtracts from some rows; see `scatter_add`."""
        return self._scatter("ResourceScatterSub", kernels.subtract, sparse_delta, name)

    def scatter_mul(self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None) -> Any:
        """Multiplies some rows; see `scatter_add`."""
        return self._scatter("ResourceScatterMul", kernels.multiply, sparse_delta, name)

    def scatter_div(self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None) -> Any:
        """Divides some rows, integers rounding towards zero; see `scatter_add`."""
        return self._scatter("ResourceScatterDiv", kernels.divide, sparse_delta, name)

    def scatter_max(self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None) -> Any:
        """Raises some rows to the values that are larger; see `scatter_add`."""
        return self._scatter("ResourceScatterMax", kernels.maximum, sparse_delta, name)

    def scatter_min(self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None) -> Any:
        """Lowers some rows to the values that are smaller; see `scatter_add`."""
        return self._scatter("ResourceScatterMin", kernels.minimum, sparse_delta, name)

    def scatter_update(self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None) -> Any:
        """Replaces some rows; of several values for one row, the last stays. See `scatter_add`."""
        return self._scatter("ResourceScatterUpdate", kernels.replace, sparse_delta, name)

    def batch_scatter_update(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Replaces rows within each element of a batch.

        Args:
          sparse_delta: a `tf.IndexedSlices` with indices `[b1, ..., bn, k]` into dimension n of the Variable, for each
            place in the dimensions before it, and values `[b1, ..., bn, k, ...]`.
          use_locking: a hint; updates are always atomic.
          name: has no effect.

        Returns:
          A view of the Variable.
        """
        _check_slices(sparse_delta)
        indices = convert(sparse_delta.indices)
        shape = shape_of(indices)
        grids = [_along(indices, shape, axis) for axis in range(len(shape) - 1)]
        places = OPS["Pack"](*grids, indices, axis=-1)
        return self._scatter_nd("ResourceScatterNdUpdate", kernels.replace, places, sparse_delta.values, name)

    def _scatter(self, op: str, rows: kernels.Rows, delta: Any, name: str | None) -> Any:
        _check_slices(delta)
        if context.graph is not None:
            values = convert(delta.values, self._handle.dtype)
            traced(self, _ROWS[op], convert(delta.indices), values)
            return self._view()
        updates = self._handle.fitting(delta.values)
        indices = self._indices(op, delta.indices, name)
        self._check_numeric(op, rows, name)
        handle: Any = self._handle
        if handle.accelerator is None:
            _scatter_rows(op, rows, name, handle, indices, updates)
        else:
            _check_divisors(op, rows, name, updates)
            _checked(scatter.check, handle.value_shape, indices, updates, op, name)
            handle.apply(_ROWS[op], indices, updates)
        return self._view()

    # -- assigning to elements and slices

    def scatter_nd_add(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Any:
        """Adds `updates`, `[..., *shape[k:]]`, to the elements or slices at `indices`, `[..., k]`; returns a view."""
        return self._scatter_nd("ResourceScatterNdAdd", kernels.add, indices, updates, name)

    def scatter_nd_sub(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Any:
        """Subtracts `updates`, `[..., *shape[k:]]`, at `indices`, `[..., k]`; returns a view."""
        return self._scatter_nd("ResourceScatterNdSub", kernels.subtract, indices, updates, name)

    def scatter_nd_update(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Any:
        """Puts `updates`, `[..., *shape[k:]]`, at `indices`, `[..., k]`; returns a view.

        >>> v = tf.Variable([[1, 2], [3, 4]])
        >>> v.scatter_nd_update([[0, 1], [1, 0]], [20, 30]).numpy()
        array([[ 1, 20],
               [30,  4]], dtype=int32)
        """
        return self._scatter_nd("ResourceScatterNdUpdate", kernels.replace, indices, updates, name)

    def scatter_nd_max(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Any:
        """The larger of value and `updates`, `[..., *shape[k:]]`, at `indices`, `[..., k]`; returns a view."""
        return self._scatter_nd("ResourceScatterNdMax", kernels.maximum, indices, updates, name)

    def scatter_nd_min(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Any:
        """The smaller of value and `updates`, `[..., *shape[k:]]`, at `indices`, `[..., k]`; returns a view."""
        return self._scatter_nd("ResourceScatterNdMin", kernels.minimum, indices, updates, name)

    def _scatter_nd(self, op: str, rows: kernels.Rows, where: Any, what: Any, name: str | None) -> Any:
        if context.graph is not None:
            traced(self, _SLICES[op], convert(where), convert(what, self._handle.dtype))
            return self._view()
        indices = self._indices(op, where, name)
        updates = self._handle.fitting(what)
        self._check_numeric(op, rows, name)
        handle: Any = self._handle
        if handle.accelerator is None:
            _scatter_slices(op, rows, name, handle, indices, updates)
        else:
            _checked(scatter.flat_indices, handle.value_shape, indices, updates, op, name)
            handle.apply(_SLICES[op], indices, updates)
        return self._view()

    def _indices(self, op: str, where: Any, name: str | None) -> Array:
        indices = convert(where)
        if indices.dtype.name not in ("int32", "int64"):
            raise with_op(bad_type("Tindices", indices.dtype, "int32, int64"), op, name)
        return at_hand(indices._array)

    def _check_numeric(self, op: str, rows: kernels.Rows, name: str | None) -> None:
        if not self._handle.numeric and rows is not kernels.replace:
            allowed = ", ".join(dtype.cpp_name for dtype in NUMBERS)
            raise with_op(bad_type("dtype", self._handle.dtype, allowed), op, name)


def _along(indices: Tensor, shape: Any, axis: int) -> Tensor:
    """For each element of `indices` its place along an axis."""
    line = OPS["Cast"](OPS["Range"](0, shape[axis], 1), DstT=indices.dtype)
    grid: Tensor = OPS["BroadcastTo"](OPS["Reshape"](line, (-1,) + (1,) * (len(shape) - axis - 1)), shape)
    return grid


def _scatter_rows(
    op: str, rows: kernels.Rows, name: str | None, handle: Handle, indices: Array, updates: Array
) -> None:
    _check_divisors(op, rows, name, updates)

    def change(array: Array, mine: bool) -> Array:
        _checked(scatter.check, array.shape, indices, updates, op, name)
        flat = updates.reshape(indices.size, *array.shape[1:]) if updates.ndim else updates
        whole = array if mine and array.flags.c_contiguous else array.copy()
        rows(whole, indices.reshape(-1), flat)
        return whole

    handle.update(change)


def _check_divisors(op: str, rows: kernels.Rows, name: str | None, updates: Array) -> None:
    if rows is kernels.divide and not updates.all():
        raise with_op("updates must not contain 0", op, name)


def _scatter_slices(
    op: str, rows: kernels.Rows, name: str | None, handle: Handle, indices: Array, updates: Array
) -> None:
    def change(array: Array, mine: bool) -> Array:
        flat = _checked(scatter.flat_indices, array.shape, indices, updates, op, name)
        outer, inner = array.shape[: indices.shape[-1]], array.shape[indices.shape[-1] :]
        whole = array if mine and array.flags.c_contiguous else array.copy()
        rows(whole.reshape(math.prod(outer), *inner), flat.reshape(-1), updates.reshape(flat.size, *inner))
        return whole

    handle.update(change)


# By the end of an op's name: the host kernel, and the method of JAX's `array.at[indices]` that does the same.
_KINDS: dict[str, tuple[kernels.Rows, str]] = {
    "Add": (kernels.add, "add"), "Sub": (kernels.subtract, "subtract"), "Mul": (kernels.multiply, "multiply"),
    "Div": (kernels.divide, "divide"), "Max": (kernels.maximum, "max"), "Min": (kernels.minimum, "min"),
    "Update": (kernels.replace, "set"),
}  # fmt: skip


def _in_graphs(op: str, kind: str, host: Callable[..., None], where: Callable[[Array], Any]) -> Op:
    rows, method = _KINDS[kind]
    return update(
        op, "indices:Tindices, updates:dtype",
        lambda jax, array, indices, updates: getattr(array.at[where(indices)], method)(updates),
        lambda handle, indices, updates: host(op, rows, None, handle, indices, updates),
    )  # fmt: skip


def _along_last(indices: Array) -> Any:
    return tuple(indices[..., i] for i in range(indices.shape[-1]))


_ROWS = {
    name: _in_graphs(name, kind, _scatter_rows, lambda i: i) for kind in _KINDS for name in [f"ResourceScatter{kind}"]
}
_SLICES = {
    name: _in_graphs(name, kind, _scatter_slices, _along_last)
    for kind in ("Add", "Sub", "Max", "Min", "Update") for name in [f"ResourceScatterNd{kind}"]
}  # fmt: skip


def _checked(check: Callable[..., Any], shape: Any, indices: Array, updates: Array, op: str, name: str | None) -> Any:
    try:
        return check(shape, indices, updates)
    except errors.OpError as error:
        raise with_op(error.message, op, name) from None


def _check_slices(delta: Any) -> None:
    if not isinstance(delta, IndexedSlices):
        shown = delta.numpy() if isinstance(delta, Tensor) else delta
        raise TypeError(f"Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: {shown}")


def with_op(message: str, op: str, name: str | None) -> errors.OpError:
    """The InvalidArgumentError of an op."""
    return errors.invalid(f"{message} [Op:{op}] name: {name or ''}")


def bad_type(attr: str, dtype: DType, allowed: str) -> str:
    """What an op says of a dtype that it does not take."""
    return f"Value for attr '{attr}' of {dtype.cpp_name} is not in the list of allowed values: {allowed}"
