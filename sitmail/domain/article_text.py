"""An article as the text of a letter: how it is printed, and how what somebody writes is read as one.

A heading stands alone on its line (`Solution:`, `Solution (private):`), the lines of the head above the first heading
(`Title: ...`).  A line of a text that would be read as one of these is printed with a backslash before it, so that what
is printed and read again is the same.  Headings are understood in each language.  Pure text: what a reply changes is
decided in `article_edit`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sitmail.domain.article import Content, Distribution, Part, Section, reference
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence

TITLE, DISTRIBUTION, LANGUAGE, TAGS = "title", "distribution", "language", "tags"
FIELDS = (TITLE, DISTRIBUTION, LANGUAGE, TAGS)
NOTHING = "-"  # alone under a heading: the section goes

# The names of sections, of the lines of the head and of distributions, by language; the first is English.
HEADINGS: Mapping[str, Mapping[Part, str]] = {
    "en": {
        Part.SUMMARY: "Summary",
        Part.SYMPTOMS: "Symptoms",
        Part.CAUSE: "Cause",
        Part.QUESTION: "Question",
        Part.ANSWER: "Answer",
        Part.SOLUTION: "Solution",
        Part.WORKAROUND: "Workaround",
        Part.STATUS: "Status",
        Part.FURTHER: "Further information",
        Part.REFERENCES: "References",
    },
    "de": {
        Part.SUMMARY: "Zusammenfassung",
        Part.SYMPTOMS: "Symptome",
        Part.CAUSE: "Ursache",
        Part.QUESTION: "Frage",
        Part.ANSWER: "Antwort",
        Part.SOLUTION: "Lösung",
        Part.WORKAROUND: "Umgehung",
        Part.STATUS: "Stand",
        Part.FURTHER: "Weitere Informationen",
        Part.REFERENCES: "Verweise",
    },
    "fr": {
        Part.SUMMARY: "Résumé",
        Part.SYMPTOMS: "Symptômes",
        Part.CAUSE: "Cause",
        Part.QUESTION: "Question",
        Part.ANSWER: "Réponse",
        Part.SOLUTION: "Solution",
        Part.WORKAROUND: "Contournement",
        Part.STATUS: "État",
        Part.FURTHER: "Informations complémentaires",
        Part.REFERENCES: "Références",
    },
}
LABELS: Mapping[str, Mapping[str, str]] = {
    "en": {TITLE: "Title", DISTRIBUTION: "Distribution", LANGUAGE: "Language", TAGS: "Tags"},
    "de": {TITLE: "Titel", DISTRIBUTION: "Verteilung", LANGUAGE: "Sprache", TAGS: "Schlagwörter"},
    "fr": {TITLE: "Titre", DISTRIBUTION: "Diffusion", LANGUAGE: "Langue", TAGS: "Mots-clés"},
}
WORDS: Mapping[str, Distribution] = {
    **{str(one): one for one in Distribution},
    "öffentlich": Distribution.PUBLIC,
    "eingeschränkt": Distribution.RESTRICTED,
    "privat": Distribution.PRIVATE,
    "publique": Distribution.PUBLIC,
    "restreint": Distribution.RESTRICTED,
    "restreinte": Distribution.RESTRICTED,
    "privé": Distribution.PRIVATE,
    "privée": Distribution.PRIVATE,
}
_PARTS = {str(part): part for part in Part} | {
    name.lower(): part for names in HEADINGS.values() for part, name in names.items()
}
_LABELS = {label.lower(): name for labels in LABELS.values() for name, label in labels.items()}
_HEADING = re.compile(r"(?P<name>[^\W\d_][\w' -]{1,40}?)[ \xa0]*(?:\((?P<own>[^()]{1,20})\))?[ \xa0]*[:：]")
_LABEL = re.compile(r"(?P<name>[^\W\d_][\w-]{2,20})[ \xa0]*[:：]\s*(?P<value>.*)", re.DOTALL)
_BEGIN = re.compile(r"=== ?KB(?P<number>[0-9]{1,9})\.(?P<revision>[0-9]{1,6}) ?===")
_END = re.compile(r"=== ?end of KB[0-9]{1,9}\.[0-9]{1,6} ?===")
_NEAR = 0.75  # how like a heading a line is that may be meant as one


def name_of(part: Part, language: str) -> str:
    return HEADINGS.get(language.partition("-")[0], HEADINGS["en"])[part]


# --- printed


def block(number: int, revision: int, content: Content) -> str:
    """The article as it is edited: all of it, between two lines by which a reply is found again."""
    name = reference(number, revision)
    return "\n".join((f"=== {name} ===", *editable(content), f"=== end of {name} ==="))


def editable(content: Content) -> list[str]:
    """All of it, with who may read what."""
    language = content.language.partition("-")[0]
    labels = LABELS.get(language, LABELS["en"])
    lines = [
        f"{labels[TITLE]}: {content.title}",
        f"{labels[DISTRIBUTION]}: {content.distribution}",
        f"{labels[LANGUAGE]}: {content.language or NOTHING}",
        f"{labels[TAGS]}: {', '.join(content.tags) or NOTHING}",
    ]
    for one in content.sections:
        own = f" ({one.distribution})" if one.distribution else ""
        lines += ["", f"{name_of(one.part, language)}{own}:", *(escaped(line) for line in one.text.split("\n"))]
    return lines


def plain(content: Content) -> str:
    """As somebody reads it who does not edit it: to be printed, or sent to a customer (`article.readable` first)."""
    lines = [content.title]
    for one in content.sections:
        lines += ["", f"{name_of(one.part, content.language)}:", one.text]
    return "\n".join(lines)


def escaped(line: str) -> str:
    return f"\\{line}" if line.startswith("\\") or _means(line) else line


def unescaped(line: str) -> str:
    """What `escaped` was made of; a backslash before anything else is a backslash."""
    return line[1:] if line.startswith("\\") and (line.startswith("\\\\") or _means(line[1:])) else line


def _means(line: str) -> bool:
    """Whether a line would be read as something else than text."""
    stripped = line.strip()
    known = heading(stripped) is not None or _BEGIN.fullmatch(stripped) or _END.fullmatch(stripped)
    return bool(known) or stripped == NOTHING or bool(_nearly(stripped))


# --- read


@record
class Heading:
    part: Part
    own: str = ""  # the word in brackets


def heading(line: str) -> Heading | None:
    """A line that is the name of a section."""
    found = _HEADING.fullmatch(line.strip())
    part = _PARTS.get(" ".join(found["name"].lower().split())) if found else None
    return Heading(part, (found["own"] or "").strip().lower()) if found and part else None


def begins(line: str) -> tuple[int, int] | None:
    """(article, revision) where the line is the first one of an article that was printed."""
    found = _BEGIN.search(line)
    return (int(found["number"]), int(found["revision"])) if found else None


def ends(line: str) -> bool:
    return _END.search(line) is not None


@dataclass
class Read:
    """What was written: `head` has values by `FIELDS`, `sections` their texts, `NOTHING` for one that is to go.

    `own` are the distributions of sections, None where the heading names none.  `loose` are lines under no heading,
    `wrong` lines that cannot be read, each with the sentence that says why.
    """

    head: dict[str, str] = field(default_factory=dict)
    sections: dict[Part, str] = field(default_factory=dict)
    own: dict[Part, Distribution | None] = field(default_factory=dict)
    loose: list[str] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    def content(self, before: Content) -> Content:
        """As an article; what does not stand there is as before."""
        sections = tuple(Section(part, text, self.own.get(part)) for part, text in self.sections.items() if text)
        return Content(self.head.get(TITLE, before.title), sections=sections)


TWICE = Sentence("that section stands there twice; write it once")
NO_SUCH_WORD = Sentence("a section is public, restricted or private")


def parse(lines: Iterable[str], broken: bool = False) -> Read:
    """Reads lines without marks of quotation.  `broken`: a mail program may have broken those of the head."""
    read, part, empty = Read(), None, True
    texts: dict[Part, list[str]] = {}
    for line in lines:
        found = heading(line)
        if found is not None:
            if found.part in texts:
                read.wrong.append((line.strip(), TWICE))
            if found.own and found.own not in WORDS:
                read.wrong.append((line.strip(), NO_SUCH_WORD))
            part, texts[found.part] = found.part, []
            read.own[part] = WORDS.get(found.own)
        elif (says := _nearly(line)) and (empty or part is None):
            read.wrong.append((line.strip(), says))
        elif part is not None:
            texts[part].append(line.rstrip())
        elif line.strip():
            _in_head(read, line, goes_on=broken and not empty)
        empty = not line.strip()
    for each, text in texts.items():
        written = "\n".join(text).strip("\n")
        read.sections[each] = NOTHING if written.strip() == NOTHING else "\n".join(map(unescaped, written.split("\n")))
    return read


def _in_head(read: Read, line: str, goes_on: bool) -> None:
    found = _LABEL.fullmatch(line.strip())
    name = _LABELS.get(found["name"].lower()) if found else None
    if name is None and goes_on and read.head:
        last = next(reversed(read.head))
        read.head[last] = f"{read.head[last]} {line.strip()}".strip()
    elif found is None or name is None:
        read.loose.append(line)
    elif name in read.head:
        read.wrong.append((line.strip(), Sentence("that line stands there twice; write it once")))
    else:
        read.head[name] = found["value"].strip()


def _nearly(line: str) -> str:
    """The sentence for a line that may be meant as a heading and is none; "" for a text."""
    found = _HEADING.fullmatch(line.strip())
    if found is None or len(found["name"]) < 4:
        return ""
    near = difflib.get_close_matches(found["name"].lower(), _PARTS, 1, _NEAR)
    if not near and not found["own"]:
        return ""
    if near:
        return Sentence(
            "no such section; did you mean %(name)s? a line of the text itself is written with \\ before it",
            name=near[0].capitalize() + ":",
        )
    return Sentence("no such section; there are: %(names)s", names=section_names())


def section_names(but: Sequence[Part] = ()) -> str:
    return ", ".join(HEADINGS["en"][part] for part in Part if part not in but)
