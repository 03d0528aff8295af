"""What a run of the benchmark found: tables in Markdown, files in benchmarks/results/, and README.md's copy."""

from __future__ import annotations

import datetime
import json
import math
import statistics
from pathlib import Path

from goals import BEST, GROUPS, OURS, ROWS, Row

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
MARKERS = ("<!-- benchmark table: begin -->", "<!-- benchmark table: end -->")
HEADINGS = {
    "programs": "Eager programs",
    "dense": "Ops on dense tensors",
    "data": "Datasets",
    "functions": "Compiled functions",
    "keras": "Keras",
}
NOTES = {
    "programs": "Ratio: tapeflow's figure divided by the peer's.",
    "dense": "Ratio: tapeflow's figure divided by the peer's.",
    "data": "Ratio: tapeflow's figure divided by the peer's.",
    "functions": "Ratio: tapeflow's figure divided by that of the peer named: the best, or the one the goal is about. "
    "tapeflow chooses its engine by itself; beside it, what each engine does alone.",
    "keras": "The same Keras, and the same program. Ratio: tapeflow's figure divided by that of the peer named: the "
    "best, or the one the goal is about. Nothing of ours is compiled before.",
}

Figures = dict[str, dict[str, list[float]]]  # row -> contestant -> a figure for each round


def show(value: float | None, unit: str) -> str:
    if value is None:
        return "failed"
    if unit != "s":
        return f"{value:,.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if value * factor >= 1 or name == "us":
            break
    digits = max(0, 2 - int(math.log10(max(value * factor, 1))))
    return f"{value * factor:.{digits}f} {name}"


def verdict(ratio: float | None, goal: float | None) -> str:
    if goal is None:
        return ""
    if ratio is None:
        return "**missed**"
    text = f"{goal:.3f}".rstrip("0").rstrip(".")
    return f"<= {text} {'met' if ratio <= goal else '**missed**'}"


def tables(figures: Figures) -> str:
    """A table in Markdown for each group of rows that was measured."""
    parts = []
    for group, heading in HEADINGS.items():
        rows = [row for row in ROWS if row.group == group and row.key in figures]
        if rows:
            best = group in ("functions", "keras")
            lines = ranking_table(rows, figures) if best else programs_table(rows, figures)
            head, *body = ("| " + " | ".join(cells) + " |" for cells in lines)
            rule = "| " + " | ".join(["---"] + ["---:"] * (len(lines[0]) - 1)) + " |"
            parts.append("\n".join([f"{heading}. {NOTES[group]}", "", head, rule, *body]) + "\n")
    return "\n".join(parts)


def medians(row: Row, figures: Figures) -> dict[str, float]:
    return {name: statistics.median(values) for name, values in figures[row.key].items()}


def programs_table(rows: list[Row], figures: Figures) -> list[list[str]]:
    """Each peer with a ratio and a goal of its own."""
    peers = [c for c in GROUPS[rows[0].group] if c.name not in OURS]
    lines = [["", "tapeflow", *(cell for peer in peers for cell in (peer.title, "ratio", "goal"))]]
    for row in rows:
        found = medians(row, figures)
        ours = found.get("tapeflow")
        own = show(ours, row.unit)
        if row.limit is not None and ours is not None:
            own += f" (<= {row.limit:g} {row.unit} {'met' if ours <= row.limit else '**missed**'})"
        cells = [row.title, own]
        for name in (peer.name for peer in peers):
            ratio = ours / found[name] if ours is not None and name in found else None
            text = f"{ratio:.3f}" if ratio else ""
            figure = show(found.get(name), row.unit) if takes_part(row, name) else ""
            cells += [figure, text, verdict(ratio, row.goals.get(name))]
        lines.append(cells)
    return lines


def ranking_table(rows: list[Row], figures: Figures) -> list[list[str]]:
    """All contestants of a group beside each other, and the one peer that counts."""
    titles = {c.name: c.title for c in GROUPS[rows[0].group]}
    lines = [["", *titles.values(), "ratio", "goal"]]
    for row in rows:
        found = medians(row, figures)
        ((rival, goal),) = row.goals.items()
        if rival == BEST:
            rival = min((name for name in found if name not in OURS), key=lambda name: found[name], default="")
        ratio = found["tapeflow"] / found[rival] if {"tapeflow", rival} <= found.keys() else None
        cells = [show(found.get(name), row.unit) if takes_part(row, name) else "" for name in titles]
        text = f"{ratio:.3f} ({titles[rival]})" if ratio else ""
        lines.append([row.title, *cells, text, verdict(ratio, goal)])
    return lines


def takes_part(row: Row, name: str) -> bool:
    return row.peers is None or name in row.peers


def save(text: str, figures: Figures) -> None:
    RESULTS.mkdir(exist_ok=True)
    record = json.dumps({"facts": text.partition("\n")[0], "figures": figures}, indent=1) + "\n"
    for name in (datetime.date.today().isoformat(), "latest"):
        (RESULTS / f"{name}.md").write_text(text)
        (RESULTS / f"{name}.json").write_text(record)


def write_readme() -> None:
    path = ROOT / "README.md"
    before, begin, rest = path.read_text().partition(MARKERS[0])
    _, end, after = rest.partition(MARKERS[1])
    if not (begin and end):
        raise SystemExit(f"README.md lacks the lines {MARKERS}")
    path.write_text(f"{before}{begin}\n{(RESULTS / 'latest.md').read_text()}{end}{after}")
