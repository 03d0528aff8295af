"""The page of `tapeflow explain`: a program's tapes, their pictures, every gradient asked for, and why it is None."""

from __future__ import annotations

import os
import sys
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any

from ..autodiff.draw import draw
from ..autodiff.explain import Reason, explain
from ..autodiff.history import Ask, Life, Log
from ..base.sites import Site
from .explaining import logging

GROUPS = 100  # kinds of tapes that are drawn
ALIVE = 5000  # values that are kept till the next picture is drawn


@dataclass
class Group:
    """Gradients asked for at one line, of tapes that recorded the same ops."""

    ask: Site
    opened: Site
    ops: int
    svg: str
    reasons: list[Reason]
    missing: list[bool]
    traced: bool  # whether it is in a function, which runs its graph later
    count: int = 1


class Chronicle(Log):
    """A log that draws each tape when its gradient is asked for, once for each kind of tape."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: dict[Any, Group | None] = {}
        self.opened: Counter[Site] = Counter()
        self.asked_of: set[Site] = set()
        self.alive = deque(maxlen=ALIVE)

    def entered(self, life: Life) -> None:
        """A tape begins to record."""
        self.opened[life.opened[-1][1]] += 1

    def asked(self, tape: Any, ask: Ask) -> None:
        """A tape has given gradients."""
        life: Life = tape._life
        outline = tape._entries or tape._past
        where = life.opened[0][1] if life.opened else ask.site
        self.asked_of.update(site for _, site in life.opened)
        key = ask.site, where, tuple([entry[0].name for entry in outline]), tuple(ask.missing)
        group = self.groups.get(key)
        if group is not None:
            group.count += 1
        elif len(self.groups) < GROUPS:
            self.groups[key] = None  # what explaining does is no part of the program
            nodes, self.nodes = self.nodes, []
            explanation = explain(tape, ask.targets, ask.sources)
            picture = draw(tape, ask.targets, ask.sources)
            traced = life.log is not self
            self.groups[key] = Group(
                ask.site, where, len(outline), picture.svg, explanation.reasons, ask.missing, traced
            )  # fmt: skip
            self.nodes = nodes
        if self.alive is not None:
            self.alive.clear()

    def page(self, program: str) -> str:
        """The report, an HTML page that needs nothing else."""
        groups = [group for group in self.groups.values() if group is not None]
        lost = sum(any(group.missing) for group in groups)
        silent = [(site, count) for site, count in self.opened.items() if site not in self.asked_of]
        head = (
            f"{_counted(len(groups), 'kind')} of tapes {'was' if len(groups) == 1 else 'were'} asked for gradients,"
            f" {_counted(sum(g.count for g in groups), 'time')} in all; {lost or 'none'} of them gave None."
        )
        parts = [_section(i, group) for i, group in enumerate(sorted(groups, key=lambda g: not any(g.missing)))]
        parts += [
            f"<p>A tape opened at <code>{escape(str(site))}</code> ({_counted(count, 'time')}) was never asked for a"
            " gradient.</p>"
            for site, count in silent
        ]
        return _PAGE.format(
            title=escape(f"{os.path.basename(program)}: its tapes"), head=escape(head), body="\n".join(parts)
        )


@contextmanager
def explained(program: str, path: str | None = None) -> Iterator[None]:
    """Inside the block the tapes are written down; at its end, however it comes, the page is.

    Args:
      program: the program's file or module, which the page is named after.
      path: where the page goes; by default `PROGRAM.explain.html` in the current folder.
    """
    name = os.path.splitext(os.path.basename(program))[0]
    path = os.path.abspath(path or f"{name}.explain.html")  # the program may go to another folder
    chronicle = Chronicle()
    try:
        with logging(chronicle):
            yield
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(chronicle.page(program))
        print(f"tapeflow: the page is {path}", file=sys.stderr)


def _section(i: int, group: Group) -> str:
    missing = sum(group.missing)
    asked = _counted(len(group.missing), "gradient")
    verdict = f"{missing} of {asked} None" if missing else asked
    times = f" &middot; {group.count:,} times" if group.count > 1 else ""
    if group.traced:
        times = f" &middot; in a function, traced {_counted(group.count, 'time')}"
    rows = "".join(map(_row, group.reasons))
    return (
        f'<details class="tape-group" id="tape{i}"{" open" if missing or i == 0 else ""}><summary>'
        f"<b>{escape(str(group.ask))}</b> <code>{escape(group.ask.code)}</code> &middot; "
        f'{_counted(group.ops, "op")} recorded{times} &middot;'
        f' <span class="{"bad" if missing else "good"}">{verdict}</span></summary>'
        f"<p>Tape opened at <code>{escape(str(group.opened))}</code></p>"
        f'<table>{rows}</table><div class="picture">{group.svg}</div></details>'
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _row(reason: Reason) -> str:
    mark = '<td class="good">&#10003;</td>' if reason.flows else '<td class="bad">None</td>'
    where = f"{Site(reason.file, reason.line, '')}  {reason.code}" if reason.line and not reason.flows else ""
    more = "".join(f"<br>also: {escape(text)}" for text in reason.more)
    where = f"<br><code>{escape(where)}</code>" if where else ""
    advice = f"<br><i>{escape(reason.advice)}</i>" if reason.advice else ""
    return f"<tr>{mark}<td>{escape(reason.source)}</td><td>{escape(reason.text)}{where}{more}{advice}</td></tr>"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><link rel="icon" href="data:,">
<style>
body{{font:14px/1.5 ui-sans-serif,system-ui,sans-serif;margin:2em auto;max-width:1200px;padding:0 1em;color:#1d2733}}
summary{{cursor:pointer;padding:.4em 0}} details{{border-top:1px solid #dde3ea}} .picture{{overflow:auto;padding:1em 0}}
td{{vertical-align:top;padding:.2em .8em .4em 0}} .bad{{color:#b3151d;font-weight:600}} .good{{color:#2c7a3c}}
code{{background:#f2f4f7;padding:0 .25em}} .node:hover rect{{filter:brightness(.93)}}
#tip{{position:fixed;display:none;white-space:pre-wrap;max-width:46em;background:#1d2733;color:#fff;padding:.5em .8em;
border-radius:5px;font-size:12px;pointer-events:none;z-index:9}}
</style></head><body><h1>{title}</h1><p>{head}</p>
{body}
<div id="tip"></div>
<script>
const tip = document.getElementById("tip");
for (const part of document.querySelectorAll("svg .node, svg .broken")) {{
  const title = part.querySelector("title");
  if (!title) continue;
  part.dataset.tip = title.textContent;
  title.remove();
  part.addEventListener("mousemove", event => {{
    tip.textContent = part.dataset.tip;
    tip.style.display = "block";
    tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + "px";
    tip.style.top = Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8) + "px";
  }});
  part.addEventListener("mouseleave", () => tip.style.display = "none");
}}
</script></body></html>
"""
