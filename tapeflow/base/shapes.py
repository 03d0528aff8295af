"""Shapes: `TensorShape`, and the shape rules that many ops share.

A shape rule computes the shape of an op's output from the shapes of its inputs, where a size may be unknown (None)
and so may the rank (None for the whole shape). It takes the input shapes, the values of static inputs (None if
unknown) and the attributes; it raises InvalidArgumentError for shapes that do not fit each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tapeflow.base import errors
from tapeflow.base.tensor_shape import Dimension as Dimension
from tapeflow.base.tensor_shape import Shape as Shape
from tapeflow.base.tensor_shape import ShapeLike as ShapeLike
from tapeflow.base.tensor_shape import TensorShape as TensorShape
from tapeflow.base.tensor_shape import dimension_at_index as dimension_at_index
from tapeflow.base.tensor_shape import dimension_value as dimension_value
from tapeflow.base.tensor_shape import of as of


def show(shape: Shape) -> str:
    """A shape as TensorFlow's runtime writes it in messages: `[2,?]`."""
    return "<unknown>" if shape is None else f"[{','.join('?' if size is None else str(size) for size in shape)}]"


def scalar(*_inputs: Any, **_attrs: Any) -> Shape:
    """The output is a scalar."""
    return ()


def same(x: Shape, *_inputs: Any, **_attrs: Any) -> Shape:
    """The output has the shape of the first input."""
    return x


def merge(*shapes: Shape, **_attrs: Any) -> Shape:
    """All inputs and the output have the same shape, which is then known if one of them is."""
    merged: Shape = None
    for shape in shapes:
        if shape is None or merged is None:
            merged = merged if shape is None else shape
        elif not fits(merged, shape):
            raise errors.invalid(f"Incompatible shapes: {show(merged)} vs. {show(shape)}")
        else:
            merged = tuple(b if a is None else a for a, b in zip(merged, shape, strict=True))
    return merged


def fits(x: Shape, y: Shape) -> bool:
    """Whether the two can be the same shape."""
    if x is None or y is None:
        return True
    return len(x) == len(y) and all(a is None or b is None or a == b for a, b in zip(x, y, strict=True))


# --- broadcasting


def broadcast(x: Shape, y: Shape, **_attrs: Any) -> Shape:
    """Two inputs that are broadcast against each other."""
    if x == y or x is None or y is None:
        return x if x == y else None
    rank = max(len(x), len(y))
    padded = zip((1,) * (rank - len(x)) + x, (1,) * (rank - len(y)) + y, strict=True)
    sizes: list[int | None] = []
    for a, b in padded:
        if type(b) is int and b == 1:
            sizes.append(a)
        elif type(a) is int and a == 1:
            sizes.append(b)
        elif a == b:
            sizes.append(a)
        elif a is None or b is None:  # the unknown one must be 1 or the same
            sizes.append(b if a is None else a)
        else:
            raise errors.invalid(f"Incompatible shapes: {show(x)} vs. {show(y)}")
    return tuple(sizes)


def broadcast_all(*shapes: Shape, **_attrs: Any) -> Shape:
    """Any number of inputs that are broadcast against each other."""
    result: Shape = ()
    for shape in shapes:
        result = broadcast(result, shape)
    return result


# --- reduction


def reduction_axes(axes: int | Iterable[int], rank: int) -> tuple[int, ...]:
    """The axes that a reduction takes away, counted from the front, in the order given."""
    found: list[int] = []
    for axis in (axes,) if isinstance(axes, int) else axes:
        if not -rank <= axis < rank:
            raise errors.invalid(f"Invalid reduction dimension ({axis} for input with {rank} dimension(s)")
        axis %= rank
        if axis in found:
            raise errors.invalid(f"Invalid reduction arguments: Axes contains duplicate dimension: {axis}")
        found.append(axis)
    return tuple(found)


def reduce(x: Shape, axes: int | tuple[int, ...] | None, *, keep_dims: bool = False, **_attrs: Any) -> Shape:
    """A reduction of `x` over `axes`, which may be unknown (None)."""
    if x is None:
        return None
    if axes is None:
        return (None,) * len(x) if keep_dims else None
    gone = reduction_axes(axes, len(x))
    if keep_dims:
        return tuple(1 if axis in gone else size for axis, size in enumerate(x))
    return tuple(size for axis, size in enumerate(x) if axis not in gone)


# --- joining and multiplying


def concat(*shapes_and_axis: Any, **_attrs: Any) -> Shape:
    """Any number of shapes, then the axis along which they are joined (None if unknown)."""
    shapes: tuple[Shape, ...] = shapes_and_axis[:-1]
    axis: int | None = shapes_and_axis[-1]
    known = [(i, shape) for i, shape in enumerate(shapes) if shape is not None]
    if not known:
        return None
    first, like = known[0]
    rank = len(like)
    if any(shape == () for _, shape in known):
        raise errors.invalid("ConcatOp : Can't concatenate scalars (use tf.stack instead)")
    if axis is not None and not -rank <= axis < rank:
        raise errors.invalid(
            f"ConcatOp : Expected concatenating dimensions in the range [{-rank}, {rank}), but got {axis}"
        )
    for i, shape in known:
        if len(shape) != rank:
            raise errors.invalid(
                "ConcatOp : Ranks of all input tensors should match: "
                f"shape[{first}] = {show(like)} vs. shape[{i}] = {show(shape)}"
            )
    if axis is None:
        return (None,) * rank
    axis %= rank
    sizes = list(like)
    for i, shape in known[1:]:
        for d in range(rank):
            if d != axis and sizes[d] is None:
                sizes[d] = shape[d]
            elif d != axis and shape[d] is not None and shape[d] != sizes[d]:
                raise errors.invalid(
                    f"ConcatOp : Dimension {d} in both shapes must be equal: "
                    f"shape[{first}] = {show(like)} vs. shape[{i}] = {show(shape)}"
                )
    lengths = [None if shape is None else shape[axis] for shape in shapes]
    sizes[axis] = None if None in lengths else sum(length or 0 for length in lengths)
    return tuple(sizes)


def matmul(a: Shape, b: Shape, *, transpose_a: bool = False, transpose_b: bool = False, **_attrs: Any) -> Shape:
    """The product of two matrices."""
    if a is not None and b is not None and len(a) != len(b):
        raise errors.invalid(f"In[0] and In[1] has different ndims: {show(a)} vs. {show(b)}")
    for x in (a, b):
        if x is not None and len(x) != 2:
            raise errors.invalid(f"In[0] and In[1] ndims must be == 2: {len(x)}")
    return _product(a or (None, None), b or (None, None), transpose_a, transpose_b)


def batch_matmul(x: Shape, y: Shape, *, adj_x: bool = False, adj_y: bool = False, **_attrs: Any) -> Shape:
    """The products of two batches of matrices; the batches are broadcast against each other."""
    for i, shape in enumerate((x, y)):
        if shape is not None and len(shape) < 2:
            raise errors.invalid(f"In[{i}] ndims must be >= 2: {len(shape)}")
    if x is None or y is None:
        return None
    try:
        batch = broadcast(x[:-2], y[:-2])
    except errors.InvalidArgumentError:
        raise errors.invalid(
            f"In[0] and In[1] must have compatible batch dimensions: {show(x)} vs. {show(y)}"
        ) from None
    assert batch is not None
    return batch + _product(x, y, adj_x, adj_y)


def _product(
    a: tuple[int | None, ...], b: tuple[int | None, ...], transpose_a: bool, transpose_b: bool
) -> tuple[int | None, int | None]:
    rows, inner_a = a[-2:][::-1] if transpose_a else a[-2:]
    inner_b, columns = b[-2:][::-1] if transpose_b else b[-2:]
    if inner_a is not None and inner_b is not None and inner_a != inner_b:
        raise errors.invalid(f"Matrix size-incompatible: In[0]: {show(a)}, In[1]: {show(b)}")
    return rows, columns


# --- windows


def conv_size(
    size: int | None,
    window: int | None,
    stride: int,
    padding: str,
    dilation: int = 1,
    explicit: tuple[int, int] = (0, 0),
) -> int | None:
    """How many places a window has along one axis, in convolutions and pooling.

    Args:
      size: of the axis; None if unknown.
      window: size of the window along the axis; None if unknown.
      stride: steps between two places.
      padding: "VALID", "SAME" or "EXPLICIT".
      dilation: steps between two elements of the window.
      explicit: what is padded before and after; for "EXPLICIT" only.

    Returns:
      The number of places; None if unknown.
    """
    if stride <= 0:
        raise errors.invalid(f"Stride must be > 0, but got {stride}")
    if dilation <= 0:
        raise errors.invalid("Dilated rates should be larger than 0.")
    if size is None:
        return None
    if padding == "SAME":
        return -(-size // stride)
    if window is None:
        return None
    reach = (window - 1) * dilation + 1
    span = size + (sum(explicit) if padding == "EXPLICIT" else 0) - reach + stride
    count = int(span / stride)  # rounds towards zero, as TensorFlow does
    if count < 0:
        raise errors.invalid(
            f"Computed output size would be negative: {count} "
            f"[input_size: {size}, effective_filter_size: {reach}, stride: {stride}]"
        )
    return count
