"""Reads a mail: bytes in, a `Mail` out.  Never raises; its time is linear in the size of the mail, and capped.

It puts together what other modules read: `header_fields` and `mime` the structure, `content` the text and the files,
`text` quotation, signature and forwards, `automatic` and `bounces` what machines wrote.  Nothing is decided about the
mail here, and the store is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path

from sitmail.domain import subject
from sitmail.domain.address import addr_spec, addresses, mailbox
from sitmail.domain.mail import Address, Envelope, Forwarded, Mail
from sitmail.domain.own_words import Words
from sitmail.domain.record import record
from sitmail.reading import automatic, header_fields, mime
from sitmail.reading.attachment_files import AttachmentFiles
from sitmail.reading.bounces import delivery_report
from sitmail.reading.content import Content, attached_letter, attachments, calendar_reply, capped, pictures
from sitmail.reading.formats.written_page import written_page
from sitmail.reading.header_fields import CAPS, Caps
from sitmail.reading.mime import Part, Tree
from sitmail.reading.own_addresses import told_apart
from sitmail.reading.text import forwarding, quoting


def _nobody(_: str) -> bool:
    return False


@record
class Reading:
    """What the parser is told about the desk.

    `is_own` recognises any address of ours, signed ones included.  `filing` takes large attachments, where a mail may
    have such.
    """

    is_own: Callable[[str], bool] = _nobody
    caps: Caps = CAPS
    filing: AttachmentFiles | None = None


READING = Reading()
Asked = tuple[bytes | Path, Envelope | None]  # a mail to be read, or the file it is, and how it came
_BLANK_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:>?From [^\n]*\n|[ \t]*\r?\n)*+")
_TEXT_BYTES = bytes(b for b in range(256) if b >= 32 or b in b"\t\n\r\x1b")
_WORD = re.compile(r"\w")


def parse(raw: bytes, envelope: Envelope | None = None, reading: Reading = READING) -> Mail:
    """Everything that can be understood of a mail (RFC 5322, 2045 to 2047, 2231, 3464, 3676).

    `raw` as it arrived, line ends CRLF or LF.  Whatever the bytes are, a `Mail` results; what had to be guessed or
    left out is named in its `defects`.
    """
    try:
        return told_apart(_read(raw, envelope, reading), reading.is_own)
    except Exception:  # a mail we fail at must still be kept and shown: it becomes unreadable, never lost
        return Mail(kind="unreadable", defects=("reader-failed",))


_HEAD_END = re.compile(rb"\n\r?\n")
_CONTENT = re.compile(rb"^content-[^\n]*\n(?:[ \t][^\n]*\n)*+", re.IGNORECASE | re.MULTILINE)


def outside(raw: bytes, envelope: Envelope | None = None, reading: Reading = READING) -> Mail:
    """Reads the header of a mail alone, because reading all of it took too much time or memory.

    Its kind is `unreadable`, it has no words of its author, and its `text` says why.
    """
    found = _HEAD_END.search(raw, 0, reading.caps.header_block)
    head = raw[: found.start() + 1] if found else raw[: reading.caps.header_block].rpartition(b"\n")[0] + b"\n"
    mail = parse(_CONTENT.sub(b"", head) + b"\n", envelope, reading)
    said = "This mail could not be read. It is kept as it came."
    return replace(mail, kind="unreadable", text=said, new_text="", defects=(*mail.defects, "reader-stopped"))


@dataclass(slots=True)
class _Opened:
    """The header, the parts and the text of a mail, from which `_read` makes a `Mail`."""

    block: header_fields.Block
    headers: dict[str, tuple[str, ...]]
    telling: automatic.Headers
    tree: Tree
    letter: Content
    text: str
    title: str


def _open(raw: bytes, caps: Caps) -> _Opened:
    begins = _BLANK_START.match(raw)
    block = header_fields.split(raw, begins.end() if begins else 0, caps=caps, settled=False)
    tree = mime.tree(raw, block, caps)
    letter = Content(caps, tree.defects)
    letter.letter(tree.root)
    header_fields.settle(block, letter.charset)  # raw text in a field is in the charset of the body
    text = capped("\n".join(letter.pieces), caps)
    headers = by_name(block.fields)
    title = header_fields.one_line(_first(headers, "subject"), caps, letter.charset)
    return _Opened(block, headers, automatic.telling(headers), tree, letter, text, title)


def by_name(found: Sequence[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """The values of each field name, in order of appearance."""
    headers: dict[str, tuple[str, ...]] = {name: (value,) for name, value in found}
    if len(headers) < len(found):  # some stand there several times, as Received does
        headers = {}
        for name, value in found:
            headers[name] = (*headers[name], value) if name in headers else (value,)
    return headers


def _read(raw: bytes, envelope: Envelope | None, reading: Reading) -> Mail:
    caps, opened = reading.caps, _open(raw, reading.caps)
    headers, letter, text, title = opened.headers, opened.letter, opened.text, opened.title
    people = _people(headers, caps, letter.charset)
    in_reply_to, references = _ids(headers, "in-reply-to", caps), _ids(headers, "references", caps)
    answers = bool(in_reply_to or references)
    report, machine, unanswerable, mark = _automatic(opened, envelope, people.sender, answers)
    named = f"{people.sender.name} {people.sender.address.partition('@')[0]}" if people.sender else ""
    words = _words(text, title, answers, letter.attached, report.bounce is not None, named)
    kinds = (  # the first that holds of explain's kinds
        ("unreadable", _unreadable(raw, opened.block, text)),
        ("bounce", report.bounce is not None),
        ("auto-reply", machine in automatic.REPLIES),
        ("list", automatic.is_list(opened.telling)),
        ("forward", words.forwarded is not None),
        ("reply", answers or subject.is_reply(title)),
        ("new", True),
    )
    page, files = "\n".join(letter.pages)[: caps.html], attachments(letter, caps, reading.filing)
    return Mail(
        message_id=_message_id(headers),
        in_reply_to=in_reply_to,
        references=references,
        subject=title,
        sender=people.sender,
        identity=people.identity,
        to=people.to,
        cc=people.cc,
        reply_to=people.reply_to,
        originals=people.originals,
        date=header_fields.date(_first(headers, "date")),
        charset=letter.charset,
        text=text,
        new_text=text if words.own.new == text else words.own.new,  # one and the same travels between processes once
        answers=text if words.own.answers == text else words.own.answers,
        quoted_text=words.own.quoted,
        signature=words.signature,
        marks=words.marks,
        hides_words=letter.hides_words,
        html=page,
        page=_page(page, words.own.new, pictures(letter, files), reading) if page and not machine else "",
        attachments=files,
        forwarded=words.forwarded,
        bounce=report.bounce,
        kind=next(kind for kind, holds in kinds if holds),
        machine=machine,
        unanswerable=unanswerable,
        mark=mark,
        hops=len(headers.get("received", ())),
        headers=headers,
        header_order=tuple(opened.block.fields),
        defects=_each_once(opened.block.defects, opened.tree.defects, people.defects),
    )


def _page(page: str, new: str, files: Mapping[str, str], reading: Reading) -> str:
    return written_page(page, new, files, reading.is_own, reading.caps)


def _each_once(*found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain(*found))) if any(found) else ()


def _automatic(
    opened: _Opened, envelope: Envelope | None, sender: Address | None, answers: bool
) -> tuple[delivery_report.Report, str, str, str]:
    """What a machine reports, the rule by which one speaks, that by which it may not be answered, and the mark."""
    headers, telling, title = opened.headers, opened.telling, opened.title
    null = _null_sender(headers, envelope)
    claims = (sender.address if sender else "", envelope.sender if envelope else "")
    report = delivery_report.find(opened.tree.root, headers, title, opened.text, sender, null)
    calendar, silence = calendar_reply(opened.letter.attached), automatic.silencing(telling)
    machine = automatic.machine(
        telling, title=title, null_sender=null, report=report.rule, calendar=calendar, silence=silence, answers=answers
    )
    return report, machine, automatic.unanswerable(machine, claims), silence


def _first(headers: dict[str, tuple[str, ...]], name: str) -> str:
    return headers[name][0] if name in headers else ""


def _ids(headers: dict[str, tuple[str, ...]], name: str, caps: Caps) -> tuple[str, ...]:
    return header_fields.ids(" ".join(headers[name]), caps.references) if name in headers else ()


def _message_id(headers: dict[str, tuple[str, ...]]) -> str:
    found = header_fields.ids(_first(headers, "message-id"))
    return found[0] if found else ""


# --- people


@dataclass(slots=True)
class _People:
    sender: Address | None = None
    identity: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    originals: tuple[Address, ...] = ()
    defects: list[str] = field(default_factory=list)


def _people(headers: dict[str, tuple[str, ...]], caps: Caps, default: str) -> _People:
    decode = partial(header_fields.words, caps=caps, default=default)
    people, written = _People(), headers.get("from", ())
    if written:
        people.sender, identity = mailbox(written[0], decode)
        people.identity = identity if len(written) == 1 else ""
    if not people.identity:
        people.defects.append(
            "from-missing" if not written else "from-unusable" if len(written) == 1 else "from-repeated"
        )
    for name in ("to", "cc"):
        if name in headers:
            setattr(people, name, addresses(", ".join(headers[name]), decode, caps.addresses))
    if "reply-to" in headers:
        named = addresses(", ".join(headers["reply-to"]), decode, _ANSWERS)
        people.reply_to = tuple([one for one in named if addr_spec(one.address) not in ("", people.identity)])
    for name in _ORIGINALS:
        if len(headers.get(name, ())) == 1:
            one, identity = mailbox(headers[name][0], decode)
            people.originals += (one,) if one and identity else ()
    return people


_ORIGINALS = ("x-original-from", "x-original-sender")  # of mail that a group or a form sends in its own name
_ANSWERS = 5  # addresses of Reply-To


def _null_sender(headers: dict[str, tuple[str, ...]], envelope: Envelope | None) -> bool:
    """The null reverse-path of RFC 5321 section 4.5.5, as the door was told or as a relay before it noted."""
    if envelope is not None and not envelope.sender:
        return True
    return "return-path" in headers and "".join(headers["return-path"][0].split()) == "<>"


# --- words


@record
class _Words:
    own: Words
    marks: str = ""
    signature: str = ""
    forwarded: Forwarded | None = None


def _words(text: str, title: str, answers: bool, attached: list[Part], report: bool, sender: str) -> _Words:
    if report:
        return _Words(Words(text))
    if found := forwarding.find(text, title, answers):
        return _Words(Words(found.own), forwarded=found.forwarded)
    split = quoting.split(text, answers or subject.is_reply(title), sender)
    letter = next((part for part in attached if part.type == "message/rfc822"), None)
    inside = None
    if letter and not subject.is_reply(title) and (subject.is_forward(title) or not text.strip()):
        inside = attached_letter(letter)
    return _Words(split.words, split.marks, split.signature, inside)


def _binary(raw: bytes) -> bool:
    """Too many control characters for a text: more than one in thirty of the first bytes."""
    sample = raw[:4096]
    return 30 * len(sample.translate(None, _TEXT_BYTES)) > len(sample)


def _unreadable(raw: bytes, block: header_fields.Block, text: str) -> bool:
    return not block.fields and (not _WORD.search(text) or _binary(raw))
