"""The report about what was escalated: by which step, and which incidents."""

from __future__ import annotations

from sitmail.domain.figures.tables import Column, Figures, Kind, Table
from sitmail.domain.sentence import Sentence
from sitmail.services.figures import rows
from sitmail.services.figures.asking import Asking


def make(asking: Asking) -> Figures:
    found = rows.escalated(asking.connection, asking.start, asking.period.end, asking.counted)
    numbers = {one.incident for one in found}
    titles = rows.titles(asking.connection, numbers)
    steps: dict[str, list[int]] = {}
    for one in found:
        steps.setdefault(one.step, []).append(one.incident)
    columns = (
        Column(Sentence("step")),
        Column(Sentence("how often"), Kind.COUNT, bar=True),
        Column(Sentence("incidents"), Kind.COUNT),
    )
    lines = tuple(
        (step, len(several), len(set(several)))
        for step, several in sorted(steps.items(), key=lambda each: (-len(each[1]), each[0]))
    )
    heads = (
        Column(Sentence("when"), Kind.MOMENT),
        Column(Sentence("incident")),
        Column(Sentence("title")),
        Column(Sentence("owner")),
        Column(Sentence("step")),
    )
    listed = tuple(
        (one.at, asking.policy.reference(one.incident), titles[one.incident], asking.engineer(one.owner), one.said)
        for one in reversed(found)
    )
    tables = (
        Table("steps", Sentence("By step"), columns, lines),
        Table("incidents", Sentence("What was escalated, the latest first"), heads, listed),
    )
    return asking.figures(Sentence("Escalated"), tables)
