"""What a line of a reply to an article's letter may ask for, besides changing it.  One table.

The slash may be left out where the line stands on top.  What each does is decided in `engineer/article_reply`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sitmail.domain.record import record
from sitmail.domain.trust import Power

PUBLISH, WITHDRAW, REVIEWED, SUBSCRIBE, UNSUBSCRIBE = "publish", "withdraw", "reviewed", "subscribe", "unsubscribe"
HISTORY, PRINT, DETACH = "history", "print", "detach"
RECENT, ORPHANS, NEW = "recent", "orphans", "new"  # behind /kb, about no article
ANYWAY = "anyway"  # publish it although it seems to name somebody


@record
class ArticleVerb:
    """`names` are its names in other languages; `argument`: what may stand behind it, "" for nothing."""

    name: str
    power: Power
    names: tuple[str, ...] = ()
    argument: str = ""


VERBS: Mapping[str, ArticleVerb] = {
    one.name: one
    for one in (
        ArticleVerb(PUBLISH, Power.ANSWER, ("veröffentlichen", "publier"), ANYWAY),
        ArticleVerb(WITHDRAW, Power.ANSWER, ("zurückziehen", "retirer")),
        ArticleVerb(REVIEWED, Power.NOTE, ("geprüft", "relu")),
        ArticleVerb(SUBSCRIBE, Power.NOTE, ("abonnieren", "abonner")),
        ArticleVerb(UNSUBSCRIBE, Power.NOTE, ("abbestellen", "désabonner")),
        ArticleVerb(HISTORY, Power.READ, ("verlauf", "historique")),
        ArticleVerb(PRINT, Power.READ, ("drucken", "imprimer")),
        ArticleVerb(DETACH, Power.NOTE, ("entfernen", "détacher"), "FILE"),
    )
}
_NAMES = {name: one.name for one in VERBS.values() for name in (one.name, *one.names)}


def read(line: str, slash: bool = False) -> tuple[str, str] | None:
    """(verb, what stands behind it) where a line is a command; `slash`: only one that begins with a slash."""
    text = line.strip().rstrip(".!")
    if slash and not text.startswith("/"):
        return None
    word, _, behind = text.removeprefix("/").strip().partition(" ")
    name, behind = _NAMES.get(word.lower(), ""), behind.strip()
    if not name:
        return None
    wants = VERBS[name].argument
    if wants == ANYWAY:
        return (name, behind.lower()) if behind.lower() in ("", ANYWAY) else None
    if wants:
        return (name, line.strip().partition(" ")[2].strip()) if behind else None
    return (name, "") if not behind else None
