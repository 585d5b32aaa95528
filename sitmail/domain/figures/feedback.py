"""How satisfied customers were: what was asked in a period and answered until now, by engineer, product or customer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sitmail.domain.figures.tables import Cell, Column, Kind, Table, share
from sitmail.domain.sentence import Sentence

NOTES = (
    Sentence("Counted are questions that left in the period; answers may have come later."),
    Sentence(
        "Satisfied: 100 % is the best number of the scale, 0 % the worst; unanswered questions count for nothing."
    ),
)


class Rated(NamedTuple):
    """A question, and its answer if there is one."""

    owner: str
    product: str
    site: str
    scale: int
    score: int | None


class _Sum:
    """What several questions come to."""

    def __init__(self, rows: Iterable[Rated], low: int) -> None:
        every = list(rows)
        scored = [(one.score, one.scale) for one in every if one.score is not None]
        self.asked, self.answered = len(every), len(scored)
        self.low = sum(score <= low for score, _ in scored)
        self.total = sum(score for score, _ in scored)
        self.satisfied = sum((score - 1) / (scale - 1) for score, scale in scored if scale > 1)

    def cells(self) -> tuple[Cell, ...]:
        mean = round(self.total / self.answered, 1) if self.answered else None
        rate, satisfied = share(self.answered, self.asked), share(self.satisfied, self.answered)
        return self.asked, self.answered, rate, mean, self.low, satisfied


def by(
    rows: Iterable[Rated],
    of: Callable[[Rated], str],
    head: tuple[str, str, str],
    called: Callable[[str], str],
    low: int,
) -> Table:
    """A row for each, who was asked most first, and all together.  `head`: name of its file, title, first head."""
    groups: dict[str, list[Rated]] = {}
    for one in rows:
        groups.setdefault(of(one), []).append(one)
    sums = {key: _Sum(several, low) for key, several in groups.items()}
    ordered = sorted(sums.items(), key=lambda each: (-each[1].asked, each[0]))
    columns = (
        Column(head[2]),
        Column(Sentence("asked"), Kind.COUNT),
        Column(Sentence("answers"), Kind.COUNT),
        Column(Sentence("answers in percent"), Kind.SHARE),
        Column(Sentence("mean"), Kind.COUNT),
        Column(Sentence("low"), Kind.COUNT),
        Column(Sentence("satisfied"), Kind.SHARE, bar=True),
    )
    every = _Sum([one for several in groups.values() for one in several], low)
    total = (Sentence("together"), *every.cells()) if len(groups) > 1 else ()
    return Table(head[0], head[1], columns, tuple((called(key), *one.cells()) for key, one in ordered), total)


def spread(rows: Iterable[Rated], scale: int) -> Table:
    """How often each number of that scale was given, the best first."""
    given = [one.score for one in rows if one.score is not None and one.scale == scale]
    columns = (
        Column(Sentence("number")),
        Column(Sentence("how often"), Kind.COUNT),
        Column(Sentence("share"), Kind.SHARE, bar=True),
    )
    lines = tuple(
        (str(number), given.count(number), share(given.count(number), len(given))) for number in range(scale, 0, -1)
    )
    return Table("numbers", Sentence("The numbers"), columns, lines if given else ())
