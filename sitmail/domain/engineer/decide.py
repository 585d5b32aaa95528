"""What an engineer's mail does: words to the customer, notes, commands; all of it, or nothing (behaviour 3).

Here its lines are read, and each gets a verdict; `carry_out` then applies, holds or refuses the mail as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sitmail.domain import commands, own_words, sentence
from sitmail.domain.authority import refusal
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision
from sitmail.domain.engineer import airlock, crossing, storm_words, to_partner, to_tracker, waiting_answer
from sitmail.domain.engineer.approving import UNDECIDED, decide_bill
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.engineer.children import to_ask
from sitmail.domain.engineer.copied import add_copied
from sitmail.domain.engineer.deferring import undeferrable
from sitmail.domain.engineer.handlers import HANDLERS
from sitmail.domain.engineer.misaddressed import misaddressed
from sitmail.domain.engineer.request import Request, said_to_partner, sort_words
from sitmail.domain.engineer.resolving import say, unmet
from sitmail.domain.engineer.send_anyway import send_anyway
from sitmail.domain.engineer.sent_directly import logged_as_sent
from sitmail.domain.engineer.verbs import meant
from sitmail.domain.engineers import Engineer
from sitmail.domain.facts import Case
from sitmail.domain.leak_guard import Leak, leaks
from sitmail.domain.mail import Mail
from sitmail.domain.people import Person
from sitmail.domain.prepaid import WAITING
from sitmail.domain.scanner_marks import marked
from sitmail.domain.sentence import Sentence
from sitmail.domain.several_meant import which_one
from sitmail.domain.trust import Power
from sitmail.domain.update import LegKind
from sitmail.domain.verbs import STAFF

MANY = 5  # more incidents than this in one mail want a confirmation
NOTHING_NEW = Sentence("there were no new words and no file, so nothing was sent")
NOT_YET = Sentence("not yet: that command comes in a later version")
VIRUS = Sentence("its attachment was marked as a virus")
UNSEEN = Sentence("your mail is a page that hides words (by style, colour, place or size); send the line as plain text")


def decide_staff(builder: DecisionBuilder, case: Case, actor: Person, engineer: Engineer, leg: LegKind) -> Decision:
    """An engineer writes to an incident; `leg` is where a plain word of his goes."""
    mail = own_words.remembered(
        builder.mail, said_to_partner(facts := builder.facts, facts.answered_partner), staff=True
    )
    mail = builder.mail = mail.without_pictures(builder.facts.pictures)
    if builder.facts.returned is not None and crossing.sends(mail.new_text):
        request = request_about(builder, case, actor, engineer)
        barred = _others_team(request) if not request.may_act() else UNSEEN if mail.hides_words else ""
        return send_anyway(builder, request, builder.facts.returned, barred)
    script = commands.with_answers(commands.read(mail.new_text, STAFF, strict=True), mail.answers, STAFF)
    request = request_about(builder, case, actor, engineer)
    if (logged := logged_as_sent(request, mail)) is not None:
        told = [*(Verdict("", True, says) for says in logged), *misplaced(request)]
        return conclude(builder, actor, [request], told, case.incident.number)
    bill = builder.facts.bill
    if bill is not None and not script.commands and not script.mistakes and not mail.attachments:
        decided = decide_bill(builder, request, bill)
        if decided is not None:
            return decided
    mistakes = script.mistakes or commands.repeats_of_outsiders(script, mail.text, builder.facts.said_by_others)
    mistakes = mistakes or unseen(mail, [*(c.line for c in script.commands), script.noted])
    verdicts = [Verdict(m.line, False, m.hint) for m in mistakes]
    verdicts += [carried_out(request, command) for command in script.commands]
    verdicts += [Verdict("", True, UNDECIDED)] if bill is not None and bill.state == WAITING else []
    if why := to_partner.addressed(request, leg):
        verdicts.append(Verdict("", False, why))
    public = leg is LegKind.PUBLIC if request.public is None else request.public
    sort_words(request, script, mail, public and not request.shut())
    verdicts += [
        Verdict(line, False, says) for line, says in to_partner.unclear(request, script, mail, script.commands)
    ] + _lacking_steps(request)
    lacking = [why for why in (*needs(request), waiting_answer.wrong(request)) if why]
    verdicts += [Verdict("", False, why) for why in lacking]
    outside = public or leg is LegKind.VENDOR
    request.unsent = outside and request.shut() and bool(script.words or mail.attachments)
    if not script.commands and not mistakes and not (request.leaving_words() or request.note or request.attachments):
        verdicts.append(Verdict("", False, NOTHING_NEW))
    if request.public and not (request.words or request.note or request.attachments):
        verdicts.append(Verdict("", False, Sentence("there are no words to send; write them under /public")))
    if marked(mail.headers, builder.policy.virus_header):
        verdicts.append(Verdict("", False, VIRUS))
    verdicts += misplaced(request) + leaking([*airlock.refusing(builder, request), *told_outside(request)])
    if why := which_one(builder.facts, builder.policy):
        verdicts.append(Verdict("", False, why))
    if why := misaddressed(request):
        verdicts.append(Verdict("", False, why))
        request.leg = ""  # a thoughtless answer to the letter that says so stays inside
    verdicts += [Verdict(line, True, says) for line, says in add_copied(request)] if request.words else []
    requests = with_children([request], verdicts)
    return conclude(builder, actor, requests, verdicts, case.incident.number)


def with_children(requests: list[Request], verdicts: list[Verdict]) -> list[Request]:
    """Words on the parent of a storm leave to the customers of its children, if they name none of them."""
    for request in requests:
        storm_words.find_children(request)
        verdicts += [Verdict(words, False, says) for words, says in storm_words.wrong(request)]
        if max(len(request.children), len(to_ask(request))) > MANY:
            request.powers.add(Power.MANY)
    return storm_words.with_children(requests)


def unseen(mail: Mail, lines: Sequence[str]) -> tuple[commands.Mistake, ...]:
    """A mistake for the first line of a page that hides words: whoever sent it may not see what it says."""
    line = next(filter(None, lines), "")
    return (commands.Mistake(line, UNSEEN),) if line and mail.hides_words else ()


def request_about(builder: DecisionBuilder, case: Case, actor: Person, engineer: Engineer) -> Request:
    return Request(case, actor, engineer, builder.facts, builder.policy, builder.now, case.incident)


def carried_out(request: Request, command: commands.Command) -> Verdict:
    command = meant(command)
    verb = STAFF[command.verb]
    if verb.later:
        return Verdict(command.line, False, NOT_YET)
    if not request.may(verb.reach):
        return Verdict(command.line, False, _others_team(request))
    try:
        says = HANDLERS[command.verb](request, command.argument)
    except ValueError as mistake:
        return Verdict(command.line, False, sentence.of(mistake))
    request.verbs.append(verb.name)
    request.powers.add(verb.power)  # the least; a handler may want more
    return Verdict(command.line, True, says)


def misplaced(request: Request) -> list[Verdict]:
    """Words and files of somebody who may not act here."""
    inside = request.note or (request.attachments and not request.leaving_words())
    if (request.leaving_words() and not request.may_act()) or (inside and not request.may_note()):
        return [Verdict("", False, _others_team(request))]
    return []


def leaking(found: Iterable[Leak]) -> list[Verdict]:
    """Words for the customer which only staff were told."""
    return [Verdict(leak.words, False, leak.says) for leak in found]


def needs(request: Request) -> tuple[str, ...]:
    """What its lines want before they may be carried out; "" for nothing."""
    return say(request), unmet(request), undeferrable(request)


def _lacking_steps(request: Request) -> list[Verdict]:
    """Of a bug without steps to reproduce it; where its author is asked for them, `conclude` does so."""
    how = to_tracker.without_steps(request)
    if how == "require":
        return [Verdict("", False, to_tracker.STEPS)]
    return [Verdict("", True, to_tracker.WITHOUT_STEPS)] if how == "warn" else []


def told_outside(request: Request) -> Sequence[Leak]:
    """The same of a new title and of events that customers read."""
    seen = [one.text for one in request.events if one.type.visible]
    seen += [request.split_title] if request.split_title else []
    if request.incident.title != request.case.incident.title:
        seen.append(request.incident.title)
    found = leaks(seen, request.facts.said) if seen else []
    title = request.partner_letter[1].get("title")
    if title and request.partner is not None:
        found += leaks([title], said_to_partner(request.facts, request.partner.id))
    return found


def _others_team(request: Request) -> str:
    return refusal(request.case.incident)
