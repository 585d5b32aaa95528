"""The command line as one table: parser, help and the reference page are made from it.  Nothing is done here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from sitmail.domain.record import record


@record
class Argument:
    """As argparse takes it; `names` without dashes is a place, with dashes an option."""

    names: tuple[str, ...]
    help: str
    more: Mapping[str, Any] = field(default_factory=dict)


@record
class Verb:
    """`does` is module:function, loaded when the verb is used; `reading` verbs change nothing and must be cheap."""

    name: str
    usage: str
    summary: str
    arguments: tuple[Argument, ...]
    does: str
    reading: bool = False
    details: str = ""


def place(name: str, help: str, **more: Any) -> Argument:
    return Argument((name,), help, more)


def option(name: str, help: str, metavar: str = "", **more: Any) -> Argument:
    """A switch, or with `metavar` an option with a value."""
    return Argument((name,), help, {"metavar": metavar, **more} if metavar else {"action": "store_true", **more})


EVERYWHERE = (
    option("--json", "print one JSON value for programs"),
    option("--config", "the configuration file; else $SITMAIL_CONFIG, ./config.toml, /etc/sitmail/config.toml", "FILE"),
    option("--debug", "show where something unexpected happened"),
)

VERBS = (
    Verb(
        "init",
        "[DIR]",
        "write a commented config.toml and an empty directory file",
        (place("folder", "where (default: here)", metavar="DIR", nargs="?", default="."),),
        "sitmail.cli.setup:init",
        details="Nothing is ever written over a file.",
    ),
    Verb(
        "run",
        "[--once] [--log-level LEVEL]",
        "run the desk; prints `ready` with its listeners",
        (
            option("--once", "empty inbox and outbox, then end"),
            option(
                "--log-level",
                "log only what is at least so grave: debug, info (default), warning, error, critical",
                "LEVEL",
                choices=("debug", "info", "warning", "error", "critical"),
                default="info",
            ),
        ),
        "sitmail.cli.setup:run",
    ),
    Verb(
        "check",
        "[--connect] [MAIL.eml]",
        "read the configuration, render every letter, say what is wrong",
        (
            option("--connect", "try the store and the relay too"),
            place("mail", "a mail you received: which Authentication-Results to trust", metavar="MAIL.eml", nargs="?"),
        ),
        "sitmail.cli.setup:check",
    ),
    Verb(
        "deliver",
        "[-f SENDER] [--socket S] [--spool DIR] [RECIPIENT...] < mail",
        "hand over one mail from a mail server's pipe",
        (
            option("-f", "the envelope sender (default: the mail's Return-Path)", "SENDER"),
            option("--socket", "the desk's LMTP socket (default: $SITMAIL_SOCKET)", "S"),
            option("--spool", "keeps mail while the desk is down (default: $SITMAIL_SPOOL, else beside S)", "DIR"),
            place("recipients", "the envelope's recipients", metavar="RECIPIENT", nargs="*"),
        ),
        "sitmail.cli.deliver:deliver",
        details="Ends with 0 when the mail is kept durably, 75 to try again, 65 or 67 when it is refused.",
    ),
    Verb(
        "explain",
        "FILE...",
        "what we understand from a mail, and what we would do; changes nothing",
        (place("files", "mails as files; - is standard input", metavar="FILE", nargs="+"),),
        "sitmail.cli.explaining:explain",
        details="With --json one object a file, each on its own line.",
    ),
    Verb(
        "incidents",
        "[--all] [--status S] [--owner O]",
        "list incidents: open ones",
        (
            option("--all", "closed ones too"),
            option("--status", "only those with this status", "S"),
            option("--owner", "only those of this engineer; none: those that nobody owns", "O"),
        ),
        "sitmail.cli.desk:incidents",
        reading=True,
    ),
    Verb(
        "incident",
        "N [--raw U] [--mbox]",
        "one incident with its log",
        (
            place("number", "its number, or its reference", metavar="N"),
            option("--raw", "the mail that update U came by, as it came", "U"),
            option("--mbox", "the mails of the public conversation, as an mbox"),
        ),
        "sitmail.cli.desk:incident",
        reading=True,
    ),
    Verb(
        "inbox",
        "[ID [--raw] | retry ID]",
        "every kept mail and how it ended",
        (
            place("words", "one mail; or retry and one in quarantine", metavar="ID | retry ID", nargs="*"),
            option("--raw", "the mail as it came"),
        ),
        "sitmail.cli.desk:inbox",
        reading=True,
    ),
    Verb(
        "outbox",
        "[--all] [retry ID|all]",
        "letters that have not left",
        (
            place("words", "try again now, whatever the back-off", metavar="retry ID|all", nargs="*"),
            option("--all", "those that have left, too"),
        ),
        "sitmail.cli.desk:outbox",
        reading=True,
    ),
    Verb(
        "held",
        "[ID | accept ID | attach N ID | reject ID | spam ID]",
        "mails that wait for a decision",
        (
            place(
                "words",
                "one held mail; or accept it as a new incident, attach it to incident N, reject it, or call it spam",
                metavar="ID | accept ID | attach N ID | reject ID | spam ID",
                nargs="*",
            ),
        ),
        "sitmail.cli.desk:held",
        reading=True,
    ),
    Verb(
        "status",
        "",
        "is the desk well: queues, ages, last errors; 1 when something needs a human",
        (),
        "sitmail.cli.desk:status",
        reading=True,
    ),
    Verb(
        "passwd",
        "NAME [--delete]",
        "let an engineer or a script log in at the SMTP door",
        (
            place("name", "an engineer's id or address, or any name for a script", metavar="NAME"),
            option("--delete", "take the password away"),
        ),
        "sitmail.cli.passwd:passwd",
        details="Asks for the password, or reads it as one line of standard input; only its hash is written, into the "
        "file that passwords in [smtp] names.",
    ),
    Verb(
        "demo",
        "",
        "a whole conversation through a real daemon on loopback, letters shown",
        (),
        "sitmail.cli.demo:demo",
    ),
)
LATER = {
    "directory": "reading and writing the directory by command",
    "report": "reports on the terminal",
    "backup": "a backup while running",
    "restore": "restoring a backup",
    "migrate": "moving to another store",
}


def verb(name: str) -> Verb | None:
    return next((verb for verb in VERBS if verb.name == name), None)
