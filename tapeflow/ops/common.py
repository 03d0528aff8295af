"""What the families share: factories for one-line ops, and the small helpers of kernels and gradients."""

from __future__ import annotations

import contextvars
import functools
import re
import sys
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import numpy as np

from ..base import shapes
from ..base.context import context
from ..base.dtypes import DType, float32, variant
from ..core import types
from ..core.execute import binary, execute, static_value, unary
from ..core.op import OPS, Op
from ..core.op import op as define
from ..core.symbol import UndecidedError
from ..core.tensor import Array, Tensor, TensorLike, framework_constant
from ..engines import host, host_arrays

Function = TypeVar("Function", bound=Callable[..., Any])

NO_ATTRS: dict[str, Any] = {}
_DROPPED = {"keep_dims": False}

# Functions of NumPy that cost no more than reading their arguments.
_CHEAP = frozenset(
    "abs add equal greater greater_equal less less_equal logical_and logical_not logical_or maximum minimum multiply"
    " negative not_equal square subtract".split()
)


class Unary(Protocol):
    """A public function of one tensor."""

    op: Op

    def __call__(self, x: TensorLike, name: str | None = None) -> Tensor: ...


class Binary(Protocol):
    """A public function of two tensors that broadcast."""

    op: Op

    def __call__(self, x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor: ...


def elementwise(
    op_name: str,
    kernel: Callable[..., Any] | str,
    grad: Callable[..., Any] | None,
    doc: str,
    *,
    public: str | None = None,
    signature: str = "x:T -> y:T",
    **types: tuple[DType, ...],
) -> Unary:
    """An op of one tensor, element by element, and its public function, in one line.

    Args:
      op_name: TensorFlow's name of the op.
      kernel: `(xp, x)`, or the name of the function of `xp` that it is.
      grad: `(g, y, x)`, see `Op.gradient`; None if the op is not differentiable.
      doc: the docstring of the public function.
      public: the name of the public function, if it is not the op's in lower case.
      signature: TensorFlow's.
      types: the allowed dtypes of each type variable.
    """
    new = elementwise_op(op_name, signature, kernel, grad, shape=shapes.same, **types)

    def function(x: TensorLike, name: str | None = None) -> Tensor:
        return execute(new, (x,), NO_ATTRS, name)  # type: ignore[no-any-return]

    return _published(unary(new, function) if isinstance(kernel, str) else function, new, public, doc)  # type: ignore[no-any-return]


def elementwise2(
    op_name: str,
    kernel: Callable[..., Any] | str,
    grad: Callable[..., Any] | None,
    doc: str,
    *,
    public: str | None = None,
    signature: str = "x:T, y:T -> z:T",
    **types: tuple[DType, ...],
) -> Binary:
    """An op of two tensors that broadcast, and its public function, as `elementwise`.

    `grad` is `(g, z, x, y)`; the two gradients that it returns have the inputs' shapes (`unbroadcast`).
    """
    new = elementwise_op(op_name, signature, kernel, grad, shape=shapes.broadcast, **types)

    def function(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
        return execute(new, (x, y), NO_ATTRS, name)  # type: ignore[no-any-return]

    return _published(binary(new, function) if isinstance(kernel, str) else function, new, public, doc)  # type: ignore[no-any-return]


def fast(op: Op) -> Callable[[Function], Function]:
    """Decorator of a public function of two tensors: two Tensors of one dtype go straight to `op`."""
    return lambda function: functools.wraps(function)(binary(op, function))  # type: ignore[return-value]


def elementwise_op(
    op_name: str,
    signature: str,
    kernel: Callable[..., Any] | str,
    grad: Callable[..., Any] | None,
    *,
    shape: Callable[..., Any] = shapes.same,
    **types: Any,
) -> Op:
    """Just the op of `elementwise`, for those that have no public function or one of their own."""
    register = define(op_name, signature, shape=shape, differentiable=grad is not None, **types)
    if isinstance(kernel, str):
        function_name = kernel
        new = register(lambda xp, *arrays: getattr(xp, function_name)(*arrays))
        new.host = ufunc = getattr(np, function_name)  # NumPy's own function: two Python calls fewer
        new.host_big = functools.partial(host_arrays.split, ufunc)
        new.big = host_arrays.BIG_CHEAP if function_name in _CHEAP else host_arrays.BIG
    else:
        new = register(kernel)
    if grad is not None:
        new.gradient(grad)
    return new


def only_host(*ops: Op) -> None:
    """Says that the XLA engine cannot have these ops: strings, callbacks, shapes that depend on values."""
    for op in ops:
        op.kernels["xla"] = None


def draws(*ops: Op) -> None:
    """Says that these ops go on in the program's streams of random numbers: no two calls are the same."""
    only_host(*ops)
    for op in ops:
        op.stateful = True


def _published(function: Any, new: Op, public: str | None, doc: str) -> Any:
    """Makes a function that a factory made look as if it had been written in the module that called the factory."""
    function.op = new
    function.__doc__ = doc
    function.__name__ = function.__qualname__ = public or re.sub(r"(?<=.)(?=[A-Z])", "_", new.name).lower()
    function.__module__ = sys._getframe(2).f_globals["__name__"]
    return function


# ---------------------------------------------------------------- kernels


def in_single(kernel: Callable[..., Array]) -> Callable[..., Array]:
    """The kernel, where 16-bit floats are computed in float32 and rounded once, at the end."""

    @functools.wraps(kernel)
    def run(xp: Any, *arrays: Array, **attrs: Any) -> Array:
        dtype = arrays[0].dtype
        if dtype.itemsize != 2:
            return kernel(xp, *arrays, **attrs)
        return kernel(xp, *[array.astype(np.float32) for array in arrays], **attrs).astype(dtype)

    return run


BIG = 1 << 17  # elements; from here on pieces and threads pay
PIECE = 500_000  # bytes; with smaller ones the threads wait for each other at each NumPy call


def _in_step(array: Array, first: Array) -> bool:
    """Whether the array has a single element, or can be gone through flat together with the first."""
    return bool(array.size == 1 or (array.shape == first.shape and array.flags.c_contiguous))


def in_pieces(kernel: Callable[..., Array]) -> Callable[..., Array]:
    """A host kernel that does big arrays in pieces, on all cores; so its temporaries stay in the cache.

    For kernels of several passes. The output has the shape of the first input and the dtype of the last; the other
    inputs have that shape, too, or a single element.
    """

    @functools.wraps(kernel)
    def run(xp: Any, *arrays: Array, **attrs: Any) -> Array:
        first = arrays[0]
        if first.size < BIG or not all(_in_step(array, first) for array in arrays):
            return kernel(xp, *arrays, **attrs)
        out = np.empty(first.shape, arrays[-1].dtype)
        flat, flat_out = [array.reshape(-1) for array in arrays], out.reshape(-1)
        context = contextvars.copy_context()  # so that NumPy's warnings are silenced on the other threads, too

        def piece(start: int, stop: int) -> None:
            flat_out[start:stop] = kernel(
                xp, *[array[start:stop] if array.size > 1 else array for array in flat], **attrs
            )

        grain = host.grain(first.size, 1, PIECE // out.itemsize)
        host.parallel(lambda start, stop: context.copy().run(piece, start, stop), first.size, grain)
        return out

    return run


# ---------------------------------------------------------------- gradients


@functools.cache
def scalar(value: Any, dtype: DType) -> Tensor:
    """A constant for gradients; a number instead would be converted anew each time."""
    return framework_constant(np.array(value).astype(dtype.numpy))


# Real ones only: 1 times an infinite complex number is not that number.
_UNITS = {dtype.numpy: framework_constant(np.ones((), dtype.numpy)) for dtype in types.FLOATS}


def unit(dtype: np.dtype[Any]) -> Tensor:
    """The scalar 1, the gradient that a sweep begins with."""
    one = _UNITS.get(dtype)
    return framework_constant(np.ones((), dtype)) if one is None else one


def times(g: Any, slope: Any) -> Any:
    """`g * slope`; where `g` is the 1 that the sweep began with, there is nothing to do."""
    return slope if g is _UNITS.get(g._array.dtype) else g * slope


def conj(x: Any) -> Any:
    """The complex conjugate; a real tensor as it is."""
    if isinstance(x, Tensor) and x._array.dtype.kind != "c":
        return x
    return OPS["Conj"](x) if x.dtype.is_complex else x


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of a tensor, for a static input: in graphs there may be Sizes in it; of unknown rank it is a Symbol."""
    shape: tuple[int, ...] = x._array.shape if isinstance(x, Tensor) else tuple(x.shape)
    return shape


def static(value: Any) -> Any:
    """A static input as far as it is known: plain Python; in graphs there may be Sizes in it, or it is a Symbol."""
    return static_value(value) if context.graph is None else context.graph.static(value)


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sums a gradient over the dimensions that broadcasting made, so that it gets the input's shape."""
    if type(g) is Tensor and g._array.shape == shape:
        return g
    have = shape_of(g)
    if type(have) is not tuple or type(shape) is not tuple:
        return _unbroadcast_unknown(g, have, shape)
    try:
        if have == shape:
            return g
        return _sum_repeated(g, have, shape)
    except UndecidedError:
        return _unbroadcast_unknown(g, have, shape)


def _sum_repeated(g: Any, have: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    extra = len(have) - len(shape)
    if have[extra:] == shape:  # a bias, say
        return execute(OPS["Sum"], (g, tuple(range(extra))), _DROPPED)
    repeated = [i + extra for i, n in enumerate(shape) if n == 1 and have[i + extra] != 1]
    total = execute(OPS["Sum"], (g, (*range(extra), *repeated)), _DROPPED)
    return OPS["Reshape"](total, shape) if repeated else total


def _unbroadcast_unknown(g: Any, have: Any, shape: Any) -> Any:
    """`unbroadcast` in a graph, where only when it runs the sizes say which dimensions broadcasting has made."""
    axes, _ = OPS["BroadcastGradientArgs"](shape, have)
    return OPS["Reshape"](OPS["Sum"](g, axes, keep_dims=False), shape)


def zeros_like(x: Any) -> Any:
    """Zeros of the shape and dtype of `x`; for a list one as long, with nothing in it."""
    if x.dtype is variant:
        return OPS["TensorListReserve"](OPS["TensorListLength"](x), element_dtype=float32)
    return OPS["ZerosLike"](x)


def select(condition: Any, x: Any, y: Any) -> Any:
    """`x` where the condition holds, `y` elsewhere; a number for `y` becomes a scalar of the dtype of `x`."""
    return OPS["SelectV2"](condition, x, y if type(y) is not float else scalar(y, x.dtype))
