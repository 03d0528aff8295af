"""tf.slice: a part of a tensor, by where it begins and its sizes."""

from __future__ import annotations

from typing import Any

from ..base import errors
from ..base.shapes import Shape, show
from ..core.convert import convert
from ..core.op import OPS, op
from ..core.tensor import Array, Tensor, TensorLike
from .common import shape_of
from .indexing import Sizes, form_of, refuse_floats, strided_slice_grad
from .layout import is_negative


def _slice_shape(x: Shape, begin: Sizes | None, size: Sizes | None) -> Shape:
    forms = [form_of(value) for value in (begin, size) if value is not None]
    if len(forms) == 2 and x is not None and forms != [(len(x),)] * 2:
        raise errors.invalid(
            f"Expected begin and size arguments to be 1-D tensors of size {len(x)}, "
            f"but got shapes {show(forms[0])} and {show(forms[1])} instead."
        )
    if size is not None and (x is None or begin is None):
        return tuple(None if is_negative(n) else n for n in size)
    if x is None:
        return None if not forms or len(forms[0]) != 1 else (None,) * forms[0][0]
    if begin is None or size is None:
        return (None,) * len(x)
    return tuple(_slice_dimension(i, *entry) for i, entry in enumerate(zip(x, begin, size, strict=True)))


def _slice_dimension(i: int, have: int | None, begin: int | None, size: int | None) -> int | None:
    if type(have) is not int or type(begin) is not int or type(size) is not int:
        if type(size) is not int or size != -1:
            return size
        return None if have is None or begin is None else have - begin
    if not 0 <= begin <= have:
        raise errors.invalid(f"Expected begin[{i}] in [0, {have}], but got {begin}")
    if size == -1:
        return have - begin
    if not 0 <= size <= have - begin:
        raise errors.invalid(f"Expected size[{i}] in [0, {have - begin}], but got {size}")
    return size


@op("Slice", "input:T, begin:Index, size:Index -> output:T", shape=_slice_shape, static=("begin", "size"))
def slice_op(xp: Any, x: Array, begin: Sizes, size: Sizes) -> Array:
    sizes: Any = _slice_shape(x.shape, begin, size)
    return x[(*[slice(b, b + n) for b, n in zip(begin, sizes, strict=True)], ...)]


@slice_op.gradient
def _(g: Any, _output: Any, x_shape: Any, begin: Sizes, _size: Any) -> Any:
    sizes = shape_of(g)
    if type(begin) is tuple and type(sizes) is tuple:
        ends: Any = tuple([b + n for b, n in zip(begin, sizes, strict=True)])
        return strided_slice_grad(x_shape, begin, ends, (1,) * len(ends), g), None, None
    ends = OPS["AddV2"](begin, OPS["Cast"](OPS["Shape"](g), DstT=convert(begin).dtype))
    return strided_slice_grad(x_shape, begin, ends, OPS["OnesLike"](ends), g), None, None


def slice_(input_: TensorLike, begin: TensorLike, size: TensorLike, name: str | None = None) -> Tensor:
    """The part of `input_` that starts at `begin` and has the shape `size`.

    Args:
      input_: a Tensor of rank n.
      begin: n integers, where the part starts in each dimension.
      size: n integers, its sizes; -1 takes all that is left of the dimension.
      name: a name for the operation.

    Raises:
      InvalidArgumentError: if the part does not lie within `input_`.

    >>> print(tf.slice([10, 20, 30], [1], [-1]))
    tf.Tensor([20 30], shape=(2,), dtype=int32)
    """
    refuse_floats("int32, int64", "Slice", begin, size)
    return slice_op(input_, begin, size, name=name)  # type: ignore[no-any-return]
