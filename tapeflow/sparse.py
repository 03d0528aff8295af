"""tf.sparse: sparse tensors and functions of them."""

from __future__ import annotations

from .ops.counting import sparse_bincount as bincount
from .ops.sparse_arithmetic import add as add
from .ops.sparse_arithmetic import maximum as maximum
from .ops.sparse_arithmetic import minimum as minimum
from .ops.sparse_arithmetic import reduce_max as reduce_max
from .ops.sparse_arithmetic import reduce_sum as reduce_sum
from .ops.sparse_arithmetic import sampled_addmm as sampled_addmm
from .ops.sparse_arithmetic import softmax as softmax
from .ops.sparse_arithmetic import sparse_dense_matmul as sparse_dense_matmul
from .ops.sparse_cross import cross as cross
from .ops.sparse_cross import cross_hashed as cross_hashed
from .ops.sparse_layout import concat as concat
from .ops.sparse_layout import expand_dims as expand_dims
from .ops.sparse_layout import eye as eye
from .ops.sparse_layout import fill_empty_rows as fill_empty_rows
from .ops.sparse_layout import from_dense as from_dense
from .ops.sparse_layout import map_values as map_values
from .ops.sparse_layout import mask as mask
from .ops.sparse_layout import reorder as reorder
from .ops.sparse_layout import reset_shape as reset_shape
from .ops.sparse_layout import reshape as reshape
from .ops.sparse_layout import retain as retain
from .ops.sparse_layout import slice as slice
from .ops.sparse_layout import split as split
from .ops.sparse_layout import to_dense as to_dense
from .ops.sparse_layout import to_indicator as to_indicator
from .ops.sparse_layout import transpose as transpose
from .ops.sparse_segments import segment_mean as segment_mean
from .ops.sparse_segments import segment_sqrt_n as segment_sqrt_n
from .ops.sparse_segments import segment_sum as segment_sum
from .ops.sparse_tensor import SparseTensor as SparseTensor

__all__ = ["bincount"]
