"""What one engineer's mail asks of one incident: filled in by the verbs while its lines are read, not applied yet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sitmail.domain import commands
from sitmail.domain.article_effects import CiteArticle
from sitmail.domain.authority import Reach, may, standing
from sitmail.domain.decision_builder import customers
from sitmail.domain.effects import Draw, Effect, Enrol
from sitmail.domain.engineers import Engineer
from sitmail.domain.event_types import LoggedEvent
from sitmail.domain.facts import Case, Facts
from sitmail.domain.hours import Calendar
from sitmail.domain.incident import Incident, Move, Status, moved
from sitmail.domain.leak_guard import Examined, Leak, examined, released
from sitmail.domain.links import Link, Linked
from sitmail.domain.mail import Attachment, Mail
from sitmail.domain.memory import Said
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outside_readers import hearing, unheard
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.questions import Missing
from sitmail.domain.sentence import Sentence
from sitmail.domain.shareable import Shareable
from sitmail.domain.time_spent import Spent
from sitmail.domain.trust import INTERNAL, Power
from sitmail.domain.undoing import Deed
from sitmail.domain.update import LegKind
from sitmail.domain.written import Written

CLOSED = Sentence(
    "it is closed, so your words are kept as an internal note; a line /reopen on top of your mail sends them"
)


@dataclass
class Request:
    """`case.incident` is the incident as it was, `incident` as the lines read so far change it.

    `words` are what he says to the customer, `note` what he says inside.  `letters` are (purpose, detail) he asked for.
    """

    case: Case
    actor: Person
    engineer: Engineer
    facts: Facts
    policy: Policy
    now: datetime
    incident: Incident
    public: bool | None = None  # /public said where the words go
    keep: bool = False  # /keep: the next step stays with us
    status_named: bool = False
    powers: set[Power] = field(default_factory=set)
    joining: list[Enrol] = field(default_factory=list)
    leaving: list[Person] = field(default_factory=list)
    events: list[LoggedEvent] = field(default_factory=list)
    draws: list[Draw] = field(default_factory=list)  # from pools of contracts, and back
    links: list[Linked] = field(default_factory=list)
    joins: list[Enrol] = field(default_factory=list)  # who of it takes part in another incident from now on
    others: dict[int, Incident] = field(default_factory=dict)  # linked ones that it changes, as they are then
    leaves_at: datetime | None = None  # when it leaves, if that is later
    bug_fixed: Link | None = None  # the bug that is fixed, and what is said of it
    said_of_bug: str = ""
    merged_into: str = ""  # the reference of the incident into which it goes
    split: Written | None = None  # what becomes an incident of its own
    split_title: str = ""
    verbs: list[str] = field(default_factory=list)  # that were carried out
    recalled: str = ""  # what does not leave
    undoing: Deed | None = None  # what is taken back
    goes_on: bool = False  # it is closed, but we work on the same in another incident
    beside: list[str] = field(default_factory=list)  # what its lines did besides, in sentences for its writer
    spent: list[Spent] = field(default_factory=list)  # time that its lines note
    met: list[str] = field(default_factory=list)  # targets that its lines say are met
    promised: list[Effect] = field(default_factory=list)  # other times for targets
    contact: Person | None = None  # the reporter is put right
    partner: Person | None = None  # whose leg the words go to
    partner_named: bool = False  # by /vendor, /bug or /order
    partner_reference: str = ""
    partner_words: str = ""
    partner_letter: tuple[NoticePurpose, dict[str, Any]] = (NoticePurpose.VENDOR_ASKED, {})  # and its detail
    in_copy: list[Person] = field(default_factory=list)  # staff who are told what a partner is told
    given: bool = False  # a line says who owns it
    given_now: dict[str, int] = field(default_factory=dict)  # by engineer: how many the lines of this mail gave
    resolved: bool = False  # the customer is asked whether it may be closed
    standard: list[str] = field(default_factory=list)  # standard answers, and what is shared, that join his words
    shared: list[Shareable] = field(default_factory=list)  # updates that become public
    asking: Missing | None = None  # what the customer is asked for
    asked: str = ""  # whether those questions stand alone in the words, or also
    letters: list[tuple[NoticePurpose, dict[str, Any]]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)  # about its writer or the desk, not about the incident
    words: str = ""
    typed: str = ""  # of these, what its author wrote
    note: str = ""
    noted: bool = False  # the verdict of its line says where the note went
    leaks: tuple[Leak, ...] = ()  # what of the words only staff were told, so that nothing is sent
    withheld: str = ""  # what may be his own, and is not said with the others
    attachments: tuple[Attachment, ...] = ()
    kept_back: tuple[Attachment, ...] = ()  # files that are not relayed with the words
    sent_already: bool = False  # its author sent it himself, so that it goes to nobody again
    unsent: bool = False  # what he said to the customer is kept as a note, since the incident is closed
    left_out: list[str] = field(default_factory=list)  # addresses in Cc that are not added, each with the reason
    unnamed: tuple[Attachment, ...] = ()  # those of them that stand between words and a note, and no word names
    unread: tuple[Attachment, ...] = ()  # files that are relayed, though nobody could look into them
    children: tuple[Case, ...] = ()  # of a storm's parent: its words leave to their customers
    part: bool = False  # it is such a child
    drafts: bool = False  # an article is drafted from it
    cites: list[CiteArticle] = field(default_factory=list)  # articles that it names
    enclosed: tuple[Attachment, ...] = ()  # files of an article that is sent along
    leg: str = ""  # where its plain words went, which what confirms it keeps to; "" = inside

    def need_open(self) -> None:
        """Raises ValueError with a sentence if the incident is closed."""
        if not self.incident.open:
            raise ValueError(Sentence("it is closed, and read-only but for notes; /reopen comes first"))

    def shut(self) -> bool:
        """Whether it was closed before this mail, and stays so: nothing said to the customer would reach him."""
        return not self.incident.open and not self.case.incident.open

    def calendar(self) -> Calendar:
        """What working time of this incident is counted by."""
        return self.policy.calendar_named(self.incident.calendar)

    def zone(self) -> str:
        """The name of the time zone in which the engineer writes times."""
        return self.engineer.timezone or self.policy.timezone

    def move(self, move: Move, to: Status | None = None) -> Status:
        """The status after a move.  Raises ValueError with a sentence where the table of moves has none."""
        status = moved(self.incident.status, move, to)
        if status is None:
            now = Sentence(self.policy.dictionary.label(self.incident.status).internal)
            raise ValueError(Sentence("from '%(status)s' that is not possible", status=now))
        return status

    def first_reply_owns(self) -> bool:
        """Whether who answers first owns an incident that nobody owns."""
        return self.policy.mailbox(self.incident.mailbox).assign_on_first_reply

    def may(self, reach: Reach) -> bool:
        """As it was, or because a line of this mail takes it."""
        now = standing(self.engineer, self.case.incident)
        return may(reach, now) or may(reach, standing(self.engineer, self.incident))

    def may_act(self) -> bool:
        return self.may(Reach.TEAM)

    def may_note(self) -> bool:
        """Who was sent an internal letter about it, such as a note that names him, may answer inside."""
        return self.may_act() or self.facts.token_kind == INTERNAL

    def leaving_words(self) -> str:
        """What he says to anybody outside."""
        return self.words or self.partner_words

    def readers(self) -> list[Person]:
        """Which customers will get its words."""
        return [] if self.sent_already else hearing(self._outside(), self.policy)

    def unheard(self) -> str:
        """Why nobody outside will read its words; "" if somebody will."""
        heard = self.children or self.sent_already or self.readers()
        return "" if heard else unheard(self._outside())

    def _outside(self) -> list[Person]:
        gone = {person.id for person in self.leaving}
        present = [party.person for party in customers(self.case) if party.person.id not in gone]
        return [*present, *(one.person for one in self.joining if one.leg is LegKind.PUBLIC)]

    def power(self) -> set[Power]:
        """Everything that must be allowed for this to be carried out."""
        powers = set(self.powers)
        if self.leaving_words():
            powers.add(Power.ANSWER)
        if self.note or self.attachments:
            powers.add(Power.NOTE)
        return powers


def sort_words(request: Request, script: commands.Script, mail: Mail, public: bool) -> None:
    """Words and files of the mail go to their leg; what leaves loses every line that only staff were told."""
    request.withheld = mail.doubtful_text
    if request.partner is not None:
        sorted_ = released(script.words, said_to_partner(request.facts, request.partner.id))
        request.partner_words, request.leaks = sorted_.leaves, sorted_.leaks
        request.withheld = "\n\n".join(filter(None, (sorted_.stays, mail.doubtful_text)))
        request.note = script.note
    elif public:
        request.leg = str(LegKind.PUBLIC)
        sorted_ = released(script.words, request.facts.said, notes_too=not request.public)
        request.words, request.leaks = sorted_.leaves, sorted_.leaks
        request.withheld = "\n\n".join(filter(None, (sorted_.stays, mail.doubtful_text)))
        request.note = script.note
    else:
        request.note = "\n\n".join(part for part in (script.words, script.note) if part)
    leaves = public or request.partner is not None
    _sort_files(request, script, mail, outside=leaves and (bool(request.leaving_words()) or not script.noted))
    if request.partner_words:
        request.leg = str(LegKind.VENDOR)  # what told the partner nothing is confirmed inside


def said_to_partner(facts: Facts, partner: int) -> Said:
    """What may not leave to a partner, and what stands on its leg already."""
    return facts.said_to_partners.get(partner, facts.said)


def share_files(request: Request, mail: Mail) -> None:
    """Files of a mail whose lines name the incident: with its words they leave, else they stay in its log."""
    script = commands.Script(words=request.words, note=request.note, noted=request.note)
    _sort_files(request, script, mail, outside=bool(request.words))


def _sort_files(request: Request, script: commands.Script, mail: Mail, *, outside: bool) -> None:
    told = said_to_partner(request.facts, request.partner.id) if request.partner else request.facts.said
    looked = [(file, examined(file, told) if outside else Examined(True)) for file in mail.attachments]
    leaving = tuple(file for file, found in looked if found.leaves)
    if outside and request.leaving_words() and script.noted:  # it may belong to the words or to the note
        request.unnamed = tuple(file for file in leaving if not _names(script.words, file.name))
        leaving = tuple(file for file in leaving if file not in request.unnamed)
    enclosed = [file for file in leaving if not file.inline]  # the picture in a signature is no answer
    if outside and enclosed and not request.leaving_words() and not script.words:
        instead = "(see the attached file)" if len(enclosed) == 1 else "(see the attached files)"
        if request.partner is not None:
            request.partner_words = instead
        else:
            request.words = instead
    if outside and not request.leaving_words():
        leaving = ()
    request.attachments = leaving
    kept_back = tuple(file for file in mail.attachments if file not in leaving)
    request.kept_back = kept_back if request.leaving_words() else ()
    request.unread = tuple(file for file, found in looked if found.closed and file in leaving)


def _names(words: str, file: str) -> bool:
    """Whether the words name a file, with or without its ending, and not only as a part of a longer word."""
    stem = file.rpartition(".")[0] or file
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.IGNORECASE) for name in (file, stem))
