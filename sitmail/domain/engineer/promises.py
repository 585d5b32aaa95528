"""What engineers say about promised times: `/met TARGET`, `/review`, `/due [TARGET] D [pin]` (behaviour 4).

`/due` also sets the levels of a priority (follow-up, warning, late), which stand beside what is promised.
"""

from __future__ import annotations

from dataclasses import replace

from sitmail.domain import when
from sitmail.domain.choices import Choice, named
from sitmail.domain.effects import Log, Promise, Retract
from sitmail.domain.engineer.request import Request
from sitmail.domain.hours import EPOCH, SECOND
from sitmail.domain.moments import moment
from sitmail.domain.sentence import Moment, Sentence, beside
from sitmail.domain.sla import CHAIN, LEVELS, TimedTarget
from sitmail.domain.sla_outlook import Stands
from sitmail.domain.update import Direction, Event, LegKind

VERBS = frozenset({"met", "review", "due", "priority"})  # for these it is read what is promised
# Their ids in commands, and in words.
TARGETS = [
    Choice("first-response", "first response"),
    Choice("problem", "problem"),
    Choice("action-plan", "action plan", ("plan",)),
    Choice("resolution", "resolution"),
    Choice("update", "update"),
    Choice("review", "review"),
    Choice("followup-level", "follow-up"),
    Choice("warning-level", "warning"),
    Choice("late-level", "late"),
]
# What meets the others.
INSTEAD = {
    TimedTarget.FIRST_RESPONSE: Sentence("an answer to the customer meets it, or a call logged by /event"),
    TimedTarget.RESOLUTION: Sentence("/resolve or /close meets it"),
    TimedTarget.UPDATE: Sentence("each answer to the customer meets it"),
    **dict.fromkeys(LEVELS, Sentence("/resolve or /close ends it, /due gives it another time")),
}
BEGINS_ANEW = Sentence('its time begins anew each time that it is met; /next "LABEL" D reminds the owner')
UNPROMISED = Sentence("its service level promises no time for that")
NOTHING_DUE = Sentence('nothing that is promised is still open; /next "LABEL" D reminds the owner')
PIN = "pin"


def met(request: Request, argument: str) -> str:
    """The problem is understood, or a plan made; a later step implies the earlier ones."""
    request.need_open()
    target = _target(argument)
    if target is TimedTarget.REVIEW:
        return review(request, "")
    if target in INSTEAD:
        raise ValueError(INSTEAD[target])
    before = _standing(request).get(target)
    if before is not None and before.met_at is not None:
        return Sentence("it was met on %(moment)s", moment=Moment(before.met_at, request.zone()))
    request.met.append(str(target))
    says = Sentence("%(target)s: met", target=_called(target))
    return says if before else beside(says, UNPROMISED)


def review(request: Request, _: str) -> str:
    """It was looked at; the time until the next review begins."""
    request.need_open()
    request.met.append(str(TimedTarget.REVIEW))
    says = Sentence("reviewed; the time until the next review begins now")
    return says if TimedTarget.REVIEW in _standing(request) else beside(Sentence("reviewed"), UNPROMISED)


def due(request: Request, argument: str) -> str:
    """Another time for a target of the chain, the next one that is open unless one is named; on the wall, from now.

    A level may have one, although its priority sets none.  What is met again and again has no time that could be named:
    the next one would be as long.
    """
    request.need_open()
    words = argument.split()
    pinned = bool(words) and words[-1].lower() == PIN
    words = words[:-1] if pinned else words
    standing = _standing(request)
    target = _first_word(words)
    if target is None:
        target = _next(standing)
    else:
        words = words[1:]
    before = standing.get(target) if target else None
    if target is None or (before is None and target not in LEVELS):
        raise ValueError(UNPROMISED if target else NOTHING_DUE)
    if target not in (*CHAIN, *LEVELS):
        raise ValueError(BEGINS_ANEW)
    if before is not None and (met_at := before.met_at) is not None:
        raise ValueError(Sentence("it was met on %(moment)s", moment=Moment(met_at, request.zone())))
    if not words:
        raise ValueError(Sentence("when? Write a date behind it, such as /due friday 14:00, or /due friday pin"))
    at = when.until(" ".join(words), request.now, request.zone(), request.calendar())
    incident = request.incident
    seconds = max(1, (at - request.now) // SECOND)
    warn_at = before.warn_at if before else ()
    made = Promise(incident.number, str(target), seconds, "", warn_at, request.now, incident.cycle, pinned=pinned)
    request.promised += [Retract(incident.number, str(target), pinned_too=True), made]
    named_moment = Moment(at, request.zone())
    if pinned:
        return Sentence(
            "%(target)s is due %(moment)s, whatever the priority becomes", target=_called(target), moment=named_moment
        )
    return Sentence("%(target)s is due %(moment)s", target=_called(target), moment=named_moment)


def staying(request: Request) -> str:
    """What is said beside another priority about targets that are pinned; "" if none is."""
    pinned = [(one.target, one.due) for one in _standing(request).values() if one.pinned and one.due]
    return beside(
        *(
            Sentence("%(target)s stays due %(moment)s", target=_called(target), moment=Moment(due_at, request.zone()))
            for target, due_at in pinned
        )
    )


def entries(request: Request) -> list[Log]:
    """What the log keeps: the clocks are folded over what is met."""
    number, proof = request.case.incident.number, request.facts.proof.label
    entry = Log(number, LegKind.INTERNAL, Event.CHANGED, Direction.NONE, request.actor, proof=proof)
    found = []
    if request.met:
        met = tuple(dict.fromkeys(request.met))
        text = ", ".join(one.replace("_", " ") for one in met)
        found.append(replace(entry, event=Event.TARGET_MET, text=text, met=met))
    for one in (effect for effect in request.promised if isinstance(effect, Promise)):
        at = moment(one.started + one.seconds * SECOND, request.policy.timezone)
        pinned = f", {PIN}" if one.pinned else ""
        found.append(replace(entry, text=f"{one.target.replace('_', ' ')} due {at}{pinned}"))
    return found


def _target(word: str) -> TimedTarget:
    """Raises ValueError with a sentence."""
    return TimedTarget(named(word, Sentence("target"), TARGETS).replace("-", "_"))


def _first_word(words: list[str]) -> TimedTarget | None:
    """The target that the first word of `/due` names, if it does."""
    try:
        return _target(words[0]) if words else None
    except ValueError:
        return None


def _standing(request: Request) -> dict[str, Stands]:
    return {one.target: one for one in request.facts.targets.get(request.case.incident.number, ())}


def _next(standing: dict[str, Stands]) -> TimedTarget | None:
    """The open target of the chain that is due next; those whose clocks stand still come after."""
    still = [one for one in standing.values() if one.met_at is None and one.target in CHAIN]
    first = min(still, key=lambda one: (one.due is None, one.due or EPOCH), default=None)
    return TimedTarget(first.target) if first else None


def _called(target: str) -> Sentence:
    return Sentence(target.replace("_", " "))
