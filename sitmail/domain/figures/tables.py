"""What a report is made of: tables of typed columns, with totals, notes and perhaps a curve.

Heads and names of ours are sentences, which letters translate; people's words are plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sitmail.domain.figures.periods import Period
from sitmail.domain.record import record
from sitmail.domain.sentence import Moment

Cell = str | int | float | date | datetime | Moment | None
SHOWN = 40  # rows of a table in a letter; the file beside it has all


class Kind(StrEnum):
    """What stands in a column."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"  # 0 to 1
    WORKED = "working time"  # seconds of a calendar's open hours
    WALL = "wall time"  # seconds round the clock
    DATE = "date"
    MOMENT = "moment"

    @property
    def right(self) -> bool:
        """Whether it is a number, which is set to the right."""
        return self in (Kind.COUNT, Kind.SHARE, Kind.WORKED, Kind.WALL)


@record
class Column:
    """`bar`: letters draw it."""

    head: str
    kind: Kind = Kind.TEXT
    bar: bool = False


@record
class Table:
    """`name` names its file (ASCII); `total` is a last row that sums up; None in a cell is nothing."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()
    total: tuple[Cell, ...] = ()
    shown: int = SHOWN

    def detail(self) -> list[Any]:
        """As a notice keeps it: title, columns, the rows that a letter shows, total, how many are left out, name."""
        columns = [[one.head, str(one.kind), one.bar] for one in self.columns]
        rows = [[_plain(cell) for cell in row] for row in self.rows[: self.shown]]
        left = max(0, len(self.rows) - self.shown)
        return [self.title, columns, rows, [_plain(cell) for cell in self.total], left, self.name]


@record
class Curve:
    """Lines over the same steps of time, all of whose numbers stand in a table."""

    title: str
    steps: tuple[str, ...]
    lines: tuple[tuple[str, tuple[int, ...]], ...]


@record
class Figures:
    """A report that was made.  `about` says what was counted; `notes` how to read it."""

    report: str
    title: str
    period: Period | None
    tables: tuple[Table, ...]
    about: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    curve: Curve | None = None

    def detail(self) -> dict[str, Any]:
        """What a notice keeps of it."""
        span = sorted({self.period.first.isoformat(), self.period.last.isoformat()}) if self.period else []
        return {
            "report": self.report,
            "title": self.title,
            "span": span,
            "zone": self.period.zone if self.period else "",
            "about": list(self.about),
            "tables": [one.detail() for one in self.tables],
            "notes": list(self.notes),
        }

    def document(self) -> dict[str, Any]:
        """The same for programs: everything, times in seconds, shares from 0 to 1."""
        span = self.period
        return {
            "report": self.report,
            "title": str(self.title),
            "period": None if span is None else _document_of(span),
            "about": [str(one) for one in self.about],
            "tables": [_table_document(one) for one in self.tables],
            "notes": [str(one) for one in self.notes],
        }


def _document_of(span: Period) -> dict[str, str]:
    first, last = span.first.isoformat(), span.last.isoformat()
    return {"asked": span.word, "first": first, "last": last, "timezone": span.zone}


def _table_document(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": str(table.title),
        "columns": [{"name": str(one.head), "kind": str(one.kind)} for one in table.columns],
        "rows": [[_plain(cell, text=True) for cell in row] for row in table.rows],
        "total": [_plain(cell, text=True) for cell in table.total] or None,
    }


def _plain(cell: Cell, *, text: bool = False) -> Any:
    """A value that JSON has; a sentence stays one, unless only its text is wanted."""
    if isinstance(cell, Moment):
        return _plain(cell.when, text=True) if text else cell
    if isinstance(cell, datetime):
        return cell.isoformat().replace("+00:00", "Z") if text else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell) if text and isinstance(cell, str) else cell


def total(
    head: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], over: Sequence[int]
) -> tuple[Cell, ...]:
    """A last row: its head, and the sums of the columns at these places."""
    sums: list[Cell] = [head, *[None] * (len(columns) - 1)]
    for place in over:
        sums[place] = sum(cell for row in rows if isinstance(cell := row[place], int | float))
    return tuple(sums)


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
