"""Lines that begin with numbers of incidents: mails to the command address, answers to digests and held letters.

`N: /verb ...` acts on N, `N: words` is a public answer to N, and lines without a number continue the words above them.
Instead of one number stands a list, a range (`number_lists`), or a search (`chosen`).
The slash may be left out, and the subject counts as a first line.  `N: close solved` is too short for a sentence and is
that command; `N: close the window, please` is an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sitmail.domain.address import addr_spec
from sitmail.domain.article import named_in
from sitmail.domain.chosen import NOT_LOOKED_UP, Chosen, Left, left_of
from sitmail.domain.command_lines import Line, holds_slash, read_line, tokens
from sitmail.domain.commands import (
    ECHOED,
    NOTE,
    Command,
    Mistake,
    Script,
    bounded,
    flat,
    surplus,
    unknown,
    without_banner,
)
from sitmail.domain.customer_verbs import CUSTOMER, SITE_ADMIN
from sitmail.domain.nouns import BEFORE_NUMBER, ONE_INCIDENT
from sitmail.domain.number_lists import LIST, MOST, TOO_MANY, backwards, expanded, holds_range, too_many
from sitmail.domain.paper_replies import Lines, continues_list
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence, beside
from sitmail.domain.serials import serial_key
from sitmail.domain.verb_names import names_of
from sitmail.domain.verbs import FREE_TEXT, STAFF, Verb

_NUMBERS = re.compile(
    BEFORE_NUMBER + rf"(?P<list>{LIST})\s*[:\uff1a]\s*(?P<rest>.*)\Z",
    re.ASCII | re.DOTALL,
)
NUMBERS_READ = MOST + 1  # of incidents that one mail names; more are refused
SEARCHES = 20  # left sides of one mail that are looked up, and articles
READING = frozenset({"show", "files", "why", "who", "search", "queue", "report", "help"})
# What the incidents are linked to that these are about is read, too.
LINKING = frozenset({"parent", "dup", "merge", "split", "undo", "close", "resolve", "status", "reopen"})
ASKING = frozenset({"list", "status", "thread", "entitlement", "kb", "faq"})  # verbs by which customers ask to read
ARTICLES = frozenset({"kb", "close", "resolve", "send"})  # an article may stand behind it
NAMING = READING | {"attach", "parent", "dup", "merge", "split", "share"}  # a number stands behind them
COVERING = frozenset({"contract", "unit", "type", "split"})  # which contracts and units of the site are read
FEW = 2  # words behind a verb: with no more of them a line is no sentence for a customer
NO_WORDS = frozenset({"cc"})  # verbs that begin no sentence
TIME = "time"
_AMOUNT = re.compile(r"[-+\u2212]?\s*[0-9.,]")
OR_WORDS = Sentence("if these are words for the customer, begin the line with another word")
NOTE_WORD = Sentence("is that a note for staff? then write /note with the slash; else begin the line with another word")


@record
class NumberedWords:
    """Words for the customers of some incidents, or (`internal`) a note; `line` is the first line as it was written."""

    numbers: tuple[int, ...]
    words: str
    line: str
    internal: bool = False


@record
class NumberedScript:
    commands: tuple[Command, ...] = ()
    said: tuple[NumberedWords, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    chosen: tuple[str, ...] = ()  # left sides that are searches


NO_LINES = Lines()


def read_numbered(
    text: str,
    subject: str,
    verbs: Mapping[str, Verb],
    lines: Lines = NO_LINES,
    chosen: Mapping[str, Chosen] | None = None,
) -> NumberedScript:
    """The commands, words and mistakes of a mail whose lines begin with numbers.

    `lines`: of the letter that it answers, where a number is a line of that.  `chosen`: what the searches of its lines
    found; None where nobody may write searches.
    """
    reader = _Reader(verbs, lines, chosen)
    reader.read(subject, is_subject=True)
    for line in without_banner(text.split("\n")):
        if line.strip():
            reader.read(line)
    mistakes = (*reader.mistakes, *bounded(Script(tuple(reader.commands))).mistakes)
    lists = [*(one.numbers for one in reader.commands), *(one.numbers for one in reader.said)]
    named = [number for numbers in lists for number in numbers]
    if too_many(named):  # not one verdict for each
        return NumberedScript(mistakes=(*mistakes, Mistake(f"{len(set(named))}+", TOO_MANY)))
    said = tuple(one for one in reader.said if one.words)
    return NumberedScript(tuple(reader.commands), said, mistakes, tuple(reader.searches))


class _Reader:
    def __init__(self, verbs: Mapping[str, Verb], lines: Lines, chosen: Mapping[str, Chosen] | None) -> None:
        self._verbs, self._lines, self._chosen = verbs, lines, chosen
        self.searches: list[str] = []
        self.commands: list[Command] = []
        self.said: list[NumberedWords] = []
        self.mistakes: list[Mistake] = []

    def read(self, written: str, *, is_subject: bool = False) -> None:
        """Reads one line.  A subject that is not a command is ignored."""
        line = written.strip()
        left = left_of(line) if self._chosen is not None else None
        if left is not None:
            self._search(left, line)
            return
        numbers, rest = numbers_of(line, self._lines)
        if not numbers and not is_subject and (wrong := _backwards(line)):
            self.mistakes.append(Mistake(line, wrong))
            return
        if len(numbers) > 1 and self.said and not holds_slash(rest) and holds_range(line[: line.find(rest)]):
            numbers, rest = (), line  # "10-12: on Monday" in the words above
        found = read_line(rest, bare=True)
        verb = self._verbs.get(found.verb) if found else None
        nearly = "" if numbers or is_subject else self._lines.nearly(line)
        if nearly and not (self.said and continues_list(self.said[-1].words, line)):
            self.mistakes.append(Mistake(line, nearly))
        elif found and verb and numbers and not holds_slash(rest) and not _too_short_for_words(found):
            self._words(numbers, rest, line)
        elif found and verb:
            self._command(found, verb, line, numbers)
        elif found and (found.exact or found.like(self._verbs)) and holds_slash(rest):
            self.mistakes.append(Mistake(line, unknown(found.verb, self._verbs)))
        elif numbers and rest:
            self._words(numbers, rest, line)
        elif self.said and not is_subject:  # continues the words of the line above
            self.said[-1] = _longer(self.said[-1], line)
        elif not is_subject:
            self.mistakes.append(Mistake(line, unknown(found.verb if found else line[:30], self._verbs)))

    def _search(self, left: Left, line: str) -> None:
        """Words, or one command, for each incident that a search found."""
        chosen = (self._chosen or {}).get(left.text)
        if chosen is None or chosen.wrong:
            self.mistakes.append(Mistake(line, chosen.wrong if chosen else NOT_LOOKED_UP))
            return
        self.searches.append(left.text)
        found = read_line(left.rest, bare=True) if holds_slash(left.rest) else None
        verb = self._verbs.get(found.verb) if found else None
        if found and verb:
            self._command(found, verb, line, chosen.numbers)
        elif found and (found.exact or found.like(self._verbs)):
            self.mistakes.append(Mistake(line, unknown(found.verb, self._verbs)))
        else:
            self._words(chosen.numbers, left.rest, line)

    def _command(self, found: Line, verb: Verb, line: str, numbers: tuple[int, ...]) -> None:
        argument = found.argument
        bare = bool(numbers) and not holds_slash(line)
        if bare and (verb.before_words or verb.arguments == FREE_TEXT):
            self.mistakes.append(Mistake(line, NOTE_WORD if verb.name == NOTE else _with_slash(verb)))
        elif argument and not verb.takes_argument and not verb.before_words:
            self.mistakes.append(Mistake(line, beside(surplus(verb), OR_WORDS) if bare else surplus(verb)))
        if numbers and verb.before_words:
            self.said.append(NumberedWords(numbers, argument, line, internal=found.verb == NOTE))
            argument = ""
        self.commands.append(Command(found.verb, argument, line, numbers))

    def _words(self, numbers: tuple[int, ...], words: str, line: str) -> None:
        if tokens(words[:80])[:1] == [NOTE]:
            self.mistakes.append(Mistake(line, NOTE_WORD))
        self.said.append(NumberedWords(numbers, words, line))


def _with_slash(verb: Verb) -> str:
    return beside(Sentence("is that a command? then write /%(verb)s with the slash", verb=verb.name), OR_WORDS)


def _too_short_for_words(found: Line) -> bool:
    """Whether a line that begins with a verb, without a slash, is no sentence that somebody writes to a customer."""
    noted = found.verb == TIME and _AMOUNT.match(found.argument) is not None  # what was done is for staff
    return len(found.argument.split()) <= FEW or found.verb in NO_WORDS or noted


def without_slash(command: Command) -> bool:
    """Whether it stands behind a number without its slash, so that it may have been meant as words."""
    return bool(command.numbers) and not holds_slash(command.line)


def _longer(said: NumberedWords, line: str) -> NumberedWords:
    return NumberedWords(said.numbers, f"{said.words}\n{line}".lstrip("\n"), said.line, said.internal)


def echoed_lines(
    script: NumberedScript, text: str, subject: str, others: str, of_letter: Lines = NO_LINES
) -> tuple[Mistake, ...]:
    """A mistake for each line that repeats what outsiders wrote, as `commands.repeats_of_outsiders` tells it."""
    asked = [*(command.line for command in script.commands if command.numbers), *(one.line for one in script.said)]
    if not asked or not others:
        return ()
    lines = without_banner(text.split("\n"))
    top = 0
    while top < len(lines) and (not lines[top].strip() or numbers_of(lines[top].strip(), of_letter)[0]):
        top += 1
    typed = {flat(line) for line in (subject, *lines[:top])}
    known = flat(others).replace("/", "")
    return tuple(
        Mistake(line, ECHOED) for line in asked if flat(line) not in typed and flat(line).replace("/", "") in known
    )


def numbers_of(line: str, lines: Lines = NO_LINES) -> tuple[tuple[int, ...], str]:
    """The incidents that a line `N, M: ...` names, and the text after the colon.  Else no incidents, and the line."""
    if lines:
        return lines.named(line)
    found = _NUMBERS.match(line)
    if found is None:
        return (), line
    return expanded(found["list"]), found["rest"].strip()


def _backwards(line: str) -> str:
    """Why a line that begins with a range cannot be read."""
    found = _NUMBERS.match(line)
    return backwards(found["list"]) if found else ""


# --- what must be looked up before a mail can be decided


@record
class Mentions:
    """What the commands of a mail name: verbs, incidents, and addresses.  `units` are serials as they are compared."""

    verbs: frozenset[str] = frozenset()
    numbers: tuple[int, ...] = ()
    addresses: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    updates: tuple[int, ...] = ()  # numbers behind #, of `/split` and `/share`
    searches: tuple[str, ...] = ()  # left sides of lines, as `chosen.Left` has them
    articles: tuple[int, ...] = ()
    watched: tuple[str, ...] = ()  # arguments of `/watch`

    @property
    def reads(self) -> bool:
        """Whether some ask to read."""
        return not self.verbs.isdisjoint(READING | {"kb"} | SITE_ADMIN.keys())

    @property
    def asks(self) -> bool:
        """Whether some ask to read, if a customer wrote them."""
        return not self.verbs.isdisjoint(ASKING)

    @property
    def covers(self) -> bool:
        """Whether one names a contract or a unit."""
        return not self.verbs.isdisjoint(COVERING)

    @property
    def links(self) -> bool:
        """Whether one may concern what the incidents are linked to."""
        return not self.verbs.isdisjoint(LINKING)

    @property
    def administers(self) -> bool:
        """Whether some are about a site and its contacts."""
        return not self.verbs.isdisjoint(SITE_ADMIN)


def mentions_in(subject: str, text: str, lines: Lines = NO_LINES) -> Mentions:
    """Everything that any line could name, wherever it stands in the mail.

    It is looked up before the mail is decided; being named here does not make a line a command.
    """
    numbers: list[int] = []
    addresses: list[str] = []
    verbs: set[str] = set()
    units: list[str] = []
    updates: list[int] = []
    searches: list[str] = []
    articles: list[int] = []
    watched: list[str] = []
    slashes = holds_slash(subject) or holds_slash(text)
    for line in (subject, *text[:20_000].split("\n")):
        marked = bool(lines) or ":" in line or "\uff1a" in line
        before, rest = numbers_of(line.strip(), lines) if marked else ((), line)
        left = left_of(line.strip()) if marked and not before else None
        if left is not None:
            searches.append(left.text)
            rest = left.rest
        elif not before and not (slashes and holds_slash(line)) and not _looked_up(line):
            continue
        numbers += before
        found = read_line(rest, bare=True)
        if found is None or not (found.verb in STAFF or found.verb in CUSTOMER or found.verb in SITE_ADMIN):
            continue
        verbs.add(found.verb)
        if found.verb in NAMING and (number := ONE_INCIDENT.match(found.argument)):
            numbers.append(int(number[1]))
        if found.verb == "link":
            numbers += [int(one[1]) for word in found.argument.split()[:3] if (one := ONE_INCIDENT.fullmatch(word))]
        if found.verb in ("split", "share"):
            updates += [int(digits) for digits in re.findall(r"#([0-9]{1,9})", found.argument)]
        if found.verb in ARTICLES:
            articles += named_in(found.argument)
        if found.verb == "watch" and found.argument:
            watched.append(found.argument)
        if found.verb == "unit":
            units.append(serial_key(found.argument))
        if found.verb == "resolve":
            numbers += [int(digits) for digits in re.findall(r"(?<![0-9])[0-9]{1,9}(?![0-9])", found.argument)[-1:]]
        if found.verb in ("cc", "new"):
            addresses += _addresses(found.argument.split()[1:])
        elif found.verb in ("contact", "field") or found.verb in SITE_ADMIN:
            addresses += _addresses(found.argument.replace("=", " ").split())
    return Mentions(
        frozenset(verbs),
        tuple(dict.fromkeys(numbers))[:NUMBERS_READ],
        tuple(addresses),
        tuple(units),
        tuple(updates),
        tuple(dict.fromkeys(searches))[:SEARCHES],
        tuple(dict.fromkeys(articles))[:SEARCHES],
        tuple(watched[:SEARCHES]),
    )


# Their slash may be missing.
_NAMED_BARE = (
    *sorted(READING | {"kb", "cc", "new", "contact", "resolve", "split", "share", "undo", "recall", "watch"}),
    *SITE_ADMIN,
)
_LOOKED_UP = frozenset(name for verb in _NAMED_BARE for name in names_of(verb))
_FIRST_WORD = re.compile(r"[^\w`>|]*(\w+)").match


def _looked_up(line: str) -> bool:
    """Whether it begins with such a verb."""
    first = _FIRST_WORD(line)
    return first is not None and first[1].casefold() in _LOOKED_UP


def _addresses(words: Sequence[str]) -> list[str]:
    return [spec for spec in (addr_spec(word.strip("<>,;")) for word in words) if spec]
