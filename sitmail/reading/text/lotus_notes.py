"""Letters as Lotus Notes writes them into an answer or a forward: a name and a moment, then `To:`, `cc:`, `Subject:`.

Notes writes the sender without a label, or with the date behind the name, so that `attribution.header_block` does not
recognise such a letter.
"""

from __future__ import annotations

import re

from sitmail.domain.record import record
from sitmail.reading.text.attribution import label

_STAMP = re.compile(
    r"(?:\s(?:on|am|le|il|el|den|på|op|dnia|dne)\s{1,4})?"
    r"\b(?:\d{1,2}[/.-](?:\d{1,2}|[a-z]{3,4})[/.-](?:\d{4}|\d\d)|\d{4}[/.-]\d\d[/.-]\d\d)"
    r"[\s,]{1,4}\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:\s?[ap]m)?(?:\s?(?-i:[A-Z]{2,5})\d?|\s?[+-]\d{4})?\s{0,20}$",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"\s{0,40}(?:sent by|please respond to|gesendet von|bitte antwort an)\b", re.IGNORECASE)
_BY = re.compile(r"[\s>]{0,20}-{3,60}\s{0,3}\S.{0,200}\s-{3,60}\s{0,3}$")
_LABELS, _ABOVE = 40, 12


@record
class Letter:
    """The line where a letter begins, its labels (`from` and `date` included), and the first line of its text."""

    start: int
    labels: dict[str, str]
    below: int


def letter(lines: list[str], at: int) -> Letter | None:
    """The letter whose `To:` is in line `at`, or None."""
    known = label(lines[at])
    if known is None or known[0] != "to" or (head := _head(lines, at)) is None:
        return None
    labels, last = {"to": known[1]}, "to"
    for number in range(at + 1, min(at + _LABELS, len(lines))):
        if (known := label(lines[number])) and known[0] not in labels:
            last = known[0]
            labels[last] = known[1]
        elif "subject" in labels:
            break
        elif not lines[number].strip("> \t"):
            if not _subject_below(lines, number):
                break
        else:
            labels[last] += " " + lines[number].strip("> \t")
        if last == "subject":
            return Letter(head[0], labels | {"from": head[1], "date": head[2]}, number + 1)
    return None


def _subject_below(lines: list[str], at: int) -> bool:
    """Whether a subject label follows, after one or two blank lines."""
    below = next((line for line in lines[at : at + 3] if line.strip("> \t")), "")
    return (label(below) or ("",))[0] == "subject"


def _head(lines: list[str], at: int) -> tuple[int, str, str] | None:
    """(first line, name, moment) of the lines above the labels, or None."""
    above = [n for n in range(at - 1, max(-1, at - _ABOVE), -1) if lines[n].strip("> \t")][:5]
    above = [n for n in above if not _BESIDE.match(lines[n])]
    if not above or not (found := _stamped(lines, above)):
        return None
    start, line, stamp = found
    above = above[above.index(start) :]
    name = line[: stamp.start()].strip("> \t")
    if not name and len(above) > 1:
        start, name = above[1], lines[above[1]].strip("> \t")
    elif (known := label(line)) and known[0] == "from":
        name = _STAMP.sub("", known[1]).strip()
        if len(above) > 1 and lines[above[1]][:1] in " \t" and len(lines[above[1]]) < 80:
            start = above[1]  # the line above is the company's name
    return start, re.sub(r"@[A-Z]{2,20}$", "", name), stamp[0].removeprefix(" on ").strip()


def _stamped(lines: list[str], above: list[int]) -> tuple[int, str, re.Match[str]] | None:
    """(line number, line, match) of the line with the date and time, which may be wrapped into a second line."""
    line = lines[above[0]]
    if len(line) > 200:
        return None
    if stamp := _STAMP.search(line):
        return above[0], line, stamp
    if len(above) > 1 and above[1] == above[0] - 1 and len(lines[above[1]]) <= 200:
        line = f"{lines[above[1]].rstrip()} {line.strip('> ')}"
        if stamp := _STAMP.search(line):
            return above[1], line, stamp
    return None


def forwarded_by(lines: list[str], at: int) -> int:
    """How many lines a marker `---- Forwarded by Anna/ACME on 02.11.2026 10:00 ----` has, or 0."""
    if _BY.match(lines[at][:400]):
        return 1
    return 2 if at + 1 < len(lines) and _BY.match(f"{lines[at]} {lines[at + 1].strip()}"[:400]) else 0


def without_moment(name: str) -> str:
    """The name alone: `Anna` for `Anna on 02.11.2026 10:00`."""
    return _STAMP.sub("", name[:400]).strip()
