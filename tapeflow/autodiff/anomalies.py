"""Where a NaN begins: a recorder that stops at the first op that makes a NaN or an infinity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np

from ..base import dtypes, errors
from ..base.context import context, new_id, quietly
from ..base.sites import NOWHERE, Site
from ..core.op import Op
from ..core.tensor import EAGER, Tensor, at_hand
from .history import LIMIT, Follower

# Ops that hand on what they get: with inputs that are not finite their outputs are no news.
_PASSING = frozenset(
    "BatchToSpaceND Bitcast BroadcastTo Cast ConcatV2 CustomGradient DepthToSpace DynamicStitch ExpandDims Fill Gather"
    " GatherNd GatherV2 Identity IdentityN MatrixDiagPartV3 MatrixDiagV3 Pack Pad PadV2 PreventGradient Reshape"
    " ReverseV2 SelectV2 Slice SpaceToBatchND SpaceToDepth Split SplitV Squeeze StopGradient StridedSlice Tile"
    " Transpose Unpack".split()
)


class Sentinel(Follower):
    """Looks at what each op gives, and raises.

    Args:
      born: whether only to raise where a NaN or an infinity comes out of finite inputs, not where it is handed on.
    """

    def __init__(self, born: bool) -> None:
        super().__init__()
        self.born = born
        self.leave: Any = None  # what ends it, if no `with` block does
        self._sites: dict[int, tuple[str, Site]] = {}

    def record(self, op: Op, attrs: dict[str, Any], inputs: tuple[Any, ...], outputs: Any) -> None:
        """An op has run."""
        results = outputs if type(outputs) is list else () if outputs is None else (outputs,)
        for i, y in enumerate(results):
            if not _finite(y):
                finite = all(map(_finite, inputs))
                if finite or not (self.born or op.name in _PASSING):
                    self._stop(op, inputs, results, i)
        if len(context.recorders) > 1 and self.backward is None:
            self._note(op, results)

    def read(self, variable: Any, value: Any) -> None:
        """Reads make nothing."""

    def _note(self, op: Op, results: Sequence[Any]) -> None:
        """Where an op runs that a tape may differentiate."""
        site = self.site()
        for y in results:
            if y._id is None:
                y._id = new_id()
            self._sites[y._id] = op.name, site
        while len(self._sites) > LIMIT:
            del self._sites[next(iter(self._sites))]

    def _stop(self, op: Op, inputs: tuple[Any, ...], results: Sequence[Any], i: int) -> NoReturn:
        site = self.site()
        lines = [_headline(op, inputs, results, i, "graph" if self.nodes else "eagerly-executing")]
        lines.append(f"  at {site}, in {site.function}: {site.code}")
        entry = self.backward
        forward, origin = "", NOWHERE
        if entry is not None:
            forward, origin = self._sites.get(entry[4][0] if entry[4] else -1, (entry[0].name, NOWHERE))
        elif self.nodes and (node := self.nodes[-1].forward()) is not None:
            forward, origin = node.op.name, node.frame
        if forward:
            lines.append(f"  in the gradient of {forward} at {origin}, in {origin.function}: {origin.code}")
        lines += [f"  input {k}: {described(x)}" for k, x in enumerate(inputs)]
        kinds = _kinds(at_hand(results[i]._array))
        lines += [f"  output {i}: {described(results[i])}", f" : Tensor had {kinds} values"]
        error = errors.invalid("\n".join(lines) + " [Op:CheckNumericsV2] name: ")
        error.anomaly = Anomaly(op.name, site, forward, origin)  # type: ignore[attr-defined]
        raise error


class Anomaly:
    """What an anomaly's error knows: the op and its line; in a sweep the op that it differentiates, and its line."""

    __slots__ = ("forward", "forward_site", "op", "site")

    def __init__(self, op: str, site: Site, forward: str, forward_site: Site) -> None:
        self.op, self.site, self.forward, self.forward_site = op, site, forward, forward_site


def _finite(x: Any) -> bool:
    """Whether all elements are finite; of what has no such elements, True."""
    array = at_hand(x._array) if type(x) in EAGER else None
    if type(array) is not np.ndarray or array.dtype.kind in "biuOS" or not _is_inexact(array):
        return True
    return bool(quietly(np.isfinite, array).all())


def _is_inexact(array: Any) -> bool:
    dtype = dtypes.of(array)
    return dtype.is_floating or dtype.is_complex


def _headline(op: Op, inputs: tuple[Any, ...], results: Sequence[Any], i: int, how: str) -> str:
    y = results[i]
    counts = [f"  # of {name} elements: {count}" for name, count in _counts(at_hand(y._array)).items() if count]
    given = [str(x) for x in inputs if isinstance(x, Tensor)]
    shown = (
        f"  Input tensor: {given[0]}"
        if len(given) == 1
        else "\n".join([f"  Input tensors ({len(given)}):", *(f"         {k}: {text}" for k, text in enumerate(given))])
    )
    return "\n".join([
        f'\n\n!!! Detected Infinity or NaN in output {i} of {how} op "{op.name}" (# of outputs: {len(results)}) !!!',
        f"  dtype: <dtype: '{y.dtype.name}'>", f"  shape: {y.shape}", *counts, "", shown, "",
    ])  # fmt: skip


def _counts(array: Any) -> dict[str, int]:
    if array.dtype.kind == "c":
        array = np.stack([array.real, array.imag])
    infinite = np.isinf(array)
    below = array < 0
    return {
        "-Inf": int(np.sum(infinite & below)),
        "+Inf": int(np.sum(infinite & ~below)),
        "+NaN": int(np.sum(np.isnan(array))),
    }


def _kinds(array: Any) -> str:
    names = [name.replace("+NaN", "NaN") for name, count in _counts(array).items() if count]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def described(x: Any) -> str:
    """A tensor in a line: dtype, shape, the least and the largest element, how many are zero, negative, not finite."""
    if not isinstance(x, Tensor):
        return repr(x)
    array: Any = at_hand(x._array)
    text = f"{x.dtype.name} {list(x.shape)}"
    if not isinstance(array, np.ndarray) or array.dtype.kind in "OSc" or not array.size:
        return text
    if array.dtype.kind == "b":
        return f"{text}, {int(array.sum())} true"
    wide = array.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    bounds = f", min {finite.min():.6g}, max {finite.max():.6g}" if finite.size else ""
    counts = {"zero": np.sum(wide == 0), "negative": np.sum(wide < 0), "NaN": np.sum(np.isnan(wide)),
              "infinite": np.sum(np.isinf(wide))}  # fmt: skip
    return text + bounds + "".join(f", {count} {name}" for name, count in counts.items() if count or name in _ALWAYS)


_ALWAYS = ("zero", "negative")
