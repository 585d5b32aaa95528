"""Letters to the admins about the desk itself, not about any one incident.

A job that fails is told once, however long that lasts, and `sitmail status` shows it as well.  A mail loop, and mails
that only pretend to come from our own domains, are told at most once a day each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from sitmail.domain.authentication import disowned_by_domain
from sitmail.domain.decision_builder import admins
from sitmail.domain.effects import Decision, Tell
from sitmail.domain.endings import Rule
from sitmail.domain.outgoing import Outgoing
from sitmail.domain.record import record
from sitmail.domain.staff_readers import told_as
from sitmail.domain.trust import without_tokens
from sitmail.domain.who_is_told import Happening, Role
from sitmail.services.desk import Desk, staff
from sitmail.services.hints import Arrival
from sitmail.services.notifications import notice_key, tell
from sitmail.store.schema import notice

MOST_HOPS = 50  # Received fields; what has more goes in a circle (RFC 5321 section 6.3; Postfix refuses it, too)
MANY_DISOWNED = 10  # mails within an hour that say they are from our own domains, while DMARC says that they are not
LOOP, DISOWNED = "mail loop", "forged mail"  # also tested by the template


@record
class Alert:
    """`what` fails ("watch loop") since a moment, and why; what and since together tell one trouble from another."""

    desk: Desk
    what: str
    words: str
    since: datetime
    now: datetime


def alert(connection: Connection, alerts: list[Alert]) -> list[Sequence[Outgoing]]:
    """A job of the writer: writes to each admin, or to all engineers where there is no admin."""
    return [_alert(connection, one) for one in alerts]


def _alert(connection: Connection, one: Alert) -> list[Outgoing]:
    unsaid = _unsaid(connection, one.desk, one.what, one.words, one.since, one.since.isoformat())
    return tell(connection, one.desk, unsaid, one.now)


def about_mails(
    connection: Connection, desk: Desk, decided: Sequence[tuple[Arrival, Decision]], now: datetime
) -> list[Tell]:
    """What the admins are to be told because of mails that were decided; the mails themselves end as they do."""
    told: list[Tell] = []
    day = now.date().isoformat()
    if (looping := next((one for one, decision in decided if _loops(one, decision)), None)) is not None:
        told += _unsaid(connection, desk, LOOP, _named(desk, looping), now, day)
    disowned = desk.memory.disowned
    for one, _ in decided:
        if _disowned(desk, one):
            disowned[one.id] = now
            for mail in [mail for mail, at in disowned.items() if now - at > timedelta(hours=1)]:
                del disowned[mail]
            if len(disowned) > MANY_DISOWNED:
                told += _unsaid(connection, desk, DISOWNED, _named(desk, one), now, day)
                disowned.clear()
    return told


def _loops(one: Arrival, decision: Decision) -> bool:
    return decision.rule is Rule.OWN_MAIL or one.mail.hops > MOST_HOPS


def _disowned(desk: Desk, one: Arrival) -> bool:
    domain = one.mail.identity.rpartition("@")[2]
    ours = {box.address.rpartition("@")[2] for box in desk.policy.mailboxes}
    return domain in ours and disowned_by_domain(one.mail.header_order, one.mail.identity, desk.policy.trust)


def _named(desk: Desk, one: Arrival) -> str:
    words = f"Mail {one.id} from {one.mail.identity or 'nobody'}: {one.mail.subject}"
    return without_tokens(desk.keys, words, ())


def _unsaid(connection: Connection, desk: Desk, what: str, words: str, since: datetime, occasion: str) -> list[Tell]:
    """Notices to each admin, or to all engineers where there is no admin, less those that were given before."""
    people = staff(connection, desk)
    detail = {"what": what, "words": words[:500], "due": since.isoformat()}
    readers = [(Role.ADMIN, one) for one in admins(people, desk.policy) or people.values()]
    wanted = {
        notice_key(told): told
        for person, purpose in told_as(Happening.TROUBLE, readers, desk.policy)
        for told in [Tell(person, purpose, detail=detail, cause=f"trouble:{what}:{occasion}")]
    }
    known = set(connection.execute(select(notice.c.key).where(notice.c.key.in_(list(wanted)))).scalars())
    return [told for key, told in wanted.items() if key not in known]
