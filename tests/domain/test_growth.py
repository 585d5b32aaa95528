"""No text costs more than its length: every pattern of the rules, and what reads a letter's words with them."""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

import sitmail.domain
import sitmail.services
from sitmail.domain import commands, introduction, quoting, relaying, rules, subject
from sitmail.domain.customer import _THANKS
from sitmail.domain.facts import Said
from sitmail.domain.mail import Mail
from sitmail.domain.verbs import CUSTOMER, STAFF
from sitmail.services import looking

# What makes patterns slow: long runs of what they repeat, and ends that do not fit.
PIECES = [
    "a", "1", " ", "\t", "/", ">", "<", "-", ",", ":", ";", ".", "(", "[", "]", "@", "_", "=", "*", "\n", "\r\n", "：",
    "1,", "1 ", "1, ", "EX-1,", "[1] ", "a.", "a@", "a ", "> ", "/a ", "/cc add a", "On ", "On a ", "wrote ", "From: ",
    "thanks ", "thanks, ", "thanks all ", "yes, ", "Re: ", "Re[1]", "[a] ", "Re [", "i1.a", "<i1.1.", "10:00 ",
    "-- ", "--\n", "__", "/show 1", "Sent from my ", "----- ", "a: b\n", "\n \n", "()", "(a", "\\(",
]  # fmt: skip
ENDS = ["", "!x\x00\n"]
SMALL, LARGE, LIMIT = 4_000, 16_000, 7.0  # quadratic would be 16
NOTHING_MUCH = 0.01  # seconds of CPU: below that a clock tells nothing


class TooSlow(Exception):
    pass


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    def over(_number: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def took(work: Callable[[str], object], text: str) -> float:
    begun = time.thread_time()
    with patience(20):
        work(text)
    return time.thread_time() - begun


def grows(work: Callable[[str], object]) -> list[str]:
    """Texts on which four times the length costs more than LIMIT times the time."""
    found = []
    for piece in PIECES:
        for end in ENDS:
            small, large = (piece * (size // len(piece)) + end for size in (SMALL, LARGE))
            try:
                if took(work, large) < NOTHING_MUCH:
                    continue
                ratio = min(took(work, large) for _ in range(4)) / min(took(work, small) for _ in range(4))
            except TooSlow:
                ratio = float("inf")
            if ratio >= LIMIT:
                found.append(f"{piece!r} * n + {end!r}: {ratio:.0f} times")
    return found


def every_pattern() -> Iterator[tuple[str, re.Pattern[str]]]:
    for package in (sitmail.domain, sitmail.services):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                values = value if isinstance(value, (tuple, list)) else [value]
                for at, one in enumerate(values):
                    if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                        yield f"{module.name}.{name}.{at}", one


PATTERNS = dict(every_pattern())


def test_there_are_patterns_to_look_at() -> None:
    assert {"sitmail.domain.commands._COMMAND.0", "sitmail.services.looking._NUMBERS.0"} <= PATTERNS.keys()
    assert len(PATTERNS) > 30


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_matches_in_line(name: str) -> None:
    assert not grows(PATTERNS[name].match)


WORK: dict[str, Callable[[str], object]] = {
    "commands of staff": lambda text: commands.read(text, STAFF, strict=True),
    "commands of customers": lambda text: commands.read(text, CUSTOMER, strict=False),
    "numbered lines": lambda text: commands.read_numbered(text, "", STAFF),
    "a numbered subject": lambda text: commands.read_numbered("", text, STAFF),
    "commands of others": lambda text: commands.echoed(commands.read(text, STAFF, strict=True), text, text),
    "what may leave": lambda text: relaying.relayable(text, Said(frozenset({"x" * 9}), frozenset({("a",) * 5}))),
    "numbers in commands": lambda text: looking.command_numbers(Mail(new_text=text, subject=text)),
    "added addresses": looking._ADDED.findall,
    "thanks": _THANKS.match,
    "yes": rules._YES.match,
    "doubt": rules._DOUBT.search,
    "quotation": quoting.split,
    "quotation of a reply": lambda text: quoting.split(text, reply=True),
    "references": lambda text: subject.references(text, "SIT"),
    "base of a subject": subject.base,
    "an attribution": lambda text: introduction.attribution(text.split("\n"), 0),
    "tokens": lambda text: list(relaying.words_of(text)),
}


@pytest.mark.parametrize("name", WORK)
def test_reading_grows_with_the_letter(name: str) -> None:
    assert not grows(WORK[name])
