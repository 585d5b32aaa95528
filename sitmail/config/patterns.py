"""Regular expressions that admins write: compiled with a cap, and attacked before they meet strangers' mail."""

from __future__ import annotations

import re
import time
import warnings

from sitmail.domain.policy import Policy

LONGEST = 200  # characters of an expression
ALLOWED = 0.05  # seconds of CPU for one hostile subject
STEPS = (*range(4, 40), 60, 100, 200, 400, 1000)
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def compiled(value: object, flags: int = 0) -> re.Pattern[str]:
    """Raises ValueError with a sentence where it is no expression, too long, or one Python warns of."""
    if not isinstance(value, str) or not value:
        raise ValueError("expected a regular expression")
    if len(value) > LONGEST:
        raise ValueError(f"expected a regular expression of at most {LONGEST} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(value, flags)
    except (re.error, RecursionError, OverflowError, Warning) as error:
        raise ValueError(f"expected a regular expression ({error})") from None


def former_tag(value: object) -> re.Pattern[str]:
    """How another system wrote its numbers; its one group is the number.  Case-blind, ASCII digits."""
    found = compiled(value, re.ASCII | re.IGNORECASE)
    if found.groups != 1:
        raise ValueError(r'expected a regular expression with one group, the number, such as "#(\d+)"')
    return found


def fingerprint(value: object) -> str | re.Pattern[str]:
    """What tells one alarm from another: a header field's name, else an expression for subject and text."""
    if value == "":
        return ""
    if isinstance(value, str) and FIELD_NAME.fullmatch(value):
        return value
    return compiled(value)


def slow(pattern: re.Pattern[str]) -> bool:
    """Whether some hostile text takes the expression longer than ALLOWED (CPU of this thread).

    Texts grow step by step and the first slow one ends the trial, so an exponential expression is found early.
    """
    letters = sorted(set(re.findall(r"[A-Za-z0-9]", pattern.pattern)))[:12]
    pieces = [*letters, "0", "a", "A", " ", "-", "a0", "a ", "0-", pattern.pattern[:20]]
    return any(_slow_with(pattern, piece) for piece in dict.fromkeys(pieces))


def _slow_with(pattern: re.Pattern[str], piece: str) -> bool:
    for times in STEPS:
        begun = time.thread_time()
        pattern.search(piece * times + "\x01")
        if time.thread_time() - begun > ALLOWED:
            return True
    return False


def slow_patterns(policy: Policy, file: str = "config.toml") -> list[str]:
    """A line for each expression of the policy that strangers could use to keep the desk busy.  For `check` alone."""
    named = [(f"desk.former_tags[{i}]", pattern) for i, pattern in enumerate(policy.former_tags)]
    named += [(f"monitor[{i}].fingerprint", m.pattern) for i, m in enumerate(policy.monitors) if m.pattern]
    return [
        f"{file}: {place}: takes too long on hostile text; write it without nested repetitions"
        for place, pattern in named
        if slow(pattern)
    ]
