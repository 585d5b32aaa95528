"""Delivery reports: which recipients failed, how, and of which letter of ours.

RFC 3464 is read field by field.  Older programs report in plain words: from a mail system's own address those are
read as far as they are plain (`bounces`).  What a bounce does to an incident is decided elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sitmail.domain.mail import Address, Bounce, FailedRecipient
from sitmail.domain.record import record
from sitmail.reading import header_fields, mime
from sitmail.reading.bounces import delivery, plain, reasons, retries, signs
from sitmail.reading.bounces.signs import RETURNED
from sitmail.reading.formats import charset
from sitmail.reading.mime import Part, beginning, content

_STATUS_PARTS = frozenset(("message/delivery-status", "message/global-delivery-status"))
_RETURNED_ID = re.compile(r"^[>| \t]{0,8}message-id:\s{0,4}(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_RETURNED_TO = re.compile(r"^[>| \t]{0,8}to:[ \t]{0,8}([^\n]{3,400})", re.IGNORECASE | re.MULTILINE)
_DISCARDED = re.compile(r"automatically rejected|was (?:refused|rejected) by", re.IGNORECASE)
_HEAD = 65_536  # bytes of a returned letter


@record
class Report:
    """What the shape of a mail says.

    `rule` is bounce, delivery-report, disposition-notification, feedback-report or ''.
    """

    rule: str = ""
    bounce: Bounce | None = None


@dataclass(slots=True)
class _Seen:
    """The mail that may be a report."""

    root: Part
    leaves: list[Part]
    headers: dict[str, tuple[str, ...]]
    title: str
    text: str
    sender: Address
    head: str  # the report's own words, without the letter it returns

    @property
    def written(self) -> str:
        """The date of the report, as it is written."""
        return self.headers.get("date", ("",))[0]

    def own(self) -> set[str]:
        """Addresses of the report's From and To: no recipients of ours."""
        return {*self.addressed(), *self._named("from")}

    def addressed(self) -> frozenset[str]:
        """To whom the report came: the letter's sender."""
        return self._named("to")

    def _named(self, name: str) -> frozenset[str]:
        return frozenset(a.lower() for v in self.headers.get(name, ()) for a in plain.ADDRESS.findall(v[:2000]))


def find(
    root: Part, headers: dict[str, tuple[str, ...]], title: str, text: str, sender: Address | None, null: bool
) -> Report:
    """Is this mail a delivery report?  `null`: it came with the null sender."""
    leaves = [part for part in root.walk() if not part.children] if root.children else [root]
    kinds = {part.type for part in leaves}
    if not kinds.isdisjoint(_STATUS_PARTS):
        head = plain.told(text)
        words = plain.said(head)
        seen = _Seen(root, leaves, headers, title, text, sender or Address("", ""), head)
        for part in leaves:
            if part.type in _STATUS_PARTS and (found := _fields(seen, part, words)):
                return _report(seen, found)
    if "message/feedback-report" in kinds:
        return Report("feedback-report")  # RFC 5965
    who = sender or Address("", "")
    robot = null or signs.robot(who.address, who.name)
    robot = robot or ("return-path" in headers and signs.robot(_return_path(headers)))
    if any(kind.endswith("disposition-notification") for kind in kinds):
        if not (robot and _DISCARDED.search(text[:2000])):
            return Report("disposition-notification")
    elif not ("x-failed-recipients" in headers or robot or signs.program(who)):
        return Report()
    return _spoken(_Seen(root, leaves, headers, title, text, who, plain.told(text)), robot)


def _return_path(headers: dict[str, tuple[str, ...]]) -> str:
    return headers.get("return-path", ("",))[0].strip("<> ")


def _spoken(seen: _Seen, robot: bool) -> Report:
    """A report in plain words, if the signs suffice."""
    if named := seen.headers.get("x-failed-recipients"):
        failed = list(dict.fromkeys(filter(None, map(plain.mailbox, ",".join(named)[: plain.SCANNED].split(",")))))
    else:
        count = signs.count(seen.root, seen.leaves, seen.title, seen.text, seen.head)
        formal = signs.formal(seen.title, seen.head) and count > 2
        discarded = any(part.type.endswith("disposition-notification") for part in seen.leaves)
        if not (formal or discarded or (robot and count > 1)):
            return Report()
        failed = plain.named(seen.head, seen.own(), seen.sender.address.rpartition("@")[2])
        if not failed and not robot and not _blocks(seen):
            return Report()
    if not failed and (nested := _nested(seen)):
        return nested
    if not failed and robot:
        failed = _addressee(seen)
    words = plain.said(seen.head)
    around = reasons.Report(words, seen.addressed())
    verdicts = [(a, reasons.judge(plain.beside(words, a), report=around, address=a)) for a in failed]
    people = tuple(FailedRecipient(a, v.action, v.status, v.hard) for a, v in verdicts)
    reason = next((v.reason for _, v in verdicts if v.hard), verdicts[0][1].reason if verdicts else "")
    late = any(v.action == "delayed" for _, v in verdicts)
    until = retries.until("", words, "", seen.written) if late else None
    return _report(seen, delivery.Fields(people, reason, until))


def _fields(seen: _Seen, part: Part, words: str) -> delivery.Fields | None:
    return delivery.fields(content(part), words, seen.addressed(), seen.written)


def _report(seen: _Seen, fields: delivery.Fields) -> Report:
    """The bounce as a whole: the worst that happened, or a mere report of success."""
    people, reason = fields.recipients, fields.reason
    bad = [r for r in people if r.action in ("failed", "delayed")]
    if people and not bad:
        return Report("delivery-report")
    if not people:
        verdict = reasons.judge(plain.said(seen.head))
        whole = Bounce(verdict.action, verdict.status, False, reason or verdict.reason, (), _original(seen))
        return Report("bounce", whole)
    worst = next((r for r in bad if r.action == "failed"), bad[0])
    hard = any(r.hard for r in bad)
    until = fields.until if worst.action == "delayed" else None
    return Report("bounce", Bounce(worst.action, worst.status, hard, reason, tuple(bad), _original(seen), until))


# --- the letter that was returned


def _nested(seen: _Seen) -> Report | None:
    """A gateway wraps the report of the system behind it: that one names the recipients."""
    for part in seen.leaves:
        if part.type != "message/rfc822":
            continue
        for leaf in mime.letter(part)[1].root.walk():
            if leaf.type not in _STATUS_PARTS:
                continue
            if found := _fields(seen, leaf, plain.said(seen.head)):
                return _report(seen, found)
    return None


def _blocks(seen: _Seen) -> list[header_fields.Block]:
    return [header_fields.split(beginning(p, _HEAD).lstrip(b"\r\n")) for p in seen.leaves if p.type in RETURNED]


def _copy(seen: _Seen) -> str:
    """The returned letter where it stands in the text."""
    return seen.text[len(seen.head) : len(seen.head) + _HEAD]


def _addressee(seen: _Seen) -> list[str]:
    """The one person the returned letter was written to, where the report names nobody."""
    written = [block.get("to") for block in _blocks(seen) if block.get("to")]
    if not written and (line := _RETURNED_TO.search(_copy(seen)) or _RETURNED_TO.search(seen.head)):
        written = [line[1]]
    own = {a.lower() for value in seen.headers.get("from", ()) for a in plain.ADDRESS.findall(value[:2000])}
    found = {m.lower() for value in written[:1] for a in plain.ADDRESS.findall(value[:4000]) if (m := plain.mailbox(a))}
    found -= own
    return list(found) if len(found) == 1 else []


def _original(seen: _Seen) -> str:
    """The Message-ID of the letter that was returned."""
    for block in _blocks(seen):
        if found := header_fields.ids(block.get("message-id")):
            return found[0]
    if found_id := _RETURNED_ID.search(seen.text):
        return found_id[1]
    plain_parts = [p for p in seen.leaves if p.type in ("message/delivery-status", "text/plain")]
    written = (charset.decode(beginning(part, _HEAD))[0] for part in plain_parts)
    return next((found[1] for found in map(_RETURNED_ID.search, written) if found), "")
