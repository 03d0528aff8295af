"""Python functions as ops: `tf.py_function`, `tf.numpy_function`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np

from ..base import dtypes, errors
from ..base.dtypes import DType, as_dtype
from ..core.convert import convert
from ..core.spec import TensorSpec
from ..core.tensor import Tensor

_ERRORS: tuple[tuple[tuple[type[Exception], ...], type[errors.OpError]], ...] = (
    ((ValueError, TypeError), errors.InvalidArgumentError),
    ((StopIteration,), errors.OutOfRangeError),
    ((MemoryError,), errors.ResourceExhaustedError),
    ((NotImplementedError,), errors.UnimplementedError),
)


def py_function(
    func: Callable[..., Any] | None = None, inp: Any = None, Tout: Any = None, name: str | None = None
) -> Any:
    """Calls a Python function on Tensors. Gradients flow through what it does.

    Args:
      func: the function; without it, a decorator is returned.
      inp: the arguments, converted to Tensors.
      Tout: the dtype of the result, or a list of those of several.
      name: a name for the operation, optional.

    Returns:
      A Tensor, or a list of Tensors if `Tout` is a list.

    Raises:
      TypeError: without `Tout`.
      InvalidArgumentError: if the function raises a ValueError or TypeError, or does not return what `Tout` says. Other
        errors become the one of `tf.errors` that fits, or UnknownError.

    >>> tf.py_function(lambda x: x * 2, [tf.constant(3.0)], tf.float32).numpy()
    np.float32(6.0)
    """
    if Tout is None:
        raise TypeError(
            "Missing required argument: 'Tout'\n  If using tf.py_function as a decorator, set `Tout`\n"
            "  **by name** above the function:\n  `@tf.py_function(Tout=tout)`"
        )
    if func is None:
        return functools.partial(_decorated, py_function, Tout)
    wanted = [_dtype(x) for x in Tout] if isinstance(Tout, (list, tuple)) else [_dtype(Tout)]
    try:
        results = _converted(func(*_tensors(inp)), wanted)
    except errors.OpError:
        raise
    except Exception as error:
        raise _as_op_error(error) from error
    if len(results) != len(wanted):
        label = getattr(func, "__name__", "pyfunc")
        raise errors.invalid(f"{label} returns {len(results)} values, but expects to see {len(wanted)} values.")
    return results if isinstance(Tout, (list, tuple)) else results[0]


def _decorated(function: Callable[..., Any], Tout: Any, func: Callable[..., Any]) -> Callable[..., Any]:
    return functools.wraps(func)(lambda *args: function(func, args, Tout))


def _tensors(inp: Any) -> list[Tensor]:
    return [convert(x) for x in cast(Iterable[Any], inp)]


def _dtype(out: Any) -> DType:
    return cast(DType, out.dtype) if isinstance(out, TensorSpec) else as_dtype(out)


def _converted(result: Any, wanted: list[DType]) -> list[Tensor]:
    """What the function returned as Tensors; of more values than `wanted`, the first ones."""
    if result is None:
        return []
    values = result if isinstance(result, (list, tuple)) else [result]
    return [convert(value, dtype) for value, dtype in zip(values, wanted)]


def _as_op_error(error: Exception) -> errors.OpError:
    kind = next((known for kinds, known in _ERRORS if isinstance(error, kinds)), errors.UnknownError)
    import traceback  # seldom needed

    text = "".join(traceback.format_exception(error))
    return kind(None, None, f"{type(error).__name__}: {error}\n{text} [Op:EagerPyFunc]")  # type: ignore[call-arg]


def numpy_function(
    func: Callable[..., Any] | None = None,
    inp: Any = None,
    Tout: Any = None,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Calls a Python function on NumPy arrays. No gradient flows through it.

    Args:
      func: the function; without it, a decorator is returned.
      inp: the arguments; each becomes a NumPy array, of its own.
      Tout: a hint for graphs: the dtypes of the results.
      stateful: a hint for graphs: whether the function does more than to compute its result.
      name: a name for the operation, optional.

    Returns:
      What the function returned as a Tensor; a list of Tensors if it returned a list or tuple; None for None.

    >>> tf.numpy_function(np.sort, [tf.constant([3.0, 1.0])], tf.float32).numpy()
    array([1., 3.], dtype=float32)
    """
    if func is None:
        return functools.partial(_decorated, numpy_function, Tout)
    result = func(*[np.array(x) for x in _tensors(inp)])
    if result is None:
        return None
    if isinstance(result, (list, tuple)):
        return [_from_numpy(part) for part in result]
    return _from_numpy(result)


def _from_numpy(value: Any) -> Tensor:
    """Python's own numbers have the dtypes that TensorFlow gives them: int32 and float32."""
    return convert(value, dtypes.string) if isinstance(value, (str, bytes)) else convert(value)
