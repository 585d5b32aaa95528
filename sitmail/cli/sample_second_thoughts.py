"""Samples of what an engineer reads of his own mail: verdicts, answers that came back, answers that wait."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sitmail.domain.commands import unknown
from sitmail.domain.engineer.airlock import ANOTHERS, NO_FILE
from sitmail.domain.engineer.decide import NOTHING_NEW
from sitmail.domain.engineer.recall_verb import DONE
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.recalling import THEN
from sitmail.domain.sentence import Moment, Sentence
from sitmail.domain.verbs import STAFF

_NEW = [["Carla Jones", "12#3", "It burns again."]]
_SLIPS = [[ANOTHERS, "SIT-9"], [NO_FILE, "As in [SIT-9], the attached guide helps."]]
_LEAVES = Sentence(
    "your email leaves on %(moment)s; until then /recall takes it back",
    moment=Moment(datetime(2026, 11, 25, 14, 0, tzinfo=UTC), "UTC"),
)
RECALLS: tuple[dict[str, Any], ...] = (
    {"verdicts": [["", True, _LEAVES], ["/close solved", True, THEN]], "waits": True, "leg": "public"},
    {"verdicts": [["/recall", True, DONE]], "recalled": "Please throw it out of the window.", "leg": "public"},
)
SECOND_THOUGHTS: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    NoticePurpose.CROSSED: (
        {"new": [], "slips": _SLIPS, "returned": "As in [SIT-9], the attached guide helps."},
        {"new": _NEW, "slips": [], "returned": "It is fine."},
        {"new": _NEW, "slips": _SLIPS[:1], "returned": "As in [SIT-9], it is fine."},
    ),
    NoticePurpose.VERDICT: (
        {"refused": True, "verdicts": [["/tkae", False, unknown("tkae", STAFF)]], "returned": "/tkae"},
        {"verdicts": [["/take", True, Sentence("you are the owner")], ["", False, NOTHING_NEW]]},
        {"kept_back": ["a quotation"], "withheld": "perhaps a quotation", "unheard": "a monitor gets no answers"},
        {"kept_back": ["invoice.txt"], "unnamed": ["invoice.txt"], "unread": ["driver.7z"]},
        *RECALLS,
    ),
}
