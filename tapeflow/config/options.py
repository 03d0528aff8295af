"""What `tf.config` sets besides devices: determinism, hints to the optimizer of graphs, threads."""

from __future__ import annotations

from typing import Any

from ..base.context import settings
from ..engines import host


def enable_op_determinism() -> None:
    """From now on a program gives the same results, to the last bit, each time that it is run on the same machine.

    Functions stay on NumPy unless `jit_compile=True`: which engine is faster is not measured any more, as another
    choice may round differently. Random ops need a seed. It holds until the program ends.

    >>> tf.config.experimental.enable_op_determinism()  # doctest: +SKIP
    """
    settings.op_determinism = True


def enable_tensor_float_32_execution(enabled: bool) -> None:
    """Whether XLA may round the inputs of float32 matrix products to 10 bits on GPUs that have it. A hint, not on CPUs.

    >>> tf.config.experimental.enable_tensor_float_32_execution(True)
    """
    settings.tensor_float_32 = bool(enabled)


def tensor_float_32_execution_enabled() -> bool:
    """What `enable_tensor_float_32_execution` has set; on unless set.

    >>> tf.config.experimental.tensor_float_32_execution_enabled()
    True
    """
    return settings.tensor_float_32


def set_jit(enabled: bool | str) -> None:
    """Whether graphs are compiled where that pays. A hint: functions are, unless they say `jit_compile=False`.

    Args:
      enabled: a bool, or `"autoclustering"` for True.

    >>> tf.config.optimizer.set_jit(True)
    >>> tf.config.optimizer.get_jit()
    'autoclustering'
    >>> tf.config.optimizer.set_jit(False)
    """
    settings.jit = "autoclustering" if enabled in (True, "autoclustering") else ""


def get_jit() -> str:
    """What `set_jit` has set: `"autoclustering"`, or the empty string.

    >>> tf.config.optimizer.get_jit()
    ''
    """
    return settings.jit


def set_experimental_options(options: dict[str, Any]) -> None:
    """Which passes TensorFlow's optimizer of graphs makes. Hints: ours makes the same few always, and XLA its own.

    Args:
      options: names of passes, such as `"constant_folding"`, with a bool for each.

    >>> tf.config.optimizer.set_experimental_options({"constant_folding": True})
    >>> tf.config.optimizer.get_experimental_options()["constant_folding"]
    True
    """
    settings.optimizer_options = {**settings.optimizer_options, **options}


def get_experimental_options() -> dict[str, Any]:
    """What `set_experimental_options` has set."""
    return {"disable_model_pruning": False, "disable_meta_optimizer": False, **settings.optimizer_options}


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """How many threads one op of the NumPy engine may use, in our kernels and in BLAS.

    Args:
      num_threads: 0 for as many as there are cores.

    Raises:
      RuntimeError: if the threads have been started.

    >>> tf.config.threading.set_intra_op_parallelism_threads(0)
    """
    if num_threads != settings.threads["intra"]:
        host.use_threads(num_threads)
    settings.threads = {**settings.threads, "intra": num_threads}


def get_intra_op_parallelism_threads() -> int:
    """How many threads one op may use; 0 for as many as there are cores.

    >>> tf.config.threading.get_intra_op_parallelism_threads()
    0
    """
    return settings.threads["intra"]


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """How many ops may run at the same time. A hint: on NumPy one after the other, on XLA as its compiler decides.

    >>> tf.config.threading.set_inter_op_parallelism_threads(0)
    """
    settings.threads = {**settings.threads, "inter": num_threads}


def get_inter_op_parallelism_threads() -> int:
    """What `set_inter_op_parallelism_threads` has set.

    >>> tf.config.threading.get_inter_op_parallelism_threads()
    0
    """
    return settings.threads["inter"]
