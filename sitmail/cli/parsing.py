"""Parses the command line into a verb and its arguments.  Options may be anywhere; mistakes get a sentence."""

from __future__ import annotations

import argparse
import difflib
import os
import shutil
import textwrap
from collections.abc import Iterable, Iterator
from typing import NoReturn

from sitmail.cli.failure import Failure
from sitmail.cli.verbs import EVERYWHERE, LATER, VERBS, Argument, Verb, verb

VALUED = frozenset(name for argument in EVERYWHERE if "metavar" in argument.more for name in argument.names)


class Parser(argparse.ArgumentParser):
    """An argparse parser that raises Failure (EX_USAGE) for a mistake instead of ending the program."""

    def error(self, message: str) -> NoReturn:
        unknown = message.removeprefix("unrecognized arguments: ")
        if unknown != message:
            word = unknown.split()[0]
            options = [name for action in self._actions for name in action.option_strings]
            message = f"{word} is not understood here{meant(word.partition('=')[0], options)}"
        raise Failure(f"{self.prog}: {message}; see {self.prog} --help", os.EX_USAGE)


def parse(argv: list[str]) -> tuple[Verb, argparse.Namespace]:
    """The verb and its arguments.  Raises Failure (EX_USAGE), or SystemExit after printing help, as argparse does."""
    at = _place_of_verb(argv)
    if at is None:
        raise Failure("sitmail: which verb? See sitmail --help", os.EX_USAGE)
    name = argv[at]
    found = verb(name)
    if found is None and name in LATER:
        raise Failure(f"sitmail {name}: {LATER[name]} comes later", os.EX_USAGE)
    if found is None:
        near = meant(name, [verb.name for verb in VERBS])
        raise Failure(f"sitmail: there is no verb {name!r}{near}; see sitmail --help", os.EX_USAGE)
    return found, parser(found).parse_intermixed_args([*argv[:at], *argv[at + 1 :]])


def parser(verb: Verb) -> Parser:
    """The parser of one verb, with the options that all verbs have."""
    made = Parser(
        prog=f"sitmail {verb.name}",
        usage=f"sitmail {verb.name} {verb.usage}".rstrip(),
        description=_sentence(verb.summary),
        epilog=verb.details or None,
        allow_abbrev=False,
    )
    for argument in (*verb.arguments, *EVERYWHERE):
        _add(made, argument)
    return made


def wants(argv: list[str], *options: str) -> bool:
    """Whether one of the options stands before the verb (or there is no verb at all)."""
    at = _place_of_verb(argv)
    return any(word in options for word in (argv if at is None else argv[:at]))


def overview() -> str:
    """Help for the whole program."""
    options = [(f"{' '.join(one.names)} {one.more.get('metavar', '')}".rstrip(), one.help) for one in EVERYWHERE]
    lines = ["usage: sitmail VERB [ARGUMENT...]", "", "A support desk by email.  The verbs:", ""]
    lines += _explained([(verb.name, verb.summary) for verb in VERBS])
    lines += ["", "For all verbs:", "", *_explained([*options, ("--version", "print the version of sitmail")])]
    return "\n".join([*lines, "", "sitmail VERB --help tells more about one."])


def _explained(rows: list[tuple[str, str]]) -> Iterator[str]:
    """Words and what they mean in two columns, as wide as the terminal."""
    margin = " " * (max(len(word) for word, _ in rows) + 4)
    width = max(shutil.get_terminal_size().columns, len(margin) + 20)
    for word, means in rows:
        yield textwrap.fill(f"  {word}".ljust(len(margin)) + means, width, subsequent_indent=margin)


def reference() -> str:
    """The table of docs/reference/command-line.md."""
    rows = [(f"sitmail {verb.name} {verb.usage}".rstrip().replace("|", "\\|"), verb.summary) for verb in VERBS]
    return "\n".join(["| command | does |", "|---|---|", *(f"| `{usage}` | {summary} |" for usage, summary in rows)])


def meant(word: str, known: Iterable[str]) -> str:
    """` (did you mean incidents?)`, or "" if no known word is similar."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _place_of_verb(argv: list[str]) -> int | None:
    at = 0
    while at < len(argv):
        if not argv[at].startswith("-"):
            return at
        at += 2 if argv[at] in VALUED else 1
    return None


def _add(parser: Parser, argument: Argument) -> None:
    parser.add_argument(*argument.names, help=argument.help, **argument.more)


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."
