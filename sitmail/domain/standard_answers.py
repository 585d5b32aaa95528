"""Standard answers: texts of the configuration that engineers send by name, in the language of the customer.

A text has fields of a closed list, `{name}`, each put in once: what is put in is not looked at again, and a text is
never a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from sitmail.domain.record import record

# By field, what it says.
FIELDS: Mapping[str, str] = {
    "name": "the contact's name",
    "reference": "the incident's reference",
    "engineer": "the name of who sends it",
    "desk": "the desk's name",
    "site": "the contact's site",
    "product": "the product",
}
_FIELD = re.compile(r"( ?)\{([A-Za-z_]+)\}")


@record
class StandardAnswer:
    """`texts` are by language tag; `text` is for all others."""

    id: str
    name: str
    text: str
    texts: Mapping[str, str] = field(default_factory=dict)

    def text_in(self, language: str) -> str:
        """The text for readers of a language such as `de-AT`: in that, else in `de`, else the one for all others."""
        return self.texts.get(language) or self.texts.get(language.partition("-")[0]) or self.text


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields put in.  Where one is empty, the space before it goes, too: "Hello {name}," without a
    name is "Hello,".
    """

    def put(found: re.Match[str]) -> str:
        value = values.get(found[2], "")
        return found[1] + value if value else ""

    return _FIELD.sub(put, text).strip()


def unknown_fields(text: str) -> list[str]:
    """Words in braces that are no fields."""
    return [name for _, name in _FIELD.findall(text) if name not in FIELDS]
