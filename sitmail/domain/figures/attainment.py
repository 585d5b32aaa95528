"""Which promises were kept: by target, service level and priority."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sitmail.domain.figures.tables import Column, Kind, Table, share, total
from sitmail.domain.sentence import Sentence
from sitmail.domain.sla import TimedTarget

# What customers are promised, in its order; what the desk expects of itself is no promise.
PROMISED = (
    TimedTarget.FIRST_RESPONSE,
    TimedTarget.PROBLEM,
    TimedTarget.ACTION_PLAN,
    TimedTarget.RESOLUTION,
    TimedTarget.UPDATE,
    TimedTarget.REVIEW,
)
AGAIN = frozenset({TimedTarget.UPDATE, TimedTarget.REVIEW})
NOTES = (
    Sentence("Counted are promises that were made in the period and stand, as they are now."),
    Sentence("In time: of those that are decided, kept in time. What still runs, or stands still, is open."),
    Sentence("Updates and reviews are due again and again: such a promise is late as soon as one of them was."),
)


class Promise(NamedTuple):
    """A term as the store has it.  `missed`: it was late once, kept in the end or not."""

    target: str
    service_level: str
    priority: str
    met: bool
    missed: bool
    over: bool  # the incident is closed


def attainment(promises: Iterable[Promise], priorities: list[str], called: Callable[[str], str]) -> Table:
    """`priorities` from lowest to highest; `called` names targets and priorities."""
    counts: dict[tuple[str, str, str], list[int]] = {}
    for one in promises:
        found = counts.setdefault((one.target, one.service_level, one.priority), [0, 0, 0])
        done = one.met or (one.target in AGAIN and one.over)
        found[1 if one.missed else 0 if done else 2] += 1
    columns = (
        Column(Sentence("target")),
        Column(Sentence("service level")),
        Column(Sentence("priority")),
        Column(Sentence("kept"), Kind.COUNT),
        Column(Sentence("late"), Kind.COUNT),
        Column(Sentence("open"), Kind.COUNT),
        Column(Sentence("in time"), Kind.SHARE, bar=True),
    )

    def place(key: tuple[str, str, str]) -> tuple[int, str, int]:
        order = [str(one) for one in PROMISED]
        rank = priorities.index(key[2]) if key[2] in priorities else -1
        return (order.index(key[0]) if key[0] in order else len(order), key[1], -rank)

    rows = tuple(
        (called(target), level, called(priority), kept, late, open_, share(kept, kept + late))
        for (target, level, priority), (kept, late, open_) in sorted(counts.items(), key=lambda each: place(each[0]))
    )
    last = total(Sentence("together"), columns, rows, (3, 4, 5))
    kept, late = (sum(one[at] for one in counts.values()) for at in (0, 1))
    return Table(
        "attainment",
        Sentence("Promises"),
        columns,
        rows,
        (*last[:6], share(kept, kept + late)) if len(rows) > 1 else (),
    )
