"""Separates a letter into commands, words, a note and mistakes, by where each line stands.

What the commands do is decided in `engineer/verbs` and `customer/verbs`; one line is read by `command_lines`.  A
command is a line `/verb arguments` in a block at the very top or at the very end of the newly written text.  If a line
of an engineer looks like a command but might not be one, it is reported as a mistake instead of being guessed at.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sitmail.domain import banner
from sitmail.domain.command_lines import Line, holds_slash, read_line, tokens
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence
from sitmail.domain.verbs import Verb

MAX_LINES, MAX_CHARACTERS = 20, 2_000  # of commands in one mail
NOTE = "note"
NO_VERBS: Mapping[str, Verb] = MappingProxyType({})
MISPLACED = Sentence(
    "a command stands at the very top or the very end, not in the middle of the text; "
    "a line between backticks is sent as it is"
)
NUMBERED = Sentence("an answer is about the incident it answers; lines with a number go to the command address")
ECHOED = Sentence("others wrote these very words, too, and your email may quote them; put the line at the very top")


@record
class Command:
    """One command; `verb` is in lower case.  `numbers`: incidents it names, if not the answered one (`N: /verb`).

    `on_top`: the words of the mail stand under it.
    """

    verb: str
    argument: str
    line: str
    numbers: tuple[int, ...] = ()
    on_top: bool = False


@record
class Mistake:
    line: str
    hint: str


@record
class Script:
    """The parts of a letter.  `words` go to the leg that it answers, `note` to staff only."""

    commands: tuple[Command, ...] = ()
    words: str = ""
    note: str = ""
    noted: str = ""  # the line with /note, if there was one
    mistakes: tuple[Mistake, ...] = ()

    def asks(self, verb: str) -> bool:
        return any(command.verb == verb for command in self.commands)


def read(text: str, verbs: Mapping[str, Verb], *, strict: bool) -> Script:
    """The commands and the words of newly written text.

    `strict` is for engineers: near misses of their verbs are those verbs; a known verb in the middle of the text, or an
    unknown one in a block, is a mistake.  For everybody else only their own verbs, exactly written, are commands.
    """
    lines = without_banner(text.split("\n"))
    if not holds_slash(text):
        return Script((), joined(lines))
    reader = _Reader(verbs, strict)
    noted = next((at for at, line in enumerate(lines) if strict and reader.verb(line) == NOTE), None)
    if noted is None:
        words = reader.blocks(lines, top_of_mail=True)
        return bounded(Script(tuple(reader.commands), words, mistakes=tuple(reader.mistakes)))
    words = reader.blocks(lines[:noted], top_of_mail=True)
    # A second /note changes nothing: everything below the first is internal already.  Words after it are kept.
    below = [reader.argument(line) if reader.verb(line) == NOTE else line for line in lines[noted:]]
    note = reader.blocks(below)
    line = lines[noted].strip()
    return bounded(Script(tuple(reader.commands), words, note, line, tuple(reader.mistakes)))


def with_answers(script: Script, answers: str, verbs: Mapping[str, Verb] = NO_VERBS) -> Script:
    """The script with words that were typed into a quotation, added to the note if there is one, else to the words.

    Their lines are never commands.  One that looks like one of `verbs` is a mistake; `verbs` is given for engineers.
    """
    if not answers.strip():
        return script
    reader = _Reader(verbs, strict=bool(verbs))
    reader.check_middle(answers.split("\n"))
    script = replace(script, mistakes=(*script.mistakes, *reader.mistakes))
    if script.noted:
        return replace(script, note="\n\n".join(filter(None, (script.note, answers))))
    return replace(script, words="\n\n".join(filter(None, (script.words, answers))))


class _Reader:
    """Collects commands and mistakes from the lines of one mail."""

    def __init__(self, verbs: Mapping[str, Verb], strict: bool) -> None:
        self._verbs, self._strict = verbs, strict
        self.commands: list[Command] = []
        self.mistakes: list[Mistake] = []
        self._readings: dict[str, Line | None] = {}

    def _read(self, line: str) -> Line | None:
        """Each line is asked about several times, and read once."""
        if line not in self._readings:
            self._readings[line] = read_line(line)
        return self._readings[line]

    def verb(self, line: str) -> str:
        """The verb of a line in a block: a known one, or a word that only looks like one; "" if the line is text."""
        found = self._read(line)
        if found is None:
            return ""
        if not self._strict:
            return found.verb if found.exact and found.verb in self._verbs else ""
        return found.verb if found.exact or found.verb in self._verbs or found.like(self._verbs) else ""

    def argument(self, line: str) -> str:
        found = self._read(line)
        return found.argument if found else ""

    def blocks(self, lines: Sequence[str], top_of_mail: bool = False) -> str:
        """Reads the blocks at the top and the end; returns the words, including those behind commands."""
        top, end = 0, len(lines)
        while top < end and (not lines[top].strip() or self.verb(lines[top])):
            top += 1
        while end > top and (not lines[end - 1].strip() or self.verb(lines[end - 1])):
            end -= 1
        above = self._block(lines[:top], top_of_mail)
        self.check_middle(lines[top:end])
        below = self._block(lines[end:])
        return joined([*above, *lines[top:end], *below])

    def _block(self, lines: Sequence[str], on_top: bool = False) -> list[str]:
        """Reads the commands of a block; returns the words that follow verbs without arguments."""
        words = []
        for line in lines:
            found = self._read(line)
            if found is None:
                words.append("")
                continue
            verb = self._verbs.get(found.verb)
            argument = found.argument
            if verb is None:
                self.mistakes.append(Mistake(line.strip(), unknown(found.verb, self._verbs)))
                continue
            if found.numbered:
                self.mistakes.append(Mistake(line.strip(), NUMBERED))
            elif self._strict and argument and not verb.takes_argument and not verb.before_words:
                self.mistakes.append(Mistake(line.strip(), surplus(verb)))
            if argument and (verb.before_words or (not self._strict and not verb.takes_argument)):
                words.append(argument)
                argument = ""
            self.commands.append(Command(found.verb, argument, line.strip(), on_top=on_top))
        return words

    def check_middle(self, lines: Sequence[str]) -> None:
        """Records a mistake for each line between the blocks that is an engineer's verb, or resembles /note."""
        for line in lines if self._strict else ():
            found = self._read(line)
            if found and (found.verb in self._verbs or _nearly_note(found)):
                self.mistakes.append(Mistake(line.strip(), MISPLACED))


def _nearly_note(line: Line) -> bool:
    """Whether the line resembles /note.  Text below it may be meant for staff only, so it must not become words."""
    return bool(line.like((NOTE,)))


def surplus(verb: Verb) -> str:
    """The sentence that refuses words behind a verb that takes none; they would be lost otherwise."""
    return Sentence(
        "nothing stands behind /%(verb)s; write your words, or another command, on a line of their own", verb=verb.name
    )


def without_banner(lines: list[str]) -> list[str]:
    """The lines without a gateway's banner at the top."""
    return lines[banner.banner_lines(lines) :]


def joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n").strip()


def bounded(script: Script) -> Script:
    """The script, with a mistake added if there are too many commands."""
    if len(script.commands) > MAX_LINES or sum(len(c.line) for c in script.commands) > MAX_CHARACTERS:
        hint = Sentence(
            "at most %(lines)s lines and %(characters)s characters of commands in one mail",
            lines=MAX_LINES,
            characters=MAX_CHARACTERS,
        )
        return replace(script, mistakes=(*script.mistakes, Mistake(script.commands[0].line, hint)))
    return script


def repeats_of_outsiders(script: Script, text: str, others: str) -> tuple[Mistake, ...]:
    """A mistake for each command that also occurs in what outsiders wrote, unless it is at the very top of the mail.

    Some programs quote without marks or break quoted lines, and a customer's words must never be carried out in an
    engineer's name.  `text` is the whole letter as it came, `others` all that outsiders wrote about the incident.
    """
    asked = [*(command.line for command in script.commands), *([script.noted] if script.noted else [])]
    if not asked or not others:
        return ()
    lines = without_banner(text.split("\n"))
    top = 0
    while top < len(lines) and (not lines[top].strip() or read_line(lines[top])):
        top += 1
    typed = {flat(line) for line in lines[:top]}
    known = flat(others)
    return tuple(Mistake(line, ECHOED) for line in asked if flat(line) not in typed and flat(line) in known)


def flat(text: str) -> str:
    """The words of a text with one blank round each, so that texts can be compared however their lines are broken."""
    return f" {' '.join(tokens(text))} "


def unknown(verb: str, verbs: Mapping[str, Verb]) -> str:
    near = difflib.get_close_matches(verb, [name for name, known in verbs.items() if not known.later], 1)
    if near:
        return Sentence("no such command; did you mean /%(verb)s?", verb=near[0])
    return Sentence("no such command; /help lists them")
