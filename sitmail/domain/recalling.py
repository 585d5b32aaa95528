"""`send_delay` and `/recall`: an engineer's words to people outside wait, and are taken back meanwhile (behaviour 3.5).

Such a mail is decided about twice.  First it is looked at, and nothing of it is done but that its author hears when it
leaves.  At that time it is processed again, as if it came then; or it was recalled, and its words stay in the log.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision, Log, Tell
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose
from sitmail.domain.recall_values import RECALLED, Delay, Recall
from sitmail.domain.sentence import Moment, Sentence
from sitmail.domain.update import Direction, Event, LegKind

# Decisions of engineers by which somebody outside is told something, and automatic letters by which they speak.
SPEAKING = frozenset({Rule.STAFF_UPDATE, Rule.ENGINEER_BEGINS})
CLOSING = frozenset({NoticePurpose.RESOLVED, NoticePurpose.CUSTOMER_CLOSED})
THEN = Sentence("is done then")


def speaks(tell: Tell) -> bool:
    """Whether a notice brings somebody outside what a person of ours said."""
    traits = PURPOSES[tell.purpose]
    return traits.outside and (not traits.automatic or tell.purpose in CLOSING)


def delayed(builder: DecisionBuilder, decision: Decision) -> Decision:
    """The decision, or that it is put off; what comes again, for whatever reason, is put off no more."""
    seconds, actor = builder.policy.send_delay, builder.facts.engineer
    if not seconds or builder.facts.release is not None or actor is None or decision.rule not in SPEAKING:
        return decision
    outside = [one for one in decision.effects if isinstance(one, Tell) and speaks(one)]
    if not outside:
        return decision
    leaves = builder.now + timedelta(seconds=seconds)
    numbers = tuple(dict.fromkeys(one.incident for one in outside if one.incident))
    recalls = tuple(one for one in decision.effects if isinstance(one, Recall))  # these would come too late then
    put_off = Delay(actor, leaves, numbers, builder.mail.own_words or builder.mail.text)
    tells: tuple[Tell, ...] = ()
    if not builder.unanswerable:
        tells = (_told(builder, decision, leaves, numbers, outside[0]),)
    reason = f"leaves at {leaves.isoformat()} (send_delay)"
    return Decision(Rule.STAFF_DELAYED, Ending.WAITING, reason, (*recalls, put_off, *tells), decision.incident)


def _told(
    builder: DecisionBuilder, decision: Decision, leaves: datetime, numbers: tuple[int, ...], first: Tell
) -> Tell:
    """Its author hears when it leaves; a plain reply goes where his words go."""
    facts, policy = builder.facts, builder.policy
    assert facts.engineer is not None
    engineer = policy.engineers.get(facts.engineer.key)
    moment = Moment(leaves, (engineer.timezone if engineer else "") or policy.timezone)
    says = Sentence("your email leaves on %(moment)s; until then /recall takes it back", moment=moment)
    rows: list[list[Any]] = [["", True, says]]
    if decision.reason and decision.rule is Rule.STAFF_UPDATE:
        rows.append([decision.reason, True, THEN])
    leg = str(LegKind.PUBLIC) if PURPOSES[first.purpose].leg is LegKind.PUBLIC else ""
    about = numbers[0] if len(numbers) == 1 else None
    return Tell(facts.engineer, NoticePurpose.VERDICT, about, detail={"verdicts": rows, "waits": True, "leg": leg})


def recalled(builder: DecisionBuilder) -> Decision | None:
    """The rule: a mail that was recalled ends here; its words stay in the log, for staff to read."""
    release, author = builder.facts.release, builder.facts.engineer
    if release is None or release.how != RECALLED or author is None:
        return None
    mail, logs = builder.mail, []
    for number in release.numbers:
        entry = Log(number, LegKind.INTERNAL, Event.RECALLED, Direction.IN, author, text=mail.own_words)
        entry = replace(entry, quoted=mail.quoted_text, signature=mail.signature, doubtful=mail.doubtful_text)
        logs.append(builder.log(replace(entry, attachments=mail.attachments, proof=builder.facts.proof.label)))
    by = builder.facts.staff.get(release.by)
    if by is not None and by.id != author.id:
        says = Sentence("%(name)s recalled your email; nothing of it was done", name=by.name)
        detail: dict[str, Any] = {"verdicts": [["", True, says]], "recalled": mail.own_words}
        builder.tell(author, NoticePurpose.VERDICT, next(iter(release.numbers), None), *logs[:1], **detail)
    number = next(iter(release.numbers), 0)
    return builder.decision(Rule.STAFF_RECALLED, Ending.REFUSED, f"recalled by {release.by}", number)
