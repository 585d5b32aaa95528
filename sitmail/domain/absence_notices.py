"""The absence notice of an engineer's mail program: it is put to his manager and his substitute, and changes nothing.

Anybody can write such a mail, so that only a person's yes makes it count.  It is asked once an absence, and never
answered.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sitmail.domain.absence import OPEN_END, AbsenceState
from sitmail.domain.absence_dates import back_at, stretch
from sitmail.domain.absence_effects import Away
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.facts import Proof
from sitmail.domain.hours import Calendar
from sitmail.domain.leave import away_already, manager_of, shown
from sitmail.domain.people import Person
from sitmail.domain.presence import stand_in
from sitmail.domain.when import MONTHS

SHOWN = 600  # characters of the notice
NO_HOURS = Calendar("", "UTC")  # durations are not read here
_LONGEST = timedelta(days=400)  # a notice that speaks of a later date is no holiday
_NAMED = re.compile(r"[^\W\d]{3,}\.?$")  # perhaps the day of the week before a date
_DATED = re.compile(rf"[0-9]{{1,2}}\b|(?:{'|'.join(MONTHS)})\b", re.IGNORECASE)
_WHOLE = (  # the day belongs to it
    r"(?:until|up to) and including",
    "through",
    r"from [^\n.;!?]{1,30}? to",
    "bis einschließlich",
    r"vo[nm] [^\n;!?]{1,30}? bis(?: zum)?",
    r"du [^\n.;!?]{1,30}? au",
)
_BACK = (
    "until",
    "till",
    r"(?:back|return|returning|again)(?: in the office| to work)? (?:on|from)",
    "bis(?: zum)?",
    r"(?:wieder|zurück)(?: im büro)? (?:am|ab)",
    "ab(?: dem)?",
    r"jusqu['’](?:au|à)",
    r"de retour(?: au bureau)? le",
)
_WHEN = r"\s+(?:the |den |dem |le )?(?P<when>[^\n;!?]{1,60})"
_ABSENT = re.compile(
    r"\b(?:out of (?:the )?office|away|on (?:leave|holiday|vacation)|not in the office|back (?:on|in)|abwesend|"
    r"abwesenheit|urlaub|nicht im (?:büro|haus)|außer haus|nicht erreichbar|absente?|absence|congés?|vacances)\b",
    re.IGNORECASE,
)


def _phrases(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words).replace(' ', chr(92) + 's+')}){_WHEN}", re.IGNORECASE)


_ENDS = ((True, _phrases(_WHOLE)), (False, _phrases(_BACK)))


def propose_absence(builder: DecisionBuilder, engineer: Person) -> None:
    """Asks manager and substitute, unless it is known or was asked."""
    mail, facts, policy = builder.mail, builder.facts, builder.policy
    words = f"{mail.subject}\n{mail.own_words or mail.text}"[:4000]
    known = policy.engineers.get(engineer.key)
    if known is None or facts.own or facts.token_owner is not None or mail.machine == "null-sender":
        return
    now = builder.now
    until = end_read(words, now, known.timezone or policy.timezone)
    speaks_of_it = mail.machine == "out-of-office" or until is not None or _ABSENT.search(words)
    if mail.kind != "auto-reply" or not speaks_of_it:
        return
    if away_already(facts.presence.absences, engineer.key, now):
        return
    stale = tuple(one.id for one in facts.presence.of(engineer.key) if one.away and not one.granted and one.endless)
    other = stand_in(engineer.key, policy, facts.presence)
    asked = dict.fromkeys(one for one in (manager_of(engineer.key, policy), other) if one in facts.staff)
    if not asked:
        return
    until = until or OPEN_END
    detail = shown(engineer.key, now, until, policy, facts.presence)
    detail["proved"] = facts.proof is not Proof.NONE
    detail["words"] = (mail.own_words or mail.text).strip()[:SHOWN]
    builder.do(
        Away(
            engineer.key,
            now,
            until,
            state=AbsenceState.PROPOSED,
            replaces=stale,
            asks=tuple(facts.staff[one] for one in asked),
            detail=detail,
        )
    )


def end_read(words: str, now: datetime, zone: str) -> datetime | None:
    """The first date behind a word such as "until" that can be read, within a year or so; None for none."""
    for whole, phrases in _ENDS:
        for found in phrases.finditer(words):
            said = found["when"].replace(",", " ").split()
            if len(said) > 1 and _NAMED.match(said[0]) and _DATED.match(said[1]):
                said = said[1:]
            for count in range(min(5, len(said)), 0, -1):
                at = _read(" ".join(said[:count]).rstrip("."), now, zone, whole=whole)
                if at is not None and at <= now + _LONGEST:
                    return at
    return None


def _read(date: str, now: datetime, zone: str, *, whole: bool) -> datetime | None:
    if not whole:
        return back_at(date, now, zone)
    try:
        return stretch(f"today to {date}", now, zone, NO_HOURS).until
    except ValueError:
        return None
