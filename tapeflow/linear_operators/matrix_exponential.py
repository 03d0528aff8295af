"""The exponential of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import DType
from ..core.convert import convert
from ..core.registry import OPS
from ..core.tensor import Tensor, TensorLike
from ..graph.control import while_loop
from ..ops.common import select
from ..ops.matmul import matmul
from ..ops.matrix_diag import diag_part, set_diag
from ..ops.reduction import reduce_max, reduce_sum

# The coefficients of the Pade approximants, from the constant on; the denominator's alternate in sign.
_PADE = {
    3: (120, 60, 12, 1),
    5: (30240, 15120, 3360, 420, 30, 1),
    7: (17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1),
    9: (17643225600, 8821612800, 2075673600, 302702400, 30270240, 2162160, 110880, 3960, 90, 1),
    13: (
        64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
        670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
    ),
}  # fmt: skip
# Up to which norm each degree is enough; beyond the last, the matrix is halved that often.
_SINGLE = ((3, 4.258730016922831e-1), (5, 1.880152677804762), (7, 3.925724783138660))
_DOUBLE = (
    (3, 1.495585217958292e-2), (5, 2.539398330063230e-1), (7, 9.504178996162932e-1), (9, 2.097847961257068),
    (13, 5.371920351148152),
)  # fmt: skip


def expm(input: TensorLike, name: str | None = None) -> Tensor:
    """The exponential of matrices, the sum of all `x^k / k!`, by scaling and squaring.

    Args:
      input: floats or complex numbers of shape `[..., n, n]`.
      name: of the operation.

    Returns:
      A Tensor of the shape of `input`; NaN where there are NaNs or infinities.

    Raises:
      ValueError: for other dtypes.

    >>> tf.linalg.expm([[0.0, 1.0], [0.0, 0.0]]).numpy()
    array([[1., 1.],
           [0., 1.]], dtype=float32)
    """
    x = convert(input)
    if x.shape[-2:] == [0, 0]:
        return x
    steps = _steps(x.dtype)
    size = reduce_max(reduce_sum(OPS["ComplexAbs"](x, Tout=x.dtype.real_dtype) if x.dtype.is_complex else OPS["Abs"](x),
                                 -2), -1)  # fmt: skip
    size = OPS["ExpandDims"](OPS["ExpandDims"](size, -1), -1)
    finite = OPS["IsFinite"](size)
    zero = OPS["ZerosLike"](size)
    halvings = OPS["Ceil"](OPS["Log"](size / steps[-1][1]) * float(1 / np.log(2.0)))
    halvings = select(finite, OPS["Maximum"](halvings, zero), zero)
    result = _approximated(x, size, finite, halvings, steps)
    return OPS["Identity"](_squared(result, halvings), name=name)  # type: ignore[no-any-return]


def _steps(dtype: DType) -> tuple[tuple[int, float], ...]:
    if dtype in (dtypes.float16, dtypes.float32, dtypes.complex64):
        return _SINGLE
    if dtype in (dtypes.float64, dtypes.complex128):
        return _DOUBLE
    raise ValueError(f"tf.linalg.expm does not support matrices of type <dtype: '{dtype.name}'>")


def _approximated(x: Any, size: Any, finite: Any, halvings: Any, steps: tuple[tuple[int, float], ...]) -> Any:
    """The exponential of the matrices, halved as often as is said; each by the least degree that is enough."""
    halved = x / OPS["Cast"](OPS["Pow"](OPS["OnesLike"](halvings) * 2.0, halvings), DstT=x.dtype)
    eye = set_diag(OPS["ZerosLike"](x), OPS["OnesLike"](diag_part(x)))
    degrees = [degree for degree, _ in steps]
    odd, even = _parts(halved, eye, degrees[-1])
    for degree, limit in reversed(steps[:-1]):
        small = size < limit
        odd, even = (select(small, a, b) for a, b in zip(_parts(x, eye, degree), (odd, even)))
    below = select(finite, even - odd, eye)
    return select(finite, OPS["MatrixSolve"](below, even + odd), OPS["Cast"](np.nan, DstT=x.dtype))


def _parts(x: Any, eye: Any, degree: int) -> tuple[Any, Any]:
    """The odd and the even powers of the numerator."""
    coefficients = [float(c) for c in _PADE[degree]]
    powers = [eye, matmul(x, x)]
    for _ in range(2, min(degree // 2, 3) + 1):
        powers.append(matmul(powers[-1], powers[1]))
    if degree == 9:
        powers.append(matmul(powers[3], powers[1]))
    return matmul(x, _polynomial(powers, coefficients[1::2])), _polynomial(powers, coefficients[::2])


def _polynomial(powers: list[Any], coefficients: list[float]) -> Any:
    """A polynomial of the square, of which the first powers are given."""
    count = len(powers)
    low = _weighted(powers, coefficients[:count])
    if len(coefficients) <= count:
        return low
    return low + matmul(powers[-1], _weighted(powers[1:], coefficients[count:]))


def _weighted(powers: list[Any], coefficients: list[float]) -> Any:
    total = None
    for power, c in zip(powers, coefficients):
        term = power * c if c != 1 else power
        total = term if total is None else total + term
    return total


def _squared(x: Any, times: Any) -> Any:
    """Each of the matrices squared as often as is said."""
    most = reduce_max(times)

    def step(i: Any, y: Any) -> tuple[Any, Any]:
        return i + 1, select(i < times, matmul(y, y), y)

    zero = OPS["ZerosLike"](most)
    return while_loop(lambda i, _: i < most, step, (zero, x))[1]
