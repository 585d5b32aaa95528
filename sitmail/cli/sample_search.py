"""Sample searches: what `/search` and `/queue` find in the sample letters, by what was asked for."""

from __future__ import annotations

from sitmail.services.article_views import ArticleLine
from sitmail.services.views import FoundView, IncidentView

_ARTICLE = ArticleLine("KB7", "Paper jams in the tray", "published, public")


def found_views(one: IncidentView, other: IncidentView) -> dict[str, FoundView]:
    """Each branch of the letter once, with these two incidents."""
    return {
        "owner:ana printer": FoundView((one, other), more=True),
        "scanner": FoundView(()),
        "red lamp": FoundView((one,), perhaps=True, unread=12_000, articles=(_ARTICLE,)),
        "mine": FoundView((one, other)),
    }
