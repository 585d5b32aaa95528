"""What the page of a letter of ours holds beside the words of its text, as programs write a quoted page in a text.

They write a button as its label and an address that we signed, perhaps in brackets, and the hidden preview as a line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

from sitmail.domain.memory import bare
from sitmail.domain.trust import names_a_token
from sitmail.domain.word_runs import squeezed

_BUTTON = re.compile(r"\?subject=[^\s&]*&(?:amp;)?body=([^\s&<>()]*)", re.IGNORECASE)


def beside_words(lines: Sequence[str], body: Sequence[int]) -> set[int]:
    """Those places of a quotation where a button or the preview stands."""
    return _buttons(lines, body) | _preview(lines, body)


def _buttons(lines: Sequence[str], body: Sequence[int]) -> set[int]:
    """Buttons, and the line below each that repeats what it would write; the same words elsewhere are somebody's."""
    found: set[int] = set()
    for place, at in enumerate(body):
        button = _BUTTON.search(lines[at])
        if button is None or not names_a_token(lines[at]):
            continue
        found.add(at)
        below = next((one for one in body[place + 1 :] if bare(lines[one])), at)
        if bare(lines[below]) == bare(unquote(button[1])):
            found.add(below)
    return found


def _preview(lines: Sequence[str], body: Sequence[int]) -> set[int]:
    """The first line, "Jane Doe: It smokes.", if its words are repeated below."""
    first = next((at for at in body if bare(lines[at])), None)
    if first is None:
        return set()
    name, _, words = (squeezed(part) for part in lines[first].partition(": "))
    below = squeezed("\n".join(lines[at] for at in body if at > first))
    return {first} if name and words and name in below and words in below else set()
