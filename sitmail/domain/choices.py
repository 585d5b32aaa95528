"""What people name in a command (a status, a priority, a colleague): by id, by name, or by a clear start of either."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from sitmail.domain.record import record


@record
class Choice:
    """Something that can be named by id, name or an unambiguous start of either, or by the whole words `also`."""

    id: str
    name: str
    also: tuple[str, ...] = ()


def named(word: str, what: str, choices: Sequence[Choice]) -> str:
    """The id that `word` names, in any case.  Raises ValueError with a sentence for the one who wrote it."""
    wanted = re.sub(r"[\s_-]+", "-", word.strip().lower())
    if not wanted:
        raise ValueError(f"which {what}? {_listed(choices)}")

    def forms(choice: Choice) -> tuple[str, ...]:
        return choice.id.lower(), re.sub(r"[\s_-]+", "-", choice.name.lower())

    exact = [c.id for c in choices if wanted in (*forms(c), *c.also)]
    found = exact or [c.id for c in choices if any(form.startswith(wanted) for form in forms(c))]
    if len(set(found)) == 1:
        return found[0]
    if found:
        raise ValueError(f"{word!r} may be {' or '.join(sorted(set(found)))}; write more of it")
    near = difflib.get_close_matches(wanted, [form for c in choices for form in forms(c)], 1)
    raise ValueError(f"no {what} {word!r}" + (f"; did you mean {near[0]!r}?" if near else f"; {_listed(choices)}"))


def _listed(choices: Sequence[Choice]) -> str:
    return "one of " + ", ".join(choice.id for choice in choices) if choices else "there is none"
