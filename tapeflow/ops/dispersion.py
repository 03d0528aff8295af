"""What is made of reductions: variances, counts."""

from __future__ import annotations

from ..base import dtypes
from ..base.dtypes import DTypeLike, as_dtype
from ..core.convert import convert
from ..core.registry import OPS
from ..core.tensor import Tensor, TensorLike
from .reduction import Axis, reduce_mean, reduce_sum


def reduce_variance(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The mean of the squared distance from the mean along axes, real for complex input; see `reduce_sum`.

    Raises:
      TypeError: for integers.

    >>> tf.math.reduce_variance([[1.0, 2.0], [3.0, 5.0]], axis=1).numpy()
    array([0.25, 1.  ], dtype=float32)
    """
    x = convert(input_tensor)
    mean = reduce_mean(x, axis, keepdims=True)
    if mean.dtype.is_integer:
        raise TypeError(f"Input must be either real or complex. Received integer type {mean.dtype}.")
    far = x - mean
    if far.dtype.is_complex:
        return reduce_mean(OPS["Real"](far * OPS["Conj"](far), Tout=far.dtype.real_dtype), axis, keepdims)
    return reduce_mean(OPS["Square"](far), axis, keepdims)


def reduce_std(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The square root of `reduce_variance`.

    >>> tf.math.reduce_std([[1.0, 2.0], [3.0, 5.0]], axis=1).numpy()
    array([0.5, 1. ], dtype=float32)
    """
    return OPS["Sqrt"](reduce_variance(input_tensor, axis, keepdims))  # type: ignore[no-any-return]


def count_nonzero(
    input: TensorLike,
    axis: Axis = None,
    keepdims: bool = False,
    dtype: DTypeLike = dtypes.int64,
    name: str | None = None,
) -> Tensor:
    """How many elements along axes are not zero, False or empty strings; see `reduce_sum`.

    >>> tf.math.count_nonzero([[0, 1, 2], [0, 0, 3]], axis=1).numpy()
    array([2, 1])
    """
    x = convert(input)
    zero = b"" if x.dtype == dtypes.string else OPS["Cast"](0, DstT=x.dtype)
    unequal = OPS["Cast"](OPS["NotEqual"](x, zero), DstT=dtypes.int64)
    return OPS["Cast"](reduce_sum(unequal, axis, keepdims), DstT=as_dtype(dtype))  # type: ignore[no-any-return]


def zero_fraction(value: TensorLike, name: str | None = None) -> Tensor:
    """Which part of the elements is zero: a float32 scalar, NaN of an empty tensor.

    >>> tf.math.zero_fraction([0.0, 1.0, 0.0, 3.0]).numpy()
    np.float32(0.5)
    """
    x = convert(value)
    total = OPS["Cast"](OPS["Size"](x, out_type=dtypes.int64), DstT=dtypes.float32)
    return 1.0 - OPS["Cast"](count_nonzero(x), DstT=dtypes.float32) / total  # type: ignore[no-any-return]
