"""`tf.config.threading`: threads."""

from __future__ import annotations

from .options import get_inter_op_parallelism_threads as get_inter_op_parallelism_threads
from .options import get_intra_op_parallelism_threads as get_intra_op_parallelism_threads
from .options import set_inter_op_parallelism_threads as set_inter_op_parallelism_threads
from .options import set_intra_op_parallelism_threads as set_intra_op_parallelism_threads
