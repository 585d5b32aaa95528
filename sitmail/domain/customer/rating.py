"""A contact answers how the desk did: the number is kept, his words are told, and nothing of the incident moves.

A number counts where the person who was asked sends it, with a proof, while the incident is closed.  All of it is
internal: colleagues who may read the incident do not see it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sitmail.domain import score
from sitmail.domain.authority import acts_on
from sitmail.domain.customer.notices import answer_writer
from sitmail.domain.customer.participants import UNPROVEN, stop_asking
from sitmail.domain.customer.request import CustomerRequest
from sitmail.domain.effects import Decision, Log
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineers import Engineer
from sitmail.domain.feedback import Asked, shown
from sitmail.domain.feedback_effects import ScaleExplained, Scored
from sitmail.domain.mismatch import about_another
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.opened_for_staff import sender_detail
from sitmail.domain.people import Person
from sitmail.domain.score import Answer
from sitmail.domain.short_answers import only_courtesy
from sitmail.domain.staff_readers import told_as, told_inside
from sitmail.domain.trust import Power, customer_may
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening, Role


def rated(request: CustomerRequest) -> Decision | None:
    """What becomes of a mail that answers the question; None where it does not, or says more than that.

    A number above commands is kept, and the rest of the mail is read as any other.
    """
    builder, case = request.builder, request.case
    asked, answer = builder.facts.feedback, _answer(request)
    if asked is None or answer is None:
        return None
    proved = customer_may(Power.RELAY, builder.facts.proof, builder.policy.trust)
    files = any(not one.inline for one in builder.mail.attachments)
    doubtful = builder.mail.doubtful_text.strip()
    quiet = not files and not doubtful and only_courtesy(answer.words, *request.names())
    more = request.script.commands or not (proved or quiet)
    if more and (answer.score is None or not proved):
        return None  # words, as they are anywhere else
    if more:
        _kept(request, asked, answer, quiet=True)
        request.script, request.scored = replace(request.script, words=answer.words), True
        return None
    if answer.enough:
        _log(request)
        _opt_out(request, proved=proved)
    elif answer.score is not None and proved:
        _kept(request, asked, answer, quiet=quiet)
    else:
        _not_counted(request, asked, proved=proved, quiet=quiet)
    return builder.decision(Rule.FEEDBACK, Ending.APPLIED, "", case.incident.number)


def _answer(request: CustomerRequest) -> Answer | None:
    """What the one who was asked answers, about an incident that is still closed."""
    facts, asked = request.builder.facts, request.builder.facts.feedback
    if asked is None or asked.person != request.person.id or request.case.incident.open:
        return None
    if about_another(facts) is not None:
        return None
    return score.read(request.words, asked.scale, *request.names())


def _kept(request: CustomerRequest, asked: Asked, answer: Answer, *, quiet: bool) -> None:
    """The score counts.  Words are told to whom the incident concerns; a low score to a manager, too, at once."""
    builder, number, policy = request.builder, request.case.incident.number, request.builder.policy
    assert answer.score is not None
    log = _log(request)
    builder.do(Scored(number, answer.score))
    low = answer.score <= policy.feedback.low
    if low or not quiet:
        what = Happening.FEEDBACK_LOW if low else Happening.FEEDBACK
        _tell(request, what, log, score=answer.score, scale=asked.scale, low=low, unproven=False)


def _not_counted(request: CustomerRequest, asked: Asked, *, proved: bool, quiet: bool) -> None:
    """A number off the scale, or that nothing proves: he is told the scale, once; staff read his words."""
    builder, number = request.builder, request.case.incident.number
    log = _log(request)
    if proved and not asked.explained:
        builder.do(ScaleExplained(number))
        answer_writer(builder, request.person, NoticePurpose.FEEDBACK_SCALE, number, log, **shown(asked.scale))
        if quiet and not builder.unanswerable:
            return
    _tell(request, Happening.FEEDBACK, log, score=0, scale=asked.scale, low=False, unproven=not proved)


def _log(request: CustomerRequest) -> int:
    mail = request.builder.mail
    return request.builder.log(
        Log(
            request.case.incident.number,
            LegKind.INTERNAL,
            Event.FEEDBACK,
            Direction.IN,
            request.person,
            text=request.words,
            quoted=mail.quoted_text,
            signature=mail.signature,
            doubtful=mail.doubtful_text,
            attachments=mail.attachments,
            proof=request.builder.facts.proof.label,
        )
    )


def _tell(request: CustomerRequest, what: Happening, log: int, **detail: Any) -> None:
    """`reopens`: its reader may open the incident again."""
    builder, case, policy = request.builder, request.case, request.builder.policy
    incident, facts = case.incident, builder.facts
    detail |= sender_detail(builder.mail)
    above = [(Role.MANAGER, one) for one in managers(request)]
    told = [*told_inside(what, incident, case, facts, policy), *told_as(what, above, policy)]
    for reader, purpose in {person.id: (person, purpose) for person, purpose in told}.values():
        if set(reader.addresses).isdisjoint(request.person.addresses):
            engineer = policy.engineers.get(reader.key)
            reopens = engineer is not None and acts_on(engineer, incident)
            builder.tell(reader, purpose, incident.number, log, **detail, reopens=reopens)


def managers(request: CustomerRequest) -> list[Person]:
    """Who leads the owner: his manager, else managers of the team, else the admins."""
    policy, staff, incident = request.builder.policy, request.builder.facts.staff, request.case.incident
    owner = policy.engineers.get(incident.owner)
    if owner is not None and owner.manager in staff:
        return [staff[owner.manager]]

    def found(*roles: str) -> list[Person]:
        return [staff[one.id] for one in policy.engineers.values() if one.role in roles and one.id in staff]

    of_team = [one for one in found("manager") if _leads(policy.engineers[one.key], incident.team)]
    return of_team or found("admin")


def _leads(manager: Engineer, team: str) -> bool:
    return not team or team in manager.teams


def _opt_out(request: CustomerRequest, *, proved: bool) -> None:
    """One word that asks for no more of it, without a slash."""
    number = request.case.incident.number
    told = NoticePurpose.CUSTOMER_DONE
    detail: dict[str, Any] = {"done": request.done, "what": "done"}
    if proved:
        stop_asking(request)
    else:
        verdicts = [[request.words, UNPROVEN]]
        told, detail = NoticePurpose.CUSTOMER_REFUSED, {"verdicts": verdicts, "missing": [], "what": "refused"}
    answer_writer(request.builder, request.person, told, number, **detail)
