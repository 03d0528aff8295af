"""What lookup tables are inside: a dictionary held by a tensor, and the ops that look into it and change it."""

from __future__ import annotations

from itertools import repeat
from threading import RLock
from typing import Any

import numpy as np

from ..base import errors, shapes
from ..base.dtypes import DType
from ..core.op import Op
from ..core.opaque import Held
from ..core.tensor import Array, Tensor
from ..ops.common import only_host


class Table:
    """Keys and their values.

    Args:
      key: the dtype of keys.
      value: the dtype of values.
      shape: the shape of a value.
      refused: keys that may not be used, each with the name it has in errors.
    """

    def __init__(self, key: DType, value: DType, shape: tuple[int, ...], refused: dict[Any, str] | None = None) -> None:
        self.key, self.value, self.shape = key, value, shape
        self.entries: dict[Any, Any] = {}
        self.refused = refused or {}
        self.ready = True  # a table that waits for its initializer is not
        self.lock = RLock()
        self.handle = Tensor(Held(self))

    def find(self, keys: Array, default: Array) -> Array:
        """The value of each key; the default, or that of the key's place, where there is none."""
        if not self.ready:
            raise errors.FailedPreconditionError(None, None, "Table not initialized.")
        wanted = self._allowed(keys)
        get = self.entries.get
        with self.lock:
            if default.shape == self.shape:
                found = list(map(get, wanted, repeat(default.tolist())))
            else:
                self._check(keys, default, "default_value")
                found = list(map(get, wanted, default.reshape(-1, *self.shape).tolist()))
        return self._packed(found, keys.shape)

    def insert(self, keys: Array, values: Array, once: bool = False) -> None:
        """Sets the values of keys; perhaps of none that has another value already."""
        self._check(keys, values, "value")
        wanted = self._allowed(keys)
        each = values.reshape(-1, *self.shape).tolist()
        with self.lock:
            if once:
                for key, value in zip(wanted, each):
                    self.add(key, value)
                self.ready = True
            else:
                self.entries.update(zip(wanted, each))

    def add(self, key: Any, value: Any) -> None:
        """Sets the value of a key that has none, or the same.

        Raises:
          FailedPreconditionError: if it has another.
        """
        if self.entries.setdefault(key, value) != value:
            raise errors.FailedPreconditionError(
                None, None,
                f"HashTable has different value for same key. Key {_shown(key)} has {_shown(self.entries[key])} and "
                f"trying to add value {_shown(value)}",
            )  # fmt: skip

    def remove(self, keys: Array) -> None:
        """Forgets keys."""
        wanted = self._allowed(keys)
        with self.lock:
            for key in wanted:
                self.entries.pop(key, None)

    def export(self) -> tuple[Array, Array]:
        """All keys and values."""
        if not self.ready:
            raise errors.AbortedError(None, None, "HashTable is not initialized.")
        with self.lock:
            keys, values = list(self.entries), list(self.entries.values())
        flat = np.empty(len(keys), self.key.numpy)
        flat[:] = keys
        return flat, self._packed(values, (len(keys),))

    def _packed(self, found: list[Any], shape: tuple[int, ...]) -> Array:
        if self.shape:
            return np.array(found, self.value.numpy).reshape(*shape, *self.shape)
        flat = np.empty(len(found), self.value.numpy)
        flat[:] = found
        return flat.reshape(shape)

    def _allowed(self, keys: Array) -> list[Any]:
        flat: list[Any] = keys.reshape(-1).tolist()
        for key, name in self.refused.items():
            if key in flat:
                raise errors.invalid(f"Using the {name} as a table key is not allowed")
        return flat

    def _check(self, keys: Array, values: Array, name: str) -> None:
        wanted = (*keys.shape, *self.shape)
        if values.shape != wanted:
            raise errors.invalid(f"Expected shape {shapes.show(wanted)} for {name}, got {shapes.show(values.shape)}")


def _shown(x: Any) -> str:
    return x.decode(errors="replace") if isinstance(x, bytes) else str(x)


def table_of(handle: Any) -> Table:
    held: Any = handle if isinstance(handle, Held) else handle.item()
    table: Table = held.value
    return table


def _find(xp: Any, handle: Any, keys: Array, default: Array, *, value_shape: Any) -> Array:
    return table_of(handle).find(keys, default)


def _import(xp: Any, handle: Any, keys: Array, values: Array) -> tuple[()]:
    if not keys.size:
        raise errors.invalid("keys and values cannot be empty tensors.")
    table_of(handle).insert(keys, values, once=True)
    return ()


def _insert(xp: Any, handle: Any, keys: Array, values: Array) -> tuple[()]:
    table_of(handle).insert(keys, values)
    return ()


def _remove(xp: Any, handle: Any, keys: Array) -> tuple[()]:
    table_of(handle).remove(keys)
    return ()


def _size(xp: Any, handle: Any) -> Array:
    return np.asarray(len(table_of(handle).entries), np.int64)


def _export(xp: Any, handle: Any, *, key_dtype: Any, value_dtype: Any, value_shape: Any) -> tuple[Array, Array]:
    return table_of(handle).export()


def _nothing(*_: Any, **__: Any) -> Any:
    return ()


_IN = "table_handle:variant, keys:Tin"
FIND = Op(
    "LookupTableFindV2", f"{_IN}, default_value:Tout -> values:Tout", _find,
    lambda _h, keys, _d, *, value_shape: None if keys is None else (*keys, *value_shape), differentiable=False,
)  # fmt: skip
IMPORT = Op("LookupTableImportV2", f"{_IN}, values:Tout ->", _import, _nothing, differentiable=False)
INSERT = Op("LookupTableInsertV2", f"{_IN}, values:Tout ->", _insert, _nothing, differentiable=False)
REMOVE = Op("LookupTableRemoveV2", f"{_IN} ->", _remove, _nothing, differentiable=False)
SIZE = Op("LookupTableSizeV2", "table_handle:variant -> size:int64", _size, _nothing, differentiable=False)
EXPORT = Op(
    "LookupTableExportV2", "table_handle:variant -> keys:key_dtype, values:value_dtype", _export,
    lambda _h, *, value_shape, **_: ((None,), (None, *value_shape)), differentiable=False,
)  # fmt: skip
for _op in (FIND, IMPORT, INSERT, REMOVE, SIZE, EXPORT):
    only_host(_op)
    _op.reads = _op in (FIND, SIZE, EXPORT)
    _op.stateful = _op in (IMPORT, INSERT, REMOVE, EXPORT, SIZE)
