"""What customers ask to read: /list, /status, /thread, /entitlement and /help (S0-23 to S0-26, S3-08; behaviour 3).

`/level` says how much they want to read, and is answered like these.

Here the lines are read.  What their writer may see is decided when the letter is written (`domain/visibility`), so that
a number that is not his is answered like one that does not exist.  Nothing here moves an incident.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sitmail.domain import commands
from sitmail.domain.article import named as article_named
from sitmail.domain.authority import administers
from sitmail.domain.commands import Command
from sitmail.domain.customer.levels import level
from sitmail.domain.customer.notices import answer_writer
from sitmail.domain.customer_verbs import CUSTOMER, SITE_ADMIN
from sitmail.domain.decision_builder import DecisionBuilder
from sitmail.domain.effects import Decision
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineer.both_addresses import at_mailbox
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.nouns import ONE_INCIDENT
from sitmail.domain.numbered_commands import read_numbered
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.sentence import Sentence, of
from sitmail.domain.short_answers import is_thanks
from sitmail.domain.terms import MEANT, TERMS, for_customers, nearly, plain
from sitmail.domain.trust import Power, customer_may
from sitmail.domain.verb_names import verb_of

LEVEL = "level"
READS = frozenset({"list", "status", "thread", "entitlement", "kb", "faq", "help", LEVEL})
MBOX = "mbox"  # behind /thread: all of it as a file, too
SEARCHED = 200  # characters of a search
MOST = 5  # letters that one mail asks for
# Words behind /list, in the languages that the desk understands.
_CLOSED = frozenset({"closed", "geschlossen", "geschlossene", "fermés", "fermes", "fermé", "ferme"})
_SITE = frozenset({"site", "standort", "firma", "entreprise", "société", "societe"})
_OWN = frozenset({"own", "mine", "my", "open", "meine", "eigene", "offene", "mes", "ouverts"})
ELSEWHERE = Sentence("that is about one of your incidents; please write it in a reply to an email about it")


def reading_alone(builder: DecisionBuilder) -> Sequence[Command]:
    """The lines of a fresh mail to the desk that asks to read, and says no more; none of any other mail.

    Words and files are for somebody to read.
    """
    facts, person, mail = builder.facts, builder.facts.contact, builder.mail
    if person is None or not person.known or builder.unanswerable or mail.in_our_name or mail.form:
        return ()
    if facts.route.kind != "mailbox" or facts.case is not None or facts.engineer is not None:
        return ()
    if mail.doubtful_text.strip() or any(not file.inline for file in mail.attachments):
        return ()
    script = commands.read(mail.new_text, CUSTOMER, strict=False)
    alone = not script.words.strip() or is_thanks(script.words, person.name)
    return script.commands if alone and only_reads(script.commands) else ()


def only_reads(found: Sequence[Command]) -> bool:
    """Whether these are commands, all of which only ask to read."""
    return bool(found) and READS.issuperset(command.verb for command in found)


def may_ask(builder: DecisionBuilder) -> bool:
    """Whether the proof is enough to read; staff may have let the mail in."""
    return bool(builder.facts.release) or customer_may(Power.READ, builder.facts.proof, builder.policy.trust)


def at_command_address(builder: DecisionBuilder) -> Decision | None:
    """What a customer asks there; None where it goes on as mail to the desk, or has to be held.

    Words beside the lines are somebody's to read only where the mail went to the desk as well.
    """
    facts, mail, person = builder.facts, builder.mail, builder.facts.contact
    stranger = person is None or not person.known or bool(builder.unanswerable)
    script = commands.read(mail.new_text, CUSTOMER, strict=False)
    if facts.route.beside and (script.words or stranger):
        builder.facts = at_mailbox(facts)  # his words are more than a question to the desk
        if script.commands and facts.case is None and not stranger and may_ask(builder):
            builder.mail = replace(mail, text=script.words, new_text=script.words)
            answer(builder, person, script.commands)
        return None
    if stranger or person is None:
        return builder.decision(Rule.COMMAND_STRANGER, Ending.IGNORED)
    if not may_ask(builder):
        return None
    numbered = read_numbered(mail.new_text, mail.subject, CUSTOMER)
    unread = [(one.line, one.hint) for one in numbered.mistakes] + [(one.line, "") for one in numbered.said]
    unread = [one for one in unread if not is_thanks(one[0], person.name)]
    return answered(builder, person, numbered.commands, unread)


def answered(
    builder: DecisionBuilder, person: Person, found: Sequence[Command], unread: Sequence[tuple[str, str]] = ()
) -> Decision:
    """A mail that asks to read, and nothing else; bounded an hour (behaviour 7)."""
    if builder.facts.reads_last_hour >= builder.policy.limits.reads_per_sender_hour:
        return builder.decision(Rule.READS_LIMIT, Ending.IGNORED)
    answer(builder, person, found, unread=unread)
    return builder.decision(reading_rule(found), Ending.APPLIED)


def reading_rule(found: Sequence[Command]) -> Rule:
    if any(one.verb == LEVEL for one in found):
        return Rule.CUSTOMER_LEVEL
    asks = any(one.verb in READS and one.verb != "help" for one in found)
    return Rule.CUSTOMER_READS if asks else Rule.CUSTOMER_HELP


def answer(
    builder: DecisionBuilder,
    person: Person | None,
    found: Sequence[Command],
    number: int = 0,
    unread: Sequence[tuple[str, str]] = (),
) -> None:
    """A letter for each thing that is asked for, as many as the hour still allows; help where nothing else fits.

    `number`: the incident that the mail answers; `unread`: lines that are nothing the desk knows, with a hint where
    there is one.
    """
    if person is None:
        return
    left = min(MOST, builder.policy.limits.reads_per_sender_hour - builder.facts.reads_last_hour)
    details: list[dict[str, Any]] = []
    done: list[str] = []
    helping: dict[str, Any] = {}
    refused = [[line, hint] for line, hint in unread]
    for command in found:
        if command.verb not in READS:
            refused.append([command.line, ELSEWHERE])
            continue
        try:
            if command.verb == LEVEL:
                done.append(level(builder, person, command.argument))
            elif command.verb == "help":
                helping |= _helping(command.argument, person, builder.policy)
            else:
                details.append(_detail(command, number))
        except ValueError as why:
            refused.append([command.line, of(why)])
    for detail in [one for at, one in enumerate(details) if one not in details[:at]][: max(0, left)]:
        answer_writer(builder, person, NoticePurpose.CUSTOMER_SHOW, None, **detail)
    if done:
        answer_writer(builder, person, NoticePurpose.CUSTOMER_DONE, number or None, done=done, what="done")
    if left > 0 and (refused or not (details or done) or any(command.verb == "help" for command in found)):
        answer_writer(builder, person, NoticePurpose.CUSTOMER_HELP, number or None, refused=refused, **helping)


def _helping(argument: str, person: Person, policy: Policy) -> dict[str, Any]:
    """One verb, the words of this desk, or ("") every verb.  Raises ValueError with a sentence."""
    word = argument.strip().lstrip("/").lower()
    if word in TERMS:
        return {"terms": plain(for_customers(policy))}
    verb = verb_of(word)
    if not verb or verb in CUSTOMER or (verb in SITE_ADMIN and administers(person)):
        return {"verb": verb} if verb else {}
    raise ValueError(MEANT if nearly(word[:40]) else commands.unknown(word[:40], CUSTOMER))


def _detail(command: Command, number: int) -> dict[str, Any]:
    """What is to be shown.  Raises ValueError with a sentence."""
    if command.verb == "list":
        return {"what": "list", "query": _scope(command.argument)}
    if command.verb == "entitlement":
        return {"what": "entitlement"}
    named = " ".join(command.argument.split())
    if command.verb == "faq":
        return {"what": "faq"}
    if command.verb == "kb":
        article = article_named(named)
        return {"what": "article", "number": article[0]} if article else {"what": "kb", "query": named[:SEARCHED]}
    words = named.split()
    mbox = command.verb == "thread" and MBOX in map(str.lower, words)
    named = " ".join(word for word in words if not mbox or word.lower() != MBOX)
    if not named and not command.numbers and not number:
        raise ValueError(
            Sentence("which one? write its number, such as /%(verb)s 12; /list sends them all", verb=command.verb)
        )
    asked = {"what": command.verb, "number": _number(named, command.numbers, number)}
    return {**asked, "mbox": True} if mbox else asked


def _number(named: str, numbers: Sequence[int], answered_one: int) -> int:
    if not named:
        return numbers[0] if numbers else answered_one
    found = ONE_INCIDENT.fullmatch(named)
    if found is None:
        raise ValueError(
            Sentence("'%(word)s' is no number of an incident; write for example /status 12", word=named[:40])
        )
    return int(found[1])


def _scope(argument: str) -> str:
    """ "", "closed", "site" or "site closed".  Raises ValueError with a sentence."""
    words = argument.lower().replace(",", " ").split()
    for word in words:
        if word not in _CLOSED | _SITE | _OWN:
            raise ValueError(
                Sentence(
                    "'%(word)s' is no list; there are /list, /list closed, /list site and /list site closed",
                    word=word[:40],
                )
            )
    kinds = ("site" if _SITE.intersection(words) else "", "closed" if _CLOSED.intersection(words) else "")
    return " ".join(filter(None, kinds))
