"""What happens to an inbound mail: it is kept, parsed, decided and applied.  `process` is the transaction that decides.

A batch shares a transaction; if one mail fails, the writer rolls back and gives each its own (`store.writer`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from sitmail.domain import rules
from sitmail.domain.decision_builder import admins
from sitmail.domain.effects import Decision, Depart, Open, Resend, Settle, Tell
from sitmail.domain.facts import Facts, Release
from sitmail.domain.held_decisions import ACTIONS, APPROVE, REMEMBER
from sitmail.domain.mail import INLINE, Envelope, Mail
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outgoing import Outgoing
from sitmail.domain.policy import Policy
from sitmail.domain.recall_values import DELAYED, RECALLED, Recall
from sitmail.domain.record import record
from sitmail.domain.trust import is_ours_by_form
from sitmail.reading.parse import Asked, Reading, parse
from sitmail.receiving.spool import Spooled
from sitmail.services import alerts, noted_feedback, prepaid, routing, storms
from sitmail.services.apply import write
from sitmail.services.believed_forms import understood
from sitmail.services.calendar_invites import untold_events
from sitmail.services.desk import Desk, staff
from sitmail.services.drawn_pools import DrawnPools
from sitmail.services.gather import facts_for
from sitmail.services.hints import Arrival, answered_paper, conversation_keys
from sitmail.services.mornings import with_lines
from sitmail.services.notifications import tell
from sitmail.services.sla_clocks import refresh
from sitmail.services.transaction_cache import cache_of
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.services.waiting_answers import DECISION
from sitmail.store import ids, inbox, incidents
from sitmail.store.blobs import BlobRow
from sitmail.store.inbox import Kept, Waiting

NO_SUCH_ADDRESS = "550 5.1.1 there is no such address here"


@record
class Task:
    """One mail for `process`, the desk under which it is decided, and the moment."""

    desk: Desk
    arrival: Arrival
    now: datetime


@record
class Done:
    """What became of a mail: its decision, the incident, and the letters that may leave."""

    decision: Decision
    incident: int
    letters: tuple[Outgoing, ...]
    again: bool = False  # a held mail was released, and waits to be processed again


# --- keeping


def accepts(policy: Policy, recipient: str) -> str:
    """ "" for an address of ours, else the refusal (RFC 5321 section 3.6: we relay for nobody).

    Every address of the right form is ours: a client must not learn which tokens are genuine.
    """
    return "" if routing.find(policy, recipient) else NO_SUCH_ADDRESS


def to_keep(desk: Desk, spooled: Spooled, envelope: Envelope) -> Kept:
    """What `store.inbox.keep` takes; a big mail is safe in its file when this returns (call it in a thread)."""
    assert desk.blobs is not None
    found = routing.deciding(desk.policy, envelope.recipients)
    source = spooled.path if spooled.content is None else spooled.content
    assert source is not None
    return Kept(
        sender=envelope.sender,
        recipients=envelope.recipients,
        recipient=found[0] if found else desk.policy.desk.address,
        content=spooled.fingerprint,
        raw=desk.blobs.prepare(source, spooled.sha256, spooled.size),
        received=envelope.received,
        door=envelope.door,
        client=envelope.client,
        login=envelope.login,
    )


# --- reading


def reading(policy: Policy) -> Reading:
    """What the parser must know of the desk: which addresses are its own."""
    return Reading(is_own=lambda address: routing.is_ours(policy, address))


Reader = Callable[[Sequence[Asked], Reading], list[Mail | OSError]]  # `here`, or the parser process


@record
class Unread:
    """A kept mail that is to be parsed: its bytes or its file, its row, and the decision about it if it was held."""

    raw: bytes | Path
    waiting: Waiting
    release: Release | None = None


def here(mails: Sequence[Asked], reading: Reading) -> list[Mail | OSError]:
    """Parses mails in this process; OSError stands for one whose file cannot be read."""
    return [_parsed(raw, envelope, reading) for raw, envelope in mails]


def _parsed(raw: bytes | Path, envelope: Envelope | None, reading: Reading) -> Mail | OSError:
    try:
        return parse(raw if isinstance(raw, bytes) else raw.read_bytes(), envelope, reading)
    except OSError as error:
        return error


def read(desk: Desk, mails: Sequence[Unread], reader: Reader = here) -> list[Arrival | OSError]:
    """Parses kept mails; big attachments are put on disk here, outside any transaction.

    OSError for one that could not be read, or an attachment of which could not be written.
    """
    desk.memory.reading = known = desk.memory.reading or reading(desk.policy)
    envelopes = [_envelope(one.waiting) for one in mails]
    read = reader([(one.raw, envelope) for one, envelope in zip(mails, envelopes, strict=True)], known)
    return [_arrival(desk, *triple) for triple in zip(mails, envelopes, read, strict=True)]


def _envelope(kept: Waiting) -> Envelope:
    return Envelope(kept.sender, kept.recipients, kept.received, kept.door, kept.client, kept.login)


def _arrival(desk: Desk, unread: Unread, envelope: Envelope, mail: Mail | OSError) -> Arrival | OSError:
    if isinstance(mail, OSError):
        return mail
    kept = unread.waiting
    try:
        files, meant = _large(desk, mail), understood(desk.policy, mail, envelope)
        return Arrival(kept.id, meant, envelope, kept.content, unread.release, files, foreign_ids(meant))
    except OSError as error:
        return error


def _large(desk: Desk, mail: Mail) -> dict[str, BlobRow]:
    """Stores its big attachments durably, and removes the files in which the parser left them."""
    files = {}
    try:
        for file in mail.attachments:
            if file.size > INLINE and desk.blobs is not None:
                source = Path(file.path) if file.path else file.content
                files[file.sha256] = desk.blobs.prepare(source, file.sha256, file.size)
    finally:
        for file in mail.attachments:
            if file.path:
                Path(file.path).unlink(missing_ok=True)
    return files


def foreign_ids(mail: Mail) -> tuple[str, ...]:
    """The Message-IDs that a mail answers and that are not ours."""
    return tuple(one for one in mail.ids() if not is_ours_by_form(one))


def releases(connection: Connection, mails: Collection[int]) -> dict[int, Release]:
    """The decisions by which these mails, once held, are processed again."""
    found: dict[int, Release] = {}
    for mail, key, decision, by in incidents.releases(connection, mails):
        how, _, rest = decision.partition(" ")
        if how in ("confirmed", "send", DELAYED, RECALLED, DECISION, APPROVE, *ACTIONS):
            before = found.get(mail)
            found[mail] = Release(
                how,
                by,
                number=int(rest) if how == "attach" else 0,
                held=key,
                proved=how == "confirmed" or (before is not None and before.proved),
                remember=how == "accept" and rest == REMEMBER,
                accepted=how == "accept" or (before is not None and before.accepted),
                approved=how == APPROVE,
                why=rest if how == "reject" else "",
                numbers=tuple(map(int, rest.split())) if how == RECALLED else (),
                waited=int(rest) if how == DECISION else before.waited if before is not None else 0,
            )
    return found


def independent_batch(desk: Desk, arrivals: Iterable[Arrival]) -> list[Arrival]:
    """The oldest mails of which no two concern one incident or person; the others wait for the next batch."""
    seen: set[str] = set()
    batch: list[Arrival] = []
    for arrival in arrivals:
        # which incidents it touches is known once its letter, or its searches, were looked up
        if arrival.named.searches or answered_paper(desk, arrival):
            return batch or [arrival]
        keys = conversation_keys(desk, arrival)
        if not keys & seen:
            batch.append(arrival)
        seen |= keys
    return batch


# --- deciding and applying: the transaction


def process(connection: Connection, tasks: list[Task]) -> list[Done]:
    """A job of the writer: decides a batch of mails and applies all of it, or nothing."""
    desk, now = tasks[0].desk, max(task.now for task in tasks)
    desk.memory.trust_until_rollback(ids.of(connection).rollbacks)
    arrivals = with_lines(connection, desk, [task.arrival for task in tasks])
    facts = facts_for(connection, desk, arrivals, now)
    pools, decided = DrawnPools(), []
    for arrival, before in zip(arrivals, facts, strict=True):
        about = pools.seen_by(before)
        decided.append((_decide(desk, arrival, about, now), about))
        pools.note(decided[-1][0])
    unit = UnitOfWork(connection, desk, now)
    entries = _entries(unit, arrivals, decided)
    for entry in entries:
        write(unit, entry)
    prepaid.settle(unit)
    noted_feedback.wait_for(unit)
    unit.flush()
    cache = cache_of(unit, entries)
    refresh(connection, desk.policy, unit.logged, now, cache)
    unit.tells += alerts.about_mails(
        connection, desk, [(arrival, decision) for arrival, (decision, _) in zip(arrivals, decided, strict=True)], now
    )
    unit.tells += storms.watch(connection, desk, unit.opened, now)
    letters = tell(connection, desk, unit.tells, now, cache)
    letters += tell(connection, desk, untold_events(connection, desk, unit.logged, now, cache), now, cache)
    inbox.finish(connection, unit.ended)
    return _done(entries, letters)


def _decide(desk: Desk, arrival: Arrival, facts: Facts, now: datetime) -> Decision:
    decision = rules.decide(arrival.mail, facts, desk.policy, now)
    load = desk.memory.load
    for effect in decision.effects:
        if type(effect) is Open and effect.incident.owner and load is not None:
            load[effect.incident.owner] = load.get(effect.incident.owner, 0) + 1  # for the next mail of the batch
    return decision


def _entries(
    unit: UnitOfWork, arrivals: Sequence[Arrival], decided: Sequence[tuple[Decision, Facts]]
) -> list[PendingDecision]:
    opening = [Open in map(type, decision.effects) for decision, _ in decided]
    numbers = iter(unit.ids.take(unit.connection, "incident", sum(opening)) if any(opening) else ())
    return [
        PendingDecision(decision, facts, _cause(arrival), arrival, opened=next(numbers) if opens else 0)
        for arrival, (decision, facts), opens in zip(arrivals, decided, opening, strict=True)
    ]


def _cause(arrival: Arrival) -> str:
    """The part of a notice's unique key that names the mail; a mail that was released may send its notices again."""
    return f"mail:{arrival.id}:{arrival.release.held if arrival.release else 0}"


RELEASING = frozenset({Settle, Resend, Depart, Recall})


def _done(entries: Sequence[PendingDecision], letters: Sequence[Outgoing]) -> list[Done]:
    """The letters of the whole batch are returned with its first mail; the caller puts all of them together."""
    done = []
    for at, entry in enumerate(entries):
        again = not RELEASING.isdisjoint(map(type, entry.decision.effects))
        number = entry.decision.incident or entry.opened
        done.append(Done(entry.decision, number, tuple(letters) if at == 0 else (), again))
    return done


TRIES = 3  # failures after which a mail is quarantined
INTERRUPTED = "the daemon ended without a word while this mail was in hand"


def interrupted(connection: Connection, items: list[tuple[Desk, Sequence[int], datetime]]) -> list[list[int]]:
    """A job of the writer: of the mails at which the daemon ended, those that wait and are to be tried alone.

    If there was only one it is the cause, and this counts as a failure of it; else nobody knows which.
    """
    found = []
    for desk, mails, now in items:
        waiting = inbox.still_waiting(connection, mails)
        if len(mails) == 1 and waiting:
            _failed(connection, desk, waiting[0], now, INTERRUPTED)
        found.append(waiting)
    return found


def failed(connection: Connection, items: list[tuple[Desk, int, datetime, str]]) -> list[int]:
    """A job of the writer: counts failures of mails; at the third a mail is quarantined and the admins are told."""
    return [_failed(connection, *item) for item in items]


def _failed(connection: Connection, desk: Desk, mail: int, now: datetime, error: str) -> int:
    attempts = inbox.failed(connection, mail, now, error)
    if attempts >= TRIES:
        people = staff(connection, desk)
        detail = {"id": mail, "writer": "", "error": error[:500]}
        wanted = [
            Tell(person, NoticePurpose.QUARANTINED, detail=detail, cause=f"quarantined:{mail}:{now}")
            for person in admins(people, desk.policy) or people.values()
        ]
        tell(connection, desk, wanted, now)
    return attempts
