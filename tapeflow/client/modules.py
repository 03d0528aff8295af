"""Modules inside TensorFlow that other libraries import though they are not public, and what stands for them here."""

from __future__ import annotations

# The module of `tensorflow` -> the module of `tapeflow`; and who asks for it.
MODULES = {
    "compiler.tf2xla.python.xla": "client.tf2xla",  # Keras: slice_update
    "core.util.event_pb2": "client.event_pb2",  # Keras's tests of its TensorBoard callback
    "python.data.experimental.ops.distribute": "client.distribute_ops",  # Keras: distribution of datasets
    "python.eager.context": "client.eager_context",  # Keras: its trainer and global state
    "python.framework.config": "client.framework_config",  # Keras: whether `jit_compile` may be
    "python.framework.ops": "client.ops",  # pickled tensors, after Keras has been loaded
    "python.framework.tensor_util": "client.tensor_util",  # Keras: export
    "python.framework.type_spec_registry": "client.type_spec_registry",  # Keras: JSON of old models
    "python.lib.io.tf_record": "io.records",  # Keras's tests of its TensorBoard callback
    "python.ops.linalg.sparse.sparse_csr_matrix_ops": "client.sparse_csr_matrix_ops",  # Keras: sparse matmul
    "python.ops.math_ops": "math",  # Keras: is_nan
    "python.trackable.data_structures": "client.data_structures",  # Keras: its trees
}
PACKAGES = {".".join(name.split(".")[:i]) for name in MODULES for i in range(1, name.count(".") + 1)}
