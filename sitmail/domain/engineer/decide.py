"""What an engineer's mail does: words to the customer, notes, commands; all of it, or nothing (behaviour 3).

Here its lines are read, and each gets a verdict; `carry_out` then applies, holds or refuses the mail as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sitmail.domain import commands, numbered_commands, own_words, paper_replies, sentence
from sitmail.domain.authority import refusal
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision
from sitmail.domain.engineer import airlock, crossing, split_verb, storm_words, to_partner, to_tracker, waiting_answer
from sitmail.domain.engineer.approving import UNDECIDED, decide_bill
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.engineer.children import to_ask
from sitmail.domain.engineer.copied import add_copied
from sitmail.domain.engineer.deferring import undeferrable
from sitmail.domain.engineer.handlers import HANDLERS
from sitmail.domain.engineer.misaddressed import misaddressed
from sitmail.domain.engineer.request import CLOSED, Request, said_to_partner, share_files, sort_words
from sitmail.domain.engineer.resolving import say, unmet
from sitmail.domain.engineer.send_anyway import send_anyway
from sitmail.domain.engineer.sent_directly import logged_as_sent
from sitmail.domain.engineer.verbs import HELD_ONLY, HELD_VERBS, WITHOUT_NUMBER, meant
from sitmail.domain.engineers import Engineer
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident, Status
from sitmail.domain.leak_guard import Leak, leaks, released
from sitmail.domain.mail import Mail
from sitmail.domain.merging import surviving
from sitmail.domain.numbered_commands import NumberedWords
from sitmail.domain.people import Person
from sitmail.domain.prepaid import WAITING
from sitmail.domain.scanner_marks import marked
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.several_meant import which_one
from sitmail.domain.trust import Power
from sitmail.domain.update import LegKind
from sitmail.domain.verbs import STAFF

MANY = 5  # more incidents than this in one mail want a confirmation
NOTHING_NEW = Sentence("there were no new words and no file, so nothing was sent")
NO_SUCH = Sentence("there is no such incident for you")
NOT_YET = Sentence("not yet: that command comes in a later version")
VIRUS = Sentence("its attachment was marked as a virus")
UNSEEN = Sentence("your mail is a page that hides words (by style, colour, place or size); send the line as plain text")
FILE_STAYS = Sentence("stays in the log: there were no words to the customer that it could go with")
FILE_OF_SEVERAL = Sentence(
    "was not sent and is in no log: the mail is about more than one incident; send it with an answer to one"
)
WHICH = Sentence("for which incident? write its number first, as in 12: /take")


def decide_staff(builder: DecisionBuilder, case: Case, actor: Person, engineer: Engineer, leg: LegKind) -> Decision:
    """An engineer writes to an incident; `leg` is where a plain word of his goes."""
    mail = own_words.remembered(
        builder.mail, said_to_partner(facts := builder.facts, facts.answered_partner), staff=True
    )
    mail = builder.mail = mail.without_pictures(builder.facts.pictures)
    if builder.facts.returned is not None and crossing.sends(mail.new_text):
        request = _request(builder, case, actor, engineer)
        barred = _others_team(request) if not request.may_act() else UNSEEN if mail.hides_words else ""
        return send_anyway(builder, request, builder.facts.returned, barred)
    script = commands.with_answers(commands.read(mail.new_text, STAFF, strict=True), mail.answers, STAFF)
    request = _request(builder, case, actor, engineer)
    if (logged := logged_as_sent(request, mail)) is not None:
        told = [*(Verdict("", True, says) for says in logged), *_misplaced(request)]
        return conclude(builder, actor, [request], told, case.incident.number)
    bill = builder.facts.bill
    if bill is not None and not script.commands and not script.mistakes and not mail.attachments:
        decided = decide_bill(builder, request, bill)
        if decided is not None:
            return decided
    mistakes = script.mistakes or commands.repeats_of_outsiders(script, mail.text, builder.facts.said_by_others)
    mistakes = mistakes or _unseen(mail, [*(c.line for c in script.commands), script.noted])
    verdicts = [Verdict(m.line, False, m.hint) for m in mistakes]
    verdicts += [_carried_out(request, command) for command in script.commands]
    verdicts += [Verdict("", True, UNDECIDED)] if bill is not None and bill.state == WAITING else []
    if why := to_partner.addressed(request, leg):
        verdicts.append(Verdict("", False, why))
    public = leg is LegKind.PUBLIC if request.public is None else request.public
    sort_words(request, script, mail, public and not request.shut())
    verdicts += [
        Verdict(line, False, says) for line, says in to_partner.unclear(request, script, mail, script.commands)
    ] + _lacking_steps(request)
    lacking = [why for why in (*_needs(request), waiting_answer.wrong(request)) if why]
    verdicts += [Verdict("", False, why) for why in lacking]
    outside = public or leg is LegKind.VENDOR
    request.unsent = outside and request.shut() and bool(script.words or mail.attachments)
    if not script.commands and not mistakes and not (request.leaving_words() or request.note or request.attachments):
        verdicts.append(Verdict("", False, NOTHING_NEW))
    if request.public and not (request.words or request.note or request.attachments):
        verdicts.append(Verdict("", False, Sentence("there are no words to send; write them under /public")))
    if marked(mail.headers, builder.policy.virus_header):
        verdicts.append(Verdict("", False, VIRUS))
    verdicts += _misplaced(request) + _leaking([*airlock.refusing(builder, request), *_told_outside(request)])
    if why := which_one(builder.facts, builder.policy):
        verdicts.append(Verdict("", False, why))
    if why := misaddressed(request):
        verdicts.append(Verdict("", False, why))
        request.leg = ""  # a thoughtless answer to the letter that says so stays inside
    verdicts += [Verdict(line, True, says) for line, says in add_copied(request)] if request.words else []
    requests = _with_children([request], verdicts)
    return conclude(builder, actor, requests, verdicts, case.incident.number)


def decide_numbered(builder: DecisionBuilder, actor: Person, engineer: Engineer) -> Decision:
    """Lines `N: /verb` and `N: words` to the command address, or in an answer to a digest."""
    mail = builder.mail = own_words.remembered(builder.mail, builder.facts.said, staff=True)
    lines = builder.facts.lines
    text = paper_replies.typed(mail, lines) if lines else mail.new_text
    script = numbered_commands.read_numbered(text, mail.subject, STAFF, lines)
    requests = _Requests(builder, actor, engineer)
    others = builder.facts.said_by_others
    mistakes = script.mistakes or numbered_commands.echoed_lines(script, mail.text, mail.subject, others, lines)
    mistakes = mistakes or _unseen(mail, [*(c.line for c in script.commands), *(said.line for said in script.said)])
    verdicts = [Verdict(m.line, False, m.hint) for m in mistakes]
    for command in script.commands:
        verdicts += _on_each(requests, command)
    for said in script.said:
        verdicts += _noted(requests, said) if said.internal else _answered(requests, said)
    if not verdicts:
        verdicts.append(
            Verdict("", False, Sentence("there was no line to carry out; write N: /verb or N: words, or help"))
        )
    for request in requests.changing():
        silent = to_partner.wordless(request)
        verdicts += [Verdict("", False, why) for why in (*_needs(request), silent) if why]
        verdicts += _leaking(_told_outside(request))
    verdicts += _enclosed(requests, mail)
    if sum(request.split is not None for request in requests.all()) > 1:
        verdicts.append(Verdict("", False, split_verb.ONE))
    if len(requests.changing()) > MANY and not builder.facts.answers_digest:
        requests.changing()[0].powers.add(Power.MANY)
    return conclude(builder, actor, _with_children(requests.all(), verdicts), verdicts, 0)


def _with_children(requests: list[Request], verdicts: list[Verdict]) -> list[Request]:
    """Words on the parent of a storm leave to the customers of its children, if they name none of them."""
    for request in requests:
        storm_words.find_children(request)
        verdicts += [Verdict(words, False, says) for words, says in storm_words.wrong(request)]
        if max(len(request.children), len(to_ask(request))) > MANY:
            request.powers.add(Power.MANY)
    return storm_words.with_children(requests)


def _unseen(mail: Mail, lines: Sequence[str]) -> tuple[commands.Mistake, ...]:
    """A mistake for the first line of a page that hides words: whoever sent it may not see what it says."""
    line = next(filter(None, lines), "")
    return (commands.Mistake(line, UNSEEN),) if line and mail.hides_words else ()


class _Requests:
    """What one mail asks of several incidents: each has one request, made when a line first names it."""

    def __init__(self, builder: DecisionBuilder, actor: Person, engineer: Engineer) -> None:
        self.builder, self._actor, self._engineer = builder, actor, engineer
        self._by_number: dict[int, Request] = {}
        self.lines, self.tag = builder.facts.lines, builder.policy.tag

    def about(self, number: int) -> Request | None:
        """None where there is no such incident.  0 names none: where `/help`, or `/show N`, stands alone."""
        number = surviving(number, self.builder.facts.cases)
        if number not in self._by_number:
            case = self.builder.facts.cases.get(number) if number else Case(self._no_incident())
            if case is None:
                return None
            self._by_number[number] = _request(self.builder, case, self._actor, self._engineer)
        return self._by_number[number]

    def all(self) -> list[Request]:
        return list(self._by_number.values())

    def changing(self) -> list[Request]:
        """Those about an incident."""
        return [request for number, request in self._by_number.items() if number]

    def _no_incident(self) -> Incident:
        policy, now = self.builder.policy, self.builder.now
        return Incident(0, policy.desk.address, "", Status.ACTIVE, policy.priority, now, now)


def _request(builder: DecisionBuilder, case: Case, actor: Person, engineer: Engineer) -> Request:
    return Request(case, actor, engineer, builder.facts, builder.policy, builder.now, case.incident)


def _on_each(requests: _Requests, command: commands.Command) -> Iterable[Verdict]:
    """One command, carried out on each incident that its line names."""
    numbers = command.numbers or ((0,) if command.verb in WITHOUT_NUMBER else ())
    if command.verb == split_verb.VERB and not numbers and (named := split_verb.incident_named(command.argument)):
        numbers = (named,)
    if not numbers:
        yield Verdict(command.line, False, HELD_ONLY if command.verb in HELD_VERBS else WHICH)
    for number in numbers:
        request = requests.about(number)
        verdict = (
            _carried_out(request, command) if request else Verdict(command.line, False, _no_such(requests, number))
        )
        if request and requests.lines:  # his line has the number of a line of the letter
            verdict = replace(verdict, line=f"{command.line} -> {request.policy.reference(number)}")
        if not verdict.good and numbered_commands.without_slash(command):
            verdict = replace(verdict, says=beside(verdict.says, numbered_commands.OR_WORDS))
        yield verdict


def _no_such(requests: _Requests, number: int) -> str:
    """In a reply to a morning paper a number below 0 stands for a line that the letter does not have."""
    if number > 0 or not requests.lines:
        return NO_SUCH
    example = f"{requests.tag}-{-number}: /take"
    return Sentence(
        "the letter has %(count)s lines; an incident is written with its tag, as in %(example)s",
        count=len(requests.lines.numbers),
        example=example,
    )


def _noted(requests: _Requests, said: NumberedWords) -> Iterable[Verdict]:
    """A note about each of these incidents; that there is such an incident was said beside the command."""
    for number in said.numbers:
        request = requests.about(number)
        if request is not None:
            request.note = "\n\n".join(part for part in (request.note, said.words) if part)
            request.noted = True
            yield from _misplaced(request)


def _answered(requests: _Requests, said: NumberedWords) -> Iterable[Verdict]:
    """Words for the customers of these incidents, less what letters to staff told."""
    for number in said.numbers:
        request = requests.about(number)
        if request is None:
            yield Verdict(f"{abs(number)}: {said.words}", False, _no_such(requests, number))
            continue
        place = request.policy.reference(number) if requests.lines else str(number)
        sorted_ = released(said.words, request.facts.said, notes_too=not request.public)
        words = sorted_.leaves
        if not words:
            yield Verdict(said.line, False, Sentence("there were no new words, so nothing was sent"))
            continue
        if request.shut():
            request.noted = True
            request.note = "\n\n".join(part for part in (request.note, words) if part)
            yield from _misplaced(request) or [Verdict(f"{place}: {words}", True, CLOSED)]
            continue
        request.words = "\n\n".join(part for part in (request.words, words) if part)
        request.leaks += sorted_.leaks
        wrong = _misplaced(request) + _leaking(airlock.refusing(requests.builder, request))
        yield from wrong or [Verdict(f"{place}: {words}", True, _where_it_went(request))]


def _where_it_went(request: Request) -> str:
    why = request.unheard()
    return (
        Sentence("kept in the log, and sent to nobody: %(why)s", why=why) if why else Sentence("sent to the customer")
    )


def _enclosed(requests: _Requests, mail: Mail) -> Iterable[Verdict]:
    """Files belong to the one incident that the mail is about; where there are several, their names come back."""
    about = requests.changing()
    if len(about) == 1:
        (request,) = about
        share_files(request, mail)
        stays = "" if request.words else FILE_STAYS
        found = [Verdict(file.name, True, stays) for file in mail.attachments if stays and not file.inline]
        return [*found, *_misplaced(request)]
    return [Verdict(file.name, True, FILE_OF_SEVERAL) for file in mail.attachments if about and not file.inline]


def _carried_out(request: Request, command: commands.Command) -> Verdict:
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


def _misplaced(request: Request) -> list[Verdict]:
    """Words and files of somebody who may not act here."""
    inside = request.note or (request.attachments and not request.leaving_words())
    if (request.leaving_words() and not request.may_act()) or (inside and not request.may_note()):
        return [Verdict("", False, _others_team(request))]
    return []


def _leaking(found: Iterable[Leak]) -> list[Verdict]:
    """Words for the customer which only staff were told."""
    return [Verdict(leak.words, False, leak.says) for leak in found]


def _needs(request: Request) -> tuple[str, ...]:
    """What its lines want before they may be carried out; "" for nothing."""
    return say(request), unmet(request), undeferrable(request)


def _lacking_steps(request: Request) -> list[Verdict]:
    """Of a bug without steps to reproduce it; where its author is asked for them, `conclude` does so."""
    how = to_tracker.without_steps(request)
    if how == "require":
        return [Verdict("", False, to_tracker.STEPS)]
    return [Verdict("", True, to_tracker.WITHOUT_STEPS)] if how == "warn" else []


def _told_outside(request: Request) -> Sequence[Leak]:
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
