"""Draws the SSR rows of a results file.

Usage: `python -m benchmarks.plot results/<file>.json docs/_static/ssr-performance.svg`

Each panel shows a row, with a bar per client and its own scale that starts at zero. The chart consists of rectangles
and text, so it needs no plotting library.
"""

import json
import statistics
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

_NAMES = {
    "floor": "raw asyncio",
    "ours": "this library",
    "httpx": "shared httpx",
    "peer": "litestar-vite 0.32.0",
    "idle": "idle",
}
_COLOURS = {"floor": "#9aa3ad", "ours": "#1f77b4", "httpx": "#e39d4a", "peer": "#c0504d", "idle": "#9aa3ad"}
_WIDTH, _BAR, _LABEL, _HEAD = 760, 22, 160, 46


class Panel(NamedTuple):
    """A row of the results as a bar chart."""

    id: str
    title: str
    unit: str
    figure: Callable[[list[float]], float]


PANELS = (
    Panel(
        "P5.lean",
        "The hop to the render server, one after another: time of one",
        "ms",
        lambda rounds: statistics.median(rounds) * 1e3,
    ),
    Panel("P6.lean", "The hop, 16 at a time: renders per second", "/s", lambda rounds: 1 / statistics.median(rounds)),
    Panel(
        "P7.16.lean",
        "A whole page in the app, 16 at a time: pages per second",
        "/s",
        lambda rounds: 1 / statistics.median(rounds),
    ),
    Panel("P9", "Worst loop lag, 16 pages at a time, a renderer of 200 ms", "ms", lambda rounds: max(rounds) * 1e3),
)


def svg(rows: dict[str, dict[str, Any]]) -> str:
    """Return the chart, with the panels that the rows have figures for."""
    parts: list[str] = []
    top = 12
    for panel in PANELS:
        sides = {
            name: panel.figure(rounds) for name, rounds in rows.get(panel.id, {}).items() if name in _NAMES and rounds
        }
        if not sides:
            continue
        parts.append(_text(12, top + 18, panel.title, weight="bold"))
        top += _HEAD - 16
        most = max(sides.values())
        for name, figure in sides.items():
            length = max(1.0, figure / most * (_WIDTH - _LABEL - 120))
            parts.append(_text(_LABEL - 8, top + 15, _NAMES[name], anchor="end"))
            parts.append(
                f'<rect x="{_LABEL}" y="{top + 2}" width="{length:.1f}" height="{_BAR - 6}" rx="2" '
                f'fill="{_COLOURS[name]}"/>'
            )
            parts.append(_text(_LABEL + length + 6, top + 15, _number(figure, panel.unit)))
            top += _BAR
        top += 16
    size = f'width="{_WIDTH}" height="{top}" viewBox="0 0 {_WIDTH} {top}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    style = "<style>text{font:13px system-ui,sans-serif;fill:#24292f}</style>"
    return f'{head}{style}<rect width="{_WIDTH}" height="{top}" fill="#ffffff"/>{"".join(parts)}</svg>\n'


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>'


def _number(figure: float, unit: str) -> str:
    return f"{figure:,.0f} {unit}" if figure >= 100 else f"{figure:.2g} {unit}"


def main(results: str, drawing: str) -> None:
    report = json.loads(Path(results).read_text())
    Path(drawing).write_text(svg({row["id"]: row["rounds"] for row in report["rows"]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
