"""How an op does for all elements of a `tf.vectorized_map` at once what it does for one: a rule for each op's name.

A rule takes a `Call` and returns what the op returns, with a first dimension for the elements.
"""

from __future__ import annotations

import math
import string
from typing import Any

from ..core.registry import OPS
from ..core.tensor import Tensor
from ..ops.common import shape_of
from .vectorize_call import Call, NoRuleError, Rule, ints, later, moved, reshape, table, transpose
from .vectorize_images import IMAGES, rows_alike

# -- element by element, and ops that treat all leading dimensions alike


def _leading(call: Call) -> Any:
    """One input; whatever dimensions come first are done alike."""
    call.only(0)
    return call.run(*call.args)


def _elementwise(call: Call) -> Any:
    """Inputs broadcast against each other."""
    if len(call.args) == 1:
        return call.run(*call.args)
    ranks = [call.rank(i) for i in range(len(call.args))]
    return call.run(
        *[
            _stretched(x, call.shape(i), call.size, max(ranks) - ranks[i]) if call.batched[i] else x
            for i, x in enumerate(call.args)
        ]
    )


def _stretched(x: Any, shape: tuple[Any, ...], size: Any, missing: int) -> Any:
    """Puts dimensions of 1 between that of the elements and the others."""
    return reshape(x, (size, *(1,) * missing, *shape)) if missing else x


def _same(call: Call) -> Any:
    """Inputs of equal leading dimensions."""
    return call.run(*[call.full(i) if isinstance(x, Tensor) else x for i, x in enumerate(call.args)])


def _clip(call: Call) -> Any:
    """Limits are scalars, or of the input's shape."""
    x = call.full(0)
    limits = []
    for i in (1, 2):
        limit = call.args[i]
        if call.batched[i] or call.rank(i):
            if call.batched[i]:
                limit = _stretched(limit, call.shape(i), call.size, call.rank(0) - call.rank(i))
            limit = OPS["BroadcastTo"](limit, (call.size, *call.shape(0)))
        limits.append(limit)
    return call.run(x, *limits)


def _fill_shape(call: Call) -> Any:
    """The first argument is the shape of the output."""
    call.only()
    return call.run((call.size, *ints(call.args[0])), *call.args[1:])


# -- axes


def _reduction(call: Call) -> Any:
    """Input, axes: reductions, and others along given axes."""
    call.only(0)
    return call.run(call.args[0], later(call.args[1]))


def _roll(call: Call) -> Any:
    call.only(0)
    return call.run(call.args[0], call.args[1], later(call.args[2]))


def _concat(call: Call) -> Any:
    count = len(call.args) - 1
    axis = call.args[-1]
    return call.run(*map(call.full, range(count)), later(axis[0] if type(axis) is tuple else axis))


def _pack(call: Call) -> Any:
    return call.run(*map(call.full, range(len(call.args))), axis=later(call.attrs["axis"]))


def _unpack(call: Call) -> Any:
    return call.run(*call.args, axis=later(call.attrs["axis"]))


def _split(call: Call) -> Any:
    return call.run(later(call.args[0]), call.args[1])


def _split_v(call: Call) -> Any:
    return call.run(call.args[0], call.args[1], later(call.args[2]))


def _one_hot(call: Call) -> Any:
    call.only(0)
    return call.run(*call.args, axis=later(call.attrs["axis"]))


def _permuted(call: Call) -> Any:
    rank = call.rank(0)
    return call.run(call.args[0], (0, *(axis % rank + 1 for axis in ints(call.args[1]))))


# -- shapes


def _reshaped(call: Call) -> Any:
    shape = ints(call.args[1])
    if any(type(n) is int and n < 0 for n in shape):
        shape = _without_minus_one(shape, call)
    return call.run(call.args[0], (call.size, *shape))


def _without_minus_one(shape: tuple[Any, ...], call: Call) -> tuple[Any, ...]:
    dims = call.outputs[0]._array.dims if call.outputs else None
    if dims is not None and all(type(n) is int for n in dims):
        return tuple(dims)
    try:
        rest = math.prod(n for n in shape if not (type(n) is int and n < 0))
        missing: Any = math.prod(call.shape(0)) // rest
    except ZeroDivisionError:
        missing = 0
    return tuple(missing if type(n) is int and n < 0 else n for n in shape)


def _expand(call: Call) -> Any:
    axis = call.args[1]
    return call.run(call.args[0], later(axis[0] if type(axis) is tuple else axis))


def _squeeze(call: Call) -> Any:
    axes = ints(call.attrs["squeeze_dims"])
    shape = call.shape(0)
    if not axes:
        if any(type(n) is not int for n in shape):
            raise NoRuleError
        axes = tuple(i for i, n in enumerate(shape) if n == 1)
        if not axes:
            return call.args[0]
    return call.run(call.args[0], squeeze_dims=later(axes))


def _tile(call: Call) -> Any:
    return call.run(call.args[0], (1, *ints(call.args[1])))


def _pad(call: Call) -> Any:
    call.only(0)
    return call.run(call.args[0], ((0, 0), *ints(call.args[1])), *call.args[2:])


def _broadcast_to(call: Call) -> Any:
    shape = ints(call.args[1])
    x = _stretched(call.args[0], call.shape(0), call.size, len(shape) - call.rank(0))
    return call.run(x, (call.size, *shape))


def _fill(call: Call) -> Any:
    shape = ints(call.args[0])
    return OPS["BroadcastTo"](reshape(call.args[1], (call.size, *(1,) * len(shape))), (call.size, *shape))


def _ensure_shape(call: Call) -> Any:
    shape = call.attrs["shape"]
    dims = getattr(shape, "_dims", shape)
    return call.args[0] if dims is None else call.run(*call.args, shape=(None, *dims))


def _slice(call: Call) -> Any:
    return call.run(call.args[0], (0, *ints(call.args[1])), (-1, *ints(call.args[2])))


# The masks of slices, with the bit of the elements' dimension, which is taken whole.
_MASKS = {"begin_mask": 1, "end_mask": 1, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 0}


def _strided(call: Call) -> Any:
    """What is sliced or the shape of that, begin, end, strides, and perhaps what goes there."""
    first, begin, end, strides, *values = call.args
    if values and isinstance(first, Tensor) and call.rank(4) != call.rank(0):
        raise NoRuleError  # a value that is broadcast
    masks = {key: call.attrs.get(key, 0) << 1 | later for key, later in _MASKS.items()}
    return call.run(
        call.full(0) if isinstance(first, Tensor) else (call.size, *ints(first)),
        (0, *ints(begin)), (0, *ints(end)), (1, *ints(strides)), *(call.full(4) for _ in values), **masks,
    )  # fmt: skip


# -- products


def _mat_mul(call: Call) -> Any:
    a, b = call.args
    transpose_a, transpose_b = call.attrs["transpose_a"], call.attrs["transpose_b"]
    if not call.batched[1] and not transpose_a:  # one product of a matrix with many rows
        rows, inner = call.shape(0)
        y = call.run(reshape(a, (call.size * rows, inner)), b)
        return reshape(y, (call.size, rows, shape_of(b)[0 if transpose_b else 1]))
    if a.dtype.is_complex:  # an adjoint is not just a transpose
        a, b = (
            transpose(x, (0, 2, 1) if batched else (1, 0)) if transposed else x
            for x, batched, transposed in zip((a, b), call.batched, (transpose_a, transpose_b))
        )
        transpose_a = transpose_b = False
    return OPS["BatchMatMulV2"](a, b, adj_x=transpose_a, adj_y=transpose_b)


def _matrices(call: Call) -> Any:
    """Two stacks of matrices; what comes before the matrices is broadcast."""
    ranks = call.rank(0), call.rank(1)
    return call.run(
        *[
            _stretched(x, call.shape(i), call.size, max(ranks) - ranks[i]) if call.batched[i] else x
            for i, x in enumerate(call.args)
        ]
    )


def _einsum(call: Call) -> Any:
    equation = call.attrs["equation"].replace(" ", "")
    left, arrow, right = equation.partition("->")
    if not arrow:
        raise NoRuleError
    letter = next(c for c in string.ascii_letters if c not in equation)
    terms = [letter + term if batched else term for term, batched in zip(left.split(","), call.batched)]
    return call.run(*call.args, equation=f"{','.join(terms)}->{letter}{right}")


# -- the elements as a dimension that others work around


def _trailing(call: Call) -> Any:
    """The elements wait at the end."""
    call.only(0)
    rank = call.rank(0)
    return moved(call.run(moved(call.args[0], rank + 1, 0, rank), *call.args[1:]), rank + 1, rank, 0)


# -- indices


def _gather(call: Call) -> Any:
    params, indices, axis = call.args
    if type(axis) is tuple:
        (axis,) = axis
    if type(axis) is not int:
        raise NoRuleError
    shared = call.attrs["batch_dims"]
    shared += call.rank(1) if shared < 0 else 0
    axis += call.rank(0) if axis < 0 else 0
    if call.batched == (True, False) and not shared:
        return call.run(params, indices, axis + 1)
    if call.batched == (False, True) and not shared:
        y = call.run(params, indices, axis)
        return moved(y, call.rank(0) + call.rank(1), axis, 0)
    return call.run(call.full(0), call.full(1), axis + 1, batch_dims=shared + 1)


def _numbered(call: Call, i: int) -> Any:
    """Indices, argument `i`, with the element's number before each."""
    indices = call.full(i)
    shape = call.shape(i)
    numbers = OPS["Range"](*(OPS["Cast"](x, DstT=indices.dtype) for x in (0, call.size, 1)))
    numbers = OPS["BroadcastTo"](reshape(numbers, (call.size, *(1,) * len(shape))), (call.size, *shape[:-1], 1))
    return OPS["ConcatV2"](numbers, indices, -1)


def _gather_nd(call: Call) -> Any:
    return call.run(*call.args) if not call.batched[0] else call.run(call.args[0], _numbered(call, 1))


def _scatter_nd(call: Call) -> Any:
    return call.run(_numbered(call, 0), call.full(1), (call.size, *ints(call.args[2])))


def _tensor_scatter(call: Call) -> Any:
    return call.run(call.full(0), _numbered(call, 1), call.full(2))


def _segment(call: Call) -> Any:
    """Segments along the first dimensions; the elements wait at the end of these."""
    call.only(0)
    ids = call.rank(1)
    return moved(call.run(moved(call.args[0], call.rank(0) + 1, 0, ids), *call.args[1:]), call.rank(0) - ids + 2, 1, 0)


def _unsorted_segment(call: Call) -> Any:
    if not call.batched[1]:
        return _segment(call)
    data, ids, count = call.full(0), call.args[1], call.args[2]
    numbers = reshape(OPS["Range"](0, call.size, 1), (call.size, *(1,) * call.rank(1)))
    numbers = OPS["Cast"](numbers, DstT=ids.dtype) * OPS["Cast"](count, DstT=ids.dtype)
    zero = OPS["ZerosLike"](ids)
    ids = OPS["SelectV2"](OPS["Less"](ids, zero), ids, ids + numbers)  # negative ones count for nothing
    y = call.run(data, ids, call.size * count)
    return reshape(y, (call.size, count, *call.shape(0)[call.rank(1) :]))


# -- rows, losses


def _cross_entropy(call: Call) -> Any:
    if call.shape(0) != call.shape(1):
        raise NoRuleError
    return rows_alike(0, 1)(call)


def _l2_loss(call: Call) -> Any:
    x = call.args[0]
    return OPS["Sum"](OPS["Square"](x), tuple(range(1, call.rank(0) + 1))) * 0.5


def _assert(call: Call) -> Any:
    condition = OPS["All"](call.args[0], tuple(range(call.rank(0) + 1))) if call.batched[0] else call.args[0]
    return call.run(condition, *call.args[1:])


# -- shapes of what depends on the elements do not depend on them


def _shape(call: Call) -> Any:
    return OPS["Slice"](call.run(*call.args), (1,), (-1,))


def _shapes(call: Call) -> Any:
    return [OPS["Slice"](y, (1,), (-1,)) if batched else y for y, batched in zip(call.run(*call.args), call.batched)]


def _count(call: Call) -> Any:
    return OPS["Prod"](OPS["Cast"](_shape(Call(OPS["Shape"], call.args, {"out_type": call.attrs["out_type"]},
                                               call.batched, call.size)), DstT=call.attrs["out_type"]), 0)  # fmt: skip


def _rank(call: Call) -> Any:
    return call.run(*call.args) - 1


# Rules for what is the same for all elements though the inputs are not.
SHARED: dict[str, Rule] = {
    "Shape": _shape, "ShapeN": _shapes, "Size": _count, "Rank": _rank,
    "TensorListLength": lambda call: call.run(*call.args),
}  # fmt: skip

# Ops that give every element something of its own though their inputs are the same.
DRAWS = table(
    ("RandomStandardNormal RandomUniform TruncatedNormal RandomUniformInt RandomGamma RandomPoissonV2", _fill_shape),
    ("Multinomial", rows_alike(0)),
)  # fmt: skip

RULES = DRAWS | IMAGES | table(
    ("Abs Acos Acosh Angle Asin Asinh Atan Atanh Bucketize Cast Ceil CheckNumerics ComplexAbs Conj Cos Cosh Digamma Elu"
     " Erf Erfc Erfinv Exp Expm1 Floor Identity Imag Invert IsFinite IsInf IsNan LeakyRelu Lgamma Log Log1p LogicalNot"
     " Ndtri Neg OnesLike Real Reciprocal Relu Relu6 Rint Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Softsign Sqrt"
     " Square StopGradient Tan Tanh ZerosLike"
     " BesselI0 BesselI0e BesselI1 BesselI1e BesselJ0 BesselJ1 BesselK0 BesselK0e BesselK1 BesselK1e BesselY0 BesselY1"
     " Dawsn Expint FakeQuantWithMinMaxArgs FresnelCos FresnelSin Spence"
     # rows, or matrices, behind whatever comes first
     " Softmax LogSoftmax TopKV2 MatrixBandPart MatrixDiagV3 MatrixDiagPartV3 Cholesky MatrixInverse MatrixDeterminant"
     " LogMatrixDeterminant SelfAdjointEigV2 Svd Qr AdjustContrastv2 AdjustHue AdjustSaturation Bitcast"
     " Eig Lu MatrixLogarithm MatrixSquareRoot"
     " FFT FFT2D FFT3D IFFT IFFT2D IFFT3D IRFFT IRFFT2D IRFFT3D RFFT RFFT2D RFFT3D HSVToRGB RGBToHSV", _leading),
    ("Add AddV2 Atan2 BitwiseAnd BitwiseOr BitwiseXor Complex DivNoNan Equal FloorDiv"
     " FloorMod Greater GreaterEqual LeftShift Less LessEqual LogicalAnd LogicalOr Maximum Minimum Mul MulNoNan"
     " NextAfter NotEqual Polygamma Pow RealDiv RightShift SelectV2 SquaredDifference Sub TruncateDiv TruncateMod Xdivy"
     " Xlog1py Xlogy Zeta Igamma IgammaGradA Igammac RandomGammaGrad", _elementwise),
    ("AddN ApproximateEqual Cross EluGrad FakeQuantWithMinMaxArgsGradient LeakyReluGrad ReciprocalGrad Relu6Grad"
     " ReluGrad RsqrtGrad SeluGrad SigmoidGrad SoftsignGrad SqrtGrad TanhGrad MatrixSetDiagV3 MatrixSolve"
     " TridiagonalMatMul TridiagonalSolve", _same),
    ("All Any ArgMax ArgMin Cumprod Cumsum CumulativeLogsumexp EuclideanNorm Max Mean Min Prod ReverseV2 Sum",
     _reduction),
    ("ClipByValue", _clip), ("Roll", _roll), ("ConcatV2", _concat), ("Pack", _pack), ("Unpack", _unpack),
    ("Split", _split), ("SplitV", _split_v), ("OneHot", _one_hot), ("Transpose ConjugateTranspose", _permuted),
    ("Reshape", _reshaped), ("ExpandDims", _expand), ("Squeeze", _squeeze), ("Tile", _tile),
    ("Pad PadV2 MirrorPad MirrorPadGrad", _pad), ("BroadcastTo", _broadcast_to), ("Fill", _fill),
    ("EnsureShape", _ensure_shape), ("Slice", _slice),
    ("StridedSlice StridedSliceGrad TensorStridedSliceUpdate", _strided),
    ("MatMul", _mat_mul), ("BatchMatMulV2 BandedTriangularSolve MatrixTriangularSolve", _matrices), ("Einsum", _einsum),
    ("GatherV2", _gather), ("GatherNd", _gather_nd), ("ScatterNd", _scatter_nd),
    ("TensorScatterAdd TensorScatterMax TensorScatterMin TensorScatterSub TensorScatterUpdate", _tensor_scatter),
    ("SegmentMax SegmentMean SegmentMin SegmentProd SegmentSum", _segment),
    ("UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd UnsortedSegmentSum", _unsorted_segment),
    ("SpaceToBatchND BatchToSpaceND ReverseSequence", _trailing),
    ("InTopKV2 LowerBound SparseSoftmaxCrossEntropyWithLogits UpperBound", rows_alike(0, 1)),
    ("SoftmaxCrossEntropyWithLogits", _cross_entropy),
    ("L2Loss", _l2_loss), ("Assert", _assert),
)  # fmt: skip
