"""`@name` in a note: which engineers it names.  Any other @ is text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sitmail.domain.choices import Choice, named
from sitmail.domain.engineers import Engineer

_AT = re.compile(r"(?<![^\s(\[{\"'\u201e\u201c\u2018\u00ab*])@(\w[\w.'\u2019-]*)")  # at the start of a word
LONGEST_NAME = 3  # words


def mentioned(note: str, engineers: Mapping[str, Engineer]) -> list[str]:
    """Ids of the engineers whom a note names as commands do (id, name, a clear start of either), each once."""
    if "@" not in note:
        return []
    choices = [Choice(one.id, one.name) for one in engineers.values()]
    found = []
    for at in _AT.finditer(note):
        end = at.end()
        if note[end : end + 1] != "@":  # else it is part of an address
            words = [at[1], *note[end : end + 200].partition("\n")[0].split()[: LONGEST_NAME - 1]]
            found.append(_whom(words, choices))
    return [one for one in dict.fromkeys(found) if one]


def _whom(words: list[str], choices: list[Choice]) -> str:
    for count in range(len(words), 1, -1):
        whole = " ".join(words[:count]).rstrip(".,;:!?)").lower()
        found = [choice.id for choice in choices if choice.name.lower() == whole]
        if len(found) == 1:
            return found[0]
    word = re.split("['\u2019]", words[0])[0].rstrip(".-")
    try:
        return named(word, "engineer", choices)
    except ValueError:
        return ""
