"""CRC-32C (Castagnoli), the checksum of TFRecord files, with NumPy.

A checksum is linear: each byte adds a number that depends on its value and its distance from the end only. So these
numbers are looked up for all bytes of a block at once, and blocks are joined one after the other.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

_POLYNOMIAL = 0x82F63B78
_BLOCK = 1024
_MASK = 0xA282EAD8
_SHORT = 24  # for so few bytes a loop is faster


@functools.cache
def _steps() -> list[int]:
    """What a byte makes of a checksum: `_steps()[(crc ^ byte) & 255] ^ (crc >> 8)`."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1)
    return [int(x) for x in table]


@functools.cache
def _positions() -> np.ndarray[Any, Any]:
    """What a byte adds, by its place in a block, from the front, and its value; flat."""
    steps = np.array(_steps(), np.uint32)
    table = np.empty((_BLOCK, 256), np.uint32)
    table[-1] = steps
    for place in range(_BLOCK - 2, -1, -1):
        table[place] = steps[table[place + 1] & 255] ^ (table[place + 1] >> 8)
    return table.reshape(-1)


@functools.cache
def _offsets() -> np.ndarray[Any, Any]:
    return np.arange(_BLOCK, dtype=np.intp) * 256


def crc32c(data: bytes | memoryview) -> int:
    """The CRC-32C of `data`.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    crc = 0xFFFFFFFF
    if len(data) <= _SHORT:
        steps = _steps()
        for byte in data:
            crc = steps[(crc ^ byte) & 255] ^ (crc >> 8)
        return crc ^ 0xFFFFFFFF
    table, offsets = _positions(), _offsets()
    whole = np.frombuffer(data, np.uint8)
    first = len(whole) % _BLOCK or _BLOCK
    crc = _block(table, offsets, whole[:first], crc)
    for start in range(first, len(whole), _BLOCK):
        crc = _block(table, offsets, whole[start : start + _BLOCK], crc)
    return crc ^ 0xFFFFFFFF


def _block(table: np.ndarray[Any, Any], offsets: np.ndarray[Any, Any], part: np.ndarray[Any, Any], crc: int) -> int:
    """The checksum after another block: what came before is as if it were in the first four bytes."""
    index = offsets[_BLOCK - len(part) :] + part
    if len(part) >= 4:
        head = part[:4] ^ np.array([crc], "<u4").view(np.uint8)
        index[:4] = offsets[_BLOCK - len(part) :][:4] + head
        return int(np.bitwise_xor.reduce(table[index]))
    steps = _steps()
    for byte in part.tolist():
        crc = steps[(crc ^ byte) & 255] ^ (crc >> 8)
    return crc


def masked_crc32c(data: bytes | memoryview) -> int:
    """The checksum as records keep it: turned, and a number added, so that it may itself be in data that is checked.

    >>> hex(masked_crc32c(b"123456789"))
    '0xc78ab0e5'
    """
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + _MASK) & 0xFFFFFFFF
