"""What is understood from a mail, and what would be done with it, by the daemon's own functions; nothing is written.

Without a store the facts are those of an empty desk; with one they are read from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from sitmail.domain import commands, rules
from sitmail.domain.customer_verbs import CUSTOMER
from sitmail.domain.effects import Decision
from sitmail.domain.facts import Facts
from sitmail.domain.incident import Incident
from sitmail.domain.mail import Address, Bounce, Envelope, Forwarded, Mail
from sitmail.domain.policy import Policy
from sitmail.domain.verbs import STAFF
from sitmail.services import process_mail, routing
from sitmail.services.believed_forms import understood
from sitmail.services.desk import Desk
from sitmail.services.gather import facts_for
from sitmail.services.hints import Arrival
from sitmail.services.mornings import with_lines

SCANNED = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")  # where our address may stand in a file


def explain(
    raw: bytes,
    desk: Desk,
    read: AbstractContextManager[Connection] | None,
    now: datetime,
    file: str = "",
    reader: process_mail.Reader = process_mail.here,
) -> dict[str, Any]:
    """The JSON object of behaviour 6 for one mail.  `read` gives a connection to the store, if there is one.

    Raises OSError if the reader needs a process of its own and none can be started.
    """
    [mail] = reader([(raw, None)], process_mail.reading(desk.policy))
    if isinstance(mail, OSError):
        raise mail
    envelope = Envelope(mail.identity, _recipients(desk.policy, mail), now, "file")
    meant = understood(desk.policy, mail, envelope)
    arrival = Arrival(0, meant, envelope, foreign=process_mail.foreign_ids(meant))
    if read is None:
        facts = _alone(desk, arrival)
    else:
        with read as connection:
            facts = facts_for(connection, desk, with_lines(connection, desk, [arrival]), now)[0]
    return described(mail, rules.decide(meant, facts, desk.policy, now), facts, file)


def _recipients(policy: Policy, mail: Mail) -> tuple[str, ...]:
    """Our addresses in the header, since there is no envelope; else the desk's own."""
    named = [a.address for a in (*mail.to, *mail.cc)]
    named += [value.strip(" <>") for name in SCANNED[:3] for value in mail.headers.get(name, ())]
    return tuple(address for address in named if routing.is_ours(policy, address)) or (policy.desk.address,)


def _alone(desk: Desk, arrival: Arrival) -> Facts:
    """The facts of an empty desk."""
    found = routing.deciding(desk.policy, arrival.envelope.recipients)
    assert found is not None
    return Facts(found[1], copied=tuple(a for a in (*arrival.mail.to, *arrival.mail.cc) if not _ours(desk, a)))


def _ours(desk: Desk, address: Address) -> bool:
    return routing.is_ours(desk.policy, address.address)


def described(mail: Mail, decision: Decision, facts: Facts, file: str) -> dict[str, Any]:
    return {
        "file": file,
        "message_id": mail.message_id,
        "subject": mail.subject,
        "from": _address(mail.sender),
        "to": [_address(a) for a in mail.to],
        "cc": [_address(a) for a in mail.cc],
        "date": _rfc_3339(mail.date),
        "kind": "own" if facts.own else mail.kind,
        "charset": mail.charset,
        "text": mail.text,
        "new_text": mail.own_words,
        "quoted_text": mail.quoted_text,
        "signature": mail.signature,
        "html": mail.html,
        "attachments": [{"name": a.name, "type": a.type, "size": a.size, "sha256": a.sha256} for a in mail.attachments],
        "forwarded": _forwarded(mail.forwarded),
        "bounce": _bounce(mail.bounce),
        "incident": facts.number or None,
        "commands": _commands(mail, facts),
        "defects": list(mail.defects),
        "rule": decision.rule,
        "effects": _effects(decision.effects),
    }


def _address(address: Address | None) -> dict[str, str] | None:
    return {"name": address.name, "address": address.address} if address else None


def _addresses(addresses: Iterable[Address]) -> list[dict[str, str] | None]:
    return [_address(a) for a in addresses]


def _forwarded(forwarded: Forwarded | None) -> dict[str, Any] | None:
    if forwarded is None:
        return None
    return {
        "from": _address(forwarded.sender),
        "to": _addresses(forwarded.to),
        "cc": _addresses(forwarded.cc),
        "subject": forwarded.subject,
        "date": forwarded.date,
        "text": forwarded.text,
    }


def _rfc_3339(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _bounce(bounce: Bounce | None) -> dict[str, Any] | None:
    if bounce is None:
        return None
    shown = asdict(bounce)
    shown["recipients"] = [asdict(recipient) for recipient in bounce.recipients]
    shown["until"] = _rfc_3339(bounce.until)
    return shown


def _commands(mail: Mail, facts: Facts) -> list[str]:
    """The lines that are commands of their writer; automatic mail has none."""
    if mail.machine:
        return []
    verbs, strict = (STAFF, True) if facts.engineer is not None else (CUSTOMER, False)
    return [command.line for command in commands.read(mail.new_text, verbs, strict=strict).commands]


# What would be too long, or means nothing to a reader; and of a new incident what depends on the moment of asking
UNSHOWN = frozenset({"attachments", "updates", "quoted", "detail", "started"})
MOMENTARY = frozenset({"opened", "updated", "cycle", "cycle_opened"})


def _effects(effects: Iterable[Any]) -> list[dict[str, Any]]:
    """Effects for people and programs to read."""
    return [{"effect": type(effect).__name__.lower(), **_shown(effect)} for effect in effects]


def _shown(effect: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name in effect.__dataclass_fields__:
        value = getattr(effect, name)
        if name in UNSHOWN or value in ("", None, 0, (), False):
            continue
        if isinstance(value, Incident):
            shown |= {field: told for field, told in _shown(value).items() if field not in MOMENTARY}
            continue
        if isinstance(value, Mapping):
            value = {key: list(pair) if isinstance(pair, tuple) else pair for key, pair in value.items()}
        elif hasattr(value, "addresses"):
            value = value.address or value.key
        elif isinstance(value, tuple):
            value = list(value)
        shown[name] = value if isinstance(value, (bool, int, float, list, dict)) else str(value)
    return shown
