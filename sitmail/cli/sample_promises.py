"""Letters about promised times, for `cli/samples`; time sheets: one that runs, one was late, one has not begun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.services.time_sheets import SpellView, TimeSheetView

_NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)
TOLD: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    NoticePurpose.SLA_LATE: (
        {"target": "resolution", "due": _NOW, "threshold": 1.0},
        {"target": "late_level", "due": _NOW, "threshold": 1.0},
    ),
    NoticePurpose.LEVEL_REACHED: (
        {"target": "followup_level", "due": _NOW, "threshold": 1.0},
        {"target": "warning_level", "due": _NOW, "threshold": 1.0},
    ),
    NoticePurpose.SLA_WARNING: ({"target": "resolution", "due": _NOW, "threshold": 0.75},),
    NoticePurpose.CHASED: ({"confirm": True, "tried": [_NOW]}, {"confirm": False, "tried": []}),
    NoticePurpose.UNANSWERED: (
        *(
            {"why": one, "closed": True, "told": True, "active": False, "phone": "+1", "tried": [_NOW]}
            for one in ("presumed", "unresponsive")
        ),
        *(
            {
                "why": one,
                "closed": False,
                "told": False,
                "active": one not in ("call", "unsent"),
                "phone": "+44 20 7946 0000",
                "tried": [_NOW, _NOW],
            }
            for one in ("unresponsive", "call", "unsent", "lost", "nobody", "unasked")
        ),
        {
            **{"why": "unresponsive", "closed": False, "told": False, "active": True, "phone": "", "tried": [_NOW]},
            **{"above": True, "owner": "Ana Lind"},
        },
    ),
    NoticePurpose.DELAYED: ({"target": "first_response", "due": _NOW, "threshold": 1.0},),
    NoticePurpose.CALENDAR: ({"target": "resolution", "due": _NOW}, {"target": ""}),
    NoticePurpose.ESCALATED: (
        {"target": "resolution", "due": _NOW, "threshold": 0.5, "event": "", "again": 0},
        {"target": "action_plan", "due": _NOW, "threshold": 1.5, "event": "Ring the customer.", "again": 2},
        {"target": "warning_level", "due": _NOW, "threshold": 1.0, "event": "", "again": 0},
    ),
}
_MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
_HOUR = timedelta(hours=1)


def _at(hours: int) -> datetime:
    return _MONDAY + hours * _HOUR


TIME_SHEETS = (
    TimeSheetView(
        "first response", "1h", "office", "UTC", "met", "2h", _at(0), "", None, _at(2), _at(1),
        (SpellView(_at(0), _at(2), "Active", "2h", ((_at(0), _at(2), "2h"),)),),
    ),
    TimeSheetView(
        "resolution", "16h", "office", "UTC", "running", "9h", _at(0), "", _at(49), None, None,
        (
            SpellView(_at(0), _at(2), "Active", "2h", ((_at(0), _at(2), "2h"),)),
            SpellView(_at(2), _at(24), "Awaiting customer"),
            SpellView(_at(24), _at(31), "Active", "7h", ((_at(24), _at(31), "7h"),)),
        ),
    ),
    TimeSheetView("late level", "8h", "office", "UTC", "running", "9h", _at(0), "", None, None, _at(1), ()),
    TimeSheetView("review", "672h", "", "UTC", "running", "31h", _at(0), "", _at(672), None, None, (), short=True),
    TimeSheetView("action plan", "8h", "office", "UTC", "paused", "0m", _at(0), "problem", None, None, None, ()),
)  # fmt: skip
