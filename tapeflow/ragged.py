"""tf.ragged: functions of ragged tensors."""

from __future__ import annotations

from .ops.ragged_building import constant as constant
from .ops.ragged_building import map_flat_values as map_flat_values
from .ops.ragged_building import row_ranges as range
from .ops.ragged_building import stack as stack
from .ops.ragged_choosing import boolean_mask as boolean_mask
from .ops.ragged_choosing import stack_dynamic_partitions as stack_dynamic_partitions
from .ops.ragged_partition import row_ids as row_splits_to_segment_ids
from .ops.ragged_partition import row_splits as segment_ids_to_row_splits

__all__ = ["range", "row_splits_to_segment_ids", "segment_ids_to_row_splits"]
