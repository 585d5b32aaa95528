"""Delivery reports: which recipients failed, how, and of which letter of ours.

RFC 3464 is read field by field.  Older programs report in plain words: from a mail system's own address those are
read as far as they are plain.  What a bounce does to an incident is decided elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sitmail.domain.mail import Bounce, FailedRecipient
from sitmail.mail import charset, fields
from sitmail.mail.parts import Part, content

_GROUPS, _SCANNED, _REASON = 200, 20_000, 500  # recipients; characters of a report's text; characters of a reason

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?<![\d.:])([45])\d\d(?=[\s:-])(?!\.)")
_BAD_ADDRESS = frozenset(("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"))
_UNKNOWN = re.compile(
    r"""(?:user|recipient|mailbox|account|address|addressee|local\ part|host|domain)\ ?(?:name)?\ ?(?:is\ )?
    (?:unknown|does\ ?n[o']t\ exist|not\ (?:found|known|listed|exist)|invalid|unavailable|not\ valid|no\ longer)|
    (?:unknown|no\ such|invalid|bad|nonexistent|illegal)\ (?:local\ )?(?:or\ illegal\ )?
    (?:user|recipient|mailbox|address|account|person|destination|host|domain)|
    not\ (?:our|a\ known|a\ valid|listed\ in)|no\ mailbox\ here|doesn't\ have\ a|does\ not\ have\ an?|
    host\ (?:or\ domain\ name\ )?not\ found|has\ been\ (?:disabled|deactivated)|does\ not\ exist|recipnotfound""",
    re.IGNORECASE | re.VERBOSE,
)
_FULL = re.compile(r"quota|mailbox (?:is )?full|over ?quota|too (?:big|large|much)|exceed|spam|blocked|policy", re.I)

_SUBJECT = re.compile(
    r"""undeliver|un-deliver|non[- ]?deliver|not\ delivered|deliver\S*\ (?:status|failure|problem|error|report|fail|
    notif|delay)|returned\ (?:mail|e?-?mail|to\ sender|message)|return(?:ing)?\ (?:message|mail)\ to|failure\ notice|
    failure\ delivery|mail\ (?:delivery|system|failure|could|not|error)|message\ (?:delayed|status|deliver|not|
    you\ sent)|
    could\ not\ (?:be\ )?(?:send|sent|deliver)|cannot\ (?:be\ )?(?:send|deliver)|unable\ to\ deliver|
    (?:user|address|recipient|mailbox|host)\ (?:unknown|not\ found|disabled)|bounce|rejected|failed\ mail|failed:|
    unzustellbar|
    nicht\ zustell|non\ remis|no\ entregad|non\ recapit|nieprzekazana|недостав|配信|退信|배달""",
    re.IGNORECASE | re.VERBOSE,
)
_BODY = re.compile(
    r"""(?:could|can|was|were|has|have|is|did)\ ?n(?:o|')t\ (?:be\ |been\ |able\ to\ |
    yet\ )?(?:be\ )?(?:deliver|sent|reach)|
    cannot\ be\ deliver|unable\ to\ (?:be\ )?(?:deliver|send|relay)|undeliver|not\ delivered|failed\ (?:address|recip|
    to\ deliver)|
    delivery\ (?:to\ the\ following|failed|fail|errors?|has\ failed|not\ )|permanent\ (?:fatal\ )?(?:error|failure)|
    following\ (?:address|recipient)|fatal\ errors|did\ not\ reach|returned\ (?:to|mail)|unknown\ (?:user|recipient|
    address)|
    user\ unknown|no\ such\ (?:user|mailbox)|deferred|still\ trying|mailbox\ (?:is\ )?full|quota|bounced""",
    re.IGNORECASE | re.VERBOSE,
)
_LATE = re.compile(
    r"(?:warning|delayed|delay\b|still (?:trying|being)|not yet|will (?:keep|continue) (?:trying|to)|retry)", re.I
)
# Where the returned letter begins.
_COPY = re.compile(
    r"""^[>\s]{0,4}(?:-{2,}.{0,60}(?:original|copy|below|returned|undelivered|unsent|enclosed|follows|header).{0,60}|
    received:\s.{0,200}|return-path:\s.{0,200}|original\ message\ follows.{0,20}|
    the\ (?:original|header).{0,30}(?:follows|message).{0,20})$""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'=]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,200}[A-Za-z0-9]")
_ALONE = re.compile(r"\s{0,20}[<\"'(\[]{0,3}(?:(?:smtp|rfc822|to):\s?<?)?" + f"({_ADDRESS.pattern})", re.IGNORECASE)
_TRAILS = re.compile(
    r"[>\"')\]]{0,3}\s{0,8}(?:$|[:;.,(-]|\.{2}|\s(?:on|failed|unknown|user|no\ such|is)\b)", re.IGNORECASE
)
_RETURNED_ID = re.compile(r"^[> \t]{0,8}message-id:\s{0,4}(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """What the shape of a mail says: `rule` is bounce, delivery-report, disposition-notification or ''."""

    rule: str = ""
    bounce: Bounce | None = None


def find(root: Part, headers: dict[str, tuple[str, ...]], title: str, text: str, robot: bool) -> Report:
    """Is this mail a delivery report?  `robot`: null sender, or From is a mail system's own address."""
    leaves = [part for part in root.walk() if not part.children]
    for part in leaves:
        if part.type in ("message/delivery-status", "message/global-delivery-status"):
            failed = _rfc3464(content(part))
            if failed is not None:
                return _report(failed, _original(leaves, text), text)
    if any(part.type.endswith("disposition-notification") for part in leaves):
        return Report("disposition-notification")
    if named := headers.get("x-failed-recipients"):
        words = ",".join(named)
        head = _report_text(text)
        failed = [_plain(a, head) for a in dict.fromkeys(_ADDRESS.findall(words[:_SCANNED]))]
        return _report(failed, _original(leaves, text), text)
    if robot and _signs(root, leaves, title, text) > 1:
        own = {a.lower() for name in ("to", "from") for v in headers.get(name, ()) for a in _ADDRESS.findall(v[:2000])}
        failed = _spoken(text, own)
        return _report(failed, _original(leaves, text), text)
    return Report()


def _signs(root: Part, leaves: list[Part], title: str, text: str) -> int:
    """How much else speaks for a report in plain words; one sign alone is an accident."""
    head = _report_text(text)
    return sum(
        (
            bool(_SUBJECT.search(title[:300])),
            bool(_BODY.search(head)),
            bool(_STATUS.search(head) or _CODE.search(head)),
            root.parameters.get("report-type", "").lower() == "delivery-status",
            len(head) < len(text[:_SCANNED])
            or any(p.type in ("message/rfc822", "text/rfc822-headers") for p in leaves),
        )
    )


def _report(failed: list[FailedRecipient], original: str, text: str) -> Report:
    """The bounce as a whole: the worst that happened, or a mere report of success."""
    bad = [r for r in failed if r.action in ("failed", "delayed")]
    if failed and not bad:
        return Report("delivery-report")
    worst = next((r for r in bad if r.action == "failed"), bad[0] if bad else None)
    head = _report_text(text)
    status = worst.status if worst else _status(head)
    action = worst.action if worst else _action(head, status)
    reason = _reason(head, worst)
    hard = any(r.hard for r in bad) if bad else _hard(status, head)
    return Report("bounce", Bounce(action, status, hard, reason, tuple(bad), original))


def _reason(head: str, worst: FailedRecipient | None) -> str:
    """The line of the report that says why, in its own words."""
    lines = [" ".join(line.split()) for line in head.splitlines()]
    chosen = next((line for line in lines if _UNKNOWN.search(line) or _FULL.search(line)), "")
    chosen = chosen or next((line for line in lines if _STATUS.search(line) or _CODE.search(line)), "")
    return (chosen or (worst.status if worst else ""))[:_REASON]


# --- RFC 3464


def _rfc3464(data: bytes) -> list[FailedRecipient] | None:
    """The recipients of a delivery-status part; None if it has no recipient's fields at all."""
    found: list[FailedRecipient] = []
    for group in re.split(rb"\r?\n[ \t]*\r?\n", data.strip())[: _GROUPS + 1]:
        block = fields.split(group.lstrip(b"\r\n") + b"\n\n")
        final = block.get("final-recipient") or block.get("original-recipient")
        if not final and not block.get("action"):
            continue
        diagnostic = block.get("diagnostic-code")
        status = (_STATUS.search(block.get("status")) or [""])[0]
        if status in ("", "5.0.0", "4.0.0") and (better := _STATUS.search(diagnostic)):
            status = better[0]
        action = block.get("action").partition(" ")[0].partition(";")[0].strip().lower()
        if action not in ("failed", "delayed", "delivered", "relayed", "expanded"):
            action = _action("", status)
        address = final.rpartition(";")[2].strip().strip("<> ")
        hard = action == "failed" and _hard(status, diagnostic)
        found.append(FailedRecipient(fields.words(address)[:320], action, status, hard))
    return found or None


def _action(head: str, status: str) -> str:
    if status[:1] == "2":
        return "delivered"
    if status[:1] == "4" or (status[:1] != "5" and _LATE.search(head)):
        return "delayed"
    return "failed"


def _hard(status: str, words: str) -> bool:
    """The address itself is bad: by its status, or where that says little, by the words beside it."""
    if status.startswith("4") or status.startswith("2"):
        return False
    if status in _BAD_ADDRESS:
        return True
    vague = status in ("", "5.0.0", "5.1.0", "5.2.1", "5.3.0", "5.5.0", "5.2.0")
    return vague and bool(_UNKNOWN.search(words)) and not _FULL.search(words)


# --- reports in plain words


def _report_text(text: str) -> str:
    """The report's own words: all before the returned letter."""
    text = text[:_SCANNED]
    copy = next((m for m in _COPY.finditer(text) if m.start() > 40), None)
    return text[: copy.start()] if copy else text


def _status(head: str) -> str:
    if found := _STATUS.search(head):
        return found[1]
    code = _CODE.search(head)
    return f"{code[1]}.0.0" if code else ""


def _plain(address: str, head: str) -> FailedRecipient:
    """A recipient whose trouble is told in the lines from his address on."""
    at = head.lower().find(address.lower())
    beside = head[at : at + 600] if at >= 0 else head[:2000]
    status = _status(beside) or _status(head)
    action = _action(head, status)
    return FailedRecipient(address, action, status, action == "failed" and _hard(status, beside))


def _spoken(text: str, own: set[str]) -> list[FailedRecipient]:
    """Recipients named in a report: addresses that stand at the beginning of a line, else the only one there is."""
    head = _report_text(text)
    first: dict[str, None] = {}
    others: dict[str, None] = {}
    for line in head.splitlines()[:300]:
        alone = _ALONE.match(line[:400])
        if alone and _TRAILS.match(line, alone.end()):
            first.setdefault(alone[1].lower())
        elif "@" in line:
            others.update(dict.fromkeys(a.lower() for a in _ADDRESS.findall(line[:400])))
    named = [a for a in first if a not in own] or [a for a in others if a not in own][:1]
    return [_plain(address, head) for address in named[:_GROUPS]]


def _original(leaves: list[Part], text: str) -> str:
    """The Message-ID of the letter that was returned."""
    for part in leaves:
        if part.type in ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
            block = fields.split(content(part)[:65_536].lstrip(b"\r\n"))
            if found := fields.ids(block.get("message-id")):
                return found[0]
    found_id = _RETURNED_ID.search(text)
    if found_id is None:
        for part in leaves:
            if part.type in ("message/delivery-status", "text/plain"):
                found_id = _RETURNED_ID.search(charset.decode(content(part)[:65_536])[0])
                if found_id:
                    break
    return found_id[1] if found_id else ""
