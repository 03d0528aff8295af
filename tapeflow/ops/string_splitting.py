"""Strings divided into parts, and parts joined to n-grams.

The ops say in flat tensors what the functions of `string_ragged.py` give as ragged ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.shapes import Shape
from ..core import types
from ..core.op import op
from ..core.tensor import Array
from .common import only_host

_BYTES = np.array([*(bytes([code]) for code in range(256)), None], object)[:256]


def _vector_and_scalar(input: Shape, other: Shape, label: str) -> tuple[Shape, Shape, Shape]:
    if input is not None and len(input) != 1:
        raise errors.invalid(f"input must be a vector, got shape: {shapes.show(input)}")
    if other:
        raise errors.invalid(f"{label} must be a scalar, got shape: {shapes.show(other)}")
    return (None, 2), (None,), (2,)


def _sparse(rows: Sequence[Sequence[Any]], values: Array | None = None) -> tuple[Array, Array, Array]:
    """Lists of strings as a sparse tensor: where each one stands, all of them, and the dense shape."""
    counts = np.fromiter(map(len, rows), np.int64, len(rows))
    total = int(counts.sum())
    starts = np.cumsum(counts) - counts
    indices = np.empty((total, 2), np.int64)
    indices[:, 0] = np.repeat(np.arange(len(rows)), counts)
    indices[:, 1] = np.arange(total) - np.repeat(starts, counts)
    if values is None:
        values = np.empty(total, object)
        values[:] = [part for row in rows for part in row]
    return indices, values, np.array([len(rows), counts.max(initial=0)], np.int64)


@op(
    "StringSplitV2", "input:string, sep:string -> indices:int64, values:string, shape:int64",
    shape=lambda input, sep, **_attrs: _vector_and_scalar(input, sep, "sep"), differentiable=False,
)  # fmt: skip
def string_split_v2(xp: Any, input: Array, sep: Array, *, maxsplit: int = -1) -> tuple[Array, Array, Array]:
    _vector_and_scalar(input.shape, sep.shape, "sep")
    return _sparse([_split(text, sep[()], maxsplit) for text in input])


def _split(text: bytes, sep: bytes, maxsplit: int) -> list[bytes]:
    if not maxsplit:
        return [text]
    parts = text.split(sep or None, maxsplit)
    # At white space, the rest after so many parts counts even if nothing is left.
    return [*parts, b""] if not sep and len(parts) == maxsplit else parts


@op(
    "StringSplit", "input:string, delimiter:string -> indices:int64, values:string, shape:int64",
    shape=lambda input, delimiter, **_attrs: _vector_and_scalar(input, delimiter, "delimiter"), differentiable=False,
)  # fmt: skip
def string_split(xp: Any, input: Array, delimiter: Array, *, skip_empty: bool = True) -> tuple[Array, Array, Array]:
    _vector_and_scalar(input.shape, delimiter.shape, "delimiter")
    marks = delimiter[()]
    if not marks:
        texts = input.tolist()
        return _sparse(texts, _BYTES[np.frombuffer(b"".join(texts), np.uint8)])
    table = bytes.maketrans(marks, marks[:1] * len(marks))  # all delimiters as the first

    def parts(text: bytes) -> list[bytes]:
        if not text:
            return []
        ends = text.translate(table).split(marks[:1])
        found, at = [], 0
        for end in ends:
            found.append(text[at : at + len(end)])
            at += len(end) + 1
        return [part for part in found if part] if skip_empty else found

    return _sparse([parts(text) for text in input])


# ---------------------------------------------------------------- n-grams


def _ngrams_shape(data: Shape, data_splits: Shape, **_attrs: Any) -> tuple[Shape, Shape]:
    return (None,), data_splits


@op(
    "StringNGrams", "data:string, data_splits:Tsplits -> ngrams:string, ngrams_splits:Tsplits",
    Tsplits=types.INDICES, shape=_ngrams_shape, differentiable=False,
)  # fmt: skip
def string_ngrams(
    xp: Any,
    data: Array,
    data_splits: Array,
    *,
    separator: str,
    ngram_widths: Sequence[int],
    left_pad: str,
    right_pad: str,
    pad_width: int,
    preserve_short_sequences: bool,
) -> tuple[Array, Array]:
    if any(width < 1 for width in ngram_widths):
        raise errors.invalid("ngram_widths must contain positive values")
    if preserve_short_sequences and not ngram_widths and pad_width < 0:
        without = "when preserve_short_sequences is True and ngram_widths are not provided"
        raise errors.invalid(f"Pad width should be >= 0 {without}, got {pad_width}")
    _check_splits(data.size, data_splits.ravel())
    sep, left, right = separator.encode(), [left_pad.encode()], [right_pad.encode()]
    pads = [width - 1 if pad_width < 0 else min(pad_width, width - 1) for width in ngram_widths]

    def of_width(row: list[bytes], width: int, pad: int) -> list[bytes]:
        padded = [*left * pad, *row, *right * pad]
        return [sep.join(padded[i : i + width]) for i in range(len(padded) - width + 1)]

    def of_row(row: list[bytes]) -> list[bytes]:
        grams = [gram for width, pad in zip(ngram_widths, pads, strict=True) for gram in of_width(row, width, pad)]
        if grams or not row or not preserve_short_sequences:
            return grams
        pad = max(pad_width, 0)
        return of_width(row, len(row) + 2 * pad, pad)

    texts, splits = data.ravel().tolist(), data_splits.ravel().tolist()
    rows = [of_row(texts[start:end]) for start, end in itertools.pairwise(splits)]
    ngrams = np.empty(sum(map(len, rows)), object)
    ngrams[:] = [gram for row in rows for gram in row]
    ends = np.cumsum([0, *map(len, rows)], dtype=data_splits.dtype)[: len(splits)]
    return ngrams, ends.reshape(data_splits.shape)


def _check_splits(size: int, splits: Array) -> None:
    if not splits.size:
        return
    if splits[0] != 0:
        raise errors.invalid(f"First split value must be 0, got {splits[0]}")
    for low, high in itertools.pairwise(splits):
        if not low <= high <= size:
            raise errors.invalid(f"Invalid split value {high}, must be in [{low}, {size}]")
    if splits[-1] != size:
        raise errors.invalid(f"Last split value must be data size. Expected {size}, got {splits[-1]}")


only_host(string_split_v2, string_split, string_ngrams)
