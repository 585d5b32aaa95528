"""Commands in a letter: where they may stand, and what else its lines are.  What they do is decided in `engineer/verbs`
and `customer/verbs`; how one line is read, in `command_lines`.

A command is a line `/verb arguments` in a block at the very top or at the very end of what was newly written.  Nothing
is guessed: where a line of an engineer looks like a command and cannot be one for sure, the mail is a mistake.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sitmail.domain import banner
from sitmail.domain.command_lines import Line, holds_slash, read_line, tokens
from sitmail.domain.record import record
from sitmail.domain.verbs import Verb

MAX_LINES, MAX_CHARACTERS = 20, 2_000  # of commands in one mail: a block, not a program
NOTE = "note"
NO_VERBS: Mapping[str, Verb] = MappingProxyType({})
MISPLACED = (
    "a command stands at the very top or the very end, not in the middle of the text; "
    "a line between backticks is sent as it is"
)
NUMBERED = "an answer is about the incident it answers; lines with a number go to the command address"
ECHOED = "others wrote these very words, too, and your mail may quote them; put the line at the very top"


@record
class Command:
    """One line; `verb` in lower case.  `numbers` names other incidents than the one answered (`N: /verb`)."""

    verb: str
    argument: str
    line: str
    numbers: tuple[int, ...] = ()


@record
class Mistake:
    line: str
    hint: str


@record
class Script:
    """What a letter says and asks.  `words` are meant for the leg it answers, `note` for staff only."""

    commands: tuple[Command, ...] = ()
    words: str = ""
    note: str = ""
    noted: str = ""  # the line /note, if there was one
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
        words = reader.blocks(lines)
        return bounded(Script(tuple(reader.commands), words, mistakes=tuple(reader.mistakes)))
    words = reader.blocks(lines[:noted])
    # a second /note changes nothing: everything below the first is internal already, and its words are kept
    below = [reader.argument(line) if reader.verb(line) == NOTE else line for line in lines[noted:]]
    note = reader.blocks(below)
    line = lines[noted].strip()
    return bounded(Script(tuple(reader.commands), words, note, line, tuple(reader.mistakes)))


def with_answers(script: Script, answers: str, verbs: Mapping[str, Verb] = NO_VERBS) -> Script:
    """Words typed into a quotation join the others (a note, if there is one).

    None of their lines is a command; one that looks like one of `verbs`, an engineer's, is a mistake.
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

    def verb(self, line: str) -> str:
        """The verb that may stand in a block: a known one, or one that only seems to be; "" for text."""
        found = read_line(line)
        if found is None:
            return ""
        if not self._strict:
            return found.verb if found.exact and found.verb in self._verbs else ""
        return found.verb if found.exact or found.verb in self._verbs or found.like(self._verbs) else ""

    def argument(self, line: str) -> str:
        found = read_line(line)
        return found.argument if found else ""

    def blocks(self, lines: Sequence[str]) -> str:
        """Reads the block at the top and that at the end; returns the words, those behind commands included."""
        top, end = 0, len(lines)
        while top < end and (not lines[top].strip() or self.verb(lines[top])):
            top += 1
        while end > top and (not lines[end - 1].strip() or self.verb(lines[end - 1])):
            end -= 1
        above = self._block(lines[:top])
        self.check_middle(lines[top:end])
        below = self._block(lines[end:])
        return joined([*above, *lines[top:end], *below])

    def _block(self, lines: Sequence[str]) -> list[str]:
        """Commands of a block; returns the words that stand behind verbs that take none."""
        words = []
        for line in lines:
            found = read_line(line)
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
            self.commands.append(Command(found.verb, argument, line.strip()))
        return words

    def check_middle(self, lines: Sequence[str]) -> None:
        """A line that is a verb of an engineer, or nearly a note, is a mistake here."""
        for line in lines if self._strict else ():
            found = read_line(line)
            if found and (found.verb in self._verbs or _nearly_note(found)):
                self.mistakes.append(Mistake(line.strip(), MISPLACED))


def _nearly_note(line: Line) -> bool:
    """What stands below such a line may be meant for staff alone, so that it must not be taken for words."""
    return bool(line.like((NOTE,)))


def surplus(verb: Verb) -> str:
    """Why words behind a verb are refused that takes none: they would be lost."""
    return f"nothing stands behind /{verb.name}; write your words, or another command, on a line of their own"


def without_banner(lines: list[str]) -> list[str]:
    """Less what a gateway put on top."""
    return lines[banner.height(lines) :]


def joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n").strip()


def bounded(script: Script) -> Script:
    """With a mistake where there are too many commands."""
    if len(script.commands) > MAX_LINES or sum(len(c.line) for c in script.commands) > MAX_CHARACTERS:
        hint = f"at most {MAX_LINES} lines and {MAX_CHARACTERS} characters of commands in one mail"
        return replace(script, mistakes=(*script.mistakes, Mistake(script.commands[0].line, hint)))
    return script


def echoed(script: Script, text: str, others: str) -> tuple[Mistake, ...]:
    """Commands that somebody outside wrote as well, and that do not stand at the very top of the mail.

    Programs quote without marks, or break quoted lines: words of a customer must never run in an engineer's name.
    `text` is the whole letter as it came, `others` all that people outside wrote about the incident.
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
    """A text as its words with a blank round each, so that one can be found in the other however lines were broken."""
    return f" {' '.join(tokens(text))} "


def unknown(verb: str, verbs: Mapping[str, Verb]) -> str:
    near = difflib.get_close_matches(verb, [name for name, known in verbs.items() if not known.later], 1)
    return "no such command" + (f"; did you mean /{near[0]}?" if near else "; /help lists them")
