"""Delivery reports as RFC 3464 wants them: the recipients' fields of a `message/delivery-status` part."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from sitmail.domain.mail import FailedRecipient
from sitmail.domain.record import record
from sitmail.reading import header_fields
from sitmail.reading.bounces import reasons, retries
from sitmail.reading.bounces.plain import beside, mailbox

GROUPS = 200  # recipients of one report
_ACTIONS = frozenset(("failed", "delayed", "delivered", "relayed", "expanded"))
_GROUP = re.compile(rb"\r?\n[ \t]*\r?\n")
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")


@record
class Fields:
    """Everybody a report names, the worst reason, and until when a delayed letter is tried, as far as it is told."""

    recipients: tuple[FailedRecipient, ...]
    reason: str
    until: datetime | None = None


def fields(data: bytes, told: str, own: frozenset[str], written: str) -> Fields | None:
    """What the fields of a report say; None where no recipient's fields are.

    `told` is the report in plain words: it helps where the fields say little.  `own` are the addresses of the
    letter's sender; `written` is the date of the report.
    """
    found: dict[str, FailedRecipient] = {}
    reason, seen, by_mta, arrived, retried = "", False, False, "", ""
    for group in _GROUP.split(data.strip(), GROUPS)[:GROUPS]:
        block = header_fields.split(group.lstrip(b"\r\n") + b"\n\n")
        by_mta = by_mta or bool(block.get("reporting-mta"))
        arrived = arrived or block.get("arrival-date")
        retried = retried or block.get("will-retry-until")
        if not any(block.get(name) for name in ("final-recipient", "original-recipient", "action")):
            continue
        seen = True
        address = _address(block)
        if address.lower() in found:
            continue
        around = reasons.Report(beside(told, address) if address else told, own, by_mta)
        verdict = _verdict(block, around, address)
        if address:
            found[address.lower()] = FailedRecipient(address, verdict.action, verdict.status, verdict.hard)
        if verdict.action in ("failed", "delayed"):
            reason = verdict.reason if verdict.hard or not reason else reason
    if not seen:
        return None
    late = any(one.action == "delayed" for one in found.values())
    return Fields(tuple(found.values()), reason, retries.until(retried, told, arrived, written) if late else None)


def _address(block: header_fields.Block) -> str:
    """The address we wrote to, if it is told, else where the letter went from there (RFC 3464 section 2.3.1)."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        kind, semicolon, value = block.get(name).partition(";")
        written = value if semicolon else kind
        if address := mailbox(header_fields.words(written).strip().strip("<> ").removeprefix("SMTP:")):
            return address
    return ""


def _verdict(block: header_fields.Block, around: reasons.Report, address: str) -> reasons.Verdict:
    declared = _STATUS.search(block.get("status"))
    about = block.get("status")[declared.end() :] if declared else ""
    action = block.get("action").partition(" ")[0].partition(";")[0].strip().lower()
    kind, semicolon, words = block.get("diagnostic-code").partition(";")
    said = f"{words if semicolon else kind} {block.get('x400-supplementary-info')} {block.get('x-supplementary-info')}"
    if kind.strip().lower() in ("x-unix", "unix"):
        around = replace(around, local=True)
    return reasons.judge(
        said if said.strip() else about,
        declared[0] if declared else "",
        action if action in _ACTIONS else "",
        around,
        address,
    )
