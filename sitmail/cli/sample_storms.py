"""Invented data for the letters about storms: see `cli/samples`."""

from __future__ import annotations

from typing import Any

from sitmail.domain.notice_purposes import NoticePurpose

ROWS = [["[SIT-12]", "Printer burns", "Carla Jones"], ["[SIT-13]", "The printer burns", "dan@example.com"]]
STORMS: dict[NoticePurpose, tuple[dict[str, Any], ...]] = {
    NoticePurpose.STORM: (
        {"count": 2, "title": "Printer burns", "rows": ROWS},
        {"count": 60, "title": "Printer burns", "rows": ROWS},
    ),
    NoticePurpose.STORM_JOINED: ({"count": 20}, {"count": 40, "grown": True}),
}
