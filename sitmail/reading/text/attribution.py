"""Lines that introduce another letter inside a text: header blocks, ruled lines, and `On ... wrote:`.

Patterns are anchored and bounded, and look at one line (or a few joined ones), so that the cost is linear.  What such a
line means for the text below it is decided in `quoting` (answers) and `forwarding` (forwarded mail).
"""

from __future__ import annotations

import re

from sitmail.reading.text.client_phrases import FORWARDED, FORWARDED_BY, LABELS, ORIGINAL, VERBS, VERBS_INSIDE

# --- header blocks inside a text (`From: ... Sent: ... To: ... Subject: ...`)

_AROUND = "> \t\xa0*_|"


def label(line: str) -> tuple[str, str] | None:
    """(kind, value) of a line like `Sent: Monday ...`, or None."""
    head = line[:80]
    at, wide = head.find(":"), head.find("：")
    if at < 0 or 0 <= wide < at:
        at = wide
    if at < 0:
        return None
    kind = LABELS.get(head[:at].strip(_AROUND).lower())
    return (kind, line[at + 1 : 2000].strip(" \t\xa0*_")) if kind else None


_BARE = re.compile(r"[> \t\xa0*_|]{0,12}([^\W\d_][^\W_]{0,20}(?: [^\W_]{1,12}){0,2}?)(?:\t| {2})[ \t]{0,20}(\S.*)")
_UNKNOWN = re.compile(r"[> \t\xa0*_|]{0,12}[^\W\d_][\w -]{1,30}[*_]?\s?[:：][ \t\xa0]\s{0,20}\S")


def _bare_label(line: str) -> tuple[str, str] | None:
    """(kind, value) of a label without its colon, followed by a wide gap: `An  anna@example.org`.

    Lines look like this where HTML was turned into text.
    """
    found = _BARE.match(line[:2000])
    kind = LABELS.get(found[1].lower()) if found else None
    return (kind, found[2].strip()) if kind and found else None


def _unknown_label(lines: list[str], at: int) -> bool:
    """Whether the line looks like a label and a known label follows: it is in a language we have no words for."""
    return bool(_UNKNOWN.match(lines[at])) and at + 1 < len(lines) and label(lines[at + 1]) is not None


def header_block(lines: list[str], at: int) -> tuple[dict[str, str], int]:
    """The labels that begin at line `at` (first value of each kind), and the line after them.

    A value may continue on the next line if that line is not a label.  Blank lines end the block.  After the first
    label, others may lack their colon, and one between known labels may be unknown.
    """
    found: dict[str, str] = {}
    last, end = "", at
    for number in range(at, min(at + 24, len(lines))):
        line = lines[number]
        if known := label(line) or (_bare_label(line) if found else None):
            last = known[0]
            found.setdefault(last, known[1])
        elif not line.strip("> \t\xa0") or not found:
            break
        elif last in ("from", "to", "cc", "date") and _continues(line, found[last]):
            found[last] += " " + line.lstrip("> \t")
        elif _unknown_label(lines, number):
            last = ""
        else:
            break
        end = number + 1
    return found, end


def _continues(line: str, value: str) -> bool:
    """Whether an address list continues: the line begins with an address in brackets, or the value ended in a comma."""
    line = line.lstrip("> \t")
    return bool(re.match(r"<?[^\s<>]{1,200}@[^\s<>]{1,200}>", line)) or value.endswith((",", ";", "<"))


def is_header_block(found: dict[str, str]) -> bool:
    """Whether there are enough labels to exclude chance: a sender, and either two other kinds or a date or subject."""
    return "from" in found and len(found) >= 3 and bool({"date", "subject", "to"} & found.keys())


# --- lines that introduce a quotation

_PHRASES = "|".join(re.escape(phrase) for phrase in sorted(ORIGINAL, key=len, reverse=True))
_ORIGINAL = re.compile(
    rf"[\s>*]{{0,20}}+-{{2,40}}+\s{{0,3}}+(?:{_PHRASES})[^\n-]{{0,40}}-{{2,40}}[\s*]{{0,4}}$", re.IGNORECASE
)
_ORIGINAL_BARE = re.compile(rf"[\s*]{{0,8}}(?:{_PHRASES})(?:\s\w{{3,20}})?\s?:?\s{{0,3}}$", re.IGNORECASE)
# What may precede a forward's marker in its line: blanks, marks of quotation or emphasis, and dashes.
_BEFORE = r"[\s>\ufeff*_]{0,20}+(?:[-=_]{2,40}+\s{0,3}+)?"
_FORWARDS = "|".join(re.escape(phrase) for phrase in sorted((*FORWARDED, *FORWARDED_BY), key=len, reverse=True))
# Some programs repeat the marker in English: `-------- Preposlaná správa --- Forwarded Message --------`.
_FORWARD = re.compile(
    rf"{_BEFORE}(?:{_FORWARDS})(?:\s?[/|-]{{1,3}}\s?[\w. ]{{3,40}}(?=-{{2}}|[*\s]{{0,3}}$))?"
    r"\s{0,3}[:：]?\s{0,3}(?:[-=_]{2,40})?",
    re.IGNORECASE,
)
_MARKER_SIZE = 160
# `>>> Erik West <erik@example.com> 01/12/26 4:10 PM >>>`; these are not quotation marks.
_GROUPWISE = re.compile(
    r"\s{0,3}>>>\s{1,3}[^\s>][^\n]{2,200}\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b[^\n]{0,40}\s>>>\s{0,3}$"
)
# `Erik West --- Printer on floor 3 ---`
_TITLED = re.compile(r"[^\n-]{0,80}-{3,40}\s[^\n]{1,200}\s-{3,40}\s{0,3}$")
_UNDERSCORES = re.compile(r"\s{0,3}_{20,}\s{0,3}$")

# An attribution: a word that begins it, anything, and a verb that ends it.
_ENDS = {
    last: tuple(ending for ending in (":", "：", *VERBS) if ending[-1] == last)
    for last in {ending[-1] for ending in (":", "：", *VERBS)}
}  # by the last letter of the verb
_VERBS = {last: tuple(verb for verb in VERBS if verb[-1] == last) for last in {verb[-1] for verb in VERBS}}
# `Am 2.11. um 10:00 schrieb Anna:`
_VERB_INSIDE = re.compile(
    rf"(?:\s|님이 )(?:{'|'.join(VERBS_INSIDE)})\s[^:：]{{1,120}}(?:\d:\d\d[^:：]{{0,20}})?[:：]$", re.IGNORECASE
)
_OPENING = re.compile(
    r"""[>\s]{0,10}(?:on|am|le|el|il|em|no|op|den|d\.|på|w\ dniu|dnia|dana|dňa|в|ven|in\ data|at|a|pe|în|ma|ti|ke|to|la|
    su|dne|kuupäev|在|於|于|于\ |[^\W\d_]{2,12}(?:\.|,|\.,)\s|[^\W\d_]{1,12}\.?,?\s\d|\d{1,4}[-./:\s年년])""",
    re.IGNORECASE | re.VERBOSE,
)
# `"Anna" <anna@example.org> kirjoitti 2.11.2026 klo 10.00:`
_NAME_FIRST = re.compile(r"[^<>@:\n]{0,80}\(?<[^<>\s@]{1,100}@[^<>\s@]{1,100}>")
# A year, a time or a date.  Each begins with a digit, because `re` searches quickly for a first character: what may
# not precede it is therefore checked by a look-behind placed after that digit.
_WHEN = re.compile(
    r"\d(?<!\d\d)(?:(?:(?<=1)9|(?<=2)0)\d\d(?!\d)|(?<!\w\d)\d?(?:[:.hu]\d\d(?!\d)|[./-]\s?\d{1,2}[./-]\s?\d{2,4}\b))"
)
_ADDRESS = re.compile(r"[<(\[]\s?[^\s<>()]{1,200}@[^\s<>()]{1,200}")
_DIGIT = re.compile(r"\d")
_PLAIN_DIGIT = re.compile("[0-9]")  # ASCII digits only, which is faster
_ATTRIBUTION_SIZE, ATTRIBUTION_LINES = 500, 4


def _introduces(text: str, marked_below: bool = False) -> bool:
    """Whether the joined lines name the author of what follows.

    If lines marked as quoted follow, a name with its address and a verb is enough; else there must be a date.
    """
    ended = text.rstrip()
    colon = ended.endswith((":", "："))
    verb = ended.rstrip(":： ").lower()
    if verb.endswith(_VERBS.get(verb[-1:], ())) or (colon and _VERB_INSIDE.search(ended[-200:])):
        named = _NAME_FIRST.match(text)
        if not named and not _OPENING.match(text):
            return False
        if _WHEN.search(text):
            return colon or bool(_ADDRESS.search(text))
        return bool(named) and colon and marked_below
    # Without a verb: a date, an address in brackets, and a colon at the very end.
    return ended.endswith((">:", "):", '":', "]:")) and bool(_WHEN.search(text)) and bool(_ADDRESS.search(text))


def has_digit(text: str) -> bool:
    return bool((_PLAIN_DIGIT if text.isascii() else _DIGIT).search(text))


def ends_attribution(line: str) -> bool:
    """Whether an attribution can end in this line.  A cheap check made before the expensive one."""
    if ">" not in line:
        return (":" in line or "：" in line) and line.rstrip()[-1:] in (":", "：")
    ended = line.rstrip()
    if ended[-1:] == ">" and ended[:1].isdigit():
        return True
    return ended.endswith(_ENDS.get(ended[-1:], ()))


def attribution(lines: list[str], at: int) -> int:
    """How many lines from `at` make up an attribution (`On ... wrote:`, folded or not); 0 if there is none."""
    text = ""
    for count in range(1, min(ATTRIBUTION_LINES, len(lines) - at) + 1):
        line = lines[at + count - 1].strip().lstrip("\ufeff")
        if not line or (count > 1 and line.startswith(">") and not line.startswith(">:")):
            return 0
        text = f"{text} {line}" if text else line
        if len(text) > _ATTRIBUTION_SIZE:
            return 0
        if count == 1 and not _may_begin(text):
            return 0
        if _introduces(text, _marked(lines, at + count)):
            if count == 1:
                return 1
            # If the later lines are an attribution by themselves, the first line is the author's own.
            alone = (" ".join(line.strip() for line in lines[at + k : at + count]) for k in range(1, count))
            return 0 if any(_OPENING.match(rest) and _introduces(rest) for rest in alone) else count
    return 0


def _marked(lines: list[str], at: int) -> bool:
    """Whether lines marked as quoted begin at this line, or after one or two blank ones."""
    return any(line[:1] == ">" for line in lines[at : at + 3] if line.strip())


def _may_begin(text: str) -> bool:
    """Whether an attribution may begin so: with an opening word and a date, or with a name and its address."""
    if has_digit(text) and _OPENING.match(text):
        return True
    return "@" in text and bool(_NAME_FIRST.match(text))


_SHORT_SIZE, _SHORT_WORDS = 200, 8
_VERB = re.compile(
    rf"(?:{'|'.join(map(re.escape, (*VERBS, *VERBS_INSIDE)))})(?:\s[^\n]{{1,60}}\d)?\s?[:：]?$", re.IGNORECASE
)
# The verbs that an ASCII line can hold.  The Turkish i becomes a Latin one, since a pattern that ignores case treats
# the two as equal.
_VERBS_ASCII = tuple(filter(str.isascii, (verb.lower().replace("ı", "i") for verb in (*VERBS, *VERBS_INSIDE))))
_EXCERPTS = re.compile(r"excerpts from .{1,100} message of .{1,60}:$", re.IGNORECASE)


def short_attribution(line: str) -> bool:
    """`Anna wrote:`, `Quoting Anna <anna@example.org>:` - enough where marked lines follow, and only there."""
    line = line.strip()
    if not line or len(line) > _SHORT_SIZE or line[0] == ">":
        return False
    if line.endswith((":", "：")):
        if _has_verb(line[-100:]) or _EXCERPTS.match(line):
            return True
        return bool(_ADDRESS.search(line)) and len(line.split()) <= _SHORT_WORDS
    return line.endswith(">") and line[0].isdigit() and bool(_WHEN.search(line)) and bool(_ADDRESS.search(line))


def _has_verb(line: str) -> bool:
    """Whether `_VERB` is found.  An ASCII line is searched only if it holds one of the verbs, which is faster."""
    if line.isascii():
        low = line.lower()
        if not any(verb in low for verb in _VERBS_ASCII):
            return False
    return bool(_VERB.search(line))


_YOU = re.compile(
    r"\s(?:you|du|sie|ihr|vous|tu|usted|lei|voi|u|je|jij|ty|pan|pani|ni|вы|ты)\s{1,3}(?!napis)\S{2,12}[:：]?\s{0,3}$",
    re.I,
)


def stands_alone(text: str) -> bool:
    """Whether an attribution is certain without marked lines below it: it names an address or a full date."""
    return bool(_ADDRESS.search(text)) or (len(_WHEN.findall(text)) > 1 and not _YOU.search(text))


def original(line: str) -> bool:
    """`-----Original Message-----` in any language: what follows is another letter."""
    if "--" in line:
        return bool(_ORIGINAL.match(line[:200])) or _ruled_attribution(line[:400].strip("> \t*"))
    return ">>>" in line and bool(_GROUPWISE.match(line[:400]))


def _ruled_attribution(line: str) -> bool:
    """`---- On Mon, 2 Nov 2026 Anna <anna@example.org> wrote ----`"""
    said = line.strip("-").strip()
    return line[:2] == line[-2:] == "--" and bool(_DIGIT.search(said)) and said.lower().endswith(VERBS)


def forwards(line: str) -> re.Match[str] | None:
    """The match of a forward's marker at the beginning of a line, in any language.

    The forwarded letter follows it, on the same line or below.
    """
    return _FORWARD.match(line[:_MARKER_SIZE])


def groupwise(lines: list[str], at: int) -> int:
    """How many lines from `at` introduce a letter as GroupWise does, between or after `>>>`; 0 if they do not.

    Such a `>>>` is not a quotation mark: the lines above and below have no marks.
    """
    if not lines[at].startswith(">>> ") or (at and lines[at - 1][:1] == ">"):
        return 0
    count = 1 if original(lines[at]) else attribution(lines, at)
    return 0 if count and _marked(lines, at + count) else count


def original_bare(line: str) -> bool:
    """Whether the line introduces a letter if a header block follows directly: a marker without dashes, or a title."""
    return bool(_ORIGINAL_BARE.match(line[:80]) or forwards(line) or ("---" in line and _TITLED.match(line[:400])))


def underscores(line: str) -> bool:
    """The line that Outlook draws above a letter."""
    return "____" in line and bool(_UNDERSCORES.match(line[:200]))


def ruled(line: str) -> bool:
    """Whether the line is one of these rules, below which another letter may begin."""
    return original(line) or underscores(line)
