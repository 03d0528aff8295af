"""What a dataset is inside: the structure of its elements, how a pass over it begins, and how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .elements import Structure
from .passes import Start
from .rows import Slices, Table, rows_of

INFINITE = -1
UNKNOWN = -2


class Source:
    """Elements that can be gone through again and again.

    Args:
      kind: its name, as TensorFlow prints it.
      structure: of its elements.
      start: begins a pass: an iterator over flat elements.
      count: how many elements there are; INFINITE or UNKNOWN.
      table: what has the elements as rows, if something has, and
      numbers: begins a pass over their numbers.
    """

    def __init__(
        self,
        kind: str,
        structure: Structure,
        start: Start,
        count: int,
        table: Table | None = None,
        numbers: Start | None = None,
    ) -> None:
        self._kind, self._structure, self._start, self._count = kind, structure, start, count
        self._table, self._numbers = table, numbers
        self._in_order = False  # whether its elements are all rows of its table, in their order

    @classmethod
    def of_table(
        cls, kind: str, structure: Structure, table: Table, numbers: Start | None = None, count: int | None = None
    ) -> Source:
        """Rows of a table: all in order, or those with these numbers."""
        order = numbers if numbers is not None else lambda: iter(range(len(table)))
        begin: Start = lambda: map(table.row, order())
        if numbers is None and isinstance(table, Slices):
            begin = lambda: zip(*map(rows_of, table.arrays))
        made = cls(kind, structure, begin, len(table) if count is None else count, table, order)
        made._in_order = numbers is None
        return made

    def _chosen(self, kind: str, choose: Callable[[Start], Iterator[Any]], count: int) -> Source:
        """The same elements, chosen and ordered by `choose`, which makes a pass of the way to begin one."""
        if self._table is not None and self._numbers is not None:
            numbers = self._numbers
            return Source.of_table(kind, self._structure, self._table, lambda: choose(numbers), count)
        return Source(kind, self._structure, lambda: choose(self._start), count)
