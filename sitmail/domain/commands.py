"""Commands in a letter: where they may stand, and which lines they are.  What they do is `desk`'s business.

A command is a line `/verb arguments` in a block at the very top or at the very end of what was newly written.
Nothing is guessed: a line that looks like a command in a place where it is none is a mistake, told with a hint.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from sitmail.domain import banner
from sitmail.domain.record import record
from sitmail.domain.verbs import Verb

MAX_LINES, MAX_CHARACTERS = 20, 2_000  # of commands in one mail (security: a block, not a program)
_COMMAND = re.compile(r"/([a-z][a-z-]{0,30})(?![^\s])[ \t]*(.*)\Z", re.IGNORECASE)
_BARE = re.compile(r"/?([a-z][a-z-]{0,30})(?![^\s])[ \t]*(.*)\Z", re.IGNORECASE)
_NUMBERED = re.compile(
    r"\[?(?:[A-Za-z]{2,10}-)?(\d{1,9})\]?((?:\s*,\s*(?:[A-Za-z]{2,10}-)?\d{1,9})*)\s*:\s*(.*)\Z", re.ASCII
)
# What phones make of a command: a wide slash, a space that does not break, a long dash, marks that nobody sees.
_TYPED = str.maketrans({"／": "/", "\u00a0": " ", "\u202f": " "} | dict.fromkeys("‐‑‒–—―−", "-"))
_UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060 \t\u00a0"


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
    """What a letter says and asks.  `words` are meant for the leg it answers, `note` for staff only.

    `answers` are the public words `N: words` of the command address.
    """

    commands: tuple[Command, ...] = ()
    words: str = ""
    note: str = ""
    noted: str = ""  # the line /note, if there was one
    mistakes: tuple[Mistake, ...] = ()
    answers: tuple[tuple[tuple[int, ...], str], ...] = field(default=())

    def asks(self, verb: str) -> bool:
        return any(command.verb == verb for command in self.commands)


def read(text: str, verbs: Mapping[str, Verb], *, strict: bool) -> Script:
    """The commands and the words of newly written text.

    `strict` is for engineers: a known verb in the middle of the text, or an unknown one in a block, is a mistake.  For
    everybody else only their own verbs are commands, and any other line is text.
    """
    lines = _without_banner(text.split("\n"))
    if "/" not in text and "／" not in text:  # no command anywhere
        return Script((), _joined(lines))
    noted = next((at for at, line in enumerate(lines) if strict and _verb(line) == "note"), None)
    if noted is None:
        commands, words, mistakes = _blocks(lines, verbs, strict)
        return _bounded(Script(tuple(commands), _joined(words), mistakes=tuple(mistakes)))
    above, mistakes_above, words = _blocks_of(lines[:noted], verbs, strict)
    rest = _COMMAND.match(_typed(lines[noted]))
    below = ([rest[2]] if rest and rest[2] else []) + lines[noted + 1 :]
    # a second /note changes nothing: everything below the first is internal already, and its words are kept
    below = [_argument(line) if _verb(line) == "note" else line for line in below]
    commands_below, mistakes_below, note = _blocks_of(below, verbs, strict)
    return _bounded(
        Script(
            (*above, *commands_below),
            _joined(words),
            _joined(note),
            lines[noted].strip(),
            (*mistakes_above, *mistakes_below),
        )
    )


def with_answers(script: Script, answers: str) -> Script:
    """Words typed into a quotation join the others (a note, if there is one); none of their lines is a command."""
    if not answers.strip():
        return script
    if script.noted:
        return replace(script, note="\n\n".join(filter(None, (script.note, answers))))
    return replace(script, words="\n\n".join(filter(None, (script.words, answers))))


def _blocks_of(
    lines: list[str], verbs: Mapping[str, Verb], strict: bool
) -> tuple[list[Command], list[Mistake], list[str]]:
    commands, words, mistakes = _blocks(lines, verbs, strict)
    return commands, mistakes, words


def _blocks(
    lines: list[str], verbs: Mapping[str, Verb], strict: bool
) -> tuple[list[Command], list[str], list[Mistake]]:
    """Commands of the block at the top and of that at the end, the lines between them, and what is wrong."""
    top = 0
    while top < len(lines) and (not lines[top].strip() or _commands(lines[top], verbs, strict)):
        top += 1
    end = len(lines)
    while end > top and (not lines[end - 1].strip() or _commands(lines[end - 1], verbs, strict)):
        end -= 1
    found = [line.strip() for line in (*lines[:top], *lines[end:]) if line.strip()]
    commands = [Command(_verb(line), _argument(line), line) for line in found]
    mistakes = [Mistake(c.line, unknown(c.verb, verbs)) for c in commands if c.verb not in verbs]
    if strict:
        mistakes += [
            Mistake(line.strip(), "a command stands at the very top or the very end, not in the middle of the text")
            for line in lines[top:end]
            if _verb(line) in verbs
        ]
    return [c for c in commands if c.verb in verbs], lines[top:end], mistakes


def _commands(line: str, verbs: Mapping[str, Verb], strict: bool) -> bool:
    verb = _verb(line)
    return bool(verb) and (strict or verb in verbs)


def _typed(line: str) -> str:
    """The line as it was meant: `／Close solved.` is `/Close solved`."""
    line = line.strip().strip(_UNSEEN)
    if line[:1] not in ("/", "／"):
        return line
    verb, space, argument = line.partition(" " if " " in line[:32] else "\u00a0")
    verb, few = verb.translate(_TYPED), argument.count(" ") <= 2
    if not argument or (few and not argument.endswith("..")):
        return f"{verb}{' ' if space else ''}{argument}".removesuffix(".").rstrip()
    return f"{verb} {argument}"


def _verb(line: str) -> str:
    """The verb of a line, "" if it is none; `/tmp/x` is a path, not a verb."""
    found = _COMMAND.match(_typed(line))
    return found[1].lower() if found else ""


def _argument(line: str) -> str:
    found = _COMMAND.match(_typed(line))
    return found[2].strip() if found else ""


def _without_banner(lines: list[str]) -> list[str]:
    """Less what a gateway put on top."""
    return lines[banner.height(lines) :]


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n").strip()


def _bounded(script: Script) -> Script:
    if len(script.commands) > MAX_LINES or sum(len(c.line) for c in script.commands) > MAX_CHARACTERS:
        hint = f"at most {MAX_LINES} lines and {MAX_CHARACTERS} characters of commands in one mail"
        return replace(script, mistakes=(*script.mistakes, Mistake(script.commands[0].line, hint)))
    return script


def echoed(script: Script, text: str, others: str) -> tuple[Mistake, ...]:
    """Commands that somebody outside wrote as well, and that do not stand at the very top of the mail.

    Programs quote without marks, or break quoted lines: words of a customer must never run in an engineer's name.
    `text` is the whole letter as it came, `others` all that people outside wrote about the incident.
    """
    lines = _without_banner(text.split("\n"))
    top = 0
    while top < len(lines) and (not lines[top].strip() or _verb(lines[top])):
        top += 1
    typed = {_flat(line) for line in lines[:top]}
    known = f" {_flat(others)} "
    hint = "others wrote these very words, too, and your mail may quote them; put the line at the very top"
    asked = [*(command.line for command in script.commands), *([script.noted] if script.noted else [])]
    return tuple(Mistake(c, hint) for c in asked if _flat(c) not in typed and f" {_flat(c)} " in known)


def _flat(words: str) -> str:
    return " ".join(words.lower().split())


def unknown(verb: str, verbs: Mapping[str, Verb]) -> str:
    near = difflib.get_close_matches(verb, [name for name, known in verbs.items() if not known.later], 1)
    return "no such command" + (f"; did you mean /{near[0]}?" if near else "; /help lists them")


def read_numbered(text: str, subject: str, verbs: Mapping[str, Verb]) -> Script:
    """The lines of a mail to the command address or an answer to a digest: `N: /verb ...`, `N: words`, `verb ...`.

    The slash may be left out, and the subject counts as a first line if it is a command by itself.
    """
    commands: list[Command] = []
    answers: list[tuple[tuple[int, ...], str]] = []
    mistakes: list[Mistake] = []
    lines = _without_banner(text.split("\n"))
    for place, raw in enumerate([subject, *lines]):
        line = raw.strip()
        if not line:
            continue
        line = line.strip(_UNSEEN)
        numbers, rest = numbers_of(line[:40].replace("：", ":") + line[40:])
        rest = _typed(rest)
        bare = (_COMMAND if numbers else _BARE).match(rest)
        if bare and bare[1].lower() in verbs:
            commands.append(Command(bare[1].lower(), bare[2].strip(), line, numbers))
        elif numbers and rest and not rest.startswith("/"):
            answers.append((numbers, rest))
        elif answers and place and not rest.startswith("/"):
            answers[-1] = (answers[-1][0], f"{answers[-1][1]}\n{line}")  # words go on over lines
        elif place:  # a subject that is no command is just a subject
            mistakes.append(Mistake(line, unknown(bare[1].lower() if bare else line[:30], verbs)))
    return _bounded(Script(tuple(commands), mistakes=tuple(mistakes), answers=tuple(answers)))


def numbers_of(line: str) -> tuple[tuple[int, ...], str]:
    """The incidents that a line `N, M: ...` names, and what stands behind the colon; else none, and the line."""
    found = _NUMBERED.match(line)
    if found is None:
        return (), line
    return tuple(int(n) for n in re.findall(r"[0-9]{1,9}", found[1] + found[2])), found[3].strip()


@record
class Choice:
    """Something that can be named by id, name or an unambiguous start of either."""

    id: str
    name: str


def named(word: str, what: str, choices: Sequence[Choice]) -> str:
    """The id that `word` names, in any case.  Raises ValueError with a sentence for the one who wrote it."""
    wanted = re.sub(r"[\s_-]+", "-", word.strip().lower())
    if not wanted:
        raise ValueError(f"which {what}? {_listed(choices)}")

    def forms(choice: Choice) -> tuple[str, ...]:
        return choice.id.lower(), re.sub(r"[\s_-]+", "-", choice.name.lower())

    exact = [c.id for c in choices if wanted in forms(c)]
    found = exact or [c.id for c in choices if any(form.startswith(wanted) for form in forms(c))]
    if len(set(found)) == 1:
        return found[0]
    if found:
        raise ValueError(f"{word!r} may be {' or '.join(sorted(set(found)))}; write more of it")
    near = difflib.get_close_matches(wanted, [form for c in choices for form in forms(c)], 1)
    raise ValueError(f"no {what} {word!r}" + (f"; did you mean {near[0]!r}?" if near else f"; {_listed(choices)}"))


def _listed(choices: Sequence[Choice]) -> str:
    return "one of " + ", ".join(choice.id for choice in choices) if choices else "there is none"
