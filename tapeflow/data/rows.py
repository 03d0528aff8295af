"""Datasets that are rows of arrays in some order: then shuffling moves numbers, and a batch is one `take`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from .elements import Flat


class Table(Protocol):
    """Rows that can be read by their numbers."""

    def __len__(self) -> int:
        """How many rows there are."""

    def row(self, number: int) -> Flat:
        """One row."""

    def take(self, numbers: Sequence[int]) -> Flat:
        """Several rows, stacked."""


def rows_of(array: Any) -> Iterable[Any]:
    """The rows of an array: arrays, or NumPy's scalars; of strings arrays too."""
    return array if array.dtype.char != "O" or array.ndim > 1 else (array[i, ...] for i in range(len(array)))


class Slices:
    """The rows of arrays of one length."""

    def __init__(self, arrays: Sequence[Any]) -> None:
        self.arrays = arrays

    def __len__(self) -> int:
        return len(self.arrays[0])

    def row(self, number: int) -> Flat:
        """One row."""
        return tuple([array[number, ...] if array.dtype.char == "O" else array[number] for array in self.arrays])

    def take(self, numbers: Sequence[int]) -> Flat:
        """Several rows, stacked; without a copy if they follow each other."""
        first, count = numbers[0], len(numbers)
        if numbers[-1] - first == count - 1 and numbers == list(range(first, first + count)):
            return tuple([array[first : first + count] for array in self.arrays])
        at = np.array(numbers)
        return tuple([array.take(at, axis=0) for array in self.arrays])


class Numbers:
    """The numbers of a range."""

    def __init__(self, numbers: range, dtype: Any) -> None:
        self.numbers, self.dtype = numbers, dtype

    def __len__(self) -> int:
        return len(self.numbers)

    def row(self, number: int) -> Flat:
        return (np.array(self.numbers[number], self.dtype),)

    def take(self, numbers: Sequence[int]) -> Flat:
        at = np.array(numbers, np.int64)
        return ((at * self.numbers.step + self.numbers.start).astype(self.dtype),)


class Computed:
    """A function of the rows of a table, which does many at once as it does one."""

    def __init__(self, table: Table, one: Callable[..., Flat], many: Callable[..., Flat]) -> None:
        self.table, self.one, self.many = table, one, many

    def __len__(self) -> int:
        return len(self.table)

    def row(self, number: int) -> Flat:
        return self.one(*self.table.row(number))

    def take(self, numbers: Sequence[int]) -> Flat:
        return self.many(*self.table.take(numbers))
