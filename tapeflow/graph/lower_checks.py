"""What the host refuses for its values, and XLA would compute with: nothing is to change, and the host has its say.

Checked is what the function's own graph computes, not what its loops and branches do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .ir import Node
from .lower import LOWERERS, Lowering
from .trace import Part

CHECKS = "checks"  # where among the states of a lowering the checks are, if any are wanted


class Refused(Exception):  # noqa: N818
    """A program has met values that the host refuses. No Variable has changed."""


def wanted(low: Lowering) -> None:
    """From now on checks are noted."""
    low.states[CHECKS] = []


def refused(low: Lowering) -> Any:
    """Whether one of the checks has failed, as an array of one element; None if there are none."""
    checks = low.states.get(CHECKS)
    return low.jax.numpy.any(low.jax.numpy.stack(checks)) if checks else None


def _checked(check: Callable[..., Any]) -> Callable[[Lowering, Node], list[Any]]:
    """Lowers a node as usual, and notes what `check(jnp, *arguments, **attrs)` says: True for what is refused."""

    def lower(low: Lowering, node: Node) -> list[Any]:
        if CHECKS in low.states and not low.folding and not isinstance(node.graph, Part):
            kinds = node.op.flat_inputs(len(node.args))
            args = [low.argument(node, x, arg.static) for x, arg in zip(node.args, kinds)]
            known = all(isinstance(x, np.ndarray) or arg.static for x, arg in zip(args, kinds))
            bad = None if known else check(low.jax.numpy, *args, **node.attrs)
            if bad is not None:
                low.states[CHECKS].append(bad)
        return low.call(node)

    return lower


def _outside(jnp: Any, indices: Any, limit: Any) -> Any:
    return jnp.any((indices < 0) | (indices >= limit))


def _gather(jnp: Any, params: Any, indices: Any, axis: int, **_: Any) -> Any:
    return _outside(jnp, indices, params.shape[axis])


def _gather_nd(jnp: Any, params: Any, indices: Any, **_: Any) -> Any:
    count = indices.shape[-1]
    return _outside(jnp, indices, jnp.asarray(params.shape[:count], indices.dtype)) if count else None


def _labels(jnp: Any, features: Any, labels: Any, **_: Any) -> Any:
    return _outside(jnp, labels, features.shape[-1])


def _division(jnp: Any, x: Any, y: Any, **_: Any) -> Any:
    return jnp.any(y == 0) if y.dtype.kind in "iu" else None


LOWERERS["GatherV2"] = _checked(_gather)
LOWERERS["GatherNd"] = _checked(_gather_nd)
LOWERERS["SparseSoftmaxCrossEntropyWithLogits"] = _checked(_labels)
for _name in ("FloorDiv", "FloorMod", "TruncateDiv", "TruncateMod", "Div", "Mod"):
    LOWERERS[_name] = _checked(_division)
