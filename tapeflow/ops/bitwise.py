"""Bits of integers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.tensor import Array
from .arithmetic import SIGNED, UNSIGNED
from .common import elementwise, elementwise2

_INTEGERS: Any = {"T": SIGNED + UNSIGNED}

invert = elementwise(
    "Invert", "invert", None,
    """All bits flipped.

    >>> print(tf.bitwise.invert([0, 5]))
    tf.Tensor([-1 -6], shape=(2,), dtype=int32)
    """,
    **_INTEGERS,
)  # fmt: skip
bitwise_and = elementwise2(
    "BitwiseAnd", "bitwise_and", None,
    """The bits that are set in both.

    >>> print(tf.bitwise.bitwise_and([12, 10], 6))
    tf.Tensor([4 2], shape=(2,), dtype=int32)
    """,
    **_INTEGERS,
)  # fmt: skip
bitwise_or = elementwise2(
    "BitwiseOr", "bitwise_or", None,
    """The bits that are set in one of them, or both.

    >>> print(tf.bitwise.bitwise_or([12, 10], 6))
    tf.Tensor([14 14], shape=(2,), dtype=int32)
    """,
    **_INTEGERS,
)  # fmt: skip
bitwise_xor = elementwise2(
    "BitwiseXor", "bitwise_xor", None,
    """The bits that are set in just one of them.

    >>> print(tf.bitwise.bitwise_xor([12, 10], 6))
    tf.Tensor([10 12], shape=(2,), dtype=int32)
    """,
    **_INTEGERS,
)  # fmt: skip


def _shift(function: str) -> Callable[..., Array]:
    """Shifts by 0 to all bits but one, whatever `y` says: more or less would be undefined."""
    return lambda xp, x, y: getattr(xp, function)(x, xp.clip(y, 0, 8 * x.dtype.itemsize - 1))


left_shift = elementwise2(
    "LeftShift", _shift("left_shift"), None,
    """The bits of `x` moved up by `y`, zeros coming in.

    >>> print(tf.bitwise.left_shift([1, 3], [4, 1]))
    tf.Tensor([16  6], shape=(2,), dtype=int32)
    """,
    **_INTEGERS,
)  # fmt: skip
right_shift = elementwise2(
    "RightShift", _shift("right_shift"), None,
    """The bits of `x` moved down by `y`; the sign stays.

    >>> print(tf.bitwise.right_shift([16, -16], 2))
    tf.Tensor([ 4 -4], shape=(2,), dtype=int32)
    """,
    **_INTEGERS,
)  # fmt: skip
