"""`tf.compat.v1`: functions of TensorFlow 1 whose arguments differ from today's, and switches that are set already."""

from __future__ import annotations

from typing import Any

from ..base.scopes import name_scope as _name_scope
from ..base.scopes import no_op
from ..core.convert import convert
from ..core.tensor import Tensor
from ..graph.control import while_loop as _while_loop
from ..ops.casting import cast
from ..ops.comparison import where as _where
from ..ops.layout import expand_dims as _expand_dims

Name = str | None


def one_of(old: Any, new: Any, old_name: str, new_name: str) -> Any:
    """The value of an argument that has had two names.

    Raises:
      ValueError: both are given.
    """
    if old is not None and new is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'.")
    return new if new is not None else old


# -- switches


def enable_v2_behavior() -> None:
    """Nothing to do: this is TensorFlow 2.

    >>> tf.compat.v1.enable_v2_behavior()
    """


def enable_eager_execution(config: Any = None, device_policy: Any = None, execution_mode: Any = None) -> None:
    """Nothing to do: ops run at once.

    Args:
      config: a hint.
      device_policy: a hint.
      execution_mode: a hint.

    >>> tf.compat.v1.enable_eager_execution()
    """


enable_resource_variables = enable_v2_tensorshape = enable_tensor_equality = enable_control_flow_v2 = enable_v2_behavior


def global_variables_initializer() -> Any:
    """An op that does nothing: Variables have their values from the start.

    >>> tf.compat.v1.global_variables_initializer()
    """
    return no_op()


local_variables_initializer = tables_initializer = global_variables_initializer


# -- Variables


def assign(
    ref: Any, value: Any, validate_shape: bool | None = None, use_locking: bool | None = None, name: Name = None
) -> Any:
    """Puts a value in a Variable.

    Args:
      ref: the Variable.
      value: its new value.
      validate_shape: a hint: Variables always check.
      use_locking: a hint: Variables always lock.
      name: a name for errors.

    >>> v = tf.Variable(1.0)
    >>> print(tf.compat.v1.assign(v, 2.0).numpy())
    2.0
    """
    return ref.assign(value, name=name)


def assign_add(ref: Any, value: Any, use_locking: bool | None = None, name: Name = None) -> Any:
    """Adds to a Variable.

    >>> print(tf.compat.v1.assign_add(tf.Variable(1.0), 2.0).numpy())
    3.0
    """
    return ref.assign_add(value, name=name)


def assign_sub(ref: Any, value: Any, use_locking: bool | None = None, name: Name = None) -> Any:
    """Subtracts from a Variable.

    >>> print(tf.compat.v1.assign_sub(tf.Variable(3.0), 2.0).numpy())
    1.0
    """
    return ref.assign_sub(value, name=name)


# -- functions with other arguments


def where(condition: Any, x: Any = None, y: Any = None, name: Name = None) -> Tensor:
    """`tf.where`, but a vector of conditions chooses among rows.

    >>> print(tf.compat.v1.where([True, False], [[1, 2], [3, 4]], [[5, 6], [7, 8]]).numpy().tolist())
    [[1, 2], [7, 8]]
    """
    if x is None or y is None:
        return _where(condition, x, y, name=name)
    condition, x = convert(condition), convert(x)
    for _ in range((len(x.shape) if condition.shape.rank == 1 else 1) - 1):
        condition = _expand_dims(condition, -1)
    return _where(condition, x, y, name=name)


class name_scope(_name_scope):  # noqa: N801
    """`tf.name_scope` with TensorFlow 1's arguments.

    Args:
      name: the name; None for the default one.
      default_name: what to use if `name` is None.
      values: the tensors that ops in the scope take; not needed.

    >>> with tf.compat.v1.name_scope(None, "layer", [1.0]) as scope:
    ...     print(scope)
    layer/
    """

    def __init__(self, name: Name, default_name: Name = None, values: Any = None) -> None:
        super().__init__(name if name is not None else default_name or "")


def expand_dims(input: Any, axis: Any = None, name: Name = None, dim: Any = None) -> Tensor:
    """`tf.expand_dims`.

    Raises:
      ValueError: without an axis, or with two.

    >>> tf.compat.v1.expand_dims([1, 2], dim=0).shape
    TensorShape([1, 2])
    """
    axis = one_of(dim, axis, "dim", "axis")
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return _expand_dims(input, axis, name=name)


def while_loop(
    cond: Any, body: Any, loop_vars: Any, shape_invariants: Any = None, parallel_iterations: int = 10,
    back_prop: bool = True, swap_memory: bool = False, name: Name = None, maximum_iterations: Any = None,
    return_same_structure: bool = False,
) -> Any:  # fmt: skip
    """`tf.while_loop`; the body of a loop over one variable may return it, and the loop does then, without a list.

    >>> print(tf.compat.v1.while_loop(lambda i: i < 5, lambda i: i + 2, [tf.constant(0)]).numpy())
    6
    """
    bare = []

    def packed(*values: Any) -> Any:
        found = body(*values)
        if return_same_structure or len(loop_vars) > 1 or isinstance(found, (list, tuple)):
            return found
        bare.append(True)
        return [found]

    found = _while_loop(
        cond, packed, loop_vars, shape_invariants, parallel_iterations, back_prop, swap_memory, maximum_iterations, name
    )
    return found[0] if bare else found


def to_float(x: Any, name: Name = "ToFloat") -> Any:
    """A cast to float32.

    >>> tf.compat.v1.to_float(1).dtype
    tf.float32
    """
    done: Tensor = cast(x, "float32", name=name)
    return done


def to_int32(x: Any, name: Name = "ToInt32") -> Any:
    """A cast to int32.

    >>> tf.compat.v1.to_int32(1.5).numpy()
    np.int32(1)
    """
    done: Tensor = cast(x, "int32", name=name)
    return done
