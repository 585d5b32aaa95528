"""Draws the curve of a report as a PNG: a process of its own, so that the desk neither waits nor grows.

    python -m sitmail.services.figures.picture_process < curve.json > curve.png

The curve is {"steps": [...], "lines": [[name, [numbers]], ...]}.  matplotlib is an optional extra, `sitmail[pictures]`;
without it the process ends with `MISSING`, and the letter has no picture.  Its ground is white in light and dark.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

MISSING = os.EX_UNAVAILABLE
INCHES, DPI = (6.08, 2.6), 200  # 608 points wide on the page, twice as many for sharp screens
INK, QUIET, LINE = "#1f2328", "#57606a", "#d0d7de"
COLOURS = ("#0550ae", "#1a7f37", "#bc4c00")  # told apart without colours, too: by their dashes and their names
DASHES: tuple[Any, ...] = ("-", "--", ":")
MOST_TICKS = 8


def draw(steps: Sequence[str], lines: Sequence[tuple[str, Sequence[int]]], target: Any) -> None:
    """Writes the PNG.  Raises ImportError where matplotlib is missing."""
    import matplotlib as mpl  # noqa: PLC0415 - an optional extra

    mpl.use("Agg")
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    mpl.rcParams.update({"font.size": 8, "font.family": "sans-serif", "svg.hashsalt": "sitmail"})
    figure = Figure(figsize=INCHES, dpi=DPI, facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    places = range(len(steps))
    for (name, values), colour, dash in zip(lines, COLOURS, DASHES, strict=False):
        axes.plot(places, values, dash, color=colour, linewidth=1.8, label=name, marker="o" if len(steps) < 3 else None)
    every = max(1, -(-len(steps) // MOST_TICKS))
    axes.set_xticks(list(places)[::every], [_short(one) for one in list(steps)[::every]])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    axes.tick_params(colors=QUIET, length=0)
    axes.grid(axis="y", color=LINE, linewidth=0.6)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    figure.legend(loc="outside upper left", ncols=3, frameon=False, labelcolor=INK, handlelength=2.6)
    figure.savefig(target, format="png", metadata={"Software": None})


def _short(step: str) -> str:
    """2026-03-02 as 03-02; a month as it is."""
    return step[5:] if len(step) == len("2026-03-02") else step


def main() -> int:
    asked = json.load(sys.stdin)
    try:
        draw(asked["steps"], [(str(name), values) for name, values in asked["lines"]], sys.stdout.buffer)
    except ImportError:
        return MISSING
    return os.EX_OK


if __name__ == "__main__":
    raise SystemExit(main())
