"""Formats the numbers of a run as tables, for the terminal and for the page of the reference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from bench.processes import machine
from bench.scenarios import BARS, SCENARIOS, SPECIAL

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
ABOUT = {
    "postfix": "Postfix: the same mails into a Maildir",
    "aiosmtpd": "aiosmtpd alone: received and dropped",
    "beside": "sitmail as it was in the commit named by BESIDE",
    "roundup": "Roundup 2.6, in-process, SQLite: the whole job",
}
COLUMNS = ("rate", "cost", "p50", "p99")
KINDS = ("new", "reply")


def table(found: Mapping[str, float]) -> str:
    """A table with a line for each scenario and peer."""
    lines = [
        "| | new/s | CPU ms | p50 ms | p99 ms | replies/s | CPU ms | p50 ms | p99 ms | ratio new / reply | peak MB |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    names = {**{n: s.about for n, s in SCENARIOS.items()}, **ABOUT, **SPECIAL}
    order = ["plain", *ABOUT, *(name for name in names if name not in ABOUT and name != "plain")]
    for name in order:
        if any(f"{name} {kind} rate" in found for kind in KINDS):
            cells = [_shown(found.get(f"{name} {kind} {column}"), column) for kind in KINDS for column in COLUMNS]
            peak = _shown(found.get(f"{name} peak"), "peak")
            lines.append(f"| {names[name]} | {' | '.join(cells)} | {_ratio(found, name)} | {peak} |")
    return "\n".join(lines)


def _ratio(found: Mapping[str, float], name: str) -> str:
    """How many times as fast as a peer we are, or a scenario's rate relative to the one it is compared with."""
    form = "plain {kind} {name}" if name in ABOUT else "{name} {kind} ratio"
    ratios = [found.get(form.format(kind=kind, name=name)) for kind in KINDS]
    if None in ratios:
        return ""
    shown = " / ".join(f"{ratio:.2f}" for ratio in ratios if ratio is not None)
    if name in ABOUT:
        return f"we are {shown} x"
    beside = SCENARIOS[name].beside
    return f"{shown} x {'the first line' if beside == 'plain' else SCENARIOS[beside].about}"


def _shown(value: float | None, column: str) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if column == "cost" else f"{value:.0f}"


def verdicts(found: Mapping[str, float]) -> str:
    """A line for each bar for which this run has numbers."""
    lines = ["| bar | wanted | found | |", "|---|---|---|---|"]
    for name, bar in BARS.items():
        if name in found:
            value = found[name]
            sign = "at least" if bar.least else "at most"
            verdict = "reached" if bar.reached(value) else "not half" if bar.halved(value) else "missed"
            lines.append(f"| {bar.about} | {sign} {bar.value:g} | {value:.2f} | {verdict} |")
    return "\n".join(lines)


def page(text: str, found: Mapping[str, float], command: str) -> str:
    """The page with its tables replaced by those of this run."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    told = f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, on {machine()}."
    return f"{before}{BEGIN}\n\n{told}\n\n{table(found)}\n\n{verdicts(found)}\n\n{END}{after}"
