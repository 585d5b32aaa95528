"""What somebody searches incidents for: `reason:network/dns resolved since:30d printer` (S4-14).

Here the line is read; the incidents are found by `services/incident_search`, for letters and for the command line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date, datetime, time, timedelta
from typing import Any

from sitmail.domain import when
from sitmail.domain.choices import Choice, named
from sitmail.domain.dictionary import Dictionary, pick, pick_specific
from sitmail.domain.hours import zone
from sitmail.domain.incident import Status
from sitmail.domain.nouns import ONE_INCIDENT
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence

ME = "me"  # owner:me, who asks
NOBODY = "none"  # owner:none, those that nobody owns
STATES = ("open", "closed", "resolved")  # beside the statuses; each may stand alone
LATE = "late"  # may stand alone, too
_PART = re.compile(r'([A-Za-z]+)[:=](?:"([^"]*)"|(\S+))|"([^"]+)"|(\S+)')
EXAMPLES = Sentence("write for example /search reason:network/dns resolved, or /search owner:me open printer")


@record
class Search:
    """`filters` by their names, as ids of the policy: status owner team priority site product reason resolution tag
    parent;
    `since` is RFC 3339, `late` is "yes".

    `words` stand in the title, or in the customer's own number.
    """

    filters: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    by_deadline: bool = False  # what is due first comes first, else what is newest

    def detail(self) -> dict[str, Any]:
        """As a notice keeps it."""
        return {"filters": dict(self.filters), "words": list(self.words), "by_deadline": self.by_deadline}

    @classmethod
    def of(cls, detail: Mapping[str, Any]) -> Search:
        return cls(dict(detail["filters"]), tuple(detail["words"]), bool(detail.get("by_deadline")))


def parse(text: str, policy: Policy, now: datetime, timezone: str, me: str = "") -> Search:
    """Reads a line.  `me` is the engineer who wrote it.  Raises ValueError with a sentence."""
    filters: dict[str, str] = {}
    words: list[str] = []
    for part in _PART.finditer(text):
        key, value = part[1], part[2] or part[3]
        word = part[4] or part[5]
        if key and value and (name := filter_named(key)):
            filters[name] = _READ[name](value, policy, now, timezone, me)
        elif word and not part[4] and word.lower() in STATES and "status" not in filters:
            filters["status"] = word.lower()
        elif word and not part[4] and word.lower() == LATE:
            filters[LATE] = "yes"
        else:
            words.append(part[4] or part[0])
    if not filters and not words:
        raise ValueError(Sentence("what for? %(examples)s", examples=EXAMPLES))
    return Search(filters, tuple(words[:10]))


def filter_named(key: str) -> str:
    """The filter that is meant; "" where the word with its colon is a word.  Raises ValueError for a near miss."""
    if key.lower() in _READ:
        return key.lower()
    near = difflib.get_close_matches(key.lower(), _READ, 1, 0.7)
    if near:
        raise ValueError(Sentence("no filter '%(word)s'; did you mean '%(near)s='?", word=key, near=near[0]))
    return ""


def _status(value: str, policy: Policy, _now: datetime, _timezone: str, _me: str) -> str:
    labels = [Choice(one, one) for one in STATES if one not in tuple(Status)]
    labels += [Choice(one, policy.dictionary.label(one).internal) for one in Status]
    return named(value, Sentence("status"), labels)


def _owner(value: str, policy: Policy, _now: datetime, _timezone: str, me: str) -> str:
    if value.lower() == NOBODY:
        return ""
    if value.lower() == ME:
        if not me:
            raise ValueError(Sentence("'me' means who asks by mail; name an engineer"))
        return me
    return named(value, Sentence("engineer"), [Choice(one.id, one.name) for one in policy.engineers.values()])


def _team(value: str, policy: Policy, _now: datetime, _timezone: str, _me: str) -> str:
    return named(value, Sentence("team"), [Choice(one.id, one.name) for one in policy.teams.values()])


def _priority(value: str, policy: Policy, _now: datetime, _timezone: str, _me: str) -> str:
    return named(value, Sentence("priority"), [Choice(one.id, one.name) for one in policy.priorities])


def _parent(value: str, _policy: Policy, _now: datetime, _timezone: str, _me: str) -> str:
    found = ONE_INCIDENT.fullmatch(value)
    if found is None:
        raise ValueError(Sentence("'%(value)s' is no number of an incident; write parent:12", value=value))
    return found[1]


def _word(value: str, _policy: Policy, _now: datetime, _timezone: str, _me: str) -> str:
    return value.strip().lower()


def _code(table: str, what: Sentence, chosen: Callable[..., str]) -> Callable[..., str]:
    def read(value: str, policy: Policy, _now: datetime, _timezone: str, _me: str) -> str:
        codes: Dictionary = policy.dictionary
        return chosen(codes.table(table), what, value)

    return read


def _since(value: str, _policy: Policy, now: datetime, timezone: str, _me: str) -> str:
    """A day (from its beginning, where the writer is), or a time ago: `2026-02-01`, `30d`, `today`."""
    local = zone(timezone)
    try:
        day = now.astimezone(local).date() if value.lower() == "today" else date.fromisoformat(value)
        return datetime.combine(day, time(), local).isoformat()
    except ValueError:
        pass
    try:
        ago = when.duration(value).wall()
        return (now - timedelta(seconds=ago)).isoformat()
    except ValueError:
        raise ValueError(
            Sentence("'%(value)s' is no day I can read; write since:2026-02-01, since:30d or since:today", value=value)
        ) from None


_READ: Mapping[str, Callable[[str, Policy, datetime, str, str], str]] = {
    "status": _status,
    "owner": _owner,
    "team": _team,
    "priority": _priority,
    "tag": _word,
    "site": _word,
    "product": _code("product", Sentence("product"), pick),
    "reason": _code("reason", Sentence("reason"), pick_specific),
    "resolution": _code("resolution", Sentence("resolution"), pick_specific),
    "since": _since,
    "parent": _parent,
}
