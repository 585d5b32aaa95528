"""What people name in a command (a status, a priority, a colleague): by id, by name, or by a clear start of either."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence, either


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
        raise ValueError(Sentence("which %(what)s? %(choices)s", what=what, choices=_listed(choices)))

    def forms(choice: Choice) -> tuple[str, ...]:
        return choice.id.lower(), re.sub(r"[\s_-]+", "-", choice.name.lower())

    exact = [c.id for c in choices if wanted in (*forms(c), *c.also)]
    found = exact or [c.id for c in choices if any(form.startswith(wanted) for form in forms(c))]
    if len(set(found)) == 1:
        return found[0]
    if found:
        any_of = either(sorted(set(found)))
        raise ValueError(Sentence("'%(word)s' may be %(choices)s; write more of it", word=word, choices=any_of))
    near = difflib.get_close_matches(wanted, [form for c in choices for form in forms(c)], 1)
    hint = Sentence("did you mean '%(word)s'?", word=near[0]) if near else _listed(choices)
    raise ValueError(Sentence("no %(what)s '%(word)s'; %(hint)s", what=what, word=word, hint=hint))


def _listed(choices: Sequence[Choice]) -> str:
    if not choices:
        return Sentence("there is none")
    return Sentence("one of %(choices)s", choices=", ".join(choice.id for choice in choices))
