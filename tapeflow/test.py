"""`tf.test`: questions that tests ask, and `TestCase`."""

from __future__ import annotations

import platform
from typing import Any

from ._test_case import TestCase as TestCase
from ._test_gradient import compute_gradient as compute_gradient
from .engines import xla as _xla
from .engines.devices import gpu_device_name as gpu_device_name
from .engines.devices import is_built_with_cuda as is_built_with_cuda
from .engines.devices import is_built_with_gpu_support as is_built_with_gpu_support
from .engines.devices import is_built_with_rocm as is_built_with_rocm
from .engines.devices import is_gpu_available as is_gpu_available


def main(argv: Any = None) -> None:
    """Runs the tests of the program's main module, as `unittest.main` does, and ends the program.

    Args:
      argv: the arguments of the command line; the program's own if left out.

    >>> tf.test.main()  # doctest: +SKIP
    """
    import unittest

    unittest.main(argv=argv)


def is_built_with_xla() -> bool:
    """Whether XLA is there, which comes with JAX.

    >>> isinstance(tf.test.is_built_with_xla(), bool)
    True
    """
    return _xla.available()


def is_cpu_target_available(target: str) -> bool:
    """Whether this machine's CPU is of a family.

    Args:
      target: `"aarch64"`, `"arm"`, `"systemz"` or `"x86"`.

    >>> isinstance(tf.test.is_cpu_target_available("x86"), bool)
    True
    """
    machine = platform.machine().lower()
    families = {"aarch64": ("aarch64", "arm64"), "arm": ("arm",), "systemz": ("s390x",), "x86": ("x86_64", "amd64")}
    return machine in families.get(target, (target,))


def assert_equal_graph_def(expected: Any, actual: Any) -> None:
    """Two `GraphDef`s have the same nodes, in any order.

    Args:
      expected: a `GraphDef`.
      actual: another.

    Raises:
      AssertionError: if not.
      TypeError: if one of them is no `GraphDef`.

    >>> graph = tf.Graph()
    >>> with graph.as_default():
    ...     x = tf.constant(1.0)
    >>> tf.test.assert_equal_graph_def(graph.as_graph_def(), graph.as_graph_def())
    """
    for what, graph in (("expected", expected), ("actual", actual)):
        if not hasattr(graph, "node"):
            raise TypeError(f"Expected tf.GraphDef for {what}, got {type(graph).__name__}")
    nodes = [{node.name: node for node in graph.node} for graph in (expected, actual)]
    if nodes[0].keys() != nodes[1].keys():
        raise AssertionError(f"Nodes of one graph only: {sorted(nodes[0].keys() ^ nodes[1].keys())}")
    for name, node in nodes[0].items():
        other = nodes[1][name]
        if node.SerializeToString(deterministic=True) != other.SerializeToString(deterministic=True):
            raise AssertionError(f"Nodes differ: {node}\n{other}")
