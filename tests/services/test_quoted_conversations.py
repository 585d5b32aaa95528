"""Conversations of all shapes: every own word comes to the other side, and no word of a note comes outside.

Each of 500 is one of 12 ways in which programs quote, one of 6 places for the answer, and somebody who writes it: the
contact, or an engineer whose letter holds a note.  The words are made from a seed; each answer has words of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from html import escape
from textwrap import wrap

import pytest

from tests.services.small_desk import ANNA, BOB, JANE, SmallDesk

COUNT, BATCHES = 500, 5
ON = "On Mon, 2 Mar 2026 at 12:00, Example Support <support@example.com> wrote:"
AM = "Am Mo., 2. März 2026 um 12:00 Uhr schrieb Example Support <support@example.com>:"
LABELS = [
    "From: Example Support <support@example.com>",
    "Sent: Monday, March 2, 2026 12:00 PM",
    "To: Somebody",
    "Subject: Printer",
    "",
]
WORDS = [
    *("pump", "lamp", "door", "belt", "motor", "wheel", "paper", "green", "yellow", "slow", "quick", "loud", "cold"),
    *("left", "right", "upper", "lower", "first", "last", "opens", "closes", "stops", "starts", "turns", "shines"),
    *("smells", "rattles", "today", "again", "always", "never", "hardly", "almost", "twice", "between", "behind"),
]
PLACES = ("top", "bottom", "between", "inside", "top and between", "top and bottom")
Body = tuple[str, str]  # text, and what of text/ it is
Lines = Sequence[tuple[str, bool]]  # a line, and whether it is quoted


def arranged(letter: Sequence[str], answers: Sequence[str], place: str) -> Lines:
    """The quoted lines and the answers in their order, without an introduction."""
    quoted = [(line, True) for line in letter]
    own = [(line, False) for line in answers]
    if place == "top":
        return [*own, ("", False), *quoted]
    if place == "bottom":
        return [*quoted, ("", False), *own]
    if place == "top and bottom":
        return [*own[:1], ("", False), *quoted, ("", False), *own[1:]]
    rest = own[1:] if place == "top and between" else own
    ends = [at for at, line in enumerate(letter) if line.endswith(".")] or [len(letter) - 1]
    behind = {ends[number % len(ends)]: one for number, one in enumerate(rest)}
    mixed = [
        one
        for at, line in enumerate(quoted)
        for one in ([line, ("", False), behind[at], ("", False)] if at in behind else [line])
    ]
    left = [one for one in rest if one not in behind.values()]
    return [*(own[:1] if place == "top and between" else []), *mixed, *left]


def marked(mark: str, introduction: Sequence[str]) -> Callable[[Lines, str], Body]:
    """A program that marks what it quotes, below a line or two that introduce it."""

    def write(lines: Lines, place: str) -> Body:
        text = []
        for line, quoted in _introduced(lines, introduction):
            # typed inside a quotation, a program marks an answer as well
            typed_inside = place == "inside" and mark == "> " and line and not quoted
            text.append(f"{mark}{line}".rstrip() if quoted is True or typed_inside else line)
        return "\n".join(text), "plain"

    return write


def _introduced(lines: Lines, introduction: Sequence[str]) -> list[tuple[str, bool | None]]:
    first = next(at for at, (_, quoted) in enumerate(lines) if quoted)
    return [*lines[:first], *((line, None) for line in introduction), *lines[first:]]


def bare(introduction: Sequence[str]) -> Callable[[Lines, str], Body]:
    return lambda lines, place: ("\n".join(line for line, _ in _introduced(lines, introduction)), "plain")


def wrapped(lines: Lines, place: str) -> Body:
    """Quoted lines that a program broke at a narrow width."""
    broken = [(part, q) for line, q in lines for part in (wrap(line, 50) or [""] if q else [line])]
    return marked("> ", [ON])(broken, place)


def page(introduction: Sequence[str], around: tuple[str, str], colour: str) -> Callable[[Lines, str], Body]:
    """HTML: `around` stands about what is quoted; an answer between is typed into it, in a colour."""

    def write(lines: Lines, place: str) -> Body:
        places = [at for at, (_, quoted) in enumerate(lines) if quoted]
        body, inside = [], False
        for at, (line, quoted) in enumerate(lines):
            if at == places[0]:
                body += [f"<p>{'<br>'.join(escape(one) for one in introduction)}</p>", around[0]]
                inside = True
            style = f' style="color:{colour}"' if inside and not quoted and line else ""
            body.append(f"<p{style}>{escape(line)}</p>")
            if at == places[-1]:
                body.append(around[1])
                inside = False
        return f"<html><body>{''.join(body)}</body></html>", "html"

    return write


STYLES: dict[str, Callable[[Lines, str], Body]] = {
    "marked below an attribution": marked("> ", [ON]),
    "German": marked("> ", [AM]),
    "no introduction": marked("> ", []),
    "bars": marked("| ", [ON, ""]),
    "initials": marked("ES> ", [ON]),
    "wrapped": wrapped,
    "marked below labels": marked("> ", ["-----Original Message-----", *LABELS]),
    "labels": bare(LABELS),
    "a ruled line and labels": bare(["________________________________", *LABELS]),
    "a bare attribution": bare([ON, ""]),
    "a page with labels": page(LABELS[:-1], ("", ""), "red"),
    "a page with a blockquote": page([ON], ('<blockquote type="cite">', "</blockquote>"), "blue"),
}


class Talk:
    """One conversation up to the answer that is looked at."""

    def __init__(self, desk: SmallDesk, number: int) -> None:
        self.desk, self.number = desk, number
        self.chance = random.Random(number)
        names = list(STYLES)
        self.style, self.place = names[number % 12], PLACES[number // 12 % 6]
        self.writer = (JANE, BOB)[number // 72 % 2]

    def sentence(self, own: str) -> str:
        return f"{' '.join(self.chance.choices(WORDS, k=self.chance.randrange(3, 9)))} {own}."

    def play(self) -> tuple[list[str], str, str]:
        """(own words, what the other side reads, what everybody outside reads)."""
        desk, number = self.desk, self.number
        desk.letters.clear()  # of the conversations before
        desk.say(JANE, "\n".join(self.sentence(f"asked{number}x{n}") for n in range(3)), subject=f"Case {number}")
        desk.say(ANNA, f"/note\n{self.sentence(f'canary{number}')}", answers=desk.last(ANNA, "assigned"))
        desk.say(ANNA, "/assign bob", answers=desk.last(ANNA, "assigned"))  # a plain reply is public
        if self.writer == JANE:
            answer = "\n\n".join(self.sentence(f"told{number}x{n}") for n in range(3))
            desk.say(BOB, f"Hello Jane,\n\n{answer}\n\nRegards, Bob", answers=desk.last(BOB, "assigned"))
        letter = desk.last(self.writer)
        assert self.writer == JANE or f"canary{number}" in letter.text
        answers = [self.sentence(f"own{number}x{n}") for n in range(2)]
        lines = arranged(letter.text.rstrip("\n").split("\n"), answers, self.place)
        text, kind = STYLES[self.style](lines, self.place)
        before = len(desk.letters)
        form = ["MIME-Version: 1.0", f"Content-Type: text/{kind}; charset=utf-8"]
        done = desk.say(self.writer, text, answers=letter, headers=form)
        fresh = desk.letters[before:]
        other = "\n".join(one.text for one in fresh if one.to == (BOB if self.writer == JANE else JANE))
        outside = "\n".join(one.all_text for one in fresh if one.to not in (ANNA, BOB))
        assert done.decision.ending == "applied", (self.described(), done.decision, text)
        return [f"own{number}x{n}." for n in range(2)], other, outside

    def described(self) -> str:
        return f"{self.number}: {self.style}, {self.place}, by {self.writer}"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_own_word_comes_to_the_other_side_and_no_note_outside(
    small_desk: Callable[..., SmallDesk], batch: int
) -> None:
    desk = small_desk()
    lost, leaked = [], []
    for number in range(batch, COUNT, BATCHES):
        talk = Talk(desk, number)
        own, other, outside = talk.play()
        lost += [(talk.described(), word) for word in own if word not in other]
        leaked += [talk.described() for word in ("canary", "read by:", "Notes for staff") if word in outside]
    assert (lost, leaked) == ([], [])
