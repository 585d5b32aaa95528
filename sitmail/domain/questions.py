"""What the desk needs to know about an incident, and what a customer's mail tells of it.

A request type and a product ask for fields; a type also wants documents.  A customer answers below our question in a
quotation, or with a line `Name: value`; files are known by their names.  What is found is kept in the incident's
`fields`: answers under the id of their field, files under the name of the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from sitmail.domain.dictionary import MAX_FIELDS, MAX_VALUE, Dictionary, Field, entry
from sitmail.domain.incident import Incident
from sitmail.domain.mail import Attachment
from sitmail.domain.record import record

DOCUMENTS = "documents"
_MARKS = re.compile(r"^[>|\s]*(?:\d{1,2}[.)]\s+)?")
_QUOTED = re.compile(r"^\s*[>|]")
_BLANKS = re.compile(r"\s+")
_LONGEST = 20_000  # characters that are looked at


@record
class Missing:
    """What is still needed: fields, and documents by name."""

    fields: tuple[Field, ...] = ()
    documents: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.documents)

    @property
    def questions(self) -> list[str]:
        return [*(one.asked for one in self.fields), *self.documents]

    @property
    def detail(self) -> dict[str, list[str]]:
        """For letters: what customers are asked, and by what names staff call it."""
        if not self:
            return {}
        return {"questions": self.questions, "missing": [*(one.name for one in self.fields), *self.documents]}


def missing(incident: Incident, codes: Dictionary) -> Missing:
    """What its type and its product ask for, and it does not have."""
    kind = entry(codes.request_types, incident.request_type)
    product = entry(codes.products, incident.product)
    if kind is None and product is None:
        return Missing()
    asks = dict.fromkeys((*(kind.asks if kind else ()), *(product.asks if product else ())))
    wanted = (entry(codes.fields, key) for key in asks if key not in incident.fields)
    documents = kind.required_documents if kind else ()
    return Missing(
        tuple(one for one in wanted if one is not None),
        tuple(name for name in documents if name not in incident.fields),
    )


def with_answers(incident: Incident, codes: Dictionary, text: str, files: Iterable[Attachment]) -> Incident:
    """The incident with what a mail of the customer tells of what is missing: itself, if that is nothing."""
    wanted = missing(incident, codes)
    if not wanted:
        return incident
    found = {**_answers(text[:_LONGEST], wanted.fields), **_documents(files, wanted.documents)}
    if not found:
        return incident
    return incident.having(fields=dict([*incident.fields.items(), *found.items()][:MAX_FIELDS]))


def _answers(text: str, fields: Sequence[Field]) -> Mapping[str, str]:
    lines = text.split("\n")
    found: dict[str, str] = {}
    for field in fields:
        value = _below(lines, field.asked) or _named(lines, field)
        try:
            value = field.checked(value) if value else ""
        except ValueError:
            continue  # it is asked again, or an engineer reads it
        if value:
            found[field.id] = value[:MAX_VALUE]
    return found


def _below(lines: Sequence[str], question: str) -> str:
    """What stands behind the question on its line, or below it up to a blank line or the next quoted one.

    A long question may be broken into two or three lines.
    """
    wanted = _plain(question)
    for at in range(len(lines)):
        said = ""
        for end in range(at, min(at + 3, len(lines))):
            said = _BLANKS.sub(" ", f"{said} {_MARKS.sub('', lines[end])}").strip()
            if not _plain(said) or not (wanted.startswith(_plain(said)) or _plain(said).startswith(wanted)):
                break
            if _plain(said).startswith(wanted):
                rest = said[len(_BLANKS.sub(" ", question).strip()) :].strip()
                return rest or _paragraph(lines[end + 1 :])
    return ""


def _paragraph(lines: Sequence[str]) -> str:
    taken: list[str] = []
    for line in lines:
        if not line.strip():
            if taken:
                break
        elif _QUOTED.match(line):
            break
        else:
            taken.append(line.strip())
    return " ".join(taken)


def _named(lines: Sequence[str], field: Field) -> str:
    """A line `Name: value` that is no quotation."""
    names = {field.name.casefold(), field.id.casefold()}
    for line in lines:
        name, sign, value = line.partition(":")
        if sign and value.strip() and name.strip().strip("*-").strip().casefold() in names:
            return value.strip().strip("*").strip()
    return ""


def _documents(files: Iterable[Attachment], wanted: Sequence[str]) -> Mapping[str, str]:
    names = [file.name for file in files if file.name and not file.inline]
    found = {}
    for document in wanted:
        name = next((name for name in names if is_document(name, document)), "")
        if name:
            found[document] = name[:MAX_VALUE]
    return found


def is_document(name: str, wanted: str) -> bool:
    """Whether a file of that name is the document: by a pattern (`*.xlsx`), else by its words in any order."""
    if "*" in wanted:
        return fnmatchcase(name.casefold(), wanted.casefold())
    words = re.findall(r"[^\W_]+", name.casefold())
    return all(word in words for word in re.findall(r"[^\W_]+", wanted.casefold()))


def _plain(text: str) -> str:
    return _BLANKS.sub(" ", text).strip().casefold()
