"""A letter inside a letter: forward blocks as mail programs write them into the text.

What is found is for display only, never an identity: its author may have typed it.  A reply is never called a
forward, whatever it quotes.  Attached letters (message/rfc822) are read by `reading.parse`.
"""

from __future__ import annotations

import re

from sitmail.domain import subject
from sitmail.domain.address import addresses
from sitmail.domain.mail import Address, Forwarded
from sitmail.domain.record import record
from sitmail.reading.text import attribution, lotus_notes, quoting
from sitmail.reading.text.client_phrases import FORWARDED, FORWARDED_BY, LABELS

_LINES, _MARKER_SIZE, _HEAD = 20_000, 160, 16

# How a line begins, in lower case.  Its blanks are no line ends: with those a pattern would try from each of many
# empty lines to the last.
_SHORTEST = min(map(len, (*FORWARDED, *FORWARDED_BY)))
_BEGIN = re.compile(rf"\n[ \t\r\x0b\x0c\x1c-\x1f\x85\xa0>\ufeff*_=-]*+([^\n]{{{_SHORTEST}}})")
_BEGINNINGS = frozenset(phrase[:_SHORTEST] for phrase in (*FORWARDED, *FORWARDED_BY))
_BY = re.compile(rf"[\s>]{{0,20}}-{{3,60}}\s{{0,3}}(?:{'|'.join(map(re.escape, FORWARDED_BY))})\s", re.IGNORECASE)
# Yahoo writes the whole block into the marker's line: the labels are taken apart first.
_INSIDE = [word for word, kind in LABELS.items() if kind in ("from", "date", "to", "cc", "subject")]
_SPELLED = {form for word in _INSIDE for form in (word.capitalize(), word.upper()) if len(word) > 1 or word > "ͱ"}
_INLINE = re.compile(
    "(?=(?:(?<=>)(?:A|À|An|Do|Da|De)|"
    + "|".join(sorted((re.escape(form) for form in _SPELLED if len(form) > 1), key=len, reverse=True))
    + r")\s?[:：]\s)"
)
# Labels of Norwegian and Danish programs.
_SCANDINAVIAN = re.compile(r"^[>\s*_]{0,8}(?:fra|til|emne|sendt)[*_]{0,2}\s?:", re.IGNORECASE | re.MULTILINE)
_QUOTE_MARK = re.compile(r"\s{0,3}>[ \xa0]?")
_MAILTO = re.compile(r"<mailto:[^<>\s]{1,300}>|\[mailto:([^\[\]\s]{1,300})\]", re.IGNORECASE)
# `Anna Ost/HOU/ACME@ACME` is a name of Notes, no address.
_NOTES_NAME = re.compile(r"(?<![^,;\s])([^,;<>@/\"\n]{1,80})/[^,;<>@\"\n]{1,80}(?:@[\w.]{1,40})?(?=[,;]|$)")


@record
class Found:
    """What the forwarder wrote himself, and the letter below."""

    own: str
    forwarded: Forwarded


def find(text: str, title: str, answers: bool = False) -> Found | None:
    """The forward block of a letter's text, or None.

    `title` is the mail's subject; `answers` says that the mail has In-Reply-To or References.  A forward's own marker
    counts except in a reply (but Notes leaves the subject `Re: ...` as it was when it forwards); an anonymous header
    block counts with a forward's subject, or below a ruled line or an `Original Message` marker in a mail that answers
    nothing.  Where the subject's prefix may mean either, the language of the block tells.
    """
    if not ("--" in text or ":" in text or "：" in text):  # no label, and no line drawn by Notes
        return None
    either = subject.is_either(title)
    reply = subject.is_reply(title) and not either
    if reply and answers:
        return None
    forward = subject.is_forward(title) or either
    if not forward and not _hinted(text, answers):
        return None
    lines = text.split("\n")[:_LINES]
    if reply:
        return _by_notes(lines, alone=True)
    found = _by_notes(lines, alone=False) or _first(lines, title, forward, answers)
    if found and either and (found.own or answers) and not _SCANDINAVIAN.search(text):
        return None
    return found


def _first(lines: list[str], title: str, forward: bool, answers: bool) -> Found | None:
    """What the first marker introduces, or in a `forward` the first header block or attribution."""
    known = 0
    for at, line in enumerate(lines):
        if begins := _begins(lines, at, forward or not answers):
            return _found(lines, at, *begins)
        if not forward:
            continue
        if attribution.label(line):
            if letter := lotus_notes.letter(lines, at):
                return _found(lines, letter.start, letter.labels, letter.below)
            if at >= known:  # a later start would find no more
                block, known = attribution.header_block(lines, at)
                if attribution.is_header_block(block):
                    return _found(lines, at, block, known)
        if (count := attribution.attribution(lines, at)) and not subject.is_either(title):
            return _attributed(lines, at, count, title)
    return None


def _by_notes(lines: list[str], alone: bool) -> Found | None:
    """`---- Forwarded by Anna on ... ----`; `alone`: only if no other letter was introduced before."""
    for at, line in enumerate(lines):
        if alone and (line[:1] == ">" or attribution.ruled(line) or attribution.attribution(lines, at)):
            return None
        if "--" in line and _BY.match(line[:_MARKER_SIZE]) and (count := lotus_notes.forwarded_by(lines, at)):
            return _below_notes(lines, at, at + count)
    return None


def _below_notes(lines: list[str], marker: int, at: int) -> Found:
    """The letter that was forwarded, in whatever form it was written."""
    at = _filled(lines, at)
    if at < len(lines) and attribution.ruled(lines[at]):
        at = _filled(lines, at + 1)
    if begins := _block(lines, at, enough=3):
        begins[0]["from"] = lotus_notes.without_moment(begins[0].get("from", ""))
        return _found(lines, marker, *begins)
    for number in range(at, min(at + _HEAD, len(lines))):
        if letter := lotus_notes.letter(lines, number):
            return _found(lines, marker, letter.labels, letter.below)
    return _found(lines, marker, {}, at)


def _hinted(text: str, answers: bool) -> bool:
    """Anything in the text could begin a forwarded letter: a ruled line where that counts, or a marker's first letters.

    Most mails have neither, and are not looked at line by line.
    """
    if not answers and ("---" in text or "____" in text):
        return True
    low = text.lower().replace("i\u0307", "i")  # the Turkish capital I
    return not _BEGINNINGS.isdisjoint(_BEGIN.findall("\n" + low))


def _begins(lines: list[str], at: int, weakly: bool) -> tuple[dict[str, str], int] | None:
    """(labels, the line after them) where a marker stands in this line; `weakly`: a ruled line is one."""
    line = lines[at]
    if marker := attribution.forwards(line):
        rest = line[marker.end() :]
        if rest.strip(" \t-:>*_"):
            block = _inline(rest)
            return (block, at + 1) if "from" in block or "subject" in block else None
        return _block(lines, _filled(lines, at + 1), enough=2)
    if weakly and attribution.ruled(line):
        return _block(lines, _filled(lines, at + 1), enough=3)
    return None


def _filled(lines: list[str], at: int) -> int:
    """The next line with words in it, be it quoted or not."""
    while at < len(lines) and not lines[at].strip("> \t\xa0"):
        at += 1
    return at


def _block(lines: list[str], at: int, enough: int) -> tuple[dict[str, str], int] | None:
    found, below = attribution.header_block(lines, at)
    return (found, below) if len(found) >= enough and ("from" in found or "subject" in found) else None


def _inline(rest: str) -> dict[str, str]:
    found: dict[str, str] = {}
    last = ""
    for piece in _INLINE.split(rest[:4000]):
        known = attribution.label(piece)
        if known and known[0] not in found and len(found) < 8:
            last = known[0]
            found[last] = known[1].strip()
        elif last:
            found[last] += piece
    return found


def _people(value: str) -> tuple[Address, ...]:
    """The addresses of a label's value, however Outlook wrote them."""
    value = _MAILTO.sub(lambda m: f"<{m[1]}>" if m[1] else "", value)
    value = _NOTES_NAME.sub(lambda m: f'"{m[1].strip()}"', value) if "/" in value else value
    if "@" not in value:  # names alone: a comma belongs to one of them
        names = (name.strip(" \t\"'") for name in value[:10_000].split(";"))
        return tuple(Address(name, "") for name in names if name)[:100]
    return addresses(value, limit=100, size=10_000)


def _found(lines: list[str], at: int, block: dict[str, str], below: int) -> Found:
    body = lines[below:]
    filled = [line for line in body if line.strip()]
    marked = sum(1 for line in filled if line.lstrip()[:1] == ">")
    if marked * 2 > len(filled):
        body = [_QUOTE_MARK.sub("", line, count=1) for line in body]
    sender = _people(block.get("from", ""))
    return Found(
        own=_own(lines[:at]),
        forwarded=Forwarded(
            sender=sender[0] if sender else None,
            to=_people(block.get("to", "")),
            cc=_people(block.get("cc", "")),
            subject=" ".join(block.get("subject", "").split()),
            date=block.get("date", ""),
            text="\n".join(body).strip("\n"),
        ),
    )


def _own(lines: list[str]) -> str:
    """The forwarder's words, without his signature and without a ruled line above the block."""
    own = "\n".join(lines).strip("\n\ufeff >")
    return quoting.split(own).new.strip() if own else ""


_NAMED = re.compile(
    r"[\"'«“„]?\s?([^\"'«»“”„<>(\d]{1,100}?)\s?[\"'»”“]?\s?\(?[<(]([^<>()\s@]{1,100}@[^<>()\s]{1,200})[>)]"
)
# What stands between the date and the name, in some languages.
_BETWEEN = re.compile(
    r".*\b(?:időpontban|heeft|používateľ|odesílatel|пользователь|користувач|skrev|schrieb|schreef)\s", re.IGNORECASE
)


def _attributed(lines: list[str], at: int, count: int, title: str) -> Found | None:
    """Outlook for Mac forwards with `On ... wrote:` only; the subject is then the mail's own."""
    line = " ".join(lines[at : at + count])
    named = _NAMED.search(line)
    if not named:
        return None
    name = _BETWEEN.sub("", named[1]).strip(" ,、")
    people = _people(f'"{name}" <{named[2]}>')
    letter = _found(lines, at, {"subject": subject.base(title)}, at + count)
    when = re.search(r"\d.*\d", line[: named.start()])
    return Found(
        letter.own,
        Forwarded(people[0], (), (), letter.forwarded.subject, when[0] if when else "", letter.forwarded.text),
    )
