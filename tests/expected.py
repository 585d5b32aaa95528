"""What must come of letters in files, as `expected.toml` beside them says; read and judged here.

    configured = true                                 explained with the desk of `../desk.toml`, else without any

    [[case]]
    file = "answers-between.eml"                      the other lines name fields of `sitmail explain FILE --json`:
    kind = "reply"                                    equal
    forwarded.from.address = "mia@example.org"        a field inside a field
    new_text.has = ["Yes, it does.", "The red one."]  each of these is in the text
    attachments.has = "plan.pdf"                      lists of files, people and recipients: by name, or by address
    bounce.recipients."tom@example.org".hard = false  one entry of such a list, and a field of it

`is` is the same as none of these words; `has` and `hasnt` hold if each or none of the texts (of the entries) is there;
`begins`, `match` (regular expressions); `one_of`, `none_of`; `count` of entries, `over` a number.  Texts are compared
with white space folded and without invisible characters.

Lines that begin with `desk.` are about a running desk that gets the letter (`tests.letters.test_mails`): `after` (the
words that it answers: an engineer's, or of a contact's first mail if an engineer wrote it), `ending`, `contact` and
`status` of its incident, `owner_reads`, `customer_reads`, `staff_reads` (subjects and texts of the letters it causes),
`letters_to_sender` (how many), `log` (the words of the incident's updates).  In the letter {REPLY_TO}, {MESSAGE_ID}
and {SUBJECT} stand for those of the letter answered; `support@desk.example` in To, and <x.1@desk.example>, do so too.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INVISIBLE = re.compile(r"[\xad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
MISSING = object()


@dataclass(frozen=True)
class Case:
    """One letter: what `explain` must say of it, and what a desk must do with it."""

    file: Path
    explained: Mapping[str, Any]
    desk: Mapping[str, Any]
    configured: bool

    @property
    def name(self) -> str:
        return f"{self.file.parent.name}/{self.file.stem}"

    @property
    def config(self) -> Path | None:
        return self.file.parents[1] / "desk.toml" if self.configured else None


def cases(folder: Path) -> list[Case]:
    """The cases of every folder below, in their order.  A letter that no case names is an AssertionError."""
    found = []
    for table in sorted(folder.glob("*/expected.toml")):
        told = tomllib.loads(table.read_text("utf-8"))
        rows = told["case"]
        named = {row["file"] for row in rows}
        assert named == {path.name for path in table.parent.glob("*.eml")}, f"{table} does not name its letters"
        for row in rows:
            desk = row.pop("desk", {})
            file = table.parent / row.pop("file")
            found.append(Case(file, row, desk, told.get("configured", False)))
    return found


def folded(text: str) -> str:
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def differences(wanted: Mapping[str, Any], found: Any, path: str = "") -> list[str]:
    """Sentences; none where everything that was named is so."""
    trouble = []
    for key, value in wanted.items():
        here = f"{path}.{key}" if path else key
        if key in WORDS:
            holds = found is not MISSING and WORDS[key](found, value)
            trouble += [] if holds else [f"{here} = {value!r} does not hold for {_shown(found)}"]
        elif isinstance(value, dict):
            trouble += differences(value, entry(found, key), here)
        elif not _equal(at := entry(found, key), value):
            trouble.append(f"{here} is {_shown(at)}, not {value!r}")
    return trouble


def entry(found: Any, key: str) -> Any:
    """A field; or the entry of a list with that name or address."""
    if isinstance(found, Mapping):
        return found.get(key, MISSING)
    if isinstance(found, list):
        return next((one for one in found if key in _names(one)), MISSING)
    return MISSING


def _shown(found: Any) -> str:
    return "nothing" if found is MISSING else repr(found)


def _names(one: Any) -> set[str]:
    return {str(one.get("name")), str(one.get("address"))} if isinstance(one, Mapping) else {str(one)}


def _equal(found: Any, wanted: Any) -> bool:
    if isinstance(found, str) and isinstance(wanted, str):
        return folded(found) == folded(wanted)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(any(one == w or w in _names(one) for one in found) for w in wanted)
    return bool(type(found) is type(wanted) and found == wanted)


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _holds(found: Any, text: Any) -> bool:
    if isinstance(found, list):
        return any(one == text or str(text) in _names(one) or text in one for one in found if one is not None)
    return isinstance(found, str) and folded(str(text)) in folded(found)


def _matches(found: Any, pattern: str) -> bool:
    texts = found if isinstance(found, list) else [found]
    return any(isinstance(one, str) and re.search(pattern, folded(one)) for one in texts)


WORDS: dict[str, Callable[[Any, Any], bool]] = {
    "is": _equal,
    "has": lambda found, texts: all(_holds(found, text) for text in _many(texts)),
    "hasnt": lambda found, texts: not any(_holds(found, text) for text in _many(texts)),
    "begins": lambda found, text: isinstance(found, str) and folded(found).startswith(folded(text)),
    "match": lambda found, patterns: all(_matches(found, pattern) for pattern in _many(patterns)),
    "one_of": lambda found, values: any(_equal(found, value) for value in values),
    "none_of": lambda found, values: not any(_equal(found, value) for value in values),
    "count": lambda found, number: isinstance(found, list) and len(found) == number,
    "over": lambda found, number: isinstance(found, int | float) and found > number,
}
