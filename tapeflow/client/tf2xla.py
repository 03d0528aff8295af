"""For Keras: XLA's slice updates."""

from __future__ import annotations

from typing import Any

from ..core.convert import convert
from ..core.registry import OPS
from ..ops.joining import stack


def dynamic_update_slice(operand: Any, update: Any, indices: Any) -> Any:
    """`operand` with a block replaced by `update`, from the place `indices` on; moved inside if it reaches beyond."""
    operand, update = convert(operand), convert(update)
    starts = convert(indices) if hasattr(indices, "dtype") else stack([convert(i) for i in indices])
    room = OPS["Sub"](OPS["Shape"](operand, out_type=starts.dtype), OPS["Shape"](update, out_type=starts.dtype))
    begin = OPS["Maximum"](OPS["Minimum"](starts, room), OPS["ZerosLike"](room))
    end = OPS["AddV2"](begin, OPS["Shape"](update, out_type=starts.dtype))
    return OPS["TensorStridedSliceUpdate"](operand, begin, end, OPS["OnesLike"](begin), update)
