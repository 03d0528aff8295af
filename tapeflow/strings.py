"""`tf.strings`: functions of strings."""

from __future__ import annotations

from .ops.printing import format as format
from .ops.regular_expressions import regex_full_match as regex_full_match
from .ops.regular_expressions import regex_replace as regex_replace
from .ops.strings import as_string as as_string
from .ops.strings import join as join
from .ops.strings import length as length
from .ops.strings import lower as lower
from .ops.strings import reduce_join as reduce_join
from .ops.strings import strip as strip
from .ops.strings import substr as substr
from .ops.strings import to_number as to_number
from .ops.strings import upper as upper
