"""Tables of reports in letters: typed cells as each language writes them, aligned text, and a page with bars.

A bar is a cell of a table with a background, which every mail program draws.  Where a text table would be wider than a
line, each row is set out under its name, with the heads before the values.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sitmail.domain.figures.tables import Kind
from sitmail.domain.time_spent import shown
from sitmail.sending.letters import page_style
from sitmail.sending.letters.languages import Language

WIDTH, GAP, INDENT = 76, "  ", "    "
NARROWEST = 12  # columns; a column of words is made no narrower than this in a table
BAR = 12  # characters of a bar in the text
WIDE = 5  # columns; with more the page sets the name of a row above its numbers
Say = Callable[[object], str]


class Figures(NamedTuple):
    """The table of a block: its cells, which columns are numbers, how long each row's bar is (0 to 100)."""

    heads: Sequence[str]
    right: Sequence[bool]
    rows: Sequence[Sequence[str]]
    total: Sequence[str]
    bars: Sequence[int]


# --- into a block, and out of it


def fields_of(
    columns: Sequence[Any], rows: Sequence[Any], total: Sequence[Any], zone: str, say: Say, language: str
) -> list[str]:
    """The fields of a block, from what a notice keeps of a table: every cell as its reader reads it."""
    kinds = [Kind(kind) for _, kind, _ in columns]
    drawn = next((at for at, (_, _, bar) in enumerate(columns) if bar), None)
    bars = _bars([row[drawn] for row in rows], kinds[drawn]) if drawn is not None and len(rows) > 1 else []

    def written(row: Sequence[Any]) -> list[str]:
        return [cell(value, kind, zone, say, language) for value, kind in zip(row, kinds, strict=True)]

    marks = "".join("r" if kind.right else "l" for kind in kinds)
    fields = [marks, str(len(rows)), "1" if total else "0", ",".join(map(str, bars))]
    fields += [say(head) for head, _, _ in columns]
    return fields + [one for row in (*rows, *([total] if total else [])) for one in written(row)]


def _bars(values: Sequence[Any], kind: Kind) -> list[int]:
    """How long the bar of each row is, in parts of a hundred: of the whole for a share, else of the longest."""
    most = 1.0 if kind is Kind.SHARE else max((value for value in values if value is not None), default=0)
    return [0 if not most or value is None else max(0, min(100, round(100 * value / most))) for value in values]


def _read(fields: Sequence[str]) -> Figures:
    marks, count, summed, bars, *cells = fields
    width = len(marks)
    rows = [cells[at : at + width] for at in range(0, len(cells), width)]
    right = [mark == "r" for mark in marks]
    lengths = [int(one) for one in bars.split(",")] if bars else []
    end = 1 + int(count)
    return Figures(rows[0], right, rows[1:end], rows[end] if summed == "1" else (), lengths)


def cell(value: Any, kind: Kind, zone: str, say: Say, language: str) -> str:
    """A value as a letter in that language writes it."""
    if value is None:
        return "-"
    if kind in (Kind.WORKED, Kind.WALL):
        return "<1m" if 0 < value < 30 else shown(round(value / 60))
    if kind is Kind.MOMENT:
        when = datetime.fromisoformat(value) if isinstance(value, str) else value
        return f"{when.astimezone(ZoneInfo(zone or 'UTC')):%Y-%m-%d %H:%M}"
    if kind in (Kind.COUNT, Kind.SHARE):
        return _number(value, kind, language)
    return " ".join(say(value).split())


def _number(value: float, kind: Kind, language: str) -> str:
    if language == "en":
        return f"{value:.0%}" if kind is Kind.SHARE else f"{value:,}"
    from babel.numbers import format_decimal, format_percent  # noqa: PLC0415 - desks in English do without

    locale = language.replace("-", "_")
    return str(format_percent(value, locale=locale) if kind is Kind.SHARE else format_decimal(value, locale=locale))


def filter_for(language: Language, say: Say, block: Callable[..., str]) -> Callable[..., str]:
    """The filter of templates that sets a table out."""

    def figures(table: Sequence[Any], zone: str = "UTC") -> str:
        _title, columns, rows, total, *_ = table
        return block(*fields_of(columns, rows, total, zone, say, language.tag))

    return figures


# --- the text


def text(*fields: str) -> list[str]:
    found = _read(fields)
    sizes = _sizes(found)
    return _narrow(found) if sizes is None else list(_aligned(found, sizes))


def _sizes(found: Figures) -> list[int] | None:
    """The width of each column; None where they do not fit into a line."""
    every = [*found.rows, *([found.total] if found.total else [])]
    cells = [max((len(row[at]) for row in every), default=0) for at in range(len(found.heads))]
    least = [max((len(word) for word in head.split()), default=0) for head in found.heads]
    sizes = [max(size, word) for size, word in zip(cells, least, strict=True)]
    room = WIDTH - len(GAP) * (len(sizes) - 1)
    while sum(sizes) > room:
        widest = max(range(len(sizes)), key=lambda at: (not found.right[at], sizes[at]))
        if found.right[widest] or sizes[widest] <= max(NARROWEST, least[widest]):
            return None
        sizes[widest] -= 1
    return _with_heads(found, sizes, room - (len(GAP) + BAR if found.bars else 0))


def _with_heads(found: Figures, sizes: list[int], room: int) -> list[int]:
    """The columns wider, as far as there is room, so that heads need fewer lines."""
    for at, head in sorted(enumerate(found.heads), key=lambda one: len(one[1])):
        more = len(head) - sizes[at]
        if 0 < more <= room - sum(sizes):
            sizes[at] += more
    return sizes


def _aligned(found: Figures, sizes: Sequence[int]) -> list[str]:
    width = sum(sizes) + len(GAP) * (len(sizes) - 1)
    bars = found.bars if width + len(GAP) + BAR <= WIDTH else ()
    lines = _row(found.heads, found, sizes)
    lines.append(GAP.join("-" * size for size in sizes))
    for at, row in enumerate(found.rows):
        first, *more = _row(row, found, sizes)
        if bars and bars[at]:
            first = f"{first:{width}}{GAP}{'#' * max(1, round(bars[at] * BAR / 100))}"
        lines += [first, *more]
    if found.total:
        lines += [GAP.join("-" * size for size in sizes), *_row(found.total, found, sizes)]
    return [line.rstrip() for line in lines]


def _row(row: Sequence[str], found: Figures, sizes: Sequence[int]) -> list[str]:
    cells = [textwrap.wrap(one, size, break_on_hyphens=False) or [""] for one, size in zip(row, sizes, strict=True)]
    return [
        GAP.join(
            f"{part[at] if at < len(part) else '':{'>' if right else '<'}{size}}"
            for part, right, size in zip(cells, found.right, sizes, strict=True)
        ).rstrip()
        for at in range(max(map(len, cells)))
    ]


def _narrow(found: Figures) -> list[str]:
    """Each row by itself: its name, then what else is there, each with its head."""
    lines: list[str] = []
    for row in (*found.rows, *([found.total] if found.total else ())):
        lines += textwrap.wrap(row[0], WIDTH, subsequent_indent=INDENT)
        pairs = [f"{head}: {one}" for head, one in zip(found.heads[1:], row[1:], strict=True) if one not in ("", "-")]
        lines += textwrap.wrap("; ".join(pairs), WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
    return lines


# --- the page; its cells are escaped already


def page(*fields: str) -> str:
    found = _read(fields)
    wide = len(found.heads) > WIDE
    rows = _heads(found, wide=wide)
    for at, row in enumerate(found.rows):
        rows += _page_row(row, found, found.bars[at] if found.bars else None, wide=wide)
    if found.total:
        rows += _page_row([f"<b>{one}</b>" for one in found.total], found, None, wide=wide)
    return "\n".join([page_style.FIGURES, *rows, "</table>"])


def picture(cid: str, says: str) -> str:
    return f'<p style="margin:0 0 20px"><img src="cid:{cid}" alt="{says}" width="608" {page_style.PICTURE}</p>'


def _heads(found: Figures, *, wide: bool) -> list[str]:
    names, right = (found.heads[1:], found.right[1:]) if wide else (found.heads, found.right)
    cells = [f"<th {_style(one, page_style.FIGURES_HEAD)}{name}</th>" for one, name in zip(right, names, strict=True)]
    above = [f'<tr><td colspan="{len(names)}" {page_style.FIGURES_ABOVE}{found.heads[0]}</td></tr>'] if wide else []
    return [*above, f"<tr>{''.join(cells)}</tr>"]


def _page_row(row: Sequence[str], found: Figures, bar: int | None, *, wide: bool) -> list[str]:
    name = f"{row[0]}{_bar(bar) if bar is not None else ''}"
    if wide:
        above = f'<tr><td colspan="{len(row) - 1}" {page_style.FIGURES_NAME}{name}</td></tr>'
        return [above, f"<tr>{_cells(row[1:], found.right[1:])}</tr>"]
    first = f"<td {_style(found.right[0], page_style.FIGURES_CELL)}{name}</td>"
    return [f"<tr>{first}{_cells(row[1:], found.right[1:])}</tr>"]


def _cells(row: Sequence[str], right: Sequence[bool]) -> str:
    return "".join(
        f"<td {_style(one, page_style.FIGURES_CELL)}{text}</td>" for one, text in zip(right, row, strict=True)
    )


def _style(right: bool, style: str) -> str:
    return style % ("right" if right else "left")


def _bar(share: int) -> str:
    full = page_style.BAR_FULL % share if share else ""
    rest = page_style.BAR_REST if share < 100 else ""
    return f"{page_style.FIGURES_BAR}{full}{rest}</tr></table>"
