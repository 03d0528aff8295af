"""`tf.audio`: sound as files."""

from __future__ import annotations

from .ops.audio import decode_wav as decode_wav
from .ops.audio import encode_wav as encode_wav
