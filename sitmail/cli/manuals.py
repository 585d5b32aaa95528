"""Man pages, made from the tables of help and reference: sitmail(1), sitmail.toml(5), sitmail-commands(7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic.fields import FieldInfo

from sitmail import __version__
from sitmail.cli.verbs import EVERYWHERE, VERBS, Argument, Verb
from sitmail.config import example
from sitmail.config.settings import Settings
from sitmail.domain.customer_verbs import CUSTOMER
from sitmail.domain.verbs import STAFF
from sitmail.domain.verbs import Verb as MailVerb

EXIT_CODES = (  # of sysexits.h
    ("0", "done"),
    ("1", "status: a human is needed"),
    ("64", "wrong usage"),
    ("65, 67", "deliver: the mail or a recipient is refused"),
    ("66", "there is no such incident, mail, letter or file"),
    ("69", "the database, the relay or a port cannot be had"),
    ("70", "a mistake of sitmail"),
    ("75", "try again later"),
    ("77", "not allowed for this user"),
    ("78", "a mistake in the configuration"),
)

ABOUT_THE_FILE = (
    "The file is TOML; sitmail(1) reads the one that --config names, else $SITMAIL_CONFIG, ./config.toml or",
    "/etc/sitmail/config.toml.  Relative paths begin at its folder.  Durations are written 90s 30m 2h 3d 1w,",
    "sizes 50 MB, hours 09:00-17:30.  A variable such as SITMAIL_RELAY__URL has precedence over the file.",
)


def pages() -> dict[str, str]:
    """The text of each page, by file name."""
    return {
        "sitmail.1": program(),
        "sitmail.toml.5": configuration(),
        "sitmail-commands.7": commands(),
    }


def program() -> str:
    """sitmail(1)."""
    lines = [_title("SITMAIL", 1), *_section("NAME"), "sitmail \\- a support desk by email"]
    lines += [*_section("SYNOPSIS"), ".B sitmail", ".I VERB", "[ARGUMENT...]", *_section("VERBS")]
    for verb in VERBS:
        lines += _verb(verb)
    lines += _section("OPTIONS OF ALL VERBS")
    for argument in EVERYWHERE:
        lines += _argument(argument)
    lines += _section("EXIT CODES")
    for code, means in EXIT_CODES:
        lines += _item(code, means)
    lines += [*_section("FILES"), *_item("/etc/sitmail/config.toml", "the configuration, sitmail.toml(5)")]
    lines += _item("/var/lib/sitmail", "the data, under systemd")
    return "\n".join([*lines, *_see_also("sitmail.toml(5)", "sitmail-commands(7)")])


def configuration() -> str:
    """sitmail.toml(5)."""
    lines = [_title("SITMAIL.TOML", 5), *_section("NAME"), "sitmail.toml \\- configuration of sitmail(1)"]
    lines += [*_section("DESCRIPTION"), *map(_text, ABOUT_THE_FILE)]
    for name, field in Settings.model_fields.items():
        lines += _table(name, field)
    return "\n".join([*lines, *_see_also("sitmail(1)", "sitmail-commands(7)")])


def commands() -> str:
    """sitmail-commands(7)."""
    lines = [_title("SITMAIL-COMMANDS", 7), *_section("NAME"), "sitmail-commands \\- commands in mails to a desk"]
    lines += [
        *_section("DESCRIPTION"),
        "A command is a line of its own at the very top or the very end of what is newly written in a mail.",
    ]
    for title, verbs in (("ENGINEERS", STAFF.values()), ("CUSTOMERS", CUSTOMER.values())):
        lines += [*_section(title), *_mail_verbs(verbs)]
    return "\n".join([*lines, *_see_also("sitmail(1)", "sitmail.toml(5)")])


def _verb(verb: Verb) -> Iterator[str]:
    yield ".SS " + _text(f"sitmail {verb.name} {verb.usage}".rstrip())
    yield _text(f"{verb.summary[0].upper()}{verb.summary[1:]}.")
    if verb.details:
        yield _text(verb.details)
    for argument in verb.arguments:
        yield from _argument(argument)


def _argument(argument: Argument) -> Iterator[str]:
    metavar = str(argument.more.get("metavar", ""))
    name = " ".join(argument.names) if argument.names[0].startswith("-") else ""
    yield from _item(" ".join(filter(None, (name, metavar))), argument.help)


def _table(path: str, field: FieldInfo) -> Iterator[str]:
    model = example.model_of(field)
    yield from _section(example.header(path, field))
    yield _text(example.about_table(model, field))
    for name, key in model.model_fields.items():
        if example.rows_inside(key):
            yield from _table(f"{path}.{name}", key)
        else:
            default = example.default_of(key).strip("`")
            yield from _item(name, example.meaning_of(key) + (f" (default: {default})" if default else ""))


def _mail_verbs(verbs: Iterable[MailVerb]) -> Iterator[str]:
    for verb in verbs:
        if not verb.later:
            yield from _item(f"/{verb.name} {verb.arguments}".rstrip(), f"{verb.does}; such as {verb.example}")


def _title(name: str, section: int) -> str:
    return f'.TH {name} {section} "" "sitmail {__version__}" "sitmail"'


def _section(title: str) -> list[str]:
    return [f'.SH "{_escaped(title)}"']


def _item(term: str, about: str) -> list[str]:
    return [".TP", f".B {_escaped(term)}", _text(about)]


def _see_also(*names: str) -> list[str]:
    return [*_section("SEE ALSO"), ", ".join(names), ""]


def _text(line: str) -> str:
    """A line of text, escaped: a dot or quote at its beginning would make it a request (groff(7))."""
    escaped = _escaped(line)
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped


def _escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
