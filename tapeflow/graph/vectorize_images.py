"""How ops on images do for all elements of a `tf.vectorized_map` at once what they do for one.

Where only the images depend on the elements, those of all elements become one batch. Where filters or statistics do,
too, the elements' channels stand side by side: as groups of channels, which have nothing to do with each other.
"""

from __future__ import annotations

from typing import Any

from ..core.registry import OPS
from ..ops.common import shape_of
from .vectorize_call import Call, NoRuleError, Rule, ints, moved, repeated, reshape, table

# -- all elements' images, or rows, as one batch


def _merged(call: Call, i: int) -> Any:
    rows, *rest = call.shape(i)
    return reshape(call.full(i), (call.size * rows, *rest))


def _apart(y: Any, size: Any, rows: Any) -> Any:
    return reshape(y, (size, rows, *shape_of(y)[1:]))


def rows_alike(*places: int) -> Rule:
    """All tensors in these places have a first dimension of rows, or images, that are done alike."""

    def rule(call: Call) -> Any:
        call.only(*places)
        args = [_merged(call, i) if i in places else x for i, x in enumerate(call.args)]
        y = call.run(*args)
        rows = call.shape(places[0])[0]
        return [_apart(one, call.size, rows) for one in y] if type(y) is list else _apart(y, call.size, rows)

    return rule


def _with_sizes(place: int) -> Rule:
    """The same for the tensor in that place; the first argument is the shape of the output."""

    def rule(call: Call) -> Any:
        call.only(place)
        sizes = ints(call.args[0])
        if len(sizes) < 3:
            raise NoRuleError
        rows = call.shape(place)[0]
        args = [(call.size * sizes[0], *sizes[1:]), *call.args[1:]]
        args[place] = _merged(call, place)
        return _apart(call.run(*args), call.size, rows)

    return rule


def _bias_add(call: Call) -> Any:
    channels_first = call.attrs["data_format"] == "NCHW" and call.rank(0) > 2
    if not call.batched[1]:
        return rows_alike(0)(call) if channels_first else call.run(*call.args, data_format="NHWC")
    rank = call.rank(0)
    shape = (1, *call.shape(1), *(1,) * (rank - 2)) if channels_first else (*(1,) * (rank - 1), *call.shape(1))
    return OPS["Add"](call.args[0], reshape(call.args[1], (call.size, *shape)))


def _bias_add_grad(call: Call) -> Any:
    rank = call.rank(0)
    channel = 2 if call.attrs["data_format"] == "NCHW" and rank > 2 else rank
    return OPS["Sum"](call.args[0], tuple(i for i in range(1, rank + 1) if i != channel))


# -- all elements' channels side by side


def _beside(x: Any, shape: tuple[Any, ...], size: Any, axis: int = 3) -> Any:
    """Stacked images or filters, of that shape each, side by side along an axis."""
    sizes = (*shape[:axis], size * shape[axis], *shape[axis + 1 :])
    return reshape(moved(x, len(shape) + 1, 0, axis), sizes)


def _divided(y: Any, size: Any, axis: int = 3) -> Any:
    """What is side by side along an axis as stacked images or filters."""
    shape = shape_of(y)
    parts = reshape(y, (*shape[:axis], size, shape[axis] // size, *shape[axis + 1 :]))
    return moved(parts, len(shape) + 1, axis, 0)


def _channels_last(call: Call) -> None:
    if call.attrs["data_format"] != "NHWC":
        raise NoRuleError


def _sizes(call: Call, place: int, axis: int = 3) -> tuple[Any, ...]:
    """The shape of an output, given as an argument, for all elements side by side."""
    sizes = ints(call.args[place])
    if len(sizes) != 4:
        raise NoRuleError
    return (*sizes[:axis], call.size * sizes[axis], *sizes[axis + 1 :])


def _images(call: Call, i: int, per_filter: Any) -> Any:
    """The images of a convolution; those that are the same for all elements, and of one group, need no repeating."""
    shape = call.shape(i)
    if not call.batched[i] and type(per_filter) is int and shape[3] == per_filter:
        return call.args[i]
    return _beside(call.full(i), shape, call.size)


def _conv2d(call: Call) -> Any:
    if not call.batched[1]:
        return rows_alike(0)(call)
    _channels_last(call)
    images = _images(call, 0, call.shape(1)[2])
    return _divided(call.run(images, _beside(call.args[1], call.shape(1), call.size)), call.size)


def _conv2d_input(call: Call) -> Any:
    if not call.batched[1]:
        return _with_sizes(2)(call)
    _channels_last(call)
    filters, g = (_beside(call.full(i), call.shape(i), call.size) for i in (1, 2))
    return _divided(call.run(_sizes(call, 0), filters, g), call.size)


def _conv2d_filter(call: Call) -> Any:
    _channels_last(call)
    sizes = _sizes(call, 1)
    images = _images(call, 0, sizes[2])
    return _divided(call.run(images, sizes, _beside(call.full(2), call.shape(2), call.size)), call.size)


def _depthwise(call: Call) -> Any:
    if not call.batched[1]:
        return rows_alike(0)(call)
    _channels_last(call)
    images = _beside(call.full(0), call.shape(0), call.size)
    return _divided(call.run(images, _beside(call.args[1], call.shape(1), call.size, 2)), call.size)


def _depthwise_input(call: Call) -> Any:
    if not call.batched[1]:
        return _with_sizes(2)(call)
    _channels_last(call)
    filters = _beside(call.args[1], call.shape(1), call.size, 2)
    g = _beside(call.full(2), call.shape(2), call.size)
    return _divided(call.run(_sizes(call, 0), filters, g), call.size)


def _depthwise_filter(call: Call) -> Any:
    _channels_last(call)
    images, g = (_beside(call.full(i), call.shape(i), call.size) for i in (0, 2))
    return _divided(call.run(images, _sizes(call, 1, 2), g), call.size, 2)


def _batch_norm(call: Call) -> Any:
    _channels_last(call)
    channels = call.shape(0)[-1]
    if call.rank(0) != 4 or any(y._array.static is None for y in call.outputs):
        raise NoRuleError
    args = []
    for i, x in enumerate(call.args):
        shape = call.shape(i)
        if len(shape) == 4:
            x = _beside(call.full(i), shape, call.size)
        elif shape == (channels,):
            x = reshape(call.full(i), (call.size * channels,))
        args.append(x)
    return [
        _divided(y, call.size) if like.ndim == 4
        else reshape(y, (call.size, channels)) if like._array.static == (channels,)
        else repeated(y, call.size, shape_of(y))
        for y, like in zip(call.run(*args), call.outputs)
    ]  # fmt: skip


IMAGES = table(
    ("AvgPool DepthToSpace ExtractImagePatches LRN MaxPool ResizeArea ResizeBicubic ResizeBilinear"
     " ResizeNearestNeighbor ResizeNearestNeighborGrad ScaleAndTranslate SpaceToDepth", rows_alike(0)),
    ("DrawBoundingBoxes ResizeBicubicGrad ResizeBilinearGrad ScaleAndTranslateGrad", rows_alike(0, 1)),
    ("LRNGrad MaxPoolGrad MaxPoolGradGrad", rows_alike(0, 1, 2)), ("AvgPoolGrad", _with_sizes(1)),
    ("BiasAdd", _bias_add), ("BiasAddGrad", _bias_add_grad),
    ("Conv2D", _conv2d), ("Conv2DBackpropInput", _conv2d_input), ("Conv2DBackpropFilter", _conv2d_filter),
    ("DepthwiseConv2dNative", _depthwise), ("DepthwiseConv2dNativeBackpropInput", _depthwise_input),
    ("DepthwiseConv2dNativeBackpropFilter", _depthwise_filter),
    ("FusedBatchNormV3 FusedBatchNormGradV3", _batch_norm),
)  # fmt: skip
