"""A laid out picture as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .draw_fold import Edge, Node
from .draw_layout import GAP, LINE, Box, Layout

_STYLE = """
.tape{font:12px ui-sans-serif,system-ui,sans-serif}.tape text{text-anchor:middle;fill:#1d2733}
.tape .small{font-size:10.5px;fill:#54606e}.tape rect{stroke-width:1.2;fill:#eef3fb;stroke:#5b7db1}
.tape .variable rect{fill:#e6f4e8;stroke:#3f8f50}.tape .constant rect{fill:#f4f4f4;stroke:#aaa}
.tape .lost rect,.tape .exit rect,.tape .assign rect{fill:#fff;stroke:#888;stroke-dasharray:4 3}
.tape .fold rect{fill:#f5effb;stroke:#7d5bb1}.tape .target rect{stroke-width:2.6}
.tape .trouble rect{stroke:#d3222a;fill:#fdecec}.tape path{fill:none;stroke:#8a97a8;stroke-width:1.2}
.tape .again{stroke-dasharray:3 4}.tape path.broken{stroke:#d3222a;stroke-width:2.4}
"""


def svg(nodes: Sequence[Node], edges: Sequence[Edge], layout: Layout) -> str:
    """The picture as an SVG element."""
    boxes = [layout.boxes[node.key] for node in nodes]
    loops = any(edge.again for edge in edges)
    width = max((box.x + box.width / 2 for box in boxes), default=0.0) + GAP * (4 if loops else 1)
    height = max((box.y + box.height / 2 for box in boxes), default=0.0) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tape" width="{width:.0f}" height="{height:.0f}"'
        f' viewBox="0 0 {width:.0f} {height:.0f}">',
        f"<style>{_STYLE}</style>",
        _marker("tape-arrow", "#8a97a8"), _marker("tape-broken", "#d3222a"),
        *(_node(node, box) for node, box in zip(nodes, boxes)),
        *(_path(edge, layout) for edge in sorted(edges, key=lambda edge: edge.broken)),
        "</svg>",
    ]  # fmt: skip
    return "\n".join(parts)


def _marker(name: str, color: str) -> str:
    return (
        f'<defs><marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"'
        f' markerUnits="userSpaceOnUse"><path d="M0 0L8 4L0 8z" style="fill:{color};stroke:none"/></marker></defs>'
    )


def _node(node: Node, box: Box) -> str:
    classes = ["node", node.kind, *(["target"] if node.target else []), *(["trouble"] if node.trouble else [])]
    left, top = box.x - box.width / 2, box.y - box.height / 2
    parts = [f'<g class="{" ".join(classes)}"><title>{escape(node.tip())}</title>']
    shadows = (6, 3, 0) if node.count > 1 or node.kind == "fold" else (0,)  # several, one behind the other
    for shift in shadows:
        parts.append(
            f'<rect x="{left + shift:.1f}" y="{top - shift:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
            ' rx="5"/>'
        )
    for i, line in enumerate(node.lines()):
        small = ' class="small"' if i else ""
        parts.append(f'<text x="{box.x:.1f}" y="{top + LINE * (i + 1):.1f}"{small}>{escape(line)}</text>')
    return "".join([*parts, "</g>"])


def _path(edge: Edge, layout: Layout) -> str:
    classes = " ".join(["edge", *(["again"] if edge.again else []), *(["broken"] if edge.broken else [])])
    arrow = "tape-broken" if edge.broken else "tape-arrow"
    title = f"<title>{escape(edge.why)}</title>" if edge.broken else ""
    route = layout.route(edge)
    line = _back(route[0], route[-1]) if edge.again else _down(route)
    return f'<path class="{classes}" d="{line}" marker-end="url(#{arrow})">{title}</path>'


def _down(route: list[Box]) -> str:
    x, y = route[0].x, route[0].y + route[0].height / 2
    parts = [f"M{x:.1f} {y:.1f}"]
    for box in route[1:]:
        top = box.y - box.height / 2
        half = (top - y) / 2
        parts.append(f"C{x:.1f} {y + half:.1f} {box.x:.1f} {top - half:.1f} {box.x:.1f} {top:.1f}")
        x, y = box.x, box.y + box.height / 2
        if not box.width:
            parts.append(f"V{y:.1f}")
    return "".join(parts)


def _back(start: Box, end: Box) -> str:
    """On the right side, up again."""
    out = max(start.x + start.width / 2, end.x + end.width / 2) + 2 * GAP
    x, y = start.x + start.width / 2, start.y
    return f"M{x:.1f} {y:.1f}C{out:.1f} {y:.1f} {out:.1f} {end.y:.1f} {end.x + end.width / 2:.1f} {end.y:.1f}"
