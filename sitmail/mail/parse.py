"""From bytes to `Mail`: the one place that knows how a letter is read.  Never raises, linear, capped.

The pieces are read by `fields`, `parts`, `charset`, `html` and `bounce`; what words, quotations and machines are is
known in the domain.  No decision is taken here, and nothing is looked up.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from sitmail.domain import automatic, forwarding, quoting, subject
from sitmail.domain.address import addresses, clean_name, local_part, strict
from sitmail.domain.mail import Address, Attachment, Envelope, Forwarded, Mail
from sitmail.mail import bounce, charset, fields, html, parts
from sitmail.mail.fields import CAPS, Caps
from sitmail.mail.parts import Part


def _nobody(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader knows of its own desk.

    `own_addresses` are our mailboxes' base addresses in lower case; `is_own` recognises any address of ours, signed
    ones included; `virus_header` is the name of a scanner's field (or `Name: value`) that marks infected mail.
    """

    own_addresses: frozenset[str] = frozenset()
    is_own: Callable[[str], bool] = _nobody
    virus_header: str = ""
    caps: Caps = CAPS


READING = Reading()
_ROBOTS = frozenset(
    ("mailer-daemon", "mailerdaemon", "mail-daemon", "postmaster", "mailer_daemon", "mdaemon", "mail.daemon")
)
_TEXTS = frozenset(("text/plain", "text/html", "text/enriched", "text/richtext"))
_CLEAN = frozenset(("", "no", "false", "0", "none", "clean", "not infected", "ok"))
_BLANK_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:From [^\n]*\n|[ \t]*\r?\n)*")
_WORD = re.compile(r"\w")


def parse(raw: bytes, envelope: Envelope | None = None, reading: Reading = READING) -> Mail:
    """Everything we understand of a mail (RFC 5322, 2045 to 2047, 2231, 3464, 3676).

    `raw` as it arrived, line ends CRLF or LF.  Whatever the bytes are, a `Mail` results; what had to be guessed or
    left out is named in its `defects`.
    """
    try:
        return _read(raw, envelope, reading)
    except Exception:  # noqa: BLE001  (a mail we fail at must still be kept and shown: it becomes unreadable, never lost)
        return Mail(kind="unreadable", defects=("reader-failed",))


def _read(raw: bytes, envelope: Envelope | None, reading: Reading) -> Mail:
    caps = reading.caps
    begins = _BLANK_START.match(raw)
    block = fields.split(raw, begins.end() if begins else 0, caps=caps)
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in block.fields:
        headers[name] = (*headers[name], value) if name in headers else (value,)
    tree = parts.tree(raw, block, caps)
    letter = _Letter(caps, tree.defects)
    letter.take(tree.root)
    text, defects = _capped("\n".join(letter.pieces), caps), [*block.defects, *tree.defects]
    people = _people(headers, caps)
    title = clean_subject(_first(headers, "subject"), caps)
    in_reply_to = fields.ids(" ".join(headers.get("in-reply-to", ())), caps.references)
    references = fields.ids(" ".join(headers.get("references", ())), caps.references)
    null = _null_sender(headers, envelope)
    claims = [people.sender.address if people.sender else "", envelope.sender if envelope else ""]
    robot = null or local_part(claims[0]) in _ROBOTS
    report = bounce.find(tree.root, headers, title, text, robot)
    machine = automatic.machine(
        headers, title=title, null_sender=null, report=report.rule, calendar=_calendar_reply(letter.attached)
    )
    attachments = _attachments(letter, caps)
    answers = bool(in_reply_to or references)
    words = _words(text, title, answers, attachments, report.bounce is not None)
    mail = Mail(
        message_id=next(iter(fields.ids(_first(headers, "message-id"))), ""),
        in_reply_to=in_reply_to,
        references=references,
        subject=title,
        sender=people.sender,
        identity=people.identity,
        to=people.to,
        cc=people.cc,
        date=fields.date(_first(headers, "date")),
        charset=letter.charset,
        text=text,
        new_text=words.new,
        quoted_text=words.quoted,
        signature=words.signature,
        html="\n".join(letter.pages)[: caps.html],
        attachments=attachments,
        forwarded=words.forwarded,
        bounce=report.bounce,
        kind=_kind(block, headers, people.identity, machine, words, title, answers, text, reading, report),
        machine=machine,
        unanswerable=automatic.unanswerable(headers, machine_rule=machine, senders=claims),
        virus=_infected(headers, reading.virus_header),
        hops=len(headers.get("received", ())),
        headers=headers,
        header_order=tuple(block.fields),
        defects=tuple(dict.fromkeys([*defects, *people.defects])),
    )
    return mail


def _first(headers: dict[str, tuple[str, ...]], name: str) -> str:
    return headers[name][0] if name in headers else ""


def clean_subject(value: str, caps: Caps = CAPS) -> str:
    """The subject decoded, on one line, without controls; at most 998 characters (RFC 5322 section 2.1.1)."""
    value = fields.words(value, caps)[: 2 * caps.subject]
    if not (value.isascii() and value.isprintable()):
        value = _one_line(value)
    return " ".join(value.split())[: caps.subject]


def _one_line(value: str) -> str:
    value = charset.scrub(value).replace("\n", " ").replace("\t", " ")
    return "".join(c if c.isprintable() or c == " " else "" if ord(c) < 0xA0 or c in _HIDING else " " for c in value)


# Characters that show nothing or turn the direction of writing: a subject needs none of them.
_HIDING = frozenset(
    "\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


# --- people


@dataclass(slots=True)
class _People:
    sender: Address | None = None
    identity: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    defects: list[str] = field(default_factory=list)


def _people(headers: dict[str, tuple[str, ...]], caps: Caps) -> _People:
    decode = partial(fields.words, caps=caps)
    people, written = _People(), headers.get("from", ())
    if len(written) == 1:
        people.identity = strict(written[0])
    elif written:
        people.defects.append("from-repeated")
    found = addresses(written[0], decode, caps.addresses) if written else ()
    people.sender = found[0] if found else None
    if written and not people.identity and "from-repeated" not in people.defects:
        people.defects.append("from-unusable")
    elif not written:
        people.defects.append("from-missing")
    for name in ("to", "cc"):
        if name in headers:
            setattr(people, name, addresses(", ".join(headers[name]), decode, caps.addresses))
    return people


def _null_sender(headers: dict[str, tuple[str, ...]], envelope: Envelope | None) -> bool:
    """The null reverse-path of RFC 5321 section 4.5.5, as the door was told or as a relay before it noted."""
    if envelope is not None and not envelope.sender:
        return True
    return "".join(_first(headers, "return-path").split()) == "<>"


def _infected(headers: dict[str, tuple[str, ...]], named: str) -> bool:
    name, colon, wanted = named.partition(":")
    values = [v.strip().lower() for v in headers.get(name.strip().lower(), ())] if named else []
    if colon:
        return any(v.startswith(wanted.strip().lower()) for v in values)
    return any(v not in _CLEAN for v in values)


# --- text and attachments


class _Letter:
    """Sorts the parts of a mail into text and attachments."""

    def __init__(self, caps: Caps, defects: list[str]) -> None:
        self.caps = caps
        self.defects = defects
        self.pieces: list[str] = []
        self.pages: list[str] = []
        self.attached: list[Part] = []
        self.charset = ""

    def take(self, part: Part) -> None:
        if part.type == "multipart/alternative" and part.children:
            self._alternative(part)
        elif part.children:
            for child in part.children:
                self.take(child)
        elif self._is_text(part):
            self._text(part)
        elif not part.type.startswith("multipart/"):
            self.attached.append(part)

    def _is_text(self, part: Part) -> bool:
        if part.type not in _TEXTS or part.disposition == "attachment":
            return False
        return not part.name or (not part.disposition and not self.pieces)

    def _text(self, part: Part) -> None:
        text, used = self._decoded(part)
        if part.type == "text/plain":
            if part.parameters.get("format", "").lower() == "flowed":
                text = _unflowed(text, part.parameters.get("delsp", "").lower() == "yes")
        else:
            self.pages.append(text[: self.caps.html])
            text = charset.scrub(html.to_text(text, self.caps))
        if text.strip():
            self.pieces.append(text.rstrip())
            self.charset = self.charset or used
        self.charset = self.charset or used

    def _decoded(self, part: Part) -> tuple[str, str]:
        data = parts.content(part)
        text, used = charset.decode(data[: 4 * self.caps.html], part.parameters.get("charset", ""))
        if "\N{REPLACEMENT CHARACTER}" in text and "charset" not in self.defects:
            self.defects.append("charset")
        return charset.scrub(text), used

    def _alternative(self, part: Part) -> None:
        """The plain text if it says anything, else the page; what is neither stays an attachment."""
        versions = []
        for child in part.children:
            version = _Letter(self.caps, self.defects)
            if child.type in ("text/html", "multipart/related") and any(v.pieces for v in versions):
                version.pages_only(child)
            else:
                version.take(child)
            versions.append(version)
        chosen = next((v for v in versions if v.pieces), versions[0])
        self.pieces += chosen.pieces
        self.charset = self.charset or chosen.charset
        for version in versions:
            self.pages += version.pages
            self.attached += version.attached

    def pages_only(self, part: Part) -> None:
        """A page beside a plain text is kept as it is; turning it into text would be work for nobody."""
        for leaf in part.walk():
            if leaf.type == "text/html" and leaf.disposition != "attachment" and not leaf.children:
                self.pages.append(self._decoded(leaf)[0][: self.caps.html])
            elif not leaf.children and not leaf.type.startswith("multipart/"):
                self.attached.append(leaf)


def _unflowed(text: str, delete_space: bool) -> str:
    """Paragraphs of `format=flowed` (RFC 3676 section 4) as single lines; quotation marks stay."""
    lines: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        rest = line.lstrip(">")
        depth = len(line) - len(rest)
        rest = rest.removeprefix(" ")
        flows = rest.endswith(" ") and rest != "-- "
        if open_depth == depth and rest != "-- ":
            lines[-1] += rest
        else:
            lines.append((">" * depth + " " if depth else "") + rest)
        if flows and delete_space:
            lines[-1] = lines[-1][:-1]
        open_depth = depth if flows else -1
    return "\n".join(lines)


def _capped(text: str, caps: Caps) -> str:
    """The text as far as the log takes it, with a visible note where it was cut."""
    if len(text) <= caps.text and text.count("\n") < caps.lines:
        return text
    kept = "\n".join(text[: caps.text].split("\n")[: caps.lines])
    return f"{kept}\n[cut here: {len(text) - len(kept)} more characters are in the mail as it came]"


def _attachments(letter: _Letter, caps: Caps) -> tuple[Attachment, ...]:
    page = "".join(letter.pages)
    found: list[Attachment] = []
    for number, part in enumerate(letter.attached, 1):
        content = parts.content(part)
        name = part.name or (_title_of(content) if part.type == "message/rfc822" else "")
        referenced = bool(part.content_id) and f"cid:{part.content_id}" in page
        found.append(
            Attachment(
                name=parts.label(name, part.type, number, caps),
                type=part.type,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                inline=referenced or part.disposition == "inline",
                content=content,
            )
        )
    return tuple(found)


def _title_of(content: bytes) -> str:
    """A name for an attached letter: its subject."""
    title = clean_subject(fields.split(content[:65_536]).get("subject")).replace("/", "_")
    return f"{title[:60]}.eml" if title else ""


def _calendar_reply(attached: list[Part]) -> bool:
    return any(p.type == "text/calendar" and p.parameters.get("method", "").lower() == "reply" for p in attached)


# --- words


@dataclass(frozen=True, slots=True)
class _Words:
    new: str
    quoted: str = ""
    signature: str = ""
    forwarded: Forwarded | None = None


def _words(text: str, title: str, answers: bool, attachments: tuple[Attachment, ...], report: bool) -> _Words:
    if report:
        return _Words(text)
    if found := forwarding.find(text, title, answers):
        return _Words(found.own, forwarded=found.forwarded)
    split = quoting.split(text, answers or subject.is_reply(title))
    letter = next((a for a in attachments if a.type == "message/rfc822"), None)
    inside = None
    if letter and not subject.is_reply(title) and (subject.is_forward(title) or not text.strip()):
        inside = _attached_letter(letter.content)
    return _Words(split.new, split.quoted, split.signature, inside)


def _attached_letter(content: bytes) -> Forwarded:
    """What an attached letter says, for display."""
    block = fields.split(content)
    tree = parts.tree(content, block)
    letter = _Letter(CAPS, [])
    letter.take(tree.root)
    sender = addresses(block.get("from"), fields.words)
    return Forwarded(
        sender=sender[0] if sender else None,
        to=addresses(block.get("to"), fields.words),
        cc=addresses(block.get("cc"), fields.words),
        subject=clean_subject(block.get("subject")),
        date=clean_name(block.get("date")),
        text=_capped("\n".join(letter.pieces), CAPS),
    )


def _kind(
    block: fields.Block,
    headers: dict[str, tuple[str, ...]],
    identity: str,
    machine: str,
    words: _Words,
    title: str,
    answers: bool,
    text: str,
    reading: Reading,
    report: bounce.Report,
) -> str:
    """The first that fits (contract section 6)."""
    if not block.fields and (not _WORD.search(text) or text.count("\N{REPLACEMENT CHARACTER}") * 10 > len(text)):
        return "unreadable"
    if report.bounce is not None:
        return "bounce"
    if identity and (identity in reading.own_addresses or reading.is_own(identity)):
        return "own"
    if machine in automatic.REPLIES:
        return "auto-reply"
    if automatic.is_list(headers):
        return "list"
    if words.forwarded is not None:
        return "forward"
    return "reply" if answers or subject.is_reply(title) else "new"
