"""What makes each report of `domain/figures/catalogue`: one function, by the report's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sitmail.domain.figures import attainment, backlog, incidents, time_spent
from sitmail.domain.figures.incidents import Row
from sitmail.domain.figures.tables import Column, Figures, Kind, Table
from sitmail.domain.sentence import Sentence
from sitmail.services.figures import contract_reports, escalations, incident_report, rows, time_reports
from sitmail.services.figures.asking import ORDER, Asking
from sitmail.store.schema import incident

Called = Callable[[str], str]


def make(asking: Asking) -> Figures:
    """The report that is asked for.  Raises NoFigures with a sentence where there is none."""
    return MAKES[asking.question.report](asking)


# --- incidents by what they have in common


def _grouped(asking: Asking, keys: Callable[[Row], Iterable[str]], head: tuple[str, str, str], called: Called) -> Table:
    found = rows.incidents(asking.connection, *asking.alive)
    late = rows.late(asking.connection, *asking.alive)
    return incidents.grouped(found, keys, asking.span, asking.meters(found), late, head, called)


def _by(
    title: str, head: str, of: Callable[[Row], str], called: Callable[[Asking], Called]
) -> Callable[[Asking], Figures]:
    """A report that counts incidents by one thing."""

    def report(asking: Asking) -> Figures:
        table = _grouped(asking, lambda row: (of(row),), (asking.question.report, title, head), called(asking))
        return asking.figures(title, (table,), incidents.NOTES)

    return report


def _code(kind: str) -> Callable[[Asking], Called]:
    return lambda asking: lambda key: asking.code(kind, key)


def _vendor(asking: Asking) -> Figures:
    """By vendor, and how long incidents waited for it."""
    with_vendor = rows.partners(asking.connection, *asking.alive)
    names = {key: name or key for several in with_vendor.values() for key, name in several}
    title = Sentence("Incidents by vendor")
    table = _grouped(
        asking,
        lambda row: [key for key, _ in with_vendor.get(row.number, ())],
        ("vendor", title, Sentence("vendor")),
        lambda key: names.get(key, key),
    )
    found = time_spent.sums(
        (one for one in time_reports.spells_of(asking) if one.for_vendor),
        lambda spell: ", ".join(name or key for key, name in with_vendor.get(spell.incident, ())),
        time_reports.calendars(asking),
    )
    columns = (
        Column(Sentence("vendor")),
        Column(Sentence("incidents"), Kind.COUNT),
        Column(Sentence("working time"), Kind.WORKED, bar=True),
        Column(Sentence("wall time"), Kind.WALL),
    )
    lines = tuple(
        (key or Sentence("without a vendor"), len(one.incidents), one.worked, one.wall)
        for key, one in sorted(found.items(), key=lambda each: (-each[1].worked, each[0]))
    )
    waited = Table("waits", Sentence("Waiting for the vendor"), columns, lines)
    return asking.figures(title, (table, waited), incidents.NOTES)


# --- promises and backlog


def _attainment(asking: Asking) -> Figures:
    found = rows.promises(asking.connection, asking.start, asking.period.end, asking.counted)
    priorities = [one.id for one in asking.policy.priorities]

    def called(key: str) -> str:
        return asking.priority(key) if key in priorities else Sentence(key.replace("_", " "))

    table = attainment.attainment(found, priorities, called)
    return asking.figures(Sentence("Promises kept"), (table,), attainment.NOTES)


def _backlog(asking: Asking) -> Figures:
    now, connection = asking.span.now, asking.connection
    found = rows.incidents(connection, asking.counted, incident.c.status != rows.CLOSED)
    oldest = backlog.first_opened(found)
    titles = rows.titles(connection, [one.number for one in oldest])
    parts = backlog.steps(asking.period, backlog.day_of(now, asking.period.zone))
    moves = rows.moves(connection, asking.start, asking.counted)
    trend, curve = backlog.trend(moves, parts, len(found), asking.period.days)
    tables = (
        backlog.by_age(found, now, asking.status, ORDER),
        backlog.oldest(oldest, asking.policy.reference, titles, now, asking.status, asking.engineer),
        trend,
    )
    return replace(asking.figures(Sentence("Backlog"), tables, backlog.NOTES), curve=curve)


MAKES: Mapping[str, Callable[[Asking], Figures]] = {
    "incident": incident_report.make,
    "time": time_reports.make,
    "attainment": _attainment,
    "backlog": _backlog,
    "site": _by(Sentence("Incidents by customer"), Sentence("customer"), lambda row: row.site, lambda one: one.site),
    "engineer": _by(
        Sentence("Incidents by engineer"), Sentence("engineer"), lambda row: row.owner, lambda one: one.engineer
    ),
    "product": _by(Sentence("Incidents by product"), Sentence("product"), lambda row: row.product, _code("product")),
    "reason": _by(Sentence("Incidents by reason"), Sentence("reason"), lambda row: row.reason, _code("reason")),
    "vendor": _vendor,
    "escalated": escalations.make,
    "feedback": contract_reports.of_feedback,
    "expiring": contract_reports.of_expiring,
}
