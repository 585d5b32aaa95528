"""What a contact's or participant's mail asks of an incident of his, while it is being worked out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from sitmail.domain import commands
from sitmail.domain.closing_reasons import is_reason
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident, Move, Status, moved
from sitmail.domain.mismatch import about_another
from sitmail.domain.people import Person
from sitmail.domain.short_answers import confirms, is_thanks
from sitmail.domain.trust import Power, customer_may

FEEDBACK = frozenset({"feedback", "umfrage", "umfragen", "enquête", "enquete"})  # behind /stop


def stops_asking(command: commands.Command) -> bool:
    """`/stop feedback`."""
    return command.verb == "stop" and command.argument.strip().lower() in FEEDBACK


class Missing(ValueError):
    """A line that lacks something, of which its sentence asks."""


@dataclass
class CustomerRequest:
    """`case.incident` is the incident as it was, `incident` as the mail changes it, and `reason` says why for `/why`.

    `refused` are lines that he cannot have, each with the sentence that says so; `missing` those that lack something,
    and `done` says what the others did.  `joined` and `left` are people; `outsiders` he wants to be let in, and staff
    decide.
    """

    builder: DecisionBuilder
    case: Case
    person: Person
    script: commands.Script
    incident: Incident
    reason: str = ""
    refused: list[tuple[str, str]] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    wishes: list[str] = field(default_factory=list)  # what staff read of them
    joined: list[Person] = field(default_factory=list)
    left: list[Person] = field(default_factory=list)
    outsiders: list[str] = field(default_factory=list)
    scored: bool = False  # he says how we did, which moves nothing

    @property
    def words(self) -> str:
        return self.script.words.strip()

    @cached_property
    def bare_thanks(self) -> bool:
        """Thanks and nothing else: it moves nothing in any status.  A file, or doubtful words, may say more."""
        mail = self.builder.mail
        more = self.script.commands or mail.doubtful_text.strip() or any(not one.inline for one in mail.attachments)
        return not more and is_thanks(self.words, *self.names())

    @property
    def only_people(self) -> bool:
        """Whether he only says who is to read it: no words, no file, no other command."""
        mail = self.builder.mail
        more = self.words or mail.doubtful_text.strip() or any(not one.inline for one in mail.attachments)
        return not more and {command.verb for command in self.script.commands} <= {"cc", "stop", "level"}

    @property
    def about_feedback(self) -> bool:
        """Whether he says how we did, or that he is not to be asked, and no more that could move anything."""
        return self.scored or (not self.words and any(map(stops_asking, self.script.commands)))

    @property
    def yes(self) -> bool:
        """That it works: confirms a closure that he was asked about."""
        return confirms(self.words, *self.names())

    @property
    def gives_reason(self) -> bool:
        """Whether his words say why it may be closed."""
        return is_reason(self.words, *self.names())

    def names(self) -> tuple[str, ...]:
        """Names that may stand beside a short answer: his own, those of engineers, the desk's."""
        policy = self.builder.policy
        return self.person.name, policy.name, *(engineer.name for engineer in policy.engineers.values())

    def may_close(self) -> bool:
        """Whether the proof is enough to confirm a closure, and the incident certain."""
        facts, trust = self.builder.facts, self.builder.policy.trust
        return about_another(facts) is None and customer_may(Power.CONFIRM_CLOSURE, facts.proof, trust)

    # --- what may become of the incident

    @property
    def held_firmly(self) -> bool:
        """Whether an engineer put it on hold, and said that words do not end that."""
        incident = self.incident
        return incident.holds and incident.hold_firm

    def activate(self, reason: str = "") -> None:
        """Active again: whatever we waited for is over; but a firm hold stays."""
        before, self.reason = self.incident, reason
        if self.held_firmly:
            self.reason = "; ".join(filter(None, (reason, "it stays on hold, which an engineer made firm")))
            return
        if not before.open:
            self.incident = before.reopened(self.builder.now)
            return
        status = moved(before.status, Move.CUSTOMER_WROTE) or before.status
        self.incident = before.having(status=status, next_action="", next_action_at=None, customer_hold=False)

    def request_closure(self, why: str, reason: str) -> None:
        """The owner is asked to close it."""
        self.reason = reason
        self.incident = replace(
            self.incident, closure_requested=self.builder.now, closure_reason=why[:500], reason_asked=False
        )

    def close(self, reason: str) -> None:
        """Closed at once."""
        self.reason = reason
        self.incident = replace(
            self.incident,
            status=Status.CLOSED,
            closing_status=self.builder.policy.dictionary.closing_of(self.incident.resolution),
            closed=self.builder.now,
            closure_requested=None,
            next_action="",
            next_action_at=None,
        )
