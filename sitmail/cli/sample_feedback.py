"""The occasions of letters about how the desk did, for `cli/samples`."""

from __future__ import annotations

from typing import Any

from sitmail.domain.feedback import shown
from sitmail.domain.notice_purposes import NoticePurpose

_USUAL: dict[str, Any] = {**shown(5), "question": ""}
_OWN: dict[str, Any] = {**shown(2), "question": "Would you ask us again?"}
FEEDBACK: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    NoticePurpose.FEEDBACK_ASKED: (_USUAL, _OWN),
    NoticePurpose.FEEDBACK_SCALE: (_USUAL, _OWN),
    NoticePurpose.FEEDBACK_GIVEN: (
        {"score": 1, "scale": 5, "low": True, "unproven": False, "reopens": True},
        {"score": 4, "scale": 5, "low": False, "unproven": False, "reopens": True},
        {"score": 0, "scale": 5, "low": False, "unproven": False, "reopens": True},
        {"score": 0, "scale": 5, "low": False, "unproven": True, "reopens": False},
    ),
}
