"""The mails that all peers get: new incidents and replies, similar in size, each with its own content.

Everything is made from a seed, so that two runs feed the same bytes.  `case` is a number in the subject, by which the
letters about a mail are recognised.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

DESK = "support@example.com"
SITE_SIZE = 5  # contacts of one site
SENTENCES = (
    "crane printer valve pump gauge restart error manual cable load stops after half height pressure morning operator "
    "we have tried the red button twice and it beeps then nothing moves please tell us what to do next thank you while "
    "screen shows code motor hums shift begins at six delivery waits since Monday nobody on site knows this unit"
)
WORDS = SENTENCES.split()
MACHINES = (
    "crane motor brake cable drum hoist gate valve pump filter sensor relay switch fuse panel door wheel track rope "
    "hook chain lever pedal horn light meter clutch piston nozzle belt roller bearing"
)
PARTS = MACHINES.split()
DATE = "Mon, 2 Mar 2026 09:00:00 +0000"
PAGE = 20_000  # bytes from which a mail has an HTML part
SHEET = 100_000  # bytes from which a mail has an attachment


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail for the wire: envelope, and content with doubled dots and without the final one."""

    case: int
    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes and numbers that describe the mails of a run."""

    size: int = 2_000
    contacts: int = 1_000
    seed: int = 1


def contact(number: int) -> str:
    return f"person{number}@site{number // SITE_SIZE}.example.org"


def message_id(case: int, part: str) -> str:
    return f"<{part}.{case:07d}@site.example.org>"


def subject(case: int) -> str:
    """Of different words: many cases with the same would be a storm, with letters of its own."""
    mixed = case * 2_654_435_761 % 2**32
    parts = " ".join(PARTS[mixed >> at & 31] for at in (27, 22, 17, 12))
    return f"{parts} stops, case {case:07d}"


def new(shape: Shape, cases: Iterable[int]) -> list[Mail]:
    """Mails that open incidents, from contacts chosen at random."""
    made = []
    for case in cases:
        chance = random.Random(f"{shape.seed} new {case}")
        who = chance.randrange(shape.contacts)
        head = _head(who, DESK, subject(case), message_id(case, "new"))
        made.append(Mail(case, contact(who), DESK, _content(head, _text(chance, shape.size - 700), shape.size, chance)))
    return made


def replies(shape: Shape, firsts: Sequence[Mail], addresses: Mapping[int, tuple[str, str]]) -> list[Mail]:
    """The contacts' replies to the acknowledgements.

    `addresses`: case -> (reply address, Message-ID) of the letter they answer.
    """
    made = []
    for first in firsts:
        chance = random.Random(f"{shape.seed} reply {first.case}")
        address, own = addresses[first.case]
        number = int(first.sender[6:].partition("@")[0])
        head = _head(number, address, f"Re: {subject(first.case)}", message_id(first.case, "reply"))
        head += f"In-Reply-To: {own}\r\nReferences: {message_id(first.case, 'new')} {own}\r\n"
        quoted = "".join(f"> {line}\r\n" for line in _text(chance, 600).split("\r\n"))
        text = f"{_text(chance, shape.size - 1500)}\r\n\r\nOn {DATE}, Example Support <{DESK}> wrote:\r\n{quoted}"
        made.append(Mail(first.case, first.sender, address, _content(head, text, shape.size, chance)))
    return made


def _head(who: int, to: str, about: str, own: str) -> str:
    return (
        f"Received: from mail.site{who // SITE_SIZE}.example.org (mail.site.example.org [192.0.2.7])\r\n"
        f"\tby mx.example.com (Postfix) with ESMTPS id 4ABC{who:05d}\r\n\tfor <{DESK}>; {DATE}\r\n"
        f"From: Person {who} <{contact(who)}>\r\nTo: Example Support <{to}>\r\nSubject: {about}\r\n"
        f"Date: {DATE}\r\nMessage-ID: {own}\r\nUser-Agent: Example Mail 1.0\r\nMIME-Version: 1.0\r\n"
    )


def _text(chance: random.Random, size: int) -> str:
    """Lines of random words, about `size` bytes."""
    lines = []
    got = 0
    while got < size:
        line = " ".join(chance.choices(WORDS, k=11))
        lines.append(line)
        got += len(line) + 2
    return "\r\n".join(lines)


def _content(head: str, text: str, size: int, chance: random.Random) -> bytes:
    plain = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    if size < PAGE:
        return f"{head}{plain}".encode()
    if size < SHEET:
        page = _text(chance, size * 2 // 3).replace("\r\n", "</p>\r\n<p>")
        html = f"Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>{page}</p></body></html>\r\n"
        text = plain.replace(text, text[: size // 3].rpartition("\r\n")[0])
        return _parts(head, "alternative", text.encode(), html.encode())
    sheet = base64.encodebytes(chance.randbytes((size - 4_000) * 56 // 77)).replace(b"\n", b"\r\n")
    kind = (
        'Content-Type: application/pdf; name="sheet.pdf"\r\nContent-Disposition: attachment; filename="sheet.pdf"\r\n'
    )
    text = plain.replace(text, text[:2_000].rpartition("\r\n")[0])
    return _parts(head, "mixed", text.encode(), f"{kind}Content-Transfer-Encoding: base64\r\n\r\n".encode() + sheet)


def _parts(head: str, kind: str, *parts: bytes) -> bytes:
    inside = b"".join(b"--=_bench\r\n" + part for part in parts)
    top = f'{head}Content-Type: multipart/{kind}; boundary="=_bench"\r\n\r\n'
    return top.encode() + inside + b"--=_bench--\r\n"
