"""What takes the place of Python's builtins in rewritten code: they may be given tensors, or datasets, of a graph."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from typing import Any

from ..base import dtypes, nest
from ..base.context import context
from ..base.extras import later
from ..core.registry import OPS
from ..core.tensor import Tensor
from ..ops.debugging import Assert
from ..ops.printing import print as print_tensors
from ..ops.ranges import range_ as tensor_range
from ..ops.sorting import argsort, sort
from .autograph_operators import is_staged
from .traced_tensor_array import TensorArray

_UNSPECIFIED: Any = object()


def _is_dataset(x: Any) -> bool:
    """Whether `x` is a dataset, in a graph: there its elements cannot be had one by one."""
    return context.graph is not None and hasattr(type(x), "__tf_iterator__") and not hasattr(x, "get_next")


# -- numbers


def len_(x: Any) -> Any:
    """`len(x)`: an int where it is known."""
    if isinstance(x, TensorArray):
        return x.size()
    if _is_dataset(x):
        return _count(x)
    if hasattr(x, "nrows") and context.graph is not None:
        return x.nrows() if x.shape[0] is None else x.shape[0]
    if not is_staged(x):
        return len(x)
    shape = x.shape
    if shape.rank == 0:
        raise ValueError(f"len requires a non-scalar tensor, got one of shape {OPS['Shape'](x)}")
    if shape.rank is not None and shape[0] is not None:
        return int(shape[0])
    if shape.rank is None:
        rank = OPS["Rank"](x)
        _require(rank > 0, "len requires non-zero rank, got ", rank)
    return OPS["Shape"](x)[0]


def _count(dataset: Any) -> Tensor:
    count: Tensor = dataset.cardinality()
    _require(count >= 0, "len requires dataset with definitive cardinality, got ", count)
    return count


def _require(condition: Any, text: str, number: Tensor) -> None:
    Assert(condition, [OPS["StringJoin"](text, OPS["AsString"](number))])


def range_(start_or_stop: Any, stop: Any = _UNSPECIFIED, step: Any = _UNSPECIFIED) -> Any:
    """`range(...)`: a tensor if one of the arguments is."""
    given = [x for x in (start_or_stop, stop, step) if x is not _UNSPECIFIED]
    if not any(map(is_staged, given)):
        return range(*given)
    if len(given) == 1:
        return tensor_range(OPS["Maximum"](start_or_stop, 0))
    if len(given) == 2:
        given[1] = OPS["Maximum"](*given)
    return tensor_range(*given)


def int_(x: Any = 0, *args: Any, **kwargs: Any) -> Any:
    """`int(x)`: a tensor if `x` is one."""
    if not is_staged(x):
        return int(x, *args, **kwargs)
    base = kwargs.get("base", *args or (10,))
    if base != 10:
        raise NotImplementedError(f"base {base} not supported for int")
    return _number(x, dtypes.int32)


def float_(x: Any = 0.0) -> Any:
    """`float(x)`: a tensor if `x` is one."""
    return _number(x, dtypes.float32) if is_staged(x) else float(x)


def _number(x: Any, dtype: dtypes.DType) -> Any:
    return OPS["StringToNumber"](x, out_type=dtype) if x.dtype == dtypes.string else OPS["Cast"](x, DstT=dtype)


def abs_(x: Any) -> Any:
    """`abs(x)`: of a dataset, the absolute values of its elements."""
    if not _is_dataset(x):
        return abs(x)
    return x.map(lambda *element: nest.map_structure(abs, element if len(element) > 1 else element[0]))


# -- what goes through several things


def enumerate_(iterable: Any, start: Any = 0) -> Any:
    """`enumerate(iterable, start)`."""
    return iterable.enumerate(start) if _is_dataset(iterable) else enumerate(iterable, start)


def zip_(*iterables: Any, strict: bool = False) -> Any:
    """`zip(*iterables)`: a dataset if all of them are."""
    if not iterables or not all(map(_is_dataset, iterables)):
        return zip(*iterables, strict=strict)
    if strict:
        raise ValueError("strict zip not supported by Dataset")
    return iterables[0].zip(iterables)


def map_(function: Callable[..., Any], *iterables: Any) -> Any:
    """`map(function, *iterables)`: a dataset if all of them are."""
    if not iterables or not all(map(_is_dataset, iterables)):
        return map(function, *iterables)
    return zip_(*iterables).map(function)


def filter_(function: Any, iterable: Any) -> Any:
    """`filter(function, iterable)`."""
    return iterable.filter(function) if _is_dataset(iterable) else filter(function, iterable)


def any_(iterable: Any) -> Any:
    """`any(iterable)`: of a dataset of booleans, a tensor."""
    return _decided("any", iterable, True) if _is_dataset(iterable) else any(iterable)


def all_(iterable: Any) -> Any:
    """`all(iterable)`: of a dataset of booleans, a tensor."""
    return _decided("all", iterable, False) if _is_dataset(iterable) else all(iterable)


def _decided(name: str, dataset: Any, by: bool) -> Any:
    """`by` if one element is that, which ends the search; otherwise the opposite."""
    specs = nest.flatten(dataset.element_spec)
    if len(specs) != 1 or specs[0].dtype != dtypes.bool:
        raise ValueError(
            f'in graph mode, the "{name}" builtin only supports datasets that return bool scalars; got: '
            f"{dataset.element_spec}"
        )
    deciding = dataset.filter(lambda x: x if by else OPS["LogicalNot"](x)).take(1)
    return deciding.reduce(not by, lambda _, x: x)


def sorted_(iterable: Any, *, key: Any = None, reverse: bool = False) -> Any:
    """`sorted(iterable)`: a tensor if it is one."""
    if not is_staged(iterable):
        return sorted(iterable, key=key, reverse=reverse)
    order = "DESCENDING" if reverse else "ASCENDING"
    keys = iterable if key is None else later("graph.functional", "vectorized_map")(key, iterable)
    if keys.shape.rank not in (None, 1):
        raise ValueError("sort only supports only 1D tensors")
    if key is None:
        return sort(iterable, direction=order)
    return OPS["GatherV2"](iterable, argsort(keys, direction=order), 0)


def print_(*objects: Any, **kwargs: Any) -> None:
    """`print(...)`, where the feature BUILTIN_FUNCTIONS is on: when the graph runs, if there is a tensor."""
    if not any(map(is_staged, objects)):
        builtins.print(*objects, **kwargs)
        return
    options = {"sep": kwargs.get("sep", " "), "end": kwargs.get("end", "\n")}
    print_tensors(*objects, output_stream=kwargs.get("file") or sys.stdout, **options)


# What takes the place of a builtin where rewritten code calls it, by address.
BUILTINS: dict[int, Any] = {
    id(len): len_, id(range): range_, id(int): int_, id(float): float_, id(abs): abs_, id(enumerate): enumerate_,
    id(zip): zip_, id(map): map_, id(filter): filter_, id(any): any_, id(all): all_, id(sorted): sorted_,
    id(print): print_,
}  # fmt: skip
