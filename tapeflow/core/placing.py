"""Ops on accelerators: where each runs, and how. On the host's path (`execute`) nothing of this is asked.

An op runs as machine code that XLA makes of its kernel, once for each kind of static inputs, attributes and shapes.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base import dtypes, errors
from ..base.context import ANYWHERE, context, direct, in_kernel, on, settings
from ..engines import xla
from ..engines.devices import Accelerator, accelerators
from .execute import execute, explained
from .tensor import DeviceArray, Placed, Tensor

if TYPE_CHECKING:
    from .op import Op

_INT32 = dtypes.int32.numpy
_OF_SHAPES = frozenset(("Shape", "ShapeN", "Size", "Rank"))
_KEPT = 2048  # compiled ops


def run(op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any], name: str | None) -> Any:
    """Runs `op` on the accelerator that its place is, or on the host; see `execute`.

    Args:
      inputs: Tensors, of the dtypes that the op takes, and static values.
    """
    tensors = [x for x in inputs if isinstance(x, Tensor)]
    accelerator = _place(op, tensors, attrs)
    results = None if accelerator is None else _results(accelerator, op, inputs, attrs, name)
    if results is None:
        with on(None):
            return _on_host(op, inputs, attrs, name)
    outputs: Any = [Placed(DeviceArray(result, accelerator)) for result in results]
    outputs = outputs if op.several else outputs[0]
    for recorder in context.recorders:
        recorder.record(op, attrs, inputs, outputs)
    return outputs


def placed(tensor: Tensor) -> Tensor:
    """A constant where constants are: on the accelerator, but for int32, as of shapes, and what only hosts have."""
    array = tensor._array
    accelerator = current() if is_numeric(array.dtype) and array.dtype != _INT32 else None
    return tensor if accelerator is None else Placed(DeviceArray(array, accelerator))


def current(tensors: Sequence[Tensor] = ()) -> Accelerator | None:
    """The accelerator that is open; if nobody has said which, that of the first tensor that is on one."""
    accelerator = context.accelerator
    if accelerator is not ANYWHERE:
        return accelerator  # type: ignore[no-any-return]
    there = accelerators()
    if not there:  # none was found, or all are hidden: from now on without a detour
        context.accelerator = None
        if context.graph is None:
            context.run = direct if in_kernel() else context.quiet
        return None
    own = (x._array.accelerator for x in tensors if type(x) is Placed)
    return next((one for one in own if one in there), there[0])


def _place(op: Op, tensors: Sequence[Tensor], attrs: dict[str, Any]) -> Accelerator | None:
    """The accelerator that an op runs on; None for the host."""
    accelerator = current(tensors)
    if accelerator is None or op.name in _OF_SHAPES or _kernel(op) is None:
        return None
    kinds = [x._array.dtype for x in tensors]
    if not all(map(is_numeric, kinds)):
        return None
    if op.name == "Identity" or any(type(x) is Placed for x in tensors):
        return accelerator
    dtype = attrs.get("dtype") if not kinds else None
    return None if all(kind == _INT32 for kind in kinds) and (kinds or dtype in (None, dtypes.int32)) else accelerator


def is_numeric(dtype: np.dtype[Any]) -> bool:
    """Whether an accelerator can have arrays of a dtype: no strings, no quantized numbers, nothing opaque."""
    return dtype.kind in "biufc" or (dtype.kind == "V" and dtype.names is None and dtype != dtypes.variant.numpy)


def _kernel(op: Op) -> Any:
    """The op's kernel for XLA; None if it has none."""
    if "xla" in op.kernels:
        return op.kernels["xla"]
    return None if op.stateful or op.reads else op.kernel


def _on_host(op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any], name: str | None) -> Any:
    if op.name in _OF_SHAPES:  # without the elements
        inputs = tuple(
            Tensor(np.broadcast_to(np.zeros((), x.dtype.numpy), x._array.shape)) if type(x) is Placed else x
            for x in inputs
        )
    return execute(op, inputs, attrs, name)


# ---------------------------------------------------------------- on the accelerator


class _Call(NamedTuple):
    """What is the same in all calls that share machine code, but for the shapes."""

    op: Op
    accelerator: Accelerator
    statics: tuple[Any, ...]  # None in the places of tensors
    attrs: tuple[tuple[str, Any], ...]
    precise: bool
    text: str  # of statics and attributes: 1, 1.0 and True are equal


class _Code:
    """An op as a function of arrays."""

    def __init__(self, call: _Call) -> None:
        self.call = call
        self.attrs = dict(call.attrs)
        self.refused = False  # XLA cannot have it
        self.run = xla.jitted(self.traced, call.accelerator.device)
        self.drawn: Any = None  # the dtype of random numbers

    def traced(self, begin: Any, *arrays: Any) -> list[Any]:
        """What XLA compiles. `begin`: of random numbers, else None."""
        op, supply, jax = self.call.op, iter(arrays), xla.jax()
        inputs = op.flat_inputs(len(self.call.statics))
        args = [x if arg.static else next(supply) for x, arg in zip(self.call.statics, inputs)]
        bound = {arg.type: x.dtype for x, arg in zip(args, inputs) if not arg.static}
        op.shape_rule(*[x if arg.static else x.shape for x, arg in zip(args, inputs)], **self.attrs)
        if begin is not None:
            args.insert(0, op.stream.of(jax, begin))
        first = jax if "xla" in op.kernels else jax.numpy
        with xla.precision(self.call.accelerator.device):
            result = _kernel(op)(first, *args, **self.attrs)
        results = list(result) if op.several else [result]
        kinds = _dtypes(op, {**bound, **self.attrs}, len(results))
        return [x if kind is None else jax.lax.convert_element_type(x, kind) for x, kind in zip(results, kinds)]

    def begin(self, inputs: Sequence[Any], arrays: Sequence[Any]) -> Any:
        """Where a call begins in its stream of random numbers."""
        op = self.call.op
        if op.draws is None:
            return None
        if self.drawn is None:
            words = np.zeros(3, np.uint64)
            self.drawn = xla.jax().eval_shape(self.traced, words, *arrays)[0].dtype
        shapes = [x._array if isinstance(x, Tensor) else x for x in inputs]
        return op.stream.begin(self.drawn, self.attrs, op.draws(*shapes, **self.attrs))


_code = functools.lru_cache(_KEPT)(_Code)


def _results(
    accelerator: Accelerator, op: Op, inputs: tuple[Any, ...], attrs: dict[str, Any], name: str | None
) -> Sequence[Any] | None:
    """The results, JAX's arrays; None if XLA cannot have the op with such inputs."""
    arrays = [given(x._array, accelerator) for x in inputs if isinstance(x, Tensor)]
    if op.name == "Identity":
        return [xla.on_device(arrays[0], accelerator.device)]
    statics = tuple(None if isinstance(x, Tensor) else x for x in inputs)
    pairs = tuple([(key, tuple(value) if type(value) is list else value) for key, value in attrs.items()])
    try:
        code = _code(_Call(op, accelerator, statics, pairs, not settings.tensor_float_32, f"{statics}{pairs}"))
    except TypeError:  # an attribute that cannot be hashed
        return None
    if code.refused:
        return None
    try:
        with xla.x64():
            results: Sequence[Any] = code.run(code.begin(inputs, arrays), *arrays)
            return results
    except errors.OpError as error:
        raise explained(error, op, inputs, attrs, name) from None
    except Exception as error:
        if "RESOURCE_EXHAUSTED" in str(error):
            raise explained(MemoryError(str(error)), op, inputs, attrs, name) from None
        code.refused = True
        return None


def given(array: Any, accelerator: Accelerator | None) -> Any:
    """What a function compiled for an accelerator gets for an array."""
    return array.given(accelerator) if type(array) is DeviceArray else array


def _dtypes(op: Op, types: dict[str, Any], count: int) -> list[Any]:
    """The dtypes of the results, as the signature has them; None where it does not say."""
    found: list[Any] = []
    for arg in op.outputs:
        kind = arg.fixed or types.get(arg.type)
        kind = kind.numpy if isinstance(kind, dtypes.DType) else kind if isinstance(kind, np.dtype) else None
        found += [kind] * (count - len(op.outputs) + 1 if arg.length else 1)
    return found if len(found) == count else [None] * count
