"""The sets of dtypes that ops allow, in the order in which TensorFlow lists them."""

from __future__ import annotations

from ..base.dtypes import (
    bfloat16,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    qint8,
    qint16,
    qint32,
    quint8,
    quint16,
    uint8,
    uint16,
    uint32,
    uint64,
)

FLOATS = (bfloat16, float16, float32, float64)
COMPLEX = (complex64, complex128)
FLOATS_AND_COMPLEX = FLOATS + COMPLEX
INTEGERS = (int8, int16, int32, int64, uint8, uint16, uint32, uint64)
INDICES = (int32, int64)
# TensorFlow's `numbertype` and `realnumbertype`.
NUMBERS = (
    float32, float64, int32, uint8, int16, int8, complex64, int64, qint8, quint8, qint32, bfloat16, qint16, quint16,
    uint16, complex128, float16, uint32, uint64,
)  # fmt: skip
REALS = (float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64)
