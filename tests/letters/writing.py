"""Mails as people's programs write them, from the steps of a case: new ones, and answers to letters of the desk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.letters.programs import PROGRAMS
from tests.letters.replied import ON, Letter, address
from tests.letters.script import Step

DESK = "support@example.com"
NOTES = re.compile(r"Notes for staff only also go to: (\S+)")


@dataclass(frozen=True)
class Mail:
    """A mail on its way to the desk."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    author: str
    message_id: str


def find(names: Mapping[str, str], letters: Sequence[Letter], which: str) -> Letter:
    """The last letter that "anna assigned", or "anna", names."""
    who, _, purpose = which.partition(" ")
    mine = [one for one in letters if one.recipient == address(names[who]) and purpose in ("", one.purpose)]
    assert mine, f"no letter {which!r} has left so far"
    return mine[-1]


def write(step: Step, names: Mapping[str, str], letters: Sequence[Letter], number: int) -> Mail:
    """The mail of a step; `number` makes its Message-ID."""
    writer = names.get(step.writer, step.writer)
    answered = find(names, letters, step.answers) if step.answers else None
    to = [_recipient(one, names, letters, answered) for one in step.to] or [answered.reply_to if answered else DESK]
    message_id = step.message_id or f"<{number}.letter@{address(writer).rpartition('@')[2]}>"
    subject = step.subject or (f"Re: {answered.parsed['Subject']}" if answered else "")
    head = [
        f"From: {writer}",
        f"To: {', '.join([names.get(one, one) for one in step.shown_to] or to)}",
        *([f"Cc: {', '.join(names.get(one, one) for one in step.cc)}"] if step.cc else []),
        f"Subject: {subject}",
        *([f"Message-ID: {message_id}"] if message_id != "none" else []),
    ]
    if answered and not any(line.lower().startswith("in-reply-to") for line in step.headers):
        head += [f"In-Reply-To: {answered.message_id}", f"References: {answered.message_id}"]
    head += [_filled(line, names, letters) for line in step.headers]
    body = _body(step, _quoting(step.text, step.quote, answered), answered)
    raw = "\n".join([line for line in head if not line.endswith(": -")] + [body]).replace("\n", "\r\n")
    ours = tuple(one.rpartition("<")[2].rstrip(">") for one in to if address(one).endswith("@example.com"))
    sender = address(writer) if step.envelope is None else step.envelope
    return Mail(sender, ours, raw.encode(), _author(writer, step.headers), message_id)


def _author(writer: str, headers: Sequence[str]) -> str:
    """Who wrote it; in the desk's own name whom it names besides."""
    named = [line for line in headers if line.startswith(("Reply-To:", "X-Original-From:"))]
    return address(named[0].partition(":")[2].strip()) if named and address(writer) == DESK else address(writer)


def _recipient(one: str, names: Mapping[str, str], letters: Sequence[Letter], answered: Letter | None) -> str:
    if one == "desk":
        return DESK
    if one == "command":
        return "support+cmd@example.com"
    if one == "note":
        assert answered is not None
        found = NOTES.search(answered.text)
        assert found, "the letter names no address for notes"
        return found[1]
    upper = one.startswith("upper ")
    what, _, which = one.removeprefix("upper ").partition(" of ")
    if which:
        letter = find(names, letters, which)
        found = {"reply": letter.reply_to, "return path": letter.sender}[what]
        return found.upper() if upper else found
    return names.get(one, one)


def _filled(line: str, names: Mapping[str, str], letters: Sequence[Letter]) -> str:
    """`{id of jane answer}` is that letter's Message-ID."""
    return re.sub(r"\{id of ([\w ]+)\}", lambda found: find(names, letters, found[1]).message_id, line)


def _quoting(text: str, how: str, answered: Letter | None) -> str:
    if answered is None or how in ("none", "attached"):
        return text
    lines = answered.text.strip("\n").split("\n")
    marked = [f"> {line}".rstrip() for line in lines]
    if how == "below":
        return "\n".join([text, "", ON, *marked])
    if how == "above":
        return "\n".join([ON, *marked, "", text])
    if how == "between":
        half = len(marked) // 2
        return "\n".join([ON, *marked[:half], "", text, "", *marked[half:]])
    assert how == "bare", how
    return "\n".join([text, "", *lines])


def _body(step: Step, text: str, answered: Letter | None) -> str:
    """Everything below the common head fields: type, blank line, parts."""
    if step.program:
        type_, body = PROGRAMS[step.program](step.text, answered if step.quote == "below" else None)
        return f"MIME-Version: 1.0\nContent-Type: {type_}\nContent-Transfer-Encoding: 8bit\n\n{body}"
    kind = "html" if step.html else "plain"
    files = [(one["name"], one.get("type", "text/plain"), one["text"]) for one in step.files]
    if step.quote == "attached" and answered is not None:
        files.append(("letter.eml", "message/rfc822", answered.raw.decode().replace("\r\n", "\n")))
    plain = f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{step.html or text}\n"
    if not files:
        return f"MIME-Version: 1.0\n{plain}"
    parts = [f"--=_part\n{plain}"]
    for name, type_, content in files:
        parts.append(
            f'--=_part\nContent-Type: {type_}\nContent-Disposition: attachment; filename="{name}"\n\n{content}\n'
        )
    return 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=_part"\n\n' + "".join(parts) + "--=_part--\n"
