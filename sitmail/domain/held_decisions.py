"""Decisions about held mail: how staff write them, when one is refused, and what comes of a mail that is not taken up.

The command line and a reply to the letter about a held mail ask the same functions.  A decision is only recorded at
first; the held mail is then processed again, with the decision as a fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sitmail.domain import commands, own_words
from sitmail.domain.authority import acts_on
from sitmail.domain.authority import refusal as others_team
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision, Meet, Settle
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer.carry_out import Verdict, conclude
from sitmail.domain.engineer.hold_for_proof import hold_for_proof
from sitmail.domain.engineer.verbs import HELD_VERBS
from sitmail.domain.engineers import Engineer
from sitmail.domain.facts import HeldMail, Release
from sitmail.domain.hours import ROUND_THE_CLOCK
from sitmail.domain.leak_guard import released
from sitmail.domain.mail import Mail
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.nouns import ONE_INCIDENT
from sitmail.domain.numbered_commands import numbers_of
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.recalling import recalled
from sitmail.domain.scanner_marks import marked
from sitmail.domain.sentence import Sentence, beside, of
from sitmail.domain.short_answers import is_yes_alone
from sitmail.domain.trust import HELD, Power, first_missing_power
from sitmail.domain.verbs import STAFF

ACTIONS = HELD_VERBS
APPROVE = "approve"  # as which the yes of an approver is recorded
NO_REASON = Sentence("why? its writer reads it: reply once more, with /reject WHY; /spam ends it without a word")
HOW = Sentence("answer with /accept, /attach N, /reject WHY or /spam on the first line")
DONE: Mapping[str, Callable[..., Sentence]] = {
    "accept": lambda name, **_: Sentence("%(name)s accepted it", name=name),
    APPROVE: lambda name, **_: Sentence("%(name)s agreed", name=name),
    "attach": lambda name, reference: Sentence("%(name)s attached it to %(incident)s", name=name, incident=reference),
    "reject": lambda name, **_: Sentence("%(name)s rejected it", name=name),
    "spam": lambda name, **_: Sentence("%(name)s called it spam", name=name),
    "confirmed": lambda name, **_: Sentence("%(name)s confirmed that it is theirs", name=name),
}
REMEMBER = "remember"  # behind /accept
REMINDERS = 3  # about one mail
_SHOWN = 3000  # characters of a held mail in the letter about it


# --- before anything is decided


def described(builder: DecisionBuilder) -> dict[str, Any]:
    """What the letter about a held mail shows of it."""
    mail = builder.mail
    written = mail.headers.get("from", ())
    sender = f"{mail.sender.name} <{mail.sender.address}>" if mail.sender and mail.sender.name else mail.identity
    text = (mail.own_words or mail.text).strip()
    return {
        "sender": " ".join((sender or " ".join(written) or "nobody").split())[:200],
        "proof": builder.facts.proof.label,
        "subject": " ".join(mail.subject.split())[:200],
        "words": text[:_SHOWN],
        "cut": len(text) > _SHOWN,
        "files": [[file.name, file.size] for file in mail.attachments if not file.inline][:50],
    }


def next_reminder(policy: Policy, now: datetime, before: int) -> datetime | None:
    """When those on duty are told again of a mail that waits, `before` reminders having been sent; None: no more.

    Each takes twice as long as the one before, in the desk's working time.
    """
    if before >= REMINDERS or not policy.held_reminder.wall():
        return None
    calendar = policy.calendars.get(policy.calendar, ROUND_THE_CLOCK)
    return calendar.add(now, calendar.working(policy.held_reminder) * 2**before)


def refusal(held: HeldMail | None, action: str, policy: Policy) -> str:
    """Why a mail cannot be decided about like this; "" if it can.  The first decision wins."""
    if held is None:
        return Sentence("there is no such held mail")
    if held.decision:
        return Sentence("%(decided)s, and the first decision counts", decided=decided(held, policy))
    if held.approvers and action not in ("accept", "reject"):
        return Sentence("it waits for a yes or a no: answer yes, or /reject WHY")
    if action == "accept" and held.attach_only:
        return Sentence("it cannot be accepted, since its From names nobody, or more than one; attach it, or reject it")
    return ""


def decided(held: HeldMail, policy: Policy) -> str:
    """Who decided about a held mail, how, and what it became."""
    how, _, rest = held.decision.partition(" ")
    engineer = policy.engineers.get(held.decided_by)
    reference = policy.reference(int(rest)) if how == "attach" else ""
    name = engineer.name if engineer else held.decided_by
    did = DONE[how](name, reference=reference) if how in DONE else f"{name} {how}"
    if how == "accept" and held.became:
        return beside(did, Sentence("it is %(incident)s", incident=policy.reference(held.became)))
    return did


# --- a reply to the letter about a held mail


def decides(mail: Mail) -> bool:
    """Whether a reply to a letter about held mail is about that mail, and not lines with numbers or other commands."""
    script = commands.read(mail.new_text, STAFF, strict=True)
    verbs = {command.verb for command in script.commands}
    numbered = any(numbers_of(line.strip())[0] for line in mail.new_text.split("\n"))
    return not verbs.isdisjoint(ACTIONS) or not (verbs or numbered)


def decide_held(builder: DecisionBuilder, actor: Person, engineer: Engineer) -> Decision:
    """`/accept`, `/attach N`, `/reject WHY` or `/spam`: recorded, or refused with a sentence."""
    mail = builder.mail = own_words.remembered(builder.mail, builder.facts.said, staff=True)
    script = commands.read(mail.new_text, STAFF, strict=True)
    held = builder.facts.held
    if held is not None and held.approvers and is_yes_alone(mail.new_text, engineer.name):
        script = commands.Script((commands.Command("accept", "", mail.new_text.strip()),))
    verdicts = [Verdict(mistake.line, False, mistake.hint) for mistake in script.mistakes]
    if len(script.commands) != 1 or not _on_top(script.commands[0], mail):
        verdicts.append(Verdict("", False, Sentence("one decision is needed: %(how)s", how=HOW)))
        return conclude(builder, actor, [], verdicts, 0)
    [command] = script.commands
    try:
        decision = _decision(builder, engineer, command, script.words)
        sentence = refusal(held, command.verb, builder.policy)
    except ValueError as mistake:
        sentence = of(mistake)
    verdicts.append(Verdict(command.line, not sentence, sentence))
    if sentence or held is None or not all(verdict.good for verdict in verdicts):
        return conclude(builder, actor, [], verdicts, 0)
    missing = first_missing_power([_power(builder, decision)], builder.facts.staff_proof, builder.policy.trust)
    if missing is not None:
        return hold_for_proof(builder, actor, 0, [[command.line, True, ""]], missing)
    builder.do(Settle(held.id, decision, actor.key))
    return builder.decision(Rule.STAFF_DECIDED, Ending.APPLIED, f"{decision[:200]}: held mail {held.id}")


def _power(builder: DecisionBuilder, decision: str) -> Power:
    """What a decision needs.  An approver's yes is asked for by the letter itself, which only its own token answers."""
    if decision == f"accept {REMEMBER}" or (decision == APPROVE and builder.facts.token_kind != HELD):
        return Power.DIRECTORY
    return Power.NOTE


def _on_top(command: commands.Command, mail: Mail) -> bool:
    """Whether it is the first line: further down it may be a stranger's, whose mail the letter showed."""
    lines = commands.without_banner(mail.new_text.split("\n"))
    return next((line.strip() for line in lines if line.strip()), "") == command.line


def _decision(builder: DecisionBuilder, engineer: Engineer, command: commands.Command, words: str) -> str:
    """The decision as it is recorded.  Raises ValueError with a sentence."""
    asked = builder.facts.held.approvers if builder.facts.held is not None else ()
    if asked and engineer.role != "admin" and engineer.id not in asked:
        names = ", ".join(one.name for one in builder.policy.engineers.values() if one.id in asked)
        raise ValueError(Sentence("%(name)s is asked, and decides", name=names))
    if command.verb not in ACTIONS:
        raise ValueError(Sentence("here %(how)s", how=HOW))
    if command.verb == "reject":
        said = released("\n".join(filter(None, (command.argument, words))), builder.facts.said)
        if said.leaks:
            raise ValueError(said.leaks[0].says)
        if not said.leaves:
            raise ValueError(NO_REASON)
        return f"reject {said.leaves[:2000]}"
    if words:
        raise ValueError(Sentence("words beside it would reach nobody; only those of /reject are sent"))
    if asked and command.verb == "accept":
        return APPROVE
    if command.verb == "accept" and command.argument:
        if command.argument.lower().removeprefix("and ").strip() != REMEMBER:
            raise ValueError(Sentence("behind /accept stands nothing, or the word remember"))
        return f"accept {REMEMBER}"
    if command.verb != "attach":
        return command.verb
    found = ONE_INCIDENT.fullmatch(command.argument.strip())
    case = builder.facts.cases.get(int(found[1])) if found else None
    if case is None:
        raise ValueError(Sentence("to which incident? write its number, such as /attach 12"))
    if not acts_on(engineer, case.incident):
        raise ValueError(others_team(case.incident))
    return f"attach {case.incident.number}"


# --- the held mail again, with the decision


def not_taken_up(builder: DecisionBuilder) -> Decision | None:
    """The rule: a held mail that was rejected, or called spam, or a mail that was recalled, ends here.

    The writer of what was rejected is told why, where he may be.
    """
    release = builder.facts.release
    if release is None or release.how not in ("reject", "spam"):
        return recalled(builder)
    by, engineer = release.by, builder.facts.engineer
    denied = engineer is not None and engineer.key == by  # "did you write this?": no
    says: str = Sentence("it is called spam, and nobody is answered")
    if release.how == "reject":
        says = "" if denied else _answered(builder, release)
    decider = builder.facts.staff.get(by)
    line = f"{release.how} {release.why}".strip()
    if decider is not None and not denied:
        builder.tell(decider, NoticePurpose.VERDICT, None, verdicts=[["/" + line.partition("\n")[0], True, says]])
    rule = Rule.HELD_CALLED_SPAM if release.how == "spam" else Rule.HELD_REJECTED
    return builder.decision(rule, Ending.IGNORED, f"{line} (decided by {by})"[:500])


def _answered(builder: DecisionBuilder, release: Release) -> str:
    """Tells the writer of a rejected mail why; returns what is said of that to who rejected it."""
    facts, mail = builder.facts, builder.mail
    if not release.why:
        return Sentence("its writer is told nothing, as no reason stands behind it")
    writer = writer_to_tell(builder)
    if writer is None:
        return Sentence("its writer gets no automatic mail, and was not told")
    if facts.engineer is not None:
        said = Sentence("it was rejected: %(why)s", why=release.why)
        returned: dict[str, Any] = {"verdicts": [["", False, said]], "refused": True}
        returned["returned"] = mail.own_words or mail.text
        builder.tell(facts.engineer, NoticePurpose.VERDICT, None, **returned)
        return Sentence("%(name)s was told why", name=facts.engineer.name)
    # a letter to a stranger repeats nothing of his
    detail: dict[str, Any] = {"subject": mail.subject[:200] if writer.known else "", "greeted": writer.known}
    builder.tell(writer, NoticePurpose.HELD_REJECTED, None, why=release.why, **detail)
    return Sentence("%(name)s was told why", name=writer.address)


def writer_to_tell(builder: DecisionBuilder) -> Person | None:
    """The writer of a mail that is not taken up, if an automatic letter may go there: nobody else, and no machine.

    An engineer comes before the contact that he may be too.  Somebody new is met first.
    """
    mail, facts = builder.mail, builder.facts
    silent = builder.unanswerable or mail.machine or mail.in_our_name or not mail.identity
    if silent or marked(mail.headers, builder.policy.spam_header):
        return None
    if facts.engineer is not None or facts.contact is not None:
        return facts.engineer or facts.contact
    name = mail.sender.name if mail.sender else ""
    writer = Person(0, Kind.STRANGER, mail.identity, name, (mail.identity,), known=False)
    builder.do(Meet(writer.key, writer.name))
    return writer


def with_outcome(builder: DecisionBuilder, decision: Decision) -> Decision:
    """The decision about a mail that staff accepted or attached, told to the engineer who did."""
    release = builder.facts.release
    decider = builder.facts.staff.get(release.by) if release else None
    says = OUTCOMES.get((release.how, decision.ending), "") if release else ""
    if release is None or decider is None or not says:
        return decision
    line = f"/{release.how}{f' {release.number}' if release.number else ''}"
    number = None if decision.ending is Ending.REFUSED else decision.incident
    builder.tell(decider, NoticePurpose.VERDICT, number, verdicts=[[line, True, says]])
    return replace(decision, effects=(*builder.effects, *builder.tells.values()))


OUTCOMES: dict[tuple[str, Ending], str] = {
    ("accept", Ending.NEW): Sentence("it opened this incident"),
    ("accept", Ending.APPLIED): Sentence("it is part of this incident"),
    (APPROVE, Ending.REFUSED): Sentence("it cannot be done; who asked for it was told why"),
    ("attach", Ending.NEW): Sentence("that incident is closed for good, so that it opened this one"),
    ("attach", Ending.APPLIED): Sentence("it is part of this incident"),
}
