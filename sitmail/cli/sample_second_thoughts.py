"""Samples of what makes an engineer think twice: answers that came back, that may be recalled."""

from __future__ import annotations

from typing import Any

from sitmail.domain.engineer.airlock import ANOTHERS, NO_FILE
from sitmail.domain.notice_purposes import NoticePurpose

_NEW = [["Carla Jones", "12#3", "It burns again."]]
_SLIPS = [[ANOTHERS, "SIT-9"], [NO_FILE, "As in [SIT-9], the attached guide helps."]]
SECOND_THOUGHTS: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    NoticePurpose.CROSSED: (
        {"new": [], "slips": _SLIPS, "returned": "As in [SIT-9], the attached guide helps."},
        {"new": _NEW, "slips": [], "returned": "It is fine."},
        {"new": _NEW, "slips": _SLIPS[:1], "returned": "As in [SIT-9], it is fine."},
    ),
}
