"""Counts what new incidents are about, so that few of them have to be compared with others (`services/storms`)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sitmail.domain.storm import Opened

MOST_WORDS = 50_000  # are kept
MOST_COMPARED = 1_000  # incidents


@dataclass
class Openings:
    """How often words, units and products stood in new incidents of late: within one or two spans of time.

    `due` is the count at which they are compared: sooner there can be no storm.  `recent` are those of one span.
    """

    enough: int
    span: timedelta
    began: datetime
    counts: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    recent: deque[tuple[datetime, Opened]] = field(default_factory=deque)

    def noted(self, new: Opened, now: datetime) -> bool:
        """Counts a new incident; whether it is to be compared with the others."""
        self.recent.append((now, new))
        while now - self.recent[0][0] > self.span or len(self.recent) > MOST_COMPARED:
            self.recent.popleft()
        if now - self.began >= self.span or len(self.counts) > MOST_WORDS:
            self.began, self.before, self.counts, self.due = now, self.counts, {}, {}
        ask = False
        for key in _keys(new):
            self.counts[key] = self.counts.get(key, 0) + 1
            ask = ask or self._counted(key) >= self.due.get(key, self.enough)
        return ask

    def wait(self, new: Opened, more: int) -> None:
        """They were compared: so many more are needed."""
        for key in _keys(new):
            self.due[key] = max(self._counted(key) + more, self.enough)

    def _counted(self, key: str) -> int:
        return self.counts.get(key, 0) + self.before.get(key, 0)


def _keys(new: Opened) -> list[str]:
    beside = [f"unit {new.unit}"] * bool(new.unit) + [f"product {new.product}"] * bool(new.product)
    return [*new.words, *beside]
