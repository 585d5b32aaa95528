"""What scanners of our mail server wrote into a mail's head: infected, or spam.  The settings name their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_CLEAN = frozenset(("", "no", "false", "0", "none", "clean", "not infected", "ok"))


def marked(headers: Mapping[str, Sequence[str]], setting: str) -> bool:
    """Whether a field says so.  `setting` is its name, or `Name: value` where its value must begin so.

    `headers` are values by lower-case name.  A bare name means any value but those that say that nothing was found.
    """
    if not setting:
        return False
    name, colon, wanted = setting.partition(":")
    values = [value.strip().lower() for value in headers.get(name.strip().lower(), ())]
    if colon:
        return any(value.startswith(wanted.strip().lower()) for value in values)
    return any(value not in _CLEAN for value in values)
