"""What a report is made from: who asks for what, a connection to read by, and what the desk calls things."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Connection, select

from sitmail.domain.authority import Counted
from sitmail.domain.figures.catalogue import Question
from sitmail.domain.figures.incidents import Row, Span
from sitmail.domain.figures.numbers import Meter, seconds
from sitmail.domain.figures.periods import Period, period
from sitmail.domain.figures.tables import Figures, Table
from sitmail.domain.incident import Status
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence
from sitmail.services.figures import rows
from sitmail.store.schema import site

ORDER = {str(status): place for place, status in enumerate(Status)}


class Asking:
    """`who` says whose incidents are counted; `zone` is the reader's."""

    def __init__(
        self, connection: Connection, policy: Policy, question: Question, who: Counted, now: datetime, zone: str
    ) -> None:
        self.connection, self.policy, self.question, self.who, self.now = connection, policy, question, who, now
        self.zone = zone
        self._meters: dict[str, Meter] = {}
        self._statuses: dict[str, str] = {}  # names of them, as they were made

    @property
    def period(self) -> Period:
        return self.question.period or period("30d", self.now, self.zone)

    @property
    def start(self) -> datetime:
        return self.period.start

    @property
    def until(self) -> datetime:
        """The end of the period, or now: what lies behind it has not happened."""
        return min(self.period.end, self.now)

    @property
    def span(self) -> Span:
        return Span(seconds(self.start), seconds(self.period.end), seconds(self.now))

    @property
    def counted(self) -> ColumnElement[bool]:
        return rows.counted(self.who)

    @property
    def alive(self) -> tuple[ColumnElement[bool], ...]:
        """Conditions: counted, and open at any moment of the period."""
        return self.counted, rows.alive(self.start, self.period.end)

    def meter(self, calendar: str, since: int | None = None) -> Meter:
        """Of that calendar, for the period; `since`: from an earlier second on."""
        found = self._meters.get(calendar)
        if found is None or since is not None:
            begin = self.span.start if since is None else since
            found = self._meters[calendar] = Meter(self.policy.calendar_named(calendar), begin, self.span.now)
        return found

    def meters(self, found: Sequence[Row]) -> dict[str, Meter]:
        """Of all calendars of these incidents, from when the first of them was opened."""
        since: dict[str, int] = {}
        for row in found:
            since[row.calendar] = min(row.opened, since.get(row.calendar, row.opened))
        return {calendar: self.meter(calendar, begin) for calendar, begin in since.items()}

    # --- names

    def engineer(self, key: str) -> str:
        if not key:
            return Sentence("nobody")
        known = self.policy.engineers.get(key)
        return known.name if known else key

    def status(self, key: str) -> str:
        found = self._statuses.get(key)
        if found is None:
            codes = self.policy.dictionary
            found = self._statuses[key] = Sentence(codes.label(Status(key)).internal) if key in ORDER else key
        return found

    def site(self, key: str) -> str:
        return self._sites.get(key, key) if key else Sentence("without a site")

    @cached_property
    def _sites(self) -> dict[str, str]:
        query = select(site.c.id, site.c.name).prefix_with(rows.LOOKS_AT_ALL)
        return {key: name or key for key, name in self.connection.execute(query)}

    def code(self, kind: str, key: str) -> str:
        """The name of a product or a reason."""
        return self.policy.dictionary.shown(kind, key) if key else Sentence("without")

    def priority(self, key: str) -> str:
        return Sentence(self.policy.priority_named(key).name)

    # --- what every report says of itself

    def figures(self, title: str, tables: Sequence[Table], notes: Sequence[str] = ()) -> Figures:
        return Figures(self.question.report, title, self.period, tuple(tables), (self.scope(),), tuple(notes))

    def scope(self) -> str:
        """Of what the figures are made, for their reader."""
        if self.who.everything:
            return Sentence("All incidents of the desk are counted.")
        if self.who.owner:
            return Sentence("The incidents are counted that you own.")
        teams = [
            self.policy.teams[one].name if one in self.policy.teams else one for one in sorted(self.who.teams) if one
        ]
        if not teams:
            return Sentence("The incidents are counted that no team owns.")
        return Sentence("Counted are the incidents of %(teams)s, and those without a team.", teams=", ".join(teams))
