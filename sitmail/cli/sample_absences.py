"""Invented data for the letters about absences: see `cli/samples`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sitmail.domain.notice_purposes import NoticePurpose

_NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)
_LATER = _NOW + timedelta(days=3)
_LINES = [[12, "Printer burns", "Active", "resolution", _LATER], [13, "Scanner", "Research", "", ""]]
_PLAIN = [[12, "Printer burns", "Active"]]
_ASKED: dict[str, Any] = {
    "who": "Ana Lind",
    "begins": _NOW,
    "due": _LATER,
    "instead": "Bo Berg",
    "others": [["Cem Dal", _NOW, _LATER]],
    "incidents": _LINES,
    "more": 0,
    "count": 2,
}
_ALONE: dict[str, Any] = {**_ASKED, "instead": "", "others": [], "incidents": [], "count": 0}
_ANSWERED: dict[str, Any] = {
    "by": "Mia Moore",
    "begins": _NOW,
    "due": _LATER,
    "instead": "Bo Berg",
    "words": "",
    "granted": True,
    "silent": False,
    "proposed": False,
}
ABSENCES: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    NoticePurpose.STANDS_IN: (
        {"who": "Ana Lind", "due": _NOW, "yours": True, "incidents": _LINES, "more": 3},
        {"who": "Ana Lind", "due": _NOW, "yours": False, "incidents": _LINES, "more": 0},
        {"who": "Ana Lind", "due": "", "yours": True, "incidents": _LINES, "more": 0},
        {"who": "Ana Lind", "due": "", "yours": False, "incidents": _LINES, "more": 0},
    ),
    NoticePurpose.WHILE_AWAY: (
        {
            "who": "Bo Berg",
            "due": _NOW,
            "incidents": [[12, "Printer burns", "Active", 2]],
            "quiet": 1,
            "returned": _PLAIN,
            "stays": [],
            "by_hand": [],
            "all": True,
        },
        {"who": "", "due": _NOW, "incidents": [], "quiet": 0, "returned": [], "stays": [], "by_hand": [], "all": True},
        {
            "who": "Bo Berg",
            "due": _NOW,
            "incidents": [[12, "Printer burns", "Active", 2]],
            "quiet": 0,
            "returned": [],
            "stays": [[12, "Printer burns", "Active", "Bo Berg"]],
            "by_hand": [[13, "Scanner", "Active", "Cem Dal"]],
            "all": False,
        },
    ),
    NoticePurpose.HANDED_BACK: (
        {"who": "Ana Lind", "returned": _PLAIN, "stays": _PLAIN},
        {"who": "Ana Lind", "returned": [], "stays": _PLAIN},
    ),
    NoticePurpose.LEAVE_ASKED: (_ASKED, _ALONE),
    NoticePurpose.ABSENCE_PROPOSED: (
        {**_ASKED, "words": "I am away until Friday.", "proved": True},
        {**_ASKED, "due": "", "words": "I am away.", "proved": False},
        {**_ALONE, "words": "I am away until Friday.", "proved": True},
        {**_ALONE, "due": "", "words": "I am away.", "proved": False},
    ),
    NoticePurpose.LEAVE_ANSWERED: (
        _ANSWERED,
        {**_ANSWERED, "granted": False, "words": "No, the move is that week."},
        {**_ANSWERED, "granted": False, "silent": True, "instead": ""},
        {**_ANSWERED, "proposed": True, "instead": ""},
        {**_ANSWERED, "proposed": True, "due": ""},
    ),
}
