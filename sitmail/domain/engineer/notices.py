"""Who is told what an engineer did: customers their part, colleagues theirs, and he himself what came of his lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sitmail.domain.customer.notices import happened_to, seen_by_customers, tell_customers
from sitmail.domain.decision_builder import DecisionBuilder, customers, on_call
from sitmail.domain.engineer import kb_verb, linking
from sitmail.domain.engineer.deferring import DEFERRED, deferred
from sitmail.domain.engineer.mentions import mentioned
from sitmail.domain.engineer.merge_verb import newly_told
from sitmail.domain.engineer.private_footer import private_footer, unusual
from sitmail.domain.engineer.request import CLOSED, Request
from sitmail.domain.facts import Facts
from sitmail.domain.incident import Incident, Status
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.sentence import Sentence, beside, listed
from sitmail.domain.shown_changes import before_of
from sitmail.domain.staff_readers import Told, former_owners, told_as, told_with_a_part
from sitmail.domain.update import LegKind
from sitmail.domain.who_is_told import Happening, Role


def tell(builder: DecisionBuilder, request: Request, before: Incident, after: Incident, logs: list[int]) -> None:
    """Everybody but the actor hears his part of what changed."""
    _tell_customers(builder, request, before, after, logs)
    if request.part:
        return  # colleagues get a copy of what was said to all
    facts, actor = builder.facts, request.actor
    for new, detail in _new_owners(request, before, after, facts):
        for person, purpose in told_as(Happening.OWNER_CHANGED, [(Role.OWNER, new)], builder.policy):
            if person.id != actor.id:
                builder.tell(person, purpose, after.number, *logs, by=actor.name, **detail)
    if request.partner_words and request.partner is not None and not request.sent_already:
        letter, shows = request.partner_letter
        builder.tell(request.partner, letter, after.number, logs[0], **shows)
        for person in request.in_copy:
            builder.tell(person, NoticePurpose.NOTE, after.number, logs[0], by=actor.name)
    changed = before_of(before, after)
    links: dict[str, Any] = {"links": said} if (said := linking.said(request)) else {}
    if logs and (request.leaving_words() or request.note or request.events or changed or links):
        for person, purpose in _inside_readers(builder, request, before, after):
            if person.id != actor.id:
                builder.tell(
                    person, purpose, after.number, *logs, by=actor.name, before=changed, **links, **_inside(request)
                )
    for name in mentioned(request.note, builder.policy.engineers) if logs else ():
        if name in facts.staff and name != actor.key:
            builder.tell(facts.staff[name], NoticePurpose.NOTE, after.number, *logs, by=actor.name)
    others = [(Role.FORMER_OWNER, former) for former in former_owners(before, after, facts)]
    if after.owner and before.unowned:  # who was told that nobody owns it
        others += [(Role.ON_DUTY, person) for person in on_call(before, facts, builder.policy)]
    for person, purpose in told_as(Happening.OWNER_CHANGED, others, builder.policy):
        if person.id != actor.id and person.key != after.owner:
            builder.tell(person, purpose, after.number, *logs, by=actor.name, before=changed)


def _new_owners(
    request: Request, before: Incident, after: Incident, facts: Facts
) -> Iterator[tuple[Person, dict[str, Any]]]:
    """Whose it is from now on, for good or for a while."""
    if after.owner != before.owner and after.owner in facts.staff:
        yield facts.staff[after.owner], _inside(request)
    if after.temporary_owner != before.temporary_owner and after.temporary_owner in facts.staff:
        yield facts.staff[after.temporary_owner], _for_a_while(request, after)


def _inside_readers(builder: DecisionBuilder, request: Request, before: Incident, after: Incident) -> list[Told]:
    """Colleagues who have a part in it, or in what is answered with it."""
    facts, policy = builder.facts, builder.policy
    if request.words:
        what = Happening.ANSWERED
    elif request.partner_words:
        what = Happening.VENDOR_ASKED
    elif request.note or request.events:
        what = Happening.NOTED
    else:
        what = happened_to(before, after)
    watching = [one.person for one in request.joining if one.role == "watcher"]
    found = told_with_a_part(what, after, request.case, facts, policy, watching)
    for child in request.children:
        found += told_with_a_part(what, child.incident, child, facts, policy)
    return found


def _for_a_while(request: Request, after: Incident) -> dict[str, Any]:
    """A colleague who is asked answers inside."""
    if after.status is Status.AWAITING_COLLEAGUE:
        return {"asks": True, "leg": str(LegKind.INTERNAL)}
    return {"for_now": True, **_inside(request)}


def _inside(request: Request) -> dict[str, Any]:
    """What brings a note to a colleague is answered inside, whatever letter it is."""
    return {"leg": str(LegKind.INTERNAL)} if request.note else {}


def _tell_customers(
    builder: DecisionBuilder, request: Request, before: Incident, after: Incident, logs: list[int]
) -> None:
    seen = seen_by_customers(before, after, builder.policy)
    if deferred(request):
        request.beside.append(DEFERRED)
        seen |= {"deferred": True}
    seen |= {"goes_on": True} if request.goes_on else {"merged": request.merged_into} if request.merged_into else {}
    events = _visible(request, logs)
    if request.words:
        asked: dict[str, Any] = {"asked": request.asked} if request.asked else {}
        asked |= {"keeps": True} if request.keep and after.open and not request.resolved else {}
        tell_customers(builder, request.readers(), Happening.ANSWERED, after, logs[0], *events, **seen, **asked)
        return
    if events:
        tell_customers(builder, request.readers(), Happening.VISIBLE_EVENT, after, *events)
    if request.resolved:
        left = {"deferred": True} if "deferred" in seen else {}
        tell_customers(builder, request.readers(), Happening.RESOLVED, after, **left)
        return
    gone = {person.id for person in request.leaving}
    present = [party.person for party in customers(request.case) if party.person.id not in gone]
    joining = [one.person for one in request.joining if one.leg is LegKind.PUBLIC]
    if request.contact is not None and request.contact not in present:
        joining.append(request.contact)
    if seen:
        elsewhere = newly_told(request)
        known = [person for person in present if person not in joining and person not in elsewhere]
        tell_customers(builder, known, happened_to(before, after), after, **seen)
    tell_customers(builder, joining, Happening.JOINED, after)


def _visible(request: Request, logs: list[int]) -> list[int]:
    """The places of the events that customers are told; events stand last in the log."""
    places = logs[len(logs) - len(request.events) :]
    return [place for place, one in zip(places, request.events, strict=True) if one.type.visible]


def answer_actor(
    builder: DecisionBuilder, request: Request, rows: list[list[Any]], logs: list[int], *, alone: bool = True
) -> list[list[Any]]:
    """The one letter that goes to the actor anyway: what came of his lines, and where his words went if that is news.

    What he asked to read are letters of their own.  Where his mail is about several incidents and gets one letter, not
    one for each, it is not `alone`, and what there is to say of this one is returned.
    """
    actor, number = request.actor, request.case.incident.number or None
    footer = private_footer(builder.mail) if request.leaving_words() and not request.sent_already else []
    more_than_a_footer = unusual(footer, builder.facts.said)
    cut = [request.withheld.strip(), *(["\n".join(footer)] if more_than_a_footer else [])]
    withheld = "\n\n".join(filter(None, cut)) if request.leaving_words() else ""
    if request.kept_back or request.unread or withheld:
        detail: dict[str, Any] = {
            "kept_back": [file.name for file in request.kept_back],
            "unnamed": [file.name for file in request.unnamed],
            "unread": [file.name for file in request.unread],
            "withheld": withheld,
        }
        builder.tell(actor, NoticePurpose.VERDICT, number, leg=request.leg, **detail)
    if request.words and (why := request.unheard()):
        builder.tell(actor, NoticePurpose.VERDICT, number, unheard=why, leg=request.leg)
    if builder.unanswerable:
        return []
    rows = [
        *(rows if alone else []),
        *_where_words_went(builder, request, logs),
        *(["", True, says] for says in request.beside),
    ]
    for purpose, detail in request.letters:
        listed_ones = "search" in detail or "article" in detail or purpose is NoticePurpose.REPORT
        about = None if listed_ones else number  # a list is answered by lines with a number
        builder.tell(actor, purpose, about, **detail)
    if request.left_out:
        left_out = listed(request.left_out)
        says = Sentence(
            "your answer was sent without these addresses, which were not added: %(addresses)s", addresses=left_out
        )
        rows.append(["", True, says])
    if footer and not more_than_a_footer and (rows or withheld):
        rows.append(["", True, FOOTER])
    silent = kb_verb.alone(request) and len(rows) == len(request.verbs)  # the article's own letter says it
    if alone and rows and not silent and (not request.letters or logs):
        words: dict[str, Any] = {"recalled": request.recalled} if request.recalled else {}
        builder.tell(actor, NoticePurpose.VERDICT, number, *logs[:1], verdicts=rows, leg=request.leg, **words)
    return rows


def _where_words_went(builder: DecisionBuilder, request: Request, logs: list[int]) -> list[list[Any]]:
    """The rule: words that nobody else was told are confirmed in one line, and so is a note that may be meant as an
    answer, because it stood in a fresh mail.
    """
    if logs and request.unsent:
        return [["", True, CLOSED]]
    if not logs or request.noted or not (request.leaving_words() or request.note or request.attachments):
        return []
    tells = [one for one in builder.tells.values() if one.incident == request.case.incident.number]
    told = [one.person for one in tells if one.person.id != request.actor.id and not set(logs).isdisjoint(one.updates)]
    if request.children:
        return [["", True, _to_each(request)]]
    if request.leaving_words():
        return [] if told else [["", True, NO_READER]]
    if not told:
        return [["", True, KEPT if request.shut() else beside(KEPT, PUBLIC_SENDS)]]
    if builder.facts.answered_leg is not None:
        return []
    names = ", ".join(dict.fromkeys(person.name or person.address for person in told))
    kept = Sentence("kept as an internal note, of which %(names)s was told", names=names)
    return [["", True, kept if request.shut() else beside(kept, PUBLIC_SENDS)]]


def _to_each(request: Request) -> str:
    names = [request.policy.reference(one.incident.number) for one in request.children]
    shown = ", ".join(names[:NAMED]) + (f", ... ({len(names)})" if len(names) > NAMED else "")
    return Sentence("sent to the customer of each of these, in a letter of their own: %(incidents)s", incidents=shown)


NAMED = 50
FOOTER = Sentence('your answer was sent without your own footer, the lines below "-- "; they stay in the log')
KEPT = Sentence("kept as an internal note")
PUBLIC_SENDS = Sentence("/public sends them: put it on the first line, and send your words again")
NO_READER = Sentence("your words are in the log; nobody got them, because this incident has no contact")
