"""The op table inside `tf.function`: all shapes known, sizes unknown, ranks unknown; it gives what ops give eagerly."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import recorded
import test_ops
from optable import Case
from recorded import Tree
from test_ops import _watch_gradients as _watch_gradients  # the runs are shared with test_ops, which wants it

import tapeflow as tf
from tapeflow.base import nest
from tapeflow.core.op import OPS
from tapeflow.engines import xla
from tapeflow.graph.ir import Node

OPS.load()  # all families, also those that load at first use

SHAPES: dict[str, Callable[[Any], Any]] = {
    "shapes known": lambda shape: shape,
    "sizes unknown": lambda shape: [None] * len(shape),
    "ranks unknown": lambda shape: None,
}

#: Errors that may come instead of the eager one: TensorFlow's while tracing, and a kernel's when the function runs.
INSTEAD = (ValueError, TypeError, tf.errors.InvalidArgumentError)

#: What TensorFlow, too, refuses in functions, or where sizes are unknown.
REFUSED = (
    "Cannot infer argument `num` from shape",
    "Expected bool passed to parameter 'condition' of op 'Assert', got 1 of type 'int' instead.",
    "Eager execution of tf.constant with unsupported shape",
    "Expected int for argument 'num_partitions'",
    "Expected list for 'inputs' argument to 'string_join'",
    "Length for attr 'T' of 0 must be at least minimum 1",
    "QrGrad not implemented with dynamic shapes.",
    "SVD gradient has not been implemented for input with unknown inner matrix shape.",
)

#: Where sizes decide in which order to multiply.
BY_SIZES = "linalg:Einsum"
#: Where sizes decide whether a gradient is slices.
SLICES = "indexing:GatherNd"

CONTROL = "Python eagerly, nodes in graphs: see test_graph_control_flow.py"
#: What is not run, by the beginnings of names.
EAGER_ONLY = {
    "control_flow:": CONTROL,
    "elementwise:AddN:f32(3)": "goes through a tensor: refused in graphs",
    "linalg:SelfAdjointEigV2": "the row computes with sizes in Python",
    "random:tf.random.Generator": "asks for the generator's state",
    "creation:tf.get_static_value": "asks for values",
    "strings:StringJoin:string=": "goes through a tensor: refused in graphs",
}


def in_function(
    case: Case, seeds: list[Any], shape_of: Callable[[Any], Any], jit_compile: bool = False
) -> tuple[Any, Any, list[Any]]:
    """The results and gradients of a case from a function, and the Symbols that stood for the tensors in them."""
    tensors = [tf.constant(array) for array in case.inputs()]
    kept: list[Any] = []

    def function(*tensors: Any) -> list[Any]:
        sources = [x for x in tensors if recorded._differentiable(x)]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            result = case.call(tf, tensors)
        targets = [y for y in recorded._leaves(result, tf.is_tensor) if recorded._differentiable(y)]
        grads = None
        if seeds:
            grads = tape.gradient(targets, sources, output_gradients=[tf.constant(seed) for seed in seeds])
        kept.append((result, grads))
        return tensors_in(kept[-1])

    signature = [tf.TensorSpec(shape_of(x.shape), x.dtype) for x in tensors]
    concrete = tf.function(function, autograph=False, jit_compile=jit_compile).get_concrete_function(*signature)
    symbols = tensors_in(kept[-1])
    values = iter(concrete(*tensors))

    def value(x: Any) -> Any:
        return next(values) if isinstance(x, tf.Tensor) else None if isinstance(x, Node) else x

    result, grads = nest.map_structure(value, kept[-1], expand_composites=True)
    return result, grads, symbols


def tensors_in(value: Any) -> list[Any]:
    return [x for x in nest.flatten(value, expand_composites=True) if isinstance(x, tf.Tensor)]


def complaint(name: str, known: str) -> str | None:
    """What is wrong with a case in a function."""
    case, eager = test_ops.CASES[name], test_ops.run(name).outcome
    try:
        seeds = eager.seeds if eager.grads.form is not None else []
        result, grads, symbols = in_function(case, seeds, SHAPES[known])
    except Exception as error:
        if str(error).startswith(REFUSED):
            return None
        if eager.error and (type(error).__name__ == eager.error[0] or isinstance(error, INSTEAD)):
            return None
        return traceback.format_exc(limit=-3)
    if eager.error:
        if known == "sizes unknown" and eager.error[0] == "ValueError":
            return None  # Python looked at sizes, which it cannot here, and the kernels take what there is
        return f"eagerly this is refused: {eager.error}"
    for symbol, value in zip(symbols, tensors_in((result, grads)), strict=True):
        if not symbol.shape.is_compatible_with(value.shape):
            return f"{symbol} has in fact the shape {value.shape}"
        if known == "shapes known" and not symbol.shape.is_fully_defined() and not depends_on_values(name):
            return f"the shape of {symbol} is {value.shape}: it could be known"
    exact = known == "shapes known" or not name.startswith(BY_SIZES)
    wrong = difference(recorded.describe(result), eager.result, case, called(name), exact)
    if not wrong and seeds and not draws(called(name)):
        ours = recorded.describe(grads)
        if known == "shapes known" or not name.startswith(SLICES) or ours.form == eager.grads.form:
            wrong = recorded.difference(ours, eager.grads, case)
            wrong = wrong and f"gradients: {wrong}"
    return wrong


def called(name: str) -> set[str]:
    return {call.op for call in test_ops.run(name).calls} & set(OPS)


def draws(ops: set[str]) -> bool:
    """Whether there are random numbers in the results; in a function each op draws its own."""
    return any("seed2" in OPS[op].defaults for op in ops)


def depends_on_values(name: str) -> bool:
    """Whether sizes of results may depend on elements of the inputs."""
    ops = called(name)
    integers = any(array.dtype.kind in "iu" for array in test_ops.CASES[name].inputs())
    return bool(ops & test_ops.DATA_DEPENDENT) or (integers and any(OPS[op].static for op in ops))


def difference(ours: Tree, eager: Tree, case: Case, ops: set[str], exact: bool) -> str | None:
    """What is wrong with the results: they must be the same to the last bit."""
    if draws(ops):
        return None if ours.form == eager.form else f"form {ours.form} instead of {eager.form}"
    wrong = recorded.difference(ours, eager, case, zero_sign=case.zero_sign)
    if wrong or not exact:
        return wrong
    for index, (a, b) in enumerate(zip(ours.arrays, eager.arrays, strict=True)):
        if a.dtype != object and not np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"):
            return f"array {index} is not the same to the last bit: {a} instead of {b}"
    return None


#: What TensorFlow, too, refuses where ranks are unknown; and a gradient for images or for volumes.
NEED_RANKS = (
    "ragged:RaggedTensorToTensor",
    "nn:FusedBatchNormGradV3",
    "strings_parts:tf.strings.", "strings_unicode:tf.strings.unicode_", "strings_unicode:UnicodeDecodeWithOffsets",
    "strings_unicode:UnicodeEncode", "image:Resize", "image:ScaleAndTranslate", "image:tf.image.resize:",
    "image:tf.image.resize/", "signal:FFTND", "signal:IFFTND", "signal:RFFTND", "signal:IRFFTND",
    "image:tf.image.central_crop", "image:tf.image.image_gradients", "image:tf.image.total_variation",
    "convolution:tf.nn.convolution", "convolution:MaxPool", "convolution:AvgPool", "nn_volumes:tf.nn.",
    "nn_sequences:tf.nn.ctc", "nn_sequences:tf.nn.collapse_repeated", "nn_sequences:Isotonic",
)  # fmt: skip


def cases_of(row: str, known: str) -> list[str]:
    """The cases to run: of ranks unknown, only the first that is no error."""
    names = [f"{row.partition(':')[0]}:{case.id}" for case in test_ops.ROWS[row].cases]
    names = [name for name in names if not name.startswith(tuple(EAGER_ONLY))]
    if known != "ranks unknown":
        return names
    return [name for name in names if not test_ops.CASES[name].error and not name.startswith(NEED_RANKS)][:1]


@pytest.mark.parametrize("known", SHAPES)
@pytest.mark.parametrize("row", [row for row in test_ops.ROWS if cases_of(row, "shapes known")])
def test_row(row: str, known: str) -> None:
    cases = cases_of(row, known)
    wrong = [f"{name}: {text}" for name in cases if (text := complaint(name, known))]
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:4])


# Arguments that eager programs give as numbers, known only when the function runs


IMAGE = np.linspace(0, 1, 2 * 5 * 6 * 3, dtype=np.float32).reshape(2, 5, 6, 3)
MATRIX = np.cos(np.arange(24, dtype=np.float64)).reshape(2, 3, 4)

LATE: dict[str, tuple[Callable[..., Any], list[Any]]] = {
    **{f"rot90 {k}": (tf.image.rot90, [IMAGE, k]) for k in range(-1, 5)},
    **{f"rot90 of one {k}": (tf.image.rot90, [IMAGE[0], k]) for k in range(4)},
    "crop": (tf.image.crop_to_bounding_box, [IMAGE, 1, 2, 3, 4]),
    "pad": (tf.image.pad_to_bounding_box, [IMAGE, 1, 2, 8, 9]),
    "crop or pad": (tf.image.resize_with_crop_or_pad, [IMAGE, 3, 9]),
    "resize": (tf.image.resize, [IMAGE, np.array([3, 8], np.int32)]),
    "resize within": (
        lambda x, size: tf.image.resize(x, size, preserve_aspect_ratio=True), [IMAGE, np.array([3, 8], np.int32)]
    ),
    "resize smoothly": (
        lambda x, size: tf.image.resize(x, size, "lanczos3", antialias=True), [IMAGE, np.array([3, 4], np.int32)]
    ),
    "resize with pad": (tf.image.resize_with_pad, [IMAGE, 7, 4]),
    "hue": (tf.image.adjust_hue, [IMAGE, np.float32(0.25)]),
    "random crop": (
        lambda x, size: tf.image.stateless_random_crop(x, size, [1, 2]), [IMAGE, np.array([1, 2, 3, 3], np.int32)]
    ),
    "flip": (lambda x, seed: tf.image.stateless_random_flip_up_down(x, seed), [IMAGE, np.array([1, 2])]),
    "tensordot": (tf.tensordot, [MATRIX, MATRIX.transpose(2, 1, 0).copy(), 2]),
    "tensordot of axes": (tf.tensordot, [MATRIX, MATRIX, np.array([[2, 0], [2, 0]])]),
    "norm": (tf.clip_by_norm, [MATRIX, 0.5, np.array([0, 2], np.int32)]),
    "prod": (tf.reduce_prod, [MATRIX, np.array([-1, 0], np.int32)]),
    "mean": (tf.reduce_mean, [MATRIX, np.array([1], np.int32)]),
    "concat": (lambda x, axis: tf.concat([x, 2 * x], axis), [MATRIX, -2]),
    "tall": (tf.linalg.lstsq, [MATRIX.reshape(6, 4), MATRIX.reshape(6, 4)]),
    "wide": (tf.linalg.lstsq, [MATRIX.reshape(4, 6), MATRIX.reshape(4, 6)]),
    "bins": (lambda x, n: tf.histogram_fixed_width(x, [-1.0, 1.0], n), [MATRIX.astype(np.float32), 4]),
}


@pytest.mark.parametrize("known", SHAPES)
@pytest.mark.parametrize("name", LATE)
def test_late_arguments(name: str, known: str) -> None:
    function, values = LATE[name]
    if known == "ranks unknown" and (name.startswith("resize") or IMAGE is values[0]):
        pytest.skip("takes images of known rank, or of three dimensions")

    def with_gradient(*tensors: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(tensors[0])
            y = function(*tensors)
        return y, tape.gradient(y, tensors[0]) if name not in ("hue", "bins") else None

    tensors = [tf.constant(value) for value in values]
    signature = [tf.TensorSpec(SHAPES[known](x.shape) if x.ndim else [], x.dtype) for x in tensors]
    got = tf.function(with_gradient, signature, autograph=False, jit_compile=False)(*tensors)
    for ours, eager in zip(got, with_gradient(*tensors), strict=True):
        if eager is not None:
            np.testing.assert_allclose(ours, eager, rtol=1e-6, atol=1e-6)


def test_late_refusals() -> None:
    hue = tf.function(lambda delta: tf.image.adjust_hue(IMAGE, delta), autograph=False)
    crop = tf.function(lambda high: tf.image.crop_to_bounding_box(IMAGE, 0, 0, high, 1), autograph=False)
    with pytest.raises(tf.errors.InvalidArgumentError, match="must be in the interval"):
        hue(tf.constant(1.5))
    with pytest.raises(tf.errors.InvalidArgumentError, match="height must be >= target"):
        crop(tf.constant(6))


# On XLA


SLACK = 16.0  # tolerance, in that of `recorded`
CANCELS = "reduction:tf.exported"  # a sum that should be 0, to rounding


def has_xla(op: str) -> bool:
    return OPS[op].kernels.get("xla", OPS[op].kernel) is not None


def sample(family: str) -> Iterator[str]:
    """Of a family's cases, those that run an op of the family, or of a gradient, that none before has run."""
    ours = {op for row in test_ops.TABLE[family] for op in row.ops} | {op for op in OPS if "Grad" in op}
    seen: set[str] = set()
    for row in test_ops.TABLE[family]:
        for name in cases_of(f"{family}:{row.name}", "shapes known"):
            case, eager, ops = test_ops.CASES[name], test_ops.run(name).outcome, called(name)
            strings = any(array.dtype == object for array in (*case.inputs(), *eager.result.arrays))
            fit = not eager.error and not strings and all(map(has_xla, ops)) and not name.startswith(CANCELS)
            if fit and (ops & ours) - seen:
                seen |= ops
                yield name


def complaint_on_xla(name: str) -> str | None:
    """What is wrong with a case in a function that XLA compiles."""
    case, eager = test_ops.CASES[name], test_ops.run(name).outcome
    seeds = eager.seeds if eager.grads.form is not None else []
    try:
        result, grads, _ = in_function(case, seeds, SHAPES["shapes known"], jit_compile=True)
    except Exception:
        if depends_on_values(name):
            return None  # XLA must know all sizes
        return traceback.format_exc(limit=-3)
    ours = recorded.describe(result), recorded.describe(grads)
    if draws(called(name)):
        return None if ours[0].form == eager.result.form else f"form {ours[0].form} instead of {eager.result.form}"
    wrong = recorded.difference(ours[0], eager.result, case, SLACK)
    return wrong or (recorded.difference(ours[1], eager.grads, case, SLACK) if seeds else None)


@pytest.mark.skipif(not xla.available(), reason="needs jax")
@pytest.mark.parametrize("family", test_ops.TABLE)
def test_on_xla(family: str) -> None:
    cases = list(sample(family))
    wrong = [f"{name}: {text}" for name in cases if (text := complaint_on_xla(name))]
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:4])
