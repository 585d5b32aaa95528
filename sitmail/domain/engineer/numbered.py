"""Lines `N: /verb` and `N: words` of an engineer: what they do to each incident they name (behaviour 3).

Lists, ranges and searches name many.  Each incident gets a verdict of its own, and one wrong line refuses the mail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sitmail.domain import commands, numbered_commands, own_words, paper_replies
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision
from sitmail.domain.engineer import airlock, share_verb, split_verb, to_partner, words_to_many
from sitmail.domain.engineer.bulk import asks_about_searches, question_of
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.engineer.decide import (
    MANY,
    carried_out,
    leaking,
    misplaced,
    needs,
    request_about,
    told_outside,
    unseen,
    with_children,
)
from sitmail.domain.engineer.request import CLOSED, Request, share_files
from sitmail.domain.engineer.verbs import HELD_ONLY, HELD_VERBS, WITHOUT_NUMBER
from sitmail.domain.engineers import Engineer
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident, Status
from sitmail.domain.leak_guard import released
from sitmail.domain.mail import Mail
from sitmail.domain.merging import surviving
from sitmail.domain.numbered_commands import NumberedWords
from sitmail.domain.people import Person
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.trust import Power
from sitmail.domain.verbs import STAFF

NAMED_BEHIND = {split_verb.VERB: split_verb.incident_named, share_verb.VERB: share_verb.incident_named}
NO_SUCH = Sentence("there is no such incident for you")
FILE_STAYS = Sentence("stays in the log: there were no words to the customer that it could go with")
FILE_OF_SEVERAL = Sentence(
    "was not sent and is in no log: the mail is about more than one incident; send it with an answer to one"
)
WHICH = Sentence("for which incident? write its number first, as in 12: /take")


def decide_numbered(builder: DecisionBuilder, actor: Person, engineer: Engineer) -> Decision:
    """Lines `N: /verb` and `N: words` to the command address, or in an answer to a digest."""
    mail = builder.mail = own_words.remembered(builder.mail, builder.facts.said, staff=True)
    lines = builder.facts.lines
    text = paper_replies.typed(mail, lines) if lines else mail.new_text
    script = numbered_commands.read_numbered(text, mail.subject, STAFF, lines, builder.facts.chosen)
    requests = _Requests(builder, actor, engineer)
    others = builder.facts.said_by_others
    mistakes = script.mistakes or numbered_commands.echoed_lines(script, mail.text, mail.subject, others, lines)
    mistakes = mistakes or unseen(mail, [*(c.line for c in script.commands), *(said.line for said in script.said)])
    verdicts = [Verdict(m.line, False, m.hint) for m in mistakes]
    for command in script.commands:
        verdicts += _on_each(requests, command)
    for said in script.said:
        verdicts += _noted(requests, said) if said.internal else _answered(requests, said)
    verdicts += asks_about_searches(builder, requests.changing(), script.chosen)
    verdicts += [Verdict(words, False, says) for words, says in words_to_many.wrong(requests.changing(), script.said)]
    verdicts += words_to_many.twice(requests.changing(), script.said)
    if not verdicts:
        verdicts.append(
            Verdict("", False, Sentence("there was no line to carry out; write N: /verb or N: words, or help"))
        )
    for request in requests.changing():
        silent = to_partner.wordless(request)
        verdicts += [Verdict("", False, why) for why in (*needs(request), silent) if why]
        verdicts += leaking(told_outside(request))
    verdicts += _enclosed(requests, mail)
    if sum(request.split is not None for request in requests.all()) > 1:
        verdicts.append(Verdict("", False, split_verb.ONE))
    acting = [request for request in requests.changing() if request.power() - {Power.READ}]
    if len(acting) > MANY and not builder.facts.answers_digest:
        acting[0].powers.add(Power.MANY)
    every = with_children(requests.all(), verdicts)
    return conclude(builder, actor, every, verdicts, 0, question=question_of(builder, acting, script, verdicts))


class _Requests:
    """What one mail asks of several incidents: each has one request, made when a line first names it."""

    def __init__(self, builder: DecisionBuilder, actor: Person, engineer: Engineer) -> None:
        self.builder, self._actor, self._engineer = builder, actor, engineer
        self._by_number: dict[int, Request] = {}
        self._given: dict[str, int] = {}  # incidents by engineer, that lines of this mail gave
        self.lines, self.tag = builder.facts.lines, builder.policy.tag

    def about(self, number: int) -> Request | None:
        """None where there is no such incident.  0 names none: where `/help`, or `/show N`, stands alone."""
        number = surviving(number, self.builder.facts.cases)
        if number not in self._by_number:
            case = self.builder.facts.cases.get(number) if number else Case(self._no_incident())
            if case is None:
                return None
            self._by_number[number] = request_about(self.builder, case, self._actor, self._engineer)
            self._by_number[number].given_now = self._given
        return self._by_number[number]

    def each(self, numbers: Iterable[int]) -> list[tuple[int, Request | None]]:
        """What a line names, each incident once: two of them may have been merged."""
        found = [(number, self.about(number)) for number in numbers]
        once = {number if request is None else id(request): (number, request) for number, request in reversed(found)}
        return list(reversed(once.values()))

    def all(self) -> list[Request]:
        return list(self._by_number.values())

    def changing(self) -> list[Request]:
        """Those about an incident."""
        return [request for number, request in self._by_number.items() if number]

    def _no_incident(self) -> Incident:
        policy, now = self.builder.policy, self.builder.now
        return Incident(0, policy.desk.address, "", Status.ACTIVE, policy.priority, now, now)


def _on_each(requests: _Requests, command: commands.Command) -> Iterable[Verdict]:
    """One command, carried out on each incident that its line names."""
    numbers = command.numbers or ((0,) if command.verb in WITHOUT_NUMBER else ())
    named = NAMED_BEHIND.get(command.verb)
    if named is not None and not numbers and (number := named(command.argument)):
        numbers = (number,)
    if not numbers:
        yield Verdict(command.line, False, HELD_ONLY if command.verb in HELD_VERBS else WHICH)
    for number, request in requests.each(numbers):
        verdict = carried_out(request, command) if request else Verdict(command.line, False, _no_such(requests, number))
        if request and (requests.lines or len(numbers) > 1):  # not the whole list beside each
            verdict = replace(verdict, line=_line_about(requests, command, number, request))
        elif request is None and len(numbers) > 1:
            verdict = replace(verdict, line=f"{abs(number)}: /{command.verb} {command.argument}".rstrip())
        if not verdict.good and numbered_commands.without_slash(command):
            verdict = replace(verdict, says=beside(verdict.says, numbered_commands.OR_WORDS))
        yield verdict


def _line_about(requests: _Requests, command: commands.Command, number: int, request: Request) -> str:
    reference = request.policy.reference(number)
    if requests.lines and len(command.numbers) == 1:  # his line has the number of a line of the letter
        return f"{command.line} -> {reference}"
    return f"{reference}: /{command.verb} {command.argument}".rstrip()


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
    for _, request in requests.each(said.numbers):
        if request is not None:
            request.note = "\n\n".join(part for part in (request.note, said.words) if part)
            request.noted = True
            yield from misplaced(request)


def _answered(requests: _Requests, said: NumberedWords) -> Iterable[Verdict]:
    """Words for the customers of these incidents, less what letters to staff told."""
    several = len(said.numbers) > 1
    for number, request in requests.each(said.numbers):
        if request is None:
            shown = str(abs(number)) if several else f"{abs(number)}: {said.words}"
            yield Verdict(shown, False, _no_such(requests, number))
            continue
        place = request.policy.reference(number) if requests.lines or several else str(number)
        sorted_ = released(said.words, request.facts.said, notes_too=not request.public)
        words = sorted_.leaves
        if not words:
            yield Verdict(said.line, False, Sentence("there were no new words, so nothing was sent"))
            continue
        if request.shut():
            request.noted = True
            request.note = "\n\n".join(part for part in (request.note, words) if part)
            yield from misplaced(request) or [Verdict(place if several else f"{place}: {words}", True, CLOSED)]
            continue
        request.words = "\n\n".join(part for part in (request.words, words) if part)
        request.leaks += sorted_.leaks
        wrong = misplaced(request) + leaking(airlock.refusing(requests.builder, request))
        yield from wrong or [Verdict(place if several else f"{place}: {words}", True, _where_it_went(request, several))]


def _where_it_went(request: Request, several: bool) -> str:
    why = request.unheard()
    if why:
        return Sentence("kept in the log, and sent to nobody: %(why)s", why=why)
    if not several:
        return Sentence("sent to the customer")
    readers = request.readers()
    names = ", ".join(person.name if person.known and person.name else person.address for person in readers)
    return Sentence("sent to %(names)s", names=names) if names else Sentence("sent to the customer")


def _enclosed(requests: _Requests, mail: Mail) -> Iterable[Verdict]:
    """Files belong to the one incident that the mail is about; where there are several, their names come back."""
    about = requests.changing()
    if len(about) == 1:
        (request,) = about
        share_files(request, mail)
        stays = "" if request.words else FILE_STAYS
        found = [Verdict(file.name, True, stays) for file in mail.attachments if stays and not file.inline]
        return [*found, *misplaced(request)]
    return [Verdict(file.name, True, FILE_OF_SEVERAL) for file in mail.attachments if about and not file.inline]
