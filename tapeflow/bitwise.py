"""`tf.bitwise`: bits of integers."""

from __future__ import annotations

from .ops.bitwise import bitwise_and as bitwise_and
from .ops.bitwise import bitwise_or as bitwise_or
from .ops.bitwise import bitwise_xor as bitwise_xor
from .ops.bitwise import invert as invert
from .ops.bitwise import left_shift as left_shift
from .ops.bitwise import right_shift as right_shift
