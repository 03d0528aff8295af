"""The wire format of protocol buffers, as far as records of examples and tensors need it, without the library."""

from __future__ import annotations

from collections.abc import Iterator

Value = int | tuple[int, int]

_SIZES = {1: 8, 5: 4}


class WireError(ValueError):
    """The bytes are no message."""


def varint(value: int) -> bytes:
    """An integer, seven bits a byte; of a negative one 64 bits.

    >>> varint(300)
    b'\\xac\\x02'
    """
    if 0 <= value < 128:
        return bytes((value,))
    value &= 0xFFFFFFFFFFFFFFFF
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def field(number: int, data: bytes) -> bytes:
    """A field of bytes: text, a message, packed numbers.

    >>> field(1, b"ab")
    b'\\n\\x02ab'
    """
    return varint(number << 3 | 2) + varint(len(data)) + data


def read_varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The integer that begins at `at`, and where it ends.

    Raises:
      WireError: if it does not end before `end`.
    """
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
    raise WireError(f"no integer at byte {at}")


def fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, Value]]:
    """The fields of a message: number, wire type, and the integer, or where the bytes begin and end.

    Raises:
      WireError: if it is none.
    """
    while at < end:
        key = data[at]
        at += 1
        if key > 127:
            key, at = read_varint(data, at - 1, end)
        kind = key & 7
        if kind == 0:
            value, at = read_varint(data, at, end)
            yield key >> 3, 0, value
            continue
        if kind == 2:
            size = data[at] if at < end else 128
            at += 1
            if size > 127:
                size, at = read_varint(data, at - 1, end)
        else:
            size = _SIZES.get(kind, end + 1)
        if key < 8 or at + size > end:
            raise WireError(f"no field at byte {at}")
        yield key >> 3, kind, (at, at + size)
        at += size
