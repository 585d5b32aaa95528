"""Texts on which a badly written pattern is slow, and a check that quadruples their length to detect it."""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType
from typing import Any, TypeVar

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
TURNS = 12
T = TypeVar("T", str, bytes)


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


def took(work: Callable[[T], object], what: T) -> float:
    begun = time.thread_time()
    with patience(20):
        work(what)
    return time.thread_time() - begun


def ratio(work: Callable[[T], object], small: T, large: T) -> float:
    """How often the CPU time of `small` is in that of `large`, which is four times as long; 0 where it is nothing much.

    A machine that others use too changes its speed from one moment to the next: both are measured in turns, until a
    turn was fair.  Work that grows too fast is never found fair.
    """
    if took(work, large) < NOTHING_MUCH:
        return 0.0
    fairest = float("inf")
    for _ in range(TURNS):
        fairest = min(fairest, took(work, large) / min(took(work, small) for _ in range(3)))
        if fairest < LIMIT:
            break
    return fairest


def grows(work: Callable[[str], object], pieces: Iterable[str] = PIECES) -> list[str]:
    """Texts on which four times the length costs more than LIMIT times the time."""
    found = []
    for piece in pieces:
        for end in ENDS:
            small, large = (piece * (size // len(piece)) + end for size in (SMALL, LARGE))
            try:
                times = ratio(work, small, large)
            except TooSlow:
                times = float("inf")
            if times >= LIMIT:
                found.append(f"{piece!r} * n + {end!r}: {times:.0f} times")
    return found


def patterns_in(value: Any) -> Iterator[re.Pattern[Any]]:
    """A pattern, or those in a table."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from patterns_in(one)
    elif isinstance(value, dict):
        yield from patterns_in(list(value.values()))


def every_pattern(*packages: ModuleType) -> dict[str, re.Pattern[Any]]:
    """Each pattern once, by the name of the first module that has it."""
    found: dict[re.Pattern[Any], str] = {}
    for package in packages:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                for at, one in enumerate(patterns_in(value)):
                    found.setdefault(one, f"{module.name}.{name}.{at}")
    return {name: one for one, name in found.items()}
