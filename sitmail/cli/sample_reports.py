"""Reports, for `cli/samples`: figures of invented incidents, made by the functions that make real ones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sitmail.domain.figures import attainment, incidents, time_spent
from sitmail.domain.figures.catalogue import REPORTS
from sitmail.domain.figures.one_incident import facts
from sitmail.domain.figures.periods import Period
from sitmail.domain.figures.tables import Column, Figures, Kind, Table
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.sentence import Moment, Sentence

SPAN = Period("2026-02", date(2026, 2, 1), date(2026, 2, 28), "UTC")
HOUR = 3600
_SCOPE = Sentence("Counted are the incidents of %(teams)s, and those without a team.", teams="Help desk")
_SITES = Table(
    "site",
    Sentence("Incidents by customer"),
    (Column(Sentence("customer")), *incidents.HEADS),
    (
        ("Acme Ltd", 42, 40, 3 * HOUR, 11 * HOUR + 1200, 2, 1),
        ("Globex", 17, 18, 2 * HOUR + 600, 9 * HOUR, 0, 0),
        (Sentence("without a site"), 3, 1, None, None, 0, 0),
    ),
    (Sentence("together"), 62, 59, 3 * HOUR, 10 * HOUR, 2, 1),
)
_STATUSES = Table(
    "time-by-status",
    Sentence("Time in each status"),
    (
        Column(Sentence("status")),
        Column(Sentence("incidents"), Kind.COUNT),
        Column(Sentence("working time"), Kind.WORKED),
        Column(Sentence("wall time"), Kind.WALL),
        Column(Sentence("share of working time"), Kind.SHARE, bar=True),
    ),
    (
        (Sentence("Active"), 61, 300 * HOUR, 900 * HOUR, 0.75),
        (Sentence("Awaiting customer"), 20, 100 * HOUR, 310 * HOUR, 0.25),
    ),
    (Sentence("together"), 62, 400 * HOUR, 1210 * HOUR, 1.0),
)
_HISTORY = Table(
    "history",
    Sentence("History"),
    (Column(Sentence("since"), Kind.MOMENT), Column(Sentence("status")), Column(Sentence("by whom"))),
    ((datetime(2026, 2, 3, 9, 0, tzinfo=UTC), Sentence("Active"), "Carla Jones"),),
    shown=0,
)
_EMPTY = Table("waits", Sentence("Waiting for the vendor"), (Column(Sentence("vendor")),))
_LONG = Table(
    "incidents",
    Sentence("Opened in this time, the latest first"),
    (Column(Sentence("incident")), Column(Sentence("title"))),
    tuple((f"[SIT-{number}]", "Printer burns") for number in range(3)),
    shown=2,
)
_FACTS = facts([
    (Sentence("title"), "Printer burns"),
    (Sentence("opened"), Moment(datetime(2026, 2, 3, 9, 0, tzinfo=UTC), "UTC")),
])  # fmt: skip
_FILES = {"files": [["site-2026-02-01-2026-02-28.csv", "text/csv", "0" * 64, 512]]}


def _detail(report: str, title: str, *tables: Table, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"query": report, **Figures(report, title, SPAN, tables, (_SCOPE,), notes).detail()}


_SITE = _detail("site 2026-02", Sentence("Incidents by customer"), _SITES, notes=incidents.NOTES) | _FILES
_TIME = _detail("time 2026-02", Sentence("Where the time went"), _STATUSES, _EMPTY, notes=time_spent.NOTES) | _FILES
_ONE = {
    "query": "incident 12",
    **Figures(
        "incident",
        Sentence("Report on %(incident)s", incident="[SIT-12] Printer burns"),
        None,
        (_FACTS, _LONG, _HISTORY),
    ).detail(),
}
_LISTED = {"reports": [[f"/report {one.name} {one.usage}", one.answers] for one in REPORTS.values()]}
_FAILED = {"query": "incident 99", "failed": Sentence("There is no incident %(number)s.", number=99)}
_PROMISES = _detail("attainment 2026-02", Sentence("Promises kept"), _LONG, notes=attainment.NOTES) | _FILES
_PROMISES |= {"span": ["2026-02-28"], "picture": [f"{'0' * 32}@pictures", Sentence("Opened, closed and open")]}
REPORT_DETAILS: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    NoticePurpose.REPORT: (_SITE, _TIME, _ONE, _ONE | _FILES, _LISTED, _FAILED, _PROMISES),
    NoticePurpose.REPORT_DUE: (_SITE | {"sent_as": "Monday figures"}, _FAILED),
}
