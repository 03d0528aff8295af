"""Lines of comma-separated values as columns: `tf.io.decode_csv`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import DType
from ..base.shapes import Shape
from ..core.convert import convert
from ..core.op import op
from ..core.tensor import Array, Tensor
from .common import only_host

_DTYPES = (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.string)
_HEX = re.compile(rb"[+-]?0[xX]")


def _fields(line: bytes, delimiter: bytes, quotes: bool, chosen: list[int]) -> list[bytes]:
    """The fields of a line, or the chosen ones."""
    if not quotes or b'"' not in line:
        if quotes and (b"\n" in line or b"\r" in line):
            raise errors.invalid("Unquoted fields cannot have quotes/CRLFs inside")
        parts = line.split(delimiter) if line else []
    else:
        parts = _quoted_fields(line, delimiter)
    return [parts[i] for i in chosen if i < len(parts)] if chosen else parts


def _quoted_fields(line: bytes, delimiter: bytes) -> list[bytes]:
    parts, at = [], 0
    while at <= len(line):
        if line[at : at + 1] == b'"':
            text, at = _quoted(line, at + 1, delimiter)
        else:
            end = line.find(delimiter, at)
            end = len(line) if end < 0 else end
            text, at = line[at:end], end
            if re.search(rb'["\r\n]', text):
                raise errors.invalid("Unquoted fields cannot have quotes/CRLFs inside")
        parts.append(text)
        at += 1
    return parts


def _quoted(line: bytes, at: int, delimiter: bytes) -> tuple[bytes, int]:
    """The text up to the closing quote, two quotes being one, and where the field ends."""
    text = bytearray()
    while True:
        end = line.find(b'"', at)
        if end < 0:
            raise errors.invalid("Quoted field has to end with quote followed by delim or end")
        text += line[at:end]
        after = line[end + 1 : end + 2]
        if after == b'"':
            text += after
            at = end + 2
        elif after in (b"", delimiter):
            return bytes(text), end + 1
        else:
            raise errors.invalid("Quote inside a string has to be escaped by another quote")


def _integer(low: int, high: int) -> Callable[[bytes], int]:
    def parse(text: bytes) -> int:
        if b"_" in text:
            raise ValueError
        value = int(text)
        if not low <= value <= high:
            raise ValueError
        return value

    return parse


def _real(text: bytes) -> float:
    if b"_" in text:
        raise ValueError
    return float.fromhex(text.decode()) if _HEX.match(text.strip()) else float(text)


_PARSERS: dict[DType, Callable[[bytes], Any]] = {
    dtypes.int32: _integer(-(2**31), 2**31 - 1),
    dtypes.int64: _integer(-(2**63), 2**63 - 1),
    dtypes.float32: _real,
    dtypes.float64: _real,
    dtypes.string: lambda text: text,
}


def _columns(records: Shape, *defaults: Any, **_attrs: Any) -> tuple[Shape, ...]:
    return (records,) * len(defaults)


@op(
    "DecodeCSV", "records:string, record_defaults:N*OUT_TYPE -> output:N*OUT_TYPE", OUT_TYPE=_DTYPES, shape=_columns,
    differentiable=False,
)  # fmt: skip
def _decode_csv(
    xp: Any, records: Array, *record_defaults: Array, field_delim: str = ",", use_quote_delim: bool = True,
    na_value: str = "", select_cols: list[int] = [], OUT_TYPE: Any = None,  # noqa: B006 - as TensorFlow has it
) -> tuple[Array, ...]:  # fmt: skip
    for i, default in enumerate(record_defaults):
        if default.ndim > 1:
            raise errors.invalid("Each record default should be at most rank 1")
        if default.size > 1:
            raise errors.invalid(f"There should only be 1 default per field but field {i} has {default.size}")
    delimiter, missing = field_delim.encode(), {b"", na_value.encode()}
    count = len(record_defaults)
    rows = []
    for number, line in enumerate(records.reshape(-1).tolist()):
        parts = _fields(line, delimiter, use_quote_delim, select_cols)
        if len(parts) != count:
            raise errors.invalid(f"Expect {count} fields but have {len(parts)} in record {number}")
        rows.append(parts)
    columns = zip(*rows) if rows else [()] * count
    return tuple(
        _column(i, column, default, missing).reshape(records.shape)
        for i, (column, default) in enumerate(zip(columns, record_defaults))
    )


def _column(i: int, texts: Any, default: Array, missing: set[bytes]) -> Array:
    dtype = dtypes.of(default)
    parse = _PARSERS[dtype]
    if not missing.isdisjoint(texts):
        if not default.size:
            number = next(n for n, text in enumerate(texts) if text in missing)
            raise errors.invalid(f"Field {i} is required but missing in record {number}!")
        value = default.reshape(-1)[0]
        inner = parse
        parse = lambda text: value if text in missing else inner(text)
    column = np.empty(len(texts), dtype.numpy)
    for number, text in enumerate(texts):
        try:
            column[number] = parse(text)
        except ValueError:
            shown = text.decode(errors="replace")
            message = f"Field {i} in record {number} is not a valid {dtype.cpp_name}: {shown}"
            raise errors.invalid(message) from None
    return column


_decode_csv.mixed = True
only_host(_decode_csv)


def decode_csv(
    records: Any,
    record_defaults: Any,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: Any = None,
    name: str | None = None,
) -> list[Tensor]:
    """The columns of lines of comma-separated values.

    Args:
      records: the lines, strings of any shape.
      record_defaults: for each column a tensor of its dtype: float32, float64, int32, int64 or string. Its element, if
        it has one, stands for a value that is missing; otherwise none may be.
      field_delim: the character between two values.
      use_quote_delim: whether values may stand in double quotes.
      na_value: a text that says that a value is missing, besides the empty one.
      select_cols: the numbers of the columns wanted, ascending; by default all.
      name: a name for the operation, optional.

    Returns:
      A tensor for each column, of the shape of `records`.

    Raises:
      ValueError: if `select_cols` is not ascending, or of another length than `record_defaults`.
      InvalidArgumentError: if a line has another number of values, or one that is not of the dtype.

    >>> for column in tf.io.decode_csv(["1,a", "2,"], [[0], ["?"]]):
    ...     print(column.numpy())
    [1 2]
    [b'a' b'?']
    """
    chosen = [] if select_cols is None else list(select_cols)
    if any(a >= b for a, b in itertools.pairwise(chosen)):
        raise ValueError("select_cols is not strictly increasing.")
    if chosen and chosen[0] < 0:
        raise ValueError("select_cols contains negative values.")
    if chosen and len(chosen) != len(record_defaults):
        raise ValueError("Length of select_cols and record_defaults do not match.")
    if len(field_delim) != 1:
        raise errors.invalid("field_delim should be only 1 char")
    defaults = [convert(default) for default in record_defaults]
    return _decode_csv(  # type: ignore[no-any-return]
        convert(records, dtypes.string), *defaults, field_delim=field_delim, use_quote_delim=use_quote_delim,
        na_value=na_value, select_cols=chosen, OUT_TYPE=[default.dtype for default in defaults], name=name,
    )  # fmt: skip
