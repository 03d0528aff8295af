"""The value of a `tf.TensorArray` in a graph on the host: a list of arrays that does not change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .opaque import Opaque


class TensorList(Opaque):
    """A list of arrays, None where nothing was written. `set` gives a new list, in constant time.

    The newest of the lists that were made from one another has the items; an older one knows in which item it differs
    from the next newer one. To read an older one the items are moved to it (H. Baker, "Shallow binding makes
    functional arrays fast", 1991). A program that goes on with the list that it wrote last never does that.

    Args:
      items: arrays and Nones.
    """

    __slots__ = ("_difference", "_items")

    def __init__(self, items: Iterable[Any]) -> None:
        self._items: list[Any] | None = list(items)
        self._difference: tuple[int, Any, TensorList] | None = None

    def items(self) -> list[Any]:
        """The items; not to be changed."""
        if self._items is None:
            path: list[TensorList] = []
            at = self
            while at._items is None:
                path.append(at)
                at = at._difference[2]  # type: ignore[index]
            for older in reversed(path):
                older._take_over()
        return self._items  # type: ignore[return-value]

    def _take_over(self) -> None:
        index, value, newer = self._difference  # type: ignore[misc]
        items = newer._items
        newer._difference = index, items[index], self  # type: ignore[index]
        newer._items = None
        items[index] = value  # type: ignore[index]
        self._items, self._difference = items, None

    def set(self, index: int, value: Any) -> TensorList:
        """The list with another item."""
        items = self.items()
        new = TensorList.__new__(TensorList)
        new._items, new._difference = items, None
        self._items, self._difference = None, (index, items[index], new)
        items[index] = value
        return new

    def __len__(self) -> int:
        return len(self.items())
