"""Lookup tables: `tf.lookup.StaticHashTable`, `StaticVocabularyTable`, `MutableHashTable`, `DenseHashTable`."""

from __future__ import annotations

from typing import Any

from ..base import errors
from ..base.context import building, recording
from ..base.dtypes import DType, DTypeLike, as_dtype, int32, int64, string
from ..core.convert import convert, convert_argument
from ..core.op import OPS
from ..core.tensor import Tensor, TensorLike
from ..ops.ragged_tensor import RaggedTensor, flat_of
from ..ops.sparse_tensor import SparseTensor
from ..ops.string_hashing import to_hash_bucket_fast
from .tables import EXPORT, FIND, INSERT, REMOVE, SIZE, Table

_KEYS = (string, int32, int64)


def _check_keys(op_name: str, key: DType, value: DType) -> None:
    if key not in _KEYS:
        raise errors.NotFoundError(
            None, None,
            f"Could not find device for node: {{{{node {op_name}}}}} = {op_name}[key_dtype=DT_{key.cpp_name.upper()}, "
            f"value_dtype=DT_{value.cpp_name.upper()}]\nKeys of tables are tf.string, tf.int32 or tf.int64.",
        )  # fmt: skip


def _values_of(keys: Any) -> Any:
    """The Tensor of all keys."""
    return keys.values if isinstance(keys, SparseTensor) else flat_of(keys)


def _like(keys: Any, values: Any) -> Any:
    """The values of all keys, as the keys are."""
    if isinstance(keys, SparseTensor):
        return SparseTensor(keys.indices, values, keys.dense_shape)
    return keys.with_flat_values(values) if isinstance(keys, RaggedTensor) else values


def _check_dtype(keys: Any, wanted: DType) -> None:
    if as_dtype(keys.dtype) is not wanted:
        raise TypeError(f"Dtype of argument `keys` must be {wanted}, received: {as_dtype(keys.dtype)}")


class LookupInterface:
    """What all tables have."""

    _key_dtype: DType
    _value_dtype: DType

    key_dtype = property(lambda self: self._key_dtype, doc="The dtype of the keys.")
    value_dtype = property(lambda self: self._value_dtype, doc="The dtype of the values.")

    @property
    def name(self) -> str | None:
        """The name of the table."""
        return None

    def size(self, name: str | None = None) -> Tensor:
        """How many keys there are, an int64 scalar."""
        raise NotImplementedError

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The value of each key."""
        raise NotImplementedError

    def __getitem__(self, keys: Any) -> Any:
        return self.lookup(keys)


class _Table(LookupInterface):
    """A table with a handle."""

    def _made(self, op_name: str, key: Any, value: Any, default: Any, refused: Any = None) -> None:
        self._key_dtype, self._value_dtype = as_dtype(key), as_dtype(value)
        with building(None), recording(()):
            self._default_value: Tensor = convert(default, self._value_dtype)
            _check_keys(op_name, self._key_dtype, self._value_dtype)
        shape = self._default_value._array.shape
        self._table = Table(self._key_dtype, self._value_dtype, shape, refused)

    @property
    def resource_handle(self) -> Tensor:
        """The tensor that holds the table."""
        return self._table.handle

    def size(self, name: str | None = None) -> Tensor:
        """How many keys there are, an int64 scalar."""
        return SIZE(self._table.handle, name=name)  # type: ignore[no-any-return]

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys and their values, in no particular order."""
        attrs = {"key_dtype": self._key_dtype, "value_dtype": self._value_dtype, "value_shape": self._table.shape}
        keys, values = EXPORT(self._table.handle, name=name, **attrs)
        return keys, values

    def _find(self, keys: Any, default: Any, name: str | None) -> Any:
        found = FIND(self._table.handle, keys, default, value_shape=self._table.shape, name=name)
        return found


class StaticHashTable(_Table):
    """A table that is filled once.

    Args:
      initializer: what fills it: a `tf.lookup.KeyValueTensorInitializer` or `tf.lookup.TextFileInitializer`.
      default_value: what keys that are not in it get.
      name: not used.
      experimental_is_anonymous: a hint.

    Raises:
      NotFoundError: for keys of other dtypes than string, int32 and int64.
      FailedPreconditionError: if a key has two values.

    >>> init = tf.lookup.KeyValueTensorInitializer(tf.constant(["a", "b"]), tf.constant([10, 20]))
    >>> table = tf.lookup.StaticHashTable(init, default_value=-1)
    >>> table.lookup(tf.constant(["b", "c"])).numpy().tolist(), table.size().numpy()
    ([20, -1], np.int64(2))
    """

    def __init__(
        self, initializer: Any, default_value: Any, name: str | None = None, experimental_is_anonymous: bool = False
    ) -> None:
        self._initializer = initializer
        self._made("HashTableV2", initializer.key_dtype, initializer.value_dtype, default_value)
        if self._default_value.shape.rank:
            raise ValueError(f"Shapes {self._default_value.shape} and () are not compatible")
        self._table.ready = False
        initializer.initialize(self)

    default_value = property(lambda self: self._default_value, doc="What keys that are not in the table get.")

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The value of each key.

        Args:
          keys: a Tensor, SparseTensor or RaggedTensor of the dtype of the keys.
          name: a name for the operation.

        Returns:
          Values, of the same kind and shape.

        Raises:
          TypeError: for another dtype.
        """
        _check_dtype(keys, self._key_dtype)
        return _like(keys, self._find(_values_of(keys), self._default_value, name))


class StaticVocabularyTable(LookupInterface):
    """A table of words and their numbers, in which all other words get numbers behind those, by their hash.

    Args:
      initializer: what fills it, with numbers from 0 on; None for hashes alone.
      num_oov_buckets: how many numbers there are for words that are not in it.
      lookup_key_dtype: the dtype of the keys that are looked up, if it is not that of the table.
      name: not used.
      experimental_is_anonymous: a hint.

    Raises:
      ValueError: unless there are some.
      TypeError: if a dtype does not fit.

    >>> init = tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([0, 1], tf.int64))
    >>> table = tf.lookup.StaticVocabularyTable(init, num_oov_buckets=1)
    >>> table.lookup(tf.constant(["b", "what"])).numpy().tolist()
    [1, 2]
    """

    def __init__(
        self, initializer: Any, num_oov_buckets: int, lookup_key_dtype: DTypeLike | None = None,
        name: str | None = None, experimental_is_anonymous: bool = False,
    ) -> None:  # fmt: skip
        if num_oov_buckets <= 0:
            raise ValueError("`num_oov_buckets` must be > 0; use StaticHashTable.")
        inner: DType = string if initializer is None else initializer.key_dtype
        key = as_dtype(lookup_key_dtype) if lookup_key_dtype is not None else inner
        if initializer is not None:
            if initializer.value_dtype is not int64:
                raise TypeError(f"Invalid `value_dtype`, expected {int64} but got {initializer.value_dtype}.")
            if inner.is_integer != key.is_integer:
                wanted = "integer" if key.is_integer else "string"
                raise TypeError(f"Invalid `key_dtype`, expected {wanted} but got {inner}.")
        elif not key.is_integer and key is not string:
            raise TypeError(f"Invalid `key_dtype`, expected integer or string but got {key}.")
        self._key_dtype, self._value_dtype = key, int64
        self._buckets = num_oov_buckets
        self._table = None if initializer is None else StaticHashTable(initializer, -1)

    @property
    def resource_handle(self) -> Tensor | None:
        """The tensor that holds the table; None without an initializer."""
        return None if self._table is None else self._table.resource_handle

    def size(self, name: str | None = None) -> Tensor:
        """How many numbers there are, an int64 scalar."""
        buckets = convert(self._buckets, int64)
        return buckets if self._table is None else self._table.size() + buckets

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The number of each word; see `tf.lookup.StaticHashTable.lookup`."""
        _check_dtype(keys, self._key_dtype)
        flat = _values_of(keys)
        if self._key_dtype is not string:
            flat = OPS["Cast"](flat, DstT=int64)
        text = flat if flat.dtype is string else OPS["AsString"](flat)
        numbers = to_hash_bucket_fast(text, self._buckets)
        if self._table is not None:
            inner = flat if flat.dtype is self._table.key_dtype else OPS["Cast"](flat, DstT=self._table.key_dtype)
            found = self._table.lookup(inner)
            numbers = OPS["SelectV2"](OPS["NotEqual"](found, convert(-1, int64)), found, numbers + self._table.size())
        return _like(keys, numbers)


class MutableHashTable(_Table):
    """A table that can be changed.

    Args:
      key_dtype: the dtype of the keys: string, int32 or int64.
      value_dtype: the dtype of the values.
      default_value: what keys that are not in it get; its shape is that of values.
      name: not used.
      checkpoint: whether it is saved in checkpoints.
      experimental_is_anonymous: a hint.

    >>> table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default_value=-1)
    >>> table.insert(tf.constant(["a", "b"]), tf.constant([1, 2], tf.int64))
    >>> table.remove(tf.constant(["a"]))
    >>> table[tf.constant(["a", "b"])].numpy().tolist()
    [-1, 2]
    """

    _OP = "MutableHashTableV2"

    def __init__(
        self, key_dtype: DTypeLike, value_dtype: DTypeLike, default_value: Any, name: str = "MutableHashTable",
        checkpoint: bool = True, experimental_is_anonymous: bool = False,
    ) -> None:  # fmt: skip
        self._made(self._OP, key_dtype, value_dtype, default_value)

    def lookup(  # type: ignore[override]
        self, keys: TensorLike, dynamic_default_values: Any = None, name: str | None = None
    ) -> Tensor:
        """The value of each key.

        Args:
          keys: of any shape.
          dynamic_default_values: what keys that are not in the table get, instead of the default value; one for all,
            or one for each key.
          name: a name for the operation.

        Raises:
          ValueError: for keys of another dtype.
        """
        wanted = convert_argument(keys, "keys", self._key_dtype)
        default = self._default_value if dynamic_default_values is None else dynamic_default_values
        return self._find(wanted, convert(default, self._value_dtype), name)  # type: ignore[no-any-return]

    def insert(self, keys: TensorLike, values: TensorLike, name: str | None = None) -> Any:
        """Sets the values of keys.

        Raises:
          ValueError: for another dtype.
          InvalidArgumentError: if there are not as many values as keys.
        """
        wanted = convert_argument(keys, "keys", self._key_dtype)
        INSERT(self._table.handle, wanted, convert_argument(values, "values", self._value_dtype), name=name)

    def remove(self, keys: Any, name: str | None = None) -> Any:
        """Forgets keys; of those that are not there nothing is said.

        Raises:
          TypeError: for another dtype.
        """
        _check_dtype(keys, self._key_dtype)
        REMOVE(self._table.handle, keys, name=name)


class DenseHashTable(MutableHashTable):
    """A table that can be changed, of whose keys two are set apart.

    Args:
      key_dtype: the dtype of the keys.
      value_dtype: the dtype of the values.
      default_value: what keys that are not in it get; its shape is that of values.
      empty_key: a key that may not be used.
      deleted_key: another one.
      initial_num_buckets: a power of 2; a hint.
      name: in errors.
      checkpoint: whether it is saved in checkpoints.
      experimental_is_anonymous: a hint.

    Raises:
      InvalidArgumentError: if the two keys are the same, or the number of buckets is none.

    >>> table = tf.lookup.experimental.DenseHashTable(
    ...     tf.int64, tf.float32, default_value=0.0, empty_key=-1, deleted_key=-2)
    >>> table.insert(tf.constant([3], tf.int64), [1.5])
    >>> table.lookup(tf.constant([3, 4], tf.int64)).numpy().tolist()
    [1.5, 0.0]
    """

    def __init__(
        self, key_dtype: DTypeLike, value_dtype: DTypeLike, default_value: Any, empty_key: Any, deleted_key: Any,
        initial_num_buckets: int | None = None, name: str = "MutableDenseHashTable", checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ) -> None:  # fmt: skip
        with building(None), recording(()):
            empty, deleted = [convert(key, as_dtype(key_dtype))._array.item() for key in (empty_key, deleted_key)]
        count = 131072 if initial_num_buckets is None else initial_num_buckets
        problem = None
        if empty == deleted:
            problem = "Empty and deleted keys cannot be equal"
        elif count < 4 or count & (count - 1):
            problem = f"Number of buckets must be at least 4 and a power of 2, got: {count}"
        if problem:
            raise errors.invalid(f"{problem} [Op:MutableDenseHashTableV2] name: {name}")
        refused = {empty: "empty_key", deleted: "deleted_key"}
        self._made("MutableDenseHashTableV2", key_dtype, value_dtype, default_value, refused)

    def lookup(self, keys: TensorLike, name: str | None = None) -> Tensor:  # type: ignore[override]
        """The value of each key; see `tf.lookup.experimental.MutableHashTable.lookup`."""
        return super().lookup(keys, None, name)

    def insert_or_assign(self, keys: TensorLike, values: TensorLike, name: str | None = None) -> Any:
        """Sets the values of keys, as `insert`."""
        return self.insert(keys, values, name)

    def erase(self, keys: Any, name: str | None = None) -> Any:
        """Forgets keys, as `remove`."""
        return self.remove(keys, name)
