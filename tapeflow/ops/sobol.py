"""Sobol's points, which fill a cube evenly."""

from __future__ import annotations

from typing import Any

from ..base import dtypes, errors
from ..base.dtypes import DType
from ..base.extras import need
from ..base.shapes import Shape
from ..core.op import op
from ..core.tensor import Array, Tensor
from .common import only_host
from .sorting import check_index_type

_MOST = 2**31 - 1


def _shape(dim: Any, num_results: Any, skip: Any, *, dtype: DType = dtypes.float32) -> Shape:
    for name, value in (("dim", dim), ("num_results", num_results), ("skip", skip)):
        if isinstance(value, tuple):
            raise errors.invalid(f"{name} must be a scalar")
    if type(dim) is int and dim < 1:
        raise errors.invalid("dim must be at least one")
    if type(dim) is int and dim > 21200:
        raise errors.invalid("dim must be at most 21200")
    if type(num_results) is int and num_results < 1:
        raise errors.invalid("num_results must be at least one")
    if type(skip) is int and skip < 0:
        raise errors.invalid("skip must be non-negative")
    if type(num_results) is int and type(skip) is int and num_results + skip >= _MOST:
        raise errors.invalid(f"num_results+skip must be less than {_MOST}")
    return num_results, dim


@op(
    "SobolSample", "dim:int32, num_results:int32, skip:int32 -> samples:dtype", shape=_shape,
    static=("dim", "num_results", "skip"), differentiable=False,
)  # fmt: skip
def _sobol_sample(xp: Any, dim: int, num_results: int, skip: int, *, dtype: DType = dtypes.float32) -> Array:
    check_index_type("dtype", dtype, dtypes.float32, dtypes.float64)
    _shape(dim, num_results, skip)
    points = need("scipy.stats.qmc", "scipy", "tf.math.sobol_sample").Sobol(dim, scramble=False, bits=32)
    points.fast_forward(skip + 1)  # the first point is 0
    return xp.asarray(points.random(num_results), dtype.numpy)


only_host(_sobol_sample)


def sobol_sample(
    dim: Any, num_results: Any, skip: Any = 0, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """Points of Sobol's sequence, without the first, which is 0.

    Args:
      dim: how many numbers a point has, up to 21,200.
      num_results: how many points.
      skip: how many points to leave out before.
      dtype: float32 or float64.
      name: not used.

    Returns:
      Numbers from 0 to 1, of shape `[num_results, dim]`.

    Raises:
      InvalidArgumentError: a number is out of range.

    >>> print(tf.math.sobol_sample(2, 3))
    tf.Tensor(
    [[0.5  0.5 ]
     [0.75 0.25]
     [0.25 0.75]], shape=(3, 2), dtype=float32)
    """
    return _sobol_sample(dim, num_results, skip, dtype=dtypes.as_dtype(dtype), name=name)  # type: ignore[no-any-return]
