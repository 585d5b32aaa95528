"""What a reply to an article's letter changes of it (`Edit`), what came of it, and how two revisions differ.

A reply holds lines that its author wrote, and mostly the letter that it answers, marked as a quotation or not.  He may
write sections on top or below, or change the article within the quotation: both are found, for the letter prints the
article between two lines that are known.  What the quotation only breaks into other lines is no change.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace

from sitmail.domain import article_text, article_verbs, own_words
from sitmail.domain.article import (
    SECTIONS,
    TAG_LIMIT,
    TAGS,
    TEXT_LIMIT,
    TITLE_LIMIT,
    Content,
    Distribution,
    Part,
    Section,
    ordered,
    within,
)
from sitmail.domain.article_text import NOTHING, Read, begins, editable, ends, parse
from sitmail.domain.mail import Mail
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence

Wrong = tuple[str, str]  # a line, and why it is refused
_MARKS = re.compile(r"(?:[ \t]{0,3}>)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?", re.IGNORECASE)
FIRST_LINE = "INTERNAL: "  # in every language
_HEAD = len(article_text.FIELDS)
_LONGEST_MENDED = 4_000  # words of a text whose line ends are put back


@record
class Edit:
    """`head` has new values by `article_text.FIELDS`, `sections` new texts ("": it goes), `own` new distributions."""

    head: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[Part, str] = field(default_factory=dict)
    own: Mapping[Part, Distribution | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.head or self.sections or self.own)


@record
class Reply:
    """`commands` are (verb, what stands behind it, line); `words` are his own that stand under no heading."""

    commands: tuple[tuple[str, str, str], ...]
    words: str
    edit: Edit
    wrong: tuple[Wrong, ...] = ()
    in_quotation: bool = False  # something of it was typed into the quotation


CUT = Sentence(
    "the end of the quotation is missing, so that what you changed there is not clear; send that section alone"
)
BOTH = Sentence("that stands in your words and, changed, in the quotation; leave one of them")


def quoted(mail: Mail) -> tuple[int, int] | None:
    """The article and the revision that stand in a mail, as our letters print them."""
    return next((found for line in mail.text.split("\n") if (found := begins(line))), None)


def read_reply(mail: Mail, base: Content, ours: Callable[[str], bool]) -> Reply:
    """What a mail says of an article; `base` is what the letter showed that it answers.

    `ours`: whether a line stands in our letters to its author.
    """
    mine, shown, whole = _apart(mail, ours)
    commands, mine = _commands(mine)
    written = parse(mine)
    own = Edit(written.head, {part: _kept(text) for part, text in written.sections.items()}, _named(written))
    empty = [part for part, text in written.sections.items() if not text.strip()]
    wrong = [*written.wrong, *((article_text.name_of(part, "en") + ":", NO_TEXT) for part in empty)]
    placed, refused = Edit(), len(wrong)
    if shown is not None:
        inside = parse(shown, broken=True)
        wrong += inside.wrong
        placed, unclear = _changed_in_place(inside, base, whole)
        wrong += unclear
    for part in own.sections.keys() & placed.sections.keys():
        wrong.append((article_text.name_of(part, "en") + ":", BOTH))
    both = Edit({**placed.head, **own.head}, {**placed.sections, **own.sections}, {**placed.own, **own.own})
    words = "\n".join(written.loose).strip()
    return Reply(commands, words, both, tuple(wrong), in_quotation=bool(placed) or len(wrong) > refused)


NO_TEXT = Sentence("nothing stands under that heading; a line with - alone takes the section away")


def _commands(lines: list[str]) -> tuple[tuple[tuple[str, str, str], ...], list[str]]:
    """The lines on top that are commands, and those at the end that have a slash; and the others."""
    top, end = 0, len(lines)
    found: list[tuple[str, str, str]] = []
    below: list[tuple[str, str, str]] = []
    while top < end and (not lines[top].strip() or (read := article_verbs.read(lines[top]))):
        if lines[top].strip() and read:
            found.append((*read, lines[top].strip()))
        top += 1
    while end > top and (not lines[end - 1].strip() or (read := article_verbs.read(lines[end - 1], slash=True))):
        end -= 1
        if lines[end].strip() and read:
            below.insert(0, (*read, lines[end].strip()))
    return (*found, *below), lines[top:end]


def _apart(mail: Mail, ours: Callable[[str], bool]) -> tuple[list[str], list[str] | None, bool]:
    """His own lines, those of the article that is quoted, less its marks (None: there is none), and if it has an end.

    Where nothing marks a quotation, lines of ours directly round the article belong to it.
    """
    lines, kinds = mail.text.split("\n"), mail.marks
    start = next((at for at, line in enumerate(lines) if begins(line)), None)
    if start is None:
        return mail.new_text.split("\n"), None, True
    stop = next((at for at in range(start + 1, len(lines)) if ends(lines[at])), None)
    end = len(lines) if stop is None else stop
    marks = _MARKS.match(lines[start])[0].count(">")  # type: ignore[index]
    inside = [_unmarked(line, marks) for line in lines[start + 1 : end]]
    if len(kinds) != len(lines):  # a forward, whose words were told apart otherwise
        return [], inside, stop is not None
    above, below = _begin_of_letter(lines, start), end + 1
    while above > 0 and (not lines[above - 1].strip() or ours(lines[above - 1])):
        above -= 1
    while below < len(lines) and (not lines[below].strip() or ours(lines[below])):
        below += 1
    mine = [line for at, line in enumerate(lines) if not above <= at < below and kinds[at] == own_words.OWN]
    return mine, inside, stop is not None


def _begin_of_letter(lines: Sequence[str], block: int) -> int:
    """Where our letter begins that shows the article; where that is left out, the article itself."""
    return next((at for at in range(block - 1, -1, -1) if lines[at].startswith(FIRST_LINE)), block)


def _unmarked(line: str, marks: int) -> str:
    """Without as many marks of quotation as the first line has, and the blank behind them."""
    for _ in range(marks):
        if not (bare := line.lstrip(" \t")).startswith(">"):
            break
        line = bare[1:]
        line = line.removeprefix(" ")
    return line


def _named(read: Read) -> dict[Part, Distribution | None]:
    """Distributions that headings of his own name; a heading without one says nothing of it."""
    return {part: own for part, own in read.own.items() if own is not None}


def _kept(text: str) -> str:
    return "" if text == NOTHING else text.strip("\n")


def _changed_in_place(inside: Read, base: Content, whole: bool) -> tuple[Edit, list[Wrong]]:
    """What differs from what the letter showed, however its lines were broken; what is missing is no change."""
    was = parse(editable(base))
    head = {
        name: value
        for name, value in inside.head.items()
        if _flat(value) != _flat(was.head.get(name, "")) and not (value == NOTHING and not was.head.get(name))
    }
    sections: dict[Part, str] = {}
    own: dict[Part, Distribution | None] = {}
    last = next(reversed(inside.sections), None)
    wrong: list[Wrong] = []
    for part, text in inside.sections.items():
        before = was.sections.get(part, "")
        if inside.own.get(part) != was.own.get(part):
            own[part] = inside.own.get(part)
        if _flat(text) == _flat(before):
            continue
        if not whole and part is last:
            if not _flat(before).startswith(_flat(text)[:-1]):
                wrong.append((article_text.name_of(part, "en") + ":", CUT))
            continue
        sections[part] = _kept(mended(before, text))
    wrong += [(line.strip(), UNDER_NOTHING) for line in inside.loose]
    return Edit(head, sections, own), wrong


UNDER_NOTHING = Sentence("that stands in the article under no heading")


def _flat(text: str) -> str:
    return " ".join(text.split())


def mended(before: str, after: str) -> str:
    """`after` with the line ends that `before` had, wherever the same words stand: programs break quoted lines."""
    old, new = _pieces(before), _pieces(after)
    if max(len(old), len(new)) > _LONGEST_MENDED:
        return after
    gaps = [gap for _, gap in new]
    matcher = difflib.SequenceMatcher(None, [word for word, _ in old], [word for word, _ in new], autojunk=False)
    for one in matcher.get_matching_blocks():
        for step in range(one.size - 1):
            gaps[one.b + step] = old[one.a + step][1]
    return "".join(f"{word}{gap}" for (word, _), gap in zip(new, gaps, strict=True)).strip()


def _pieces(text: str) -> list[tuple[str, str]]:
    """Each word with the white space behind it."""
    return re.findall(r"(\S+)(\s*)", text)


# --- what came of it


def applied(before: Content, edit: Edit) -> tuple[Content, list[Wrong]]:
    """The article with what an edit changes, and what of it cannot be."""
    wrong: list[Wrong] = []
    title = " ".join(edit.head.get(article_text.TITLE, before.title).split())
    if not title or title == NOTHING:
        wrong.append((f"Title: {title}", Sentence("an article has a title")))
    elif len(title) > TITLE_LIMIT:
        wrong.append(
            (f"Title: {title[:60]}...", Sentence("a title has at most %(count)s characters", count=TITLE_LIMIT))
        )
    sections = {one.part: one for one in before.sections}
    for part, text in edit.sections.items():
        earlier = sections.get(part)
        sections[part] = Section(part, text, earlier.distribution if earlier else None)
    for part, own in edit.own.items():
        if part in sections:
            sections[part] = replace(sections[part], distribution=own)
    after = Content(
        title,
        _distribution(before, edit, wrong),
        _language(before, edit, wrong),
        _tags(before, edit, wrong),
        ordered(sections),
    )
    if sum(len(one.text) for one in after.sections) > TEXT_LIMIT:
        wrong.append(("", Sentence("an article has at most %(count)s characters", count=TEXT_LIMIT)))
    for one in after.sections:
        if one.distribution and not within(one.distribution, after.distribution):
            says = Sentence(
                "a section cannot be %(own)s in an article that is %(whole)s",
                own=Sentence(str(one.distribution)),
                whole=Sentence(str(after.distribution)),
            )
            wrong.append((f"{article_text.name_of(one.part, 'en')} ({one.distribution}):", says))
    return after, wrong


def _distribution(before: Content, edit: Edit, wrong: list[Wrong]) -> Distribution:
    word = edit.head.get(article_text.DISTRIBUTION)
    if word is None:
        return before.distribution
    found = article_text.WORDS.get(word.lower())
    if found is None:
        wrong.append((f"Distribution: {word}", Sentence("an article is public, restricted or private")))
    return found or before.distribution


def _language(before: Content, edit: Edit, wrong: list[Wrong]) -> str:
    word = edit.head.get(article_text.LANGUAGE)
    if word is None:
        return before.language
    if word in ("", NOTHING):
        return ""
    if not _LANGUAGE.fullmatch(word):
        wrong.append((f"Language: {word}", Sentence("a language is written as en, de or fr")))
    return word.lower()


def _tags(before: Content, edit: Edit, wrong: list[Wrong]) -> tuple[str, ...]:
    word = edit.head.get(article_text.TAGS)
    if word is None:
        return before.tags
    tags = tuple(dict.fromkeys(" ".join(one.lower().split()) for one in re.split(r"[,;]", word)))
    tags = tuple(one for one in tags if one and one != NOTHING)
    if len(tags) > TAGS or any(len(one) > TAG_LIMIT for one in tags):
        says = Sentence("at most %(count)s tags, of %(length)s characters each", count=TAGS, length=TAG_LIMIT)
        wrong.append((f"Tags: {word[:60]}", says))
    return tags


# --- how two revisions differ


def difference(before: Content, after: Content) -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, [("-" or "+", line), ...]) of what changed, in the order of an article, without lines that stayed."""
    found = []
    head = _lines(editable(before)[:_HEAD], editable(replace(after, language=before.language))[:_HEAD])
    if before.language != after.language:
        head += [("-", f"Language: {before.language or NOTHING}"), ("+", f"Language: {after.language or NOTHING}")]
    if head:
        found.append(("", head))
    for part in SECTIONS:
        changed = _lines(_section(before, part), _section(after, part))
        if changed:
            found.append((article_text.name_of(part, after.language), changed))
    return found


def _section(content: Content, part: Part) -> list[str]:
    one = content.section(part)
    if one is None:
        return []
    return [*([f"({one.distribution})"] if one.distribution else []), *one.text.split("\n")]


def _lines(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what != "equal":
            found += [("-", line) for line in _said(before[a:b])] + [("+", line) for line in _said(after[c:d])]
    return found


def _said(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line.strip()]
