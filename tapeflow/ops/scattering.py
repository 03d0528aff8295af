"""Putting elements at places: scatter_nd, tensor_scatter_nd_*, dynamic_partition and dynamic_stitch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.shapes import Shape, show
from ..core import types
from ..core.op import OPS, Op, op
from ..core.tensor import Array, Tensor, TensorLike
from . import scatter_kernels
from .common import only_host, shape_of
from .gathering import check_policy, flat_indices
from .layout import attr_int, is_negative
from .sizes import count_of


def _zeros(xp: Any, shape: tuple[int, ...], like: Array) -> Array:
    """An array of zeros, of empty strings for strings."""
    return np.full(shape, b"", object) if like.dtype.hasobject else xp.zeros(shape, like.dtype)


def _change(rows: scatter_kernels.Rows, whole: Array, indices: Array, updates: Array) -> None:
    """Applies `updates` to the parts of `whole`, an array of our own, at `indices`."""
    if not (whole.size and updates.size):
        return
    depth = indices.shape[-1]
    places = flat_indices(indices, whole.shape, f"shape {show(whole.shape)}") if depth else np.zeros(len(updates), int)
    size = math.prod(whole.shape[depth:])
    rows(whole.reshape(whole.size // size, size), places, updates.reshape(len(places), size))


def _changed(jax: Any, how: str, whole: Array, indices: Array, updates: Array) -> Array:
    """What XLA makes of `whole`; updates at indices out of range are dropped. `how`: "add", "set", "min" or "max"."""
    if not indices.shape[-1]:  # each update is for the whole
        indices = jax.numpy.zeros((*indices.shape[:-1], 1), np.int32)
        return _changed(jax, how, whole[None], indices, updates)[0]
    if how == "add" and updates.dtype == bool:
        how = "max"
    places = jax.numpy.asarray(whole).at[tuple(jax.numpy.moveaxis(indices, -1, 0))]
    return getattr(places, how)(updates, mode="drop", wrap_negative_indices=False)


def _has_place(whole: int, indices: int, updates: int) -> bool:
    """Whether there is something to be scattered to, given numbers of elements."""
    return indices == updates == 0 or bool(whole and indices and updates)


def _check_ranks(indices: Shape, updates: Shape) -> None:
    for what, shape in (("Indices", indices), ("Updates", updates)):
        if shape is not None and not shape:
            raise errors.invalid(f"{what} shape must have rank at least one. Found:[]")


def _known(*parts: Shape) -> bool:
    return all(part is not None and set(map(type, part)) <= {int} for part in parts)


# --- scatter_nd


def _scatter_nd_shape(
    indices: Shape, updates: Shape, shape: tuple[int, ...] | None, *, bad_indices_policy: str = ""
) -> Shape:
    if shape is None:
        return None
    if not isinstance(shape, tuple):
        raise errors.invalid("Shape must be a vector")
    for size in shape:
        if is_negative(size):
            raise errors.invalid(f"Dimension {size} must be >= 0")
    _check_ranks(indices, updates)
    if indices is not None and updates is not None and _known(indices, updates, shape):
        _check_scatter(indices, updates, shape)
    return shape


def _check_scatter(indices: Sequence[Any], updates: Sequence[Any], shape: tuple[int, ...]) -> None:
    count, depth = len(indices) - 1, indices[-1]
    if tuple(indices[:-1]) != tuple(updates[:count]):
        raise errors.invalid(
            f"Dimensions [0,{count}) of indices[shape={show(tuple(indices))}] must match "
            f"dimensions [0,{count}) of updates[shape={show(tuple(updates))}]"
        )
    if depth > len(shape) or tuple(updates[count:]) != shape[depth:]:
        raise errors.invalid(
            f"Dimensions [{depth},{len(shape)}) of input[shape={show(shape)}] must match "
            f"dimensions [{count},{len(updates)}) of updates[shape={show(tuple(updates))}]"
        )
    if not _has_place(math.prod(shape), math.prod(indices), math.prod(updates)):
        raise errors.invalid(
            f"Indices and updates specified for empty output.  indices shape: {show(tuple(indices))}"
        )


@op(
    "ScatterNd",
    "indices:Tindices, updates:T, shape:Tindices -> output:T",
    shape=_scatter_nd_shape,
    static=("shape",),
    Tindices=(dtypes.int16, dtypes.int32, dtypes.int64),
)
def scatter_nd_op(
    xp: Any, indices: Array, updates: Array, shape: tuple[int, ...], *, bad_indices_policy: str = ""
) -> Array:
    _scatter_nd_shape(indices.shape, updates.shape, shape)
    whole = _zeros(xp, shape, updates)
    _change(scatter_kernels.add, whole, indices, updates)
    return whole


@scatter_nd_op.on("xla")
def _(jax: Any, indices: Array, updates: Array, shape: tuple[int, ...], *, bad_indices_policy: str = "") -> Array:
    _scatter_nd_shape(indices.shape, updates.shape, shape)
    return _changed(jax, "add", jax.numpy.zeros(shape, updates.dtype), indices, updates)


@scatter_nd_op.gradient
def _(g: Any, _output: Any, indices: Any, _updates: Any, _shape: Any, *, bad_indices_policy: str) -> Any:
    return None, OPS["GatherNd"](g, indices), None


def scatter_nd(
    indices: TensorLike, updates: TensorLike, shape: TensorLike, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """Zeros of `shape`, to which `updates` are added at `indices`.

    Args:
      indices: int16, int32 or int64 `[..., depth]`; may hold an index more than once, such updates add up.
      updates: `indices.shape[:-1] + shape[depth:]`.
      shape: of the result, a vector of integers.
      bad_indices_policy: `""`, `"DEFAULT"` or `"ERROR"`: an index out of range is an error.
      name: a name for the operation.

    Raises:
      InvalidArgumentError: if an index is out of range or shapes do not fit.

    >>> print(tf.scatter_nd([[1], [3]], [10, 20], [5]))
    tf.Tensor([ 0 10  0 20  0], shape=(5,), dtype=int32)
    """
    check_policy(bad_indices_policy)
    return scatter_nd_op(indices, updates, shape, bad_indices_policy=bad_indices_policy, name=name)  # type: ignore[no-any-return]


# --- tensor_scatter_nd_*


def _tensor_scatter_shape(tensor: Shape, indices: Shape, updates: Shape, *, bad_indices_policy: str = "") -> Shape:
    _check_ranks(indices, updates)
    if tensor is not None and indices is not None and updates is not None and _known(tensor, indices, updates):
        count, depth = len(indices) - 1, indices[-1]
        if indices[:-1] != updates[:count]:
            raise errors.invalid(
                "Outer dimensions of indices and update must match. "
                f"Indices shape: {show(indices)}, updates shape:{show(updates)}"
            )
        if depth is None or depth > len(tensor) or updates[count:] != tensor[depth:]:
            raise errors.invalid(
                "Inner dimensions of output shape must match inner dimensions of updates shape. "
                f"Output: {show(tensor)} updates: {show(updates)}"
            )
        sizes = [math.prod(size or 0 for size in shape) for shape in (tensor, indices, updates)]
        if not _has_place(*sizes):
            raise errors.invalid("Indices and updates specified for empty output shape")
    return tensor


def _plainly_fits(tensor: Array, indices: Array, updates: Array) -> bool:
    """Whether these are updates of whole rows, as most are, and none of the arrays is empty; False may be wrong."""
    where, what = indices.shape, updates.shape
    return len(where) == 2 and where[1] == 1 and what[:1] == where[:1] and what[1:] == tensor.shape[1:] and (
        updates.size > 0 < tensor.size and len(tensor.shape) > 0
    )


def _tensor_scatter(name: str, rows: scatter_kernels.Rows, how: str, indices: tuple[Any, ...], **allowed: Any) -> Op:
    """The op that changes some parts of a copy of a tensor; `how`: see `_changed`, or "sub"."""

    @op(
        name,
        "tensor:T, indices:Tindices, updates:T -> output:T",
        shape=_tensor_scatter_shape,
        Tindices=indices,
        **allowed,
    )
    def scatter(xp: Any, tensor: Array, indices: Array, updates: Array, *, bad_indices_policy: str = "") -> Array:
        if not _plainly_fits(tensor, indices, updates):
            _tensor_scatter_shape(tensor.shape, indices.shape, updates.shape)
        whole = tensor.copy(order="C")
        _change(rows, whole, indices, updates)
        return whole

    @scatter.on("xla")
    def _(jax: Any, tensor: Array, indices: Array, updates: Array, *, bad_indices_policy: str = "") -> Array:
        _tensor_scatter_shape(tensor.shape, indices.shape, updates.shape)
        if how == "sub":
            return _changed(jax, "add", tensor, indices, -updates)
        if how in ("min", "max") and updates.dtype.kind in "fV":  # a NaN among the updates changes nothing
            worst = jax.numpy.inf if how == "min" else -jax.numpy.inf
            updates = jax.numpy.where(jax.numpy.isnan(updates), jax.numpy.asarray(worst, updates.dtype), updates)
        return _changed(jax, how, tensor, indices, updates)

    return scatter


_UPDATE_INDICES = (dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint16)
tensor_scatter_update = _tensor_scatter("TensorScatterUpdate", scatter_kernels.replace, "set", _UPDATE_INDICES)
tensor_scatter_add = _tensor_scatter("TensorScatterAdd", scatter_kernels.add, "add", types.INDICES)
tensor_scatter_sub = _tensor_scatter("TensorScatterSub", scatter_kernels.subtract, "sub", types.INDICES)
tensor_scatter_max = _tensor_scatter("TensorScatterMax", scatter_kernels.maximum, "max", types.INDICES)
tensor_scatter_min = _tensor_scatter("TensorScatterMin", scatter_kernels.minimum, "min", types.INDICES)


@tensor_scatter_update.gradient
def _(g: Any, _output: Any, _tensor: Any, indices: Any, updates_shape: Any, *, bad_indices_policy: str) -> Any:
    zeros = OPS["Fill"](updates_shape, OPS["Cast"](0, DstT=g.dtype))
    return tensor_scatter_update(g, indices, zeros), None, OPS["GatherNd"](g, indices)


@tensor_scatter_add.gradient
def _(g: Any, _output: Any, _tensor: Any, indices: Any, _updates: Any, *, bad_indices_policy: str) -> Any:
    return g, None, OPS["GatherNd"](g, indices)


@tensor_scatter_sub.gradient
def _(g: Any, _output: Any, _tensor: Any, indices: Any, _updates: Any, *, bad_indices_policy: str) -> Any:
    return g, None, OPS["Neg"](OPS["GatherNd"](g, indices))


def _extremum_gradient(
    g: Any, output: Any, tensor: Any, indices: Any, updates: Any, *, bad_indices_policy: str
) -> Any:
    """The gradient of an element is divided evenly among all that equal it."""
    equal, cast, gather = OPS["Equal"], OPS["Cast"], OPS["GatherNd"]
    kept = cast(equal(tensor, output), DstT=g.dtype)
    put = cast(equal(updates, gather(output, indices)), DstT=g.dtype)
    share = OPS["RealDiv"](g, OPS["AddV2"](kept, scatter_nd_op(indices, put, shape_of(tensor))))
    return OPS["Mul"](share, kept), None, OPS["Mul"](gather(share, indices), put)


tensor_scatter_max.gradient(_extremum_gradient)
tensor_scatter_min.gradient(_extremum_gradient)


def tensor_scatter_nd_update(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """A copy of `tensor` in which the parts at `indices` are `updates`.

    Args:
      tensor: a Tensor.
      indices: integers `[..., depth]`, into the first `depth` dimensions of `tensor`.
      updates: `indices.shape[:-1] + tensor.shape[depth:]`; of several for one place, the last stays.
      name: a name for the operation.

    Raises:
      InvalidArgumentError: if an index is out of range or shapes do not fit.

    >>> print(tf.tensor_scatter_nd_update([1, 2, 3], [[0], [2]], [10, 30]))
    tf.Tensor([10  2 30], shape=(3,), dtype=int32)
    """
    return tensor_scatter_update(tensor, indices, updates, name=name)  # type: ignore[no-any-return]


def _published(name: str, scatter: Op, doing: str, example: str) -> Callable[..., Tensor]:
    def function(
        tensor: TensorLike,
        indices: TensorLike,
        updates: TensorLike,
        bad_indices_policy: str = "",
        name: str | None = None,
    ) -> Tensor:
        check_policy(bad_indices_policy)
        return scatter(tensor, indices, updates, bad_indices_policy=bad_indices_policy, name=name)  # type: ignore[no-any-return]

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""A copy of `tensor` in which the parts at `indices` are {doing} `updates`.

    Args:
      tensor: a Tensor.
      indices: int32 or int64 `[..., depth]`, into the first `depth` dimensions of `tensor`; may hold an index twice.
      updates: `indices.shape[:-1] + tensor.shape[depth:]`.
      bad_indices_policy: `""`, `"DEFAULT"` or `"ERROR"`: an index out of range is an error.
      name: a name for the operation.

    Raises:
      InvalidArgumentError: if an index is out of range or shapes do not fit.

    {example}
    """
    return function


tensor_scatter_nd_add = _published(
    "tensor_scatter_nd_add",
    tensor_scatter_add,
    "increased by",
    """>>> print(tf.tensor_scatter_nd_add([1, 2, 3], [[0], [0]], [10, 20]))
    tf.Tensor([31  2  3], shape=(3,), dtype=int32)""",
)
tensor_scatter_nd_sub = _published(
    "tensor_scatter_nd_sub",
    tensor_scatter_sub,
    "decreased by",
    """>>> print(tf.tensor_scatter_nd_sub([1, 2, 3], [[0]], [10]))
    tf.Tensor([-9  2  3], shape=(3,), dtype=int32)""",
)
tensor_scatter_nd_max = _published(
    "tensor_scatter_nd_max",
    tensor_scatter_max,
    "the larger of themselves and",
    """>>> print(tf.tensor_scatter_nd_max([1, 2, 3], [[0], [1]], [0, 9]))
    tf.Tensor([1 9 3], shape=(3,), dtype=int32)""",
)
tensor_scatter_nd_min = _published(
    "tensor_scatter_nd_min",
    tensor_scatter_min,
    "the smaller of themselves and",
    """>>> print(tf.tensor_scatter_nd_min([1, 2, 3], [[0], [1]], [0, 9]))
    tf.Tensor([0 2 3], shape=(3,), dtype=int32)""",
)


# --- dynamic_partition, dynamic_stitch


def _partition_shape(data: Shape, partitions: Shape, *, num_partitions: int) -> Any:
    if num_partitions < 1:
        raise errors.invalid(f"Value for attr 'num_partitions' of {num_partitions} must be at least minimum 1")
    if partitions is None or data is None:
        return (None,) * num_partitions
    prefix = data[: len(partitions)]
    if len(prefix) != len(partitions) or any(
        a != b and a is not None and b is not None for a, b in zip(prefix, partitions, strict=True)
    ):
        raise errors.invalid(
            "data.shape must start with partitions.shape, "
            f"got data.shape = {show(data)}, partitions.shape = {show(partitions)}"
        )
    return ((None, *data[len(partitions) :]),) * num_partitions


@op("DynamicPartition", "data:T, partitions:int32 -> outputs:num_partitions*T", shape=_partition_shape)
def dynamic_partition_op(xp: Any, data: Array, partitions: Array, *, num_partitions: int) -> tuple[Array, ...]:
    _partition_shape(data.shape, partitions.shape, num_partitions=num_partitions)
    bad = np.argwhere((partitions < 0) | (partitions >= num_partitions))
    if len(bad):
        first = tuple(bad[0].tolist())
        label = f"[{','.join(map(str, first))}]" if first else ""
        raise errors.invalid(f"partitions{label} = {partitions[first]} is not in [0, {num_partitions})")
    return tuple([data[partitions == i] for i in range(num_partitions)])


only_host(dynamic_partition_op)


@dynamic_partition_op.gradient
def _(g: Any, outputs: Any, data_shape: Any, partitions: Any, *, num_partitions: int) -> Any:
    places = OPS["Reshape"](OPS["Range"](0, count_of(partitions), 1), shape_of(partitions))
    places = dynamic_partition_op(places, partitions, num_partitions=num_partitions)
    parts = [OPS["ZerosLike"](y) if part is None else part for part, y in zip(g, _listed(outputs), strict=True)]
    return OPS["Reshape"](OPS["ParallelDynamicStitch"](*places, *parts), data_shape), None


def _listed(outputs: Any) -> Any:
    return (outputs,) if isinstance(outputs, Tensor) else outputs


def dynamic_partition(
    data: TensorLike, partitions: TensorLike, num_partitions: int, name: str | None = None
) -> list[Tensor]:
    """Splits `data` into `num_partitions` Tensors, as `partitions` says.

    Args:
      data: a Tensor whose shape starts with that of `partitions`.
      partitions: int32 in [0, num_partitions): where each slice of `data` goes.
      num_partitions: how many partitions there are.
      name: a name for the operation.

    Returns:
      A list of Tensors; slices stay in order.

    Raises:
      InvalidArgumentError: if a partition is out of range or shapes do not fit.

    >>> print(*tf.dynamic_partition([10, 20, 30], [0, 1, 0], 2))
    tf.Tensor([10 30], shape=(2,), dtype=int32) tf.Tensor([20], shape=(1,), dtype=int32)
    """
    count = attr_int(num_partitions, "num_partitions")
    return dynamic_partition_op(data, partitions, num_partitions=count, name=name)  # type: ignore[no-any-return]


def _stitch_shape(*shapes: Shape) -> Shape:
    half = len(shapes) // 2
    found: Shape = None
    inner: Shape = None
    for i, (indices, data) in enumerate(zip(shapes[:half], shapes[half:], strict=True)):
        if indices is None or data is None or not _known(indices, data):
            continue
        if data[: len(indices)] != indices:
            raise errors.invalid(
                f"data[{i}].shape = {show(data)} does not start with indices[{i}].shape = {show(indices)}"
            )
        if inner is None:
            inner, found = data[len(indices) :], (i, len(indices))
        elif found is not None and data[len(indices) :] != inner:
            j = found[0]
            assert j is not None
            raise errors.invalid(
                f"Need data[{j}].shape[{found[1]}:] = data[{i}].shape[{len(indices)}:], "
                f"got data[{j}].shape = {show(shapes[half + j])}, data[{i}].shape = {show(data)}, "
                f"indices[{j}].shape = {show(shapes[j])}, indices[{i}].shape = {show(indices)}"
            )
    return None if inner is None else (None, *inner)


def _stitch(xp: Any, *inputs: Array) -> Array:
    half = len(inputs) // 2
    indices, data = inputs[:half], inputs[half:]
    _stitch_shape(*[x.shape for x in inputs])
    for places in indices:
        if places.size and places.min() < 0:
            raise errors.invalid(f"indices[{int((places.reshape(-1) < 0).argmax())}] is out of range")
    size = 1 + max((int(places.max()) for places in indices if places.size), default=-1)
    merged = _zeros(xp, (size, *data[0].shape[indices[0].ndim :]), data[0])
    for places, part in zip(indices, data, strict=True):
        merged[places] = part
    return merged


def _stitch_gradient(g: Any, _output: Any, *inputs: Any) -> Any:
    half = len(inputs) // 2
    return (*[None] * half, *[OPS["GatherV2"](g, places, 0) for places in inputs[:half]])


for _name in ("DynamicStitch", "ParallelDynamicStitch"):
    _stitch_op = op(_name, "indices:N*int32, data:N*T -> merged:T", shape=_stitch_shape)(_stitch)
    _stitch_op.gradient(_stitch_gradient)
    only_host(_stitch_op)


def dynamic_stitch(indices: Sequence[TensorLike], data: Sequence[TensorLike], name: str | None = None) -> Tensor:
    """One Tensor made of the slices of those in `data`, put where `indices` says; undoes `dynamic_partition`.

    Args:
      indices: a list of int32 Tensors; where an index occurs twice, the last slice stays.
      data: as many Tensors, `data[i].shape` starts with `indices[i].shape`, what follows is the same for all.
      name: a name for the operation.

    Returns:
      A Tensor with one row more than the largest index; zeros where no index points.

    Raises:
      InvalidArgumentError: if an index is negative or shapes do not fit.
      ValueError: if the lists differ in length.

    >>> print(tf.dynamic_stitch([[0, 2], [1]], [[10, 30], [20]]))
    tf.Tensor([10 20 30], shape=(3,), dtype=int32)
    """
    if len(indices) != len(data):
        raise ValueError(
            f"List argument 'data' to 'dynamic_stitch' Op with length {len(data)} "
            f"must match length {len(indices)} of argument 'indices'."
        )
    return OPS["DynamicStitch"](*indices, *data, name=name)  # type: ignore[no-any-return]
