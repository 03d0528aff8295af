"""`tf.raw_ops`: every op by its own name; inputs and attributes are given by keyword.

>>> print(tf.raw_ops.AddV2(x=1, y=2))
tf.Tensor(3, shape=(), dtype=int32)
>>> import inspect
>>> print(inspect.signature(tf.raw_ops.AddV2))
(*, x, y, name=None)
"""

from __future__ import annotations

import collections as _collections
import functools as _functools
import inspect as _inspect
from typing import TYPE_CHECKING

from .base import dtypes as _dtypes
from .base import errors as _errors
from .core import registry as _registry

if TYPE_CHECKING:  # at run time names such as `Any` are those of ops
    from collections.abc import Callable
    from typing import Any

    from .core.op import Op

# What Python calls inputs and attributes that have another name in graphs.
_IN_PYTHON = dict.fromkeys(("dim", "reduction_indices", "split_dim", "squeeze_dims"), "axis")
_NAMES = {
    "ReduceJoin": {},
    "SobolSample": {},
    "SparseSplit": {},
    "Where": {"input": "condition"},
    "TensorListSetItem": {"resize": "resize_if_index_out_of_bounds"},
}
_MASKS = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)
_GPU = {"use_cudnn_on_gpu": True}  # says nothing of other devices
# Attributes that are not among an op's defaults: those that its kernel takes all the same, those that say nothing here.
_MORE = {"StridedSliceGrad": _MASKS, "TensorStridedSliceUpdate": _MASKS}
_AS_STRINGS: dict[str, Any] = {"out_type": _dtypes.string}  # the other type is for graphs' own use
_IDLE: dict[str, dict[str, Any]] = {
    "Cast": {"Truncate": False}, "Conv2D": _GPU, "Conv2DBackpropFilter": _GPU, "Conv2DBackpropInput": _GPU,
    "SerializeSparse": _AS_STRINGS, "SerializeManySparse": _AS_STRINGS,
}  # fmt: skip
_OURS = {  # attributes and ops that only this library has; one kernel decodes all kinds of images
    "Bitcast": "T", "MaxPoolGradGrad": "explicit_paddings", "TensorListScatterIntoExistingList": "resize",
    "DecodeCSV": "OUT_TYPE", "DecodeJpeg": "dtype expand_animations", "DecodeImage": "ratio try_recover_truncated",
    "DecodePng": "expand_animations ratio try_recover_truncated",
    "DecodeWebP": "expand_animations ratio try_recover_truncated",
    "DecodeBmp": "dtype expand_animations ratio try_recover_truncated",
    "DecodeGif": "channels dtype expand_animations ratio try_recover_truncated",
}  # fmt: skip
_REQUIRED = {"ApproxTopK": "k", "Eig": "Tout"}  # have defaults here
_OURS_ALONE = frozenset(
    "KeyedRandomBinomial TensorListAdd TensorListClearItem TensorListClearItems TensorListGatherLike TensorListGetLike"
    " TensorListLengths TensorListStackLike".split()
)
# Lists in graphs: their shapes are attributes here and inputs there; None where an item's own shape says it.
_SHAPE = "element_shape"
_LISTS = {
    "TensorListConcatV2": "input_handle element_shape leading_dims",
    "TensorListFromTensor": "tensor element_shape",
    "TensorListGetItem": "input_handle index element_shape",
    "TensorListReserve": "element_shape num_elements",
    "TensorListSplit": "tensor element_shape lengths",
    "TensorListStack": "input_handle element_shape",
}


def _without_kernel(name: str) -> Callable[..., Any]:
    """An op that TensorFlow has on some machines only: who calls it is told so, as there, and has another way."""

    def call(**_inputs: Any) -> Any:
        raise _errors.NotFoundError(
            None, None, f"Could not find device for node: {{{{node {name}}}}}\nAll kernels registered for op {name}:\n"
            f"  <no registered kernels>\n [Op:{name}]",
        )  # fmt: skip

    return call


@_functools.cache
def __getattr__(name: str) -> Callable[..., Any]:
    if name == "CudnnRNNV3":  # Keras's recurrent layers try it where there is a GPU
        return _without_kernel(name)
    try:
        op = _registry.OPS[name] if name not in _OURS_ALONE else None
    except KeyError:
        op = None
    if op is None:
        raise AttributeError(f"module 'tf.raw_ops' has no attribute {name!r} (yet)")
    return _by_keyword(op)


def __dir__() -> list[str]:
    _registry.OPS.load()
    return sorted(set(_registry.OPS) - _OURS_ALONE)


def _attributes(op: Op) -> dict[str, Any]:
    """The attributes that callers may give, with their defaults; `Parameter.empty` where there is none."""
    keywords = [p for p in _inspect.signature(op.kernel).parameters.values() if p.kind is p.KEYWORD_ONLY]
    found = {p.name: p.default for p in keywords} | op.defaults
    found = {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
    for name in _OURS.get(op.name, "").split():
        found.pop(name, None)
    if op.name in _LISTS:
        found.pop(_SHAPE, None)
    if op.name in _REQUIRED:
        found[_REQUIRED[op.name]] = _inspect.Parameter.empty
    if op.name == "TensorListStack":
        found["num_elements"] = -1
    return found | _MORE.get(op.name, {}) | _IDLE.get(op.name, {})


def _signature(inputs: list[str], attributes: dict[str, Any]) -> _inspect.Signature:
    keyword, empty = _inspect.Parameter.KEYWORD_ONLY, _inspect.Parameter.empty
    required = [*inputs, *(name for name, default in attributes.items() if default is empty)]
    optional = {name: default for name, default in attributes.items() if default is not empty}
    return _inspect.Signature([
        *(_inspect.Parameter(name, keyword) for name in required),
        *(_inspect.Parameter(name, keyword, default=default) for name, default in optional.items()),
        _inspect.Parameter("name", keyword, default=None),
    ])  # fmt: skip


def _by_keyword(op: Op) -> Callable[..., Any]:
    several = len(op.outputs) > 1 and not any(arg.length for arg in op.outputs)
    pack = _collections.namedtuple(op.name, [arg.name for arg in op.outputs]) if several else None
    names = _NAMES.get(op.name, _IN_PYTHON)
    inputs = [names.get(arg.name, arg.name) for arg in op.inputs]
    attributes = {names.get(one, one): default for one, default in _attributes(op).items()}
    in_graphs = {names.get(one, one): one for one in _attributes(op)}
    wanted = _LISTS.get(op.name, "").split() or inputs
    required = [*wanted, *(one for one, default in attributes.items() if default is _inspect.Parameter.empty)]
    known = {*wanted, *attributes}
    kinds = {arg.type for arg in op.outputs}
    kinds = {one for one, default in attributes.items() if one in kinds or isinstance(default, _dtypes.DType)}

    def call(*, name: str | None = None, **arguments: Any) -> Any:
        missing = [one for one in required if one not in arguments]
        if missing:
            raise TypeError(f"{op.name}() missing required keyword arguments: {', '.join(missing)}")
        for one in arguments:
            if one not in known:
                raise TypeError(f"{op.name}() got an unexpected keyword argument {one!r}")
        _settle(op, arguments)
        for one in kinds.intersection(arguments):
            arguments[one] = _dtypes.as_dtype(arguments[one])
        flat: list[Any] = []
        for one, arg in zip(inputs, op.inputs):
            value = arguments.pop(one)
            flat.extend(value if arg.length else [value])
        attrs = {in_graphs.get(one, one): value for one, value in arguments.items()}
        outputs = op(*flat, name=name, **attrs)
        return pack(*outputs) if pack else outputs

    call.__name__ = call.__qualname__ = op.name
    call.__doc__ = f"The op `{op!r}`."
    call.__signature__ = _signature(wanted, attributes)  # type: ignore[attr-defined]
    return call


def _settle(op: Op, arguments: dict[str, Any]) -> None:
    """Takes out arguments that the op does not have here, and turns shapes that are inputs into attributes."""
    for one, default in _IDLE.get(op.name, {}).items():
        if arguments.pop(one, default) is True and one == "Truncate":
            raise _errors.UnimplementedError(None, None, "Cast with `Truncate=True` is not supported")
    if op.name not in _LISTS:
        return
    arguments.pop("leading_dims", None)
    shape = arguments.pop(_SHAPE)
    if _SHAPE in op.defaults:
        arguments[_SHAPE] = _element_shape(shape)
    if arguments.get("num_elements") == -1:
        del arguments["num_elements"]


def _element_shape(shape: Any) -> tuple[int | None, ...] | None:
    """A shape of which -1 is an unknown size, and -1 alone an unknown rank."""
    sizes = shape.numpy().tolist() if hasattr(shape, "numpy") else shape
    if sizes is None or isinstance(sizes, int):
        return None
    return tuple(None if size is None or size < 0 else int(size) for size in sizes)
