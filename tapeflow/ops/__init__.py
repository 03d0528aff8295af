"""Families of ops: shape rule, kernel and gradient side by side."""

from __future__ import annotations

from ..core.registry import OPS

# Where the ops are for which modules ask that do not import them: one of them loads its family only, any other op all.
_ASKED_FOR = {
    "activations": "Relu",
    "clipping": "ClipByValue",
    "complex": "Complex Conj Real",
    "convolution_3d": "Conv3DBackpropInputV2",
    "convolution_ops": "Conv2DBackpropInput",
    "ctc": "CTCBeamSearchDecoder CTCLoss",
    "fingerprint": "Fingerprint",
    "gamma_functions": "RandomGammaGrad",
    "gathering": "GatherNd GatherV2 Where",
    "losses": "L2Loss",
    "normalization": "FusedBatchNormV3",
    "padding": "Pad PadV2",
    "ranges": "OneHot Range",
    "rearranging": "BatchToSpaceND ReverseV2 SpaceToBatchND",
    "scan": "Cumprod",
    "scattering": "DynamicPartition ParallelDynamicStitch ScatterNd TensorScatterUpdate",
    "segment": "UnsortedSegmentMax UnsortedSegmentSum",
    "serialization": "ParseTensor SerializeTensor",
    "slicing": "Slice",
    "softmax": "Softmax",
    "solving": "MatrixInverse MatrixSolve",
    "sparse_ops": "SparseToDense",
    "special": "Erfc",
    "statistics": "DenseBincount",
    "tensor_lists": "TensorListAdd TensorListFromTensor TensorListLength TensorListReserve TensorListStack",
    "unique": "InvertPermutation Unique",
}
_FAMILIES = {name: family for family, names in _ASKED_FOR.items() for name in names.split()}


def load() -> None:
    """Load all families, so that all ops are in the registry."""
    import pkgutil

    for module in pkgutil.iter_modules(__path__):
        _load(module.name)


def find(name: str) -> None:
    """Load the family of an op; all of them where it is not known which."""
    if name in _FAMILIES:
        _load(_FAMILIES[name])
    else:
        load()


def _load(family: str) -> None:
    import importlib

    importlib.import_module(f"{__name__}.{family}")


OPS.load, OPS.find = load, find
