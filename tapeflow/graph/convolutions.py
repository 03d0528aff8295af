"""What a program that may have calls of oneDNN needs to know of a graph's convolutions."""

from __future__ import annotations

from .ir import Graph, Node
from .parts import parts_of

_FILTER = "Conv2DBackpropFilter"
_COMMON = {"Conv2D": 0, "Conv2DBackpropInput": 2}  # the place of the argument that the filters' gradient has, too


def has_convolutions(graph: Graph) -> bool:
    """Whether a graph has an op that oneDNN may compute."""
    return any(
        "onednn" in node.op.kernels or any(map(has_convolutions, parts_of(node))) for node in graph.nodes
    )


def is_shared(node: Node) -> bool:
    """Whether the filters' gradient for the same images, or from the same gradient of the result, is computed too."""
    place = _COMMON.get(node.op.name)
    if place is None:
        return False
    return any(other.op.name == _FILTER and other.args[place] is node.args[place] for other in node.graph.nodes)
