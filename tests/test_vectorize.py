"""`tf.vectorized_map` beside calls for each element, and Jacobians beside a sweep for each row."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import rows
from optable import Case, Row

import tapeflow as tf
from tapeflow.autodiff import jacobian as jacobians
from tapeflow.base import nest
from tapeflow.core.op import OPS
from tapeflow.graph.vectorize import Vectorized
from tapeflow.graph.vectorize_control import CONTROL, LISTS, ORDERED
from tapeflow.graph.vectorize_rules import RULES, SHARED

OPS.load()  # all families, also those that load at first use

X = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
W = tf.constant([[0.1, 0.2], [0.3, 0.4]])

#: Ops that run for one element after the other.
LOOPED = set(
    # their sizes depend on values
    "DynamicPartition DynamicStitch ParallelDynamicStitch RaggedGather RaggedRange"
    " RaggedTensorToTensor Range Unique UniqueV2 UniqueWithCounts UniqueWithCountsV2 Where"
    # strings
    " AsString ReduceJoin RegexFullMatch RegexReplace StaticRegexFullMatch StaticRegexReplace StringFormat StringJoin"
    " StringLength StringLower StringStrip StringToNumber StringUpper Substr"
    " DecodeBase64 DecodePaddedRaw DecodeRaw EncodeBase64 StringNGrams StringSplit StringSplitV2 StringToHashBucket"
    " StringToHashBucketFast StringToHashBucketStrong UnicodeDecode UnicodeDecodeWithOffsets UnicodeEncode"
    " UnicodeScript UnicodeTranscode UnsortedSegmentJoin"
    # boxes in images
    " CombinedNonMaxSuppression CropAndResize CropAndResizeGradBoxes CropAndResizeGradImage DrawBoundingBoxesV2"
    " ExtractGlimpseV2 ImageProjectiveTransformV2 ImageProjectiveTransformV3 NonMaxSuppression NonMaxSuppressionV2"
    " NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 NonMaxSuppressionWithOverlaps"
    " SampleDistortedBoundingBoxV2 StatelessSampleDistortedBoundingBox"
    # random numbers from seeds that depend on the element
    " RandomShuffle StatelessMultinomial StatelessRandomGammaV3 StatelessRandomGetKeyCounter StatelessRandomNormalV2"
    " StatelessRandomPoisson StatelessRandomUniformFullIntV2 StatelessRandomUniformIntV2 StatelessRandomUniformV2"
    " StatelessTruncatedNormalV2 KeyedRandomBinomial RandomIndexShuffle StatelessParameterizedTruncatedNormal"
    " StatelessRandomBinomial StatelessShuffle"
    # lists, in gradients of loops
    " TensorListAdd TensorListClearItem TensorListClearItems TensorListConcatV2 TensorListGatherLike TensorListGetLike"
    " TensorListLengths TensorListReserve TensorListScatterIntoExistingList TensorListSplit TensorListStackLike"
    # sampled classes, sequences, volumes, morphology
    " AllCandidateSampler CTCBeamSearchDecoder CTCGreedyDecoder CTCLoss ComputeAccidentalHits"
    " FixedUnigramCandidateSampler LearnedUnigramCandidateSampler LogUniformCandidateSampler"
    " ThreadUnsafeUnigramCandidateSampler UniformCandidateSampler FractionalAvgPool FractionalAvgPoolGrad"
    " FractionalMaxPool FractionalMaxPoolGrad IsotonicRegression Dilation2D Dilation2DBackpropFilter"
    " Dilation2DBackpropInput AvgPool3D AvgPool3DGrad Conv3D Conv3DBackpropFilterV2 Conv3DBackpropInputV2 MaxPool3D"
    " MaxPool3DGrad MaxPool3DGradGrad"
    # sparse tensors, sets and counts
    " DenseCountSparseOutput DenseToDenseSetOperation DenseToSparseSetOperation EditDistance RaggedBincount"
    " RaggedCountSparseOutput SetSize SparseAdd SparseAddGrad SparseBincount SparseConcat SparseCountSparseOutput"
    " SparseDenseCwiseAdd SparseDenseCwiseDiv SparseDenseCwiseMul SparseFillEmptyRows SparseFillEmptyRowsGrad"
    " SparseReduceMax SparseReduceMaxSparse SparseReduceSum SparseReduceSumSparse SparseReorder SparseReshape"
    " SparseSegmentMean SparseSegmentMeanWithNumSegments SparseSegmentSqrtN SparseSegmentSqrtNWithNumSegments"
    " SparseSegmentSum SparseSegmentSumWithNumSegments SparseSlice SparseSliceGrad SparseSoftmax SparseSparseMaximum"
    " SparseSparseMinimum SparseSplit SparseTensorDenseAdd SparseTensorDenseMatMul SparseToDense"
    " SparseToSparseSetOperation DeserializeManySparse SerializeManySparse SerializeSparse"
    # files, images as files
    " DecodeAndCropJpeg DecodeBmp DecodeCSV DecodeCompressed DecodeGif DecodeImage DecodeJpeg DecodePng DecodeWav"
    " DecodeWebP EncodeJpeg EncodeJpegVariableQuality EncodePng EncodeWav ExtractJpegShape MatchingFiles ParseTensor"
    " ReadFile"
    " SerializeTensor WriteFile"
    # what is rarely mapped
    " FFTND Fingerprint GuaranteeConst IFFTND IRFFTND ParallelConcat RFFTND UnravelIndex"
    " BroadcastArgs BroadcastGradientArgs DenseBincount Diag DiagPart"
    " InvertPermutation MatrixSolveLs MaxPoolWithArgmax PrintV2 Timestamp"
    " ApproxTopK Betainc FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsGradient FakeQuantWithMinMaxVarsPerChannel"
    " FakeQuantWithMinMaxVarsPerChannelGradient SobolSample QuantizeV2 Dequantize QuantizedConcat ExtractVolumePatches"
    " QuantizeAndDequantizeV2 QuantizeAndDequantizeV3 QuantizeAndDequantizeV4 QuantizeAndDequantizeV4Grad".split()
)


def values(result: Any) -> list[np.ndarray[Any, Any]]:
    tensors = [x for x in nest.flatten(result, expand_composites=True) if isinstance(x, tf.Tensor)]
    return [np.asarray(x.numpy(), object if x.dtype is tf.string else None) for x in tensors]


def stacked(function: Callable[..., Any], *elems: Any) -> list[np.ndarray[Any, Any]]:
    """What `function` gives for one element after the other."""
    results = [values(function(*row)) for row in zip(*map(tf.unstack, elems), strict=True)]
    return [np.stack(column) for column in zip(*results, strict=True)]


@pytest.fixture
def looped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The types of the nodes that ran for one element after the other; "whole" if the whole function did."""
    found: list[str] = []

    def noting(name: str, note: Callable[[Any], str]) -> None:
        method = getattr(Vectorized, name)

        def noted(self: Vectorized, what: Any) -> Any:
            found.append(note(what))
            return method(self, what)

        monkeypatch.setattr(Vectorized, name, noted)

    noting("_one_by_one", lambda node: str(node.type))
    noting("_whole", lambda _: "whole")
    return found


# -- functions of all sorts: for each, what runs for one element after the other


def array(e):
    items = tf.TensorArray(tf.float32, 3)
    for i in tf.range(3):
        items = items.write(i, e * tf.cast(i, tf.float32))
    return items.stack()


def python_if(e):
    if e[0] > 2.0:
        return e * 2.0
    return e


def gradient(e):
    with tf.GradientTape() as tape:
        tape.watch(e)
        y = tf.reduce_sum(tf.tanh(tf.linalg.matvec(W, e)))
    return tape.gradient(y, e)


def gradient_of_loop(e):
    with tf.GradientTape() as tape:
        tape.watch(e)
        y = tf.reduce_sum(tf.map_fn(lambda u: u * u * e[0], e))
    return tape.gradient(y, e)


FUNCTIONS: dict[str, tuple[Callable[[Any], Any], list[str]]] = {
    "affine": (lambda e: tf.linalg.matvec(W, e) + W[0], []),
    "constant": (lambda e: W * 2.0, []),
    "ranks": (lambda e: e * W + tf.reduce_sum(e), []),
    "sizes": (lambda e: tf.reshape(e, (tf.size(e), 1)) * tf.cast(tf.shape(e)[0], tf.float32), []),
    "structure": (lambda e: {"a": (e, e[0]), "b": [tf.argmax(e)]}, []),
    "same branch": (lambda e: tf.cond(tf.reduce_sum(W) > 0, lambda: e * 2 + W[0], lambda: W[1]), []),
    "own branch": (lambda e: tf.cond(e[0] > 2, lambda: e * 2, lambda: e), ["StatelessIf"]),
    "python if": (python_if, ["StatelessIf"]),
    "case": (lambda e: tf.switch_case(tf.cast(W[1, 1] * 3, tf.int32), [lambda: e, lambda: e * 3, lambda: W[0]]), []),
    "loop": (lambda e: tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * e), (0, W))[1], []),
    "own loop": (lambda e: tf.while_loop(lambda a: a[0] < 9, lambda a: a * 2, [e])[0], ["StatelessWhile"]),
    "map": (lambda e: tf.map_fn(lambda u: u * 2 + e[0], e), []),
    "scan": (lambda e: tf.scan(lambda a, u: a * u, e), []),
    "scan of constants": (lambda e: tf.scan(lambda a, u: a * tf.reduce_sum(e) + u, W), []),
    "fold": (lambda e: tf.foldl(lambda a, u: a * u + 1, e), []),
    "array": (array, []),
    "nested": (lambda e: tf.vectorized_map(lambda u: u * e[0], e), []),
    "gradient": (gradient, []),
    "gradient of a loop": (gradient_of_loop, ["StatelessWhile", "whole"]),
    "call": (tf.function(lambda e: tf.sin(e) * 2.0), []),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("how", ["eagerly", "in a graph", "of unknown size"])
def test_functions(name, how, looped):
    function, expected = FUNCTIONS[name]

    def whole(x):
        return tf.vectorized_map(function, x)

    if how != "eagerly":
        whole = tf.function(whole, input_signature=[tf.TensorSpec([None if "unknown" in how else 3, 2])])
    result = values(whole(X))
    assert looped == expected
    for ours, wanted in zip(result, stacked(tf.function(function), X), strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-5)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(X)
        y = tf.add_n([tf.reduce_sum(tf.sin(y)) for y in nest.flatten(whole(X)) if y.dtype.is_floating])
        rows = [nest.flatten(tf.function(function)(row)) for row in tf.unstack(X)]
        z = tf.add_n([tf.reduce_sum(tf.sin(y)) for row in rows for y in row if y.dtype.is_floating])
    for ours, wanted in zip(values([tape.gradient(y, X)]), values([tape.gradient(z, X)]), strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["affine", "same branch", "own branch", "loop", "map", "scan", "array"])
def test_on_xla(name):
    function, _ = FUNCTIONS[name]
    compiled = tf.function(lambda x: tf.vectorized_map(function, x), jit_compile=True)
    np.testing.assert_allclose(compiled(X), tf.vectorized_map(function, X), rtol=1e-5)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, i: x[i], lambda x, i: x[:, i], lambda x, i: x[i, 1], lambda x, i: x[i - 4], lambda x, i: x[i, i % 3],
        lambda x, i: x[1:, i, :2], lambda x, i: (x * tf.cast(i, tf.float32))[i],
    ],
)  # fmt: skip
def test_an_index_may_depend_on_the_element(function):
    x = tf.reshape(tf.range(48.0), (4, 4, 3))
    result = tf.vectorized_map(lambda i: function(x, i), tf.range(4), warn=False)
    np.testing.assert_array_equal(result, stacked(lambda i: function(x, i), tf.range(4))[0])


# -- what is particular


def test_the_function_is_called_once():
    calls = []
    tf.vectorized_map(lambda e: calls.append(e) or e, X)
    assert len(calls) == 1


@pytest.mark.parametrize(
    "draw",
    [
        lambda e: tf.random.normal([2]), lambda e: tf.random.uniform([2], maxval=1 << 30, dtype=tf.int32),
        lambda e: e + tf.random.uniform([2]), lambda e: tf.random.gamma([2], 3.0),
        lambda e: tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a + tf.random.uniform([2])), (0, W[0]))[1],
    ],
)  # fmt: skip
def test_each_element_draws_random_numbers_of_its_own(draw):
    assert len(set(tf.vectorized_map(draw, X).numpy().ravel().tolist())) == 6


def test_each_element_is_shuffled_by_itself():
    x = tf.vectorized_map(lambda e: tf.random.shuffle(tf.range(20)), X, warn=False).numpy()
    assert (np.sort(x) == np.arange(20)).all()
    assert not (x[0] == x[1]).all()


def test_stateless_random_numbers_are_the_same_for_all():
    x = tf.vectorized_map(lambda e: tf.random.stateless_uniform([2], [1, 2]), X).numpy()
    assert (x == x[0]).all()


def test_updates_come_in_the_order_of_the_elements():
    total = tf.Variable(0.0)
    seen = tf.Variable([0.0])

    def function(e):
        total.assign(total * 10.0 + e[0])
        seen.assign(e[:1])
        return e

    tf.vectorized_map(function, X, warn=False)
    assert total.numpy() in (135.0, 5.0)  # reads of a Variable are the same for all
    assert seen.numpy() == [5.0]


def test_variables_get_gradients():
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.vectorized_map(lambda e: e * v, X))
    np.testing.assert_array_equal(tape.gradient(y, v), [9.0, 12.0])


def test_asserts_hold_for_all_elements():
    def function(e):
        tf.debugging.assert_less(e, 6.0)
        return e

    assert tf.vectorized_map(function, X[:2]).shape == (2, 2)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.vectorized_map(function, X)


def test_first_dimensions_of_one_are_repeated():
    result = tf.vectorized_map(lambda e: e[0] + e[1], (X, tf.ones([1, 2])))
    np.testing.assert_array_equal(result, X + 1.0)
    assert tf.vectorized_map(lambda e: e * 2.0, X[:1]).shape == (1, 2)


@pytest.mark.parametrize("traced", [False, True])
def test_no_elements(traced):
    def function(x):
        return tf.vectorized_map(
            lambda e: (tf.reduce_sum(e), tf.reshape(e, (-1, 1)), tf.strings.as_string(e)), x, warn=False
        )

    function = tf.function(function, input_signature=[tf.TensorSpec([None, 2])]) if traced else function
    total, column, text = function(X[:0])
    assert (total.shape, column.shape, text.shape) == ((0,), (0, 2, 1), (0, 2))
    assert text.dtype is tf.string


def test_none_stays():
    assert tf.vectorized_map(lambda e: None, X) is None
    result, nothing = tf.vectorized_map(lambda e: (e, None), X)
    assert result.shape == (3, 2)
    assert nothing is None


def test_sizes_must_agree():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[2\] = 2 is not in \[0, 2\)"):
        tf.vectorized_map(lambda e: e[0] + e[1], (X, tf.ones([2, 2])))


def lengths(e):
    return tf.strings.length(tf.strings.as_string(e))


def test_fallback_is_announced(caplog, looped):
    with caplog.at_level(logging.WARNING, "tensorflow"):
        np.testing.assert_array_equal(tf.vectorized_map(lengths, X), np.full((3, 2), 8))
    assert looped == ["AsString", "StringLength"]
    assert caplog.messages == [
        f"Using a while_loop for converting {name} cause there is no registered converter for this op."
        for name in looped
    ]


def test_fallback_may_be_silent(caplog):
    with caplog.at_level(logging.WARNING, "tensorflow"):
        tf.vectorized_map(lengths, X, warn=False)
    assert not caplog.messages


def test_fallback_may_be_refused():
    with pytest.raises(ValueError, match="No pfor vectorization defined for AsString"):
        tf.vectorized_map(lengths, X, fallback_to_while_loop=False)


def test_results_of_different_shapes_are_refused():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Shapes of all inputs must match"):
        tf.vectorized_map(lambda e: tf.where(e > 3.0), X, warn=False)


# -- Jacobians


def test_jacobian_in_a_graph_of_unknown_size():
    @tf.function(input_signature=[tf.TensorSpec([None, None])])
    def function(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = tf.sin(x) * tf.reduce_sum(x * x)
        return tape.jacobian(y, x), tape.batch_jacobian(y, x)

    for x in (X, X[:, :1]):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = tf.sin(x) * tf.reduce_sum(x * x)
        whole, batch = function(x)
        np.testing.assert_allclose(whole, tape.jacobian(y, x, experimental_use_pfor=False), rtol=1e-4)
        np.testing.assert_allclose(batch, tape.batch_jacobian(y, x, experimental_use_pfor=False), rtol=1e-4)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_jacobian_of_nothing(shape):
    x = tf.zeros(shape)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * 2.0
    assert tape.jacobian(y, x).shape == shape + shape


def test_a_jacobian_can_be_differentiated():
    x = tf.constant(np.linspace(-1.0, 1.0, 12))

    def gradient(at_once):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.sin(x) * x[::-1] * tf.reduce_sum(x)
            jacobian = inner.jacobian(y, x, experimental_use_pfor=at_once)
            total = tf.reduce_sum(jacobian * jacobian)
        return outer.gradient(total, x)

    np.testing.assert_allclose(gradient(True), gradient(False), rtol=1e-9)


def test_jacobian_of_a_lookup_and_of_what_is_unconnected():
    table, other = tf.Variable(tf.reshape(tf.range(20.0), (10, 2))), tf.Variable(1.0)
    with tf.GradientTape(persistent=True) as tape:
        y = tf.gather(table, [1, 3, 1, 7, 9]) ** 2.0
    ours = tape.jacobian(y, [table, other])
    wanted = tape.jacobian(y, [table, other], experimental_use_pfor=False)
    np.testing.assert_array_equal(ours[0], wanted[0])
    assert ours[1] is wanted[1] is None


# -- the op table

#: What draws random numbers; what is not the same in graphs: the shape of `==` of shapes that do not broadcast, and
#: which dtypes of sizes are taken.
OTHERS = {"elementwise:Equal/operator", "elementwise:NotEqual/operator", "creation:tf.eye"}
RANDOM = ("CandidateSampler", "tf.nn.nce_loss", "tf.nn.sampled_softmax_loss")
CASES: dict[str, Row] = {
    f"{family}:{row.name}": row
    for family in rows.families()
    if family != "random"
    for row in rows.load(family)
    if "random" not in row.name and not row.name.endswith(RANDOM) and f"{family}:{row.name}" not in OTHERS
}


def test_every_op_has_a_rule_or_is_known_to_have_none():
    ruled = {*RULES, *SHARED, *LISTS, *CONTROL, *ORDERED}
    assert set(OPS) - ruled - LOOPED == set()
    assert LOOPED & {*RULES, *SHARED, *LISTS} == set()
    assert LOOPED <= set(OPS)


def some(row: Row) -> list[Case]:
    """A row's cases, or a dozen of them."""
    cases = [case for case in row.cases if not case.error]
    return cases[:: max(1, len(cases) // 12)]


def elements(case: Case, which: str) -> Iterator[tuple[int, np.ndarray[Any, Any]]]:
    """Some of a case's inputs, each as three elements."""
    arrays = case.inputs()
    for i, x in enumerate(arrays):
        if which == "all" or i == (0 if which == "first" else len(arrays) - 1):
            factors = [1, 0.5, 0.75] if x.dtype.kind in "fcV" else [None] * 3
            yield i, np.stack([x if factor is None else (x * factor).astype(x.dtype) for factor in factors])


def compare(ours: Any, wanted: Any, rtol: float | None = None) -> None:
    assert ours.shape == wanted.shape
    if wanted.dtype.kind in "OS":
        assert ours.tolist() == wanted.tolist()
        return
    assert ours.dtype == wanted.dtype
    eps = 2e-2 if wanted.dtype.itemsize == 2 else 1e-4 if wanted.dtype in (np.float32, np.complex64) else 1e-9
    with np.errstate(all="ignore"):
        ours, wanted = ours.astype(np.complex128), wanted.astype(np.complex128)
        scale = np.abs(wanted[np.isfinite(wanted)]).max(initial=0.0)
    np.testing.assert_allclose(ours, wanted, rtol=max(eps, rtol or 0.0), atol=eps * min(scale, 1e3))


def mapped_as_called(case: Case, which: str) -> None:
    tensors = [tf.constant(x) for x in case.inputs()]
    places, stacks = zip(*elements(case, which), strict=True)

    def function(*given: Any) -> Any:
        args = list(tensors)
        for i, x in zip(places, given, strict=True):
            args[i] = x
        return nest.flatten(case.call(tf, args), expand_composites=True)

    stacks = tuple(map(tf.constant, stacks))
    try:
        wanted = stacked(function, *stacks)
    except Exception:
        return  # inputs that do not fit, or results of different shapes
    if not wanted:
        return  # no tensors
    try:
        result = values(tf.vectorized_map(lambda args: function(*args), stacks, warn=False))
    except Exception:
        with pytest.raises(Exception):  # then graphs refuse it for one element, too
            tf.function(function, autograph=False)(*[x[0] for x in stacks])
        return
    for ours, theirs in zip(result, wanted, strict=True):
        compare(ours, theirs, case.rtol)


# Rows that cannot be compared so, and why.
APART = {
    "files:WriteFile": "all elements write to one file",
    "ragged:RaggedRange/splits": "an op that runs for one element after the other has an output that nobody uses, of "
    "another size for each",
}


@pytest.mark.parametrize("name", sorted(set(CASES) - set(APART)))
def test_mapped_as_called(name):
    for k, case in enumerate(some(CASES[name])):
        sizes = [x.size for x in case.inputs()]
        if sizes and all(sizes) and sum(sizes) < 1000:
            mapped_as_called(case, ("all", "first", "last")[k % 3])


def jacobians_agree(case: Case) -> None:
    tensors = [tf.constant(x) for x in case.inputs()]
    sources = [x for x in tensors if x.dtype.is_floating or x.dtype.is_complex]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(sources)
        results = nest.flatten(case.call(tf, tensors), expand_composites=True)
    targets = [y for y in results if isinstance(y, tf.Tensor) and (y.dtype.is_floating or y.dtype.is_complex)]
    for y in targets:
        if sources and 0 < np.prod(y.shape) <= 30:
            try:
                wanted = tape.jacobian(y, sources, experimental_use_pfor=False)
            except LookupError:
                continue  # no gradient
            for ours, theirs in zip(tape.jacobian(y, sources), wanted, strict=True):
                assert (ours is None) == (theirs is None)
                if ours is not None:
                    compare(ours.numpy(), theirs.numpy())


@pytest.mark.parametrize("name", CASES)
def test_jacobians_at_once_as_one_by_one(name, monkeypatch):
    monkeypatch.setattr(jacobians, "FEW", 0)
    for case in some(CASES[name]):
        if case.grad and sum(x.size for x in case.inputs()) < 100:
            jacobians_agree(case)
