"""`tf.cond`, `tf.case`, `tf.switch_case`, `tf.while_loop`: run eagerly they are Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..base import dtypes, nest
from ..base.context import context
from ..core.convert import convert
from ..core.op import OPS
from ..core.spec import TensorSpec
from ..core.tensor import Tensor, TensorLike
from ..ops.debugging import Assert
from . import branches, loops
from .traced_tensor_array import TensorArray, TensorArraySpec

Branch = Callable[[], Any]


def cond(
    pred: TensorLike, true_fn: Branch | None = None, false_fn: Branch | None = None, name: str | None = None
) -> Any:
    """Calls `true_fn` if `pred` holds, `false_fn` otherwise.

    Args:
      pred: a boolean scalar.
      true_fn: what to call if it is true; takes no arguments.
      false_fn: what to call if it is false.
      name: a name for the operation, optional.

    Returns:
      What the function returns.

    Raises:
      TypeError: if one of the functions cannot be called.

    >>> x = tf.constant(2.0)
    >>> tf.cond(x > 1, lambda: x * 10, lambda: x).numpy()
    np.float32(20.0)
    """
    for label, branch in (("true_fn", true_fn), ("false_fn", false_fn)):
        if branch is None:
            raise TypeError(f"cond(): '{label}' argument required")
    for label, branch in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(branch):
            raise TypeError(f"'{label}' must be callable.")
    if context.graph is not None:
        return branches.graph_cond(pred, true_fn, false_fn)  # type: ignore[arg-type]
    chosen: Any = true_fn if _holds(pred) else false_fn
    return chosen()


def _holds(pred: Any) -> bool:
    tensor = convert(pred)
    return bool(tensor.numpy()) if tensor.dtype == dtypes.string else bool(tensor)


def case(
    pred_fn_pairs: Any,
    default: Branch | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """Calls the first function whose predicate holds.

    Args:
      pred_fn_pairs: a list of pairs of a boolean scalar Tensor and a function without arguments;
        or a dict, if `exclusive`.
      default: what to call if none holds.
      exclusive: a promise that at most one holds; as in TensorFlow's eager mode it is not checked.
      strict: whether a list or tuple of one is given back as it is; eagerly, where there is a choice, its element is.
      name: a name for the operation.

    Returns:
      What the function returns.

    Raises:
      TypeError: if the pairs are not pairs of a boolean Tensor and a function.
      InvalidArgumentError: if none holds and there is no `default`.

    >>> x = tf.constant(5)
    >>> tf.case([(x < 3, lambda: "small"), (x < 10, lambda: "middling")], default=lambda: "big")
    'middling'
    """
    pairs = _case_pairs(pred_fn_pairs, exclusive)
    if default is not None and not callable(default):
        raise TypeError("'false_fn' must be callable.")
    if not pairs:
        raise ValueError("not enough values to unpack (expected 2, got 0)")
    if context.graph is not None:
        return _graph_case(pairs, default, exclusive)
    chosen = next((function for pred, function in pairs if pred), default)
    if chosen is None:
        Assert(
            pairs[-1][0], ["Input error: None of conditions evaluated as True:", convert([pred for pred, _ in pairs])]
        )
        raise AssertionError("unreachable")
    result = chosen()
    choice = default is not None or len(pairs) > 1
    return result[0] if choice and not strict and isinstance(result, (list, tuple)) and len(result) == 1 else result


def _graph_case(pairs: list[tuple[Tensor, Branch]], default: Branch | None, exclusive: bool) -> Any:
    preds = [pred for pred, _ in pairs]
    if exclusive:
        count = OPS["Sum"](OPS["Cast"](convert(preds), DstT=dtypes.int32), 0, keep_dims=False)
        names = ", ".join(pred.name for pred in preds)
        Assert(
            count <= 1,
            [f"Input error: exclusive=True: more than 1 conditions ({names}) evaluated as True:", convert(preds)],
        )

    def chosen(i: int) -> Any:
        if i == len(pairs):
            if default is not None:
                return default()
            Assert(preds[-1], ["Input error: None of conditions evaluated as True:", convert(preds)])
            return pairs[-1][1]()
        return branches.graph_cond(preds[i], pairs[i][1], lambda: chosen(i + 1))

    return chosen(0)


def _case_pairs(pred_fn_pairs: Any, exclusive: bool) -> list[tuple[Tensor, Branch]]:
    if not isinstance(pred_fn_pairs, (list, tuple, dict)):
        raise TypeError(f"'pred_fn_pairs' must be a list, tuple, or dict. Received: {type(pred_fn_pairs)}")
    if isinstance(pred_fn_pairs, dict):
        if not exclusive and type(pred_fn_pairs) is dict:
            raise ValueError(
                "Unordered dictionaries are not supported for the 'pred_fn_pairs' argument when `exclusive=False` and "
                "eager mode is enabled."
            )
        pred_fn_pairs = list(pred_fn_pairs.items())
    for pair in pred_fn_pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Each entry in 'pred_fn_pairs' must be a 2-tuple. Received {pair}.")
        pred, function = pair
        if not isinstance(pred, Tensor):
            raise TypeError(f"pred must be a Tensor, got: {pred!s}")
        if pred.dtype != dtypes.bool:
            raise TypeError(f"pred must be Tensor of type bool: {pred.name}")
        if not callable(function):
            raise TypeError(f"fn for pred {pred.name} must be callable.")
    return list(pred_fn_pairs)


def switch_case(
    branch_index: Tensor,
    branch_fns: Mapping[int, Branch] | Sequence[Any],
    default: Branch | None = None,
    name: str = "switch_case",
) -> Any:
    """Calls the function with the number `branch_index`.

    Args:
      branch_index: an integer scalar Tensor.
      branch_fns: a list of functions without arguments, or a dict or list of pairs of a number and a function,
        where the numbers run from 0 on.
      default: what to call if there is no such number; the last of the functions unless given.
      name: a name for the operation.

    Returns:
      What the function returns.

    Raises:
      TypeError: if the index is no integer Tensor, or `branch_fns` is not as described.
      ValueError: if the numbers do not run from 0 on, or there are no functions.

    >>> tf.switch_case(tf.constant(1), [lambda: "a", lambda: "b"])
    'b'
    """
    if not isinstance(branch_index, Tensor):
        raise TypeError(f"'branch_index' must be a Tensor, got {type(branch_index)}")
    if not branch_index.dtype.is_integer:
        raise TypeError(f"'branch_index' must be an integer Tensor, got {branch_index.dtype}")
    functions = _branches(branch_fns)
    if default is not None:
        functions.append(default)
    if context.graph is not None:
        return branches.graph_switch(branch_index, functions)
    index = int(branch_index)
    return functions[index if 0 <= index < len(functions) else -1]()


def _branches(branch_fns: Any) -> list[Branch]:
    if not branch_fns:
        raise ValueError("Must provide at least one item in 'branch_fns'")
    if not isinstance(branch_fns, (list, tuple, dict)):
        raise TypeError("'branch_fns' must be a list, tuple, or dict")
    pairs = list(branch_fns.items()) if isinstance(branch_fns, dict) else list(branch_fns)
    if all(map(callable, pairs)):
        pairs = list(enumerate(pairs))
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Each entry in 'branch_fns' must be a 2-tuple. Received {pair}.")
        key, function = pair
        if not isinstance(key, int):
            raise TypeError(f"key must be a Python `int`, got {type(key)}")
        if not callable(function):
            raise TypeError(f"fn for key {key} must be callable.")
    keys = sorted(key for key, _ in pairs)
    if keys != list(range(len(keys))):
        raise ValueError(
            f"branch indices (keys) must form contiguous range of [0 to {len(keys)}) but found "
            f"{{{','.join(map(str, keys))}}}"
        )
    table = dict(pairs)
    return [table[key] for key in keys]


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: Any = None,
    name: str | None = None,
) -> Any:
    """Calls `body` as long as `cond` holds.

    Args:
      cond: takes the loop variables and returns a boolean scalar.
      body: takes the loop variables and returns their next values, in the same structure.
      loop_vars: a list or tuple of Tensors (or what converts to them), TensorArrays, and structures of them.
      shape_invariants: a hint for graphs: shapes that hold throughout; eagerly a shape may change.
      parallel_iterations: a hint for graphs.
      back_prop: whether gradients flow through the loop in graphs; use `tf.stop_gradient`, which stops them anywhere.
      swap_memory: a hint for graphs.
      maximum_iterations: how often to call `body` at most; None for no limit.
      name: a name for the operation, optional.

    Returns:
      What `body` returned last, as Tensors.

    Raises:
      TypeError: if `cond` or `body` cannot be called, or `body` returns another type of structure.
      ValueError: if there are no loop variables, or `body` returns another structure.

    >>> i, total = tf.while_loop(lambda i, t: i < 4, lambda i, t: (i + 1, t + i), (tf.constant(0), tf.constant(0)))
    >>> print(total)
    tf.Tensor(6, shape=(), dtype=int32)
    """
    if not callable(cond):
        raise TypeError("'cond' must be callable.")
    if not callable(body):
        raise TypeError("'body' must be callable.")
    if parallel_iterations < 1:
        raise TypeError("'parallel_iterations' must be a positive integer.")
    loop_vars = nest.map_structure(lambda x: convert(x) if hasattr(x, "assign_add") else x, loop_vars)
    if not nest.is_nested(loop_vars) or not loop_vars:
        raise ValueError("'loop_vars' must be provided.")
    if context.graph is not None:
        return loops.graph_while(cond, body, loop_vars, shape_invariants, maximum_iterations, back_prop)
    if maximum_iterations is None:
        result = _loop(cond, body, loop_vars)
    else:
        limit = convert(maximum_iterations)
        if limit.ndim:
            raise ValueError(f"'maximum_iterations' must be a scalar. Received shape: {limit.shape}")
        count = int(limit)
        # The loop variables are one of two, beside a counter: so their own type of structure is checked, too.
        _, result = _loop(
            lambda i, inner: cond(*inner) and i < count, lambda i, inner: (i + 1, body(*inner)), (0, loop_vars)
        )
    return nest.map_structure(lambda x: x if _composed(x) else convert(x), result, expand_composites=True)


def _loop(cond: Callable[..., Any], body: Callable[..., Any], values: Any) -> Any:
    expected = nest.map_structure(_spec, list(values))
    while cond(*values):
        values = body(*values)
        nest.assert_same_structure(expected, list(values))
    return values


def _spec(value: Any) -> Any:
    if isinstance(value, TensorArray):
        return TensorArraySpec.from_value(value)
    return value._type_spec if _composed(value) else TensorSpec.from_tensor(convert(value))


def _composed(value: Any) -> bool:
    """Whether a value has a spec of its own: a TensorArray, an Optional, a dataset."""
    return isinstance(value, TensorArray) or isinstance(getattr(type(value), "_type_spec", None), property)
