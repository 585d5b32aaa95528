"""Replies to a morning paper: which line of it a line of the reply names, and what was typed under a quoted line.

One rule, which the letter says: a bare number is a line of that letter, and an incident is written with its tag
(`EX-12: /take`).  What only nearly names a line is never words to a customer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from sitmail.domain.command_lines import holds_slash
from sitmail.domain.mail import Mail
from sitmail.domain.nouns import BEFORE_NUMBER
from sitmail.domain.number_lists import MOST
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence

NEARLY = Sentence("is that line %(line)s of the letter? then write %(line)s: and your words behind it")
LIST_OR_LINE = re.compile(r"\s*#?([0-9]{1,2})[.)]\s")
_TO = r"(?:\s*[-\u2010-\u2014]\s*\[?(?:[A-Za-z]{2,10}-)?[0-9]{1,9}\]?)?"  # the end of a range
_PIECE = rf"(?:\[?[A-Za-z]{{2,10}}-[0-9]{{1,9}}\]?|\#?[0-9]{{1,9}}){_TO}"
_READ = re.compile(
    r"(?:([A-Za-z]{2,10})-)?([0-9]{1,9})\]?(?:\s*[-\u2010-\u2014]\s*\[?(?:[A-Za-z]{2,10}-)?([0-9]{1,9}))?"
)
_NAMED = re.compile(
    rf"(?P<noun>{BEFORE_NUMBER})(?:(?i:lines?|zeilen?|lignes?)\s+)?"
    rf"(?P<pieces>{_PIECE}(?:\s*(?:[,;&+]|(?i:and|und|et)\s)\s*{_PIECE})*)"
    # a time of day is no line; without a colon only a verb can follow, and no path
    r"\s*(?P<mark>[:\uff1a](?![0-9]{2}(?![0-9]))|[.)]?\s*(?=[/\\\uff0f]\s?\w[\w-]*(?:[\s.]|\Z)))\s*(?P<rest>.*)\Z",
    re.ASCII | re.DOTALL,
)
_MARKER = re.compile(r"[>|\s]*([0-9]{1,3})\.\s+\[([A-Za-z]{2,10})-([0-9]{1,9})\]", re.ASCII)
_QUOTE_MARKS = re.compile(r"\s*(?:[>|] ?)+")


@record
class Lines:
    """The incidents of the lines of a letter, the first first; none for mails that answer no paper."""

    numbers: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.numbers)

    def named(self, line: str) -> tuple[tuple[int, ...], str]:
        """The incidents that a line of a reply names, and the text behind; a line that is not there is below 0."""
        found = _NAMED.match(line)
        if found is None:
            return (), line
        named: list[int] = []
        for tag, first, last in _READ.findall(found["pieces"]):
            many = range(int(first), min(int(last or first), int(first) + MOST) + 1) or [int(first), int(last)]
            named += many if tag or found["noun"].strip() else map(self._at, many)
        return tuple(dict.fromkeys(named)), found["rest"].strip()

    def _at(self, place: int) -> int:
        return self.numbers[place - 1] if 1 <= place <= len(self.numbers) else -max(1, place)

    def nearly(self, line: str) -> str:
        """Why a line may be meant for a line of the letter, "" if it is not."""
        found = LIST_OR_LINE.match(line)
        there = found is not None and 1 <= int(found[1]) <= len(self.numbers) and not holds_slash(line)
        return Sentence(NEARLY, line=found[1]) if there and found else ""


def continues_list(said: str, line: str) -> bool:
    """Whether a line goes on with a list in the words above it, which begins with 1."""
    found = LIST_OR_LINE.match(line)
    items = [int(one[1]) for each in said.split("\n") if (one := LIST_OR_LINE.match(each))]
    return found is not None and int(found[1]) == len(items) + 1 and items == list(range(1, len(items) + 1))


def markers(mail: Mail, lines: Lines) -> Iterator[int]:
    """The incidents of the lines of the letter that a mail quotes, where something may stand under them."""
    above = 0
    for line in mail.text.split("\n"):
        number = _marker(line, lines)
        if above and not number and line.strip() and not line.lstrip().startswith(">"):
            yield lines.numbers[above - 1]
        above = number or (above if not line.strip() or line.lstrip().startswith(">") else 0)


def typed(mail: Mail, lines: Lines) -> str:
    """What its author newly wrote; what he typed directly under a quoted line of the letter begins with its number."""
    own = Counter(line for line in _own(mail) if line.strip())
    written: list[str] = []
    under = 0
    quoted, begun = False, False
    for line in mail.text.split("\n"):
        if own[line] > 0 and not _marker(line, lines):
            own[line] -= 1
            if not quoted or not under or lines.named(line.strip())[0]:
                written.append(line)
            elif not begun or holds_slash(line):
                written.append(f"{under}: {line.strip()}")
            else:
                written.append(line)
            begun = True
            continue
        if not line.strip():
            continue
        quoted = True
        begun = False
        number = _marker(line, lines)
        inner = _QUOTE_MARKS.sub("", line, count=1) if not number else ""
        if number or (inner.strip() and not inner.startswith("  ")):
            under = number  # another line of the letter, or none: a heading, the foot
    return "\n".join(written)


def _own(mail: Mail) -> Sequence[str]:
    every = [*mail.new_text.split("\n"), *mail.answers.split("\n")]
    return [line for line in every if not line.lstrip().startswith(">")]


def _marker(line: str, lines: Lines) -> int:
    """The place of the line of the letter that is quoted here, 0 for none."""
    found = _MARKER.match(line)
    place = int(found[1]) if found else 0
    there = found is not None and 1 <= place <= len(lines.numbers) and lines.numbers[place - 1] == int(found[3])
    return place if there else 0
