"""The airlock: a public answer that may be a slip comes back to its author once, and leaves by `send` (behaviour 3).

One list of reasons: something is newer than the letter it answers (`crossing`); it repeats an internal update; somebody
from outside the site would read it; it names another customer's incident; it speaks of a file that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.engineer import crossing
from sitmail.domain.engineer.request import Request
from sitmail.domain.facts import Proof
from sitmail.domain.joining import of_the_site
from sitmail.domain.later_updates import Later
from sitmail.domain.leak_guard import OWN_NOTE, Leak
from sitmail.domain.merging import surviving
from sitmail.domain.named_numbers import numbers_in
from sitmail.domain.policy import Policy
from sitmail.domain.promised_files import promise
from sitmail.domain.recall_values import DELAYED
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence
from sitmail.domain.update import LegKind

FOR_STAFF = Sentence("These words are only known to staff:")
YOUR_NOTE = Sentence("These words stand in a note of yours:")
OUTSIDER = Sentence("It would also go to somebody from outside the customer's site:")
ANOTHERS = Sentence("It names a number that is another customer's:")
NO_FILE = Sentence("It speaks of an attachment, and there is none:")


@record
class Slip:
    """Why an answer about an incident comes back: a sentence, and what of the answer it is about."""

    incident: int
    says: Sentence
    words: str


@record
class Returning:
    """What brings an answer back; nothing of both: it may leave."""

    crossed: Sequence[tuple[int, Later]] = ()
    slips: Sequence[Slip] = ()

    def __bool__(self) -> bool:
        return bool(self.crossed or self.slips)

    @property
    def incident(self) -> int:
        return self.crossed[0][0] if self.crossed else self.slips[0].incident


def returning(builder: DecisionBuilder, requests: Sequence[Request]) -> Returning:
    """Why a mail comes back to its author; it must be able to."""
    if builder.unanswerable:
        return Returning()
    speaking = [one for one in requests if one.words and not one.sent_already and not one.part]
    looked = [one for one in speaking if _looks(builder.policy, one)]
    slips = [slip for one in looked for check in CHECKS for slip in check(one)]
    return Returning(crossing.newer(requests, builder.policy), slips)


def _looks(policy: Policy, request: Request) -> bool:
    """What was sent on purpose, or looked at before it waited, is not looked at again."""
    release = request.facts.release
    return policy.airlock == "return" and not (release and (release.how in ("send", DELAYED) or release.waited))


def refusing(builder: DecisionBuilder, request: Request) -> list[Leak]:
    """Words for staff alone by which a mail is refused: those that `send` could not release, too."""
    release = request.facts.release
    sent = release is not None and release.how == "send"
    comes_back = bool(request.words) and _looks(builder.policy, request) and not builder.unanswerable
    return [one for one in request.leaks if not (one.note and (sent or comes_back))]


def sent_back(request: Request) -> list[Leak]:
    """What else there is to say of words where the mail is refused for another reason."""
    return [one for one in request.leaks if one.note and request.words]


def _notes(request: Request) -> Iterator[Slip]:
    for leak in request.leaks:
        yield Slip(request.case.incident.number, YOUR_NOTE if leak.says is OWN_NOTE else FOR_STAFF, leak.words)


def _outsiders(request: Request) -> Iterator[Slip]:
    """Who of the new readers is not of the site; if he was asked, he has said yes to that."""
    if request.facts.proof is Proof.CONFIRMED:
        return
    for one in request.joining:
        address = one.person.address
        if one.leg is LegKind.PUBLIC and not of_the_site(address, one.person, request.case, request.policy):
            yield Slip(request.case.incident.number, OUTSIDER, address)


def _numbers(request: Request) -> Iterator[Slip]:
    """Incidents that none of its readers takes part in, and that are of no site of theirs."""
    own, policy = request.case.incident, request.policy
    for number, written in numbers_in(request.typed, policy.tag, policy.noun).items():
        other = request.facts.mentioned.get(number)
        if other is None or number == own.number or surviving(number, request.facts.cases) == own.number:
            continue
        of_the_same = bool(own.site) and other.incident.site == own.site
        if not of_the_same and not any(other.party(person) for person in request.readers()):
            yield Slip(own.number, ANOTHERS, written)


def _files(request: Request) -> Iterator[Slip]:
    if request.attachments or "send" in request.verbs:
        return
    if sentence := promise(request.typed):
        yield Slip(request.case.incident.number, NO_FILE, sentence)


CHECKS: tuple[Callable[[Request], Iterable[Slip]], ...] = (_notes, _outsiders, _numbers, _files)
