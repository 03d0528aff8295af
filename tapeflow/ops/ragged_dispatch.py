"""What ops do with ragged tensors: element by element on the flat values, or as a function of this table says."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..core.convert import convert
from ..core.op import Op
from ..core.tensor import Tensor
from .ragged_broadcast import align
from .ragged_tensor import RaggedTensor, nested

# Ops of one tensor, or of several that broadcast, that have no regard to where elements are.
ELEMENTWISE = frozenset("""
    Abs Acos Acosh Add AddV2 AddN Angle AsString Asin Asinh Atan Atan2 Atanh BesselI0 BesselI0e BesselI1 BesselI1e
    BesselJ0 BesselJ1 BesselK0 BesselK0e BesselK1 BesselK1e BesselY0 BesselY1 Betainc Bitcast BitwiseAnd BitwiseOr
    BitwiseXor Cast Ceil CheckNumerics CheckNumericsV2 ClipByValue Complex ComplexAbs Conj Cos Cosh Dawsn DecodeBase64
    Digamma Div DivNoNan Elu EncodeBase64 Equal Erf Erfc Erfcinv Erfinv Exp Expint Expm1 Floor FloorDiv FloorMod
    FresnelCos FresnelSin Gelu Greater GreaterEqual Identity Igamma Igammac Imag Inv Invert IsFinite IsInf IsNan
    LeakyRelu LeftShift Less LessEqual Lgamma Log Log1p LogicalAnd LogicalNot LogicalOr Maximum Minimum Mod Mul MulNoNan
    Ndtri Neg NextAfter NotEqual OnesLike Polygamma Pow PreventGradient Real RealDiv Reciprocal RegexFullMatch
    RegexReplace Relu Relu6 RightShift Rint Round Rsqrt SelectV2 Selu Sigmoid Sign Sin Sinh Softplus Softsign Spence
    Sqrt Square SquaredDifference StaticRegexFullMatch StaticRegexReplace StopGradient StringJoin StringLength
    StringLower StringStrip StringToHashBucket StringToHashBucketFast StringToHashBucketStrong StringToNumber
    StringUpper Sub Substr Tan Tanh TruncateDiv TruncateMod UnicodeScript UnicodeTranscode Xdivy Xlog1py Xlogy
    ZerosLike Zeta
""".split())  # fmt: skip

# Modules with functions named as in `FUNCTIONS`: `function(op, *inputs, **attrs)`.
FUNCTIONS = {
    "ragged_reduction": "Sum Prod Max Min Mean All Any ReduceJoin",
    "ragged_layout": "ConcatV2 Pack ExpandDims Squeeze Tile ReverseV2 Split SplitV Size Rank Shape BroadcastTo OneHot"
    " Reshape",
    "ragged_choosing": "GatherV2 GatherNd Where DynamicPartition StridedSlice",
    "ragged_math": "Cumsum MatMul BatchMatMulV2 BatchMatMulV3 Softmax UnsortedSegmentSum UnsortedSegmentProd"
    " UnsortedSegmentMax UnsortedSegmentMin",
}
_MODULE = {name: module for module, names in FUNCTIONS.items() for name in names.split()}


def call_op(op: Op, inputs: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Any:
    """What `op` gives for inputs among which there is a ragged tensor.

    Raises:
      ValueError: if there is no such op on ragged tensors.
    """
    if op.name in ELEMENTWISE:
        return elementwise(op, inputs, attrs, name)
    module = _MODULE.get(op.name)
    if module is None:
        raise RaggedTensor._no_tensor()
    return getattr(import_module(f".{module}", __package__), f"op_{op.name}")(op, *inputs, **attrs)


def elementwise(op: Op, inputs: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Any:
    """Calls `op` on the flat values."""
    flat, rows = align([_read(x) for x in inputs])
    result = op(*flat, name=name, **attrs)
    return nested(result, rows)


def _read(x: Any) -> Any:
    """A Variable as its value; lists as Tensors."""
    if isinstance(x, (RaggedTensor, Tensor)):
        return x
    if hasattr(type(x), "__tf_tensor__"):
        return x.__tf_tensor__()
    return x


def common_dtype(values: Sequence[Any]) -> Any:
    """The dtype of the Tensors and ragged tensors among the values."""
    return next((x.dtype for x in values if isinstance(x, (RaggedTensor, Tensor))), None)


def as_all(values: Sequence[Any]) -> list[Any]:
    """All as ragged tensors or Tensors of one dtype."""
    dtype = common_dtype(values)
    return [x if isinstance(x, RaggedTensor) else convert(x, None if isinstance(x, Tensor) else dtype) for x in values]
