"""Which reports there are, and what somebody asks for who writes `/report time by owner 2026-11`.

What makes each of them is in `services/figures/reports`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sitmail.domain.choices import Choice, named
from sitmail.domain.figures.periods import EXAMPLES, Period, period, period_ahead
from sitmail.domain.hours import quoted
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence


@record
class Report:
    """`answers` is the question that it answers; `usual` its period where none is named; `by` what it is split by.

    `numbered`: it may be about one incident.  `team_wide`: an engineer reads it for his teams, and not for himself
    alone.  `ahead`: it looks at the days to come.
    """

    name: str
    answers: str
    usual: str = "30d"
    by: tuple[str, ...] = ()
    numbered: bool = False
    team_wide: bool = False
    ahead: bool = False

    @property
    def usage(self) -> str:
        """What stands behind its name."""
        if self.ahead:
            return f"[within {self.usual}]"
        split = f"[by {'|'.join(self.by)}] " if self.by else ""
        return f"{split}{'N | [PERIOD]' if self.numbered else '[PERIOD]'}"


def _table(*reports: Report) -> dict[str, Report]:
    return {one.name: one for one in reports}


REPORTS: Mapping[str, Report] = _table(
    Report(
        "incident",
        Sentence("What happened to one incident, who had it and how long? Or: which were opened?"),
        numbered=True,
    ),
    Report(
        "time",
        Sentence("Where did the time go: in which status, with whom, waiting for whom?"),
        by=("owner", "status", "reason", "customer", "product"),
    ),
    Report("attainment", Sentence("Which promises were kept, by service level and priority?")),
    Report("backlog", Sentence("What is open, how old is it, and does it grow?"), team_wide=True),
    Report("site", Sentence("Which customers wrote how often, and how fast were they served?")),
    Report("engineer", Sentence("Who has closed how much, and how fast?")),
    Report("product", Sentence("Which products cause the work?")),
    Report("reason", Sentence("Why do incidents come?")),
    Report("vendor", Sentence("How long do we wait for which vendor?")),
    Report("escalated", Sentence("What was escalated, and why?")),
    Report("feedback", Sentence("How do customers say we did?"), by=("engineer", "product", "site")),
    Report("expiring", Sentence("Which contracts end soon, or run out of what was paid?"), usual="90d", ahead=True),
)


@record
class Question:
    """What somebody asks for: a report, split by something or "", about one incident or 0, else a period."""

    report: str
    by: str = ""
    number: int = 0
    period: Period | None = None

    @property
    def written(self) -> str:
        """As it is asked for again."""
        split = f" by {self.by}" if self.by else ""
        rest = str(self.number) if self.number else self.period.word if self.period else ""
        return f"{self.report}{split} {rest}".strip()


_BY = re.compile(r"(?:^|\s)by\s+(\S+)", re.IGNORECASE)
_NUMBER = re.compile(r"\[?(?:[A-Za-z]{2,10}-|#)?([0-9]{1,18})\]?", re.ASCII)


def report_named(word: str) -> Report:
    """The report of that name, or of a clear beginning of it.  Raises ValueError with a sentence."""
    return REPORTS[named(word, Sentence("report"), [Choice(one, one) for one in REPORTS])]


def question(written: str, now: datetime, zone: str) -> Question:
    """A line behind `/report`.  Raises ValueError with a sentence."""
    word, _, rest = " ".join(written.split()).partition(" ")
    report = report_named(word)
    if report.ahead:
        return Question(report.name, period=period_ahead(rest or report.usual, now, zone))
    rest, by = _split(report, rest)
    if report.numbered and (found := _NUMBER.fullmatch(rest)):
        return Question(report.name, by, number=int(found[1]))
    try:
        return Question(report.name, by, period=period(rest or report.usual, now, zone))
    except ValueError:
        if report.numbered and rest:
            raise ValueError(
                Sentence(
                    "%(text)s is neither the number of an incident nor a period; write for example 12, or %(examples)s",
                    text=quoted(rest),
                    examples=EXAMPLES,
                )
            ) from None
        raise


def _split(report: Report, rest: str) -> tuple[str, str]:
    """The rest without `by WHAT`, and the what."""
    found = _BY.search(rest)
    if found is None:
        return rest, ""
    if not report.by:
        raise ValueError(Sentence("the report '%(name)s' is not split; leave out 'by'", name=report.name))
    by = named(found[1], Sentence("way to split it"), [Choice(one, one) for one in report.by])
    return (rest[: found.start()] + rest[found.end() :]).strip(), by
