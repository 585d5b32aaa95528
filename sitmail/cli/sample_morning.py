"""Morning papers, for `cli/samples`: an engineer's, and a manager's with the exceptions of his people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sitmail.domain.morning_facts import Section
from sitmail.domain.morning_lines import ADVICE, ANSWERS, NAMES, TOLD, WORDS, named
from sitmail.domain.sentence import Moment, Sentence

ALONE = Sentence('the desk alone; a line such as "12: /take" is carried out')
_AT = Moment(datetime(2026, 3, 2, 14, tzinfo=UTC), "UTC")
_WHO = "Carla Jones, Acme Ltd"


def _line(place: int, says: list[str], words: str, advice: tuple[str, str]) -> list[Any]:
    return [place, f"[SIT-{place + 10}]", "Printer burns", _WHO, says, words, list(advice)]


_LATE = Sentence(
    "%(target)s late by %(time)s of working time, since %(at)s", target=named("resolution"), time="2h", at=_AT
)
_DUE = Sentence("%(target)s by %(moment)s", target=named("resolution"), moment=_AT)
_WROTE = Sentence("%(who)s wrote, %(at)s", who="Carla Jones", at=_AT)
_NEXT = Sentence("%(action)s: %(at)s", action="ring", at=_AT)
_OWN: list[Any] = [
    [NAMES[Section.LATE], "", [_line(1, [_LATE], "", (WORDS, ANSWERS))]],
    [NAMES[Section.TODAY], "", [_line(2, [_DUE], "", (WORDS, ANSWERS))]],
    [NAMES[Section.ANSWERED], "", [_line(3, [_WROTE, _DUE], "It burns again.", ADVICE[Section.ANSWERED])]],
    [NAMES[Section.WAITING], "", [_line(4, [], "", ADVICE[Section.WAITING])]],
    [
        NAMES[Section.PROMISED],
        "",
        [_line(5, [_NEXT], "", ADVICE[Section.PROMISED])],
    ],
    [NAMES[Section.UNOWNED], "", [_line(6, [], "", ADVICE[Section.UNOWNED])]],
]
_OF_PEOPLE: list[Any] = [
    [NAMES[Section.LATE], "Ana Lind", [_line(1, [_LATE], "", (WORDS, ANSWERS))]],
    [NAMES[Section.ABANDONED], "Ana Lind", [_line(2, [], "", ADVICE[Section.ABANDONED])]],
    [NAMES[Section.BROKEN], "Bo Berg", [_line(3, [], "", ADVICE[Section.BROKEN])]],
    [NAMES[Section.DESK], "", [_line(5, [Sentence(TOLD["email-out"], who="Bo Berg")], "", ADVICE[Section.DESK])]],
    [NAMES[Section.DRIFTING], "Bo Berg", [_line(4, [], "", ADVICE[Section.DRIFTING])]],
]
MORNINGS: tuple[dict[str, Any], ...] = (
    {"sections": _OWN, "lines": [11, 12, 13, 14, 15, 16], "more": 0},
    {"sections": _OF_PEOPLE, "lines": [11, 12, 13, 14, 15], "more": 3},
)
EVERY_INCIDENT: tuple[dict[str, Any], ...] = ({}, {"refused": "not-entitled", "writer": "carla@example.com"})
