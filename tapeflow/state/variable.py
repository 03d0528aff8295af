"""`tf.Variable`: a tensor that can be assigned to."""

from __future__ import annotations

import copy
import enum
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from ..base import errors, shapes
from ..base.context import building, context, recording
from ..base.dtypes import DType, as_dtype
from ..base.tensor_shape import TensorShape
from ..core.convert import convert, convert_argument
from ..core.op import OPS
from ..core.symbol import Symbol
from ..core.tensor import Array, Reference, Tensor, TensorLike, at_hand, tensor_of
from . import updates
from .handle import Handle
from .operators import TensorOperators
from .sparse import SparseUpdates, bad_type, with_op


class VariableSynchronization(enum.Enum):
    """When the copies of a distributed variable are brought together."""

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


class VariableAggregation(enum.Enum):
    """How the updates that the replicas make to a distributed variable are made one."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3


Mode = TypeVar("Mode", VariableSynchronization, VariableAggregation)


def _accumulator(name: str, op: str, ufunc: np.ufunc, doc: str) -> Callable[..., Any]:
    """The method that puts `ufunc(value, delta)` in place of the value: on the path of every training step."""

    def change(array: Array, mine: bool, delta: Array, name: str | None) -> Array:
        if delta.shape != array.shape:
            have, got = shapes.show(array.shape), shapes.show(delta.shape)
            message = f"Cannot update variable with shape {have} using a Tensor with shape {got}, shapes must be equal."
            raise with_op(message, op, name)
        if not array.ndim:  # NumPy is slow at filling one element
            return np.asarray(ufunc(array, delta))
        return ufunc(array, delta, array) if mine else ufunc(array, delta)

    node = updates.accumulator(op, ufunc, lambda handle, delta: handle.update(change, delta, None))

    def method(
        self: Variable,
        delta: TensorLike,
        use_locking: bool | None = None,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        handle: Any = self._handle
        if context.graph is not None:
            updates.traced(self, node, self._compatible(delta))
            return self._view() if read_value else None
        array = handle.fitting(delta)
        if not handle.numeric:
            message = f"No OpKernel was registered to support Op '{op}' with dtype {handle.dtype.name}"
            raise with_op(message, op, name)
        try:
            context.run(handle.accumulate, ufunc, array)
        except (ValueError, RuntimeError):  # of another shape; by a finalizer, in the midst of a kernel; elsewhere
            if handle.accelerator is None or array.shape != handle.value_shape:
                handle.update(change, array, name)
            else:
                handle.accumulate(ufunc, array)
        return self._view() if read_value else None

    method.__name__, method.__qualname__, method.__doc__ = name, f"Variable.{name}", doc
    return method


class Variable(SparseUpdates, TensorOperators):
    """A tensor that can be assigned to; all who hold the Variable see the new value.

    Values that were read before, by a program or by a tape, do not change with it.

    Args:
      initial_value: what converts to a Tensor, or a function without arguments that returns such.
      trainable: whether tapes watch it by themselves; by default True, unless it is synchronized `ON_READ`.
      validate_shape: for TensorFlow 1's graphs; eager variables always know their shape.
      caching_device: for TensorFlow 1's graphs; kept, without effect.
      name: its name; `tf.name_scope`s that are open go before it.
      variable_def: for TensorFlow 1's graphs; an error.
      dtype: the dtype; by default that of `initial_value`.
      import_scope: for TensorFlow 1's graphs; without effect.
      constraint: a function of the value that optimizers apply after each update.
      synchronization: a `VariableSynchronization`; kept for who distributes.
      aggregation: a `VariableAggregation`; kept for who distributes.
      shape: the shapes that it may take, by default that of `initial_value`: with None for sizes that may change,
        `tf.TensorShape(None)` if the rank may.
      experimental_enable_variable_lifting: a hint for `tf.function`.

    Raises:
      ValueError, TypeError: if the value does not convert, does not fit `shape`, or is missing.

    >>> v = tf.Variable(5.0)
    >>> v
    <tf.Variable 'Variable:0' shape=() dtype=float32, numpy=5.0>
    >>> v.assign_add(1.0)
    <tf.Variable 'UnreadVariable' shape=() dtype=float32, numpy=6.0>
    >>> v.numpy()
    np.float32(6.0)
    """

    _should_act_as_resource_variable = True

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: str | None = None,
        constraint: Callable[[Any], Any] | None = None,
        synchronization: VariableSynchronization = VariableSynchronization.AUTO,
        aggregation: VariableAggregation = VariableAggregation.NONE,
        shape: Any = None,
        experimental_enable_variable_lifting: bool = True,
    ) -> None:
        _check_definition(initial_value, variable_def)
        self._synchronization: VariableSynchronization = _mode(
            VariableSynchronization, "synchronization", synchronization, name
        )
        self._aggregation: VariableAggregation = _mode(VariableAggregation, "aggregation", aggregation, name)
        if trainable is None:
            trainable = self._synchronization is not VariableSynchronization.ON_READ
        if constraint is not None and not callable(constraint):
            raise ValueError(
                f"Argument `constraint` must be None or a callable. a callable. Got a {type(constraint)}:  {constraint}"
            )
        scoped = _scoped_name(name)
        value = _initial(initial_value, None if dtype is None else as_dtype(dtype))
        static = value.shape if shape is None else TensorShape(shape)
        if not static.is_compatible_with(value.shape):
            raise ValueError(
                f"In this `tf.Variable` creation, the initial value's shape ({value.shape}) is not compatible with the "
                f"explicitly supplied `shape` argument ({shape})."
            )
        self._trainable = trainable
        self._constraint = constraint
        self._caching_device = caching_device
        self._handle = _handle_of(value, static, scoped)
        if context.graph is not None:
            context.graph.root().create(self)

    # -- what it is

    @property
    def name(self) -> str:
        """The name, with the scopes in which it was made: `"scope/Variable:0"`."""
        return f"{self._handle.name}:0"

    @property
    def dtype(self) -> DType:
        """The dtype, which never changes."""
        return self._handle.dtype

    @property
    def shape(self) -> TensorShape:
        """The shapes that it may take; usually just one."""
        return self._handle.shape

    @property
    def trainable(self) -> bool:
        """Whether tapes watch it by themselves."""
        return self._trainable

    @property
    def synchronization(self) -> VariableSynchronization:
        """When copies on several devices are brought together."""
        return self._synchronization

    @property
    def aggregation(self) -> VariableAggregation:
        """How updates of several replicas are made one."""
        return self._aggregation

    @property
    def constraint(self) -> Callable[[Any], Any] | None:
        """The function that optimizers apply after each update, or None."""
        return self._constraint

    @property
    def device(self) -> str:
        """The name of the device that holds the value."""
        return self._handle.device

    @property
    def handle(self) -> Handle:
        """What the Variable, its copies and the results of `assign` share."""
        return self._handle

    @property
    def _id(self) -> int:
        return self._handle._id

    @property
    def _shared_name(self) -> str:
        return self._handle.name

    @property
    def _unique_id(self) -> str:
        return f"{self._handle.name}_{self._handle._id}"

    def get_shape(self) -> TensorShape:
        """The shape, as `shape`."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Narrows the shapes that the Variable may take.

        Raises:
          ValueError: if `shape` contradicts what is known.
        """
        handle = self._handle
        merged = handle.shape.merge_with(shape)
        if not merged.is_compatible_with(handle.read().shape):
            raise ValueError(f"Shapes {TensorShape(handle.read().shape)} and {TensorShape(shape)} are not compatible")
        handle.shape = merged

    def ref(self) -> Reference:
        """A hashable reference, for sets and as a key of dicts."""
        return Reference(self)

    experimental_ref = ref

    # -- reading

    def __tf_tensor__(self, dtype: DType | None = None, name: str | None = None) -> Tensor:
        if context.graph is not None:
            value: Tensor = updates.traced_read(self, name)
        else:
            value = Tensor(self._handle.array)
            if value._array is None:  # it is on an accelerator, or another thread is just updating it
                value = tensor_of(self._handle.value())
        for recorder in context.recorders:
            recorder.read(self, value)
        if dtype is not None and dtype != self.dtype:
            raise ValueError(
                f"Incompatible type conversion requested to type {dtype.name} for `tf.Variable of type "
                f"{self.dtype.name}. (Variable: {self})"
            )
        return value

    def value(self) -> Tensor:
        """The value now, as a Tensor."""
        return self.__tf_tensor__(None, "ReadVariableOp")

    def read_value(self) -> Tensor:
        """The value now, as a Tensor."""
        return self.__tf_tensor__(None, "Read/ReadVariableOp")

    read_value_no_copy = read_value

    def numpy(self) -> Any:
        """A copy of the value as a NumPy array; of a 0-d variable, a NumPy scalar."""
        if context.graph is not None:
            raise NotImplementedError("numpy() is only available when eager execution is enabled.")
        return Tensor(self._handle.read()).numpy()

    def is_initialized(self, name: str | None = None) -> Tensor:
        """A Tensor that is True: an eager Variable always has a value."""
        return convert(True)

    def sparse_read(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """The rows at `indices` (integers of any shape): `tf.gather` of the value."""
        rows: Tensor = OPS["GatherV2"](self.__tf_tensor__(), indices, 0, name=name)
        return rows

    def gather_nd(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """The elements or slices at `indices`, `[..., k]`: `tf.gather_nd` of the value."""
        slices: Tensor = OPS["GatherNd"](self.__tf_tensor__(), indices, name=name)
        return slices

    # -- assigning

    def assign(
        self, value: TensorLike, use_locking: bool | None = None, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Gives the Variable a new value.

        Args:
          value: what converts to a Tensor of the Variable's dtype and shape.
          use_locking: a hint; assignments are always atomic.
          name: has no effect.
          read_value: whether to return the Variable.

        Returns:
          A view of the Variable, which can be read and assigned to; None if not `read_value`.

        Raises:
          ValueError, TypeError: if dtype or shape does not fit; nothing has changed then.
        """
        handle = self._handle
        if context.graph is not None:
            tensor = self._compatible(value)
            fits = tensor.shape.is_subtype_of(self.shape)
            updates.traced(self, updates.ASSIGN, tensor, **({} if fits else {"validate_shape": True}))
            return self._view() if read_value else None
        array = handle.fitting(value)
        shape = handle.shape
        if shape._dims != array.shape and not shape.is_compatible_with(array.shape):
            raise ValueError(
                f"Cannot assign value to variable ' {self.name}': Shape mismatch.The variable shape {shape}, "
                f"and the assigned value shape {array.shape} are incompatible."
            )
        handle.write(array)
        return self._view() if read_value else None

    assign_add = _accumulator(
        "assign_add",
        "AssignAddVariableOp",
        np.add,
        """Adds `delta`, which must have the Variable's dtype and shape; otherwise as `assign`.

        Raises:
          ValueError, TypeError, InvalidArgumentError: if dtype or shape does not fit; nothing has changed then.
        """,
    )
    assign_sub = _accumulator(
        "assign_sub",
        "AssignSubVariableOp",
        np.subtract,
        """Subtracts `delta`, which must have the Variable's dtype and shape; otherwise as `assign`.

        Raises:
          ValueError, TypeError, InvalidArgumentError: if dtype or shape does not fit; nothing has changed then.
        """,
    )

    def _compatible(self, value: Any) -> Tensor:
        """`value`, in a function that is traced, as a Tensor that may be assigned."""
        tensor = convert(value, self.dtype)
        if not self.shape.is_compatible_with(tensor.shape):
            raise ValueError(
                f"Cannot assign value to variable ' {self.name}': Shape mismatch.The variable shape {self.shape}, and "
                f"the assigned value shape {tensor.shape} are incompatible."
            )
        return tensor

    def _view(self) -> UnreadVariable:
        view = _new(UnreadVariable)
        view._owner = self
        view._handle = self._handle
        return view

    def count_up_to(self, limit: int) -> Tensor:
        """Adds 1 to a scalar of int32 or int64 and returns the value before.

        Raises:
          OutOfRangeError: if the value is `limit` already, or beyond.
        """
        op, before = "ResourceCountUpTo", []
        if self.dtype.name not in ("int32", "int64"):
            raise with_op(bad_type("T", self.dtype, "int32, int64"), op, None)

        def change(array: Array, mine: bool) -> Array:
            if array.ndim:
                raise with_op(f"input is not a scalar: {shapes.show(array.shape)}", op, None)
            if array >= limit:
                raise errors.OutOfRangeError(None, None, f"Reached limit of {limit} [Op:{op}] name: ")
            before.append(array)
            return np.asarray(array + 1)

        self._handle.update(change)
        return Tensor(before[0])

    # -- slices

    def __getitem__(self, key: Any) -> Tensor:
        """A slice, as a Tensor; if made of integers and slices it has an `assign`, which changes that part.

        >>> v = tf.Variable([1, 2, 3])
        >>> v[:2].assign([10, 20]).numpy()
        array([10, 20,  3], dtype=int32)
        """
        part = self.__tf_tensor__(None, "ReadVariableOp")[key]
        if not any(map(_is_mask, key if isinstance(key, tuple) else (key,))):
            part.assign = lambda val, name=None: self._assign_part(key, val)  # type: ignore[attr-defined]
        return part

    def _assign_part(self, key: Any, value: Any) -> Any:
        if context.graph is not None:
            from ..ops.indexing import updated_slice

            return self.assign(updated_slice(self.__tf_tensor__(), key, convert(value, self.dtype)))
        value = at_hand(self._handle.fitting(value))
        where = tuple(map(_plain, key)) if isinstance(key, tuple) else _plain(key)

        def change(array: Array, mine: bool) -> Array:
            whole = array if mine else array.copy()
            final = np.shape(whole[where])
            given = value.reshape(value.shape[_leading_ones(value.shape, len(final)) :])
            try:
                whole[where] = given
            except ValueError:
                message = (
                    f"Cannot broadcast input shape {shapes.show(value.shape)} into final shape {shapes.show(final)}"
                )
                raise with_op(message, "ResourceStridedSliceAssign", "strided_slice/_assign") from None
            return whole

        self._handle.update(change)
        return self._view()

    # -- as a Python value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self._handle.read(), dtype)

    def __hash__(self) -> int:
        raise TypeError(f"Variable is unhashable. Instead, use variable.ref() as the key. (Variable: {self!r})")

    def __copy__(self) -> Variable:
        """Another Variable of the same state."""
        twin = _new(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    def __deepcopy__(self, memo: dict[int, Any]) -> Variable:
        """A Variable of its own, with the same value."""
        attributes = {key: value for key, value in self.__dict__.items() if key != "_handle"}
        return _restored(type(self), copy.deepcopy(attributes, memo), *self._state())

    def __reduce__(self) -> tuple[Any, ...]:
        attributes = {key: value for key, value in self.__dict__.items() if key != "_handle"}
        return _restored, (type(self), attributes, *self._state())

    def _state(self) -> tuple[Array, TensorShape, str]:
        return self._handle.value(), self._handle.shape, self._handle.name

    def __repr__(self) -> str:
        if context.graph is not None:
            return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"
        value = repr(Tensor(self._handle.read())).partition("numpy=")[2]
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}, numpy={value}"


class UnreadVariable(Variable):
    """What `assign` returns: a view of the Variable, with its state and tapes."""

    _owner: Variable

    @property
    def name(self) -> str:
        """`UnreadVariable`."""
        return "UnreadVariable"

    trainable = property(lambda self: self._owner.trainable, doc="As the Variable's.")
    synchronization = property(lambda self: self._owner.synchronization, doc="As the Variable's.")
    aggregation = property(lambda self: self._owner.aggregation, doc="As the Variable's.")
    constraint = property(lambda self: self._owner.constraint, doc="As the Variable's.")

    def __tf_tensor__(self, dtype: DType | None = None, name: str | None = None) -> Tensor:
        return self._owner.__tf_tensor__(dtype, name)

    def _view(self) -> UnreadVariable:
        return self._owner._view()


_new = object.__new__


def _restored(cls: type[Variable], attributes: dict[str, Any], array: Array, shape: TensorShape, name: str) -> Variable:
    variable = _new(cls)
    made = _handle_of if isinstance(array, np.ndarray) else _handle_there
    variable.__dict__.update(attributes, _handle=made(tensor_of(array), shape, name))
    return variable


# -- making one


def _handle_there(value: Tensor, shape: TensorShape, name: str) -> Handle:
    from .placed import PlacedHandle

    return PlacedHandle(value._array, value._array.accelerator, shape, name)

def _handle_of(value: Tensor, shape: TensorShape, name: str) -> Handle:
    if type(value) is Tensor and context.accelerator is None:
        return Handle(value._array, shape, name)
    from .placed import handle_of

    return handle_of(value, shape, name)


def _check_definition(initial_value: Any, variable_def: Any) -> None:
    if variable_def is not None and initial_value is not None:
        raise ValueError(
            "The variable_def and initial_value args to `tf.Variable` are mutually exclusive, but got both: "
            f"variable_def={variable_def},\ninitial_value={initial_value}"
        )
    if variable_def is not None:
        raise ValueError(
            "Creating a `tf.Variable` with a `variable_def` arg is not supported when eager execution is enabled. "
            f"Got: variable_def={variable_def}"
        )
    if initial_value is None:
        raise ValueError(
            "The `initial_value` arg to `tf.Variable` must be specified except when you are not providing a "
            "`variable_def`. You provided neither."
        )


def _mode(kind: type[Mode], what: str, value: Any, name: str | None) -> Mode:
    try:
        return kind(0 if value is None else value)
    except ValueError:
        raise ValueError(f"Invalid variable {what} mode: {value} for variable: {name}") from None


def _scoped_name(name: str | None) -> str:
    if name is None:
        name = "Variable"
    if not isinstance(name, str):
        raise ValueError("name for name_scope must be a string.")
    return name[:-1] if name.endswith("/") else context.name_scope + name if name else ""


def _initial(value: Any, dtype: DType | None) -> Tensor:
    if isinstance(value, Tensor) and context.graph is not None and hasattr(value, "graph"):
        lifted: Tensor = value.graph.lift(value)
        return lifted
    with building(None) if context.graph is not None else recording(()):  # not a matter of the tapes that are open
        if callable(value):
            value = value()
        tensor = convert_argument(value, "initial_value", dtype)
    if isinstance(tensor, Symbol):
        raise ValueError(
            f"Argument `initial_value` ({tensor}) could not be lifted out of a `tf.function`. Give `tf.Variable` a "
            "value made in a `tf.init_scope`, or a function that makes it: "
            "`tf.Variable(lambda: tf.random.normal([10, 40]))`."
        )
    return tensor


# -- slices


def _leading_ones(shape: tuple[int, ...], rank: int) -> int:
    """How many leading dimensions of size 1 a shape has beyond `rank` dimensions."""
    extra = max(0, len(shape) - rank)
    return next((i for i in range(extra) if shape[i] != 1), extra)


def _is_mask(item: Any) -> bool:
    """Whether an index picks elements by a mask, or by a list of positions: such a part has no `assign`."""
    if item is None or item is ... or isinstance(item, (int, slice)):
        return False
    dtype = getattr(item, "dtype", None)
    return dtype is None or as_dtype(dtype).is_bool


def _plain(item: Any) -> Any:
    """One index as NumPy takes it: Tensors and Variables as ints."""
    if isinstance(item, slice):
        return slice(_plain(item.start), _plain(item.stop), _plain(item.step))
    return item if item is None or item is ... else int(item)
