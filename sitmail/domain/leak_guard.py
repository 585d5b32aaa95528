"""What may leave the house: words and files that somebody means for others, less what was only said to him.

Programs quote without marks, break lines and join them; mails carry whole letters of ours as files.  What we wrote to
staff is known word by word, and our tokens by their form (behaviour 2: nothing quoted from a letter to staff is
ever relayed, and what was issued to one reader never leaves to another).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sitmail.domain.facts import Said
from sitmail.domain.mail import Attachment
from sitmail.domain.trust import names_a_token

RUN = 5  # words: so many in a row are no accident
SCANNED = 2_000_000  # bytes of a file that are looked at
NEAR = 12  # characters: a shorter line of a file may be anybody's


_MARKS = re.compile(r"(?:\W{0,20}\w{1,12}>)?\W*")  # what programs put before a quoted line: `> `, `| `, `Bob> `


def bare(line: str) -> str:
    """A line as it can be found again: without marks of quotation, its white space folded."""
    return " ".join(line[_MARKS.match(line).end() :].split())  # type: ignore[union-attr]


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(words: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """Every run of RUN words."""
    return zip(*(words[at:] for at in range(RUN)), strict=False)


def relayable(words: str, said: Said) -> str:
    """The words without quoted lines and without lines of letters that were meant for staff."""
    lines = words.split("\n")
    repeated = _repeated(lines, said) if said.runs else set()
    kept = [
        line
        for at, line in enumerate(lines)
        if not line.lstrip().startswith(">") and bare(line) not in said.lines and at not in repeated
    ]
    return "\n".join(kept).strip()


def _repeated(lines: Sequence[str], said: Said) -> set[int]:
    """Places of lines whose words stand in such a letter in that order, whatever its lines were."""
    places = [(at, word) for at, line in enumerate(lines) for word in words_of(line)]
    known: set[int] = set()
    for start, run in enumerate(runs([word for _, word in places])):
        if run in said.runs:
            known.update(range(start, start + RUN))
    total, fresh = [0] * len(lines), [0] * len(lines)
    for number, (at, _) in enumerate(places):
        total[at] += 1
        fresh[at] += number not in known
    return {at for at, count in enumerate(total) if count and fresh[at] <= (count > RUN)}


def may_leave(file: Attachment, said: Said) -> bool:
    """A letter of ours in a mail, as a message or saved as a file, may hold tokens and words for staff: it stays."""
    if file.type.startswith("message/"):
        return False
    content = file.content[:SCANNED].replace(b"\0", b"")  # UTF-16, as Outlook saves letters
    if b"x-sitmail-" in content.lower() or names_a_token(content.decode("latin-1")):
        return False
    if not said.lines:
        return True
    text = re.sub(r"<[^<>]*>", "\n", content.decode("utf-8", "replace"))
    lines = map(bare, text.split("\n"))
    return not any(len(line) >= NEAR and line in said.lines for line in lines)
