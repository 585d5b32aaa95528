"""The verbs by which an engineer is away (/away) or here again (/back).

What happens to the incidents of who is away is decided in `domain/absences`, when the clock next looks.
"""

from __future__ import annotations

import re

from sitmail.domain.absence import OPEN_END, Absence, AbsenceKind, AbsenceState
from sitmail.domain.absence_dates import Stretch, stretch
from sitmail.domain.absence_effects import Away, Back
from sitmail.domain.engineer.request import Request
from sitmail.domain.leave import manager_of, shown
from sitmail.domain.presence import Presence, presence_at, stand_in
from sitmail.domain.sentence import Moment, Sentence, beside

WORK = re.compile(r"(?:new\s+)?(?:work|arbeit|travail)\b\s*", re.IGNORECASE)
NUMBER = re.compile(r"#?([0-9]{1,4})\.?")


def away(request: Request, argument: str) -> str:
    """Its writer is away in a time, or takes no new work; alone it lists what is planned."""
    written = argument.strip()
    if not written:
        return _listed(request)
    if found := WORK.match(written):
        return _takes_no_work(request, written[found.end() :])
    when = _read(request, written)
    planned = request.facts.presence.of(request.engineer.id)
    if when.since <= request.now:
        running = [one for one in planned if one.away and one.covers(request.now)]
        if running and not (_asks(request) and when.until > max(one.until for one in running)):
            request.effects.append(Away(request.engineer.id, request.now, when.until, replaces=_ids(running)))
            return _said(request, when)
    replaced = [one for one in planned if _overlaps(one, when) and not one.covers(request.now)]
    if _asks(request):
        return _asked(request, when, _ids([one for one in replaced if not one.granted]))  # a no takes nothing away
    request.effects.append(Away(request.engineer.id, *when, replaces=_ids(replaced)))
    said = _said(request, when)
    beyond = [one for one in planned if one.origin and one.away and one.since < when.until and when.since < one.until]
    return beside(
        said,
        *(_instead(request, one) for one in replaced if one.state is not AbsenceState.PROPOSED),
        *(_declared(request, one) for one in beyond),
    )


def here_again(request: Request, argument: str) -> str:
    """`/back` about no incident: its writer is here again, or takes back what he planned."""
    if argument:
        return _taken_back(request, argument)
    planned = _planned(request)
    running = [one for one in planned if one.covers(request.now)]
    if running:
        request.effects.append(Back(_ids(running)))
        if any(one.away for one in running):
            return Sentence("you are here again; what happened meanwhile comes in an email")
        return Sentence("you take new work again")
    if not planned:
        raise ValueError(Sentence("nobody has it for a while, and you are not away"))
    if len(planned) > 1:
        raise ValueError(beside(Sentence("which one? write its number, such as /back 2"), *_lines(request, planned)))
    return _taken_back(request, "1")


def _read(request: Request, written: str) -> Stretch:
    return stretch(written, request.now, request.zone(), request.policy.calendar_named(""))


def _takes_no_work(request: Request, rest: str) -> str:
    """`/away work`, perhaps until a moment."""
    when = _read(request, rest) if rest.strip() else Stretch(request.now, OPEN_END)
    planned = request.facts.presence.of(request.engineer.id)
    others = [one for one in planned if not one.away and _overlaps(one, when)]
    running = [one for one in others if one.covers(request.now)] if when.since <= request.now else []
    since = request.now if running else when.since
    replaces = _ids(running or others)
    request.effects.append(Away(request.engineer.id, since, when.until, AbsenceKind.WORK, replaces=replaces))
    if when.until >= OPEN_END:
        return Sentence("you get no new work; what is yours stays yours. /back ends it")
    at = {"since": Moment(when.since, request.zone()), "until": Moment(when.until, request.zone())}
    return Sentence(
        "you get no new work from %(since)s until %(until)s; what is yours stays yours. /back ends it", **at
    )


def _asks(request: Request) -> bool:
    return request.engineer.asks_leave and bool(manager_of(request.engineer.id, request.policy))


def _asked(request: Request, when: Stretch, replaces: tuple[int, ...]) -> str:
    """One letter to the manager; nothing counts before his yes."""
    facts, policy = request.facts, request.policy
    manager = manager_of(request.engineer.id, policy)
    name = policy.engineers[manager].name
    if manager not in facts.staff:
        raise ValueError(Sentence("%(name)s, who grants it, cannot be asked", name=name))
    detail = shown(request.engineer.id, *when, policy, facts.presence)
    asks = (facts.staff[manager],)
    state = AbsenceState.ASKED
    request.effects.append(Away(request.engineer.id, *when, state=state, replaces=replaces, asks=asks, detail=detail))
    said = Sentence(
        "%(name)s is asked whether you may be away from %(since)s until %(until)s; before the yes you count as here",
        name=name,
        since=Moment(when.since, request.zone()),
        until=Moment(when.until, request.zone()),
    )
    gone = facts.presence.away.get(manager)
    if gone is None or gone >= OPEN_END:
        return said
    return beside(said, Sentence("%(name)s is away until %(moment)s", name=name, moment=Moment(gone, request.zone())))


def _said(request: Request, when: Stretch) -> str:
    """What now counts, and who stands in."""
    policy, zone = request.policy, request.zone()
    then = presence_at(when.since, request.facts.presence.absences, policy)
    others = _stand_ins(request, then)
    at = {"since": Moment(when.since, zone), "until": Moment(when.until, zone)}
    if when.since > request.now:
        if not others:
            return Sentence(
                "you are away from %(since)s until %(until)s; nobody stands in: you have no substitute here. "
                "/back takes it back",
                **at,
            )
        return Sentence(
            "you are away from %(since)s until %(until)s; %(name)s stands in. /back takes it back", **at, name=others
        )
    if not others:
        return Sentence(
            "you are away until %(moment)s; nobody stands in: you have no substitute here. /back ends it",
            moment=at["until"],
        )
    return Sentence("you are away until %(moment)s; %(name)s stands in. /back ends it", moment=at["until"], name=others)


def _stand_ins(request: Request, then: Presence) -> str:
    """The names of those who stand in, each with the skill for which he does."""
    policy, me = request.policy, request.engineer
    general = stand_in(me.id, policy, then)
    found = [policy.engineers[general].name] if general else []
    for skill in sorted(me.substitutes):
        other = stand_in(me.id, policy, then, (skill,))
        if other and other != general:
            found.append(f"{policy.engineers[other].name} ({skill})")
    return ", ".join(found)


def _instead(request: Request, one: Absence) -> Sentence:
    since, until = Moment(one.since, request.zone()), Moment(one.until, request.zone())
    return Sentence("instead of the absence from %(since)s until %(until)s", since=since, until=until)


def _declared(request: Request, one: Absence) -> Sentence:
    since, until = Moment(one.since, request.zone()), Moment(one.until, request.zone())
    return Sentence("the configuration declares besides: from %(since)s until %(until)s", since=since, until=until)


def _overlaps(one: Absence, when: Stretch) -> bool:
    """Of those that he planned by mail; what the configuration declares stays beside it."""
    open_ = one.state is not AbsenceState.REFUSED
    return open_ and not one.origin and one.since < when.until and when.since < one.until


def _ids(absences: list[Absence]) -> tuple[int, ...]:
    return tuple(one.id for one in absences)


# --- what is planned


def _planned(request: Request) -> list[Absence]:
    """In the order in which they are numbered."""
    states = (AbsenceState.GRANTED, AbsenceState.ASKED)
    return [
        one for one in request.facts.presence.of(request.engineer.id) if one.state in states and one.until > request.now
    ]


def _listed(request: Request) -> str:
    planned = _planned(request)
    if not planned:
        return Sentence(
            "you are here, and nothing is planned; write for example /away until friday 13:00, /away tomorrow "
            "morning, /away 24 dec to 2 jan, or /away work for no new work"
        )
    return beside(*_lines(request, planned), Sentence("/back takes one back, such as /back 1"))


def _lines(request: Request, planned: list[Absence]) -> list[str]:
    return [_line(request, place, one) for place, one in enumerate(planned, 1)]


def _line(request: Request, place: int, one: Absence) -> str:
    since, until = Moment(one.since, request.zone()), Moment(one.until, request.zone())
    at: dict[str, int | Moment] = {"number": place, "since": since, "until": until}
    if one.endless and one.away:
        return Sentence("%(number)s: away since %(since)s", number=place, since=since)
    if one.endless:
        return Sentence("%(number)s: no new work since %(since)s", number=place, since=since)
    if not one.away:
        return Sentence("%(number)s: no new work from %(since)s until %(until)s", **at)
    if one.state is AbsenceState.ASKED:
        manager = request.policy.engineers.get(request.engineer.manager)
        name = manager.name if manager else request.engineer.manager
        return Sentence("%(number)s: from %(since)s until %(until)s, which %(name)s has not answered", **at, name=name)
    return Sentence("%(number)s: from %(since)s until %(until)s", **at)


def _taken_back(request: Request, written: str) -> str:
    """`/back 2`: the second that `/away` lists."""
    planned = _planned(request)
    if not planned:
        raise ValueError(Sentence("you are not away, and nothing is planned"))
    found = NUMBER.fullmatch(written)
    place = int(found[1]) if found else 0
    if not 1 <= place <= len(planned):
        raise ValueError(beside(Sentence("which one? write its number, such as /back 1"), *_lines(request, planned)))
    one = planned[place - 1]
    request.effects.append(Back((one.id,)))
    if one.covers(request.now):
        if one.away:
            return Sentence("you are here again; what happened meanwhile comes in an email")
        return Sentence("you take new work again")
    since, until = Moment(one.since, request.zone()), Moment(one.until, request.zone())
    return Sentence("taken back: from %(since)s until %(until)s", since=since, until=until)
